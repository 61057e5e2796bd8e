"""Recalls under way: the items of kind ``stage``, request by request.

What a poll needs is read once, when a request is first polled by a process, and not at every poll: the cost
of a round grows with what changed, not with what is in flight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, exists, func, literal, select, update

from catalog.db import pins, schema, schema_recall, tally
from catalog.db.engine import among, for_update, ids_of
from catalog.db.move import Why, move
from catalog.model import Recall
from catalog.states import ITEM, PIN, ItemState, PinState, RequestKind

F, R, E, I, Q = schema.file, schema.replica, schema.endpoint, schema.item, schema.request  # noqa: E741
T = schema_recall.tape_place

ASKED = (ItemState.SUBMITTING, ItemState.SUBMITTED)
HELD_ON_DISK = (PinState.ACTIVE, PinState.RELEASING)


@dataclass(frozen=True, slots=True)
class Load:
    """Files and bytes at an endpoint: asked for, and pinned; both count against its window."""

    asked_files: int = 0
    asked_bytes: int = 0
    pinned_files: int = 0
    pinned_bytes: int = 0

    @property
    def files(self) -> int:
        return self.asked_files + self.pinned_files

    @property
    def size(self) -> int:
        return self.asked_bytes + self.pinned_bytes


def load(conn: Connection, endpoint: str) -> Load:
    """What is under way and pinned there; from sums kept with every write."""
    place = select(E.c.id).where(E.c.name == endpoint).scalar_subquery()
    found: dict[str, tuple[int, int]] = {}
    for noun, states in ((ITEM.noun, ASKED), (PIN.noun, HELD_ON_DISK)):
        query = tally.sums(noun=noun, place=place).where(tally.T.c.state.in_(states))
        n, size, *_ = conn.execute(query).one()
        found[noun] = int(n or 0), int(size or 0)
    return Load(*found[ITEM.noun], *found[PIN.noun])


def due(conn: Connection, endpoint: str, now: datetime, limit: int) -> list[Recall]:
    """Queued recalls that may be asked for now, longest due first."""
    query = _recalls().where(
        I.c.state == ItemState.QUEUED,
        I.c.kind == RequestKind.STAGE,
        I.c.next_try_at <= now,
        I.c.endpoint_id == _place(conn, endpoint),
    )
    rows = conn.execute(query.order_by(I.c.next_try_at, I.c.id).limit(limit)).all()
    return list(map(Recall._make, rows))


def _place(conn: Connection, endpoint: str) -> int:
    return int(conn.execute(select(E.c.id).where(E.c.name == endpoint)).scalar_one())


def _recalls() -> Select[Any]:
    return (
        select(
            I.c.id, I.c.replica_id, schema.place(), F.c.size, F.c.adler32, I.c.attempts, I.c.tries, I.c.since,
            func.coalesce(I.c.campaign_id, 0), func.coalesce(T.c.tape, ""), func.coalesce(T.c.position, 0),
        )
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .outerjoin(T, T.c.replica_id == R.c.id)
    )  # fmt: skip


def due_amount(conn: Connection, endpoint: str, now: datetime) -> tuple[int, int]:
    """How many queued recalls may be asked for now, and their bytes."""
    query = (
        select(func.count(), func.coalesce(func.sum(F.c.size), 0))
        .select_from(I)
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .where(I.c.state == ItemState.QUEUED, I.c.kind == RequestKind.STAGE, I.c.next_try_at <= now)
        .where(I.c.endpoint_id == _place(conn, endpoint))
    )
    n, size = conn.execute(query).one()
    return int(n), int(size)


def accepted(
    conn: Connection, request: int, token: str, items: Sequence[int], poll_at: datetime, why: Why
) -> None:
    """The service has taken these: its token is kept, and when to ask how they are."""
    values = {"external_id": token, **({"next_poll_at": poll_at, "polled_at": why.at} if items else {})}
    conn.execute(update(Q).where(Q.c.id == request).values(values))
    move(conn, ITEM, items, "accepted", why)


def being_asked(conn: Connection, request: int) -> set[int]:
    """The recalls that this request still asks for: none that another process took over meanwhile."""
    query = select(I.c.id).where(I.c.request_id == request, I.c.state == ItemState.SUBMITTING)
    return set(ids_of(conn, for_update(conn, query, I)))


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request whose files are not all here: ask how they are at ``next_poll_at``."""

    id: int
    token: str
    polled_at: datetime


def polls_due(conn: Connection, endpoint: str, now: datetime, limit: int) -> list[OpenRequest]:
    """The requests to ask about now."""
    query = (
        select(Q.c.id, func.coalesce(Q.c.external_id, ""), func.coalesce(Q.c.polled_at, Q.c.created_at))
        .where(Q.c.next_poll_at <= now, Q.c.endpoint_id == _place(conn, endpoint))
        .order_by(Q.c.next_poll_at, Q.c.id)
        .limit(limit)
    )
    return [OpenRequest(*tuple(row)) for row in conn.execute(query)]


def of_request(conn: Connection, request: int) -> list[Recall]:
    """The recalls of the request that are under way."""
    query = _recalls().where(I.c.request_id == request, I.c.state == ItemState.SUBMITTED).order_by(I.c.id)
    return list(map(Recall._make, conn.execute(query).all()))


def poll_again(conn: Connection, plans: Mapping[int, datetime | None], now: datetime) -> None:
    """When to ask about each request again; None: it is over."""
    for at in set(plans.values()):
        ids = [key for key, when in plans.items() if when == at]
        conn.execute(update(Q).where(among(conn, Q.c.id, ids)).values(next_poll_at=at, polled_at=now))


def unheard(conn: Connection, endpoint: str, why: Why) -> list[int]:
    """Recalls found SUBMITTING by whoever alone may ask this endpoint: whoever asked before is dead.

    They go back to the queue at once; to ask twice is harmless.
    """
    query = select(I.c.id).where(
        I.c.state == ItemState.SUBMITTING,
        I.c.kind == RequestKind.STAGE,
        I.c.endpoint_id == _place(conn, endpoint),
    )
    ids = ids_of(conn, for_update(conn, query, I, skip_locked=True))
    less = case((I.c.attempts > 0, I.c.attempts - 1), else_=0)  # who died was not the file
    return move(conn, ITEM, ids, "unheard", why, next_try_at=why.at, attempts=less)


@dataclass(frozen=True, slots=True)
class Unwanted:
    """A recall that nobody wants any more."""

    id: int
    state: str
    token: str
    path: str


def unwanted(conn: Connection, endpoint: str, limit: int) -> list[Unwanted]:
    """Recalls queued or under way that no job and no lease wants any more."""
    leased = select(literal(1)).where(
        pins.L.c.replica_id == I.c.replica_id, pins.L.c.state.in_(pins.LIVE_LEASES)
    )
    query = (
        select(I.c.id, I.c.state, func.coalesce(Q.c.external_id, ""), schema.place())
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .outerjoin(Q, Q.c.id == I.c.request_id)
        .where(I.c.state.in_((ItemState.QUEUED, ItemState.SUBMITTED)), I.c.kind == RequestKind.STAGE)
        .where(I.c.endpoint_id == _place(conn, endpoint))
        .where(~exists(leased), ~exists(pins.read_by_a_job()))
        .limit(limit)
    )
    return [Unwanted(*tuple(row)) for row in conn.execute(query)]
