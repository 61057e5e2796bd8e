"""Pins: staged copies that a service was asked to keep, and who still needs them.

A pin is needed while a job may read the file or a campaign has a live lease on it. Both are asked of facts,
so that no counter can leak; ``unneeded`` of some replicas is asked when a reader left, of all now and then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, func, literal, select, update

from catalog.db import recall_leases, schema, schema_recall, tally
from catalog.db.engine import among, ids_of, insert_columns, new_ids, unindexed
from catalog.db.given import either, given
from catalog.db.move import Why, move
from catalog.db.tally import Known
from catalog.model import LivePin
from catalog.states import PIN, JobState, PinState

F, R, E, P = schema.file, schema.replica, schema.endpoint, schema.pin
J, JI, L = schema.job, schema.job_input, schema_recall.lease

LIVE_LEASES = recall_leases.LIVE
READERS = (JobState.WAITING, JobState.READY, JobState.SUBMITTING, JobState.RUNNING, JobState.ENDED)


def pin(
    conn: Connection,
    replicas: Sequence[int],
    token: str,
    until: datetime,
    why: Why,
    known: Sequence[Known] | None = None,
) -> None:
    """A pin for each replica, under the service's token; nobody else has one.

    ``known``: what each counts for in the sums, if the caller has it at hand.
    """
    if not replicas:
        return
    ids = new_ids(conn, P, len(replicas))
    columns = {
        "id": ids, "replica_id": list(replicas), "state": PinState.ACTIVE.value, "since": why.at,
        "token": token, "until": until,
    }  # fmt: skip
    insert_columns(conn, P, columns, len(replicas))
    by_id = None if known is None else dict(zip(ids, known, strict=True))
    tally.moved(conn, PIN.noun, ids, "", PinState.ACTIVE, by_id)


@cache
def read_by_a_job() -> Select[Any]:
    return (
        select(literal(1))
        .select_from(JI)
        .join(J, J.c.id == JI.c.job_id)
        .where(JI.c.file_id == R.c.file_id, either(J.c.state, READERS))
    )


@cache
def _leased() -> Select[Any]:
    return select(literal(1)).where(L.c.replica_id == P.c.replica_id, either(L.c.state, LIVE_LEASES))


_NOBODYS = (
    select(P.c.id)
    .join(R, R.c.id == P.c.replica_id)
    .where(~exists(_leased()), ~exists(read_by_a_job()))
    .limit(bindparam("limit"))
)
_UNNEEDED = _NOBODYS.where(P.c.state == PinState.ACTIVE)
_UNNEEDED_OF = _NOBODYS.where(P.c.replica_id.in_(given("replicas")), unindexed(P.c.state) == PinState.ACTIVE)


def unneeded(conn: Connection, limit: int, *, replicas: Sequence[int] | None = None) -> list[int]:
    """Active pins that no job and no lease needs; only those of these replicas, if given."""
    if replicas is None:
        return ids_of(conn, _UNNEEDED, limit=limit)
    return ids_of(conn, _UNNEEDED_OF, limit=limit, replicas=replicas)


def active(conn: Connection, replicas: Sequence[int]) -> list[int]:
    """The ACTIVE pins of these replicas."""
    return ids_of(conn, _ACTIVE, replicas=replicas) if replicas else []


_ACTIVE = select(P.c.id).where(P.c.replica_id.in_(given("replicas")), unindexed(P.c.state) == PinState.ACTIVE)


def leave(conn: Connection, replicas: Sequence[int], why: Why) -> int:
    """A reader of these left: pins that nobody else needs are to be released. Returns how many."""
    if not replicas:
        return 0
    return len(move(conn, PIN, unneeded(conn, len(replicas), replicas=replicas), "last_reader_left", why))


def lost(conn: Connection, pins: Sequence[int], why: Why) -> int:
    """The staged copies are gone, or cannot be relied on: who has a lease gets them again."""
    return _gone_with(conn, move(conn, PIN, pins, "lapsed", why), why)


def released(
    conn: Connection, pins: Sequence[int], why: Why, known: Mapping[int, Known] | None = None
) -> int:
    """The service was told that it may drop the copies. Returns how many. ``known`` as for ``move``.

    On PostgreSQL a new lease may have been served by a pin that was just leaving: it gets the file again.
    """
    return _gone_with(conn, move(conn, PIN, pins, "released", why, known=known), why)


def distrust(conn: Connection, pins: Sequence[int], why: Why) -> int:
    """A reader found other bytes: the copies are released, so that they go, and recalled again for whoever
    has a lease. (The release is sent before the recall.)"""
    return _gone_with(conn, move(conn, PIN, pins, "last_reader_left", why), why)


def _gone_with(conn: Connection, pins: Sequence[int], why: Why) -> int:
    if pins:
        recall_leases.gone(conn, ids_of(conn, _REPLICAS_OF, pins=pins), why)
    return len(pins)


_REPLICAS_OF = select(P.c.replica_id).where(P.c.id.in_(given("pins")))


def forget_leaving(conn: Connection, replicas: Sequence[int], why: Why) -> int:
    """Copies about to be released are wanted again: the release is not sent, the recall makes a new pin."""
    leaving = ids_of(conn, _LEAVING, replicas=replicas)
    return len(move(conn, PIN, leaving, "lapsed", why.because("wanted again before its release")))


_LEAVING = select(P.c.id).where(
    P.c.replica_id.in_(given("replicas")), unindexed(P.c.state) == PinState.RELEASING
)
_OVER = (
    select(P.c.id)
    .where(P.c.state == bindparam("state"), P.c.until <= bindparam("now"))
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends: a lease's time is over; a copy is to be released; when the first active pin ends."""

    lapsing: bool
    leaving: bool
    first: datetime | None


_ENDING = select(
    exists(recall_leases.lapsing()),
    exists(select(literal(1)).where(P.c.state == PinState.RELEASING)),
    select(func.min(P.c.until)).where(P.c.state == PinState.ACTIVE).scalar_subquery(),
)


def ending(conn: Connection, now: datetime) -> Ending:
    """Whether anything ends; one question, as it is asked every round."""
    lapsing, leaving, first = conn.execute(_ENDING, {"now": now}).one()
    return Ending(bool(lapsing), bool(leaving), first)


def over(conn: Connection, state: PinState, now: datetime, limit: int) -> list[int]:
    """Pins in the state whose time has passed."""
    return ids_of(conn, _OVER, state=state, now=now, limit=limit)


_LIVE = (
    select(P.c.id, P.c.replica_id, E.c.name, schema.place(), P.c.token, F.c.size)
    .join(R, R.c.id == P.c.replica_id)
    .join(F, F.c.id == R.c.file_id)
    .join(E, E.c.id == R.c.endpoint_id)
    .where(P.c.state == bindparam("state"), E.c.name == bindparam("endpoint"))
    .order_by(P.c.token, P.c.id)
    .limit(bindparam("limit"))
)
_LIVE_UNTIL = _LIVE.where(P.c.until <= bindparam("until"))
_LIVE_UNSEEN = _LIVE.where(func.coalesce(P.c.looked_at, P.c.since) <= bindparam("unseen"))


def live(
    conn: Connection,
    endpoint: str,
    state: PinState,
    limit: int,
    *,
    until: datetime | None = None,
    not_looked_at_since: datetime | None = None,
) -> list[LivePin]:
    """Pins in a state at the endpoint, by the service's token; those that end until then, or those that
    nobody looked at since then, if given."""
    values = {"state": state, "endpoint": endpoint, "limit": limit}
    if until is not None:
        found = conn.execute(_LIVE_UNTIL, {**values, "until": until})
    elif not_looked_at_since is not None:
        found = conn.execute(_LIVE_UNSEEN, {**values, "unseen": not_looked_at_since})
    else:
        found = conn.execute(_LIVE, values)
    return list(map(LivePin._make, found.all()))


_LOOKED_AT = update(P).where(P.c.id.in_(given("pins"))).values(looked_at=bindparam("now"))


def looked_at(conn: Connection, pins: Sequence[int], now: datetime) -> None:
    """The service said that these copies are still there."""
    if pins:
        conn.execute(_LOOKED_AT, {"pins": pins, "now": now})


def of_inputs(conn: Connection, jobs: Sequence[int]) -> list[int]:
    """The active pins on the inputs of these jobs."""
    query = (
        select(P.c.id)
        .join(R, R.c.id == P.c.replica_id)
        .join(JI, JI.c.file_id == R.c.file_id)
        .where(P.c.state == PinState.ACTIVE, among(conn, JI.c.job_id, jobs))
    )
    return ids_of(conn, query)
