"""Which runs are complete, which are not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from catalog.db import runfacts
from catalog.db.engine import Catalog
from catalog.db.reports import RunLine
from catalog.db.runfacts import RunFact
from catalog.states import DatasetState
from ddm.settings import Settings
from merging.witnesses import Counted


@dataclass(frozen=True, slots=True)
class RunState:
    """A run, and what it lacks. It is complete if it lacks nothing: all files known and compared to what was
    said, and, if a task reads it, every product merged, cross-checked and on tape."""

    dataset: str
    task: str | None
    run: int
    files: int
    size: int
    events: int
    unknown: int
    complete: bool
    lacks: tuple[str, ...]


def runs(
    catalog: Catalog,
    settings: Settings,
    *,
    dataset: str | None = None,
    task: str | None = None,
    run: int | None = None,
    complete: bool | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> list[RunState]:
    """Runs of raw data in order, with what each lacks; only complete or incomplete ones if asked.

    A page has the first ``limit`` runs with numbers above ``after``; a run that several datasets or tasks
    have is never torn apart. Raises NotRegistered for an unknown dataset.
    """
    with catalog.read() as conn:
        facts = runfacts.run_facts(conn, dataset=dataset, task=task, run=run)
        found = [_state(fact, settings) for fact in facts if after is None or fact.run > after]
    wanted = [entry for entry in found if complete in (None, entry.complete)]
    wanted.sort(key=lambda entry: (entry.run, entry.dataset, entry.task or ""))
    each = groupby(wanted, key=lambda entry: entry.run)
    return [entry for _, entries in islice(each, limit) for entry in entries]


def _state(fact: RunFact, settings: Settings) -> RunState:
    lacks = tuple(_lacks(fact, settings))
    return RunState(
        dataset=fact.dataset,
        task=fact.task,
        run=fact.run,
        files=fact.files,
        size=fact.size,
        events=fact.events,
        unknown=fact.unknown,
        complete=not lacks,
        lacks=lacks,
    )


def _lacks(fact: RunFact, settings: Settings) -> Iterator[str]:
    if fact.undefined is not None:
        yield f"not all its files are known: {' '.join(fact.undefined.split())}"
    if fact.state != DatasetState.CLOSED:
        yield "its dataset is open: files may still come"
    if fact.incomplete:
        yield f"{fact.incomplete} of its files without size or checksum"
    if fact.line is not None:
        task = settings.tasks.get(fact.line.task)
        products = task.products if task is not None else tuple(fact.line.merging)
        yield from _task_lacks(fact.line, products, settings)


def _task_lacks(line: RunLine, products: tuple[str, ...], settings: Settings) -> Iterator[str]:
    if line.finished + line.gaps < line.chunks:
        held = f", {line.failed} of them held" if line.failed else ""
        open_jobs = line.chunks - line.finished - line.gaps
        yield f"{open_jobs} of {line.chunks} chunks are not processed{held}"
        return  # nothing is merged before
    for name in products:
        product = settings.products.get(name)
        counted = product is None or product.counted is not Counted.NONE
        if name not in line.merging:
            yield f"{name} is not merged"
        elif line.merging[name] != "finished":
            yield f"{name}: {line.merging[name]} parts merged"
        elif counted and line.checked[name] != "yes":
            yield f"{name}: cross-check {line.checked[name]}"
        elif line.migrated[name] != "finished":
            yield f"{name}: {line.migrated[name]} parts on tape"
