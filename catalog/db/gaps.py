"""The gap register: raw chunks that will never be processed, with who approved it and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from catalog.db import schema
from catalog.db.engine import among, for_update, insert_many, new_ids
from catalog.db.move import Why, note
from catalog.db.people import Canceled, cancel_jobs, drop_recalls
from catalog.errors import BadInput, IllegalTransition, NotRegistered
from catalog.states import JobKind, JobState, Role, Witness

F, J, JI = schema.file, schema.job, schema.job_input


@dataclass(frozen=True, slots=True)
class NewGap:
    """A raw chunk that is registered as a gap, and the job that was canceled for it."""

    lfn: str
    run: int
    chunk: str
    task: str
    n_events: int | None
    canceled: Canceled | None


def task_of(conn: Connection, dataset: int, name: str | None) -> tuple[int, str]:
    """The task of that name, or the only one that reads the dataset. Raises NotRegistered or BadInput."""
    task = schema.task
    query = select(task.c.id, task.c.name).where(task.c.dataset_id == dataset)
    found = [(row[0], row[1]) for row in conn.execute(query.order_by(task.c.name))]
    if name is not None:
        found = [entry for entry in found if entry[1] == name]
    if not found:
        raise NotRegistered("no task of the catalogue processes this file's dataset", subject=name or "")
    if len(found) > 1:
        raise BadInput(f"which task? {', '.join(entry[1] for entry in found)}", subject="--task")
    return found[0]


def add_gaps(
    conn: Connection,
    files: Sequence[int],
    task_name: str | None,
    approver: str,
    why: Why,
    n_events: int | None = None,
) -> list[NewGap]:
    """Register raw chunks as gaps of a task: they will not be processed, and their runs may go on without.

    ``n_events``: how many are lost with each, where the catalogue does not know. A job of such a chunk that
    is not over is canceled. Raises BadInput if a file is not raw or nobody says how many events are lost, and
    IllegalTransition if it is a gap already, is processed (DONE), or its job is just changing hands.
    """
    said, read = schema.event_count.alias("said"), schema.event_count.alias("read")
    query = (
        select(
            F.c.id,
            schema.lfn(),
            *F.c["role", "run", "chunk", "dataset_id"],
            func.coalesce(said.c.n_events, read.c.n_events).label("n_events"),
        )
        .outerjoin(said, (said.c.file_id == F.c.id) & (said.c.witness == Witness.RAW_CATALOGUE))
        .outerjoin(read, (read.c.file_id == F.c.id) & (read.c.witness == Witness.READ))
        .where(among(conn, F.c.id, files))
        .order_by(F.c.run, F.c.chunk)
    )
    rows = list(conn.execute(for_update(conn, query, F)))
    tasks = {row.id: task_of(conn, row.dataset_id, task_name) for row in rows if row.role == Role.RAW}
    open_jobs: dict[int, int] = {}
    for row in rows:
        for job in _jobs_in_the_way(conn, row, tasks.get(row.id)):
            open_jobs[row.id] = job
    lost = {row.id: _lost(row, n_events) for row in rows}
    canceled = {entry.id: entry for entry in cancel_jobs(conn, list(open_jobs.values()), why)}
    _insert_gaps(conn, rows, lost, {key: task for key, (task, _) in tasks.items()}, approver, why)
    drop_recalls(conn, files, why)
    return [
        NewGap(
            row.lfn, row.run, row.chunk, tasks[row.id][1], lost[row.id],
            canceled[open_jobs[row.id]] if row.id in open_jobs else None,
        )
        for row in rows
    ]  # fmt: skip


def _lost(row: Any, n_events: int | None) -> int:
    """How many events are lost with a chunk. A gap without a number could never be checked against."""
    if row.n_events is None and n_events is None:
        text = "nobody has said how many events it holds: say so with --events; nothing was changed"
        raise BadInput(text, subject=row.lfn)
    if None not in (row.n_events, n_events) and row.n_events != n_events:
        text = f"the catalogue knows {row.n_events} events, not {n_events}; nothing was changed"
        raise BadInput(text, subject=row.lfn)
    return int(n_events or 0) if row.n_events is None else int(row.n_events)


def _jobs_in_the_way(conn: Connection, row: Any, task: tuple[int, str] | None) -> list[int]:
    """The job of the chunk that must be canceled, or none. Raises if the chunk cannot become a gap."""
    if task is None:
        raise BadInput(f"is {row.role}, only raw files can be gaps; nothing was changed", subject=row.lfn)
    gap = schema.gap
    known = select(gap.c.id).where(gap.c.task_id == task[0], gap.c.file_id == row.id)
    if conn.execute(known).first():
        raise IllegalTransition("is in the gap register already; nothing was changed", subject=row.lfn)
    query = (
        select(J.c.id, J.c.state)
        .join(JI, JI.c.job_id == J.c.id)
        .where(JI.c.file_id == row.id, J.c.task_id == task[0], J.c.kind == JobKind.PROCESS)
    )
    jobs = [(found[0], found[1]) for found in conn.execute(query)]
    if any(state == JobState.DONE for _, state in jobs):
        text = "is processed: its job is DONE, so it is no gap; nothing was changed"
        raise IllegalTransition(text, subject=row.lfn)
    return [job for job, state in jobs if state != JobState.CANCELED]


def _insert_gaps(
    conn: Connection,
    rows: Sequence[Any],
    lost: Mapping[int, int],
    tasks: Mapping[int, int],
    approver: str,
    why: Why,
) -> None:
    ids = new_ids(conn, schema.gap, len(rows)) if rows else []
    insert_many(
        conn,
        schema.gap,
        [
            {
                "id": key,
                "task_id": tasks[row.id],
                "file_id": row.id,
                "reason": why.reason,
                "approver": approver,
                "n_events": lost[row.id],
                "registered_at": why.at,
            }
            for key, row in zip(ids, rows, strict=True)
        ],
    )
    text = f"{why.reason} (approved by {approver})"
    note(conn, "file", [row.id for row in rows], "gap_registered", why.because(text))
