"""Datasets: made, shown, closed, put under others, made anew as a version, described, given to a group.

What a person does to a dataset is refused to those who are not in the group that owns it
(``catalog.db.owners``: a guard against mistakes, not security).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.db import datasets, family, files, look, meta, owners, versions
from catalog.db.datasets import RunLine, Tier
from catalog.db.engine import Catalog, Connection
from catalog.db.facts import Past
from catalog.db.meta import Noun
from catalog.db.versions import Version
from catalog.errors import BadInput
from catalog.meta import Value
from ddm.operations import metadata
from ddm.operations.common import because, doing, why
from ddm.operations.metadata import Described


@dataclass(frozen=True, slots=True)
class Defined:
    """Runs that a person said are complete, and how many of the dataset are still undefined."""

    dataset: str
    runs: tuple[int, ...]
    undefined: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The dataset, and whether the command changed it."""

    dataset: str
    state: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A dataset with what it holds itself.

    ``events`` is None when it holds files of several roles or products: a merged file holds the events of
    its members, so their sum would count them twice. Each tier has its own.
    """

    name: str
    state: str
    since: datetime
    group: str | None
    newest: bool
    runs: int
    files: int
    size: int
    events: int | None
    unknown: int
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A dataset with all that is known of it.

    ``tiers`` and ``runs`` are of its own files, ``below`` of its own and those of all datasets below it, each
    once. ``undefined``: runs of which not all files are known. ``twice``: names of which ``below`` counts
    more than one version.
    """

    dataset: Line
    version: int
    versions: tuple[Version, ...]
    parents: tuple[str, ...]
    children: tuple[str, ...]
    meta: Mapping[str, Value]
    undefined: Mapping[int, str]
    runs: tuple[RunLine, ...]
    below: tuple[Tier, ...]
    twice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A dataset in a tree. ``tiers``: of its own files and those below it. ``again``: shown before."""

    name: str
    depth: int
    state: str
    files: int
    size: int
    tiers: tuple[Tier, ...]
    again: bool


@dataclass(frozen=True, slots=True)
class Family:
    """A dataset's parents, and how many the command added or took away."""

    dataset: str
    parents: tuple[str, ...]
    changed: int


@dataclass(frozen=True, slots=True)
class Owned:
    """A dataset and the group it belongs to."""

    dataset: str
    group: str | None
    changed: bool


def add(
    catalog: Catalog,
    name: str,
    *,
    parents: Sequence[str] = (),
    group: str | None = None,
    words: Sequence[str] = (),
) -> Changed:
    """Make the dataset, open, if there is none of that name; put it under parents, give and describe it.

    Raises BadName for a name that cannot be, and what the single steps raise; then nothing was changed.
    """
    with doing(catalog, act=True) as conn:
        known = files.state_of(conn, name)
        if known is None:
            versions.check_new_name(name)
        dataset = files.ensure_dataset(conn, name, why(catalog, "added"))
        if parents or words:
            owners.guard(conn, dataset, catalog.actor)
        done = family.add_parents(conn, name, parents, why(catalog)) if parents else 0
        given = group is not None and owners.own(conn, dataset, group, why(catalog))
        told = metadata.say(catalog, conn, Noun.DATASET, (dataset, name), words, None) if words else None
        changed = known is None or bool(done) or given or bool(told and told.added)
        return Changed(name, files.state_of(conn, name) or "", changed)


# ----------------------------------------------------------------------------------- show
def every(catalog: Catalog, *, group: str | None = None, newest: bool = False) -> list[Line]:
    """Every dataset with its totals; of a group, or only the newest versions. Raises NotRegistered."""
    with catalog.read() as conn:
        wanted = None if group is None else owners.datasets_of(conn, group)
        found = _lines(conn, wanted)
        return [line for line in found if line.newest or not newest]


def _lines(conn: Connection, ids: Sequence[int] | None) -> list[Line]:
    rows = datasets.rows(conn, ids)
    keys = [row.id for row in rows]
    tiers = datasets.tiers_of_each(conn, keys)
    runs = datasets.run_counts(conn, keys)
    groups = owners.owners(conn, keys)
    old = versions.succeeded(conn)
    return [
        Line(
            row.name,
            row.state,
            row.since,
            groups.get(row.id),
            row.id not in old,
            runs.get(row.id, 0),
            sum(tier.files for tier in held),
            sum(tier.size for tier in held),
            _events(held),
            sum(tier.unknown for tier in held),
            held,
        )
        for row in rows
        for held in (tuple(tiers.get(row.id, ())),)
    ]


def _events(held: Sequence[Tier]) -> int | None:
    """The sum of events where it means something."""
    return sum(tier.events for tier in held) if len(held) < 2 else None


def show(catalog: Catalog, name: str, *, newest: bool = False) -> Shown:
    """One dataset, or the newest version of it. Raises NotRegistered."""
    with catalog.read() as conn:
        name = versions.newest(conn, name) if newest else name
        dataset = files.dataset_id(conn, name)
        every_one = versions.versions(conn, name)
        inside = family.below(conn, [dataset])
        return Shown(
            dataset=_lines(conn, [dataset])[0],
            version=next(entry.version for entry in every_one if entry.name == name),
            versions=tuple(every_one),
            parents=tuple(family.parents_of(conn, dataset).values()),
            children=tuple(family.children_of(conn, dataset).values()),
            meta=meta.of(conn, Noun.DATASET, [dataset]).get(dataset, {}),
            undefined=files.undefined_runs(conn, dataset),
            runs=tuple(datasets.run_lines(conn, dataset)),
            below=tuple(datasets.tiers(conn, inside)),
            twice=tuple(versions.counted_twice(conn, inside)),
        )


def history(catalog: Catalog, name: str) -> list[Past]:
    """What happened to the dataset, oldest first. Raises NotRegistered."""
    with catalog.read() as conn:
        return look.history_of(conn, "dataset", files.dataset_id(conn, name))


def tree(catalog: Catalog, name: str | None = None) -> list[Branch]:
    """The dataset and all below it, in the order they are drawn; without a name every tree.

    A dataset that is reached a second time is there, but what is below it is not repeated.
    """
    with catalog.read() as conn:
        tops = family.roots(conn) if name is None else [files.dataset_id(conn, name)]
        inside = family.below(conn, tops)
        children: dict[int, list[int]] = {}
        for parent, child in family.links(conn, inside):
            children.setdefault(parent, []).append(child)
        rows = {row.id: row for row in datasets.rows(conn, sorted(inside))}
        for found in children.values():
            found.sort(key=lambda key: str(rows[key].name))
        own = datasets.tiers_of_each(conn, inside)
        branches: list[Branch] = []
        seen: set[int] = set()
        todo = [(key, 0) for key in reversed(tops)]
        while todo:
            key, depth = todo.pop()
            leaf = key not in children
            held = tuple(own.get(key, ()) if leaf else datasets.tiers(conn, family.below(conn, [key])))
            files_, size = sum(tier.files for tier in held), sum(tier.size for tier in held)
            row, again = rows[key], key in seen and not leaf
            branches.append(Branch(row.name, depth, row.state, files_, size, held, again))
            if key not in seen:
                todo += [(child, depth + 1) for child in reversed(children.get(key, []))]
            seen.add(key)
        return branches


# --------------------------------------------------------------------------------- change
def close(catalog: Catalog, name: str, *, empty: bool = False) -> Changed:
    """Say that no more files will come, so that its runs may be merged.

    Raises NotRegistered, NotOwner, IllegalTransition if a run is not defined or, unless ``empty``, if it
    holds no file.
    """
    with doing(catalog, act=True) as conn:
        owners.guard(conn, files.dataset_id(conn, name), catalog.actor)
        changed = datasets.close(conn, name, why(catalog, "closed"), empty=empty)
        return Changed(name, files.state_of(conn, name) or "", changed)


def reopen(catalog: Catalog, name: str, reason: str) -> Changed:
    """Let files be added again. Raises NotRegistered, NotOwner."""
    with doing(catalog, act=True) as conn:
        owners.guard(conn, files.dataset_id(conn, name), catalog.actor)
        changed = files.reopen_dataset(conn, name, because(catalog, reason))
        return Changed(name, files.state_of(conn, name) or "", changed)


def define(catalog: Catalog, name: str, runs: Sequence[int], reason: str) -> Defined:
    """Say that all files of these runs are known, or that there are none. Returns the runs that were not.

    Raises NotRegistered, NotOwner, BadInput for a run that is no undefined one; then nothing was changed.
    """
    with doing(catalog, act=True) as conn:
        dataset = files.dataset_id(conn, name)
        owners.guard(conn, dataset, catalog.actor)
        known = files.undefined_runs(conn, dataset)
        if missing := [run for run in runs if run not in known]:
            raise BadInput(f"run {missing[0]} is not undefined; nothing was changed", subject=name)
        files.defined(conn, dataset, runs, because(catalog, reason))
        left = {run: text for run, text in known.items() if run not in runs}
        return Defined(name, tuple(sorted(set(runs))), len(left))


def attach(catalog: Catalog, name: str, parents: Sequence[str], reason: str | None = None) -> Family:
    """Put the dataset under the parents. Raises NotRegistered, NotOwner, BadInput for a cycle."""
    with doing(catalog, act=True) as conn:
        _guard_all(catalog, conn, [name, *parents])
        reasoned = why(catalog) if reason is None else because(catalog, reason)
        changed = family.add_parents(conn, name, parents, reasoned)
        return _family(conn, name, changed)


def detach(catalog: Catalog, name: str, parents: Sequence[str], reason: str) -> Family:
    """Take the dataset out of the parents. Raises NotRegistered, NotOwner."""
    with doing(catalog, act=True) as conn:
        _guard_all(catalog, conn, [name, *parents])
        changed = family.remove_parents(conn, name, parents, because(catalog, reason))
        return _family(conn, name, changed)


def _guard_all(catalog: Catalog, conn: Connection, names: Sequence[str]) -> None:
    for name in names:
        owners.guard(conn, files.dataset_id(conn, name), catalog.actor)


def _family(conn: Connection, name: str, changed: int) -> Family:
    return Family(name, tuple(family.parents_of(conn, files.dataset_id(conn, name)).values()), changed)


def version(catalog: Catalog, name: str, reason: str) -> Version:
    """Make the next version of a dataset. Raises NotRegistered, NotOwner, BadInput."""
    with doing(catalog, act=True) as conn:
        owners.guard(conn, files.dataset_id(conn, name), catalog.actor)
        return versions.new_version(conn, name, because(catalog, reason))


def describe(catalog: Catalog, name: str, words: Sequence[str], reason: str | None) -> Described:
    """Say ``KEY=VALUE`` of the dataset. Raises as ``metadata.say``, NotOwner."""
    with doing(catalog, act=True) as conn:
        dataset = files.dataset_id(conn, name)
        owners.guard(conn, dataset, catalog.actor)
        return metadata.say(catalog, conn, Noun.DATASET, (dataset, name), words, reason)


def withdraw(catalog: Catalog, name: str, keys: Sequence[str], reason: str) -> Described:
    """Withdraw values of the dataset. Raises NotRegistered, NotOwner."""
    with doing(catalog, act=True) as conn:
        dataset = files.dataset_id(conn, name)
        owners.guard(conn, dataset, catalog.actor)
        return metadata.withdraw(catalog, conn, Noun.DATASET, (dataset, name), keys, reason)


def own(catalog: Catalog, name: str, group: str | None, reason: str | None) -> Owned:
    """Give the dataset to a group, or to nobody; a change needs a reason. Raises NotRegistered, NotOwner."""
    with doing(catalog, act=True) as conn:
        reasoned = why(catalog) if reason is None else because(catalog, reason)
        return Owned(name, group, owners.own(conn, files.dataset_id(conn, name), group, reasoned))
