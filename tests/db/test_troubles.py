"""Trouble with the database is one clear error that names the database; never SQLAlchemy's own."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from catalog.db import schema
from catalog.db.engine import Catalog
from catalog.errors import (
    BadInput,
    CatalogUnavailable,
    DataManagementError,
    ExitCode,
    Retry,
    RuleBroken,
    SchemaOutOfDate,
)
from tests.db import keep
from tests.fixtures_postgresql import PostgreSQLServer


@pytest.fixture
def nobodys() -> Iterator[Path]:
    """A directory that everybody may read and only its owner write."""
    path = Path(tempfile.mkdtemp(dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def touch(catalog: Catalog) -> None:
    """Anything that writes."""
    with catalog.begin() as conn:
        conn.execute(schema.endpoint.insert().values(name="disk", kind="disk"))


# ----------------------------------------------------------------------------- SQLite
@pytest.mark.parametrize("act", [touch, Catalog.create, Catalog.check_schema])
def test_a_file_that_is_no_database(tmp_path, act):
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, not a database\n" * 40)
    with Catalog(f"sqlite:///{path}") as catalog, pytest.raises(BadInput, match="not a SQLite") as trouble:
        act(catalog)
    assert trouble.value.subject == str(path)
    assert path.read_text().startswith("these are notes")


def test_a_directory_that_is_missing(tmp_path):
    with pytest.raises(CatalogUnavailable, match="no such directory"):
        Catalog(f"sqlite:///{tmp_path}/nowhere/catalog.db")


def test_a_directory_in_place_of_the_file(tmp_path):
    with Catalog(f"sqlite:///{tmp_path}") as catalog, pytest.raises(CatalogUnavailable, match="no file"):
        catalog.check_schema()


def test_a_file_that_may_not_be_written(nobodys, sqlite_template):
    path = Path(shutil.copy(sqlite_template, nobodys / "catalog.db"))
    path.chmod(0o444)
    nobodys.chmod(0o555)
    with keep.AsNobody(), Catalog(f"sqlite:///{path}") as catalog:
        with pytest.raises(CatalogUnavailable, match="may not write") as trouble:
            touch(catalog)
        assert trouble.value.subject == str(path)
        with pytest.raises(CatalogUnavailable, match="no lock here"), catalog.exclusive("flow"):
            pass
    nobodys.chmod(0o755)


def test_a_file_that_may_not_be_read(nobodys, sqlite_template):
    path = Path(shutil.copy(sqlite_template, nobodys / "catalog.db"))
    path.chmod(0o000)
    with (
        keep.AsNobody(),
        Catalog(f"sqlite:///{path}") as catalog,
        pytest.raises(CatalogUnavailable, match="no file that you may read"),
    ):
        catalog.check_schema()


def test_a_database_that_another_program_has_locked(tmp_path, sqlite_template):
    path = shutil.copy(sqlite_template, tmp_path / "catalog.db")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with Catalog(f"sqlite:///{path}?timeout=0.1") as catalog:
            with pytest.raises(CatalogUnavailable, match="locked") as trouble:
                touch(catalog)
            assert (trouble.value.retry, trouble.value.exit_code) == (Retry.LATER, ExitCode.BUSY)
            catalog.check_schema()  # readers do not wait
            other.execute("ROLLBACK")
            touch(catalog)
    finally:
        other.close()


def test_a_writer_waits_for_another_for_a_minute(tmp_path, sqlite_template):
    path = shutil.copy(sqlite_template, tmp_path / "catalog.db")
    with Catalog(f"sqlite:///{path}") as catalog, catalog.read() as conn:
        assert conn.execute(text("PRAGMA busy_timeout")).scalar() == 60_000


def test_a_damaged_file(tmp_path, sqlite_template):
    path = tmp_path / "catalog.db"
    path.write_bytes(sqlite_template.read_bytes()[:5000] + b"x" * 20_000)
    with Catalog(f"sqlite:///{path}") as catalog, pytest.raises(CatalogUnavailable, match="damaged"):
        catalog.check_schema()


def test_a_full_disk(tmp_path, sqlite_template):
    path = shutil.copy(sqlite_template, tmp_path / "catalog.db")
    with Catalog(f"sqlite:///{path}") as catalog, pytest.raises(CatalogUnavailable, match="disk is full"):
        fill(catalog)


def fill(catalog: Catalog) -> None:
    """More than fits into the pages that are there."""
    with catalog.begin() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1")
        for number in range(2000):
            conn.execute(schema.endpoint.insert().values(name=f"{number:0100d}", kind="disk"))


# ------------------------------------------------------------------------- PostgreSQL
@pytest.mark.postgresql
def test_a_database_that_does_not_exist(postgresql_server):
    with Catalog(postgresql_server.url("nowhere")) as catalog:
        for act in (touch, Catalog.create, Catalog.check_schema):
            with pytest.raises(CatalogUnavailable, match='"nowhere" does not exist'):
                act(catalog)


@pytest.mark.parametrize("where", ["/catalog?host=/tmp/no-server-here", "127.0.0.1:1/catalog"])
def test_no_server(where):
    pytest.importorskip("psycopg")
    with (
        Catalog(f"postgresql://ddm:verysecret@{where}") as catalog,
        pytest.raises(CatalogUnavailable, match="connection") as trouble,
    ):
        catalog.check_schema()
    assert "verysecret" not in f"{trouble.value} {trouble.value.subject}"
    assert trouble.value.retry is Retry.LATER


@pytest.mark.postgresql
def test_a_server_that_goes_and_comes_back(postgresql_server):
    server = PostgreSQLServer(postgresql_server.binaries)  # our own, to be stopped
    try:
        with Catalog(server.url(server.create())) as catalog:
            catalog.create()
            with catalog.exclusive("flow") as check:
                check()
                with pytest.raises(CatalogUnavailable):
                    halted_in_between(catalog, server)
                with pytest.raises(CatalogUnavailable):
                    catalog.check_schema()
                with pytest.raises(CatalogUnavailable, match="the lock went"):
                    check()
            server.start()
            catalog.check_schema()
            with catalog.read() as conn:
                assert conn.execute(text("SELECT count(*) FROM endpoint")).scalar() == 0
            with catalog.exclusive("flow"):
                touch(catalog)
    finally:
        server.stop()


def halted_in_between(catalog: Catalog, server: PostgreSQLServer) -> None:
    with catalog.begin() as conn:
        conn.execute(schema.endpoint.insert().values(name="disk", kind="disk"))
        server.halt()
        conn.execute(schema.endpoint.insert().values(name="tape", kind="tape"))


@pytest.mark.postgresql
def test_a_user_without_rights(postgresql_server, postgresql_url):
    with Catalog(postgresql_url) as catalog:
        catalog.create()
    postgresql_server.execute("CREATE ROLE guest LOGIN")
    try:
        with (
            Catalog(postgresql_url.replace("postgres@", "guest@")) as catalog,
            pytest.raises(CatalogUnavailable, match="permission denied"),
        ):
            touch(catalog)
    finally:
        postgresql_server.execute("DROP ROLE guest")


# ------------------------------------------------------------------------------- both
def test_tables_that_are_missing(empty_url):
    with Catalog(empty_url) as catalog, pytest.raises(SchemaOutOfDate):
        touch(catalog)


def test_a_rule_of_the_database_broken(catalog):
    touch(catalog)
    with pytest.raises(RuleBroken, match=r"(?i)unique"):
        touch(catalog)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "not a database URL"),
        ("", "not a database URL"),
        ("/data/catalog.db", "not a database URL"),
        ("postgresql://ddm:verysecret@host:port/x", "not a database URL"),
        ("mysql://ddm:verysecret@host/x", "SQLite or PostgreSQL"),
        ("oracle+cx://ddm:verysecret@host/x", "SQLite or PostgreSQL"),
        ("postgresql+nosuchdriver://ddm:verysecret@host/x", "not a database URL"),
    ],
)
def test_a_url_that_is_none(url, says):
    with pytest.raises(BadInput, match=says) as trouble:
        Catalog(url)
    assert "verysecret" not in f"{trouble.value} {trouble.value.subject}"
    assert isinstance(trouble.value, DataManagementError)
