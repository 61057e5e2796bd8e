"""What a person asks to see of files, jobs, gaps, checks, recalls, archives, the trash. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, literal, select, true

from catalog.db import chains, facts, files, schema
from catalog.db.engine import among
from catalog.db.facts import JobFact, Past
from catalog.states import ITEM, ItemState, JobState, ReplicaState, RequestKind, Role

F, R, E, I, J, G = (  # noqa: E741
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.item,
    schema.job,
    schema.group,
)


# --------------------------------------------------------------------------------- files
@dataclass(frozen=True, slots=True)
class Said:
    """What a witness says of a file's events."""

    witness: str
    n_events: int
    said_at: datetime
    said_by: str


def said_of(conn: Connection, file: int) -> list[Said]:
    """Every event count of the file, by witness."""
    table = schema.event_count
    query = select(*table.c["witness", "n_events", "said_at", "said_by"]).where(table.c.file_id == file)
    return [Said(*row) for row in conn.execute(query.order_by(table.c.witness))]


def file_ids(conn: Connection, lfns: Sequence[str]) -> dict[str, int]:
    """The ids of files by LFN or unique base name. Raises NotRegistered for the first that is not known."""
    return {lfn: int(files.find_file(conn, lfn).id) for lfn in dict.fromkeys(lfns)}


# ------------------------------------------------------------------------- jobs, merges
def jobs(conn: Connection, limit: int, state: JobState | None, run: int | None) -> list[JobFact]:
    """Jobs by state and run."""
    chosen = [J.c.state == state] if state is not None else []
    chosen += [J.c.run == run] if run is not None else []
    return facts.jobs_where(conn, and_(true(), *chosen), limit)


def jobs_of_groups(conn: Connection, groups: Sequence[int]) -> dict[int, JobFact]:
    """The newest merge job of each group."""
    found = facts.jobs_where(conn, among(conn, J.c.merge_group_id, groups), 1_000_000)
    return {job.group_id: job for job in found if job.group_id is not None}


def history_of(conn: Connection, noun: str, key: int) -> list[Past]:
    """What happened to one thing, oldest first."""
    H = schema.history  # noqa: N806
    query = select(H.c.at, H.c.noun, literal(key), H.c.event, H.c.old, H.c.new, H.c.actor, H.c.reason)
    query = query.where(schema.tells_of(noun, key)).order_by(H.c.id)
    return [Past(*row) for row in conn.execute(query)]


def task_ids(conn: Connection) -> dict[str, tuple[int, int]]:
    """Task name → (task id, id of the dataset it reads)."""
    task = schema.task
    return {row[0]: (row[1], row[2]) for row in conn.execute(select(*task.c["name", "id", "dataset_id"]))}


def member_names(conn: Connection, groups: Sequence[int]) -> dict[int, list[str]]:
    """LFNs of the members of the groups, in order."""
    member = schema.member
    query = (
        select(member.c.group_id, schema.lfn())
        .join(F, F.c.id == member.c.file_id)
        .where(among(conn, member.c.group_id, groups))
        .order_by(member.c.group_id, member.c.position)
    )
    found: dict[int, list[str]] = {}
    for group, lfn in conn.execute(query):
        found.setdefault(group, []).append(lfn)
    return found


def expected_sizes(conn: Connection, groups: Sequence[int]) -> dict[int, int]:
    """Bytes that went into each group when it was planned."""
    query = select(G.c.id, G.c.expected_size).where(among(conn, G.c.id, groups))
    return {row[0]: row[1] for row in conn.execute(query)}


# ---------------------------------------------------------------------------------- gaps
@dataclass(frozen=True, slots=True)
class GapLine:
    """A raw chunk that will not be processed, why, and who approved it."""

    task: str
    run: int
    chunk: str
    lfn: str
    n_events: int | None
    reason: str
    approver: str
    registered_at: datetime


def gaps(conn: Connection, limit: int) -> list[GapLine]:
    """The gap register, by task, run and chunk."""
    gap, task = schema.gap, schema.task
    query = (
        select(
            task.c.name,
            *F.c["run", "chunk"],
            schema.lfn(),
            *gap.c["n_events", "reason", "approver", "registered_at"],
        )
        .join(F, F.c.id == gap.c.file_id)
        .join(task, task.c.id == gap.c.task_id)
        .order_by(task.c.name, F.c.run, F.c.chunk)
        .limit(limit)
    )
    return [GapLine(*tuple(row)) for row in conn.execute(query)]


# -------------------------------------------------------------------------- cross-checks
@dataclass(frozen=True, slots=True)
class CheckLine:
    """The cross-check of a run and product. ``by`` and ``reason`` are of the person who waived it."""

    task: str
    run: int
    product: str
    state: str
    since: datetime
    verdict: str
    by: str | None = None
    reason: str | None = None


def checks(conn: Connection, limit: int, run: int | None = None) -> list[CheckLine]:
    """Cross-checks, those that wait for a person first."""
    check, task, H = schema.check, schema.task, schema.history  # noqa: N806
    query = (
        select(
            check.c.id, task.c.name, *check.c["run", "product", "state", "since", "verdict"]
        )
        .join(task, task.c.id == check.c.task_id)
        .order_by(check.c.state != "FAILED", task.c.name, check.c.run, check.c.product)
        .limit(limit)
    )  # fmt: skip
    rows: Any = conn.execute(query if run is None else query.where(check.c.run == run)).all()
    waived = (
        select(check.c.id, H.c.actor, H.c.reason)
        .join(H, and_(schema.tells_of("check", check.c.id), H.c.event == "waived"))
        .where(among(conn, check.c.id, [row.id for row in rows]))
    )
    who = {key: (actor, reason) for key, actor, reason in conn.execute(waived.order_by(H.c.id))}
    return [CheckLine(*[*tuple(row)[1:], *who.get(row.id, (None, None))]) for row in rows]


# ------------------------------------------------------------------------------- requests
@dataclass(frozen=True, slots=True)
class RequestLine:
    """Open requests of a kind at an endpoint, in one state: files, bytes, and since when the oldest."""

    endpoint: str
    state: str
    files: int
    size: int
    oldest: datetime


def open_requests(conn: Connection, kind: RequestKind) -> list[RequestLine]:
    """What is queued, asked for or held, per endpoint and state."""
    query = (
        select(E.c.name, I.c.state, func.count(), func.sum(F.c.size), func.min(I.c.since))
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == I.c.endpoint_id)
        .where(I.c.kind == kind, I.c.state.in_(ITEM.live))
        .group_by(E.c.name, I.c.state)
        .order_by(E.c.name, I.c.state)
    )
    return [RequestLine(row[0], row[1], int(row[2]), int(row[3]), row[4]) for row in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class TroubleLine:
    """Open requests that failed at least once, by cause. ``item`` and ``reason`` are of the first one."""

    endpoint: str
    state: str
    code: str
    files: int
    item: int
    reason: str


TROUBLED = (ItemState.HELD, ItemState.QUEUED, ItemState.SUBMITTING)


def troubles(conn: Connection, kind: RequestKind) -> list[TroubleLine]:
    """What goes wrong, most frequent first."""
    found = (
        select(I.c.endpoint_id, I.c.state, I.c.code, func.count().label("n"), func.min(I.c.id).label("first"))
        .where(I.c.kind == kind, I.c.state.in_(TROUBLED), I.c.code.is_not(None))
        .group_by(I.c.endpoint_id, I.c.state, I.c.code)
        .subquery()
    )
    query = (
        select(E.c.name, found.c.state, found.c.code, found.c.n, found.c.first, I.c.reason)
        .join(E, E.c.id == found.c.endpoint_id)
        .join(I, I.c.id == found.c.first)
        .order_by(found.c.n.desc(), found.c.first)
    )
    return [TroubleLine(*row[:5], row[5] or "") for row in conn.execute(query)]


# -------------------------------------------------------------------------------- archive
@dataclass(frozen=True, slots=True)
class ArchiveCount:
    """Merges of a product whose group and tape replica (None: no replica) are in these states.

    ``within``: kept only within another merged file. ``size`` is that of the merged files, or of the inputs
    where nothing is merged yet.
    """

    task: str
    product: str
    group: str
    replica: str | None
    within: bool
    files: int
    size: int


def archive_counts(conn: Connection) -> list[ArchiveCount]:
    """Every live group, by the states of the group and of its output's tape replica."""
    task, tape = schema.task, _tape_replicas()
    kept = case((and_(F.c.role == Role.INTERMEDIATE, chains.is_kept_within()), 1), else_=0)
    query: Select[Any] = (
        select(
            task.c.name, G.c.product, G.c.state, tape.c.state.label("tape_state"), kept.label("kept"),
            func.count(), func.sum(func.coalesce(F.c.size, G.c.expected_size)),
        )
        .join(task, task.c.id == G.c.task_id)
        .outerjoin(F, F.c.id == G.c.output_id)
        .outerjoin(tape, tape.c.file_id == F.c.id)
        .where(G.c.state != "VOID")
        .group_by(task.c.name, G.c.product, G.c.state, tape.c.state, kept)
        .order_by(task.c.name, G.c.product)
    )  # fmt: skip
    rows = conn.execute(query)
    return [
        ArchiveCount(task, product, group, replica, bool(within), int(files), int(size))
        for task, product, group, replica, within, files, size in rows
    ]


def _tape_replicas() -> Any:
    return (
        select(*R.c["file_id", "state"])
        .join(E, E.c.id == R.c.endpoint_id)
        .where(E.c.kind == "tape", R.c.state != ReplicaState.DELETED)
        .subquery("tape")
    )


# ---------------------------------------------------------------------------------- trash
@dataclass(frozen=True, slots=True)
class TrashLine:
    """A replica that is withdrawn or being removed. ``seal`` is its certificate's; without one it stays."""

    replica_id: int
    lfn: str
    product: str
    endpoint: str
    path: str
    state: str
    size: int
    since: datetime
    seal: str | None
    item: int | None  # the removal, once asked for
    item_state: str | None


def trash(
    conn: Connection, limit: int | None = None, replicas: Sequence[int] | None = None
) -> list[TrashLine]:
    """What is in the trash, oldest first."""
    certified, paper = schema.certified, schema.certificate
    query = (
        select(
            R.c.id, schema.lfn(), F.c.product, E.c.name, schema.place(), R.c.state, F.c.size, R.c.since,
            paper.c.seal, I.c.id, I.c.state,
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .outerjoin(certified, certified.c.replica_id == R.c.id)
        .outerjoin(paper, paper.c.id == certified.c.certificate_id)
        .outerjoin(
            I,
            and_(I.c.replica_id == R.c.id, I.c.kind == RequestKind.REMOVE, I.c.state.in_(ITEM.live)),
        )
        .where(R.c.state.in_((ReplicaState.TRASHED, ReplicaState.DELETING)))
        .order_by(R.c.since, R.c.id)
    )  # fmt: skip
    if replicas is not None:
        query = query.where(among(conn, R.c.id, replicas))
    return [TrashLine(*row) for row in conn.execute(query if limit is None else query.limit(limit))]


@dataclass(frozen=True, slots=True)
class CopyLine:
    """A copy of a file, as a person names it."""

    replica_id: int
    lfn: str
    endpoint: str
    state: str
    size: int | None


def copies_in(conn: Connection, file: int, states: Sequence[ReplicaState]) -> list[CopyLine]:
    """The copies of a file that are in these states."""
    query = (
        select(R.c.id, schema.lfn(), E.c.name, R.c.state, F.c.size)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(R.c.file_id == file, R.c.state.in_(states))
        .order_by(R.c.id)
    )
    return [CopyLine(*row) for row in conn.execute(query)]


def being_removed(conn: Connection) -> list[int]:
    """The replicas whose removal was committed, and that a storage may be asked for at this moment."""
    query = select(R.c.id).where(R.c.state == ReplicaState.DELETING).order_by(R.c.id)
    return [row[0] for row in conn.execute(query)]
