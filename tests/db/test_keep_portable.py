"""Export to Parquet, import from it, and the move between databases: everything, or nothing."""

from __future__ import annotations

import filecmp
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, text

from catalog.clock import SimulatedClock
from catalog.db import filling, integrity, portable, relocate, schema, streams
from catalog.db.engine import Catalog
from catalog.db.streams import Digest
from catalog.errors import BadInput, CatalogUnavailable, DataManagementError, ExitCode, SchemaOutOfDate
from tests.db import keep

DIALECTS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture
def lived_in(empty_url) -> str:
    return keep.live_in(empty_url)


@pytest.fixture(params=DIALECTS)
def other_url(request, tmp_path) -> str:
    """A second, empty place, on each of the two databases in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/other.db"
    server = request.getfixturevalue("postgresql_server")
    return str(server.url(server.create()))


def export(url: str, directory: Path) -> portable.Export:
    with Catalog(url) as catalog:
        return portable.export(catalog, directory)


def move(url: str, other: str) -> relocate.Moved:
    with Catalog(url) as catalog:
        return relocate.move(catalog, other)


def same_bytes(one: Path, other: Path) -> bool:
    files = sorted(keep.names(one))
    _, differ, errors = filecmp.cmpfiles(one, other, files, shallow=False)
    return files == sorted(keep.names(other)) and not differ and not errors


def nothing_in(url: str) -> bool:
    """The place has no catalogue, or one without a row."""
    with Catalog(url) as catalog:
        if catalog.revisions()[0] is None:
            return True
        with catalog.read() as conn:
            return not any(streams.count(conn, shape) for shape in streams.shapes())


# -------------------------------------------------------------------------------------------- there and back
def test_an_export_of_an_import_has_the_same_bytes(lived_in, other_url, tmp_path):
    first = export(lived_in, tmp_path / "first")
    assert first.rows > 1500
    assert {part.shape.name for part in first.parts} == set(schema.metadata.tables)
    portable.load(tmp_path / "first", other_url)
    export(other_url, tmp_path / "second")
    assert same_bytes(tmp_path / "first", tmp_path / "second")
    with Catalog(other_url) as catalog:
        catalog.check_schema()
        with catalog.read() as conn:
            assert integrity.faults(conn) == []


def test_a_moved_catalogue_is_the_same(lived_in, other_url, tmp_path):
    before = keep.contents(lived_in)
    moved = move(lived_in, other_url)
    assert dict(moved.tables) == before == keep.contents(other_url) == keep.contents(lived_in)
    export(lived_in, tmp_path / "old")
    export(other_url, tmp_path / "new")
    assert same_bytes(tmp_path / "old", tmp_path / "new")


def test_new_rows_get_new_numbers_after_an_import(lived_in, other_url, tmp_path):
    export(lived_in, tmp_path / "x")
    portable.load(tmp_path / "x", other_url)
    with Catalog(other_url) as catalog, catalog.begin() as conn:
        last = conn.execute(text("SELECT max(id) FROM endpoint")).scalar_one()
        conn.execute(schema.endpoint.insert().values(name="new", kind="disk"))
        assert conn.execute(text("SELECT id FROM endpoint WHERE name = 'new'")).scalar_one() == last + 1
        conn.execute(
            schema.request.insert().values(
                kind="stage", endpoint_id=1, label="x", created_at=catalog.clock.now()
            )
        )


def test_an_empty_catalogue_can_be_filled_in_place(lived_in, catalog_url, tmp_path):
    export(lived_in, tmp_path / "x")
    portable.load(tmp_path / "x", catalog_url)
    assert keep.contents(catalog_url) == keep.contents(lived_in)


def test_an_empty_catalogue_goes_there_and_back(catalog_url, other_url, tmp_path):
    assert export(catalog_url, tmp_path / "x").rows == 0
    portable.load(tmp_path / "x", other_url)
    assert move(other_url, f"sqlite:///{tmp_path}/again.db").rows == 0


def test_rules_and_indexes_are_back_after_an_import(lived_in, other_url, tmp_path):
    move(lived_in, other_url)
    with Catalog(other_url) as catalog, catalog.read() as conn:
        assert integrity.shape_faults(conn) == []
    for broken in (
        "INSERT INTO parent (file_id, parent_id) VALUES (1, 987654321)",
        "DELETE FROM file WHERE id = 1",
        "INSERT INTO endpoint (name, kind) VALUES ('disk', 'disk')",
        "UPDATE replica SET state = 'NOWHERE' WHERE id = 1",
    ):
        with Catalog(other_url) as catalog, pytest.raises(DataManagementError), catalog.begin() as conn:
            conn.execute(text(broken))


def _columns(conn, table):
    return {column["name"] for column in conn.dialect.get_columns(conn, table)}


def test_an_export_of_an_older_revision_is_brought_up_to_date(tmp_path, other_url, monkeypatch):
    """As ddm wrote it when that revision was the newest."""
    old = f"sqlite:///{tmp_path}/old.db"
    keep.load_released(old, "0001")
    with Catalog(old) as catalog:
        with catalog.engine.connect() as conn, filling.loose_references(conn):
            filling.migrate(conn, "0002", catalog.name)
            conn.commit()
        with catalog.read() as conn:
            there = {name: _columns(conn, name) for name in conn.dialect.get_table_names(conn)}
        shapes = [
            replace(
                shape, columns=tuple(column for column in shape.columns if column[0] in there[shape.name])
            )
            for shape in streams.shapes()
            if shape.name in there
        ]
        with monkeypatch.context() as then:
            then.setattr(portable, "shapes", lambda: shapes)
            then.setattr(catalog, "check_schema", lambda: None)
            then.setattr(catalog, "revisions", lambda: ("0002", "0002"))
            portable.export(catalog, tmp_path / "x")
        portable.load(tmp_path / "x", other_url)
        catalog.create()
    assert keep.contents(other_url) == keep.contents(old)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NUMBER = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.postgresql
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example makes databases
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(said=st.lists(st.tuples(TEXT, NUMBER), min_size=1, max_size=60))
def test_any_text_and_number_survives(said, postgresql_server, sqlite_template, tmp_path_factory):
    here = tmp_path_factory.mktemp("any")
    first = f"sqlite:///{shutil.copy(sqlite_template, here / 'first.db')}"
    with Catalog(first, clock=SimulatedClock()) as catalog, catalog.begin() as conn:
        now, tables = catalog.clock.now(), schema.metadata.tables
        conn.execute(schema.dataset.insert().values(id=1, name="d", state="OPEN", since=now))
        for key, (words, number) in enumerate(said, 1):
            row = {"id": key, "name": str(key), "type": "real", "description": words, "defined_at": now}
            conn.execute(tables["meta_key"].insert().values(row))
            value = {"dataset_id": 1, "key_id": key, "real_value": number}
            conn.execute(tables["dataset_meta"].insert().values(value))
    name = postgresql_server.create()
    try:
        move(first, postgresql_server.url(name))
        move(postgresql_server.url(name), f"sqlite:///{here}/second.db")
        export(first, here / "x")
        portable.load(here / "x", f"sqlite:///{here}/third.db")
    finally:
        postgresql_server.drop(name)
    assert keep.contents(first) == keep.contents(f"sqlite:///{here}/second.db")
    assert keep.contents(first) == keep.contents(f"sqlite:///{here}/third.db")


def test_a_digest_does_not_depend_on_the_batches():
    rows = [(number, str(number), None, 0.5) for number in range(100)]
    one, many = Digest(), Digest()
    one.add(rows)
    for start in (0, 1, 50, 99):
        end = {0: 1, 1: 50, 50: 99, 99: 100}[start]
        many.add(rows[start:end])
    assert one.content == many.content
    other = Digest()
    other.add([*rows[:-1], (99, "99", None, 0.25)])
    assert other.content != one.content


def test_a_column_that_could_not_be_kept_is_noticed():
    table = Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("b", LargeBinary))
    with pytest.raises(TypeError, match=r"t\.b"):
        streams.shape(table)
    assert len(streams.shapes()) == len(schema.metadata.tables)


# --------------------------------------------------------------------------------------- what is refused
@pytest.fixture(scope="module")
def exported_once(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("exported")
    export(keep.live_in(f"sqlite:///{path}/lived.db"), path / "x")
    return path


@pytest.fixture
def exported(exported_once, tmp_path) -> Path:
    """An export to be spoilt, beside the catalogue that it is of."""
    shutil.copy(exported_once / "lived.db", tmp_path / "lived.db")
    return Path(shutil.copytree(exported_once / "x", tmp_path / "x"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def change(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def edit(exported: Path, seal: bool = True, **new: object) -> None:
    said = json.loads((exported / "manifest.json").read_text())
    said.update(new)
    if seal:
        said["seal"] = portable._seal({key: value for key, value in said.items() if key != "seal"})
    (exported / "manifest.json").write_text(json.dumps(said))


def bring(how: str, root: Path, url: str, told: filling.Told = lambda table, rows: None) -> None:
    """Import the export there, or move the lived-in catalogue there."""
    if how == "import":
        portable.load(root / "x", url, told)
        return
    with Catalog(f"sqlite:///{root}/lived.db") as catalog:
        relocate.move(catalog, url, told)


BREAKS = {
    "a table cut short": lambda x: cut(x / "file.parquet"),
    "a table changed": lambda x: change(x / "replica.parquet"),
    "a table missing": lambda x: (x / "history.parquet").unlink(),
    "a table too many": lambda x: shutil.copy(x / "file.parquet", x / "more.parquet"),
    "another table in its place": lambda x: shutil.copy(x / "file.parquet", x / "job.parquet"),
    "the manifest cut short": lambda x: cut(x / "manifest.json"),
    "the manifest changed": lambda x: edit(x, seal=False, revision="0002"),
    "the manifest empty": lambda x: (x / "manifest.json").write_text(""),
    "the manifest a list": lambda x: (x / "manifest.json").write_text("[1]"),
    "the manifest missing": lambda x: (x / "manifest.json").unlink(),
    "another format": lambda x: edit(x, format="ddm catalogue 99"),
    "a directory for a table": lambda x: ((x / "pin.parquet").unlink(), (x / "pin.parquet").mkdir()),
    "no table at all": lambda x: edit(x, tables="none"),
}


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
def test_a_changed_export_is_refused_before_anything_is_written(exported, empty_url, broken):
    broken(exported)
    with pytest.raises(BadInput) as refused:
        portable.load(exported, empty_url)
    assert refused.value.exit_code == ExitCode.USAGE
    assert str(exported) in refused.value.subject
    with Catalog(empty_url) as catalog:
        assert catalog.revisions()[0] is None
        assert not (empty_url.startswith("sqlite") and Path(str(catalog.engine.url.database)).exists())


def test_an_export_of_a_newer_version_is_refused(exported, tmp_path):
    edit(exported, revision="9999")
    with pytest.raises(SchemaOutOfDate, match="9999"):
        portable.load(exported, f"sqlite:///{tmp_path}/new.db")
    assert not (tmp_path / "new.db").exists()


def test_rows_that_are_not_the_promised_ones_are_refused(exported, empty_url):
    """Even where the file's own checksum was made to fit."""
    tables = json.loads((exported / "manifest.json").read_text())["tables"]
    for table in tables:
        if table["table"] == "endpoint":
            table["content"] = "0" * 64
    edit(exported, tables=tables)
    with pytest.raises(BadInput, match="not those that were exported"):
        portable.load(exported, empty_url)
    assert nothing_in(empty_url)


def test_nothing_is_written_over_an_export(exported, tmp_path):
    before = {entry: entry.read_bytes() for entry in exported.iterdir()}
    with pytest.raises(BadInput, match="exists"):
        export(f"sqlite:///{tmp_path}/lived.db", exported)
    assert {entry: entry.read_bytes() for entry in exported.iterdir()} == before


@pytest.mark.parametrize("how", ["import", "move"])
def test_a_catalogue_that_holds_something_is_never_filled(exported, tmp_path, catalog_url, how):
    with Catalog(catalog_url) as catalog, catalog.begin() as conn:
        conn.execute(schema.endpoint.insert().values(name="mine", kind="disk"))
    before = keep.contents(catalog_url)
    with pytest.raises(BadInput, match="holds a catalogue already"):
        bring(how, tmp_path, catalog_url)
    assert keep.contents(catalog_url) == before


def test_a_move_onto_itself_is_refused(lived_in, tmp_path):
    before = keep.contents(lived_in)
    with pytest.raises(BadInput):
        move(lived_in, lived_in)
    if lived_in.startswith("sqlite"):
        (tmp_path / "link.db").symlink_to(lived_in.removeprefix("sqlite:///"))
        with pytest.raises(BadInput, match="is already"):
            move(lived_in, f"sqlite:///{tmp_path}/link.db")
    assert keep.contents(lived_in) == before


def test_a_catalogue_of_another_version_is_neither_exported_nor_moved(tmp_path):
    keep.load_released(f"sqlite:///{tmp_path}/old.db", "0001")
    with pytest.raises(SchemaOutOfDate):
        export(f"sqlite:///{tmp_path}/old.db", tmp_path / "x")
    with pytest.raises(SchemaOutOfDate):
        move(f"sqlite:///{tmp_path}/old.db", f"sqlite:///{tmp_path}/new.db")
    assert keep.names(tmp_path) == {"old.db"}


@pytest.mark.parametrize(
    ("column", "value"),
    [("registered_at", "'yesterday'"), ("registered_at", "'2016-01-01'"), ("run", "'many'")],
)
def test_a_value_that_is_none_is_named(tmp_path, column, value):
    """SQLite keeps whatever it is given."""
    url = keep.live_in(f"sqlite:///{tmp_path}/lived.db")
    with Catalog(url) as catalog, catalog.begin() as conn:
        conn.execute(text(f"UPDATE file SET {column} = {value} WHERE id = 7"))
    with pytest.raises(CatalogUnavailable) as refused:
        export(url, tmp_path / "x")
    assert refused.value.subject == f"file.{column}"
    assert not (tmp_path / "x").exists()


# -------------------------------------------------------------------------------------- in the middle of it
class Stopped(Exception):
    pass


@pytest.mark.parametrize("how", ["import", "move"])
@pytest.mark.parametrize("after", ["directory", "file", "history"])
def test_trouble_in_the_middle_leaves_nothing(exported, tmp_path, empty_url, how, after):
    def told(table: str, _rows: int) -> None:
        if table == after:
            raise Stopped

    with pytest.raises(Stopped):
        bring(how, tmp_path, empty_url, told)
    with Catalog(empty_url) as catalog:
        assert catalog.revisions()[0] is None
    assert keep.names(tmp_path) <= {"x", "lived.db", "empty.db"}
    portable.load(exported, empty_url)


def test_what_came_through_is_compared(exported, empty_url, monkeypatch):
    """A database that keeps other rows than it was given is found out."""
    whole = filling.write

    def lossy(conn, shape, batches):
        whole(conn, shape, (batch[:-1] if shape.name == "event_count" else batch for batch in batches))

    monkeypatch.setattr(filling, "write", lossy)
    with pytest.raises(CatalogUnavailable, match="event_count"):
        portable.load(exported, empty_url)
    assert nothing_in(empty_url)


KILLED = """
import os, signal, sys
from catalog.db import portable
from catalog.db.engine import Catalog
from pathlib import Path

def told(table, rows):
    if table == sys.argv[4]:
        os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] == "export":
    portable.export(Catalog(sys.argv[2]), Path(sys.argv[3]), told)
else:
    portable.load(Path(sys.argv[2]), sys.argv[3], told)
"""


def test_a_killed_export_is_none(tmp_path):
    url = keep.live_in(f"sqlite:///{tmp_path}/lived.db")
    assert keep.run(KILLED, "export", url, tmp_path / "x", "file").returncode == -9
    assert not (tmp_path / "x").exists()
    export(url, tmp_path / "x")


def test_a_killed_import_leaves_the_place_empty(exported, empty_url):
    assert keep.run(KILLED, "import", exported, empty_url, "history").returncode == -9
    assert nothing_in(empty_url)
    portable.load(exported, empty_url)
    assert not nothing_in(empty_url)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_missing_pyarrow_is_said(tmp_path, catalog_url, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(CatalogUnavailable, match=r"ddm\[parquet\]"):
        export(catalog_url, tmp_path / "x")
