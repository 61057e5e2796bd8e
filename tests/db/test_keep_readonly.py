"""A SQLite catalogue that one may only read: questions are answered, nothing is made beside it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.compute  # noqa: F401  before we are nobody, who cannot read our Python
import pytest
from sqlalchemy import text

from catalog.db import integrity, schema
from catalog.db.engine import Catalog
from catalog.errors import CatalogUnavailable, Retry
from tests.db import keep


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A directory of somebody else with a catalogue that everybody may read."""
    path = Path(tempfile.mkdtemp(dir="/tmp"))
    keep.live_in(f"sqlite:///{path}/ddm.db")
    (path / "ddm.db").chmod(0o644)
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def url(theirs: Path) -> str:
    return f"sqlite:///{theirs}/ddm.db"


def files(catalog: Catalog) -> int:
    with catalog.read() as conn:
        return int(conn.execute(text("SELECT count(*) FROM file")).scalar_one())


def endpoints(catalog: Catalog) -> list[str]:
    with catalog.read() as conn:
        return list(conn.scalars(text("SELECT name FROM endpoint WHERE name LIKE 'new%' ORDER BY id")))


def add(catalog: Catalog, name: str) -> None:
    with catalog.begin() as conn:
        conn.execute(schema.endpoint.insert().values(name=name, kind="disk"))


def checkpoint(theirs: Path) -> None:
    other = sqlite3.connect(theirs / "ddm.db")
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()


def everything_in(theirs: Path) -> set[str]:
    return {entry.name for entry in theirs.iterdir()}


@pytest.mark.parametrize("mode", [0o755, 0o777], ids=["may not make files", "may make files"])
def test_a_catalogue_that_nobody_has_open_is_read_and_no_file_is_made(theirs, mode):
    theirs.chmod(mode)
    with keep.AsNobody(), Catalog(url(theirs)) as catalog:
        catalog.check_schema()
        assert files(catalog) > 50
        with catalog.read() as conn:
            assert integrity.faults(conn) == []
        with pytest.raises(CatalogUnavailable, match="may not write"):
            add(catalog, "new")
    assert everything_in(theirs) == {"ddm.db"}


@pytest.mark.parametrize("mode", [0o755, 0o777], ids=["may not make files", "may make files"])
def test_a_catalogue_that_is_written_is_read_as_it_is(theirs, mode):
    theirs.chmod(mode)
    with Catalog(url(theirs)) as owner:
        add(owner, "new1")
        beside = everything_in(theirs)
        with keep.AsNobody(), Catalog(url(theirs)) as reader:
            assert endpoints(reader) == ["new1"]
            seen = reader.engine.connect()  # kept open meanwhile
            seen.detach()
        add(owner, "new2")
        with keep.AsNobody(), Catalog(url(theirs)) as reader:
            assert endpoints(reader) == ["new1", "new2"]
        seen.close()
        assert everything_in(theirs) == beside == {"ddm.db", "ddm.db-wal", "ddm.db-shm"}
        add(owner, "new3")
    assert everything_in(theirs) == {"ddm.db"}, "the owner could tidy up"


def test_what_is_written_between_two_questions_is_seen(theirs):
    reader = Catalog(url(theirs))
    with keep.AsNobody():
        assert endpoints(reader) == []
    with Catalog(url(theirs)) as owner:
        add(owner, "new1")
        with keep.AsNobody():
            assert endpoints(reader) == ["new1"]
        add(owner, "new2")
    with keep.AsNobody():
        assert endpoints(reader) == ["new1", "new2"]
    reader.close()


def asked_while(theirs: Path, catalog: Catalog, happens) -> int:
    with catalog.read() as conn:
        found = int(conn.execute(text("SELECT count(*) FROM file")).scalar_one())
        happens()
        return found + int(conn.execute(text("SELECT count(*) FROM endpoint")).scalar_one())


def test_a_file_that_is_written_while_it_is_read_gives_no_answer(theirs):
    """Nobody had it open, so it is read without locks; then somebody writes into the file itself."""

    def write() -> None:
        with Catalog(url(theirs)) as owner:
            add(owner, "new1")
        checkpoint(theirs)

    def as_owner() -> None:
        with_nobody.__exit__()
        try:
            write()
        finally:
            with_nobody.__enter__()

    with_nobody = keep.AsNobody()
    with with_nobody, Catalog(url(theirs)) as reader:
        with pytest.raises(CatalogUnavailable, match="written while it was read") as refused:
            asked_while(theirs, reader, as_owner)
        assert refused.value.retry is Retry.LATER
        assert endpoints(reader) == ["new1"], "the next question is answered"


def test_a_write_that_is_not_in_the_file_yet_does_not_disturb(theirs):
    owner = Catalog(url(theirs))

    def as_owner() -> None:
        with_nobody.__exit__()
        add(owner, "new1")
        with_nobody.__enter__()

    with_nobody = keep.AsNobody()
    with with_nobody, Catalog(url(theirs)) as reader:
        assert asked_while(theirs, reader, as_owner) > 50
        assert endpoints(reader) == ["new1"]
    owner.close()


LEFT = """
import os, sys
from sqlalchemy import text
from catalog.db.engine import Catalog
catalog = Catalog(sys.argv[1])
with catalog.begin() as conn:
    conn.execute(text("INSERT INTO endpoint (name, kind) VALUES ('new1', 'disk')"))
os._exit(0)
"""


def test_what_a_crashed_writer_left_is_read_or_refused_never_passed_over(theirs):
    assert keep.run(LEFT, url(theirs)).returncode == 0
    assert everything_in(theirs) == {"ddm.db", "ddm.db-wal", "ddm.db-shm"}
    with keep.AsNobody(), Catalog(url(theirs)) as reader:
        assert endpoints(reader) == ["new1"]
    (theirs / "ddm.db-shm").unlink()
    with keep.AsNobody(), Catalog(url(theirs)) as reader, pytest.raises(CatalogUnavailable, match="-wal"):
        endpoints(reader)
    with Catalog(url(theirs)) as owner:
        assert endpoints(owner) == ["new1"]
    with keep.AsNobody(), Catalog(url(theirs)) as reader:
        assert endpoints(reader) == ["new1"]


def test_a_backup_that_may_only_be_read_is_a_catalogue(theirs):
    """It is in one file and in no WAL mode."""
    from catalog.db import backup

    with Catalog(url(theirs)) as owner:
        backup.backup(owner, theirs / "backup.db")
    before = (theirs / "backup.db").read_bytes()
    with keep.AsNobody(), Catalog(f"sqlite:///{theirs}/backup.db") as reader:
        assert files(reader) > 50
    assert (theirs / "backup.db").read_bytes() == before
    assert everything_in(theirs) == {"ddm.db", "backup.db"}


def test_an_export_needs_only_to_read(theirs):
    from catalog.db import portable

    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(0o777)
    try:
        with keep.AsNobody(), Catalog(url(theirs)) as reader:
            portable.export(reader, place / "x")
            portable.load(place / "x", f"sqlite:///{place}/mine.db")
        assert keep.contents(f"sqlite:///{place}/mine.db") == keep.contents(url(theirs))
    finally:
        shutil.rmtree(place)
    assert everything_in(theirs) == {"ddm.db"}
