"""The copies that a round is at: what each should hold, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from catalog.checksum import Adler32
from catalog.db import schema, schema_verifying
from catalog.db.engine import among, for_update
from catalog.db.verifying import OPEN, Round
from catalog.states import ContentOutcome, HowVerified, ReplicaState

F, R = schema.file, schema.replica
V, L = schema_verifying.verification, schema_verifying.verification_line


@dataclass(frozen=True, slots=True)
class Content:
    """A copy that a round is at, with what it should hold. ``since``: of its state when it was taken.

    ``asked_at``: when it was asked to be recalled and read; None: it was not.
    """

    replica_id: int
    path: str
    size: int
    adler32: Adler32
    product: str
    since: datetime
    tries: int
    asked_at: datetime | None


def due(conn: Connection, it: Round, now: datetime, limit: int) -> list[Content]:
    """The copies that are to be looked at now, in order."""
    query = (
        select(
            R.c.id, schema.place(), *F.c["size", "adler32", "product"],
            *L.c["since", "tries", "asked_at"],
        )
        .select_from(L)
        .join(R, R.c.id == L.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .where(L.c.verification_id == it.id, OPEN, L.c.next_try_at <= now)
        .order_by(L.c.next_try_at, L.c.position)
        .limit(limit)
    )  # fmt: skip
    return [
        Content(key, path, size or 0, Adler32(adler32 or 0), product, since, tries, asked_at)
        for key, path, size, adler32, product, since, tries, asked_at in conn.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a copy stands in the transaction that records: its state, since when, where it is, when it was
    read."""

    state: ReplicaState
    since: datetime
    path: str
    read_at: datetime | None


def standing(conn: Connection, replicas: Sequence[int]) -> dict[int, Standing]:
    """How these copies stand; their rows are locked until the end of the transaction."""
    query = (
        select(R.c.id, R.c.state, R.c.since, schema.place(), R.c.read_at)
        .join(F, F.c.id == R.c.file_id)
        .where(among(conn, R.c.id, replicas))
        .order_by(R.c.id)
    )
    rows = conn.execute(for_update(conn, query, R))
    return {key: Standing(ReplicaState(state), *rest) for key, state, *rest in rows}


def verified(conn: Connection, replicas: Sequence[int], at: datetime, how: str) -> None:
    """The content of these was looked at then and is right. Never makes a time older. No state changes."""
    if not replicas:
        return
    mine = (among(conn, R.c.id, replicas), R.c.state == ReplicaState.AVAILABLE)
    newer = R.c.verified_at <= at
    conn.execute(update(R).where(*mine, newer).values(verified_at=at, verified_how=how))
    if how == HowVerified.READ:
        unread = R.c.read_at.is_(None) | (R.c.read_at < at)
        conn.execute(update(R).where(*mine, unread).values(read_at=at))


def close_good(conn: Connection, number: int, contents: Sequence[Content]) -> None:
    """These are right: their lines go."""
    size = sum(one.size for one in contents)
    _drop(conn, number, contents, good=V.c.good + len(contents), good_size=V.c.good_size + size)


def close_passed(conn: Connection, number: int, contents: Sequence[Content]) -> None:
    """Somebody changed these meanwhile: nothing is said of them."""
    _drop(conn, number, contents, passed=V.c.passed + len(contents))


def _drop(conn: Connection, number: int, contents: Sequence[Content], **counts: Any) -> None:
    if contents:
        ids = [one.replica_id for one in contents]
        conn.execute(delete(L).where(L.c.verification_id == number, among(conn, L.c.replica_id, ids)))
        conn.execute(update(V).where(V.c.id == number).values(**counts))


def close_odd(
    conn: Connection, number: int, outcomes: Mapping[int, tuple[ContentOutcome, str]], at: datetime
) -> None:
    """What came of copies that are not right, by replica; their lines stay, for people."""
    if not outcomes:
        return
    mine = (L.c.verification_id == number, L.c.replica_id == bindparam("key"))
    statement = update(L).where(*mine).values(found_at=at, outcome=bindparam("what"), reason=bindparam("why"))
    rows = [{"key": key, "what": what.value, "why": why[:500]} for key, (what, why) in outcomes.items()]
    conn.execute(statement, rows)
    strange = sum(outcome.strange for outcome, _ in outcomes.values())
    conn.execute(update(V).where(V.c.id == number).values(odd=V.c.odd + strange))


def postpone(
    conn: Connection, number: int, replicas: Sequence[int], until: datetime, *, tried: bool = False
) -> None:
    """Look at these again then. ``tried``: this time there was no answer."""
    if replicas:
        tries = L.c.tries + 1 if tried else L.c.tries
        mine = (L.c.verification_id == number, among(conn, L.c.replica_id, replicas))
        conn.execute(update(L).where(*mine).values(next_try_at=until, tries=tries))


def asked(
    conn: Connection, number: int, replicas: Sequence[int], at: datetime | None, until: datetime
) -> None:
    """These were asked to be recalled and read; None: that came to nothing. Look at them again then."""
    if replicas:
        mine = (L.c.verification_id == number, among(conn, L.c.replica_id, replicas))
        conn.execute(update(L).where(*mine).values(asked_at=at, next_try_at=until))
