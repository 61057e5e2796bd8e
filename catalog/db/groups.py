"""Merge groups: which runs may be merged, of which inputs, and the parts that were planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, case, func, select, update

from catalog.db import schema
from catalog.db.engine import among, insert_many, new_ids
from catalog.db.move import Why, born, move
from catalog.states import GROUP, DatasetState, GroupState, JobKind, JobState, Role

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


@dataclass(frozen=True, slots=True)
class Input:
    """A per-chunk file that may become a member."""

    file_id: int
    lfn: str
    run: int
    chunk: str
    size: int


def finished_runs(conn: Connection, task: int, dataset: int) -> dict[str, list[int]]:
    """Question of hop 6, *mergeable*: runs of which every chunk is processed or a registered gap.

    The dataset must be closed: a run whose definition may still grow is not finished. Under "" all finished
    runs, under a product's name those of them that have a live group of it, so are planned already.
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
    planned = select(G.c.product, G.c.run).where(G.c.task_id == task, G.c.state != GroupState.VOID)
    answer: dict[str, list[int]] = {}
    for product, run in conn.execute(planned.distinct()):
        answer.setdefault(product, []).append(run)
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


def gaps_by_run(conn: Connection, task: int) -> dict[int, list[str]]:
    """Chunks in the gap register, by run."""
    gap = schema.gap
    query = select(F.c.run, F.c.chunk).join(gap, gap.c.file_id == F.c.id).where(gap.c.task_id == task)
    found: dict[int, list[str]] = {}
    for run, chunk in conn.execute(query).all():
        found.setdefault(run, []).append(chunk)
    return found


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


def inputs(conn: Connection, dataset: int, runs: Sequence[int]) -> list[Input]:
    """The per-chunk files of these runs in a dataset of intermediates."""
    query = select(F.c.id, schema.lfn(), *F.c["run", "chunk", "size"]).where(
        F.c.dataset_id == dataset,
        F.c.run.in_(runs),
        F.c.role == Role.INTERMEDIATE,
        F.c.retired_at.is_(None),
    )
    return [Input(row.id, row.lfn, row.run, row.chunk, row.size) for row in conn.execute(query).all()]


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
    born(conn, GROUP, ids, GroupState.PLANNED, why)
    return list(ids)


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
    """Withdraw groups: their members are free for another plan."""
    moved = move(conn, GROUP, ids, "voided", why)
    if moved:
        conn.execute(update(M).where(among(conn, M.c.group_id, moved)).values(live=False))
    return moved


def output_registered(conn: Connection, outputs: Sequence[tuple[int, int]], why: Why) -> None:
    """The merged file of each (group, file) is registered."""
    if outputs:
        statement = update(G).where(G.c.id == bindparam("g")).values(output_id=bindparam("f"))
        conn.execute(statement, [{"g": group, "f": file} for group, file in outputs])
        move(conn, GROUP, [group for group, _ in outputs], "output_registered", why)
