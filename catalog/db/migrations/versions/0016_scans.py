"""Scans of storages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0016"
down_revision = "0015"


def _one_of(column: str, *values: str) -> str:
    return " OR ".join(f"{column} = '{value}'" for value in values)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def upgrade() -> None:
    numbers = ("entries", "bytes", "directories", "unread", "lines", "outside", "named", "garbled")
    op.create_table(
        "scan",
        sa.Column("id", BigId, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("format", sa.Text(), server_default="", nullable=False),
        sa.Column("directory", sa.Text(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("catalogue_at", Time(), nullable=True),
        sa.Column("begun_at", Time(), nullable=True),
        sa.Column("ended_at", Time(), nullable=True),
        *map(_number, numbers),
        sa.Column("whole", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("marker", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            _one_of("state", "GOING", "STOPPED", "DONE", "REFUSED"), name=op.f("ck_scan_state")
        ),
        sa.CheckConstraint(_one_of("source", "listing", "dump"), name=op.f("ck_scan_source")),
        sa.CheckConstraint(
            "state <> 'DONE' OR (catalogue_at IS NOT NULL AND begun_at IS NOT NULL AND ended_at IS NOT NULL)",
            name=op.f("ck_scan_done"),
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_scan_endpoint_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    op.create_index("ix_scan_endpoint_id", "scan", ["endpoint_id"], unique=False)
    op.create_index("ix_scan_state", "scan", ["state"], unique=False)
