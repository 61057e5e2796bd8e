"""The disk buffer of a simulated tape library: its room, and what may be evicted to make some.

A disk copy is spare when it is on tape and every hold has lapsed. The one used least recently goes first. A
buffer without a limit keeps no such order: nothing is ever evicted from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from heapq import heappop, heappush

from transfers.backends.tapelibrary.agenda import Agenda, Kind
from transfers.backends.tapelibrary.records import FileRecord
from transfers.backends.tapelibrary.settings import NEVER


class Buffer:
    """Bytes ``used`` (disk copies and recalls under way), of which ``spare`` can be evicted.

    ``evict`` is called for each copy that goes, and must take it out.
    """

    def __init__(self, size: float, agenda: Agenda, evict: Callable[[FileRecord], None]) -> None:
        self.size = size or math.inf
        self.limited = self.size < math.inf
        self.used = 0
        self.spare = 0
        self._evict = evict
        self._agenda = agenda
        self._oldest: list[tuple[float, int, FileRecord]] = []

    @property
    def free(self) -> float:
        """Room that could be had at once."""
        return self.size - self.used + self.spare

    def take(self, size: int) -> bool:
        """Make room for so many bytes, by evictions if need be; False, and nothing evicted, if that fails."""
        if size > self.free:
            return False
        while self.used + size > self.size:
            used_at, serial, record = heappop(self._oldest)
            if not record.spare:
                continue
            if (record.used_at, record.serial) != (used_at, serial):
                heappush(self._oldest, (record.used_at, record.serial, record))
                continue
            self._evict(record)
        self.used += size
        return True

    def give(self, size: int) -> None:
        """A recall came to nothing: its room is free again."""
        self.used -= size

    def left(self, record: FileRecord) -> None:
        """A disk copy has gone."""
        self.used -= record.size
        self._hold_back(record)
        self._no_lapse(record)

    def look(self, record: FileRecord, now: float) -> bool:
        """Something happened to a file that has a disk copy. True: its room can be had from now on."""
        if not self.limited:
            return False
        spare_at = record.spare_at()
        if spare_at <= now:
            if record.spare:
                return False
            record.spare = True
            self.spare += record.size
            heappush(self._oldest, (record.used_at, record.serial, record))
            return True
        self._hold_back(record)
        if spare_at < record.lapses_at:
            self._no_lapse(record)
            record.lapses_at = spare_at
            self._agenda.add(spare_at, Kind.LAPSE, record.serial, record)
        return False

    def _no_lapse(self, record: FileRecord) -> None:
        if record.lapses_at < NEVER:
            record.lapses_at = NEVER
            self._agenda.lapse_is_off()

    def _hold_back(self, record: FileRecord) -> None:
        if record.spare:
            record.spare = False
            self.spare -= record.size
