"""Holds: files that a person keeps"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("id", BigId, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("dataset_id", BigId, nullable=True),
        sa.Column("task_id", BigId, nullable=True),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("until", Time(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("lifted_at", Time(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_for", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "scope = 'files' OR scope = 'run' OR scope = 'dataset' OR scope = 'task'",
            name=op.f("ck_hold_scope"),
        ),
        sa.CheckConstraint("made_by <> '' AND reason <> ''", name=op.f("ck_hold_reason")),
        sa.CheckConstraint("scope <> 'run' OR run IS NOT NULL", name=op.f("ck_hold_run")),
        sa.CheckConstraint("scope <> 'dataset' OR dataset_id IS NOT NULL", name=op.f("ck_hold_dataset")),
        sa.CheckConstraint("scope <> 'task' OR task_id IS NOT NULL", name=op.f("ck_hold_task")),
        _to("hold", "dataset"),
        _to("hold", "task"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(
        "ix_hold_until",
        "hold",
        ["until"],
        unique=False,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "hold_file",
        sa.Column("hold_id", BigId, nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        _to("hold_file", "hold"),
        _to("hold_file", "file"),
        sa.PrimaryKeyConstraint("hold_id", "file_id", name=op.f("pk_hold_file")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_hold_file_file_id", "hold_file", ["file_id"], unique=False)


def _to(table: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{other}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{other}_id"), ondelete="RESTRICT"
    )
