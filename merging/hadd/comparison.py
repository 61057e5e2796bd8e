"""Does a merged object hold the sum of what the inputs hold? Both are read; nothing that was noted is asked.

Integers must be equal, and so must sums of whole numbers in floating point while every step is exact
(up to 2^24 and 2^53). Other sums may differ by the rounding of as many additions as there were inputs,
so that a file merged by ROOT, which adds in the type of the bins, is the same as ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from merging.hadd import rules
from merging.hadd.adder import Adder, Slot
from merging.hadd.histograms import HistogramSum
from merging.hadd.look import Look
from merging.hadd.model import Options, Record
from merging.hadd.sums import Array, narrowed, quiet
from merging.hadd.template import Field
from merging.hadd.values import Value, value_of

_LARGEST_WHOLE: Final = {"f": float(1 << 24), "d": float(1 << 53)}
_STEP: Final = {"f": 2.0**-24, "d": 2.0**-53}
"""Largest relative error of one addition."""


class HistogramComparison:
    """A merged histogram and the sum of those of the inputs, which come one after the other."""

    def __init__(self, adder: Adder, merged: Record, options: Options) -> None:
        self._adder, self._merged, self._options = adder, merged, options
        self._slot = Slot(merged.path)
        self._taken = 0

    def take(self, record: Record) -> None:
        self._taken += 1
        self._adder.take(self._slot, record)

    def differences(self) -> tuple[str, ...]:
        self._adder.close()
        total, merged = self._slot.sum, self._merged
        if total is None:
            return (f"histogram '{merged.path}' is in none of the inputs",)
        look = Look.at(merged.walked())
        name = f"histogram '{merged.path}' of {merged.where.path.name}"
        if difference := total.first.difference(look):
            return (f"{name} has other bins than the inputs: {difference}",)
        found = {part.name: part.numbers(merged.data) for part in look.template.added}
        return tuple(f"{name}: {text}" for text in self._differing(total, look, found))

    def _differing(self, total: HistogramSum, look: Look, found: Mapping[str, Array]) -> Iterator[str]:
        wanted, absolute = total.values(), total.absolute()
        for part in look.template.added:
            here, sums, size = found[part.name], wanted[part.name], absolute[part.name]
            if self._options.saturate and part.name == rules.BINS:
                sums = narrowed(sums, part, saturate=True)
            if part.name in rules.SQUARES and len(here) != len(sums):
                here, sums, size = (
                    _filled(part.name, found),
                    _filled(part.name, wanted),
                    _filled(part.name, absolute),
                )
            with quiet():
                wrong = _wrong(here, sums, tolerance(part, size, self._taken))
            if wrong.size:
                place = f" of bin {wrong[0]}" if part.array else ""
                more = f", and {wrong.size - 1} more" if wrong.size > 1 else ""
                yield f"{part.name}{place} is {here[wrong[0]]}, the inputs make {sums[wrong[0]]}{more}"


def _wrong(here: Array, sums: Array, allowed: Array) -> Array:
    """The places that differ. Infinity and what is no number are equal to themselves."""
    near = (np.abs(here - sums) <= allowed) | (here == sums) | (np.isnan(here) & np.isnan(sums))
    return np.flatnonzero(~near)


def tolerance(part: Field, absolute: Array, n_added: int) -> Array:
    """How far a sum of so many numbers may be off, for every element; ``absolute`` is that of their sizes."""
    if part.type not in _STEP:
        return np.zeros(len(absolute))
    whole = (absolute <= _LARGEST_WHOLE[part.type]) & (absolute == np.floor(absolute))
    # One rounding more for the type of the bins, which ours is brought to at the end.
    return np.where(whole, 0.0, absolute * _STEP[part.type] * (n_added + 1))


def _filled(name: str, arrays: Mapping[str, Array]) -> Array:
    return arrays[name] if len(arrays[name]) else np.abs(arrays[rules.SQUARES[name]])


class ValueComparison:
    """A merged parameter, graph or kept object and those of the inputs."""

    def __init__(self, merged: Record, options: Options) -> None:
        self._merged, self._options = merged, options
        self._value: Value | None = None

    def take(self, record: Record) -> None:
        if self._value is None:
            self._value = value_of(record, self._options)
        else:
            self._value.add(record)

    def differences(self) -> tuple[str, ...]:
        merged = self._merged
        name = f"'{merged.path}' ({merged.classname}) of {merged.where.path.name}"
        if self._value is None:
            return (f"{name} is in none of the inputs",)
        there: Any = value_of(merged, self._options).content(merged.keylen)
        here: Any = self._value.content(merged.keylen)
        if not _same(here, there):
            text = (
                f" is {there}, the inputs make {here}"
                if isinstance(here, int | float)
                else " is not what went in"
            )
            return (f"{name}{text}",)
        return ()


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float):
        return bool(one == other or abs(one - other) <= abs(one) * _ROUNDING)
    return bool(one == other)


_ROUNDING: Final = 1e-6
"""Relative difference of parameters in floating point, which may have been added in single precision."""
