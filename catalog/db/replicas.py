"""Replicas: which are to be compared, withdrawn or removed; and what was found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, literal, or_, select, update

from catalog.checksum import Adler32
from catalog.db import freezes, schema
from catalog.db.engine import among, for_update, ids_of
from catalog.db.given import given
from catalog.db.move import Why, move
from catalog.model import Compared
from catalog.states import ITEM, REPLICA, EndpointKind, GroupState, Locality, ReplicaState, RequestKind

F, R, E = schema.file, schema.replica, schema.endpoint
COMPARABLE = (ReplicaState.UNVERIFIED, ReplicaState.ARCHIVING, ReplicaState.SUSPECT)


def comparable(conn: Connection, now: datetime, limit: int) -> list[Compared]:
    """Question of hop 2 and of the archive: replicas not compared yet, or not yet on tape.

    Those of files whose size or checksum nobody has said are left: there is nothing to compare with.
    """
    query = (
        select(
            R.c.id,
            schema.place(),
            *R.c["state", "tries"],
            *F.c["size", "adler32", "product"],
            *E.c["name", "kind"],
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(R.c.state.in_(COMPARABLE), R.c.next_try_at <= now)
        .where(F.c.size.is_not(None), F.c.adler32.is_not(None))
        .order_by(R.c.id)
        .limit(limit)
    )
    rows: Sequence[Any] = conn.execute(query).all()
    return [
        Compared(key, endpoint, EndpointKind(kind), path, state, size, Adler32(adler32), tries, product)
        for key, path, state, tries, size, adler32, product, endpoint, kind in rows
    ]


_SEEN = (
    update(R)
    .where(R.c.id.in_(given("ids")), R.c.locality != bindparam("seen"))
    .values(locality=bindparam("seen"))
)


def record_seen(conn: Connection, seen: Mapping[Locality, Sequence[int]]) -> None:
    """Store where the service says the bytes are."""
    for locality, ids in seen.items():
        if ids:
            conn.execute(_SEEN, {"ids": ids, "seen": locality.value})


def record_compared(
    conn: Connection,
    event: str,
    ids: Sequence[int],
    why: Why,
    *,
    how: str = "",
    again: datetime | None = None,
    at: datetime | None = None,
) -> list[int]:
    """Apply what a comparison said. Good ones get ``verified_at`` and how; buffered ones are seen again.

    ``at``: when it was compared, if not now.
    """
    also: dict[str, Any] = {"tries": 0}
    if event in ("verified", "verified_in_buffer", "on_tape"):
        also |= {"verified_at": at or why.at, "verified_how": how}
    if again is not None:
        also["next_try_at"] = again
    return move(conn, REPLICA, ids, event, why, **also)


def postpone(conn: Connection, ids: Sequence[int], until: datetime, *, count: bool) -> None:
    """Look at these replicas again later. ``count``: the look failed, rather than found nothing new."""
    if ids:
        tries = R.c.tries + 1 if count else R.c.tries
        conn.execute(update(R).where(among(conn, R.c.id, ids)).values(next_try_at=until, tries=tries))


def removable(
    conn: Connection,
    product: str | Collection[str],
    withdrawn_before: datetime,
    limit: int,
    *,
    among_ids: Sequence[int] | None = None,
) -> list[int]:
    """Question of hop 10: certified replicas whose grace time is over and whose product is still archived.

    ``product`` is one or several that have the same grace time.
    Invariants 2 and 3: only TRASHED ones, and a group made from them must be ARCHIVED with its output
    AVAILABLE on tape at this moment. ``among_ids`` asks only about these, to look again at the last moment;
    then one whose removal failed before needs no second grace time.
    """
    waited = R.c.since <= withdrawn_before
    if among_ids is not None:
        waited = or_(waited, exists(_live_removal().where(schema.item.c.code.is_not(None))))
    query = (
        select(R.c.id)
        .join(F, F.c.id == R.c.file_id)
        .where(
            R.c.state == ReplicaState.TRASHED,
            waited,
            F.c.product.in_([product] if isinstance(product, str) else product),
            exists(select(1).where(schema.certified.c.replica_id == R.c.id)),
            exists(_safely_archived()),
            ~freezes.lies_over(R),
        )
        .order_by(R.c.id)
        .limit(limit)
    )
    if among_ids is not None:
        query = query.where(among(conn, R.c.id, among_ids))
    else:
        query = query.where(~exists(_live_removal()))
    return ids_of(conn, for_update(conn, query, R, skip_locked=True))


def _safely_archived() -> Select[Any]:
    """A live group that holds the file, archived, with its output verified on tape."""
    member, group = schema.member, schema.group
    tape = R.alias("tape")
    store = E.alias("store")
    return (
        select(literal(1))
        .select_from(member)
        .join(group, group.c.id == member.c.group_id)
        .join(tape, tape.c.file_id == group.c.output_id)
        .join(store, store.c.id == tape.c.endpoint_id)
        .where(
            member.c.file_id == R.c.file_id,
            member.c.live,
            group.c.state == GroupState.ARCHIVED,
            tape.c.state == ReplicaState.AVAILABLE,
            store.c.kind == EndpointKind.TAPE,
        )
        .correlate(R)
    )


def _live_removal() -> Select[Any]:
    item = schema.item
    return (
        select(literal(1))
        .where(item.c.kind == RequestKind.REMOVE, item.c.replica_id == R.c.id, item.c.state.in_(ITEM.live))
        .correlate(R)
    )


def inputs_on_disk(conn: Connection, jobs: Sequence[int]) -> list[int]:
    """The AVAILABLE replicas on disk of the inputs of these jobs."""
    inputs = schema.job_input
    query = (
        select(R.c.id)
        .join(E, and_(E.c.id == R.c.endpoint_id, E.c.kind == EndpointKind.DISK))
        .join(inputs, inputs.c.file_id == R.c.file_id)
        .where(R.c.state == ReplicaState.AVAILABLE, among(conn, inputs.c.job_id, jobs))
        .distinct()
    )
    return [row[0] for row in conn.execute(query)]


def deleting(conn: Connection, ids: Sequence[int]) -> list[int]:
    """Which of these are DELETING: their removal was sent, and nobody heard how it ended."""
    query = select(R.c.id).where(R.c.state == ReplicaState.DELETING, among(conn, R.c.id, ids))
    return ids_of(conn, query)


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a replica, since when, and when its bytes were last compared."""

    state: ReplicaState
    since: datetime
    verified_at: datetime | None


def standing(conn: Connection, ids: Sequence[int]) -> dict[int, Standing]:
    """How each of these replicas stands."""
    rows = conn.execute(select(*R.c["id", "state", "since", "verified_at"]).where(among(conn, R.c.id, ids)))
    return {key: Standing(ReplicaState(state), since, seen) for key, state, since, seen in rows}


def deleted_at(conn: Connection, files: Sequence[int], endpoint: int) -> dict[int, datetime]:
    """When the copies of these files at an endpoint were DELETED last; files without one are left out."""
    query = (
        select(R.c.file_id, func.max(R.c.since))
        .where(among(conn, R.c.file_id, files), R.c.endpoint_id == endpoint)
        .where(R.c.state == ReplicaState.DELETED)
        .group_by(R.c.file_id)
    )
    return {row[0]: row[1] for row in conn.execute(query)}
