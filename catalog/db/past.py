"""What happened: the history of everything, since a time, of a noun, by somebody; a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from catalog.db import schema
from catalog.states import MACHINES

H = schema.history
NOUNS = ("file", *(machine.noun for machine in MACHINES), "task", "meta_key", "hold")
"""What history speaks of."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of history. It speaks of the things ``first`` to ``last`` (numbers) that changed together."""

    id: int
    at: datetime
    noun: str
    first: int
    last: int
    event: str
    old: str
    new: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class PageOfPast:
    """Rows in the order they were written; ``after`` is the number to go on with, None at the end."""

    rows: list[Happened]
    after: int | None


def happened(
    conn: Connection,
    *,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
    noun: str | None = None,
    number: int | None = None,
    event: str | None = None,
    actor: str | None = None,
    after: int = 0,
) -> PageOfPast:
    """What changed from ``since`` to before ``until``, by noun (and its number), event and actor."""
    if since is not None and not after:
        # ids rise with time, but not strictly; + 0: PostgreSQL would go through all that was before
        first = conn.execute(select(func.min(H.c.id + 0)).where(H.c.at >= since)).scalar()
        if first is None:
            return PageOfPast([], None)
        after = first - 1
    query: Select[Any] = select(
        *H.c["id", "at", "noun", "noun_id", "last_id", "event", "old", "new", "actor", "reason"]
    ).where(H.c.id > after)
    if noun is not None:
        query = query.where(H.c.noun == noun if number is None else schema.tells_of(noun, number))
    if since is not None:
        query = query.where(H.c.at >= since)
    if until is not None:
        query = query.where(H.c.at < until)
    if event is not None:
        query = query.where(H.c.event == event)
    if actor is not None:
        query = query.where(H.c.actor == actor)
    rows = conn.execute(query.order_by(H.c.id).limit(limit + 1)).all()
    found = [Happened(*tuple(row)) for row in rows[:limit]]
    return PageOfPast(found, found[-1].id if len(rows) > limit else None)
