"""Hop 6: plan the merges of finished runs, once and for good, and make a job of each group."""

from __future__ import annotations

from collections import defaultdict

from catalog.db import groups, jobs, torn
from catalog.db.engine import Connection
from catalog.db.move import move
from catalog.states import GROUP, JobKind
from ddm.app import App
from ddm.recipe import Recipe
from ddm.settings import ProductSettings
from merging.model import Limits, Member
from merging.plan import plan


def merge(app: App) -> int:
    """Plan every run of which all chunks are processed or registered as gaps. Returns new groups."""
    made = 0
    for task, recipe in app.recipes.items():
        with app.catalog.read() as conn:
            runs = groups.finished_runs(conn, task, app.dataset_id(recipe.task.dataset))
        for name, product in recipe.products.items():
            todo = sorted(set(runs.get("", ())) - set(runs.get(name, ())))
            if todo:
                made += _plan_runs(app, task, recipe, product, todo)
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
            made += len(_store(app, conn, task, new))
    return made


def planned(recipe: Recipe, product: ProductSettings, inputs: list[groups.Input]) -> list[groups.NewGroup]:
    """The groups of every run among the inputs, named and in order. Pure."""
    by_run: dict[int, list[groups.Input]] = defaultdict(list)
    for entry in inputs:
        by_run[entry.run].append(entry)
    limits = Limits(target=product.target, max_inputs=product.max_inputs)
    found = []
    for run, entries in sorted(by_run.items()):
        result = plan((Member(e.file_id, e.lfn, e.chunk, e.size) for e in entries), limits)
        found += [
            groups.NewGroup(
                run=run,
                product=product.name,
                part=group.part,
                lfn=recipe.merged_lfn(product.name, run, group.part),
                size=group.size,
                plan=result.hash,
                members=tuple(member.file_id for member in group.members),
            )
            for group in result.groups
        ]
    return found


def _plan_runs(app: App, task: int, recipe: Recipe, product: ProductSettings, runs: list[int]) -> int:
    chunks = app.dataset_id(recipe.dataset(product.name, merged=False))
    with app.catalog.begin() as conn:
        new = planned(recipe, product, groups.inputs(conn, chunks, runs))
        return len(_store(app, conn, task, new))


def _store(app: App, conn: Connection, task: int, new: list[groups.NewGroup]) -> list[int]:
    """The groups with a job each."""
    ids = groups.add_groups(conn, task, new, app.why())
    works = [(group.run, "", group.members, key) for key, group in zip(ids, new, strict=True)]
    jobs.add_jobs(conn, task, JobKind.MERGE, works, app.why())
    move(conn, GROUP, ids, "job_created", app.why())
    return ids
