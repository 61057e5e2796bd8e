"""Counts and ages: what 'status', 'explain' and the demonstration print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, exists, func, literal, or_, select

from catalog.db import freezes, schema, schema_merge, tally
from catalog.states import (
    CheckState,
    EndpointKind,
    GroupState,
    ItemState,
    JobKind,
    JobState,
    PinState,
    ReplicaState,
    RequestKind,
    Role,
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
        (
            I.join(R, R.c.id == I.c.replica_id),
            and_(
                I.c.state.in_((ItemState.QUEUED, ItemState.SUBMITTING, ItemState.SUBMITTED)),
                or_(I.c.kind != RequestKind.REMOVE, ~freezes.lies_over(R)),  # a frozen one waits for a person
            ),
        ),
        (
            J,
            or_(
                J.c.state.in_((JobState.READY, JobState.SUBMITTING, JobState.RUNNING)),
                and_(J.c.state == JobState.WAITING, J.c.next_try_at > now),
            ),
        ),
        (
            R.join(F, F.c.id == R.c.file_id),  # an incomplete file waits for somebody to say what it is
            and_(
                R.c.state.in_((ReplicaState.UNVERIFIED, ReplicaState.ARCHIVING, ReplicaState.SUSPECT)),
                R.c.next_try_at < schema.NEVER,
                F.c.size.is_not(None),
                F.c.adler32.is_not(None),
            ),
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


@cache
def _spoiled() -> Any:
    """LOST and BAD replicas, but not of raw chunks in the gap register: there a person has decided."""
    decided = exists(select(literal(1)).where(schema.gap.c.file_id == R.c.file_id).correlate(R))
    return and_(R.c.state.in_((ReplicaState.LOST, ReplicaState.BAD)), ~decided)


@cache
def _silent() -> Any:
    """Cross-checks that were made, and lacked a witness."""
    return and_(schema.check.c.state == CheckState.PENDING, schema.check.c.verdict != "")


def held_things(conn: Connection, limit: int = 100) -> list[Held]:
    """What waits for a person and why, oldest first."""
    ways = (_held_items, _held_jobs, _held_groups, _silent_checks, _spoiled_replicas)
    found = [held for way in ways for held in way(conn, limit)]
    return sorted(found, key=lambda entry: entry.since)[:limit]


def _held_items(conn: Connection, limit: int) -> Iterator[Held]:
    items: Select[Any] = (
        select(I.c["id"], I.c["kind"], I.c["state"], I.c["since"], I.c["code"], I.c["reason"], schema.lfn())
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .where(I.c.state == ItemState.HELD)
        .order_by(I.c.since)
        .limit(limit)
    )
    for row in conn.execute(items):
        why = f"{row.kind}: {row.code}: {row.reason}"
        verb = {"copy": "archive", "remove": "trash"}.get(row.kind, "stage")
        advice = f"ddm explain {row.lfn}; then ddm {verb} resume {row.id} --reason '…'"
        yield Held("item", row.id, row.state, row.lfn, why, row.since, advice)


def _held_jobs(conn: Connection, limit: int) -> Iterator[Held]:
    waiting: Select[Any] = select(J).where(J.c.state == JobState.HELD).order_by(J.c.since).limit(limit)
    for row in conn.execute(waiting):
        name = f"run {row.run}" + (f" chunk {row.chunk}" if row.chunk else " merge")
        advice = f"ddm explain job {row.id}; then ddm job resume {row.id} --reason '…'"
        yield Held("job", row.id, row.state, name, f"{row.code}: {row.reason}", row.since, advice)


def _held_groups(conn: Connection, limit: int) -> Iterator[Held]:
    stopped = (GroupState.HELD, GroupState.MISMATCHED)
    for row in conn.execute(select(G).where(G.c.state.in_(stopped)).order_by(G.c.since).limit(limit)):
        advice = f"ddm explain run {row.run}; then ddm merge again {row.id} --reason '…' --yes"
        if row.state == GroupState.MISMATCHED:
            here = f"{row.run} {row.product}"
            advice = f"ddm check explain {here}; then ddm check repair {here} --reason '…' --yes"
            advice += f", or ddm check waive {here} --reason '…' --yes"
        yield Held("group", row.id, row.state, row.lfn, row.reason or "", row.since, advice)


def _silent_checks(conn: Connection, limit: int) -> Iterator[Held]:
    for row in conn.execute(select(schema.check).where(_silent()).limit(limit)):
        name, advice = f"{row.product} of run {row.run}", f"ddm check explain {row.run} {row.product}"
        yield Held("check", row.id, row.state, name, row.verdict, row.since, advice)


def _spoiled_replicas(conn: Connection, limit: int) -> Iterator[Held]:
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
        why = f"the copy at {row.name} {what}"
        yield Held("replica", row.id, row.state, row.lfn, why, row.since, advice)


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
    """The run table of the COMPASS monitoring page: one line a run, every column from facts.

    The facts are the sums of ``catalog.db.tally``, so a production of a million files takes milliseconds.
    """
    T = schema.task  # noqa: N806
    query = select(*T.c["id", "name", "dataset_id"]).order_by(T.c.name)
    tasks = conn.execute(query if task is None else query.where(T.c.id == task)).all()
    return [line for key, name, dataset in tasks for line in _run_lines(conn, key, name, dataset, run)]


def _run_lines(conn: Connection, task: int, name: str, dataset: int, run: int | None) -> list[RunLine]:
    only = {} if run is None else {"run": run}
    raw = tally.sums("run", noun="file", owner=dataset, role=Role.RAW.value, **only)
    chunks = {row[0]: int(row[1]) for row in conn.execute(raw).all()}
    jobs: dict[int, dict[str, int]] = {}
    process = tally.sums("run", "state", noun="job", owner=task, product=JobKind.PROCESS.value, **only)
    for number, state, n, *_ in conn.execute(process).all():
        jobs.setdefault(number, {})[state] = int(n)
    gap = schema.gap
    lacking = select(F.c.run, func.count()).join(gap, gap.c.file_id == F.c.id).where(gap.c.task_id == task)
    gaps = {row[0]: int(row[1]) for row in conn.execute(lacking.group_by(F.c.run)).all()}
    lines = {n: _run_line(name, n, chunks[n], jobs.get(n, {}), gaps.get(n, 0)) for n in sorted(chunks)}
    _say_parts(conn, task, lines, only)
    return list(lines.values())


def _run_line(task: str, run: int, chunks: int, jobs: Mapping[str, int], gaps: int) -> RunLine:
    return RunLine(
        task=task,
        run=run,
        chunks=chunks,
        defined=sum(jobs.values()),
        sent=jobs.get("SUBMITTING", 0) + jobs.get("RUNNING", 0) + jobs.get("ENDED", 0),
        running=jobs.get("RUNNING", 0),
        failed=jobs.get("HELD", 0),
        finished=jobs.get("DONE", 0),
        gaps=gaps,
    )


def _say_parts(conn: Connection, task: int, lines: Mapping[int, RunLine], only: Mapping[str, int]) -> None:
    """How far the parts of each product are."""
    check = schema.check
    said = select(*check.c["run", "product", "state"]).where(check.c.task_id == task)
    verdicts = {(row[0], row[1]): row[2] for row in conn.execute(said).all()}
    parts: dict[tuple[int, str], dict[str, int]] = {}
    groups = tally.sums("run", "product", "state", noun="group", owner=task, **only)
    for run, product, state, n, *_ in conn.execute(groups).all():
        if state != GroupState.VOID:
            parts.setdefault((run, product), {})[state] = int(n)
    for run, product, state, n in _parts_of_several_runs(conn, task, only):
        states = parts.setdefault((run, product), {})
        states[state] = states.get(state, 0) + n
    for (run, product), states in sorted(parts.items()):
        if run not in lines:
            continue
        line, n = lines[run], sum(states.values())
        merged, checked, taped = (sum(states.get(s, 0) for s in past) for past in (MERGED, CHECKED, DONE))
        line.merging[product] = "finished" if merged == n else f"{merged}/{n}"
        line.checked[product] = "yes" if checked == n else verdicts.get((run, product), "no").lower()
        line.migrated[product] = "finished" if taped == n else f"{taped}/{n}"


def _parts_of_several_runs(conn: Connection, task: int, only: Mapping[str, int]) -> list[Any]:
    """(run, product, state, number) of parts called after another run."""
    more = schema_merge.group_run
    query = (
        select(more.c.run, *G.c["product", "state"], func.count())
        .join(G, G.c.id == more.c.group_id)
        .where(G.c.task_id == task, G.c.state != GroupState.VOID)
        .group_by(more.c.run, *G.c["product", "state"])
    )
    if only:
        query = query.where(more.c.run == only["run"])
    return list(conn.execute(query))


DONE = (GroupState.ARCHIVED, GroupState.CLEANED)
CHECKED = (GroupState.CHECKED, *DONE)
MERGED = (GroupState.MERGED, GroupState.MISMATCHED, *CHECKED)


@dataclass(frozen=True, slots=True)
class TierTotal:
    """Files, bytes and events of a tier: raw, per chunk (intermediate) or merged (final), by product.

    Each file is counted once; ``events`` are of the file itself where it was read, else of the raw
    catalogue; ``unknown`` files have neither and add nothing. ``on_disk`` and ``on_tape`` count copies that
    are AVAILABLE.
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
    places = select(*E.c["id", "kind"])
    kinds = {row[0]: row[1] for row in conn.execute(places).all()}
    copies: dict[tuple[str, str, str], int] = {}
    available = tally.sums("role", "product", "place", noun="replica", state=ReplicaState.AVAILABLE.value)
    for role, product, place, n, *_ in conn.execute(available).all():
        key = (role, product, kinds[place])
        copies[key] = copies.get(key, 0) + int(n)
    found = [
        TierTotal(
            role,
            product,
            files=int(n),
            size=int(size),
            events=int(events),
            unknown=int(unknown),
            on_disk=copies.get((role, product, EndpointKind.DISK), 0),
            on_tape=copies.get((role, product, EndpointKind.TAPE), 0),
        )
        for role, product, n, size, events, unknown in conn.execute(
            tally.sums("role", "product", noun="file")
        ).all()
    ]
    return sorted(sorted(found, key=lambda tier: tier.product), key=lambda tier: tier.tier, reverse=True)
