"""Holds: files that a person keeps until a time or for good, with a reason.

A held file is neither withdrawn nor removed: retention is told by ``over``, in the transaction that decides.
On PostgreSQL ``over`` waits for a hold that is being made, and a hold that is made waits for those who
decide: so whoever made one sees all that was too late for it (``late``). A hold is of the files that belong
to it at the moment of the question: those that are registered later for its run, dataset or task too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    update,
)

from catalog.db import schema, schema_holds, schema_merge
from catalog.db.engine import among, insert_many, new_ids
from catalog.db.lock import DDM
from catalog.db.move import Why, note
from catalog.errors import BadInput, IllegalTransition, NotRegistered
from catalog.states import HoldScope, ReplicaState

H, HF = schema_holds.hold, schema_holds.hold_file
F, R, G, M, T, D = (
    schema.file,
    schema.replica,
    schema.group,
    schema.member,
    schema.task,
    schema.dataset,
)
_HOLDS = 3  # the second half of the advisory lock's key
GOING = (ReplicaState.TRASHED, ReplicaState.DELETING)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept: the named files (ids), or a run (of a dataset, if given), a dataset or a task (ids)."""

    scope: HoldScope
    files: tuple[int, ...] = ()
    run: int | None = None
    dataset: int | None = None
    task: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it is shown. ``files``: how many it was of when it was made. ``until`` None: for good."""

    id: int
    scope: str
    run: int | None
    dataset: str | None
    task: str | None
    files: int
    until: datetime | None
    reason: str
    made_by: str
    made_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_for: str | None

    def holds_at(self, now: datetime) -> bool:
        """Whether it is in force."""
        return self.lifted_at is None and (self.until is None or self.until > now)


def add(conn: Connection, kept: Kept, until: datetime | None, why: Why) -> int:
    """Make a hold; returns its number. Raises BadInput without a reason, for a time that is over, or if it
    is of nothing."""
    if not why.reason.strip():
        raise BadInput("a hold needs a reason", subject="--reason")
    if until is not None and until <= why.at:
        raise BadInput("that time is over already", subject="--until")
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:ddm, :key)"), {"ddm": DDM, "key": _HOLDS})
    (key,) = new_ids(conn, H, 1)
    row = {
        "id": key, "scope": kept.scope.value, "run": kept.run, "dataset_id": kept.dataset,
        "task_id": kept.task, "files": len(kept.files), "until": until, "reason": why.reason,
        "made_by": why.actor, "made_at": why.at,
    }  # fmt: skip
    insert_many(conn, H, [row])
    insert_many(conn, HF, [{"hold_id": key, "file_id": file} for file in dict.fromkeys(kept.files)])
    files = conn.execute(select(func.count()).select_from(_covered([key]).subquery())).scalar_one()
    if not files:
        raise BadInput("it would keep no file: the catalogue has none of that", subject="hold")
    conn.execute(update(H).where(H.c.id == key).values(files=files))
    note(conn, "hold", [key], "made", why)
    return key


def lift(conn: Connection, ids: Sequence[int], why: Why) -> list[Hold]:
    """End holds before their time: all or none. Raises NotRegistered, IllegalTransition (lifted)."""
    found = {hold.id: hold for hold in lines(conn, ids=ids)}
    for key in ids:
        if key not in found:
            raise NotRegistered("there is no such hold", subject=f"hold {key}", advice="see 'ddm hold list'")
        if found[key].lifted_at is not None:
            raise IllegalTransition(
                f"was lifted already by {found[key].lifted_by}; nothing was changed", subject=f"hold {key}"
            )
    values = {"lifted_at": why.at, "lifted_by": why.actor, "lifted_for": why.reason}
    conn.execute(update(H).where(among(conn, H.c.id, ids)).values(values))
    note(conn, "hold", sorted(ids), "lifted", why)
    return [found[key] for key in ids]


def lines(conn: Connection, *, ids: Sequence[int] | None = None, at: datetime | None = None) -> list[Hold]:
    """Holds, newest first; ``at``: only those in force then."""
    query = (
        select(
            *H.c["id", "scope", "run"], D.c.name, T.c.name.label("task"),
            *H.c["files", "until", "reason", "made_by", "made_at", "lifted_at", "lifted_by", "lifted_for"],
        )
        .outerjoin(D, D.c.id == H.c.dataset_id)
        .outerjoin(T, T.c.id == H.c.task_id)
        .order_by(H.c.id.desc())
    )  # fmt: skip
    if ids is not None:
        query = query.where(among(conn, H.c.id, ids))
    if at is not None:
        query = query.where(_in_force(at))
    return [Hold(*tuple(row)) for row in conn.execute(query).all()]


def over(conn: Connection, files: Sequence[int], now: datetime) -> dict[int, tuple[str, ...]]:
    """Which of these files (ids) are held now, and in words by whom, until when and why.

    Call it in the transaction that decides: until its end no hold is made that it has not seen.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock_shared(:ddm, :key)"), {"ddm": DDM, "key": _HOLDS})
    held = {hold.id: hold for hold in lines(conn, at=now)}
    found: dict[int, list[str]] = {}
    if held and files:
        query = _covered(list(held)).where(among(conn, F.c.id, files)).order_by(F.c.id, H.c.id)
        for file, key in conn.execute(query).all():
            found.setdefault(file, []).append(sentence(held[key]))
    return {file: tuple(words) for file, words in found.items()}


def sentence(hold: Hold) -> str:
    """Who keeps it, until when and why, as retention says it."""
    until = "" if hold.until is None else f" until {hold.until:%Y-%m-%d %H:%M} UTC"
    return f"{hold.made_by} keeps it{until} (hold {hold.id}): {hold.reason}"


def late(conn: Connection, hold: int) -> dict[str, int]:
    """Copies of its files that are in the trash, or whose removal was sent before it was made, by state.

    Those in the trash stay there and are not removed while it lies; a removal that was sent goes on.
    """
    files = _covered([hold]).subquery()
    query = (
        select(R.c.state, func.count())
        .where(R.c.state.in_(GOING), R.c.file_id.in_(select(files.c.id)))
        .group_by(R.c.state)
    )
    return {state: int(n) for state, n in conn.execute(query).all()}


def _in_force(now: datetime) -> ColumnElement[bool]:
    return and_(H.c.lifted_at.is_(None), or_(H.c.until.is_(None), H.c.until > now))


def _covered(holds: Sequence[int]) -> Select[Any]:
    """(file, hold) for these holds."""
    named = exists(select(literal(1)).where(HF.c.hold_id == H.c.id, HF.c.file_id == F.c.id).correlate(F, H))
    of_dataset = F.c.dataset_id == H.c.dataset_id
    of_run = and_(or_(F.c.run == H.c.run, _merged_of_run()), or_(H.c.dataset_id.is_(None), of_dataset))
    scopes = (
        (HoldScope.FILES, named),
        (HoldScope.RUN, of_run),
        (HoldScope.DATASET, of_dataset),
        (HoldScope.TASK, _of_task()),
    )
    rules = [and_(H.c.scope == scope.value, rule) for scope, rule in scopes]
    return select(F.c.id, H.c.id.label("hold")).select_from(F).join(H, or_(*rules)).where(H.c.id.in_(holds))


@cache
def _merged_of_run() -> ColumnElement[bool]:
    """Merged files that hold files of several runs are called after the first of them."""
    other = schema_merge.group_run
    return exists(
        select(literal(1))
        .select_from(G)
        .join(other, other.c.group_id == G.c.id)
        .where(G.c.output_id == F.c.id, other.c.run == H.c.run)
        .correlate(F, H)
    )


@cache
def _of_task() -> ColumnElement[bool]:
    """What the task reads, what is in its datasets (``TASK/…``), and what its merges took and made."""
    head = T.c.name.concat("/")
    of_dataset = exists(
        select(literal(1))
        .select_from(T)
        .join(D, or_(D.c.id == T.c.dataset_id, func.substr(D.c.name, 1, func.length(head)) == head))
        .where(T.c.id == H.c.task_id, D.c.id == F.c.dataset_id)
        .correlate(F, H)
    )
    made = exists(
        select(literal(1)).where(G.c.output_id == F.c.id, G.c.task_id == H.c.task_id).correlate(F, H)
    )
    taken = exists(
        select(literal(1))
        .select_from(M)
        .join(G, G.c.id == M.c.group_id)
        .where(M.c.file_id == F.c.id, G.c.task_id == H.c.task_id)
        .correlate(F, H)
    )
    return or_(of_dataset, made, taken)
