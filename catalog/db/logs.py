"""Logs of jobs: which there are, where their bytes lie now, and in which archives. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, case, exists, literal, or_, select

from catalog.db import chains, schema
from catalog.db.engine import among
from catalog.states import EndpointKind, JobKind, Locality, PinState, ReplicaState

F, R, E, G, J, D = (
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.group,
    schema.job,
    schema.dataset,
)


@dataclass(frozen=True, slots=True)
class LogJob:
    """A job as it is looked for: where its log would be, and what is known of its last trouble."""

    id: int
    task: str
    kind: str
    run: int
    chunk: str
    state: str
    attempt: int
    code: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log, or another file that goes into archives. ``chunk``: with the label of the attempt, if that
    failed; ``path``: where the attempt put it, from which its job is known."""

    id: int
    lfn: str
    dataset: str
    product: str
    run: int
    chunk: str
    part: int | None
    size: int | None
    adler32: int | None


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that is AVAILABLE. ``online``: its bytes can be read now."""

    file_id: int
    endpoint: str
    kind: EndpointKind
    path: str
    online: bool


def job(conn: Connection, number: int) -> LogJob | None:
    """The job of that number."""
    query = select(
        J.c.id, schema.task.c.name, *J.c["kind", "run", "chunk", "state", "attempt", "code", "reason"]
    ).join(schema.task, schema.task.c.id == J.c.task_id)
    row: Any = conn.execute(query.where(J.c.id == number)).first()
    return None if row is None else LogJob(*tuple(row))


def jobs_of(conn: Connection, run: int, chunk: str | None = None) -> list[LogJob]:
    """The jobs that process this run (and chunk), by task."""
    query = (
        select(J.c.id, schema.task.c.name, *J.c["kind", "run", "chunk", "state", "attempt", "code", "reason"])
        .join(schema.task, schema.task.c.id == J.c.task_id)
        .where(J.c.kind == JobKind.PROCESS, J.c.run == run)
        .order_by(schema.task.c.name, J.c.id)
    )
    if chunk is not None:
        query = query.where(J.c.chunk == chunk)
    rows: Sequence[Any] = conn.execute(query).all()
    return [LogJob(*tuple(row)) for row in rows]


def files(
    conn: Connection, datasets: Sequence[str], run: int | None = None, limit: int | None = None
) -> list[LogFile]:
    """The files of these datasets (and this run) that are not replaced, by run and chunk."""
    query = (
        _files()
        .where(D.c.name.in_(datasets), F.c.retired_at.is_(None))
        .order_by(F.c.run, F.c.chunk, F.c.part, F.c.id)
        .limit(limit)
    )
    return _read(conn, query if run is None else query.where(F.c.run == run))


def by_ids(conn: Connection, ids: Sequence[int]) -> dict[int, LogFile]:
    """These files."""
    return {found.id: found for found in _read(conn, _files().where(among(conn, F.c.id, ids)))}


def _files() -> Any:
    columns = F.c["product", "run", "chunk", "part", "size", "adler32"]
    return select(F.c.id, schema.lfn(), D.c.name, *columns).join(D, D.c.id == F.c.dataset_id)


def _read(conn: Connection, query: Any) -> list[LogFile]:
    rows: Sequence[Any] = conn.execute(query).all()
    return [LogFile(*tuple(row)) for row in rows]


def archives_of(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The merged files that each of these went into, the nearest first: a run's archive, a production's."""
    groups = chains.into(conn, ids)
    lines = chains.line(conn, sorted(set(groups.values())))
    wanted = {group for first, line in lines.items() for group in (first, *line)}
    query = select(G.c.id, G.c.output_id).where(among(conn, G.c.id, sorted(wanted)))
    outputs = {group: file for group, file in conn.execute(query).all() if file is not None}
    return {
        file: tuple(outputs[one] for one in (group, *lines[group]) if one in outputs)
        for file, group in groups.items()
    }


def copies(conn: Connection, ids: Sequence[int]) -> list[Copy]:
    """The AVAILABLE copies of these files: on disk first, then those in the buffer of a tape, then others."""
    pin = schema.pin
    pinned = select(literal(1)).where(pin.c.replica_id == R.c.id, pin.c.state == PinState.ACTIVE)
    disk = schema.on_reachable_disk()
    staged = and_(
        E.c.kind == EndpointKind.TAPE,
        or_(R.c.locality.in_((Locality.ONLINE, Locality.ONLINE_AND_NEARLINE)), exists(pinned)),
    )
    online = or_(disk, staged)
    query = (
        select(R.c.file_id, E.c.name, E.c.kind, schema.place(), case((online, 1), else_=0))
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(among(conn, R.c.file_id, ids), R.c.state == ReplicaState.AVAILABLE)
        .order_by(R.c.file_id, case((disk, 0), (staged, 1), else_=2), E.c.name)
    )
    rows: Sequence[Any] = conn.execute(query).all()
    return [Copy(file, name, EndpointKind(kind), path, bool(on)) for file, name, kind, path, on in rows]


def attempts_of(conn: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Where each of these files was put, whatever became of the copy: its directory is called after the
    attempt."""
    query = (
        select(R.c.file_id, schema.place())
        .join(F, F.c.id == R.c.file_id)
        .where(among(conn, R.c.file_id, ids))
        .order_by(R.c.file_id, R.c.id.desc())
    )
    return {row[0]: row[1] for row in conn.execute(query)}
