"""The one way a state changes.

``move`` turns one row of a state table into SQL: *update … where id in (…) and state = :old returning id*,
and one insert for the history, in the caller's transaction. Ids that do not come back had already moved, or
were never in a state that has the event: that is an answer, not an error, and the caller looks at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, literal, select, update
from sqlalchemy import insert as sql_insert

from catalog.db import schema, schema_events
from catalog.db.engine import among, ids_of, insert_many, listed
from catalog.db.schema import Time
from catalog.errors import IllegalTransition
from catalog.states import ASK, CHECK, DATASET, GROUP, ITEM, JOB, PIN, RANGE, REPLICA, Machine

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
    **also: Any,
) -> list[int]:
    """Apply the event to the rows; returns the ids that moved. ``also`` sets other columns of moved rows.

    ``reasons`` are of single rows, by id, where theirs differ from that of ``why``.

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
        moved += _move_from(conn, machine.noun, ids, (event, str(old), str(new)), why, reasons or {}, also)
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
    table = TABLES[noun]
    statement = (
        update(table)
        .where(table.c.state == old, among(conn, table.c.id, ids))
        .values(state=new, since=why.at, **also)
        .returning(table.c.id)
    )
    moved = ids_of(conn, statement)
    usual = [key for key in moved if key not in reasons] if reasons else moved
    if usual:
        _remember(conn, noun, usual, step, why)
    _remember_each(conn, noun, {key: reasons[key] for key in moved if key in reasons}, step, why)
    return moved


def born(conn: Connection, machine: Machine[Any], ids: Sequence[int], state: str, why: Why) -> None:
    """One history row for each new row, in the state it starts in."""
    if state not in machine.starts:
        raise IllegalTransition(f"a {machine.noun} cannot start as {state}")
    if ids:
        _remember(conn, machine.noun, ids, ("born", "", state), why)


def note(conn: Connection, noun: str, ids: Sequence[int], event: str, why: Why) -> None:
    """A history row for something that is no change of state, e.g. a file registered or a name retired."""
    if ids:
        _remember(conn, noun, ids, (event, "", ""), why)


def _remember_each(
    conn: Connection, noun: str, reasons: Mapping[int, str], step: tuple[str, str, str], why: Why
) -> None:
    event, old, new = step
    shared = {"noun": noun, "event": event, "old": old, "new": new, "at": why.at, "actor": why.actor}
    rows = [{**shared, "noun_id": key, "reason": reason[:LONGEST_REASON]} for key, reason in reasons.items()]
    insert_many(conn, schema.history, rows)


def _remember(conn: Connection, noun: str, ids: Sequence[int], step: tuple[str, str, str], why: Why) -> None:
    event, old, new = step
    history = schema.history
    source = listed(conn, ids).subquery("moved")
    rows = select(
        literal(noun),
        source.c[0],
        literal(event),
        literal(old),
        literal(new),
        literal(why.at, Time),
        literal(why.actor),
        literal(why.reason[:LONGEST_REASON]),
    )
    columns = ["noun", "noun_id", "event", "old", "new", "at", "actor", "reason"]
    conn.execute(sql_insert(history).from_select(columns, rows))
