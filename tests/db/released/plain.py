"""Datasets, runs and files counted one by one, without the sums that the program keeps.

The program of 0001 asked so; what it asks today must answer the same, and this is the same question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, distinct, func, select

from catalog.checksum import Adler32
from catalog.db import files, schema
from catalog.states import Witness

F = schema.file


@dataclass(frozen=True, slots=True)
class DatasetLine:
    """A dataset: its files, bytes and events. ``unknown`` files have no event count and add none."""

    name: str
    state: str
    since: datetime
    runs: int
    files: int
    size: int
    events: int
    unknown: int


@dataclass(frozen=True, slots=True)
class RunOfDataset:
    """A run of a dataset."""

    run: int
    files: int
    size: int
    events: int
    unknown: int


def _sums() -> tuple[Any, Any, tuple[Any, ...]]:
    """The counts of the raw catalogue and of the reader, and the sums over files that use them."""
    said, read = schema.event_count.alias("said"), schema.event_count.alias("read_back")
    events = func.coalesce(read.c.n_events, said.c.n_events)
    known = func.count(events)
    totals = (
        func.count(F.c.id),
        func.coalesce(func.sum(F.c.size), 0),
        func.coalesce(func.sum(events), 0),
        func.count(F.c.id) - known,
    )
    return said, read, totals


def _with_counts(query: Select[Any], said: Any, read: Any) -> Select[Any]:
    return query.outerjoin(
        said, and_(said.c.file_id == F.c.id, said.c.witness == Witness.RAW_CATALOGUE)
    ).outerjoin(read, and_(read.c.file_id == F.c.id, read.c.witness == Witness.READ))


def datasets(conn: Connection) -> list[DatasetLine]:
    """Every dataset."""
    D = schema.dataset  # noqa: N806
    said, read, totals = _sums()
    query = select(D.c.name, D.c.state, D.c.since, func.count(distinct(F.c.run)), *totals).outerjoin(
        F, and_(F.c.dataset_id == D.c.id, F.c.retired_at.is_(None))
    )
    query = _with_counts(query, said, read).group_by(D.c.name, D.c.state, D.c.since).order_by(D.c.name)
    return [DatasetLine(*row[:3], *map(int, row[3:])) for row in conn.execute(query)]


def runs(conn: Connection, dataset: str) -> list[RunOfDataset]:
    """The runs of a dataset. Raises NotRegistered."""
    said, read, totals = _sums()
    query = _with_counts(select(F.c.run, *totals), said, read)
    query = query.where(F.c.dataset_id == files.dataset_id(conn, dataset), F.c.retired_at.is_(None))
    return [RunOfDataset(*map(int, row)) for row in conn.execute(query.group_by(F.c.run).order_by(F.c.run))]


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file in a list."""

    lfn: str
    dataset: str
    role: str
    product: str
    run: int
    chunk: str
    part: int | None
    size: int | None
    adler32: Adler32 | None


def file_lines(conn: Connection) -> list[FileLine]:
    """Every file that is not retired, in order of their names."""
    D = schema.dataset  # noqa: N806
    query = (
        select(schema.lfn(), D.c.name, *F.c["role", "product", "run", "chunk", "part", "size", "adler32"])
        .join(D, D.c.id == F.c.dataset_id)
        .where(F.c.retired_at.is_(None))
    )
    rows: Any = conn.execute(query.order_by(schema.lfn())).all()
    sums = [None if row.adler32 is None else Adler32(row.adler32) for row in rows]
    return [FileLine(*[*tuple(row)[:-1], sum_]) for row, sum_ in zip(rows, sums, strict=True)]
