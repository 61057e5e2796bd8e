"""The comparison itself: the catalogue before the scans, the scans, the catalogue after them, as sets in the
engine.

One join by place finds everything that is not plainly consistent; it is small, unless something is very
wrong, and all further questions are asked of it. A dozen steps, each one statement, each of which may spill.
What they must give is said once more, slowly, with dictionaries, in ``tests/reconcile/reference.py``, and
compared.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.states import EndpointKind
from ddm.reconcile import snapshots
from ddm.reconcile.engine import Engine, text
from ddm.reconcile.kinds import EXPECTED, LACKING, Expected, Kind

K = Kind
BEFORE = "before"
_KEY = "hash({0})"
"""A number of a place or a name, by which they are told apart first."""
_ATTEMPT = "/(j[0-9]+a[0-9]+)/[^/]+$"  # docs/decisions/0002
_TEMPORARY = r"/\.ddm-[^/]+\.part$"  # transfers.backends.newfile


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan of an endpoint: its id and kind in the catalogue, Parquet files as ``dumps.part`` makes them,
    the directories (each with its slash) that could not be read, and ``root``, below which it is."""

    endpoint: int
    kind: EndpointKind
    parts: tuple[Path, ...]
    unread: tuple[str, ...] = ()
    root: str = "/"


@dataclass(frozen=True, slots=True)
class Explained:
    """What explains files that nobody knows. ``live``: labels of attempts that were going on before the scan
    or after it; ``withdrawn``: places (endpoint id, path) of merged files that were replaced or withdrawn.
    """

    live: Collection[str] = ()
    withdrawn: Iterable[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """How many places of an endpoint are of a kind, and their bytes, as the storage says, else the
    catalogue. ``expected``: of those that the catalogue expects there."""

    endpoint: int
    kind: Kind
    expected: bool
    places: int
    bytes: int


Paths = Path | Sequence[Path]


def compare(
    engine: Engine, before: Paths, after: Paths, scans: Sequence[Scanned], explained: Explained, to: Path
) -> list[Count]:
    """Classify every place of the scanned endpoints; those not CONSISTENT become rows of ``to``, a Parquet
    file.

    ``before``, ``after``: snapshots (``ddm.reconcile.snapshots``; an after may be taken since its before) of
    these endpoints, one of all or several, or texts of ``catalog.db.believed``. The columns of a row:
    endpoint_id, path, kind, expected, present, replica_id, file_id, state, size, adler32 (what is believed),
    seen_size, seen_adler32, other (the place that belongs to it, ``ENDPOINT_ID:PATH``), said. Counts have a line for every kind that there is, CONSISTENT too.
    """
    _lists(engine, before, after, scans, explained)
    _odd(engine, scans)
    _first_kinds(engine)
    _twice(engine)
    _elsewhere(engine, scans)
    _moved_names(engine)
    _same_names(engine)
    engine.do(
        "COPY (SELECT endpoint_id, path, kind, expected, present, id AS replica_id, file_id, state, size, adler32, "
        f"seen_size, seen_adler32, other, said FROM odd WHERE kind <> {_of(K.CONSISTENT)} ORDER BY kind, endpoint_id, "
        f"path) TO {text(str(to))} (FORMAT parquet, COMPRESSION zstd)"
    )
    return _counts(engine)


def read_counts(rows: Iterable[tuple[int, str, bool, int, int]]) -> list[Count]:
    return [
        Count(endpoint, Kind(kind), expected, places, size) for endpoint, kind, expected, places, size in rows
    ]


# ------------------------------------------------------------------------------------------ what is compared
def _paths(given: Paths) -> Sequence[Path]:
    return [given] if isinstance(given, Path) else given


def _lists(
    engine: Engine, before: Paths, after: Paths, scans: Sequence[Scanned], explained: Explained
) -> None:
    """Tables and views ``before``, ``moved``, ``scan``, ``refused``, ``unread``, ``live``, ``withdrawn``."""
    snapshots.load(engine, _paths(before), _paths(after), {scan.endpoint: scan.root for scan in scans})
    listed = " UNION ALL ".join(
        f"SELECT {int(scan.endpoint)} AS endpoint_id, * FROM read_parquet([{', '.join(text(str(p)) for p in scan.parts)}])"
        for scan in scans
        if scan.parts
    )
    nothing = (
        "SELECT 0 AS endpoint_id, '' AS path, 0 AS size, 0 AS adler32, '' AS problem, '' AS said WHERE FALSE"
    )
    engine.do(f"CREATE VIEW scan AS SELECT * FROM ({listed or nothing}) WHERE problem IS NULL")
    engine.do(
        "CREATE TABLE refused AS SELECT endpoint_id, path, min(problem) AS problem "
        f"FROM ({listed or nothing}) WHERE problem IS NOT NULL AND path IS NOT NULL GROUP BY ALL"
    )
    _table(
        engine,
        "unread",
        "endpoint_id BIGINT, path VARCHAR",
        ((s.endpoint, d) for s in scans for d in s.unread),
    )
    _table(engine, "live", "label VARCHAR", ((label,) for label in explained.live))
    _table(engine, "withdrawn", "endpoint_id BIGINT, path VARCHAR", explained.withdrawn)


def _table(engine: Engine, name: str, columns: str, rows: Iterable[tuple[object, ...]]) -> None:
    """A table of rows that may be many: by way of a file."""
    scratch = engine.directory / f"{name}.csv"
    with open(scratch, "w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    pairs = ", ".join("'{}': '{}'".format(*column.split()) for column in columns.split(", "))
    engine.do(
        f"CREATE TABLE {name} AS SELECT * FROM read_csv({text(str(scratch))}, columns = {{{pairs}}}, delim = ',', "
        "quote = '\"', escape = '\"', header = false, auto_detect = false, new_line = '\\n', parallel = false)"
    )
    scratch.unlink()


# ----------------------------------------------------------------------------------------------- first kinds
def _of(*kinds: Kind) -> str:
    return ", ".join(text(kind) for kind in kinds)


def _states(expected: Expected) -> str:
    return ", ".join(text(state) for state, what in EXPECTED.items() if what is expected)


_SIZE = "(b.size IS NOT NULL AND s.size IS NOT NULL AND b.size <> s.size)"
_SUM = "(b.adler32 IS NOT NULL AND s.adler32 IS NOT NULL AND b.adler32 <> s.adler32)"


def _odd(engine: Engine, scans: Sequence[Scanned]) -> None:
    """``odd``: every place that is not expected and there with the values known of it.

    Endpoint by endpoint: then the name alone is the key, and what is held is of one of them.
    """
    engine.do(
        "CREATE TABLE odd (endpoint_id BIGINT, path VARCHAR, expected BOOLEAN, present BOOLEAN, id BIGINT, file_id BIGINT, "
        "state VARCHAR, size BIGINT, adler32 BIGINT, seen_size BIGINT, seen_adler32 UBIGINT, kind VARCHAR, other VARCHAR, said VARCHAR)"
    )
    there = f"b.state IN ({_states(Expected.THERE)})"
    for endpoint in sorted({int(scan.endpoint) for scan in scans}):
        engine.do(
            f"""INSERT INTO odd SELECT {endpoint}, coalesce(b.path, s.path), b.path IS NOT NULL, s.path IS NOT NULL,
            b.id, b.file_id, b.state, b.size, b.adler32, s.size, s.adler32, NULL, NULL, NULL
            FROM (SELECT * FROM before WHERE endpoint_id = {endpoint}) b
            FULL JOIN (SELECT * FROM scan WHERE endpoint_id = {endpoint}) s ON s.path = b.path
            WHERE (b.path IS NOT NULL AND s.path IS NOT NULL AND {there} AND NOT {_SIZE} AND NOT {_SUM}) IS NOT TRUE"""
        )


def _first_kinds(engine: Engine) -> None:
    """What can be told of a place alone."""
    equal = (
        "EXISTS (SELECT 1 FROM moved b WHERE b.new AND b.path = s.path AND b.endpoint_id = s.endpoint_id "
        f"AND b.state IN ({_states(Expected.THERE)}) AND (b.size IS NULL OR s.seen_size IS NULL OR b.size = s.seen_size) "
        "AND (b.adler32 IS NULL OR s.seen_adler32 IS NULL OR b.adler32 = s.seen_adler32))"
    )
    touched = "(s.endpoint_id, s.path) IN (SELECT (endpoint_id, path) FROM moved)"
    refused = "(s.endpoint_id, s.path) IN (SELECT (endpoint_id, path) FROM refused)"
    unread = (
        "EXISTS (SELECT 1 FROM unread u WHERE u.endpoint_id = s.endpoint_id AND starts_with(s.path, u.path))"
    )
    label = f"regexp_extract(s.path, {text(_ATTEMPT)}, 1)"
    differs = "(s.size IS NOT NULL AND s.seen_size IS NOT NULL AND s.size <> s.seen_size)"
    engine.do(
        f"""UPDATE odd AS s SET kind = CASE
        WHEN {touched} THEN CASE WHEN s.present AND {equal} THEN {_of(K.CONSISTENT)} ELSE {_of(K.IN_FLIGHT)} END
        WHEN NOT s.present AND ({refused} OR {unread}) THEN {_of(K.UNREADABLE)}
        WHEN s.expected THEN CASE
            WHEN s.state IN ({_states(Expected.GONE)})
                THEN CASE WHEN s.present THEN {_of(K.RETURNED)} ELSE {_of(K.CONSISTENT)} END
            WHEN s.state NOT IN ({_states(Expected.THERE)}) THEN {_of(K.IN_FLIGHT)}
            WHEN NOT s.present THEN {_of(K.LOST)}
            WHEN {differs} THEN {_of(K.SIZE)} ELSE {_of(K.CHECKSUM)} END
        WHEN {label} IN (SELECT label FROM live) THEN {_of(K.IN_FLIGHT)}
        WHEN (s.endpoint_id, s.path) IN (SELECT (endpoint_id, path) FROM withdrawn) THEN {_of(K.STALE)}
        WHEN {label} <> '' OR regexp_matches(s.path, {text(_TEMPORARY)}) THEN {_of(K.DEBRIS)}
        ELSE {_of(K.DARK)} END"""
    )


# -------------------------------------------------------------------------------------------- several places
def _twice(engine: Engine) -> None:
    """DUPLICATE: a place that a list has twice, or that two entries of the catalogue have, and nothing else
    then.

    Names are told apart by a number first, in order, so that equal ones are neighbours: to sort spills well,
    which a group for every number does not.
    """
    key = _KEY.format("endpoint_id, path")
    engine.do("CREATE TABLE same (h UBIGINT)")
    for source in (BEFORE, "scan"):
        engine.do(
            "INSERT INTO same SELECT h FROM (SELECT h, lag(h) OVER (ORDER BY h) AS last "
            f"FROM (SELECT {key} AS h FROM {source})) WHERE h = last"
        )
    if not engine.number("SELECT count(*) FROM same"):
        return
    for source, columns in ((BEFORE, "id, file_id, state, size, adler32"), ("scan", "size")):
        engine.do(
            f"CREATE TABLE of_{source} AS SELECT endpoint_id, path, {columns} FROM {source} "
            f"WHERE {key} IN (SELECT h FROM same)"
        )
    twice = "SELECT endpoint_id, path, '{} ' || count(*) || ' times' AS said FROM {} GROUP BY ALL HAVING count(*) > 1"
    engine.do(
        f"CREATE TABLE twice AS SELECT endpoint_id, path, string_agg(said, ', ' ORDER BY said) AS said FROM ("
        f"{twice.format('listed', 'of_scan')} UNION ALL {twice.format('expected', 'of_before')}) GROUP BY ALL"
    )
    if not engine.number("SELECT count(*) FROM twice"):
        return
    engine.do("DELETE FROM odd WHERE (endpoint_id, path) IN (SELECT (endpoint_id, path) FROM twice)")
    engine.do(
        f"""INSERT INTO odd WITH s AS (SELECT endpoint_id, path, min(size) AS size FROM of_scan GROUP BY ALL)
        SELECT t.endpoint_id, t.path, b.id IS NOT NULL, s.path IS NOT NULL, b.id, b.file_id, b.state, b.size, b.adler32,
        s.size, NULL, {_of(K.DUPLICATE)}, NULL, t.said FROM twice t LEFT JOIN of_before b USING (endpoint_id, path)
        LEFT JOIN s USING (endpoint_id, path)"""
    )


def _elsewhere(engine: Engine, scans: Sequence[Scanned]) -> None:
    """What is lost at one endpoint and good at another that was scanned: DISK_ONLY and TAPE_ONLY."""
    tapes = ", ".join(str(int(s.endpoint)) for s in scans if s.kind is EndpointKind.TAPE) or "-1"
    engine.do(
        f"""CREATE TABLE copies AS SELECT l.endpoint_id, l.id, min(b.endpoint_id || ':' || b.path) AS other
        FROM odd l JOIN before b ON b.file_id = l.file_id
        WHERE l.kind = {_of(K.LOST)} AND (b.endpoint_id IN ({tapes})) <> (l.endpoint_id IN ({tapes}))
        AND b.state IN ({_states(Expected.THERE)})
        AND b.id NOT IN (SELECT id FROM odd WHERE id IS NOT NULL AND kind <> {_of(K.CONSISTENT)}) GROUP BY ALL"""
    )
    engine.do(
        f"""UPDATE odd SET other = c.other,
        kind = CASE WHEN odd.endpoint_id IN ({tapes}) THEN {_of(K.DISK_ONLY)} ELSE {_of(K.TAPE_ONLY)} END
        FROM copies c WHERE c.id = odd.id AND odd.kind = {_of(K.LOST)}"""
    )


_NAME = "regexp_extract({0}.path, '[^/]*$')"


def _moved_names(engine: Engine) -> None:
    """WRONG_PLACE: one file is gone, one that nobody knows has its name and its size, and there is no second
    of either."""
    lacking = f"SELECT *, {_NAME.format('odd')} AS name FROM odd WHERE kind IN ({_of(*sorted(LACKING))})"
    dark = f"SELECT *, {_NAME.format('odd')} AS name FROM odd WHERE kind = {_of(K.DARK)}"
    engine.do(
        f"""CREATE TABLE pairs AS WITH lacking AS ({lacking}), dark AS ({dark}) SELECT l.id, l.endpoint_id, l.path AS was,
        d.path AS "is" FROM lacking l JOIN dark d ON d.name = l.name AND d.endpoint_id = l.endpoint_id
        WHERE l.size = d.seen_size AND (l.adler32 IS NULL OR d.seen_adler32 IS NULL OR l.adler32 = d.seen_adler32)
        AND (SELECT count(*) FROM lacking x WHERE x.name = l.name AND x.endpoint_id = l.endpoint_id) = 1
        AND (SELECT count(*) FROM dark x WHERE x.name = l.name AND x.endpoint_id = l.endpoint_id) = 1"""
    )
    for mine, theirs, kinds in (("was", '"is"', LACKING), ('"is"', "was", {K.DARK})):
        engine.do(
            f"""UPDATE odd SET kind = {_of(K.WRONG_PLACE)}, other = p.endpoint_id || ':' || p.{theirs}
            FROM pairs p WHERE p.endpoint_id = odd.endpoint_id AND p.{mine} = odd.path AND odd.kind IN ({_of(*sorted(kinds))})"""
        )


def _same_names(engine: Engine) -> None:
    """DUPLICATE: dark, with the base name of a file that is expected and present at another place there."""
    if not engine.number(f"SELECT count(*) FROM odd WHERE kind = {_of(K.DARK)}"):
        return
    absent = "SELECT id FROM odd WHERE id IS NOT NULL AND NOT present"
    engine.do(
        f"""CREATE TABLE namesakes AS WITH dark AS (SELECT DISTINCT endpoint_id, {_NAME.format("odd")} AS name FROM odd
        WHERE kind = {_of(K.DARK)}) SELECT b.endpoint_id, d.name, min(b.path) AS path
        FROM before b JOIN dark d ON d.name = {_NAME.format("b")} AND d.endpoint_id = b.endpoint_id
        WHERE b.id NOT IN ({absent}) GROUP BY ALL"""
    )
    engine.do(
        f"""UPDATE odd SET kind = {_of(K.DUPLICATE)}, other = n.endpoint_id || ':' || n.path, said = 'of the same name'
        FROM namesakes n WHERE odd.kind = {_of(K.DARK)} AND n.endpoint_id = odd.endpoint_id AND n.name = {_NAME.format("odd")}"""
    )


# ---------------------------------------------------------------------------------------------------- counts
def _counts(engine: Engine) -> list[Count]:
    """Of all kinds; what is expected and has no row of its own is CONSISTENT."""
    found = engine.rows(
        f"""WITH rows AS (SELECT endpoint_id, kind, expected, count(*) AS n, coalesce(sum(coalesce(seen_size, size)), 0) AS b
        FROM odd GROUP BY ALL),
        whole AS (SELECT endpoint_id, count(*) AS n, coalesce(sum(size), 0) AS b FROM before GROUP BY ALL),
        odd_ones AS (SELECT endpoint_id, count(*) AS n, coalesce(sum(size), 0) AS b FROM odd WHERE id IS NOT NULL GROUP BY ALL)
        SELECT endpoint_id, kind, expected, sum(n), sum(b) FROM (
            SELECT * FROM rows UNION ALL
            SELECT w.endpoint_id, {_of(K.CONSISTENT)}, TRUE, w.n - coalesce(o.n, 0), w.b - coalesce(o.b, 0)
            FROM whole w LEFT JOIN odd_ones o USING (endpoint_id))
        GROUP BY ALL HAVING sum(n) > 0 ORDER BY ALL"""
    )
    return read_counts(found)
