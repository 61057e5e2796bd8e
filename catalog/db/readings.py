"""What jobs found of their inputs at the moment of reading, compared with the catalogue then and there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, delete, select, update

from catalog.db import schema, schema_checks
from catalog.db.engine import among, insert_many
from catalog.db.witnesses import Reading, types
from catalog.states import Witness

F, J = schema.file, schema.job


@dataclass(frozen=True, slots=True)
class KnownBytes:
    """What the catalogue has of an input: bytes, adler32, and what was counted in it when it was written."""

    size: int | None
    adler32: int | None
    n_events: int | None
    by_type: Mapping[str, int]

    def equals(self, seen: Reading) -> bool:
        """Nothing was read that is not known already."""
        same_events = seen.n_events is None or seen.n_events == self.n_events
        same_types = not seen.by_type or dict(seen.by_type) == dict(self.by_type)
        return self.same_bytes(seen) and same_events and same_types

    def same_bytes(self, seen: Reading) -> bool:
        return (self.size, self.adler32) == (seen.size, seen.adler32)


def known(conn: Connection, files: Sequence[int]) -> dict[int, KnownBytes]:
    """What the catalogue has of these files."""
    count = schema.event_count
    query = (
        select(*F.c["id", "size", "adler32"], *count.c["n_events", "by_type"])
        .outerjoin(count, and_(count.c.file_id == F.c.id, count.c.witness == Witness.READ))
        .where(among(conn, F.c.id, files))
    )
    return {
        file: KnownBytes(size, adler32, n_events, types(by_type))
        for file, size, adler32, n_events, by_type in conn.execute(query).all()
    }


def record(
    conn: Connection, told: Mapping[int, Mapping[int, Reading]], have: Mapping[int, KnownBytes]
) -> None:
    """What jobs read, by job and file: how many inputs each told of, and those that are not as in ``have``.

    A later attempt of a job replaces what an earlier one told.
    """
    if not told:
        return
    table = schema_checks.reading
    conn.execute(delete(table).where(among(conn, table.c.job_id, list(told))))
    statement = update(J).where(J.c.id == bindparam("key")).values(inputs_read=bindparam("n"))
    conn.execute(statement, [{"key": job, "n": len(inputs)} for job, inputs in told.items()])
    odd = [
        {
            "job_id": job,
            "file_id": file,
            "size": seen.size,
            "adler32": seen.adler32,
            "n_events": seen.n_events,
            "by_type": json.dumps(dict(seen.by_type), sort_keys=True) if seen.by_type else None,
        }
        for job, inputs in told.items()
        for file, seen in inputs.items()
        if not have[file].equals(seen)
    ]
    insert_many(conn, table, odd)
