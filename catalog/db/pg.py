"""What only PostgreSQL can do: ``COPY``, in the transaction of the caller."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice, repeat
from types import NoneType
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

FEW = 10  # rows for which a plain INSERT is less to do
BLOCK = 2000  # rows that are sent at a time

_SPECIAL = re.compile(r"[\\\n\r\t\x08\f\v]")
_ESCAPES = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\b": r"\b", "\f": r"\f", "\v": r"\v"}
_ESCAPED = str.maketrans(_ESCAPES)


def _written(value: Any) -> str:
    """A value in COPY's text format (PostgreSQL manual, SQL command COPY, "Text Format")."""
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.translate(_ESCAPED)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int):
        return int.__repr__(value)
    return value.isoformat() if isinstance(value, datetime) else repr(value)


def _column(values: Sequence[Any]) -> Iterable[str]:
    """The values of a column, written; the usual ones without a look at each in Python."""
    if isinstance(values, range):
        return map(str, values)
    kinds = set(map(type, values))
    if kinds == {NoneType}:
        return repeat(r"\N")
    if kinds == {int}:
        return map(str, values)
    if kinds == {str} and not _SPECIAL.search("".join(values)):
        return values
    return map(_written, values)


def copy(conn: Connection, table: Table, many: Mapping[str, Any], one: Mapping[str, Any], count: int) -> None:
    """Insert ``count`` rows. Raises what SQLAlchemy raises for the same trouble, e.g. IntegrityError."""
    import psycopg

    quoted = conn.dialect.identifier_preparer
    listing = ", ".join(quoted.quote(name) for name in (*many, *one))
    statement = f"COPY {quoted.format_table(table)} ({listing}) FROM STDIN"
    columns = [*map(_column, many.values()), *(repeat(_written(value)) for value in one.values())]
    lines = islice(map("\t".join, zip(*columns)), count)  # noqa: B905 - some are endless
    driver: Any = conn.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as stream:
            while block := list(islice(lines, BLOCK)):
                stream.write("\n".join(block) + "\n")
    except psycopg.Error as error:
        raise DBAPIError.instance(statement, None, error, psycopg.Error, dialect=conn.dialect) from error
