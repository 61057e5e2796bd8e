"""Copies that a service makes: the items of kind ``copy``, request by request.

A request keeps its label from the first call on, and the service knows it by that: so its items stay in
SUBMITTING, under that request, until the service has said of each whether it has it. After a crash they are
asked for again under the same label, never under another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, true, update

from catalog.db import requests, schema
from catalog.db.engine import among, ids_of
from catalog.db.move import Why, move
from catalog.model import OpenItem
from catalog.states import ITEM, ItemState, ReplicaState, RequestKind

R, E, I, Q = schema.replica, schema.endpoint, schema.item, schema.request  # noqa: E741


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """A request of copies. ``label``: like that of no other request, of whichever catalogue. ``token``: the
    service's own, "" before it is heard."""

    id: int
    label: str
    token: str
    asked_at: datetime


def unsettled(
    conn: Connection, endpoint: str, now: datetime, limit: int, *, service: str
) -> list[CopyRequest]:
    """Requests of which the service may or may not have some files, to be asked for again now."""
    here = select(E.c.id).where(E.c.name == endpoint).scalar_subquery()
    asking = (
        select(I.c.request_id)
        .where(I.c.state == ItemState.SUBMITTING, I.c.kind == RequestKind.COPY)
        .where(I.c.endpoint_id == here, I.c.next_try_at <= now)
        .distinct()
    )
    return _read(conn, Q.c.id.in_(asking) & _asked_of(service), limit)


def _asked_of(service: str) -> ColumnElement[bool]:
    """Requests of before services were written down count as those of the one that there is."""
    return or_(Q.c.service == service, Q.c.service.is_(None))


def polls_due(
    conn: Connection, endpoint: str, now: datetime, limit: int, *, service: str
) -> list[CopyRequest]:
    """Requests that the service has, to ask about now."""
    here = select(E.c.id).where(E.c.name == endpoint).scalar_subquery()
    due = (Q.c.next_poll_at <= now) & (Q.c.kind == RequestKind.COPY) & (Q.c.endpoint_id == here)
    return _read(conn, due & _asked_of(service), limit)


def of_others(
    conn: Connection, endpoint: str, now: datetime, limit: int, *, service: str | None
) -> list[tuple[CopyRequest, str]]:
    """Requests of which another service than this one (None: any) may have files, with the other's name: to
    be looked at now."""
    here = select(E.c.id).where(E.c.name == endpoint).scalar_subquery()
    other = Q.c.service.is_not(None) & (Q.c.service != service) if service else true()
    being_asked = select(I.c.request_id).where(
        I.c.state == ItemState.SUBMITTING, I.c.kind == RequestKind.COPY, I.c.endpoint_id == here
    )
    asking = Q.c.id.in_(being_asked) & Q.c.service.is_not(None)
    query = (
        select(*Q.c["id", "label", "created_at", "external_id", "service"])
        .where(Q.c.kind == RequestKind.COPY, Q.c.endpoint_id == here, other)
        .where(or_(Q.c.next_poll_at <= now, asking))
        .order_by(Q.c.id)
        .limit(limit)
    )
    return [(_request(row[:4]), row[4] or "") for row in conn.execute(query)]


def one(conn: Connection, request: int) -> CopyRequest:
    """A request by its id."""
    (found,) = _read(conn, Q.c.id == request, 1)
    return found


def _read(conn: Connection, condition: object, limit: int) -> list[CopyRequest]:
    columns = Q.c["id", "label", "created_at", "external_id"]
    query = select(*columns).where(condition).order_by(Q.c.id).limit(limit)  # type: ignore[arg-type]
    return [_request(row) for row in conn.execute(query)]


def _request(row: Sequence[Any]) -> CopyRequest:
    key, label, created_at, token = row
    return CopyRequest(key, f"{label} of {created_at.isoformat()}", token or "", created_at)


def of_request(conn: Connection, request: int, state: ItemState) -> list[OpenItem]:
    """The items of a request that are in this state."""
    return requests.of_request(conn, request, state)


def accepted(
    conn: Connection, request: int, token: str, items: Sequence[int], poll_at: datetime, why: Why
) -> list[int]:
    """The service has these. Returns those of them that this request still asked for."""
    moved = move(conn, ITEM, items, "accepted", why, code=None, reason=None)
    if token:
        heard = {"external_id": token, "next_poll_at": poll_at, "polled_at": why.at}
        conn.execute(update(Q).where(Q.c.id == request).values(heard))
    return moved


def held_by(conn: Connection, request: int, items: Sequence[int]) -> set[int]:
    """Those of the items that are with the service under this request."""
    query = select(I.c.id).where(I.c.request_id == request, I.c.state == ItemState.SUBMITTED)
    return set(ids_of(conn, query)) & set(items)


def ask_again(conn: Connection, items: Sequence[int], at: datetime, trouble: tuple[str, str]) -> None:
    """Nobody knows whether the service has these: the same request is sent again then."""
    code, reason = trouble
    values = {"next_try_at": at, "code": code, "reason": reason, "tries": I.c.tries + 1}
    here = (I.c.state == ItemState.SUBMITTING) & among(conn, I.c.id, items)
    conn.execute(update(I).where(here).values(values))


def poll_again(conn: Connection, plans: Mapping[int, datetime | None], now: datetime) -> None:
    """When to ask about each request again; None: nothing of it is with the service any more."""
    for at in set(plans.values()):
        ids = [key for key, when in plans.items() if when == at]
        conn.execute(update(Q).where(among(conn, Q.c.id, ids)).values(next_poll_at=at, polled_at=now))


def landed(conn: Connection, replicas: Sequence[int]) -> set[int]:
    """Those of the replicas whose bytes were said to be there."""
    query = select(R.c.id).where(among(conn, R.c.id, replicas), R.c.state != ReplicaState.COPYING)
    return set(ids_of(conn, query))
