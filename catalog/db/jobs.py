"""Jobs: which may be defined, submitted, polled; what their reports brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from catalog.checksum import Adler32
from catalog.db import schema
from catalog.db.engine import among, for_update, ids_of, insert_many, new_ids, unindexed
from catalog.db.move import Why, born, move
from catalog.model import JobInput, OpenJob
from catalog.names import LFN
from catalog.states import (
    JOB,
    EndpointKind,
    GroupState,
    JobKind,
    JobState,
    PinState,
    ReplicaState,
    Role,
    Witness,
)

F, R, E, P = schema.file, schema.replica, schema.endpoint, schema.pin
J, JI, G = schema.job, schema.job_input, schema.group

RIDES = "+"
"""How the ``native`` of a job begins that another job of its train does; then comes the label of that one."""

LABEL = literal("j") + cast(J.c.id, Text) + literal("a") + cast(J.c.attempt + 1, Text)
"""Our name of the next attempt of a job: unique for ever, and part of the paths it writes to."""


def definable(conn: Connection, task: int, dataset: int, limit: int) -> list[tuple[int, int, str]]:
    """Raw files of the task's dataset without a job and without a gap: (id, run, chunk).

    Cheap when there are none: counts are compared first.
    """
    gap = schema.gap
    if _raw_files(conn, dataset) == _jobs_and_gaps(conn, task):
        return []
    has_job = (
        select(literal(1))
        .select_from(JI)
        .join(J, J.c.id == JI.c.job_id)
        .where(JI.c.file_id == F.c.id, J.c.task_id + 0 == task, J.c.kind == JobKind.PROCESS)
    )  # "+ 0": start from the file's few inputs, not from the task's many jobs
    has_gap = select(literal(1)).where(gap.c.file_id == F.c.id, gap.c.task_id == task)
    query = (
        select(F.c.id, F.c.run, F.c.chunk)
        .where(
            F.c.dataset_id == dataset,
            F.c.role == Role.RAW,
            F.c.retired_at.is_(None),
            ~exists(has_job),
            ~exists(has_gap),
        )
        .order_by(F.c.run, F.c.id)
        .limit(limit)
    )
    return [(row.id, row.run, row.chunk) for row in conn.execute(query).all()]


def _raw_files(conn: Connection, dataset: int) -> int:
    query = select(func.count()).select_from(F).where(F.c.dataset_id == dataset)
    return int(conn.execute(query).scalar_one())


def _jobs_and_gaps(conn: Connection, task: int) -> int:
    gap = schema.gap
    made = select(func.count()).select_from(J).where(J.c.task_id == task, J.c.kind == JobKind.PROCESS)
    gaps = select(func.count()).select_from(gap).where(gap.c.task_id == task)
    canceled = made.where(J.c.state == JobState.CANCELED)  # a gap's job is canceled, and counts once
    count = [int(conn.execute(query).scalar_one()) for query in (made, gaps, canceled)]
    return count[0] + count[1] - count[2]


def add_jobs(
    conn: Connection,
    task: int,
    kind: JobKind,
    works: Sequence[tuple[int, str, Sequence[int], int | None]],
    why: Why,
) -> list[int]:
    """New WAITING jobs, each as (run, chunk, input file ids in order, merge group id or None)."""
    ids = new_ids(conn, J, len(works)) if works else []
    insert_many(
        conn,
        J,
        [
            {
                "id": key,
                "task_id": task,
                "kind": kind.value,
                "run": run,
                "chunk": chunk,
                "merge_group_id": group,
                "state": JobState.WAITING.value,
                "since": why.at,
                "next_try_at": why.at,
            }
            for key, (run, chunk, _, group) in zip(ids, works, strict=True)
        ],
    )
    insert_many(
        conn,
        JI,
        [
            {"job_id": key, "position": position, "file_id": file}
            for key, (_, _, files, _) in zip(ids, works, strict=True)
            for position, file in enumerate(files)
        ],
    )
    born(conn, JOB, ids, JobState.WAITING, why)
    return list(ids)


@cache
def _unreadable_input() -> Select[Any]:
    """An input of the job that nobody can read now: no compared disk replica, no pinned tape replica."""
    pinned = select(literal(1)).where(P.c.replica_id == R.c.id, P.c.state == PinState.ACTIVE)
    readable = (
        select(literal(1))
        .select_from(R)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(
            R.c.file_id == JI.c.file_id,
            R.c.state == ReplicaState.AVAILABLE,
            or_(schema.on_reachable_disk(), exists(pinned)),
        )
        .correlate(JI)
    )
    return select(literal(1)).where(JI.c.job_id == J.c.id, ~exists(readable)).correlate(J)


def readable(conn: Connection, now: datetime, limit: int, *, thorough: bool = False) -> list[int]:
    """Question of hop 3: WAITING jobs whose every input can be read now.

    Normally asked only of merges and of jobs with a pinned input, so that its cost follows the stage window;
    ``thorough`` asks it of every WAITING job.
    """
    query = select(J.c.id).where(
        J.c.state == JobState.WAITING, J.c.next_try_at <= now, ~exists(_unreadable_input())
    )
    if not thorough:
        pinned = (
            select(JI.c.job_id)
            .select_from(P)
            .join(R, R.c.id == P.c.replica_id)
            .join(JI, JI.c.file_id == R.c.file_id)
            .where(P.c.state == PinState.ACTIVE)
        )
        merges = select(J.c.id).join(G, G.c.id == J.c.merge_group_id).where(G.c.state == GroupState.MERGING)
        query = query.where(J.c.id.in_(pinned.union(merges)))
    return [row[0] for row in conn.execute(query.order_by(J.c.id).limit(limit))]


def lapsed(conn: Connection, limit: int) -> list[int]:
    """READY jobs with an input that can no longer be read."""
    query = select(J.c.id).where(J.c.state == JobState.READY, exists(_unreadable_input())).limit(limit)
    return ids_of(conn, query)


def submittable(conn: Connection, tasks: Sequence[int], limit: int) -> list[int]:
    """Question of hop 4: READY jobs of these tasks, merges first (they free space), then in order."""
    if limit <= 0:
        return []
    query = (
        select(J.c.id)
        .where(J.c.state == JobState.READY, (J.c.task_id + 0).in_(tasks))
        .order_by(case((J.c.kind == JobKind.MERGE, 0), else_=1), J.c.id)
        .limit(limit)
    )
    return ids_of(conn, for_update(conn, query, J, skip_locked=True))


def claim(conn: Connection, ids: Sequence[int], why: Why) -> list[int]:
    """Take the jobs for submission, count and label the attempt. Commit before the call (invariant 7)."""
    return move(conn, JOB, ids, "claimed", why, attempt=J.c.attempt + 1, label=LABEL, native=None)


def with_runner(conn: Connection, tasks: Sequence[int]) -> int:
    """How many jobs of these tasks a runner has, or is being asked to take; not those that ride in others."""
    states = (JobState.SUBMITTING, JobState.RUNNING)
    alone = func.coalesce(J.c.native, "").not_like(f"{RIDES}%")
    query = select(func.count()).where(J.c.state.in_(states), (J.c.task_id + 0).in_(tasks), alone)
    return int(conn.execute(query).scalar_one())


def ready_merges(conn: Connection, tasks: Sequence[int], runs: Sequence[int]) -> list[OpenJob]:
    """READY merge jobs of these tasks and runs, without their inputs."""
    query = select(J.c.id).where(
        J.c.state == JobState.READY,
        J.c.kind == JobKind.MERGE,
        (J.c.task_id + 0).in_(tasks),
        among(conn, J.c.run, runs),
    )
    ids = ids_of(conn, for_update(conn, query, J, skip_locked=True))
    return in_state(conn, JobState.READY, len(ids), ids) if ids else []


def running(conn: Connection, tasks: Sequence[int], limit: int) -> list[tuple[int, str, str]]:
    """Jobs of these tasks that a runner has: (id, label, native), all that is needed to ask how they are."""
    query = (
        select(*J.c["id", "label", "native"])
        .where(J.c.state == JobState.RUNNING, (J.c.task_id + 0).in_(tasks))
        .order_by(J.c.id)
        .limit(limit)
    )
    return [(key, label, native or "") for key, label, native in conn.execute(query).all()]


def in_state(
    conn: Connection, state: JobState, limit: int, ids: Sequence[int] | None = None
) -> list[OpenJob]:
    """Jobs in a state, without their inputs."""
    query = (
        select(
            *J.c[
                "id",
                "task_id",
                "kind",
                "run",
                "chunk",
                "attempt",
                "label",
                "native",
                "state",
                "merge_group_id",
            ],
            func.coalesce(G.c.product, J.c.product),
            *G.c["part", "lfn"],
        )
        .outerjoin(G, G.c.id == J.c.merge_group_id)
        .where(J.c.state == state)
        .order_by(J.c.id)
        .limit(limit)
    )
    if ids is not None:
        query = query.where(among(conn, J.c.id, ids))
    rows: Sequence[Any] = conn.execute(query).all()
    return [
        OpenJob(
            id=key,
            task_id=task,
            kind=kind,
            run=run,
            chunk=chunk,
            attempt=attempt,
            label=label or "",
            native=native or "",
            state=now,
            group_id=group,
            product=product or "",
            part=part or 0,
            lfn=lfn or "",
        )
        for key, task, kind, run, chunk, attempt, label, native, now, group, product, part, lfn in rows
    ]


def inputs(conn: Connection, jobs: Sequence[int]) -> dict[int, list[JobInput]]:
    """The inputs of the jobs in order, each with the places where it can be read (disk before tape buffer).

    A file that nobody can read now is absent: the caller compares with what it expects.
    """
    return _readable(conn, tuple(JI.c["job_id", "position", "file_id"]), jobs)


def members(conn: Connection, groups: Sequence[int]) -> dict[int, list[JobInput]]:
    """The same of the members of merge groups."""
    return _readable(conn, tuple(schema.member.c["group_id", "position", "file_id"]), groups)


def merged_files(conn: Connection, groups: Sequence[int]) -> dict[int, list[JobInput]]:
    """The same of what the groups were merged into, if it can be read."""
    return _readable(conn, tuple(G.c["id", "part", "output_id"]), groups)


def _readable(
    conn: Connection, columns: Sequence[ColumnElement[int]], ids: Sequence[int]
) -> dict[int, list[JobInput]]:
    """Files by their owner, in order; ``columns``: owner, position, file."""
    owner, place, file_id = columns
    pinned = select(literal(1)).where(P.c.replica_id == R.c.id, P.c.state == PinState.ACTIVE)
    count = schema.event_count
    query = (
        select(
            owner,
            place,
            F.c.id,
            schema.lfn(),
            *F.c["size", "adler32", "product", "run", "chunk", "part"],
            E.c.name,
            schema.place(),
            count.c.n_events,
        )
        .join(F, F.c.id == file_id)
        .join(R, and_(R.c.file_id == F.c.id, unindexed(R.c.state) == ReplicaState.AVAILABLE))
        .join(E, E.c.id == R.c.endpoint_id)
        .outerjoin(count, and_(count.c.file_id == F.c.id, count.c.witness == Witness.READ))
        .where(among(conn, owner, ids), or_(schema.on_reachable_disk(), exists(pinned)))
        .order_by(owner, place, case((E.c.kind == EndpointKind.DISK, 0), else_=1))
    )
    found: dict[int, dict[int, JobInput]] = {}
    rows: Sequence[Any] = conn.execute(query).all()
    for row in rows:
        key, position, file, lfn, size, adler32, product, run, chunk, part, endpoint, path, n_events = row
        places = found.setdefault(key, {})
        if (first := places.get(position)) is None:
            places[position] = JobInput(
                file, LFN(lfn), endpoint, path, size, Adler32(adler32), n_events,
                product=product, run=run, chunk=chunk, part=part,
            )  # fmt: skip
        else:
            places[position] = replace(first, others=(*first.others, (endpoint, path)))
    return {key: list(places.values()) for key, places in found.items()}


def input_files(conn: Connection, jobs: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """(file id, lfn) of the inputs of the jobs, in order."""
    query = (
        select(JI.c.job_id, F.c.id, schema.lfn())
        .join(F, F.c.id == JI.c.file_id)
        .where(among(conn, JI.c.job_id, jobs))
        .order_by(JI.c.job_id, JI.c.position)
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for job, file, lfn in conn.execute(query).all():
        found.setdefault(job, []).append((file, lfn))
    return found


def set_native(conn: Connection, refs: Sequence[tuple[int, str]]) -> None:
    """Store the runner's own ids of jobs."""
    if refs:
        from sqlalchemy import bindparam

        statement = update(J).where(J.c.id == bindparam("job")).values(native=bindparam("ref"))
        conn.execute(statement, [{"job": job, "ref": ref} for job, ref in refs])
