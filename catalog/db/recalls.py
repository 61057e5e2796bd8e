"""Recalls under way: the items of kind ``stage``, request by request.

What a poll needs is read once, when a request is first polled by a process, and not at every poll: the cost
of a round grows with what changed, not with what is in flight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, exists, func, literal, or_, select, update

from catalog.db import pins, schema, schema_recall, tally
from catalog.db.engine import ids_of
from catalog.db.given import either, given
from catalog.db.move import Why, move
from catalog.model import Recall
from catalog.states import ITEM, PIN, ItemState, PinState, RequestKind

F, R, E, I, Q = schema.file, schema.replica, schema.endpoint, schema.item, schema.request  # noqa: E741
T = schema_recall.tape_place

ASKED = (ItemState.SUBMITTING, ItemState.SUBMITTED)
HELD_ON_DISK = (PinState.ACTIVE, PinState.RELEASING)

_PLACE = select(E.c.id).where(E.c.name == bindparam("endpoint")).scalar_subquery()


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


_LOAD = (
    select(tally.T.c.noun, func.sum(tally.T.c.n), func.sum(tally.T.c.size))
    .where(either(tally.T.c.noun, (ITEM.noun, PIN.noun)), tally.T.c.place == _PLACE)
    .where(
        or_(
            and_(tally.T.c.noun == ITEM.noun, either(tally.T.c.state, ASKED)),
            and_(tally.T.c.noun == PIN.noun, either(tally.T.c.state, HELD_ON_DISK)),
        )
    )
    .group_by(tally.T.c.noun)
)


def load(conn: Connection, endpoint: str) -> Load:
    """What is under way and pinned there; from sums kept with every write."""
    rows = conn.execute(_LOAD, {"endpoint": endpoint}).all()
    found = {noun: (int(n), int(size)) for noun, n, size in rows}
    return Load(*found.get(ITEM.noun, (0, 0)), *found.get(PIN.noun, (0, 0)))


@cache
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


_IS_DUE = (
    I.c.state == ItemState.QUEUED,
    I.c.kind == RequestKind.STAGE,
    I.c.next_try_at <= bindparam("now"),
    I.c.endpoint_id == _PLACE,
)
_DUE = _recalls().where(*_IS_DUE).order_by(I.c.next_try_at, I.c.id).limit(bindparam("limit"))
_DUE_AMOUNT = (
    select(func.count(), func.coalesce(func.sum(F.c.size), 0))
    .select_from(I)
    .join(R, R.c.id == I.c.replica_id)
    .join(F, F.c.id == R.c.file_id)
    .where(*_IS_DUE)
)
_ANY_TO_SEND = select(
    or_(
        exists(select(literal(1)).where(*_IS_DUE)),
        exists(
            select(literal(1)).where(
                I.c.state == ItemState.SUBMITTING, I.c.kind == RequestKind.STAGE, I.c.endpoint_id == _PLACE
            )
        ),
    )
)


def due(conn: Connection, endpoint: str, now: datetime, limit: int) -> list[Recall]:
    """Queued recalls that may be asked for now, longest due first."""
    found = conn.execute(_DUE, {"endpoint": endpoint, "now": now, "limit": limit})
    return list(map(Recall._make, found.all()))


def any_to_send(conn: Connection, endpoint: str, now: datetime) -> bool:
    """Whether a recall may be asked for now, or was left half-asked."""
    return bool(conn.execute(_ANY_TO_SEND, {"endpoint": endpoint, "now": now}).scalar())


def due_amount(conn: Connection, endpoint: str, now: datetime) -> tuple[int, int]:
    """How many queued recalls may be asked for now, and their bytes."""
    n, size = conn.execute(_DUE_AMOUNT, {"endpoint": endpoint, "now": now}).one()
    return int(n), int(size)


def accepted(
    conn: Connection,
    request: int,
    token: str,
    items: Sequence[int],
    poll_at: datetime,
    why: Why,
    known: Mapping[int, tally.Known] | None = None,
) -> None:
    """The service has taken these: its token is kept, and when to ask how they are.

    ``known`` as for ``move``."""
    values = {"external_id": token, **({"next_poll_at": poll_at, "polled_at": why.at} if items else {})}
    conn.execute(update(Q).where(Q.c.id == request).values(values))
    move(conn, ITEM, items, "accepted", why, known=known)


_BEING_ASKED = (
    select(I.c.id)
    .where(I.c.request_id == bindparam("request"), I.c.state == ItemState.SUBMITTING)
    .with_for_update(of=I)
)


def being_asked(conn: Connection, request: int) -> set[int]:
    """The recalls that this request still asks for: none that another process took over meanwhile."""
    return set(ids_of(conn, _BEING_ASKED, request=request))


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request whose files are not all here: ask how they are at ``next_poll_at``."""

    id: int
    token: str
    polled_at: datetime


_POLLS_DUE = (
    select(Q.c.id, func.coalesce(Q.c.external_id, ""), func.coalesce(Q.c.polled_at, Q.c.created_at))
    .where(Q.c.next_poll_at <= bindparam("now"), Q.c.endpoint_id == _PLACE)
    .where(Q.c.kind == RequestKind.STAGE)  # copies by a service are polled by themselves
    .order_by(Q.c.next_poll_at, Q.c.id)
    .limit(bindparam("limit"))
)


def polls_due(conn: Connection, endpoint: str, now: datetime, limit: int) -> list[OpenRequest]:
    """The requests to ask about now."""
    rows = conn.execute(_POLLS_DUE, {"endpoint": endpoint, "now": now, "limit": limit})
    return [OpenRequest(*tuple(row)) for row in rows]


_OF_REQUEST = (
    _recalls()
    .where(I.c.request_id == bindparam("request"), I.c.state == ItemState.SUBMITTED)
    .order_by(I.c.id)
)


def of_request(conn: Connection, request: int) -> list[Recall]:
    """The recalls of the request that are under way."""
    return list(map(Recall._make, conn.execute(_OF_REQUEST, {"request": request}).all()))


_POLL_AGAIN = (
    update(Q)
    .where(Q.c.id.in_(given("ids")))
    .values(next_poll_at=bindparam("poll_at"), polled_at=bindparam("now"))
)


def poll_again(conn: Connection, plans: Mapping[int, datetime | None], now: datetime) -> None:
    """When to ask about each request again; None: it is over."""
    for at in set(plans.values()):
        ids = [key for key, when in plans.items() if when == at]
        conn.execute(_POLL_AGAIN, {"ids": ids, "poll_at": at, "now": now})


_UNHEARD = (
    select(I.c.id)
    .where(I.c.state == ItemState.SUBMITTING, I.c.kind == RequestKind.STAGE, I.c.endpoint_id == _PLACE)
    .with_for_update(of=I, skip_locked=True)
)


def unheard(conn: Connection, endpoint: str, why: Why) -> list[int]:
    """Recalls found SUBMITTING by whoever alone may ask this endpoint: whoever asked before is dead.

    They go back to the queue at once; to ask twice is harmless.
    """
    ids = ids_of(conn, _UNHEARD, endpoint=endpoint)
    less = case((I.c.attempts > 0, I.c.attempts - 1), else_=0)  # who died was not the file
    return move(conn, ITEM, ids, "unheard", why, next_try_at=why.at, attempts=less)


@dataclass(frozen=True, slots=True)
class Unwanted:
    """A recall that nobody wants any more."""

    id: int
    state: str
    token: str
    path: str


_LEASED = select(literal(1)).where(
    pins.L.c.replica_id == I.c.replica_id, either(pins.L.c.state, pins.LIVE_LEASES)
)
_UNWANTED = (
    select(I.c.id, I.c.state, func.coalesce(Q.c.external_id, ""), schema.place())
    .join(R, R.c.id == I.c.replica_id)
    .join(F, F.c.id == R.c.file_id)
    .outerjoin(Q, Q.c.id == I.c.request_id)
    .where(either(I.c.state, (ItemState.QUEUED, ItemState.SUBMITTED, ItemState.HELD)))
    .where(I.c.kind == RequestKind.STAGE)
    .where(I.c.endpoint_id == _PLACE, ~exists(_LEASED), ~exists(pins.read_by_a_job()))
    .limit(bindparam("limit"))
)


def unwanted(conn: Connection, endpoint: str, limit: int) -> list[Unwanted]:
    """Recalls queued, under way or held that no job and no lease wants any more."""
    found = conn.execute(_UNWANTED, {"endpoint": endpoint, "limit": limit})
    return [Unwanted(*tuple(row)) for row in found]
