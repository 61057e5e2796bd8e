"""What the catalogue expects at endpoints, streamed out as text for an engine that compares it with a scan.

A line is a live replica: id, file id, endpoint id, state, since (a text of which only equality means
something), size, adler32 (a number), path, between tabs; the path is quoted as in CSV, and a value that is
not known is empty. SQLite joins ten thousand of them into one text by itself and PostgreSQL sends them by
COPY, so no row ever becomes a Python object: a million take about a second of one core.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from sqlalchemy import Connection, select

from catalog.db import schema
from catalog.states import GroupState, JobState

COLUMNS = ("id", "file_id", "endpoint_id", "state", "since", "size", "adler32", "path")
BLOCK = 10_000
"""Replica ids that are asked for at a time."""

_FROM = "FROM replica r JOIN file f ON f.id = r.file_id JOIN directory d ON d.id = f.directory_id"
_SQLITE = (
    "SELECT group_concat(r.id || char(9) || r.file_id || char(9) || r.endpoint_id || char(9) || r.state"
    " || char(9) || r.since || char(9) || ifnull(f.size, '') || char(9) || ifnull(f.adler32, '') || char(9)"
    " || '\"' || replace(coalesce(r.path, d.path || f.name), '\"', '\"\"') || '\"', char(10)), count(*) "
    f"{_FROM} WHERE r.id BETWEEN ? AND ? AND r.endpoint_id IN (:ENDPOINTS) AND r.state <> 'DELETED'"
)
_POSTGRESQL = (
    "COPY (SELECT r.id, r.file_id, r.endpoint_id, r.state, r.since, "
    f"f.size, f.adler32, coalesce(r.path, d.path || f.name) AS path {_FROM} "
    "WHERE r.endpoint_id IN (:ENDPOINTS) AND r.state <> 'DELETED') "
    "TO STDOUT WITH (FORMAT csv, DELIMITER E'\\t', FORCE_QUOTE (path))"
)


def export(conn: Connection, endpoints: Sequence[int], to: BinaryIO) -> int:
    """Write a line for each live replica at the endpoints (ids), in no order. Gives how many.

    All of them are of one moment in a transaction that sees one (``catalog.db.streams.snapshot``).
    """
    listed = ", ".join(str(int(one)) for one in endpoints) or "NULL"
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "sqlite":
        return _from_sqlite(driver, _SQLITE.replace(":ENDPOINTS", listed), to)
    with driver.cursor() as cursor:
        with cursor.copy(_POSTGRESQL.replace(":ENDPOINTS", listed)) as stream:
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


def live_labels(conn: Connection) -> set[str]:
    """Labels of attempts of jobs that may be writing now, into directories of these names."""
    J = schema.job  # noqa: N806
    going = (JobState.SUBMITTING, JobState.RUNNING, JobState.ENDED)
    query = select(J.c.label).where(J.c.state.in_([str(state) for state in going]), J.c.label.is_not(None))
    return set(conn.execute(query).scalars())


def withdrawn(conn: Connection) -> Iterator[str]:
    """LFNs of merged files that were replaced, and of outputs of groups that were withdrawn: stale parts."""
    F, G = schema.file, schema.group  # noqa: N806
    retired = select(schema.lfn()).where(F.c.retired_at.is_not(None), F.c.part.is_not(None))
    void = select(G.c.lfn).where(G.c.state == GroupState.VOID)
    for query in (retired, void):
        yield from conn.execute(query).scalars()
