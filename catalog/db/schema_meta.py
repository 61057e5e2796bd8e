"""The tables that group: metadata of people, parents and versions of datasets, and who owns them.

Held here: a key has one type; a value is in exactly one column; no dataset is its own parent; a version of
a name exists once; a dataset has at most one owner. Longer cycles of parents are kept out in
``catalog.db.family``, under a lock.
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

from catalog.db.schema import BigId, Time, metadata
from catalog.meta import MetaType

_TYPES = ", ".join(f"'{kind}'" for kind in MetaType)

meta_key = Table(
    "meta_key",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("defined_at", Time, nullable=False),
    CheckConstraint(f"type IN ({_TYPES})", name="type"),
)


def _values(noun: str) -> Table:
    """The values said of a noun. Each column that can be asked for has an index of what is in it."""
    owner = f"{noun}_id"
    table = Table(
        f"{noun}_meta",
        metadata,
        Column(owner, BigId, ForeignKey(f"{noun}.id", ondelete="RESTRICT"), primary_key=True),
        Column("key_id", BigId, ForeignKey("meta_key.id", ondelete="RESTRICT"), primary_key=True),
        Column("int_value", BigInteger),  # int; bool as 0 and 1; time as microseconds since 1970, UTC
        Column("real_value", Double),
        Column("text_value", Text),
        CheckConstraint(
            "CASE WHEN int_value IS NULL THEN 0 ELSE 1 END + CASE WHEN real_value IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN text_value IS NULL THEN 0 ELSE 1 END = 1",
            name="one_value",
        ),
        sqlite_with_rowid=False,
    )
    for column in ("int_value", "real_value", "text_value"):
        said = text(f"{column} IS NOT NULL")
        Index(
            f"ix_{noun}_meta_{column}",
            table.c.key_id,
            table.c[column],
            table.c[owner],
            sqlite_where=said,
            postgresql_where=said,
        )
    return table


file_meta = _values("file")
dataset_meta = _values("dataset")

dataset_parent = Table(
    "dataset_parent",
    metadata,
    Column("dataset_id", BigId, ForeignKey("dataset.id", ondelete="RESTRICT"), primary_key=True),
    Column("parent_id", BigId, ForeignKey("dataset.id", ondelete="RESTRICT"), primary_key=True),
    CheckConstraint("dataset_id <> parent_id", name="other"),
    Index("ix_dataset_parent_parent_id", "parent_id"),
    sqlite_with_rowid=False,
)

dataset_version = Table(
    "dataset_version",
    metadata,
    Column("dataset_id", BigId, ForeignKey("dataset.id", ondelete="RESTRICT"), primary_key=True),
    Column("base", Text, nullable=False),  # the name of version 1
    Column("version", Integer, nullable=False),
    Column("previous_id", BigId, ForeignKey("dataset.id", ondelete="RESTRICT"), unique=True),
    UniqueConstraint("base", "version"),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("version = 1 OR previous_id IS NOT NULL", name="previous"),
)

owner_group = Table(
    "owner_group",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("description", Text, nullable=False, server_default=""),
    Column("made_at", Time, nullable=False),
)

owner_member = Table(
    "owner_member",
    metadata,
    Column("group_id", BigId, ForeignKey("owner_group.id", ondelete="RESTRICT"), primary_key=True),
    Column("actor", Text, primary_key=True),  # user, or user@host
    sqlite_with_rowid=False,
)

dataset_owner = Table(
    "dataset_owner",
    metadata,
    Column("dataset_id", BigId, ForeignKey("dataset.id", ondelete="RESTRICT"), primary_key=True),
    Column("group_id", BigId, ForeignKey("owner_group.id", ondelete="RESTRICT"), nullable=False),
    Index("ix_dataset_owner_group_id", "group_id"),
)
