"""The bytes verified in an hour at an endpoint: the budget, kept for all processes together.

As for removals (``catalog.db.removal_hours``): added to before the bytes are read, with the row of the hour
locked, and not given back: a budget is what may have been read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from catalog.db import schema_verifying
from catalog.db.engine import for_update
from catalog.db.removal_hours import hour_of

H = schema_verifying.verification_hour


def take(conn: Connection, endpoint: int, now: datetime, budget: int, sizes: Sequence[int]) -> int:
    """How many of these, from the first, may be read now within ``budget`` (bytes); they are counted.

    One that is larger than the whole budget goes at the beginning of an hour, alone.
    """
    if not sizes:
        return 0
    make: Any = sqlite_insert if conn.dialect.name == "sqlite" else postgresql_insert
    hour = hour_of(now)
    new = make(H).values(endpoint_id=endpoint, hour=hour, files=0, size=0)
    conn.execute(new.on_conflict_do_nothing())
    mine = (H.c.endpoint_id == endpoint, H.c.hour == hour)
    row = conn.execute(for_update(conn, select(*H.c["files", "size"]).where(*mine), H)).one()
    size, taken = row.size, 0
    for one in sizes:
        if one and size + one > budget and size > 0:
            break
        size, taken = size + one, taken + 1
    conn.execute(update(H).where(*mine).values(files=row.files + taken, size=size))
    return taken


def used(conn: Connection, endpoint: int, now: datetime) -> int:
    """Bytes counted in this hour there."""
    query = select(H.c.size).where(H.c.endpoint_id == endpoint, H.c.hour == hour_of(now))
    return int(conn.execute(query).scalar() or 0)
