"""A source that is read twice: a file as it is, or a temporary copy of what can be read only once."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Protocol

from catalog.db.foreign import ForeignDatabase, bound
from catalog.errors import BadInput, DataManagementError
from ddm.sources import formats
from ddm.sources.columns import Columns, reader
from ddm.sources.rows import Entry, whole

STDIN = "standard input"
SQL = "query"
MOST_FAILED = 3
"""Runs whose question may fail before the first one is answered."""


class Source(Protocol):
    """``name`` is for messages, ``title`` for the history. ``failed``: runs whose look-up failed, why."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def failed(self) -> Mapping[int, str]: ...

    def rows(self) -> Iterator[Entry]:
        """Everything in it, in the same order each time. Raises BadInput."""
        ...

    def steady(self) -> None:
        """Raises BadInput if it was changed since it was opened: then nobody knows what was read."""
        ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file of one of the formats."""

    path: Path
    name: str
    format: str
    columns: Columns
    stamp: tuple[int, ...]
    failed: Mapping[int, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.name if self.name == STDIN else str(self.path.resolve())

    def rows(self) -> Iterator[Entry]:
        return formats.rows(self.path, self.name, self.format, self.columns)

    def steady(self) -> None:
        if _stamp(self.path) != self.stamp:
            raise BadInput("was changed while it was read; start again", subject=self.name)


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = os.stat(path)
    except OSError as error:
        raise BadInput(error.strerror or str(error), subject=str(path)) from None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def open_file(path: Path, format_: str | None, columns: Columns, name: str = "") -> FileSource:
    """The file; its format is guessed if none is given. Raises BadInput."""
    name = name or str(path)
    stamp = _stamp(path)
    return FileSource(path, name, format_ or formats.guess(path, name), columns, stamp)


@contextlib.contextmanager
def open_stream(stream: IO[bytes], format_: str | None, columns: Columns) -> Iterator[FileSource]:
    """What comes through a pipe, kept in a temporary file until the import is through."""
    with tempfile.NamedTemporaryFile(prefix="ddm-register-") as spool:
        shutil.copyfileobj(stream, spool, 1 << 20)
        spool.flush()
        yield open_file(Path(spool.name), format_, columns, STDIN)


# ------------------------------------------------------------------------------------ SQL
@dataclass(frozen=True, slots=True)
class SqlSource:
    """The answer of a foreign database, in a temporary file."""

    path: Path
    name: str
    columns: Columns
    failed: Mapping[int, str]
    title: str
    format: str = "sql"

    def rows(self) -> Iterator[Entry]:
        take = None
        with open(self.path, encoding="utf-8") as lines:
            for line, text in enumerate(lines):
                values = json.loads(text, object_hook=_untagged)
                if take is None:
                    take = reader(values, f"{SQL}:row", self.columns, header=self.name)
                    continue
                yield take(line, values)

    def steady(self) -> None:
        """Nobody else writes it."""


@contextlib.contextmanager
def open_sql(url: str, query: str, columns: Columns, runs: Sequence[int] | None) -> Iterator[SqlSource]:
    """What the query answers, read once. Where it says ``:run`` it is asked for each of the runs.

    A run whose question fails is in ``failed`` and the others are asked. Raises BadInput for a query that is
    refused, or wants something else bound.
    """
    wanted = bound(query)
    if wanted - {"run"}:
        raise BadInput(f"only :run can be bound, not :{min(wanted - {'run'})}", subject="--query")
    if wanted and runs is None:
        raise BadInput("the query asks for :run: say with --runs for which", subject="--query")
    with (
        ForeignDatabase(url) as database,
        tempfile.NamedTemporaryFile("w+", prefix="ddm-register-", encoding="utf-8") as spool,
    ):
        failed = _ask(database, query, list(runs or []) if wanted else None, spool)
        spool.flush()
        yield SqlSource(
            Path(spool.name),
            database.name,
            columns,
            failed,
            f"{database.name}: {' '.join(query.split())[:150]}",
        )


def _ask(database: ForeignDatabase, query: str, runs: list[int] | None, spool: Any) -> dict[int, str]:
    failed: dict[int, str] = {}
    header: list[str] | None = None
    for values in [{}] if runs is None else [{"run": run} for run in runs]:
        begun = spool.tell()
        try:
            with database.asking(query, **values) as (names, rows):
                if header is None:
                    header = names
                    spool.write(json.dumps(header) + "\n")
                for row in rows:
                    spool.write(json.dumps([_tagged(value) for value in row]) + "\n")
        except DataManagementError as error:
            refused = isinstance(error, BadInput) or len(failed) == MOST_FAILED
            if runs is None or (header is None and refused):  # a question that cannot be asked at all
                raise
            if not begun:
                header = None
            spool.seek(begun)  # half an answer is none
            spool.truncate()
            failed[values["run"]] = str(error)
    if header is None:
        raise BadInput(
            f"the query failed for every run: {next(iter(failed.values()))}", subject=database.name
        )
    return failed


def _tagged(value: Any) -> Any:
    match value:
        case datetime():
            return {"time": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Decimal():
            found = whole(value)
            return float(value) if found is None else found
        case None | bool() | int() | float() | str():
            return value
    return {"other": type(value).__name__}


class _Other:
    """A value of a type that no column takes, e.g. bytes; it is refused where it is met."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


def _untagged(found: dict[str, Any]) -> Any:
    if "time" in found:
        return datetime.fromisoformat(found["time"])
    if "date" in found:
        return date.fromisoformat(found["date"])
    return _Other(found["other"])
