"""One at a time: a lock on the whole catalogue that vanishes with the process that holds it.

PostgreSQL: an advisory lock of a connection of its own. SQLite: ``flock`` on a small file beside the
database, which says who holds it; the file stays, only its lock counts. Neither outlives its holder,
``kill -9`` included.
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from catalog.db.trouble import named, translated
from catalog.errors import CatalogBusy, CatalogUnavailable

DDM = 0x64646D  # "ddm": the first half of our advisory locks' keys
Check = Callable[[], None]


@contextmanager
def exclusive(engine: Engine, name: str, actor: str) -> Iterator[Check]:
    """Hold the lock ``name`` inside; raises CatalogBusy when somebody else has it. See Catalog.exclusive."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,30}", name):
        raise ValueError(f"not a name for a lock: {name!r}")
    me = f"{actor} (process {os.getpid()} on {socket.gethostname()})"
    if engine.dialect.name == "postgresql":
        with _advisory(engine, name, me) as check:
            yield check
    elif engine.url.database in (None, "", ":memory:"):
        yield lambda: None  # a database in memory is ours alone
    else:
        path = Path(str(engine.url.database)).resolve()  # however the file is called, it has one lock
        with _file_lock(path.with_name(f"{path.name}.{name}.lock"), name, named(engine.url), me):
            yield lambda: None


def _busy(name: str, holder: str, subject: str) -> CatalogBusy:
    who = f"by {holder}" if holder else "by another process"
    return CatalogBusy(f"'{name}' is already run {who}; only one may at a time", subject=subject)


@contextmanager
def _file_lock(path: Path, name: str, subject: str, me: str) -> Iterator[None]:
    try:
        handle = os.open(
            path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644
        )  # programs we start do not inherit it
    except OSError as error:
        raise CatalogUnavailable(f"no lock here: {error.strerror}", subject=str(path)) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 500, 0).decode(errors="replace").strip()
            raise _busy(name, holder, subject) from None
        except OSError as error:  # e.g. a file system without locks: better no flow than two
            raise CatalogUnavailable(
                f"the lock cannot be taken: {error.strerror}", subject=str(path)
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{me}\n".encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


@contextmanager
def _advisory(engine: Engine, name: str, me: str) -> Iterator[Check]:
    key = {"ddm": DDM, "name": zlib.crc32(name.encode()) >> 1}
    with translated(engine):
        conn = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        conn.detach()  # never back to the pool: closing it is giving the lock back
    taken = False
    try:
        with translated(engine):
            conn.execute(text("SELECT set_config('application_name', :me, false)"), {"me": f"ddm {me}"[:63]})
            taken = conn.execute(text("SELECT pg_try_advisory_lock(:ddm, :name)"), key).scalar_one()
            holder = "" if taken else _holder(conn, key)
        if not taken:
            raise _busy(name, holder, named(engine.url))
        yield lambda: _still(engine, conn)
    finally:
        if taken:  # said: of a closed connection the server hears a little later
            with suppress(SQLAlchemyError):
                conn.execute(text("SELECT pg_advisory_unlock(:ddm, :name)"), key)
        conn.close()


def _holder(conn: Connection, key: dict[str, int]) -> str:
    """Who has the lock, as far as the server tells us; it may just have let go."""
    query = text(
        "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE locktype = 'advisory' AND classid = :ddm AND objid = :name AND objsubid = 2 AND granted"
        " AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return str(conn.execute(query, key).scalar() or "").removeprefix("ddm ")


def _still(engine: Engine, conn: Connection) -> None:
    try:
        with translated(engine):
            conn.execute(text("SELECT 1"))
    except CatalogUnavailable as error:
        raise CatalogUnavailable(
            f"the lock went with its connection to the database: {error}", subject=named(engine.url)
        ) from error
