"""Files by name, by place, of a run, by query: what a listing is made of, many at a time. Reads only.

Every file that is not retired counts; a replica that is DELETED is not seen. Rows are plain tuples as the
driver of the database makes them: the objects that SQLAlchemy puts around a row take longer than the row.
Listings are in the order (dataset, run, registration), which is that of an index: nothing is sorted, and a
page begins where the one before ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError

from catalog.db import columns, directories, schema
from catalog.db.columns import DIR, LFN, PLACE, E, F, R
from catalog.db.condition import EVENTS, condition
from catalog.db.engine import among, among_text, ids_of
from catalog.errors import BadInput
from catalog.querytree import And, Compare, Not, Or, Query, Replica, Within

Row = tuple[Any, ...]

ALL = 100_000_000
"""More files than there are."""

PAGE = 5000
"""Rows that are in memory at a time."""

MOST_PROBES = 500_000
"""So often the index of names is probed, in each directory for each name; beyond that all files are read."""

FEW_DIRECTORIES = 3
"""Names in so few directories are looked for in each of them."""


class Copy(NamedTuple):
    """A replica of a file, or the file alone (the last four None) if it has none. Checksums are numbers."""

    id: int  # of the file
    lfn: str
    product: str
    run: int
    chunk: str
    part: int | None
    size: int | None
    adler32: int | None
    endpoint: str | None
    path: str | None
    state: str | None
    locality: str | None


class Key(NamedTuple):
    """Where a file is in the order of all listings."""

    dataset: int
    run: int
    file: int

    def __str__(self) -> str:
        return ".".join(map(str, self))


def key_of(text: str) -> Key:
    """The key that ``str`` wrote. Raises BadInput."""
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise BadInput("not the end of a page; take the word that the page before ended with", subject=text)
    return Key(*map(int, parts))


# ------------------------------------------------------------------------- names and runs
_COPY = (
    *(F.c.id, LFN.label("lfn"), *F.c["product", "run", "chunk", "part", "size", "adler32"]),
    *(E.c.name.label("endpoint"), PLACE.label("path"), *R.c["state", "locality"]),
)


def _copies(begin: FromClause = F) -> Select[Any]:
    query = select(*_COPY).select_from(begin).join(DIR, DIR.c.id == F.c.directory_id)
    return columns.with_replicas(query).where(F.c.retired_at.is_(None))


@lru_cache(maxsize=1)
def _of_run() -> Select[Any]:
    return (
        _copies()
        .where(F.c.dataset_id == bindparam("dataset"), F.c.run == bindparam("run"))
        .order_by(F.c.dataset_id, F.c.run, F.c.id)
    )


def run_files(conn: Connection, dataset_id: int, run: int) -> list[Copy]:
    """The files of a run with their replicas, in order of registration."""
    return _all(conn, _of_run(), {"dataset": dataset_id, "run": run})


def look_up(conn: Connection, lfns: Iterable[str]) -> dict[str, list[Copy]]:
    """Every LFN asked for, with the replicas of its file; with nothing if there is no such file.

    Two statements, however many LFNs there are.
    """
    found: dict[str, list[Copy]] = {lfn: [] for lfn in lfns}
    parts = [directories.split(lfn) for lfn in found]
    ids = directories.known(conn, {head for head, _ in parts})
    names: dict[int, list[str]] = {}
    for head, name in sorted(parts):  # in the order of the index, whose pages are then read once
        if head in ids:
            names.setdefault(ids[head], []).append(name)
    for row in _all(conn, _in_directories(conn, names)) if names else ():
        found[row.lfn].append(row)
    return found


def _in_directories(conn: Connection, names: Mapping[int, list[str]]) -> Select[Any]:
    """The files of these names in the directories of these numbers."""
    if conn.dialect.name == "sqlite":
        of = func.json_each(json.dumps(names)).table_valued("key", "value", name="of")
        one = func.json_each(of.c.value).table_valued("value", name="one")
        mine = F.c.name.in_(select(one.c.value).correlate(of))
        return _copies(of.join(F, and_(F.c.directory_id == cast(of.c.key, Integer), mine)))
    directory, name = F.c.directory_id, F.c.name
    if len(names) <= FEW_DIRECTORIES:
        some = (and_(directory == key, _one_of(conn, name, those)) for key, those in names.items())
        return _copies().where(or_(*some))
    pairs = [(key, one) for key, those in names.items() for one in those]
    wanted = func.unnest(
        cast([key for key, _ in pairs], ARRAY(BigInteger)), cast([one for _, one in pairs], ARRAY(Text))
    )
    pair = wanted.table_valued("directory_id", "name").render_derived().alias("wanted")
    return _copies().where(name == pair.c.name, directory == pair.c.directory_id)


def of_directory(conn: Connection, path: str) -> list[Copy]:
    """The files that are in this directory itself, with their replicas, by name."""
    query = _copies().where(DIR.c.path == path).order_by(F.c.directory_id, F.c.name)
    return _all(conn, query)


def by_name(conn: Connection, names: Iterable[str]) -> dict[str, list[Copy]]:
    """Every base name asked for, with the replicas of the files that have it."""
    found: dict[str, list[Copy]] = {name: [] for name in names}
    query = _copies().where(_one_of(conn, F.c.name, list(found)))
    if len(found) * conn.execute(select(func.count()).select_from(DIR)).scalar_one() <= MOST_PROBES:
        query = query.where(_in_any_directory())
    for row in _all(conn, query):
        found[row.lfn.rpartition("/")[2]].append(row)
    return found


def _in_any_directory() -> ColumnElement[bool]:
    """Says nothing, but lets the index of (directory, name) be asked for each directory."""
    return F.c.directory_id.in_(select(schema.directory.c.id))


def _one_of(conn: Connection, column: ColumnElement[str], values: list[str]) -> ColumnElement[bool]:
    if conn.dialect.name == "sqlite":
        return among_text(conn, column, values)
    return column == any_(cast(values, ARRAY(Text)))  # one scan of the index; IN (SELECT …) is one for each


def by_path(conn: Connection, paths: Iterable[str]) -> dict[str, list[Copy]]:
    """Every path at an endpoint asked for, with the replicas that are there (at any endpoint)."""
    found = {
        path: [copy for copy in rows if copy.path == path] for path, rows in look_up(conn, paths).items()
    }
    elsewhere = _copies().where(_one_of(conn, R.c.path, list(found)))
    for row in _all(conn, elsewhere):
        if row not in found[str(row.path)]:
            found[str(row.path)].append(row)
    return found


def copies(conn: Connection, query: Query, now: datetime, *, files: int) -> list[Copy]:
    """The first so many files that the query finds, with their replicas."""
    first = select(F.c.id).where(condition(conn, query, now)).order_by(*_KEY).limit(files)
    return _all(conn, _copies().where(among(conn, F.c.id, ids_of(conn, first))).order_by(*_KEY))


def _all(conn: Connection, query: Select[Any], values: Mapping[str, Any] | None = None) -> list[Copy]:
    result = conn.execute(query, values or {})
    with _driver_errors(conn, query):
        rows = result.cursor.fetchall()
    result.close()
    return list(map(Copy._make, rows))


def _pages(conn: Connection, query: Select[Any], size: int) -> Iterator[list[Row]]:
    """The driver's own rows, a page at a time; the database holds the rest."""
    with _driver_errors(conn, query), closing(_cursor(conn, query)) as cursor:
        while rows := cursor.fetchmany(size):
            yield rows


def _cursor(conn: Connection, query: Select[Any]) -> Any:
    if conn.dialect.name == "sqlite":
        return conn.execute(query).cursor
    compiled = query.compile(conn, compile_kwargs={"render_postcompile": True})
    driver: Any = conn.connection.driver_connection
    cursor = driver.cursor(name=f"ask_{next(_NUMBERS)}")  # with a name it is the server that keeps the rows
    cursor.execute(str(compiled), compiled.params)
    return cursor


_NUMBERS = count(1)


@contextmanager
def _driver_errors(conn: Connection, query: Select[Any]) -> Iterator[None]:
    """What the driver raises becomes what SQLAlchemy raises for the same trouble."""
    driver = conn.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError.instance(str(query), None, error, driver.Error, dialect=conn.dialect) from error


# ----------------------------------------------------------------------------- by a query
_KEY = (F.c.dataset_id, F.c.run, F.c.id)


def stream(
    conn: Connection,
    query: Query,
    now: datetime,
    names: Sequence[str] = columns.DEFAULT,
    *,
    after: Key | None = None,
    size: int = PAGE,
) -> Iterator[list[Row]]:
    """The files that the query finds, as pages of rows with these columns; only a page is in memory.

    A column of replicas makes a row of each replica (one with None where there is none). Times are aware
    UTC, adler32 is a number. Raises BadInput for a column that there is not.
    """
    rows, converts = columns.rows_of(conn, names)
    rows = rows.where(_after(condition(conn, query, now), after)).order_by(*_KEY)
    return (columns.converted(page, converts) for page in _pages(conn, rows, size))


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and what to give as ``after`` for the next ones; None if there are no more."""

    rows: list[Row]
    after: Key | None


def page(
    conn: Connection,
    query: Query,
    now: datetime,
    names: Sequence[str] = columns.DEFAULT,
    *,
    files: int,
    after: Key | None = None,
) -> Page:
    """The rows of the next so many files that the query finds."""
    where = _after(condition(conn, query, now), after)
    found = conn.execute(select(*_KEY).where(where).order_by(*_KEY).limit(files + 1)).all()
    keys = [Key(*row) for row in found[:files]]
    rows, converts = columns.rows_of(conn, names)
    rows = rows.where(among(conn, F.c.id, [key.file for key in keys])).order_by(*_KEY)
    shown = [row for part in _pages(conn, rows, PAGE) for row in columns.converted(part, converts)]
    return Page(shown, keys[-1] if len(found) > files else None)


def _after(where: ColumnElement[bool], key: Key | None) -> ColumnElement[bool]:
    if key is None:
        return where
    return and_(where, tuple_(*_KEY) > tuple_(*(literal(number, BigInteger) for number in key)))


@dataclass(frozen=True, slots=True)
class Totals:
    """Files, and what is known of them: bytes of those whose size is known, events of those with a count."""

    files: int
    size: int
    size_unknown: int
    events: int
    events_unknown: int


def totals(conn: Connection, query: Query, now: datetime) -> Totals:
    """The sums over the files that the query finds; each file once, however many replicas it has."""
    counted = select(F.c.size, EVENTS["n_events"]().label("n")).where(condition(conn, query, now)).subquery()
    n, size, events = func.count(), counted.c.size, counted.c.n
    row = conn.execute(
        select(n, func.sum(size), n - func.count(size), func.sum(events), n - func.count(events))
    ).one()
    return Totals(*(int(value or 0) for value in row))


def strangers(conn: Connection, query: Query) -> list[str]:
    """Names in the query that the catalogue has never heard: a query that finds nothing may be misspelt."""
    found = []
    for noun, table in (("dataset", schema.dataset), ("endpoint", schema.endpoint)):
        said = names_in(query, noun)
        known = conn.execute(select(table.c.name)).scalars().all() if said else []
        for name in sorted(said - set(known)):
            near = ", ".join(get_close_matches(name, known, 3)) or "none"
            found.append(f"there is no {noun} '{name}' (near: {near})")
    return found


def names_in(query: Query, field: str) -> set[str]:
    """The values that a field is asked to be, anywhere in the query."""
    match query:
        case Compare(name, "=", value) if name == field:
            return {str(value)}
        case Within(name, items) if name == field:
            return {item for item in items if isinstance(item, str)}
        case And(items) | Or(items):
            return set().union(*(names_in(item, field) for item in items))
        case Not(item):
            return names_in(item, field)
        case Replica(condition):
            return names_in(condition, field)
    return set()
