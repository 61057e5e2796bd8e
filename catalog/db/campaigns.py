"""Recall campaigns: who wants which files, in which order, and how far it is.

A campaign is a named wish of one consumer for many files at one tape endpoint; its leases are one per file,
numbered in the order of recall. The campaign of a task has no leases: its wishes are the inputs of the
task's waiting jobs, so that nothing can leak when a job ends.

A file that two campaigns want is recalled once: recalls and pins are per replica (that is endpoint, path and
version of the file), leases per consumer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from catalog.db import schema, schema_recall, tally
from catalog.db.engine import ids_of, listed, new_ids
from catalog.db.given import either, given
from catalog.db.move import Why, born, move, note
from catalog.errors import ConflictingRegistration, NotRegistered
from catalog.states import (
    CAMPAIGN,
    LEASE,
    CampaignState,
    LeaseState,
)

C, L, T = schema_recall.campaign, schema_recall.lease, schema_recall.tape_place
F, R, E, I, P = schema.file, schema.replica, schema.endpoint, schema.item, schema.pin  # noqa: E741
J, JI = schema.job, schema.job_input

WANTING = (CampaignState.OPEN, CampaignState.TAIL)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign at one endpoint. ``size`` and ``recalled_size`` in bytes."""

    id: int
    name: str
    endpoint: str
    task_id: int | None
    production: str
    priority: int
    state: str
    since: datetime
    created_at: datetime
    owner: str
    reason: str
    until: datetime | None
    tail_percent: float | None
    tail_at: datetime | None
    asked_to: int
    asked_at: datetime | None
    files: int
    size: int
    recalled: int
    recalled_size: int


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What a consumer asks for. ``until``: end of its leases, None: until it releases them."""

    name: str
    endpoint: str
    production: str
    priority: int
    owner: str
    reason: str = ""
    until: datetime | None = None
    tail_percent: float | None = None
    tail_at: datetime | None = None


@cache
def _campaigns() -> Select[Any]:
    return select(
        C.c.id, C.c.name, E.c.name.label("endpoint"), *C.c[
            "task_id", "production", "priority", "state", "since", "created_at", "owner", "reason", "until",
            "tail_percent", "tail_at", "asked_to", "asked_at", "files", "size", "recalled", "recalled_size",
        ],
    ).join(E, E.c.id == C.c.endpoint_id)  # fmt: skip


def begin(conn: Connection, new: NewCampaign, why: Why) -> Campaign:
    """A campaign that is being filled; the same again after a crash in the middle of filling it.

    Raises ConflictingRegistration when the name is that of another campaign, or of one that is filled.
    """
    known = named(conn, new.name, new.endpoint)
    if known is not None:
        if known.state != CampaignState.FILLING:
            raise ConflictingRegistration(
                f"a campaign of this name is {known.state} at {new.endpoint}; choose another name, "
                f"or see 'ddm stage show {new.name}'",
                subject=new.name,
                advice="",
            )
        return known
    (key,) = new_ids(conn, C, 1)
    _insert(conn, key, new, CampaignState.FILLING, None, why)
    return _one(conn, key)


def of_task(conn: Connection, task: int, new: NewCampaign, why: Why) -> int:
    """The campaign of a task at an endpoint: made on first use, always open."""
    place = select(E.c.id).where(E.c.name == new.endpoint).scalar_subquery()
    found = conn.execute(select(C.c.id).where(C.c.task_id == task, C.c.endpoint_id == place)).scalar()
    if found is not None:
        return int(found)
    (key,) = new_ids(conn, C, 1)
    _insert(conn, key, new, CampaignState.OPEN, task, why)
    return key


def _insert(
    conn: Connection, key: int, new: NewCampaign, state: CampaignState, task: int | None, why: Why
) -> None:
    place = select(E.c.id).where(E.c.name == new.endpoint).scalar_subquery()
    values = {
        "id": key, "name": new.name, "endpoint_id": place, "task_id": task, "production": new.production,
        "priority": new.priority, "state": state.value, "since": why.at, "created_at": why.at,
        "owner": new.owner, "reason": new.reason, "until": new.until, "tail_percent": new.tail_percent,
        "tail_at": new.tail_at,
    }  # fmt: skip
    conn.execute(insert(C).values(**values))
    born(conn, CAMPAIGN, [key], state, why)


def _one(conn: Connection, key: int) -> Campaign:
    return Campaign(*tuple(conn.execute(_campaigns().where(C.c.id == key)).one()))


def named(conn: Connection, name: str, endpoint: str) -> Campaign | None:
    row = conn.execute(_campaigns().where(C.c.name == name, E.c.name == endpoint)).one_or_none()
    return None if row is None else Campaign(*tuple(row))


_ALL_NAMED = _campaigns().where(C.c.name == bindparam("name")).order_by(E.c.name)


def all_named(conn: Connection, name: str) -> list[Campaign]:
    """The parts of a campaign, one for each endpoint. Raises NotRegistered when there is none."""
    found = _read(conn, _ALL_NAMED, name=name)
    if not found:
        raise NotRegistered("no such campaign; 'ddm stage status' lists them", subject=name, advice="")
    return found


def listing(conn: Connection, *, states: Iterable[str] = WANTING) -> list[Campaign]:
    """Campaigns in these states, most urgent first."""
    return _read(conn, _campaigns().where(C.c.state.in_(tuple(states))).order_by(C.c.priority.desc(), C.c.id))


@cache
def _unasked() -> Select[Any]:
    return select(literal(1)).where(
        L.c.campaign_id == C.c.id, L.c.state == LeaseState.WANTED, L.c.id > C.c.asked_to
    )


def waiting(conn: Connection, endpoint: str) -> int:
    """How many campaigns at the endpoint have files for which no recall was queued yet."""
    query = (
        select(func.count())
        .select_from(C)
        .join(E, E.c.id == C.c.endpoint_id)
        .where(E.c.name == endpoint, either(C.c.state, WANTING), exists(_unasked()))
    )
    return int(conn.execute(query).scalar_one())


_HEADS = (
    _campaigns()
    .where(E.c.name == bindparam("endpoint"), either(C.c.state, WANTING))
    .where(or_(C.c.task_id.is_not(None), exists(_unasked())))
    .order_by(C.c.priority.desc(), func.coalesce(C.c.asked_at, C.c.created_at), C.c.id)
    .with_for_update(of=C, skip_locked=True)
)
_ANY_WANT = select(
    exists(
        select(literal(1))
        .select_from(C)
        .join(E, E.c.id == C.c.endpoint_id)
        .where(E.c.name == bindparam("endpoint"), either(C.c.state, WANTING))
        .where(or_(C.c.task_id.is_not(None), exists(_unasked())))
    )
)


def any_want(conn: Connection, endpoint: str) -> bool:
    """Whether a campaign may want something now at the endpoint, without a lock."""
    return bool(conn.execute(_ANY_WANT, {"endpoint": endpoint}).scalar())


def heads(conn: Connection, endpoint: str) -> list[Campaign]:
    """Campaigns that may want something now at the endpoint, locked: most urgent first, among equals the one
    that has waited longest since its last share. Those that another process looks after are left out."""
    return _read(conn, _HEADS, endpoint=endpoint)


def _read(conn: Connection, query: Select[Any], **values: Any) -> list[Campaign]:
    return [Campaign(*tuple(row)) for row in conn.execute(query, values)]


_BY_ID = _campaigns().where(C.c.id.in_(given("ids")))


def by_id(conn: Connection, ids: Iterable[int]) -> dict[int, Campaign]:
    """The campaigns of these ids."""
    return {campaign.id: campaign for campaign in _read(conn, _BY_ID, ids=sorted(ids))}


def noted(conn: Connection, ids: Sequence[int], event: str, why: Why) -> None:
    """A history row of campaigns for something that is no change of state."""
    note(conn, CAMPAIGN.noun, ids, event, why)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many files of a campaign, and their bytes, are in each state of a lease."""

    files: Mapping[str, int]
    size: Mapping[str, int]


def standing(conn: Connection, ids: Sequence[int]) -> dict[int, Standing]:
    """By campaign; from sums kept with every write."""
    found: dict[int, Standing] = {key: Standing({}, {}) for key in ids}
    query = tally.sums("owner", "state", noun=LEASE.noun).where(tally.T.c.owner.in_(listed(conn, ids)))
    for owner, state, n, size, *_ in conn.execute(query):
        found[owner].files[state] = int(n)  # type: ignore[index]
        found[owner].size[state] = int(size)  # type: ignore[index]
    return found


def count_recalled(conn: Connection, done: Mapping[int, tuple[int, int]]) -> None:
    """Add (files, bytes) that were recalled on behalf of each campaign."""
    for campaign, (files, size) in sorted(done.items()):
        conn.execute(_COUNT_RECALLED, {"campaign": campaign, "more": files, "more_size": size})


_COUNT_RECALLED = (
    update(C)
    .where(C.c.id == bindparam("campaign"))
    .values(
        recalled=C.c.recalled + bindparam("more"), recalled_size=C.c.recalled_size + bindparam("more_size")
    )
)
_MINE = (
    select(C.c.id)
    .where(either(C.c.state, WANTING), C.c.task_id.is_(None))
    .with_for_update(of=C, skip_locked=True)
)
_LEFT = func.coalesce(
    select(func.sum(case((tally.T.c.state == LeaseState.WANTED, tally.T.c.n), else_=0)))
    .where(tally.T.c.noun == LEASE.noun, tally.T.c.owner == C.c.id)
    .scalar_subquery(),
    0,
)
_ANY_FINISHED = select(
    exists(
        select(literal(1)).where(
            either(C.c.state, WANTING),
            C.c.task_id.is_(None),
            or_(
                _LEFT == 0,
                and_(
                    C.c.state == CampaignState.OPEN,
                    or_(
                        C.c.tail_at <= bindparam("now"),
                        C.c.files * (100 - C.c.tail_percent) / 100 >= _LEFT,
                    ),
                ),
            ),
        )
    )
)
_UNFINISHED = select(C.c.id, C.c.state, C.c.files, C.c.tail_percent, C.c.tail_at, _LEFT).where(
    C.c.id.in_(given("ids"))
)


def any_finished(conn: Connection, now: datetime) -> bool:
    """Whether ``finish`` has something to do, without a lock."""
    return bool(conn.execute(_ANY_FINISHED, {"now": now}).scalar())


def finish(conn: Connection, now: datetime, why: Why) -> int:
    """Campaigns whose every file is served are DONE; those that reached their tail say so."""
    waiting = ids_of(conn, _MINE)  # the sums are asked for afterwards
    if not waiting:
        return 0
    over, tail = [], []
    for key, state, files, percent, at, wanted in conn.execute(_UNFINISHED, {"ids": waiting}):
        if wanted == 0:
            over.append(key)
        elif state == CampaignState.OPEN and (
            (at is not None and at <= now)
            or (percent is not None and wanted <= files * (100 - percent) / 100)
        ):
            tail.append(key)
    return len(move(conn, CAMPAIGN, over, "served", why)) + len(
        move(conn, CAMPAIGN, tail, "tail_reached", why)
    )
