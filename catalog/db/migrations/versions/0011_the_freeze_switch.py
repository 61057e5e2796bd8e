"""The freeze switch: nothing is withdrawn or removed while one lies"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0011"
down_revision = "0010"


def _to(other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_trash_freeze_{other}_id")
    return sa.ForeignKeyConstraint([f"{other}_id"], [f"{other}.id"], name=name, ondelete="RESTRICT")


def upgrade() -> None:
    op.create_table(
        "trash_freeze",
        sa.Column("id", BigId, nullable=False),
        sa.Column("endpoint_id", BigId, nullable=True),
        sa.Column("task_id", BigId, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("thawed_at", Time(), nullable=True),
        sa.Column("thawed_by", sa.Text(), nullable=True),
        sa.Column("thaw_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("made_by <> '' AND reason <> ''", name=op.f("ck_trash_freeze_reason")),
        sa.CheckConstraint("endpoint_id IS NULL OR task_id IS NULL", name=op.f("ck_trash_freeze_over")),
        _to("endpoint"),
        _to("task"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trash_freeze")),
    )
    op.create_index(
        "ix_trash_freeze_standing",
        "trash_freeze",
        ["id"],
        unique=False,
        sqlite_where=sa.text("thawed_at IS NULL"),
        postgresql_where=sa.text("thawed_at IS NULL"),
    )
