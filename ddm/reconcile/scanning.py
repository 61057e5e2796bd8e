"""Listing a storage directory by directory, so that it can be killed at any moment and go on.

1. Directories to look into wait in ``State.waiting``; what is found is logged with the directory it is in.
2. A directory counts as read when a part with its files is on disk and the log says so; both together, every
   ``EVERY`` or ``ROWS``. What was read since the last time is read again after a crash.
3. One that cannot be read is tried again at the end, a few times, and then listed as unread: nothing below
   it is missing.
4. A link to a directory is not followed: what is below it is unread, unless it is found another way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from catalog.clock import Clock
from catalog.seam import Seam
from ddm.reconcile.pace import Pace
from ddm.reconcile.scanparts import Parts
from ddm.reconcile.walklog import Log, State
from transfers.errors import StorageError
from transfers.model import Failed, Listing, Looked, Unknown
from transfers.ports import Walker

ROWS = 250_000  # of a part
RECORDS = 20_000  # of the log, in memory
EVERY = timedelta(seconds=20)
AGAIN = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=15))
"""Waits before directories that could not be read are tried again."""

LINKED = "linked"  # the code of a directory that is a link
UNKNOWN = "unknown"

Told = Callable[[State], None]


class Walk:
    """One process at work on a scan. ``jobs``: directories asked for at a time; ``told``: called after each
    directory, ``kept``: when all so far is on disk."""

    def __init__(
        self,
        state: State,
        log: Log,
        parts: Parts,
        pace: Pace,
        clock: Clock,
        seam: Seam,
        jobs: int,
        told: Told,
        kept: Told,
    ) -> None:
        self._state, self._log, self._parts = state, log, parts
        self._pace, self._clock, self._seam, self._jobs = pace, clock, seam, jobs
        self._told, self._kept = told, kept
        self._records: list[list[Any]] = []
        self._next = [*reversed(state.waiting)]
        self._under_way: dict[str, int] = {}
        self._kept_at: datetime = clock.now()

    def begin(self, root: str) -> None:
        """The first directory of a scan that has none yet."""
        if not self._state.found:
            self._next.append(self._found(root))
            self.keep()

    def run(self, walker: Walker) -> None:
        """Look into all that waits, and below it. Raises StorageError like ``Walker.walk``; all that was read
        is kept then. What is interrupted in any other way goes back to what was kept last."""
        self._once(walker)
        for wait in AGAIN:
            doubtful = [number for number, one in self._state.unread.items() if one.code != LINKED]
            if not doubtful:
                break
            self._clock.sleep(wait)
            self._next = doubtful
            self._once(walker)

    def keep(self) -> None:
        """All that was read so far, on disk and in the log."""
        if not self._records:
            return
        with self._seam.crossing("scan.part"):
            number = self._parts.write()
        with self._seam.crossing("scan.log"):
            self._log.keep(self._records, number)
        self._state.parts = max(self._state.parts, number)
        self._records, self._kept_at = [], self._clock.now()
        self._kept(self._state)

    def _once(self, walker: Walker) -> None:
        try:
            for directory, looked in walker.walk(self._following):
                self._take(self._under_way.pop(directory), looked)
                if self._is_due():
                    self.keep()
                self._told(self._state)
        except StorageError:
            self.keep()  # the last directory was taken whole
            raise
        self.keep()

    def _following(self) -> str | None:
        if not self._next or len(self._under_way) >= self._jobs:
            return None
        if wait := self._pace.wait(self._clock.now()):
            self._clock.sleep(wait)
        number = self._next.pop()
        directory = self._path(number).rstrip("/") or "/"
        self._under_way[directory] = number
        return directory

    def _path(self, number: int) -> str:
        found = self._state.waiting.get(number)
        return self._state.unread[number].path if found is None else found

    def _take(self, number: int, looked: Looked) -> None:
        match looked:
            case Listing():
                self._read(number, looked)
            case Failed(code, text, _):
                self._record("unread", number, code, text)
                self._pace.spent(0, self._clock.now())
            case Unknown(text):
                self._record("unread", number, UNKNOWN, text)
                self._pace.spent(0, self._clock.now())

    def _read(self, number: int, listing: Listing) -> None:
        above = self._path(number)
        self._parts.add(above, listing)
        self._record("done", number, len(listing.names), sum(size for size in listing.sizes if size > 0))
        self._next += [self._found(f"{above}{name}/") for name in listing.directories]
        for name in listing.linked:
            self._record("unread", self._found(f"{above}{name}/"), LINKED, "a link, or a way back")
        self._pace.spent(len(listing.names) + len(listing.directories), self._clock.now())

    def _found(self, path: str) -> int:
        self._record("found", path)
        return self._state.found - 1

    def _record(self, *record: Any) -> None:
        self._records.append([*record])
        self._state.take([*record])

    def _is_due(self) -> bool:
        return (
            self._parts.rows >= ROWS
            or len(self._records) >= RECORDS
            or self._clock.now() - self._kept_at >= EVERY
        )
