"""What keeps tape buffers full, or drives busy, for nobody. Reads only; of each kind the sum and examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, literal, select

from catalog.db import pins, recall_leases, schema, schema_recall, tally
from catalog.states import (
    LEASE,
    PIN,
    EndpointKind,
    ItemState,
    LeaseState,
    Locality,
    PinState,
    ReplicaState,
    RequestKind,
)

C, L = schema_recall.campaign, schema_recall.lease
F, R, E, I, P = schema.file, schema.replica, schema.endpoint, schema.item, schema.pin  # noqa: E741


@dataclass(frozen=True, slots=True)
class Leak:
    """A file that is kept, wanted or recalled for nobody. ``owner`` is the campaign's, if there is one."""

    lfn: str
    endpoint: str
    size: int
    since: datetime
    campaign: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """All leaks of a kind: how many files, their bytes, and the oldest of them."""

    files: int
    size: int
    oldest: tuple[Leak, ...]


def _found(conn: Connection, query: Select[Any], since: Any, limit: int) -> Found:
    """``query`` answers with the columns of a Leak."""
    sums = select(func.count(), func.coalesce(func.sum(F.c.size), 0))
    n, size = conn.execute(query.with_only_columns(*sums.selected_columns)).one()
    first = conn.execute(query.order_by(since).limit(limit)) if n else ()
    return Found(int(n), int(size), tuple(Leak(*tuple(row)) for row in first))


def _leak(since: Any, *more: Any) -> Select[Any]:
    return select(schema.lfn(), E.c.name, F.c.size, since, *more)


def unneeded_pins(conn: Connection, limit: int) -> Found:
    """Pins that no job and no lease needs; the flow releases them in its next rounds."""
    leased = select(literal(1)).where(L.c.replica_id == P.c.replica_id, L.c.state.in_(recall_leases.LIVE))
    query = (
        _leak(P.c.since)
        .select_from(P)
        .join(R, R.c.id == P.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(P.c.state == PinState.ACTIVE, ~exists(leased), ~exists(pins.read_by_a_job()))
    )
    return _found(conn, query, P.c.since, limit)


def pinless_leases(conn: Connection, limit: int) -> Found:
    """Leases that say a file is online, although no pin holds it there."""
    active = tally.sums("owner", noun=LEASE.noun, state=LeaseState.ACTIVE.value).subquery("active")
    pinned = select(literal(1)).where(P.c.replica_id == L.c.replica_id, P.c.state == PinState.ACTIVE)
    query = (
        _leak(L.c.since, C.c.name.label("campaign"), C.c.owner)
        .select_from(L)
        .join(C, C.c.id == L.c.campaign_id)
        .join(R, R.c.id == L.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(C.c.id.in_(select(active.c.owner)), L.c.state == LeaseState.ACTIVE, ~exists(pinned))
    )
    return _found(conn, query, L.c.since, limit)


@dataclass(frozen=True, slots=True)
class Endless:
    """A campaign whose leases end only when somebody releases them, and whose owner may have forgotten."""

    campaign: str
    endpoint: str
    owner: str
    reason: str
    created_at: datetime
    files: int
    size: int


def endless_leases(conn: Connection, before: datetime) -> list[Endless]:
    """Live leases without an end of campaigns made before that time, oldest campaign first."""
    live = (
        tally.sums("owner", noun=LEASE.noun)
        .where(tally.T.c.state.in_(recall_leases.LIVE))
        .subquery("live")
    )  # fmt: skip
    query = (
        select(
            C.c.name, E.c.name.label("endpoint"), *C.c["owner", "reason", "created_at"], live.c.n, live.c.size
        )
        .join(E, E.c.id == C.c.endpoint_id)
        .join(live, live.c.owner == C.c.id)
        .where(C.c.task_id.is_(None), C.c.until.is_(None), C.c.created_at <= before)
        .order_by(C.c.created_at, C.c.id)
    )  # fmt: skip
    return [Endless(*row[:5], files=int(row[5]), size=int(row[6])) for row in conn.execute(query)]


def unwanted_recalls(conn: Connection, limit: int) -> Found:
    """Recalls queued, under way or held that no job and no lease wants; the flow takes them back."""
    leased = select(literal(1)).where(L.c.replica_id == I.c.replica_id, L.c.state.in_(recall_leases.LIVE))
    open_states: Sequence[str] = (ItemState.QUEUED, ItemState.SUBMITTED, ItemState.HELD)
    query = (
        _leak(I.c.since)
        .select_from(I)
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == I.c.endpoint_id)
        .where(I.c.state.in_(open_states), I.c.kind == RequestKind.STAGE)
        .where(~exists(leased), ~exists(pins.read_by_a_job()))
    )
    return _found(conn, query, I.c.since, limit)


def online_unpinned(conn: Connection, limit: int) -> Found:
    """Files that were last seen online at a tape endpoint although we hold no pin: just archived, or left
    behind. The service drops them when it needs the room."""
    pinned = select(literal(1)).where(P.c.replica_id == R.c.id, P.c.state.in_(PIN.live))
    query = (
        _leak(R.c.since)
        .select_from(R)
        .join(F, F.c.id == R.c.file_id)
        .join(E, and_(E.c.id == R.c.endpoint_id, E.c.kind == EndpointKind.TAPE))
        .where(R.c.state == ReplicaState.AVAILABLE, ~exists(pinned))
        .where(R.c.locality.in_((Locality.ONLINE, Locality.ONLINE_AND_NEARLINE)))
    )
    return _found(conn, query, R.c.since, limit)
