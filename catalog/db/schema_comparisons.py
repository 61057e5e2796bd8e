"""The tables of comparisons: the catalogue beside scans of storages. What was found is in files; a row says
which, of which scans, and how much of each kind.

Held here: a comparison has a scan once, and counts each kind and standing of an endpoint once.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Table, Text

from catalog.db import schema_scans as _scans  # noqa: F401  it refers to its table
from catalog.db.schema import BigId, Time, _id, _one_of, _to, metadata
from catalog.states import COMPARISON

comparison = Table(
    "comparison",
    metadata,
    _id(),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("made_at", Time, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("directory", Text, nullable=False),  # in reconcile.directory
    Column("after_at", Time),  # of when the catalogue after the scans is
    Column("reason", Text, nullable=False, server_default=""),  # why it was given up
    Column("tidied_at", Time),  # its findings are gone since, or nearly
    Column("tidied_by", Text),
    _one_of("state", COMPARISON.states),
    CheckConstraint("state <> 'DONE' OR after_at IS NOT NULL", name="done"),
    CheckConstraint("tidied_at IS NULL OR state = 'DONE'", name="tidied"),
)
Index("ix_comparison_state", comparison.c.state)

comparison_scan = Table(
    "comparison_scan",
    metadata,
    Column("comparison_id", BigId, ForeignKey("comparison.id", ondelete="RESTRICT"), primary_key=True),
    Column("scan_id", BigId, ForeignKey("scan.id", ondelete="RESTRICT"), primary_key=True),
    _to("comparison", nullable=True, name="earlier_comparison_id"),  # what may confirm it, and
    _to("scan", nullable=True, name="earlier_scan_id"),  # the scan of the same endpoint in it
    Column(
        "expected", BigInteger, nullable=False
    ),  # copies that the catalogue expected below the scan's root
    Column("present", BigInteger, nullable=False),  # files that the scan has
    Column(
        "accepted", Text, nullable=False
    ),  # why a person accepts more than the brake does; "": nobody does
    Column("remarks", Text, nullable=False),  # why not all can be declared or was compared: sentences
    CheckConstraint(
        "(earlier_comparison_id IS NULL) = (earlier_scan_id IS NULL)",
        name="earlier",
    ),
    sqlite_with_rowid=False,
)
Index("ix_comparison_scan_scan_id", comparison_scan.c.scan_id)

comparison_count = Table(
    "comparison_count",
    metadata,
    Column("comparison_id", BigId, ForeignKey("comparison.id", ondelete="RESTRICT"), primary_key=True),
    Column("endpoint_id", BigId, ForeignKey("endpoint.id", ondelete="RESTRICT"), primary_key=True),
    Column("kind", Text, primary_key=True),  # of ddm.reconcile.kinds
    Column("standing", Text, primary_key=True),  # of ddm.reconcile.verdicts
    Column("expected", Boolean, primary_key=True),  # of what the catalogue expects there
    Column("places", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),  # as the storage says, else the catalogue
    sqlite_with_rowid=False,
)
