"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import BigId, Time

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", BigId, nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("issued_at", Time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("seal", name=op.f("uq_certificate_seal")),
    )
    op.create_table(
        "dataset",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.CheckConstraint("state IN ('OPEN', 'CLOSED')", name=op.f("ck_dataset_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("name", name=op.f("uq_dataset_name")),
    )
    op.create_table(
        "endpoint",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('disk', 'tape')", name=op.f("ck_endpoint_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
        sa.UniqueConstraint("name", name=op.f("uq_endpoint_name")),
    )
    op.create_table(
        "history",
        sa.Column("id", BigId, nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("noun_id", BigId, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("at", Time(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index("ix_history_noun", ["noun", "noun_id"], unique=False)

    op.create_table(
        "file",
        sa.Column("id", BigId, nullable=False),
        sa.Column("lfn", sa.Text(), nullable=False),
        sa.Column("dataset_id", BigId, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("adler32", sa.BigInteger(), nullable=False),
        sa.Column("registered_at", Time(), nullable=False),
        sa.Column("retired_at", Time(), nullable=True),
        sa.CheckConstraint("role IN ('raw', 'intermediate', 'final')", name=op.f("ck_file_role")),
        sa.CheckConstraint("adler32 BETWEEN 0 AND 4294967295", name=op.f("ck_file_adler32")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_file_size")),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_file_dataset_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index("ix_file_dataset_run", ["dataset_id", "run"], unique=False)
        batch_op.create_index(
            "uq_file_lfn",
            ["lfn"],
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )

    op.create_table(
        "request",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", Time(), nullable=False),
        sa.CheckConstraint("kind IN ('stage', 'copy', 'remove', 'release')", name=op.f("ck_request_kind")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_request_endpoint_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("label", name=op.f("uq_request_label")),
    )
    op.create_table(
        "task",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dataset_id", BigId, nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("defined_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_task_dataset_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("name", name=op.f("uq_task_name")),
    )
    op.create_table(
        "cross_check",
        sa.Column("id", BigId, nullable=False),
        sa.Column("task_id", BigId, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("verdict", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('PENDING', 'PASSED', 'FAILED', 'WAIVED')", name=op.f("ck_cross_check_state")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_cross_check_task_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cross_check")),
        sa.UniqueConstraint("task_id", "run", "product", name=op.f("uq_cross_check_task_id_run_product")),
    )
    op.create_table(
        "event_count",
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("n_events", sa.BigInteger(), nullable=False),
        sa.Column("said_at", Time(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "witness IN ('raw_catalogue', 'job', 'read')", name=op.f("ck_event_count_witness")
        ),
        sa.CheckConstraint("n_events >= 0", name=op.f("ck_event_count_n_events")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_event_count_file_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("file_id", "witness", name=op.f("pk_event_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "gap",
        sa.Column("id", BigId, nullable=False),
        sa.Column("task_id", BigId, nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("n_events", sa.BigInteger(), nullable=True),
        sa.Column("registered_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_gap_file_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_gap_task_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap")),
        sa.UniqueConstraint("task_id", "file_id", name=op.f("uq_gap_task_id_file_id")),
    )
    op.create_table(
        "merge_group",
        sa.Column("id", BigId, nullable=False),
        sa.Column("task_id", BigId, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("lfn", sa.Text(), nullable=False),
        sa.Column("expected_size", sa.BigInteger(), nullable=False),
        sa.Column("output_id", BigId, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('PLANNED', 'MERGING', 'MERGED', 'MISMATCHED', 'CHECKED', 'ARCHIVED', 'HELD', 'CLEANED', 'VOID')",
            name=op.f("ck_merge_group_state"),
        ),
        sa.ForeignKeyConstraint(
            ["output_id"], ["file.id"], name=op.f("fk_merge_group_output_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_merge_group_task_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_group")),
    )
    with op.batch_alter_table("merge_group", schema=None) as batch_op:
        batch_op.create_index("ix_merge_group_output_id", ["output_id"], unique=False)
        batch_op.create_index("ix_merge_group_run", ["task_id", "run", "product"], unique=False)
        batch_op.create_index("ix_merge_group_state", ["state", "task_id", "product", "run"], unique=False)
        batch_op.create_index(
            "uq_merge_group_live",
            ["task_id", "product", "run", "part"],
            unique=True,
            sqlite_where=sa.text("state <> 'VOID'"),
            postgresql_where=sa.text("state <> 'VOID'"),
        )

    op.create_table(
        "parent",
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("parent_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_parent_file_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["file.id"], name=op.f("fk_parent_parent_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("file_id", "parent_id", name=op.f("pk_parent")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("parent", schema=None) as batch_op:
        batch_op.create_index("ix_parent_parent_id", ["parent_id"], unique=False)

    op.create_table(
        "replica",
        sa.Column("id", BigId, nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("locality", sa.Text(), server_default="UNKNOWN", nullable=False),
        sa.Column("verified_at", Time(), nullable=True),
        sa.Column("verified_how", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", Time(), nullable=False),
        sa.CheckConstraint(
            "state <> 'AVAILABLE' OR verified_at IS NOT NULL", name=op.f("ck_replica_verified")
        ),
        sa.CheckConstraint(
            "state IN ('COPYING', 'UNVERIFIED', 'ARCHIVING', 'AVAILABLE', 'SUSPECT', 'BAD', 'LOST', 'TRASHED', 'DELETING', 'DELETED')",
            name=op.f("ck_replica_state"),
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_replica_endpoint_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_replica_file_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replica")),
    )
    with op.batch_alter_table("replica", schema=None) as batch_op:
        batch_op.create_index("ix_replica_file_id", ["file_id"], unique=False)
        batch_op.create_index("ix_replica_state", ["state", "next_try_at"], unique=False)
        batch_op.create_index(
            "uq_replica_live",
            ["file_id", "endpoint_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'DELETED'"),
            postgresql_where=sa.text("state <> 'DELETED'"),
        )

    op.create_table(
        "certified",
        sa.Column("replica_id", BigId, nullable=False),
        sa.Column("certificate_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certified_certificate_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["replica_id"], ["replica.id"], name=op.f("fk_certified_replica_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("replica_id", name=op.f("pk_certified")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "item",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("replica_id", BigId, nullable=False),
        sa.Column("source_id", BigId, nullable=True),
        sa.Column("request_id", BigId, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", Time(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('stage', 'copy', 'remove', 'release')", name=op.f("ck_item_kind")),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'SUBMITTING', 'SUBMITTED', 'HELD', 'DONE', 'FAILED', 'CANCELED')",
            name=op.f("ck_item_state"),
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_item_endpoint_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["replica_id"], ["replica.id"], name=op.f("fk_item_replica_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_item_request_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["replica.id"], name=op.f("fk_item_source_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index("ix_item_replica_id", ["replica_id", "kind"], unique=False)
        batch_op.create_index("ix_item_state", ["state", "kind", "next_try_at"], unique=False)
        batch_op.create_index(
            "uq_item_live",
            ["kind", "replica_id"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('DONE', 'FAILED', 'CANCELED')"),
            postgresql_where=sa.text("state NOT IN ('DONE', 'FAILED', 'CANCELED')"),
        )

    op.create_table(
        "job",
        sa.Column("id", BigId, nullable=False),
        sa.Column("task_id", BigId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.Text(), nullable=False),
        sa.Column("merge_group_id", BigId, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("native", sa.Text(), nullable=True),
        sa.Column("next_try_at", Time(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('process', 'merge')", name=op.f("ck_job_kind")),
        sa.CheckConstraint(
            "state IN ('WAITING', 'READY', 'SUBMITTING', 'RUNNING', 'ENDED', 'HELD', 'DONE', 'CANCELED')",
            name=op.f("ck_job_state"),
        ),
        sa.ForeignKeyConstraint(
            ["merge_group_id"], ["merge_group.id"], name=op.f("fk_job_merge_group_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_job_task_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_merge_group_id", ["merge_group_id"], unique=False)
        batch_op.create_index("ix_job_state", ["state"], unique=False)
        batch_op.create_index("ix_job_task", ["task_id", "kind", "run", "state"], unique=False)
        batch_op.create_index("uq_job_label", ["label"], unique=True)

    op.create_table(
        "member",
        sa.Column("group_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_member_file_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["merge_group.id"], name=op.f("fk_member_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", "position", name=op.f("pk_member")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index("ix_member_file_id", ["file_id"], unique=False)
        batch_op.create_index(
            "uq_member_live",
            ["file_id"],
            unique=True,
            sqlite_where=sa.text("live"),
            postgresql_where=sa.text("live"),
        )

    op.create_table(
        "pin",
        sa.Column("id", BigId, nullable=False),
        sa.Column("replica_id", BigId, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("until", Time(), nullable=False),
        sa.CheckConstraint(
            "state IN ('ACTIVE', 'RELEASING', 'RELEASED', 'EXPIRED')", name=op.f("ck_pin_state")
        ),
        sa.ForeignKeyConstraint(
            ["replica_id"], ["replica.id"], name=op.f("fk_pin_replica_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin")),
    )
    with op.batch_alter_table("pin", schema=None) as batch_op:
        batch_op.create_index("ix_pin_replica_id", ["replica_id"], unique=False)
        batch_op.create_index("ix_pin_state", ["state", "until"], unique=False)
        batch_op.create_index(
            "uq_pin_live",
            ["replica_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('ACTIVE', 'RELEASING')"),
            postgresql_where=sa.text("state IN ('ACTIVE', 'RELEASING')"),
        )

    op.create_table(
        "job_input",
        sa.Column("job_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_job_input_file_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_job_input_job_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_job_input")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("job_input", schema=None) as batch_op:
        batch_op.create_index("ix_job_input_file_id", ["file_id"], unique=False)
