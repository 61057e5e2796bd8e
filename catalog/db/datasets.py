"""What datasets hold, and closing them. Parents are in ``family``, versions in ``versions``.

Totals are given per role and product: a merged file holds the events of its members, so a sum over both
would count them twice. They are sums kept with every write: each dataset once, and so each file once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Subquery,
    cast,
    distinct,
    func,
    literal,
    select,
)

from catalog.db import files, schema, tally
from catalog.db.engine import among
from catalog.db.family import below
from catalog.db.move import Why
from catalog.errors import IllegalTransition

D, F = schema.dataset, schema.file


def rows(conn: Connection, ids: Sequence[int] | None = None) -> list[Any]:
    """(id, name, state, since) of every dataset, or of these, by name."""
    query = select(*D.c["id", "name", "state", "since"]).order_by(D.c.name)
    return list(conn.execute(query if ids is None else query.where(among(conn, D.c.id, ids))))


@dataclass(frozen=True, slots=True)
class Tier:
    """The files of one role and product. ``unknown`` files have no event count and add no events."""

    role: str
    product: str
    runs: int
    files: int
    size: int
    events: int
    unknown: int


@dataclass(frozen=True, slots=True)
class RunLine:
    """The files of one run, role and product."""

    run: int
    role: str
    product: str
    files: int
    size: int
    events: int
    unknown: int


def tiers(conn: Connection, ids: Iterable[int]) -> list[Tier]:
    """What these datasets hold together, by role and product."""
    counted = _counted(conn, list(ids))
    columns = [func.count(distinct(counted.c.run)), *_sums(counted)]
    kind = (counted.c.role, counted.c.product)
    return [Tier(*row) for row in conn.execute(select(*kind, *columns).group_by(*kind).order_by(*kind))]


def tiers_of_each(conn: Connection, ids: Iterable[int]) -> dict[int, list[Tier]]:
    """What each of these datasets itself holds, by role and product."""
    counted = _counted(conn, list(ids))
    columns = [func.count(distinct(counted.c.run)), *_sums(counted)]
    kind = (counted.c.owner, counted.c.role, counted.c.product)
    found: dict[int, list[Tier]] = {}
    for row in conn.execute(select(*kind, *columns).group_by(*kind).order_by(*kind)):
        found.setdefault(row[0], []).append(Tier(*row[1:]))
    return found


def run_counts(conn: Connection, ids: Iterable[int]) -> dict[int, int]:
    """How many runs each of these datasets has files of."""
    counted = _counted(conn, list(ids))
    query = select(counted.c.owner, func.count(distinct(counted.c.run))).group_by(counted.c.owner)
    return {row[0]: row[1] for row in conn.execute(query)}


def run_lines(conn: Connection, dataset: int) -> list[RunLine]:
    """The runs of a dataset, by role and product."""
    counted = _counted(conn, [dataset])
    kind = (counted.c.run, counted.c.role, counted.c.product)
    return [
        RunLine(*row) for row in conn.execute(select(*kind, *_sums(counted)).group_by(*kind).order_by(*kind))
    ]


def _counted(conn: Connection, ids: Sequence[int]) -> Subquery:
    """One row per dataset, run, role and product that has files now: from the sums kept with every write."""
    by = ("owner", "run", "role", "product")
    return tally.sums(*by, noun="file").where(among(conn, schema.tally.c.owner, ids)).subquery("counted")


def _sums(counted: Subquery) -> list[ColumnElement[int]]:
    """Files, bytes, events and files without a count. (PostgreSQL would sum to a decimal number.)"""
    return [cast(func.sum(counted.c[name]), BigInteger) for name in ("n", "size", "events", "unknown")]


def close(conn: Connection, name: str, why: Why, *, empty: bool = False) -> bool:
    """Say that the dataset is complete; True if it was open. One without a file only if ``empty``.

    Raises NotRegistered, IllegalTransition for an empty one, and what ``files.close_dataset`` raises.
    """
    dataset = files.dataset_id(conn, name)
    if not empty and not _holds(conn, sorted(below(conn, [dataset]))):
        raise IllegalTransition("the dataset holds no file; --empty closes it all the same", subject=name)
    return files.close_dataset(conn, name, why)


def _holds(conn: Connection, ids: Sequence[int]) -> bool:
    query = select(literal(1)).where(among(conn, F.c.dataset_id, ids), F.c.retired_at.is_(None)).limit(1)
    return conn.execute(query).scalar() is not None
