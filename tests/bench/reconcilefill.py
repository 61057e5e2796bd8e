"""A catalogue of any number of files with planted differences, made by the database itself.

The numbers of files walk through names, sizes and sums; of a thousand, one is of every kind of ``PLANTED``.
Rows are written as they are, without tallies and history: nothing of it is read by what is measured.
"""

from __future__ import annotations

from catalog.clock import SystemClock
from catalog.db import directories, files, schema
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why
from catalog.states import EndpointKind
from ddm.reconcile.kinds import Kind
from tests.bench.catalog import CHUNKS, RUNS, name

ENDPOINTS = {"eos": EndpointKind.DISK, "cta": EndpointKind.TAPE}
STEP = 1_000_000  # files of a transaction
PLANTED = {
    1: Kind.LOST,
    2: Kind.SIZE,
    3: Kind.CHECKSUM,
    4: Kind.DARK,
    5: Kind.DEBRIS,
    6: Kind.WRONG_PLACE,
    7: Kind.DUPLICATE,
    8: Kind.UNREADABLE,
    9: Kind.IN_FLIGHT,
    10: Kind.STALE,
    11: Kind.RETURNED,
    12: Kind.DISK_ONLY,
    13: Kind.TAPE_ONLY,
}
UNREAD = (
    "uq_file_name",
    "ix_file_dataset_run",
    "uq_replica_live",
    "ix_replica_state",
    "ix_replica_verified_at",
    "ix_replica_read_at",
)
"""Half of the room of a catalogue."""
_NUMBER = {kind: number for number, kind in PLANTED.items()}
_TAPED = (_NUMBER[Kind.DISK_ONLY], _NUMBER[Kind.TAPE_ONLY])  # of a hundred files, these are on tape as well


def size(number: int) -> int:
    return (1 << 30) + number


def adler32(number: int) -> int:
    return (number * 2654435761) & 0xFFFFFFFF


def on_tape(number: int) -> bool:
    return number % 100 in _TAPED


def passing(number: int, count: int) -> bool:
    """Whether something happens to it during the scan: to a thousandth of all, next to each other."""
    plain = number % 1000 not in PLANTED and not on_tape(number)
    return plain and number in _middle(count)


def moving(count: int) -> list[int]:
    """All of those."""
    return [number for number in _middle(count) if passing(number, count)]


def _middle(count: int) -> range:
    return range(count // 2, count // 2 + max(count // 1000, 20))


# ------------------------------------------------------------------------------------------------ the tables
def catalogue(url: str, count: int, lean: bool = False) -> None:
    """Make it; ``lean``: without the indexes that a comparison does not read, where room is short."""
    now = SystemClock().now()
    with Catalog(url) as catalog:
        catalog.create()
        with catalog.begin() as conn:
            endpoints = [files.ensure_endpoint(conn, name, kind) for name, kind in ENDPOINTS.items()]
            dataset = files.ensure_dataset(conn, "2016", Why(now, "bench"))
            _heads(conn, count)
            for index in UNREAD if lean else ():
                conn.exec_driver_sql(f"DROP INDEX {index}")
        for start in range(0, count, STEP):
            with catalog.begin() as conn:
                moment = schema.iso(now)
                for statement in _statements(conn, (start, count), dataset, *endpoints, moment):
                    conn.exec_driver_sql(statement)
        with catalog.begin() as conn:
            conn.exec_driver_sql("DROP TABLE bench_head")
        with catalog.engine.connect() as conn:
            conn.exec_driver_sql("ANALYZE")
            conn.commit()


def _heads(conn: Connection, count: int) -> None:
    """The directories, and a table that finds them by the period of a file."""
    firsts = range(0, count, CHUNKS * RUNS)
    heads = [directories.split(name(number))[0] for number in firsts]
    ids = directories.ensure(conn, set(heads))
    rows = ", ".join(f"({period}, {ids[head]})" for period, head in enumerate(heads))
    conn.exec_driver_sql("CREATE TABLE bench_head (period BIGINT PRIMARY KEY, id BIGINT NOT NULL)")
    conn.exec_driver_sql(f"INSERT INTO bench_head VALUES {rows}")


def _statements(
    conn: Connection, part: tuple[int, int], dataset: int, disk: int, tape: int, now: str
) -> list[str]:
    start, count = part
    sqlite = conn.dialect.name == "sqlite"
    at = f"'{now}'" if sqlite else f"TIMESTAMPTZ '{now}'"
    numbers = (
        f"WITH RECURSIVE t(n) AS (SELECT CAST({start} AS BIGINT) UNION ALL "
        f"SELECT n + 1 FROM t WHERE n + 1 < {min(start + STEP, count)})"
    )
    number = _NUMBER
    known = f"n % 1000 NOT IN ({number[Kind.DARK]}, {number[Kind.DEBRIS]})"
    retired = f"n % 1000 = {number[Kind.STALE]}"
    state = (
        f"CASE n % 1000 WHEN {number[Kind.IN_FLIGHT]} THEN 'COPYING' "
        f"WHEN {number[Kind.RETURNED]} THEN 'LOST' ELSE 'AVAILABLE' END"
    )
    replica = (
        "INSERT INTO replica (id, file_id, endpoint_id, state, since, locality, verified_at, verified_how, "
        f"next_try_at) {numbers} SELECT"
    )
    file = (
        "INSERT INTO file (id, directory_id, name, dataset_id, role, product, run, chunk, part, size, "
        f"adler32, registered_at, retired_at) {numbers} SELECT n + 1, h.id, "
        f"'cdr' || (11001 + n % {CHUNKS}) || '-' || (270001 + n / {CHUNKS}) || '.raw', "
        f"{dataset}, 'raw', 'raw', n / {CHUNKS} + 1, '', CASE WHEN {retired} THEN 1 END, "
        f"{1 << 30} + n, (n * 2654435761) & 4294967295, {at}, CASE WHEN {retired} THEN {at} END "
        f"FROM t JOIN bench_head h ON h.period = n / {CHUNKS * RUNS} WHERE {known}"
    )
    disks = (
        f"{replica} n + 1, n + 1, {disk}, {state}, {at}, 'ONLINE', {at}, 'bench', {at} "
        f"FROM t WHERE {known} AND NOT ({retired})"
    )
    tapes = (
        f"{replica} {count} + n + 1, n + 1, {tape}, 'AVAILABLE', {at}, 'NEARLINE', {at}, 'bench', {at} "
        f"FROM t WHERE n % 100 IN ({_TAPED[0]}, {_TAPED[1]})"
    )
    made = [file, disks, tapes]
    return made if sqlite else [statement.replace("%", "%%") for statement in made]
