"""What recall campaigns want next, and the recalls that are queued for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from catalog.db import schema, schema_recall, tally
from catalog.db.campaigns import Campaign
from catalog.db.engine import insert_columns, new_ids, unindexed
from catalog.db.given import either
from catalog.db.move import Why
from catalog.model import Wish
from catalog.states import (
    ITEM,
    ItemState,
    JobState,
    LeaseState,
    PinState,
    ReplicaState,
    RequestKind,
)

C, L, T = schema_recall.campaign, schema_recall.lease, schema_recall.tape_place
F, R, E, I, P = schema.file, schema.replica, schema.endpoint, schema.item, schema.pin  # noqa: E741
J, JI = schema.job, schema.job_input

MOST_INPUTS = 100_000  # of jobs, that are looked at for the wishes of one task


def wishes(conn: Connection, campaign: Campaign, now: datetime, limit: int) -> list[Wish]:
    """What the campaign wants next, in its order. Of a task: inputs of its waiting jobs, by tape."""
    if campaign.task_id is None:
        return _of_leases(conn, campaign, limit)
    return sorted(_of_jobs(conn, campaign, now, limit), key=_by_tape)


def _by_tape(wish: Wish) -> tuple[bool, str, int]:
    return (not wish.tape, wish.tape, wish.position)


def _of_leases(conn: Connection, campaign: Campaign, limit: int) -> list[Wish]:
    values = {"campaign": campaign.id, "asked_to": campaign.asked_to, "limit": limit}
    return list(map(Wish._make, conn.execute(_OF_LEASES, values).all()))


@lru_cache(maxsize=64)
def _wish(lease: Any) -> Select[Any]:
    return select(
        R.c.id,
        R.c.endpoint_id,
        F.c.size,
        F.c.dataset_id,
        F.c.run,
        func.coalesce(T.c.tape, ""),
        func.coalesce(T.c.position, 0),
        lease,
    )


_OF_LEASES = (
    _wish(L.c.id)
    .select_from(L)
    .join(R, R.c.id == L.c.replica_id)
    .join(F, F.c.id == R.c.file_id)
    .outerjoin(T, T.c.replica_id == R.c.id)
    .where(L.c.campaign_id == bindparam("campaign"), L.c.id > bindparam("asked_to"))
    .where(L.c.state == LeaseState.WANTED, unindexed(R.c.state) == ReplicaState.AVAILABLE)
    .order_by(L.c.id)
    .limit(bindparam("limit"))
)


def _of_jobs(conn: Connection, campaign: Campaign, now: datetime, limit: int) -> list[Wish]:
    """Question of hop 3, *stageable*: inputs of WAITING jobs that nobody can read yet, each once.

    Of jobs that want the same few files many are looked at, or a window would be filled file by file.
    """
    found: dict[tuple[Any, ...], None] = {}
    values = {"endpoint": campaign.endpoint, "task": campaign.task_id, "now": now, "job": 0, "position": -1}
    looked, page = 0, limit
    while len(found) < limit and looked < MOST_INPUTS:
        rows = conn.execute(_OF_JOBS, {**values, "limit": page}).all()
        found.update(dict.fromkeys(tuple(row)[2:] for row in rows))
        if len(rows) < page:
            break
        values |= {"job": rows[-1][0], "position": rows[-1][1]}
        looked, page = looked + page, 4 * page
    return [Wish(*key) for key in list(found)[:limit]]


@cache
def live_item() -> Select[Any]:
    return select(literal(1)).where(
        I.c.kind == RequestKind.STAGE, I.c.replica_id == R.c.id, either(I.c.state, ITEM.live)
    )


@cache
def live_pin() -> Select[Any]:
    return select(literal(1)).where(
        P.c.replica_id == R.c.id, either(P.c.state, (PinState.ACTIVE, PinState.RELEASING))
    )


@lru_cache(maxsize=64)
def on_disk(of: Any = None) -> Select[Any]:
    """Good copies on disk of the file of ``catalog.db.schema.replica`` (or of a table of files)."""
    disk, store = R.alias("disk"), E.alias("store")
    file = R.c.file_id if of is None else of.c.id
    return (
        select(literal(1))
        .select_from(disk)
        .join(store, store.c.id == disk.c.endpoint_id)
        .where(
            disk.c.file_id == file,
            disk.c.state == ReplicaState.AVAILABLE,
            schema.on_reachable_disk(disk, store),
        )
    )


_OF_JOBS = (
    select(J.c.id, JI.c.position, *_wish(literal(0)).selected_columns)
    .select_from(J)
    .join(JI, JI.c.job_id == J.c.id)
    .join(R, and_(R.c.file_id == JI.c.file_id, unindexed(R.c.state) == ReplicaState.AVAILABLE))
    .join(E, and_(E.c.id == R.c.endpoint_id, E.c.name == bindparam("endpoint")))
    .join(F, F.c.id == R.c.file_id)
    .outerjoin(T, T.c.replica_id == R.c.id)
    .where(
        J.c.state == JobState.WAITING,
        J.c.task_id == bindparam("task"),
        J.c.next_try_at <= bindparam("now"),
        J.c.id >= bindparam("job"),
        or_(J.c.id > bindparam("job"), JI.c.position > bindparam("position")),
        ~exists(live_item()),
        ~exists(live_pin()),
        ~exists(on_disk()),
    )
    .order_by(J.c.id, JI.c.position)
    .limit(bindparam("limit"))
)


def queue(
    conn: Connection,
    replicas: Sequence[int],
    endpoint: int,
    why: Why,
    *,
    campaign: int | None = None,
    after: datetime | None = None,
) -> None:
    """A recall for each replica; the caller knows that none is queued or under way."""
    if not replicas:
        return
    ids = new_ids(conn, I, len(replicas))
    columns = {
        "id": ids, "kind": RequestKind.STAGE.value, "endpoint_id": endpoint, "replica_id": list(replicas),
        "state": ItemState.QUEUED.value, "since": why.at, "attempts": 0, "tries": 0,
        "next_try_at": after or why.at, "campaign_id": campaign,
    }  # fmt: skip
    insert_columns(conn, I, columns, len(replicas))
    tally.moved(conn, ITEM.noun, ids, "", ItemState.QUEUED)


_LAST_LEASE = (
    select(func.coalesce(func.max(L.c.id), 0))
    .where(L.c.campaign_id == bindparam("campaign"))
    .scalar_subquery()
)
_CAUGHT_UP = (
    update(C).where(C.c.id == bindparam("campaign"), C.c.asked_to < _LAST_LEASE).values(asked_to=_LAST_LEASE)
)


def caught_up(conn: Connection, campaign: Campaign) -> None:
    """Nothing that can be recalled is left after the cursor: it goes to the last lease."""
    conn.execute(_CAUGHT_UP, {"campaign": campaign.id})
