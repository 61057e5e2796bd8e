"""Reading a SQLite catalogue that one may not write.

SQLite in WAL mode wants to write beside the file even to read it, and a reader that may make files there
leaves some that the owner may not write. So a file that is not writable is opened in one of two ways, and
nothing is made:

1. A writer has it open (its ``-wal`` and ``-shm`` are there): read through them, like any reader.
2. Nobody has it open: the file is complete in itself and is read without locks (``immutable``). Should
   somebody write to it meanwhile, that is noticed at the end of the question, and the answer is refused.

A ``-wal`` that is left without its ``-shm`` holds what the file does not: only one who may write can open it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError

from catalog.errors import CatalogUnavailable

WAL = b"\x02\x02"  # bytes 18 and 19 of the header: how to write and how to read the file


class Unlocked(sqlite3.Connection):
    """A connection to a file that nobody has open, which it assumes never to change."""

    seen: tuple[int, ...] = ()


def install(engine: Engine, path: Path) -> None:
    """Make the engine open the file for reading only wherever it may not be written."""

    @event.listens_for(engine, "do_connect")
    def _connect(
        _dialect: Any, _record: Any, _args: Any, options: dict[str, Any]
    ) -> sqlite3.Connection | None:
        only = path.is_file() and os.access(path, os.R_OK, effective_ids=True) and not _writable(path)
        return _open(path, options) if only else None

    @event.listens_for(engine, "checkout")
    def _checkout(driver: Any, _record: Any, _proxy: Any) -> None:
        if isinstance(driver, Unlocked) and (driver.seen != _print_of(path) or _size(path, "-wal")):
            raise DisconnectionError("the file was written since")  # the pool opens it anew


def is_readonly(driver: sqlite3.Connection) -> bool:
    """Whether the connection can only read."""
    return bool(driver.execute("PRAGMA query_only").fetchone()[0])


def _writable(path: Path) -> bool:
    """Whether we may write the file, and beside it what SQLite needs."""
    if not os.access(path, os.W_OK, effective_ids=True):
        return False
    return os.access(path.parent, os.W_OK, effective_ids=True) or path.with_name(path.name + "-shm").exists()


def _open(path: Path, options: dict[str, Any]) -> sqlite3.Connection:
    with open(path, "rb") as file:
        in_wal = file.read(20)[18:20] == WAL
    options = {key: value for key, value in options.items() if key in ("timeout", "check_same_thread")}
    way = "mode=ro&readonly_shm=1"
    unlocked = in_wal and not _size(path, "-wal")
    if unlocked:
        way = "mode=ro&immutable=1"
    elif in_wal and not path.with_name(path.name + "-shm").exists():
        raise sqlite3.OperationalError(
            f"{path}-wal holds what was written last, and you may not open it: somebody who may write the "
            "catalogue must run 'ddm db check' once"
        )
    seen = _print_of(path)
    driver = sqlite3.connect(
        f"file:{quote(str(path.resolve()))}?{way}",
        uri=True,
        factory=Unlocked if unlocked else sqlite3.Connection,
        **options,
    )
    if isinstance(driver, Unlocked):
        driver.seen = seen
    driver.execute("PRAGMA query_only=ON")
    return driver


def _size(path: Path, side: str) -> int:
    try:
        return path.with_name(path.name + side).stat().st_size
    except FileNotFoundError:
        return 0


def _print_of(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def steady(conn: Connection) -> Iterator[None]:
    """Raises CatalogUnavailable if the file was written while it was read without locks."""
    driver = conn.connection.driver_connection
    if not isinstance(driver, Unlocked):
        yield
        return
    path = Path(str(conn.engine.url.database))
    try:
        yield
    except DBAPIError:
        _refuse_changed(driver, path)
        raise
    _refuse_changed(driver, path)


def _refuse_changed(driver: Unlocked, path: Path) -> None:
    if driver.seen != _print_of(path):
        raise CatalogUnavailable(
            "it was written while it was read, so the answer may be wrong; run the command again",
            subject=str(path),
        ) from None
