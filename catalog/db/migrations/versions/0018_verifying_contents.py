"""When every byte of a copy was last read; rounds of verifying contents"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("replica", sa.Column("read_at", Time(), nullable=True))
    for column in ("verified_at", "read_at"):
        _index("replica", column, ["endpoint_id", column, "id"], "state = 'AVAILABLE'")
    _round()
    _line()
    _hour()


def _index(table: str, name: str, columns: list[str], where: str) -> None:
    op.create_index(
        f"ix_{table}_{name}",
        table,
        columns,
        unique=False,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _one_of(column: str, *values: str, null: bool = False) -> str:
    return " OR ".join([f"{column} IS NULL"] * null + [f"{column} = '{value}'" for value in values])


def _to(table: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{other}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{other}_id"), ondelete="RESTRICT"
    )


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _round() -> None:
    op.create_table(
        "verification",
        sa.Column("id", BigId, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("before", Time(), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("most_files", sa.BigInteger(), nullable=True),
        sa.Column("most_size", sa.BigInteger(), nullable=True),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("walked_to", Time(), nullable=True),
        _count("walked_id"),
        sa.Column("walked", sa.Boolean(), server_default=sa.false(), nullable=False),
        *(_count(name) for name in ("taken", "taken_size", "good", "good_size", "odd", "passed")),
        sa.Column("released", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            _one_of("state", "GOING", "STOPPED", "BRAKED", "DONE"), name=op.f("ck_verification_state")
        ),
        sa.CheckConstraint(_one_of("how", "asked", "read"), name=op.f("ck_verification_how")),
        sa.CheckConstraint("fraction > 0 AND fraction <= 1", name=op.f("ck_verification_fraction")),
        _to("verification", "endpoint"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index("ix_verification_state", "verification", ["state"], unique=False)
    op.create_index("ix_verification_endpoint_id", "verification", ["endpoint_id"], unique=False)


def _line() -> None:
    op.create_table(
        "verification_line",
        sa.Column("verification_id", BigId, nullable=False),
        sa.Column("replica_id", BigId, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("asked_at", Time(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", Time(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("found_at", Time(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            _one_of("outcome", "differs", "missing", "told wrong", "unread", null=True),
            name=op.f("ck_verification_line_outcome"),
        ),
        _to("verification_line", "verification"),
        _to("verification_line", "replica"),
        sa.PrimaryKeyConstraint("verification_id", "replica_id", name=op.f("pk_verification_line")),
        sqlite_with_rowid=False,
    )
    place = ["verification_id", "next_try_at", "position"]
    _index("verification_line", "open", place, "outcome IS NULL")
    _index("verification_line", "found_at", ["found_at"], "outcome IS NOT NULL")


def _hour() -> None:
    op.create_table(
        "verification_hour",
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("hour", Time(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _to("verification_hour", "endpoint"),
        sa.PrimaryKeyConstraint("endpoint_id", "hour", name=op.f("pk_verification_hour")),
        sqlite_with_rowid=False,
    )
