# ruff: noqa: S608 - put together from the constants below
"""Directories apart from names; sums; history of many ids in a row; rules that SQLite checks quickly

From 0001, with the data in place. SQLite cannot change a column or a rule of a table, so there the tables are
copied; ``Catalog.create`` has foreign keys switched off meanwhile and checks them all before the commit.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0002"
down_revision = "0001"

WORDS: dict[str, dict[str, str]] = {  # table → column → what it may hold, as at 0001
    "dataset": {
        "state": "OPEN CLOSED",
    },
    "endpoint": {
        "kind": "disk tape",
    },
    "file": {
        "role": "raw intermediate final",
    },
    "request": {
        "kind": "stage copy remove release",
    },
    "cross_check": {
        "state": "PENDING PASSED FAILED WAIVED",
    },
    "event_count": {
        "witness": "raw_catalogue job read",
    },
    "merge_group": {
        "state": "PLANNED MERGING MERGED MISMATCHED CHECKED ARCHIVED HELD CLEANED VOID",
    },
    "replica": {
        "state": "COPYING UNVERIFIED ARCHIVING AVAILABLE SUSPECT BAD LOST TRASHED DELETING DELETED",
    },
    "item": {
        "kind": "stage copy remove release",
        "state": "QUEUED SUBMITTING SUBMITTED HELD DONE FAILED CANCELED",
    },
    "job": {
        "kind": "process merge",
        "state": "WAITING READY SUBMITTING RUNNING ENDED HELD DONE CANCELED",
    },
    "pin": {
        "state": "ACTIVE RELEASING RELEASED EXPIRED",
    },
}

DIRECTORY = "rtrim({0}, replace({0}, '/', ''))"  # up to the last slash
FILE = "directory_id, name, dataset_id, role, product, run, chunk, part, size, adler32, registered_at, retired_at"
LIVE = {
    "replica": ("file_id, endpoint_id", "CASE WHEN state = 'DELETED' THEN NULL ELSE 0 END"),
    "item": ("replica_id, kind", "CASE WHEN state IN ('DONE', 'FAILED', 'CANCELED') THEN NULL ELSE 0 END"),
    "pin": ("replica_id", "CASE WHEN state IN ('ACTIVE', 'RELEASING') THEN 0 END"),
}
GONE = (
    "uq_file_lfn", "uq_replica_live", "ix_replica_file_id", "uq_item_live", "ix_item_replica_id", "uq_pin_live",
    "ix_pin_replica_id", "ix_item_state", "ix_history_noun",
)  # fmt: skip


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for index in GONE:
        op.execute(f"DROP INDEX {index}")
    _new_tables()
    op.execute(
        f"INSERT INTO directory (path) SELECT DISTINCT {DIRECTORY.format('lfn')} AS path FROM file ORDER BY path"
    )
    if sqlite:
        _copy_tables()
    else:
        _alter_tables()
    _indexes()
    op.execute(
        "UPDATE replica SET path = NULL WHERE path = (SELECT d.path || f.name FROM file f "
        "JOIN directory d ON d.id = f.directory_id WHERE f.id = replica.file_id)"
    )
    _count()


def _new_tables() -> None:
    op.create_table(
        "directory",
        sa.Column("id", BigId, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory")),
        sa.UniqueConstraint("path", name=op.f("uq_directory_path")),
    )
    op.create_table(
        "undefined_run",
        sa.Column("dataset_id", BigId, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_undefined_run_dataset_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("dataset_id", "run", name=op.f("pk_undefined_run")),
        sqlite_with_rowid=False,
    )
    keys: list[sa.Column[Any]] = [
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("owner", BigId, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("place", BigId, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("shard", sa.BigInteger(), nullable=False),
    ]
    sums: list[sa.Column[Any]] = [
        sa.Column(name, sa.BigInteger(), nullable=False) for name in ("n", "size", "events", "unknown")
    ]
    names = [column.name for column in keys]
    op.create_table(
        "tally", *keys, *sums, sa.PrimaryKeyConstraint(*names, name=op.f("pk_tally")), sqlite_with_rowid=False
    )


def _rule(column: str, words: str) -> str:
    return " OR ".join(f"{column} = '{word}'" for word in words.split())


# ------------------------------------------------------------------------------------------- PostgreSQL
def _alter_tables() -> None:
    for table, columns in WORDS.items():
        for column, words in columns.items():
            name = f"ck_{table}_{column}"
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({_rule(column, words)})")
    op.execute("ALTER TABLE file ADD COLUMN directory_id bigint, ADD COLUMN name text")
    op.execute(
        "UPDATE file SET directory_id = d.id, name = substr(file.lfn, length(d.path) + 1) "
        f"FROM directory d WHERE d.path = {DIRECTORY.format('file.lfn')}"
    )
    op.execute(
        "ALTER TABLE file ALTER COLUMN directory_id SET NOT NULL, ALTER COLUMN name SET NOT NULL, "
        "ALTER COLUMN size DROP NOT NULL, ALTER COLUMN adler32 DROP NOT NULL, DROP COLUMN lfn, "
        "ADD CONSTRAINT fk_file_directory_id FOREIGN KEY (directory_id) REFERENCES directory (id) "
        "ON DELETE RESTRICT"
    )
    op.execute("ALTER TABLE replica ALTER COLUMN path DROP NOT NULL")
    op.execute("ALTER TABLE history ADD COLUMN last_id bigint")
    op.execute("UPDATE history SET last_id = noun_id")
    op.execute(
        "ALTER TABLE history ALTER COLUMN last_id SET NOT NULL, ADD CONSTRAINT ck_history_span "
        "CHECK (last_id >= noun_id AND last_id < noun_id + 256)"
    )


# ----------------------------------------------------------------------------------------------- SQLite
def _copy_tables() -> None:
    tables = [*WORDS, "history"]
    for table in tables:
        text = _statement("table", table)
        for column, words in WORDS.get(table, {}).items():
            old = re.compile(rf"CHECK \({column} IN \([^)]*\)\)")
            text, changed = old.subn(f"CHECK ({_rule(column, words)})", text)
            assert changed == 1, (table, column)
        copied = f"SELECT * FROM {table}"
        if table == "replica":
            text = text.replace("path TEXT NOT NULL", "path TEXT")
        elif table == "file":
            text = text.replace("lfn TEXT NOT NULL", "directory_id INTEGER NOT NULL, \n\tname TEXT NOT NULL")
            text = text.replace("size BIGINT NOT NULL", "size BIGINT").replace(
                "adler32 BIGINT NOT NULL", "adler32 BIGINT"
            )
            foreign = "CONSTRAINT fk_file_directory_id FOREIGN KEY(directory_id) REFERENCES directory (id) "
            at = text.index("CONSTRAINT fk_file_dataset_id")
            text = text[:at] + foreign + "ON DELETE RESTRICT, \n\t" + text[at:]
            copied = (
                "SELECT f.id, d.id, substr(f.lfn, length(d.path) + 1), f.dataset_id, f.role, f.product, f.run, "
                "f.chunk, f.part, f.size, f.adler32, f.registered_at, f.retired_at FROM file f "
                f"JOIN directory d ON d.path = {DIRECTORY.format('f.lfn')}"
            )
        elif table == "history":
            text = text.replace(
                "noun_id INTEGER NOT NULL", "noun_id INTEGER NOT NULL, \n\tlast_id INTEGER NOT NULL"
            )
            span = "CONSTRAINT ck_history_span CHECK (last_id >= noun_id AND last_id < noun_id + 256)"
            at = text.index("CONSTRAINT pk_history")
            text = text[:at] + text[at:].replace(")", "), \n\t" + span, 1)
            copied = "SELECT id, noun, noun_id, noun_id, event, old, new, at, actor, reason FROM history"
        _copy(table, text, copied)


def _statement(kind: str, name: str) -> str:
    found = op.get_bind().execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = :kind AND name = :name"),
        {"kind": kind, "name": name},
    )
    return str(found.scalar_one())


def _copy(table: str, text: str, rows: str) -> None:
    """The table made anew under another name, filled, and put in the place of the old one."""
    bind = op.get_bind()
    query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL"
    indexes = list(bind.execute(sa.text(query), {"table": table}).scalars())
    bind.exec_driver_sql(re.sub(rf"^CREATE TABLE \"?{table}\"?", f"CREATE TABLE new_{table}", text))
    bind.exec_driver_sql(f"INSERT INTO new_{table} {rows}")
    bind.exec_driver_sql(f"DROP TABLE {table}")
    bind.exec_driver_sql(f"ALTER TABLE new_{table} RENAME TO {table}")
    for index in indexes:
        bind.exec_driver_sql(index)


# ------------------------------------------------------------------------------------------------- both
def _indexes() -> None:
    op.execute("CREATE UNIQUE INDEX uq_file_name ON file (directory_id, name) WHERE retired_at IS NULL")
    op.execute("CREATE INDEX ix_replica_path ON replica (path) WHERE path IS NOT NULL")
    for table, (columns, alive) in LIVE.items():
        op.execute(f"CREATE UNIQUE INDEX uq_{table}_live ON {table} ({columns}, ({alive}))")
    op.execute("CREATE INDEX ix_item_state ON item (state, kind, next_try_at, id)")
    op.execute("CREATE INDEX ix_history_noun ON history (noun, noun_id, last_id)")
    op.execute("CREATE INDEX ix_history_at ON history (at)")


def _count() -> None:
    """The sums, as catalog.db.tally counted them at this revision."""
    reader = "LEFT JOIN event_count r ON r.file_id = f.id AND r.witness = 'read'"
    raw = "LEFT JOIN event_count c ON c.file_id = f.id AND c.witness = 'raw_catalogue'"
    into = (
        "INSERT INTO tally (shard, noun, owner, run, role, product, place, state, n, size, events, unknown)"
    )
    op.execute(
        f"{into} SELECT 0, 'file', f.dataset_id, f.run, f.role, f.product, 0, 'COMPLETE', count(*), sum(f.size), "
        "sum(COALESCE(r.n_events, c.n_events, 0)), "
        "sum(CASE WHEN COALESCE(r.n_events, c.n_events) IS NULL THEN 1 ELSE 0 END) "
        f"FROM file f {reader} {raw} WHERE f.retired_at IS NULL GROUP BY f.dataset_id, f.run, f.role, f.product"
    )
    op.execute(
        f"{into} SELECT 0, 'replica', f.dataset_id, f.run, f.role, f.product, x.endpoint_id, x.state, count(*), "
        "sum(f.size), 0, 0 FROM replica x JOIN file f ON f.id = x.file_id "
        "GROUP BY f.dataset_id, f.run, f.role, f.product, x.endpoint_id, x.state"
    )
    op.execute(
        f"{into} SELECT 0, 'job', task_id, run, '', kind, 0, state, count(*), 0, 0, 0 FROM job "
        "GROUP BY task_id, run, kind, state"
    )
    op.execute(
        f"{into} SELECT 0, 'group', task_id, run, '', product, 0, state, count(*), sum(expected_size), 0, 0 "
        "FROM merge_group GROUP BY task_id, run, product, state"
    )
