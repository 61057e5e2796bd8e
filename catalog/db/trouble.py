"""Trouble with the database itself, said in our words: one table per database, one clear error.

A code that is in no table and is no trouble of the connection is a fault of ours: it is let through as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from catalog.errors import BadInput, CatalogError, CatalogUnavailable, RuleBroken, SchemaOutOfDate

Row = tuple[type[CatalogError], str]
"""The error, and its sentence; empty: the database's own first line."""

NO_CATALOGUE = "the database holds no catalogue of this version"

SQLITE: dict[str, Row] = {
    "NOTADB": (BadInput, "not a SQLite database, or what is left of one; see docs/howto/keep.md"),
    "CANTOPEN": (
        CatalogUnavailable,
        "it is no file that you may read and write",
    ),
    "READONLY": (CatalogUnavailable, "you may not write the file or its directory"),
    "PERM": (CatalogUnavailable, "you may not write the file or its directory"),
    "BUSY": (CatalogUnavailable, "another program has kept the database locked for too long"),
    "LOCKED": (CatalogUnavailable, "another program has kept the database locked for too long"),
    "FULL": (CatalogUnavailable, "its disk is full"),
    "IOERR": (CatalogUnavailable, "its disk reports an error"),
    "CORRUPT": (CatalogUnavailable, "the file is damaged: keep a copy and restore it from a backup"),
    "CONSTRAINT": (RuleBroken, ""),
}
"""By the first word of SQLite's result code (https://sqlite.org/rescode.html)."""

POSTGRESQL: dict[str, Row] = {
    "22": (BadInput, ""),  # a value that no column can hold
    "23": (RuleBroken, ""),
    "25006": (CatalogUnavailable, "the database is read-only"),
    "42501": (CatalogUnavailable, ""),  # no privilege
    "42P07": (BadInput, ""),  # such a table exists already, somebody else's
    "42P01": (SchemaOutOfDate, NO_CATALOGUE),  # no such table
    "42703": (SchemaOutOfDate, NO_CATALOGUE),  # no such column
    "3F000": (SchemaOutOfDate, NO_CATALOGUE),  # no such schema
}
"""By SQLSTATE or its class (PostgreSQL manual, appendix A)."""


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Trouble with the database inside becomes one clear error."""
    try:
        yield
    except PoolTimeout as error:
        raise CatalogUnavailable("too many transactions at a time", subject=named(engine.url)) from error
    except DBAPIError as error:
        ours = _in_our_words(error, engine)
        if ours is None:
            raise
        raise ours from error


@contextmanager
def translated_file(path: Path) -> Iterator[None]:
    """The same for a SQLite file that is read or written by the driver itself, e.g. a backup."""
    try:
        yield
    except sqlite3.Error as error:
        kind, text = _row(error, "sqlite", str(error)) or (CatalogUnavailable, "")
        raise kind(text or str(error), subject=str(path)) from error


def named(url: URL) -> str:
    """The database in a message: the file of SQLite, else the URL without its password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


def _in_our_words(error: DBAPIError, engine: Engine) -> CatalogError | None:
    said = (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0]
    row = _row(error.orig, engine.dialect.name, said)
    if row is None and isinstance(error, OperationalError | InterfaceError | InternalError):
        row = CatalogUnavailable, ""
    if row is None:
        return None
    kind, text = row
    return kind(text or said, subject=named(engine.url))


def _row(error: BaseException | None, dialect: str, said: str) -> Row | None:
    if dialect == "sqlite":
        name = str(getattr(error, "sqlite_errorname", None) or "SQLITE_").split("_")[1]
        if said.startswith(("no such table", "no such column")):
            return SchemaOutOfDate, NO_CATALOGUE
        if said.endswith("already exists"):
            return BadInput, ""
        return SQLITE.get(name)
    state = str(getattr(error, "sqlstate", None) or "")
    return POSTGRESQL.get(state) or POSTGRESQL.get(state[:2])
