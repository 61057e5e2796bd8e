"""Everything that the catalogue knows of the tasks of a period, in a few questions for all of it at once.

Sums are made by the database from the tables themselves, not from ``tally``: a statement must see what is
there. What comes back is a row for each run, part, copy on tape and certificate, however many chunks. Each
question is of one task. Reads only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, exists, func, literal, or_, select

from catalog.db import schema, schema_checks, schema_merge
from catalog.db.engine import among, among_text
from catalog.db.waivers import WaiverLine
from catalog.retention import read, seal_of
from catalog.states import (
    EndpointKind,
    GroupState,
    JobKind,
    JobState,
    ReplicaState,
    Role,
    Witness,
)

F, R, E, G, M, J, T, D = (
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.group,
    schema.member,
    schema.job,
    schema.task,
    schema.dataset,
)
GONE = (ReplicaState.TRASHED, ReplicaState.DELETING, ReplicaState.DELETED)


@dataclass(frozen=True, slots=True)
class TaskFact:
    """A task with the dataset that it reads. ``products``: as frozen when it was defined, each with the
    product that it is made of ("": of what jobs write)."""

    id: int
    name: str
    dataset_id: int
    dataset: str
    open: bool
    period: str
    year: int | None
    products: Mapping[str, str]


def tasks(conn: Connection) -> list[TaskFact]:
    """Every task, by name."""
    query = select(T.c.id, T.c.name, T.c.definition, D.c.id, D.c.name, D.c.state).join(D).order_by(T.c.name)
    found = []
    for key, name, text, dataset, dataset_name, state in conn.execute(query).all():
        said: dict[str, Any] = {}
        with suppress(ValueError):
            said = json.loads(text)
        found.append(
            TaskFact(
                key,
                name,
                dataset,
                dataset_name,
                state != "CLOSED",
                str(said.get("period", "")),
                said.get("year"),
                {name: _made_of(one) for name, one in dict(said.get("products", {})).items()},
            )
        )
    return found


def _made_of(product: Any) -> str:
    return str(product.get("made_of", "")) if isinstance(product, dict) else ""


class RawRun(NamedTuple):
    """The raw files of a run: bytes and events as far as known, and how many lack what."""

    run: int
    chunks: int
    size: int
    events: int
    unknown: int
    incomplete: int
    unreadable: int


def raw_runs(conn: Connection, dataset: int, run: int | None = None) -> list[RawRun]:
    """Every run of the dataset (or this one), in order."""
    said, read_ = _count("said"), _count("read_back")
    events = func.coalesce(said.c.n_events, read_.c.n_events)
    there = exists(
        select(literal(1)).where(R.c.file_id == F.c.id, R.c.state == ReplicaState.AVAILABLE).correlate(F)
    )
    query = (
        select(
            F.c.run,
            func.count(),
            func.sum(func.coalesce(F.c.size, 0)),
            func.sum(func.coalesce(events, 0)),
            func.sum(case((events.is_(None), 1), else_=0)),
            func.sum(case((or_(F.c.size.is_(None), F.c.adler32.is_(None)), 1), else_=0)),
            func.sum(case((there, 0), else_=1)),
        )
        .outerjoin(said, _of(said, F.c.id, Witness.RAW_CATALOGUE))
        .outerjoin(read_, _of(read_, F.c.id, Witness.READ))
        .where(F.c.dataset_id == dataset, F.c.role == Role.RAW, F.c.retired_at.is_(None))
        .where(*([] if run is None else [F.c.run == run]))
        .group_by(F.c.run)
        .order_by(F.c.run)
    )
    return [RawRun(*map(int, row)) for row in conn.execute(query)]


def _count(name: str) -> Any:
    return schema.event_count.alias(name)


def _of(table: Any, file: Any, who: Witness) -> Any:
    return and_(table.c.file_id == file, table.c.witness == who.value)


def jobs(conn: Connection, task: int) -> dict[int, dict[str, int]]:
    """Run → state → how many jobs that process a chunk."""
    query = select(J.c.run, J.c.state, func.count()).where(J.c.task_id == task, J.c.kind == JobKind.PROCESS)
    found: dict[int, dict[str, int]] = {}
    for run, state, n in conn.execute(query.group_by(J.c.run, J.c.state)):
        found.setdefault(run, {})[JobState(state)] = int(n)
    return found


class GapFact(NamedTuple):
    """A raw chunk in the gap register."""

    run: int
    chunk: str
    lfn: str
    events: int | None
    reason: str
    approver: str
    at: datetime


def gaps(conn: Connection, task: int) -> list[GapFact]:
    """The gap register of a task, by run and chunk."""
    gap = schema.gap
    query = (
        select(*F.c["run", "chunk"], schema.lfn(), *gap.c["n_events", "reason", "approver", "registered_at"])
        .join(F, F.c.id == gap.c.file_id)
        .where(gap.c.task_id == task)
        .order_by(F.c.run, F.c.chunk)
    )
    return [GapFact(*tuple(row)) for row in conn.execute(query).all()]


class Members(NamedTuple):
    """The per-chunk files of one run in a part: their events by witness, and who was not heard of how many.

    ``differ``: files of which job and file do not say the same; ``differ_raw``: or the raw file neither.
    """

    group: int
    run: int
    files: int
    raw: int
    raw_unknown: int
    jobs: int
    jobs_unknown: int
    read: int
    read_unknown: int
    best: int  # the file read back, else the job
    best_unknown: int
    differ: int
    differ_raw: int


def members(conn: Connection, task: int, run: int | None = None) -> list[Members]:
    """What went into the live parts of a task, a row for each part and run; ``run``: only into the parts that
    hold files of it."""
    parent = schema.parent
    said, raw_read, job, read_ = (_count(name) for name in ("said", "raw_read", "job_said", "read_back"))
    raw = func.coalesce(said.c.n_events, raw_read.c.n_events)
    best = func.coalesce(read_.c.n_events, job.c.n_events)
    unlike = or_(job.c.n_events.is_(None), read_.c.n_events.is_(None), job.c.n_events != read_.c.n_events)
    sums: list[Any] = []
    for column in (raw, job.c.n_events, read_.c.n_events, best):
        sums += [func.sum(func.coalesce(column, 0)), func.sum(case((column.is_(None), 1), else_=0))]
    differ_raw = or_(unlike, raw.is_(None), raw != job.c.n_events)
    query = (
        select(
            M.c.group_id, F.c.run, func.count(), *sums,
            func.sum(case((unlike, 1), else_=0)), func.sum(case((differ_raw, 1), else_=0)),
        )
        .select_from(G)
        .join(M, and_(M.c.group_id == G.c.id, M.c.live))
        .join(F, F.c.id == M.c.file_id)
        .outerjoin(parent, and_(parent.c.file_id == F.c.id, F.c.part.is_(None)))  # one raw file each
        .outerjoin(said, _of(said, parent.c.parent_id, Witness.RAW_CATALOGUE))
        .outerjoin(raw_read, _of(raw_read, parent.c.parent_id, Witness.READ))
        .outerjoin(job, _of(job, F.c.id, Witness.JOB))
        .outerjoin(read_, _of(read_, F.c.id, Witness.READ))
        .where(G.c.task_id == task, G.c.state != GroupState.VOID, *([] if run is None else [_of_run(run)]))
        .group_by(M.c.group_id, F.c.run)
        .order_by(M.c.group_id, F.c.run)
    )  # fmt: skip
    return [Members(*map(int, row)) for row in conn.execute(query)]


def _of_run(run: int) -> Any:
    """Parts that hold files of a run."""
    further = schema_merge.group_run
    return or_(G.c.run == run, G.c.id.in_(select(further.c.group_id).where(further.c.run == run)))


class PartFact(NamedTuple):
    """A live part, its merged file (size and adler32 None: there is none) and the events in that."""

    id: int
    run: int
    product: str
    part: int
    state: str
    lfn: str
    output: int | None
    size: int | None
    adler32: int | None
    events: int | None
    on_disk: int


def parts(conn: Connection, task: int) -> list[PartFact]:
    """Every live part of a task, by run, product and part."""
    job, read_ = _count("job_said"), _count("read_back")
    on_disk = (
        select(func.count())
        .select_from(R)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(
            R.c.file_id == G.c.output_id, R.c.state == ReplicaState.AVAILABLE, E.c.kind == EndpointKind.DISK
        )
        .correlate(G)
        .scalar_subquery()
    )
    query = (
        select(
            *G.c["id", "run", "product", "part", "state"],
            case((F.c.id.is_(None), G.c.lfn), else_=schema.lfn()),
            G.c.output_id,
            *F.c["size", "adler32"],
            func.coalesce(read_.c.n_events, job.c.n_events),
            on_disk,
        )
        .outerjoin(F, F.c.id == G.c.output_id)
        .outerjoin(job, _of(job, G.c.output_id, Witness.JOB))
        .outerjoin(read_, _of(read_, G.c.output_id, Witness.READ))
        .where(G.c.task_id == task, G.c.state != GroupState.VOID)
        .order_by(G.c.run, G.c.product, G.c.part)
    )
    return [PartFact(*row) for row in conn.execute(query).all()]


def within(conn: Connection, task: int) -> dict[int, int]:
    """Part (id) → the part of another product that its merged file went into."""
    query = (
        select(G.c.id, M.c.group_id)
        .join(M, and_(M.c.file_id == G.c.output_id, M.c.live))
        .where(G.c.task_id == task, G.c.state != GroupState.VOID)
    )
    return {row[0]: row[1] for row in conn.execute(query)}


class TapeFact(NamedTuple):
    """A copy of a merged file at a tape endpoint."""

    replica: int
    file: int
    endpoint: str
    path: str
    state: str
    since: datetime


def on_tape(conn: Connection, task: int) -> list[TapeFact]:
    """The copies on tape of all merged files of a task that are not DELETED."""
    query = (
        select(R.c.id, R.c.file_id, E.c.name, schema.place(), *R.c["state", "since"])
        .select_from(G)
        .join(R, R.c.file_id == G.c.output_id)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(
            G.c.task_id == task,
            G.c.state != GroupState.VOID,
            E.c.kind == EndpointKind.TAPE,
            R.c.state != ReplicaState.DELETED,
        )
        .order_by(R.c.id)
    )
    return [TapeFact(*row) for row in conn.execute(query).all()]


def kept(conn: Connection, task: int) -> dict[int, int]:
    """Part (id) → how many copies of its per-chunk files are there."""
    query = (
        select(M.c.group_id, func.count())
        .select_from(G)
        .join(M, and_(M.c.group_id == G.c.id, M.c.live))
        .join(R, R.c.file_id == M.c.file_id)
        .where(G.c.task_id == task, G.c.state != GroupState.VOID, R.c.state.notin_(GONE))
        .group_by(M.c.group_id)
    )
    return {row[0]: int(row[1]) for row in conn.execute(query)}


class GoneFact(NamedTuple):
    """Copies of a part's per-chunk files in one of the states GONE under one certificate (None: none)."""

    group: int
    state: str
    certificate: int | None
    files: int
    size: int


def gone(conn: Connection, task: int) -> list[GoneFact]:
    """What was withdrawn or removed of the per-chunk files of a task."""
    certified = schema.certified
    query = (
        select(
            M.c.group_id,
            R.c.state,
            certified.c.certificate_id,
            func.count(),
            func.sum(func.coalesce(F.c.size, 0)),
        )
        .select_from(G)
        .join(M, and_(M.c.group_id == G.c.id, M.c.live))
        .join(R, R.c.file_id == M.c.file_id)
        .join(F, F.c.id == M.c.file_id)
        .outerjoin(certified, certified.c.replica_id == R.c.id)
        .where(G.c.task_id == task, G.c.state != GroupState.VOID, R.c.state.in_(GONE))
        .group_by(M.c.group_id, R.c.state, certified.c.certificate_id)
        .order_by(M.c.group_id, R.c.state, certified.c.certificate_id)
    )
    return [GoneFact(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in conn.execute(query).all()]


def written_off(conn: Connection, task: int) -> dict[int, int]:
    """Part (id) → how many of its per-chunk copies a person wrote off, since the storage had lost them.

    Asked of copies without a certificate only: few.
    """
    certified, history = schema.certified, schema.history
    by_a_person = exists(
        select(literal(1)).where(schema.tells_of("replica", R.c.id), history.c.event == "written_off")
    )
    query = (
        select(M.c.group_id, func.count())
        .select_from(G)
        .join(M, and_(M.c.group_id == G.c.id, M.c.live))
        .join(R, R.c.file_id == M.c.file_id)
        .outerjoin(certified, certified.c.replica_id == R.c.id)
        .where(
            G.c.task_id == task,
            G.c.state != GroupState.VOID,
            R.c.state == ReplicaState.DELETED,
            certified.c.certificate_id.is_(None),
            by_a_person,
        )
        .group_by(M.c.group_id)
    )
    return {row[0]: int(row[1]) for row in conn.execute(query)}


@dataclass(frozen=True, slots=True)
class PaperFact:
    """A certificate: its seal, whether that is the seal of its body, and what it names."""

    seal: str
    issued_at: datetime
    intact: bool
    named: Mapping[tuple[int, str], int]  # (part, state) → copies that it names as the catalogue has them


def papers(
    conn: Connection, certificates: Sequence[int], at_once: int = 50
) -> Iterator[tuple[int, PaperFact]]:
    """The certificates, each with its seal computed again and its copies compared with the catalogue.

    A few at a time: the body of one may name thousands of files.
    """
    table = schema.certificate
    for start in range(0, len(certificates), at_once):
        some = certificates[start : start + at_once]
        copies = _copies_under(conn, some)
        query = select(*table.c["id", "seal", "body", "issued_at"]).where(among(conn, table.c.id, some))
        for key, seal, body, issued_at in conn.execute(query).all():
            said = read(seal, body, issued_at)
            named: dict[tuple[int, str], int] = {}
            for replica, group, state, lfn, size, adler32 in copies.get(key, ()):
                word = said.get(replica)
                if word is not None and (word.lfn, word.size, word.adler32) == (lfn, size, adler32):
                    named[group, state] = named.get((group, state), 0) + 1
            intact = bool(said) and all(word.intact for word in said.values())
            yield key, PaperFact(seal, issued_at, intact, named)


def _copies_under(conn: Connection, certificates: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
    certified = schema.certified
    query = (
        select(
            certified.c.certificate_id,
            R.c.id,
            M.c.group_id,
            R.c.state,
            schema.lfn(),
            *F.c["size", "adler32"],
        )
        .join(R, R.c.id == certified.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .join(M, and_(M.c.file_id == F.c.id, M.c.live))
        .where(among(conn, certified.c.certificate_id, certificates))
    )
    found: dict[int, list[tuple[Any, ...]]] = {}
    for key, *row in conn.execute(query):
        found.setdefault(key, []).append(tuple(row))
    return found


def left_out(conn: Connection, task: int) -> dict[tuple[int, str], int]:
    """(Run, product) → files that stored plans leave out of all parts on purpose."""
    plan, out = schema_merge.plan, schema_merge.left_out
    query = (
        select(F.c.run, plan.c.product, func.count(out.c.file_id.distinct()))
        .select_from(plan)
        .join(out, out.c.plan_id == plan.c.id)
        .join(F, F.c.id == out.c.file_id)
        .where(plan.c.task_id == task, plan.c.retired_at.is_(None))
        .group_by(F.c.run, plan.c.product)
    )
    return {(run, product): int(n) for run, product, n in conn.execute(query)}


def checks(conn: Connection, task: int) -> dict[tuple[int, str], str]:
    """(Run, product) → state of the cross-check."""
    check = schema.check
    query = select(*check.c["run", "product", "state"]).where(check.c.task_id == task)
    return {(run, product): state for run, product, state in conn.execute(query).all()}


def waivers(conn: Connection, task: int) -> list[WaiverLine]:
    """The waivers in force of a task, oldest first."""
    waiver, check = schema_checks.waiver, schema.check
    query = (
        select(
            waiver.c.id,
            T.c.name,
            T.c.definition,
            *check.c["run", "product"],
            *waiver.c["part", "differences", "made_by", "reason", "made_at", "void_at", "void_reason"],
        )
        .join(check, check.c.id == waiver.c.check_id)
        .join(T, T.c.id == check.c.task_id)
        .where(check.c.task_id == task, waiver.c.void_at.is_(None))
        .order_by(waiver.c.id)
    )
    return [WaiverLine(*row) for row in conn.execute(query).all()]


def seals(conn: Connection, wanted: Sequence[str], at_once: int = 50) -> dict[str, bool]:
    """Which of these certificates there are, and whether each is what was sealed."""
    table = schema.certificate
    found: dict[str, bool] = {}
    for start in range(0, len(wanted), at_once):
        some = among_text(conn, table.c.seal, wanted[start : start + at_once])
        for seal, body in conn.execute(select(*table.c["seal", "body"]).where(some)).all():
            found[seal] = seal_of(body) == seal
    return found
