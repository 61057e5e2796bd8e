"""Histograms of one merge, gathered into batches as the objects of the inputs come by one after the other."""

from __future__ import annotations

from collections.abc import Iterable

from merging.hadd.batch import LARGEST, Batch
from merging.hadd.histograms import HistogramSum
from merging.hadd.model import Options, Record


class Slot:
    """The place of one histogram of the output: its sum, from the first object on."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.sum: HistogramSum | None = None
        self.batch: int = -1
        self.waits = False


class Adder:
    """Takes histograms in the order of inputs, one object of every slot in each.

    Objects wait until those of their batch are there, or until the next input begins; then they are added.
    So an error about an object may come some objects later; it names its own. ``measured``: absolute values
    are summed too, for comparisons.
    """

    def __init__(self, options: Options, *, measured: bool = False) -> None:
        self._options, self._measured = options, measured
        self._batches: list[tuple[Batch, list[Slot]]] = []
        self._waiting: list[dict[str, Record]] = []
        self._new: list[tuple[Slot, Record]] = []
        self._new_size = 0

    def take(self, slot: Slot, record: Record) -> None:
        """One object. Raises as HistogramSum does, for this one or one that waited."""
        if slot.waits:
            self.flush()  # the next input has begun
        slot.waits = True
        if slot.batch < 0:
            self._new.append((slot, record))
            self._new_size += len(record.data)
            if self._new_size >= LARGEST:
                self._begin()
            return
        waiting = self._waiting[slot.batch]
        waiting[slot.path] = record
        if len(waiting) == len(self._batches[slot.batch][1]):
            self._add(slot.batch)

    def flush(self) -> None:
        """Add all that waits."""
        self._begin()
        for number, waiting in enumerate(self._waiting):
            if waiting:
                self._add(number)

    def close(self) -> None:
        """All inputs were taken; the sums of all slots are whole. May be repeated."""
        self.flush()
        for batch, _ in self._batches:
            batch.close()

    def _begin(self) -> None:
        """Make a batch of the objects that are new."""
        if not self._new:
            return
        new, self._new, self._new_size = self._new, [], 0
        for slot, record in new:
            slot.batch = len(self._batches)
            slot.sum = HistogramSum(slot.path, record, self._options, measured=self._measured)
        batch = Batch(_sums(slot for slot, _ in new), measured=self._measured)
        self._batches.append((batch, [slot for slot, _ in new]))
        self._waiting.append({})
        for slot, _ in new:
            slot.waits = False
        batch.add([record for _, record in new])

    def _add(self, number: int) -> None:
        batch, slots = self._batches[number]
        waiting, self._waiting[number] = self._waiting[number], {}
        for slot in slots:
            slot.waits = False
        batch.add([waiting.get(slot.path) for slot in slots])


def _sums(slots: Iterable[Slot]) -> list[HistogramSum]:
    return [slot.sum for slot in slots if slot.sum is not None]
