"""What was sent to be removed in an hour at an endpoint: budgets and the brake of the flow.

The sums are of all processes, whoever removes: they are added to in the transaction that marks DELETING, with
the row of the hour locked. What was counted is not given back when the call fails: a budget is what may have
been removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from catalog.db import schema, schema_release
from catalog.db.engine import for_update

H, E = schema_release.removal_hour, schema.endpoint
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be removed at an endpoint in an hour, at most."""

    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent to be removed at an endpoint in an hour."""

    endpoint: str
    hour: datetime
    files: int
    size: int


def hour_of(now: datetime) -> datetime:
    """The beginning of its hour."""
    return now.replace(minute=0, second=0, microsecond=0)


def _row(conn: Connection, endpoint: int, now: datetime) -> Any:
    """The row of this hour, made if it is not there, locked."""
    make: Any = sqlite_insert if conn.dialect.name == "sqlite" else postgresql_insert
    new = {"endpoint_id": endpoint, "hour": hour_of(now), "files": 0, "size": 0, "answered": 0, "strange": 0}
    conn.execute(make(H).values(**new).on_conflict_do_nothing())
    query = select(*H.c["files", "size"]).where(H.c.endpoint_id == endpoint, H.c.hour == hour_of(now))
    return conn.execute(for_update(conn, query, H)).one()


def take(conn: Connection, endpoint: int, now: datetime, budget: Budget, sizes: Sequence[int]) -> int:
    """How many of these copies, from the first, may be removed now; they are counted as removed.

    A single file that is larger than what is left of the bytes goes in an hour of its own: at the beginning.
    """
    row = _row(conn, endpoint, now)
    files, size, taken = row.files, row.size, 0
    for one in sizes:
        if files >= budget.files or (size + one > budget.size and size > 0):
            break
        files, size, taken = files + 1, size + one, taken + 1
    values = {"files": files, "size": size}
    conn.execute(update(H).where(H.c.endpoint_id == endpoint, H.c.hour == hour_of(now)).values(**values))
    return taken


def left(conn: Connection, endpoint: int, now: datetime, budget: Budget) -> bool:
    """Whether anything may still be removed there in this hour."""
    query = select(*H.c["files", "size"]).where(H.c.endpoint_id == endpoint, H.c.hour == hour_of(now))
    row = conn.execute(query).one_or_none()
    if row is None:
        return True
    return bool(row.files < budget.files and row.size < budget.size)


def answered(conn: Connection, endpoint: int, now: datetime, asked: int, strange: int) -> tuple[int, int]:
    """Count what a storage answered to first questions. Returns the sums of this hour and the one before."""
    _row(conn, endpoint, now)
    mine = [H.c.endpoint_id == endpoint]
    plus = {"answered": H.c.answered + asked, "strange": H.c.strange + strange}
    conn.execute(update(H).where(*mine, H.c.hour == hour_of(now)).values(**plus))
    query = select(func.sum(H.c.answered), func.sum(H.c.strange)).where(
        *mine, H.c.hour >= hour_of(now) - HOUR
    )
    row = conn.execute(query).one()
    return int(row[0]), int(row[1])


def forget(conn: Connection, endpoint: int) -> None:
    """After a brake the counting begins anew: else it would brake again as soon as a person releases it."""
    conn.execute(update(H).where(H.c.endpoint_id == endpoint).values(answered=0, strange=0))


def sent(conn: Connection, since: datetime) -> list[Sent]:
    """What was sent since then, by endpoint and hour."""
    query = (
        select(E.c.name, *H.c["hour", "files", "size"])
        .join(E, E.c.id == H.c.endpoint_id)
        .where(H.c.hour >= hour_of(since))
        .order_by(E.c.name, H.c.hour)
    )
    return [Sent(*row) for row in conn.execute(query)]
