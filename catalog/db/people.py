"""What a person decides of held requests and jobs, and of replicas to bring back. All or nothing.

Every function locks what it changes, looks at all of it first, and raises before the first change if one
of the named things is not in a state that has the event. So a command that names ten things and is refused
for one has changed none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, literal, select

from catalog.db import recall_leases, schema, schema_recall
from catalog.db.engine import among, for_update
from catalog.db.given import either, given
from catalog.db.move import Why, move
from catalog.db.pins import READERS
from catalog.errors import IllegalTransition, NotRegistered
from catalog.states import (
    GROUP,
    ITEM,
    JOB,
    REPLICA,
    GroupState,
    ItemState,
    JobState,
    ReplicaState,
    RequestKind,
)

F, R, I, J, JI, G, L = (  # noqa: E741
    schema.file,
    schema.replica,
    schema.item,
    schema.job,
    schema.job_input,
    schema.group,
    schema_recall.lease,
)

WORDS: Mapping[RequestKind, str] = {
    RequestKind.STAGE: "recall",
    RequestKind.COPY: "copy",
    RequestKind.REMOVE: "removal",
    RequestKind.RELEASE: "release",
}
"""What a person calls an item of each kind."""


def all_known(what: str, wanted: Iterable[int], known: Iterable[int]) -> None:
    """Raises NotRegistered for the first id that the catalogue does not have."""
    missing = sorted(set(wanted) - set(known))
    if missing:
        raise NotRegistered(f"no such {what}; nothing was changed", subject=f"{what} {missing[0]}")


# ---------------------------------------------------------------------------------- items
@dataclass(frozen=True, slots=True)
class Resumed:
    """An item or job that is to be tried again, with what went wrong before."""

    id: int
    name: str
    code: str | None
    trouble: str | None


def held_items(conn: Connection, kind: RequestKind) -> list[int]:
    """Every held item of the kind."""
    query = select(I.c.id).where(I.c.state == ItemState.HELD, I.c.kind == kind).order_by(I.c.id)
    return [row[0] for row in conn.execute(query)]


def _held(conn: Connection, kind: RequestKind, ids: Sequence[int]) -> list[Any]:
    """The items, locked. Raises unless every one is a held item of the kind."""
    query = (
        select(
            *I.c["id", "kind", "state", "code", "reason", "replica_id"], schema.lfn(), F.c.id.label("file_id")
        )
        .join(R, R.c.id == I.c.replica_id)
        .join(F, F.c.id == R.c.file_id)
        .where(among(conn, I.c.id, ids))
        .order_by(I.c.id)
    )
    rows = list(conn.execute(for_update(conn, query, I)))
    word = WORDS[kind]
    all_known(word, ids, (row.id for row in rows if row.kind == kind))
    for row in rows:
        if row.state != ItemState.HELD:
            raise IllegalTransition(
                f"{word} {row.id} is {row.state}, not HELD; nothing was changed", subject=row.lfn
            )
    return rows


def resume_items(conn: Connection, kind: RequestKind, ids: Sequence[int], why: Why) -> list[Resumed]:
    """Try held items again at once, with all their attempts. Raises NotRegistered or IllegalTransition."""
    rows = _held(conn, kind, ids)
    move(conn, ITEM, ids, "resumed", why, attempts=0, tries=0, next_try_at=why.at)
    return [Resumed(row.id, row.lfn, row.code, row.reason) for row in rows]


def give_up_recalls(conn: Connection, ids: Sequence[int], why: Why) -> list[Resumed]:
    """Give held recalls up; campaigns that want the files get a gap instead, with this reason.

    Raises IllegalTransition if a job still wants one: it would be asked for anew.
    """
    rows = _held(conn, RequestKind.STAGE, ids)
    wanted = (
        select(JI.c.file_id, J.c.id)
        .join(J, J.c.id == JI.c.job_id)
        .where(among(conn, JI.c.file_id, [row.file_id for row in rows]), J.c.state.in_(READERS))
    )
    readers = {row[0]: row[1] for row in conn.execute(wanted)}
    for row in rows:
        if row.file_id in readers:
            raise IllegalTransition(
                f"job {readers[row.file_id]} still wants the file, so it would be recalled again; "
                "register the chunk with 'ddm gap add', or cancel the job",
                subject=row.lfn,
            )
    move(conn, ITEM, ids, "given_up", why)
    recall_leases.miss(conn, [row.replica_id for row in rows], why)
    return [Resumed(row.id, row.lfn, row.code, row.reason) for row in rows]


def drop_recalls(conn: Connection, files: Sequence[int], why: Why) -> int:
    """Recalls of files that nobody wants any more: the queued ones are canceled, the held ones given up.

    One that the service has already stays: the file comes, nobody reads it, and it is released.
    """
    found: dict[str, list[int]] = {}
    for item, state in conn.execute(_UNWANTED_OF, {"files": files}):
        found.setdefault(state, []).append(item)
    canceled = move(conn, ITEM, found.get(ItemState.QUEUED, []), "canceled", why)
    return len(canceled) + len(move(conn, ITEM, found.get(ItemState.HELD, []), "given_up", why))


_WANTED = (
    select(literal(1))
    .select_from(JI)
    .join(J, J.c.id == JI.c.job_id)
    .where(JI.c.file_id == R.c.file_id, either(J.c.state, READERS))
)
_LEASED = select(literal(1)).where(L.c.replica_id == R.c.id, either(L.c.state, recall_leases.LIVE))
_UNWANTED_OF = (
    select(I.c.id, I.c.state)
    .join(R, R.c.id == I.c.replica_id)
    .where(
        I.c.kind == RequestKind.STAGE,
        either(I.c.state, (ItemState.QUEUED, ItemState.HELD)),
        R.c.file_id.in_(given("files")),
        ~exists(_WANTED),
        ~exists(_LEASED),
    )
    .with_for_update(of=I)
)


# ----------------------------------------------------------------------------------- jobs
@dataclass(frozen=True, slots=True)
class Canceled:
    """A canceled job. ``native`` is the runner's id if the runner has it and is to be told."""

    id: int
    task_id: int
    run: int
    chunk: str
    was: str
    label: str | None
    native: str | None


def job_name(run: int, chunk: str) -> str:
    """What a person calls a job."""
    return f"run {run} chunk {chunk}" if chunk else f"run {run} merge"


def held_jobs(conn: Connection) -> list[int]:
    """Every held job."""
    return [row[0] for row in conn.execute(select(J.c.id).where(J.c.state == JobState.HELD).order_by(J.c.id))]


def _jobs(conn: Connection, ids: Sequence[int]) -> list[Any]:
    """The jobs, locked. Raises NotRegistered unless all are known."""
    query = select(J).where(among(conn, J.c.id, ids)).order_by(J.c.id)
    rows = list(conn.execute(for_update(conn, query, J)))
    all_known("job", ids, (row.id for row in rows))
    return rows


def resume_jobs(conn: Connection, ids: Sequence[int], why: Why) -> list[Resumed]:
    """Run held jobs again: each gets one more attempt before it is held again. A merge's group goes along.

    Raises NotRegistered or IllegalTransition.
    """
    rows = _jobs(conn, ids)
    groups = [row.merge_group_id for row in rows if row.merge_group_id is not None]
    states = dict(_pairs(conn, select(G.c.id, G.c.state).where(among(conn, G.c.id, groups))))
    for row in rows:
        if row.state != JobState.HELD:
            text = f"job {row.id} is {row.state}, not HELD; nothing was changed"
            raise IllegalTransition(text, subject=job_name(row.run, row.chunk))
        state = states.get(row.merge_group_id, GroupState.HELD)
        if state not in (GroupState.HELD, GroupState.MERGING):
            text = f"its merge group {row.merge_group_id} is {state}; nothing was changed"
            raise IllegalTransition(text, subject=f"job {row.id}")
    move(conn, JOB, ids, "resumed", why, next_try_at=why.at)
    held = [group for group in groups if states[group] == GroupState.HELD]
    move(conn, GROUP, held, "merge_again", why, reason=None)
    return [Resumed(row.id, job_name(row.run, row.chunk), row.code, row.reason) for row in rows]


def _pairs(conn: Connection, query: Select[Any]) -> list[tuple[int, str]]:
    return [(row[0], row[1]) for row in conn.execute(query)]


CANCELABLE = (JobState.WAITING, JobState.READY, JobState.RUNNING, JobState.HELD)


def cancel_jobs(conn: Connection, ids: Sequence[int], why: Why) -> list[Canceled]:
    """Cancel jobs that are not over; a canceled merge's group is HELD, and recalls nobody wants are dropped.

    Raises NotRegistered, or IllegalTransition if one is over or just being submitted or taken in.
    """
    rows = _jobs(conn, ids)
    for row in rows:
        if row.state not in CANCELABLE:
            later = "; try again in a minute" if row.state in (JobState.SUBMITTING, JobState.ENDED) else ""
            raise IllegalTransition(
                f"job {row.id} is {row.state} and cannot be canceled{later}; nothing was changed",
                subject=job_name(row.run, row.chunk),
            )
    move(conn, JOB, ids, "canceled", why)
    groups = [row.merge_group_id for row in rows if row.merge_group_id is not None]
    text = f"its merge job was canceled: {why.reason}"
    move(conn, GROUP, groups, "job_held", why.because(text), reason=text)
    inputs = select(JI.c.file_id).where(among(conn, JI.c.job_id, ids)).distinct()
    drop_recalls(conn, [row[0] for row in conn.execute(inputs)], why)
    return [
        Canceled(
            row.id, row.task_id, row.run, row.chunk, row.state, row.label,
            (row.native or "") if row.state == JobState.RUNNING else None,
        )
        for row in rows
    ]  # fmt: skip


# ------------------------------------------------------------------------------- replicas
@dataclass(frozen=True, slots=True)
class MovedReplica:
    """A replica that a person moved, and the state it was in."""

    replica_id: int
    lfn: str
    was: str
    state: str


def replicas_in(conn: Connection, files: Sequence[int], states: Sequence[ReplicaState]) -> list[Any]:
    """The replicas of the files in these states, locked. Raises IllegalTransition for a file without one."""
    query = (
        select(*R.c["id", "file_id", "state"], schema.lfn())
        .join(F, F.c.id == R.c.file_id)
        .where(among(conn, R.c.file_id, files), R.c.state.in_(states))
        .order_by(R.c.id)
    )
    rows = list(conn.execute(for_update(conn, query, R)))
    lacking = sorted(set(files) - {row.file_id for row in rows})
    if lacking:
        lfn = conn.execute(select(schema.lfn()).where(F.c.id == lacking[0])).scalar_one()
        raise IllegalTransition(
            f"has no copy that is {' or '.join(states)}; nothing was changed", subject=lfn
        )
    return rows


def restore(conn: Connection, files: Sequence[int], why: Why) -> list[MovedReplica]:
    """Bring back trashed replicas: they are compared again before anyone reads them.

    Their certificates no longer speak for them; a new withdrawal needs a new one. Raises IllegalTransition.
    """
    rows = replicas_in(conn, files, (ReplicaState.TRASHED,))
    ids = [row.id for row in rows]
    certified = schema.certified
    conn.execute(delete(certified).where(among(conn, certified.c.replica_id, ids)))
    query = select(I.c.id).where(I.c.kind == RequestKind.REMOVE, among(conn, I.c.replica_id, ids))
    queued, held = (
        [row[0] for row in conn.execute(for_update(conn, query.where(I.c.state == state), I))]
        for state in (ItemState.QUEUED, ItemState.HELD)
    )
    move(conn, ITEM, queued, "canceled", why)
    move(conn, ITEM, held, "given_up", why)
    move(conn, REPLICA, ids, "restored", why, next_try_at=why.at, tries=0)
    return [MovedReplica(row.id, row.lfn, row.state, ReplicaState.UNVERIFIED) for row in rows]


def compare_again(conn: Connection, files: Sequence[int], why: Why) -> list[MovedReplica]:
    """Have replicas compared anew: AVAILABLE ones are doubted, LOST ones looked for.

    Until the storage has answered nobody reads them. Raises IllegalTransition.
    """
    rows = replicas_in(conn, files, (ReplicaState.AVAILABLE, ReplicaState.LOST))
    events = {ReplicaState.AVAILABLE: "doubted", ReplicaState.LOST: "found"}
    moved = []
    for state, event in events.items():
        mine = [row for row in rows if row.state == state]
        move(conn, REPLICA, [row.id for row in mine], event, why, next_try_at=why.at, tries=0)
        after = REPLICA.next(state, event)
        moved += [MovedReplica(row.id, row.lfn, row.state, after) for row in mine]
    return moved
