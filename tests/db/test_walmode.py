"""A new SQLite catalogue is opened while somebody else has its file: SQLite would not wait for that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.db import walmode
from catalog.db.backup import restore
from catalog.db.engine import Catalog
from catalog.errors import CatalogUnavailable

WRITES = ("BEGIN IMMEDIATE",)
READS = ("BEGIN", "SELECT * FROM sqlite_master")
IDS = ("writes", "reads")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that is not in WAL mode, as each is at first."""
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    return path


@pytest.fixture
def other(request: pytest.FixtureRequest, path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else, in a transaction: one that writes, unless said otherwise."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in getattr(request, "param", WRITES):
            connection.execute(statement).fetchall()
        yield connection


@pytest.fixture
def pauses(other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited. In the third pause the other one ends."""
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            other.execute("ROLLBACK")

    monkeypatch.setattr(walmode.time, "sleep", pause)
    return pauses


def mode_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_a_catalogue_is_made_when_the_other_one_has_ended(path: Path, pauses: list[float]) -> None:
    with Catalog(f"sqlite:///{path}") as catalog:
        catalog.create()
        catalog.check_schema()
    assert len(pauses) == 3
    assert mode_of(path) == "wal"


@pytest.mark.parametrize("other", [WRITES, READS], ids=IDS, indirect=True)
def test_it_waits_as_long_as_for_any_lock(path: Path, other: sqlite3.Connection) -> None:
    with (
        Catalog(f"sqlite:///{path}?timeout=0.1") as catalog,
        pytest.raises(CatalogUnavailable, match="kept the database locked") as trouble,
    ):
        catalog.create()
    assert trouble.value.subject == str(path)
    assert mode_of(path) == "delete"


def test_a_backup_is_brought_back_when_the_other_one_has_ended(
    path: Path, pauses: list[float], sqlite_template: Path
) -> None:
    restore(sqlite_template, path, datetime(2026, 1, 1, tzinfo=UTC))
    assert len(pauses) == 3
    with Catalog(f"sqlite:///{path}") as catalog:
        catalog.check_schema()


def test_what_no_waiting_helps_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walmode.time, "sleep", lambda _: pytest.fail("it waited"))
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, not a database\n" * 40)
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.DatabaseError, match="not a database"),
    ):
        walmode.into_wal(connection)
