"""The table of scans: what storages were seen to hold. Its lists are files; a row says what is in them.

Held here: what is DONE says when the storage was looked at, and when the catalogue was before that.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Table, Text, false

from catalog.db.schema import Time, _id, _one_of, _to, metadata
from catalog.states import SCAN, ScanSource


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


scan = Table(
    "scan",
    metadata,
    _id(),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    _to("endpoint"),
    Column("root", Text, nullable=False),  # a path at the endpoint, with its slash; "/": all of it
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),  # of the dump
    Column("format", Text, nullable=False, server_default=""),  # of the dump
    Column("directory", Text, nullable=False),  # in reconcile.directory
    Column("made_at", Time, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("catalogue_at", Time),  # what was expected there, before the storage was looked at
    Column("begun_at", Time),  # when the storage was looked at; of a dump: when it was made
    Column("ended_at", Time),
    _number("entries"),  # files
    _number("bytes"),
    _number("directories"),  # that were read
    _number("unread"),  # that could not be read
    _number("lines"),  # of a dump, that speak of files; of a listing, entries: see ddm.reconcile.verdicts
    _number("outside"),
    _number("named"),
    _number("garbled"),
    Column("whole", Boolean, nullable=False, server_default=false()),
    Column("marker", Text),  # the endpoint that the dump says it is of
    Column("reason", Text, nullable=False, server_default=""),  # why it stopped, or is not believed
    Column("tidied_at", Time),  # its lists are gone since, or nearly
    Column("tidied_by", Text),
    _one_of("state", SCAN.states),
    _one_of("source", ScanSource),
    CheckConstraint(
        "state <> 'DONE' OR (catalogue_at IS NOT NULL AND begun_at IS NOT NULL AND ended_at IS NOT NULL)",
        name="done",
    ),
    CheckConstraint("tidied_at IS NULL OR state = 'DONE' OR state = 'REFUSED'", name="tidied"),
)
Index("ix_scan_endpoint_id", scan.c.endpoint_id)
Index("ix_scan_state", scan.c.state)
