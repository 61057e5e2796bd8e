"""What the catalogue says of places that a comparison found: facts of copies, and what explains them.

Plural, one or two questions for a few thousand places. A comparison asks after it took its list of the
catalogue after the scans: what changed in between shows by its time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select

from catalog.db import directories, schema, schema_debris
from catalog.db.engine import among, among_text
from catalog.states import ITEM, GroupState, JobKind, JobState, ReplicaState

R, F, D, E, I, Q, J, G, X = (  # noqa: E741
    schema.replica,
    schema.file,
    schema.dataset,
    schema.endpoint,
    schema.item,
    schema.request,
    schema.job,
    schema.group,
    schema_debris.debris,
)


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """A copy, DELETED or not, as the catalogue has it."""

    id: int
    file_id: int
    endpoint_id: int
    path: str
    state: ReplicaState
    since: datetime
    size: int | None
    adler32: int | None
    lfn: str
    run: int
    dataset: str


@dataclass(frozen=True, slots=True)
class Going:
    """What is going on with a copy: a recall, copy or removal that is not over. ``request``: the label of the
    call it is in, None before there is one."""

    item: int
    kind: str
    state: str
    request: str | None


@dataclass(frozen=True, slots=True)
class JobFacts:
    """The job that an attempt is of. ``attempts``: how many it had. ``withdrawn``: it merged for a part that
    was withdrawn."""

    id: int
    kind: str
    state: JobState
    attempts: int
    run: int
    dataset: str
    withdrawn: bool

    def had(self, attempt: int) -> bool:
        """Whether there was such an attempt."""
        return 1 <= attempt <= self.attempts


def _copies() -> Select[Any]:
    columns = (R.c.id, R.c.file_id, R.c.endpoint_id, schema.place(), R.c.state, R.c.since)
    facts = (F.c.size, F.c.adler32, schema.lfn(), F.c.run, D.c.name)
    return select(*columns, *facts).join(F, F.c.id == R.c.file_id).join(D, D.c.id == F.c.dataset_id)


def _read(conn: Connection, query: Select[Any]) -> Iterator[CopyFacts]:
    for row in conn.execute(query.execution_options(yield_per=5000)):
        values: list[Any] = list(row)
        values[4] = ReplicaState(values[4])
        yield CopyFacts(*values)


def copies(conn: Connection, ids: Sequence[int]) -> list[CopyFacts]:
    """The copies of these ids."""
    return list(_read(conn, _copies().where(among(conn, R.c.id, ids))))


def at_places(conn: Connection, endpoint: int, paths: Sequence[str]) -> dict[str, CopyFacts]:
    """The copy that was last at each of these paths of an endpoint (id), DELETED ones too."""
    wanted = set(paths)
    parts = [directories.split(one) for one in wanted]
    known = directories.known(conn, {head for head, _ in parts})
    as_named = and_(
        R.c.path.is_(None),
        among(conn, F.c.directory_id, sorted(known.values())),
        among_text(conn, F.c.name, sorted({name for _, name in parts})),
    )
    found: dict[str, CopyFacts] = {}
    for condition in (as_named, among_text(conn, R.c.path, sorted(wanted))):
        for copy in _read(conn, _copies().where(R.c.endpoint_id == endpoint, condition)):
            last = found.get(copy.path)
            if copy.path in wanted and (last is None or (last.since, last.id) < (copy.since, copy.id)):
                found[copy.path] = copy
    return found


def going(conn: Connection, ids: Sequence[int]) -> dict[int, list[Going]]:
    """What is going on with these copies, by id; those with which nothing is are left out."""
    query = (
        select(I.c.replica_id, I.c.id, I.c.kind, I.c.state, Q.c.label)
        .outerjoin(Q, Q.c.id == I.c.request_id)
        .where(among(conn, I.c.replica_id, ids), I.c.state.not_in([str(one) for one in ITEM.finals]))
        .order_by(I.c.id)
    )
    found: dict[int, list[Going]] = defaultdict(list)
    for key, *rest in conn.execute(query):
        found[key].append(Going(*rest))
    return found


def jobs(conn: Connection, ids: Sequence[int]) -> dict[int, JobFacts]:
    """The jobs of these ids."""
    T = schema.task  # noqa: N806
    query = (
        select(*J.c["id", "kind", "state", "attempt", "run"], D.c.name, G.c.state.label("part"))
        .join(T, T.c.id == J.c.task_id)
        .join(D, D.c.id == T.c.dataset_id)
        .outerjoin(G, G.c.id == J.c.merge_group_id)
        .where(among(conn, J.c.id, ids))
    )
    return {
        row.id: JobFacts(
            row.id, row.kind, JobState(row.state), row.attempt, row.run, row.name,
            row.kind == JobKind.MERGE and row.part == GroupState.VOID,
        )
        for row in conn.execute(query)
    }  # fmt: skip


def debris(conn: Connection, endpoint: int, paths: Sequence[str]) -> Mapping[str, tuple[datetime, bool]]:
    """Which of these paths wait to be removed as debris, each with when that may be, and whether the storage
    was asked to, or says that it is gone."""
    query = select(*X.c["path", "due_at", "sent_at"]).where(
        X.c.endpoint_id == endpoint, among_text(conn, X.c.path, paths), X.c.spared_at.is_(None)
    )
    return {path: (due, sent is not None) for path, due, sent in conn.execute(query)}


# ------------------------------------------------------------------------------------- all of an endpoint
def written_since(conn: Connection, endpoint: int, since: datetime) -> set[str]:
    """Directories, each with its slash, where something was or is being copied to since then: reads every
    copy."""
    recent = or_(R.c.state == ReplicaState.COPYING, R.c.since >= since)
    query = select(schema.place()).join(F, F.c.id == R.c.file_id).where(R.c.endpoint_id == endpoint, recent)
    paths = conn.execute(query.execution_options(yield_per=20_000)).scalars()
    return {path[: path.rfind("/") + 1] for path in paths}


def withdrawn(conn: Connection, endpoints: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Places (endpoint id, path) of merged files that were replaced, and of outputs of withdrawn parts: where
    they had copies, and, by their names, at every one of these endpoints."""
    merged = and_(F.c.retired_at.is_not(None), F.c.part.is_not(None))
    had = select(R.c.endpoint_id, schema.place()).join(F, F.c.id == R.c.file_id)
    rows = conn.execute(had.where(merged, R.c.endpoint_id.in_(list(endpoints))))
    yield from ((endpoint, path) for endpoint, path in rows)
    for query in (select(schema.lfn()).where(merged), select(G.c.lfn).where(G.c.state == GroupState.VOID)):
        for lfn in conn.execute(query).scalars():
            yield from ((endpoint, lfn) for endpoint in endpoints)
