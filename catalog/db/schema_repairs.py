"""The tables of repairs: plans that a person signed, and what came of each line.

The plan as it was proposed, and as it was signed, are files; the rows say which, by their sha256. Held here:
a line is in a plan once; a plan that was begun was signed.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from catalog.db import schema_comparisons as _comparisons  # noqa: F401  it refers to its table
from catalog.db.schema import BigId, Time, _id, _one_of, _to, metadata
from catalog.states import REPAIR, RepairAct, RepairOutcome

repair = Table(
    "repair",
    metadata,
    _id(),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    _to("comparison"),
    Column("directory", Text, nullable=False),  # in reconcile.directory: what was proposed
    Column("made_by", Text, nullable=False),
    Column("made_at", Time, nullable=False),
    Column("proposed", Text, nullable=False),  # sha256 of what was proposed
    Column("proposals", BigInteger, nullable=False),
    Column("dataset", Text, nullable=False, server_default=""),  # whereto unknown files are adopted, and
    Column("task", Text, nullable=False, server_default=""),  # by whose names
    Column("signed_by", Text),
    Column("signed_at", Time),
    Column("sha256", Text),  # of the signed text
    Column("files", BigInteger, nullable=False, server_default="0"),  # lines that were signed
    Column("size", BigInteger, nullable=False, server_default="0"),
    Column("seen", BigInteger, nullable=False, server_default="0"),  # lines since it was last resumed
    Column("strange", BigInteger, nullable=False, server_default="0"),  # of these, not as planned
    Column("reason", Text),  # why it is braked
    _one_of("state", REPAIR.states),
    CheckConstraint(
        "sha256 IS NOT NULL AND signed_by IS NOT NULL AND signed_at IS NOT NULL "
        "OR state = 'PLANNED' OR state = 'CANCELED'",
        name="signed",
    ),
)
Index("ix_repair_state", repair.c.state)

repair_line = Table(  # written when the plan is begun; only what came of it is added
    "repair_line",
    metadata,
    Column("repair_id", BigId, ForeignKey("repair.id", ondelete="RESTRICT"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("act", Text, nullable=False),
    Column("kind", Text, nullable=False),  # of ddm.reconcile.kinds
    _to("endpoint"),
    Column("path", Text, nullable=False),
    _to("replica", nullable=True),  # NULL: the catalogue knew nothing of the place
    Column("other", Text),  # the place at this endpoint that belongs to it
    Column("state", Text),  # of the replica when it was compared
    Column("changed_at", Time),  # since when it was in that state
    Column("size", BigInteger),  # bytes: of the file, or as scanned if it is unknown
    Column("adler32", BigInteger),
    Column("outcome", Text),  # NULL: not done yet
    Column("reason", Text),
    _one_of("act", RepairAct),
    CheckConstraint(
        "outcome IS NULL OR " + " OR ".join(f"outcome = '{o}'" for o in RepairOutcome), name="outcome"
    ),
    sqlite_with_rowid=False,
)
