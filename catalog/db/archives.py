"""Merged files on their way to tape: which groups may be archived, which are, which no longer are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, exists, func, literal, or_, select

from catalog.db import chains, schema
from catalog.db.engine import ids_of, unindexed
from catalog.states import EndpointKind, GroupState, ReplicaState, Role

F, R, E, G = schema.file, schema.replica, schema.endpoint, schema.group
_TAPE, _STORE = R.alias("tape"), E.alias("store")


@dataclass(frozen=True, slots=True)
class Archivable:
    """A checked group whose output has no live replica on tape yet."""

    group_id: int
    product: str
    task_id: int
    run: int
    file_id: int
    lfn: str
    source_id: int  # the replica on disk


def archivable(conn: Connection, limit: int) -> list[Archivable]:
    """Question of hop 8: CHECKED groups without a live tape replica; not those that are kept only within what
    is made of them, whose output is intermediate.

    A group is CHECKED only by its own verdict, or a waiver of what was found in it; what holds other groups
    of its run and product does not hold it. Its inputs stay until the whole run is right (hop 9).
    """
    check = schema.check
    tape, store = _TAPE, _STORE
    on_tape = (
        select(literal(1))
        .select_from(tape)
        .join(store, store.c.id == tape.c.endpoint_id)
        .where(
            tape.c.file_id == G.c.output_id,
            store.c.kind == EndpointKind.TAPE,
            tape.c.state != ReplicaState.DELETED,
        )
    )
    columns = G.c["id", "product", "task_id", "run", "output_id", "lfn"]
    query = (
        select(*columns, func.min(R.c.id).label("source"))  # one of several copies
        .join(
            check,
            and_(check.c.task_id == G.c.task_id, check.c.run == G.c.run, check.c.product == G.c.product),
        )
        .join(F, and_(F.c.id == G.c.output_id, F.c.role != Role.INTERMEDIATE))
        .join(R, and_(R.c.file_id == G.c.output_id, R.c.state == ReplicaState.AVAILABLE))
        .join(E, and_(E.c.id == R.c.endpoint_id, schema.on_reachable_disk()))
        .where(G.c.state == GroupState.CHECKED, ~exists(on_tape))
        .group_by(*columns, G.c.part)
        .order_by(G.c.run, G.c.product, G.c.part)
        .limit(limit)
    )
    return [Archivable(*tuple(row)) for row in conn.execute(query).all()]


def archived(conn: Connection, limit: int) -> list[int]:
    """CHECKED groups whose output is now AVAILABLE on tape."""
    query = (
        select(G.c.id)
        .join(R, R.c.file_id == G.c.output_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(
            G.c.state == GroupState.CHECKED,
            unindexed(R.c.state) == ReplicaState.AVAILABLE,
            E.c.kind == EndpointKind.TAPE,
        )
        .limit(limit)
    )
    return ids_of(conn, query)


def within(conn: Connection, limit: int) -> list[int]:
    """CHECKED groups whose output is itself not for tape, and is in a group that is archived."""
    query = (
        select(G.c.id)
        .join(F, and_(F.c.id == G.c.output_id, F.c.role == Role.INTERMEDIATE))
        .where(G.c.state == GroupState.CHECKED, chains.is_kept_within())
        .limit(limit)
    )
    return ids_of(conn, query)


def unarchived(conn: Connection, limit: int) -> list[int]:
    """ARCHIVED groups whose output is no longer AVAILABLE on tape, nor within another group that is archived:
    nothing more of theirs may go."""
    safe = (
        select(literal(1))
        .select_from(R)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(
            R.c.file_id == G.c.output_id,
            R.c.state == ReplicaState.AVAILABLE,
            E.c.kind == EndpointKind.TAPE,
        )
    )
    within_another = and_(func.coalesce(F.c.role, "") == Role.INTERMEDIATE, chains.is_kept_within())
    query = (
        select(G.c.id)
        .outerjoin(F, F.c.id == G.c.output_id)
        .where(G.c.state == GroupState.ARCHIVED, ~or_(exists(safe), within_another))
        .limit(limit)
    )
    return ids_of(conn, query)
