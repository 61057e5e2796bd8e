"""What the catalogue expects at endpoints, streamed out as text for an engine that compares it with a scan.

A line is a live replica: id, file id, endpoint id, state, since (a text of which only equality means
something), size, adler32 (a number), path, between tabs; the path is quoted as in CSV, and a value that is
not known is empty. They come by blocks of ids, and a block in which nothing changed is the same bytes again.
The database makes one text of a block, so no row ever becomes a Python object. In PostgreSQL several
connections that see the same moment read several blocks at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO

from sqlalchemy import Connection, select, text

from catalog.db import schema, streams
from catalog.db.engine import Catalog
from catalog.states import JobState, ReplicaState

COLUMNS = ("id", "file_id", "endpoint_id", "state", "since", "size", "adler32", "path")
BLOCK = 10_000
"""Replica ids that are asked for at a time."""
# CROSS JOIN keeps the order of the ids; printf with its line break is half the time of || (0032, 0035)
_SQLITE = (
    "SELECT CAST(group_concat(printf('%d\t%d\t%d\t%s\t%s\t%s\t%s\t\"%w%w\"\n', "
    "r.id, r.file_id, r.endpoint_id, r.state, r.since, f.size, f.adler32, "
    "coalesce(r.path, d.path), iif(r.path IS NULL, f.name, '')), '') AS BLOB), count(*) "
    "FROM replica r CROSS JOIN file f ON f.id = r.file_id CROSS JOIN directory d ON d.id = f.directory_id "
    "WHERE r.id BETWEEN :FIRST AND :LAST AND r.endpoint_id IN (:ENDPOINTS) AND r.state <> 'DELETED'"
)
# one text of a block: COPY sends a message for each row, and each is then a Python object (0035)
_POSTGRESQL = (
    "SELECT string_agg(concat_ws(E'\t', r.id, r.file_id, r.endpoint_id, r.state, r.since AT TIME ZONE 'UTC', "
    "coalesce(f.size::text, ''), coalesce(f.adler32::text, ''), "
    "'\"' || replace(coalesce(r.path, d.path || f.name), '\"', '\"\"') || '\"') || E'\n', '' ORDER BY r.id), "
    "count(*) FROM replica r JOIN file f ON f.id = r.file_id JOIN directory d ON d.id = f.directory_id "
    "WHERE r.id BETWEEN :FIRST AND :LAST AND r.endpoint_id IN (:ENDPOINTS) AND r.state <> 'DELETED'"
)


def blocks(conn: Connection) -> range:
    """The numbers of the blocks that may hold a replica; block ``n`` has the ids from ``n * BLOCK`` on."""
    key = schema.replica.c.id
    first, last = (
        conn.execute(select(key).order_by(order).limit(1)).scalar() for order in (key.asc(), key.desc())
    )
    return range(0) if first is None or last is None else range(first // BLOCK, last // BLOCK + 1)


def block(conn: Connection, endpoints: Sequence[int], number: int) -> tuple[bytes, int]:
    """The lines of the live replicas of a block at the endpoints (ids), by id, and how many they are."""
    sqlite = conn.dialect.name == "sqlite"
    values = {
        ":ENDPOINTS": ", ".join(str(int(one)) for one in endpoints) or "NULL",
        ":FIRST": str(int(number) * BLOCK),
        ":LAST": str(int(number) * BLOCK + BLOCK - 1),
    }
    question = _SQLITE if sqlite else _POSTGRESQL
    for name, value in values.items():
        question = question.replace(name, value)
    driver: Any = conn.connection.driver_connection
    with streams.raw(conn.engine, question):
        lines, count = driver.execute(question).fetchone()
    return lines.encode() if isinstance(lines, str) else lines or b"", count


def export(conn: Connection, endpoints: Sequence[int], to: BinaryIO) -> int:
    """Write a line for each live replica at the endpoints (ids). Gives how many.

    All of them are of one moment in a transaction that sees one (``catalog.db.streams.snapshot``).
    """
    total = 0
    for number in blocks(conn):
        lines, count = block(conn, endpoints, number)
        to.write(lines)
        total += count
    return total


# ------------------------------------------------------------------------------------- what changed since
def moment(conn: Connection) -> dict[str, int | str]:
    """What tells later which blocks were touched after the moment that this connection sees."""
    if conn.dialect.name == "sqlite":
        last, said = _newest(conn, None)
        return {"history": last, "said": said}
    query = "SELECT oid::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM pg_database"
    database, oldest = conn.execute(text(f"{query} WHERE datname = current_database()")).one()
    return {"database": database, "transaction": oldest}


def touched(conn: Connection, since: Mapping[str, int | str]) -> set[int] | None:
    """The blocks in which something may have changed since that moment; None: nobody can tell any more.

    In SQLite they are those that the history speaks of since: its ids rise in the order of the commits, as
    there is one writer. In PostgreSQL rows say which transaction wrote them, and one that was not to be seen
    then is no older than the oldest that was going on. Neither depends on a clock.
    """
    B = BLOCK  # noqa: N806
    if conn.dialect.name == "sqlite":
        last = since.get("history")
        if not isinstance(last, int) or _newest(conn, last) != (last, since.get("said")):
            return None
        asked = (
            f"SELECT r.id / {B} FROM history h JOIN replica r ON r.id BETWEEN h.noun_id AND h.last_id "  # noqa: S608
            f"WHERE h.id > {last} AND h.noun = 'replica' UNION "
            f"SELECT r.id / {B} FROM history h JOIN replica r ON r.file_id BETWEEN h.noun_id AND h.last_id "
            f"WHERE h.id > {last} AND h.noun = 'file'"
        )
        return {row[0] for row in conn.exec_driver_sql(asked)}
    now, then = moment(conn), since.get("transaction")
    oldest = now["transaction"]
    if not (isinstance(then, int) and isinstance(oldest, int) and then <= oldest < then + (1 << 31)):
        return None
    if now["database"] != since.get("database"):
        return None
    newer = f"age({{}}.xmin) <= age('{then & 0xFFFFFFFF}'::xid)"
    asked = (
        f"SELECT r.id / {B} FROM replica r WHERE {newer.format('r')} UNION "  # noqa: S608
        f"SELECT r.id / {B} FROM file f JOIN replica r ON r.file_id = f.id WHERE {newer.format('f')}"
    )
    return {row[0] for row in conn.exec_driver_sql(asked)}


def _newest(conn: Connection, last: int | None) -> tuple[int, str]:
    """The id of the newest row of the history, or of this one, and what it says; 0 if there is none."""
    H = schema.history  # noqa: N806
    query = select(H).order_by(H.c.id.desc()).limit(1)
    row = conn.execute(query if last is None else query.where(H.c.id == last)).first()
    return (0, "") if row is None else (row.id, f"{row.noun} {row.noun_id} {row.event} {row.at} {row.actor}")


SUMS = "count(*), sum(id), sum(id * CASE state {} END)".format(
    " ".join(f"WHEN '{state}' THEN {number}" for number, state in enumerate(ReplicaState))
)
"""Of a block, in the words of every database: what changes if a copy comes, goes, or has another state."""


def sums(conn: Connection, endpoints: Sequence[int], blocks: range) -> dict[int, tuple[int, int, int]]:
    """``SUMS`` of every block that has live replicas at the endpoints (ids), from the table itself.

    SQLite is asked block by block: it would sort the whole table to group it.
    """
    listed = ", ".join(str(int(one)) for one in endpoints) or "NULL"
    asked = f"{SUMS} FROM replica WHERE endpoint_id IN ({listed}) AND state <> 'DELETED' AND id BETWEEN"
    if conn.dialect.name == "sqlite":
        questions = [f"SELECT {n}, {asked} {n * BLOCK} AND {n * BLOCK + BLOCK - 1}" for n in blocks]
    else:
        first, last = blocks.start * BLOCK, blocks.stop * BLOCK - 1
        questions = [f"SELECT id / {BLOCK}, {asked} {first} AND {last} GROUP BY 1"]
    rows = (row for question in questions for row in conn.exec_driver_sql(question))
    return {row[0]: (row[1], int(row[2]), int(row[3])) for row in rows if row[1]}


# ------------------------------------------------------------------------------------------------- readers
@contextmanager
def readers(catalog: Catalog, wanted: int) -> Iterator[tuple[Connection, ...]]:
    """Connections, for a thread each, that all see the catalogue as it is at one moment: ``wanted``, or one.

    PostgreSQL hands the moment of the first on to the others. Two threads in SQLite take longer than
    one: they wait for each other's memory (0035).
    """
    with ExitStack() as stack:
        if catalog.engine.dialect.name == "sqlite":
            yield (stack.enter_context(streams.snapshot(catalog)),)
        else:
            yield _sharing(stack, catalog, wanted)


def _sharing(stack: ExitStack, catalog: Catalog, wanted: int) -> tuple[Connection, ...]:
    first = stack.enter_context(streams.snapshot(catalog))
    _alone(first)
    found = [first]
    moment = first.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    for _ in range(wanted - 1):
        conn = stack.enter_context(catalog.read())
        conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        conn.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{moment}'")
        _alone(conn)
        found.append(conn)
    return tuple(found)


def _alone(conn: Connection) -> None:
    """Each reader is one process of the server: to begin helpers for every block costs more than they do."""
    conn.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")


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
