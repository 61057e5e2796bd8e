"""What an observation means, for the state of a replica and before a copy: pure, and careful.

A replica is *verified* only when the size and the adler32 agree, and at a tape endpoint only once the file is
on tape (invariant 1). What the service did not say, or we could not read, changes nothing (invariant 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.checksum import Adler32
from catalog.evidence import Grade, Piece
from catalog.states import Locality
from transfers.errors import (
    ChecksumMismatch,
    FileExists,
    FileMissing,
    SizeMismatch,
    Unsupported,
    failed,
)
from transfers.model import CopyOrder, Done, Failed, Observation, Observed, Outcome, Unknown


@dataclass(frozen=True, slots=True)
class Judgement:
    """An event of the replica's state table, or None (nothing can be concluded), and why."""

    event: str | None
    reason: str


def judge(
    size: int, adler32: Adler32, seen: Observation, *, tape: bool, archiving: bool = False
) -> Judgement:
    """What to conclude for a replica that should have this size and adler32.

    ``tape``: it is at a tape endpoint. ``archiving``: its state is ARCHIVING (compared before, in the
    buffer), else UNVERIFIED. The events are ``verified``, ``verified_in_buffer``, ``on_tape``, ``mismatch``
    and ``missing``.
    """
    match seen:
        case Unknown(text):
            return Judgement(None, f"the answer cannot be read: {text}")
        case Failed(code=FileMissing.code, text=text):
            return Judgement("missing", text)
        case Failed(code, text):
            return Judgement(None, f"{code}: {text}")
        case Observed():
            return _different(size, adler32, seen) or _equal(seen, tape=tape, archiving=archiving)


def _different(size: int, adler32: Adler32, seen: Observed) -> Judgement | None:
    """What speaks against the replica, or forbids to conclude; None when the contents are equal."""
    if seen.locality is Locality.LOST:
        return Judgement("missing", "the service says that the file is lost")
    if seen.locality in (Locality.UNAVAILABLE, Locality.UNKNOWN, Locality.NONE):
        return Judgement(None, f"the service says {seen.locality.value} of the file's locality")
    if seen.size != size:
        return Judgement("mismatch", f"{seen.size} bytes, {size} were expected")
    if seen.adler32 is None:
        return Judgement(None, "the size is right, but the service does not tell the adler32")
    if seen.adler32 != adler32:
        return Judgement("mismatch", f"adler32 {seen.adler32}, {adler32} was expected")
    return None


def _equal(seen: Observed, *, tape: bool, archiving: bool) -> Judgement:
    """Equal contents: where they are decides."""
    agree = f"size and adler32 agree (adler32 by {seen.how})"
    if tape and not seen.locality.on_tape:  # invariant 1: a buffer is not an archive
        if archiving:
            return Judgement(None, "still in the buffer only")
        return Judgement("verified_in_buffer", f"{agree}, in the buffer, not yet on tape")
    if archiving:
        if not tape:
            return Judgement(None, "archiving at an endpoint that is not tape: check its kind")
        return Judgement("on_tape", f"{agree}, on tape")
    if not tape and not seen.locality.readable:
        return Judgement(None, f"{agree}, but at a disk endpoint it is {seen.locality.value}: check its kind")
    return Judgement("verified", f"{agree}, {'on tape' if tape else 'on disk'}")


def evidence_of(size: int, adler32: Adler32, seen: Observation, *, at: datetime, source: str) -> Piece | None:
    """What the answer proves of a copy on tape; None: nothing, or the contrary.

    A size or checksum that the service does not tell leaves its word that the file is on tape (grade A); one
    that differs is no evidence of anything good.
    """
    if not isinstance(seen, Observed) or not seen.locality.on_tape or seen.size != size:
        return None
    if seen.adler32 is None:
        return Piece(Grade.A, at, source, "", size=seen.size, locality=seen.locality)
    if seen.adler32 != adler32:
        return None
    kept = seen.locality is Locality.NEARLINE and seen.how == "service"
    how = "kept" if kept else seen.how
    return Piece(Grade.B, at, source, how, "", seen.size, seen.adler32, seen.locality)


def destination_as_it_is(order: CopyOrder, seen: Observation) -> Outcome | None:
    """The outcome that the destination decides before a copy; None: there is nothing, copy.

    An equal file is adopted, any other one is left alone (invariant 4), and what cannot be seen is no reason
    to write there (invariant 5).
    """
    if isinstance(seen, Unknown):
        return Unknown(f"not copied, as the destination cannot be seen: {seen.text}")
    if isinstance(seen, Failed):
        if seen.code == FileMissing.code:
            return None
        return failed(FileExists, seen.text) if seen.code == Unsupported.code else seen
    if (seen.size, seen.adler32) == (order.size, order.adler32):
        return Done(adopted=True)
    if seen.size == order.size and seen.adler32 is None:
        return failed(FileExists, f"{order.path} exists, and the service does not tell its adler32")
    return failed(
        FileExists, other_contents(order.path, (seen.size, seen.adler32), (order.size, order.adler32))
    )


def other_contents(path: str, there: tuple[int, Adler32 | None], wanted: tuple[int, Adler32 | None]) -> str:
    """Why a file that exists is not the one that is to be there, with both sizes and checksums."""
    found, asked = (f"{size} bytes, adler32 {value or 'not told'}" for size, value in (there, wanted))
    return f"{path} exists with other contents: {found}; {asked} was to be there; it is not touched"


def not_this_file(size: int, adler32: Adler32 | None, seen: Observation | None) -> Failed | Unknown | None:
    """Why what is at a path must not be removed as this file; None: it has its bytes, or nothing is there.

    ``adler32`` None: nobody ever told it, and only the size is compared. What cannot be seen, or is not told,
    is no reason to remove (invariant 5).
    """
    match seen:
        case Observed() if seen.size != size:
            return failed(SizeMismatch, f"not removed: {seen.size} bytes are there, {size} were to go")
        case Observed() if adler32 is None:
            return None
        case Observed(adler32=None):
            return Unknown("not removed: the service does not tell the adler32 of what is there")
        case Observed() if seen.adler32 != adler32:
            text = f"not removed: adler32 {seen.adler32} is there, {adler32} was to go"
            return failed(ChecksumMismatch, text)
        case Observed() | Failed(code=FileMissing.code):
            return None
        case Failed():
            return seen
        case Unknown(text):
            return Unknown(f"not removed, as it cannot be seen: {text}")
        case _:
            return Unknown("not removed: the service did not mention the file when it was looked at")
