"""The one way a state changes.

``move`` turns one row of a state table into SQL: *update … where id in (…) and state = :old returning id*,
and one insert for the history and one for the sums, in the caller's transaction. A row of history speaks for
the consecutive ids that moved together. Ids that do not come back had already moved, or
were never in a state that has the event: that is an answer, not an error, and the caller looks at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Connection, Table, Update, bindparam, update

from catalog.db import (
    schema,
    schema_comparisons,
    schema_events,
    schema_recall,
    schema_release,
    schema_repairs,
    schema_scans,
    schema_verifying,
    tally,
)
from catalog.db.engine import ids_of, insert_columns, unindexed
from catalog.db.given import given
from catalog.errors import IllegalTransition
from catalog.states import (
    ASK,
    CAMPAIGN,
    CHECK,
    COMPARISON,
    DATASET,
    GROUP,
    ITEM,
    JOB,
    LEASE,
    PIN,
    RANGE,
    REMOVAL,
    REPAIR,
    REPLICA,
    SCAN,
    VERIFICATION,
    Machine,
)

TABLES: dict[str, Table] = {
    REPLICA.noun: schema.replica,
    ITEM.noun: schema.item,
    JOB.noun: schema.job,
    GROUP.noun: schema.group,
    PIN.noun: schema.pin,
    CHECK.noun: schema.check,
    DATASET.noun: schema.dataset,
    RANGE.noun: schema_events.event_range,
    ASK.noun: schema_events.event_ask,
    CAMPAIGN.noun: schema_recall.campaign,
    LEASE.noun: schema_recall.lease,
    REMOVAL.noun: schema_release.removal,
    SCAN.noun: schema_scans.scan,
    COMPARISON.noun: schema_comparisons.comparison,
    VERIFICATION.noun: schema_verifying.verification,
    REPAIR.noun: schema_repairs.repair,
}

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Why:
    """When, by whom and for what reason a state changes: what the history row says."""

    at: datetime
    actor: str
    reason: str = ""

    def because(self, reason: str) -> Why:
        return Why(self.at, self.actor, reason)


def move(
    conn: Connection,
    machine: Machine[Any],
    ids: Sequence[int],
    event: str,
    why: Why,
    reasons: Mapping[int, str] | None = None,
    *,
    known: Mapping[int, tally.Known] | None = None,
    **also: Any,
) -> list[int]:
    """Apply the event to the rows; returns the ids that moved. ``also`` sets other columns of moved rows.

    ``reasons`` are of single rows, by id, where theirs differ from that of ``why``.
    ``known``: what recalls or pins count for, as for ``tally.moved``.

    Two statements for each state that has the event, however many rows. Raises IllegalTransition when no
    state has it, or when a person's event comes without a reason.
    """
    if not ids:
        return []
    if event in machine.by_person and not why.reason:
        raise IllegalTransition(f"{machine.noun}: '{event}' is for a person and needs a reason")
    moved: list[int] = []
    for old, new in machine.sources(event).items():
        if len(moved) == len(ids):
            break
        step = (event, str(old), str(new))
        found = _move_from(conn, machine.noun, ids, step, why, reasons or {}, also)
        tally.moved(conn, machine.noun, found, str(old), str(new), known)
        moved += found
    return moved


def _move_from(
    conn: Connection,
    noun: str,
    ids: Sequence[int],
    step: tuple[str, str, str],
    why: Why,
    reasons: Mapping[int, str],
    also: dict[str, Any],
) -> list[int]:
    _, old, new = step
    computed = {name: value for name, value in also.items() if isinstance(value, ClauseElement)}
    plain = {f"new_{name}": value for name, value in also.items() if name not in computed}
    statement = _moving(noun, tuple(plain))
    if computed:
        statement = statement.values(**computed)
    moved = ids_of(conn, statement, ids=ids, old=old, new_state=new, new_since=why.at, **plain)
    usual = [key for key in moved if key not in reasons] if reasons else moved
    if usual:
        _remember(conn, noun, usual, step, why)
    _remember_each(conn, noun, {key: reasons[key] for key in moved if key in reasons}, step, why)
    return moved


@cache
def _moving(noun: str, also: tuple[str, ...]) -> Update:
    """The statement that moves rows; built once, since that takes longer than to move a few."""
    table = TABLES[noun]
    names = ("new_state", "new_since", *also)
    new: dict[str, Any] = {name.removeprefix("new_"): bindparam(name) for name in names}
    return (
        update(table)
        .where(unindexed(table.c.state) == bindparam("old"), table.c.id.in_(given("ids")))  # found by id
        .values(**new)
        .returning(table.c.id)
    )


def born(
    conn: Connection,
    machine: Machine[Any],
    ids: Sequence[int],
    state: str,
    why: Why,
    *,
    counted: bool = False,
) -> None:
    """The history of new rows, in the state they start in; ``counted`` if the tally knows them already."""
    if state not in machine.starts:
        raise IllegalTransition(f"a {machine.noun} cannot start as {state}")
    if ids:
        _remember(conn, machine.noun, ids, ("born", "", state), why)
        if not counted:
            tally.moved(conn, machine.noun, ids, "", state)


def note(conn: Connection, noun: str, ids: Sequence[int], event: str, why: Why) -> None:
    """A history row for something that is no change of state, e.g. a file registered or a name retired."""
    if ids:
        _remember(conn, noun, ids, (event, "", ""), why)


def _remember_each(
    conn: Connection, noun: str, reasons: Mapping[int, str], step: tuple[str, str, str], why: Why
) -> None:
    if reasons:
        ids = list(reasons)
        _write(conn, noun, (ids, ids), step, why, [text[:LONGEST_REASON] for text in reasons.values()])


def _remember(conn: Connection, noun: str, ids: Sequence[int], step: tuple[str, str, str], why: Why) -> None:
    _write(conn, noun, spans(ids), step, why, why.reason[:LONGEST_REASON])


def _write(
    conn: Connection,
    noun: str,
    ranges: tuple[list[int], list[int]],
    step: tuple[str, str, str],
    why: Why,
    reason: str | list[str],
) -> None:
    event, old, new = step
    shared = {"noun": noun, "event": event, "old": old, "new": new, "at": why.at, "actor": why.actor}
    columns = {"noun_id": ranges[0], "last_id": ranges[1], **shared, "reason": reason}
    insert_columns(conn, schema.history, columns, len(ranges[0]))


def spans(ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """The first and the last of each run of consecutive ids, none longer than ``schema.SPAN``.

    >>> spans([7, 3, 4, 5])
    ([3, 7], [5, 7])
    """
    first: list[int] = []
    last: list[int] = []
    rising = ids if isinstance(ids, range) else sorted(ids)
    if len(rising) == rising[-1] - rising[0] + 1:  # the usual case: made or asked for together
        first = list(range(rising[0], rising[-1] + 1, schema.SPAN))
        return first, [*(start - 1 for start in first[1:]), rising[-1]]
    for key in rising:
        if last and key == last[-1] + 1 and key < first[-1] + schema.SPAN:
            last[-1] = key
        else:
            first.append(key)
            last.append(key)
    return first, last
