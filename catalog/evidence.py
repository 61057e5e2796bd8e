"""What is known of a copy on tape: pieces of evidence with grade, time and source, and when they are enough.

A = the service says that the file is on tape. B = and its size and checksum, as the service tells them while
it is on tape, equal ours. C = and re-read: it was on tape only, was recalled, and the bytes that came gave
our size and adler32. A better grade includes the lesser ones.

1. A piece counts only if it was taken since the replica is AVAILABLE: a copy that was lost or doubted starts
   anew. One from the future (a clock was wrong) does not count.
2. *Settled*: two sufficient pieces at least ``settle`` apart. With ``settle`` zero one is enough.
3. *Fresh*: the newest sufficient piece is not older than ``age``.
4. Where C is wanted, one piece of it is enough, and the others may be B: the tape was read once, and the
   service says again and again that the same file is there. (Each C costs a mount.)

Pure: times are arguments. See docs/decisions/0027-evidence-of-the-archive.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from catalog.checksum import Adler32
from catalog.states import Locality


class Grade(StrEnum):
    """How much a piece of evidence proves."""

    A = "a"
    B = "b"
    C = "c"

    def includes(self, other: Grade) -> bool:
        """Whether this proves what ``other`` proves.

        >>> Grade.C.includes(Grade.B), Grade.A.includes(Grade.B)
        (True, False)
        """
        return self.value >= other.value


@dataclass(frozen=True, slots=True)
class Piece:
    """What was seen of a copy on tape, when, and who said it.

    ``source``: the service; ``how``: whose the checksum is. ``kept``: the service told it while the file was
    on tape only, so it is what the service keeps of it; ``service``: told while the buffer had a copy
    as well, of which it may be; ``read``: of bytes that we read. ``request``: the id of what was asked, where
    there is one. ``size`` (bytes) and ``adler32``: as told; None: not told.
    """

    grade: Grade
    taken_at: datetime
    source: str
    how: str = ""
    request: str = ""
    size: int | None = None
    adler32: Adler32 | None = None
    locality: Locality = Locality.UNKNOWN


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much is asked before anything is deleted on the strength of a copy on tape."""

    grade: Grade = Grade.B
    settle: timedelta = timedelta(days=1)
    age: timedelta = timedelta(days=7)

    @property
    def repeated(self) -> Grade:
        """The grade that every piece must have (rule 4)."""
        return Grade.B if self.grade is Grade.C else self.grade


@dataclass(frozen=True, slots=True)
class Settled:
    """Enough. ``at``: since when; ``newest``: when the newest sufficient piece was taken."""

    at: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Not enough yet, and why. ``look_at``: when the missing piece can be taken; never before that."""

    reason: str
    look_at: datetime


def sufficient(pieces: Sequence[Piece], wanted: Wanted, now: datetime) -> list[Piece]:
    """The pieces that count towards ``wanted``, oldest first."""
    good = [piece for piece in pieces if piece.grade.includes(wanted.repeated) and piece.taken_at <= now]
    return sorted(good, key=lambda piece: piece.taken_at)


def settled(pieces: Sequence[Piece], wanted: Wanted, now: datetime) -> Settled | Unsettled:
    """Whether the pieces taken since the copy is AVAILABLE are enough (rules 2 and 4)."""
    good = sufficient(pieces, wanted, now)
    if not good:
        return Unsettled(f"no evidence of grade {wanted.repeated}", now)
    after = good[0].taken_at + wanted.settle
    if not (late := [piece for piece in good if piece.taken_at >= after]):
        return Unsettled(f"evidence is to be taken again at {after:%F %T} or later", after)
    since = late[0].taken_at
    if wanted.grade is Grade.C:
        read = [piece.taken_at for piece in good if piece.grade is Grade.C]
        if not read:
            return Unsettled("it was not read again from tape", now)
        since = max(since, read[0])
    return Settled(since, good[-1].taken_at)


class InShort(Protocol):
    """The pieces of one of many copies in short: the best grade, when the first and the last was taken, and
    the same of those of grade b or better. None: there is none."""

    @property
    def best(self) -> str | None: ...
    @property
    def first(self) -> datetime | None: ...
    @property
    def last(self) -> datetime | None: ...
    @property
    def first_b(self) -> datetime | None: ...
    @property
    def last_b(self) -> datetime | None: ...


def settled_in_short(pieces: InShort, wanted: Wanted) -> tuple[bool, datetime | None]:
    """Whether a copy is settled, as ``settled`` says it, and if not, from when on it can be (None: nobody
    knows)."""
    first, last = pieces.first_b, pieces.last_b
    if wanted.repeated is Grade.A:
        first, last = pieces.first, pieces.last
    if first is None or last is None:
        return False, None
    if last < first + wanted.settle:
        return False, first + wanted.settle
    return wanted.grade is not Grade.C or pieces.best == Grade.C, last


def stale(pieces: Sequence[Piece], wanted: Wanted, now: datetime) -> str | None:
    """Why the evidence is too old to delete anything now (rule 3); None: it is fresh."""
    good = sufficient(pieces, wanted, now)
    if not good:
        return f"no evidence of grade {wanted.repeated}"
    if now - good[-1].taken_at > wanted.age:
        return f"the newest evidence is of {good[-1].taken_at:%F %T}, too old"
    return None


def fresh_until(pieces: Sequence[Piece], wanted: Wanted, now: datetime) -> datetime | None:
    """Until when the newest sufficient piece is fresh; None: there is none."""
    good = sufficient(pieces, wanted, now)
    return good[-1].taken_at + wanted.age if good else None
