"""The files wanted from one tape, read in sweeps over the tape.

A sweep reads what is wanted in order of position. What is wanted while the tape is being read joins the sweep
if it lies ahead, else the next one. Wishes that were taken back stay in the heaps until they come up.
"""

from __future__ import annotations

from collections import deque
from heapq import heapify, heappop, heappush

from transfers.backends.tapelibrary.records import FileRecord, Recall

Wish = tuple[int, int, FileRecord]
"""Position, serial number, file."""


class TapeQueue:
    """``live`` wishes for one tape. ``mounted``: a drive has the tape, its head after ``head``."""

    def __init__(self, tape: str) -> None:
        self.tape = tape
        self.live = 0
        self.mounted = False
        self.head = -1
        self._sweep: list[Wish] = []
        self._next: list[Wish] = []
        self._asked: deque[Wish] = deque()

    def add(self, record: FileRecord) -> None:
        wish = (record.position, record.serial, record)
        self._asked.append(wish)
        heappush(self._sweep if record.position > self.head else self._next, wish)
        self.live += 1

    def left(self) -> None:
        """A wish was taken back, or is being read."""
        self.live -= 1
        if not self.live:
            self._sweep.clear()
            self._next.clear()
            self._asked.clear()

    def first(self) -> FileRecord:
        """The file to be read next; there must be one."""
        for heap in (self._sweep, self._next):
            while heap and not _live(heap[0]):
                heappop(heap)
            if heap:
                return heap[0][2]
        raise LookupError(self.tape)

    def begin(self, record: FileRecord) -> None:
        """The first file is read from now on."""
        if not self._sweep:
            self._sweep, self._next = self._next, self._sweep
        heappop(self._sweep)
        self.head = record.position
        self.left()

    def dismount(self) -> None:
        """The tape leaves its drive: the next sweep begins at its beginning."""
        self.mounted, self.head = False, -1
        self._sweep += self._next
        self._next = []
        heapify(self._sweep)

    def oldest(self) -> int:
        """The serial number of the oldest wish; there must be one."""
        while not _live(self._asked[0]):
            self._asked.popleft()
        return self._asked[0][1]


def _live(wish: Wish) -> bool:
    return wish[2].recall is Recall.QUEUED and wish[2].serial == wish[1]
