"""What plans of repair have noted to be removed, and how far that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, and_, case, cast, func, select

from catalog.db.schema_debris import debris


@dataclass(frozen=True, slots=True)
class Noted:
    """Files that nobody knows and that one plan has noted.

    ``waiting`` of them, ``size`` bytes, are still to go, the first at ``due_at`` (None: none waits); ``gone``
    are removed, ``spared`` are not removed after all.
    """

    repair: int
    waiting: int
    size: int
    due_at: datetime | None
    gone: int
    spared: int


def noted(conn: Connection, repair: int | None = None) -> list[Noted]:
    """Of one plan, or of all from which files still wait; by their numbers."""
    waits = and_(debris.c.gone_at.is_(None), debris.c.spared_at.is_(None))
    waiting = _count(waits)
    found = (
        select(
            debris.c.repair_id,
            waiting,
            func.coalesce(func.sum(case((waits, debris.c.size))), 0),
            func.min(case((waits, debris.c.due_at))),
            _count(debris.c.gone_at.is_not(None)),
            _count(debris.c.spared_at.is_not(None)),
        )
        .where(debris.c.repair_id.is_not(None))
        .group_by(debris.c.repair_id)
        .order_by(debris.c.repair_id)
    )
    found = found.having(waiting > 0) if repair is None else found.where(debris.c.repair_id == repair)
    return [
        Noted(one, n, int(size), due, gone, spared) for one, n, size, due, gone, spared in conn.execute(found)
    ]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(case((condition, 1), else_=0)), 0), Integer)
