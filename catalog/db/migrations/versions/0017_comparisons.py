"""Comparisons of the catalogue with scans"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    _comparison()
    _scan()
    _count()


def _comparison() -> None:
    op.create_table(
        "comparison",
        sa.Column("id", BigId, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("directory", sa.Text(), nullable=False),
        sa.Column("after_at", Time(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state = 'GOING' OR state = 'DONE' OR state = 'GIVEN_UP'", name=op.f("ck_comparison_state")
        ),
        sa.CheckConstraint("state <> 'DONE' OR after_at IS NOT NULL", name=op.f("ck_comparison_done")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
    )
    op.create_index("ix_comparison_state", "comparison", ["state"], unique=False)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT"
    )


def _scan() -> None:
    name = "comparison_scan"
    op.create_table(
        name,
        sa.Column("comparison_id", BigId, nullable=False),
        sa.Column("scan_id", BigId, nullable=False),
        sa.Column("earlier_comparison_id", BigId, nullable=True),
        sa.Column("earlier_scan_id", BigId, nullable=True),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("present", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(earlier_comparison_id IS NULL) = (earlier_scan_id IS NULL)",
            name=op.f("ck_comparison_scan_earlier"),
        ),
        _to(name, "comparison_id", "comparison"),
        _to(name, "scan_id", "scan"),
        _to(name, "earlier_comparison_id", "comparison"),
        _to(name, "earlier_scan_id", "scan"),
        sa.PrimaryKeyConstraint("comparison_id", "scan_id", name=op.f("pk_comparison_scan")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_comparison_scan_scan_id", name, ["scan_id"], unique=False)


def _count() -> None:
    name = "comparison_count"
    op.create_table(
        name,
        sa.Column("comparison_id", BigId, nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("expected", sa.Boolean(), nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        _to(name, "comparison_id", "comparison"),
        _to(name, "endpoint_id", "endpoint"),
        sa.PrimaryKeyConstraint(
            "comparison_id", "endpoint_id", "kind", "standing", "expected", name=op.f("pk_comparison_count")
        ),
        sqlite_with_rowid=False,
    )
