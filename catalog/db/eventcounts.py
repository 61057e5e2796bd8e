"""How many events of every run are where, beside what ``periods`` sums up: witnesses of raw files one by one,
chunks that are not processed, files that are in no part. Reads only, grouped by run, however many chunks.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, exists, func, literal, select

from catalog.db import schema, schema_events, schema_merge
from catalog.db.engine import among_text, ids_of
from catalog.states import JobKind, JobState, RangeState, Role, Witness

F, J, JI, M, T, D, E = (
    schema.file,
    schema.job,
    schema.job_input,
    schema.member,
    schema.task,
    schema.dataset,
    schema_events.event_range,
)


class Recorded(NamedTuple):
    """Events of the raw files of a run: by the raw catalogue, and as read; of how many files each is not
    known, and how many files they contradict each other in."""

    run: int
    files: int
    said: int
    said_unknown: int
    read: int
    read_unknown: int
    differ: int


def recorded(conn: Connection, dataset: int, run: int | None = None) -> list[Recorded]:
    """Every run of the dataset, in order."""
    said, read = _by(Witness.RAW_CATALOGUE), _by(Witness.READ)
    query = (
        select(
            F.c.run,
            func.count(),
            *_sums(said.c.n_events),
            *_sums(read.c.n_events),
            func.sum(case((said.c.n_events != read.c.n_events, 1), else_=0)),
        )
        .outerjoin(said, _said(said, F.c.id, Witness.RAW_CATALOGUE))
        .outerjoin(read, _said(read, F.c.id, Witness.READ))
        .where(*_raw(dataset, run))
        .group_by(F.c.run)
        .order_by(F.c.run)
    )
    return [Recorded(*map(int, row)) for row in conn.execute(query)]


def _by(who: Witness) -> Any:
    return schema.event_count.alias(f"by_{who}")


def _said(table: Any, file: Any, who: Witness) -> Any:
    return and_(table.c.file_id == file, table.c.witness == who.value)


def _sums(column: Any) -> tuple[Any, Any]:
    return func.sum(func.coalesce(column, 0)), func.sum(case((column.is_(None), 1), else_=0))


def _raw(dataset: int, run: int | None) -> list[Any]:
    found = [F.c.dataset_id == dataset, F.c.role == Role.RAW, F.c.retired_at.is_(None)]
    return found if run is None else [*found, F.c.run == run]


class Undone(NamedTuple):
    """Raw chunks of a run that no job has processed and no gap excuses, by the state of their job ("": none),
    with their events as far as known."""

    run: int
    state: str
    chunks: int
    events: int
    unknown: int


def undone(conn: Connection, task: int, dataset: int, run: int | None = None) -> list[Undone]:
    """What of the raw data of a task is not processed, by run and state."""
    said, read = _by(Witness.RAW_CATALOGUE), _by(Witness.READ)
    jobs = (
        select(JI.c.file_id, func.min(_rank()).label("rank"))
        .join(J, J.c.id == JI.c.job_id)
        .where(J.c.task_id == task, J.c.kind == JobKind.PROCESS, *([] if run is None else [J.c.run == run]))
        .group_by(JI.c.file_id)
        .subquery("jobs")
    )
    gap = schema.gap
    excused = exists(select(literal(1)).where(gap.c.task_id == task, gap.c.file_id == F.c.id))
    query = (
        select(F.c.run, jobs.c.rank, func.count(), *_sums(func.coalesce(said.c.n_events, read.c.n_events)))
        .outerjoin(jobs, jobs.c.file_id == F.c.id)
        .outerjoin(said, _said(said, F.c.id, Witness.RAW_CATALOGUE))
        .outerjoin(read, _said(read, F.c.id, Witness.READ))
        .where(*_raw(dataset, run), func.coalesce(jobs.c.rank, -1) != 0, ~excused)
        .group_by(F.c.run, jobs.c.rank)
        .order_by(F.c.run, jobs.c.rank)
    )
    return [
        Undone(number, "" if rank is None else str(_ORDER[rank]), *map(int, rest))
        for number, rank, *rest in conn.execute(query)
    ]


def uncounted_gaps(conn: Connection, task: int) -> set[tuple[int, str]]:
    """Registered gaps (run, chunk) of whose events a person alone speaks."""
    gap, counted = schema.gap, schema.event_count
    known = exists(
        select(literal(1)).where(
            counted.c.file_id == F.c.id, counted.c.witness.in_((Witness.RAW_CATALOGUE, Witness.READ))
        )
    )
    query = select(F.c.run, F.c.chunk).join(gap, gap.c.file_id == F.c.id).where(gap.c.task_id == task, ~known)
    return {(run, chunk) for run, chunk in conn.execute(query)}


_ORDER = (
    JobState.DONE,
    JobState.HELD,
    JobState.ENDED,
    JobState.RUNNING,
    JobState.SUBMITTING,
    JobState.READY,
    JobState.WAITING,
    JobState.CANCELED,
)
"""What tells most of a chunk that several jobs had, first."""


@cache
def _rank() -> Any:
    return case(*((J.c.state == state, n) for n, state in enumerate(_ORDER)), else_=len(_ORDER) - 1)


class Loose(NamedTuple):
    """Files that jobs of a task wrote of chunks of a run and that are in no part: by product, and whether
    they are left out on purpose; their events, read back or else as their jobs say."""

    run: int
    product: str
    left_out: bool
    files: int
    events: int
    unknown: int


def loose(conn: Connection, task: int, products: Collection[str], run: int | None = None) -> list[Loose]:
    """Per-chunk files of these products of a task that no live part has."""
    job, read = _by(Witness.JOB), _by(Witness.READ)
    out, plan = schema_merge.left_out, schema_merge.plan
    aside = exists(
        select(literal(1))
        .select_from(out.join(plan, plan.c.id == out.c.plan_id))
        .where(out.c.file_id == F.c.id, plan.c.task_id == task, plan.c.retired_at.is_(None))
        .correlate(F)
    )
    taken = exists(select(literal(1)).where(M.c.file_id == F.c.id, M.c.live).correlate(F))
    each = (
        select(F.c.id, F.c.run, F.c.product, case((aside, 1), else_=0).label("aside"))
        .where(
            F.c.dataset_id.in_(_chunk_datasets(conn, task, products)),
            *(F.c.retired_at.is_(None), F.c.part.is_(None), F.c.product.in_(sorted(products)), ~taken),
            *([] if run is None else [F.c.run == run]),
        )
        .subquery("each")
    )
    query = (
        select(
            *each.c["run", "product", "aside"],
            func.count(),
            *_sums(func.coalesce(read.c.n_events, job.c.n_events)),
        )
        .outerjoin(job, _said(job, each.c.id, Witness.JOB))
        .outerjoin(read, _said(read, each.c.id, Witness.READ))
        .group_by(*each.c["run", "product", "aside"])
        .order_by(*each.c["run", "product", "aside"])
    )
    return [
        Loose(number, product, bool(left), *map(int, rest))
        for number, product, left, *rest in conn.execute(query)
    ]


def _chunk_datasets(conn: Connection, task: int, products: Collection[str]) -> list[int]:
    """Where the files that jobs write of chunks are registered."""
    name = conn.execute(select(T.c.name).where(T.c.id == task)).scalar_one()
    names = [f"{name}/{product}/chunks" for product in sorted(products)]
    return ids_of(conn, select(D.c.id).where(among_text(conn, D.c.name, names)))


class Verdict(NamedTuple):
    """A cross-check: its state, and what was found, in words."""

    state: str
    text: str


def verdicts(conn: Connection, task: int, run: int | None = None) -> dict[tuple[int, str], Verdict]:
    """(Run, product) → its cross-check."""
    check = schema.check
    query = select(*check.c["run", "product", "state", "verdict"]).where(check.c.task_id == task)
    query = query if run is None else query.where(check.c.run == run)
    return {(number, product): Verdict(state, text) for number, product, state, text in conn.execute(query)}


class Shared(NamedTuple):
    """Events of raw files of a run that several processes share (``ranges``): finished ones, and others."""

    run: int
    finished: int
    others: int


def shared(conn: Connection, task: int, run: int | None = None) -> list[Shared]:
    """The ranges of events of a task, by run."""
    length, done = E.c.stop - E.c.start, E.c.state == RangeState.DONE
    query = (
        select(
            F.c.run,
            func.sum(case((done, length), else_=0)),
            func.sum(case((done, 0), else_=length)),
        )
        .join(F, F.c.id == E.c.file_id)
        .where(
            E.c.task_id == task,
            E.c.state != RangeState.VOID,
            *([] if run is None else [F.c.run == run]),
        )
        .group_by(F.c.run)
    )
    return [Shared(*map(int, row)) for row in conn.execute(query)]


def tasks_of_run(conn: Connection, run: int) -> list[int]:
    """Tasks that read raw data of this run (ids)."""
    query = select(T.c.id).where(
        exists(
            select(literal(1)).where(F.c.dataset_id == T.c.dataset_id, F.c.run == run, F.c.role == Role.RAW)
        )
    )
    return list(conn.execute(query.order_by(T.c.id)).scalars())
