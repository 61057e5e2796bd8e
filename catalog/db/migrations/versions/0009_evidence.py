"""Evidence of copies on tape; what was compared before is of grade b"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    _evidence()
    _due()
    _carry_over()


def _to_replica(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["replica_id"], ["replica.id"], name=op.f(f"fk_{table}_replica_id"), ondelete="RESTRICT"
    )


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", BigId, nullable=False),
        sa.Column("replica_id", BigId, nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("taken_at", Time(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), server_default="", nullable=False),
        sa.Column("request", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("adler32", sa.BigInteger(), nullable=True),
        sa.Column("locality", sa.Text(), nullable=False),
        sa.CheckConstraint("grade = 'a' OR grade = 'b' OR grade = 'c'", name=op.f("ck_evidence_grade")),
        sa.CheckConstraint(
            "grade = 'a' OR (size IS NOT NULL AND adler32 IS NOT NULL)", name=op.f("ck_evidence_told")
        ),
        _to_replica("evidence"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_replica_id", "evidence", ["replica_id"], unique=False)


def _due() -> None:
    op.create_table(
        "evidence_due",
        sa.Column("replica_id", BigId, nullable=False),
        sa.Column("due_at", Time(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reread", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("misread", sa.Integer(), server_default="0", nullable=False),
        _to_replica("evidence_due"),
        sa.PrimaryKeyConstraint("replica_id", name=op.f("pk_evidence_due")),
    )
    op.create_index("ix_evidence_due_due_at", "evidence_due", ["due_at"], unique=False)


def _carry_over() -> None:
    """Invariant 1 held before: AVAILABLE on tape means that size and adler32 agreed while it was on tape.

    Copies of merged files whose inputs are still kept are looked at again, as soon as the flow runs.
    """
    op.execute(
        sa.text(
            "INSERT INTO evidence (replica_id, grade, taken_at, source, how, size, adler32, locality) "
            "SELECT replica.id, 'b', replica.verified_at, endpoint.name, coalesce(replica.verified_how, ''), "
            "file.size, file.adler32, replica.locality "
            "FROM replica JOIN endpoint ON endpoint.id = replica.endpoint_id "
            "JOIN file ON file.id = replica.file_id "
            "WHERE endpoint.kind = 'tape' AND replica.state = 'AVAILABLE' "
            "AND file.size IS NOT NULL AND file.adler32 IS NOT NULL ORDER BY replica.id"
        )
    )
    op.execute(
        sa.text(
            "INSERT INTO evidence_due (replica_id, due_at) "
            "SELECT replica.id, replica.verified_at "
            "FROM replica JOIN endpoint ON endpoint.id = replica.endpoint_id "
            "WHERE endpoint.kind = 'tape' AND replica.state = 'AVAILABLE' AND replica.file_id IN "
            "(SELECT output_id FROM merge_group WHERE state IN ('CHECKED', 'ARCHIVED'))"
        )
    )
