"""Leases of recall campaigns: one per file and consumer, from the wish to the release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
    text,
    update,
)

from catalog.db import campaigns, recall_wishes, schema, schema_recall, tally
from catalog.db.campaigns import Campaign
from catalog.db.engine import among, for_update, ids_of, insert_columns, new_ids, unindexed
from catalog.db.given import either, given
from catalog.db.move import Why, move
from catalog.db.recall_wishes import live_item, live_pin
from catalog.errors import IllegalTransition
from catalog.model import Wish
from catalog.states import (
    CAMPAIGN,
    ITEM,
    LEASE,
    CampaignState,
    ItemState,
    LeaseState,
    PinState,
    ReplicaState,
    RequestKind,
)

C, L, T = schema_recall.campaign, schema_recall.lease, schema_recall.tape_place
F, R, E, I, P = schema.file, schema.replica, schema.endpoint, schema.item, schema.pin  # noqa: E741
J, JI = schema.job, schema.job_input

LIVE = (LeaseState.WANTED, LeaseState.ACTIVE)
LIVE_NOW = text("(lease.state = 'WANTED' OR lease.state = 'ACTIVE')")  # as in ix_lease_until


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
    recall_wishes.queue(conn, rest, chosen[0].endpoint_id, why, campaign=campaign.id)
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
    .where(either(C.c.state, campaigns.WANTING), ~exists(live_item()), ~exists(live_pin()))
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
        recall_wishes.queue(conn, replicas, place, why, campaign=campaign)
    return late + sum(map(len, found.values()))


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
        .where(either(unindexed(C.c.state), campaigns.WANTING), ~exists(live_item()))
        .group_by(R.c.id, R.c.endpoint_id)
    )
    again: dict[tuple[int, int], list[int]] = {}
    for replica, endpoint, campaign in conn.execute(wanted):
        again.setdefault((endpoint, campaign), []).append(replica)
    for (endpoint, campaign), found in again.items():
        recall_wishes.queue(conn, found, endpoint, why, campaign=campaign)
    return sum(map(len, again.values()))


def release(conn: Connection, leases: Sequence[int], why: Why) -> list[int]:
    """The consumer needs these no more; returns the replicas whose lease ended. Repeat freely."""
    ended = move(conn, LEASE, leases, "released", why)
    return replicas_of(conn, ended)


_REPLICAS_OF = select(L.c.replica_id).where(L.c.id.in_(given("leases"))).distinct()


@cache
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
