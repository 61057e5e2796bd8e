"""Hop 4: define jobs over raw files, give READY ones to their runner; after a restart, find those it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from catalog.db import files, jobs, plans
from catalog.db.engine import Connection
from catalog.db.groups import GapFact
from catalog.db.move import move
from catalog.model import OpenJob
from catalog.states import JOB, JobKind, JobState
from ddm.app import App
from ddm.errors import JobError
from ddm.jobs.manifest import Manifest
from ddm.jobs.ports import JobRef, Refused, Runner
from ddm.steps.common import retry_at
from ddm.steps.trains import Train, combined, companions, rides, trains, whole
from ddm.unitsthere import gaps_told
from merging.witnesses import Counted


def define(app: App) -> int:
    """A job for each raw file of each task's dataset, in the order of runs and registration."""
    made = 0
    for task, recipe in app.recipes.items():
        with app.catalog.begin() as conn:
            dataset = files.dataset_id(conn, recipe.task.dataset)
            found = jobs.definable(conn, task, dataset, app.settings.flow.batch)
            works = [(run, chunk, (file,), None) for file, run, chunk in found]
            made += len(jobs.add_jobs(conn, task, JobKind.PROCESS, works, app.why()))
    return made


def submit(app: App) -> int:
    """Give READY jobs to their runner, as many as it has slots for."""
    moved = 0
    for name, runner in app.runners.items():
        tasks = [task for task, recipe in app.recipes.items() if recipe.task.runner == name]
        if tasks:
            moved += _submit_to(app, runner, tasks)
    return moved


def _submit_to(app: App, runner: Runner, tasks: Sequence[int]) -> int:
    claimed = _claim(app, runner, tasks)
    if not claimed:
        return 0
    with app.catalog.read() as conn:
        ids = [job.id for train in claimed for job in train.jobs]
        inputs = jobs.inputs(conn, ids)
        wanted = {job: len(found) for job, found in jobs.input_files(conn, ids).items()}
        gaps = _gaps(app, conn, [job for train in claimed for job in train.jobs])
    manifests: dict[str, Manifest] = {}
    problems: dict[str, str] = {}
    for train in claimed:
        if any(len(inputs.get(job.id, ())) != wanted[job.id] for job in train.jobs):
            problems[train.leader.label] = "an input can no longer be read"
            continue
        of_each = [
            app.recipes[job.task_id].manifest(job, inputs[job.id], gaps.get(job.id, ())) for job in train.jobs
        ]
        if (manifest := combined(of_each)) is None:
            problems[train.leader.label] = "files of its train have the same name: take a product out of it"
        else:
            manifests[train.leader.label] = manifest
    answers: Mapping[str, JobRef | Refused] = {}
    if manifests:
        try:
            answers = runner.submit(list(manifests.values()))
        except JobError as error:
            answers = {label: Refused(str(error)) for label in manifests}
    _record_submitted(app, claimed, problems, answers)
    return len(ids)


def _gaps(app: App, conn: Connection, asked: Sequence[OpenJob]) -> dict[int, list[GapFact]]:
    """The gaps that each merge tells of in the index of its archive, by job."""
    merges = [
        job
        for job in asked
        if job.group_id is not None and app.recipes[job.task_id].products[job.product].counted is Counted.NONE
    ]
    several = plans.more_runs(conn, [job.group_id for job in merges if job.group_id is not None])
    found = {}
    for job in merges:
        runs = {job.run, *several.get(job.group_id or 0, ())}
        found[job.id] = gaps_told(conn, app.recipes[job.task_id], job.task_id, job.product, runs)
    return found


def _claim(app: App, runner: Runner, tasks: Sequence[int]) -> list[Train]:
    """Take READY jobs, with what goes with them, as many as there are slots."""

    def name_of(job: OpenJob) -> str:
        return app.recipes[job.task_id].train_of(job)

    with app.catalog.begin() as conn:
        free = runner.slots - jobs.with_runner(conn, tasks)
        chosen = jobs.submittable(conn, tasks, min(free, app.settings.flow.batch))
        if not chosen:
            return []
        if any(app.recipes[task].has_trains for task in tasks):
            found = jobs.in_state(conn, JobState.READY, len(chosen), chosen)
            merges = jobs.ready_merges(conn, tasks, sorted({job.run for job in found}))
            chosen = [*chosen, *companions(found, merges, name_of)]
        mine = jobs.claim(conn, chosen, app.why())
        claimed = trains(jobs.in_state(conn, JobState.SUBMITTING, len(mine), mine), name_of)
        # invariant 7: who rides with whom is known before the runner is asked
        riding = [(job.id, rides(train.leader.label)) for train in claimed for job in train.riders]
        jobs.set_native(conn, riding)
    return claimed


def _record_submitted(
    app: App,
    claimed: Sequence[Train],
    problems: Mapping[str, str],
    answers: Mapping[str, JobRef | Refused],
) -> None:
    accepted: list[tuple[int, str]] = []
    again: dict[str, list[int]] = defaultdict(list)
    held: dict[str, list[int]] = defaultdict(list)
    for train in claimed:
        label, ids = train.leader.label, [job.id for job in train.jobs]
        match answers.get(label):
            case JobRef(native=native):
                accepted.append((train.leader.id, native))
                accepted += [(job.id, rides(label, native)) for job in train.riders]
            case Refused(text, transient) if not transient:
                held[text] += ids
            case Refused(text, _):
                again[text] += ids
            case None:
                again[problems.get(label, "the runner did not answer for it")] += ids
    with app.catalog.begin() as conn:
        move(conn, JOB, [job for job, _ in accepted], "accepted", app.why(), next_try_at=app.now)
        jobs.set_native(conn, accepted)
        for text, ids in again.items():
            move(conn, JOB, ids, "refused_for_now", app.why(text), next_try_at=retry_at(app, 1))
        for text, ids in held.items():
            move(conn, JOB, ids, "refused", app.why(text), code="submit_refused", reason=text)


def adopt(app: App) -> int:
    """After a restart: jobs found in SUBMITTING are asked for by label; the runner has them or not."""
    with app.catalog.read() as conn:
        found = jobs.in_state(conn, JobState.SUBMITTING, 1_000_000)
    moved = 0
    for name, runner in app.runners.items():
        mine = [job for job in found if app.recipes[job.task_id].task.runner == name]
        asked = {job.id: whole(job.label, job.native).label for job in mine}
        refs = runner.find(sorted(set(asked.values()))) if mine else {}
        known = [(job.id, _native(job, refs[asked[job.id]])) for job in mine if asked[job.id] in refs]
        unknown = [job.id for job in mine if asked[job.id] not in refs]
        with app.catalog.begin() as conn:
            why = app.why("found unfinished after a restart")
            moved += len(move(conn, JOB, [job for job, _ in known], "accepted", why, next_try_at=app.now))
            jobs.set_native(conn, known)
            moved += len(move(conn, JOB, unknown, "unheard", why, next_try_at=app.now))
    return moved


def _native(job: OpenJob, ref: JobRef) -> str:
    return ref.native if ref.label == job.label else rides(ref.label, ref.native)
