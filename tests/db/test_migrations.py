"""Migrated equals built at once; what was released is upgraded whole; what is no catalogue is refused."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import ClauseElement, Connection, inspect, select, text

from catalog.checksum import Adler32
from catalog.db import crosschecks, integrity, recounts, schema, waivers, witnesses
from catalog.db import engine as engine_module
from catalog.db.engine import Catalog, migrate
from catalog.db.move import Why
from catalog.errors import DataManagementError, ExitCode, SchemaOutOfDate
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import EndpointKind, Role
from ddm import registration
from tests.db import keep
from tests.db.released.answers import answers, changed

# SQLAlchemy cannot read indexes on expressions; index_texts compares them
pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")


def picture(conn: Connection) -> dict[str, Any]:
    """Everything the database says of its tables, in an order of our own."""
    seen = inspect(conn)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in seen.get_columns(table)
            },
            "primary key": plain(seen.get_pk_constraint(table)),
            "foreign keys": by_name(seen.get_foreign_keys(table)),
            "indexes": by_name(seen.get_indexes(table)),
            "unique": by_name(seen.get_unique_constraints(table)),
            "checks": by_name(seen.get_check_constraints(table)),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def index_texts(conn: Connection) -> dict[str, Any]:
    """The indexes as the database keeps them: SQLAlchemy cannot read those on expressions."""
    query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    if conn.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    return {name: " ".join(sql.split()) for name, sql in conn.exec_driver_sql(query)}


def by_name(things: Any) -> dict[str, Any]:
    return {thing["name"]: plain(thing) for thing in things}


def plain(thing: Any) -> Any:
    """The thing with SQL as text, so that it can be compared."""
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in thing.items()}
    return str(thing) if isinstance(thing, ClauseElement) else thing


def without_rowid(conn: Connection, dialect: str) -> set[str]:
    """The tables that SQLite keeps without row ids, which the inspector does not tell."""
    if dialect != "sqlite":
        return set()
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%WITHOUT ROWID%'"
    return set(conn.execute(text(query)).scalars())


def test_migrated_is_built_at_once(empty_url, dialect):
    with Catalog(empty_url) as catalog:
        catalog.create()
        with catalog.engine.begin() as conn:
            built, built_indexes = picture(conn), index_texts(conn)
            rowless = without_rowid(conn, dialect)
            schema.metadata.drop_all(conn)
            conn.execute(text("DROP TABLE alembic_version"))
        with catalog.engine.begin() as conn:
            migrate(conn, "head", "empty")
        catalog.check_schema()
        with catalog.read() as conn:
            migrated = picture(conn)
            assert set(migrated) == {table.name for table in schema.metadata.tables.values()}
            for table in built:
                assert migrated[table] == built[table], table
            assert index_texts(conn) == built_indexes
            assert without_rowid(conn, dialect) == rowless
            assert ("member" in rowless) == (dialect == "sqlite")


def test_the_picture_shows_the_rules(catalog, dialect):
    """The comparison above would see a rule that got lost."""
    with catalog.read() as conn:
        seen = picture(conn)
    where = f"{dialect}_where"
    assert "VOID" in str(seen["merge_group"]["indexes"]["uq_merge_group_live"]["dialect_options"][where])
    assert "live" in str(seen["member"]["indexes"]["uq_member_live"]["dialect_options"][where])
    assert seen["member"]["indexes"]["uq_member_live"]["unique"]
    assert seen["replica"]["foreign keys"]["fk_replica_file_id"]["options"] == {"ondelete": "RESTRICT"}
    assert "verified_at" in seen["replica"]["checks"]["ck_replica_verified"]["sqltext"]
    assert "label" in seen["request"]["unique"]["uq_request_label"]["column_names"]


def test_there_is_one_way_up():
    script = ScriptDirectory.from_config(engine_module._alembic(None))
    assert len(script.get_heads()) == 1
    assert script.get_base() == "0001"


def test_a_database_without_a_catalogue_is_refused(empty_url):
    with Catalog(empty_url) as catalog:
        with pytest.raises(SchemaOutOfDate, match="holds no catalogue") as refused:
            catalog.check_schema()
        assert refused.value.exit_code == ExitCode.SCHEMA
        assert "ddm db create" in refused.value.advice
        catalog.create()
        catalog.check_schema()


def test_a_question_to_a_file_that_is_not_there_makes_none(tmp_path):
    with Catalog(f"sqlite:///{tmp_path}/typo.db") as catalog, pytest.raises(SchemaOutOfDate):
        catalog.check_schema()
    assert list(tmp_path.iterdir()) == []


def test_a_newer_database_is_refused_and_not_touched(catalog):
    with catalog.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaOutOfDate, match="9999"):
        catalog.check_schema()
    with pytest.raises(SchemaOutOfDate, match="9999"):
        catalog.create()
    assert catalog.revisions()[0] == "9999"


def test_making_it_twice_changes_nothing(catalog):
    with catalog.begin() as conn:
        conn.execute(schema.endpoint.insert().values(name="disk", kind="disk"))
        before = picture(conn)
    catalog.create()
    catalog.check_schema()
    with catalog.read() as conn:
        assert picture(conn) == before
        assert conn.execute(text("SELECT name FROM endpoint")).scalars().all() == ["disk"]


def test_two_that_make_it_at_the_same_time_both_find_it_made(empty_url):
    troubles: list[BaseException] = []

    def make() -> None:
        try:
            with Catalog(empty_url) as catalog:
                catalog.create()
                catalog.check_schema()
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert troubles == []


def test_an_upgrade_that_fails_leaves_nothing_behind(empty_url):
    """Somebody else's database, with a table of a name of ours."""
    with Catalog(empty_url) as catalog:
        with catalog.engine.begin() as conn:
            conn.execute(text("CREATE TABLE job_input (theirs INTEGER)"))
        with pytest.raises(DataManagementError, match="job_input"):
            catalog.create()
        with catalog.read() as conn:
            assert inspect(conn).get_table_names() == ["job_input"]


# --------------------------------------------------------------------- from what was released
EVERY = keep.revisions()


def everything(conn: Connection) -> dict[str, list[Any]]:
    """All rows of all tables as the database has them, whatever its revision."""
    found = {}
    for name in inspect(conn).get_table_names():
        found[name] = sorted(map(repr, conn.execute(text(f'SELECT * FROM "{name}"'))))
    return found


def test_a_catalogue_of_every_released_revision_is_kept_here():
    script = ScriptDirectory.from_config(engine_module._alembic(None))
    assert "0001" in EVERY
    assert set(EVERY) <= {entry.revision for entry in script.walk_revisions()}


@pytest.mark.parametrize("revision", EVERY)
def test_an_upgraded_catalogue_answers_as_before(empty_url, dialect, revision):
    keep.load_released(empty_url, revision)
    with Catalog(empty_url) as catalog:
        assert catalog.revisions()[0] == revision
        with pytest.raises(SchemaOutOfDate, match=revision):
            catalog.check_schema()
        catalog.create()
        catalog.check_schema()
        with catalog.read() as conn:
            now = answers(conn)
            then = keep.answers_of(revision, dialect)
            assert len(then["files"]) > 50
            assert len(then["history"]["replica"]) > 50
            assert changed(then, now) == []
            assert integrity.faults(conn) == []


@pytest.mark.parametrize("revision", EVERY)
def test_an_upgraded_schema_is_the_one_built_at_once(empty_url, catalog, dialect, revision):
    keep.load_released(empty_url, revision)
    with Catalog(empty_url) as old, old.engine.connect() as upgraded, catalog.read() as conn:
        old.create()
        assert picture(upgraded) == picture(conn)
        assert index_texts(upgraded) == index_texts(conn)
        assert without_rowid(upgraded, dialect) == without_rowid(conn, dialect)


@pytest.mark.parametrize("revision", EVERY)
def test_an_upgraded_catalogue_lives_on(empty_url, revision):
    """New rows get new numbers, and the flow's own writes are counted."""
    keep.load_released(empty_url, revision)
    with Catalog(empty_url, actor="tester") as catalog:
        catalog.create()
        lfn = LFN("/castor/cern.ch/compass/data/2017/raw/W01/cdr11001-280000.raw")
        new = NewFile(lfn, Role.RAW, "raw", 280_000, "11001", 1, Adler32(1), lfn)
        done = registration.register(
            catalog, [new], dataset="2017/W01", endpoint="tape", kind=EndpointKind.TAPE, close=True
        )
        assert done.added == 1
        with catalog.read() as conn:
            assert integrity.faults(conn) == []


@pytest.mark.parametrize("revision", EVERY)
def test_old_merges_can_be_checked_and_waived_after_an_upgrade(empty_url, revision):
    """What nobody told then is unknown now, and no number that was told is lost."""
    keep.load_released(empty_url, revision)
    with Catalog(empty_url, actor="tester") as catalog:
        catalog.create()
        with catalog.begin() as conn:
            why = Why(catalog.clock.now(), "tester", "understood")
            groups = conn.execute(select(schema.group.c.id)).scalars().all()
            inside = witnesses.witnessed(conn, groups)
            told = [seen for members in inside.values() for seen in members]
            assert any(seen.read is not None for seen in told)
            assert all(not seen.read_types and seen.size is not None for seen in told)
            assert {entry.told for entry in witnesses.readings(conn, groups).values()} == {0}
            checks = conn.execute(select(schema.check.c.id)).scalars().all()
            assert [entry for entry in crosschecks.of_checks(conn, checks) if entry.groups]
            (made,) = waivers.add(conn, checks[0], {0: "[]"}, why)
            waivers.void(conn, {made: "a number changed"}, why)
            assert waivers.amounts(conn) == (0, 1)
            archived = recounts.choosable(conn, recounts.Choice())
            assert recounts.begin(conn, "0", 0.5, "everything", [one.file_id for one in archived], why)
        with catalog.read() as conn:
            assert integrity.faults(conn) == []


KILLED = """
import os, signal, sys
from sqlalchemy import event
from catalog.db.engine import Catalog
from catalog.db.move import Why
catalog, left = Catalog(sys.argv[1]), int(sys.argv[2])

@event.listens_for(catalog.engine, "before_cursor_execute")
def _count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

catalog.create()
print(int(sys.argv[2]) - left)
"""


@pytest.mark.parametrize("revision", EVERY)
def test_a_killed_upgrade_leaves_the_old_catalogue_whole(empty_url, revision):
    keep.load_released(empty_url, revision)
    with Catalog(empty_url) as catalog:
        with catalog.read() as conn:
            before = everything(conn)
            schema_before = picture(conn)
        catalog.close()
        at = 6
        while (done := keep.run(KILLED, empty_url, at)).returncode != 0:
            assert done.returncode == -9, done.stderr
            with catalog.read() as conn:
                assert everything(conn) == before
                assert picture(conn) == schema_before
            catalog.close()
            at *= 2
        assert int(done.stdout) > 20, "it was killed early and late"
        catalog.check_schema()
