"""What the catalogue expects at endpoints, streamed out as text for an engine that compares it with a scan.

A line is a live replica: id, file id, endpoint id, state, since (microseconds, as one number), size, adler32 (a
number), path, between tabs; the path is quoted as in CSV, and a value that is not known is empty. SQLite joins
ten thousand of them into one text by itself and PostgreSQL sends them by COPY, so no row ever becomes a Python
object: a million take about a second of one core.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import Connection, select

from catalog.db import schema
from catalog.db.engine import ids_of
from catalog.states import ITEM, JOB

COLUMNS = ("id", "file_id", "endpoint_id", "state", "since", "size", "adler32", "path")
BLOCK = 10_000
"""Replica ids that are asked for at a time."""

_MICROSECONDS = "CAST(strftime('%s', r.since) AS INTEGER) * 1000000 + CAST(substr(r.since, 21, 6) AS INTEGER)"
_FROM = "FROM replica r JOIN file f ON f.id = r.file_id JOIN directory d ON d.id = f.directory_id"
_SQLITE = (
    "SELECT group_concat(r.id || char(9) || r.file_id || char(9) || r.endpoint_id || char(9) || r.state || char(9)"
    f" || ({_MICROSECONDS}) || char(9) || ifnull(f.size, '') || char(9) || ifnull(f.adler32, '') || char(9)"
    " || '\"' || replace(coalesce(r.path, d.path || f.name), '\"', '\"\"') || '\"', char(10)), count(*) "
    f"{_FROM} WHERE r.id BETWEEN ? AND ? AND r.endpoint_id IN (%s) AND r.state <> 'DELETED'"
)
_POSTGRESQL = (
    "COPY (SELECT r.id, r.file_id, r.endpoint_id, r.state, (extract(epoch FROM r.since) * 1000000)::bigint, "
    f"f.size, f.adler32, coalesce(r.path, d.path || f.name) AS path {_FROM} "
    "WHERE r.endpoint_id IN (%s) AND r.state <> 'DELETED') "
    "TO STDOUT WITH (FORMAT csv, DELIMITER E'\\t', FORCE_QUOTE (path))"
)


def export(conn: Connection, endpoints: Sequence[int], to: BinaryIO) -> int:
    """Write a line for each live replica at the endpoints (ids), in no order. Gives how many.

    All of them are of one moment in a transaction that sees one (``catalog.db.streams.snapshot``).
    """
    listed = ", ".join(str(int(one)) for one in endpoints) or "NULL"
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "sqlite":
        return _from_sqlite(driver, _SQLITE % listed, to)
    with driver.cursor() as cursor:
        with cursor.copy(_POSTGRESQL % listed) as stream:
            for block in stream:
                to.write(block)
        return int(cursor.rowcount)


def _from_sqlite(driver: Any, question: str, to: BinaryIO) -> int:
    total = 0
    first, last = driver.execute("SELECT min(id), max(id) FROM replica").fetchone()
    for start in range(first, last + 1, BLOCK) if last is not None else ():
        lines, count = driver.execute(question, (start, start + BLOCK - 1)).fetchone()
        if count:
            to.write(lines.encode() + b"\n")
            total += count
    return total


def endpoint_ids(conn: Connection) -> dict[str, tuple[int, str]]:
    """Id and kind of every endpoint, by name."""
    table = schema.endpoint
    query = select(table.c.name, table.c.id, table.c.kind)
    return {name: (key, kind) for name, key, kind in conn.execute(query)}


@dataclass(frozen=True, slots=True)
class Explaining:
    """What may explain a difference. ``busy``: replicas that an open request is about, as source or target.
    ``live``: labels of attempts of jobs that are not over; files in their directories are being written."""

    busy: frozenset[int]
    live: frozenset[str]


def explaining(conn: Connection) -> Explaining:
    """What is on its way now."""
    I, J = schema.item, schema.job  # noqa: N806, E741
    open_ = I.c.state.in_([str(state) for state in ITEM.live])
    busy = [
        *ids_of(conn, select(I.c.replica_id).where(open_)),
        *ids_of(conn, select(I.c.source_id).where(open_, I.c.source_id.is_not(None))),
    ]
    going = select(J.c.label).where(J.c.state.in_([str(s) for s in JOB.live]), J.c.label.is_not(None))
    return Explaining(frozenset(busy), frozenset(conn.execute(going).scalars()))


def withdrawn(conn: Connection) -> Iterator[str]:
    """LFNs of merged files that were replaced, and outputs of groups that were withdrawn: stale parts."""
    F, G = schema.file, schema.group  # noqa: N806
    retired = select(schema.lfn()).where(F.c.retired_at.is_not(None), F.c.part.is_not(None))
    void = select(G.c.lfn).where(G.c.state == "VOID")
    for query in (retired, void):
        yield from conn.execute(query).scalars()
