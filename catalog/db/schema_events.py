"""The tables of events: who was asked how many there are, and which process works on which of them.

``event_range`` holds what must not be lost: who has which events of a file, and what is finished. It is
written when something happens. ``heartbeat`` holds what is written all the time and may be lost: one narrow
row per running range, made by a claim and gone with its end. Only its primary key is indexed and its pages
are half empty, so on PostgreSQL every heartbeat is a HOT update: no index is touched, and the next heartbeat
in the page clears the row's old version.

Events are counted from 0; a range is ``start <= event < stop``.
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

from catalog.db.schema import BigId, Time, metadata
from catalog.states import ASK, RANGE

event_ask = Table(
    "event_ask",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("file_id", BigId, ForeignKey("file.id", ondelete="RESTRICT"), nullable=False),
    Column("source", Text, nullable=False),  # its name in the configuration
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_try_at", Time, nullable=False),
    Column("code", Text),  # of the last answer that was no count
    Column("reason", Text),
    UniqueConstraint("file_id", "source"),
    CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in ASK.states)})", name="state"),
)
Index("ix_event_ask_source", event_ask.c.source, event_ask.c.state, event_ask.c.next_try_at)

event_range = Table(
    "event_range",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("task_id", BigId, ForeignKey("task.id", ondelete="RESTRICT"), nullable=False),
    Column("file_id", BigId, ForeignKey("file.id", ondelete="RESTRICT"), nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("stop", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("lease", Integer, nullable=False, server_default="0"),  # grows with every claim
    Column("attempts", Integer, nullable=False, server_default="0"),  # claims since a person last looked
    Column("job_id", BigId, ForeignKey("job.id", ondelete="RESTRICT")),  # of the latest claim
    Column("process", Text),
    CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in RANGE.states)})", name="state"),
    CheckConstraint("start >= 0 AND start < stop", name="start"),
    CheckConstraint("state <> 'RUNNING' OR (job_id IS NOT NULL AND process IS NOT NULL)", name="process"),
)
Index(
    "uq_event_range_start",
    event_range.c.task_id,
    event_range.c.file_id,
    event_range.c.start,
    unique=True,
    sqlite_where=text("state <> 'VOID'"),
    postgresql_where=text("state <> 'VOID'"),
)
Index("ix_event_range_file", event_range.c.file_id, event_range.c.task_id, event_range.c.start)
Index("ix_event_range_state", event_range.c.state)
Index("ix_event_range_job_id", event_range.c.job_id)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("range_id", BigId, ForeignKey("event_range.id", ondelete="RESTRICT"), primary_key=True),
    Column("lease", Integer, nullable=False),
    Column("processed_up_to", BigInteger, nullable=False),
    Column("stop", BigInteger, nullable=False),  # of its range, so that the rule below is the database's
    Column("heard_at", Time, nullable=False),
    CheckConstraint("processed_up_to <= stop", name="processed_up_to"),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 50},
)
