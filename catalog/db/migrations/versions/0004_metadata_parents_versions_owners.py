"""Metadata of people, parents and versions of datasets, groups that own them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0004"
down_revision = "0003"

ONE_VALUE = (
    "CASE WHEN int_value IS NULL THEN 0 ELSE 1 END + CASE WHEN real_value IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN text_value IS NULL THEN 0 ELSE 1 END = 1"
)


def upgrade() -> None:
    op.create_table(
        "meta_key",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("defined_at", Time(), nullable=False),
        sa.CheckConstraint("type IN ('int', 'real', 'text', 'bool', 'time')", name=op.f("ck_meta_key_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meta_key")),
        sa.UniqueConstraint("name", name=op.f("uq_meta_key_name")),
    )
    _values("file")
    _values("dataset")
    _datasets()
    _owners()


def _values(noun: str) -> None:
    table = f"{noun}_meta"
    op.create_table(
        table,
        sa.Column(f"{noun}_id", BigId, nullable=False),
        sa.Column("key_id", BigId, nullable=False),
        sa.Column("int_value", sa.BigInteger(), nullable=True),
        sa.Column("real_value", sa.Double(), nullable=True),
        sa.Column("text_value", sa.Text(), nullable=True),
        sa.CheckConstraint(ONE_VALUE, name=op.f(f"ck_{table}_one_value")),
        sa.ForeignKeyConstraint(
            [f"{noun}_id"], [f"{noun}.id"], name=op.f(f"fk_{table}_{noun}_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["meta_key.id"], name=op.f(f"fk_{table}_key_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint(f"{noun}_id", "key_id", name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )
    for column in ("int_value", "real_value", "text_value"):
        said = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_{table}_{column}",
            table,
            ["key_id", column, f"{noun}_id"],
            sqlite_where=said,
            postgresql_where=said,
        )


def _to_dataset(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["dataset.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT"
    )


def _datasets() -> None:
    op.create_table(
        "dataset_parent",
        sa.Column("dataset_id", BigId, nullable=False),
        sa.Column("parent_id", BigId, nullable=False),
        sa.CheckConstraint("dataset_id <> parent_id", name=op.f("ck_dataset_parent_other")),
        _to_dataset("dataset_parent", "dataset_id"),
        _to_dataset("dataset_parent", "parent_id"),
        sa.PrimaryKeyConstraint("dataset_id", "parent_id", name=op.f("pk_dataset_parent")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_dataset_parent_parent_id", "dataset_parent", ["parent_id"])
    op.create_table(
        "dataset_version",
        sa.Column("dataset_id", BigId, nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("previous_id", BigId, nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_dataset_version_version")),
        sa.CheckConstraint(
            "version = 1 OR previous_id IS NOT NULL", name=op.f("ck_dataset_version_previous")
        ),
        _to_dataset("dataset_version", "dataset_id"),
        _to_dataset("dataset_version", "previous_id"),
        sa.PrimaryKeyConstraint("dataset_id", name=op.f("pk_dataset_version")),
        sa.UniqueConstraint("base", "version", name=op.f("uq_dataset_version_base_version")),
        sa.UniqueConstraint("previous_id", name=op.f("uq_dataset_version_previous_id")),
    )


def _owners() -> None:
    op.create_table(
        "owner_group",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner_group")),
        sa.UniqueConstraint("name", name=op.f("uq_owner_group_name")),
    )
    op.create_table(
        "owner_member",
        sa.Column("group_id", BigId, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        _to_group("owner_member"),
        sa.PrimaryKeyConstraint("group_id", "actor", name=op.f("pk_owner_member")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dataset_owner",
        sa.Column("dataset_id", BigId, nullable=False),
        sa.Column("group_id", BigId, nullable=False),
        _to_dataset("dataset_owner", "dataset_id"),
        _to_group("dataset_owner"),
        sa.PrimaryKeyConstraint("dataset_id", name=op.f("pk_dataset_owner")),
    )
    op.create_index("ix_dataset_owner_group_id", "dataset_owner", ["group_id"])


def _to_group(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["group_id"], ["owner_group.id"], name=op.f(f"fk_{table}_group_id"), ondelete="RESTRICT"
    )
