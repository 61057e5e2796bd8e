"""Merge groups: which runs may be merged, of which inputs, and the parts that were planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union,
    update,
)

from catalog.db import schema, schema_merge
from catalog.db.engine import among, insert_many, new_ids
from catalog.db.move import Why, born, move
from catalog.states import GROUP, DatasetState, GroupState, JobKind, JobState, Role, Witness

F, G, M, J = schema.file, schema.group, schema.member, schema.job


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A part to merge: its frozen output name and its members in order."""

    run: int
    product: str
    part: int
    lfn: str
    size: int
    plan: str
    members: tuple[int, ...]
    more_runs: tuple[int, ...] = ()  # that it holds files of, beside ``run``
    plan_id: int | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A file that may become a member: of a chunk, or a merged one (``part``) that goes into another product.

    ``n_events``: what was read from the file, or else what the job says; a zero counts only if it was read.
    ``ready_at``: when it was registered; ``planned``: it is in a live part, or left out by a live plan.
    """

    file_id: int
    lfn: str
    run: int
    chunk: str
    size: int
    n_events: int | None = None
    ready_at: datetime | None = None
    planned: bool = False
    part: int | None = None


def finished_runs(conn: Connection, task: int, dataset: int) -> dict[str, list[int]]:
    """Question of hop 6, *mergeable*: runs of which every chunk is processed or a registered gap.

    The dataset must be closed: a run whose definition may still grow is not finished. Under "" all finished
    runs, under a product's name those of them of which every file is planned already.
    """
    closed = select(schema.dataset.c.id).where(
        schema.dataset.c.id == dataset, schema.dataset.c.state == DatasetState.CLOSED
    )
    if conn.execute(closed).first() is None:
        return {}
    done = func.sum(case((J.c.state == JobState.DONE, 1), else_=0))
    over = func.sum(case((J.c.state.in_(JOB_OVER), 1), else_=0))
    candidates = (
        select(J.c.run, done)
        .where(J.c.task_id == task, J.c.kind == JobKind.PROCESS)
        .group_by(J.c.run)
        .having(func.count() == over)
    )
    found = {run: int(n) for run, n in conn.execute(candidates) if n}
    if not found:
        return {}
    answer = _planned(conn, task)
    expected = (
        select(F.c.run, func.count())
        .where(F.c.dataset_id == dataset, F.c.role == Role.RAW, F.c.retired_at.is_(None))
        .group_by(F.c.run)
    )
    gaps = gaps_by_run(conn, task)
    answer[""] = [
        run
        for run, chunks in conn.execute(expected).all()
        if run in found and chunks == found[run] + len(gaps.get(run, ()))
    ]
    return answer


JOB_OVER = (JobState.DONE, JobState.CANCELED)


def _planned(conn: Connection, task: int) -> dict[str, list[int]]:
    """Runs of which every file is planned, by product. Some groups are older than stored plans."""
    plan, run = schema_merge.plan, schema_merge.plan_run
    stored = (
        select(plan.c.product, run.c.run)
        .join(run, run.c.plan_id == plan.c.id)
        .where(plan.c.task_id == task, plan.c.retired_at.is_(None), run.c.complete)
    )
    older = select(G.c.product, G.c.run).where(
        G.c.task_id == task, G.c.state != GroupState.VOID, G.c.plan_id.is_(None)
    )
    found: dict[str, list[int]] = {}
    for product, number in conn.execute(union(stored, older)):
        found.setdefault(product, []).append(number)
    return found


def gaps_by_run(conn: Connection, task: int) -> dict[int, list[str]]:
    """Chunks in the gap register, by run."""
    gap = schema.gap
    query = select(F.c.run, F.c.chunk).join(gap, gap.c.file_id == F.c.id).where(gap.c.task_id == task)
    found: dict[int, list[str]] = {}
    for run, chunk in conn.execute(query).all():
        found.setdefault(run, []).append(chunk)
    return found


def raw_files(conn: Connection, dataset: int) -> dict[int, list[int]]:
    """The ids of every raw file of the dataset, by run."""
    query = select(F.c.run, F.c.id).where(
        F.c.dataset_id == dataset, F.c.role == Role.RAW, F.c.retired_at.is_(None)
    )
    found: dict[int, list[int]] = {}
    for run, file in conn.execute(query):
        found.setdefault(run, []).append(file)
    return found


@dataclass(frozen=True, slots=True)
class GapFact:
    """A chunk that a task goes on without."""

    run: int
    chunk: str
    reason: str
    approver: str
    n_events: int | None


def gap_facts(conn: Connection, task: int, runs: Sequence[int]) -> list[GapFact]:
    """The registered gaps of these runs."""
    gap = schema.gap
    query = (
        select(*F.c["run", "chunk"], *gap.c["reason", "approver", "n_events"])
        .join(gap, gap.c.file_id == F.c.id)
        .where(gap.c.task_id == task, among(conn, F.c.run, runs))
        .order_by(F.c.run, F.c.chunk)
    )
    return [GapFact(*tuple(row)) for row in conn.execute(query)]


def raw_chunks(conn: Connection, dataset: int, run: int) -> set[str]:
    """Every chunk of the run, as registered."""
    return raw_chunks_by_run(conn, dataset, [run]).get(run, set())


def raw_chunks_by_run(conn: Connection, dataset: int, runs: Sequence[int]) -> dict[int, set[str]]:
    """Every chunk of these runs, as registered."""
    query = select(F.c.run, F.c.chunk).where(
        F.c.dataset_id == dataset,
        among(conn, F.c.run, runs),
        F.c.role == Role.RAW,
        F.c.retired_at.is_(None),
    )
    found: dict[int, set[str]] = {}
    for run, chunk in conn.execute(query).all():
        found.setdefault(run, set()).add(chunk)
    return found


def inputs(
    conn: Connection, dataset: int, runs: Sequence[int], *, counted: bool = False, merged: bool = False
) -> list[Input]:
    """The per-chunk files of these runs in a dataset of intermediates; ``counted``: with their events;
    ``merged``: the merged files of a dataset instead."""
    counts = schema.event_count
    read, job = counts.alias("read_back"), counts.alias("job_said")
    said = func.coalesce(read.c.n_events, case((job.c.n_events > 0, job.c.n_events)))
    columns = [F.c.id, schema.lfn(), *F.c["run", "chunk", "size"], said if counted else null()]
    query = select(*columns, F.c.registered_at, _is_planned(), F.c.part).where(
        F.c.dataset_id == dataset,
        among(conn, F.c.run, runs),
        F.c.role.in_((Role.INTERMEDIATE, Role.FINAL) if merged else (Role.INTERMEDIATE,)),
        F.c.part.is_not(None) if merged else F.c.part.is_(None),
        F.c.retired_at.is_(None),
    )
    if counted:
        query = query.outerjoin(read, and_(read.c.file_id == F.c.id, read.c.witness == Witness.READ))
        query = query.outerjoin(job, and_(job.c.file_id == F.c.id, job.c.witness == Witness.JOB))
    return [Input(*tuple(row)) for row in conn.execute(query)]


def raw_of(conn: Connection, ids: Sequence[int]) -> dict[int, int]:
    """The raw file that each of these was made of."""
    parent, raw = schema.parent, F.alias("raw")
    query = (
        select(parent.c.file_id, func.min(parent.c.parent_id))
        .join(raw, raw.c.id == parent.c.parent_id)
        .where(among(conn, parent.c.file_id, ids), raw.c.role == Role.RAW)
        .group_by(parent.c.file_id)
    )
    return {row[0]: row[1] for row in conn.execute(query)}


@cache
def _is_planned() -> Any:
    """A file that is in a live group, or left out by a live plan."""
    plan, out = schema_merge.plan, schema_merge.left_out
    inside = select(literal(1)).where(M.c.file_id == F.c.id, M.c.live).correlate(F)
    outside = (
        select(literal(1))
        .select_from(out.join(plan, plan.c.id == out.c.plan_id))
        .where(out.c.file_id == F.c.id, plan.c.retired_at.is_(None))
        .correlate(F)
    )
    return or_(exists(inside), exists(outside))


def add_groups(conn: Connection, task: int, groups: Sequence[NewGroup], why: Why) -> list[int]:
    """Store planned groups with their members; from now on these never change (invariant 6)."""
    ids = new_ids(conn, G, len(groups)) if groups else []
    insert_many(
        conn,
        G,
        [
            {
                "id": key,
                "task_id": task,
                "run": group.run,
                "product": group.product,
                "part": group.part,
                "state": GroupState.PLANNED.value,
                "since": why.at,
                "plan": group.plan,
                "lfn": group.lfn,
                "expected_size": group.size,
                "plan_id": group.plan_id,
            }
            for key, group in zip(ids, groups, strict=True)
        ],
    )
    insert_many(
        conn,
        M,
        [
            {"group_id": key, "position": position, "file_id": file, "live": True}
            for key, group in zip(ids, groups, strict=True)
            for position, file in enumerate(group.members)
        ],
    )
    more = [(key, run) for key, group in zip(ids, groups, strict=True) for run in group.more_runs]
    insert_many(conn, schema_merge.group_run, [{"group_id": key, "run": run} for key, run in more])
    born(conn, GROUP, ids, GroupState.PLANNED, why)
    return list(ids)


@cache
def chunk_of() -> ColumnElement[str]:
    """The chunk of a member, or the part that it is, with its run before it if the part is called after
    another one."""
    name = case((F.c.part.is_(None), F.c.chunk), else_=literal("part ").concat(cast(F.c.part, Text)))
    longer = cast(F.c.run, Text).concat("/").concat(name)
    return case((F.c.run == G.c.run, name), else_=longer).label("chunk")


def members(conn: Connection, groups: Sequence[int]) -> dict[int, list[int]]:
    """File ids of the members of the groups, in order."""
    query = (
        select(M.c.group_id, M.c.file_id)
        .where(among(conn, M.c.group_id, groups))
        .order_by(M.c.group_id, M.c.position)
    )
    found: dict[int, list[int]] = {}
    for group, file in conn.execute(query).all():
        found.setdefault(group, []).append(file)
    return found


def void(conn: Connection, ids: Sequence[int], why: Why) -> list[int]:
    """Withdraw groups, also such as are merged well: their members are free for another plan."""
    moved = [*move(conn, GROUP, ids, "voided", why), *move(conn, GROUP, ids, "revised", why)]
    if moved:
        conn.execute(update(M).where(among(conn, M.c.group_id, moved)).values(live=False))
    return moved


def output_registered(conn: Connection, outputs: Sequence[tuple[int, int]], why: Why) -> None:
    """The merged file of each (group, file) is registered."""
    if outputs:
        statement = update(G).where(G.c.id == bindparam("g")).values(output_id=bindparam("f"))
        conn.execute(statement, [{"g": group, "f": file} for group, file in outputs])
        move(conn, GROUP, [group for group, _ in outputs], "output_registered", why)
