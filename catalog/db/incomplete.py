"""Files of which nobody has said the size or the checksum yet, and where they could be asked for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from catalog.db import schema

F, R = schema.file, schema.replica


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A file whose size or checksum is unknown, and its path at the endpoint."""

    id: int
    lfn: str
    path: str


def at(
    conn: Connection, endpoint: int, *, after: int, limit: int, dataset: int | None = None
) -> list[Incomplete]:
    """The next ones with a live replica at the endpoint, in the order of their ids, after that id."""
    query = (
        select(F.c.id, schema.lfn(), schema.place())
        .join_from(F, R, R.c.file_id == F.c.id)
        .where(
            R.c.endpoint_id == endpoint,
            R.c.state != "DELETED",
            F.c.retired_at.is_(None),
            F.c.id > after,
            or_(F.c.size.is_(None), F.c.adler32.is_(None)),
        )
        .order_by(F.c.id)
        .limit(limit)
    )
    if dataset is not None:
        query = query.where(F.c.dataset_id == dataset)
    return [Incomplete(key, lfn, path) for key, lfn, path in conn.execute(query).all()]
