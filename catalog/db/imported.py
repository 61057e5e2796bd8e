"""Storing what another system's books say: files with honest copies, jobs that are over, gaps.

Everything here is insert-or-compare over the public functions of ``catalog.db.files``; what ddm knows already
stays as it is. A job of another system is born in the state in which it ended there: its history begins with
``imported``, and no step of the flow will ever touch it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, and_, select

from catalog.db import directories, schema, tally
from catalog.db.engine import among, insert_columns, new_ids
from catalog.db.move import Why, note, spans
from catalog.states import DatasetState, JobKind, JobState, Role

F, R, J, U = schema.file, schema.replica, schema.job, schema.undefined_run
FINAL_JOBS = (JobState.DONE, JobState.CANCELED)


@dataclass(slots=True)
class Known:
    """A file of the catalogue. ``places``: endpoints where it has or ever had a replica."""

    id: int
    dataset: int
    role: str
    places: set[int] = field(default_factory=set)


def known(conn: Connection, lfns: Sequence[str]) -> dict[str, Known]:
    """What the catalogue knows of these names; a name that nobody has is left out."""
    if not lfns:
        return {}
    heads = directories.known(conn, {directories.split(lfn)[0] for lfn in lfns})
    names = directories.wanted(conn, lfns, heads)
    named = and_(F.c.name == names.c.name, F.c.directory_id == names.c.directory_id, F.c.retired_at.is_(None))
    query = select(names.c.position, *F.c["id", "dataset_id", "role"]).join_from(names, F, named)
    found = {lfns[at]: Known(key, group, role) for at, key, group, role in conn.execute(query).all()}
    by_id = {entry.id: entry for entry in found.values()}
    places = select(R.c.file_id, R.c.endpoint_id).where(among(conn, R.c.file_id, list(by_id)))
    for key, endpoint in conn.execute(places).all() if by_id else ():
        by_id[key].places.add(endpoint)
    return found


def raw_by_number(conn: Connection, runs: Collection[int]) -> dict[tuple[int, str], list[tuple[int, str]]]:
    """The raw files of these runs: (run, chunk) → (id, LFN) of each, whatever they are called."""
    found: dict[tuple[int, str], list[tuple[int, str]]] = {}
    if runs:
        T = schema.tally  # noqa: N806  it knows which datasets have raw files of a run
        there = (
            select(T.c.owner, T.c.run)
            .where(T.c.noun == "file", T.c.role == Role.RAW, among(conn, T.c.run, list(runs)))
            .distinct()
        )
        for dataset, run in conn.execute(there).all():
            query = select(F.c.chunk, F.c.id, schema.lfn()).where(
                F.c.dataset_id == dataset, F.c.run == run, F.c.role == Role.RAW, F.c.retired_at.is_(None)
            )
            for chunk, key, lfn in conn.execute(query).all():
                found.setdefault((run, chunk), []).append((key, lfn))
    return found


def closed(conn: Connection, datasets: Collection[int]) -> set[int]:
    """Which of these datasets are closed."""
    D = schema.dataset  # noqa: N806
    query = select(D.c.id).where(among(conn, D.c.id, list(datasets)), D.c.state == DatasetState.CLOSED)
    return set(conn.execute(query).scalars())


def children(
    conn: Connection, parents: Collection[int], datasets: Collection[int]
) -> dict[tuple[int, int], set[int]]:
    """(parent, dataset) → the files of that dataset that are made from the parent."""
    # "+ 0": start from the few children of the parents, not from all files of the datasets
    found: dict[tuple[int, int], set[int]] = {}
    if parents and datasets:
        P = schema.parent  # noqa: N806
        query = (
            select(P.c.parent_id, F.c.dataset_id, P.c.file_id)
            .join(F, F.c.id == P.c.file_id)
            .where(among(conn, P.c.parent_id, list(parents)), among(conn, F.c.dataset_id + 0, list(datasets)))
        )
        for parent, dataset, child in conn.execute(query).all():
            found.setdefault((parent, dataset), set()).add(child)
    return found


def add_parents(conn: Connection, edges: Sequence[tuple[int, int]]) -> None:
    """New edges as (child, parent)."""
    columns = {"file_id": [child for child, _ in edges], "parent_id": [parent for _, parent in edges]}
    insert_columns(conn, schema.parent, columns, len(edges))


# ---------------------------------------------------------------------------------- jobs, gaps
@dataclass(frozen=True, slots=True)
class PastJob:
    """A job that ended in another system. ``source``: the file it read; None if none is registered."""

    task: int
    run: int
    chunk: str
    state: JobState
    attempt: int
    native: str | None
    since: datetime
    source: int | None


def jobs_of_runs(
    conn: Connection, tasks: Collection[int], runs: Collection[int]
) -> dict[tuple[int, int, str], str]:
    """(task, run, chunk) → state of each processing job."""
    if not tasks or not runs:
        return {}
    query = select(*J.c["task_id", "run", "chunk", "state"]).where(
        among(conn, J.c.task_id, list(tasks)), J.c.kind == JobKind.PROCESS, among(conn, J.c.run, list(runs))
    )
    return {(task, run, chunk): state for task, run, chunk, state in conn.execute(query).all()}


def add_jobs(conn: Connection, jobs: Sequence[PastJob], why: Why) -> None:
    """Jobs that are over, each born in its final state."""
    for state in FINAL_JOBS:
        _add_jobs(conn, state, [job for job in jobs if job.state is state], why)


def _add_jobs(conn: Connection, state: JobState, jobs: Sequence[PastJob], why: Why) -> None:
    if not jobs:
        return
    ids = new_ids(conn, J, len(jobs))
    columns = {
        "id": ids,
        "task_id": [job.task for job in jobs],
        "kind": JobKind.PROCESS.value,
        "run": [job.run for job in jobs],
        "chunk": [job.chunk for job in jobs],
        "state": state.value,
        "since": [job.since for job in jobs],
        "attempt": [job.attempt for job in jobs],
        "native": [job.native for job in jobs],
        "next_try_at": why.at,
    }
    insert_columns(conn, J, columns, len(jobs))
    read = [(key, job.source) for key, job in zip(ids, jobs, strict=True) if job.source is not None]
    inputs = {"job_id": [key for key, _ in read], "position": 0, "file_id": [file for _, file in read]}
    insert_columns(conn, schema.job_input, inputs, len(read))
    tally.moved(conn, "job", ids, "", state.value)
    first, last = spans(ids)
    past = {
        "noun": "job", "noun_id": first, "last_id": last, "event": "imported", "old": "",
        "new": state.value, "at": why.at, "actor": why.actor, "reason": why.reason,
    }  # fmt: skip
    insert_columns(conn, schema.history, past, len(first))


def gaps_of(conn: Connection, tasks: Collection[int], files: Collection[int]) -> set[tuple[int, int]]:
    """The (task, file) that are in the gap register."""
    G = schema.gap  # noqa: N806
    if not tasks or not files:
        return set()
    query = select(G.c.task_id, G.c.file_id).where(
        among(conn, G.c.task_id, list(tasks)), among(conn, G.c.file_id, list(files))
    )
    return {(task, file) for task, file in conn.execute(query).all()}


def add_gaps(conn: Connection, gaps: Sequence[tuple[int, int, int | None]], approver: str, why: Why) -> None:
    """New gaps as (task, raw file, events lost with it or None)."""
    if not gaps:
        return
    columns = {
        "id": new_ids(conn, schema.gap, len(gaps)),
        "task_id": [task for task, _, _ in gaps],
        "file_id": [file for _, file, _ in gaps],
        "reason": why.reason,
        "approver": approver,
        "n_events": [n for _, _, n in gaps],
        "registered_at": why.at,
    }
    insert_columns(conn, schema.gap, columns, len(gaps))
    files = sorted({file for _, file, _ in gaps})
    note(conn, "file", files, "gap_registered", why.because(f"{why.reason} (approved by {approver})"))


# ---------------------------------------------------------------------------------- runs, tasks
def undefined_because(conn: Connection, prefix: str) -> dict[int, dict[int, str]]:
    """Dataset → run → reason of the runs that are undefined for a reason that begins like this."""
    query = select(*U.c["dataset_id", "run", "reason"]).where(U.c.reason.startswith(prefix, autoescape=True))
    found: dict[int, dict[int, str]] = {}
    for dataset, run, reason in conn.execute(query).all():
        found.setdefault(dataset, {})[run] = reason
    return found


def task_ids(conn: Connection) -> Mapping[str, int]:
    """Every task's id, by name."""
    task = schema.task
    return {row.name: row.id for row in conn.execute(select(task.c.name, task.c.id))}


def dataset_names(conn: Connection) -> Mapping[int, str]:
    """Every dataset's name, by id."""
    dataset = schema.dataset
    return {row.id: row.name for row in conn.execute(select(dataset.c.id, dataset.c.name))}
