"""Merge groups and cross-checks: which runs may be merged, checked, archived; which inputs may go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, and_, case, delete, exists, func, literal, or_, select, update

from catalog.db import schema
from catalog.db.engine import among, among_text, for_update, ids_of, insert_many, new_ids, unindexed
from catalog.db.move import Why, born, move
from catalog.states import (
    CHECK,
    GROUP,
    CheckState,
    DatasetState,
    EndpointKind,
    GroupState,
    JobKind,
    JobState,
    ReplicaState,
    Role,
    Witness,
)

F, R, E, G, M, J = (
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.group,
    schema.member,
    schema.job,
)


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A part to merge: its frozen output name and its members in order."""

    run: int
    product: str
    part: int
    lfn: str
    size: int
    plan: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """A per-chunk file that may become a member."""

    file_id: int
    lfn: str
    run: int
    chunk: str
    size: int


def finished_runs(conn: Connection, task: int, dataset: int) -> dict[str, list[int]]:
    """Question of hop 6, *mergeable*: runs of which every chunk is processed or a registered gap.

    The dataset must be closed: a run whose definition may still grow is not finished. Under "" all finished
    runs, under a product's name those of them that have a live group of it, so are planned already.
    """
    closed = select(schema.dataset.c.id).where(
        schema.dataset.c.id == dataset, schema.dataset.c.state == DatasetState.CLOSED
    )
    if conn.execute(closed).first() is None:
        return {}
    done = func.sum(case((J.c.state == JobState.DONE, 1), else_=0))
    over = func.sum(case((J.c.state.in_(JOB_OVER), 1), else_=0))
    candidates = (
        select(J.c.run, done)
        .where(J.c.task_id == task, J.c.kind == JobKind.PROCESS)
        .group_by(J.c.run)
        .having(func.count() == over)
    )
    found = {run: int(n) for run, n in conn.execute(candidates) if n}
    if not found:
        return {}
    planned = select(G.c.product, G.c.run).where(G.c.task_id == task, G.c.state != GroupState.VOID)
    answer: dict[str, list[int]] = {}
    for product, run in conn.execute(planned.distinct()):
        answer.setdefault(product, []).append(run)
    expected = (
        select(F.c.run, func.count())
        .where(F.c.dataset_id == dataset, F.c.role == Role.RAW, F.c.retired_at.is_(None))
        .group_by(F.c.run)
    )
    gaps = gaps_by_run(conn, task)
    answer[""] = [
        run
        for run, chunks in conn.execute(expected).all()
        if run in found and chunks == found[run] + len(gaps.get(run, ()))
    ]
    return answer


JOB_OVER = (JobState.DONE, JobState.CANCELED)


def gaps_by_run(conn: Connection, task: int) -> dict[int, list[str]]:
    """Chunks in the gap register, by run."""
    gap = schema.gap
    query = select(F.c.run, F.c.chunk).join(gap, gap.c.file_id == F.c.id).where(gap.c.task_id == task)
    found: dict[int, list[str]] = {}
    for run, chunk in conn.execute(query).all():
        found.setdefault(run, []).append(chunk)
    return found


def raw_chunks(conn: Connection, dataset: int, run: int) -> set[str]:
    """Every chunk of the run, as registered."""
    return raw_chunks_by_run(conn, dataset, [run]).get(run, set())


def raw_chunks_by_run(conn: Connection, dataset: int, runs: Sequence[int]) -> dict[int, set[str]]:
    """Every chunk of these runs, as registered."""
    query = select(F.c.run, F.c.chunk).where(
        F.c.dataset_id == dataset,
        among(conn, F.c.run, runs),
        F.c.role == Role.RAW,
        F.c.retired_at.is_(None),
    )
    found: dict[int, set[str]] = {}
    for run, chunk in conn.execute(query).all():
        found.setdefault(run, set()).add(chunk)
    return found


def inputs(conn: Connection, dataset: int, runs: Sequence[int]) -> list[Input]:
    """The per-chunk files of these runs in a dataset of intermediates."""
    query = select(F.c.id, schema.lfn(), *F.c["run", "chunk", "size"]).where(
        F.c.dataset_id == dataset,
        F.c.run.in_(runs),
        F.c.role == Role.INTERMEDIATE,
        F.c.retired_at.is_(None),
    )
    return [Input(row.id, row.lfn, row.run, row.chunk, row.size) for row in conn.execute(query).all()]


def add_groups(conn: Connection, task: int, groups: Sequence[NewGroup], why: Why) -> list[int]:
    """Store planned groups with their members; from now on these never change (invariant 6)."""
    ids = new_ids(conn, G, len(groups)) if groups else []
    insert_many(
        conn,
        G,
        [
            {
                "id": key,
                "task_id": task,
                "run": group.run,
                "product": group.product,
                "part": group.part,
                "state": GroupState.PLANNED.value,
                "since": why.at,
                "plan": group.plan,
                "lfn": group.lfn,
                "expected_size": group.size,
            }
            for key, group in zip(ids, groups, strict=True)
        ],
    )
    insert_many(
        conn,
        M,
        [
            {"group_id": key, "position": position, "file_id": file, "live": True}
            for key, group in zip(ids, groups, strict=True)
            for position, file in enumerate(group.members)
        ],
    )
    born(conn, GROUP, ids, GroupState.PLANNED, why)
    return list(ids)


def members(conn: Connection, groups: Sequence[int]) -> dict[int, list[int]]:
    """File ids of the members of the groups, in order."""
    query = (
        select(M.c.group_id, M.c.file_id)
        .where(among(conn, M.c.group_id, groups))
        .order_by(M.c.group_id, M.c.position)
    )
    found: dict[int, list[int]] = {}
    for group, file in conn.execute(query).all():
        found.setdefault(group, []).append(file)
    return found


def void(conn: Connection, ids: Sequence[int], why: Why) -> list[int]:
    """Withdraw groups: their members are free for another plan."""
    moved = move(conn, GROUP, ids, "voided", why)
    if moved:
        conn.execute(update(M).where(among(conn, M.c.group_id, moved)).values(live=False))
    return moved


def output_registered(conn: Connection, outputs: Sequence[tuple[int, int]], why: Why) -> None:
    """The merged file of each (group, file) is registered."""
    from sqlalchemy import bindparam

    if outputs:
        statement = update(G).where(G.c.id == bindparam("g")).values(output_id=bindparam("f"))
        conn.execute(statement, [{"g": group, "f": file} for group, file in outputs])
        move(conn, GROUP, [group for group, _ in outputs], "output_registered", why)


# --------------------------------------------------------------------------- cross-check
@dataclass(frozen=True, slots=True)
class Checkable:
    """A (task, run, product) whose every part is merged and compared: its groups as (id, part, state)."""

    task_id: int
    run: int
    product: str
    groups: tuple[tuple[int, int, str], ...]


def checkable(conn: Connection, limit: int) -> list[Checkable]:
    """Question of hop 7: every live group of the run and product is merged, and every output compared."""
    merged = (
        select(*G.c["task_id", "run", "product"])
        .where(G.c.state == GroupState.MERGED)
        .distinct()
        .order_by(G.c.task_id, G.c.run, G.c.product)
        .limit(limit)
        .subquery()
    )
    available = (
        select(literal(1))
        .select_from(R)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(R.c.file_id == G.c.output_id, R.c.state == ReplicaState.AVAILABLE, schema.on_reachable_disk())
    )
    query = (
        select(*G.c["id", "task_id", "run", "product", "part", "state"], exists(available).label("compared"))
        .join(
            merged,
            and_(
                merged.c.task_id == G.c.task_id,
                merged.c.run == G.c.run,
                merged.c.product == G.c.product,
            ),
        )
        .where(G.c.state != GroupState.VOID)
        .order_by(G.c.task_id, G.c.run, G.c.product, G.c.part)
    )
    found: dict[tuple[int, int, str], list[tuple[int, int, str]]] = {}
    ready: dict[tuple[int, int, str], bool] = {}
    past = (GroupState.CHECKED, GroupState.ARCHIVED, GroupState.CLEANED)
    for row in conn.execute(query).all():
        key = (row.task_id, row.run, row.product)
        found.setdefault(key, []).append((row.id, row.part, row.state))
        fit = row.state in past or (row.state == GroupState.MERGED and row.compared)
        ready[key] = ready.get(key, True) and fit
    return [Checkable(*key, tuple(groups)) for key, groups in found.items() if ready[key]]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What every witness says of one member: None where a witness was not heard."""

    group_id: int
    chunk: str
    raw_catalogue: int | None
    raw_read: int | None
    job: int | None
    read: int | None


def witnessed(conn: Connection, groups: Sequence[int]) -> dict[int, list[Witnessed]]:
    """The members of the groups with every count known of them and of the raw file they come from."""
    parent = schema.parent
    counts = schema.event_count
    raw_said, raw_read = counts.alias("raw_said"), counts.alias("raw_read")
    job, read = counts.alias("job_said"), counts.alias("read_back")
    query = (
        select(
            M.c.group_id,
            F.c.chunk,
            raw_said.c.n_events.label("raw_said"),
            raw_read.c.n_events.label("raw_read"),
            job.c.n_events.label("job"),
            read.c.n_events.label("read"),
        )
        .join(F, F.c.id == M.c.file_id)
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
        .where(among(conn, M.c.group_id, groups))
        .order_by(M.c.group_id, M.c.position)
    )
    found: dict[int, list[Witnessed]] = {}
    for row in conn.execute(query).all():
        found.setdefault(row.group_id, []).append(
            Witnessed(row.group_id, row.chunk, row.raw_said, row.raw_read, row.job, row.read)
        )
    return found


@dataclass(frozen=True, slots=True)
class OutputSeen:
    """The merged file of a group: what was promised and what witnesses say."""

    group_id: int
    job: int | None = None
    read: int | None = None


def outputs_seen(conn: Connection, groups: Sequence[int]) -> dict[int, OutputSeen]:
    """What the merge job and the reader say of the output of each group."""
    counts = schema.event_count
    job, read = counts.alias("job_said"), counts.alias("read_back")
    query = (
        select(G.c.id, job.c.n_events.label("job"), read.c.n_events.label("read"))
        .outerjoin(job, and_(job.c.file_id == G.c.output_id, job.c.witness == Witness.JOB))
        .outerjoin(read, and_(read.c.file_id == G.c.output_id, read.c.witness == Witness.READ))
        .where(among(conn, G.c.id, groups))
    )
    return {row.id: OutputSeen(row.id, row.job, row.read) for row in conn.execute(query).all()}


CheckKey = tuple[int, int, str]
"""Task id, run and product."""


def ensure_checks(conn: Connection, keys: Sequence[CheckKey], why: Why) -> dict[CheckKey, int]:
    """The ids of the cross-checks; new ones are PENDING."""
    table = schema.check
    query = select(*table.c["task_id", "run", "product", "id"]).where(
        among(conn, table.c.task_id, list({task for task, _, _ in keys})),
        among(conn, table.c.run, list({run for _, run, _ in keys})),
    )
    known = {(task, run, product): key for task, run, product, key in conn.execute(query).all()}
    new = [key for key in keys if key not in known]
    ids = new_ids(conn, table, len(new)) if new else []
    shared = {"state": CheckState.PENDING.value, "since": why.at}
    rows = [
        {"id": key, "task_id": task, "run": run, "product": product, **shared}
        for key, (task, run, product) in zip(ids, new, strict=True)
    ]
    insert_many(conn, table, rows)
    born(conn, CHECK, ids, CheckState.PENDING, why)
    return known | dict(zip(new, ids, strict=True))


def say_verdict(conn: Connection, checks: Sequence[int], verdict: str) -> None:
    """Store what cross-checks found, in words."""
    if checks:
        here = among(conn, schema.check.c.id, checks)
        conn.execute(update(schema.check).where(here).values(verdict=verdict[:4000]))


# ------------------------------------------------------------------------------- archive
@dataclass(frozen=True, slots=True)
class Archivable:
    """A checked group whose output has no live replica on tape yet."""

    group_id: int
    product: str
    task_id: int
    run: int
    file_id: int
    lfn: str
    source_id: int  # the replica on disk


def archivable(conn: Connection, limit: int) -> list[Archivable]:
    """Question of hop 8: CHECKED groups of passed or waived cross-checks, without a live tape replica."""
    check = schema.check
    tape, store = R.alias("tape"), E.alias("store")
    on_tape = (
        select(literal(1))
        .select_from(tape)
        .join(store, store.c.id == tape.c.endpoint_id)
        .where(
            tape.c.file_id == G.c.output_id,
            store.c.kind == EndpointKind.TAPE,
            tape.c.state != ReplicaState.DELETED,
        )
    )
    columns = G.c["id", "product", "task_id", "run", "output_id", "lfn"]
    query = (
        select(*columns, func.min(R.c.id).label("source"))  # one of several copies
        .join(
            check,
            and_(check.c.task_id == G.c.task_id, check.c.run == G.c.run, check.c.product == G.c.product),
        )
        .join(R, and_(R.c.file_id == G.c.output_id, R.c.state == ReplicaState.AVAILABLE))
        .join(E, and_(E.c.id == R.c.endpoint_id, schema.on_reachable_disk()))
        .where(
            G.c.state == GroupState.CHECKED,
            check.c.state.in_((CheckState.PASSED, CheckState.WAIVED)),
            ~exists(on_tape),
        )
        .group_by(*columns, G.c.part)
        .order_by(G.c.run, G.c.product, G.c.part)
        .limit(limit)
    )
    return [Archivable(*tuple(row)) for row in conn.execute(query).all()]


def archived(conn: Connection, limit: int) -> list[int]:
    """CHECKED groups whose output is now AVAILABLE on tape."""
    query = (
        select(G.c.id)
        .join(R, R.c.file_id == G.c.output_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(
            G.c.state == GroupState.CHECKED,
            unindexed(R.c.state) == ReplicaState.AVAILABLE,
            E.c.kind == EndpointKind.TAPE,
        )
        .limit(limit)
    )
    return ids_of(conn, query)


def unarchived(conn: Connection, limit: int) -> list[int]:
    """ARCHIVED groups whose output is no longer AVAILABLE on tape: nothing more of theirs may go."""
    safe = (
        select(literal(1))
        .select_from(R)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(
            R.c.file_id == G.c.output_id,
            R.c.state == ReplicaState.AVAILABLE,
            E.c.kind == EndpointKind.TAPE,
        )
    )
    query = select(G.c.id).where(G.c.state == GroupState.ARCHIVED, ~exists(safe)).limit(limit)
    return ids_of(conn, query)


def cleaned(conn: Connection, limit: int) -> list[int]:
    """ARCHIVED groups none of whose inputs has a replica left."""
    left = (
        select(literal(1))
        .select_from(M)
        .join(R, R.c.file_id == M.c.file_id)
        .where(M.c.group_id == G.c.id, R.c.state != ReplicaState.DELETED)
    )
    query = select(G.c.id).where(G.c.state == GroupState.ARCHIVED, ~exists(left)).limit(limit)
    return ids_of(conn, query)


# ------------------------------------------------------------------------------- release
@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for letting the inputs of a group go; sealed into the certificate."""

    group_id: int
    product: str
    run: int
    part: int
    state: str
    check: str
    lfn: str
    size: int
    adler32: int
    tape_state: str
    tape_path: str
    tape_verified_at: str
    tape_verified_how: str
    plan: str
    siblings: int  # other merges of the run that are not archived


@dataclass(frozen=True, slots=True)
class Withdrawable:
    """An input's replica, with what speaks against letting it go."""

    replica_id: int
    file_id: int
    lfn: str
    role: str
    state: str
    size: int
    adler32: int
    readers: int  # jobs that still want it
    other_uses: int  # live groups not archived that hold it
    endpoint_kind: str


@dataclass(frozen=True, slots=True)
class Release:
    """Everything that retention must know of one group, read in the deciding transaction."""

    evidence: Evidence
    inputs: tuple[Withdrawable, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Certificate:
    """A delete certificate as ``catalog.retention`` seals it, and the replicas it lets go."""

    seal: str
    body: str
    replicas: tuple[int, ...]


def trashable(conn: Connection, product: str | Collection[str], limit: int) -> list[Release]:
    """Question of hop 9: ARCHIVED groups of the product(s) with inputs still AVAILABLE, with all the facts.

    Only of runs whose every product is archived: while a person looks at one of them, all that the run's
    jobs made is kept.

    Locks the groups and the inputs' replicas until the transaction ends (invariant 3).
    """
    still = (
        select(literal(1))
        .select_from(M)
        .join(R, R.c.file_id == M.c.file_id)
        .where(M.c.group_id == G.c.id, unindexed(R.c.state) == ReplicaState.AVAILABLE)
    )
    query = (
        select(G.c.id)
        .where(
            G.c.state == GroupState.ARCHIVED,
            G.c.product.in_([product] if isinstance(product, str) else product),
            exists(still),
            ~exists(_unfinished_siblings(select(literal(1)))),
        )
        .order_by(G.c.id)
        .limit(limit)
    )
    groups = ids_of(conn, for_update(conn, query, G, skip_locked=True))
    return release_facts(conn, groups)


def _unfinished_siblings(query: Select[Any]) -> Select[Any]:
    """Live groups of the same task and run that are not archived."""
    sibling = G.alias("sibling")
    return (
        query.select_from(sibling)
        .where(
            sibling.c.task_id == G.c.task_id,
            sibling.c.run == G.c.run,
            sibling.c.state.notin_((GroupState.ARCHIVED, GroupState.CLEANED, GroupState.VOID)),
        )
        .correlate(G)
    )


def release_facts(conn: Connection, groups: Sequence[int]) -> list[Release]:
    """The facts of retention for these groups, whatever their state; locks the replicas."""
    if not groups:
        return []
    evidence = _evidence(conn, groups)
    inputs: dict[int, list[Withdrawable]] = {}
    for group, row in _withdrawables(conn, groups):
        inputs.setdefault(group, []).append(row)
    return [Release(evidence[group], tuple(inputs.get(group, ()))) for group in groups if group in evidence]


def _evidence(conn: Connection, groups: Sequence[int]) -> dict[int, Evidence]:
    check = schema.check
    tape = (
        select(*R.c["file_id", "state"], schema.place(), *R.c["verified_at", "verified_how"])
        .join(F, F.c.id == R.c.file_id)
        .join(E, and_(E.c.id == R.c.endpoint_id, E.c.kind == EndpointKind.TAPE))
        .where(unindexed(R.c.state) == ReplicaState.AVAILABLE)
        .subquery("tape")
    )
    query = (
        select(
            *G.c["id", "product", "run", "part", "state", "plan"],
            check.c.state.label("check"),
            schema.lfn(),
            *F.c["size", "adler32"],
            tape.c.state.label("tape_state"),
            *tape.c["path", "verified_at", "verified_how"],
            _unfinished_siblings(select(func.count())).scalar_subquery().label("siblings"),
        )
        .outerjoin(
            check,
            and_(check.c.task_id == G.c.task_id, check.c.run == G.c.run, check.c.product == G.c.product),
        )
        .outerjoin(F, F.c.id == G.c.output_id)
        .outerjoin(tape, tape.c.file_id == G.c.output_id)
        .where(among(conn, G.c.id, groups))
    )
    return {
        row.id: Evidence(
            group_id=row.id,
            product=row.product,
            run=row.run,
            part=row.part,
            state=row.state,
            check=row.check or "",
            lfn=row.lfn or "",
            size=row.size or 0,
            adler32=row.adler32 or 0,
            tape_state=row.tape_state or "",
            tape_path=row.path or "",
            tape_verified_at=row.verified_at.isoformat() if row.verified_at else "",
            tape_verified_how=row.verified_how or "",
            plan=row.plan,
            siblings=row.siblings,
        )
        for row in conn.execute(query).all()
    }


def _withdrawables(conn: Connection, groups: Sequence[int]) -> list[tuple[int, Withdrawable]]:
    inputs, other = schema.job_input, G.alias("other")
    membership = M.alias("membership")
    readers = (
        select(func.count())
        .select_from(inputs)
        .join(J, J.c.id == inputs.c.job_id)
        .where(inputs.c.file_id == R.c.file_id, J.c.state.notin_((JobState.DONE, JobState.CANCELED)))
        .scalar_subquery()
    )
    uses = (
        select(func.count())
        .select_from(membership)
        .join(other, other.c.id == membership.c.group_id)
        .where(
            membership.c.file_id == R.c.file_id,
            membership.c.live,
            or_(other.c.output_id.is_(None), other.c.state.notin_((GroupState.ARCHIVED, GroupState.CLEANED))),
        )
        .scalar_subquery()
    )
    query = (
        select(
            M.c.group_id,
            R.c.id,
            R.c.file_id,
            schema.lfn(),
            F.c.role,
            R.c.state,
            *F.c["size", "adler32"],
            readers.label("readers"),
            uses.label("uses"),
            E.c.kind,
        )
        .join(F, F.c.id == M.c.file_id)
        .join(R, R.c.file_id == F.c.id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(among(conn, M.c.group_id, groups), M.c.live, R.c.state != ReplicaState.DELETED)
        .order_by(M.c.group_id, M.c.position)
    )
    rows = conn.execute(for_update(conn, query, R))
    return [(row[0], Withdrawable(*row[1:])) for row in rows]


def certify(conn: Connection, papers: Sequence[Certificate], why: Why) -> None:
    """Store delete certificates and the replicas each is for.

    A replica that was restored and is withdrawn again is under its newest certificate; no certificate is
    ever removed.
    """
    if not papers:
        return
    table = schema.certificate
    query = select(table.c.seal, table.c.id).where(among_text(conn, table.c.seal, [p.seal for p in papers]))
    known = {row[0]: row[1] for row in conn.execute(query).all()}
    fresh = [paper for paper in papers if paper.seal not in known]
    ids = new_ids(conn, table, len(fresh)) if fresh else []
    rows = [
        {"id": key, "seal": paper.seal, "body": paper.body, "issued_at": why.at}
        for key, paper in zip(ids, fresh, strict=True)
    ]
    insert_many(conn, table, rows)
    known |= {paper.seal: key for key, paper in zip(ids, fresh, strict=True)}
    places = {replica: known[paper.seal] for paper in papers for replica in paper.replicas}
    older = among(conn, schema.certified.c.replica_id, list(places))
    conn.execute(delete(schema.certified).where(older))
    insert_many(
        conn,
        schema.certified,
        [{"replica_id": replica, "certificate_id": key} for replica, key in places.items()],
    )
