"""What attempts of jobs that are over may have left behind: their labels, and the debris that was seen.

An attempt that came to nothing is part of no product. Its rows stay (the job, its history with every reason);
only bytes may go, each from the very path that its papers promised, if no entry of the catalogue is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, select, true, update

from catalog.db import directories, schema, schema_debris
from catalog.db.engine import among, among_text, insert_many, new_ids, unindexed
from catalog.db.move import Why, note
from catalog.model import OpenJob
from catalog.prefixes import Prefixes
from catalog.states import JobState, ReplicaState

J, JI, G, R, F, E = (
    schema.job,
    schema.job_input,
    schema.group,
    schema.replica,
    schema.file,
    schema.endpoint,
)
X = schema_debris.debris
OVER = (JobState.DONE, JobState.CANCELED)


def label_of(job: int, attempt: int) -> str:
    """The label of an attempt, as ``catalog.db.jobs.LABEL`` makes it."""
    return f"j{job}a{attempt}"


_AT = re.compile("/(j[0-9]{1,18}a[0-9]{1,9})/[^/]+$")


def attempt_at(path: str) -> tuple[int, int] | None:
    """The job and the attempt whose directory a path is in (docs/decisions/0002).

    >>> attempt_at("/eos/P08/mDST.chunks/j12a2/x.root"), attempt_at("/eos/x.root")
    ((12, 2), None)
    """
    found = _AT.search(path)
    if found is None:
        return None
    job, _, attempt = found[1].removeprefix("j").partition("a")
    return int(job), int(attempt)


def over(
    conn: Connection,
    task: int,
    before: datetime,
    *,
    after: int = 0,
    limit: int,
    vain: bool = False,
    jobs: Sequence[int] | None = None,
) -> list[OpenJob]:
    """Jobs of the task that were over by then and had an attempt, by id, those ``after`` an id.

    ``vain``: only those with an attempt that came to nothing: all that a single good one wrote is registered.
    ``jobs``: only these.
    ``attempt`` is the last one; ``label`` is empty, ``product`` only that of a merge.
    """
    good = and_(J.c.state == JobState.DONE, J.c.attempt == 1)
    query = (
        select(
            *J.c["id", "task_id", "kind", "run", "chunk", "attempt", "native", "state", "merge_group_id"],
            *G.c["product", "part", "lfn"],
        )
        .outerjoin(G, G.c.id == J.c.merge_group_id)
        .where(J.c.task_id == task, J.c.state.in_(OVER), J.c.attempt > 0, J.c.since <= before, J.c.id > after)
        .order_by(J.c.id)
        .limit(limit)
    )
    query = query.where(~good) if vain else query
    query = query if jobs is None else query.where(among(conn, J.c.id, jobs))
    return [
        OpenJob(
            id=key,
            task_id=its,
            kind=kind,
            run=run,
            chunk=chunk,
            attempt=attempt,
            label="",
            native=native or "",
            state=state,
            group_id=group,
            product=product or "",
            part=part or 0,
            lfn=lfn or "",
        )
        for key, its, kind, run, chunk, attempt, native, state, group, product, part, lfn in conn.execute(
            query
        ).all()
    ]


class Place(NamedTuple):
    """An endpoint (its id) and a path there."""

    endpoint: int
    path: str


def known(
    conn: Connection,
    places: Sequence[Place],
    endpoints: Mapping[str, int],
    prefixes: Prefixes,
    *,
    live: bool = False,
) -> set[Place]:
    """Which of these places an entry of the catalogue has, or ever had, by whatever endpoint's name: also
    removed ones and retired ones. Whatever its file, it is not debris. ``live``: only those it has now.

    ``endpoints``: their ids by name. A place at an endpoint without a name counts as known.
    """
    names = {key: name for name, key in endpoints.items()}
    called: dict[Place, Place] = {}
    for place in places:
        called[place] = place
        for other, path in prefixes.names(names.get(place.endpoint, ""), place.path):
            if other in endpoints:
                called[Place(endpoints[other], path)] = place
    found = {place for place in places if place.endpoint not in names}
    return found | {
        called[entry] for entry in _entries_at(conn, sorted({p.path for p in called}), live) & called.keys()
    }


def _entries_at(conn: Connection, paths: Sequence[str], live: bool) -> set[Place]:
    """Where entries are, or were, at one of these paths."""
    if not paths:
        return set()
    some = unindexed(R.c.state) != ReplicaState.DELETED if live else true()
    told = select(R.c.endpoint_id, R.c.path).where(among_text(conn, R.c.path, paths), some)
    found = {Place(*row) for row in conn.execute(told).all()}
    heads = directories.known(conn, {directories.split(path)[0] for path in paths})
    named = directories.wanted(conn, paths, heads)
    for retired in (F.c.retired_at.is_(None), F.c.retired_at.is_not(None)):
        same = and_(F.c.name == named.c.name, F.c.directory_id == named.c.directory_id, retired)
        plain = (
            select(R.c.endpoint_id, schema.lfn())
            .select_from(named)
            .join(F, same)
            .join(R, and_(R.c.file_id == F.c.id, R.c.path.is_(None), some))
        )
        found |= {Place(*row) for row in conn.execute(plain).all()}
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that an attempt left: where, and of how many bytes (None: not told)."""

    job: int
    attempt: int
    endpoint: int
    path: str
    size: int | None


def note_debris(conn: Connection, seen: Sequence[Seen], due_at: datetime, why: Why) -> list[int]:
    """Write down what was seen, to be removed at ``due_at`` or later; what is known already is left out."""
    query = select(X.c.endpoint_id, X.c.path).where(
        among_text(conn, X.c.path, [entry.path for entry in seen])
    )
    have = {(row[0], row[1]) for row in conn.execute(query)}
    fresh = {(entry.endpoint, entry.path): entry for entry in seen}
    new = [entry for place, entry in fresh.items() if place not in have]
    ids = list(new_ids(conn, X, len(new))) if new else []
    rows = [
        {
            "id": key,
            "job_id": entry.job,
            "attempt": entry.attempt,
            "endpoint_id": entry.endpoint,
            "path": entry.path,
            "size": entry.size,
            "found_at": why.at,
            "found_by": why.actor,
            "due_at": due_at,
        }
        for key, entry in zip(ids, new, strict=True)
    ]
    insert_many(conn, X, rows)
    return ids


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a signed plan of repair names: where, and with which size and adler32 (None: not told)."""

    endpoint: int
    path: str
    size: int
    adler32: int | None


def note_named(conn: Connection, repair: int, named: Sequence[Named], due_at: datetime, why: Why) -> None:
    """Write down what a person signed for, to be removed at ``due_at`` or later. Repeat freely.

    What waits already is left as it is; what went before, or was spared, is written down anew.
    """
    query = select(*X.c["id", "endpoint_id", "path", "gone_at", "spared_at"])
    query = query.where(among_text(conn, X.c.path, [entry.path for entry in named]))
    have = {(row[1], row[2]): row for row in conn.execute(query)}
    fresh, again = [], []
    for entry in {(one.endpoint, one.path): one for one in named}.values():
        row = have.get((entry.endpoint, entry.path))
        values = {
            "job_id": None, "attempt": None, "endpoint_id": entry.endpoint, "path": entry.path,
            "size": entry.size, "adler32": entry.adler32, "repair_id": repair,
            "found_at": why.at, "found_by": why.actor, "due_at": due_at,
        }  # fmt: skip
        if row is None:
            fresh.append(values)
        elif row.gone_at is not None or row.spared_at is not None:
            again.append({f"new_{name}": value for name, value in values.items()} | {"key": row.id})
    ids = new_ids(conn, X, len(fresh)) if fresh else ()
    insert_many(conn, X, [{"id": key, **values} for key, values in zip(ids, fresh, strict=True)])
    if again:
        new: dict[str, Any] = {n.removeprefix("new_"): bindparam(n) for n in again[0] if n != "key"}
        over: dict[str, Any] = {"sent_at": None, "gone_at": None, "spared_at": None, "reason": ""}
        conn.execute(update(X).where(X.c.id == bindparam("key")).values(**new, **over), again)
        text = f"{len(again)} places that were removed or spared before are to be removed again"
        note(conn, "repair", [repair], "debris_again", why.because(text))


def spare_named(conn: Connection, repair: int, why: Why) -> int:
    """What this plan noted is not removed, as far as it was not sent yet. Returns how many files."""
    mine = [X.c.repair_id == repair, X.c.sent_at.is_(None), X.c.spared_at.is_(None)]
    values = {"spared_at": why.at, "reason": why.reason[:500]}
    return int(conn.execute(update(X).where(*mine).values(**values)).rowcount)


@dataclass(frozen=True, slots=True)
class Debris:
    """A file that an attempt left, or that a plan of repair names (then without job, and so on), and what
    became of it."""

    id: int
    job: int | None
    task: int | None
    run: int | None
    attempt: int | None
    endpoint: str
    path: str
    size: int | None
    found_at: datetime
    due_at: datetime
    sent_at: datetime | None
    gone_at: datetime | None
    spared_at: datetime | None
    reason: str
    adler32: int | None = None
    repair: int | None = None


def debris(
    conn: Connection,
    *,
    task: int | None = None,
    due: datetime | None = None,
    waiting: bool = False,
    ids: Sequence[int] | None = None,
    limit: int | None = None,
) -> list[Debris]:
    """Debris in the order it is due; of a task, due by then; ``waiting``: neither gone nor spared."""
    query = (
        select(
            X.c.id, X.c.job_id, *J.c["task_id", "run"], X.c.attempt, E.c.name,
            *X.c["path", "size", "found_at", "due_at", "sent_at", "gone_at", "spared_at", "reason",
                "adler32", "repair_id"],
        )
        .outerjoin(J, J.c.id == X.c.job_id)
        .join(E, E.c.id == X.c.endpoint_id)
        .order_by(X.c.due_at, X.c.id)
        .limit(limit)
    )  # fmt: skip
    if task is not None:
        query = query.where(J.c.task_id == task)
    if due is not None or waiting:
        query = query.where(X.c.gone_at.is_(None), X.c.spared_at.is_(None))
    if due is not None:
        query = query.where(X.c.due_at <= due)
    if ids is not None:
        query = query.where(among(conn, X.c.id, ids))
    return [Debris(*tuple(row)) for row in conn.execute(query).all()]


def raw_of(conn: Connection, jobs: Sequence[int]) -> dict[int, list[int]]:
    """The inputs of these jobs (ids of files): who keeps one keeps what attempts made of it."""
    found: dict[int, list[int]] = {}
    query = select(*JI.c["job_id", "file_id"]).where(among(conn, JI.c.job_id, jobs))
    for job, file in conn.execute(query).all():
        found.setdefault(job, []).append(file)
    return found


def unfinished(conn: Connection, jobs: Sequence[int]) -> set[int]:
    """Which of these jobs are not over: they were resumed, or process their chunk again."""
    query = select(J.c.id).where(among(conn, J.c.id, jobs), J.c.state.notin_(OVER))
    return {row[0] for row in conn.execute(query)}


def spare(conn: Connection, reasons: dict[int, str], why: Why) -> None:
    """These are not removed after all, each for its reason."""
    _set(conn, reasons, {"spared_at": why.at})


def postpone(conn: Connection, reasons: dict[int, str], until: datetime) -> None:
    """These are not removed now, each for its reason; ask again then."""
    _set(conn, reasons, {"due_at": until})


def _set(conn: Connection, reasons: dict[int, str], values: dict[str, Any]) -> None:
    if reasons:
        statement = update(X).where(X.c.id == bindparam("key")).values(reason=bindparam("why"), **values)
        conn.execute(statement, [{"key": key, "why": text[:500]} for key, text in reasons.items()])


def sent(conn: Connection, ids: Sequence[int], why: Why) -> None:
    """The storage is about to be asked to remove these. Commit before the call."""
    if ids:
        conn.execute(update(X).where(among(conn, X.c.id, ids)).values(sent_at=why.at, reason=""))


def gone(conn: Connection, ids: Sequence[int], why: Why) -> None:
    """The storage says that these are not there."""
    if ids:
        conn.execute(update(X).where(among(conn, X.c.id, ids)).values(gone_at=why.at))


def amounts(conn: Connection, task: int) -> tuple[int, int]:
    """Files of debris of a task that wait to be removed, and their bytes as far as known."""
    query = (
        select(func.count(), func.coalesce(func.sum(X.c.size), 0))
        .select_from(X)
        .join(J, J.c.id == X.c.job_id)
        .where(J.c.task_id == task, X.c.gone_at.is_(None), X.c.spared_at.is_(None))
    )
    number, size = conn.execute(query).one()
    return int(number), int(size)
