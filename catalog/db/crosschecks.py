"""Cross-checks: which runs can be checked, what every witness says, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, exists, literal, select, update

from catalog.db import schema
from catalog.db.engine import among, insert_many, new_ids
from catalog.db.move import Why, born
from catalog.states import CHECK, CheckState, GroupState, ReplicaState, Witness

F, R, E, G, M = schema.file, schema.replica, schema.endpoint, schema.group, schema.member


@dataclass(frozen=True, slots=True)
class Checkable:
    """A (task, run, product) whose every part is merged and compared: its groups as (id, part, state)."""

    task_id: int
    run: int
    product: str
    groups: tuple[tuple[int, int, str], ...]


def checkable(conn: Connection, limit: int) -> list[Checkable]:
    """Question of hop 7: every live group of the run and product is merged, and every output compared."""
    merged = (
        select(*G.c["task_id", "run", "product"])
        .where(G.c.state == GroupState.MERGED)
        .distinct()
        .order_by(G.c.task_id, G.c.run, G.c.product)
        .limit(limit)
        .subquery()
    )
    available = (
        select(literal(1))
        .select_from(R)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(R.c.file_id == G.c.output_id, R.c.state == ReplicaState.AVAILABLE, schema.on_reachable_disk())
    )
    query = (
        select(*G.c["id", "task_id", "run", "product", "part", "state"], exists(available).label("compared"))
        .join(
            merged,
            and_(
                merged.c.task_id == G.c.task_id,
                merged.c.run == G.c.run,
                merged.c.product == G.c.product,
            ),
        )
        .where(G.c.state != GroupState.VOID)
        .order_by(G.c.task_id, G.c.run, G.c.product, G.c.part)
    )
    found: dict[tuple[int, int, str], list[tuple[int, int, str]]] = {}
    ready: dict[tuple[int, int, str], bool] = {}
    past = (GroupState.CHECKED, GroupState.ARCHIVED, GroupState.CLEANED)
    for row in conn.execute(query).all():
        key = (row.task_id, row.run, row.product)
        found.setdefault(key, []).append((row.id, row.part, row.state))
        fit = row.state in past or (row.state == GroupState.MERGED and row.compared)
        ready[key] = ready.get(key, True) and fit
    return [Checkable(*key, tuple(groups)) for key, groups in found.items() if ready[key]]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What every witness says of one member: None where a witness was not heard."""

    group_id: int
    chunk: str
    raw_catalogue: int | None
    raw_read: int | None
    job: int | None
    read: int | None


def witnessed(conn: Connection, groups: Sequence[int]) -> dict[int, list[Witnessed]]:
    """The members of the groups with every count known of them and of the raw file they come from."""
    parent = schema.parent
    counts = schema.event_count
    raw_said, raw_read = counts.alias("raw_said"), counts.alias("raw_read")
    job, read = counts.alias("job_said"), counts.alias("read_back")
    query = (
        select(
            M.c.group_id,
            F.c.chunk,
            raw_said.c.n_events.label("raw_said"),
            raw_read.c.n_events.label("raw_read"),
            job.c.n_events.label("job"),
            read.c.n_events.label("read"),
        )
        .join(F, F.c.id == M.c.file_id)
        .join(parent, parent.c.file_id == F.c.id)
        .outerjoin(
            raw_said,
            and_(raw_said.c.file_id == parent.c.parent_id, raw_said.c.witness == Witness.RAW_CATALOGUE),
        )
        .outerjoin(
            raw_read, and_(raw_read.c.file_id == parent.c.parent_id, raw_read.c.witness == Witness.READ)
        )
        .outerjoin(job, and_(job.c.file_id == F.c.id, job.c.witness == Witness.JOB))
        .outerjoin(read, and_(read.c.file_id == F.c.id, read.c.witness == Witness.READ))
        .where(among(conn, M.c.group_id, groups))
        .order_by(M.c.group_id, M.c.position)
    )
    found: dict[int, list[Witnessed]] = {}
    for row in conn.execute(query).all():
        found.setdefault(row.group_id, []).append(
            Witnessed(row.group_id, row.chunk, row.raw_said, row.raw_read, row.job, row.read)
        )
    return found


@dataclass(frozen=True, slots=True)
class OutputSeen:
    """The merged file of a group: what was promised and what witnesses say."""

    group_id: int
    job: int | None = None
    read: int | None = None


def outputs_seen(conn: Connection, groups: Sequence[int]) -> dict[int, OutputSeen]:
    """What the merge job and the reader say of the output of each group."""
    counts = schema.event_count
    job, read = counts.alias("job_said"), counts.alias("read_back")
    query = (
        select(G.c.id, job.c.n_events.label("job"), read.c.n_events.label("read"))
        .outerjoin(job, and_(job.c.file_id == G.c.output_id, job.c.witness == Witness.JOB))
        .outerjoin(read, and_(read.c.file_id == G.c.output_id, read.c.witness == Witness.READ))
        .where(among(conn, G.c.id, groups))
    )
    return {row.id: OutputSeen(row.id, row.job, row.read) for row in conn.execute(query).all()}


CheckKey = tuple[int, int, str]
"""Task id, run and product."""


def ensure_checks(conn: Connection, keys: Sequence[CheckKey], why: Why) -> dict[CheckKey, int]:
    """The ids of the cross-checks; new ones are PENDING."""
    table = schema.check
    query = select(*table.c["task_id", "run", "product", "id"]).where(
        among(conn, table.c.task_id, list({task for task, _, _ in keys})),
        among(conn, table.c.run, list({run for _, run, _ in keys})),
    )
    known = {(task, run, product): key for task, run, product, key in conn.execute(query).all()}
    new = [key for key in keys if key not in known]
    ids = new_ids(conn, table, len(new)) if new else []
    shared = {"state": CheckState.PENDING.value, "since": why.at}
    rows = [
        {"id": key, "task_id": task, "run": run, "product": product, **shared}
        for key, (task, run, product) in zip(ids, new, strict=True)
    ]
    insert_many(conn, table, rows)
    born(conn, CHECK, ids, CheckState.PENDING, why)
    return known | dict(zip(new, ids, strict=True))


def say_verdict(conn: Connection, checks: Sequence[int], verdict: str) -> None:
    """Store what cross-checks found, in words."""
    if checks:
        here = among(conn, schema.check.c.id, checks)
        conn.execute(update(schema.check).where(here).values(verdict=verdict[:4000]))
