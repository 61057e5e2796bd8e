"""Does the history follow? Each thing's past is gone through, from its birth to the state it is in now.

A fault is a step that no state table allows, one that begins in another state than the step before ended
in, and a thing whose last step did not lead to its present state. Memory does not grow with the catalogue:
ids are looked at a window at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, func, select

from catalog.db import schema
from catalog.db.move import TABLES
from catalog.states import ASK, ITEM, LEASE, MACHINES, PIN

WINDOW = 50_000  # ids
SILENT = {machine.noun: str(machine.starts[0]) for machine in (ITEM, PIN, ASK, LEASE)}
"""Nouns whose birth is not written down, because their row says it, and the state they are born in."""

Step = tuple[str, str, str]  # event, old state, new state

_LEGAL: dict[str, frozenset[Step]] = {
    machine.noun: frozenset((str(event), str(old), str(new)) for (old, event), new in machine.table.items())
    for machine in MACHINES
}


def faults(conn: Connection, limit: int) -> list[str]:
    """A sentence for each fault, at most ``limit`` for each noun."""
    return [
        sentence
        for noun, table in TABLES.items()
        for sentence, _ in zip(_of_noun(conn, noun, table), range(limit), strict=False)
    ]


def _of_noun(conn: Connection, noun: str, table: Table) -> Iterator[str]:
    last = conn.execute(select(func.max(table.c.id))).scalar() or 0
    for low in range(1, last + 1, WINDOW):
        yield from _of_window(conn, noun, table, low, min(low + WINDOW, last + 1))


def _of_window(conn: Connection, noun: str, table: Table, low: int, high: int) -> Iterator[str]:
    """Ids from ``low`` to before ``high``."""
    start = SILENT.get(noun, "")
    now = [start] * (high - low)
    for number, event, old, new, first, last in _past(conn, noun, low, high):
        a, b = max(first, low) - low, min(last, high - 1) - low + 1
        if old and (event, old, new) not in _LEGAL[noun]:
            yield f"history row {number}: a {noun} cannot go from {old} to {new} by '{event}'"
        if now[a:b].count(old) != b - a:
            wrong = next(i for i in range(a, b) if now[i] != old)
            was = now[wrong] or "not there"
            yield f"history row {number}: {noun} {low + wrong} goes from {old or 'nothing'}, but it was {was}"
        now[a:b] = [new] * (b - a)
    query = select(table.c.id, table.c.state).where(table.c.id >= low, table.c.id < high)
    for key, state in conn.execute(query.order_by(table.c.id)):
        if now[key - low] != state:
            told = f"leads to {now[key - low]}" if now[key - low] else "does not know of it"
            yield f"{noun} {key} is {state}, but its history {told}"


def _past(conn: Connection, noun: str, low: int, high: int) -> Iterator[tuple[int, str, str, str, int, int]]:
    """The steps of the window, oldest first, without what is no change of state."""
    H = schema.history  # noqa: N806
    query = (
        select(*H.c["id", "event", "old", "new", "noun_id", "last_id"])
        .where(H.c.noun == noun, H.c.noun_id > low - schema.SPAN, H.c.noun_id < high, H.c.last_id >= low)
        .where((H.c.old != "") | (H.c.new != ""))
        .order_by(H.c.id)
    )
    for row in conn.execute(query).yield_per(10_000):
        yield tuple(row)
