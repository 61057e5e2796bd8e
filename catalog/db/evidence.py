"""Evidence of copies on tape: written once, never changed; and of which copies it is to be taken again.

What counts are the pieces taken since the replica is AVAILABLE: one that was lost or doubted starts anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    delete,
    func,
    literal,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from catalog.checksum import Adler32
from catalog.db import schema, schema_evidence, schema_recall
from catalog.db.engine import among, insert_many, unindexed
from catalog.db.given import either, given
from catalog.evidence import Grade, Piece
from catalog.states import PIN, EndpointKind, ItemState, LeaseState, Locality, ReplicaState, RequestKind

F, R, E, G, M, P = schema.file, schema.replica, schema.endpoint, schema.group, schema.member, schema.pin
I = schema.item  # noqa: E741
V, D = schema_evidence.evidence, schema_evidence.evidence_due

OURS = "evidence"
"""The production of campaigns that recall files to be read again: it has a share of windows, like others."""

LIVE = (LeaseState.WANTED, LeaseState.ACTIVE)

_PIECE = V.c["grade", "taken_at", "source", "how", "request", "size", "adler32", "locality"]


def record(conn: Connection, taken: Sequence[tuple[int, Piece]]) -> None:
    """Write down what was seen of these replicas: (replica id, piece). Nothing else changes."""
    insert_many(
        conn,
        V,
        [
            {
                "replica_id": replica,
                "grade": piece.grade.value,
                "taken_at": piece.taken_at,
                "source": piece.source,
                "how": piece.how,
                "request": piece.request,
                "size": piece.size,
                "adler32": None if piece.adler32 is None else int(piece.adler32),
                "locality": piece.locality.value,
            }
            for replica, piece in taken
        ],
    )


def _piece(row: Sequence[Any]) -> Piece:
    grade, taken_at, source, how, request, size, adler32, locality = row
    checksum = None if adler32 is None else Adler32(adler32)
    return Piece(Grade(grade), taken_at, source, how, request, size, checksum, Locality(locality))


def counting(
    conn: Connection, replicas: Sequence[int], *, misread: bool = False
) -> dict[int, tuple[Piece, ...]]:
    """The pieces that count for each of these replicas, oldest first.

    () for one that is not AVAILABLE, and for one of which a recall brought other bytes, until it is known
    what that means; ``misread``: of that one too.
    """
    found: dict[int, list[Piece]] = {key: [] for key in replicas}
    query = (
        select(V.c.replica_id, *_PIECE)
        .join(R, R.c.id == V.c.replica_id)
        .where(among(conn, V.c.replica_id, replicas), unindexed(R.c.state) == ReplicaState.AVAILABLE)
        .where(V.c.taken_at >= R.c.since)
        .order_by(V.c.replica_id, V.c.taken_at, V.c.id)
    )
    if not misread:
        doubtful = select(literal(1)).where(D.c.replica_id == V.c.replica_id, D.c.misread > 0)
        query = query.where(~doubtful.exists())
    for row in conn.execute(query):
        found[row[0]].append(_piece(row[1:]))
    return {key: tuple(pieces) for key, pieces in found.items()}


def everything(conn: Connection, replicas: Sequence[int]) -> dict[int, tuple[Piece, ...]]:
    """Every piece ever taken of each of these replicas, oldest first, also those that do not count now."""
    found: dict[int, list[Piece]] = {key: [] for key in replicas}
    query = select(V.c.replica_id, *_PIECE).where(among(conn, V.c.replica_id, replicas)).order_by(V.c.id)
    for row in conn.execute(query):
        found[row[0]].append(_piece(row[1:]))
    return {key: tuple(pieces) for key, pieces in found.items()}


# ------------------------------------------------------------------------------- taking it again
@dataclass(frozen=True, slots=True)
class Due:
    """A replica on tape of which evidence is to be taken, with what it should be.

    ``reread``: it is to be recalled and read. ``misread``: so many recalls of it brought other bytes.
    ``lease_id``: of the recall for it that is under way, 0: none; ``online``: that recall has come.
    ``pinned``: somebody has it recalled, so that it cannot be made to leave the buffer.
    """

    replica_id: int
    endpoint: str
    path: str
    state: ReplicaState
    product: str
    size: int
    adler32: Adler32
    tries: int
    reread: bool = False
    misread: int = 0
    lease_id: int = 0
    online: bool = False
    pinned: bool = False


def ask(conn: Connection, replicas: Sequence[int], at: datetime, *, reread: bool = False) -> None:
    """Evidence of these replicas is to be taken at that time, or earlier if that was asked for before.

    ``reread``: of grade c, by a recall. Repeat freely.
    """
    if not replicas:
        return
    make: Any = sqlite_insert if conn.dialect.name == "sqlite" else postgresql_insert
    new = make(D)
    earlier = D.c.due_at > new.excluded.due_at
    new = new.on_conflict_do_update(
        index_elements=[D.c.replica_id],
        set_={
            "due_at": case((earlier, new.excluded.due_at), else_=D.c.due_at),
            "tries": case((earlier, 0), else_=D.c.tries),
            "reread": or_(D.c.reread, new.excluded.reread),
        },
    )
    rows = [{"replica_id": key, "due_at": at, "reread": reread} for key in sorted(set(replicas))]
    conn.execute(new, rows)


def due(conn: Connection, now: datetime, limit: int) -> list[Due]:
    """The replicas of which evidence is to be taken now, the longest waiting first.

    Not those whose recall is under way: of these it is taken when they have come (``recalled``).
    """
    return [_read_due(row) for row in conn.execute(_DUE_NOW, {"now": now, "limit": limit})]


def recalled(conn: Connection, now: datetime, limit: int) -> list[Due]:
    """The replicas that were recalled to be read, and are online. One that could not be read is left for a
    while."""
    return [_read_due(row) for row in conn.execute(_RECALLED, {"now": now, "limit": limit})]


def not_to_be_read(conn: Connection, limit: int) -> list[Due]:
    """The replicas that are recalled to be read, and are not AVAILABLE any more."""
    return [_read_due(row) for row in conn.execute(_NOT_TO_BE_READ, {"limit": limit})]


def held(conn: Connection, limit: int) -> list[tuple[Due, str, str]]:
    """The replicas that were to be read from tape and whose recall is held, with its code and reason."""
    rows = conn.execute(_HELD, {"limit": limit})
    return [(_read_due(row[:-2]), row[-2] or "", row[-1] or "") for row in rows]


def of_replicas(conn: Connection, replicas: Sequence[int]) -> list[Due]:
    """Those of these replicas of which evidence was asked for, whenever it is due."""
    return [_read_due(row) for row in conn.execute(_OF_REPLICAS, {"replicas": replicas})]


@cache
def _ours() -> Any:
    """The live leases of our own recalls."""
    lease, campaign = schema_recall.lease, schema_recall.campaign
    return (
        select(*lease.c["id", "replica_id", "state"])
        .join(campaign, campaign.c.id == lease.c.campaign_id)
        .where(campaign.c.production == OURS, either(lease.c.state, LIVE))
        .subquery("ours")
    )


_LEASE = _ours()
_PINNED = select(literal(1)).where(P.c.replica_id == R.c.id, either(P.c.state, PIN.live)).exists()
_DUE = (
    select(
        *(R.c.id, E.c.name, schema.place(), R.c.state, *F.c["product", "size", "adler32"]),
        *D.c["tries", "reread", "misread"],
        func.coalesce(_LEASE.c.id, 0),
        _LEASE.c.state,
        _PINNED,
    )
    .select_from(D)
    .join(R, R.c.id == D.c.replica_id)
    .join(F, F.c.id == R.c.file_id)
    .join(E, E.c.id == R.c.endpoint_id)
    .outerjoin(_LEASE, _LEASE.c.replica_id == D.c.replica_id)
)
_DUE_NOW = (
    _DUE.where(D.c.due_at <= bindparam("now"), or_(~D.c.reread, _LEASE.c.id.is_(None)))
    .order_by(D.c.due_at, D.c.replica_id)
    .limit(bindparam("limit"))
)
_RECALLED = (
    _DUE.where(
        D.c.reread, _LEASE.c.state == LeaseState.ACTIVE.value, R.c.state == ReplicaState.AVAILABLE.value
    )
    .where(or_(D.c.tries == 0, D.c.due_at <= bindparam("now")))
    .order_by(_LEASE.c.id)
    .limit(bindparam("limit"))
)
_NOT_TO_BE_READ = (
    _DUE.where(_LEASE.c.id.is_not(None), unindexed(R.c.state) != ReplicaState.AVAILABLE.value)
    .order_by(_LEASE.c.id)
    .limit(bindparam("limit"))
)
_HELD = (
    _DUE.add_columns(I.c.code, I.c.reason)
    .join(I, and_(I.c.replica_id == D.c.replica_id, I.c.kind == RequestKind.STAGE.value))
    .where(
        D.c.reread, _LEASE.c.state == LeaseState.WANTED.value, unindexed(I.c.state) == ItemState.HELD.value
    )
    .order_by(_LEASE.c.id)
    .limit(bindparam("limit"))
)
_OF_REPLICAS = _DUE.where(D.c.replica_id.in_(given("replicas"))).order_by(D.c.replica_id)


def _read_due(row: Sequence[Any]) -> Due:
    key, endpoint, path, state, product, size, adler32, tries, reread, misread, lease, leased, pinned = row
    return Due(
        *(key, endpoint, path, ReplicaState(state), product, size, Adler32(adler32), tries),
        reread=reread,
        misread=misread,
        lease_id=lease,
        online=leased == LeaseState.ACTIVE,
        pinned=bool(pinned),
    )


def plan(conn: Connection, at: datetime, replicas: Sequence[int], *, failed: bool = False) -> None:
    """Look at these replicas again then. ``failed``: this time nobody answered."""
    if replicas:
        tries = D.c.tries + 1 if failed else 0
        here = among(conn, D.c.replica_id, replicas)
        conn.execute(update(D).where(here).values(due_at=at, tries=tries))


def read_again(conn: Connection, replicas: Sequence[int], *, wanted: bool) -> None:
    """Whether these are still to be recalled and read. Those that were read well were not misread."""
    if replicas:
        here = among(conn, D.c.replica_id, replicas)
        values: dict[str, Any] = {"reread": wanted} if wanted else {"reread": False, "misread": 0}
        conn.execute(update(D).where(here).values(values))


def misread(conn: Connection, replicas: Sequence[int]) -> None:
    """A recall of these brought other bytes: until that is cleared up, no evidence of them counts."""
    if replicas:
        conn.execute(update(D).where(among(conn, D.c.replica_id, replicas)).values(misread=D.c.misread + 1))


def drop(conn: Connection, replicas: Sequence[int]) -> None:
    """Nothing more is to be taken of these replicas."""
    if replicas:
        conn.execute(delete(D).where(among(conn, D.c.replica_id, replicas)))


def asked(conn: Connection, replicas: Sequence[int]) -> dict[int, datetime]:
    """When evidence of these replicas is taken next; those of which none is to be taken are left out."""
    rows = conn.execute(select(D.c.replica_id, D.c.due_at).where(among(conn, D.c.replica_id, replicas)))
    return {row[0]: row[1] for row in rows}


def behind(conn: Connection, replicas: Sequence[int]) -> list[int]:
    """The copies on tape on whose strength these replicas may go: of the same file, and of what it was
    merged into. Only those that are AVAILABLE."""
    chosen = select(R.c.file_id).where(among(conn, R.c.id, replicas))
    return list(conn.execute(_behind(R.alias("tape"), chosen)).scalars())


def growing_old(
    conn: Connection,
    products: Collection[str],
    withdrawn_before: datetime,
    taken_before: datetime,
    limit: int,
) -> list[int]:
    """Copies on tape of which no evidence was taken since ``taken_before``, behind copies of these products
    that were withdrawn before the other time. Not those of which it is to be taken already."""
    trashed = (
        select(R.c.file_id)
        .join(F, F.c.id == R.c.file_id)
        .where(R.c.state == ReplicaState.TRASHED, R.c.since <= withdrawn_before)
        .where(F.c.product.in_(sorted(products)))
    )
    fresh = select(literal(1)).where(V.c.taken_at >= taken_before)
    asked_for = select(literal(1))
    tape = R.alias("tape")
    query = (
        _behind(tape, trashed)
        .where(~fresh.where(V.c.replica_id == tape.c.id).exists())
        .where(~asked_for.where(D.c.replica_id == tape.c.id).exists())
    )
    return list(conn.execute(query.limit(limit)).scalars())


def _behind(tape: Any, chosen: Select[Any]) -> Select[Any]:
    merged = (
        select(G.c.output_id)
        .join(M, M.c.group_id == G.c.id)
        .where(M.c.live, M.c.file_id.in_(chosen), G.c.output_id.is_not(None))
    )
    return (
        select(tape.c.id)
        .join(E, E.c.id == tape.c.endpoint_id)
        .where(tape.c.file_id.in_(union(chosen, merged)), E.c.kind == EndpointKind.TAPE)
        .where(unindexed(tape.c.state) == ReplicaState.AVAILABLE)
        .order_by(tape.c.id)
    )


def waiting(conn: Connection) -> Mapping[str, tuple[int, datetime]]:
    """By endpoint: of how many replicas evidence is to be taken, and the earliest time of them."""
    query = (
        select(E.c.name, func.count(), func.min(D.c.due_at))
        .select_from(D)
        .join(R, R.c.id == D.c.replica_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .group_by(E.c.name)
    )
    return {name: (count, first) for name, count, first in conn.execute(query)}
