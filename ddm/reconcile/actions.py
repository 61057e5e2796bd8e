"""What may be done about each kind of difference, and whether a line still is as it was planned: pure.

1. A kind has an action that is proposed, or none; and actions that a person may choose instead. No other is
   ever taken.
2. Nothing is proposed for what is not confirmed, and nothing may be chosen for it either.
3. Before a line acts it is looked at again: the copy as the catalogue has it, then the place as its storage
   tells. What neither says clearly is left, and the line stays open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.checksum import Adler32
from catalog.model import KnownCopy, RepairLine
from catalog.states import Locality, RepairAct, RepairOutcome, ReplicaState
from ddm.reconcile.kinds import Kind
from ddm.reconcile.textscreen import MARK
from ddm.reconcile.verdicts import Standing
from transfers.errors import FileMissing
from transfers.model import Failed, Observation, Observed, Unknown
from transfers.verify import judge, not_this_file

A, K, R = RepairAct, Kind, ReplicaState

PROPOSED: Mapping[Kind, RepairAct] = {
    K.SIZE: A.REVERIFY,
    K.CHECKSUM: A.REVERIFY,
    K.DISK_ONLY: A.REARCHIVE,
    K.TAPE_ONLY: A.RECALL,
    K.WRONG_PLACE: A.ADOPT,
    K.LOST: A.LOST,
    K.RETURNED: A.ADOPT,
    K.DEBRIS: A.TRASH,
}
"""What is proposed. Of the other kinds (dark, not registered, duplicate, stale, unreadable) nobody
should do anything before a person has looked."""

POSSIBLE: Mapping[Kind, tuple[RepairAct, ...]] = {
    K.SIZE: (A.REVERIFY,),
    K.CHECKSUM: (A.REVERIFY,),
    K.DISK_ONLY: (A.REARCHIVE, A.LOST, A.REVERIFY),
    K.TAPE_ONLY: (A.RECALL, A.LOST, A.REVERIFY),
    K.WRONG_PLACE: (A.ADOPT, A.LOST, A.REVERIFY),
    K.LOST: (A.LOST, A.REVERIFY),
    K.RETURNED: (A.ADOPT,),
    K.DEBRIS: (A.TRASH,),
    K.STALE: (A.TRASH,),
    K.UNREGISTERED: (A.ADOPT,),  # it has an owner: not ours to throw away
    K.DARK: (A.ADOPT, A.TRASH),
    K.DUPLICATE: (A.REVERIFY, A.TRASH),
}

LOSABLE = frozenset({R.UNVERIFIED, R.ARCHIVING, R.AVAILABLE, R.SUSPECT})
"""States of a copy that can be found to be missing."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A place that a comparison found, and what may be done about it.

    ``act`` None: nothing is proposed. ``possible`` empty: nothing may be done. ``size``, ``adler32``: of the
    file, or as scanned if nobody knows it. ``other``: the place at the same endpoint that belongs to it.
    ``why``: in words, for the person who reads it.
    """

    number: int
    kind: Kind
    endpoint: str
    path: str
    act: RepairAct | None
    possible: tuple[RepairAct, ...]
    why: str
    replica_id: int | None = None
    state: str | None = None
    since: datetime | None = None
    size: int | None = None
    adler32: int | None = None
    other: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether the catalogue has a copy there."""
        return self.replica_id is not None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a plan is made with. ``debris_before``: debris that was seen first after that is too young;
    ``adoptable``: a dataset was named for files that nobody knows."""

    debris_before: datetime
    adoptable: bool


def possible(
    kind: Kind,
    standing: Standing,
    state: str | None,
    seen: tuple[int | None, int | None],
    path: str,
    *,
    adoptable: bool = True,
) -> tuple[tuple[RepairAct, ...], str]:
    """What may be done about a place, and why not more. ``state``: of its copy; None: it is nobody's.

    ``seen``: size and adler32 as scanned.
    """  # fmt: skip
    if standing is not Standing.CONFIRMED:
        return (), f"{standing}: another scan has to say so"
    if MARK in path or (not path.isascii() and _is_broken(path)):
        return (), "its name is no text that can be sent to a storage"
    acts = POSSIBLE.get(kind, ())
    if state is None:
        return _of_nobody(kind, acts, seen, adoptable)
    if kind is K.RETURNED:
        return (acts, "") if state == R.LOST else ((), f"it is {state}")
    if state == R.BAD:
        return (), "it is known to be bad: see 'ddm trash add'"
    if state not in LOSABLE:
        return (), f"it is {state}: nothing is to be done now"
    return tuple(act for act in acts if act is not A.TRASH), ""


def _is_broken(path: str) -> bool:
    return any(0xD800 <= ord(char) <= 0xDFFF for char in path)


def _of_nobody(
    kind: Kind, acts: tuple[RepairAct, ...], seen: tuple[int | None, int | None], adoptable: bool
) -> tuple[tuple[RepairAct, ...], str]:
    size, adler32 = seen
    if kind is K.WRONG_PLACE:
        return (), "goes with the line of the place where it is expected"
    may: list[RepairAct] = []
    lacking: list[str] = []
    if kind is K.UNREGISTERED:
        lacking.append(
            "'ddm file register' registers it; 'ddm reconcile catalogues raw LIST' tells all that are not"
        )
    for act in acts:
        if act is A.ADOPT and not adoptable:
            lacking.append("to adopt it, make the plan with --dataset")
        elif act is A.TRASH and (size is None or (adler32 is None and kind is not K.DEBRIS)):
            lacking.append("to trash it, its adler32 must be known: plan with --checksums")
        elif act in (A.ADOPT, A.TRASH):
            may.append(act)
    return tuple(may), "; ".join(lacking)


def proposed(
    kind: Kind, may: tuple[RepairAct, ...], first_seen: datetime | None, given: Circumstances
) -> tuple[RepairAct | None, str]:
    """What is proposed of what may be done, and why nothing is."""
    act = PROPOSED.get(kind)
    if act not in may:
        return None, ""
    if kind is K.DEBRIS and (first_seen is None or first_seen > given.debris_before):
        return None, "too young to be trashed"
    return act, ""


# ----------------------------------------------------------------------------------- looking again
@dataclass(frozen=True, slots=True)
class Do:
    """It is as planned. ``event``: of the copy, where there is a choice."""

    event: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """It is left. ``outcome`` None: nobody could tell; the line stays open."""

    outcome: RepairOutcome | None
    reason: str


Verdict = Do | Leave
O = RepairOutcome  # noqa: E741

_ENDS: Mapping[RepairAct, frozenset[str]] = {
    A.LOST: frozenset({R.LOST}),
    A.RECALL: frozenset({R.LOST}),
    A.REARCHIVE: frozenset({R.LOST, R.DELETED}),
    A.REVERIFY: frozenset({R.SUSPECT, R.UNVERIFIED}),
    A.ADOPT: frozenset({R.UNVERIFIED}),
    A.TRASH: frozenset(),
}


def unchanged(line: RepairLine, now: KnownCopy | None) -> Leave | None:
    """None if the copy is as it was when it was compared; else why the line is left."""
    if line.replica_id is None:
        return None
    if now is None:
        return Leave(O.CHANGED, "the catalogue does not have this copy")
    if now.endpoint != line.endpoint or now.path != line.path:
        return Leave(O.CHANGED, f"it is at {now.endpoint}:{now.path} now")
    if now.state == line.state and now.since == line.changed_at:
        return None
    if now.state in _ENDS[line.act] and now.state != line.state:
        return Leave(O.ALREADY, f"it is {now.state} already")
    since = "" if now.state != line.state else f" since {now.since:%F %T}"
    return Leave(O.CHANGED, f"it is {now.state} now{since}")


def seen_again(line: RepairLine, now: KnownCopy | None, place: Observation, other: Observation) -> Verdict:
    """What to do now that the storage was asked about the place, and about the one that belongs to it."""
    match line.act:
        case A.LOST | A.RECALL | A.REARCHIVE:
            return absent(place)
        case A.REVERIFY if now is not None:
            return _doubtful(now, place)
        case A.ADOPT if now is not None and line.kind == K.RETURNED:
            return _returned(now, place)
        case A.ADOPT if now is not None and line.kind == K.WRONG_PLACE:
            return _elsewhere(now, place, other)
        case A.ADOPT if now is None:
            return _as_scanned(line, place)
        case A.TRASH if now is None:
            return _as_scanned(line, place)
    return Leave(O.REFUSED, f"'{line.act}' is not for {line.kind}")


def absent(place: Observation) -> Verdict:
    """Only the word of the storage that the file is not there makes it lost (invariant 5)."""
    match place:
        case Failed(code=FileMissing.code, text=text):
            return Do("missing", text)
        case Observed(locality=Locality.LOST):
            return Do("missing", "the service says that the file is lost")
        case Observed(size=size):
            return Leave(O.DIFFERS, f"it is there: {size} bytes")
    return _silent(place)


def _silent(place: Observation) -> Leave:
    match place:
        case Failed(code=code, text=text) if code != FileMissing.code:
            return Leave(None, f"{code}: {text}")
        case Unknown(text):
            return Leave(None, f"the answer cannot be read: {text}")
    return Leave(O.DIFFERS, "it is not there")


def _doubtful(now: KnownCopy, place: Observation) -> Verdict:
    """Whatever it is now is found out by comparing; only what is seen to be right is left alone."""
    match place:
        case Observed(size=size, adler32=adler32) if size == now.size and adler32 == now.adler32:
            return Leave(O.DIFFERS, "its size and adler32 are right now")
        case Observed(size=size, adler32=adler32):
            return Do("doubted", f"the storage says {size} bytes, adler32 {adler32 or 'not told'}")
        case Failed(code=FileMissing.code):
            return Do("doubted", "the storage says that it is not there")
    return _silent(place)


def _compared(now: KnownCopy, place: Observation) -> Verdict:
    """Whether the very file is there."""
    if now.size is None or now.adler32 is None:
        return Leave(O.REFUSED, "nobody knows what its size and adler32 should be")
    found = judge(now.size, Adler32(now.adler32), place, tape=now.tape)
    if found.event in ("verified", "verified_in_buffer"):
        return Do("found", found.reason)
    if found.event in ("mismatch", "missing"):
        return Leave(O.DIFFERS, found.reason)
    return Leave(None, found.reason)


def _returned(now: KnownCopy, place: Observation) -> Verdict:
    """Of a size that is right; its bytes are compared before anybody reads it."""
    match place:
        case Observed(locality=Locality.LOST):
            return Leave(O.DIFFERS, "the service says that the file is lost")
        case Observed(size=size) if now.size is not None and size != now.size:
            return Leave(O.DIFFERS, f"{size} bytes are there, {now.size} were expected")
        case Observed():
            return Do("found", "it is there again")
    return _silent(place)


def _elsewhere(now: KnownCopy, place: Observation, other: Observation) -> Verdict:
    """It is at another place only if it is not at its own, and if the bytes there are those of the file."""
    gone = absent(place)
    return _compared(now, other) if isinstance(gone, Do) else gone


def _as_scanned(line: RepairLine, place: Observation) -> Verdict:
    """A file that nobody knows, only if it still is what a person signed for."""
    if line.size is None:
        return Leave(O.REFUSED, "its size was not scanned")
    if line.act is A.TRASH and isinstance(place, Failed) and place.code == FileMissing.code:
        return Leave(O.ALREADY, "it is not there any more")
    if line.adler32 is None or line.act is A.ADOPT:
        match place:
            case Observed(size=size) if size != line.size:
                return Leave(O.DIFFERS, f"{size} bytes are there, {line.size} were scanned")
            case Observed(adler32=adler32) if None not in (adler32, line.adler32) and adler32 != line.adler32:
                return Leave(
                    O.DIFFERS, f"adler32 {adler32} is there, {Adler32(line.adler32 or 0)} was scanned"
                )
            case Observed():
                return Do()
        return _silent(place)
    match not_this_file(line.size, Adler32(line.adler32), place):
        case None:
            return Do()
        case Failed(code=code, text=text) if code in ("size_mismatch", "checksum_mismatch"):
            return Leave(O.DIFFERS, text)
        case Failed(text=text) | Unknown(text):
            return Leave(None, text)
