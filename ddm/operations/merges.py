"""Merges and cross-checks: plan, show, do over, withdraw, accept a difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.db import facts, files, groups, look, redo
from catalog.db.engine import Catalog, Connection
from catalog.db.facts import GroupFact, JobFact
from catalog.db.redo import Redone
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
