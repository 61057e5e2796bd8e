"""The tables of cross-checks beside the verdict itself: what merges read, waivers, recounts of the archive.

Held here: a job has one reading of a file, a sample one recount of a file; a waiver has a name and a reason.
``reading`` holds only what was not as the catalogue has it, or was counted and the catalogue had no count:
``job.inputs_read`` says of how many inputs the job told anything.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from catalog.db.schema import BigId, Time, _id, _one_of, _to, metadata
from catalog.states import Recounted

reading = Table(
    "reading",
    metadata,
    Column("job_id", BigId, ForeignKey("job.id", ondelete="RESTRICT"), primary_key=True),
    Column("file_id", BigId, ForeignKey("file.id", ondelete="RESTRICT"), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("adler32", BigInteger, nullable=False),
    Column("n_events", BigInteger),
    Column("by_type", Text),  # JSON: events by type
    sqlite_with_rowid=False,
)

waiver = Table(
    "waiver",
    metadata,
    _id(),
    Column("check_id", BigId, ForeignKey("cross_check.id", ondelete="RESTRICT"), nullable=False),
    Column("part", Integer),  # NULL: what was accepted is of the run
    Column("differences", Text, nullable=False),  # JSON: what was accepted, with its numbers
    Column("made_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", Time, nullable=False),
    Column("looked_at", Time, nullable=False),  # when its numbers were last compared with what is found
    Column("void_at", Time),
    Column("void_reason", Text),
    CheckConstraint("made_by <> '' AND reason <> ''", name="reason"),
)
Index("ix_waiver_check_id", waiver.c.check_id)
Index(
    "ix_waiver_looked_at",
    waiver.c.looked_at,
    sqlite_where=text("void_at IS NULL"),
    postgresql_where=text("void_at IS NULL"),
)

sample = Table(
    "sample",
    metadata,
    _id(),
    Column("seed", Text, nullable=False),
    Column("fraction", Double, nullable=False),
    Column("chosen", Text, nullable=False),  # of which files, in words
    Column("made_at", Time, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("files", BigInteger, nullable=False),
)

recount = Table(
    "recount",
    metadata,
    _id(),
    _to("sample"),
    _to("file"),
    _to("replica", nullable=True),  # what was read
    Column("verdict", Text),  # NULL: still to be done
    Column("at", Time),
    Column("size", BigInteger),
    Column("adler32", BigInteger),
    Column("n_events", BigInteger),
    Column("by_type", Text),  # JSON: events by type
    Column("said", Text, nullable=False, server_default=""),  # the differences or the trouble, in words
    _one_of("verdict", Recounted),
    UniqueConstraint("sample_id", "file_id"),
)
Index("ix_recount_file_id", recount.c.file_id)
