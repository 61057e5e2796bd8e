"""Event counts and ranges, as a person asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.db import events, files, look, ranges
from catalog.db.engine import Catalog
from catalog.db.events import AskLine, Contradiction, Scope
from catalog.db.ranges import Flawed, Progress, Reassigned, Silent
from catalog.errors import BadInput
from ddm.app import App
from ddm.events.filling import Filled, Planned
from ddm.events.opening import open_filling
from ddm.operations.common import because, why


@dataclass(frozen=True, slots=True)
class Shared:
    """How far the shared files of a run are, and which are not covered exactly once."""

    task: str
    run: int | None
    files: tuple[Progress, ...]
    flawed: tuple[Flawed, ...]


def _scope(catalog: Catalog, dataset: str | None, run: int | None) -> Scope:
    if dataset is None:
        return Scope(run=run)
    with catalog.read() as conn:
        return Scope(dataset=files.dataset_id(conn, dataset), run=run)


def plan(app: App, sources: Sequence[str], dataset: str | None, run: int | None) -> list[Planned]:
    """How many files each source would be asked of."""
    return open_filling(app, sources).plan(_scope(app.catalog, dataset, run))


def fill(app: App, sources: Sequence[str], dataset: str | None, run: int | None) -> list[Filled]:
    """Ask the sources of every file without a count of theirs. Raises CatalogBusy, BadInput, ConfigError."""
    if not app.settings.event_sources:
        raise BadInput("no [event_source.NAME] in ddm.toml: nobody to ask", subject="event_source")
    return open_filling(app, sources).fill(_scope(app.catalog, dataset, run))


def asks(catalog: Catalog, limit: int) -> list[AskLine]:
    """What sources could not answer."""
    with catalog.read() as conn:
        return events.asks(conn, limit)


def ask_again(catalog: Catalog, source: str | None, lfns: Sequence[str] | None, reason: str) -> int:
    """Ask again what was given up; ``lfns`` None: all of it. Returns how many questions."""
    with catalog.begin("operation") as conn:
        wanted = list(look.file_ids(conn, lfns).values()) if lfns is not None else []
        return events.ask_again(conn, because(catalog, reason), source, wanted)


def differ(catalog: Catalog, dataset: str | None, run: int | None, limit: int) -> list[Contradiction]:
    """Files whose witnesses say different numbers of events."""
    scope = _scope(catalog, dataset, run)
    with catalog.read() as conn:
        return events.differ(conn, scope, limit)


def _task(catalog: Catalog, name: str) -> int:
    with catalog.read() as conn:
        tasks = look.task_ids(conn)
    if name not in tasks:
        raise BadInput(f"no task '{name}'; known: {', '.join(sorted(tasks)) or 'none'}", subject="--task")
    return tasks[name][0]


def split(catalog: Catalog, task: str, lfns: Sequence[str], parts: int, *, act: bool) -> ranges.Planned:
    """Cut files into ranges for processes that share them; not ``act``: only say what would come of it."""
    key = _task(catalog, task)
    with catalog.begin("operation") as conn:
        wanted = dict.fromkeys(look.file_ids(conn, lfns).values(), parts)
        planned = ranges.plan(conn, key, wanted, why(catalog, "split"))
        if not act:
            conn.rollback()
        return planned


def shared(catalog: Catalog, task: str, run: int | None, limit: int) -> Shared:
    """The shared files of a task, or of a run with the check that their ranges cover them exactly once."""
    key = _task(catalog, task)
    with catalog.read() as conn:
        found = ranges.progress(conn, key, run, limit=limit)
        flawed = [] if run is None else ranges.uncovered(conn, key, run, limit=limit)
    return Shared(task, run, tuple(found), tuple(flawed))


def stale(app: App, limit: int) -> list[Silent]:
    """Ranges whose processes are silent."""
    with app.catalog.read() as conn:
        return ranges.stale(conn, app.now - app.settings.events.silent, limit)


def reassign(app: App) -> Reassigned:
    """Let others claim the ranges of silent processes."""
    before, freed, held = app.now - app.settings.events.silent, 0, 0
    while True:
        with app.catalog.begin("operation") as conn:
            done = ranges.reassign(
                conn, before, why(app.catalog), max_attempts=app.settings.events.max_claims
            )
        if done == Reassigned(0, 0):
            return Reassigned(freed, held)
        freed, held = freed + done.freed, held + done.held


def resume(catalog: Catalog, ids: Sequence[int] | None, reason: str) -> list[int]:
    """Let held ranges be claimed again."""
    with catalog.begin("operation") as conn:
        return ranges.resume(conn, ids, because(catalog, reason))
