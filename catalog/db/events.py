"""How many events a file has: whom to ask, what was said, and where witnesses contradict each other.

A file needs an answer from a source if its witness has said nothing of it. What a source could not answer is
an *ask*: it waits, longer every time, until it is answered, or is given up and a person may ask again. No
answer leaves the count unknown: no row in ``event_count``, never 0. Counts are written through
``files.say_events_again`` only, which never changes one: a contradiction is given up and shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from catalog.db import files, schema, schema_events
from catalog.db.engine import among, ids_of, insert_many, new_ids
from catalog.db.move import LONGEST_REASON, Why, born, move
from catalog.states import ASK, AskState, Locality, ReplicaState, Witness

A, C, F, R, P = (
    schema_events.event_ask,
    schema.event_count,
    schema.file,
    schema.replica,
    schema.endpoint,
)
NAME = schema.lfn(F).label("lfn")
READABLE = tuple(str(locality) for locality in Locality if locality.readable)
CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files: of a dataset (its id), a run, some products; None and () mean all."""

    dataset: int | None = None
    run: int | None = None
    products: tuple[str, ...] = ()

    def holds(self) -> list[ColumnElement[bool]]:
        """The conditions on a file, one that is not retired."""
        found: list[ColumnElement[bool]] = [F.c.retired_at.is_(None)]
        found += [] if self.dataset is None else [F.c.dataset_id == self.dataset]
        found += [] if self.run is None else [F.c.run == self.run]
        found += [F.c.product.in_(self.products)] if self.products else []
        return found


@dataclass(frozen=True, slots=True)
class Asker:
    """A source as the catalogue sees it: its name, its witness, and whether it needs a copy to read."""

    source: str
    witness: Witness
    reads_files: bool = False

    def wants(self, scope: Scope) -> list[ColumnElement[bool]]:
        """Files of the scope of which the witness has said nothing."""
        said = exists().where(C.c.file_id == F.c.id, C.c.witness == self.witness)
        return [*scope.holds(), ~said, *([_readable()] if self.reads_files else [])]


@dataclass(frozen=True, slots=True)
class Question:
    """A file that a source is to be asked of. ``ask_id`` and ``attempts`` of earlier questions, if any."""

    file_id: int
    lfn: str
    run: int
    product: str
    size: int | None
    ask_id: int | None = None
    attempts: int = 0


@cache
def _copies() -> ColumnElement[bool]:
    """Replicas whose bytes can be read now, joined with their endpoints."""
    return and_(
        R.c.state == ReplicaState.AVAILABLE,
        or_(schema.on_reachable_disk(at=P), R.c.locality.in_(READABLE)),
    )


@cache
def _readable() -> ColumnElement[bool]:
    joined = R.join(P, P.c.id == R.c.endpoint_id)
    return exists().select_from(joined).where(R.c.file_id == F.c.id, _copies())


def places(conn: Connection, wanted: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Where each file can be read now: endpoint and path, disks first."""
    query = (
        select(R.c.file_id, P.c.name, schema.place(R, F).label("path"))
        .join(P, P.c.id == R.c.endpoint_id)
        .join(F, F.c.id == R.c.file_id)
        .where(among(conn, R.c.file_id, wanted), _copies())
        .order_by(R.c.file_id, P.c.kind, P.c.name)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for file, endpoint, path in conn.execute(query):
        found.setdefault(file, []).append((endpoint, path))
    return found


# ----------------------------------------------------------------------------- whom to ask
_FILE = (F.c.id, NAME, F.c.run, F.c.product, F.c.size)


def fresh(
    conn: Connection, asker: Asker, scope: Scope, limit: int, *, after: int = 0, upto: int | None = None
) -> list[Question]:
    """Files that the source was never asked of, by id, from ``after`` to ``upto``; page by the last id."""
    asked = exists().where(A.c.file_id == F.c.id, A.c.source == asker.source)
    query = select(*_FILE).where(*asker.wants(scope), ~asked, F.c.id > after)
    query = query if upto is None else query.where(F.c.id <= upto)
    return [Question(*row) for row in conn.execute(query.order_by(F.c.id).limit(limit))]


def due(conn: Connection, asker: Asker, scope: Scope, now: datetime, limit: int) -> list[Question]:
    """Files that the source may be asked of again, those that wait longest first."""
    query = (
        select(*_FILE, A.c.id, A.c.attempts)
        .join(A, A.c.file_id == F.c.id)
        .where(*asker.wants(scope), *_waiting(asker.source), A.c.next_try_at <= now)
        .order_by(A.c.next_try_at, A.c.id)
        .limit(limit)
    )
    return [Question(*row) for row in conn.execute(query)]


def _waiting(source: str) -> tuple[ColumnElement[bool], ...]:
    return (A.c.source == source, A.c.state == AskState.WAITING)


def settle(conn: Connection, asker: Asker, why: Why, limit: int = 10_000) -> int:
    """Close what waits for this source and was answered otherwise, e.g. by another list of its witness."""
    said = exists().where(C.c.file_id == A.c.file_id, C.c.witness == asker.witness)
    query = select(A.c.id).where(*_waiting(asker.source), A.c.next_try_at <= why.at, said)
    return len(move(conn, ASK, ids_of(conn, query.limit(limit)), "answered", why))


def last_file(conn: Connection) -> int:
    """The largest id of a file."""
    return int(conn.execute(select(func.coalesce(func.max(F.c.id), 0))).scalar_one())


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a source would be asked: files never asked of, and due again; and those it would not be asked."""

    fresh: int
    due: int
    later: int
    given_up: int


def prospect(conn: Connection, asker: Asker, scope: Scope, now: datetime) -> Prospect:
    """How many files the source would be asked of now."""
    asked = exists().where(A.c.file_id == F.c.id, A.c.source == asker.source)
    new = select(func.count()).select_from(F).where(*asker.wants(scope), ~asked)
    waiting = A.c.state == AskState.WAITING
    kinds = (
        waiting & (A.c.next_try_at <= now),
        waiting & (A.c.next_try_at > now),
        A.c.state == AskState.GIVEN_UP,
    )
    query = (
        select(*(func.count(case((kind, 1))) for kind in kinds))
        .select_from(A)
        .join(F, A.c.file_id == F.c.id)
        .where(*asker.wants(scope), A.c.source == asker.source)
    )
    row: Any = conn.execute(query).one()
    return Prospect(int(conn.execute(new).scalar_one()), *map(int, row))


# ---------------------------------------------------------------------------- what was said
@dataclass(frozen=True, slots=True)
class Silence:
    """No count: why, and when to ask again; None: not before a person says so."""

    question: Question
    code: str
    reason: str
    again_at: datetime | None


def count(
    conn: Connection, asker: Asker, said: Sequence[tuple[Question, int]], why: Why
) -> list[tuple[Question, str]]:
    """Keep what the source said; returns the contradictions to what its witness said before, not kept."""
    by_file = {question.file_id: question for question, _ in said}
    counts = [(question.file_id, asker.witness, number) for question, number in said]
    found = dict(files.say_events_again(conn, counts, why))
    agreed = [key.ask_id for key in by_file.values() if key.ask_id is not None and key.file_id not in found]
    move(conn, ASK, agreed, "answered", why, code=None, reason=None)
    return [(by_file[file], text) for file, text in found.items()]


def postpone(conn: Connection, asker: Asker, silences: Sequence[Silence], why: Why) -> list[int]:
    """Remember that there was no count, and when to ask again; returns the asks that are given up."""
    new = [silence for silence in silences if silence.question.ask_id is None]
    ids = new_ids(conn, A, len(new)) if new else []
    keys = dict(zip((silence.question.file_id for silence in new), ids, strict=True))
    rows = [
        {"id": key, "file_id": silence.question.file_id, "source": asker.source, "state": "WAITING"}
        | {"since": why.at, **_of(silence, why)}
        for key, silence in zip(ids, new, strict=True)
    ]
    insert_many(conn, A, rows)
    born(conn, ASK, ids, AskState.WAITING, why)
    known = [silence for silence in silences if silence.question.ask_id is not None]
    if known:
        change = update(A).where(A.c.id == bindparam("key"), A.c.state == AskState.WAITING)
        values: dict[str, Any] = {
            name: bindparam(f"new_{name}") for name in ("attempts", "next_try_at", "code", "reason")
        }
        changes = [
            {"key": silence.question.ask_id, **{f"new_{k}": v for k, v in _of(silence, why).items()}}
            for silence in known
        ]
        conn.execute(change.values(**values), changes)
    over = {
        silence.question.ask_id or keys[silence.question.file_id]: f"{silence.code}: {silence.reason}"
        for silence in silences
        if silence.again_at is None
    }
    return move(conn, ASK, sorted(over), "given_up", why, over)


def _of(silence: Silence, why: Why) -> dict[str, Any]:
    return {
        "attempts": silence.question.attempts + 1,
        "next_try_at": silence.again_at or why.at,
        "code": silence.code,
        "reason": silence.reason[:LONGEST_REASON],
    }


def ask_ids(conn: Connection, asker: Asker, wanted: Sequence[int]) -> dict[int, int]:
    """The asks of these files, by file."""
    query = select(A.c.file_id, A.c.id).where(A.c.source == asker.source, among(conn, A.c.file_id, wanted))
    return {row[0]: row[1] for row in conn.execute(query)}


def ask_again(conn: Connection, why: Why, source: str | None = None, wanted: Sequence[int] = ()) -> int:
    """Ask again what was given up: of these files, or all; a person, with a reason. Returns how many."""
    query = select(A.c.id).where(A.c.state == AskState.GIVEN_UP)
    query = query if source is None else query.where(A.c.source == source)
    query = query.where(among(conn, A.c.file_id, wanted)) if wanted else query
    ids = ids_of(conn, query.order_by(A.c.id))
    return len(move(conn, ASK, ids, "asked_again", why, attempts=0, next_try_at=why.at))


# --------------------------------------------------------------------------------- to see
@dataclass(frozen=True, slots=True)
class AskLine:
    """Files of which a source gave no count, by cause. ``example`` is one of them, with its reason."""

    source: str
    state: str
    code: str
    files: int
    next_try_at: datetime
    example: str
    reason: str


def asks(conn: Connection, limit: int) -> list[AskLine]:
    """What sources could not answer, most files first."""
    found = (
        select(
            *A.c["source", "state", "code"],
            func.count().label("n"),
            func.min(A.c.next_try_at).label("next"),
            func.min(A.c.id).label("first"),
        )
        .where(A.c.state.in_((AskState.WAITING, AskState.GIVEN_UP)))
        .group_by(A.c.source, A.c.state, A.c.code)
        .subquery("found")
    )
    query = (
        select(*found.c["source", "state", "code", "n", "next"], NAME, A.c.reason)
        .join(A, A.c.id == found.c.first)
        .join(F, F.c.id == A.c.file_id)
        .order_by(found.c.n.desc(), found.c.source, found.c.code)
        .limit(limit)
    )
    return [AskLine(*row[:2], row[2] or "", *row[3:6], row[6] or "") for row in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A file whose witnesses say different numbers of events."""

    file_id: int
    lfn: str
    run: int
    product: str
    said: dict[str, int]


def differ(conn: Connection, scope: Scope, limit: int, *, after: int = 0) -> list[Contradiction]:
    """Files whose witnesses contradict each other, by id; the next page comes ``after`` the last."""
    other = C.alias("other")
    disputed = (
        select(F.c.id)
        .join(C, C.c.file_id == F.c.id)
        .join(other, and_(other.c.file_id == C.c.file_id, other.c.witness > C.c.witness))
        .where(*scope.holds(), F.c.id > after, C.c.n_events != other.c.n_events)
        .distinct()
    )
    ids = ids_of(conn, disputed.order_by(F.c.id).limit(limit))
    said = files.counts(conn, ids)
    query = select(F.c.id, NAME, F.c.run, F.c.product).where(among(conn, F.c.id, ids)).order_by(F.c.id)
    return [
        Contradiction(file, lfn, run, product, dict(sorted(said[file].items())))
        for file, lfn, run, product in conn.execute(query)
    ]
