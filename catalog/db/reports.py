"""Counts and ages: what 'status', 'explain' and the demonstration print."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, Table, and_, case, exists, func, literal, or_, select

from catalog.db import schema
from catalog.states import (
    CheckState,
    EndpointKind,
    GroupState,
    ItemState,
    JobKind,
    JobState,
    PinState,
    ReplicaState,
    Role,
    Witness,
)

F, R, E, I, J, G, P = (  # noqa: E741
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.item,
    schema.job,
    schema.group,
    schema.pin,
)
COUNTED: tuple[tuple[str, Table], ...] = (
    ("replica", R),
    ("item", I),
    ("job", J),
    ("group", G),
    ("pin", P),
    ("check", schema.check),
)


def pending(conn: Connection, now: datetime) -> int:
    """How many things may still move by themselves: queued or asked for, running, arriving, to be retried."""
    moving = (
        (I, I.c.state.in_((ItemState.QUEUED, ItemState.SUBMITTING, ItemState.SUBMITTED))),
        (
            J,
            or_(
                J.c.state.in_((JobState.READY, JobState.SUBMITTING, JobState.RUNNING)),
                and_(J.c.state == JobState.WAITING, J.c.next_try_at > now),
            ),
        ),
        (
            R,
            R.c.state.in_((ReplicaState.UNVERIFIED, ReplicaState.ARCHIVING, ReplicaState.SUSPECT)),
        ),
        (P, P.c.state == PinState.RELEASING),
    )
    return sum(
        int(conn.execute(select(func.count()).select_from(table).where(condition)).scalar_one())
        for table, condition in moving
    )


@dataclass(frozen=True, slots=True)
class Held:
    """Something that waits for a person: what it is, why, since when, and the command that would move it."""

    noun: str
    id: int
    state: str
    name: str
    reason: str
    since: datetime
    advice: str


def held(conn: Connection) -> int:
    """How many things wait for a person."""
    return sum(
        int(conn.execute(select(func.count()).select_from(table).where(condition)).scalar_one())
        for table, condition in _held_conditions()
    )


def _held_conditions() -> list[tuple[Table, Any]]:
    return [
        (I, I.c.state == ItemState.HELD),
        (J, J.c.state == JobState.HELD),
        (G, G.c.state.in_((GroupState.HELD, GroupState.MISMATCHED))),
        (schema.check, _silent()),
        (R, _spoiled()),
    ]


def _spoiled() -> Any:
    """LOST and BAD replicas, but not of raw chunks in the gap register: there a person has decided."""
    decided = exists(select(literal(1)).where(schema.gap.c.file_id == R.c.file_id).correlate(R))
    return and_(R.c.state.in_((ReplicaState.LOST, ReplicaState.BAD)), ~decided)


def _silent() -> Any:
    """Cross-checks that were made, and lacked a witness."""
    return and_(schema.check.c.state == CheckState.PENDING, schema.check.c.verdict != "")


def held_things(conn: Connection, limit: int = 100) -> list[Held]:
    """What waits for a person and why, oldest first."""
    found: list[Held] = []
    items: Select[Any] = (
        select(I.c["id"], I.c["kind"], I.c["state"], I.c["since"], I.c["code"], I.c["reason"], schema.lfn())
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .where(I.c.state == ItemState.HELD)
        .order_by(I.c.since)
        .limit(limit)
    )
    row: Any
    for row in conn.execute(items):
        why = f"{row.kind}: {row.code}: {row.reason}"
        verb = {"copy": "archive", "remove": "trash"}.get(row.kind, "stage")
        advice = f"ddm explain {row.lfn}; then ddm {verb} resume {row.id} --reason '…'"
        found.append(Held("item", row.id, row.state, row.lfn, why, row.since, advice))
    waiting: Select[Any] = select(J).where(J.c.state == JobState.HELD).order_by(J.c.since).limit(limit)
    for row in conn.execute(waiting):
        name = f"run {row.run}" + (f" chunk {row.chunk}" if row.chunk else " merge")
        advice = f"ddm explain job {row.id}; then ddm job resume {row.id} --reason '…'"
        found.append(Held("job", row.id, row.state, name, f"{row.code}: {row.reason}", row.since, advice))
    stopped = (GroupState.HELD, GroupState.MISMATCHED)
    for row in conn.execute(select(G).where(G.c.state.in_(stopped)).order_by(G.c.since).limit(limit)):
        advice = f"ddm explain run {row.run}; then ddm merge again {row.id} --reason '…' --yes"
        if row.state == GroupState.MISMATCHED:
            advice += f", or ddm check waive {row.run} {row.product} --reason '…' --yes"
        found.append(Held("group", row.id, row.state, row.lfn, row.reason or "", row.since, advice))
    for row in conn.execute(select(schema.check).where(_silent()).limit(limit)):
        name, advice = f"{row.product} of run {row.run}", f"ddm check show {row.run}"
        found.append(Held("check", row.id, row.state, name, row.verdict, row.since, advice))
    spoiled = (
        select(
            R.c.id, R.c.state, R.c.since, schema.lfn(), F.c.role, E.c.name, E.c.kind, G.c.id.label("group")
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .outerjoin(G, and_(G.c.output_id == F.c.id, G.c.state == GroupState.MERGED))
        .where(_spoiled())
        .order_by(R.c.since)
        .limit(limit)
    )
    for row in conn.execute(spoiled):
        what = "is not there" if row.state == ReplicaState.LOST else "has other bytes"
        advice = f"ddm explain {row.lfn}"
        if row.role == Role.RAW:
            advice += f"; then ddm gap add {row.lfn} --reason '…' --approver NAME --yes"
        elif row.group is not None and row.kind == EndpointKind.DISK:
            advice += f"; then ddm merge again {row.group} --reason '…' --yes"
        elif row.state == ReplicaState.LOST:
            advice += f"; once it is back: ddm file compare {row.lfn} --reason '…'"
        found.append(
            Held(
                "replica",
                row.id,
                row.state,
                row.lfn,
                f"the copy at {row.name} {what}",
                row.since,
                advice,
            )
        )
    return sorted(found, key=lambda entry: entry.since)[:limit]


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many of a noun are in a state, and since when the oldest of them is."""

    noun: str
    state: str
    count: int
    oldest: datetime | None


def state_counts(conn: Connection) -> list[StateCount]:
    """How many of everything are in each state, and how old the oldest is."""
    found = []
    for noun, table in COUNTED:
        query = (
            select(table.c.state, func.count(), func.min(table.c.since))
            .group_by(table.c.state)
            .order_by(table.c.state)
        )
        found += [StateCount(noun, row[0], row[1], row[2]) for row in conn.execute(query)]
    return found


@dataclass(frozen=True, slots=True)
class RunLine:
    """One line of the run table. ``merging``, ``checked`` and ``migrated`` map a product to a word."""

    task: str
    run: int
    chunks: int
    defined: int
    sent: int
    running: int
    failed: int
    finished: int
    gaps: int
    merging: dict[str, str] = field(default_factory=dict)
    checked: dict[str, str] = field(default_factory=dict)
    migrated: dict[str, str] = field(default_factory=dict)


def run_table(conn: Connection, task: int | None = None, run: int | None = None) -> list[RunLine]:
    """The run table of the COMPASS monitoring page: one line a run, every column from facts."""
    lines = {(line.task, line.run): line for line in _job_lines(conn, task, run)}
    for row in _group_rows(conn, task, run):
        line = lines.get((row.task, row.run))
        if line is None:
            continue
        parts, merged, checked, taped = row.parts, row.merged, row.checked, row.taped
        line.merging[row.product] = "finished" if merged == parts else f"{merged}/{parts}"
        line.checked[row.product] = "yes" if checked == parts else (row.verdict or "no").lower()
        line.migrated[row.product] = "finished" if taped == parts else f"{taped}/{parts}"
    return [lines[key] for key in sorted(lines)]


def _job_lines(conn: Connection, task: int | None, run: int | None) -> list[RunLine]:
    T, gap = schema.task, schema.gap  # noqa: N806
    raw = (
        select(T.c.id, T.c.name, F.c.run, func.count().label("chunks"))
        .join(F, and_(F.c.dataset_id == T.c.dataset_id, F.c.role == Role.RAW, F.c.retired_at.is_(None)))
        .group_by(T.c.id, T.c.name, F.c.run)
    )
    states = (
        select(J.c.task_id, J.c.run, J.c.state, func.count())
        .where(J.c.kind == JobKind.PROCESS)
        .group_by(J.c.task_id, J.c.run, J.c.state)
    )
    gaps = (
        select(gap.c.task_id, F.c.run, func.count())
        .join(F, F.c.id == gap.c.file_id)
        .group_by(gap.c.task_id, F.c.run)
    )
    if task is not None:
        raw, states = raw.where(T.c.id == task), states.where(J.c.task_id == task)
    if run is not None:
        raw, states = raw.where(F.c.run == run), states.where(J.c.run == run)
    count: dict[tuple[int, int], dict[str, int]] = {}
    for task_id, number, state, n in conn.execute(states):
        count.setdefault((task_id, number), {})[state] = n
    missing = {(row[0], row[1]): row[2] for row in conn.execute(gaps)}
    lines = []
    for row in conn.execute(raw):
        jobs = count.get((row.id, row.run), {})
        lines.append(
            RunLine(
                task=row.name,
                run=row.run,
                chunks=row.chunks,
                defined=sum(jobs.values()),
                sent=jobs.get("SUBMITTING", 0) + jobs.get("RUNNING", 0) + jobs.get("ENDED", 0),
                running=jobs.get("RUNNING", 0),
                failed=jobs.get("HELD", 0),
                finished=jobs.get("DONE", 0),
                gaps=missing.get((row.id, row.run), 0),
            )
        )
    return lines


def _group_rows(conn: Connection, task: int | None, run: int | None) -> Any:
    T, check = schema.task, schema.check  # noqa: N806
    past_merge = (GroupState.MERGED, GroupState.MISMATCHED, GroupState.CHECKED, *DONE)
    query = (
        select(
            T.c.name.label("task"),
            G.c.run,
            G.c.product,
            func.count().label("parts"),
            _number(G.c.state.in_(past_merge), "merged"),
            _number(G.c.state.in_((GroupState.CHECKED, *DONE)), "checked"),
            _number(G.c.state.in_(DONE), "taped"),
            func.max(check.c.state).label("verdict"),
        )
        .join(T, T.c.id == G.c.task_id)
        .outerjoin(
            check,
            and_(check.c.task_id == G.c.task_id, check.c.run == G.c.run, check.c.product == G.c.product),
        )
        .where(G.c.state != GroupState.VOID)
        .group_by(T.c.name, G.c.run, G.c.product)
    )
    if task is not None:
        query = query.where(G.c.task_id == task)
    if run is not None:
        query = query.where(G.c.run == run)
    return conn.execute(query)


DONE = (GroupState.ARCHIVED, GroupState.CLEANED)


def _number(condition: Any, name: str) -> Any:
    return func.sum(case((condition, 1), else_=0)).cast(Integer).label(name)


@dataclass(frozen=True, slots=True)
class TierTotal:
    """Files, bytes and events of a tier: raw, per chunk (intermediate) or merged (final), by product.

    Each file is counted once, however many replicas it has; ``events`` are of the file itself where it was
    read, else of the raw catalogue; ``unknown`` files have neither and add nothing.
    """

    tier: str
    product: str
    files: int
    size: int
    events: int
    unknown: int
    on_disk: int
    on_tape: int


def tier_totals(conn: Connection) -> list[TierTotal]:
    """Totals per tier without double counting: never add tiers up, they hold the same events."""
    said, read = schema.event_count.alias("said"), schema.event_count.alias("read_back")
    events = func.coalesce(read.c.n_events, said.c.n_events)
    disk, tape = _has_replica(EndpointKind.DISK), _has_replica(EndpointKind.TAPE)
    query = (
        select(
            F.c.role,
            F.c.product,
            func.count(),
            func.sum(F.c.size),
            func.coalesce(func.sum(events), 0),
            _number(events.is_(None), "unknown"),
            _number(disk, "on_disk"),
            _number(tape, "on_tape"),
        )
        .outerjoin(said, and_(said.c.file_id == F.c.id, said.c.witness == Witness.RAW_CATALOGUE))
        .outerjoin(read, and_(read.c.file_id == F.c.id, read.c.witness == Witness.READ))
        .where(F.c.retired_at.is_(None))
        .group_by(F.c.role, F.c.product)
        .order_by(F.c.role.desc(), F.c.product)
    )
    return [TierTotal(row[0], row[1], *(int(value) for value in row[2:])) for row in conn.execute(query)]


def _has_replica(kind: EndpointKind) -> Any:
    return exists(
        select(literal(1))
        .select_from(R)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(R.c.file_id == F.c.id, E.c.kind == kind, R.c.state == ReplicaState.AVAILABLE)
        .correlate(F)
    )
