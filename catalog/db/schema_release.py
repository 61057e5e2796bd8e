"""The tables of releasing: the freeze switch, plans of removal, and what was removed by the hour.

Held here: a freeze has a name and a reason, and is of everything, of an endpoint, or of a task; a plan names
a copy once. A plan's lines never change but for what came of them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from catalog.db.schema import BigId, Time, _id, _one_of, _to, metadata
from catalog.states import REMOVAL, LineOutcome, RemovalAct

freeze = Table(  # nothing that it lies over is withdrawn or removed; never deleted, only thawed
    "trash_freeze",
    metadata,
    _id(),
    _to("endpoint", nullable=True),  # NULL, like task_id: every one
    _to("task", nullable=True),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Time, nullable=False),
    Column("thawed_at", Time),
    Column("thawed_by", Text),
    Column("thaw_reason", Text),
    CheckConstraint("made_by <> '' AND reason <> ''", name="reason"),
    CheckConstraint("endpoint_id IS NULL OR task_id IS NULL", name="over"),
)
Index(
    "ix_trash_freeze_standing",
    freeze.c.id,
    sqlite_where=text("thawed_at IS NULL"),
    postgresql_where=text("thawed_at IS NULL"),
)

removal = Table(  # a plan of removal, and the campaign that works it off
    "removal",
    metadata,
    _id(),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("hash", Text, nullable=False),  # sha256 of the lines: see catalog.db.removals
    Column("scope", Text, nullable=False),  # what was asked for, in words
    Column("ground", Text, nullable=False),  # on which copies were to be withdrawn
    Column("made_by", Text, nullable=False),
    Column("made_at", Time, nullable=False),
    Column("files", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False, server_default="0"),  # lines since it was last resumed
    Column("strange", BigInteger, nullable=False, server_default="0"),  # of these, not as planned
    Column("reason", Text),  # why it is braked
    _one_of("state", REMOVAL.states),
)
Index("ix_removal_state", removal.c.state)

removal_line = Table(
    "removal_line",
    metadata,
    Column("removal_id", BigId, ForeignKey("removal.id", ondelete="RESTRICT"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _to("replica"),
    Column("act", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # as the catalogue had it when the plan was made
    Column("outcome", Text),  # NULL: not done yet
    Column("reason", Text),
    _one_of("act", RemovalAct),
    CheckConstraint(
        "outcome IS NULL OR " + " OR ".join(f"outcome = '{o}'" for o in LineOutcome), name="outcome"
    ),
    UniqueConstraint("removal_id", "replica_id"),
    sqlite_with_rowid=False,
)

removal_hour = Table(  # what was sent to be removed, for budgets and for the brake
    "removal_hour",
    metadata,
    Column("endpoint_id", BigId, ForeignKey("endpoint.id", ondelete="RESTRICT"), primary_key=True),
    Column("hour", Time, primary_key=True),  # its beginning
    Column("files", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("answered", BigInteger, nullable=False),  # of the first questions for a file, since the last brake
    Column("strange", BigInteger, nullable=False),  # of these: not there, or not to be removed
    sqlite_with_rowid=False,
)
