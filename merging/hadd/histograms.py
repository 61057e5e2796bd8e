"""The sum of one histogram or profile over all inputs, kept in the first one: titles and style stay."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from typing import Final

from merging.errors import DifferentSchemas, MergeError
from merging.hadd import rules
from merging.hadd.look import Look
from merging.hadd.model import Context, Options, Record
from merging.hadd.statistics import from_bins
from merging.hadd.sums import Array, Sums, brought_together, narrowed, quiet, totals_of
from merging.hadd.template import Template, joined
from merging.rootio.edit import Edit, edited, replaced
from merging.rootio.plans import Block
from merging.rootio.walk import Walked

_TEMPLATES: Final = 8
"""Of one histogram: so many ways its bytes lie are remembered; others are walked every time."""


class HistogramSum:
    """Takes the objects of one path from all inputs, in order."""

    def __init__(self, path: str, first: Record, options: Options, *, measured: bool = False) -> None:
        self.path = path
        self._measured = measured
        self._options = options
        self._record = replace(first, data=b"")
        self.first = self._looked(first.walked(), first.where)
        self.templates = [self.first.template]
        self._empty = zlib.compress(_emptied(first.data, self.template), 1)
        """The first object with nothing in it, as small as can be: thousands of histograms may wait here."""
        self.kinds: dict[frozenset[str], Sums] = {}
        self.notes: set[str] = set()
        self._unstated: dict[str, float] = {}
        """Totals computed from bins, for the inputs that had none."""

    @property
    def template(self) -> Template:
        return self.templates[0]

    @property
    def classname(self) -> str:
        return self._record.classname

    def add(self, record: Record) -> None:
        """One more object, of any layout. Raises DifferentSchemas unless it has the bins of the first."""
        data = record.data
        template = next((known for known in self.templates if known.fits(data)), None)
        if template is None:
            look = self._looked(record.walked(), record.where)
            self._compared(look, record.where)
            template = look.template
            if len(self.templates) < _TEMPLATES:
                self.templates.append(template)
        self.note(data, template)
        kind = template.kind
        if kind not in self.kinds:
            self.kinds[kind] = Sums.of(template)
        try:
            self.kinds[kind].add(data, template, measured=self._measured)
        except OverflowError as error:
            raise self.refusal(record.where, f": {error}") from None
        self.check_totals(data, template)

    def note(self, data: bytes, template: Template) -> None:
        """Remember that a title differs from that of the first."""
        if joined([data], [template.noted]) != self.template.noted_bytes:
            self.notes.add("title")

    def empty(self) -> bytes:
        """The first object with nothing in it."""
        return zlib.decompress(self._empty)

    def check_totals(self, data: bytes, template: Template) -> None:
        """If the object has content and no totals, compute them from its bins, as ROOT does before adding."""
        values = {part.name: part.numbers(data) for part in template.added}
        if values[rules.ENTRIES][0] <= 0 or any(totals_of(values).values()):
            return
        with quiet():
            computed = from_bins(self.first.axes, values)
        for name, value in computed.items():
            if name in values:
                self._unstated[name] = self._unstated.get(name, 0.0) + value

    def values(self) -> dict[str, Array]:
        """The sums by member name, as wide as they were added."""
        totals = brought_together(self.kinds.values())
        if any(totals_of(totals).values()):
            # Where no input has totals the result has none either, and readers compute them from its bins.
            for name, value in self._unstated.items():
                totals[name] = totals[name] + value
        return totals

    def absolute(self) -> dict[str, Array]:
        """The same for the absolute values of all that was added, if it is measured."""
        sums = [Sums({name: total.absolute(name) for name in total.arrays}) for total in self.kinds.values()]
        totals = brought_together(sums)
        for name, value in self._unstated.items():
            totals[name] = totals[name] + abs(value)
        return totals

    def data(self, keylen: int) -> bytes:
        """The bytes of the summed object, for a key of that length."""
        totals, walked = self.values(), replace(self._record, data=self.empty()).walked()
        edits: list[Edit] = _unbuffered(walked)
        for part in self.template.added:
            total = totals[part.name]
            try:
                value = narrowed(total, part, self._options.saturate)
            except OverflowError as error:
                raise MergeError(
                    f"histogram '{self.path}' ({self.classname}) cannot hold the sum: {part.name} {error}",
                    subject=self.path,
                ) from None
            edits.append(replaced(walked.root, part.name, value if part.array else value[0].item()))
        return edited(walked, edits, keylen)

    def _looked(self, walked: Walked, where: Context) -> Look:
        try:
            look = Look.at(walked)
        except (ValueError, KeyError, AttributeError, OverflowError) as error:
            raise where.unreadable(self.path, walked.root.classname, str(error)) from None
        if look.averages:
            raise self.refusal(where, " holds averages, which cannot be added")
        if look.waiting:
            raise self.refusal(where, f" has {look.waiting} entries that were never put into bins (fBuffer)")
        return look

    def _compared(self, look: Look, where: Context) -> None:
        if difference := self.first.difference(look):
            grows = " (its axes grow with what is filled)" if look.grows or self.first.grows else ""
            text = f" has other bins{grows} than in {self._record.where.path}: {difference}"
            raise DifferentSchemas(f"{self._named(where)}{text}", subject=str(where.path))
        ours, theirs = self.template.names, look.template.names
        if alone := (theirs - ours) | (ours - theirs - frozenset(rules.SQUARES)):
            text = f" is of another version of its class than in {self._record.where.path}: {min(alone)}"
            raise DifferentSchemas(f"{self._named(where)}{text}", subject=str(where.path))

    def refusal(self, where: Context, text: str) -> MergeError:
        return MergeError(f"{self._named(where)}{text}", subject=str(where.path))

    def _named(self, where: Context) -> str:
        return f"{where.path}: histogram '{self.path}' at offset {where.offset}"


def _emptied(data: bytes, template: Template) -> bytes:
    empty = bytearray(data)
    for part in template.added:
        empty[part.slice] = bytes(part.size)
    return bytes(empty)


def _unbuffered(walked: Walked) -> list[Edit]:
    """ROOT would fill a histogram again from what is left in its buffer, so the buffer is marked empty."""
    buffer = walked.root.members.get("fBuffer")
    if not isinstance(buffer, Block) or not len(buffer):
        return []
    return [Edit(buffer.start, buffer.start + 8, struct.pack(">d", 0.0))]
