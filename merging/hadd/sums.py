"""Running sums of one histogram: all numbers that are added, wide enough to be exact or nearly so.

Integers are added as integers of 64 bits, everything else in double precision, in the order of the inputs.
Histograms with and without their squares of weights (``fSumw2``) are summed apart, and brought together at
the end as ROOT does it: where they are missing, they are the contents of the bins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merging.hadd import rules
from merging.hadd.template import WIDE, Field, Template

Array = NDArray[Any]


def quiet() -> Any:
    """A context in which infinities and what is no number are added like any other, without warnings."""
    return np.errstate(invalid="ignore", over="ignore")


@dataclass(slots=True)
class Sums:
    """Of objects that have the same arrays: by member name. ``short``: how much numbers below zero are below
    it, added up, of those members that are watched; with it the sum of the absolute values is known.
    """

    arrays: dict[str, Array] = field(default_factory=dict)
    short: dict[str, Array] = field(default_factory=dict)

    @classmethod
    def of(cls, template: Template) -> Sums:
        """Zero everywhere, for objects of that kind."""
        return cls({part.name: np.zeros(part.count, WIDE[part.type]) for part in template.added})

    def add(self, data: bytes, template: Template, *, measured: bool) -> None:
        """One more object. Raises Overflow where 64 bits are not enough. ``measured``: watch all members."""
        for part in template.added:
            numbers = part.numbers(data)
            add_into(self.arrays[part.name], numbers)
            if measured or template.watches(part.name):
                self.lack(part.name, lacking(numbers))

    def lack(self, name: str, short: Array | None) -> None:
        if short is not None:
            self.short[name] = self.short[name] + short if name in self.short else short

    def has(self, name: str) -> bool:
        """Whether an array is there and not left empty."""
        return name in self.arrays and len(self.arrays[name]) > 0

    def absolute(self, name: str) -> Array:
        """The sum of the absolute values of an array that is watched, as doubles."""
        total = self.arrays[name].astype("f8")
        return total + 2 * self.short[name] if name in self.short else total


def lacking(numbers: Array) -> Array | None:
    """How much the numbers below zero are below it; None if there are none."""
    if not numbers.size or not numbers.min() < 0:
        return None
    with quiet():
        below: Array = np.maximum(-numbers.astype("f8"), 0)
    return below


def add_into(total: Array, numbers: Array) -> None:
    """Add in place. Raises Overflow, with the place, instead of wrapping around."""
    if numbers.dtype.kind == "i" and numbers.dtype.itemsize == total.dtype.itemsize:
        more = numbers.astype(total.dtype)
        before = total.copy()
        np.add(total, more, out=total)
        wrapped = np.flatnonzero(((before ^ total) & (more ^ total)) < 0)
        if wrapped.size:
            raise Overflow(int(wrapped[0]))
    else:
        with quiet():
            np.add(total, numbers, out=total)


class Overflow(OverflowError):
    """A sum of 64-bit integers is over their range, at this place of the array."""

    def __init__(self, place: int) -> None:
        super().__init__("a sum of 64-bit integers is over their range")
        self.place = place


def brought_together(kinds: Iterable[Sums]) -> dict[str, Array]:
    """The sum over all kinds. Squares that only some had are filled in from the bins of the others."""
    several = list(kinds)
    totals: dict[str, Array] = {}
    for name in several[0].arrays:
        if name not in rules.SQUARES:
            totals[name] = several[0].arrays[name].copy()
            for more in several[1:]:
                add_into(totals[name], more.arrays[name])
    for name, equal in rules.SQUARES.items():
        if name in several[0].arrays:
            there = [sums.arrays[name] for sums in several if sums.has(name)]
            if there:
                there += [sums.absolute(equal) for sums in several if not sums.has(name)]
            totals[name] = sum(there[1:], start=there[0].copy()) if there else np.zeros(0)
    return totals


def narrowed(total: Array, part: Field, saturate: bool) -> Array:
    """The sum as numbers of the type of the bins.

    Raises OverflowError where they cannot hold it, with the place and value; with ``saturate`` they stay at
    the largest, as ROOT's AddBinContent does (the negative of it at the other end).
    """
    dtype = part.dtype.newbyteorder("=")
    if dtype.kind == "i":
        largest = np.iinfo(dtype).max
        if saturate:
            return total.clip(-largest, largest).astype(dtype)
        outside = np.flatnonzero((total > largest) | (total < -largest - 1))
        if outside.size:
            raise OverflowError(
                f"bin {outside[0]} holds {total[outside[0]]}, the largest number is {largest}"
            )
        return total.astype(dtype)
    with quiet():
        narrow = total.astype(dtype)
    outside = np.flatnonzero(np.isinf(narrow) & np.isfinite(total))
    if outside.size and not saturate:
        raise OverflowError(f"bin {outside[0]} holds {total[outside[0]]}, more than its type")
    return narrow


def totals_of(values: Mapping[str, Array]) -> dict[str, float]:
    """The sums of weights and moments (``fTsumw`` …) among the members, without ``fEntries``."""
    return {name: float(value[0]) for name, value in values.items() if name.startswith(rules.WEIGHTS)}
