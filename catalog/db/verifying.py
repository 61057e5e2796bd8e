"""Rounds of verifying contents: what each is to verify, and how far it is.

The longest not verified come first, by an index of ``replica``; a round keeps its place in it. What it is at
has a line until it is found good (``verifying_lines``). So a round may be killed at any moment: the place,
and the lines that are open, are where it goes on. What was verified meanwhile by others is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    func,
    select,
    text,
    update,
)

from catalog.db import schema, schema_verifying
from catalog.db.engine import for_update
from catalog.db.move import Why, move
from catalog.errors import IllegalTransition, NotRegistered
from catalog.states import (
    VERIFICATION,
    EndpointKind,
    HowVerified,
    VerificationState,
)

E = schema.endpoint
V, L = schema_verifying.verification, schema_verifying.verification_line
OPEN = text("verification_line.outcome IS NULL")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a round is to verify. ``before``: copies verified since then, in this way, are left.

    ``fraction`` of the files or bytes: the longest not verified, or, with a ``seed``, drawn by it.
    ``budget``: bytes an hour; None: that of the settings.
    """

    endpoint_id: int
    how: HowVerified
    scope: str
    before: datetime
    budget: int | None = None
    fraction: float = 1.0
    of_bytes: bool = True
    seed: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A round. ``files``, ``size``: how much it comes to, about; ``taken``: what it has taken so far, of
    which ``good`` were right, ``odd`` were not, and ``passed`` were changed by somebody meanwhile."""

    id: int
    state: VerificationState
    endpoint_id: int
    endpoint: str
    kind: EndpointKind
    how: HowVerified
    scope: str
    before: datetime
    budget: int | None
    listed: bool
    fraction: float
    seed: str | None
    most_files: int | None
    most_size: int | None
    files: int
    size: int
    walked_to: datetime | None
    walked_id: int
    walked: bool
    taken: int
    taken_size: int
    good: int
    good_size: int
    odd: int
    passed: int
    released: bool
    made_by: str
    made_at: datetime
    reason: str | None


_ROUND = (
    *V.c["id", "state", "endpoint_id"],
    *E.c["name", "kind"],
    *V.c["how", "scope", "before", "budget", "listed", "fraction", "seed", "most_files", "most_size"],
    *V.c["files", "size", "walked_to", "walked_id", "walked", "taken", "taken_size", "good", "good_size"],
    *V.c["odd", "passed", "released", "made_by", "made_at", "reason"],
)


def _round(row: Sequence[Any]) -> Round:
    key, state, endpoint_id, endpoint, kind, how, *rest = row
    return Round(
        key, VerificationState(state), endpoint_id, endpoint, EndpointKind(kind), HowVerified(how), *rest
    )


@cache
def _rounds() -> Select[Any]:
    return select(*_ROUND).join(E, E.c.id == V.c.endpoint_id)


def one(conn: Connection, number: int, *, lock: bool = False) -> Round:
    """A round by its number. Raises NotRegistered."""
    query = _rounds().where(V.c.id == number)
    row = conn.execute(for_update(conn, query, V) if lock else query).one_or_none()
    if row is None:
        advice = "see 'ddm reconcile verify --status'"
        raise NotRegistered("no such round", subject=f"round {number}", advice=advice)
    return _round(row)


def listing(conn: Connection, limit: int, states: Collection[VerificationState] = ()) -> list[Round]:
    """Rounds, the newest first; in these states, if any are given."""
    query = _rounds().order_by(V.c.id.desc()).limit(limit)
    return [_round(row) for row in conn.execute(query.where(V.c.state.in_(states)) if states else query)]


def unfinished(conn: Connection, wish: Wish) -> Round | None:
    """The round of these very words at this endpoint that is not over."""
    query = _rounds().where(V.c.endpoint_id == wish.endpoint_id, V.c.scope == wish.scope, V.c.how == wish.how)
    row = conn.execute(query.where(V.c.state != VerificationState.DONE).order_by(V.c.id.desc())).first()
    return None if row is None else _round(row)


def change_budget(conn: Connection, it: Round, budget: int | None) -> Round:
    """The budget of a round is what was said last; None: nothing is said now."""
    if budget is None or budget == it.budget:
        return it
    conn.execute(update(V).where(V.c.id == it.id).values(budget=budget))
    return one(conn, it.id)


def waiting(conn: Connection, number: int) -> tuple[int, datetime | None]:
    """How many copies the round is at, and when the next of them is to be looked at; None: there is none."""
    query = select(func.count(), func.min(L.c.next_try_at)).where(L.c.verification_id == number, OPEN)
    row = conn.execute(query).one()
    return int(row[0]), row[1]


def stop(conn: Connection, number: int, why: Why) -> Round:
    """Nothing more is looked at; the place is kept. Raises NotRegistered or IllegalTransition."""
    before = one(conn, number, lock=True)
    if not move(conn, VERIFICATION, [number], "stopped", why, reason=why.reason or None):
        raise IllegalTransition(f"it is {before.state}; nothing was changed", subject=f"round {number}")
    return one(conn, number)


def resume(conn: Connection, number: int, why: Why) -> Round:
    """Go on with one that was stopped, or let the brake go, which stays off for this round.

    Raises NotRegistered, or IllegalTransition for one that is over, or braked without a reason given.
    """
    before = one(conn, number, lock=True)
    match before.state:
        case VerificationState.STOPPED:
            move(conn, VERIFICATION, [number], "resumed", why, reason=None)
        case VerificationState.BRAKED if not why.reason:
            raise IllegalTransition(
                f"it is braked: {before.reason}",
                subject=f"round {number}",
                advice=f"look at the storage, then 'ddm reconcile verify --go-on {number} --reason …'",
            )
        case VerificationState.BRAKED:
            move(conn, VERIFICATION, [number], "released", why, reason=None, released=True)
        case VerificationState.DONE:
            raise IllegalTransition("it is DONE; begin a new one", subject=f"round {number}")
    return one(conn, number)


def brake(conn: Connection, number: int, text: str, why: Why) -> None:
    """Too much differs: nothing more is looked at until a person has looked."""
    move(conn, VERIFICATION, [number], "braked", why.because(text), reason=text)


def finish(conn: Connection, number: int, why: Why) -> bool:
    """It is DONE once everything is taken and nothing is open."""
    if not one(conn, number, lock=True).walked or waiting(conn, number)[0]:
        return False
    return bool(move(conn, VERIFICATION, [number], "finished", why))
