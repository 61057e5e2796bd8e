"""A plan that a person revises: its parts are retired, also those merged well, and the flow plans anew.

The old outputs are retired and their copies on disk withdrawn, only while every input is AVAILABLE on disk
(invariant 3). Nothing is deleted: what is left of them is listed by ``plans.stale``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from catalog.db import groups, plans, redo, schema
from catalog.db.engine import for_update
from catalog.db.move import Why, move
from catalog.db.redo import Redone
from catalog.errors import BadInput, IllegalTransition, NotRegistered
from catalog.states import CHECK, GroupState

G = schema.group
REVISABLE = (
    GroupState.PLANNED,
    GroupState.MERGED,
    GroupState.MISMATCHED,
    GroupState.HELD,
    GroupState.CHECKED,
)


def revise(conn: Connection, run: int, product: str, task: str | None, why: Why) -> list[Redone]:
    """Retire every part of the plans with files of this run: all are planned anew, by today's settings.

    Raises NotRegistered if there is no live part; BadInput if they are of several tasks; IllegalTransition
    for a part that is on its way or on tape; RetentionRefused if an input is not AVAILABLE.
    """
    rows = _parts(conn, run, product, task)
    members = groups.members(conn, [row.id for row in rows])
    retired = redo.retire_outputs(conn, rows, why)
    ids = [row.id for row in rows]
    redo.cancel_held_jobs(conn, ids, why)
    moved = groups.void(conn, ids, why)
    plans.retire(conn, moved, why)
    _open_checks(conn, rows, why)
    return [
        Redone(
            group_id=row.id,
            product=row.product,
            run=row.run,
            part=row.part,
            was=row.state,
            state=GroupState.VOID,
            inputs=len(members.get(row.id, ())),
            size=row.expected_size,
            retired=retired.get(row.id),
        )
        for row in rows
    ]


def _parts(conn: Connection, run: int, product: str, task: str | None) -> list[Any]:
    """The live parts of every plan of the unit, locked. All of them: the rest of a plan would have a hole."""
    units = plans.units_of_run(conn, run, product)
    names = schema.task
    query = (
        select(G, names.c.name.label("task"))
        .join(names, names.c.id == G.c.task_id)
        .where(G.c.product == product, G.c.state != GroupState.VOID)
        .where((G.c.run == run) | G.c.plan_id.in_(units))
        .order_by(G.c.part)
    )
    rows = [row for row in conn.execute(for_update(conn, query, G)) if task in (None, row.task)]
    if not rows:
        raise NotRegistered(f"no part of {product} is planned", subject=f"run {run}")
    if len(tasks := sorted({row.task for row in rows})) > 1:
        raise BadInput(f"which task? {', '.join(tasks)}", subject="--task")
    for row in rows:
        if row.state not in REVISABLE:
            text = f"part {row.part} is {row.state}, not {', '.join(REVISABLE)}; nothing was changed"
            raise IllegalTransition(text, subject=row.lfn)
    return rows


def _open_checks(conn: Connection, rows: list[Any], why: Why) -> None:
    """What was found of the old parts says nothing of the new ones."""
    check = schema.check
    for task, run, product in {(row.task_id, row.run, row.product) for row in rows}:
        query = select(check.c.id).where(
            check.c.task_id == task, check.c.run == run, check.c.product == product
        )
        ids = [row[0] for row in conn.execute(for_update(conn, query, check))]
        move(conn, CHECK, ids, "parts_changed", why)
        move(conn, CHECK, ids, "reopened", why)
