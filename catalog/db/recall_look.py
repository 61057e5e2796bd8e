"""How the recalls are: amounts per endpoint and campaign, causes of failure, place in the queue. Reads only.

Amounts of leases and pins are sums that are kept with every write. What is said of recalls under way is
counted: there are never more of them than the windows hold, and those that wait for a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select

from catalog.db import campaigns, recall_leases, schema, schema_recall, tally
from catalog.db.campaigns import Campaign
from catalog.db.engine import among, ids_of, listed
from catalog.db.given import given
from catalog.db.recall_leases import Served
from catalog.model import Amount
from catalog.states import (
    ITEM,
    LEASE,
    PIN,
    CampaignState,
    ItemState,
    JobKind,
    JobState,
    LeaseState,
    ReplicaState,
    RequestKind,
    Role,
)

C, L, T = schema_recall.campaign, schema_recall.lease, schema_recall.tape_place
F, R, E, I, P = schema.file, schema.replica, schema.endpoint, schema.item, schema.pin  # noqa: E741

OPEN = (CampaignState.FILLING, CampaignState.OPEN, CampaignState.TAIL)


def places(conn: Connection) -> dict[str, int]:
    """The ids of the endpoints, by name."""
    return {row[0]: row[1] for row in conn.execute(select(E.c.name, E.c.id))}


def amounts(conn: Connection, noun: str) -> dict[tuple[int, str], Amount]:
    """Files and bytes of items, pins or leases, by id of the endpoint and state."""
    query = tally.sums("place", "state", noun=noun)
    return {(row[0], row[1]): Amount(int(row[2]), int(row[3])) for row in conn.execute(query)}


def current(conn: Connection) -> list[Campaign]:
    """Campaigns that want files, or for which files are kept online; most urgent first."""
    active = tally.sums("owner", noun=LEASE.noun, state=LeaseState.ACTIVE.value)
    keeping = {row[0] for row in conn.execute(active)}
    every = campaigns.listing(conn, states=(*OPEN, CampaignState.DONE, CampaignState.CANCELED))
    return [found for found in every if found.state in OPEN or found.id in keeping]


def wanted_runs(conn: Connection) -> dict[int, int]:
    """How many runs campaigns wait for, by id of the endpoint."""
    query = tally.sums("place", "run", noun=LEASE.noun, state=LeaseState.WANTED.value)
    return dict(Counter(row[0] for row in conn.execute(query)))


def waiting_runs(conn: Connection, task: int) -> int:
    """How many runs the jobs of a task wait for."""
    process = {"owner": task, "product": JobKind.PROCESS.value, "state": JobState.WAITING.value}
    return len(conn.execute(tally.sums("run", noun="job", **process)).all())


# ------------------------------------------------------------------------------- under way
@dataclass(frozen=True, slots=True)
class UnderWay:
    """Recalls of one state and last trouble (None: none yet), at an endpoint or for a campaign.

    ``later`` of them may not be asked for yet. ``oldest``: since when the oldest is in its state.
    """

    owner: int  # id of the endpoint or campaign
    state: str
    code: str | None
    files: int
    size: int
    later: int
    oldest: datetime


def under_way_at(conn: Connection, now: datetime) -> list[UnderWay]:
    """Recalls that are not over, by endpoint."""
    return _under_way(conn, I.c.endpoint_id, now, _recalls())


def under_way_for(conn: Connection, now: datetime) -> list[UnderWay]:
    """The same by campaign: recalls of files that it waits for, whoever asked for them first."""
    leased = and_(L.c.replica_id == I.c.replica_id, L.c.state == LeaseState.WANTED)
    of_leases = _under_way(conn, L.c.campaign_id, now, _recalls().join(L, leased))
    tasks = and_(C.c.id == I.c.campaign_id, C.c.task_id.is_not(None))
    return of_leases + _under_way(conn, I.c.campaign_id, now, _recalls().join(C, tasks))


def _recalls() -> Any:
    return I.join(R, R.c.id == I.c.replica_id).join(F, F.c.id == R.c.file_id)


def _under_way(conn: Connection, owner: Any, now: datetime, tables: Any) -> list[UnderWay]:
    waits = and_(I.c.state == ItemState.QUEUED, I.c.next_try_at > now)
    query = (
        select(
            owner, I.c.state, I.c.code, func.count(), func.coalesce(func.sum(F.c.size), 0),
            func.sum(case((waits, 1), else_=0)), func.min(I.c.since),
        )
        .select_from(tables)
        .where(I.c.kind == RequestKind.STAGE, I.c.state.in_(ITEM.live))
        .group_by(owner, I.c.state, I.c.code)
    )  # fmt: skip
    return [
        UnderWay(row[0], row[1], row[2], int(row[3]), int(row[4]), int(row[5]), row[6])
        for row in conn.execute(query)
    ]


# ------------------------------------------------------------------------------- campaigns of tasks
def standing_of_task(conn: Connection, campaign: Campaign, place: int) -> campaigns.Standing:
    """How many raw files of the task are in which state, as of a lease: its readers are its jobs.

    From sums, so bytes are those of files of mean size. A job that is READY or further has its file.
    """
    task = schema.task
    query = select(task.c.dataset_id).where(task.c.id == campaign.task_id)
    dataset = conn.execute(query).scalar_one()
    here = {"owner": dataset, "role": Role.RAW.value, "place": place, "state": ReplicaState.AVAILABLE.value}
    n, size, *_ = conn.execute(tally.sums(noun="replica", **here)).one()
    if not n:
        return campaigns.Standing({}, {})
    files: dict[str, int] = {}
    jobs = tally.sums("state", noun="job", owner=campaign.task_id, product=JobKind.PROCESS.value)
    for state, count, *_ in conn.execute(jobs):
        if word := _AS_LEASE.get(state):
            files[word] = files.get(word, 0) + int(count)
    return campaigns.Standing(files, {word: count * int(size) // int(n) for word, count in files.items()})


_AS_LEASE = {
    JobState.WAITING: LeaseState.WANTED.value,
    JobState.READY: LeaseState.ACTIVE.value,
    JobState.SUBMITTING: LeaseState.ACTIVE.value,
    JobState.RUNNING: LeaseState.ACTIVE.value,
    JobState.ENDED: LeaseState.ACTIVE.value,
    JobState.DONE: LeaseState.RELEASED.value,
}


# ------------------------------------------------------------------------------- files of campaigns
def served_of(
    conn: Connection, parts: Sequence[Campaign], *, after: tuple[int, int] = (0, 0), limit: int
) -> tuple[list[Served], tuple[int, int] | None]:
    """The next files that are online for the campaign, and the key to go on with; None at the end.

    A key is the id of a part of the campaign and of its last lease seen.
    """
    found: list[Served] = []
    key = after
    for part in sorted(parts, key=lambda part: part.id):
        if part.id < after[0]:
            continue
        begin = after[1] if part.id == after[0] else 0
        page = recall_leases.served(conn, part.id, after=begin, limit=limit + 1 - len(found))
        if len(found) + len(page) > limit:
            page = page[: limit - len(found)]
            found += page
            return found, (part.id, page[-1].lease_id) if page else key
        found += page
        key = (part.id, page[-1].lease_id) if page else key
    return found, None


@dataclass(frozen=True, slots=True)
class RunStanding:
    """A run of a campaign: its files, and how many of them are waited for, online, and done with."""

    run: int
    files: int
    wanted: int
    online: int
    over: int


def runs_of(conn: Connection, ids: Sequence[int]) -> list[RunStanding]:
    """The runs of these campaigns, from sums."""
    found: dict[int, dict[str, int]] = {}
    query = tally.sums("run", "state", noun=LEASE.noun).where(tally.T.c.owner.in_(listed(conn, ids)))
    for run, state, n, *_ in conn.execute(query):
        found.setdefault(run, {})[state] = int(n)
    return [
        RunStanding(
            run,
            sum(states.values()),
            wanted := states.get(LeaseState.WANTED, 0),
            online := states.get(LeaseState.ACTIVE, 0),
            sum(states.values()) - wanted - online,
        )
        for run, states in sorted(found.items())
    ]


def files_of_leases(conn: Connection, leases: Sequence[int]) -> list[int]:
    """The files that these leases are about."""
    return ids_of(conn, _FILES_OF_LEASES, leases=leases)


_FILES_OF_LEASES = (
    select(R.c.file_id).join(L, L.c.replica_id == R.c.id).where(L.c.id.in_(given("leases"))).distinct()
)


# ------------------------------------------------------------------------------- one file
@dataclass(frozen=True, slots=True)
class LeaseFact:
    """A lease on a file, and the campaign that has it."""

    id: int
    replica_id: int
    campaign_id: int
    campaign: str
    owner: str
    priority: int
    campaign_state: str
    state: str
    since: datetime
    until: datetime | None
    asked_for: bool  # the campaign had its turn: a recall was queued


def leases_of(conn: Connection, file: int) -> list[LeaseFact]:
    """Every lease on the file, live ones first."""
    query = (
        select(
            L.c.id, L.c.replica_id, C.c.id, C.c.name, C.c.owner, C.c.priority, C.c.state, L.c.state,
            L.c.since, L.c.until, L.c.id <= C.c.asked_to,
        )
        .select_from(R)
        .join(L, L.c.replica_id == R.c.id)
        .join(C, C.c.id == L.c.campaign_id)
        .where(R.c.file_id == file)
        .order_by(L.c.state.not_in(recall_leases.LIVE), L.c.id)
    )  # fmt: skip
    return [LeaseFact(*tuple(row)) for row in conn.execute(query)]


def tape_places(conn: Connection, replicas: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Tape and position of these replicas, where somebody told."""
    query = select(T.c.replica_id, T.c.tape, T.c.position).where(among(conn, T.c.replica_id, replicas))
    return {row[0]: (row[1], row[2]) for row in conn.execute(query)}


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is recalled before a file that was not asked for yet: files of more urgent campaigns at its
    endpoint, and those of its own campaign."""

    urgent: int
    own: int


def ahead_of(conn: Connection, lease: LeaseFact) -> Ahead:
    """How long the queue before the lease is."""
    place = select(C.c.endpoint_id).where(C.c.id == lease.campaign_id).scalar_subquery()
    urgent = select(C.c.id).where(
        C.c.endpoint_id == place, C.c.priority > lease.priority, C.c.state.in_(campaigns.WANTING)
    )
    wanted = tally.sums(noun=LEASE.noun, state=LeaseState.WANTED.value)
    n = conn.execute(wanted.where(tally.T.c.owner.in_(urgent))).one()[0]
    cursor = select(C.c.asked_to).where(C.c.id == lease.campaign_id).scalar_subquery()
    own = select(func.count()).where(
        L.c.campaign_id == lease.campaign_id,
        L.c.id > cursor,
        L.c.id < lease.id,
        L.c.state == LeaseState.WANTED,
    )
    return Ahead(int(n or 0), int(conn.execute(own).scalar_one()))


def due_before(conn: Connection, item: int) -> int:
    """Recalls that are queued at the same endpoint and come before this one."""
    me = select(I.c.endpoint_id, I.c.next_try_at).where(I.c.id == item).subquery()
    query = (
        select(func.count())
        .select_from(I)
        .join(me, me.c.endpoint_id == I.c.endpoint_id)
        .where(I.c.kind == RequestKind.STAGE, I.c.state == ItemState.QUEUED)
        .where(
            (I.c.next_try_at < me.c.next_try_at) | and_(I.c.next_try_at == me.c.next_try_at, I.c.id < item)
        )
    )
    return int(conn.execute(query).scalar_one())


# ------------------------------------------------------------------------------- one run
@dataclass(frozen=True, slots=True)
class RunRecall:
    """Files of a run at a tape endpoint: on tape only, asked for, and online."""

    endpoint: str
    on_tape: int
    queued: int
    in_flight: int
    held: int
    online: int


def recalls_of_run(conn: Connection, run: int) -> list[RunRecall]:
    """How far the recall of the run's raw files is, by endpoint."""
    query: Select[Any] = (
        select(
            E.c.name,
            func.count(),
            _count(I.c.state == ItemState.QUEUED),
            _count(I.c.state.in_((ItemState.SUBMITTING, ItemState.SUBMITTED))),
            _count(I.c.state == ItemState.HELD),
            _count(P.c.id.is_not(None)),
        )
        .select_from(_tape_replicas_of_run())
        .where(*_of_run(run))
        .group_by(E.c.name)
        .order_by(E.c.name)
    )
    return [RunRecall(row[0], *map(int, row[1:])) for row in conn.execute(query)]


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _tape_replicas_of_run() -> Any:
    recall = and_(I.c.replica_id == R.c.id, I.c.kind == RequestKind.STAGE, I.c.state.in_(ITEM.live))
    pinned = and_(P.c.replica_id == R.c.id, P.c.state.in_(PIN.live))
    return (
        F.join(R, R.c.file_id == F.c.id)
        .join(E, E.c.id == R.c.endpoint_id)
        .outerjoin(I, recall)
        .outerjoin(P, pinned)
    )


def _of_run(run: int) -> tuple[Any, ...]:
    return (
        F.c.run == run,
        F.c.role == Role.RAW,
        F.c.retired_at.is_(None),
        E.c.kind == "tape",
        R.c.state == ReplicaState.AVAILABLE,
    )


@dataclass(frozen=True, slots=True)
class Straggler:
    """A raw file of a run that is wanted and failed to come online."""

    lfn: str
    state: str
    code: str
    next_try_at: datetime


def stragglers_of_run(conn: Connection, run: int, limit: int = 10) -> list[Straggler]:
    """Recalls of the run's raw files that failed and will be tried again."""
    query = (
        select(schema.lfn(), I.c.state, I.c.code, I.c.next_try_at)
        .select_from(_tape_replicas_of_run())
        .where(*_of_run(run), I.c.state == ItemState.QUEUED, I.c.code.is_not(None))
        .order_by(I.c.next_try_at, I.c.id)
        .limit(limit)
    )
    return [Straggler(*tuple(row)) for row in conn.execute(query)]
