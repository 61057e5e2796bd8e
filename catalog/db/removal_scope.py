"""Which copies a person asks about who plans a removal: by task, run and endpoint, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, literal, or_, select

from catalog.db import directories, schema
from catalog.db.engine import among, among_text
from catalog.errors import BadInput
from catalog.retention import Ground
from catalog.states import EndpointKind, ReplicaState, Role

R, F, E, D, T = schema.replica, schema.file, schema.endpoint, schema.dataset, schema.task


@dataclass(frozen=True, slots=True)
class Scope:
    """Copies of files of these runs (none: every run), of a task's datasets, at an endpoint; None: any."""

    task: str | None = None
    runs: tuple[int, ...] = ()
    endpoint: str | None = None

    @property
    def words(self) -> str:
        """What was asked for."""
        parts = [f"task {self.task}"] if self.task else []
        parts += [f"run {', '.join(map(str, self.runs))}"] if self.runs else []
        parts += [f"endpoint {self.endpoint}"] if self.endpoint else []
        return "; ".join(parts) or "everything"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A copy that is asked about; ``size`` 0 if nobody knows it."""

    replica_id: int
    lfn: str
    product: str
    run: int
    endpoint: str
    path: str
    dataset: str
    size: int


def check(conn: Connection, scope: Scope) -> None:
    """Raises BadInput for a task or endpoint that the catalogue does not know."""
    for table, what, name in ((T, "task", scope.task), (E, "endpoint", scope.endpoint)):
        if name is not None and conn.execute(select(table.c.id).where(table.c.name == name)).scalar() is None:
            known = conn.execute(select(table.c.name).order_by(table.c.name)).scalars().all()
            names = ", ".join(known) or "none"
            raise BadInput(f"no {what} '{name}' in the catalogue; known: {names}", subject=f"--{what}")


def trashed(conn: Connection, scope: Scope, after: int, limit: int) -> list[Candidate]:
    """Copies in the trash, behind an id."""
    return _read(conn, scope, [R.c.state == ReplicaState.TRASHED], after, limit)


def available(conn: Connection, scope: Scope, ground: Ground, after: int, limit: int) -> list[Candidate]:
    """AVAILABLE copies on disk that may be withdrawn on that ground, if nothing speaks against it: inputs of
    merges, or files that also have a copy on tape."""
    conditions = [R.c.state == ReplicaState.AVAILABLE, E.c.kind == EndpointKind.DISK]
    if ground is Ground.MERGED:
        member = schema.member
        held = select(literal(1)).where(member.c.file_id == R.c.file_id, member.c.live).correlate(R)
        conditions += [F.c.role == Role.INTERMEDIATE, exists(held)]
    else:
        tape, store = R.alias("tape"), E.alias("store")
        twin = (
            select(literal(1))
            .select_from(tape)
            .join(store, store.c.id == tape.c.endpoint_id)
            .where(tape.c.file_id == R.c.file_id, store.c.kind == EndpointKind.TAPE)
            .where(tape.c.state != ReplicaState.DELETED)
            .correlate(R)
        )
        conditions += [exists(twin)]
    return _read(conn, scope, conditions, after, limit)


def _read(
    conn: Connection, scope: Scope, conditions: Sequence[ColumnElement[bool]], after: int, limit: int
) -> list[Candidate]:
    query = _candidates().where(*conditions, R.c.id > after).order_by(R.c.id).limit(limit)
    if scope.runs:
        query = query.where(among(conn, F.c.run, scope.runs))
    if scope.endpoint is not None:
        query = query.where(E.c.name == scope.endpoint)
    if scope.task is not None:
        query = query.where(_of_task(scope.task))
    return [_candidate(row) for row in conn.execute(query)]


@cache
def _candidates() -> Select[Any]:
    return (
        select(
            R.c.id, schema.lfn(), *F.c["product", "run"], E.c.name, schema.place(), D.c.name.label("dataset"),
            func.coalesce(F.c.size, 0),
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .join(D, D.c.id == F.c.dataset_id)
    )  # fmt: skip


def _candidate(row: Any) -> Candidate:
    return Candidate(*row)


def _of_task(task: str) -> ColumnElement[bool]:
    """What the task reads, and what it made (``TASK/PRODUCT…``)."""
    head = f"{task}/"
    reads = select(T.c.dataset_id).where(T.c.name == task).scalar_subquery()
    return or_(D.c.id == reads, func.substr(D.c.name, 1, len(head)) == head)


def at_places(conn: Connection, endpoint: str, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
    """What the catalogue knows at these paths of an endpoint: path → (dataset, state), DELETED ones not."""
    path, wanted = schema.place(), set(paths)
    query = (
        select(path, D.c.name.label("dataset"), R.c.state)
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .join(D, D.c.id == F.c.dataset_id)
        .where(E.c.name == endpoint, R.c.state != ReplicaState.DELETED)
    )
    parts = [directories.split(one) for one in wanted]
    known = directories.known(conn, {head for head, _ in parts})
    as_named = (
        among(conn, F.c.directory_id, sorted(known.values())),
        among_text(conn, F.c.name, sorted({name for _, name in parts})),
    )
    elsewhere = among_text(conn, R.c.path, sorted(wanted))
    rows = [row for conditions in (as_named, (elsewhere,)) for row in conn.execute(query.where(*conditions))]
    return {row[0]: (row[1], row[2]) for row in rows if row[0] in wanted}
