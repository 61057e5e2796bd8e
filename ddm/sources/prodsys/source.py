"""Where the rows of ProdSys come from: a dump file or its database. Both give the same rows in one order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from catalog.db import prodsys
from catalog.errors import BadInput
from ddm.sources.prodsys import dump
from ddm.sources.prodsys.rows import NEEDED, Value


class Source(Protocol):
    """Rows of the tables of ProdSys, which may be read several times."""

    name: str

    def rows(self, table: str, wanted: Sequence[str]) -> Iterator[tuple[Value, ...]]:
        """The wanted columns of every row; a column that an older ProdSys lacked is None.

        Raises BadInput if there is no such table, or it is not the one of ProdSys.
        """
        ...


class DumpSource:
    """The rows in a dump file."""

    def __init__(self, path: Path) -> None:
        self._path, self.name = path, str(path)

    def rows(self, table: str, wanted: Sequence[str]) -> Iterator[tuple[Value, ...]]:
        return dump.rows(self._path, table, wanted, NEEDED[table])


class DatabaseSource:
    """The rows in a snapshot of the database."""

    def __init__(self, database: prodsys.SourceDatabase) -> None:
        self._database, self.name = database, database.name

    def rows(self, table: str, wanted: Sequence[str]) -> Iterator[tuple[Value, ...]]:
        columns = self._database.columns(table)
        if not columns:
            raise BadInput(f"the database has no table {table}; is it the one of ProdSys?", subject=self.name)
        if missing := [name for name in NEEDED[table] if name not in columns]:
            raise BadInput(f"{table} lacks the column {missing[0]}", subject=self.name)
        return self._database.rows(table, wanted)


@contextmanager
def open_source(source: str, password: str | None = None) -> Iterator[Source]:
    """The dump file of that path, or the database of that URL. Raises BadInput or SourceUnavailable."""
    if "://" not in source:
        yield DumpSource(Path(source))
        return
    with prodsys.open_source(source, password) as database:
        yield DatabaseSource(database)
