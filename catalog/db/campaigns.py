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
from typing import Any, NamedTuple

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
    text,
    update,
)

from catalog.db import schema, schema_recall, tally
from catalog.db.engine import among, for_update, ids_of, insert_columns, listed, new_ids, unindexed
from catalog.db.given import either, given
from catalog.db.move import Why, born, move, note
from catalog.errors import ConflictingRegistration, IllegalTransition, NotRegistered
from catalog.model import Wish
from catalog.states import (
    CAMPAIGN,
    ITEM,
    LEASE,
    CampaignState,
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

WANTING = (CampaignState.OPEN, CampaignState.TAIL)
LIVE = (LeaseState.WANTED, LeaseState.ACTIVE)
MOST_INPUTS = 100_000  # of jobs, that are looked at for the wishes of one task
LIVE_NOW = text("(lease.state = 'WANTED' OR lease.state = 'ACTIVE')")  # as in ix_lease_until


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


def _campaigns() -> Select[Any]:
    return select(
        C.c.id, C.c.name, E.c.name.label("endpoint"), *C.c[
            "task_id", "production", "priority", "state", "since", "created_at", "owner", "reason", "until",
            "tail_percent", "tail_at", "asked_to", "asked_at", "files", "size", "recalled", "recalled_size",
        ],
    ).join(E, E.c.id == C.c.endpoint_id)  # fmt: skip


# ------------------------------------------------------------------------------------- making one
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


def add(
    conn: Connection, campaign: Campaign, replicas: Sequence[int], sizes: Mapping[int, int], why: Why
) -> int:
    """Leases for these replicas, in this order; those that it has already are left out. Returns how many.

    What is pinned already is served at once. Raises IllegalTransition when the campaign is not being filled
    any more: leases of a canceled one would never end.
    """
    query = select(C.c.state).where(C.c.id == campaign.id)
    state = conn.execute(for_update(conn, query, C)).scalar_one()
    if state != CampaignState.FILLING:
        raise IllegalTransition(
            f"the campaign became {state} while its files were written down; see 'ddm stage show'",
            subject=campaign.name,
        )
    has = select(L.c.replica_id).where(
        L.c.campaign_id == campaign.id,
        among(conn, L.c.replica_id, replicas),
        either(unindexed(L.c.state), LIVE),
    )
    known = set(ids_of(conn, has))
    fresh = [key for key in dict.fromkeys(replicas) if key not in known]
    if not fresh:
        return 0
    ids = new_ids(conn, L, len(fresh))
    columns = {
        "id": ids, "campaign_id": campaign.id, "replica_id": fresh, "state": LeaseState.WANTED.value,
        "since": why.at, "until": campaign.until,
    }  # fmt: skip
    insert_columns(conn, L, columns, len(fresh))
    tally.moved(conn, LEASE.noun, ids, "", LeaseState.WANTED)
    count = {"files": C.c.files + len(fresh), "size": C.c.size + sum(sizes[key] for key in fresh)}
    conn.execute(update(C).where(C.c.id == campaign.id).values(count))
    serve(conn, sorted(set(ids_of(conn, _PINNED, replicas=fresh))), why)
    return len(fresh)


# ------------------------------------------------------------------------------------- finding them
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


# ------------------------------------------------------------------------------------- wishes
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


def _live_item() -> Select[Any]:
    return select(literal(1)).where(
        I.c.kind == RequestKind.STAGE, I.c.replica_id == R.c.id, either(I.c.state, ITEM.live)
    )


def _live_pin() -> Select[Any]:
    return select(literal(1)).where(
        P.c.replica_id == R.c.id, either(P.c.state, (PinState.ACTIVE, PinState.RELEASING))
    )


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
        ~exists(_live_item()),
        ~exists(_live_pin()),
        ~exists(on_disk()),
    )
    .order_by(J.c.id, JI.c.position)
    .limit(bindparam("limit"))
)


def ask(conn: Connection, campaign: Campaign, chosen: Sequence[Wish], why: Why) -> int:
    """Queue a recall for each wish that is neither pinned nor under way; returns how many are new.

    Wishes whose file is pinned already are served at once. The cursor of the campaign moves past them all.
    """
    if not chosen:
        return 0
    replicas = [wish.replica_id for wish in chosen]
    pinned = set(ids_of(conn, _PINNED, replicas=replicas))
    under_way = set(ids_of(conn, _UNDER_WAY, replicas=replicas))
    serve(conn, sorted(pinned), why)
    rest = [key for key in replicas if key not in pinned and key not in under_way]
    queue(conn, rest, chosen[0].endpoint_id, why, campaign=campaign.id)
    last = max(wish.lease_id for wish in chosen)
    values = {"asked_at": why.at, **({"asked_to": last} if last else {})}
    conn.execute(update(C).where(C.c.id == campaign.id).values(values))
    return len(rest)


_PINNED = select(P.c.replica_id).where(
    P.c.replica_id.in_(given("replicas")), unindexed(P.c.state) == PinState.ACTIVE
)
_UNDER_WAY = select(I.c.replica_id).where(
    I.c.replica_id.in_(given("replicas")),
    unindexed(I.c.kind) == RequestKind.STAGE,
    either(unindexed(I.c.state), ITEM.live),
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


# ------------------------------------------------------------------------------------- leases
def serve(conn: Connection, replicas: Sequence[int], why: Why) -> int:
    """The files are online and pinned: whoever wants them has them. Returns how many leases."""
    return len(move(conn, LEASE, _leases(conn, replicas, LeaseState.WANTED), "served", why))


_LEASES = select(L.c.id).where(
    L.c.replica_id.in_(given("replicas")), unindexed(L.c.state) == bindparam("state")
)


def _leases(conn: Connection, replicas: Sequence[int], state: str) -> list[int]:
    return ids_of(conn, _LEASES, replicas=replicas, state=state) if replicas else []


def miss(conn: Connection, replicas: Sequence[int], why: Why) -> int:
    """A person decided that these files will not come: leases that wait for them are registered as gaps."""
    return len(move(conn, LEASE, _leases(conn, replicas, LeaseState.WANTED), "missed", why))


_ONLINE = (
    select(R.c.id)
    .join(E, and_(E.c.id == R.c.endpoint_id, E.c.name == bindparam("endpoint")))
    .join(P, and_(P.c.replica_id == R.c.id, P.c.state == PinState.ACTIVE))
    .where(exists(select(literal(1)).where(L.c.replica_id == R.c.id, L.c.state == LeaseState.WANTED)))
    .limit(bindparam("limit"))
)
_OVERLOOKED = (
    select(R.c.id, R.c.endpoint_id, func.min(L.c.campaign_id))
    .select_from(C)
    .join(E, and_(E.c.id == C.c.endpoint_id, E.c.name == bindparam("endpoint")))
    .join(L, and_(L.c.campaign_id == C.c.id, L.c.id <= C.c.asked_to, L.c.state == LeaseState.WANTED))
    .join(R, and_(R.c.id == L.c.replica_id, R.c.state == ReplicaState.AVAILABLE))
    .where(either(C.c.state, WANTING), ~exists(_live_item()), ~exists(_live_pin()))
    .group_by(R.c.id, R.c.endpoint_id)
    .limit(bindparam("limit"))
)


def overlooked(conn: Connection, endpoint: str, limit: int, why: Why) -> int:
    """Queue recalls for wanted files that have none although their turn has come, e.g. restored ones; and
    serve those that are pinned, be it their turn or not: else they would fill the window for nobody.

    Normally there are none. Returns how many are new or served.
    """
    late = serve(conn, ids_of(conn, _ONLINE, endpoint=endpoint, limit=limit), why)
    found: dict[tuple[int, int], list[int]] = {}
    for replica, place, campaign in conn.execute(_OVERLOOKED, {"endpoint": endpoint, "limit": limit}):
        found.setdefault((place, campaign), []).append(replica)
    for (place, campaign), replicas in found.items():
        queue(conn, replicas, place, why, campaign=campaign)
    return late + sum(map(len, found.values()))


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


def gone(conn: Connection, replicas: Sequence[int], why: Why) -> int:
    """The staged copies of these replicas are gone before their time: whoever has a lease gets them again.

    Returns how many recalls are new. Jobs need no telling: what they cannot read, they want again.
    """
    leases = _leases(conn, replicas, LeaseState.ACTIVE)
    evicted = move(conn, LEASE, leases, "evicted", why)
    if evicted:  # so that nobody says DONE of them who does not see this yet (``finish``)
        theirs = select(L.c.campaign_id).where(among(conn, L.c.id, evicted))
        ids_of(conn, for_update(conn, select(C.c.id).where(C.c.id.in_(theirs)).order_by(C.c.id), C))
    done = (
        select(C.c.id)
        .join(L, L.c.campaign_id == C.c.id)
        .where(among(conn, L.c.id, evicted), C.c.state == CampaignState.DONE)
        .distinct()
    )
    move(conn, CAMPAIGN, ids_of(conn, done) if evicted else [], "wanted_again", why)
    waiting = _leases(conn, replicas, LeaseState.WANTED)
    if not waiting:
        return 0
    wanted = (
        select(R.c.id, R.c.endpoint_id, func.min(L.c.campaign_id))
        .select_from(L)
        .join(R, R.c.id == L.c.replica_id)
        .join(C, C.c.id == L.c.campaign_id)
        .where(
            among(conn, L.c.id, waiting), unindexed(L.c.state) == LeaseState.WANTED, L.c.id <= C.c.asked_to
        )
        .where(either(unindexed(C.c.state), WANTING), ~exists(_live_item()))
        .group_by(R.c.id, R.c.endpoint_id)
    )
    again: dict[tuple[int, int], list[int]] = {}
    for replica, endpoint, campaign in conn.execute(wanted):
        again.setdefault((endpoint, campaign), []).append(replica)
    for (endpoint, campaign), found in again.items():
        queue(conn, found, endpoint, why, campaign=campaign)
    return sum(map(len, again.values()))


def release(conn: Connection, leases: Sequence[int], why: Why) -> list[int]:
    """The consumer needs these no more; returns the replicas whose lease ended. Repeat freely."""
    ended = move(conn, LEASE, leases, "released", why)
    return replicas_of(conn, ended)


_REPLICAS_OF = select(L.c.replica_id).where(L.c.id.in_(given("leases"))).distinct()


def lapsing() -> Select[Any]:
    """Live leases whose time is over, at the time of the parameter ``now``."""
    return select(L.c.id).where(L.c.until <= bindparam("now"), LIVE_NOW)


_LAPSING = lapsing().limit(bindparam("limit")).with_for_update(of=L, skip_locked=True)


def replicas_of(conn: Connection, leases: Sequence[int]) -> list[int]:
    return ids_of(conn, _REPLICAS_OF, leases=leases) if leases else []


def lapse(conn: Connection, now: datetime, limit: int, why: Why) -> list[int]:
    """Leases whose time is over end; returns their replicas. One that is just being renewed is left alone."""
    over = ids_of(conn, _LAPSING, now=now, limit=limit)
    return replicas_of(conn, move(conn, LEASE, over, "lapsed", why))


def renew(conn: Connection, campaign: int, until: datetime | None) -> int:
    """Live leases of the campaign now end then. Returns how many. Repeat freely."""
    # the leases first, as recalls that arrive do: in the other order the two would wait for each other
    changed = update(L).where(L.c.campaign_id == campaign, either(L.c.state, LIVE)).values(until=until)
    count = conn.execute(changed).rowcount
    conn.execute(update(C).where(C.c.id == campaign).values(until=until))
    return count


def noted(conn: Connection, ids: Sequence[int], event: str, why: Why) -> None:
    """A history row of campaigns for something that is no change of state."""
    note(conn, CAMPAIGN.noun, ids, event, why)


def live_leases(conn: Connection, campaign: int, *, after: int = 0, limit: int = 10_000) -> list[int]:
    """The leases that are not over, in order, page by page."""
    query = select(L.c.id).where(L.c.campaign_id == campaign, L.c.id > after, either(L.c.state, LIVE))
    return ids_of(conn, query.order_by(L.c.id).limit(limit))


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that a campaign still waits for, and what its recall is doing."""

    lease_id: int
    lfn: str
    size: int
    run: int
    state: str | None  # of the recall; None: not asked for yet
    item_id: int | None
    attempts: int | None
    code: str | None
    reason: str | None
    next_try_at: datetime | None


def missing(conn: Connection, campaign: int, *, after: int = 0, limit: int = 1000) -> list[Missing]:
    """Files that are not served yet, in the order of their leases, page by page."""
    recall = and_(I.c.replica_id == R.c.id, I.c.kind == RequestKind.STAGE, either(I.c.state, ITEM.live))
    query = (
        select(
            L.c.id, schema.lfn(), F.c.size, F.c.run, I.c.state, I.c.id, I.c.tries, I.c.code, I.c.reason,
            I.c.next_try_at,
        )
        .join(R, R.c.id == L.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .outerjoin(I, recall)
        .where(L.c.campaign_id == campaign, L.c.id > after, L.c.state == LeaseState.WANTED)
        .order_by(L.c.id)
        .limit(limit)
    )  # fmt: skip
    return [Missing(*tuple(row)) for row in conn.execute(query)]


def failing(conn: Connection, campaign: int) -> dict[str, int]:
    """Files that are not served and whose recall failed, by cause."""
    query = (
        select(I.c.code, func.count())
        .select_from(I)
        .join(L, and_(L.c.replica_id == I.c.replica_id, L.c.state == LeaseState.WANTED))
        .where(I.c.state.in_((ItemState.QUEUED, ItemState.HELD)), I.c.kind == RequestKind.STAGE)
        .where(I.c.code.is_not(None), L.c.campaign_id == campaign)
        .group_by(I.c.code)
        .order_by(I.c.code)
    )
    return {row[0]: int(row[1]) for row in conn.execute(query)}


def leases_of_files(conn: Connection, campaign: int, files: Sequence[int]) -> list[int]:
    """The live leases of the campaign on these files."""
    return ids_of(conn, _OF_FILES, files=files, campaign=campaign)


_OF_FILES = (
    select(L.c.id)
    .join(R, R.c.id == L.c.replica_id)
    .where(R.c.file_id.in_(given("files")), L.c.campaign_id == bindparam("campaign"), either(L.c.state, LIVE))
)


class Served(NamedTuple):
    """A file that is online for the campaign. A tuple, as there are many."""

    lease_id: int
    lfn: str
    endpoint: str
    path: str
    size: int
    adler32: int  # printed as eight hex digits


def served(conn: Connection, campaign: int, *, after: int = 0, limit: int = 10_000) -> list[Served]:
    """Files that are online for the campaign, in the order of their leases, page by page."""
    values = {"campaign": campaign, "after": after, "limit": limit}
    return list(map(Served._make, conn.execute(_SERVED, values).all()))


_SERVED = (
    select(L.c.id, schema.lfn(), E.c.name, schema.place(), *F.c["size", "adler32"])
    .join(R, R.c.id == L.c.replica_id)
    .join(F, F.c.id == R.c.file_id)
    .join(E, E.c.id == R.c.endpoint_id)
    .where(L.c.campaign_id == bindparam("campaign"), L.c.id > bindparam("after"))
    .where(L.c.state == LeaseState.ACTIVE)
    .order_by(L.c.id)
    .limit(bindparam("limit"))
)


# ------------------------------------------------------------------------------------- how far
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
