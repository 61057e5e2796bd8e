"""Datasets among datasets: parents, versions, and what they hold together.

1. A dataset may have any number of parents, and no dataset is above itself. It is looked at in the
   transaction that adds the parent, one such transaction at a time, so that two cannot make a cycle together.
2. The totals of a dataset are those of its own files and of all datasets below it, each dataset and so each
   file once, even when there are two ways to it. They are given per role and product: a merged file holds
   the events of its members, so a sum over both would count them twice.
3. A version of a dataset is a dataset of its own. ``NAME`` is version 1 for good, the later ones are
   ``NAME@2``, ``NAME@3`` …: a name never begins to mean other files (docs/decisions/0008-versions.md).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Subquery,
    and_,
    cast,
    delete,
    distinct,
    exists,
    func,
    literal,
    select,
    text,
)

from catalog.db import files, owners, schema, schema_meta, tally
from catalog.db.engine import among, insert_many, listed
from catalog.db.lock import DDM
from catalog.db.move import Why, note
from catalog.errors import BadInput, BadName, ConflictingRegistration, IllegalTransition
from catalog.names import check_lfn
from catalog.states import DatasetState

D, F = schema.dataset, schema.file
P, V = schema_meta.dataset_parent, schema_meta.dataset_version

_VERSIONED = re.compile(r"(?s)(.+)@([1-9][0-9]{0,8})")
_FAMILY = zlib.crc32(b"dataset_parent") >> 1  # the key of the lock of rule 1


# ---------------------------------------------------------------------------------- names
def split_name(name: str) -> tuple[str, int]:
    """Base and version of a name: ``('mdst/2016/P08', 2)`` of ``mdst/2016/P08@2``."""
    found = _VERSIONED.fullmatch(name)
    return (found[1], int(found[2])) if found else (name, 1)


def versioned(base: str, version: int) -> str:
    """The name of a version."""
    return base if version == 1 else f"{base}@{version}"


def check_new_name(name: str) -> None:
    """Raises BadName for a name that no dataset can have, or that only a version of another gets."""
    check_lfn("/" + name)
    if _VERSIONED.fullmatch(name):
        raise BadName(
            f"{name!r} is how a version is called; 'ddm dataset version' makes the next one", subject=name
        )


def names(conn: Connection, ids: Iterable[int]) -> dict[int, str]:
    """The names of datasets."""
    query = select(D.c.id, D.c.name).where(among(conn, D.c.id, list(ids))).order_by(D.c.name)
    return {row[0]: row[1] for row in conn.execute(query)}


def rows(conn: Connection, ids: Sequence[int] | None = None) -> list[Any]:
    """(id, name, state, since) of every dataset, or of these, by name."""
    query = select(*D.c["id", "name", "state", "since"]).order_by(D.c.name)
    return list(conn.execute(query if ids is None else query.where(among(conn, D.c.id, ids))))


# -------------------------------------------------------------------------------- parents
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
    _lock_family(conn)
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
        note(conn, "dataset", [dataset], "parent_added", why.because(_with(wanted[key], why)))
    return len(new)


def remove_parents(conn: Connection, name: str, parents: Sequence[str], why: Why) -> int:
    """Take the dataset out of these parents, by a person with a reason; returns of how many it was a child.

    Raises NotRegistered or IllegalTransition.
    """
    if not why.reason.strip():
        raise IllegalTransition("dataset: 'parent_removed' is for a person and needs a reason")
    dataset = files.dataset_id(conn, name)
    _lock_family(conn)
    known = set(parents_of(conn, dataset))
    wanted = {files.dataset_id(conn, parent): parent for parent in parents}
    gone = [key for key in wanted if key in known]
    conn.execute(delete(P).where(P.c.dataset_id == dataset, among(conn, P.c.parent_id, gone)))
    for key in gone:
        note(conn, "dataset", [dataset], "parent_removed", why.because(_with(wanted[key], why)))
    return len(gone)


def _with(name: str, why: Why) -> str:
    return f"{name}: {why.reason}" if why.reason else name


def _lock_family(conn: Connection) -> None:
    """Nobody else changes parents until the end of the transaction. (SQLite: the write lock does that.)"""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:ddm, :key)"), {"ddm": DDM, "key": _FAMILY})


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


# ------------------------------------------------------------------------------- versions
@dataclass(frozen=True, slots=True)
class Version:
    """A version of a dataset. ``newest``: there is no later one."""

    name: str
    version: int
    state: str
    newest: bool


def versions(conn: Connection, name: str) -> list[Version]:
    """All versions of the dataset that ``name`` is a version of, oldest first. Raises NotRegistered."""
    dataset = files.dataset_id(conn, name)
    base = conn.execute(select(V.c.base).where(V.c.dataset_id == dataset)).scalar()
    if base is None:
        state = conn.execute(select(D.c.state).where(D.c.id == dataset)).scalar_one()
        return [Version(name, 1, state, True)]
    query = select(D.c.name, V.c.version, D.c.state).join(D, D.c.id == V.c.dataset_id)
    rows = conn.execute(query.where(V.c.base == base).order_by(V.c.version)).all()
    return [Version(row[0], row[1], row[2], row is rows[-1]) for row in rows]


def newest(conn: Connection, name: str) -> str:
    """The name of the newest version. Raises NotRegistered."""
    return versions(conn, name)[-1].name


def succeeded(conn: Connection) -> set[int]:
    """The datasets that have a later version."""
    return set(conn.execute(select(V.c.previous_id).where(V.c.previous_id.is_not(None))).scalars())


def counted_twice(conn: Connection, ids: Iterable[int]) -> list[str]:
    """The names of which more than one version is among these."""
    query = select(V.c.base).where(among(conn, V.c.dataset_id, list(ids)))
    query = query.group_by(V.c.base).having(func.count() > 1).order_by(V.c.base)
    return list(conn.execute(query).scalars())


def new_version(conn: Connection, name: str, why: Why) -> Version:
    """Make the next version: an open, empty dataset that belongs to the same group. A person, with a reason.

    ``name`` is the first version's (which all are called after) or the newest's. Parents and metadata are not
    taken over: whoever sums over a parent must say which version is counted. Raises NotRegistered, BadInput
    for a version that is not the newest, ConflictingRegistration if somebody else's dataset has the name.
    """
    _lock_family(conn)
    found = versions(conn, name)
    last = found[-1]
    base = split_name(last.name)[0] if last.version > 1 else last.name
    if name not in (base, last.name):
        raise BadInput(f"'{last.name}' is newer; make the next version of that", subject=name)
    following = versioned(base, last.version + 1)
    if conn.execute(select(D.c.id).where(D.c.name == following)).scalar() is not None:
        raise ConflictingRegistration(
            f"there is a dataset of that name, which is no version of '{base}'", subject=following
        )
    check_lfn("/" + following)
    previous = files.dataset_id(conn, last.name)
    new = files.ensure_dataset(conn, following, why)
    rows = [{"dataset_id": new, "base": base, "version": last.version + 1, "previous_id": previous}]
    if last.version == 1:
        rows.insert(0, {"dataset_id": previous, "base": base, "version": 1, "previous_id": None})
    insert_many(conn, V, rows)
    note(conn, "dataset", [previous], "succeeded", why.because(_with(following, why)))
    owner = owners.owner_of(conn, previous)
    if owner is not None:
        owners.own(conn, new, owner, why)
    return Version(following, last.version + 1, DatasetState.OPEN, True)


# --------------------------------------------------------------------------------- totals
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


def undefined(conn: Connection, dataset: int) -> dict[int, str]:
    """Runs of which not all files are known yet, and why."""
    U = schema.undefined_run  # noqa: N806
    query = select(U.c.run, U.c.reason).where(U.c.dataset_id == dataset).order_by(U.c.run)
    return {row[0]: row[1] for row in conn.execute(query)}


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


def faults(conn: Connection) -> list[str]:
    """What breaks the rules of this module, in words. Asks for everything: for ``ddm db check``."""
    ways = select(P.c.dataset_id.label("start"), P.c.parent_id.label("reached")).cte("ways", recursive=True)
    ways = ways.union(select(ways.c.start, P.c.parent_id).join(P, P.c.dataset_id == ways.c.reached))
    query = select(D.c.name).join(ways, and_(ways.c.start == D.c.id, ways.c.reached == D.c.id))
    found = [f"dataset {name} is above itself" for name in conn.execute(query.order_by(D.c.name)).scalars()]
    versions_ = select(D.c.name, V.c.base, V.c.version).join(D, D.c.id == V.c.dataset_id).order_by(D.c.name)
    for name, base, number in conn.execute(versions_):
        if name != versioned(base, number):
            found.append(f"dataset {name} is kept as version {number} of {base}")
    return found
