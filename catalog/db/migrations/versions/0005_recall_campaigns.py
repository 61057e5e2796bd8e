# ruff: noqa: S608 - the SQL is put together from constants
"""Recall campaigns"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "storm",
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_at", Time(), nullable=False),
        sa.Column("last_at", Time(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("recent", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("window_at", Time(), nullable=False),
        sa.Column("next_at", Time(), nullable=False),
        sa.Column("canaries", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("alarmed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_storm_endpoint_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("endpoint_id", "cause", name=op.f("pk_storm")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("task_id", BigId, nullable=True),
        sa.Column("production", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("until", Time(), nullable=True),
        sa.Column("tail_percent", sa.Double(), nullable=True),
        sa.Column("tail_at", Time(), nullable=True),
        sa.Column("asked_to", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("asked_at", Time(), nullable=True),
        sa.Column("files", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recalled", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recalled_size", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "state = 'FILLING' OR state = 'OPEN' OR state = 'TAIL' OR state = 'DONE' OR state = 'CANCELED'",
            name=op.f("ck_campaign_state"),
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_campaign_endpoint_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_campaign_task_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("name", "endpoint_id", name=op.f("uq_campaign_name_endpoint_id")),
    )
    op.create_index("ix_campaign_state", "campaign", ["state", "priority"], unique=False)

    op.create_table(
        "lease",
        sa.Column("id", BigId, nullable=False),
        sa.Column("campaign_id", BigId, nullable=False),
        sa.Column("replica_id", BigId, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("until", Time(), nullable=True),
        sa.CheckConstraint(
            "state = 'WANTED' OR state = 'ACTIVE' OR state = 'RELEASED' OR state = 'LAPSED' OR state = 'MISSED'",
            name=op.f("ck_lease_state"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_lease_campaign_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["replica_id"], ["replica.id"], name=op.f("fk_lease_replica_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease")),
    )
    op.create_index(
        "uq_lease_live",
        "lease",
        [
            "replica_id",
            "campaign_id",
            sa.text("(CASE WHEN state = 'WANTED' OR state = 'ACTIVE' THEN 0 END)"),
        ],
        unique=True,
    )
    op.create_index("ix_lease_campaign_id", "lease", ["campaign_id", "id"], unique=False)
    op.create_index(
        "ix_lease_until",
        "lease",
        ["until"],
        unique=False,
        sqlite_where=sa.text("until IS NOT NULL AND (state = 'WANTED' OR state = 'ACTIVE')"),
        postgresql_where=sa.text("until IS NOT NULL AND (state = 'WANTED' OR state = 'ACTIVE')"),
    )

    op.create_table(
        "progress",
        sa.Column("id", BigId, nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("campaign_id", BigId, nullable=True),
        sa.Column("at", Time(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("in_flight", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_progress_campaign_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_progress_endpoint_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress")),
    )
    op.create_index("ix_progress_place", "progress", ["endpoint_id", "campaign_id", "at"], unique=False)

    op.create_table(
        "tape_place",
        sa.Column("replica_id", BigId, nullable=False),
        sa.Column("tape", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["replica_id"], ["replica.id"], name=op.f("fk_tape_place_replica_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("replica_id", name=op.f("pk_tape_place")),
    )
    op.add_column("item", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("item", sa.Column("campaign_id", BigId, nullable=True))
    op.create_index(
        "ix_item_request_id",
        "item",
        ["request_id"],
        unique=False,
        sqlite_where=sa.text("state = 'SUBMITTED'"),
        postgresql_where=sa.text("state = 'SUBMITTED'"),
    )

    op.add_column("pin", sa.Column("looked_at", Time(), nullable=True))

    op.add_column("request", sa.Column("next_poll_at", Time(), nullable=True))
    op.add_column("request", sa.Column("polled_at", Time(), nullable=True))
    op.create_index(
        "ix_request_next_poll_at",
        "request",
        ["next_poll_at"],
        unique=False,
        sqlite_where=sa.text("next_poll_at IS NOT NULL"),
        postgresql_where=sa.text("next_poll_at IS NOT NULL"),
    )

    op.execute("UPDATE item SET tries = attempts")
    op.execute(
        "UPDATE request SET next_poll_at = created_at, polled_at = created_at WHERE kind = 'stage' AND id IN "
        "(SELECT request_id FROM item WHERE state = 'SUBMITTED' AND kind = 'stage')"
    )
    _count("item", "x.kind = 'stage'")
    _count("pin", "1 = 1")


def _count(noun: str, condition: str) -> None:
    """The sums of recalls and pins, as catalog.db.tally counts them from this revision on."""
    op.execute(
        "INSERT INTO tally (shard, noun, owner, run, role, product, place, state, n, size, events, unknown)"
        f" SELECT 0, '{noun}', 0, 0, '', '', r.endpoint_id, x.state, count(*), sum(COALESCE(f.size, 0)), 0, 0"
        f" FROM {noun} x JOIN replica r ON r.id = x.replica_id JOIN file f ON f.id = r.file_id"
        f" WHERE {condition} GROUP BY r.endpoint_id, x.state"
    )
