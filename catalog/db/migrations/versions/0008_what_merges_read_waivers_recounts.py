"""What merges read of their inputs, events by type, waivers with their numbers, recounts of the archive"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _columns()
    _reading()
    _waiver()
    _recount()


def _columns() -> None:
    """All of them may be NULL: nothing is rewritten, however long the tables are."""
    op.add_column("event_count", sa.Column("by_type", sa.Text(), nullable=True))
    op.add_column("job", sa.Column("product", sa.Text(), nullable=True))
    op.add_column("job", sa.Column("inputs_read", sa.Integer(), nullable=True))
    op.add_column("cross_check", sa.Column("findings", sa.Text(), nullable=True))
    op.add_column("cross_check", sa.Column("checked_at", Time(), nullable=True))


def _to(table: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{other}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{other}_id"), ondelete="RESTRICT"
    )


def _reading() -> None:
    op.create_table(
        "reading",
        sa.Column("job_id", BigId, nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("adler32", sa.BigInteger(), nullable=False),
        sa.Column("n_events", sa.BigInteger(), nullable=True),
        sa.Column("by_type", sa.Text(), nullable=True),
        _to("reading", "job"),
        _to("reading", "file"),
        sa.PrimaryKeyConstraint("job_id", "file_id", name=op.f("pk_reading")),
        sqlite_with_rowid=False,
    )


def _waiver() -> None:
    op.create_table(
        "waiver",
        sa.Column("id", BigId, nullable=False),
        sa.Column("check_id", BigId, nullable=False),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("looked_at", Time(), nullable=False),
        sa.Column("void_at", Time(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("made_by <> '' AND reason <> ''", name=op.f("ck_waiver_reason")),
        sa.ForeignKeyConstraint(
            ["check_id"], ["cross_check.id"], name=op.f("fk_waiver_check_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )
    op.create_index("ix_waiver_check_id", "waiver", ["check_id"], unique=False)
    op.create_index(
        "ix_waiver_looked_at",
        "waiver",
        ["looked_at"],
        unique=False,
        sqlite_where=sa.text("void_at IS NULL"),
        postgresql_where=sa.text("void_at IS NULL"),
    )


def _recount() -> None:
    op.create_table(
        "sample",
        sa.Column("id", BigId, nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
    )
    op.create_table(
        "recount",
        sa.Column("id", BigId, nullable=False),
        sa.Column("sample_id", BigId, nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("replica_id", BigId, nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("at", Time(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("adler32", sa.BigInteger(), nullable=True),
        sa.Column("n_events", sa.BigInteger(), nullable=True),
        sa.Column("by_type", sa.Text(), nullable=True),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "verdict = 'AGREE' OR verdict = 'DIFFER' OR verdict = 'UNKNOWN'", name=op.f("ck_recount_verdict")
        ),
        _to("recount", "sample"),
        _to("recount", "file"),
        _to("recount", "replica"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recount")),
        sa.UniqueConstraint("sample_id", "file_id", name=op.f("uq_recount_sample_id_file_id")),
    )
    op.create_index("ix_recount_file_id", "recount", ["file_id"], unique=False)
