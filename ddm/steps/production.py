"""The clean-up of a whole production, once a task is archived: by task, never by a name that several share.

A task is archived when its statement says so (``ddm report period``): every run of it is archived, or excused
by the gap register and waivers. Then, as far as the settings or a person want it:

1. merged files go from disk (``after_task``), and what is left of intermediate ones; retention says which;
2. what attempts left behind is written down, and removed after its wait (``ddm.steps.debris``);
3. the runner's directories of the task's jobs go: papers and logs of jobs. Only if a product of the task
   keeps the jobs' logs; it is archived, as all are.

The rows of jobs and attempts, with every reason, stay for good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from catalog.db import attempts, periods, production, releasing
from catalog.db.attempts import label_of
from catalog.db.going import Wish
from catalog.retention import Ground
from catalog.statement.paper import Statement, stated
from catalog.statement.verdicts import Verdict
from catalog.states import Role
from ddm.app import App
from ddm.jobs.ports import Tidied, Tidier
from ddm.periodfacts import facts
from ddm.releaserules import rules_of
from ddm.settings import AfterArchive, Disk
from ddm.steps import debris
from ddm.steps.debris import Found
from ddm.steps.trains import whole
from merging.witnesses import Counted

EVERY = timedelta(hours=1)
SELDOM = timedelta(days=1)
"""How often an archived task is looked at of which nothing was left."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Outputs:
    """Copies on disk of a ground that are wanted to go; refused ones by their first reason."""

    ground: Ground
    withdrawn: int = 0
    size: int = 0
    kept: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Directories:
    """The runner's directories. ``left``: what stays there, and why; ``why_not``: why none is looked at."""

    jobs: int = 0
    files: int = 0
    size: int = 0
    left: tuple[str, ...] = ()
    why_not: str = ""


def tidy(app: App) -> int:
    """For every task that is to be cleaned up and is archived. Looked at once an hour, or when the flow has
    nothing else to do."""
    moved = 0
    for task, recipe in app.recipes.items():
        wanted = recipe.task.tidy or any(one.after_task is Disk.GO for one in recipe.products.values())
        if not wanted or not _is_due(app, task):
            continue
        app.desk.tidy_at[task] = app.now + EVERY
        if not is_archived(statement(app, task)):
            continue
        app.desk.archived.add(task)
        did = _tidy(app, task, debris_too=recipe.task.tidy)
        app.desk.tidy_at[task] = app.now + (EVERY if did else SELDOM)
        moved += did
    return moved


def _is_due(app: App, task: int) -> bool:
    """Whether to look at the task now: the statement of a large one takes seconds."""
    due = app.now >= app.desk.tidy_at.get(task, app.now)
    if not due and not (app.desk.last_look and task not in app.desk.archived):
        return False
    with app.catalog.read() as conn:
        return production.is_over(conn, task)


def _tidy(app: App, task: int, *, debris_too: bool) -> int:
    moved = sum(done.withdrawn for done in outputs(app, task, act=True))
    if debris_too:
        found = debris.find(app, task)
        with app.catalog.begin() as conn:
            moved += debris.note_down(app, conn, task, found)
        moved += directories(app, task, act=True).jobs
    return moved


def statement(app: App, task: int) -> Statement:
    """The statement of this task alone, as of now."""
    with app.catalog.read() as conn:
        (fact,) = [one for one in periods.tasks(conn) if one.id == task]
        return stated(facts(conn, app.catalog, app.settings, fact.period or fact.name, [fact]))


def is_archived(found: Statement) -> bool:
    """Whether every run is archived or excused, and there is at least one."""
    return found.verdict in (Verdict.ARCHIVED, Verdict.EXCUSED)


# --------------------------------------------------------------------------------------------- outputs
def wanted(app: App, task: int) -> dict[Ground, list[int]]:
    """The copies on disk that the settings want to go once the task is archived, by ground: all that are
    AVAILABLE, whoever needs them; retention has not been asked."""
    products = app.recipes[task].products
    going = [name for name, one in products.items() if one.after_task is Disk.GO]
    merged = [name for name, one in products.items() if one.inputs_after_archive is AfterArchive.DELETE]
    with app.catalog.read() as conn:
        return {
            Ground.MERGED: production.on_disk(conn, task, Role.INTERMEDIATE, merged),
            Ground.ON_TAPE: production.on_disk(conn, task, Role.FINAL, going),
        }


def outputs(app: App, task: int, *, act: bool) -> list[Outputs]:
    """Withdraw them, as far as retention lets them; without ``act`` only a plan."""
    return [_outputs(app, ground, ids, act=act) for ground, ids in wanted(app, task).items() if ids]


def _outputs(app: App, ground: Ground, ids: Sequence[int], *, act: bool) -> Outputs:
    number = size = 0
    kept: Counter[str] = Counter()
    for start in range(0, len(ids), AT_ONCE):
        with app.catalog.begin() as conn:
            wish = Wish(ground, reason="the whole task is archived")
            some = ids[start : start + AT_ONCE]
            done = releasing.withdraw(conn, some, wish, rules_of(app.settings), app.why())
            kept.update(verdict.reasons[0] for verdict in done.refused.values())
            number += len(done.replicas)
            size += production.size_of(conn, done.replicas)
            if not act:
                conn.rollback()
    return Outputs(ground, number, size, dict(kept.most_common()))


# ----------------------------------------------------------------------------------------- directories
def directories(app: App, task: int, *, act: bool) -> Directories:
    """Remove the runner's own directories of the task's jobs; without ``act`` only a look."""
    recipe = app.recipes[task]
    runner: object = app.runners.get(recipe.task.runner)
    if not isinstance(runner, Tidier):
        return Directories(why_not=f"the runner {recipe.task.runner} removes nothing by itself")
    logs = [name for name, one in recipe.products.items() if one.counted is Counted.NONE and one.archive_to]
    if not logs:
        return Directories(why_not="no product of the task keeps logs of jobs on tape (counted = none)")
    found = Directories()
    for labels in _labels(app, task):
        answers = runner.tidy(labels, act=act)
        found = _sum(found, list(answers.values()))
    return found


def _sum(found: Directories, answers: Sequence[Tidied]) -> Directories:
    gone = [one for one in answers if not one.left]
    return Directories(
        found.jobs + len(gone),
        found.files + sum(one.files for one in gone),
        found.size + sum(one.size for one in gone),
        (*found.left, *(one.left for one in answers if one.left)),
    )


def _labels(app: App, task: int) -> Iterator[list[str]]:
    """The labels of all attempts of the task's jobs that are over, in pages."""
    after = 0
    while True:
        with app.catalog.read() as conn:
            jobs = attempts.over(conn, task, app.now, after=after, limit=AT_ONCE)
        if not jobs:
            return
        after = jobs[-1].id
        every = [label_of(job.id, number) for job in jobs for number in range(1, job.attempt + 1)]
        leaders = [whole(label_of(job.id, job.attempt), job.native).label for job in jobs]
        yield list(dict.fromkeys([*every, *leaders]))


def plan(app: App, task: int) -> tuple[list[Outputs], Found, Directories]:
    """What a clean-up of the task would do, whatever its settings say of debris and directories."""
    return outputs(app, task, act=False), debris.find(app, task), directories(app, task, act=False)
