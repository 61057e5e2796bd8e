"""Plans of removal, the campaigns that work them off, and what was removed by the hour"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    _removal()
    _line()
    _hour()


def _one_of(column: str, *values: str, null: bool = False) -> str:
    return " OR ".join([f"{column} IS NULL"] * null + [f"{column} = '{value}'" for value in values])


def _removal() -> None:
    op.create_table(
        "removal",
        sa.Column("id", BigId, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("strange", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            _one_of("state", "PLANNED", "RUNNING", "BRAKED", "DONE", "CANCELED"),
            name=op.f("ck_removal_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal")),
    )
    op.create_index("ix_removal_state", "removal", ["state"], unique=False)


def _line() -> None:
    outcomes = ("done", "gone", "changed", "differs", "missing", "refused", "failed")
    op.create_table(
        "removal_line",
        sa.Column("removal_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("replica_id", BigId, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(_one_of("act", "withdraw", "remove"), name=op.f("ck_removal_line_act")),
        sa.CheckConstraint(_one_of("outcome", *outcomes, null=True), name=op.f("ck_removal_line_outcome")),
        sa.ForeignKeyConstraint(
            ["removal_id"], ["removal.id"], name=op.f("fk_removal_line_removal_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["replica_id"], ["replica.id"], name=op.f("fk_removal_line_replica_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("removal_id", "position", name=op.f("pk_removal_line")),
        sa.UniqueConstraint("removal_id", "replica_id", name=op.f("uq_removal_line_removal_id_replica_id")),
        sqlite_with_rowid=False,
    )


def _hour() -> None:
    op.create_table(
        "removal_hour",
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("hour", Time(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.Column("strange", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_removal_hour_endpoint_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("endpoint_id", "hour", name=op.f("pk_removal_hour")),
        sqlite_with_rowid=False,
    )
