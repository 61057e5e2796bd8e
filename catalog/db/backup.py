"""Backups of a SQLite catalogue: made while others write, complete in one file, and brought back.

A backup shows the catalogue at one moment, whatever is written while it is made. It is looked through before
it gets its name; nothing is ever overwritten. Those of PostgreSQL are in ``catalog.db.pgdump``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from urllib.parse import quote

from catalog.db.engine import Catalog, known_revision
from catalog.db.streams import snapshot
from catalog.db.trouble import translated_file
from catalog.db.walmode import into_wal
from catalog.db.whole import new_file
from catalog.errors import BadInput, CatalogUnavailable, SchemaOutOfDate

MAGIC = b"SQLite format 3\0"
PAGES = 8192  # copied at a time
Told = Callable[[int, int], None]
"""Is told how many parts of all are copied."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup: its file, the schema revision in it, its bytes."""

    path: Path
    revision: str
    size: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back where, and where the catalogue is kept that was there before."""

    backup: Path
    place: str
    revision: str
    kept: Path | None


def backup(catalog: Catalog, path: Path, told: Told = lambda done, total: None) -> Backup:
    """Copy the catalogue, as it is at this moment, into a new file. Writers go on meanwhile."""
    with new_file(path) as part:
        with snapshot(catalog) as conn:
            driver = conn.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            _copy(driver, part, path, told)
        revision = look_through(part, path)
    return Backup(path, revision, path.stat().st_size)


def _copy(source: sqlite3.Connection, part: Path, path: Path, told: Told) -> None:
    def progress(_status: int, remaining: int, total: int) -> None:
        told(total - remaining, total)

    with translated_file(path), closing(sqlite3.connect(part, isolation_level=None)) as copy:
        source.backup(copy, pages=PAGES, progress=progress)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, which can be read wherever it lies


def look_through(path: Path, name: Path | None = None) -> str:
    """Ask SQLite whether the file is sound; returns its schema revision.

    Raises BadInput for a file that is no sound catalogue. ``name`` is what to call it in messages.
    """
    shown = name or path
    try:
        with open(path, "rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise BadInput(f"it cannot be read: {error.strerror}", subject=str(shown)) from None
    if magic != MAGIC:
        raise BadInput("not a backup of a SQLite catalogue", subject=str(shown))
    with _opened(path) as source:
        try:
            faults = [row[0] for row in source.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
            revision = (
                None if faults else source.execute("SELECT version_num FROM alembic_version").fetchone()
            )
        except sqlite3.DatabaseError as error:
            if str(error).startswith("no such table"):
                raise BadInput("it holds no catalogue", subject=str(shown)) from None
            faults = [str(error)]
    if faults:
        raise BadInput(f"it is damaged: {faults[0]}", subject=str(shown))
    if revision is None:
        raise BadInput("it holds no catalogue", subject=str(shown))
    return str(revision[0])


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The file for reading only; it and its directory stay as they are."""
    with (
        translated_file(path),
        closing(sqlite3.connect(_uri(path), uri=True, isolation_level=None)) as source,
    ):
        yield source


def _uri(path: Path) -> str:
    return f"file:{quote(str(path.resolve()))}?mode=ro"


# ---------------------------------------------------------------------------------------------- restoring
def restore(
    path: Path, place: Path, now: datetime, *, replace: bool = False, told: Told = lambda done, total: None
) -> Restored:
    """Bring a backup back into a new file, into an empty catalogue, or, if ``replace``, into any.

    What a catalogue held that is replaced is kept beside it first, as ``NAME.before-restore-TIME``. All in
    one transaction: readers see the one or the other. Raises BadInput if the place holds something and is not
    to be replaced, SchemaOutOfDate for a backup made by a newer version; then nothing was changed.
    """
    revision = look_through(path)
    if not known_revision(revision):
        raise SchemaOutOfDate(
            f"it is at revision {revision}, which this version of ddm does not know", subject=str(path)
        )
    if not place.exists():
        with new_file(place) as part, _opened(path) as source:
            _copy(source, part, place, told)
        return Restored(path, str(place), revision, None)
    if place.resolve() == path.resolve():
        raise BadInput("the backup is the catalogue itself", subject=str(path))
    kept = _unused(place.with_name(f"{place.name}.before-restore-{now:%Y%m%dT%H%M%SZ}"))
    with _target(place) as target:
        target.execute("ATTACH ? AS backup", (_uri(path),))
        target.execute("PRAGMA foreign_keys=OFF")
        target.execute("BEGIN IMMEDIATE")
        full = _holds_something(target)
        if full and not replace:
            raise BadInput(
                "it holds a catalogue already; add --replace to keep that one beside it and put the backup "
                "in its place",
                subject=str(place),
            )
        if full:
            _keep(place, kept, told)
        _replace(target)
        if broken := target.execute("PRAGMA main.foreign_key_check").fetchone():
            raise BadInput(f"table {broken[0]} refers to rows that are not there", subject=str(path))
        target.execute("COMMIT")
    return Restored(path, str(place), revision, kept if full else None)


@contextmanager
def _target(place: Path) -> Iterator[sqlite3.Connection]:
    uri = f"file:{quote(str(place.resolve()))}?mode=rw"
    with (
        translated_file(place),
        closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=60)) as db,
    ):
        try:
            into_wal(db)
            db.execute("PRAGMA synchronous=FULL")
            yield db  # what is not committed at its close is rolled back
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname in ("SQLITE_CORRUPT", "SQLITE_NOTADB"):
                raise CatalogUnavailable(
                    "what is there is damaged and cannot be kept: move it away (mv), then restore again",
                    subject=str(place),
                ) from error
            raise


def _tables(db: sqlite3.Connection, schema: str) -> list[tuple[str, str]]:
    query = f"SELECT name, sql FROM {schema}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"  # noqa: S608
    return list(db.execute(query))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _holds_something(db: sqlite3.Connection) -> bool:
    """Whether any table has a row, be it ours or somebody else's."""
    names = [name for name, _ in _tables(db, "main") if name != "alembic_version"]
    return any(db.execute(f"SELECT 1 FROM main.{_quoted(name)} LIMIT 1").fetchone() for name in names)  # noqa: S608


def _unused(path: Path) -> Path:
    """The name, or the next one that nothing has: two restores in one second keep both catalogues."""
    names = chain([path], (path.with_name(f"{path.name}-{number}") for number in count(2)))
    return next(name for name in names if not name.exists())


def _keep(place: Path, kept: Path, told: Told) -> None:
    """Copy what is there, through a reader of its own: the writer that waits behind us is the only one."""
    with new_file(kept) as part:
        with _opened(place) as source:
            source.execute("BEGIN")
            source.execute("SELECT 1 FROM sqlite_master").fetchone()
            _copy(source, part, kept, told)
        look_through(part, kept)


def _replace(db: sqlite3.Connection) -> None:
    """Everything of main is dropped, everything of backup is copied."""
    for name, _ in _tables(db, "main"):
        db.execute(f"DROP TABLE main.{_quoted(name)}")
    tables = _tables(db, "backup")
    for name, definition in tables:
        db.execute(definition)
        db.execute(f"INSERT INTO main.{_quoted(name)} SELECT * FROM backup.{_quoted(name)}")  # noqa: S608
    rest = "SELECT sql FROM backup.sqlite_master WHERE type <> 'table' AND sql IS NOT NULL"
    for (definition,) in db.execute(rest).fetchall():
        db.execute(definition)
    for name, _ in tables:
        if _count(db, f"main.{_quoted(name)}") != _count(db, f"backup.{_quoted(name)}"):
            raise CatalogUnavailable(f"table {name} was not copied whole; nothing was changed", subject=name)


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
