"""Merge plans for people: what is stored, what would be planned now, its price, and what changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.db import files, groups, look, planlook, plans
from catalog.db import revise as revising
from catalog.db.engine import Catalog, Connection
from catalog.db.facts import GroupFact
from catalog.db.plans import StoredPlan
from catalog.db.redo import Redone
from catalog.errors import NotRegistered
from ddm import mergeplan
from ddm.app import App
from ddm.mergeplan import There, Unit
from ddm.mergeprice import Compared, MergePlan, Part, priced
from ddm.operations.common import because, doing
from ddm.recipe import Recipe
from ddm.settings import ProductSettings, Settings
from ddm.steps import merge as steps
from ddm.unitsthere import Datasets, Runs, by_unit, is_whole, runs_of, units_there, what_is_there
from merging.errors import UnplannableInputs
from merging.holes import Due, Gap, holes
from merging.model import Member


@dataclass(frozen=True, slots=True)
class _Place:
    """One task and product, and what its runs are like."""

    recipe: Recipe
    product: ProductSettings
    its: Datasets
    ready: Runs
    now: datetime

    @property
    def key(self) -> tuple[int, str]:
        return self.its.task, self.product.name


def of_run(catalog: Catalog, settings: Settings, run: int) -> list[MergePlan]:
    """The plans of every unit with files of the run. Changes nothing.

    Raises NotRegistered if no task of the catalogue knows the run.
    """
    found: list[MergePlan] = []
    with catalog.read() as conn:
        ids = look.task_ids(conn)
        for name, task in settings.tasks.items():
            if name in ids and groups.raw_chunks(conn, ids[name][1], run):
                found += _of_task(conn, catalog, Recipe(task, settings), *ids[name], [run])
    if not found:
        raise NotRegistered("no task has raw files of this run", subject=f"run {run}")
    return found


def of_dataset(catalog: Catalog, settings: Settings, name: str) -> list[MergePlan]:
    """The plans of all runs of a dataset of raw files, or of a task of that name. Changes nothing.

    Raises NotRegistered if no task of the settings reads the dataset.
    """
    found: list[MergePlan] = []
    with catalog.read() as conn:
        ids = look.task_ids(conn)
        for task_name, task in settings.tasks.items():
            if task_name in ids and name in (task_name, task.dataset):
                runs = sorted(groups.raw_files(conn, ids[task_name][1]))
                found += _of_task(conn, catalog, Recipe(task, settings), *ids[task_name], runs)
    if not found:
        raise NotRegistered("no task reads a dataset of this name", subject=name)
    return found


def stale(catalog: Catalog, run: int | None, limit: int) -> list[plans.Stale]:
    """Copies on storage that no live plan wants; see ``catalog.db.plans.stale``."""
    with catalog.read() as conn:
        return plans.stale(conn, run, limit)


def revise(
    catalog: Catalog, run: int, product: str, task: str | None, reason: str, *, act: bool
) -> list[Redone]:
    """Retire a plan; see ``catalog.db.revise``."""
    with doing(catalog, act) as conn:
        return revising.revise(conn, run, product, task, because(catalog, reason))


def flush(app: App, run: int, product: str, reason: str, *, act: bool) -> list[plans.NewPlan]:
    """Plan leftovers now; see ``ddm.steps.merge.flush``."""
    return steps.flush(app, run, product, because(app.catalog, reason), act=act)


def _of_task(
    conn: Connection, catalog: Catalog, recipe: Recipe, task: int, dataset: int, runs: Sequence[int]
) -> list[MergePlan]:
    finished = groups.finished_runs(conn, task, dataset)
    found: list[MergePlan] = []
    for name, product in recipe.products.items():
        try:
            chunks = files.dataset_id(conn, recipe.source(name))
        except NotRegistered:
            chunks = -1  # nothing was processed yet
        ready = runs_of(conn, task, dataset, product, finished)
        place = _Place(recipe, product, Datasets(task, dataset, chunks), ready, catalog.clock.now())
        found += _of_product(conn, place, runs)
    return found


def _of_product(conn: Connection, place: _Place, runs: Sequence[int]) -> list[MergePlan]:
    units = units_there(conn, place.its, place.recipe, place.product, set(runs), set(place.ready.over))
    rate = planlook.rate(conn, *place.key)
    if place.product.unit != mergeplan.RUN:
        units = [_whole(conn, place, unit) for unit in units]
    every = sorted({run for unit in units for run in unit.runs})
    found: list[MergePlan] = []
    alone = place.product.unit == mergeplan.RUN
    for unit, there in by_unit(units, what_is_there(conn, place.its, place.product, every, again=alone)):
        revisions = plans.of_unit(conn, *place.key, unit.name)
        parts = planlook.groups_of_unit(conn, *place.key, unit.name, unit.runs)
        if parts:
            found.append(_stored(conn, place, unit, there, parts, revisions, rate))
        if not parts or (not alone and there.inputs):
            found.append(_new(conn, place, unit, there, revisions, rate))
    return found


def _whole(conn: Connection, place: _Place, unit: Unit) -> Unit:
    """The unit with all of its runs that are finished: they are planned together."""
    every = units_there(
        conn, place.its, place.recipe, place.product, set(place.ready.ready), set(place.ready.over)
    )
    return next((other for other in every if other.name == unit.name), unit)


def _stored(
    conn: Connection,
    place: _Place,
    unit: Unit,
    there: There,
    stored: Sequence[GroupFact],
    revisions: Sequence[StoredPlan],
    rate: float | None,
) -> MergePlan:
    ids = [group.id for group in stored]
    members, sizes = look.member_names(conn, ids), look.expected_sizes(conn, ids)
    parts = tuple(
        Part(g.part, g.lfn, sizes[g.id], tuple(members.get(g.id, ())), g.id, g.state) for g in stored
    )
    live = [plan for plan in revisions if plan.retired_at is None]
    compared = None
    if live and place.product.unit == mergeplan.RUN and there.inputs:
        try:
            result, new = mergeplan.planned(place.recipe, place.product, unit, there, place.now)
        except UnplannableInputs as error:
            trouble: tuple[str, ...] = (f"with today's settings and files: {error}",)
        else:
            trouble = ()
            now = {m.file_id: group.part for group in result.groups for m in group.members}
            compared = _compared(conn, live[-1], result.hash, new.limits, now)
    else:
        trouble = ()
    return MergePlan(
        task=place.recipe.task.name,
        product=place.product.name,
        unit=unit.name,
        runs=unit.runs,
        stored=True,
        finished=unit.runs != () and _is_finished(place, unit),
        hash=live[-1].hash if live else None,
        parts=parts,
        left_out=tuple(planlook.left_out(conn, [plan.id for plan in live])),
        waiting=(),
        trouble=trouble,
        price=priced(
            place.product, [(part.size, planlook.sizes(conn, part.group_id)) for part in parts], rate
        ),
        compared=compared,
        revisions=tuple(revisions),
    )


def _new(
    conn: Connection,
    place: _Place,
    unit: Unit,
    there: There,
    revisions: Sequence[StoredPlan],
    rate: float | None,
) -> MergePlan:
    whole = _is_finished(place, unit)
    trouble = [] if whole else _open(conn, place, unit) if place.product.made_of else _missing(there)
    parts: tuple[Part, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    waiting: tuple[str, ...] = ()
    compared, digest = None, None
    sizes: list[tuple[int, list[int]]] = []
    open_ = There(there.inputs, there.values, there.chunks if whole else None, there.gaps)
    first = plans.next_parts(conn, *place.key, [unit.name]).get(unit.name, 0)
    try:
        result, new = mergeplan.planned(place.recipe, place.product, unit, open_, place.now, first)
    except UnplannableInputs as error:
        if there.inputs:
            trouble.append(str(error))
    else:
        names = {entry.file_id: entry.lfn for entry in there.inputs}
        parts = tuple(
            Part(g.part, g.lfn, g.size, tuple(names[file] for file in g.members), None, None)
            for g in new.groups
        )
        left_out = tuple((entry.member.lfn, entry.why) for entry in result.left_out)
        waiting = tuple(member.lfn for member in result.waiting)
        digest = result.hash
        sizes = [(group.size, [member.size for member in group.members]) for group in result.groups]
        if revisions and revisions[-1].retired_at is not None:
            now = {m.file_id: group.part for group in result.groups for m in group.members}
            compared = _compared(conn, revisions[-1], result.hash, new.limits, now)
    return MergePlan(
        task=place.recipe.task.name,
        product=place.product.name,
        unit=unit.name,
        runs=unit.runs,
        stored=False,
        finished=whole,
        hash=digest,
        parts=parts,
        left_out=left_out,
        waiting=waiting,
        trouble=tuple(trouble),
        price=priced(place.product, sizes, rate),
        compared=compared,
        revisions=tuple(revisions),
    )


def _is_finished(place: _Place, unit: Unit) -> bool:
    return set(unit.runs) <= place.ready.ready and is_whole(place.product, unit)


def _open(conn: Connection, place: _Place, unit: Unit) -> list[str]:
    """The runs that keep open a unit of what is made of merged files, the first few in words."""
    runs = unit.runs if place.product.unit == mergeplan.RUN else groups.raw_files(conn, place.its.raw)
    open_ = sorted(set(runs) - place.ready.over)
    words = [f"run {run}: its {place.product.made_of} is not merged and checked" for run in open_[:3]]
    return words if len(open_) <= 3 else [*words, f"and {len(open_) - 3} runs more"]


def _missing(there: There) -> list[str]:
    """What the flow still waits for, the first few in words."""
    members = [Member(e.file_id, e.lfn, e.chunk, e.size, run=e.run) for e in there.inputs]
    gaps = tuple(Gap(g.run, g.chunk, g.reason, g.approver, g.n_events) for g in there.gaps)
    found = holes(members, Due(there.chunks or (), gaps=gaps))
    words = [f"run {hole.run} chunk {hole.chunk}: {hole.why}" for hole in found[:3]]
    return words if len(found) <= 3 else [*words, f"and {len(found) - 3} chunks more"]


def _compared(
    conn: Connection, last: StoredPlan, digest: str, limits: str, now: Mapping[int, int]
) -> Compared:
    then = planlook.places(conn, last.id)
    both = now.keys() & then.keys()
    return Compared(
        revision=last.revision,
        hash=last.hash,
        same=last.hash == digest,
        parts=last.parts,
        moved=sum(now[file] != then[file] for file in both),
        added=len(now.keys() - both),
        gone=len(then.keys() - both),
        settings=_changed(json.loads(last.limits), json.loads(limits)),
    )


def _changed(then: Mapping[str, object], now: Mapping[str, object]) -> tuple[str, ...]:
    keys = sorted(then.keys() | now.keys())
    return tuple(f"{key}: {then.get(key)} → {now.get(key)}" for key in keys if then.get(key) != now.get(key))
