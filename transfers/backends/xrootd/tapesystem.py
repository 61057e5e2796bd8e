"""Prepare queries: what the tape system says of files, for as many at a time as it can answer."""

from __future__ import annotations

from collections.abc import Sequence

from transfers.backends.xrootd.client import Client, Stat
from transfers.backends.xrootd.commands import IS_DIR, OFFLINE, POSC_PENDING
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.library import Deadline
from transfers.backends.xrootd.replies import Answer, flagged, read_query_prepare
from transfers.backends.xrootd.sizes import Size
from transfers.errors import FileMissing, StorageError, Unsupported

FIRST_QUESTION = 1000  # files in one prepare query, until an answer is cut
NOTHING_SAID = 8  # one part in so many is asked for, when an answer cannot be read and shows no size
SILENT = 2  # files, one after the other, of which nothing can be learned: then the tape system is away


class NoQueries(Unsupported):
    """The service answers no prepare queries."""


class TapeSystem:
    """What the tape system says. Safe from several threads: they share what was learned of sizes."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._size = Size(FIRST_QUESTION)
        self.by_stat = client.limits.states == "stat"

    def answers(
        self, request: str, names: Sequence[str], deadline: Deadline | None = None
    ) -> dict[str, Answer]:
        """What the tape system says of each file; one it did not tell of is not there.

        An answer that is cut, or makes no sense, is asked for again for fewer files. Raises StorageError when
        the server refuses to answer anything at all.
        """
        deadline = deadline or Deadline(self._client.limits.call_timeout)
        found: dict[str, Answer] = {}
        rest, size, too_many, silent = list(names), self._size.now, 0, 0
        while rest and silent < SILENT and deadline.left:
            part = rest[:size]
            reply = self._client.query_prepare(request, part, deadline)
            if isinstance(reply, Trouble):
                if reply.too_many and len(part) > 1:
                    size, too_many = max(1, len(part) // 2), len(part)
                    continue
                if not found:
                    raise self._refusal(reply)
                break
            read = read_query_prepare(reply, part)
            if not read.readable and len(part) > 1:
                size, too_many = self._fewer(len(part), read.fits), len(part)
                continue
            if read.readable:
                if too_many:  # only now it is known that the size was the trouble, and not an outage
                    self._size.shrink(size)
                self._size.went_well(len(part))
                size, silent, too_many = self._size.now, 0, 0
            else:
                silent += 1
            found.update(read.answers)
            rest = rest[len(part) :]
        return found

    def _fewer(self, files: int, fits: int) -> int:
        """How many to ask for when the answer for so many cannot be read: what fits, or went well before."""
        if not fits and self._size.known < files:
            fits = self._size.known
        return max(1, min(fits, files - 1) or files // NOTHING_SAID)

    def _refusal(self, reply: Trouble) -> StorageError:
        return NoQueries(reply.words) if reply.no_queries else reply.exception(self._client.server)

    def states(
        self, request: str, names: Sequence[str], deadline: Deadline | None = None
    ) -> dict[str, Answer]:
        """The same, from ``stat`` alone where the service answers no prepare queries. Raises likewise."""
        if not self.by_stat:
            try:
                return self.answers(request, names, deadline)
            except NoQueries:
                pass
        return self._flags(names)

    def _flags(self, names: Sequence[str]) -> dict[str, Answer]:
        told: dict[str, Answer] = {}
        for name, stat in self._client.stat(names).items():
            if isinstance(stat, Stat):
                if not stat.flags & (IS_DIR | POSC_PENDING):
                    told[name] = flagged(bool(stat.flags & OFFLINE))
            elif issubclass(stat.error, FileMissing):
                told[name] = Answer(False, False, False, False, stat.words)
        return told
