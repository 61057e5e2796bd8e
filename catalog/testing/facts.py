"""What a catalogue holds, as plain rows: for safety checkers and for comparing end states.

Everything is read with statements of its own, so that a mistake in the questions of ``catalog.db`` cannot
hide itself from the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, literal, select

from catalog.checksum import Adler32
from catalog.db import schema, schema_debris

F, R, E, G, M, J = (
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.group,
    schema.member,
    schema.job,
)


@dataclass(frozen=True, slots=True)
class DebrisFact:
    """A file that an attempt of a job left behind."""

    job: int
    job_state: str
    attempt: int
    due_at: datetime
    sent_at: datetime | None
    gone_at: datetime | None


def debris_at(conn: Connection, endpoint: str, path: str) -> DebrisFact | None:
    """The debris written down for that place."""
    X = schema_debris.debris  # noqa: N806
    query = (
        select(J.c.id, J.c.state, *X.c["attempt", "due_at", "sent_at", "gone_at"])
        .join(J, J.c.id == X.c.job_id)
        .join(E, E.c.id == X.c.endpoint_id)
        .where(E.c.name == endpoint, X.c.path == path)
    )
    row = conn.execute(query).first()
    return None if row is None else DebrisFact(*tuple(row))


@dataclass(frozen=True, slots=True)
class ReplicaFact:
    """A replica with its file. ``certified``: a delete certificate names it; ``since``: of its state."""

    id: int
    file_id: int
    lfn: str
    role: str
    product: str
    run: int
    chunk: str
    size: int
    adler32: Adler32
    endpoint: str
    kind: str
    path: str
    state: str
    since: datetime
    withdrawn_at: datetime | None
    certified: bool
    retired: bool


@dataclass(frozen=True, slots=True)
class GroupFact:
    """A merge group that is not VOID, with the ids of its members in order."""

    id: int
    run: int
    product: str
    part: int
    state: str
    lfn: str
    output_id: int | None
    members: tuple[int, ...]


def replicas(conn: Connection, *only: ColumnElement[bool]) -> list[ReplicaFact]:
    """Every replica there ever was, oldest first."""
    certified = exists(select(1).where(schema.certified.c.replica_id == R.c.id))
    past = schema.history
    withdrawn = (
        select(func.max(past.c.at))
        .where(past.c.noun == "replica", past.c.noun_id <= R.c.id, past.c.last_id >= R.c.id)
        .where(past.c.event == "trashed")
        .scalar_subquery()
    )
    query = (
        select(
            *R.c["id", "file_id"],
            schema.place(),
            *R.c["state", "since"],
            withdrawn.label("withdrawn_at"),
            schema.lfn(),
            *F.c["role", "product", "run", "chunk", "size", "adler32", "retired_at"],
            *E.c["name", "kind"],
            certified.label("certified"),
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(*only)
        .order_by(R.c.id)
    )
    return [
        ReplicaFact(
            id=row.id,
            file_id=row.file_id,
            lfn=row.lfn,
            role=row.role,
            product=row.product,
            run=row.run,
            chunk=row.chunk,
            size=row.size,
            adler32=Adler32(row.adler32),
            endpoint=row.name,
            kind=row.kind,
            path=row.path,
            state=row.state,
            since=row.since,
            withdrawn_at=row.withdrawn_at,
            certified=row.certified,
            retired=row.retired_at is not None,
        )
        for row in conn.execute(query)
    ]


def replicas_at(conn: Connection, endpoint: str, path: str) -> list[ReplicaFact]:
    """The replicas at one place."""
    return replicas(conn, E.c.name == endpoint, schema.place() == path)


def groups(conn: Connection) -> list[GroupFact]:
    """Every merge group that is not VOID."""
    members: dict[int, list[int]] = {}
    for group, file in conn.execute(select(*M.c["group_id", "file_id"]).order_by(M.c.group_id, M.c.position)):
        members.setdefault(group, []).append(file)
    query = (
        select(*G.c["id", "run", "product", "part", "state", "lfn", "output_id"])
        .where(G.c.state != "VOID")
        .order_by(G.c.id)
    )
    return [
        GroupFact(
            id=row.id,
            run=row.run,
            product=row.product,
            part=row.part,
            state=row.state,
            lfn=row.lfn,
            output_id=row.output_id,
            members=tuple(members.get(row.id, ())),
        )
        for row in conn.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """Something that waits for a person: of which run and product (empty: of all), and why."""

    noun: str
    state: str
    run: int
    product: str
    lfn: str
    cause: str


def held(conn: Connection) -> list[Held]:
    """Items, jobs, groups and replicas that wait for a person, each with its cause."""
    I = schema.item  # noqa: E741, N806
    items = (
        select(literal("item"), I.c.state, F.c.run, F.c.product, schema.lfn(), I.c.code + ": " + I.c.reason)
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .where(I.c.state == "HELD")
    )
    jobs = (
        select(
            literal("job"),
            J.c.state,
            J.c.run,
            func.coalesce(G.c.product, ""),
            J.c.chunk,
            J.c.code + ": " + J.c.reason,
        )
        .outerjoin(G, G.c.id == J.c.merge_group_id)
        .where(J.c.state == "HELD")
    )
    stopped = select(literal("group"), G.c.state, G.c.run, G.c.product, G.c.lfn, G.c.reason).where(
        G.c.state.in_(("HELD", "MISMATCHED"))
    )
    past, last = schema.history, schema.history.alias("last")
    newest = (
        select(func.max(last.c.id))
        .where(last.c.noun == "replica", last.c.noun_id <= R.c.id, last.c.last_id >= R.c.id)
        .scalar_subquery()
    )
    spoiled = (
        select(literal("replica"), R.c.state, F.c.run, F.c.product, schema.lfn(), past.c.reason)
        .join(F, F.c.id == R.c.file_id)
        .join(past, past.c.id == newest)
        .where(R.c.state.in_(("BAD", "LOST")))
    )
    found = [tuple(row) for query in (items, jobs, stopped, spoiled) for row in conn.execute(query)]
    return [
        Held(noun, state, run, "" if product == "raw" else product, lfn, cause or "")
        for noun, state, run, product, lfn, cause in found
    ]


def waiting(conn: Connection) -> int:
    """How many copies are in the trash, or are inputs of a group that is archived, and will be."""
    going = select(func.count()).where(R.c.state.in_(("TRASHED", "DELETING")))
    inputs = (
        select(func.count())
        .select_from(R)
        .join(M, M.c.file_id == R.c.file_id)
        .join(G, G.c.id == M.c.group_id)
        .join(F, F.c.id == R.c.file_id)
        .where(G.c.state == "ARCHIVED", R.c.state == "AVAILABLE", F.c.role == "intermediate")
    )
    return int(conn.execute(going).scalar_one()) + int(conn.execute(inputs).scalar_one())


def happened(conn: Connection, noun: str, event: str) -> int:
    """How many rows of history tell of this event."""
    past = schema.history
    query = select(func.count()).where(past.c.noun == noun, past.c.event == event)
    return conn.execute(query).scalar_one()


def gaps(conn: Connection) -> set[str]:
    """LFNs of the raw chunks in the gap register of any task."""
    return set(conn.execute(select(schema.lfn()).join(schema.gap, schema.gap.c.file_id == F.c.id)).scalars())


def end_state(conn: Connection) -> Mapping[str, Any]:
    """What a journey has come to, by names: ids, times, attempts and paths of attempts are left out.

    A request that was made again has several items; the youngest tells.
    """
    items: dict[tuple[str, str], str] = {}
    I = schema.item  # noqa: E741, N806
    query = (
        select(I.c.kind, schema.lfn(), I.c.state)
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
    )
    for kind, lfn, state in conn.execute(query.order_by(I.c.id)):
        items[kind, lfn] = state
    said = schema.event_count
    events = select(schema.lfn(), said.c.witness, said.c.n_events).join(said, said.c.file_id == F.c.id)
    jobs = select(J.c.kind, J.c.run, J.c.chunk, G.c.lfn, J.c.state).outerjoin(G, G.c.id == J.c.merge_group_id)
    check, pin, dataset = schema.check, schema.pin, schema.dataset
    pinned = (
        select(schema.lfn(), pin.c.state)
        .join(R, R.c.id == pin.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .where(pin.c.state.in_(("ACTIVE", "RELEASING")))
    )
    return {
        "replicas": sorted((r.lfn, r.endpoint, r.size, int(r.adler32), r.state) for r in replicas(conn)),
        "items": sorted((*key, state) for key, state in items.items()),
        "jobs": sorted(tuple(text or "" for text in row) for row in conn.execute(jobs)),
        "groups": sorted((g.run, g.product, g.part, g.lfn, len(g.members), g.state) for g in groups(conn)),
        "checks": sorted(
            tuple(row) for row in conn.execute(select(*check.c["run", "product", "state", "verdict"]))
        ),
        "pins": sorted(tuple(row) for row in conn.execute(pinned)),
        "datasets": sorted(tuple(row) for row in conn.execute(select(*dataset.c["name", "state"]))),
        "events": sorted(tuple(row) for row in conn.execute(events)),
        "gaps": sorted(gaps(conn)),
        "certificates": conn.execute(select(func.count()).select_from(schema.certified)).scalar_one(),
    }
