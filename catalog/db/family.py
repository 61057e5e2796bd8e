"""Datasets among datasets: a dataset may have any number of parents, and no dataset is above itself.

That is looked at in the transaction that adds the parent, one such transaction at a time, so that two cannot
make a cycle together.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from sqlalchemy import CTE, Connection, and_, delete, exists, select, text

from catalog.db import files, schema, schema_meta
from catalog.db.engine import among, insert_many, listed
from catalog.db.lock import DDM
from catalog.db.move import Why, note
from catalog.errors import BadInput, IllegalTransition

D, P = schema.dataset, schema_meta.dataset_parent

_FAMILY = zlib.crc32(b"dataset_parent") >> 1  # the key of our lock


def _reached(conn: Connection, ids: Sequence[int], *, up: bool) -> CTE:
    """These datasets and all above (or below) them, each once. UNION ends it even if there were a cycle."""
    near, far = (P.c.dataset_id, P.c.parent_id) if up else (P.c.parent_id, P.c.dataset_id)
    start = listed(conn, ids).subquery("start")
    reached = select(start.c[0].label("id")).cte("reached", recursive=True)
    return reached.union(select(far).join(reached, near == reached.c.id))


def above(conn: Connection, ids: Sequence[int]) -> set[int]:
    """These datasets and all that they are in, at any depth."""
    return set(conn.execute(select(_reached(conn, ids, up=True).c.id)).scalars())


def below(conn: Connection, ids: Sequence[int]) -> set[int]:
    """These datasets and all that are in them, at any depth."""
    return set(conn.execute(select(_reached(conn, ids, up=False).c.id)).scalars())


def add_parents(conn: Connection, name: str, parents: Sequence[str], why: Why) -> int:
    """Put the dataset under the parents; returns under how many it was not yet.

    Raises NotRegistered, or BadInput if a parent is the dataset itself or below it. Nothing is changed then.
    """
    dataset = files.dataset_id(conn, name)
    wanted = {files.dataset_id(conn, parent): parent for parent in parents}
    lock_family(conn)
    known = set(parents_of(conn, dataset))
    for key, parent in wanted.items():
        if key == dataset:
            raise BadInput("a dataset cannot be its own parent", subject=name)
        if dataset in above(conn, [key]):
            way = " > ".join(_way(conn, dataset, key))
            raise BadInput(
                f"'{parent}' is below '{name}' already ({way}); nothing was changed", subject=parent
            )
    new = [key for key in wanted if key not in known]
    insert_many(conn, P, [{"dataset_id": dataset, "parent_id": key} for key in new])
    for key in new:
        note(conn, "dataset", [dataset], "parent_added", why.because(told(wanted[key], why)))
    return len(new)


def remove_parents(conn: Connection, name: str, parents: Sequence[str], why: Why) -> int:
    """Take the dataset out of these parents, by a person with a reason; returns of how many it was a child.

    Raises NotRegistered or IllegalTransition.
    """
    if not why.reason.strip():
        raise IllegalTransition("dataset: 'parent_removed' is for a person and needs a reason")
    dataset = files.dataset_id(conn, name)
    lock_family(conn)
    known = set(parents_of(conn, dataset))
    wanted = {files.dataset_id(conn, parent): parent for parent in parents}
    gone = [key for key in wanted if key in known]
    conn.execute(delete(P).where(P.c.dataset_id == dataset, among(conn, P.c.parent_id, gone)))
    for key in gone:
        note(conn, "dataset", [dataset], "parent_removed", why.because(told(wanted[key], why)))
    return len(gone)


def told(name: str, why: Why) -> str:
    """The reason of a history row that also names another dataset."""
    return f"{name}: {why.reason}" if why.reason else name


def lock_family(conn: Connection) -> None:
    """Nobody else changes parents until the end of the transaction. (SQLite: the write lock does that.)"""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:ddm, :key)"), {"ddm": DDM, "key": _FAMILY})


def names(conn: Connection, ids: Iterable[int]) -> dict[int, str]:
    """The names of datasets."""
    query = select(D.c.id, D.c.name).where(among(conn, D.c.id, list(ids))).order_by(D.c.name)
    return {row[0]: row[1] for row in conn.execute(query)}


def parents_of(conn: Connection, dataset: int) -> dict[int, str]:
    """The parents of a dataset, id → name."""
    query = select(D.c.id, D.c.name).join(P, P.c.parent_id == D.c.id).where(P.c.dataset_id == dataset)
    return {row[0]: row[1] for row in conn.execute(query.order_by(D.c.name))}


def children_of(conn: Connection, dataset: int) -> dict[int, str]:
    """The children of a dataset, id → name."""
    query = select(D.c.id, D.c.name).join(P, P.c.dataset_id == D.c.id).where(P.c.parent_id == dataset)
    return {row[0]: row[1] for row in conn.execute(query.order_by(D.c.name))}


def links(conn: Connection, ids: Iterable[int]) -> list[tuple[int, int]]:
    """(parent, child) of all pairs within these datasets."""
    own = list(ids)
    query = select(P.c.parent_id, P.c.dataset_id)
    query = query.where(among(conn, P.c.parent_id, own), among(conn, P.c.dataset_id, own))
    return [(row[0], row[1]) for row in conn.execute(query)]


def roots(conn: Connection) -> list[int]:
    """The datasets that have children and no parents."""
    up, down = P.alias(), P.alias()
    query = select(D.c.id).where(
        exists().where(down.c.parent_id == D.c.id), ~exists().where(up.c.dataset_id == D.c.id)
    )
    return list(conn.execute(query.order_by(D.c.name)).scalars())


def _way(conn: Connection, top: int, bottom: int) -> list[str]:
    """One way from a dataset down to another that is below it, as names."""
    between = above(conn, [bottom]) & below(conn, [top])
    up: dict[int, int] = {}
    for parent, child in links(conn, between):
        up.setdefault(child, parent)
    called = names(conn, between)
    way = [bottom]
    while way[-1] != top and len(way) <= len(between):
        way.append(up[way[-1]])
    return [called[key] for key in reversed(way)]


def faults(conn: Connection) -> list[str]:
    """Datasets that are above themselves, in words. Asks for every way: for ``ddm db check``."""
    ways = select(P.c.dataset_id.label("start"), P.c.parent_id.label("reached")).cte("ways", recursive=True)
    ways = ways.union(select(ways.c.start, P.c.parent_id).join(P, P.c.dataset_id == ways.c.reached))
    query = select(D.c.name).join(ways, and_(ways.c.start == D.c.id, ways.c.reached == D.c.id))
    return [f"dataset {name} is above itself" for name in conn.execute(query.order_by(D.c.name)).scalars()]
