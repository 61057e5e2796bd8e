"""What a round takes: the copies of an endpoint, the longest not verified first, or some that were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    func,
    literal,
    select,
    text,
    tuple_,
    update,
)

from catalog.db import schema, schema_verifying, tally
from catalog.db.engine import among, insert_columns, new_ids
from catalog.db.move import Why, born
from catalog.db.verifying import Round, Wish, one
from catalog.draw import drawn
from catalog.states import (
    VERIFICATION,
    HowVerified,
    Locality,
    ReplicaState,
    VerificationState,
)

F, R = schema.file, schema.replica
V, L = schema_verifying.verification, schema_verifying.verification_line
PAGE = 5000
"""Copies that are looked through at a time."""

MOST_PAGES = 10  # in one transaction: of a small part that is drawn, the rest comes in the next

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
READABLE = text(f"replica.{schema.READABLE}")


def begin(conn: Connection, wish: Wish, why: Why, chosen: ColumnElement[bool] | None = None) -> Round:
    """Write a round down. ``chosen``: a condition on the table of files; those files are written down now,
    one by one. Without it the round walks over all there is at the endpoint, and nothing is written down."""
    (new,) = new_ids(conn, V, 1)
    n, size = all_of(conn, wish.endpoint_id)
    most = wish.fraction < 1 and wish.seed is None and chosen is None
    values: dict[str, Any] = {
        "id": new, "state": VerificationState.GOING.value, "since": why.at, "endpoint_id": wish.endpoint_id,
        "how": wish.how.value, "scope": wish.scope, "before": wish.before, "budget": wish.budget,
        "listed": chosen is not None, "walked": chosen is not None, "fraction": wish.fraction,
        "seed": wish.seed, "files": round(n * wish.fraction), "size": round(size * wish.fraction),
        "most_files": _part(n, wish.fraction) if most and not wish.of_bytes else None,
        "most_size": _part(size, wish.fraction) if most and wish.of_bytes else None,
        "walked_to": None if wish.how is HowVerified.READ else BEGINNING,
        "made_by": why.actor, "made_at": why.at,
    }  # fmt: skip
    conn.execute(V.insert().values(**values))
    born(conn, VERIFICATION, [new], VerificationState.GOING, why)
    if chosen is not None:
        _write_down(conn, new, wish, why, chosen)
    return one(conn, new)


def _part(total: int, fraction: float) -> int:
    """That part, rounded up: a sample of something is at least one."""
    return max(1, -int(-total * fraction // 1))


def all_of(conn: Connection, endpoint: int) -> tuple[int, int]:
    sums = tally.sums(noun="replica", place=endpoint, state=ReplicaState.AVAILABLE.value)
    row = conn.execute(sums).one()
    return int(row[0] or 0), int(row[1] or 0)


def _write_down(conn: Connection, new: int, wish: Wish, why: Why, chosen: ColumnElement[bool]) -> None:
    """The lines of chosen files, the longest not verified first, less those that are not drawn."""
    verified = (
        R.c.verified_at
        if wish.how is HowVerified.ASKED
        else func.coalesce(R.c.read_at, literal(BEGINNING, schema.Time))
    )
    order = (verified, R.c.id)
    rows = (
        select(
            R.c.id,
            func.row_number().over(order_by=order).label("position"),
            F.c.size,
            R.c.since,
            func.sum(F.c.size).over(order_by=order, rows=(None, 0)).label("upto"),
            func.count().over().label("files"),
            func.sum(F.c.size).over().label("total"),
        )
        .select_from(R)
        .join(F, F.c.id == R.c.file_id)
        .where(R.c.endpoint_id == wish.endpoint_id, *verifiable(), chosen, verified < wish.before)
        .subquery("rows")
    )
    names = ("verification_id", "replica_id", "position", "size", "since", "next_try_at")
    taken = select(
        literal(new, schema.BigId), rows.c.id, rows.c.position, rows.c.size, rows.c.since,
        literal(why.at, schema.Time),
    )  # fmt: skip
    if wish.fraction < 1 and wish.seed is None:
        before, total = (rows.c.position - 1, rows.c.files)
        if wish.of_bytes:
            before, total = (rows.c.upto - rows.c.size, rows.c.total)
        taken = taken.where(before < total * wish.fraction)
    conn.execute(L.insert().from_select(names, taken))
    if wish.seed is not None:
        _leave_out(conn, new, wish.seed, wish.fraction)
    n, size = conn.execute(
        select(func.count(), func.coalesce(func.sum(L.c.size), 0)).where(L.c.verification_id == new)
    ).one()
    counts = {"files": n, "size": int(size), "taken": n, "taken_size": int(size)}
    conn.execute(update(V).where(V.c.id == new).values(counts))


def _leave_out(conn: Connection, new: int, seed: str, fraction: float) -> None:
    """The lines that the seed does not draw, page by page."""
    after = 0
    mine = L.c.verification_id == new
    while True:
        query = (
            select(L.c.replica_id).where(mine, L.c.replica_id > after).order_by(L.c.replica_id).limit(PAGE)
        )
        page = list(conn.execute(query).scalars())
        if not page:
            return
        after = page[-1]
        not_drawn = [key for key in page if not drawn(seed, key, fraction)]
        conn.execute(delete(L).where(mine, among(conn, L.c.replica_id, not_drawn)))


def verifiable() -> tuple[Any, ...]:
    """Copies with something to compare with, and not carried elsewhere by a person."""
    return (
        READABLE,
        R.c.locality != Locality.UNAVAILABLE.value,
        F.c.size.is_not(None),
        F.c.adler32.is_not(None),
    )


def walk(conn: Connection, it: Round, at_least: int, why: Why) -> Round:
    """Take more copies for the round, at least so many if there are any within a few pages; returns it as it
    is then.

    The place moves in the same transaction as the lines are written.
    """
    taken = 0
    for _ in range(MOST_PAGES):
        if it.walked or taken >= at_least:
            break
        page = conn.execute(_page(it)).all()
        drawn_ones = [row.id for row in page if it.seed is None or drawn(it.seed, row.id, it.fraction)]
        chosen = _within(it, _details(conn, it, drawn_ones))
        columns = {
            "verification_id": it.id, "replica_id": [row.id for row in chosen],
            "position": [it.taken + n for n in range(len(chosen))], "size": [row.size for row in chosen],
            "since": [row.since for row in chosen], "next_try_at": why.at,
        }  # fmt: skip
        insert_columns(conn, L, columns, len(chosen))
        it = _walked(conn, it, page, chosen)
        taken += len(chosen)
    return it


def _page(it: Round) -> Select[Any]:
    """The copies behind the place of the round, from the index alone; those never read come first, as they
    were registered."""
    order = R.c.verified_at if it.how is HowVerified.ASKED else R.c.read_at
    if it.walked_to is None:
        place = and_(order.is_(None), R.c.id > it.walked_id)
    else:
        at = literal(it.walked_to, schema.Time)
        place = and_(order >= at, order < it.before, tuple_(order, R.c.id) > tuple_(at, it.walked_id))
    return (
        select(R.c.id, order.label("at"))
        .where(R.c.endpoint_id == it.endpoint_id, READABLE, place)
        .order_by(order, R.c.id)
        .limit(PAGE)
    )


def _details(conn: Connection, it: Round, replicas: Sequence[int]) -> list[Any]:
    """Those of these copies that can be verified and are not in the round yet, in the same order."""
    known = select(L.c.replica_id).where(L.c.verification_id == it.id, L.c.replica_id == R.c.id).exists()
    query = (
        select(R.c.id, R.c.since, F.c.size)
        .join(F, F.c.id == R.c.file_id)
        .where(among(conn, R.c.id, replicas), *verifiable(), R.c.verified_at < it.before, ~known)
    )
    found = {row.id: row for row in conn.execute(query)} if replicas else {}
    return [found[key] for key in replicas if key in found]


def _within(it: Round, chosen: Sequence[Any]) -> list[Any]:
    """Of a sample of the oldest: as many as it takes, and not one more."""
    files, size, found = it.taken, it.taken_size, []
    for row in chosen:
        if (it.most_files is not None and files >= it.most_files) or (
            it.most_size is not None and size >= it.most_size
        ):
            break
        found.append(row)
        files, size = files + 1, size + row.size
    return found


def _walked(conn: Connection, it: Round, page: Sequence[Any], chosen: Sequence[Any]) -> Round:
    values: dict[str, Any] = {
        "taken": it.taken + len(chosen),
        "taken_size": it.taken_size + sum(row.size for row in chosen),
    }
    full = (it.most_files is not None and values["taken"] >= it.most_files) or (
        it.most_size is not None and values["taken_size"] >= it.most_size
    )
    if page:
        values |= {"walked_to": page[-1].at, "walked_id": page[-1].id}
    if full or (not page and it.walked_to is not None):
        values["walked"] = True
    elif not page:  # all that were never read; now those that were, the oldest first
        values |= {"walked_to": BEGINNING, "walked_id": 0}
    conn.execute(update(V).where(V.c.id == it.id).values(values))
    return one(conn, it.id)
