"""What explains a place, in words; and what it is after all, once the catalogue was asked about it. Pure.

1. Absence is explained while a copy to the place, or its removal, is under way, or while it waits for its
   tape: a list of what is on tape does not have it yet.
2. A temporary name is no debris while something is being copied into its directory.
3. What an attempt left is debris once its job is over: until then it may still run. Of a merge that was
   withdrawn it is a stale part. An attempt of a job that nobody knows is no debris of ours: another catalogue
   may write there.
4. What has an entry under another endpoint's name is not dark.
5. A copy that something happened to since the storage was looked at explains itself, whatever the list says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.db.attempts import OVER
from catalog.db.comparelook import CopyFacts, Going, JobFacts
from catalog.states import REPLICA, ReplicaState, RequestKind
from ddm.reconcile.kinds import DIFFERENCES, LACKING, Kind

_LABEL = re.compile(r"/(j([0-9]{1,18})a([0-9]{1,9}))/[^/]+\Z")
_MOVING = (RequestKind.COPY, RequestKind.REMOVE)


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue says of a place. ``copy``: the one that was expected there, else the one that was
    there last; ``changed``: something happened to it during the scan, or since. ``going``: what is under way
    with it. ``job``: of the attempt in the path. ``written``:
    something was being copied into its directory. ``elsewhere``: an entry under another name of the same
    place. ``due``: from when the flow may remove it as debris; ``sent``: it was asked to."""

    copy: CopyFacts | None = None
    changed: bool = False
    going: Sequence[Going] = ()
    job: JobFacts | None = None
    written: bool = False
    elsewhere: str = ""
    due: datetime | None = None
    sent: bool = False


def attempt_of(path: str) -> tuple[str, int, int] | None:
    """Label, job and number of the attempt that a path says it is of."""
    found = _LABEL.search(path)
    return (found[1], int(found[2]), int(found[3])) if found else None


def refined(kind: Kind, path: str, state: str | None, known: Known) -> Kind:
    """What a place is, given what the catalogue knows of it. ``state``: of the copy before the scan."""
    if known.changed and kind in DIFFERENCES:
        return Kind.IN_FLIGHT
    moving = any(each.kind in _MOVING for each in known.going)
    if kind in LACKING - {Kind.WRONG_PLACE} and (moving or state == ReplicaState.ARCHIVING):
        return Kind.IN_FLIGHT
    if kind is Kind.DARK and known.elsewhere:
        return Kind.IN_FLIGHT
    if kind is not Kind.DEBRIS:
        return kind
    attempt = attempt_of(path)
    if attempt is None:
        return Kind.IN_FLIGHT if known.written else kind
    if known.job is None or not known.job.had(attempt[2]):
        return Kind.DARK
    if known.job.state not in OVER:
        return Kind.IN_FLIGHT
    return Kind.STALE if known.job.withdrawn else kind


def words(kind: Kind, path: str, state: str | None, known: Known) -> str:
    """Which request or job explains the place, or what else is known of it; empty: nothing is."""
    found = []
    if known.elsewhere:
        found.append(f"it is {known.elsewhere}, by another name")
    if known.copy is not None and (kind is Kind.IN_FLIGHT or state is None):
        found.append(_of_copy(known.copy, state))
    found += [_of_going(each) for each in known.going]
    attempt = attempt_of(path)
    if attempt is not None and state is None:
        found.append(_of_job(attempt, known.job))
    if known.written and kind is Kind.IN_FLIGHT:
        found.append("a temporary name, in a directory that something is copied into")
    if known.due is not None:
        found.append(
            "asked to be removed as debris" if known.sent else f"debris, to go from {known.due:%F %R}"
        )
    return "; ".join(found)


def _of_copy(copy: CopyFacts, was: str | None) -> str:
    if was is None:
        return f"of {copy.lfn}, whose copy here is {copy.state} since {copy.since:%F %T}"
    if was != copy.state:
        return f"{was} before, {copy.state} since {copy.since:%F %T}"
    return f"{was} since {copy.since:%F %T}: {REPLICA.meaning[copy.state]}"


def _of_going(going: Going) -> str:
    request = f", request {going.request}" if going.request else ""
    return f"{going.kind} {going.item} is {going.state}{request}"


def _of_job(attempt: tuple[str, int, int], job: JobFacts | None) -> str:
    label, number, _ = attempt
    if job is None:
        return f"named as if of job {number}, which is not in this catalogue"
    what = f"attempt {label} of job {number}, a {job.kind} of run {job.run}, that is {job.state} now"
    return f"{what}; its part was withdrawn" if job.withdrawn else what
