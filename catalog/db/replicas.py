"""Replicas: which are to be compared, withdrawn or removed; and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, select, update

from catalog.checksum import Adler32
from catalog.db import schema
from catalog.db.engine import among
from catalog.db.given import given
from catalog.db.move import Why, move
from catalog.model import Compared
from catalog.states import REPLICA, EndpointKind, HowVerified, Locality, ReplicaState, Role

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
        if how == HowVerified.READ:
            also["read_at"] = at or why.at
    if again is not None:
        also["next_try_at"] = again
    return move(conn, REPLICA, ids, event, why, **also)


def postpone(conn: Connection, ids: Sequence[int], until: datetime, *, count: bool) -> None:
    """Look at these replicas again later. ``count``: the look failed, rather than found nothing new."""
    if ids:
        tries = R.c.tries + 1 if count else R.c.tries
        conn.execute(update(R).where(among(conn, R.c.id, ids)).values(next_try_at=until, tries=tries))


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


def of_file(conn: Connection, file: int) -> list[tuple[int, ReplicaState, EndpointKind, Role]]:
    """The copies of a file that are not DELETED, oldest first, with the role of the file."""
    query = (
        select(R.c.id, R.c.state, E.c.kind, F.c.role)
        .join(E, E.c.id == R.c.endpoint_id)
        .join(F, F.c.id == R.c.file_id)
        .where(R.c.file_id == file, R.c.state != ReplicaState.DELETED)
        .order_by(R.c.id)
    )
    return [(row[0], ReplicaState(row[1]), EndpointKind(row[2]), Role(row[3])) for row in conn.execute(query)]


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


def endpoints_of(conn: Connection, ids: Sequence[int]) -> dict[int, int]:
    """The endpoint of each of these replicas."""
    rows = conn.execute(select(*R.c["id", "endpoint_id"]).where(among(conn, R.c.id, ids)))
    return {row[0]: row[1] for row in rows}
