"""Plans of repair: what a comparison found, as a person signed it, and what came of each line.

1. A plan is a number, what was proposed (a file, known by its sha256), and a text that a person signed (known
   by its own). Acting on it reads that text and nothing else; another one is not acted on.
2. Its lines are written down, all of them, before the first is done: in pages, while the plan is SIGNED. They
   count for nothing until one transaction has found that all are there, and made the plan RUNNING.
3. The outcome of a line is written once, in the transaction that does it; a plan that was interrupted goes on
   with the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from catalog.db import schema, schema_comparisons, schema_repairs, schema_scans
from catalog.db.engine import among, for_update, ids_of, insert_many, new_ids
from catalog.db.move import Why, born, move
from catalog.errors import IllegalTransition, NotRegistered
from catalog.model import RepairLine
from catalog.states import REPAIR, RepairAct, RepairOutcome, RepairState

P, L, E = schema_repairs.repair, schema_repairs.repair_line, schema.endpoint
S, CS = schema_scans.scan, schema_comparisons.comparison_scan
AT_ONCE = 5000
_WAITING = (RepairState.PLANNED.value, RepairState.SIGNED.value)
_BEGUN = P.c.state.not_in(_WAITING)


@dataclass(frozen=True, slots=True)
class Repair:
    """A plan of repair, and how far it is. ``sha256``, ``signed_by``, ``signed_at``: None until it is signed.

    ``files``, ``size``: of the lines that were signed. ``seen``, ``strange``: lines since it was last
    resumed, and those of them that were not as planned.
    """

    id: int
    state: RepairState
    since: datetime
    comparison: int
    directory: str
    made_by: str
    made_at: datetime
    proposed: str
    proposals: int
    dataset: str
    task: str
    signed_by: str | None
    signed_at: datetime | None
    sha256: str | None
    files: int
    size: int
    seen: int
    strange: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class NewRepair:
    """What is known of a plan when it is made."""

    comparison: int
    directory: str
    proposed: str
    proposals: int
    dataset: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True)
class RepairAmount:
    """So many lines, and their bytes as far as known."""

    act: RepairAct
    outcome: RepairOutcome | None
    files: int
    size: int


def next_number(conn: Connection) -> int:
    """The number for a new plan: its directory is named after it before it is written down."""
    (new,) = new_ids(conn, P, 1)
    return new


def save(conn: Connection, number: int, new: NewRepair, why: Why) -> Repair:
    """Write a plan down under a number of ``next_number``."""
    values = {
        "id": number, "state": RepairState.PLANNED.value, "since": why.at, "comparison_id": new.comparison,
        "directory": new.directory, "made_by": why.actor, "made_at": why.at, "proposed": new.proposed,
        "proposals": new.proposals, "dataset": new.dataset, "task": new.task,
    }  # fmt: skip
    conn.execute(P.insert().values(**values))
    born(conn, REPAIR, [number], RepairState.PLANNED, why)
    return one(conn, number)


def one(conn: Connection, number: int, *, lock: bool = False) -> Repair:
    """A plan by its number. Raises NotRegistered."""
    query = select(*P.c[_COLUMNS]).where(P.c.id == number)
    row = conn.execute(for_update(conn, query, P) if lock else query).one_or_none()
    if row is None:
        raise NotRegistered(
            "this catalogue has no such plan of repair",
            subject=f"plan {number}",
            advice="see 'ddm reconcile plans'",
        )
    return _repair(row)


_COLUMNS = (
    "id", "state", "since", "comparison_id", "directory", "made_by", "made_at", "proposed", "proposals",
    "dataset", "task", "signed_by", "signed_at", "sha256", "files", "size", "seen", "strange", "reason",
)  # fmt: skip


def _repair(row: Any) -> Repair:
    return Repair(row[0], RepairState(row[1]), *row[2:])


def listing(conn: Connection, limit: int) -> list[Repair]:
    """Plans, the newest first."""
    return [_repair(row) for row in conn.execute(select(*P.c[_COLUMNS]).order_by(P.c.id.desc()).limit(limit))]


def amounts(conn: Connection, number: int) -> list[RepairAmount]:
    """How many lines came to what end, and how many have none; none of a plan that was not begun."""
    query = (
        select(L.c.act, L.c.outcome, func.count(), func.coalesce(func.sum(L.c.size), 0))
        .join(P, P.c.id == L.c.repair_id)
        .where(L.c.repair_id == number, _BEGUN)
        .group_by(L.c.act, L.c.outcome)
        .order_by(L.c.act, L.c.outcome)
    )
    return [
        RepairAmount(RepairAct(act), None if end is None else RepairOutcome(end), int(n), int(size))
        for act, end, n, size in conn.execute(query)
    ]


# --------------------------------------------------------------------------------------- its lines
def write(conn: Connection, number: int, lines: Iterable[RepairLine], endpoints: Mapping[str, int]) -> None:
    """Write a page of lines down; they count once the plan is begun. ``endpoints``: ids by name."""
    rows = [
        {
            "repair_id": number, "position": entry.position, "act": entry.act.value,
            "kind": str(entry.kind), "endpoint_id": endpoints[entry.endpoint], "path": entry.path,
            "replica_id": entry.replica_id, "other": entry.other, "state": entry.state,
            "changed_at": entry.changed_at, "size": entry.size, "adler32": entry.adler32,
        }
        for entry in lines
    ]  # fmt: skip
    insert_many(conn, L, rows)


def unwrite(conn: Connection, number: int) -> None:
    """Drop what was written of a plan that was not begun. Of any other nothing is dropped."""
    waiting = select(P.c.id).where(P.c.id == number, P.c.state.in_(_WAITING))
    conn.execute(L.delete().where(L.c.repair_id.in_(waiting)))


def lines(
    conn: Connection,
    number: int,
    *,
    act: RepairAct | None = None,
    outcome: RepairOutcome | None = None,
    after: int = -1,
    limit: int = AT_ONCE,
) -> list[RepairLine]:
    """Lines behind a position, in order: with this outcome, or without any; of this action, if one is given.
    """  # fmt: skip
    conditions = [L.c.repair_id == number, L.c.position > after, _BEGUN]
    conditions.append(L.c.outcome.is_(None) if outcome is None else L.c.outcome == outcome.value)
    if act is not None:
        conditions.append(L.c.act == act.value)
    query = (
        select(
            *L.c["position", "act", "kind"], E.c.name,
            *L.c["path", "replica_id", "other", "state", "changed_at", "size", "adler32"],
            *L.c["outcome", "reason"],
        )
        .join(E, E.c.id == L.c.endpoint_id)
        .join(P, P.c.id == L.c.repair_id)
        .where(*conditions)
        .order_by(L.c.position)
        .limit(limit)
    )  # fmt: skip
    return [_line(row) for row in conn.execute(query)]


def _line(row: Any) -> RepairLine:
    position, act, kind, endpoint, path, replica, other, state, changed_at, size, adler32, end, reason = row
    return RepairLine(
        position, RepairAct(act), kind, endpoint, path, replica, other, state, changed_at, size, adler32,
        None if end is None else RepairOutcome(end), reason,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlannedAt:
    """A plan, and what it says of a place. ``act``: None, it has no line of it, or was not begun;
    ``outcome``: None, it is not done yet."""

    plan: int
    state: RepairState
    act: RepairAct | None
    outcome: RepairOutcome | None
    reason: str | None


def at_place(conn: Connection, comparison: int, endpoint: int, path: str) -> list[PlannedAt]:
    """The plans by one comparison that were not canceled, the newest first, and what each says of a place."""
    here = (L.c.repair_id == P.c.id) & (L.c.endpoint_id == endpoint) & (L.c.path == path) & _BEGUN
    query = (
        select(P.c.id, P.c.state, L.c.act, L.c.outcome, L.c.reason)
        .join(L, here, isouter=True)
        .where(P.c.comparison_id == comparison, P.c.state != RepairState.CANCELED.value)
        .order_by(P.c.id.desc(), L.c.position)
    )
    return [
        PlannedAt(plan, RepairState(state), act and RepairAct(act), end and RepairOutcome(end), reason)
        for plan, state, act, end, reason in conn.execute(query)
    ]


def record(conn: Connection, number: int, found: Mapping[int, tuple[RepairOutcome | None, str]]) -> Repair:
    """Write down what came of lines, by position; those that have an outcome keep it. Returns the plan.

    Outcome None: the line stays open, and says why.
    """
    waiting = select(L.c.position).where(
        L.c.repair_id == number, L.c.outcome.is_(None), among(conn, L.c.position, list(found))
    )
    rows: list[dict[str, Any]] = [
        {"at": position, "end": None if end is None else end.value, "why": reason[:500] or None}
        for position in ids_of(conn, waiting)
        for end, reason in [found[position]]
    ]
    if rows:
        one_line = (L.c.repair_id == number) & (L.c.position == bindparam("at"))
        values: dict[str, Any] = {"outcome": bindparam("end"), "reason": bindparam("why")}
        conn.execute(update(L).where(one_line).values(**values), rows)
    ends = [found[row["at"]][0] for row in rows]
    seen = sum(end is not None for end in ends)
    strange = sum(end is not None and end.strange for end in ends)
    plus = {"seen": P.c.seen + seen, "strange": P.c.strange + strange}
    conn.execute(update(P).where(P.c.id == number).values(**plus))
    return one(conn, number)


def lfns(conn: Connection, number: int, act: RepairAct, outcome: RepairOutcome) -> list[str]:
    """LFNs of the files of lines of this action and outcome, in order."""
    query = (
        select(schema.lfn())
        .select_from(schema.file)
        .join(schema.replica, schema.replica.c.file_id == schema.file.c.id)
        .join(L, L.c.replica_id == schema.replica.c.id)
        .where(L.c.repair_id == number, L.c.act == act.value, L.c.outcome == outcome.value)
        .order_by(L.c.position)
    )
    return list(dict.fromkeys(conn.execute(query).scalars()))


def given_up(conn: Connection, number: int, since: datetime) -> dict[int, int]:
    """How many copies this plan and all others signed since then and begun give up, or did, at the endpoints
    of this one, by lines that rest on absence. Where a person accepted more than the brake does, nothing is
    counted.
    """
    mine = select(L.c.endpoint_id).where(L.c.repair_id == number, L.c.act.in_(_ABSENT))
    accepted = select(CS.c.scan_id).join(S, S.c.id == CS.c.scan_id)
    accepted = accepted.where(
        CS.c.comparison_id == P.c.comparison_id, CS.c.accepted != "", S.c.endpoint_id == L.c.endpoint_id
    )
    query = (
        select(L.c.endpoint_id, func.count())
        .join(P, P.c.id == L.c.repair_id)
        .where(P.c.signed_at >= since, P.c.state != RepairState.CANCELED.value, _BEGUN)
        .where(L.c.act.in_(_ABSENT))
        .where(L.c.outcome.is_(None) | (L.c.outcome == RepairOutcome.DONE.value))
        .where(L.c.endpoint_id.in_(mine), ~accepted.exists())
        .group_by(L.c.endpoint_id)
    )
    return {endpoint: int(files) for endpoint, files in conn.execute(query)}


_ABSENT = (RepairAct.LOST.value, RepairAct.RECALL.value, RepairAct.REARCHIVE.value)


def left(conn: Connection, number: int) -> int:
    """How many lines have no outcome."""
    query = select(func.count()).where(L.c.repair_id == number, L.c.outcome.is_(None))
    return int(conn.execute(query).scalar_one())


# -------------------------------------------------------------------------------------- its states
def sign(conn: Connection, number: int, sha256: str, files: int, size: int, why: Why) -> Repair:
    """A person signed this text of it; one signed before counts no more. Raises IllegalTransition."""
    plan = one(conn, number, lock=True)
    also: dict[str, Any] = {"sha256": sha256, "signed_by": why.actor, "signed_at": why.at}
    also |= {"files": files, "size": size}
    if not move(conn, REPAIR, [number], "signed", why, **also):
        raise IllegalTransition(f"it is {plan.state}; nothing was signed", subject=f"plan {number}")
    return one(conn, number)


def start(conn: Connection, number: int, why: Why) -> tuple[Repair, bool]:
    """Begin a plan, or go on with it, or with one that is DONE; and whether it was begun now.

    Raises NotRegistered, or IllegalTransition if it is not signed, braked or canceled.
    """
    plan = one(conn, number, lock=True)
    match plan.state:
        case RepairState.SIGNED:
            move(conn, REPAIR, [number], "started", why)
            return one(conn, number), True
        case RepairState.RUNNING | RepairState.DONE:
            return plan, False
        case RepairState.BRAKED:
            raise IllegalTransition(
                f"it is braked: {plan.reason}",
                subject=f"plan {number}",
                advice=f"see 'ddm reconcile plans {number}', then 'ddm reconcile resume {number} --reason …'",
            )
        case RepairState.PLANNED:
            raise IllegalTransition(
                "it is not signed", subject=f"plan {number}", advice="ddm reconcile sign FILE"
            )
        case state:
            raise IllegalTransition(f"it is {state}; make a new one", subject=f"plan {number}")


def stop(conn: Connection, number: int, text: str, why: Why) -> bool:
    """Brake a plan; False if it does not run any more."""
    return bool(move(conn, REPAIR, [number], "braked", why.because(text), reason=text[:500]))


def resume(conn: Connection, number: int, why: Why) -> Repair:
    """Release the brake: what was strange so far counts no more. Raises IllegalTransition."""
    plan = one(conn, number, lock=True)
    if not move(conn, REPAIR, [number], "resumed", why, reason=None, seen=0, strange=0):
        raise IllegalTransition(
            f"it is {plan.state}, not BRAKED; nothing was changed", subject=f"plan {number}"
        )
    return one(conn, number)


def cancel(conn: Connection, number: int, why: Why) -> bool:
    """Nothing more of it is done; False if it is over already. Raises NotRegistered."""
    one(conn, number, lock=True)
    unwrite(conn, number)
    return bool(move(conn, REPAIR, [number], "canceled", why))


def finish(conn: Connection, number: int, why: Why) -> bool:
    """It is DONE once no line is left; False if there is one, or it does not run."""
    return not left(conn, number) and bool(move(conn, REPAIR, [number], "finished", why))
