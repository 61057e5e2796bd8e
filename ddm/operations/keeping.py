"""What goes from disk when a person asks: relief of a full disk, the clean-up of a whole production."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.db import periods
from catalog.db.attempts import Seen
from catalog.db.engine import Catalog
from catalog.errors import BadInput, IllegalTransition, NotRegistered
from catalog.pressure import Mark
from catalog.retention import Ground
from catalog.statement.verdicts import Verdict
from catalog.states import EndpointKind
from ddm.app import App
from ddm.naming import named
from ddm.operations.common import because
from ddm.steps import debris, pressure, production
from ddm.steps.debris import Found
from ddm.steps.pressure import Relief
from ddm.steps.production import Directories, Outputs

# ------------------------------------------------------------------------------------- a full disk


@dataclass(frozen=True, slots=True)
class Relieved:
    """A plan, and how many copies were withdrawn or hurried (0: only the plan was asked for)."""

    relief: Relief
    moved: int = 0


def relieve(app: App, endpoint: str, high: Mark | None, low: Mark | None, *, act: bool) -> Relieved:
    """What goes from the endpoint until the low mark is reached; the marks are those of the settings unless
    others are given. Raises BadInput for an endpoint that is no disk, or has no marks."""
    settings = app.settings.endpoints[named(endpoint, app.settings.endpoints, "ENDPOINT")]
    if settings.kind is not EndpointKind.DISK:
        raise BadInput("nothing goes from tape", subject=endpoint)
    high, low = high or settings.pressure_high, low or settings.pressure_low
    if high is None or low is None:
        text = "has no pressure_high and pressure_low in ddm.toml: give --high and --low"
        raise BadInput(text, subject=endpoint)
    if (high.used is None) != (low.used is None):
        raise BadInput(f"expected two marks of one kind, not {high} and {low}", subject="--low")
    if (high.used or 0) <= (low.used or 0) and (low.free or 0) <= (high.free or 0):
        raise BadInput(f"expected less full than the high mark ({high}), not {low}", subject="--low")
    found = pressure.relief(app, endpoint, high, low)
    return Relieved(found, pressure.act(app, found) if act else 0)


# ------------------------------------------------------------------------------- a whole production
@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task of the catalogue. ``configured``: it is in ddm.toml, so that the flow works on it."""

    task: str
    dataset: str
    period: str
    year: int | None
    products: tuple[str, ...]
    configured: bool


def tasks(catalog: Catalog, configured: Iterable[str]) -> list[TaskLine]:
    """Every task, by name."""
    with catalog.read() as conn:
        found = periods.tasks(conn)
    names = set(configured)
    return [
        TaskLine(one.name, one.dataset, one.period, one.year, tuple(one.products), one.name in names)
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What the clean-up of a task does, or did. ``noted``: debris that was written down, to be removed after
    its wait. ``untouched``: what stays, in words, each with why."""

    task: str
    verdict: Verdict
    outputs: tuple[Outputs, ...] = ()
    debris: tuple[Seen, ...] = ()
    looked: int = 0
    directories: Directories = field(default_factory=Directories)
    noted: int = 0
    untouched: tuple[str, ...] = ()


def cleanup(app: App, name: str, reason: str, *, act: bool) -> Cleaned:
    """Clean up after a task that is archived; without ``act`` only the plan.

    Merged files go only where the settings say so (``after_task``); debris and directories of jobs, whatever
    the settings say (``tidy`` has the flow do it). Raises NotRegistered; IllegalTransition if a run is open.
    """
    why = because(app.catalog, reason)
    ids = {recipe.task.name: task for task, recipe in app.recipes.items()}
    if name not in ids:
        known = ", ".join(sorted(ids)) or "none"
        raise NotRegistered(f"no task '{name}' in ddm.toml; known: {known}", subject="TASK")
    task = ids[name]
    stated = production.statement(app, task)
    if not production.is_archived(stated):
        raise IllegalTransition(
            f"{stated.totals.open} of its {stated.totals.runs} runs are open; nothing was changed",
            subject=name,
            advice=f"'ddm report period {stated.facts.period} --task {name}' says why, run by run",
        )
    outputs = production.outputs(app, task, act=act)
    found = debris.find(app, task)
    noted = 0
    if act:
        with app.catalog.begin() as conn:
            noted = debris.note_down(app, conn, task, found, reason=why.reason)
    directories = production.directories(app, task, act=act)
    return Cleaned(
        name,
        stated.verdict,
        tuple(outputs),
        found.seen,
        found.looked,
        directories,
        noted,
        tuple(_untouched(outputs, found, directories)),
    )


def _untouched(outputs: Iterable[Outputs], found: Found, directories: Directories) -> Iterable[str]:
    for one in outputs:
        for reason, count in one.kept.items():
            yield f"{count} copies ({one.ground}): {reason}"
    for label in found.running:
        yield f"what attempt {label} wrote: its runner does not say that it is over"
    for path in found.silent:
        yield f"{path}: its storage does not say whether it is there"
    if directories.why_not:
        yield f"directories of jobs: {directories.why_not}"
    yield from directories.left


def goes(app: App, name: str, but: Ground) -> tuple[Outputs, ...]:
    """The copies on disk that the clean-up of a task would withdraw now, on other grounds than this one, and
    how many of those it wants stay, by reason. Of a task that is not in ddm.toml none."""
    tasks = [task for task, recipe in app.recipes.items() if recipe.task.name == name]
    return tuple(
        one for task in tasks for one in production.outputs(app, task, act=False) if one.ground != but
    )
