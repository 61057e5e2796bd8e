"""Carrying by hand: what has to be carried where, and what the report from there is evidence of.

A file becomes AVAILABLE at an endpoint out of reach only because size and adler32 that were read there are
those that the catalogue has. A copy that the catalogue thought good and that has gone is LOST, one with other
bytes is doubted, so that nobody reads either; nothing else that a report says changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from catalog.checksum import Adler32
from catalog.db import ask, files, owners, registering, replicas
from catalog.db.ask import Copy
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why, move
from catalog.db.replicas import Standing
from catalog.errors import BadInput, NotRegistered
from catalog.query import parse
from catalog.states import REPLICA, EndpointKind, Locality, ReplicaState
from ddm.operations.common import doing
from ddm.operations.registering import endpoint_of
from ddm.operations.staging import Wanted
from ddm.settings import Settings
from transfers.carrying.lists import Arrival, Carried, CarryList, Checked, Report
from transfers.planning import batches

BATCH = 2000
OUT_OF_REACH = "carried"
SKEW = timedelta(hours=1)
"""So far a site's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not in the list, or whose arrival is not taken, and why."""

    lfn: str
    why: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be carried. ``already``: files that have a good copy there. ``sources``: files of each."""

    endpoint: str
    files: int
    size: int
    already: int
    digest: str
    sources: dict[str, int]
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class Arrived:
    """What came of a report. ``registered``: new copies; ``verified``: known ones, compared now; ``same``:
    known as good before; ``bad``: not there, or not the bytes, of which ``doubted`` and ``lost`` were thought
    good; ``refused``: the catalogue says otherwise."""

    endpoint: str
    planned: bool
    registered: int = 0
    verified: int = 0
    same: int = 0
    bad: list[LeftOut] = field(default_factory=list)
    doubted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    refused: list[LeftOut] = field(default_factory=list)
    extra: int = 0


# ---------------------------------------------------------------------------------- planning
def plan(
    catalog: Catalog, settings: Settings, want: Wanted, to: str, source: str | None = None
) -> tuple[Planned, CarryList]:
    """What has to be carried to the endpoint ``to``, from ``source`` or from wherever a good copy is.

    Changes nothing. Raises BadInput for an endpoint that is not configured or a query that cannot be read,
    NotRegistered when no file of the catalogue is meant.
    """
    endpoint_of(settings, to, "--to")
    places = [source] if source else [name for name in settings.endpoints if name != to]
    if source:
        endpoint_of(settings, source, "--from")
    carried: list[Carried] = []
    left_out: list[LeftOut] = []
    sources: dict[str, int] = {}
    already = 0
    for lfn, found in _meant(catalog, want):
        if any(copy.endpoint == to and copy.state == ReplicaState.AVAILABLE for copy in found):
            already += 1
            continue
        chosen = _readable(found, places, settings)
        if isinstance(chosen, str):
            left_out.append(LeftOut(lfn, chosen))
            continue
        place = chosen.endpoint or ""
        url = settings.endpoints[place].prefix + (chosen.path or "")
        carried.append(Carried(lfn, lfn, chosen.size or 0, Adler32(chosen.adler32 or 0), url))
        sources[place] = sources.get(place, 0) + 1
    if not (carried or left_out or already):
        raise NotRegistered("no file of the catalogue is meant by this; no list was written")
    listed = CarryList(to, tuple(carried))
    return Planned(to, len(carried), listed.size, already, listed.digest, sources, tuple(left_out)), listed


def _meant(catalog: Catalog, want: Wanted) -> Iterator[tuple[str, list[Copy]]]:
    """Every file that is meant, with its replicas: those of the query, of the names, or of both."""
    query = parse(want.query) if want.query else None
    with catalog.read() as conn:
        asked: list[Copy] = []
        if query is not None:
            asked = ask.copies(conn, query, catalog.clock.now(), files=ask.ALL)
        by_query = {lfn: list(group) for lfn, group in groupby(asked, lambda copy: copy.lfn)}
        if not want.files:
            yield from by_query.items()
            return
        for lfn, found in ask.look_up(conn, want.files).items():
            if query is None or lfn in by_query:
                yield lfn, found


def _readable(found: Sequence[Copy], places: Sequence[str], settings: Settings) -> Copy | str:
    """The copy to carry, on disk rather than in the buffer of a tape; or why there is none."""
    if not found:
        return "not in the catalogue"
    if found[0].size is None or found[0].adler32 is None:
        return "size or checksum is not known: 'ddm file complete'"
    good = [copy for copy in found if copy.endpoint in places and copy.state == ReplicaState.AVAILABLE]
    if not good:
        return f"no good copy at {' or '.join(places) or 'another endpoint'}"
    disks = [copy for copy in good if _kind(settings, copy) is EndpointKind.DISK]
    if disks:
        return min(disks, key=lambda copy: places.index(copy.endpoint or ""))
    online = [copy for copy in good if Locality(copy.locality or "UNKNOWN").readable]
    return online[0] if online else "on tape only: 'ddm stage request' brings it to disk"


def _kind(settings: Settings, copy: Copy) -> EndpointKind:
    return settings.endpoints[copy.endpoint or ""].kind


# ---------------------------------------------------------------------------------- arrivals
def arrived(
    catalog: Catalog,
    settings: Settings,
    report: Report,
    *,
    endpoint: str | None = None,
    listed: CarryList | None = None,
    plan: bool = False,
) -> Arrived:
    """Take what the report is evidence of into the catalogue, or with ``plan`` say what that would be.

    An endpoint that ddm reaches is looked at by ddm: a new copy there is UNVERIFIED until the flow has
    compared it. What the catalogue has learned of a copy since the report was made counts, not the report.

    Repeat freely. Raises BadInput for a report that is not about ``listed``, is of the future, or about an
    endpoint that is not configured or is a tape (bytes that were read there are not on tape).
    """
    place = endpoint or report.endpoint
    if endpoint and report.endpoint not in ("", endpoint):
        raise BadInput(f"the report is about {report.endpoint}, not {endpoint}", subject="--endpoint")
    if not place:
        raise BadInput("the report does not say which endpoint it is about", subject="--endpoint")
    if endpoint_of(settings, place).kind is not EndpointKind.DISK:
        raise BadInput(f"{place} is no disk endpoint: a person cannot see what is on tape", subject=place)
    if report.checked_at > catalog.clock.now() + SKEW:
        when = f"{report.checked_at:%Y-%m-%d %H:%M}"
        raise BadInput(f"of {when}, which is to come: the clock of {report.host} is wrong", subject="REPORT")
    if listed is not None and listed.digest != report.list_digest:
        raise BadInput("the report is about another list", subject=report.list_digest)
    done = Arrived(place, plan, extra=len(report.extra))
    reason = f"carried by hand, read at {report.host} on {report.checked_at:%Y-%m-%d %H:%M}"
    why = Why(catalog.clock.now(), catalog.actor, reason)
    reached = settings.endpoints[place].backend != OUT_OF_REACH
    for batch in batches(report.checked, BATCH):
        with doing(catalog, act=not plan) as conn:
            there = files.ensure_endpoint(conn, place, EndpointKind.DISK)
            _take(conn, catalog, _Place(there, report.checked_at, reached), batch, done, why)
    return done


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the files are said to be, and when they were read. ``reached``: ddm can look for itself."""

    id: int
    read_at: datetime
    reached: bool

    def event(self, one: Checked) -> str:
        """What comes of a copy that was thought good and is not as it should be."""
        return "missing" if one.arrival is Arrival.MISSING and not self.reached else "doubted"


@dataclass(slots=True)
class _Found:
    """Replicas of a batch by what is to become of them; ``new`` is (file id, path)."""

    new: list[tuple[int, str]] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    compared: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    spoiled: dict[int, tuple[str, str]] = field(default_factory=dict)


def _take(
    conn: Connection, catalog: Catalog, place: _Place, batch: Sequence[Checked], done: Arrived, why: Why
) -> None:
    known = registering.known_here(conn, [one.file.lfn for one in batch], place.id)
    for dataset in sorted({row[3] for row in known if row is not None}):
        owners.guard(conn, dataset, catalog.actor)
    rows = [row for row in known if row is not None]
    standing = replicas.standing(conn, [row[4] for row in rows if row[4] is not None])
    gone = replicas.deleted_at(conn, [row[0] for row in rows if row[4] is None], place.id)
    found = _Found()
    for one, row in zip(batch, known, strict=True):
        copy = None if row is None or row[4] is None else standing[row[4]]
        state = None if copy is None else copy.state
        late = _overtaken(place.read_at, copy, None if row is None else gone.get(row[0]))
        if one.arrival is not Arrival.SAME:
            done.bad.append(LeftOut(one.file.lfn, f"{one.arrival}: {one.why}"))
            if row is not None and state is ReplicaState.AVAILABLE and not late:
                found.spoiled[row[4]] = place.event(one), f"{one.arrival}: {one.why}"
                (done.lost if place.event(one) == "missing" else done.doubted).append(one.file.lfn)
        elif against := _against(one, row, state) or late:
            done.refused.append(LeftOut(one.file.lfn, against))
        elif state is None:
            found.new.append((row[0], one.file.path))
        elif state is ReplicaState.AVAILABLE:
            done.same += 1
            found.same.append(row[4])
        else:
            found.compared.append(row[4])
            found.back += [row[4]] if state is ReplicaState.LOST else []
    _record(conn, place, found, done, why)


def _record(conn: Connection, place: _Place, found: _Found, done: Arrived, why: Why) -> None:
    made = files.add_replicas(conn, found.new, place.id, why)
    done.registered += len(made)
    # what was seen before does not put off the next look
    now: dict[str, Any] = {"next_try_at": why.at, "tries": 0}
    move(conn, REPLICA, found.back, "found", why, **now)
    for (event, text), keys in _by_reason(found.spoiled).items():
        move(conn, REPLICA, keys, event, why.because(f"{why.reason}: {text}"), **now)
    if place.reached:
        return
    told = [*made, *found.compared]
    good = replicas.record_compared(conn, "verified", told, why, how="read", at=place.read_at)
    replicas.record_seen(conn, {Locality.UNAVAILABLE: [*good, *found.same]})  # good, and out of reach
    done.verified += len(good) - len(made)


def _overtaken(read_at: datetime, copy: Standing | None, deleted_at: datetime | None) -> str:
    """What the catalogue has learned after the report was made, so that it is no evidence; or nothing."""
    newer, what = deleted_at, "DELETED"
    if copy is not None:
        compared = copy.state is ReplicaState.AVAILABLE
        newer, what = (copy.verified_at, "compared") if compared else (copy.since, str(copy.state))
    if newer is None or newer <= read_at or what == ReplicaState.UNVERIFIED:
        return ""
    return f"the copy there was {what} on {newer:%F %H:%M}, after this was read: run 'ddm carry check' again"


def _by_reason(spoiled: dict[int, tuple[str, str]]) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for key, reason in spoiled.items():
        found.setdefault(reason, []).append(key)
    return found


_TAKEN = (
    None,
    ReplicaState.AVAILABLE,
    ReplicaState.UNVERIFIED,
    ReplicaState.SUSPECT,
    ReplicaState.LOST,
)  # what a good arrival may find; a BAD or TRASHED copy is looked at by a person first


def _against(one: Checked, row: Sequence[object] | None, state: ReplicaState | None) -> str:
    """What the catalogue has against a good arrival; empty if nothing."""
    if row is None:
        return "not in the catalogue: 'ddm file register'"
    _, size, adler32, _, replica, path = row
    if size is None or adler32 is None:
        return "size or checksum is not known: 'ddm file complete'"
    if (size, adler32) != (one.size, one.adler32):
        return f"the catalogue has {size} bytes, adler32 {Adler32(int(str(adler32)))}"
    if replica is not None and (path or one.file.lfn) != one.file.path:
        return f"known there at {path or one.file.lfn}"
    return "" if state in _TAKEN else f"the copy there is {state}"
