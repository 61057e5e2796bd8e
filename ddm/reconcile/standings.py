"""From what ``compare`` found to findings: what explains each place, what it is worth, and the file of it all.

All in the session of the engine that compared. Tables: ``told``, what the catalogue says of each place that was
found; ``place``, the places with it; ``hidden`` and ``seen``, numbers of places; ``worth``, the standing of each
case there is, as ``verdicts`` decides. Names are asked of the catalogue a few thousand at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from catalog.db import comparelook
from catalog.db.comparelook import CopyFacts
from catalog.db.engine import Connection
from catalog.db.scans import Scan
from catalog.prefixes import Prefixes
from catalog.states import ReplicaState
from ddm.reconcile import findings, verdicts
from ddm.reconcile.dumps import GARBLED, OUTSIDE
from ddm.reconcile.engine import Engine, text
from ddm.reconcile.explaining import Known, attempt_of, refined, words
from ddm.reconcile.kinds import DIFFERENCES, LACKING, Kind
from ddm.reconcile.loading import load
from ddm.reconcile.moments import expected_since, is_late
from ddm.reconcile.rawlist import RawList
from ddm.reconcile.scanstore import StoredScan
from ddm.reconcile.verdicts import CONFIRMING, UNKNOWN, Brake, Limits, Looked, Standing

_AT_ONCE = 5000
_ASKED = DIFFERENCES | {Kind.IN_FLIGHT}
"""Kinds whose places the catalogue is asked about."""


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier comparisons of an endpoint, each with the directory of its findings. ``earlier`` may confirm,
    ``between`` must have said the same, ``last`` tells since when something is known."""

    earlier: Looked | None = None
    between: Sequence[Looked] = ()
    last: Looked | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a comparison knows beside its lists. ``names``: of endpoints, by id; ``directories``: of findings,
    by number of the comparison; ``accepted``: why a person accepts more than the brake does, by endpoint id.
    ``raw``: a list of the raw catalogue that is asked of what is dark or missing.
    """

    names: Mapping[int, str]
    prefixes: Prefixes
    limits: Limits
    past: Mapping[int, Past] = field(default_factory=dict)
    directories: Mapping[int, Path] = field(default_factory=dict)
    accepted: Mapping[int, str] = field(default_factory=dict)
    raw: RawList | None = None


# ------------------------------------------------------------------------------- what the catalogue says
Row = tuple[str, Kind, str | None, int | None, str | None]
"""Of what was found at an endpoint: path, kind, state and id of the copy that was expected, and the text of
``believed`` for since when."""


def tell(
    engine: Engine, conn: Connection, found: Path, scans: Sequence[StoredScan], context: Context
) -> None:
    """Make ``told``: of each place that was found, what the catalogue knows, and the kind that it is with it."""
    engine.do(f"CREATE VIEW found AS SELECT * FROM read_parquet({text(str(found))})")
    engine.do(
        "CREATE TABLE told (endpoint_id BIGINT, path VARCHAR, replica_id BIGINT, kind VARCHAR, said VARCHAR, lfn VARCHAR, "
        "run BIGINT, dataset VARCHAR, since TIMESTAMP)"
    )
    asking = {scan.row.endpoint_id: _Asking(conn, scan.row, context) for scan in scans}
    question = (
        "SELECT f.endpoint_id, f.path, f.kind, f.state, f.replica_id, b.since FROM found f LEFT JOIN before b "
        "ON b.id = f.replica_id AND b.endpoint_id = f.endpoint_id ORDER BY f.endpoint_id, f.path, f.replica_id"
    )

    def rows() -> Iterator[tuple[object, ...]]:
        for batch in engine.stream(question, _AT_ONCE):
            for endpoint, some in groupby(batch, key=lambda row: int(row[0])):
                yield from asking[endpoint].told([(p, Kind(k), s, r, t) for _, p, k, s, r, t in some])

    load(engine, "told", rows())
    # of two that belong together, one is explained: the other stands alone
    engine.do(
        f"""UPDATE told SET kind = CASE WHEN f.present THEN {text(Kind.DARK)} ELSE {text(Kind.LOST)} END FROM found f
        WHERE told.kind = {text(Kind.WRONG_PLACE)} AND f.kind = {text(Kind.WRONG_PLACE)} AND f.endpoint_id = told.endpoint_id
        AND f.path = told.path AND f.other NOT IN
        (SELECT endpoint_id || ':' || path FROM told WHERE kind = {text(Kind.WRONG_PLACE)})"""
    )


class _Asking:
    """What the catalogue says of places of one endpoint, a few thousand at a time."""

    def __init__(self, conn: Connection, scan: Scan, context: Context) -> None:
        self._conn, self._endpoint, self._context = conn, scan.endpoint_id, context
        self._late, self._since = is_late(scan), expected_since(scan, context.limits)
        self._written: set[str] | None = None

    def told(self, rows: Sequence[Row]) -> Iterator[tuple[object, ...]]:
        """A row of ``told`` for each of what was found."""
        conn = self._conn
        own = {
            copy.id: copy for copy in comparelook.copies(conn, [row[3] for row in rows if row[3] is not None])
        }
        asked = [row for row in rows if row[1] in _ASKED]
        strange = [row[0] for row in asked if row[3] is None]
        last = comparelook.at_places(conn, self._endpoint, strange) if strange else {}
        ids = {row[3] for row in asked if row[3] is not None} | {copy.id for copy in last.values()}
        going = comparelook.going(conn, sorted(ids))
        attempts = {path: attempt for path in strange if (attempt := attempt_of(path)) is not None}
        numbers = sorted({number for _, number, _ in attempts.values()})
        jobs = comparelook.jobs(conn, numbers) if numbers else {}
        debris = comparelook.debris(conn, self._endpoint, sorted(attempts)) if attempts else {}
        elsewhere = self._elsewhere([row[0] for row in asked if row[1] is Kind.DARK])
        for path, kind, state, key, since in rows:
            copy = last.get(path) if key is None else own.get(key)
            known = Known()
            if kind in _ASKED:
                attempt = attempts.get(path)
                known = Known(
                    copy=copy,
                    changed=copy is not None and self._changed(copy, state, since),
                    going=going.get(copy.id, ()) if copy is not None else (),
                    job=jobs.get(attempt[1]) if attempt else None,
                    written=kind is Kind.DEBRIS and attempt is None and self._written_at(path),
                    elsewhere=elsewhere.get(path, ""),
                    due=debris[path][0] if path in debris else None,
                    sent=path in debris and debris[path][1],
                )
            yield self._endpoint, path, key, *_columns(kind, path, state, copy, known)

    def _changed(self, copy: CopyFacts, state: str | None, since: str | None) -> bool:
        """Whether something happened to the copy since the catalogue was asked before the scan. ``state``,
        ``since``: what it was then; None: it was not there."""
        lately = copy.since >= self._since
        if state is None:
            return lately or copy.state is not ReplicaState.DELETED
        return (
            copy.state != state
            or (self._late and lately)
            or (since is not None and copy.since != _read(since))
        )

    def _elsewhere(self, paths: Sequence[str]) -> dict[str, str]:
        """Of these paths, those where an entry under another endpoint's name is, each with the other's name."""
        names = self._context.names
        ids = {name: key for key, name in names.items()}
        others: dict[int, dict[str, str]] = {}
        for path in paths:
            for name, other in self._context.prefixes.names(names[self._endpoint], path):
                if name in ids:
                    others.setdefault(ids[name], {})[other] = path
        return {
            called[other]: f"{names[key]}:{other}"
            for key, called in others.items()
            for other, copy in comparelook.at_places(self._conn, key, sorted(called)).items()
            if copy.state is not ReplicaState.DELETED
        }

    def _written_at(self, path: str) -> bool:
        """Whether something is, or was, being copied into the directory: asked for once, when it matters."""
        if self._written is None:
            self._written = comparelook.written_since(self._conn, self._endpoint, self._since)
        return path[: path.rfind("/") + 1] in self._written


def _read(since: str) -> datetime:
    """A time as ``believed`` writes it: SQLite's with its zone, PostgreSQL's in UTC."""
    found = datetime.fromisoformat(since)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _columns(
    kind: Kind, path: str, state: str | None, copy: CopyFacts | None, known: Known
) -> tuple[object, ...]:
    became = refined(kind, path, state, known)
    said = words(became, path, state, known) or None
    if copy is not None:
        return became, said, copy.lfn, copy.run, copy.dataset, _utc(copy.since) if state is not None else None
    if known.job is not None:
        return became, said, None, known.job.run, known.job.dataset, None
    return became, said, None, None, None, None


# ------------------------------------------------------------------------------------------ places, hidden
def place(engine: Engine, scans: Sequence[StoredScan], context: Context) -> None:
    """Make ``place``: what was found, numbered, with what was told of it and the names of endpoints."""
    engine.do("CREATE TABLE called (endpoint_id BIGINT, endpoint VARCHAR, root VARCHAR, begun TIMESTAMP)")
    engine.do("CREATE TABLE named (endpoint_id BIGINT, endpoint VARCHAR)")
    load(engine, "named", iter(context.names.items()))
    rows = ((s.row.endpoint_id, s.row.endpoint, s.row.root, _utc(s.reading.begun)) for s in scans)
    load(engine, "called", rows)
    # 'other' says which endpoint by number: people know its name
    engine.do(
        """CREATE TABLE place AS SELECT row_number() OVER () AS n, f.endpoint_id, c.endpoint, f.path, t.kind, f.expected,
        f.present, f.replica_id, f.file_id, f.state, f.size, f.adler32, f.seen_size, f.seen_adler32,
        CASE WHEN f.other IS NOT NULL AND t.kind = f.kind THEN o.endpoint || substr(f.other, instr(f.other, ':')) END AS other,
        nullif(concat_ws('; ', f.said, t.said), '') AS said, t.lfn, t.run, t.dataset, t.since, c.begun
        FROM found f JOIN called c ON c.endpoint_id = f.endpoint_id AND starts_with(f.path, c.root)
        JOIN told t ON t.endpoint_id = f.endpoint_id AND t.path = f.path AND t.replica_id IS NOT DISTINCT FROM f.replica_id
        LEFT JOIN named o ON o.endpoint_id = try_cast(split_part(f.other, ':', 1) AS BIGINT)"""
    )


def hide(engine: Engine, scans: Sequence[StoredScan]) -> None:
    """Make ``hidden``: places whose absence is not certain, as a line that cannot be read, or that is said to be
    of another endpoint, may be about them."""
    engine.do("CREATE TABLE hidden (n BIGINT)")
    lacking = f"kind IN ({_of(LACKING)}) AND NOT present"
    for scan in scans:
        if not (scan.reading.garbled or scan.reading.outside) or not scan.parts:
            continue
        parts = f"read_parquet([{', '.join(text(str(part)) for part in scan.parts)}])"
        here = f"endpoint_id = {int(scan.row.endpoint_id)} AND {lacking}"
        if scan.reading.garbled:
            question = f"SELECT coalesce(said, '') FROM {parts} WHERE problem = '{GARBLED}' LIMIT {verdicts.READABLE + 1}"
            left = verdicts.traces([line for (line,) in engine.rows(question)])
            paths = engine.stream(f"SELECT n, path FROM place WHERE {here}", _AT_ONCE)
            load(engine, "hidden", ((n,) for some in paths for n, path in some if verdicts.hides(left, path)))
        if scan.reading.outside:
            name, parting = "regexp_extract(path, '[^/]*$')", r"[\s/,;|\"]+"
            engine.do(
                f"""INSERT INTO hidden SELECT n FROM place WHERE {here} AND (regexp_matches({name}, {text(parting)}) OR {name} IN
                (SELECT unnest(regexp_split_to_array(said, {text(parting)})) FROM {parts} WHERE problem = '{OUTSIDE}'))"""
            )


# ----------------------------------------------------------------------------------------- what was before
_ALIKE = "(e.kind = p.kind OR (e.kind IN ({0}) AND p.kind IN ({0})))".format(
    ", ".join(text(kind) for kind in sorted(UNKNOWN))
)
"""Of the same kind; a dark file stays one when the raw catalogue is asked about it, or is not asked any more."""
_SAME = (
    f"e.endpoint_id = p.endpoint_id AND e.path = p.path AND {_ALIKE} AND e.present = p.present "
    "AND e.replica_id IS NOT DISTINCT FROM p.replica_id AND e.state IS NOT DISTINCT FROM p.state "
    "AND e.since IS NOT DISTINCT FROM p.since AND e.size IS NOT DISTINCT FROM p.size "
    "AND e.adler32 IS NOT DISTINCT FROM p.adler32 "
    "AND (e.seen_size IS NULL OR p.seen_size IS NULL OR e.seen_size = p.seen_size) "
    "AND (e.seen_adler32 IS NULL OR p.seen_adler32 IS NULL OR e.seen_adler32 = p.seen_adler32)"
)
"""The same of the same place, and nothing happened to the copy: not even to its state and back. What is there
has the same size, so a file that somebody writes anew is never confirmed."""


def look_back(engine: Engine, scans: Sequence[StoredScan], context: Context) -> None:
    """Make ``seen``: places of which an earlier comparison, and all in between, said the same; and ``first``:
    when a place was first seen as what it is."""
    engine.do("CREATE TABLE seen (n BIGINT)")
    engine.do("CREATE TABLE first (n BIGINT, first_seen TIMESTAMP)")
    for scan in scans:
        past = context.past.get(scan.row.endpoint_id, Past())
        here = f"p.endpoint_id = {int(scan.row.endpoint_id)}"
        if past.earlier is not None:
            worth = f"e.standing IN ({_of(CONFIRMING)})"
            together = f"(p.kind <> {text(Kind.WRONG_PLACE)} OR e.other IS NOT DISTINCT FROM p.other)"
            others = [
                f"(NOT starts_with(p.path, {text(one.root)}) OR EXISTS (SELECT 1 FROM {_source(context, one)} e WHERE "
                f"{_SAME.replace(_ALIKE, _KIND)}))"
                for one in past.between
            ]
            engine.do(
                f"INSERT INTO seen SELECT DISTINCT p.n FROM place p JOIN {_source(context, past.earlier)} e ON {_SAME} "
                f"WHERE {' AND '.join([here, worth, together, *others])}"
            )
        for one in {one for one in (past.last, past.earlier) if one is not None}:
            engine.do(
                f"INSERT INTO first SELECT p.n, e.first_seen FROM place p JOIN {_source(context, one)} e ON {_SAME} WHERE {here}"
            )


_KIND = f"({_ALIKE} OR e.kind = {text(Kind.UNREADABLE)})"


def _source(context: Context, one: Looked) -> str:
    return findings.source(context.directories[one.comparison])


# ------------------------------------------------------------------------------------------------ standings
def judge(
    engine: Engine, scans: Sequence[StoredScan], context: Context, expected: Mapping[int, int]
) -> dict[int, Brake]:
    """Make ``worth``: the standing of every case there is. Gives the brakes, by endpoint."""
    counted: dict[int, dict[Kind, int]] = {scan.row.endpoint_id: {} for scan in scans}
    for endpoint, kind, places in engine.rows("SELECT endpoint_id, kind, count(*) FROM place GROUP BY ALL"):
        counted[endpoint][Kind(kind)] = places
    brakes, whole = {}, {}
    for scan in scans:
        key = scan.row.endpoint_id
        held = verdicts.brake(counted[key], expected.get(key, 0), scan.row.entries, context.limits)
        brakes[key] = Brake() if key in context.accepted else held
        whole[key] = scan.reading.whole
    engine.do(
        "CREATE VIEW cases AS SELECT p.*, p.n IN (SELECT n FROM seen) AS seen_before, p.n IN (SELECT n FROM hidden) AS hidden "
        "FROM place p"
    )
    engine.do(
        "CREATE TABLE worth (endpoint_id BIGINT, kind VARCHAR, seen_before BOOLEAN, hidden BOOLEAN, standing VARCHAR)"
    )
    cases = engine.rows("SELECT DISTINCT endpoint_id, kind, seen_before, hidden FROM cases")
    load(
        engine,
        "worth",
        (
            (
                endpoint,
                kind,
                seen,
                hidden,
                _standing(Kind(kind), seen, hidden, whole[endpoint], brakes[endpoint]),
            )
            for endpoint, kind, seen, hidden in cases
        ),
    )
    return brakes


def _standing(kind: Kind, seen: bool, hidden: bool, whole: bool, brake: Brake) -> Standing:
    return verdicts.standing(kind, seen_before=seen, whole=whole, hidden=hidden, brake=brake)


def write(engine: Engine, to: Path) -> list[tuple[int, str, str, bool, int, int]]:
    """Write the findings. Gives how many there are: endpoint id, kind, standing, expected, places, bytes."""
    own = {"standing": "w.standing", "first_seen": "coalesce(f.first_seen, c.begun)"}
    columns = ", ".join(f"{own.get(name, f'c.{name}')} AS {name}" for name in findings.COLUMNS)
    engine.do(
        f"""COPY (SELECT c.endpoint_id, {columns} FROM cases c
        JOIN worth w ON w.endpoint_id = c.endpoint_id AND w.kind = c.kind AND w.seen_before = c.seen_before
        AND w.hidden = c.hidden LEFT JOIN (SELECT n, min(first_seen) AS first_seen FROM first GROUP BY n) f ON f.n = c.n
        ORDER BY c.kind, c.endpoint, c.path, c.replica_id) TO {text(str(to))} (FORMAT parquet, COMPRESSION zstd)"""
    )
    return [
        (endpoint, kind, standing, expected, places, int(size))
        for endpoint, kind, standing, expected, places, size in engine.rows(
            f"""SELECT endpoint_id, kind, standing, expected, count(*), coalesce(sum(coalesce(seen_size, size)), 0)
            FROM read_parquet({text(str(to))}) GROUP BY ALL ORDER BY ALL"""
        )
    ]


def _of(words: Collection[str]) -> str:
    return ", ".join(text(word) for word in sorted(words))


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
