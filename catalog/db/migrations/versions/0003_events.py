"""Events: asked sources, ranges of a file, heartbeats"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "event_ask",
        sa.Column("id", BigId, nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", Time(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('WAITING', 'ANSWERED', 'GIVEN_UP')", name=op.f("ck_event_ask_state")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_event_ask_file_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_ask")),
        sa.UniqueConstraint("file_id", "source", name=op.f("uq_event_ask_file_id_source")),
    )
    op.create_index("ix_event_ask_source", "event_ask", ["source", "state", "next_try_at"])

    op.create_table(
        "event_range",
        sa.Column("id", BigId, nullable=False),
        sa.Column("task_id", BigId, nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("stop", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("lease", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("job_id", BigId, nullable=True),
        sa.Column("process", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('PLANNED', 'RUNNING', 'DONE', 'HELD', 'VOID')", name=op.f("ck_event_range_state")
        ),
        sa.CheckConstraint("start >= 0 AND start < stop", name=op.f("ck_event_range_start")),
        sa.CheckConstraint(
            "state <> 'RUNNING' OR (job_id IS NOT NULL AND process IS NOT NULL)",
            name=op.f("ck_event_range_process"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_event_range_task_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_event_range_file_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_event_range_job_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_range")),
    )
    op.create_index(
        "uq_event_range_start",
        "event_range",
        ["task_id", "file_id", "start"],
        unique=True,
        sqlite_where=sa.text("state <> 'VOID'"),
        postgresql_where=sa.text("state <> 'VOID'"),
    )
    op.create_index("ix_event_range_file", "event_range", ["file_id", "task_id", "start"])
    op.create_index("ix_event_range_state", "event_range", ["state"])
    op.create_index("ix_event_range_job_id", "event_range", ["job_id"])

    op.create_table(
        "heartbeat",
        sa.Column("range_id", BigId, nullable=False),
        sa.Column("lease", sa.Integer(), nullable=False),
        sa.Column("processed_up_to", sa.BigInteger(), nullable=False),
        sa.Column("stop", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", Time(), nullable=False),
        sa.CheckConstraint("processed_up_to <= stop", name=op.f("ck_heartbeat_processed_up_to")),
        sa.ForeignKeyConstraint(
            ["range_id"], ["event_range.id"], name=op.f("fk_heartbeat_range_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("range_id", name=op.f("pk_heartbeat")),
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": 50},
    )
