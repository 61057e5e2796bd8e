"""The tables of evidence: what was seen of copies on tape, and of which it is to be taken again.

``evidence`` only grows. Which rows count is a question (``catalog.db.evidence``): those taken since the
replica is AVAILABLE. ``evidence_due`` is a list of work: a replica is in it once, until it is settled.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    false,
)

from catalog.db.schema import BigId, Time, _id, _one_of, _to, metadata
from catalog.evidence import Grade

evidence = Table(
    "evidence",
    metadata,
    _id(),
    _to("replica"),
    Column("grade", Text, nullable=False),
    Column("taken_at", Time, nullable=False),
    Column("source", Text, nullable=False),  # the service that said it
    Column("how", Text, nullable=False, server_default=""),  # whose checksum it is
    Column("request", Text, nullable=False, server_default=""),  # the service's id, where there is one
    Column("size", BigInteger),  # as told; NULL: not told
    Column("adler32", BigInteger),
    Column("locality", Text, nullable=False),
    _one_of("grade", Grade),
    CheckConstraint("grade = 'a' OR (size IS NOT NULL AND adler32 IS NOT NULL)", name="told"),
)
Index("ix_evidence_replica_id", evidence.c.replica_id)

evidence_due = Table(
    "evidence_due",
    metadata,
    Column("replica_id", BigId, ForeignKey("replica.id", ondelete="RESTRICT"), primary_key=True),
    Column("due_at", Time, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),  # looks that got no answer
    Column("reread", Boolean, nullable=False, server_default=false()),  # it is to be read from tape
    Column("misread", Integer, nullable=False, server_default="0"),  # recalls that brought other bytes
)
Index("ix_evidence_due_due_at", evidence_due.c.due_at)
