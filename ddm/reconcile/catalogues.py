"""Two catalogues as sets in the engine: which files only one of them has, and where they disagree.

Files are joined by their LFN, or by their base name where the other catalogue has no paths. What is unknown on
one side is not compared, and it is said how many were. All that is not plainly the same is small, unless
something is very wrong, and further questions are asked of that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ddm.reconcile.cataloguekinds import PASSING, Odd
from ddm.reconcile.engine import Engine, text

_OURS = {
    "lfn": "VARCHAR",
    "dataset": "VARCHAR",
    "size": "BIGINT",
    "adler32": "BIGINT",
    "events": "BIGINT",
    "since": "VARCHAR",
    "replaced": "BIGINT",
}
"""Of ``catalog.db.cataloguelist``, in its order."""

_THEIRS = {
    "name": "VARCHAR",
    "dataset": "VARCHAR",
    "size": "BIGINT",
    "adler32": "BIGINT",
    "events": "BIGINT",
    "said": "VARCHAR",
    "problem": "VARCHAR",
}
"""Of ``theirs``, in its order."""

VALUES = {Odd.SIZE: "size", Odd.CHECKSUM: "adler32", Odd.EVENTS: "events", Odd.DATASET: "dataset"}
_BASE = "regexp_extract({0}, '[^/]*$')"


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it: files of each side and of both, how many of each kind, and for how many of both a
    value is known on both sides (by kind). ``by_base_name``: how they were joined."""

    here: int
    there: int
    both: int
    kinds: Mapping[Odd, int]
    known: Mapping[Odd, int]
    by_base_name: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """``begun``: when the other catalogue began to be read; what changed here since is PASSING. ``unread``:
    names of our datasets of which the other one could not be read. ``datasets``: names there → names here.
    ``scope``: our datasets (names) that the other catalogue is to have; None: all. ``names_datasets``: names of
    datasets there correspond to ours; else they are not compared. ``by_base_name``: None, by what the names
    there look like."""

    begun: datetime
    unread: Sequence[str] = ()
    datasets: Mapping[str, str] | None = None
    scope: Sequence[str] | None = None
    names_datasets: bool = True
    by_base_name: bool | None = None


def theirs(engine: Engine, parts: Sequence[Path], view: str = "told") -> None:
    """Read what the other catalogue says into a view of the engine: before ``compare``."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in _THEIRS.items())
    listed = ", ".join(text(str(part)) for part in parts)
    kept = engine.directory / f"{view}.parquet"
    engine.do(
        f"COPY (SELECT * REPLACE (nullif(problem, '') AS problem) FROM read_csv([{listed}], "
        f"columns = {{{columns}}}, delim = '\t', quote = '\"', escape = '\"', nullstr = '', header = false, "
        f"auto_detect = false, max_line_size = 1048576)) TO {text(str(kept))} (FORMAT parquet, COMPRESSION zstd)"
    )
    engine.do(f"CREATE VIEW {view} AS SELECT * FROM read_parquet({text(str(kept))})")


def are_base_names(engine: Engine, view: str) -> bool:
    """Whether most names that were read have no path."""
    return bool(
        engine.number(f"SELECT count(*) FROM {view} WHERE problem IS NULL AND NOT starts_with(name, '/')") * 2
        > engine.number(f"SELECT count(*) FROM {view} WHERE problem IS NULL")
    )


def read_ours(engine: Engine, exported: Path, view: str, key: str = "lfn") -> None:
    """Read a text of ``catalog.db.cataloguelist`` into a view, with ``key`` beside its columns."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in _OURS.items())
    kept = engine.directory / f"{view}.parquet"
    engine.do(
        f"COPY (SELECT {key} AS key, * FROM read_csv({text(str(exported))}, columns = {{{columns}}}, delim = '\t', "
        f"quote = '\"', escape = '\"', nullstr = '', header = false, auto_detect = false)) TO {text(str(kept))} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )
    engine.do(f"CREATE VIEW {view} AS SELECT * FROM read_parquet({text(str(kept))})")


def datasets_there(engine: Engine) -> list[str]:
    """The names of the datasets that the other catalogue speaks of."""
    return [
        name
        for (name,) in engine.rows("SELECT DISTINCT dataset FROM told WHERE dataset IS NOT NULL ORDER BY ALL")
    ]


def compare(engine: Engine, ours: Path, asked: Asked, to: Path) -> Compared:
    """Compare; every file that is not plainly the same is a row of ``to``, a Parquet file, for each kind.

    Columns: kind, lfn, dataset, size, adler32, events (ours), other_name, other_dataset, other_size,
    other_adler32, other_events, said (where the other catalogue says it, or why it cannot be compared).
    Checksums are eight hexadecimal digits.
    """
    by_base_name = asked.by_base_name
    if by_base_name is None:
        by_base_name = are_base_names(engine, "told")
    _sides(engine, ours, asked, by_base_name)
    _odd(engine)
    _findings(engine, asked, by_base_name)
    hexadecimal = "lower(lpad(printf('%x', {0}), 8, '0')) AS {0}"
    columns = ", ".join(
        hexadecimal.format(name) if name.endswith("adler32") else name for name in FINDING_COLUMNS
    )
    engine.do(
        f"COPY (SELECT {columns} FROM finding ORDER BY kind, lfn, other_name) TO {text(str(to))} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )
    return _counted(engine, by_base_name)


def examples(engine: Engine, rest: Path, most: int) -> list[tuple[Any, ...]]:
    """So many findings of each kind."""
    columns = ", ".join(FINDING_COLUMNS)
    return engine.rows(
        f"SELECT {columns} FROM (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY lfn, other_name) AS n "
        f"FROM read_parquet({text(str(rest))})) WHERE n <= {int(most)} ORDER BY kind, lfn, other_name"
    )


FINDING_COLUMNS = (
    *("kind", "lfn", "dataset", "size", "adler32", "events"),
    *("other_name", "other_dataset", "other_size", "other_adler32", "other_events", "said"),
)


# ------------------------------------------------------------------------------------------ the two sides
def _sides(engine: Engine, ours: Path, asked: Asked, by_base_name: bool) -> None:
    """Views ``here`` and ``there``: each key once; tables ``twice_here``, ``twice_there``, ``replaced``."""
    read_ours(engine, ours, "every", _BASE.format("lfn") if by_base_name else "lfn")
    engine.do("CREATE VIEW live AS SELECT * EXCLUDE (replaced) FROM every WHERE replaced = 0")
    engine.do("CREATE TABLE replaced AS SELECT key FROM every WHERE replaced = 1")
    _mapping(engine, asked)
    name = _BASE.format("t.name") if by_base_name else "t.name"
    dataset = "coalesce(m.here, t.dataset)" if asked.names_datasets else "CAST(NULL AS VARCHAR)"
    engine.do(
        f"CREATE VIEW listed AS SELECT {name} AS key, t.name, {dataset} AS dataset, "
        "t.dataset AS called, t.size, t.adler32, t.events, t.said FROM told t "
        "LEFT JOIN mapped m ON m.there = t.dataset WHERE t.problem IS NULL"
    )
    for source, table in (("live", "twice_here"), ("listed", "twice_there")):
        # numbers for all of them are held in memory, names for few
        engine.do(
            f"CREATE TABLE {table} AS SELECT h FROM (SELECT hash(key) AS h FROM {source}) GROUP BY h HAVING count(*) > 1"
        )
    engine.do(
        "CREATE TABLE same_there AS SELECT key, min(name) AS name, min(dataset) AS dataset, min(called) AS called, "
        "min(size) AS size, min(adler32) AS adler32, min(events) AS events, min(said) AS said, "
        "max(size) > min(size) OR max(adler32) > min(adler32) OR max(events) > min(events) "
        "OR max(name) > min(name) AS unlike FROM listed WHERE hash(key) IN (SELECT h FROM twice_there) GROUP BY key"
    )
    engine.do(
        "CREATE VIEW there AS SELECT * FROM listed WHERE hash(key) NOT IN (SELECT h FROM twice_there) "
        "UNION ALL SELECT * EXCLUDE (unlike) FROM same_there WHERE unlike IS NOT TRUE"
    )
    engine.do(
        "CREATE TABLE ambiguous AS SELECT key, count(*) AS n FROM live WHERE hash(key) IN (SELECT h FROM twice_here) "
        "GROUP BY key HAVING count(*) > 1"
    )
    engine.do(
        "CREATE VIEW here AS SELECT * FROM live WHERE hash(key) NOT IN (SELECT h FROM twice_here) UNION ALL "
        "SELECT * FROM live WHERE hash(key) IN (SELECT h FROM twice_here) AND key NOT IN (SELECT key FROM ambiguous)"
    )


def _mapping(engine: Engine, asked: Asked) -> None:
    engine.do("CREATE TABLE mapped (there VARCHAR, here VARCHAR)")
    if asked.datasets:
        engine.many("INSERT INTO mapped VALUES (?, ?)", list(asked.datasets.items()))
    for table, names in (("unread", asked.unread), ("scoped", asked.scope or ())):
        engine.do(f"CREATE TABLE {table} (dataset VARCHAR)")
        if names:
            engine.many(f"INSERT INTO {table} VALUES (?)", [(name,) for name in names])


# ---------------------------------------------------------------------------------------- the comparison
def _differs(name: str) -> str:
    return f"(o.{name} IS NOT NULL AND t.{name} IS NOT NULL AND o.{name} <> t.{name})"


_IN_SCOPE = "(t.key IS NOT NULL OR NOT EXISTS (FROM scoped) OR o.dataset IN (SELECT dataset FROM scoped))"
"""What the other catalogue need not have is not missed."""


def _odd(engine: Engine) -> None:
    """``odd``: every key that is not on both sides with values that agree as far as known.

    Found with as few columns as can be, for those are what is held or spilled; the others are fetched for
    the few that are found.
    """
    differing = " OR ".join(_differs(name) for name in VALUES.values())
    few = ", ".join(VALUES.values())
    engine.do(
        f"""CREATE TABLE odd_keys AS SELECT coalesce(o.key, t.key) AS key
        FROM (SELECT key, {few} FROM here) o FULL JOIN (SELECT key, {few} FROM there) t ON t.key = o.key
        WHERE (o.key IS NOT NULL AND t.key IS NOT NULL AND NOT ({differing})) IS NOT TRUE AND {_IN_SCOPE}"""
    )
    engine.do(
        """CREATE TABLE odd AS SELECT k.key, o.lfn, o.dataset, o.size, o.adler32, o.events, o.since,
        t.key IS NOT NULL AS is_there, t.name AS other_name, t.called AS other_dataset, t.dataset AS meant,
        t.size AS other_size, t.adler32 AS other_adler32, t.events AS other_events, t.said
        FROM odd_keys k LEFT JOIN here o ON o.key = k.key LEFT JOIN there t ON t.key = k.key"""
    )
    # a file may be in several datasets there: one that corresponds is enough
    engine.do(
        "CREATE TABLE also AS SELECT DISTINCT l.key, l.dataset FROM listed l WHERE l.dataset IS NOT NULL "
        "AND hash(l.key) IN (SELECT h FROM twice_there) AND l.key IN (SELECT key FROM odd_keys)"
    )


def _findings(engine: Engine, asked: Asked, by_base_name: bool) -> None:
    """``finding``: a row for each odd file and kind."""
    values = "lfn, dataset, size, adler32, events, other_name, other_dataset, other_size, other_adler32, other_events"
    both = "lfn IS NOT NULL AND is_there"
    sure = "(key IN (SELECT key FROM ambiguous) OR key IN (SELECT key FROM same_there WHERE unlike))"
    problem = _BASE.format("name") if by_base_name else "name"
    engine.do(
        f"CREATE TABLE unreadable AS SELECT {problem} AS key, min(problem) AS problem FROM told "
        "WHERE problem IS NOT NULL AND name <> '' GROUP BY ALL"
    )
    recent = text(asked.begun.isoformat(timespec="seconds")[:19])
    engine.do(
        f"""CREATE TABLE finding AS
        SELECT CASE
            WHEN key IN (SELECT key FROM unreadable WHERE starts_with(problem, '{PASSING}')) THEN '{Odd.PASSING}'
            WHEN key IN (SELECT key FROM unreadable) OR dataset IN (SELECT dataset FROM unread) THEN '{Odd.UNREADABLE}'
            WHEN since >= {recent} THEN '{Odd.PASSING}' ELSE '{Odd.ONLY_HERE}' END AS kind, {values},
            (SELECT u.problem FROM unreadable u WHERE u.key = odd.key) AS said
            FROM odd WHERE lfn IS NOT NULL AND NOT is_there AND NOT {sure}
        UNION ALL SELECT '{Odd.ONLY_THERE}', {values},
            CASE WHEN key IN (SELECT key FROM replaced) THEN concat_ws('; ', said, 'replaced here') ELSE said END
            FROM odd WHERE lfn IS NULL AND NOT {sure}
        UNION ALL SELECT '{Odd.SIZE}', {values}, said FROM odd WHERE {both} AND size <> other_size
        UNION ALL SELECT '{Odd.CHECKSUM}', {values}, said FROM odd WHERE {both} AND adler32 <> other_adler32
        UNION ALL SELECT '{Odd.EVENTS}', {values}, said FROM odd WHERE {both} AND events <> other_events
        UNION ALL SELECT '{Odd.DATASET}', {values}, said FROM odd WHERE {both} AND dataset <> meant
            AND (key, dataset) NOT IN (SELECT (key, dataset) FROM also)
        UNION ALL SELECT '{Odd.AMBIGUOUS}', min(l.lfn), NULL, NULL, NULL, NULL, min(l.key), NULL, NULL, NULL, NULL,
            'several files here have this name' FROM live l JOIN ambiguous a ON a.key = l.key
            WHERE l.key IN (SELECT key FROM listed) GROUP BY l.key
        UNION ALL SELECT CASE WHEN since >= {recent} THEN '{Odd.PASSING}' ELSE '{Odd.ONLY_HERE}' END, l.lfn, l.dataset, l.size,
            l.adler32, l.events, NULL, NULL, NULL, NULL, NULL, NULL FROM live l JOIN ambiguous a ON a.key = l.key
            WHERE l.key NOT IN (SELECT key FROM listed WHERE key IS NOT NULL)
            AND (NOT EXISTS (FROM scoped) OR l.dataset IN (SELECT dataset FROM scoped))
        UNION ALL SELECT '{Odd.AMBIGUOUS}', NULL, NULL, NULL, NULL, NULL, s.name, s.called, s.size, s.adler32, s.events,
            concat_ws('; ', s.said, 'listed more than once, with other values') FROM same_there s WHERE s.unlike"""
    )


def _counted(engine: Engine, by_base_name: bool) -> Compared:
    kinds = {
        Odd(kind): n
        for kind, n in engine.rows("SELECT kind, count(*) FROM finding GROUP BY ALL ORDER BY ALL")
    }
    here, there = (
        engine.one(f"SELECT count(*), {', '.join(f'count({name})' for name in VALUES.values())} FROM {view}")
        for view in ("here", "there")
    )
    both = there[0] - engine.number("SELECT count(*) FROM odd WHERE lfn IS NULL")
    known = {
        kind: _known(
            engine,
            name,
            here[n] if here[n] < here[0] else None,
            there[n] if there[n] < there[0] else None,
            both,
        )
        for n, (kind, name) in enumerate(VALUES.items(), 1)
    }
    return Compared(
        here=engine.number(
            "SELECT count(*) FROM live WHERE NOT EXISTS (FROM scoped) OR dataset IN (SELECT dataset FROM scoped)"
        ),
        there=there[0] + engine.number("SELECT count(*) FROM same_there WHERE unlike"),
        both=both,
        kinds=kinds,
        known=known,
        by_base_name=by_base_name,
    )


def _known(engine: Engine, name: str, here: int | None, there: int | None, both: int) -> int:
    """For how many files of both sides the value is known on both. ``here``, ``there``: for how many it is on
    that side (None: all): mostly that tells, and no second join is needed."""
    if 0 in (here, there) or not both:
        return 0
    if here is None and there is None:
        return both
    return engine.number(
        f"SELECT count(*) FROM (SELECT key FROM here WHERE {name} IS NOT NULL) o "
        f"JOIN (SELECT key FROM there WHERE {name} IS NOT NULL) t ON t.key = o.key"
    )
