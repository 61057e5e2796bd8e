"""The freeze switch: while a freeze lies, nothing under it is withdrawn or removed.

1. A freeze lies over everything, over the copies at an endpoint, or over the files of a task.
2. Files of a task are those of its datasets, what its jobs read, and the members of its merges, whoever made
   them: when in doubt, a file is frozen.
3. Who withdraws or removes asks ``guard`` first, in the transaction that decides: a freeze that is being laid
   waits until that transaction has ended, and one that was laid is seen by every later one.
4. A freeze is thawed by a person, by its number; every freeze that was ever laid is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, or_, select, text, update

from catalog.db import schema, schema_release
from catalog.db.engine import among, for_update, insert_many, new_ids
from catalog.db.move import Why, note
from catalog.errors import BadInput, IllegalTransition, NotRegistered

NOUN = "trash_freeze"
Z = schema_release.freeze
R, F, E, T, D, J, JI, G, M = (
    schema.replica,
    schema.file,
    schema.endpoint,
    schema.task,
    schema.dataset,
    schema.job,
    schema.job_input,
    schema.group,
    schema.member,
)
# made once: an alias costs more than a question, and every round asks
_FILE, _JOB, _GROUP = F.alias("frozen_file"), J.alias("frozen_job"), G.alias("frozen_group")
_TASK, _DATASET = T.alias("frozen_task"), D.alias("frozen_dataset")


@dataclass(frozen=True, slots=True)
class Freeze:
    """A freeze that lies; over everything if it has neither endpoint nor task."""

    id: int
    endpoint: str | None
    task: str | None
    made_at: datetime
    made_by: str
    reason: str

    @property
    def over(self) -> str:
        """What it lies over, in words."""
        if self.endpoint is not None:
            return f"endpoint {self.endpoint}"
        return f"task {self.task}" if self.task is not None else "everything"

    @property
    def sentence(self) -> str:
        """What a person reads who wonders why a copy stays."""
        return f"{self.over} is frozen since {self.made_at:%F %T} by {self.made_by}: {self.reason}"


def lay(conn: Connection, endpoint: str | None, task: str | None, why: Why) -> Freeze:
    """Freeze an endpoint, a task, or everything. It waits for those who are just deciding.

    Raises BadInput without a reason, for both at once, and for a name that is not known.
    """
    if not why.reason:
        raise BadInput("a reason is needed: whoever finds it frozen reads it", subject="--reason")
    if endpoint is not None and task is not None:
        raise BadInput("either an endpoint or a task; lay two freezes for both", subject="--task")
    (new,) = new_ids(conn, Z, 1)
    row = {
        "id": new,
        "endpoint_id": None if endpoint is None else _named(conn, E, "endpoint", endpoint),
        "task_id": None if task is None else _named(conn, T, "task", task),
        "reason": why.reason,
        "made_by": why.actor,
        "made_at": why.at,
    }
    insert_many(conn, Z, [row])
    note(conn, NOUN, [new], "frozen", why)
    return Freeze(new, endpoint, task, why.at, why.actor, why.reason)


def _named(conn: Connection, table: Any, what: str, name: str) -> int:
    found = conn.execute(select(table.c.id).where(table.c.name == name)).scalar()
    if found is None:
        known = conn.execute(select(table.c.name).order_by(table.c.name)).scalars().all()
        raise BadInput(
            f"no {what} '{name}' in the catalogue; known: {', '.join(known) or 'none'}", subject=f"--{what}"
        )
    return int(found)


def thaw(conn: Connection, ids: Sequence[int] | None, why: Why) -> list[Freeze]:
    """Take freezes away, by number (None: every one). Raises NotRegistered, or IllegalTransition if thawed.

    All or none of them.
    """
    if not why.reason:
        raise BadInput("a reason is needed: it is kept in the history", subject="--reason")
    query = select(*Z.c["id", "thawed_at"])
    query = query.where(Z.c.thawed_at.is_(None)) if ids is None else query.where(among(conn, Z.c.id, ids))
    rows = list(conn.execute(for_update(conn, query, Z)))
    known = {row.id for row in rows}
    for key in ids or ():
        if key not in known:
            raise NotRegistered("no such freeze; nothing was changed", subject=f"freeze {key}")
    for row in rows:
        if row.thawed_at is not None:
            raise IllegalTransition(
                f"thawed already, at {row.thawed_at:%F %T}; nothing was changed", subject=f"freeze {row.id}"
            )
    chosen = [freeze for freeze in standing(conn) if freeze.id in known]
    values = {"thawed_at": why.at, "thawed_by": why.actor, "thaw_reason": why.reason}
    conn.execute(update(Z).where(among(conn, Z.c.id, sorted(known))).values(**values))
    note(conn, NOUN, sorted(known), "thawed", why)
    return chosen


def standing(conn: Connection) -> list[Freeze]:
    """The freezes that lie, oldest first."""
    query = (
        select(Z.c.id, E.c.name, T.c.name, *Z.c["made_at", "made_by", "reason"])
        .outerjoin(E, E.c.id == Z.c.endpoint_id)
        .outerjoin(T, T.c.id == Z.c.task_id)
        .where(Z.c.thawed_at.is_(None))
        .order_by(Z.c.id)
    )
    return [Freeze(*row) for row in conn.execute(query)]


def guard(conn: Connection) -> None:
    """To be called first by who withdraws or removes: no freeze is laid between what he reads and his commit.

    (In SQLite he has the write lock.) Any number may decide at the same time.
    """
    if conn.dialect.name != "sqlite":
        conn.execute(text(f"LOCK TABLE {Z.name} IN SHARE MODE"))


def over(conn: Connection, replicas: Sequence[int]) -> dict[int, tuple[Freeze, ...]]:
    """The freezes that lie over each of these copies; those with none are left out."""
    lying = {freeze.id: freeze for freeze in standing(conn)} if replicas else {}
    if not lying:
        return {}
    query = (
        select(R.c.id, Z.c.id)
        .select_from(R)
        .join(F, F.c.id == R.c.file_id)
        .join(Z, _covers(R, F))
        .where(Z.c.thawed_at.is_(None), among(conn, R.c.id, replicas))
        .order_by(R.c.id, Z.c.id)
    )
    found: dict[int, tuple[Freeze, ...]] = {}
    for replica, freeze in conn.execute(query):
        if freeze in lying:
            found[replica] = (*found.get(replica, ()), lying[freeze])
    return found


@lru_cache(maxsize=64)
def lies_over(replica: Any = R) -> ColumnElement[bool]:
    """The same as a condition: a freeze lies over this replica."""
    query = (
        select(literal(1))
        .select_from(Z)
        .join(_FILE, _FILE.c.id == replica.c.file_id)
        .where(Z.c.thawed_at.is_(None), _covers(replica, _FILE))
        .correlate(replica)
    )
    return exists(query)


def _covers(replica: Any, file: Any) -> ColumnElement[bool]:
    return or_(
        and_(Z.c.endpoint_id.is_(None), Z.c.task_id.is_(None)),
        Z.c.endpoint_id == replica.c.endpoint_id,
        and_(Z.c.task_id.is_not(None), _of_task(file)),
    )


@lru_cache(maxsize=64)
def _of_task(file: Any) -> ColumnElement[bool]:
    """Rule 2: the task's datasets (its outputs are in ``TASK/PRODUCT…``), what it reads, what it merges."""
    job, group, task, dataset = _JOB, _GROUP, _TASK, _DATASET
    named = (
        select(literal(1))
        .select_from(task)
        .join(dataset, dataset.c.id == file.c.dataset_id)
        .where(task.c.id == Z.c.task_id)
        .where(
            or_(
                task.c.dataset_id == dataset.c.id,
                func.substr(dataset.c.name, 1, func.length(task.c.name) + 1) == task.c.name.concat("/"),
            )
        )
        .correlate(Z, file)
    )
    read = (
        select(literal(1))
        .select_from(JI)
        .join(job, job.c.id == JI.c.job_id)
        .where(JI.c.file_id == file.c.id, job.c.task_id == Z.c.task_id)
        .correlate(Z, file)
    )
    merged = (
        select(literal(1))
        .select_from(M)
        .join(group, group.c.id == M.c.group_id)
        .where(M.c.file_id == file.c.id, group.c.task_id == Z.c.task_id)
        .correlate(Z, file)
    )
    return or_(exists(named), exists(read), exists(merged))
