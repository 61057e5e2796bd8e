"""What every witness says of the files that went into a merge, of its output, and of chunks left out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, exists, func, literal, or_, select

from catalog.db import schema, schema_checks, schema_merge
from catalog.db.engine import among, among_text
from catalog.db.groups import chunk_of
from catalog.states import JobKind, JobState, Witness

F, G, M, J = schema.file, schema.group, schema.member, schema.job


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What every witness says of one member: None where a witness was not heard.

    ``size`` and ``adler32`` are those of the catalogue; ``job_types``, ``read_types``: events by type.
    """

    group_id: int
    chunk: str
    raw_catalogue: int | None
    raw_read: int | None
    job: int | None
    read: int | None
    file_id: int = 0
    raw_id: int = 0
    size: int | None = None
    adler32: int | None = None
    job_types: Mapping[str, int] = field(default_factory=dict)
    read_types: Mapping[str, int] = field(default_factory=dict)


def witnessed(conn: Connection, groups: Sequence[int]) -> dict[int, list[Witnessed]]:
    """The members of the groups with every count known of them and of the raw file they come from.

    Of members that are merged files themselves, what was read of them stands for the raw side: their own
    cross-check has compared it with that.
    """
    found = _of_chunks(conn, groups)
    if others := [group for group in groups if group not in found]:
        found |= _of_parts(conn, others)
    return found


def _of_parts(conn: Connection, groups: Sequence[int]) -> dict[int, list[Witnessed]]:
    job, read = schema.event_count.alias("job_said"), schema.event_count.alias("read_back")
    query = (
        select(
            M.c.group_id,
            chunk_of(),
            job.c.n_events.label("job"),
            read.c.n_events.label("read"),
            *F.c["id", "size", "adler32"],
            job.c.by_type.label("job_types"),
            read.c.by_type.label("read_types"),
        )
        .join(F, F.c.id == M.c.file_id)
        .join(G, G.c.id == M.c.group_id)
        .outerjoin(job, and_(job.c.file_id == F.c.id, job.c.witness == Witness.JOB))
        .outerjoin(read, and_(read.c.file_id == F.c.id, read.c.witness == Witness.READ))
        .where(among(conn, M.c.group_id, groups), F.c.part.is_not(None))
        .order_by(M.c.group_id, M.c.position)
    )
    found: dict[int, list[Witnessed]] = {}
    rows: Sequence[Any] = conn.execute(query).all()
    for group, name, said, n_read, file, size, adler32, job_types, read_types in rows:
        found.setdefault(group, []).append(
            Witnessed(
                group, name, None, n_read, said, n_read, file, 0, size, adler32,
                types(job_types), types(read_types),
            )
        )  # fmt: skip
    return found


def _of_chunks(conn: Connection, groups: Sequence[int]) -> dict[int, list[Witnessed]]:
    parent = schema.parent
    counts = schema.event_count
    raw_said, raw_read = counts.alias("raw_said"), counts.alias("raw_read")
    job, read = counts.alias("job_said"), counts.alias("read_back")
    query = (
        select(
            M.c.group_id,
            chunk_of(),
            raw_said.c.n_events.label("raw_said"),
            raw_read.c.n_events.label("raw_read"),
            job.c.n_events.label("job"),
            read.c.n_events.label("read"),
            F.c.id,
            parent.c.parent_id,
            *F.c["size", "adler32"],
            job.c.by_type.label("job_types"),
            read.c.by_type.label("read_types"),
        )
        .join(F, F.c.id == M.c.file_id)
        .join(G, G.c.id == M.c.group_id)
        .join(parent, parent.c.file_id == F.c.id)
        .outerjoin(
            raw_said,
            and_(raw_said.c.file_id == parent.c.parent_id, raw_said.c.witness == Witness.RAW_CATALOGUE),
        )
        .outerjoin(
            raw_read, and_(raw_read.c.file_id == parent.c.parent_id, raw_read.c.witness == Witness.READ)
        )
        .outerjoin(job, and_(job.c.file_id == F.c.id, job.c.witness == Witness.JOB))
        .outerjoin(read, and_(read.c.file_id == F.c.id, read.c.witness == Witness.READ))
        .where(among(conn, M.c.group_id, groups), F.c.part.is_(None))
        .order_by(M.c.group_id, M.c.position)
    )
    found: dict[int, list[Witnessed]] = {}
    rows: Sequence[Any] = conn.execute(query).all()
    for group, *row, job_types, read_types in rows:
        found.setdefault(group, []).append(Witnessed(*(group, *row, types(job_types), types(read_types))))
    return found


def types(text: str | None) -> dict[str, int]:
    """Events by type, as they are kept; none if nobody told any."""
    return json.loads(text) if text else {}


@dataclass(frozen=True, slots=True)
class OutputSeen:
    """The merged file of a group: what the catalogue knows of it, and what witnesses say."""

    group_id: int
    job: int | None = None
    read: int | None = None
    file_id: int | None = None
    size: int | None = None
    adler32: int | None = None
    job_types: Mapping[str, int] = field(default_factory=dict)
    read_types: Mapping[str, int] = field(default_factory=dict)


def outputs_seen(conn: Connection, groups: Sequence[int]) -> dict[int, OutputSeen]:
    """What the merge job and the reader say of the output of each group."""
    counts = schema.event_count
    job, read = counts.alias("job_said"), counts.alias("read_back")
    query = (
        select(
            G.c.id,
            job.c.n_events,
            read.c.n_events,
            F.c.id,
            *F.c["size", "adler32"],
            job.c.by_type.label("job_types"),
            read.c.by_type.label("read_types"),
        )
        .outerjoin(F, F.c.id == G.c.output_id)
        .outerjoin(job, and_(job.c.file_id == G.c.output_id, job.c.witness == Witness.JOB))
        .outerjoin(read, and_(read.c.file_id == G.c.output_id, read.c.witness == Witness.READ))
        .where(among(conn, G.c.id, groups))
    )
    rows: Sequence[Any] = conn.execute(query).all()
    return {
        group: OutputSeen(*(group, *row, types(job_types), types(read_types)))
        for group, *row, job_types, read_types in rows
    }


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody found who read a file: a merge job, where that is not simply what the catalogue has, or a
    recount. ``note``: what a recount found to differ beside the numbers."""

    size: int
    adler32: int
    n_events: int | None
    by_type: Mapping[str, int]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Readings:
    """What the last merge of a group told of its inputs: of how many, and of these the odd ones by file."""

    told: int
    odd: Mapping[int, Reading] = field(default_factory=dict)


def readings(conn: Connection, groups: Sequence[int]) -> dict[int, Readings]:
    """What the newest merge job that is DONE read, by group; a group without one is left out."""
    newest = (
        select(func.max(J.c.id))
        .where(among(conn, J.c.merge_group_id, groups), J.c.kind == JobKind.MERGE, J.c.state == JobState.DONE)
        .group_by(J.c.merge_group_id)
    )
    jobs = select(*J.c["id", "merge_group_id", "inputs_read"]).where(J.c.id.in_(newest))
    of_job = {job: (group, told or 0) for job, group, told in conn.execute(jobs).all()}
    table = schema_checks.reading
    odd: dict[int, dict[int, Reading]] = {}
    query = select(table).where(among(conn, table.c.job_id, list(of_job)))
    for job, file, size, adler32, n_events, by_type in conn.execute(query).all():
        odd.setdefault(job, {})[file] = Reading(size, adler32, n_events, types(by_type))
    return {group: Readings(told, odd.get(job, {})) for job, (group, told) in of_job.items()}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A raw chunk that is in no group, with what is known of it and of its file of the product."""

    chunk: str
    raw_catalogue: int | None
    raw_read: int | None
    job: int | None
    read: int | None
    gap: tuple[int | None, str, str] | None  # events, approver, reason


def left_out(
    conn: Connection, task: int, datasets: tuple[int, int], run: int, chunks: Sequence[str]
) -> list[LeftOut]:
    """What is known of these chunks of a run. ``datasets``: of the raw files, and of the product's files."""
    if not chunks:
        return []
    raw = F.alias("raw")
    gap, parent, counts = schema.gap, schema.parent, schema.event_count
    said = [counts.alias(name) for name in ("raw_said", "raw_read", "job_said", "read_back")]
    made = F.alias("made")

    def told(alias: Any, file: Any, who: Witness) -> Any:
        return and_(alias.c.file_id == file, alias.c.witness == who)

    query = (
        select(
            raw.c.chunk,
            *(alias.c.n_events for alias in said),
            gap.c.id,
            *gap.c["n_events", "approver", "reason"],
        )
        .outerjoin(gap, and_(gap.c.file_id == raw.c.id, gap.c.task_id == task))
        .outerjoin(parent, parent.c.parent_id == raw.c.id)
        .outerjoin(
            made,
            and_(
                made.c.id == parent.c.file_id, made.c.dataset_id == datasets[1], made.c.retired_at.is_(None)
            ),
        )
        .outerjoin(said[0], told(said[0], raw.c.id, Witness.RAW_CATALOGUE))
        .outerjoin(said[1], told(said[1], raw.c.id, Witness.READ))
        .outerjoin(said[2], told(said[2], made.c.id, Witness.JOB))
        .outerjoin(said[3], told(said[3], made.c.id, Witness.READ))
        .where(
            raw.c.dataset_id == datasets[0],
            raw.c.run == run,
            raw.c.retired_at.is_(None),
            among_text(conn, raw.c.chunk, chunks),
            or_(parent.c.file_id.is_(None), made.c.id.is_not(None), _no_file(raw, datasets[1])),
        )
    )
    found: dict[str, LeftOut] = {}
    rows: Sequence[Any] = conn.execute(query).all()
    for chunk, *numbers, key, n_events, approver, reason in rows:
        found[chunk] = LeftOut(*(chunk, *numbers, None if key is None else (n_events, approver, reason)))
    return [found[chunk] for chunk in sorted(found)]


def completeness(conn: Connection, groups: Sequence[int]) -> dict[int, bool]:
    """Of groups of stored plans: whether the plan took up all files of the run, or keeps leftovers."""
    run = schema_merge.plan_run
    query = (
        select(G.c.id, run.c.complete)
        .join(run, and_(run.c.plan_id == G.c.plan_id, run.c.run == G.c.run))
        .where(among(conn, G.c.id, groups))
    )
    return {row[0]: bool(row[1]) for row in conn.execute(query).all()}


def _no_file(raw: Any, dataset: int) -> Any:
    """The chunk has no file of the product."""
    made, parent = F.alias("any_made"), schema.parent.alias("any_parent")
    return ~exists(
        select(literal(1))
        .select_from(parent)
        .join(made, made.c.id == parent.c.file_id)
        .where(parent.c.parent_id == raw.c.id, made.c.dataset_id == dataset, made.c.retired_at.is_(None))
        .correlate(raw)
    )
