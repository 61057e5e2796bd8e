"""Merges that a person does over, withdraws or accepts: merge again, void, waive. All or nothing.

A group that is done over loses its old output: the file is retired, which frees its name, and its copy on
disk is trashed. That is allowed only while every input is AVAILABLE on disk, asked in the same transaction
on locked rows: whatever was in the old output can then be made again (invariant 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from catalog.db import files, groups, jobs, schema
from catalog.db.engine import among, for_update
from catalog.db.move import Why, move
from catalog.db.people import all_known
from catalog.errors import BadInput, IllegalTransition, NotRegistered, RetentionRefused
from catalog.states import (
    CHECK,
    GROUP,
    JOB,
    REPLICA,
    CheckState,
    EndpointKind,
    GroupState,
    JobKind,
    JobState,
    ReplicaState,
)

F, R, E, G, M, J = (
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.group,
    schema.member,
    schema.job,
)
STOPPED = (GroupState.MISMATCHED, GroupState.HELD)
SPOILED = (ReplicaState.BAD, ReplicaState.LOST)


@dataclass(frozen=True, slots=True)
class Redone:
    """A group that is merged again or void. ``retired`` is the output it had, ``job`` the new merge job."""

    group_id: int
    product: str
    run: int
    part: int
    was: str
    state: str
    inputs: int
    size: int
    retired: str | None
    job: int | None = None


def merge_again(conn: Connection, ids: Sequence[int], why: Why) -> list[Redone]:
    """A new merge job for each group that is MISMATCHED or HELD, or whose merged copy on disk is spoiled.

    Raises NotRegistered; IllegalTransition for a group in another state, or whose old output cannot leave;
    RetentionRefused if the old output would go while an input is not AVAILABLE.
    """
    rows = _groups(conn, ids)
    _merged_but_spoiled(conn, rows, why)
    retired = _retire_outputs(conn, rows, why)
    _cancel_held_jobs(conn, ids, why)
    move(conn, GROUP, ids, "merge_again", why, output_id=None, reason=None)
    members = groups.members(conn, ids)
    made: list[int] = []
    for row in rows:
        work = [(row.run, "", members[row.id], row.id)]
        made += jobs.add_jobs(conn, row.task_id, JobKind.MERGE, work, why)
    _reopen_checks(conn, rows, why)
    return [
        _redone(row, GroupState.MERGING, len(members[row.id]), retired.get(row.id), job)
        for row, job in zip(rows, made, strict=True)
    ]


def void(conn: Connection, ids: Sequence[int], why: Why) -> list[Redone]:
    """Withdraw every group of a run and product: its inputs are free, and the flow plans them anew.

    Raises NotRegistered; IllegalTransition for a group that is merged well or on its way, or whose old
    output cannot leave; BadInput if parts of the run and product are left out: the rest would have a hole.
    """
    rows = _groups(conn, ids, also=(GroupState.PLANNED,))
    _refuse_holes(conn, rows)
    members = groups.members(conn, ids)
    retired = _retire_outputs(conn, rows, why)
    _cancel_held_jobs(conn, ids, why)
    groups.void(conn, ids, why)
    _reopen_checks(conn, rows, why)
    return [
        _redone(row, GroupState.VOID, len(members.get(row.id, ())), retired.get(row.id), None) for row in rows
    ]


def _redone(row: Any, state: str, inputs: int, retired: str | None, job: int | None) -> Redone:
    return Redone(
        row.id, row.product, row.run, row.part, row.state, state, inputs, row.expected_size, retired, job
    )


def _groups(conn: Connection, ids: Sequence[int], also: Sequence[GroupState] = ()) -> list[Any]:
    """The groups, locked. Raises unless every one is stopped, or its merged copy on disk is spoiled."""
    query = select(G).where(among(conn, G.c.id, ids)).order_by(G.c.run, G.c.product, G.c.part)
    rows = list(conn.execute(for_update(conn, query, G)))
    all_known("merge group", ids, (row.id for row in rows))
    merged = [row.output_id for row in rows if row.state == GroupState.MERGED]
    spoiled = {copy.file_id for copy in _copies(conn, merged) if copy.state in SPOILED}
    for row in rows:
        if row.state not in (*STOPPED, *also) and row.output_id not in spoiled:
            raise IllegalTransition(
                f"merge group {row.id} is {row.state}, not {' or '.join(STOPPED)}; nothing was changed",
                subject=row.lfn,
            )
    return rows


def _copies(conn: Connection, outputs: Sequence[int | None]) -> list[Any]:
    """The copies of outputs that are somewhere and not withdrawn, locked."""
    query = (
        select(*R.c["id", "file_id", "state"], E.c.kind, E.c.name, schema.lfn())
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(
            among(conn, R.c.file_id, [file for file in outputs if file is not None]),
            R.c.state.notin_((ReplicaState.DELETED, ReplicaState.TRASHED)),
        )
    )
    return list(conn.execute(for_update(conn, query, R)))


def _merged_but_spoiled(conn: Connection, rows: Sequence[Any], why: Why) -> None:
    """The bytes on disk are not those that were merged: that is a mismatch, found before the cross-check."""
    ids = [row.id for row in rows if row.state == GroupState.MERGED]
    text = "the merged copy on disk is not what the job reported"
    move(conn, GROUP, ids, "counts_differ", why.because(f"{text}; {why.reason}"), reason=text)


def _retire_outputs(conn: Connection, rows: Sequence[Any], why: Why) -> dict[int, str]:
    """Free the names of the old outputs and trash their copies; group id → LFN of its old output."""
    old = {row.id: row for row in rows if row.output_id is not None}
    copies = _copies(conn, [row.output_id for row in old.values()])
    _refuse_loss(conn, list(old))
    for copy in copies:
        if copy.kind == EndpointKind.TAPE:
            text = f"its old output is {copy.state} at {copy.name}: take it off the tape first"
            raise IllegalTransition(f"{text}; nothing was changed", subject=copy.lfn)
        if copy.state not in (ReplicaState.AVAILABLE, *SPOILED):
            text = f"its old output is {copy.state} at {copy.name}: try again when it is compared"
            raise IllegalTransition(f"{text}; nothing was changed", subject=copy.lfn)
    because = why.because(f"output of an attempt that is withdrawn: {why.reason}")
    lost = [copy.id for copy in copies if copy.state == ReplicaState.LOST]
    move(conn, REPLICA, lost, "written_off", because)
    move(conn, REPLICA, [copy.id for copy in copies if copy.id not in lost], "trashed", because)
    files.retire(conn, [row.output_id for row in old.values()], because)
    return {key: row.lfn for key, row in old.items()}


def _refuse_loss(conn: Connection, ids: Sequence[int]) -> None:
    """Raises RetentionRefused if an input of the groups has no AVAILABLE copy on disk (invariant 3)."""
    query = (
        select(R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .join(M, M.c.file_id == R.c.file_id)
        .where(
            among(conn, M.c.group_id, ids),
            R.c.state == ReplicaState.AVAILABLE,
            schema.on_reachable_disk(),
        )
    )
    safe = {row[0] for row in conn.execute(for_update(conn, query, R))}
    for group, members in groups.members(conn, ids).items():
        lacking = [file for file in members if file not in safe]
        if lacking:
            lfn = conn.execute(select(schema.lfn()).where(F.c.id == lacking[0])).scalar_one()
            raise RetentionRefused(
                f"group {group} cannot be merged again: {len(lacking)} of its {len(members)} inputs are not "
                f"AVAILABLE on disk, e.g. {lfn}; its output stays and nothing was changed",
                subject=f"merge group {group}",
            )


def _cancel_held_jobs(conn: Connection, ids: Sequence[int], why: Why) -> None:
    """The held jobs of the groups are over. Raises IllegalTransition if one is on its way."""
    over = (JobState.DONE, JobState.CANCELED)
    query = select(*J.c["id", "state"]).where(among(conn, J.c.merge_group_id, ids), J.c.state.notin_(over))
    rows = list(conn.execute(for_update(conn, query, J)))
    for row in rows:
        if row.state not in (JobState.HELD, JobState.WAITING):
            text = f"its merge job is {row.state}: wait for its end, or cancel it; nothing was changed"
            raise IllegalTransition(text, subject=f"job {row.id}")
    move(conn, JOB, [row.id for row in rows], "canceled", why)


def _refuse_holes(conn: Connection, rows: Sequence[Any]) -> None:
    chosen = {row.id for row in rows}
    for task, run, product in {(row.task_id, row.run, row.product) for row in rows}:
        query = select(G.c.id).where(
            G.c.task_id == task, G.c.run == run, G.c.product == product, G.c.state != GroupState.VOID
        )
        left = sorted(row[0] for row in conn.execute(query) if row[0] not in chosen)
        if left:
            raise BadInput(
                f"the parts of {product} of run {run} can only be void together: "
                f"{', '.join(map(str, left))} too; 'ddm merge again' does single parts; nothing was changed",
                subject="GROUP",
            )


def _reopen_checks(conn: Connection, rows: Sequence[Any], why: Why) -> None:
    """FAILED cross-checks are made anew, unless a mismatched part still waits for a decision."""
    check = schema.check
    for task, run, product in {(row.task_id, row.run, row.product) for row in rows}:
        mine = and_(G.c.task_id == task, G.c.run == run, G.c.product == product)
        left = select(func.count()).select_from(G).where(mine, G.c.state == GroupState.MISMATCHED)
        if conn.execute(left).scalar_one():
            continue
        query = select(check.c.id).where(
            check.c.task_id == task,
            check.c.run == run,
            check.c.product == product,
            check.c.state == CheckState.FAILED,
        )
        ids = [row[0] for row in conn.execute(for_update(conn, query, check))]
        move(conn, CHECK, ids, "reopened", why)


# --------------------------------------------------------------------------------- waive
@dataclass(frozen=True, slots=True)
class Waived:
    """A cross-check whose difference a person accepted, and the groups that go on."""

    task: str
    run: int
    product: str
    verdict: str
    groups: tuple[int, ...]


def waive(conn: Connection, run: int, product: str, task: str | None, why: Why) -> Waived:
    """Accept what a failed cross-check found: its MISMATCHED groups are CHECKED, and may be archived.

    Raises NotRegistered if there is no such check, BadInput if it is of several tasks, IllegalTransition if
    it did not fail, or the merged copy of a group is not AVAILABLE: bytes that differ are never waived.
    """
    check, tasks = schema.check, schema.task
    query = (
        select(*check.c["id", "task_id", "state", "verdict"], tasks.c.name)
        .join(tasks, tasks.c.id == check.c.task_id)
        .where(check.c.run == run, check.c.product == product)
    )
    rows = list(conn.execute(for_update(conn, query, check)))
    rows = [row for row in rows if task in (None, row.name)]
    name = f"{product} of run {run}"
    if not rows:
        raise NotRegistered(f"there is no cross-check of {name}", subject="ddm check show")
    if len(rows) > 1:
        raise BadInput(f"which task? {', '.join(row.name for row in rows)}", subject="--task")
    (row,) = rows
    stopped = select(*G.c["id", "output_id"]).where(
        G.c.task_id == row.task_id, G.c.run == run, G.c.product == product
    )
    stopped = stopped.where(G.c.state == GroupState.MISMATCHED).order_by(G.c.part)
    found = list(conn.execute(for_update(conn, stopped, G)))
    if row.state != CheckState.FAILED and not (row.state == CheckState.WAIVED and found):
        raise IllegalTransition(f"it is {row.state}, not FAILED; nothing was changed", subject=name)
    _refuse_bad_bytes(conn, [entry.output_id for entry in found])
    move(conn, CHECK, [row.id], "waived", why)
    moved = move(conn, GROUP, [entry.id for entry in found], "waived", why)
    return Waived(row.name, run, product, row.verdict, tuple(moved))


def _refuse_bad_bytes(conn: Connection, outputs: Sequence[int | None]) -> None:
    good = {copy.file_id for copy in _copies(conn, outputs) if copy.state == ReplicaState.AVAILABLE}
    if set(outputs) - good:
        raise IllegalTransition(
            "a merged copy is not AVAILABLE: counts can be waived, bytes cannot; nothing was changed",
            subject="ddm merge show",
        )
