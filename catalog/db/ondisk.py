"""Copies on disk that may have had their time: of merged files, and of intermediate ones, many at once.

Who may go is said by retention; this finds whom to ask about, and in which order. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select

from catalog.db import evidence, schema, schema_checks
from catalog.db.engine import among
from catalog.evidence import Settled, Wanted, settled
from catalog.lifetime import OnDisk
from catalog.states import EndpointKind, JobState, ReplicaState, Role

F, R, E, J, JI = schema.file, schema.replica, schema.endpoint, schema.job, schema.job_input
GOING = (ReplicaState.TRASHED, ReplicaState.DELETING)


class DiskCopy(NamedTuple):
    """An AVAILABLE copy on disk. ``read_at``: when a job or a recount read its file last."""

    replica_id: int
    file_id: int
    lfn: str
    product: str
    role: str
    run: int
    size: int
    since: datetime
    read_at: datetime | None

    def kept(self, settled_at: datetime | None = None) -> OnDisk:
        """As the rules of lifetime see it."""
        return OnDisk(self.since, settled_at, self.read_at)


def _readers(of: Any = F) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """When a job, and a recount, read the file last, as far as the catalogue sees it."""
    recount = schema_checks.recount
    job = (
        select(func.max(J.c.since))
        .select_from(JI)
        .join(J, J.c.id == JI.c.job_id)
        .where(JI.c.file_id == of.c.id, J.c.state == JobState.DONE)
    )
    again = select(func.max(recount.c.at)).where(recount.c.file_id == of.c.id)
    return job.correlate(of).scalar_subquery(), again.correlate(of).scalar_subquery()


def _copies(where: Sequence[Any]) -> Select[Any]:
    return (
        select(
            R.c.id,
            R.c.file_id,
            schema.lfn(),
            *F.c["product", "role", "run"],
            func.coalesce(F.c.size, 0),
            R.c.since,
            *_readers(),
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(R.c.state == ReplicaState.AVAILABLE, schema.on_reachable_disk(), *where)
    )


def _read(conn: Connection, query: Select[Any]) -> list[DiskCopy]:
    found = []
    for *row, job, again in conn.execute(query).all():
        seen = [moment for moment in (job, again) if moment is not None]
        found.append(DiskCopy._make((*row, max(seen, default=None))))
    return found


def merged(
    conn: Connection, products: Collection[str], *, before: datetime, after: int, limit: int
) -> list[DiskCopy]:
    """Copies on disk of merged files of these products that are AVAILABLE since before a time, by id, those
    ``after`` an id."""
    where = [F.c.role == Role.FINAL, F.c.product.in_(sorted(products)), R.c.since <= before, R.c.id > after]
    return _read(conn, _copies(where).order_by(R.c.id).limit(limit))


def settled_at(conn: Connection, files: Mapping[int, Wanted], now: datetime) -> dict[int, datetime]:
    """Since when each of these files has a settled copy on tape; those that have none are left out."""
    query = (
        select(R.c.id, R.c.file_id)
        .join(E, and_(E.c.id == R.c.endpoint_id, E.c.kind == EndpointKind.TAPE))
        .where(among(conn, R.c.file_id, list(files)))
    )
    tapes = {row[0]: row[1] for row in conn.execute(query)}
    found: dict[int, datetime] = {}
    for replica, pieces in evidence.counting(conn, list(tapes)).items():
        file = tapes[replica]
        answer = settled(pieces, files[file], now)
        if isinstance(answer, Settled):
            found[file] = min(answer.at, found.get(file, answer.at))
    return found


# ------------------------------------------------------------------------------- a full disk
def runs_of(conn: Connection, endpoint: int, role: Role, products: Collection[str]) -> list[int]:
    """Runs with AVAILABLE copies of that role at the endpoint, the least recently used first."""
    job, again = _readers()
    each = (
        select(F.c.run, R.c.since, job.label("job"), again.label("again"))
        .select_from(R)
        .join(F, F.c.id == R.c.file_id)
        .where(
            R.c.endpoint_id == endpoint,
            R.c.state == ReplicaState.AVAILABLE,
            F.c.role == role,
            F.c.product.in_(sorted(products)),
        )
        .subquery("each_one")
    )
    query = select(each.c.run, func.max(each.c.since), func.max(each.c.job), func.max(each.c.again)).group_by(
        each.c.run
    )
    used = {
        run: max(moment for moment in moments if moment is not None)
        for run, *moments in conn.execute(query).all()
    }
    return sorted(used, key=lambda run: (used[run], run))


def of_run(
    conn: Connection, endpoint: int, role: Role, products: Collection[str], run: int
) -> list[DiskCopy]:
    """The AVAILABLE copies of a run at the endpoint."""
    where = [R.c.endpoint_id == endpoint, F.c.role == role, F.c.run == run]
    where.append(F.c.product.in_(sorted(products)))
    return _read(conn, _copies(where).order_by(R.c.id))


class InTrash(NamedTuple):
    """A certified copy in the trash of an endpoint, since when, and when it may go by itself."""

    replica_id: int
    size: int
    since: datetime
    due_at: datetime


def in_trash(conn: Connection, endpoint: int) -> list[InTrash]:
    """What comes free at the endpoint without more, the oldest first; also what is being removed."""
    certified = exists(select(1).where(schema.certified.c.replica_id == R.c.id))
    query = (
        select(R.c.id, func.coalesce(F.c.size, 0), R.c.since, R.c.next_try_at)
        .join(F, F.c.id == R.c.file_id)
        .where(R.c.endpoint_id == endpoint, R.c.state.in_(GOING), certified)
        .order_by(R.c.since, R.c.id)
    )
    return [InTrash(*row) for row in conn.execute(query).all()]
