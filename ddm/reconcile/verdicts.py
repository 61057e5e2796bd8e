"""When a difference may be declared: pure. Nothing is, of a scan that is not whole, or when there is too
much.

A kind is what one comparison saw. It becomes a declaration only if the scan was whole, if an earlier scan,
at least ``apart`` before, said the same of the same place, and if what would be declared of the endpoint
stays below a fraction: a door that serves an empty directory, or a list of another endpoint, looks like a
disaster, and is believed only when a person says so.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    it is; None, it does not say.
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


@dataclass(frozen=True, slots=True)
class Limits:
    """``garbage``, ``outside``: fractions of lines above which a list is not believed at all. ``brake``:
    fraction of the files expected (or seen, of dark ones) above which nothing is declared; ``few`` are
    always allowed. ``apart``: time between two scans that confirm each other. ``window``: how old a scan
    may be."""

    garbage: float = 0.1
    outside: float = 0.01
    brake: float = 0.02
    few: int = 10
    apart: timedelta = timedelta(days=1)
    window: timedelta = timedelta(days=30)


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
            f"{reading.outside} of {reading.lines} names are not below the prefix of {reading.endpoint}: "
            "it is of another endpoint, or its prefix is to be given"
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


def gaps(reading: Reading) -> tuple[str, ...]:
    """Why absence from a list says nothing; empty if the list is whole."""
    found = []
    if not reading.whole:
        found.append("it is cut off, or its end was not seen")
    if reading.garbled:
        found.append(f"{reading.garbled} lines do not say of which file they are")
    return tuple(found)


class Standing(StrEnum):
    """What a difference is worth."""

    SEEN_ONCE = "seen once"
    CONFIRMED = "confirmed"
    NOT_WHOLE = "scan not whole"
    BRAKED = "too many"


@dataclass(frozen=True, slots=True)
class Brake:
    """The kinds that are held back at an endpoint, each with the sentence that says why."""

    held: Mapping[Kind, str] = field(default_factory=dict)


def brake(counts: Mapping[Kind, int], expected: int, present: int, limits: Limits) -> Brake:
    """Which kinds are too many of what is ``expected`` (or, of what nobody expects, ``present``) there.

    Kinds that rest on absence are added up: a thousand files are no fewer because half of them are on tape.
    """
    held: dict[Kind, str] = {}
    lacking = sum(counts.get(kind, 0) for kind in LACKING)
    unexpected = {Kind.DUPLICATE, Kind.STALE, Kind.DEBRIS, Kind.DARK}
    for kind in sorted(DIFFERENCES):
        count = lacking if kind in LACKING else counts.get(kind, 0)
        of = present if kind in unexpected else expected
        if counts.get(kind, 0) and count > max(limits.few, limits.brake * of):
            what = "missing" if kind in LACKING else str(kind)
            held[kind] = f"{count} of {of} {what}: more than {limits.brake:.1%}"
    return Brake(held)


def standing(
    kind: Kind, *, before: Kind | None, apart: timedelta, whole: bool, brake: Brake, limits: Limits
) -> Standing:
    """What a difference of this kind is worth. ``before``: what the earlier scan said of the place."""
    if kind in LACKING and not whole:
        return Standing.NOT_WHOLE
    if kind in brake.held:
        return Standing.BRAKED
    if before is kind and apart >= limits.apart:
        return Standing.CONFIRMED
    return Standing.SEEN_ONCE
