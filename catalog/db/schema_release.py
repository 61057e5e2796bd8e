"""The tables of releasing: the freeze switch, campaigns of removal, and what was removed by the hour.

Held here: a freeze has a name and a reason, and is of everything, of an endpoint, or of a task.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table, Text, text

from catalog.db.schema import Time, _id, _to, metadata

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
