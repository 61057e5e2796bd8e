"""Backups while others write, restoring without losing anything, giving back space."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from catalog.db import backup, integrity, pgdump, schema, upkeep
from catalog.db.engine import Catalog
from catalog.errors import BadInput, CatalogUnavailable, SchemaOutOfDate
from tests.db import keep

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def lived_in(tmp_path) -> str:
    return keep.live_in(f"sqlite:///{tmp_path}/lived.db")


def back_up(url: str, path: Path) -> backup.Backup:
    with Catalog(url) as catalog:
        return backup.backup(catalog, path)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    found = connection.execute(query).fetchall()
    connection.close()
    return found


# ------------------------------------------------------------------------------------------------- backup
def test_a_backup_holds_everything_in_one_file(lived_in, tmp_path):
    made = back_up(lived_in, tmp_path / "backup.db")
    assert (made.path, made.size) == (tmp_path / "backup.db", (tmp_path / "backup.db").stat().st_size)
    assert not list(tmp_path.glob("backup.db-*"))
    assert not list(tmp_path.glob(".backup*"))
    assert keep.contents(f"sqlite:///{tmp_path}/backup.db") == keep.contents(lived_in)


def test_a_backup_is_of_one_moment_while_others_write(lived_in, tmp_path, monkeypatch):
    """Each transaction of the writer adds to two tables: no backup has the one without the other."""
    monkeypatch.setattr(backup, "PAGES", 1)
    stop, written = threading.Event(), []

    def write() -> None:
        with Catalog(lived_in) as catalog:
            while not stop.is_set():
                number = len(written)
                with catalog.begin() as conn:
                    conn.execute(schema.endpoint.insert().values(name=f"e{number}", kind="disk"))
                    now = catalog.clock.now()
                    conn.execute(schema.dataset.insert().values(name=f"d{number}", state="OPEN", since=now))
                written.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            before = len(written)
            back_up(lived_in, tmp_path / f"b{number}.db")
            assert len(written) > before, "the writer went on"
    finally:
        stop.set()
        writer.join()
    for number in range(3):
        path = tmp_path / f"b{number}.db"
        endpoints = rows(path, "SELECT substr(name, 2) FROM endpoint WHERE name LIKE 'e%'")
        assert endpoints == rows(path, "SELECT substr(name, 2) FROM dataset WHERE name LIKE 'd%'")


def test_a_backup_never_takes_the_place_of_a_file(lived_in, tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("mine", "link", "lived.db"):
        with pytest.raises(BadInput, match="exists"):
            back_up(lived_in, tmp_path / name)
    assert (tmp_path / "mine").read_text() == "mine"
    with pytest.raises(CatalogUnavailable, match="no such directory"):
        back_up(lived_in, tmp_path / "no" / "where.db")


def test_a_name_taken_meanwhile_is_not_overwritten(lived_in, tmp_path):
    path = tmp_path / "backup.db"
    with Catalog(lived_in) as catalog, pytest.raises(BadInput, match="exists"):
        backup.backup(catalog, path, lambda done, total: None if path.exists() else path.touch())
    assert path.read_bytes() == b""
    assert keep.names(tmp_path) == {"lived.db", "backup.db"}


def test_a_damaged_catalogue_gives_no_backup(lived_in, tmp_path):
    path = tmp_path / "lived.db"
    data = bytearray(path.read_bytes())
    data[8 * 4096 : 60 * 4096] = os.urandom(52 * 4096)
    path.write_bytes(data)
    with pytest.raises((BadInput, CatalogUnavailable), match="damaged"):
        back_up(lived_in, tmp_path / "backup.db")
    assert keep.names(tmp_path) == {"lived.db"}


# ------------------------------------------------------------------------------------------------ restore
@pytest.fixture
def saved(lived_in, tmp_path) -> Path:
    return back_up(lived_in, tmp_path / "backup.db").path


def test_a_backup_is_restored_into_a_new_place(saved, lived_in, tmp_path):
    before = saved.read_bytes()
    done = backup.restore(saved, tmp_path / "new.db", NOW)
    assert done.kept is None
    assert keep.contents(f"sqlite:///{tmp_path}/new.db") == keep.contents(lived_in)
    assert saved.read_bytes() == before


def test_a_backup_is_restored_into_an_empty_catalogue(saved, lived_in, tmp_path):
    with Catalog(f"sqlite:///{tmp_path}/new.db") as catalog:
        catalog.create()
        with catalog.read() as conn:
            assert conn.execute(text("SELECT count(*) FROM file")).scalar() == 0
        backup.restore(saved, tmp_path / "new.db", NOW)
        with catalog.read() as conn:  # open all the time
            assert conn.execute(text("SELECT count(*) FROM file")).scalar_one() > 50
            assert integrity.faults(conn) == []
    assert keep.contents(f"sqlite:///{tmp_path}/new.db") == keep.contents(lived_in)


def changed_since(url: str) -> None:
    with Catalog(url) as catalog, catalog.begin() as conn:
        conn.execute(schema.endpoint.insert().values(name="since", kind="disk"))


def test_what_holds_something_is_refused_unless_it_is_kept(saved, lived_in, tmp_path):
    at_backup = keep.contents(lived_in)
    changed_since(lived_in)
    since = keep.contents(lived_in)
    with pytest.raises(BadInput, match="--replace"):
        backup.restore(saved, tmp_path / "lived.db", NOW)
    assert keep.contents(lived_in) == since
    done = backup.restore(saved, tmp_path / "lived.db", NOW, replace=True)
    assert keep.contents(lived_in) == at_backup
    assert done.kept == tmp_path / "lived.db.before-restore-20260301T020000Z"
    assert keep.contents(f"sqlite:///{done.kept}") == since
    again = backup.restore(saved, tmp_path / "lived.db", NOW, replace=True)
    assert again.kept == tmp_path / "lived.db.before-restore-20260301T020000Z-2", "never over what is kept"
    assert keep.contents(f"sqlite:///{done.kept}") == since
    assert keep.contents(lived_in) == at_backup


def test_trouble_while_restoring_changes_nothing(saved, lived_in, tmp_path, monkeypatch):
    changed_since(lived_in)
    since = keep.contents(lived_in)
    whole = backup._count
    monkeypatch.setattr(backup, "_count", lambda db, table: whole(db, table) - (table == 'main."replica"'))
    with pytest.raises(CatalogUnavailable, match="not copied whole"):
        backup.restore(saved, tmp_path / "lived.db", NOW, replace=True)
    assert keep.contents(lived_in) == since


@pytest.mark.parametrize("how", ["cut", "changed", "text", "empty", "missing", "other", "newer"])
def test_what_is_no_backup_is_not_restored(saved, tmp_path, how):
    match how:
        case "cut":
            os.truncate(saved, saved.stat().st_size // 2)
        case "changed":
            data = bytearray(saved.read_bytes())
            data[8 * 4096 : 60 * 4096] = os.urandom(52 * 4096)
            saved.write_bytes(data)
        case "text":
            saved.write_text("notes")
        case "empty":
            saved.write_bytes(b"")
        case "missing":
            saved.unlink()
        case "other":
            saved.unlink()
            connection = sqlite3.connect(saved)
            connection.execute("CREATE TABLE theirs (x)")
            connection.close()
        case "newer":
            connection = sqlite3.connect(saved)
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
            connection.close()
    with pytest.raises(SchemaOutOfDate if how == "newer" else BadInput) as refused:
        backup.restore(saved, tmp_path / "new.db", NOW)
    assert str(saved) in refused.value.subject
    assert not (tmp_path / "new.db").exists()


def test_a_damaged_catalogue_is_not_restored_over(saved, tmp_path):
    (tmp_path / "lived.db").write_text("rubbish" * 1000)
    with pytest.raises(CatalogUnavailable, match="move it away"):
        backup.restore(saved, tmp_path / "lived.db", NOW, replace=True)
    assert (tmp_path / "lived.db").read_text().startswith("rubbish")


def test_an_old_backup_is_restored_and_then_upgraded(tmp_path):
    keep.load_released(f"sqlite:///{tmp_path}/old.db", "0001")
    made = back_up(f"sqlite:///{tmp_path}/old.db", tmp_path / "backup.db")
    assert made.revision == "0001"
    backup.restore(made.path, tmp_path / "new.db", NOW)
    with Catalog(f"sqlite:///{tmp_path}/new.db") as catalog:
        catalog.create()
        with catalog.read() as conn:
            assert integrity.faults(conn) == []


# --------------------------------------------------------------------------------------------- PostgreSQL
@pytest.mark.postgresql
def test_a_postgresql_catalogue_is_dumped_and_restored(postgresql_server, postgresql_url, tmp_path):
    keep.live_in(postgresql_url)
    with Catalog(postgresql_url) as catalog:
        made = pgdump.dump(catalog, tmp_path / "x.pgdump", os.environ)
        assert made.revision == catalog.revisions()[1]
        with pytest.raises(BadInput, match="exists"):
            pgdump.dump(catalog, tmp_path / "x.pgdump", os.environ)
        with pytest.raises(BadInput, match="createdb"):
            pgdump.bring_back(tmp_path / "x.pgdump", catalog, os.environ)
    other = postgresql_server.url(postgresql_server.create())
    with Catalog(other) as catalog:
        pgdump.bring_back(tmp_path / "x.pgdump", catalog, os.environ)
        with catalog.read() as conn:
            assert integrity.faults(conn) == []
    assert keep.contents(other) == keep.contents(postgresql_url)


@pytest.mark.postgresql
def test_a_cut_dump_is_not_restored(postgresql_server, postgresql_url, tmp_path):
    keep.live_in(postgresql_url)
    with Catalog(postgresql_url) as catalog:
        path = pgdump.dump(catalog, tmp_path / "x.pgdump", os.environ).path
    os.truncate(path, path.stat().st_size // 2)
    with Catalog(postgresql_server.url(postgresql_server.create())) as catalog:
        with pytest.raises(BadInput, match="not a whole backup"):
            pgdump.bring_back(path, catalog, os.environ)
        assert catalog.revisions()[0] is None


@pytest.mark.postgresql
def test_a_dump_that_fails_leaves_no_file(postgresql_server, postgresql_url, tmp_path):
    with Catalog(postgresql_url) as catalog, pytest.raises(CatalogUnavailable, match="not installed"):
        pgdump.dump(catalog, tmp_path / "x", {"PATH": str(tmp_path)})
    nowhere = postgresql_server.url("nowhere")
    with Catalog(nowhere) as catalog, pytest.raises(CatalogUnavailable, match=r"pg_dump failed.*not exist"):
        pgdump.dump(catalog, tmp_path / "x", os.environ)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------- vacuum
def test_vacuum_gives_space_back_and_loses_nothing(empty_url, dialect):
    keep.live_in(empty_url)
    with Catalog(empty_url) as catalog:
        with catalog.begin() as conn:
            conn.execute(text("CREATE TABLE ballast (x TEXT)"))
            conn.execute(text("INSERT INTO ballast SELECT 'ballast' || id FROM history"))
        with catalog.begin() as conn:
            conn.execute(text("DROP TABLE ballast"))
            conn.execute(text("UPDATE history SET reason = reason"))
        before = keep.contents(empty_url)
        before.pop("tally")
        done = upkeep.vacuum(catalog)
        after = keep.contents(empty_url)
        after.pop("tally")
        assert after == before
        assert done.after > 0
        assert done.after < done.before or dialect == "postgresql"  # whose files get maps of free pages
        with catalog.read() as conn:
            assert integrity.faults(conn) == []


def test_vacuum_joins_the_sums_of_many_transactions(empty_url):
    """PostgreSQL's writers each leave some; a catalogue moved to SQLite brings them along."""
    keep.live_in(empty_url)
    with Catalog(empty_url) as catalog:
        with catalog.begin() as conn:
            whole = sorted(map(tuple, conn.execute(text("SELECT * FROM tally ORDER BY 1, 2, 3, 4, 5, 6, 7"))))
            conn.execute(text("UPDATE tally SET shard = 77 WHERE noun = 'file'"))
            conn.execute(
                text(
                    "INSERT INTO tally SELECT noun, owner, run, role, product, place, state, 78, "
                    "n + 1, size, events, unknown FROM tally WHERE noun = 'job'"
                )
            )
            conn.execute(text("UPDATE tally SET n = -1, size = 0 WHERE noun = 'job' AND shard = 0"))
        assert upkeep.vacuum(catalog).folded > 0
        with catalog.read() as conn:
            assert integrity.faults(conn) == []
            found = sorted(map(tuple, conn.execute(text("SELECT * FROM tally WHERE n <> 0 OR size <> 0"))))
            assert [row for row in found if row[0] == "file"] == [row for row in whole if row[0] == "file"]
            assert conn.execute(text("SELECT count(*) FROM tally WHERE shard <> 0")).scalar() == 0


# ---------------------------------------------------------------------------------------------- full disk
FULL = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
from catalog.db import backup, portable, relocate
from catalog.db.engine import Catalog
from catalog.errors import DataManagementError
how, url, to = sys.argv[1:4]
try:
    with Catalog(url) as catalog:
        if how == "backup":
            backup.backup(catalog, Path(to))
        elif how == "export":
            portable.export(catalog, Path(to))
        elif how == "move":
            relocate.move(catalog, "sqlite:///" + to)
        else:
            portable.load(Path(how), "sqlite:///" + to)
except DataManagementError as error:
    print(error.exit_code, error, error.subject)
    sys.exit(9)
"""


@pytest.mark.parametrize("how", ["backup", "export", "move", "import"])
@pytest.mark.parametrize("room", [0, 4096, 100_000])
def test_a_full_disk_is_one_clear_error_and_leaves_nothing(lived_in, tmp_path, how, room):
    if how == "export":
        room = room // 20
    if how == "import":
        from catalog.db import portable

        with Catalog(lived_in) as catalog:
            how = str(portable.export(catalog, tmp_path / "x").directory)
    before = keep.contents(lived_in)
    there = keep.names(tmp_path)
    done = keep.run(FULL, how, lived_in, tmp_path / "new", room)
    assert done.returncode == 9, done.stderr
    assert done.stdout.startswith("5 "), done.stdout
    assert "Traceback" not in done.stderr
    assert keep.names(tmp_path) == there
    assert keep.contents(lived_in) == before


def test_a_read_only_disk_is_one_clear_error(lived_in, tmp_path):
    place = tmp_path / "ro"
    place.mkdir(mode=0o555)
    if os.geteuid() == 0:
        shutil.chown(tmp_path, keep.NOBODY)
    for parent in (tmp_path.parent, tmp_path.parent.parent):
        if parent.stat().st_mode & 0o005 != 0o005:  # pytest's own; /tmp itself stays as it is
            parent.chmod(0o755)
    with (
        keep.AsNobody(),
        pytest.raises(CatalogUnavailable, match=r"Permission denied|may not write|may not enter|no file"),
    ):
        back_up(lived_in, place / "backup.db")
    assert list(place.iterdir()) == []
