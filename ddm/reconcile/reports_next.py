"""What a report says is to be done next, and with which command. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import timedelta

from catalog.states import ScanSource, ScanState
from ddm.reconcile.kinds import DIFFERENCES
from ddm.reconcile.reports import Counted, Listed, Next, Refused
from ddm.reconcile.verdicts import Standing


def steps(
    comparison: int,
    counts: Sequence[Counted],
    lists: Sequence[Listed],
    refused: Sequence[Refused],
    apart: timedelta,
) -> tuple[Next, ...]:
    """In the order in which they are worth doing. ``apart``: between two scans that confirm each other."""
    return (
        *_lists(lists, refused),
        *(step for one in lists for step in _held(one, counts)),
        *_confirmed(comparison, counts),
        *(step for one in lists for step in _once(one, counts, apart)),
    )


def _places(counts: Sequence[Counted], standing: Standing, endpoint: str | None = None) -> str:
    """``3 differences at eos``; empty if there is none."""
    places = sum(
        one.amount.places
        for one in counts
        if one.standing is standing and one.kind in DIFFERENCES and endpoint in (None, one.endpoint)
    )
    if not places:
        return ""
    return f"{places} {'difference' if places == 1 else 'differences'}" + (
        f" at {endpoint}" if endpoint else ""
    )


def scan_of(one: Listed | Refused) -> str:
    """The command that looks at the same storage once more."""
    if one.source == ScanSource.DUMP:
        return shlex.join(["ddm", "reconcile", "scan", one.endpoint, "--dump", "FILE"])
    below = [one.root] if one.root != "/" else []
    return shlex.join(["ddm", "reconcile", "scan", one.endpoint, *below])


def _lists(lists: Sequence[Listed], refused: Sequence[Refused]) -> Iterator[Next]:
    """What could not be looked at, or was not believed: nothing else is sure before that."""
    for scan in refused:
        match scan.state:
            case ScanState.STOPPED | ScanState.GOING:
                end = "was stopped" if scan.state == ScanState.STOPPED else "goes on, or was killed"
                why = f"scan {scan.scan} of {scan.endpoint} {end}"
                yield Next(why, f"ddm reconcile scan --resume {scan.scan}")
            case _:
                yield Next(f"scan {scan.scan} of {scan.endpoint} is not believed", scan_of(scan))
    for one in lists:
        if not one.whole:
            yield Next(f"the list of {one.endpoint} is not whole: nothing in it is declared", scan_of(one))
        if one.unread_directories:
            what = "directory" if one.unread_directories == 1 else "directories"
            why = f"{one.unread_directories} {what} of {one.endpoint} could not be read; when they can"
            yield Next(why, scan_of(one))


def _held(one: Listed, counts: Sequence[Counted]) -> Iterator[Next]:
    places = _places(counts, Standing.BRAKED, one.endpoint)
    if places:
        why = f"{places} are too many to believe; when you have looked, and they are true"
        command = ["ddm", "reconcile", "compare", str(one.scan), "--accept", one.endpoint, "--reason", "WHY"]
        yield Next(why, shlex.join(command))


def _confirmed(comparison: int, counts: Sequence[Counted]) -> Iterator[Next]:
    places = _places(counts, Standing.CONFIRMED)
    if places:
        command = f"ddm reconcile plan {comparison} --out repair.txt"
        yield Next(f"{places} confirmed: propose what to do", command)


def _once(one: Listed, counts: Sequence[Counted], apart: timedelta) -> Iterator[Next]:
    places = _places(counts, Standing.SEEN_ONCE, one.endpoint)
    if places:
        begin = one.ended_at + apart
        why = f"{places} seen once: a scan after {begin:%Y-%m-%d %H:%M} UTC, compared, confirms them or not"
        yield Next(why, scan_of(one))
