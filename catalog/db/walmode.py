"""A SQLite file is put into WAL mode, also while others do the same.

SQLite waits for another's lock by itself, with one exception: a connection that changes the mode of a file
reads it already, and if another one is about to write it, each would wait for the other; so it says "locked"
at once. Two that make a new catalogue at the same time meet that.
"""

from __future__ import annotations

import sqlite3
import time

_FIRST, _LONGEST = 0.002, 0.1  # seconds of a pause
_MODE = "PRAGMA journal_mode=WAL"


def into_wal(connection: sqlite3.Connection) -> None:
    """Put the connection's file into WAL mode. Waits for others as long as the connection waits for a lock.

    Raises sqlite3.OperationalError (SQLITE_BUSY) when that was not enough. May be repeated.
    """
    begun = time.monotonic()
    try:
        connection.execute(_MODE)
    except sqlite3.OperationalError as error:
        (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
        left = begun + patience / 1000 - time.monotonic()
        if left <= 0 or not _is_busy(error):  # for those who only read it has waited by itself
            raise
        _again(connection, left)


def _again(connection: sqlite3.Connection, seconds: float) -> None:
    from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

    for attempt in Retrying(
        retry=retry_if_exception(_is_busy),
        stop=stop_after_delay(seconds),
        wait=wait_random_exponential(multiplier=_FIRST, max=_LONGEST),
        sleep=time.sleep,
        reraise=True,
    ):
        with attempt:
            connection.execute(_MODE)


def _is_busy(error: BaseException) -> bool:
    name = getattr(error, "sqlite_errorname", None) or ""
    return isinstance(error, sqlite3.OperationalError) and name.startswith("SQLITE_BUSY")
