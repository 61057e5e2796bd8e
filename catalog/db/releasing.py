"""Which inputs of archived merges may go, on what evidence, and the certificates it is sealed in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, func, literal, or_, select

from catalog.db import freezes, plans, schema
from catalog.db.engine import among, among_text, for_update, ids_of, insert_many, new_ids, unindexed
from catalog.db.move import Why
from catalog.states import EndpointKind, GroupState, JobState, ReplicaState

F, R, E, G, M, J = (
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.group,
    schema.member,
    schema.job,
)


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
        .where(~freezes.lies_over(R))  # a frozen one keeps nobody else waiting
    )
    query = (
        select(G.c.id)
        .where(
            G.c.state == GroupState.ARCHIVED,
            G.c.product.in_([product] if isinstance(product, str) else product),
            exists(still),
            ~exists(_unfinished_siblings(conn, select(literal(1)))),
        )
        .order_by(G.c.id)
        .limit(limit)
    )
    groups = ids_of(conn, for_update(conn, query, G, skip_locked=True))
    return release_facts(conn, groups)


def _unfinished_siblings(conn: Connection, query: Select[Any]) -> Select[Any]:
    """Live groups of the same task that hold files of one of its runs and are not archived."""
    sibling = G.alias("sibling")
    several = plans.any_of_several_runs(conn)
    return (
        query.select_from(sibling)
        .where(
            sibling.c.task_id == G.c.task_id,
            plans.shares_a_run(G, sibling) if several else sibling.c.run == G.c.run,
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
            _unfinished_siblings(conn, select(func.count())).scalar_subquery().label("siblings"),
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
