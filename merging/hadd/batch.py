"""Many histograms of one input at once: compared as one string of bytes, added as a few long arrays.

A call into numpy costs about a microsecond, whatever it adds; files with hundreds of small histograms would
spend their time on calls. So the histograms of a file are laid end to end: all bytes that must be what they
were are joined and compared once, all numbers of one type are joined and added once. The sums of every single
histogram are views into those long arrays. Whoever does not fit is replaced by an object of zeros here and
added by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from merging.hadd import rules
from merging.hadd.histograms import HistogramSum
from merging.hadd.model import Record
from merging.hadd.sums import Array, Overflow, Sums, add_into, lacking
from merging.hadd.template import WIDE, Field, Template, joined

LARGEST: Final = 4 << 20
"""Bytes of objects in one batch, unless one alone is larger."""


class Batch:
    """Sums for some histograms, all of the layout of the first input."""

    def __init__(self, histograms: Sequence[HistogramSum], *, measured: bool = False) -> None:
        self._measured = measured
        self.histograms = list(histograms)
        templates = [histogram.template for histogram in histograms]
        self._sizes = [template.size for template in templates]
        self._fixed = [template.fixed for template in templates]
        self._fixed_bytes = b"".join(template.fixed_bytes for template in templates)
        self._zeros: list[bytes | None] = [None] * len(templates)
        self._rows: dict[tuple[bool, str], _Row] = {}
        for index, histogram in enumerate(self.histograms):
            histogram.kinds[templates[index].kind] = self._sums(index, templates[index])
        for row in self._rows.values():
            row.build(
                [sums.kinds[template.kind] for sums, template in zip(histograms, templates, strict=True)]
            )
        self._totals = self._rows[measured, "d"]
        self._weights = self._totals.index(rules.WEIGHTS)
        self._entries = self._totals.index(rules.ENTRIES)

    def add(self, records: Sequence[Record | None]) -> None:
        """The objects of one input, one for every histogram; None where the input has none."""
        odd = [
            index
            for index, record in enumerate(records)
            if not record or len(record.data) != self._sizes[index]
        ]
        datas = [record.data if record else b"" for record in records]
        for index in odd:
            datas[index] = self._nothing(index)
        if joined(datas, self._fixed) != self._fixed_bytes:
            odd += self._put_aside(datas)
        self._add(datas, records)
        for index in sorted(odd):
            record = records[index]
            if record:
                self.histograms[index].add(record)

    def close(self) -> None:
        """Give every histogram what was kept for all of them."""
        for row in self._rows.values():
            row.close()

    def _put_aside(self, datas: list[bytes]) -> list[int]:
        """Those that do not fit, which are replaced by nothing. Others may differ in title and style."""
        odd = []
        for index, data in enumerate(datas):
            template = self.histograms[index].template
            if joined([data], [template.fixed]) == template.fixed_bytes:
                continue
            if template.fits(data):
                self.histograms[index].note(data, template)
            else:
                odd.append(index)
                datas[index] = self._nothing(index)
        return odd

    def _add(self, datas: list[bytes], records: Sequence[Record | None]) -> None:
        totals: Array = np.zeros(0)
        for row in self._rows.values():
            try:
                numbers = row.add(datas)
            except Overflow as error:
                index = row.owner(error.place)
                if record := records[index]:
                    raise self.histograms[index].refusal(record.where, f": {error}") from None
                raise
            if row is self._totals:
                totals = numbers
        suspects = np.flatnonzero((totals[self._weights] == 0) & (totals[self._entries] > 0))
        for index in suspects.tolist():
            self.histograms[index].check_totals(datas[index], self.histograms[index].template)

    def _nothing(self, index: int) -> bytes:
        """An object of the right layout that adds nothing."""
        known = self._zeros[index]
        if known is None:
            known = self._zeros[index] = self.histograms[index].empty()
        return known

    def _sums(self, index: int, template: Template) -> Sums:
        for part in template.added:
            watched = self._measured or template.watches(part.name)
            row = self._rows.setdefault((watched, part.type), _Row(part.type, watched))
            row.parts.append((index, part))
        return Sums()


class _Row:
    """All numbers of one type of a batch, end to end; those that are watched apart from the others."""

    def __init__(self, letter: str, watched: bool) -> None:
        self.parts: list[tuple[int, Field]] = []
        self._watched = watched
        self._letter = letter
        self._dtype = np.dtype(f">{letter}")
        self.total: Array = np.zeros(0)
        self._short: Array | None = None
        self._sums: list[Sums] = []

    def build(self, sums: list[Sums]) -> None:
        self._sums = sums
        self._places = list(_runs(self.parts))
        ends = np.cumsum([part.count for _, part in self.parts])
        self._views = [
            slice(int(end) - part.count, int(end)) for end, (_, part) in zip(ends, self.parts, strict=True)
        ]
        self.total = np.zeros(int(ends[-1]), WIDE[self._letter])
        for view, (index, part) in zip(self._views, self.parts, strict=True):
            sums[index].arrays[part.name] = self.total[view]

    def index(self, name: str) -> Array:
        """Where the single number of that name is, for every histogram."""
        return np.array(
            [view.start for view, (_, part) in zip(self._views, self.parts, strict=True) if part.name == name]
        )

    def owner(self, place: int) -> int:
        """The histogram whose number is at that place."""
        return next(
            index for view, (index, _) in zip(self._views, self.parts, strict=True) if place < view.stop
        )

    def add(self, datas: list[bytes]) -> Array:
        numbers = np.frombuffer(b"".join([datas[index][place] for index, place in self._places]), self._dtype)
        add_into(self.total, numbers)
        if self._watched and (short := lacking(numbers)) is not None:
            self._short = short if self._short is None else self._short + short
        return numbers

    def close(self) -> None:
        if self._short is None:
            return
        for view, (index, part) in zip(self._views, self.parts, strict=True):
            self._sums[index].lack(part.name, self._short[view].copy())
        self._short = None


def _runs(parts: Sequence[tuple[int, Field]]) -> Iterator[tuple[int, slice]]:
    """Object and place of all fields, neighbours in one."""
    index, start, stop = -1, 0, 0
    for number, part in parts:
        if (number, part.at) != (index, stop):
            if stop > start:
                yield index, slice(start, stop)
            index, start = number, part.at
        stop = part.at + part.size
    if stop > start:
        yield index, slice(start, stop)
