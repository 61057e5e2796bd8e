"""When a difference may be declared: pure. Nothing is, of a scan that is not whole, or when there is too
much.

A kind is what one comparison saw. It becomes a declaration only if the scan was whole, if an earlier scan,
at least ``apart`` before, said the same of the same place, and if what would be declared of the endpoint
stays below a fraction: a door that serves an empty directory, or a list of another endpoint, looks like a
disaster, and is believed only when a person says so.

1. Of a list whose end was not seen nothing is declared.
2. A line that nobody can read hides one file at most. It speaks against the absence of those files that it
   may be about (``hides``), not of all.
3. A directory that could not be read says nothing of what is below it, and all of the rest may be declared.
4. What confirms must have said the same of the same place, while nothing happened to the copy, and every
   comparison in between said it too: what comes and goes is trouble of the storage, not a loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ddm.reconcile.kinds import DIFFERENCES, LACKING, Kind


@dataclass(frozen=True, slots=True)
class Reading:
    """How a list was read. ``begun``, ``ended``: when the storage was looked at.

    ``lines``: all that were given, of which ``outside`` are not of this endpoint (no path of its prefix),
    ``named`` could not be taken but say of which file they are, ``garbled`` do not. ``unread``: directories
    that could not be read. ``whole``: the list came to its end. ``marker``: the list says of which endpoint
    it is; None, it does not say. ``prefix``: what its names are to begin with, ``stray``: one that does not.
    """

    endpoint: str
    begun: datetime
    ended: datetime
    lines: int
    outside: int = 0
    named: int = 0
    garbled: int = 0
    unread: tuple[str, ...] = ()
    whole: bool = True
    marker: str | None = None
    prefix: str = ""
    stray: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """``garbage``, ``outside``: fractions of lines above which a list is not believed at all. ``brake``:
    fraction of the files expected (or seen, of dark ones) above which nothing is declared; ``few`` are
    always allowed. ``apart``: time between two scans that confirm each other. ``window``: how old a scan
    may be. ``margin``: by how much clocks of different machines may differ."""

    garbage: float = 0.1
    outside: float = 0.01
    brake: float = 0.02
    few: int = 10
    apart: timedelta = timedelta(days=1)
    window: timedelta = timedelta(days=30)
    margin: timedelta = timedelta(hours=1)


def disbelief(reading: Reading, asked: datetime, now: datetime, limits: Limits) -> tuple[str, ...]:
    """Why a list is not to be compared at all; empty if it may be. ``asked``: the catalogue before it."""
    lines = max(reading.lines, 1)
    found = []
    if reading.marker is not None and reading.marker != reading.endpoint:
        found.append(f"it says that it is of {reading.marker}, not of {reading.endpoint}")
    if reading.lines == 0:
        found.append("it is empty: an endpoint without a file is not believed")
    if reading.outside > limits.outside * lines:
        found.append(
            f"{reading.outside} of {reading.lines} names are not below the prefix of {reading.endpoint}"
            f"{_stray(reading)}: it is of another endpoint, or its prefix is to be given with --prefix"
        )
    if reading.named + reading.garbled > limits.garbage * lines:
        found.append(f"{reading.named + reading.garbled} of {reading.lines} lines cannot be read")
    if reading.ended < reading.begun:
        found.append("it ends before it begins")
    if reading.begun < asked:
        found.append(
            "it is older than the catalogue it is compared with: what was registered since looks lost"
        )
    if now - reading.ended > limits.window:
        found.append(f"it is older than {limits.window.days} days")
    return tuple(found)


def _stray(reading: Reading) -> str:
    where = f", {reading.prefix}" if reading.prefix else ""
    return f"{where}, such as that of '{reading.stray[:_STRAY]}'" if reading.stray else where


def gaps(reading: Reading) -> tuple[str, ...]:
    """Why absence from a list says nothing of some files, or of any; empty if the list is whole."""
    found = []
    if not reading.whole:
        found.append("it is cut off, or its end was not seen")
    if reading.garbled:
        found.append(f"{reading.garbled} lines do not say of which file they are")
    return tuple(found)


_STRAY = 150  # characters of a name outside that are shown
READABLE = 200
"""So many garbled lines are held against the names of missing files; more hide any of them."""
LONGEST = 300  # characters of a line that a list keeps: see ddm.reconcile.dumps
_SHARED = 5  # characters in a row that a name and what is left of a line about it have in common, at least


def traces(lines: Sequence[str]) -> frozenset[str] | None:
    """What is left in lines that nobody can read, for ``hides``. None: they may be about any file.

    A line of plain text that is complete, such as a warning between the others, is about none but those
    whose names it shares characters with. Whatever looks spoiled may be about anything.
    """
    found: set[str] = set()
    for line in lines:
        if len(line) >= LONGEST or not line.strip() or not (line.isascii() and line.isprintable()):
            return None
        found |= _pieces(line)
    return frozenset(found) if len(lines) <= READABLE else None


def hides(left: frozenset[str] | None, path: str) -> bool:
    """Whether one of the lines may be what became of a line about this path: its base name has five
    characters in a row with one of them."""
    if left is None:
        return True
    name = path.rpartition("/")[2]
    return bool(left) and (len(name) < _SHARED or not left.isdisjoint(_pieces(name)))


def _pieces(text: str) -> set[str]:
    return {text[at : at + _SHARED] for at in range(len(text) - _SHARED + 1)}


class Standing(StrEnum):
    """What a finding is worth."""

    NOTHING = "nothing to declare"
    SEEN_ONCE = "seen once"
    CONFIRMED = "confirmed"
    NOT_WHOLE = "scan not whole"
    BRAKED = "too many"


WORTH: Mapping[Standing, str] = {
    Standing.NOTHING: "no difference, or one that a request, a job or the time of the scan explains",
    Standing.SEEN_ONCE: "a difference; a second scan must see it before anything is done about it",
    Standing.CONFIRMED: "two scans apart in time saw it and nothing happened in between: it can be acted on",
    Standing.NOT_WHOLE: "the list is not whole, or a line that cannot be read may be about it",
    Standing.BRAKED: "there are so many at this endpoint that the list, or the storage, is doubted first",
}
CONFIRMING = frozenset({Standing.SEEN_ONCE, Standing.CONFIRMED})
"""Standings of an earlier finding that a later one may rest on."""


@dataclass(frozen=True, slots=True)
class Brake:
    """The kinds that are held back at an endpoint, each with the sentence that says why."""

    held: Mapping[Kind, str] = field(default_factory=dict)


UNKNOWN = frozenset({Kind.DARK, Kind.UNREGISTERED})
"""Kinds of files that our catalogue does not know: whether the raw one was asked changes nothing of that."""

UNEXPECTED = frozenset({Kind.DUPLICATE, Kind.STALE, Kind.DEBRIS}) | UNKNOWN
"""Kinds of what nobody expects: too many of what is there, not of what is expected."""


def brake(counts: Mapping[Kind, int], expected: int, present: int, limits: Limits) -> Brake:
    """Which kinds are too many of what is ``expected`` (or, of what nobody expects, ``present``) there.

    Kinds that rest on absence are added up: a thousand files are no fewer because half of them are on tape.
    So are those that we do not know.
    """
    held: dict[Kind, str] = {}
    for kind in sorted(DIFFERENCES):
        group = next((some for some in (LACKING, UNKNOWN) if kind in some), {kind})
        count = sum(counts.get(each, 0) for each in group)
        of = present if kind in UNEXPECTED else expected
        if counts.get(kind, 0) and count > max(limits.few, limits.brake * of):
            what = "missing" if kind in LACKING else str(Kind.DARK if kind in UNKNOWN else kind)
            held[kind] = f"{count} of {of} {what}: more than {limits.brake:.1%}"
    return Brake(held)


def standing(kind: Kind, *, seen_before: bool, whole: bool, hidden: bool, brake: Brake) -> Standing:
    """What a finding of this kind is worth.

    ``seen_before``: an earlier scan that may confirm it said the same of the same place, and nothing happened
    in between. ``hidden``: a line that nobody can read may be about this place.
    """
    if kind not in DIFFERENCES:
        return Standing.NOTHING
    if not whole or (hidden and kind in LACKING):
        return Standing.NOT_WHOLE
    if kind in brake.held:
        return Standing.BRAKED
    return Standing.CONFIRMED if seen_before else Standing.SEEN_ONCE


# ------------------------------------------------------------------------------------------ what confirms
@dataclass(frozen=True, slots=True)
class Looked:
    """A scan of an endpoint below a root, in a comparison that is DONE; ``whole`` and believed."""

    comparison: int
    scan: int
    root: str
    begun: datetime
    ended: datetime


def earlier_of(now: Looked, known: Sequence[Looked], limits: Limits) -> Looked | None:
    """What may confirm the differences of a scan: the newest comparison on a scan of the same endpoint that
    ended at least ``apart`` before this one began; of all below its root, if there is one."""
    apart = [one for one in known if one.scan != now.scan and now.begun - one.ended >= limits.apart]
    sharing = [one for one in apart if one.root.startswith(now.root) or now.root.startswith(one.root)]
    covering = [one for one in sharing if now.root.startswith(one.root)]
    return max(covering or sharing, key=lambda one: (one.begun, one.comparison), default=None)


def between(earlier: Looked, now: Looked, known: Sequence[Looked]) -> list[Looked]:
    """Comparisons on scans between the two: they must have seen the same below their roots."""
    return [
        one
        for one in known
        if one.scan not in (now.scan, earlier.scan) and earlier.begun <= one.begun < now.begun
    ]
