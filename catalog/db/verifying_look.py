"""What rounds have found, and how lately the copies of endpoints were verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Connection,
    func,
    select,
    text,
)

from catalog.db import schema, schema_verifying, tally
from catalog.db.verifying_walk import READABLE, all_of, verifiable
from catalog.states import (
    REPLICA,
    ContentOutcome,
    EndpointKind,
    HowVerified,
    ReplicaState,
)

F, R, E = schema.file, schema.replica, schema.endpoint
L = schema_verifying.verification_line
_LOOKED_AT = ReplicaState.AVAILABLE


@dataclass(frozen=True, slots=True)
class Found:
    """A copy that was found to be other than it should be, or could not be read."""

    round: int
    endpoint: str
    lfn: str
    path: str
    state: ReplicaState
    size: int
    outcome: ContentOutcome
    found_at: datetime
    reason: str


def found(
    conn: Connection, limit: int, *, number: int | None = None, since: datetime | None = None
) -> list[Found]:
    """What was found, the newest first: of one round, or of all since then."""
    query = (
        select(
            L.c.verification_id, E.c.name, schema.lfn(), schema.place(), R.c.state,
            *L.c["size", "outcome", "found_at", "reason"],
        )
        .select_from(L)
        .join(R, R.c.id == L.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(text("verification_line.outcome IS NOT NULL"))
        .order_by(L.c.found_at.desc(), L.c.replica_id)
        .limit(limit)
    )  # fmt: skip
    if number is not None:
        query = query.where(L.c.verification_id == number)
    if since is not None:
        query = query.where(L.c.found_at >= since)
    return [
        Found(key, endpoint, lfn, path, ReplicaState(state), size, ContentOutcome(outcome), at, reason or "")
        for key, endpoint, lfn, path, state, size, outcome, at, reason in conn.execute(query)
    ]


def counts(conn: Connection, number: int) -> dict[ContentOutcome, int]:
    """What came of the copies of a round that are not simply good."""
    query = (
        select(L.c.outcome, func.count())
        .where(L.c.verification_id == number, text("verification_line.outcome IS NOT NULL"))
        .group_by(L.c.outcome)
    )
    return {ContentOutcome(outcome): n for outcome, n in conn.execute(query)}


def not_looked_at(conn: Connection, endpoint: int) -> dict[ReplicaState, int]:
    """Copies at an endpoint that no round looks at, by their state: there should be bytes, and they are not
    AVAILABLE."""
    rows = conn.execute(tally.sums("state", noun="replica", place=endpoint)).all()
    found = {ReplicaState(state): int(n) for state, n, *_ in rows}
    return {state: n for state, n in found.items() if state in REPLICA.live and state is not _LOOKED_AT}


@dataclass(frozen=True, slots=True)
class Freshness:
    """How lately the copies of an endpoint were verified. ``verified``, ``read``: since the time asked for,
    in any way and by reading every byte. ``oldest``: when the one was verified that waits longest."""

    endpoint: str
    kind: EndpointKind
    files: int
    size: int
    verified: int
    read: int
    oldest: datetime | None


def freshness(conn: Connection, since: datetime, endpoint: int | None = None) -> list[Freshness]:
    """The copies of each endpoint, or of one."""
    places = select(*E.c["id", "name", "kind"]).order_by(E.c.name)
    if endpoint is not None:
        places = places.where(E.c.id == endpoint)
    found = []
    for key, name, kind in conn.execute(places).all():
        mine = (R.c.endpoint_id == key, READABLE)
        n, size = all_of(conn, key)
        verified, read = (
            conn.execute(select(func.count()).where(*mine, column >= since)).scalar_one()
            for column in (R.c.verified_at, R.c.read_at)
        )
        oldest = conn.execute(
            select(R.c.verified_at).where(*mine).order_by(R.c.verified_at, R.c.id).limit(1)
        ).scalar()
        found.append(Freshness(name, EndpointKind(kind), n, size, verified, read, oldest))
    return found


def longest_not(conn: Connection, endpoint: int, how: HowVerified, before: datetime) -> bool:
    """Whether a copy there was not verified in this way since then."""
    order = R.c.verified_at if how is HowVerified.ASKED else R.c.read_at
    for old in (order < before,) if how is HowVerified.ASKED else (order.is_(None), order < before):
        query = (
            select(R.c.id)
            .join(F, F.c.id == R.c.file_id)
            .where(R.c.endpoint_id == endpoint, *verifiable(), old, R.c.verified_at < before)
            .limit(1)
        )
        if conn.execute(query).first() is not None:
            return True
    return False
