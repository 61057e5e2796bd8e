"""What is known of every run of raw data: its files, whether they are all known, and how far its task is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from catalog.db import files, reports, schema, tally
from catalog.db.reports import RunLine
from catalog.states import Role


@dataclass(frozen=True, slots=True)
class RunFact:
    """A run of a dataset. ``line`` is how far the task is that reads it, None if no task does.

    ``undefined`` says why not all its files are known; ``incomplete`` files have no size or no checksum,
    ``unknown`` ones no number of events.
    """

    dataset: str
    state: str
    task: str | None
    run: int
    files: int
    size: int
    events: int
    unknown: int
    incomplete: int
    undefined: str | None
    line: RunLine | None


def run_facts(
    conn: Connection, *, dataset: str | None = None, task: str | None = None, run: int | None = None
) -> Iterator[RunFact]:
    """Every run of raw data by dataset and task, a dataset at a time."""
    T, D = schema.task, schema.dataset  # noqa: N806
    query = (
        select(*D.c["id", "name", "state"], T.c.id.label("task_id"), T.c.name.label("task"))
        .outerjoin(T, T.c.dataset_id == D.c.id)
        .order_by(D.c.id, T.c.id)
    )
    if dataset is not None:
        query = query.where(D.c.id == files.dataset_id(conn, dataset))
    if task is not None:
        query = query.where(T.c.name == task)
    for row in conn.execute(query).all():
        yield from _of_dataset(conn, tuple(row), run)


def _of_dataset(
    conn: Connection, row: tuple[int, str, str, int | None, str | None], run: int | None
) -> Iterator[RunFact]:
    dataset, name, state, task_id, task = row
    only = {"owner": dataset, "role": Role.RAW.value} | ({} if run is None else {"run": run})
    sums = {found[0]: found[1:] for found in conn.execute(tally.sums("run", noun="file", **only)).all()}
    lacking = tally.sums("run", noun="file", state=tally.INCOMPLETE, **only)
    incomplete = {found[0]: int(found[1]) for found in conn.execute(lacking).all()}
    why = files.undefined_runs(conn, dataset)
    lines = {} if task_id is None else {line.run: line for line in reports.run_table(conn, task_id, run)}
    for number in sorted({*sums, *(key for key in why if run in (None, key))}):
        n, size, events, unknown = (int(value) for value in sums.get(number, (0, 0, 0, 0)))
        yield RunFact(
            dataset=name,
            state=state,
            task=task,
            run=number,
            files=n,
            size=size,
            events=events,
            unknown=unknown,
            incomplete=incomplete.get(number, 0),
            undefined=why.get(number),
            line=lines.get(number),
        )
