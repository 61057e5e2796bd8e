"""Files that are to be divided among jobs: what is known of each, and what is said of it. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from catalog.db import groups, meta
from catalog.db.columns import DIR, LFN, F
from catalog.db.condition import EVENTS, condition
from catalog.meta import Value
from catalog.querytree import Query


class Known(NamedTuple):
    """A file. ``size`` in bytes, ``n_events`` as a query has it; None when nobody has said."""

    id: int
    lfn: str
    role: str
    product: str
    run: int
    chunk: str
    part: int | None
    size: int | None
    n_events: int | None


def files_of(conn: Connection, query: Query, now: datetime) -> list[Known]:
    """The files that the query finds, in order of dataset, run and registration. Raises BadInput."""
    names = F.c["role", "product", "run", "chunk", "part", "size"]
    found = (
        select(F.c.id, LFN, *names, EVENTS["n_events"]())
        .join(DIR, DIR.c.id == F.c.directory_id)
        .where(condition(conn, query, now))
        .order_by(F.c.dataset_id, F.c.run, F.c.id)
    )
    return [Known(*row) for row in conn.execute(found)]


def said_of(conn: Connection, ids: Sequence[int]) -> dict[int, dict[str, Value]]:
    """The metadata of each file, and of the raw file it was made of where it has none of that key itself."""
    raw = groups.raw_of(conn, ids)
    said = meta.of(conn, meta.Noun.FILE, [*ids, *set(raw.values())])
    return {file: {**said.get(raw.get(file, 0), {}), **said.get(file, {})} for file in ids}
