"""Migrated equals built at once; what is no catalogue of this version is refused."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import ClauseElement, Connection, inspect, text

from catalog.db import engine as engine_module
from catalog.db import schema
from catalog.db.engine import Catalog
from catalog.errors import DataManagementError, ExitCode, SchemaOutOfDate


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
    """The indexes of SQLite as it keeps them: SQLAlchemy cannot read those on expressions."""
    if conn.dialect.name != "sqlite":
        return {}
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
        with catalog.engine.begin() as conn:
            schema.metadata.create_all(conn)
            built = picture(conn)
            rowless = without_rowid(conn, dialect)
            schema.metadata.drop_all(conn)
        catalog.create()
        with catalog.read() as conn:
            migrated = picture(conn)
            assert set(migrated) == {table.name for table in schema.metadata.tables.values()}
            for table in built:
                assert migrated[table] == built[table], table
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
        assert "ddm db upgrade" in refused.value.advice
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
