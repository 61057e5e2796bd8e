"""The rows of any table as plain values, the same from both databases: what keeps and moves a catalogue.

A plain value is an int, a float, a text or None: a time is its ISO text in UTC with microseconds, a truth is
0 or 1. Rows come in the order of their primary key, texts by code point. So two catalogues with the same
content give the same streams, and a digest of a stream says whether they are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Double,
    Engine,
    Float,
    Integer,
    Select,
    Table,
    Text,
    cast,
    collate,
    column,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy import table as plain_table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from catalog.db import schema
from catalog.db.engine import Catalog
from catalog.db.trouble import translated

BATCH = 10_000  # rows that are held at a time
ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'

Row = tuple[Any, ...]
Batches = Generator[list[Row], None, None]


class Kind(StrEnum):
    """What the values of a column are."""

    INTEGER = "integer"
    REAL = "real"
    TEXT = "text"
    TRUTH = "truth"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Shape:
    """A table's name, its columns with their kinds, and its primary key."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)


def shapes() -> tuple[Shape, ...]:
    """Every table of the catalogue; what is referred to comes first."""
    return tuple(map(shape, schema.metadata.sorted_tables))


def shape(table: Table) -> Shape:
    columns = tuple((entry.name, _kind(entry.type, f"{table.name}.{entry.name}")) for entry in table.c)
    return Shape(table.name, columns, tuple(entry.name for entry in table.primary_key))


def _kind(type_: TypeEngine[Any], where: str) -> Kind:
    known: tuple[tuple[type[Any], Kind], ...] = (
        (schema.Time, Kind.TIME),
        (Boolean, Kind.TRUTH),
        (Integer, Kind.INTEGER),
        (Double, Kind.REAL),
        (Float, Kind.REAL),
        (Text, Kind.TEXT),
    )
    for kind, found in known:
        if isinstance(type_, kind):
            return found
    raise TypeError(f"{where}: a column of type {type_!r} could not be exported or moved")


# ------------------------------------------------------------------------------------------------ reading
def rows(conn: Connection, shape: Shape, size: int = BATCH) -> Batches:
    """All rows in lists of ``size``; memory does not grow with the table. Close it before the connection."""
    dialect = conn.dialect.name
    question = str(_question(shape, dialect).compile(dialect=conn.dialect))
    driver: Any = conn.connection.driver_connection
    with raw(conn.engine, question):
        cursor = driver.cursor() if dialect == "sqlite" else driver.cursor(name=f"ddm_{shape.name}")
        try:
            if dialect != "sqlite":
                cursor.itersize = size
            cursor.execute(question)
            while batch := cursor.fetchmany(size):
                yield batch
        finally:
            cursor.close()


def _question(shape: Shape, dialect: str) -> Select[Any]:
    source = plain_table(shape.name, *(column(name) for name in shape.names))
    if dialect == "sqlite":
        return select(*source.c).order_by(*(source.c[name] for name in shape.key))
    kinds = dict(shape.columns)
    wanted: list[Any] = []
    for name, kind in shape.columns:
        found: Any = source.c[name]
        if kind is Kind.TIME:
            found = func.to_char(func.timezone(literal_column("'UTC'"), found), literal_column(f"'{ISO}'"))
        elif kind is Kind.TRUTH:
            found = cast(found, Integer)
        wanted.append(found)
    order = [
        collate(source.c[name], "C") if kinds[name] is Kind.TEXT else source.c[name] for name in shape.key
    ]
    return select(*wanted).order_by(*order)


def count(conn: Connection, shape: Shape) -> int:
    return int(conn.execute(select(func.count()).select_from(plain_table(shape.name))).scalar_one())


# ------------------------------------------------------------------------------------------------ writing
def write(conn: Connection, shape: Shape, batches: Iterable[Sequence[Row]]) -> None:
    """Insert the rows of the stream: ``executemany`` of SQLite, ``COPY`` of PostgreSQL."""
    quoted = conn.dialect.identifier_preparer
    names = ", ".join(map(quoted.quote, shape.names))
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "sqlite":
        marks = ", ".join("?" * len(shape.columns))
        statement = f"INSERT INTO {quoted.quote(shape.name)} ({names}) VALUES ({marks})"  # noqa: S608
        with raw(conn.engine, statement):
            for batch in batches:
                driver.executemany(statement, batch)
        return
    statement = f"COPY {quoted.quote(shape.name)} ({names}) FROM STDIN"
    with raw(conn.engine, statement), driver.cursor() as cursor, cursor.copy(statement) as stream:
        for batch in batches:
            for row in batch:
                stream.write_row(row)


@contextmanager
def raw(engine: Engine, statement: str) -> Iterator[None]:
    """Trouble of this engine's driver inside becomes one clear error of ours."""
    dbapi: Any = engine.dialect.loaded_dbapi
    with translated(engine):
        try:
            yield
        except dbapi.Error as error:
            raise DBAPIError.instance(statement, None, error, dbapi.Error, dialect=engine.dialect) from error


# ------------------------------------------------------------------------------------------------- digest
@dataclass(frozen=True, slots=True)
class Content:
    """What a stream held: how many rows, and the sha256 of them all."""

    rows: int
    sha256: str


class Digest:
    """Adds up a stream; the same rows give the same digest, however they are divided into batches."""

    def __init__(self) -> None:
        self._sum, self.rows = hashlib.sha256(), 0

    def add(self, batch: Sequence[Row]) -> None:
        self._sum.update(json.dumps(batch, separators=(",", ":")).encode()[1:-1] + b",")
        self.rows += len(batch)

    @property
    def content(self) -> Content:
        return Content(self.rows, self._sum.hexdigest())


def content(conn: Connection, shape: Shape) -> Content:
    """What the table holds now."""
    digest = Digest()
    with closing(rows(conn, shape)) as batches:
        for batch in batches:
            digest.add(batch)
    return digest.content


# --------------------------------------------------------------------------------------------- snapshots
@contextmanager
def snapshot(catalog: Catalog) -> Iterator[Connection]:
    """A connection that sees the catalogue as it is now, whatever others write meanwhile."""
    with catalog.read() as conn:
        if conn.dialect.name != "sqlite":
            conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        conn.execute(select(1).select_from(plain_table("alembic_version")))  # from here on
        yield conn


@contextmanager
def standstill(catalog: Catalog) -> Iterator[Connection]:
    """The same, and meanwhile nobody else writes: they wait, readers do not."""
    with catalog.begin("standstill") as conn:
        if conn.dialect.name != "sqlite":
            quoted = conn.dialect.identifier_preparer.quote
            tables = ", ".join(quoted(shape.name) for shape in shapes())
            conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            conn.execute(text(f"LOCK TABLE {tables} IN SHARE MODE"))
        yield conn
