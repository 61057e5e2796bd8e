"""Merge plans looked at: their parts, what they left out, how fast merges were. Reads only, for people."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, func, or_, select

from catalog.db import facts, schema, schema_merge
from catalog.db.engine import among
from catalog.db.facts import GroupFact
from catalog.states import GroupState, JobState

F, G, M, J, H = schema.file, schema.group, schema.member, schema.job, schema.history
P, OUT = schema_merge.plan, schema_merge.left_out
MERGES_LOOKED_AT = 50


def groups_of_unit(
    conn: Connection, task: int, product: str, unit: str, runs: Sequence[int]
) -> list[GroupFact]:
    """The live groups of every plan of the unit, by part; groups without a stored plan are found by run."""
    ids = select(P.c.id).where(P.c.task_id == task, P.c.product == product, P.c.unit == unit)
    older = and_(G.c.plan_id.is_(None), among(conn, G.c.run, runs))
    condition = and_(
        G.c.task_id == task,
        G.c.product == product,
        G.c.state != GroupState.VOID,
        or_(G.c.plan_id.in_(ids), older),
    )
    return sorted(facts.groups_where(conn, condition), key=lambda group: (group.part, group.id))


def sizes(conn: Connection, group: int | None) -> list[int]:
    """Bytes of the members of a group, in order."""
    query = (
        select(func.coalesce(F.c.size, 0))
        .join(M, M.c.file_id == F.c.id)
        .where(M.c.group_id == group)
        .order_by(M.c.position)
    )
    return [row[0] for row in conn.execute(query)]


def places(conn: Connection, plan: int) -> dict[int, int]:
    """The part of each file of a plan, retired or not."""
    query = select(M.c.file_id, G.c.part).join(G, G.c.id == M.c.group_id).where(G.c.plan_id == plan)
    return {row[0]: row[1] for row in conn.execute(query)}


def left_out(conn: Connection, plans: Sequence[int]) -> list[tuple[str, str]]:
    """LFN of what these plans left out, and why."""
    query = (
        select(schema.lfn(), OUT.c.why)
        .join(F, F.c.id == OUT.c.file_id)
        .where(among(conn, OUT.c.plan_id, plans))
        .order_by(F.c.run, F.c.chunk)
    )
    return [(row[0], row[1]) for row in conn.execute(query)]


def rate(conn: Connection, task: int, product: str) -> float | None:
    """Bytes a second that the latest merges of the product did, from acceptance to end; None if none did."""
    begun, ended = H.alias("begun"), H.alias("ended")
    told = [
        select(func.max(one.c.at))
        .where(
            one.c.noun == "job",
            one.c.event == event,
            one.c.noun_id > J.c.id - schema.SPAN,
            one.c.noun_id <= J.c.id,
            one.c.last_id >= J.c.id,
        )
        .correlate(J)
        .scalar_subquery()
        for one, event in ((begun, "accepted"), (ended, "ended_well"))
    ]
    query = (
        select(G.c.expected_size, *told)
        .join(J, J.c.merge_group_id == G.c.id)
        .where(G.c.task_id == task, G.c.product == product, J.c.state == JobState.DONE)
        .order_by(J.c.id.desc())
        .limit(MERGES_LOOKED_AT)
    )
    size, seconds = 0, 0.0
    for bytes_, start, stop in conn.execute(query):
        if start is not None and stop is not None and stop > start:
            size, seconds = size + bytes_, seconds + (stop - start).total_seconds()
    return size / seconds if size and seconds else None
