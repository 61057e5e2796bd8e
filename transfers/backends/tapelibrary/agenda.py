"""What will happen in a simulated tape library, in the order of time."""

from __future__ import annotations

from enum import IntEnum
from heapq import heapify, heappop, heappush
from typing import Any

MANY = 1000


class Kind(IntEnum):
    """What happens; at the same moment in this order."""

    LAPSE = 0  # perhaps a disk copy may be evicted from now on
    EVICTION = 1  # a fault drops a disk copy
    TAPE = 2  # a tape can be read again
    REPAIR = 3  # a drive works again
    DRIVE = 4  # a drive has mounted or read


class Agenda:
    """A heap of (time, kind, number, thing). Kind and number decide between events of the same moment.

    Events are never taken back: whoever handles one looks whether it still means anything. Lapses that mean
    nothing any more are dropped when they are many.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, Kind, int, Any]] = []
        self._stale = 0

    def add(self, time: float, kind: Kind, number: int, thing: Any) -> None:
        heappush(self._heap, (time, kind, number, thing))

    def due(self, now: float) -> bool:
        return bool(self._heap) and self._heap[0][0] <= now

    def pop(self) -> tuple[float, Kind, Any]:
        time, kind, _, thing = heappop(self._heap)
        return time, kind, thing

    def lapse_is_off(self) -> None:
        """One of the lapses means nothing any more: ``lapses_at`` of its file is not its time."""
        self._stale += 1
        if self._stale > MANY and 2 * self._stale > len(self._heap):
            self._heap = [event for event in self._heap if not _is_stale(event)]
            heapify(self._heap)
            self._stale = 0


def _is_stale(event: tuple[float, Kind, int, Any]) -> bool:
    return event[1] is Kind.LAPSE and bool(event[3].lapses_at != event[0])
