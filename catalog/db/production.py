"""The files of one task, on disk: what a clean-up of a whole production is about. Reads only.

Of the task, not of a name: what its merges took, and what they made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, union

from catalog.db import schema
from catalog.db.engine import among, ids_of
from catalog.states import GroupState, JobState, ReplicaState, Role

F, R, E, G, M, J = (
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.group,
    schema.member,
    schema.job,
)


def is_over(conn: Connection, task: int) -> bool:
    """Nothing of the task is under way: jobs are over, merges archived. A quick look before the statement."""
    done = (GroupState.ARCHIVED, GroupState.CLEANED, GroupState.VOID)
    job = select(J.c.id).where(J.c.task_id == task, J.c.state.notin_((JobState.DONE, JobState.CANCELED)))
    group = select(G.c.id).where(G.c.task_id == task, G.c.state.notin_(done))
    return all(conn.execute(query.limit(1)).first() is None for query in (job, group))


def on_disk(conn: Connection, task: int, role: Role, products: Collection[str]) -> list[int]:
    """AVAILABLE copies on disk of the files of that role that live merges of these products took or made."""
    live: Any = (G.c.task_id == task, G.c.state != GroupState.VOID, G.c.product.in_(sorted(products)))
    taken = select(M.c.file_id).join(G, G.c.id == M.c.group_id).where(M.c.live, *live)
    made = select(G.c.output_id).where(G.c.output_id.is_not(None), *live)
    files = union(taken, made).subquery("files")
    query = (
        select(R.c.id)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(
            F.c.id.in_(select(files.c[0])),
            F.c.role == role,
            R.c.state == ReplicaState.AVAILABLE,
            schema.on_reachable_disk(),
        )
        .order_by(R.c.id)
    )
    return ids_of(conn, query)


def size_of(conn: Connection, replicas: Sequence[int]) -> int:
    """Bytes of these copies, as far as known."""
    query = select(func.coalesce(func.sum(F.c.size), 0)).select_from(R).join(F, F.c.id == R.c.file_id)
    return int(conn.execute(query.where(among(conn, R.c.id, replicas))).scalar_one())
