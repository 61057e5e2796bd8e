"""Parts that were withdrawn alone, because an input is made again, and whose inputs are all there now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, exists, func, literal, select

from catalog.db import schema, schema_merge
from catalog.db.engine import among
from catalog.db.groups import NewGroup
from catalog.states import GroupState, JobKind, JobState, Role

F, G, M, J, P = schema.file, schema.group, schema.member, schema.job, schema_merge.plan
_OTHER = G.alias("other")


def torn(conn: Connection, task: int, limit: int) -> list[NewGroup]:
    """VOID parts without a live one in their place, beside live parts of the same run and product, whose
    chunks all have a file that is in no part: each as it is to be merged again, name and order kept.

    A run and product of which every part is void is planned anew as a whole, and not meant here.
    """
    ids = without_successor(conn, task, limit)
    if not ids:
        return []
    wanted, found = _chunks(conn, ids), []
    for group in conn.execute(select(G).where(among(conn, G.c.id, ids)).order_by(G.c.id)).all():
        runs = sorted({entry.run for entry in wanted[group.id]})
        files = _current(conn, wanted[group.id], runs) if _processed(conn, task, runs) else None
        if files is not None:
            found.append(
                NewGroup(
                    run=group.run,
                    product=group.product,
                    part=group.part,
                    lfn=group.lfn,
                    size=sum(size for _, size in files),
                    plan=group.plan,
                    members=tuple(file for file, _ in files),
                    more_runs=tuple(run for run in runs if run != group.run),
                    plan_id=group.plan_id,
                )
            )
    return found


def without_successor(conn: Connection, task: int, limit: int) -> list[int]:
    """VOID parts that are to be merged again, once their inputs are there."""
    same = and_(_OTHER.c.task_id == G.c.task_id, _OTHER.c.run == G.c.run, _OTHER.c.product == G.c.product)
    live = _OTHER.c.state != GroupState.VOID
    retired = select(literal(1)).where(P.c.id == G.c.plan_id, P.c.retired_at.is_not(None))
    query = (
        select(func.max(G.c.id))
        .where(
            G.c.state == GroupState.VOID,
            G.c.task_id == task,
            ~exists(retired),  # another plan took its inputs
            exists(select(literal(1)).where(same, live)),
            ~exists(select(literal(1)).where(same, live, _OTHER.c.part == G.c.part)),
        )
        .group_by(G.c.run, G.c.product, G.c.part)
        .limit(limit)
    )
    return [row[0] for row in conn.execute(query).all()]


def _chunks(conn: Connection, groups: Sequence[int]) -> dict[int, list[Any]]:
    """(dataset, run, chunk, part) of the members of each group, in order."""
    query = (
        select(M.c.group_id, *F.c["dataset_id", "run", "chunk", "part"])
        .join(F, F.c.id == M.c.file_id)
        .where(among(conn, M.c.group_id, groups))
        .order_by(M.c.group_id, M.c.position)
    )
    found: dict[int, list[Any]] = {}
    for row in conn.execute(query).all():
        found.setdefault(row.group_id, []).append(row)
    return found


def _processed(conn: Connection, task: int, runs: Sequence[int]) -> bool:
    """Every job of the runs' chunks is over."""
    query = select(J.c.id).where(
        J.c.task_id == task,
        J.c.kind == JobKind.PROCESS,
        J.c.run.in_(runs),
        J.c.state.notin_((JobState.DONE, JobState.CANCELED)),
    )
    return conn.execute(query.limit(1)).first() is None


def _current(conn: Connection, chunks: Sequence[Any], runs: Sequence[int]) -> list[tuple[int, int]] | None:
    """(file, size) of each member's file of today, in order; None if one has none, or is in a part."""
    first = chunks[0]
    taken = select(literal(1)).where(M.c.file_id == F.c.id, M.c.live)
    query = select(*F.c["run", "chunk", "part", "id", "size"]).where(
        F.c.dataset_id == first.dataset_id,
        F.c.run.in_(runs),
        F.c.role != Role.RAW,
        F.c.retired_at.is_(None),
        F.c.size.is_not(None),
        ~exists(taken),
    )
    free = {(run, chunk, part): (file, size) for run, chunk, part, file, size in conn.execute(query).all()}
    if any((entry.run, entry.chunk, entry.part) not in free for entry in chunks):
        return None
    return [free[entry.run, entry.chunk, entry.part] for entry in chunks]
