"""The tables of stored merge plans: what was planned, by which limits, when and by whom.

A plan is never changed; it is retired when its parts are void. The parts are the merge groups that carry its
number. Held here: a revision of a unit and product has one number for ever.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from catalog.db.schema import BigId, Time, _id, _to, metadata

plan = Table(
    "merge_plan",
    metadata,
    _id(),
    _to("task"),
    Column("product", Text, nullable=False),
    Column("unit", Text, nullable=False),  # a run, a period, a day …: what was planned together
    Column("revision", Integer, nullable=False),  # counts the plans of the unit and product, from 1
    Column("hash", Text, nullable=False),
    Column("limits", Text, nullable=False),  # JSON: everything that decided beside the files
    Column("parts", Integer, nullable=False),
    Column("inputs", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes of the inputs
    Column("waiting", Integer, nullable=False),  # leftovers that a later revision takes up
    Column("made_at", Time, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("retired_at", Time),
    Column("retired_by", Text),
    Column("retired_for", Text),  # the reason
    UniqueConstraint("task_id", "product", "unit", "revision"),
)

plan_run = Table(  # a run that the plan holds files of
    "merge_plan_run",
    metadata,
    Column("plan_id", BigId, ForeignKey("merge_plan.id", ondelete="RESTRICT"), primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("complete", Boolean, nullable=False),  # no file of it waits, or is free again since a retirement
    sqlite_with_rowid=False,
)

left_out = Table(  # an input that is in no part on purpose
    "merge_left_out",
    metadata,
    Column("plan_id", BigId, ForeignKey("merge_plan.id", ondelete="RESTRICT"), primary_key=True),
    Column("file_id", BigId, ForeignKey("file.id", ondelete="RESTRICT"), primary_key=True),
    Column("why", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_merge_left_out_file_id", left_out.c.file_id)

group_run = Table(  # further runs that a part holds files of, beside the one it is called after
    "merge_group_run",
    metadata,
    Column("group_id", BigId, ForeignKey("merge_group.id", ondelete="RESTRICT"), primary_key=True),
    Column("run", Integer, primary_key=True),
    sqlite_with_rowid=False,
)
Index("ix_merge_group_run_run", group_run.c.run)
