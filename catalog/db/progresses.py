"""How far recalls were, now and then: a few rows a day, from which a time to finish is predicted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select

from catalog.db import schema, schema_recall
from catalog.db.recalls import Load

G, C, E = schema_recall.progress, schema_recall.campaign, schema.endpoint
KEPT = 2000  # samples of a campaign that are read

_PLACE = select(E.c.id).where(E.c.name == bindparam("endpoint"))
_LAST_AT = select(func.max(G.c.at)).where(G.c.endpoint_id == _PLACE.scalar_subquery())
_NOW = select(C.c.id, C.c.recalled, C.c.recalled_size).where(C.c.endpoint_id == bindparam("place"))
_BEFORE = (
    select(G.c.campaign_id, func.max(G.c.files))
    .where(G.c.endpoint_id == bindparam("place"), G.c.campaign_id.is_not(None))
    .group_by(G.c.campaign_id)
)
_NOTE = insert(G)


@dataclass(frozen=True, slots=True)
class Noted:
    """Files and bytes recalled since the beginning, at a time."""

    at: datetime
    files: int
    size: int
    in_flight: int


def last_at(conn: Connection, endpoint: str) -> datetime | None:
    """When progress at the endpoint was noted last."""
    found: datetime | None = conn.execute(_LAST_AT, {"endpoint": endpoint}).scalar()
    return found


def note(conn: Connection, endpoint: str, load: Load, now: datetime) -> None:
    """One row for each campaign there whose count has changed since its last row, and one for all."""
    place = conn.execute(_PLACE, {"endpoint": endpoint}).scalar_one()
    known = {row[0]: row[1] for row in conn.execute(_BEFORE, {"place": place})}
    found = [tuple(row) for row in conn.execute(_NOW, {"place": place})]
    rows = [row for row in found if row[1] and row[1] != known.get(row[0])]
    rows.append((None, sum(row[1] for row in found), sum(row[2] for row in found)))
    shared = {"endpoint_id": place, "at": now, "in_flight": load.asked_files}
    conn.execute(_NOTE, [{**shared, "campaign_id": key, "files": n, "size": size} for key, n, size in rows])


def of_campaign(conn: Connection, campaign: int) -> list[Noted]:
    """The latest samples of a campaign, oldest first."""
    return _read(conn, G.c.campaign_id == campaign)


def of_endpoint(conn: Connection, endpoint: str) -> list[Noted]:
    """The latest samples of a whole endpoint, oldest first."""
    place = select(E.c.id).where(E.c.name == endpoint).scalar_subquery()
    return _read(conn, (G.c.endpoint_id == place) & G.c.campaign_id.is_(None))


def _read(conn: Connection, condition: ColumnElement[bool]) -> list[Noted]:
    query = select(G.c.at, G.c.files, G.c.size, G.c.in_flight).where(condition)
    rows = conn.execute(query.order_by(G.c.at.desc(), G.c.id.desc()).limit(KEPT)).all()
    return [Noted(*tuple(row)) for row in reversed(rows)]
