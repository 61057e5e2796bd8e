"""Stored merge plans"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "merge_plan",
        sa.Column("id", BigId, nullable=False),
        sa.Column("task_id", BigId, nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("inputs", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("retired_at", Time(), nullable=True),
        sa.Column("retired_by", sa.Text(), nullable=True),
        sa.Column("retired_for", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_merge_plan_task_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_plan")),
        sa.UniqueConstraint(
            "task_id", "product", "unit", "revision", name=op.f("uq_merge_plan_task_id_product_unit_revision")
        ),
    )
    op.create_table(
        "merge_plan_run",
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["merge_plan.id"], name=op.f("fk_merge_plan_run_plan_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("plan_id", "run", name=op.f("pk_merge_plan_run")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "merge_left_out",
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["merge_plan.id"], name=op.f("fk_merge_left_out_plan_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_merge_left_out_file_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("plan_id", "file_id", name=op.f("pk_merge_left_out")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_merge_left_out_file_id", "merge_left_out", ["file_id"], unique=False)
    op.create_table(
        "merge_group_run",
        sa.Column("group_id", BigId, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["merge_group.id"], name=op.f("fk_merge_group_run_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", "run", name=op.f("pk_merge_group_run")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_merge_group_run_run", "merge_group_run", ["run"], unique=False)
    op.add_column("merge_group", sa.Column("plan_id", BigId, nullable=True))
