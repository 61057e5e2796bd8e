"""The tables of a COMPASS-ProdSys database, row by row in the order of their keys.

Everything is read in one consistent snapshot, page by page, so that a slow reader neither loses its
connection nor sees half of a change. Nothing is written there. The storing of what was read is in
``catalog.db.imported``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from catalog.errors import BadInput, SourceUnavailable

Value = str | int | None
PAGE = 5000
CONNECT = 30  # seconds for the server to answer


class SourceDatabase:
    """An open snapshot of a foreign MySQL database."""

    def __init__(self, conn: Connection, name: str) -> None:
        self._conn, self.name = conn, name

    def columns(self, table: str) -> list[str]:
        """The columns of the table; none if there is no such table."""
        with _told(self.name):
            found = inspect(self._conn)
            return (
                [str(column["name"]) for column in found.get_columns(table)] if found.has_table(table) else []
            )

    def rows(self, table: str, wanted: Sequence[str]) -> Iterator[tuple[Value, ...]]:
        """The wanted columns of every row, in the order of ``id``; a column that is not there is None."""
        there = [column for column in self.columns(table) if column in wanted]
        take = [there.index(column) if column in there else None for column in wanted]
        source = Table(
            table, MetaData(), Column("id", Integer), *(Column(c, Text) for c in there if c != "id")
        )
        query = select(*(source.c[column] for column in there)).order_by(source.c.id).limit(PAGE)
        key, last = there.index("id"), None
        while True:
            page = query if last is None else query.where(source.c.id > last)
            with _told(self.name):
                rows = [tuple(row) for row in self._conn.execute(page)]
            for row in rows:
                yield tuple([None if at is None else _value(row[at]) for at in take])
            if len(rows) < PAGE:
                return
            last = rows[-1][key]


def _value(value: object) -> Value:
    """Numbers and text as they are; times as a dump writes them."""
    if value is None or isinstance(value, int | str):
        return value
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S") + f".{value.microsecond:06d}"
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


@contextmanager
def open_source(url: str, password: str | None = None) -> Iterator[SourceDatabase]:
    """The database at ``mysql+pymysql://user:password@host/name``, in one snapshot.

    Raises BadInput for what is no such URL, SourceUnavailable if the server or the database cannot be had.
    """
    engine, name = _engine(url, password)
    try:
        with _told(name), engine.connect() as conn:
            conn = conn.execution_options(isolation_level="REPEATABLE READ")
            conn.execute(text("SET SESSION TRANSACTION READ ONLY"))
            conn.commit()
            yield SourceDatabase(conn, name)
    finally:
        engine.dispose()


def _engine(url: str, password: str | None) -> tuple[Engine, str]:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise BadInput(
            "neither a file nor a database URL, e.g. mysql+pymysql://reader@host/compass_prodsys"
        ) from None
    name = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() not in ("mysql", "mariadb"):
        raise BadInput("a ProdSys database is MySQL or MariaDB: mysql+pymysql://…", subject=name)
    if parsed.drivername in ("mysql", "mariadb"):
        parsed = parsed.set(drivername=f"{parsed.drivername}+pymysql")
    if password is not None:
        parsed = parsed.set(password=password)
    query = {"charset": "utf8mb4", **parsed.query}
    try:
        return create_engine(parsed.set(query=query), connect_args={"connect_timeout": CONNECT}), name
    except ModuleNotFoundError as error:
        what = f"this source needs the Python package '{error.name}': pip install 'ddm[mysql]'"
        raise SourceUnavailable(what, subject=name) from None
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise BadInput(f"not a database URL: {error}", subject=name) from None


@contextmanager
def _told(name: str) -> Iterator[None]:
    """The driver's errors in one sentence."""
    try:
        yield
    except DBAPIError as error:
        said = error.orig.args[-1] if error.orig is not None and error.orig.args else error.orig
        raise SourceUnavailable(f"the database refuses or cannot be reached: {said}", subject=name) from None
    except SQLAlchemyError as error:
        raise SourceUnavailable(f"the database cannot be read: {error}", subject=name) from None
