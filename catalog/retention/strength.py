"""On whose strength a copy may go: copies on tape of what was made from its file, or of the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from catalog.checksum import Adler32
from catalog.evidence import Grade, Piece, Settled, Wanted, settled, stale, sufficient
from catalog.retention.facts import Copy, Facts, FileFacts, Ground
from catalog.states import EndpointKind, HowVerified, ReplicaState


@dataclass(frozen=True, slots=True)
class Pillar:
    """A file that must be safe on tape, and the one copy on which it is judged; None: there is no copy."""

    file: FileFacts
    copy: Copy | None
    wanted: Wanted


def pillars(facts: Facts) -> Iterator[Pillar]:
    """What has to be safe on tape for the copy to go: none for grounds that do not ask for a tape."""
    if facts.ground is Ground.MERGED:
        for _, product in facts.line:
            if product.output is not None and product.within is None:
                yield _pillar(facts, product.output, product.tapes, product.wanted)
    elif facts.ground is Ground.ON_TAPE:
        yield _pillar(facts, facts.file, facts.others or (), facts.wanted)


def _pillar(facts: Facts, file: FileFacts, copies: tuple[Copy, ...], wanted: Wanted) -> Pillar:
    """Judged on one copy, for all rules the same: that of which most can be said, the first rules first."""
    tapes = [copy for copy in copies if copy.kind is EndpointKind.TAPE]
    return Pillar(file, max(tapes, key=lambda copy: _rank(facts, file, copy, wanted), default=None), wanted)


def _rank(facts: Facts, file: FileFacts, copy: Copy, wanted: Wanted) -> tuple[bool, ...]:
    return (
        copy.state is ReplicaState.AVAILABLE,
        elsewhere(copy, facts.copy),
        disagreement(file, copy, wanted) is None,
        proven(copy, wanted, facts.now),
        unsettled(copy, wanted, facts.now) is None,
        outdated(copy, wanted, facts.now) is None,
    )


def safe_on_tape(facts: Facts, file: FileFacts, copy: Copy, wanted: Wanted) -> bool:
    """Nothing at all speaks against that copy on tape."""
    return copy.kind is EndpointKind.TAPE and all(_rank(facts, file, copy, wanted))


def on_tape(facts: Facts) -> bool:
    """A copy of the file itself is safe on tape."""
    return any(safe_on_tape(facts, facts.file, copy, facts.wanted) for copy in facts.others or ())


def elsewhere(copy: Copy, other: Copy) -> bool:
    """Their bytes are at two places. Unknown places are not two."""
    if not copy.place or not other.place:
        return False
    return copy.place != other.place and (copy.endpoint, copy.path) != (other.endpoint, other.path)


def disagreement(file: FileFacts, copy: Copy, wanted: Wanted) -> str | None:
    """Where the evidence of a copy is not as the catalogue has the file; None: all of it agrees."""
    if file.size is None or file.adler32 is None:
        return "nobody knows its size and checksum"
    for piece in copy.evidence:
        if (found := _unlike(file.size, Adler32(file.adler32), piece, wanted)) is not None:
            return found
    return None


def _unlike(size: int, adler32: Adler32, piece: Piece, wanted: Wanted) -> str | None:
    if piece.size is not None and piece.size != size:
        return f"{piece.source} told {piece.size} bytes at {piece.taken_at:%F %T}, not {size}"
    if piece.adler32 is not None and piece.adler32 != adler32:
        return f"{piece.source} told adler32 {piece.adler32} at {piece.taken_at:%F %T}, not {adler32}"
    told = piece.size is not None and piece.adler32 is not None
    if not told and piece.grade.includes(wanted.repeated) and wanted.repeated.value > "a":
        return f"{piece.source} told no size or no checksum at {piece.taken_at:%F %T}"
    return None


def unsettled(copy: Copy, wanted: Wanted, now: datetime) -> str | None:
    """Why evidence that there is was not taken again yet, some time after the first; None: it was, or there
    is none at all."""
    if not proven(copy, wanted, now):
        return None
    found = settled(since_available(copy), wanted, now)
    return None if isinstance(found, Settled) else found.reason


def outdated(copy: Copy, wanted: Wanted, now: datetime) -> str | None:
    """Why the evidence that there is is too old; None: it is fresh, or there is none at all."""
    return stale(since_available(copy), wanted, now) if proven(copy, wanted, now) else None


def since_available(copy: Copy) -> tuple[Piece, ...]:
    """The pieces taken since the copy is AVAILABLE; those of before say nothing of it."""
    return tuple(piece for piece in copy.evidence if piece.taken_at >= copy.since)


def proven(copy: Copy, wanted: Wanted, now: datetime) -> bool:
    """There is at least one piece of the grade that is wanted."""
    pieces = sufficient(since_available(copy), wanted, now)
    return any(piece.grade.includes(wanted.grade) for piece in pieces)


def good_on_disk(facts: Facts, copy: Copy) -> bool:
    """Another copy on disk, in reach, compared lately (within the age of evidence), somewhere else.

    Where evidence of grade c is wanted, what a service says is not enough: every byte was read lately.
    """
    at = _read_at(copy) if facts.wanted.grade is Grade.C else copy.verified_at
    return (
        copy.kind is EndpointKind.DISK
        and copy.state is ReplicaState.AVAILABLE
        and copy.reachable
        and at is not None
        and facts.now - facts.wanted.age <= at <= facts.now
        and elsewhere(copy, facts.copy)
    )


def _read_at(copy: Copy) -> datetime | None:
    return copy.verified_at if copy.verified_how == HowVerified.READ else copy.read_at
