"""Plans of removal: an explicit list of copies, each with what is to be done with it, and what came of it.

1. A plan is a number, a list, and a hash of the list. Acting on it reads the list and nothing else; a list
   that does not give the hash is not acted on.
2. A line is written once, and its outcome once. A plan that was interrupted goes on with the lines that have
   none.
3. A copy may be in several plans: whoever comes second finds it gone, or changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection, func, select, update

from catalog.db import schema, schema_release
from catalog.db.engine import among, for_update, insert_columns, new_ids
from catalog.db.move import Why, born, move
from catalog.errors import IllegalTransition, NotRegistered
from catalog.states import REMOVAL, LineOutcome, RemovalAct, RemovalState, ReplicaState

P, L = schema_release.removal, schema_release.removal_line
R, F, E = schema.replica, schema.file, schema.endpoint
AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class NewLine:
    """A copy that may go, and what is to be done with it; ``size`` in bytes."""

    replica_id: int
    act: RemovalAct
    size: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A stored plan, how far it is, and what it met that was not as planned since it was last resumed."""

    id: int
    state: RemovalState
    since: datetime
    hash: str
    scope: str
    ground: str
    made_by: str
    made_at: datetime
    files: int
    size: int
    seen: int
    strange: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plan, with what the catalogue says of its copy now."""

    position: int
    act: RemovalAct
    planned_size: int
    replica_id: int
    lfn: str
    product: str
    run: int
    endpoint: str
    path: str
    state: ReplicaState
    size: int | None
    outcome: LineOutcome | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Amount:
    """So many lines, and the bytes of their copies."""

    act: RemovalAct
    outcome: LineOutcome | None
    files: int
    size: int


def hash_of(lines: Sequence[NewLine]) -> str:
    """The hash of a list: what a person compares who wrote the number down."""
    body = json.dumps([(line.replica_id, line.act.value, line.size) for line in lines], separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def save(conn: Connection, lines: Sequence[NewLine], scope: str, ground: str, why: Why) -> Plan:
    """Write a plan down."""
    (new,) = new_ids(conn, P, 1)
    values: dict[str, Any] = {
        "id": new, "state": RemovalState.PLANNED.value, "since": why.at, "hash": hash_of(lines),
        "scope": scope, "ground": ground, "made_by": why.actor, "made_at": why.at, "files": len(lines),
        "size": sum(line.size for line in lines),
    }  # fmt: skip
    conn.execute(P.insert().values(**values))
    columns = {
        "removal_id": new,
        "position": list(range(len(lines))),
        "replica_id": [line.replica_id for line in lines],
        "act": [line.act.value for line in lines],
        "size": [line.size for line in lines],
        "outcome": None,
        "reason": None,
    }
    insert_columns(conn, L, columns, len(lines))
    born(conn, REMOVAL, [new], RemovalState.PLANNED, why)
    return one(conn, new)


def one(conn: Connection, number: int, *, lock: bool = False) -> Plan:
    """A plan by its number. Raises NotRegistered."""
    query = select(*P.c[_COLUMNS]).where(P.c.id == number)
    row = conn.execute(for_update(conn, query, P) if lock else query).one_or_none()
    if row is None:
        raise NotRegistered("no such plan of removal; see 'ddm trash plans'", subject=f"plan {number}")
    return _plan(row)


_COLUMNS = (
    "id", "state", "since", "hash", "scope", "ground", "made_by", "made_at", "files", "size", "seen",
    "strange", "reason",
)  # fmt: skip


def _plan(row: Any) -> Plan:
    return Plan(row[0], RemovalState(row[1]), *row[2:])


def listing(conn: Connection, limit: int, states: Sequence[RemovalState] = ()) -> list[Plan]:
    """Plans, the newest first; in these states, if any are given."""
    query = select(*P.c[_COLUMNS]).order_by(P.c.id.desc()).limit(limit)
    return [_plan(row) for row in conn.execute(query.where(P.c.state.in_(states)) if states else query)]


def amounts(conn: Connection, number: int) -> list[Amount]:
    """How many lines came to what end, and how many have none."""
    query = (
        select(L.c.act, L.c.outcome, func.count(), func.sum(L.c.size))
        .where(L.c.removal_id == number)
        .group_by(L.c.act, L.c.outcome)
        .order_by(L.c.act, L.c.outcome)
    )
    return [
        Amount(RemovalAct(act), LineOutcome(outcome) if outcome else None, int(n), int(size))
        for act, outcome, n, size in conn.execute(query)
    ]


def intact(conn: Connection, plan: Plan) -> bool:
    """Whether its list is the one that was hashed."""
    query = select(*L.c["replica_id", "act", "size"]).where(L.c.removal_id == plan.id).order_by(L.c.position)
    found = [NewLine(row[0], RemovalAct(row[1]), row[2]) for row in conn.execute(query)]
    return len(found) == plan.files and hash_of(found) == plan.hash


def open_lines(conn: Connection, number: int, act: RemovalAct, after: int, limit: int) -> list[Line]:
    """The next lines without an outcome, behind a position."""
    return _lines(conn, number, [L.c.act == act, L.c.outcome.is_(None), L.c.position > after], limit)


def lines(conn: Connection, number: int, limit: int, outcome: LineOutcome | None = None) -> list[Line]:
    """Lines of a plan in order; with this outcome, if one is given."""
    return _lines(conn, number, [] if outcome is None else [L.c.outcome == outcome], limit)


def walk(conn: Connection, number: int) -> Iterator[Line]:
    """All lines, a page in memory at a time."""
    for page in count():
        found = _lines(conn, number, [L.c.position >= page * AT_ONCE], AT_ONCE)
        yield from found
        if len(found) < AT_ONCE:
            return


def _lines(conn: Connection, number: int, conditions: Sequence[Any], limit: int) -> list[Line]:
    query = (
        select(
            L.c.position, L.c.act, L.c.size, R.c.id, schema.lfn(), *F.c["product", "run"], E.c.name,
            schema.place(), R.c.state, F.c.size.label("now"), L.c.outcome, L.c.reason,
        )
        .join(R, R.c.id == L.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(L.c.removal_id == number, *conditions)
        .order_by(L.c.position)
        .limit(limit)
    )  # fmt: skip
    return [_line(row) for row in conn.execute(query)]


def _line(row: Any) -> Line:
    position, act, planned, replica, lfn, product, run, endpoint, path, state, size, outcome, reason = row
    return Line(
        position, RemovalAct(act), planned, replica, lfn, product, run, endpoint, path, ReplicaState(state),
        size, LineOutcome(outcome) if outcome else None, reason,
    )  # fmt: skip


def record(conn: Connection, number: int, found: Mapping[int, tuple[LineOutcome, str]]) -> Plan:
    """Write down what came of lines, by position; those that have an outcome keep it. Returns the plan."""
    by_outcome: dict[tuple[LineOutcome, str], list[int]] = {}
    for position, came in found.items():
        by_outcome.setdefault(came, []).append(position)
    seen = strange = 0
    for (outcome, reason), positions in by_outcome.items():
        statement = (
            update(L)
            .where(L.c.removal_id == number, L.c.outcome.is_(None), among(conn, L.c.position, positions))
            .values(outcome=outcome.value, reason=reason[:500] or None)
        )
        changed = conn.execute(statement).rowcount
        seen += changed
        strange += changed if outcome.strange else 0
    plus = {"seen": P.c.seen + seen, "strange": P.c.strange + strange}
    conn.execute(update(P).where(P.c.id == number).values(**plus))
    return one(conn, number)


# ------------------------------------------------------------------------------------ its states
def start(conn: Connection, number: int, why: Why) -> Plan:
    """Begin a plan, or go on with it. Raises NotRegistered, or IllegalTransition if it is over or braked."""
    plan = one(conn, number, lock=True)
    match plan.state:
        case RemovalState.PLANNED:
            move(conn, REMOVAL, [number], "started", why)
        case RemovalState.RUNNING:
            return plan
        case RemovalState.BRAKED:
            raise IllegalTransition(
                f"it is braked: {plan.reason}",
                subject=f"plan {number}",
                advice=f"see 'ddm trash plans {number}', then 'ddm trash resume --plan {number} --reason …'",
            )
        case state:
            raise IllegalTransition(f"it is {state}; make a new one", subject=f"plan {number}")
    return one(conn, number)


def stop(conn: Connection, number: int, text: str, why: Why) -> bool:
    """Brake a plan; False if it does not run any more."""
    return bool(move(conn, REMOVAL, [number], "braked", why.because(text), reason=text))


def resume(conn: Connection, number: int, why: Why) -> Plan:
    """Release the brake: what was strange so far counts no more. Raises IllegalTransition."""
    plan = one(conn, number, lock=True)
    if not move(conn, REMOVAL, [number], "resumed", why, reason=None, seen=0, strange=0):
        raise IllegalTransition(
            f"it is {plan.state}, not BRAKED; nothing was changed", subject=f"plan {number}"
        )
    return one(conn, number)


def cancel(conn: Connection, number: int, why: Why) -> Plan:
    """Nothing more of it is done. Raises IllegalTransition if it is over."""
    plan = one(conn, number, lock=True)
    if not move(conn, REMOVAL, [number], "canceled", why):
        raise IllegalTransition(f"it is {plan.state}; nothing was changed", subject=f"plan {number}")
    return one(conn, number)


def finish(conn: Connection, number: int, why: Why) -> bool:
    """It is DONE once no line is left; False if there is one, or it does not run."""
    left = select(func.count()).where(L.c.removal_id == number, L.c.outcome.is_(None))
    if conn.execute(left).scalar_one():
        return False
    return bool(move(conn, REMOVAL, [number], "finished", why))
