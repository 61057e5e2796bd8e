"""Storms at an endpoint, one row per cause. What the values mean, and what follows, is said in
``transfers.storm``; here they are only kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from catalog.db import schema, schema_recall

S, E = schema_recall.storm, schema.endpoint
NAMES = tuple(column.name for column in S.c if column.name != "endpoint_id")

_ROWS = (
    select(*S.c[NAMES])
    .join(E, E.c.id == S.c.endpoint_id)
    .where(E.c.name == bindparam("endpoint"))
    .order_by(S.c.cause)
)
_PLACE = select(E.c.id).where(E.c.name == bindparam("endpoint"))
_LOCK = _PLACE.with_for_update(key_share=True)
_DROP = delete(S).where(S.c.endpoint_id == bindparam("place"))
_KEEP = insert(S)


def rows(conn: Connection, endpoint: str, *, lock: bool = False) -> list[dict[str, Any]]:
    """The causes of trouble at the endpoint, each as its columns.

    ``lock``: nobody else reads them so, nor writes them, until the end of the transaction. The endpoint is
    locked for that: rows that are written anew, or are not there yet, cannot be.
    """
    if lock and conn.dialect.name != "sqlite":
        conn.execute(_LOCK, {"endpoint": endpoint})
    return [dict(row) for row in conn.execute(_ROWS, {"endpoint": endpoint}).mappings().all()]


def all_rows(conn: Connection) -> dict[str, list[dict[str, Any]]]:
    """The same for every endpoint that has any."""
    query = select(E.c.name).join(S, S.c.endpoint_id == E.c.id).distinct().order_by(E.c.name)
    return {name: rows(conn, name) for name in conn.execute(query).scalars().all()}


def keep(conn: Connection, endpoint: str, new: Sequence[dict[str, Any]]) -> None:
    """These rows instead of those there are."""
    place = conn.execute(_PLACE, {"endpoint": endpoint}).scalar_one()
    conn.execute(_DROP, {"place": place})
    if new:
        conn.execute(_KEEP, [{"endpoint_id": place, **row} for row in new])
