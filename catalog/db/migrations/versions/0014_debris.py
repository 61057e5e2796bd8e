"""What attempts of jobs left behind"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "debris",
        sa.Column("id", BigId, nullable=False),
        sa.Column("job_id", BigId, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("found_at", Time(), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("due_at", Time(), nullable=False),
        sa.Column("sent_at", Time(), nullable=True),
        sa.Column("gone_at", Time(), nullable=True),
        sa.Column("spared_at", Time(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("gone_at IS NULL OR sent_at IS NOT NULL", name=op.f("ck_debris_sent")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_debris_job_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_debris_endpoint_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debris")),
        sa.UniqueConstraint("endpoint_id", "path", name=op.f("uq_debris_endpoint_id_path")),
    )
    op.create_index(
        "ix_debris_due_at",
        "debris",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("gone_at IS NULL AND spared_at IS NULL"),
        postgresql_where=sa.text("gone_at IS NULL AND spared_at IS NULL"),
    )
