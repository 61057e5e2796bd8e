"""The tables of holds: files that a person keeps, whatever the rules would let go.

Held here: a hold says of what it is, by whom and why. None is ever deleted; one that is lifted says by whom.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from catalog.db.schema import BigId, Time, _id, _one_of, _to, metadata
from catalog.states import HoldScope

hold = Table(
    "hold",
    metadata,
    _id(),
    Column("scope", Text, nullable=False),
    Column("run", Integer),  # of the scope run; with a dataset, only its files of that run
    _to("dataset", nullable=True),
    _to("task", nullable=True),
    Column(
        "files", BigInteger, nullable=False
    ),  # how many it was of when it was made; later ones are kept too
    Column("until", Time),  # NULL: until it is lifted
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Time, nullable=False),
    Column("lifted_at", Time),
    Column("lifted_by", Text),
    Column("lifted_for", Text),  # the reason
    _one_of("scope", HoldScope),
    CheckConstraint("made_by <> '' AND reason <> ''", name="reason"),
    CheckConstraint("scope <> 'run' OR run IS NOT NULL", name="run"),
    CheckConstraint("scope <> 'dataset' OR dataset_id IS NOT NULL", name="dataset"),
    CheckConstraint("scope <> 'task' OR task_id IS NOT NULL", name="task"),
)
Index(
    "ix_hold_until",
    hold.c.until,
    sqlite_where=text("lifted_at IS NULL"),
    postgresql_where=text("lifted_at IS NULL"),
)

hold_file = Table(
    "hold_file",
    metadata,
    Column("hold_id", BigId, ForeignKey("hold.id", ondelete="RESTRICT"), primary_key=True),
    Column("file_id", BigId, ForeignKey("file.id", ondelete="RESTRICT"), primary_key=True),
    Index("ix_hold_file_file_id", "file_id"),
    sqlite_with_rowid=False,
)
