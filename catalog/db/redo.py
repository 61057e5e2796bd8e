"""Merges that a person does over or withdraws: merge again, re-process an input, void. All or nothing.

A group that is done over loses its old output: the file is retired, which frees its name, and its copy on
disk is trashed. That is allowed only while every input is AVAILABLE on disk, asked in the same transaction
on locked rows: whatever was in the old output can then be made again (invariant 3). An input that is itself
made again needs its raw file instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from catalog.db import chains, files, groups, jobs, plans, schema
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
    retired = retire_outputs(conn, rows, why)
    cancel_held_jobs(conn, ids, why)
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
    retired = retire_outputs(conn, rows, why)
    cancel_held_jobs(conn, ids, why)
    plans.retire(conn, groups.void(conn, ids, why), why)
    _reopen_checks(conn, rows, why)
    return [
        _redone(row, GroupState.VOID, len(members.get(row.id, ())), retired.get(row.id), None) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Reprocessed:
    """Chunks of a part whose files are made again by their jobs; then the part is merged anew, as it was."""

    group_id: int
    product: str
    run: int
    part: int
    chunks: tuple[str, ...]
    jobs: tuple[int, ...]
    retired: str | None


def reprocess(conn: Connection, group: int, chunks: Sequence[str], why: Why) -> Reprocessed:
    """Have the jobs of these chunks make the group's product again; the group is void, its output retired.

    The old files of the chunks are retired and their copies trashed, for which the raw files must be
    AVAILABLE. ``catalog.db.torn`` finds the part once they are made. Raises NotRegistered; RetentionRefused;
    IllegalTransition if the group is not MISMATCHED, or a job of a chunk is not DONE.
    """
    (row,) = _groups(conn, [group])
    inputs = _members_of(conn, group, chunks)
    _refuse_without_raw(conn, inputs)
    work = _jobs_of(conn, row.task_id, inputs)
    files_ = [entry.file_id for entry in inputs]
    retired = retire_outputs(conn, [row], why, files_)
    cancel_held_jobs(conn, [group], why)
    plans.retire(conn, groups.void(conn, [group], why), why)
    because = why.because(f"made again: {why.reason}")
    copies = _copies(conn, files_)
    lost = [copy.id for copy in copies if copy.state == ReplicaState.LOST]
    move(conn, REPLICA, lost, "written_off", because)
    move(conn, REPLICA, [copy.id for copy in copies if copy.id not in lost], "trashed", because)
    files.retire(conn, files_, because)
    move(conn, JOB, work, "process_again", why, product=row.product, next_try_at=why.at)
    _reopen_checks(conn, [row], why)
    names = tuple(entry.chunk for entry in inputs)
    return Reprocessed(group, row.product, row.run, row.part, names, tuple(work), retired.get(group))


def _members_of(conn: Connection, group: int, chunks: Sequence[str]) -> list[Any]:
    """The group's files of these chunks, with their raw files."""
    parent = schema.parent
    query = (
        select(F.c.id.label("file_id"), groups.chunk_of(), parent.c.parent_id.label("raw_id"), schema.lfn())
        .join(M, M.c.file_id == F.c.id)
        .join(G, G.c.id == M.c.group_id)
        .join(parent, parent.c.file_id == F.c.id)
        .where(M.c.group_id == group, F.c.part.is_(None))  # a merged file is merged again, not processed
        .order_by(M.c.position)
    )
    rows = [row for row in conn.execute(for_update(conn, query, F)) if row.chunk in chunks]
    missing = sorted(set(chunks) - {row.chunk for row in rows})
    if missing:
        raise NotRegistered("the part has no such chunk; nothing was changed", subject=f"chunk {missing[0]}")
    return rows


def _refuse_without_raw(conn: Connection, inputs: Sequence[Any]) -> None:
    query = select(R.c.file_id).where(
        among(conn, R.c.file_id, [entry.raw_id for entry in inputs]), R.c.state == ReplicaState.AVAILABLE
    )
    safe = {row[0] for row in conn.execute(for_update(conn, query, R))}
    for entry in inputs:
        if entry.raw_id not in safe:
            text = "its raw file has no AVAILABLE copy: it cannot be made again; nothing was changed"
            raise RetentionRefused(text, subject=entry.lfn)


def _jobs_of(conn: Connection, task: int, inputs: Sequence[Any]) -> list[int]:
    """The jobs that made the files. Raises IllegalTransition unless all of them are DONE."""
    job_input = schema.job_input
    query = (
        select(J.c.id, J.c.state, job_input.c.file_id)
        .join(job_input, job_input.c.job_id == J.c.id)
        .where(
            J.c.task_id == task,
            J.c.kind == JobKind.PROCESS,
            among(conn, job_input.c.file_id, [entry.raw_id for entry in inputs]),
        )
        .order_by(J.c.id)
    )
    jobs_ = {row.file_id: row for row in conn.execute(for_update(conn, query, J))}
    for entry in inputs:
        job = jobs_.get(entry.raw_id)
        if job is None or job.state != JobState.DONE:
            text = f"its job {job.id} is {job.state}" if job else "no job of the catalogue made it"
            raise IllegalTransition(f"{text}: it is not made again; nothing was changed", subject=entry.lfn)
    return [jobs_[entry.raw_id].id for entry in inputs]


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


def retire_outputs(
    conn: Connection, rows: Sequence[Any], why: Why, remade: Sequence[int] = ()
) -> dict[int, str]:
    """Free the names of the old outputs and trash their copies; group id → LFN of its old output.

    ``remade``: inputs that are made again.
    """
    old = {row.id: row for row in rows if row.output_id is not None}
    _refuse_used(conn, list(old.values()))
    copies = _copies(conn, [row.output_id for row in old.values()])
    _refuse_loss(conn, list(old), remade)
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


def _refuse_used(conn: Connection, rows: Sequence[Any]) -> None:
    """Raises IllegalTransition for an output that another product was made of."""
    users = chains.into(conn, [row.output_id for row in rows])
    for row in rows:
        if (user := users.get(row.output_id)) is not None:
            where = select(*G.c["run", "product", "state"]).where(G.c.id == user)
            run, product, state = conn.execute(where).one()
            text = (
                f"group {row.id} has gone into {product} (group {user}, {state}): withdraw that first with "
                f"'ddm merge revise {run} --product {product}'; nothing was changed"
            )
            raise IllegalTransition(text, subject=row.lfn)


def _refuse_loss(conn: Connection, ids: Sequence[int], remade: Sequence[int]) -> None:
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
    safe = {row[0] for row in conn.execute(for_update(conn, query, R))} | set(remade)
    for group, members in groups.members(conn, ids).items():
        lacking = [file for file in members if file not in safe]
        if lacking:
            lfn = conn.execute(select(schema.lfn()).where(F.c.id == lacking[0])).scalar_one()
            raise RetentionRefused(
                f"group {group} cannot be merged again: {len(lacking)} of its {len(members)} inputs are not "
                f"AVAILABLE on disk, e.g. {lfn}; its output stays and nothing was changed",
                subject=f"merge group {group}",
            )


def cancel_held_jobs(conn: Connection, ids: Sequence[int], why: Why) -> None:
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
    for task, run, product, plan in {(row.task_id, row.run, row.product, row.plan_id) for row in rows}:
        query = select(G.c.id).where(G.c.state != GroupState.VOID)
        if plan is None:
            query = query.where(G.c.task_id == task, G.c.run == run, G.c.product == product)
        else:
            query = query.where(G.c.plan_id == plan)
        left = sorted(row[0] for row in conn.execute(query) if row[0] not in chosen)
        if left:
            raise BadInput(
                f"the parts of a plan (here {product} of run {run}) can only be void together: "
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


def refuse_bad_bytes(conn: Connection, ids: Sequence[int]) -> None:
    """Raises IllegalTransition unless the merged file of every group has an AVAILABLE copy."""
    outputs = [row[0] for row in conn.execute(select(G.c.output_id).where(among(conn, G.c.id, ids))).all()]
    good = {copy.file_id for copy in _copies(conn, outputs) if copy.state == ReplicaState.AVAILABLE}
    if set(outputs) - good:
        raise IllegalTransition(
            "a merged copy is not AVAILABLE: counts can be waived, bytes cannot; nothing was changed",
            subject="ddm merge show",
        )
