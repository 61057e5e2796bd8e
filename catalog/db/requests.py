"""Requests and their items: what was asked of a service, file by file, and what came of it.

The life of a batch: ``want`` (items QUEUED) → ``claim`` (SUBMITTING under a request with our label; commit) →
the call, outside any transaction → ``record`` (what the service said). After a crash, items found in
SUBMITTING go back to QUEUED by ``unheard``: every call of ours may be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, literal, select, update

from catalog.checksum import Adler32
from catalog.db import freezes, schema
from catalog.db.engine import among, for_update, ids_of, insert_many, new_ids
from catalog.db.move import Why, move
from catalog.model import OpenItem
from catalog.states import ITEM, ItemState, RequestKind

F, R, E, I, Q, P = (  # noqa: E741
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.item,
    schema.request,
    schema.pin,
)
J, JI = schema.job, schema.job_input
_SOURCE, _STORE = R.alias("source"), E.alias("store")


def want(
    conn: Connection,
    kind: RequestKind,
    replicas: Sequence[tuple[int, int]],
    why: Why,
    sources: Sequence[int] | None = None,
) -> list[int]:
    """Queue an item for each (endpoint id, replica id); ``sources`` are the replicas to copy from."""
    ids = new_ids(conn, I, len(replicas)) if replicas else []
    origins: Sequence[int | None] = sources or [None] * len(replicas)
    insert_many(
        conn,
        I,
        [
            {
                "id": key,
                "kind": kind.value,
                "endpoint_id": endpoint,
                "replica_id": replica,
                "source_id": source,
                "state": ItemState.QUEUED.value,
                "since": why.at,
                "next_try_at": why.at,
            }
            for key, (endpoint, replica), source in zip(ids, replicas, origins, strict=True)
        ],
    )
    return list(ids)


def want_removal(conn: Connection, replicas: Sequence[int], why: Why) -> list[int]:
    """Queue a removal for each replica, at its own endpoint."""
    query = select(R.c.endpoint_id, R.c.id).where(among(conn, R.c.id, replicas)).order_by(R.c.id)
    places = [(row[0], row[1]) for row in conn.execute(query).all()] if replicas else []
    return want(conn, RequestKind.REMOVE, places, why)


def queued(
    conn: Connection, kind: RequestKind, now: datetime, limit: int, *, endpoint: str | None = None
) -> list[OpenItem]:
    """Items that may be asked for now, longest due first; of one endpoint if given.

    In the order of ``ix_item_state``, so that no more of a long queue is read than is asked for.
    """
    query = _items().where(I.c.state == ItemState.QUEUED, I.c.kind == kind, I.c.next_try_at <= now)
    if endpoint is not None:
        query = query.where(E.c.name == endpoint)
    return _read(conn, query.order_by(I.c.next_try_at, I.c.id).limit(limit))


def removals(conn: Connection, now: datetime, limit: int) -> list[OpenItem]:
    """The same for removals: those over which a freeze lies wait, and keep nobody else waiting."""
    due = _items().where(I.c.state == ItemState.QUEUED, I.c.kind == RequestKind.REMOVE)
    query = due.where(I.c.next_try_at <= now, ~freezes.lies_over(R))
    return _read(conn, query.order_by(I.c.next_try_at, I.c.id).limit(limit))


def removals_of(conn: Connection, replicas: Sequence[int]) -> list[OpenItem]:
    """The queued removals of these replicas, whatever their next time."""
    query = _items().where(I.c.state == ItemState.QUEUED, I.c.kind == RequestKind.REMOVE)
    return _read(conn, query.where(among(conn, I.c.replica_id, replicas)).order_by(I.c.id))


def without_removal(conn: Connection, replicas: Sequence[int]) -> list[int]:
    """Those of these replicas that no removal is queued, sent or held for."""
    query = select(I.c.replica_id).where(I.c.kind == RequestKind.REMOVE, I.c.state.in_(ITEM.live))
    known = {row[0] for row in conn.execute(query.where(among(conn, I.c.replica_id, replicas)))}
    return [key for key in replicas if key not in known]


def of_request(conn: Connection, request: int, state: ItemState) -> list[OpenItem]:
    """The items of a request that are in this state."""
    return _read(conn, _items().where(I.c.request_id == request, I.c.state == state).order_by(I.c.id))


@cache
def _items() -> Select[tuple[object, ...]]:
    source, store = _SOURCE, _STORE
    return (
        select(
            *I.c["id", "replica_id", "attempts", "tries", "request_id", "since"],
            E.c.name,
            schema.place(),
            *F.c["size", "adler32", "dataset_id", "run"],
            store.c.name.label("source_name"),
            schema.place(source).label("source_path"),
            Q.c.external_id,
        )
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == I.c.endpoint_id)
        .outerjoin(source, source.c.id == I.c.source_id)
        .outerjoin(store, store.c.id == source.c.endpoint_id)
        .outerjoin(Q, Q.c.id == I.c.request_id)
    )


def _read(conn: Connection, query: Select[tuple[object, ...]]) -> list[OpenItem]:
    return [_item(row) for row in conn.execute(query).all()]


def _item(row: Any) -> OpenItem:
    """A row of ``_items``; taken apart at once, as naming each column takes longer than all the rest."""
    key, replica, attempts, tries, request, since, endpoint, path, *others = row
    size, adler32, dataset, run, source, source_path, token = others
    return OpenItem(
        id=key,
        replica_id=replica,
        endpoint=endpoint,
        path=path,
        size=size,
        adler32=Adler32(adler32),
        attempts=attempts,
        tries=tries,
        unit=f"{dataset}/{run}",
        source=(source, source_path) if source else None,
        request_id=request,
        token=token or "",
        since=since,
    )


_REQUEST = Q.insert().values(
    **{name: bindparam(name) for name in ("id", "kind", "label", "created_at", "service")},
    endpoint_id=select(E.c.id).where(E.c.name == bindparam("endpoint")).scalar_subquery(),
)


def claim(
    conn: Connection,
    kind: RequestKind,
    endpoint: str,
    ids: Sequence[int],
    why: Why,
    *,
    service: str | None = None,
) -> tuple[int, str, list[int]]:
    """Take the items for one call: a request with our label, and the items that are ours now (SUBMITTING).

    ``service``: who is asked, if that is not the endpoint itself; nobody else is asked about it later.

    Commit before the call (invariant 7). Items that another worker took do not come back.
    """
    (request,) = new_ids(conn, Q, 1)
    label = f"{kind}-{request}"
    values = {"id": request, "kind": kind.value, "endpoint": endpoint, "label": label, "created_at": why.at}
    conn.execute(_REQUEST, {**values, "service": service})
    mine = move(
        conn, ITEM, ids, "claimed", why, request_id=request, attempts=I.c.attempts + 1, tries=I.c.tries + 1
    )
    return request, label, mine


def claim_next(
    conn: Connection, kind: RequestKind, endpoint: str, limit: int, why: Why
) -> tuple[int, str, list[int]]:
    """The same for whatever is due next at an endpoint, for many workers at once: none waits for another.

    Returns (0, "", []) when nothing is due.
    """
    due = (
        select(I.c.id)
        .where(I.c.state == ItemState.QUEUED, I.c.kind == kind, I.c.next_try_at <= why.at)
        .where(I.c.endpoint_id == select(E.c.id).where(E.c.name == endpoint).scalar_subquery())
        .order_by(I.c.next_try_at, I.c.id)
        .limit(limit)
    )
    ids = ids_of(conn, for_update(conn, due, I, skip_locked=True))
    return claim(conn, kind, endpoint, ids, why) if ids else (0, "", [])


def sources(conn: Connection, items: Sequence[int]) -> list[int]:
    """The replicas that these items copy from."""
    query = select(I.c.source_id).where(among(conn, I.c.id, items), I.c.source_id.is_not(None)).distinct()
    return [row[0] for row in conn.execute(query)]


def heard(conn: Connection, request: int, external_id: str) -> None:
    """Store the service's own id of a request."""
    conn.execute(update(Q).where(Q.c.id == request).values(external_id=external_id))


def put_back(
    conn: Connection,
    event: str,
    ids: Sequence[int],
    why: Why,
    trouble: tuple[str, str],
    at: datetime,
    *,
    counts: bool,
) -> list[int]:
    """Failed items go back to the queue until then.

    ``trouble`` is its code and text, ``counts`` whether the attempt is held against the file.
    """
    less = {} if counts else {"attempts": case((I.c.attempts > 0, I.c.attempts - 1), else_=0)}
    also: dict[str, Any] = {"code": trouble[0], "reason": trouble[1], "next_try_at": at, **less}
    return move(conn, ITEM, ids, event, why, **also)


def unheard(conn: Connection, why: Why, keep_copies_to: Sequence[int] = ()) -> dict[str, int]:
    """After a restart: items found in SUBMITTING go back to the queue, at once. Returns how many, by kind.

    Not those of recalls: several processes may ask for them (``recalls.unheard``). Nor those that a service
    may have heard of already, and copies to the endpoints of ``keep_copies_to``: they stay with their request
    (``copies``).
    """
    query = select(*I.c["id", "kind"]).where(I.c.state == ItemState.SUBMITTING, I.c.kind != RequestKind.STAGE)
    of_a_service = select(literal(1)).where(Q.c.id == I.c.request_id, Q.c.service.is_not(None))
    query = query.where(~of_a_service.exists())
    if keep_copies_to:
        query = query.where((I.c.kind != RequestKind.COPY) | I.c.endpoint_id.not_in(keep_copies_to))
    rows = conn.execute(for_update(conn, query, I, skip_locked=True)).all()
    move(conn, ITEM, [row.id for row in rows], "unheard", why, next_try_at=why.at)
    found: dict[str, int] = {}
    for row in rows:
        found[row.kind] = found.get(row.kind, 0) + 1
    return found
