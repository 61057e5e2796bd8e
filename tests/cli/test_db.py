"""The commands of ``ddm db``: what they say, what they leave, how they end."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest

from tests.cli.place import Place
from tests.db import keep
from tests.fixtures_postgresql import PostgreSQLServer


@pytest.fixture
def place(tmp_path) -> Place:
    made = Place(tmp_path)
    made.register()
    return made


@pytest.fixture
def old(tmp_path) -> Place:
    """A catalogue that the first released version left."""
    made = Place(tmp_path)
    keep.load_released(f"sqlite:///{tmp_path}/ddm.db", "0001")
    return made


def revision(path: Path) -> str:
    connection = sqlite3.connect(path)
    (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    return str(found)


def registered(place: Place) -> int:
    """How many files the catalogue of ddm.toml has."""
    return int(place.json("dataset", "show")[0]["files"])


def files(place: Place) -> set[str]:
    return keep.names(place.root) - {"ddm.toml", "disk", "tape", "raw.csv"}


# ------------------------------------------------------------------------------------------------ upgrade
def test_an_upgrade_keeps_a_copy_first(old):
    assert "upgraded from 0001" in old.good("db", "upgrade")
    (kept,) = files(old) - {"ddm.db"}
    assert revision(old.root / kept) == "0001"
    assert "is sound" in old.good("db", "check")
    assert "is up to date" in old.good("db", "upgrade")
    assert files(old) == {"ddm.db", kept}
    shutil.copy(old.root / kept, old.root / "ddm.db")
    answer = old.json("db", "upgrade")
    assert Path(answer["backup"]).name == f"{kept}-2", "no copy is overwritten"
    assert registered(old) > 10


def test_an_upgrade_without_a_copy(old):
    assert old.json("db", "upgrade", "--no-backup")["backup"] is None
    assert files(old) == {"ddm.db"}


def test_no_upgrade_while_the_flow_runs(old):
    with open(old.root / "ddm.db.flow.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "flow" in old.refused(5, "db", "upgrade")
    assert revision(old.root / "ddm.db") == "0001"
    assert files(old) == {"ddm.db"}


def test_an_old_catalogue_is_refused_by_every_other_command(old):
    for command in (["db", "check"], ["db", "vacuum"], ["db", "export", "x"], ["flow", "status"]):
        assert "ddm db upgrade" in old.refused(10, *command)


def test_a_newer_catalogue_is_refused_clearly(place):
    connection = sqlite3.connect(place.root / "ddm.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    for command in (
        ["db", "upgrade"],
        ["db", "check"],
        ["db", "create"],
        ["dataset", "show"],
        ["db", "export", "x"],
    ):
        assert "9999" in place.refused(10, *command)
    place.good("db", "backup", place.root / "b.db")  # can always be kept


# --------------------------------------------------------------------------------- backup, restore, vacuum
def test_a_backup_and_its_way_back(place):
    assert "revision" in place.good("db", "backup", place.root / "b.db")
    assert "exists" in place.refused(2, "db", "backup", place.root / "b.db")
    place.list("/castor/cern.ch/compass/data/2016/raw/W14/cdr11009-275679.raw,1,00000001,1", name="more.csv")
    place.good("file", "register", place.root / "more.csv", "--dataset", "2016/W14", "--endpoint", "tape")
    assert registered(place) == 4
    assert "--replace" in place.refused(2, "db", "restore", place.root / "b.db")
    assert registered(place) == 4
    answer = place.json("db", "restore", place.root / "b.db", "--replace")
    assert registered(place) == 3
    assert Path(answer["kept"]).name.startswith("ddm.db.before-restore-")
    place.good("db", "restore", answer["kept"], "--into", place.root / "other.db")
    kept, other = (keep.contents(f"sqlite:///{path}") for path in (answer["kept"], place.root / "other.db"))
    assert other.pop("history").rows == kept.pop("history").rows + 1, "that it came back is remembered"
    assert other == kept


def test_a_backup_into_a_directory_gets_a_name_with_the_time(place):
    (place.root / "backups").mkdir()
    path = Path(place.json("db", "backup", place.root / "backups")["path"])
    assert path.parent == place.root / "backups"
    assert path.match("ddm-2*T*Z.db")


def test_what_is_no_backup_is_refused(place):
    (place.root / "notes").write_text("notes")
    for name in ("notes", "nowhere"):
        assert name in place.refused(2, "db", "restore", place.root / name, "--into", place.root / "new.db")
    assert not (place.root / "new.db").exists()


def test_no_restore_while_the_flow_runs(place):
    place.good("db", "backup", place.root / "b.db")
    with open(place.root / "ddm.db.flow.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "flow" in place.refused(5, "db", "restore", place.root / "b.db", "--replace")


def test_vacuum_tells_the_sizes(place):
    answer = place.json("db", "vacuum")
    assert answer["after"] > 0
    assert " before, " in place.good("db", "vacuum")


def test_check_tells_every_fault_and_fails(place):
    connection = sqlite3.connect(place.root / "ddm.db")
    connection.execute("UPDATE tally SET n = n + 1")
    connection.commit()
    connection.close()
    told = place.run("db", "check")
    assert (told.exit_code, "is damaged" in told.stdout, "tally lacks" in told.stdout) == (1, True, True)


# ---------------------------------------------------------------------------------------- whole catalogues
def test_an_export_and_its_import(place):
    answer = place.json("db", "export", place.root / "x")
    assert answer["revision"] == revision(place.root / "ddm.db")
    assert "exists" in place.refused(2, "db", "export", place.root / "x")
    assert "holds a catalogue already" in place.refused(2, "db", "import", place.root / "x")
    again = place.json("db", "import", place.root / "x", "--into", place.root / "again.db")
    assert again["rows"] == sum(part["content"]["rows"] for part in answer["parts"])
    (place.root / "x" / "file.parquet").write_bytes(b"PAR1")
    said = place.refused(2, "db", "import", place.root / "x", "--into", place.root / "third.db")
    assert "file.parquet" in said
    assert not (place.root / "third.db").exists()


def test_no_export_and_no_manifest(place):
    assert "manifest.json" in place.refused(2, "db", "import", place.root / "nowhere", "--into", "y.db")


@pytest.mark.postgresql
def test_a_move_to_postgresql_and_back(place, postgresql_server: PostgreSQLServer):
    url = postgresql_server.url(postgresql_server.create())
    told = place.good("db", "move", url)
    assert f"{place.root}/ddm.toml" in told
    assert 'catalog = "postgresql+psycopg://' in told
    before = keep.contents(f"sqlite:///{place.root}/ddm.db")
    toml = (place.root / "ddm.toml").read_text()
    (place.root / "ddm.toml").write_text(f'catalog = "{url}"\n{toml}')
    assert registered(place) == 3
    assert "is sound" in place.good("db", "check")
    assert "holds a catalogue already" in place.refused(2, "db", "move", place.root / "ddm.db")
    place.good("db", "move", place.root / "back.db")
    assert keep.contents(f"sqlite:///{place.root}/back.db") == before
    place.good("db", "backup", place.root / "b.pgdump")
    assert "ddm db move" in place.refused(2, "db", "restore", place.root / "b.pgdump", "--into", "z.db")
    assert "createdb" in place.refused(2, "db", "restore", place.root / "b.pgdump")
    other = postgresql_server.url(postgresql_server.create())
    place.good("db", "restore", place.root / "b.pgdump", "--into", other)
    after = keep.contents(other)
    assert after.pop("history").rows == before.pop("history").rows + 1, "that it came back is remembered"
    assert after == before


def test_a_password_is_never_shown(place):
    pytest.importorskip("psycopg")
    url = "postgresql://ddm:verysecret@127.0.0.1:1/ddm"
    for command in (["db", "move", url], ["db", "import", place.root, "--into", url]):
        told = place.run(*command)
        assert told.exit_code in (2, 5)
        assert "verysecret" not in told.output


# ---------------------------------------------------------------------------------------------- read-only
READING = [
    ["db", "check"],
    ["dataset", "show"],
    ["dataset", "show", "2016/W14"],
    ["dataset", "history", "2016/W14"],
    ["run", "list"],
    ["file", "find", "run = 275678"],
    ["file", "parents", "cdr11000-275678.raw"],
    ["group", "show"],
    ["meta", "keys"],
    ["events", "asks"],
    ["file", "show", "cdr11000-275678.raw"],
    ["file", "history", "cdr11000-275678.raw"],
    ["flow", "status"],
    ["explain", "275678"],
    ["stage", "status"],
    ["job", "show", "1"],
    ["merge", "show", "275678"],
    ["check", "show"],
    ["gap", "list"],
    ["archive", "status"],
    ["trash", "list"],
]


def answer(place: Place, command: list[str]) -> tuple[list[str], int, str]:
    """The command, its exit code and its output without the ages in it."""
    told = place.run(*command)
    return command, told.exit_code, re.sub(r"\d+:\d\d:\d\d(\.\d+)?", "AGE", told.output)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs two users")
def test_a_reader_without_the_right_to_write_gets_every_answer():
    root = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        place = Place(root / "place")
        place.register()
        for path in (root, place.root):
            path.chmod(0o755)
        expected = [answer(place, command) for command in READING]
        with keep.AsNobody():
            found = [answer(place, command) for command in READING]
        assert found == expected
        assert not [entry for entry in expected if entry[1] == 2], "there is such a command"
        assert files(place) == {"ddm.db"}
        with keep.AsNobody():
            assert "may not write" in place.refused(5, "dataset", "add", "2016/W15")
    finally:
        shutil.rmtree(root)


def test_json_of_an_error_is_one_document(place):
    told = place.run("db", "restore", place.root / "nowhere", "--json")
    assert json.loads(told.stdout)["error"] == "bad_input"
