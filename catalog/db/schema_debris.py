"""The table of debris: files that are none of the catalogue's, and are to be removed.

A row is made when such a file is seen at the very place that the papers of an attempt promised, or when a
person signed a plan of repair with its place, size and checksum. It waits, is committed as sent before the
storage is asked to remove it, and stays as the record of what was removed.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from catalog.db.schema import Time, _id, _to, metadata

debris = Table(
    "debris",
    metadata,
    _id(),
    _to("job", nullable=True),  # NULL, like attempt: a plan of repair names it
    Column("attempt", Integer),
    _to("endpoint"),
    Column("path", Text, nullable=False),
    Column("size", BigInteger),  # as the storage told; NULL: it did not
    Column("found_at", Time, nullable=False),
    Column("found_by", Text, nullable=False),
    Column("due_at", Time, nullable=False),  # not removed before
    Column("sent_at", Time),  # the storage was asked to remove it, once or more
    Column("gone_at", Time),  # it says that it is not there
    Column("spared_at", Time),  # it is not removed after all
    Column("reason", Text, nullable=False, server_default=""),  # why it is spared, or was not removed so far
    Column("adler32", BigInteger),  # as scanned; compared again before it is removed
    _to("repair", nullable=True),
    UniqueConstraint("endpoint_id", "path"),
    CheckConstraint("gone_at IS NULL OR sent_at IS NOT NULL", name="sent"),
    CheckConstraint("(job_id IS NULL) = (attempt IS NULL)", name="attempt"),
    CheckConstraint("job_id IS NOT NULL OR (repair_id IS NOT NULL AND size IS NOT NULL)", name="named"),
)
Index(
    "ix_debris_due_at",
    debris.c.due_at,
    sqlite_where=text("gone_at IS NULL AND spared_at IS NULL"),
    postgresql_where=text("gone_at IS NULL AND spared_at IS NULL"),
)
