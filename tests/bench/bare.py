"""What the database itself can do: the driver alone, with the same tables, rows and questions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from catalog.db import directories, files, schema
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why
from catalog.model import NewFile
from catalog.states import EndpointKind
from tests.fixtures_postgresql import PostgreSQLServer, missing, programs

BATCH = 10_000
PRODUCTION = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
"""The server of the tests forgets at a power cut; here it must not."""

FILE = "id, directory_id, name, dataset_id, role, product, run, chunk, part, size, adler32, registered_at"
REPLICA = "id, file_id, endpoint_id, path, state, since, next_try_at"
COPIES = (
    "f.id, d.path || f.name, f.product, f.run, f.chunk, f.part, f.size, f.adler32, e.name, "
    "coalesce(r.path, d.path || f.name), r.state, r.locality FROM file f "
    "JOIN directory d ON d.id = f.directory_id "
    "LEFT JOIN replica r ON r.file_id = f.id AND r.state <> 'DELETED' "
    "LEFT JOIN endpoint e ON e.id = r.endpoint_id"
)


@contextmanager
def server(kind: str, root: Path) -> Iterator[Callable[[], str]]:
    """Gives URLs of new, empty databases."""
    numbers = count(1)
    if kind == "sqlite":
        yield lambda: f"sqlite:///{root}/{next(numbers)}.db"
        return
    if problem := missing():
        raise SystemExit(problem)
    binaries = programs()
    assert binaries is not None
    postgres = PostgreSQLServer(binaries, settings=PRODUCTION)
    try:
        yield lambda: postgres.url(postgres.create())
    finally:
        postgres.stop()


# ------------------------------------------------------------------------------------------------ inserts
def insert_rate(url: str, number: int, entries: Callable[[int, int], list[NewFile]]) -> float:
    """Files and their replicas that the driver alone inserts per second: executemany, or COPY."""
    number = min(number, 1_000_000)
    with Catalog(url) as catalog:
        catalog.create()
        now = catalog.clock.now()
        with catalog.begin() as conn:
            endpoint = files.ensure_endpoint(conn, "cta", EndpointKind.TAPE)
            dataset = files.ensure_dataset(conn, "2016", Why(now, "bench"))
        spent = 0.0
        for start in range(0, number, BATCH):
            batch = entries(start, min(start + BATCH, number))
            with catalog.begin() as conn:
                heads = directories.ensure(conn, {directories.split(entry.lfn)[0] for entry in batch})
            rows = _rows(batch, start, dataset, endpoint, heads, schema.iso(now))
            spent += _insert(catalog, *rows)
    return number / spent


def _rows(
    batch: Sequence[NewFile], start: int, dataset: int, endpoint: int, heads: dict[str, int], now: str
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    rows, replicas = [], []
    for key, entry in enumerate(batch, start + 1):
        head, name = directories.split(entry.lfn)
        size, checksum = entry.size, int(entry.adler32 or 0)
        words = (entry.role.value, entry.product, entry.run, entry.chunk, None, size, checksum, now)
        rows.append((key, heads[head], name, dataset, *words))
        replicas.append((key, key, endpoint, None, "UNVERIFIED", now, now))
    return rows, replicas


def _insert(catalog: Catalog, rows: list[tuple[Any, ...]], replicas: list[tuple[Any, ...]]) -> float:
    with catalog.engine.connect() as conn:
        driver: Any = conn.connection.driver_connection
        if conn.dialect.name == "sqlite":
            began = time.perf_counter()
            driver.execute("BEGIN IMMEDIATE")
            for table, names, values in (("file", FILE, rows), ("replica", REPLICA, replicas)):
                marks = ", ".join("?" * len(values[0]))
                driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
            driver.execute("COMMIT")
            return time.perf_counter() - began
        blocks = [_copy_text(rows), _copy_text(replicas)]
        began = time.perf_counter()
        with driver.cursor() as cursor:
            for table, names, block in (("file", FILE, blocks[0]), ("replica", REPLICA, blocks[1])):
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as stream:
                    stream.write(block)
        driver.commit()
        return time.perf_counter() - began


def _copy_text(rows: Sequence[tuple[Any, ...]]) -> str:
    return "".join("\t".join(r"\N" if v is None else str(v) for v in row) + "\n" for row in rows)


# ---------------------------------------------------------------------------------------------- questions
def _ask(conn: Connection, sql: str, values: Sequence[Any]) -> Any:
    driver: Any = conn.connection.driver_connection
    return driver.execute(sql if conn.dialect.name == "sqlite" else sql.replace("?", "%s"), values)


def list_run(conn: Connection, dataset: int, run: int) -> list[Any]:
    sql = f"SELECT {COPIES} WHERE f.dataset_id = ? AND f.run = ? AND f.retired_at IS NULL ORDER BY f.id"
    return list(_ask(conn, sql, (dataset, run)).fetchall())


def look_up(conn: Connection, lfns: Sequence[str]) -> list[Any]:
    """By directory and name, as a program that knows the tables would ask."""
    apart: dict[str, list[str]] = {}
    for lfn in lfns:
        head, _, name = lfn.rpartition("/")
        apart.setdefault(head + "/", []).append(name)
    sqlite = conn.dialect.name == "sqlite"
    among = "IN (SELECT value FROM json_each(?))" if sqlite else "= ANY(?)"
    sql = f"SELECT {COPIES} WHERE d.path = ? AND f.name {among} AND f.retired_at IS NULL"
    found: list[Any] = []
    for head, names in apart.items():
        found += _ask(conn, sql, (head, json.dumps(names) if sqlite else names)).fetchall()
    return found


def stream(conn: Connection, dataset: int) -> Iterator[list[Any]]:
    """Pages of a dataset, in its order."""
    sql = f"SELECT {COPIES} WHERE f.dataset_id = ? AND f.retired_at IS NULL ORDER BY f.run, f.id"
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "sqlite":
        cursor = driver.execute(sql, (dataset,))
    else:
        cursor = driver.cursor(name="bare")
        cursor.execute(sql.replace("?", "%s"), (dataset,))
    with_pages = iter(lambda: cursor.fetchmany(5000), [])
    try:
        yield from with_pages
    finally:
        cursor.close()


def database_size(conn: Connection) -> int:
    if conn.dialect.name == "sqlite":
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages) * int(conn.exec_driver_sql("PRAGMA page_size").scalar_one())
    return int(conn.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
