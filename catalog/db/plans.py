"""Stored merge plans: kept with their parts, listed, retired; and what is left of retired ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, or_, select, update

from catalog.db import schema, schema_merge
from catalog.db.engine import among, among_text, insert_many, new_ids
from catalog.db.groups import NewGroup
from catalog.db.move import Why
from catalog.states import GroupState, ReplicaState

F, R, E, G, M = schema.file, schema.replica, schema.endpoint, schema.group, schema.member
P, RUN, OUT, MORE = (
    schema_merge.plan,
    schema_merge.plan_run,
    schema_merge.left_out,
    schema_merge.group_run,
)


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan to store. ``runs``: those it has files of, and whether no file of each waits; ``left_out``: file
    ids, and why each.

    ``limits``: JSON of all that decided beside the files. ``size``: bytes of the ``inputs``.
    """

    product: str
    unit: str
    hash: str
    limits: str
    groups: tuple[NewGroup, ...]
    left_out: tuple[tuple[int, str], ...]
    runs: tuple[tuple[int, bool], ...]
    inputs: int
    size: int
    waiting: int


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan as it was stored; retired if ``retired_at`` is a time."""

    id: int
    task: str
    product: str
    unit: str
    revision: int
    hash: str
    limits: str
    parts: int
    inputs: int
    size: int
    waiting: int
    made_at: datetime
    made_by: str
    retired_at: datetime | None
    retired_by: str | None
    retired_for: str | None


def add(conn: Connection, task: int, plans: Sequence[NewPlan], why: Why) -> list[NewGroup]:
    """Store plans, which never change from now on. Their parts, each with its plan, are still to be added."""
    if not plans:
        return []
    ids = new_ids(conn, P, len(plans))
    revisions = _last_revisions(conn, task, plans)
    rows = []
    for key, plan in zip(ids, plans, strict=True):
        unit = (plan.product, plan.unit)
        revisions[unit] = revisions.get(unit, 0) + 1
        rows.append(
            {
                "id": key,
                "task_id": task,
                "product": plan.product,
                "unit": plan.unit,
                "revision": revisions[unit],
                "hash": plan.hash,
                "limits": plan.limits,
                "parts": len(plan.groups),
                "inputs": plan.inputs,
                "size": plan.size,
                "waiting": plan.waiting,
                "made_at": why.at,
                "made_by": why.actor,
            }
        )
    insert_many(conn, P, rows)
    runs = [(key, *run) for key, plan in zip(ids, plans, strict=True) for run in plan.runs]
    insert_many(conn, RUN, [{"plan_id": key, "run": run, "complete": all_} for key, run, all_ in runs])
    out = [(key, *entry) for key, plan in zip(ids, plans, strict=True) for entry in plan.left_out]
    insert_many(conn, OUT, [{"plan_id": key, "file_id": file, "why": text} for key, file, text in out])
    return [replace(part, plan_id=key) for key, plan in zip(ids, plans, strict=True) for part in plan.groups]


def _last_revisions(conn: Connection, task: int, plans: Sequence[NewPlan]) -> dict[tuple[str, str], int]:
    query = (
        select(*P.c["product", "unit"], func.max(P.c.revision))
        .where(P.c.task_id == task, P.c.product.in_({plan.product for plan in plans}))
        .where(among_text(conn, P.c.unit, sorted({plan.unit for plan in plans})))
        .group_by(*P.c["product", "unit"])
    )
    return {(row[0], row[1]): row[2] for row in conn.execute(query)}


def of_unit(conn: Connection, task: int, product: str, unit: str) -> list[StoredPlan]:
    """Every plan of the unit and product, retired ones too, oldest first."""
    names = schema.task
    columns = P.c[
        "product", "unit", "revision", "hash", "limits", "parts", "inputs", "size", "waiting", "made_at",
        "made_by", "retired_at", "retired_by", "retired_for",
    ]  # fmt: skip
    query = (
        select(P.c.id, names.c.name, *columns)
        .join(names, names.c.id == P.c.task_id)
        .where(P.c.task_id == task, P.c.product == product, P.c.unit == unit)
        .order_by(P.c.revision)
    )
    return [StoredPlan(*tuple(row)) for row in conn.execute(query)]


def units_of_run(conn: Connection, run: int, product: str) -> list[int]:
    """The ids of every live plan of the units with files of this run."""
    mine = select(*P.c["task_id", "unit"]).join(RUN, RUN.c.plan_id == P.c.id)
    mine = mine.where(RUN.c.run == run, P.c.product == product, P.c.retired_at.is_(None))
    units = mine.distinct().subquery("mine")
    query = (
        select(P.c.id)
        .join(units, and_(units.c.task_id == P.c.task_id, units.c.unit == P.c.unit))
        .where(P.c.product == product, P.c.retired_at.is_(None))
    )
    return [row[0] for row in conn.execute(query)]


def next_parts(conn: Connection, task: int, product: str, units: Sequence[str]) -> dict[str, int]:
    """The number of the first part of a further plan, for units that have live parts already."""
    query = (
        select(P.c.unit, func.max(G.c.part) + 1)
        .join(G, G.c.plan_id == P.c.id)
        .where(P.c.task_id == task, P.c.product == product, G.c.state != GroupState.VOID)
        .where(among_text(conn, P.c.unit, list(units)))
        .group_by(P.c.unit)
    )
    return {row[0]: int(row[1]) for row in conn.execute(query)}


def retire(conn: Connection, voided: Sequence[int], why: Why) -> None:
    """Retire the plans of these void groups, unless other parts live. What a plan left out is free again."""
    other = G.alias("other")
    lives = select(literal(1)).where(other.c.plan_id == G.c.plan_id, other.c.state != GroupState.VOID)
    query = select(G.c.plan_id).where(
        among(conn, G.c.id, voided), G.c.plan_id.is_not(None), ~exists(lives.correlate(G))
    )
    ids = [row[0] for row in conn.execute(query.distinct())]
    if not ids:
        return
    here = and_(among(conn, P.c.id, ids), P.c.retired_at.is_(None))
    said = {"retired_at": why.at, "retired_by": why.actor, "retired_for": why.reason}
    conn.execute(update(P).where(here).values(**said))
    other, theirs = P.alias("other"), RUN.alias("theirs")
    freed = select(theirs.c.run).where(among(conn, theirs.c.plan_id, ids))
    alike = (  # a run that another plan completed has free files again
        select(other.c.id)
        .join(P, and_(P.c.task_id == other.c.task_id, P.c.product == other.c.product))
        .where(among(conn, P.c.id, ids))
    )
    conn.execute(
        update(RUN)
        .where(RUN.c.run.in_(freed), RUN.c.plan_id.in_(alike), RUN.c.complete)
        .values(complete=False)
    )


def left_out_beside(conn: Connection, ids: Sequence[int]) -> dict[int, set[tuple[int, str]]]:
    """By group: the (run, chunk) that live plans of its unit leave out on purpose."""
    mine = P.alias("mine")
    same = (P.c[name] == mine.c[name] for name in ("task_id", "product", "unit"))
    query = (
        select(G.c.id, F.c.run, F.c.chunk)
        .join(mine, mine.c.id == G.c.plan_id)
        .join(P, and_(*same))
        .join(OUT, OUT.c.plan_id == P.c.id)
        .join(F, F.c.id == OUT.c.file_id)
        .where(among(conn, G.c.id, ids), P.c.retired_at.is_(None))
    )
    found: dict[int, set[tuple[int, str]]] = {}
    for group, run, chunk in conn.execute(query):
        found.setdefault(group, set()).add((run, chunk))
    return found


def left_out_chunks(conn: Connection, task: int) -> dict[tuple[str, int], list[str]]:
    """Chunks that live plans leave out on purpose, by product and run."""
    query = (
        select(P.c.product, F.c.run, F.c.chunk)
        .join(OUT, OUT.c.plan_id == P.c.id)
        .join(F, F.c.id == OUT.c.file_id)
        .where(P.c.task_id == task, P.c.retired_at.is_(None))
    )
    found: dict[tuple[str, int], list[str]] = {}
    for product, run, chunk in conn.execute(query):
        found.setdefault((product, run), []).append(chunk)
    return found


@dataclass(frozen=True, slots=True)
class Stale:
    """A copy that no live plan wants: of a merged file whose part is void, or of an input left out.

    ``what``: "retired part" or "left out"; ``why``: the reason of the retirement, or of the leaving out.
    """

    what: str
    task: str
    run: int
    product: str
    lfn: str
    endpoint: str
    path: str
    state: str
    size: int | None
    why: str


def stale(conn: Connection, run: int | None, limit: int) -> list[Stale]:
    """Merged files of retired parts, and inputs left out, that are still on storage. Nothing is changed."""
    names = schema.task
    place = [E.c.name, schema.place(), R.c.state, F.c.size]
    there = R.c.state != ReplicaState.DELETED
    parts = (
        select(
            literal("retired part"), names.c.name, G.c.run, G.c.product, schema.lfn(), *place,
            func.coalesce(P.c.retired_for, ""),
        )
        .join(F, F.c.id == G.c.output_id)
        .join(R, and_(R.c.file_id == F.c.id, there))
        .join(E, E.c.id == R.c.endpoint_id)
        .join(names, names.c.id == G.c.task_id)
        .outerjoin(P, P.c.id == G.c.plan_id)
        .where(G.c.state == GroupState.VOID)
        .order_by(G.c.run, G.c.product, G.c.part, R.c.id)
        .limit(limit)
    )  # fmt: skip
    out = (
        select(
            literal("left out"), names.c.name, F.c.run, P.c.product, schema.lfn(), *place, OUT.c.why
        )
        .join(P, and_(P.c.id == OUT.c.plan_id, P.c.retired_at.is_(None)))
        .join(F, F.c.id == OUT.c.file_id)
        .join(R, and_(R.c.file_id == F.c.id, there))
        .join(E, E.c.id == R.c.endpoint_id)
        .join(names, names.c.id == P.c.task_id)
        .order_by(F.c.run, P.c.product, F.c.chunk, R.c.id)
        .limit(limit)
    )  # fmt: skip
    if run is not None:
        parts, out = parts.where(G.c.run == run), out.where(F.c.run == run)
    return [Stale(*tuple(row)) for query in (parts, out) for row in conn.execute(query)]


def any_of_several_runs(conn: Connection) -> bool:
    """Whether any part ever held files of several runs; mostly none did, and questions are cheaper then."""
    return conn.execute(select(literal(1)).select_from(MORE).limit(1)).first() is not None


def shares_a_run(one: Any, other: Any) -> ColumnElement[bool]:
    """Two groups that hold files of the same run, whichever run each is called after."""
    mine, theirs = MORE.alias("mine"), MORE.alias("theirs")
    here = select(literal(1)).where(mine.c.group_id == one.c.id).correlate(one, other)
    there = select(literal(1)).where(theirs.c.group_id == other.c.id).correlate(one, other)
    both = here.join_from(mine, theirs, theirs.c.run == mine.c.run).where(theirs.c.group_id == other.c.id)
    return or_(
        one.c.run == other.c.run,
        exists(here.where(mine.c.run == other.c.run)),
        exists(there.where(theirs.c.run == one.c.run)),
        exists(both),
    )


def more_runs(conn: Connection, ids: Sequence[int]) -> dict[int, list[int]]:
    """The runs that each of these groups holds files of, beside the one it is called after."""
    found: dict[int, list[int]] = {}
    query = select(MORE).where(among(conn, MORE.c.group_id, ids)).order_by(MORE.c.group_id, MORE.c.run)
    for group, run in conn.execute(query):
        found.setdefault(group, []).append(run)
    return found
