"""The embedded columnar engine, DuckDB: opened with limits, and gone with the work that needed it.

Its tables are scratch: they lie in a directory of their own, beside what is spilled when memory is short,
and nothing of them outlives the block. Values go in as parameters or through ``text``; names of files never
become part of a statement any other way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, TypeVar

from catalog.errors import BadInput, CatalogUnavailable
from ddm.reconcile import scratchdirs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

MEMORY_MB = 500
"""What the engine may hold; the process with it stays below a gigabyte."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """``memory_mb``: before the engine spills. ``threads``: None, one for each core."""

    memory_mb: int = MEMORY_MB
    threads: int | None = None


class Engine:
    """A session: statements, and a directory for files that are as short-lived as itself."""

    def __init__(self, connection: DuckDBPyConnection, directory: Path, asking: ThreadPoolExecutor) -> None:
        self._connection = connection
        self.directory = directory
        self._asking = asking

    def quiet(self) -> Engine:
        """The same, which writes no progress to the standard output, wherever Python runs."""
        self.do("SET enable_progress_bar = false")
        return self

    def do(self, statement: str, values: list[Any] | None = None) -> None:
        self._told(lambda: self._connection.execute(statement, values))

    def many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """The statement with the values of each row."""
        self._told(lambda: self._connection.executemany(statement, rows))

    def rows(self, statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        return self._told(lambda: self._connection.execute(statement, values).fetchall())

    def stream(self, statement: str, at_once: int) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, so many at a time; no other statement may come in between."""
        answer = self._told(lambda: self._connection.execute(statement))
        while rows := self._told(lambda: answer.fetchmany(at_once)):
            yield rows

    def _told(self, question: Callable[[], T]) -> T:
        """The answer; Ctrl-C ends the question at once.

        DuckDB looks for signals between its tasks, which may be after minutes. So the main thread waits for
        the answer, as Python's own waiting can be interrupted, and another one asks.
        """
        if current_thread() is not main_thread():
            return question()
        answer = self._asking.submit(question)
        try:
            return answer.result()
        except KeyboardInterrupt:
            self._connection.interrupt()
            wait([answer])
            raise

    def one(self, statement: str, values: list[Any] | None = None) -> tuple[Any, ...]:
        """The only row."""
        (row,) = self.rows(statement, values)
        return row

    def number(self, statement: str, values: list[Any] | None = None) -> int:
        """The only value; a sum of nothing is 0."""
        return int(self.one(statement, values)[0] or 0)

    @contextmanager
    def beside(self) -> Iterator[Engine]:
        """The same for another thread: its statements and these do not wait for each other."""
        with self._connection.cursor() as connection:
            yield Engine(connection, self.directory, self._asking).quiet()

    @contextmanager
    def refusing(self, name: str) -> Iterator[None]:
        """What cannot be read inside is the fault of the list of this name: BadInput."""
        import duckdb

        try:
            yield
        except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
            raise BadInput(f"cannot be read: {str(error).splitlines()[0][:200]}", subject=name) from None


@contextmanager
def opened(where: Path | None = None, bounds: Bounds | None = None) -> Iterator[Engine]:
    """A session whose files are in a new directory below ``where``. Raises CatalogUnavailable without
    DuckDB.

    ``duckdb.Error`` of a statement of ours is a defect and stays what it is; a full disk is an OSError.
    """
    bounds = bounds or Bounds()
    try:
        import duckdb
    except ModuleNotFoundError:
        raise CatalogUnavailable(
            "comparing lists needs DuckDB: pip install duckdb (there is no wheel of it for this machine)",
            subject="duckdb",
        ) from None
    with scratchdirs.made(where) as directory:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{bounds.memory_mb}MB",
            "temp_directory": str(directory / "spilled"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if bounds.threads:
            settings["threads"] = bounds.threads
        with (
            ThreadPoolExecutor(1, "engine") as asking,
            duckdb.connect(str(directory / "scratch.duckdb"), config=settings) as connection,
        ):
            try:
                yield Engine(connection, directory, asking).quiet()
            except duckdb.IOException as error:
                raise OSError(f"{directory}: {error}") from error


def text(value: str) -> str:
    """The text as a literal of the engine."""
    return "'" + value.replace("'", "''") + "'"
