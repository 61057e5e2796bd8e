"""Merges and cross-checks: plan, show, do over, withdraw, accept a difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.db import crosschecks, facts, files, groups, look, redo
from catalog.db.engine import Catalog, Connection
from catalog.db.facts import GroupFact, JobFact
from catalog.db.look import CheckLine
from catalog.db.redo import Redone, Waived
from catalog.errors import NotRegistered
from ddm.operations.common import because, doing
from ddm.recipe import Recipe
from ddm.settings import Settings
from ddm.steps.merge import planned


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a plan: the output's name, its inputs in order, their bytes; the stored group, if any."""

    part: int
    lfn: str
    size: int
    members: tuple[str, ...]
    group_id: int | None
    state: str | None


@dataclass(frozen=True, slots=True)
class MergePlan:
    """How a product of a run is merged. ``stored`` plans never change; others follow from what is there.

    ``finished``: every chunk of the run is processed or a registered gap, so the flow will merge it.
    """

    task: str
    run: int
    product: str
    stored: bool
    finished: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class GroupShown:
    """A merge group with its newest job."""

    group: GroupFact
    job: JobFact | None


@dataclass(frozen=True, slots=True)
class PartSaid:
    """Events of a part by witness, summed over its chunks; None if one chunk's count is not known.

    ``merged_job`` and ``merged_read`` are of the merged file: what the merge says and what was read back.
    """

    task: str
    product: str
    part: int
    group_id: int
    state: str
    chunks: int
    raw_catalogue: int | None
    raw_read: int | None
    job: int | None
    read: int | None
    merged_job: int | None
    merged_read: int | None


@dataclass(frozen=True, slots=True)
class ChecksShown:
    """Cross-checks, and for a single run what every witness says of each part."""

    checks: tuple[CheckLine, ...]
    parts: tuple[PartSaid, ...]


def plan(catalog: Catalog, settings: Settings, run: int) -> list[MergePlan]:
    """The stored plan of the run, and for products without one what the flow would plan now.

    Changes nothing. Raises NotRegistered if no task of the catalogue knows the run.
    """
    found: list[MergePlan] = []
    with catalog.read() as conn:
        ids = look.task_ids(conn)
        for name, task in settings.tasks.items():
            if name in ids and groups.raw_chunks(conn, ids[name][1], run):
                found += _plans_of_task(conn, Recipe(task, settings), *ids[name], run)
    if not found:
        raise NotRegistered("no task has raw files of this run", subject=f"run {run}")
    return found


def _plans_of_task(conn: Connection, recipe: Recipe, task: int, dataset: int, run: int) -> list[MergePlan]:
    name = recipe.task.name
    stored = [group for group in facts.groups_of_run(conn, run) if group.task == name]
    finished = run in groups.finished_runs(conn, task, dataset).get("", ())
    known = [group.id for group in stored]
    members, sizes = look.member_names(conn, known), look.expected_sizes(conn, known)
    found = []
    for product in recipe.products:
        parts = [
            Part(g.part, g.lfn, sizes[g.id], tuple(members.get(g.id, ())), g.id, g.state)
            for g in stored
            if g.product == product
        ]
        new = parts or _new_parts(conn, recipe, product, run)
        found.append(MergePlan(name, run, product, bool(parts), finished, tuple(new)))
    return found


def _new_parts(conn: Connection, recipe: Recipe, product: str, run: int) -> list[Part]:
    try:
        dataset = files.dataset_id(conn, recipe.dataset(product, merged=False))
    except NotRegistered:
        return []  # nothing was processed yet
    inputs = groups.inputs(conn, dataset, [run])
    names = {entry.file_id: entry.lfn for entry in inputs}
    return [
        Part(new.part, new.lfn, new.size, tuple(names[file] for file in new.members), None, None)
        for new in planned(recipe, recipe.products[product], inputs)
    ]


def show(catalog: Catalog, run: int) -> list[GroupShown]:
    """The live merge groups of a run, with their newest jobs."""
    with catalog.read() as conn:
        found = facts.groups_of_run(conn, run)
        jobs = look.jobs_of_groups(conn, [group.id for group in found])
        return [GroupShown(group, jobs.get(group.id)) for group in found]


def again(catalog: Catalog, ids: Sequence[int], reason: str, *, act: bool) -> list[Redone]:
    """Merge groups again; see ``catalog.db.redo.merge_again``."""
    with doing(catalog, act) as conn:
        return redo.merge_again(conn, sorted(set(ids)), because(catalog, reason))


def void(catalog: Catalog, ids: Sequence[int], reason: str, *, act: bool) -> list[Redone]:
    """Withdraw the groups of a run and product; see ``catalog.db.redo.void``."""
    with doing(catalog, act) as conn:
        return redo.void(conn, sorted(set(ids)), because(catalog, reason))


def checks(catalog: Catalog, limit: int, run: int | None) -> ChecksShown:
    """Cross-checks, of one run with what every witness says."""
    with catalog.read() as conn:
        found = tuple(look.checks(conn, limit, run))
        return ChecksShown(found, () if run is None else tuple(_said(conn, run)))


def _said(conn: Connection, run: int) -> list[PartSaid]:
    shown = facts.groups_of_run(conn, run)
    ids = [group.id for group in shown]
    inside, outputs = crosschecks.witnessed(conn, ids), crosschecks.outputs_seen(conn, ids)
    found = []
    for group in shown:
        chunks = inside.get(group.id, [])
        found.append(
            PartSaid(
                task=group.task,
                product=group.product,
                part=group.part,
                group_id=group.id,
                state=group.state,
                chunks=len(chunks),
                raw_catalogue=_total(chunk.raw_catalogue for chunk in chunks),
                raw_read=_total(chunk.raw_read for chunk in chunks),
                job=_total(chunk.job for chunk in chunks),
                read=_total(chunk.read for chunk in chunks),
                merged_job=outputs[group.id].job,
                merged_read=outputs[group.id].read,
            )
        )
    return found


def _total(counts: Iterable[int | None]) -> int | None:
    """The sum, or None if one of them is unknown: unknown is not zero."""
    total = 0
    for count in counts:
        if count is None:
            return None
        total += count
    return total


def waive(catalog: Catalog, run: int, product: str, task: str | None, reason: str, *, act: bool) -> Waived:
    """Accept what a failed cross-check found; see ``catalog.db.redo.waive``."""
    with doing(catalog, act) as conn:
        return redo.waive(conn, run, product, task, because(catalog, reason))
