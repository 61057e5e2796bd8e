"""Jobs: list, show, resume, cancel; and the gap register, which cancels jobs too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.db import facts, gaps, look, people
from catalog.db import jobs as questions
from catalog.db.engine import Catalog
from catalog.db.facts import JobFact, Past
from catalog.db.gaps import NewGap
from catalog.db.look import GapLine
from catalog.db.people import Canceled, Resumed
from catalog.errors import NotRegistered
from catalog.states import JobState
from ddm.app import App
from ddm.errors import JobError
from ddm.jobs.ports import JobRef
from ddm.operations.common import because, doing


@dataclass(frozen=True, slots=True)
class JobShown:
    """A job, its inputs in order, those of them that can be read now, and its history."""

    job: JobFact
    inputs: tuple[str, ...]
    readable: tuple[str, ...]
    history: tuple[Past, ...]


@dataclass(frozen=True, slots=True)
class JobsCanceled:
    """Canceled jobs. ``untold``: those whose runner did not answer; what they still write is ignored."""

    jobs: tuple[Canceled, ...]
    untold: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GapsAdded:
    """New gaps. ``untold``: canceled jobs whose runner did not answer."""

    gaps: tuple[NewGap, ...]
    untold: tuple[int, ...]


def lines(catalog: Catalog, limit: int, state: JobState | None, run: int | None) -> list[JobFact]:
    """Jobs by state and run."""
    with catalog.read() as conn:
        return look.jobs(conn, limit, state, run)


def show(catalog: Catalog, job: int) -> JobShown:
    """One job. Raises NotRegistered."""
    with catalog.read() as conn:
        found = facts.job_by_id(conn, job)
        if found is None:
            raise NotRegistered("no such job", subject=f"job {job}")
        wanted = questions.input_files(conn, [job]).get(job, [])
        readable = questions.inputs(conn, [job]).get(job, [])
        return JobShown(
            found,
            tuple(lfn for _, lfn in wanted),
            tuple(entry.lfn for entry in readable),
            tuple(look.history_of(conn, "job", job)),
        )


def resume(catalog: Catalog, jobs: Sequence[int] | None, reason: str) -> list[Resumed]:
    """Run held jobs again, all of them if none is named; a merge's group goes along.

    Raises NotRegistered or IllegalTransition for the first that is not held; then nothing was changed.
    """
    with doing(catalog, act=True) as conn:
        chosen = people.held_jobs(conn) if jobs is None else sorted(set(jobs))
        return people.resume_jobs(conn, chosen, because(catalog, reason))


def cancel(app: App, jobs: Sequence[int], reason: str, *, act: bool) -> JobsCanceled:
    """Cancel jobs and tell their runners, once it is stored. Raises NotRegistered or IllegalTransition."""
    with doing(app.catalog, act) as conn:
        found = people.cancel_jobs(conn, sorted(set(jobs)), because(app.catalog, reason))
    return JobsCanceled(tuple(found), _tell(app, found) if act else ())


def add_gaps(
    app: App,
    lfns: Sequence[str],
    *,
    task: str | None,
    reason: str,
    approver: str,
    act: bool,
    events: int | None = None,
) -> GapsAdded:
    """Register raw chunks as gaps, cancel their jobs and tell the runners. ``events``: how many are lost with
    each, where the catalogue does not know.

    Raises NotRegistered, BadInput or IllegalTransition for the first that cannot be; nothing was changed.
    """
    with doing(app.catalog, act) as conn:
        files = look.file_ids(conn, lfns)
        ids, why = sorted(set(files.values())), because(app.catalog, reason)
        found = gaps.add_gaps(conn, ids, task, approver, why, events)
    canceled = [gap.canceled for gap in found if gap.canceled is not None]
    return GapsAdded(tuple(found), _tell(app, canceled) if act else ())


def gap_lines(catalog: Catalog, limit: int) -> list[GapLine]:
    """The gap register."""
    with catalog.read() as conn:
        return look.gaps(conn, limit)


def _tell(app: App, canceled: Iterable[Canceled]) -> tuple[int, ...]:
    """Tell the runners to end the jobs that they have; returns the jobs whose runner did not answer."""
    running: dict[str, list[Canceled]] = defaultdict(list)
    untold: list[int] = []
    for job in canceled:
        if job.native is None or job.label is None:
            continue
        recipe = app.recipes.get(job.task_id)
        if recipe is None:
            untold.append(job.id)
        else:
            running[recipe.task.runner].append(job)
    for runner, mine in running.items():
        try:
            app.runners[runner].cancel([JobRef(str(job.label), str(job.native)) for job in mine])
        except JobError:
            untold += [job.id for job in mine]
    return tuple(sorted(untold))
