"""Questions to somebody else's database, through its SQLAlchemy URL: read only, and row by row.

What is guaranteed: nothing is changed there (the transaction is read-only where the database has such, and
always rolled back), no more than a batch of rows is held, and a password is in no message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, TextClause, bindparam, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from catalog.errors import BadInput, CatalogUnavailable

BATCH = 5000

_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "oracle": "oracle+oracledb"}
"""The drivers that ddm takes when the URL names none."""

_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}


class ForeignDatabase:
    """Somebody else's database. Raises BadInput for a URL that is none, or a driver that is not there."""

    def __init__(self, url: str) -> None:
        shown = re.sub(r"//([^/@:]*):[^@]*@", r"//\1:***@", url)
        try:
            parsed = make_url(url)
            if parsed.drivername in _DRIVERS:
                parsed = parsed.set(drivername=_DRIVERS[parsed.drivername])
            self.name = parsed.render_as_string(hide_password=True)
            self._engine = _engine(parsed)
        except ModuleNotFoundError as error:
            raise BadInput(f"needs the Python package '{error.name}': install it", subject=shown) from None
        except (ArgumentError, NoSuchModuleError, ValueError) as error:
            raise BadInput(f"not a database URL: {_first(error)}", subject=shown) from None

    @contextmanager
    def asking(self, query: str, **values: Any) -> Iterator[tuple[list[str], Iterator[Sequence[Any]]]]:
        """The names of the columns, and the rows one after the other, while the question is open.

        ``values`` are bound where the query says ``:name``, a list where it says ``IN :name``.
        Raises BadInput for a query that is refused or returns no rows, CatalogUnavailable for a database
        that cannot be reached or breaks off.
        """
        with self._translated(), self._engine.connect() as conn:
            options = {"stream_results": True, "yield_per": BATCH}
            if found := _READ_ONLY.get(self._engine.dialect.name):
                conn.exec_driver_sql(found)
            result = conn.execute(_asked(query, values), values, execution_options=options)
            if not result.returns_rows:
                raise BadInput("the query returns no rows: a SELECT is expected", subject=self.name)
            yield list(result.keys()), (tuple(row) for batch in result.partitions() for row in batch)
            result.close()
            conn.rollback()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            refused = type(error).__name__ in ("ProgrammingError", "DataError", "NotSupportedError")
            sqlite = self._engine.dialect.name == "sqlite" and not error.connection_invalidated
            kind = BadInput if refused or sqlite else CatalogUnavailable
            raise kind(f"the query failed: {_first(error.orig or error)}", subject=self.name) from None
        except SQLAlchemyError as error:
            raise BadInput(f"the query failed: {_first(error)}", subject=self.name) from None

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> ForeignDatabase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _asked(query: str, values: Mapping[str, Any]) -> TextClause:
    """The query, where lists among the values become as many values as they have."""
    lists = [name for name, value in values.items() if isinstance(value, list | tuple)]
    return text(query).bindparams(*(bindparam(name, expanding=True) for name in lists))


def bound(query: str) -> frozenset[str]:
    """The names that the query wants bound."""
    return frozenset(text(query).compile().params)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool)
    if not url.database or not Path(url.database).is_file():
        raise BadInput("no such database", subject=url.database or ":memory:")  # SQLite would make one
    engine = create_engine(url, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only=ON")

    return engine


def _first(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
