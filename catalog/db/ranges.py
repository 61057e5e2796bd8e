"""Ranges of events at work: planned, claimed by the processes of jobs, kept alive, finished, taken back.

Several processes share a file, each has a range of its events. The rules:

1. The live ranges of a file and task (all that are not VOID) cover the file exactly once, always.
2. Who claims a range gets a lease, a number that grows with every claim. Heartbeats and the end of a range
   name their lease; one that is not the latest is refused. So a worker that was taken for dead and comes back
   changes nothing, and a range has one owner at a time.
3. What a process has done with a range it did not finish counts for nothing: the next one begins at
   ``start``. ``processed_up_to`` is what it says of its progress; it never shrinks while the lease lasts.
4. DONE is final, and needs every event of the range processed.

Claims, ends and reassignments have history rows and are durable like everything. Heartbeats have neither:
one that is lost is followed by the next. Transactions lock ``heartbeat`` before ``event_range``, and only
``reassign`` and ``void`` lock what is not the caller's own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Text, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from catalog import ranges as pure
from catalog.db import files, schema, schema_events
from catalog.db.coverage import TRUSTED, Flawed, Progress, progress, uncovered
from catalog.db.engine import among, for_update, ids_of, insert_many, new_ids
from catalog.db.heartbeats import Beat, Refused, end, heartbeat, refusals
from catalog.db.move import Why, born, move
from catalog.errors import BadInput, ConflictingRegistration, IllegalTransition, NotRegistered
from catalog.ranges import Span
from catalog.states import RANGE, JobState, RangeState

__all__ = [
    "Beat",
    "Claim",
    "Flawed",
    "Planned",
    "Progress",
    "Reassigned",
    "Refused",
    "Silent",
    "claim",
    "finish",
    "give_back",
    "heartbeat",
    "plan",
    "plan_spans",
    "progress",
    "reassign",
    "resume",
    "stale",
    "uncovered",
    "void",
]

E, H, F, J = schema_events.event_range, schema_events.heartbeat, schema.file, schema.job
NAME = schema.lfn(F).label("lfn")
AT_WORK = (JobState.SUBMITTING, JobState.RUNNING)
"""States of a job whose processes may claim: a job may begin before its runner's answer is recorded."""


# ---------------------------------------------------------------------------------- plan
@dataclass(frozen=True, slots=True)
class Planned:
    """What came of a plan: ranges that are new, and ranges that were there already."""

    added: int
    same: int


def plan(conn: Connection, task: int, parts: Mapping[int, int], why: Why) -> Planned:
    """Cut files into ranges of (nearly) equal length: file id → number of ranges. All or none; repeat freely.

    Raises NotRegistered for a file, BadInput where the number of events is unknown, ConflictingRegistration
    where other ranges are live.
    """
    events = _events(conn, task, list(parts))
    return plan_spans(conn, task, {file: pure.plan(events[file][1], n) for file, n in parts.items()}, why)


def plan_spans(conn: Connection, task: int, spans: Mapping[int, Sequence[Span]], why: Why) -> Planned:
    """The same with ranges of the caller's choice; with those that are live they must cover each file."""
    events = _events(conn, task, list(spans))
    live = _live(conn, task, list(spans))
    fresh: list[tuple[int, Span]] = []
    same = 0
    for file, wanted in spans.items():
        lfn, number = events[file]
        known = live.get(file, [])
        new = [pure.checked_span(span, lfn) for span in wanted if span not in known]
        if flaws := pure.uncovered(number, [*known, *new]):
            text = f"{flaws[0]}, of {number}" + (f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else "")
            if known:
                raise ConflictingRegistration(f"{text}, with the ranges it has already", subject=lfn)
            raise BadInput(text, subject=lfn)
        same += len(wanted) - len(new)
        fresh += [(file, span) for span in new]
    ids = new_ids(conn, E, len(fresh)) if fresh else []
    rows = [
        {
            "id": key,
            "task_id": task,
            "file_id": file,
            "start": start,
            "stop": stop,
            "state": RangeState.PLANNED.value,
            "since": why.at,
        }
        for key, (file, (start, stop)) in zip(ids, fresh, strict=True)
    ]
    insert_many(conn, E, rows)
    born(conn, RANGE, ids, RangeState.PLANNED, why)
    return Planned(len(fresh), same)


def _events(conn: Connection, task: int, wanted: Sequence[int]) -> dict[int, tuple[str, int]]:
    """LFN and number of events of each file.

    Raises NotRegistered; BadInput where nobody knows it, and for a file that the task does not read.
    """
    T = schema.task  # noqa: N806
    dataset = conn.execute(select(T.c.dataset_id).where(T.c.id == task)).scalar()
    if dataset is None:
        raise NotRegistered("no such task", subject=f"task {task}")
    query = select(F.c.id, NAME, F.c.dataset_id).where(among(conn, F.c.id, wanted), F.c.retired_at.is_(None))
    rows = conn.execute(query).all()
    names = {row.id: row.lfn for row in rows}
    if strange := [row.lfn for row in rows if row.dataset_id != dataset]:
        raise BadInput("is not in the dataset that the task reads, so it has no ranges", subject=strange[0])
    said = files.counts(conn, wanted)
    found = {}
    for file in wanted:
        if file not in names:
            raise NotRegistered("no such file in the catalogue", subject=f"file {file}")
        number = next((said[file][who] for who in TRUSTED if who in said.get(file, {})), None)
        if number is None:
            raise BadInput("nobody knows its number of events, so it has no ranges", subject=names[file])
        found[file] = (names[file], number)
    return found


def _live(conn: Connection, task: int, wanted: Sequence[int]) -> dict[int, list[Span]]:
    query = select(E.c.file_id, E.c.start, E.c.stop).where(
        E.c.task_id == task, E.c.state != RangeState.VOID, among(conn, E.c.file_id, wanted)
    )
    found: dict[int, list[Span]] = {}
    for file, start, stop in conn.execute(query).all():
        found.setdefault(file, []).append((start, stop))
    return found


# --------------------------------------------------------------------------------- claim
@dataclass(frozen=True, slots=True)
class Claim:
    """A range that a process may work on, with the lease that its heartbeats and its end must name."""

    range_id: int
    lease: int
    process: str
    file_id: int
    lfn: str
    start: int
    stop: int


def claim(conn: Connection, job: int, processes: Sequence[str], why: Why) -> list[Claim]:
    """A range for each of these processes of the job, while there are any: of its input files, in order.

    Many may claim at once, none gets what another got. Raises NotRegistered for the job, IllegalTransition
    if it is not at work, BadInput for a process without a name.
    """
    if any(not name.strip() or not name.isprintable() for name in processes):
        raise BadInput("a process needs a name that can be printed", subject=f"job {job}")
    task = _task_at_work(conn, job)
    inputs = schema.job_input
    query = (
        select(*E.c["id", "lease", "file_id", "start", "stop"], NAME)
        .join(inputs, inputs.c.file_id == E.c.file_id)
        .join(F, F.c.id == E.c.file_id)
        .where(inputs.c.job_id == job, E.c.task_id == task, E.c.state == RangeState.PLANNED)
        .order_by(inputs.c.position, E.c.start)
        .limit(len(processes))
    )
    rows = conn.execute(for_update(conn, query, E, skip_locked=True)).all() if processes else []
    who = {row.id: name for row, name in zip(rows, processes, strict=False)}
    got = move(
        conn,
        RANGE,
        list(who),
        "claimed",
        why,
        {key: f"{name} of job {job}" for key, name in who.items()},
        lease=E.c.lease + 1,
        attempts=E.c.attempts + 1,
        job_id=job,
        process=_looked_up(conn, who),
    )
    ours = [row for row in rows if row.id in set(got)]
    beats = [
        {
            "range_id": row.id,
            "lease": row.lease + 1,
            "processed_up_to": row.start,
            "stop": row.stop,
            "heard_at": why.at,
        }
        for row in ours
    ]
    insert_many(conn, H, beats)
    return [
        Claim(row.id, row.lease + 1, who[row.id], row.file_id, row.lfn, row.start, row.stop) for row in ours
    ]


def _task_at_work(conn: Connection, job: int) -> int:
    row = conn.execute(select(J.c.task_id, J.c.state).where(J.c.id == job)).first()
    if row is None:
        raise NotRegistered("no such job", subject=f"job {job}")
    if row.state not in AT_WORK:
        raise IllegalTransition(f"job {job} is {row.state}; only a job at work has processes that may claim")
    return int(row.task_id)


def _looked_up(conn: Connection, names: Mapping[int, str]) -> Any:
    """The name that stands for a range's id, as an expression: one bound value, however many there are."""
    known = {str(key): name for key, name in names.items()}
    if conn.dialect.name == "sqlite":
        return func.json_extract(json.dumps(known), literal('$."').concat(cast(E.c.id, Text)).concat('"'))
    return cast(known, JSONB)[cast(E.c.id, Text)].astext


# ----------------------------------------------------------------------------- its ends
def finish(conn: Connection, done: Sequence[Beat], why: Why) -> list[Refused]:
    """Every event of these ranges is processed. Returns those that were refused, each with its reason.

    Refused: an outdated lease, and a range not processed up to its end. Repeat freely: what this lease has
    finished already is finished.
    """
    ended = end(conn, done, complete=True)
    move(conn, RANGE, ended, "finished", why)
    missed = [beat for beat in done if beat.range_id not in set(ended)]
    return [
        refusal for refusal in refusals(conn, missed, complete=True) if refusal.code != "finished_already"
    ]


def give_back(conn: Connection, beats: Sequence[Beat], why: Why, *, max_attempts: int) -> list[Refused]:
    """The process cannot finish these ranges: others may claim them, after so many claims a person looks."""
    ended = end(conn, beats)
    _free(conn, ended, "given_back", why, max_attempts)
    missed = [beat for beat in beats if beat.range_id not in set(ended)]
    return refusals(conn, missed)


def _free(
    conn: Connection,
    ids: Sequence[int],
    event: str,
    why: Why,
    max_attempts: int,
    reasons: Mapping[int, str] | None = None,
) -> list[int]:
    """Let others claim the ranges, or hold those that were claimed too often. Returns the held ones."""
    query = select(E.c.id).where(among(conn, E.c.id, ids), E.c.attempts >= max_attempts)
    tired = set(ids_of(conn, query)) if ids else set()
    held = move(conn, RANGE, sorted(tired), "exhausted", why, reasons)
    move(conn, RANGE, [key for key in ids if key not in tired], event, why, reasons)
    return held


# ---------------------------------------------------------------------------- fell silent
@dataclass(frozen=True, slots=True)
class Silent:
    """A running range whose process has said nothing for some time."""

    range_id: int
    lease: int
    job_id: int
    process: str
    lfn: str
    start: int
    stop: int
    processed_up_to: int
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class Reassigned:
    """What was taken from silent processes: ranges that others may claim, and ranges that are held."""

    freed: int
    held: int


def stale(conn: Connection, before: datetime, limit: int = 1000) -> list[Silent]:
    """Running ranges not heard of since ``before``, the longest silent first. Changes nothing."""
    query = (
        select(*H.c["range_id", "lease"], *E.c["job_id", "process"], NAME)
        .add_columns(E.c.start, *H.c["stop", "processed_up_to", "heard_at"])
        .join(E, E.c.id == H.c.range_id)
        .join(F, F.c.id == E.c.file_id)
        .where(H.c.heard_at < before)
        .order_by(H.c.heard_at, H.c.range_id)
        .limit(limit)
    )
    return [Silent(*row) for row in conn.execute(query)]


def reassign(
    conn: Connection, before: datetime, why: Why, *, max_attempts: int, limit: int = 1000
) -> Reassigned:
    """Take ranges not heard of since ``before`` from their processes, so that others may claim them.

    What was claimed ``max_attempts`` times is held for a person: something in it may kill processes. Ranges
    that send a heartbeat at this very moment are left alone.
    """
    query = select(*H.c["range_id", "lease", "processed_up_to", "heard_at"]).where(H.c.heard_at < before)
    silent = conn.execute(
        for_update(conn, query.order_by(H.c.range_id).limit(limit), H, skip_locked=True)
    ).all()
    ids = [row.range_id for row in silent]
    if not ids:
        return Reassigned(0, 0)
    conn.execute(delete(H).where(among(conn, H.c.range_id, ids)))
    seconds = timedelta(seconds=1)
    reasons = {
        row.range_id: f"lease {row.lease} at event {row.processed_up_to}, "
        f"silent for {(why.at - row.heard_at) // seconds} s"
        for row in silent
    }
    held = _free(conn, ids, "fell_silent", why, max_attempts, reasons)
    return Reassigned(len(ids) - len(held), len(held))


# -------------------------------------------------------------------------------- people
def void(conn: Connection, task: int, wanted: Collection[int], why: Why) -> int:
    """Withdraw every range of these files that is not finished; a person, with a reason. Returns how many.

    Their processes are refused from now on. The events that are in no range any more need a new plan.
    """
    query = select(E.c.id).where(
        E.c.task_id == task,
        among(conn, E.c.file_id, list(wanted)),
        E.c.state.in_((RangeState.PLANNED, RangeState.RUNNING, RangeState.HELD)),
    )
    ids = ids_of(conn, query.order_by(E.c.id))
    if ids:
        conn.execute(delete(H).where(among(conn, H.c.range_id, ids)))
    return len(move(conn, RANGE, ids, "voided", why))


def resume(conn: Connection, ids: Sequence[int] | None, why: Why) -> list[int]:
    """Let held ranges (None: all of them) be claimed again; a person, with a reason. Returns which were."""
    if ids is None:
        ids = ids_of(conn, select(E.c.id).where(E.c.state == RangeState.HELD).order_by(E.c.id))
    return move(conn, RANGE, ids, "resumed", why, attempts=0)
