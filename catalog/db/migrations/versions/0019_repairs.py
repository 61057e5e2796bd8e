"""Plans of repair; debris that no attempt left, but a signed plan names"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    _repair()
    _line()
    _debris()


def _one_of(column: str, *values: str, null: bool = False) -> str:
    return " OR ".join([f"{column} IS NULL"] * null + [f"{column} = '{value}'" for value in values])


def _repair() -> None:
    op.create_table(
        "repair",
        sa.Column("id", BigId, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("comparison_id", BigId, nullable=False),
        sa.Column("directory", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("proposed", sa.Text(), nullable=False),
        sa.Column("proposals", sa.BigInteger(), nullable=False),
        sa.Column("dataset", sa.Text(), server_default="", nullable=False),
        sa.Column("task", sa.Text(), server_default="", nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("signed_at", Time(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("files", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("strange", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            _one_of("state", "PLANNED", "SIGNED", "RUNNING", "BRAKED", "DONE", "CANCELED"),
            name=op.f("ck_repair_state"),
        ),
        sa.CheckConstraint(
            "sha256 IS NOT NULL AND signed_by IS NOT NULL AND signed_at IS NOT NULL "
            "OR state = 'PLANNED' OR state = 'CANCELED'",
            name=op.f("ck_repair_signed"),
        ),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparison.id"], name=op.f("fk_repair_comparison_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair")),
    )
    op.create_index("ix_repair_state", "repair", ["state"], unique=False)


def _line() -> None:
    acts = ("adopt", "re-verify", "mark-lost", "recall", "re-archive", "trash")
    outcomes = ("done", "already", "changed", "differs", "refused", "failed")
    op.create_table(
        "repair_line",
        sa.Column("repair_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("replica_id", BigId, nullable=True),
        sa.Column("other", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("changed_at", Time(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("adler32", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(_one_of("act", *acts), name=op.f("ck_repair_line_act")),
        sa.CheckConstraint(_one_of("outcome", *outcomes, null=True), name=op.f("ck_repair_line_outcome")),
        sa.ForeignKeyConstraint(
            ["repair_id"], ["repair.id"], name=op.f("fk_repair_line_repair_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_repair_line_endpoint_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["replica_id"], ["replica.id"], name=op.f("fk_repair_line_replica_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("repair_id", "position", name=op.f("pk_repair_line")),
        sqlite_with_rowid=False,
    )


def _debris() -> None:
    with op.batch_alter_table("debris") as table:
        table.alter_column("job_id", existing_type=BigId, nullable=True)
        table.alter_column("attempt", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("adler32", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("repair_id", BigId, nullable=True))
        table.create_foreign_key(
            op.f("fk_debris_repair_id"), "repair", ["repair_id"], ["id"], ondelete="RESTRICT"
        )
        table.create_check_constraint(op.f("ck_debris_attempt"), "(job_id IS NULL) = (attempt IS NULL)")
        table.create_check_constraint(
            op.f("ck_debris_named"), "job_id IS NOT NULL OR (repair_id IS NOT NULL AND size IS NOT NULL)"
        )
