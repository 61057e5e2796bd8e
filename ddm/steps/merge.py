"""Hop 6: plan the merges of finished runs, once and for good, and make a job of each group.

What cannot be planned (a missing chunk, an unknown count) holds its own unit only, and is logged; ``ddm merge
plan`` says it too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.db import groups, jobs, plans, torn
from catalog.db.engine import Connection
from catalog.db.groups import NewGroup
from catalog.db.move import Why, move
from catalog.db.plans import NewPlan
from catalog.errors import BadInput
from catalog.states import GROUP, JobKind
from ddm import mergeplan
from ddm.app import App
from ddm.recipe import Recipe
from ddm.settings import ProductSettings
from ddm.unitsthere import Datasets, Runs, by_unit, is_whole, runs_of, units_there, what_is_there
from merging.errors import UnplannableInputs

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Work:
    """A product of a task, and how far its runs are."""

    recipe: Recipe
    product: ProductSettings
    its: Datasets
    runs: Runs


def merge(app: App) -> int:
    """Plan every run of which all chunks are processed or registered as gaps. Returns new groups."""
    made = 0
    for task, recipe in app.recipes.items():
        for work in _works(app, task, recipe, recipe.products):
            with app.catalog.begin() as conn:
                parts = plans.add(conn, task, _new_plans(app, conn, work), app.why())
                made += len(_store(conn, task, parts, app.why()))
    return made


def regroup(app: App) -> int:
    """Merge parts again that were withdrawn because an input was made again. Returns new groups."""
    made = 0
    for task in app.recipes:
        with app.catalog.read() as conn:
            if not torn.torn(conn, task, 1):
                continue
        with app.catalog.begin() as conn:
            new = torn.torn(conn, task, app.settings.flow.batch)
            made += len(_store(conn, task, new, app.why()))
    return made


def flush(app: App, run: int, product: str, why: Why, *, act: bool) -> list[NewPlan]:
    """Plan the leftovers of the unit of this run now, however little there is; kept only with ``act``.

    Raises BadInput if no task that makes the product has finished the run.
    """
    made: list[NewPlan] = []
    known = False
    for task, recipe in app.recipes.items():
        if product in recipe.products:
            raw = app.dataset_id(recipe.task.dataset)
            with app.catalog.read() as conn:
                finished = groups.finished_runs(conn, task, raw)
                its = runs_of(conn, task, raw, recipe.products[product], finished)
            known = known or run in its.ready
        for work in _works(app, task, recipe, [name for name in recipe.products if name == product]):
            with app.catalog.begin() as conn:
                new = _new_plans(app, conn, work, flushed=run)
                made += new
                if act:
                    _store(conn, task, plans.add(conn, task, new, why), why)
    if not known:
        raise BadInput(f"no task that makes {product} has finished this run", subject=f"run {run}")
    return made


def _works(app: App, task: int, recipe: Recipe, products: Iterable[str]) -> list[_Work]:
    raw = app.dataset_id(recipe.task.dataset)
    with app.catalog.read() as conn:
        finished = groups.finished_runs(conn, task, raw)
        there = {name: runs_of(conn, task, raw, recipe.products[name], finished) for name in products}
    return [
        _Work(recipe, recipe.products[name], Datasets(task, raw, app.dataset_id(recipe.source(name))), runs)
        for name, runs in there.items()
        if runs.todo
    ]


def _new_plans(app: App, conn: Connection, work: _Work, flushed: int | None = None) -> list[NewPlan]:
    """Plans of all units with something to merge; ``flushed``: of the unit of this run, without waiting."""
    found = []
    product, recipe = work.product, work.recipe
    units = units_there(conn, work.its, recipe, product, set(work.runs.todo), set(work.runs.over))
    units = [unit for unit in units if (is_whole(product, unit) if flushed is None else flushed in unit.runs)]
    there = what_is_there(conn, work.its, product, sorted(run for unit in units for run in unit.runs))
    further = plans.next_parts(conn, work.its.task, product.name, [unit.name for unit in units])
    for unit, its in by_unit(units, there):
        if not its.inputs:
            continue
        first = further.get(unit.name, 0)
        try:
            _, new = mergeplan.planned(recipe, product, unit, its, app.now, first, flush=flushed is not None)
        except UnplannableInputs as error:
            _log.warning("%s of %s (%s) is not merged: %s", product.name, unit.name, recipe.task.name, error)
            continue
        if new.groups or new.left_out:
            found.append(new)
    return found


def _store(conn: Connection, task: int, parts: Sequence[NewGroup], why: Why) -> list[int]:
    """The groups with a job each."""
    ids = groups.add_groups(conn, task, parts, why)
    works = [(part.run, "", part.members, key) for key, part in zip(ids, parts, strict=True)]
    jobs.add_jobs(conn, task, JobKind.MERGE, works, why)
    move(conn, GROUP, ids, "job_created", why)
    return ids
