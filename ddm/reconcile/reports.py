"""What a report of a comparison says. Values, and the same as a JSON document: docs/reference/report.md.

Sizes are bytes, as the storage says, else as the catalogue says. A place is a path at an endpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ddm.reconcile.findings import Finding
from ddm.reconcile.kinds import DIFFERENCES, Kind
from ddm.reconcile.verdicts import Standing

VERSION = 1


@dataclass(frozen=True, slots=True)
class Amount:
    """Places and their bytes."""

    places: int = 0
    bytes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.places + other.places, self.bytes + other.bytes)


@dataclass(frozen=True, slots=True)
class Counted:
    """So much of an endpoint is of this kind and standing. ``expected``: places where the catalogue expects a
    copy."""

    endpoint: str
    kind: Kind
    standing: Standing
    expected: bool
    amount: Amount


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that was compared, and how far it is believed.

    ``expected``: copies that the catalogue expects below ``root``. ``earlier``: the scan that may confirm it.
    ``unread``: the first of the ``unread_directories``, which could not be read. ``remarks``: why not all can
    be declared or was compared. ``accepted``: why a person lets more be declared than the brake does.
    """

    scan: int
    endpoint: str
    root: str
    source: str
    name: str
    begun_at: datetime
    ended_at: datetime
    files: Amount
    expected: int
    whole: bool
    earlier: int | None
    unread_directories: int
    unread: tuple[str, ...]
    remarks: tuple[str, ...]
    accepted: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A scan, newer than those compared, that is not compared: it was refused, stopped, or still goes on."""

    scan: int
    endpoint: str
    root: str
    source: str
    state: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Point:
    """What one comparison said of an endpoint; ``files``: in the list."""

    comparison: int
    at: datetime
    files: int
    kinds: Mapping[Kind, Amount]

    def places(self, kind: Kind) -> int:
        return self.kinds.get(kind, Amount()).places

    @property
    def differences(self) -> Amount:
        return total(amount for kind, amount in self.kinds.items() if kind in DIFFERENCES)


@dataclass(frozen=True, slots=True)
class Trend:
    """What is below ``root`` at an endpoint, through time. ``points``: its comparisons, the oldest first."""

    endpoint: str
    root: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """The differences of a run, or in a directory and below it. ``of``: which; None, several or none.
    ``endpoint``: None, they are of all. ``confirmed``: places of these that may be declared."""

    endpoint: str | None
    of: int | str | None
    amount: Amount
    confirmed: int
    kinds: Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class Shares:
    """The largest shares, the rest (of directories, for each endpoint), and what belongs to none: together
    they are all differences. ``groups``: how many runs or directories there are differences in."""

    largest: tuple[Share, ...]
    rest: tuple[Share, ...]
    unknown: tuple[Share, ...]
    groups: int


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be done: why, and the command, which may have nothing to fill in but names of files."""

    why: str
    command: str


@dataclass(frozen=True, slots=True)
class Report:
    """``after_at``: of when the catalogue is that was compared. ``findings``: the file with a row for each
    place that is not consistent."""

    comparison: int
    made_at: datetime
    made_by: str
    after_at: datetime
    findings: str
    counts: tuple[Counted, ...]
    lists: tuple[Listed, ...]
    refused: tuple[Refused, ...]
    trends: tuple[Trend, ...]
    runs: Shares
    directories: Shares
    examples: tuple[Finding, ...]
    steps: tuple[Next, ...]

    def amount(self, *kinds: Kind, standing: Standing | None = None) -> Amount:
        """How much is of these kinds, of this standing if one is given."""
        return total(
            one.amount
            for one in self.counts
            if one.kind in kinds and (standing is None or one.standing is standing)
        )


def total(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, Amount())


# ------------------------------------------------------------------------------------------- the document
def document(report: Report) -> dict[str, Any]:
    """The report in JSON's words: names of kinds and standings as people read them, times in ISO 8601."""
    return {
        "version": VERSION,
        "comparison": report.comparison,
        "made_at": report.made_at.isoformat(),
        "made_by": report.made_by,
        "after_at": report.after_at.isoformat(),
        "findings": report.findings,
        "totals": {
            "consistent": _amount(report.amount(Kind.CONSISTENT)),
            "in_flight": _amount(report.amount(Kind.IN_FLIGHT)),
            "unreadable": _amount(report.amount(Kind.UNREADABLE)),
            "differences": _amount(report.amount(*DIFFERENCES)),
            **{
                standing.name.lower(): _amount(report.amount(*DIFFERENCES, standing=standing))
                for standing in Standing
                if standing is not Standing.NOTHING
            },
        },
        "counts": [
            {
                "endpoint": one.endpoint,
                "kind": str(one.kind),
                "standing": str(one.standing),
                "expected": one.expected,
                **_amount(one.amount),
            }
            for one in report.counts
        ],
        "lists": [_listed(one) for one in report.lists],
        "refused": [
            {
                "scan": one.scan,
                "endpoint": one.endpoint,
                "root": text(one.root),
                "source": one.source,
                "state": one.state,
                "since": one.since.isoformat(),
                "reason": one.reason,
            }
            for one in report.refused
        ],
        "trends": [
            {
                "endpoint": trend.endpoint,
                "root": text(trend.root),
                "points": [_point(point) for point in trend.points],
            }
            for trend in report.trends
        ],
        "runs": _shares(report.runs, "run"),
        "directories": _shares(report.directories, "directory"),
        "examples": [_example(one) for one in report.examples],
        "next": [{"why": one.why, "command": one.command} for one in report.steps],
    }


def text(value: str) -> str:
    """A name for JSON; a byte that is no UTF-8 is written out."""
    return value.encode("utf-8", "backslashreplace").decode()


def _amount(amount: Amount) -> dict[str, int]:
    return {"places": amount.places, "bytes": amount.bytes}


def _listed(one: Listed) -> dict[str, Any]:
    return {
        "scan": one.scan,
        "endpoint": one.endpoint,
        "root": text(one.root),
        "source": one.source,
        "name": text(one.name),
        "begun_at": one.begun_at.isoformat(),
        "ended_at": one.ended_at.isoformat(),
        "files": one.files.places,
        "bytes": one.files.bytes,
        "expected": one.expected,
        "whole": one.whole,
        "earlier_scan": one.earlier,
        "unread_directories": one.unread_directories,
        "unread": [text(path) for path in one.unread],
        "remarks": list(one.remarks),
        "accepted": one.accepted or None,
    }


def _point(point: Point) -> dict[str, Any]:
    kinds = {str(kind): _amount(amount) for kind, amount in sorted(point.kinds.items())}
    return {
        "comparison": point.comparison,
        "at": point.at.isoformat(),
        "files": point.files,
        "kinds": kinds,
    }


def _shares(shares: Shares, word: str) -> dict[str, Any]:
    def told(found: Sequence[Share]) -> list[dict[str, Any]]:
        return [
            {
                "endpoint": one.endpoint,
                word: one.of,
                **_amount(one.amount),
                "confirmed": one.confirmed,
                "kinds": {str(kind): places for kind, places in sorted(one.kinds.items())},
            }
            for one in found
        ]

    return {
        "groups": shares.groups,
        "largest": told(shares.largest),
        "rest": told(shares.rest),
        "unknown": told(shares.unknown),
    }


def _example(one: Finding) -> dict[str, Any]:
    def digits(adler32: int | None) -> str | None:
        return None if adler32 is None else f"{adler32:08x}"

    return {
        "endpoint": one.endpoint,
        "kind": str(one.kind),
        "standing": str(one.standing),
        "path": one.path,
        "lfn": one.lfn,
        "run": one.run,
        "dataset": one.dataset,
        "state": one.state,
        "size": one.size,
        "adler32": digits(one.adler32),
        "seen_size": one.seen_size,
        "seen_adler32": digits(one.seen_adler32),
        "other": one.other,
        "said": one.said,
        "since": one.since and one.since.isoformat(),
        "first_seen": one.first_seen.isoformat(),
    }
