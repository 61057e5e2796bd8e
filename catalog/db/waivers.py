"""Waivers: differences of a cross-check that a named person accepted, with their numbers. None is removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from catalog.db import schema, schema_checks
from catalog.db.engine import among, insert_many, new_ids
from catalog.db.move import Why, note
from catalog.states import CheckState

W = schema_checks.waiver


@dataclass(frozen=True, slots=True)
class Standing:
    """A waiver that is in force. ``differences`` is JSON."""

    id: int
    check_id: int
    part: int | None
    differences: str
    made_by: str
    reason: str


def standing(conn: Connection, checks: Sequence[int]) -> dict[int, list[Standing]]:
    """The waivers in force, by cross-check."""
    columns = W.c["id", "check_id", "part", "differences", "made_by", "reason"]
    query = select(*columns).where(among(conn, W.c.check_id, checks), W.c.void_at.is_(None))
    found: dict[int, list[Standing]] = {}
    for row in conn.execute(query.order_by(W.c.id)).all():
        found.setdefault(row.check_id, []).append(Standing(*row))
    return found


def add(conn: Connection, check: int, parts: Mapping[int | None, str], why: Why) -> list[int]:
    """Waivers of a cross-check: the differences (JSON) accepted for each part, None for those of the run."""
    ids = list(new_ids(conn, W, len(parts))) if parts else []
    rows = [
        {
            "id": key,
            "check_id": check,
            "part": part,
            "differences": text,
            "made_by": why.actor,
            "reason": why.reason,
            "made_at": why.at,
            "looked_at": why.at,
        }
        for key, (part, text) in zip(ids, parts.items(), strict=True)
    ]
    insert_many(conn, W, rows)
    return ids


def void(conn: Connection, reasons: Mapping[int, str], why: Why) -> None:
    """These waivers hold no more, each for its reason; they stay in the book."""
    if not reasons:
        return
    statement = update(W).where(W.c.id == bindparam("key"), W.c.void_at.is_(None))
    rows = [{"key": key, "at": why.at, "why": text[:1000]} for key, text in reasons.items()]
    conn.execute(statement.values(void_at=bindparam("at"), void_reason=bindparam("why")), rows)
    query = select(W.c.id, W.c.check_id).where(among(conn, W.c.id, list(reasons)))
    for key, check in conn.execute(query).all():
        note(conn, "check", [check], "waiver_void", why.because(reasons[key]))


def to_look_at(conn: Connection, before: datetime, limit: int) -> list[int]:
    """Cross-checks of which a waiver in force was last compared with what is found before that time."""
    check = schema.check
    query = (
        select(W.c.check_id)
        .join(check, check.c.id == W.c.check_id)
        .where(W.c.void_at.is_(None), W.c.looked_at < before, check.c.state == CheckState.WAIVED)
        .group_by(W.c.check_id)
        .order_by(func.min(W.c.looked_at), W.c.check_id)
        .limit(limit)
    )
    return [row[0] for row in conn.execute(query).all()]


def looked_at(conn: Connection, checks: Sequence[int], at: datetime) -> None:
    """The waivers in force of these checks are as true as ever."""
    if checks:
        here = among(conn, W.c.check_id, checks)
        conn.execute(update(W).where(here, W.c.void_at.is_(None)).values(looked_at=at))


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """A waiver as it is shown. ``definition``: of its task, JSON, where the period stands."""

    id: int
    task: str
    definition: str
    run: int
    product: str
    part: int | None
    differences: str
    made_by: str
    reason: str
    made_at: datetime
    void_at: datetime | None
    void_reason: str | None


def lines(conn: Connection, run: int | None = None, limit: int | None = None) -> list[WaiverLine]:
    """Every waiver there ever was, newest first."""
    check, task = schema.check, schema.task
    query = (
        select(
            W.c.id,
            task.c.name,
            task.c.definition,
            *check.c["run", "product"],
            *W.c["part", "differences", "made_by", "reason", "made_at", "void_at", "void_reason"],
        )
        .join(check, check.c.id == W.c.check_id)
        .join(task, task.c.id == check.c.task_id)
        .order_by(W.c.id.desc())
        .limit(limit)
    )
    rows: Sequence[Any] = conn.execute(query if run is None else query.where(check.c.run == run)).all()
    return [WaiverLine(*row) for row in rows]


def amounts(conn: Connection) -> tuple[int, int]:
    """How many waivers are in force, and how many are void."""
    query = select(func.count(), func.count(W.c.void_at)).select_from(W)
    every, gone = conn.execute(query).one()
    return every - gone, gone
