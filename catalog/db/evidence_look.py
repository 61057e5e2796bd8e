"""What a person asks of the archive: which copies are on tape, on what evidence, what is on its way. Reads
only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select

from catalog.checksum import Adler32
from catalog.db import schema, schema_evidence
from catalog.db.engine import among, unindexed
from catalog.evidence import Grade
from catalog.states import EndpointKind, GroupState, ReplicaState, Role

F, R, E, G, T = schema.file, schema.replica, schema.endpoint, schema.group, schema.task
V, D = schema_evidence.evidence, schema_evidence.evidence_due

ON_THE_WAY = (ReplicaState.COPYING, ReplicaState.UNVERIFIED, ReplicaState.ARCHIVING)


@dataclass(frozen=True, slots=True)
class TapeCopy:
    """A copy at a tape endpoint. ``since``: in this state. ``size`` (bytes) and ``adler32``: the file's."""

    replica_id: int
    lfn: str
    product: str
    run: int
    endpoint: str
    path: str
    state: ReplicaState
    since: datetime
    locality: str
    size: int | None
    adler32: Adler32 | None


def copies(conn: Connection, *, files: Sequence[int] = (), runs: Sequence[int] = ()) -> list[TapeCopy]:
    """The copies on tape of these files, and of the merged files of these runs."""
    chosen: list[ColumnElement[bool]] = []
    if files:
        chosen.append(among(conn, F.c.id, files))
    if runs:
        merged = select(G.c.output_id).where(among(conn, G.c.run, runs), G.c.state != GroupState.VOID)
        chosen.append(F.c.id.in_(merged))
    query = (
        select(
            *(R.c.id, schema.lfn(), F.c.product, F.c.run, E.c.name, schema.place()),
            *R.c["state", "since", "locality"],
            *F.c["size", "adler32"],
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, and_(E.c.id == R.c.endpoint_id, E.c.kind == EndpointKind.TAPE))
        .where(or_(*chosen), R.c.state != ReplicaState.DELETED)
        .order_by(F.c.run, F.c.product, F.c.part, R.c.id)
    )
    found = []
    for key, lfn, product, run, place, path, state, since, locality, size, adler32 in conn.execute(query):
        checksum = None if adler32 is None else Adler32(adler32)
        known = (key, lfn, product, run, place, path, ReplicaState(state), since, locality)
        found.append(TapeCopy(*known, size=size, adler32=checksum))
    return found


def longest_ago(conn: Connection, count: int) -> list[int]:
    """The merged files' copies on tape of which evidence was taken longest ago; files, at most so many."""
    newest = select(func.max(V.c.taken_at)).where(V.c.replica_id == R.c.id).scalar_subquery()
    query = (
        select(F.c.id)
        .select_from(R)
        .join(F, and_(F.c.id == R.c.file_id, F.c.role == Role.FINAL))
        .join(E, and_(E.c.id == R.c.endpoint_id, E.c.kind == EndpointKind.TAPE))
        .where(R.c.state == ReplicaState.AVAILABLE)
        .order_by(newest, F.c.id)
        .limit(count)
    )
    return list(conn.execute(query).scalars())


class Proof(NamedTuple):
    """A merged file that is AVAILABLE on tape, with the pieces that count in short (``evidence.InShort``). A
    tuple, as there are many."""

    task: str
    product: str
    replica_id: int
    size: int
    best: str | None
    first: datetime | None
    last: datetime | None
    first_b: datetime | None
    last_b: datetime | None


def proofs(conn: Connection, *, unasked: bool = False) -> list[Proof]:
    """Every merged file that is AVAILABLE on tape, by task and product. ``unasked``: only those of ARCHIVED
    groups of which no evidence is to be taken."""
    doubtful = select(literal(1)).where(D.c.replica_id == R.c.id, D.c.misread > 0)
    better = case((V.c.grade != Grade.A.value, V.c.taken_at))
    states = G.c.state == GroupState.ARCHIVED if unasked else G.c.state != GroupState.VOID
    query = (
        select(
            *(T.c.name, G.c.product, R.c.id, F.c.size, func.max(V.c.grade)),
            *(func.min(V.c.taken_at), func.max(V.c.taken_at), func.min(better), func.max(better)),
        )
        .select_from(G)
        .join(T, T.c.id == G.c.task_id)
        .join(F, F.c.id == G.c.output_id)
        .join(R, and_(R.c.file_id == F.c.id, unindexed(R.c.state) == ReplicaState.AVAILABLE))
        .join(E, and_(E.c.id == R.c.endpoint_id, E.c.kind == EndpointKind.TAPE))
        .outerjoin(V, and_(V.c.replica_id == R.c.id, V.c.taken_at >= R.c.since, ~doubtful.exists()))
        .where(states)
        .group_by(T.c.name, G.c.product, F.c.size, R.c.id)
        .order_by(T.c.name, G.c.product)
    )
    if unasked:
        query = query.where(~select(literal(1)).where(D.c.replica_id == R.c.id).exists())
    return [Proof(*row) for row in conn.execute(query)]


class Waiting(NamedTuple):
    """Copies on their way to tape: how many are in a state, and since when the oldest of them is."""

    task: str
    product: str
    state: str
    files: int
    oldest: datetime


def on_the_way(conn: Connection) -> list[Waiting]:
    """The copies that are not on tape yet, by task, product and state."""
    query = (
        select(T.c.name, G.c.product, R.c.state, func.count(), func.min(R.c.since))
        .select_from(R)
        .join(G, and_(G.c.output_id == R.c.file_id, G.c.state != GroupState.VOID))
        .join(T, T.c.id == G.c.task_id)
        .join(E, and_(E.c.id == R.c.endpoint_id, E.c.kind == EndpointKind.TAPE))
        .where(R.c.state.in_(ON_THE_WAY))
        .group_by(T.c.name, G.c.product, R.c.state)
        .order_by(T.c.name, G.c.product, R.c.state)
    )
    return [Waiting(*row) for row in conn.execute(query)]
