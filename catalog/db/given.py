"""Statements that are built once: how many values are said in a statement that does not change.

To build a statement takes several times as long as to run it (a question for few rows: 140 µs against 40 µs
on SQLite). So what is asked at every round is a constant of its module, with ``bindparam`` for its values and
``given`` for many of them, as one bound parameter, in both databases:

    _OVER = select(P.c.id).where(P.c.state == bindparam("state"), P.c.replica_id.in_(given("replicas")))
    conn.execute(_OVER, {"state": "ACTIVE", "replicas": [1, 2, 3]})

Few words that are always the same are written into the statement (``either``): ``column.in_(words)`` is put
together anew at every execution.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Select, Text, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Ids(TypeDecorator[Sequence[int]]):
    """Many ids as one value: JSON for SQLite, an array for PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(BigInteger))

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        many = list(value or ())
        return json.dumps(many) if dialect.name == "sqlite" else many


class _Rows(FunctionElement[Any]):
    """One row for each value of the parameter, in a column ``value``."""

    inherit_cache = True


@compiles(_Rows, "sqlite")
def _of_sqlite(element: _Rows, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Rows)
def _of_postgresql(element: _Rows, compiler: Any, **options: Any) -> str:
    return f"unnest({compiler.process(element.clauses, **options)})"


def given(name: str) -> Select[Any]:
    """The ids that the parameter ``name`` is a sequence of, to be used as ``column.in_(given("ids"))``."""
    # called like its column, since PostgreSQL calls the column of a function by the name of the table
    return select(_Rows(bindparam(name, type_=_Ids)).table_valued("value", name="value").c.value)


def either(column: ColumnElement[str], words: Iterable[str]) -> ColumnElement[bool]:
    """``column IN words``, the words (of an enum) written into the statement.

    >>> from catalog.db.schema import pin
    >>> print(either(pin.c.state, ("ACTIVE", "RELEASING")))
    pin.state IN ('ACTIVE', 'RELEASING')
    """
    return column.in_([_written(word) for word in words])


def _written(word: str) -> ColumnElement[str]:
    if not word.replace("_", "").isalnum():
        raise ValueError(f"not the word of an enum: {word!r}")
    return literal_column(f"'{word}'", Text)
