"""Everything the catalogue knows of one file, run or job: what 'explain' and 'show' are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, literal, or_, select, union_all

from catalog.db import schema
from catalog.states import Role

F, R, E, I, J, JI, G, M, P, Q = (  # noqa: E741
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.item,
    schema.job,
    schema.job_input,
    schema.group,
    schema.member,
    schema.pin,
    schema.request,
)


@dataclass(frozen=True, slots=True)
class ReplicaFact:
    """A replica, the request about it that is still open, and the pin that holds it."""

    id: int
    endpoint: str
    kind: str
    path: str
    state: str
    since: datetime
    locality: str
    verified_at: datetime | None
    tries: int
    item_id: int | None
    item_kind: str | None
    item_state: str | None
    item_attempts: int | None
    item_code: str | None
    item_reason: str | None
    item_next_try_at: datetime | None
    item_since: datetime | None
    item_token: str | None
    pin_state: str | None
    pin_until: datetime | None


def replicas_of(conn: Connection, file: int) -> list[ReplicaFact]:
    """Every replica of the file, deleted ones last."""
    open_item = and_(I.c.replica_id == R.c.id, I.c.state.notin_(("DONE", "FAILED", "CANCELED")))
    live_pin = and_(P.c.replica_id == R.c.id, P.c.state.in_(("ACTIVE", "RELEASING")))
    query = (
        select(
            R.c.id, E.c.name, E.c.kind, schema.place(), R.c.state, R.c.since, R.c.locality, R.c.verified_at,
            R.c.tries, I.c.id, I.c.kind, I.c.state, I.c.attempts, I.c.code, I.c.reason, I.c.next_try_at,
            I.c.since, Q.c.external_id, P.c.state, P.c.until,
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .outerjoin(I, open_item)
        .outerjoin(Q, Q.c.id == I.c.request_id)
        .outerjoin(P, live_pin)
        .where(R.c.file_id == file)
        .order_by(R.c.state == "DELETED", R.c.id)
    )  # fmt: skip
    return [ReplicaFact(*tuple(row)) for row in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class JobFact:
    """A job, with what last went wrong."""

    id: int
    task: str
    kind: str
    run: int
    chunk: str
    state: str
    since: datetime
    attempt: int
    label: str | None
    next_try_at: datetime
    code: str | None
    reason: str | None
    group_id: int | None


def jobs_where(conn: Connection, condition: Any, limit: int = 1000) -> list[JobFact]:
    """Jobs that fulfil the condition on ``catalog.db.schema.job``."""
    task = schema.task
    query = (
        select(
            J.c.id, task.c.name, J.c.kind, J.c.run, J.c.chunk, J.c.state, J.c.since, J.c.attempt, J.c.label,
            J.c.next_try_at, J.c.code, J.c.reason, J.c.merge_group_id,
        )
        .join(task, task.c.id == J.c.task_id)
        .where(condition)
        .order_by(J.c.id)
        .limit(limit)
    )  # fmt: skip
    return [JobFact(*tuple(row)) for row in conn.execute(query)]


def readers_of(conn: Connection, file: int) -> list[JobFact]:
    """Jobs that have the file as an input."""
    return jobs_where(conn, J.c.id.in_(select(JI.c.job_id).where(JI.c.file_id == file)))


def job_by_id(conn: Connection, job: int) -> JobFact | None:
    return next(iter(jobs_where(conn, J.c.id == job)), None)


def open_jobs_of_run(conn: Connection, run: int) -> list[JobFact]:
    """Jobs of the run that are not over."""
    return jobs_where(conn, and_(J.c.run == run, J.c.state.notin_(("DONE", "CANCELED"))))


@dataclass(frozen=True, slots=True)
class GroupFact:
    """A merge group of a run, with the verdict of its cross-check."""

    id: int
    task: str
    run: int
    product: str
    part: int
    state: str
    since: datetime
    lfn: str
    reason: str | None
    check: str | None
    verdict: str | None
    members: int
    output_id: int | None


def groups_where(conn: Connection, condition: Any) -> list[GroupFact]:
    """Merge groups that fulfil the condition on ``catalog.db.schema.group``."""
    task, check = schema.task, schema.check
    size = select(func.count()).where(M.c.group_id == G.c.id).scalar_subquery()
    query = (
        select(
            G.c.id, task.c.name, G.c.run, G.c.product, G.c.part, G.c.state, G.c.since, G.c.lfn, G.c.reason,
            check.c.state, check.c.verdict, size, G.c.output_id,
        )
        .join(task, task.c.id == G.c.task_id)
        .outerjoin(
            check,
            and_(check.c.task_id == G.c.task_id, check.c.run == G.c.run, check.c.product == G.c.product),
        )
        .where(condition)
        .order_by(G.c.run, G.c.product, G.c.part, G.c.id)
    )  # fmt: skip
    return [GroupFact(*tuple(row)) for row in conn.execute(query)]


def groups_of_run(conn: Connection, run: int) -> list[GroupFact]:
    """Live merge groups of the run."""
    return groups_where(conn, and_(G.c.run == run, G.c.state != "VOID"))


def groups_of_file(conn: Connection, file: int) -> list[GroupFact]:
    """Live merge groups that the file is a member or the output of."""
    inside = select(M.c.group_id).where(M.c.file_id == file, M.c.live)
    return groups_where(conn, and_(or_(G.c.id.in_(inside), G.c.output_id == file), G.c.state != "VOID"))


def relatives(conn: Connection, file: int, *, up: bool) -> list[str]:
    """LFNs of the files that it was made from (``up``), or that were made from it."""
    parent = schema.parent
    mine, other = (parent.c.file_id, parent.c.parent_id) if up else (parent.c.parent_id, parent.c.file_id)
    query = select(schema.lfn()).join(parent, other == F.c.id).where(mine == file).order_by(schema.lfn())
    return [row[0] for row in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A file of the run whose only copies cannot be read."""

    lfn: str
    endpoint: str
    state: str


def spoiled_of_run(conn: Connection, run: int) -> list[Spoiled]:
    """Replicas of files of the run that are BAD or LOST."""
    query = (
        select(schema.lfn(), E.c.name, R.c.state)
        .join(R, R.c.file_id == F.c.id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(F.c.run == run, R.c.state.in_(("BAD", "LOST")))
        .order_by(schema.lfn())
    )
    return [Spoiled(*tuple(row)) for row in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class HeldItem:
    """A recall, copy or removal of a file of the run that waits for a person."""

    id: int
    kind: str
    lfn: str
    code: str | None
    reason: str | None


def held_items_of_run(conn: Connection, run: int) -> list[HeldItem]:
    """Held request items about files of the run."""
    query = (
        select(I.c.id, I.c.kind, schema.lfn(), I.c.code, I.c.reason)
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .where(F.c.run == run, I.c.state == "HELD")
        .order_by(I.c.id)
    )
    return [HeldItem(*tuple(row)) for row in conn.execute(query)]


def datasets_of_run(conn: Connection, run: int) -> list[tuple[str, str, int]]:
    """(name, state, files) of the datasets that hold raw files of the run."""
    table = schema.dataset
    query = (
        select(table.c.name, table.c.state, func.count())
        .join(F, F.c.dataset_id == table.c.id)
        .where(F.c.run == run, F.c.role == Role.RAW, F.c.retired_at.is_(None))
        .group_by(table.c.name, table.c.state)
    )
    return [(row[0], row[1], row[2]) for row in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class Past:
    """One row of history."""

    at: datetime
    noun: str
    noun_id: int
    event: str
    old: str
    new: str
    actor: str
    reason: str


def history_of_file(conn: Connection, file: int, limit: int = 1000) -> list[Past]:
    """What happened to the file, its replicas, their requests and pins, and its readers; oldest first."""
    H = schema.history  # noqa: N806
    replicas = select(R.c.id).where(R.c.file_id == file)
    of: tuple[tuple[str, Any, Any], ...] = (
        ("file", F.c.id, F.c.id == file),
        ("replica", R.c.id, R.c.file_id == file),
        ("item", I.c.id, I.c.replica_id.in_(replicas)),
        ("pin", P.c.id, P.c.replica_id.in_(replicas)),
        ("job", JI.c.job_id, JI.c.file_id == file),
    )
    mine = union_all(
        *(select(literal(noun).label("noun"), key.label("key")).where(where) for noun, key, where in of)
    ).subquery("mine")
    key = mine.c.key
    query = (
        select(H.c.at, H.c.noun, key, H.c.event, H.c.old, H.c.new, H.c.actor, H.c.reason)
        .join(H, schema.tells_of(mine.c.noun, key))
        .order_by(H.c.id, key)
        .limit(limit)
    )
    return [Past(*tuple(row)) for row in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class Milestones:
    """How far everything is, in one line."""

    chunks: int
    staged: int
    processed: int
    groups: int
    merged: int
    archived: int
    cleaned: int


def milestones(conn: Connection) -> Milestones:
    """Counts for a progress line."""

    def number(table: Any, *conditions: Any) -> int:
        return int(conn.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())

    process = J.c.kind == "process"
    return Milestones(
        chunks=number(J, process),
        staged=number(P, P.c.state == "ACTIVE"),
        processed=number(J, process, J.c.state == "DONE"),
        groups=number(G, G.c.state != "VOID"),
        merged=number(G, G.c.state.notin_(("PLANNED", "MERGING", "HELD", "VOID"))),
        archived=number(G, G.c.state.in_(("ARCHIVED", "CLEANED"))),
        cleaned=number(G, G.c.state == "CLEANED"),
    )
