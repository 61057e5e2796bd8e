"""What the catalogue holds of a copy at the moment its bytes are removed: for a judge that trusts nobody.

Every statement is of its own, and none is shared with ``catalog.db`` or ``catalog.retention``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from catalog.db import schema, schema_checks, schema_evidence, schema_holds, schema_recall, schema_release

F, R, E, G, M, J = (
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.group,
    schema.member,
    schema.job,
)


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence as it is stored."""

    grade: str
    taken_at: datetime
    size: int | None
    adler32: int | None


@dataclass(frozen=True, slots=True)
class Tape:
    """A copy on tape of what was made from the file, or of the file itself, with its evidence."""

    file_id: int
    lfn: str
    product: str
    size: int
    adler32: int
    path: str
    endpoint: str
    state: str
    since: datetime
    evidence: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """``decided_at``: when DELETING was committed. ``group``: the live merge that holds the file, 0 if none.

    ``against``: people's freezes and holds in force then, and who needed the copy, in words.
    """

    replica_id: int
    lfn: str
    role: str
    size: int
    adler32: int
    endpoint: str
    path: str
    decided_at: datetime
    seal: str
    body: str
    group: int
    tapes: tuple[Tape, ...]
    against: tuple[str, ...]
    asked_for: bool


def removal(conn: Connection, replica: int) -> Removal | None:
    """What is known of this replica now; None if there is no such replica."""
    paper, certified = schema.certificate, schema.certified
    query = (
        select(
            *R.c["id", "file_id", "endpoint_id", "since"],
            schema.place(),
            schema.lfn(),
            *F.c["role", "size", "adler32", "run", "dataset_id"],
            E.c.name,
            *paper.c["seal", "body"],
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .outerjoin(certified, certified.c.replica_id == R.c.id)
        .outerjoin(paper, paper.c.id == certified.c.certificate_id)
        .where(R.c.id == replica)
    )
    row = conn.execute(query).first()
    if row is None:
        return None
    group = _group_of(conn, row.file_id)
    files, further = [row.file_id], group
    while further is not None and further.output_id:  # products are made of products
        files.append(further.output_id)
        further = _group_of(conn, further.output_id)
    return Removal(
        replica_id=replica,
        lfn=row.lfn,
        role=row.role,
        size=row.size,
        adler32=row.adler32,
        endpoint=row.name,
        path=row.path,
        decided_at=row.since,
        seal=row.seal or "",
        body=row.body or "",
        group=0 if group is None else group.id,
        tapes=tuple(tape for file in files for tape in _tapes(conn, file)),
        against=(*_people(conn, row), *_needing(conn, row)),
        asked_for=_asked_for(conn, replica),
    )


def _group_of(conn: Connection, file: int) -> Any:
    """The live merge that holds the file."""
    query = (
        select(*G.c["id", "output_id"])
        .join(M, M.c.group_id == G.c.id)
        .where(M.c.file_id == file, G.c.state != "VOID")
    )
    return conn.execute(query.order_by(G.c.id)).first()


def _tapes(conn: Connection, file: int) -> list[Tape]:
    V = schema_evidence.evidence  # noqa: N806
    query = (
        select(
            *R.c["id", "state", "since"],
            schema.place(),
            schema.lfn(),
            *F.c["product", "size", "adler32"],
            E.c.name,
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(R.c.file_id == file, E.c.kind == "tape", R.c.state != "DELETED")
    )
    found = []
    for row in conn.execute(query).all():
        taken = select(*V.c["grade", "taken_at", "size", "adler32"]).where(V.c.replica_id == row.id)
        proofs = tuple(Proof(*tuple(proof)) for proof in conn.execute(taken.order_by(V.c.taken_at)))
        found.append(
            Tape(
                file,
                row.lfn,
                row.product,
                row.size,
                row.adler32,
                row.path,
                row.name,
                row.state,
                row.since,
                proofs,
            )
        )
    return found


def _people(conn: Connection, row: Any) -> list[str]:
    """Freezes and holds in force when it was decided. (With one task, its freeze is of everything.)"""
    Z, H, HF = schema_release.freeze, schema_holds.hold, schema_holds.hold_file  # noqa: N806
    at = row.since
    frozen = select(Z.c.id, Z.c.reason).where(
        Z.c.made_at <= at,
        or_(Z.c.thawed_at.is_(None), Z.c.thawed_at > at),
        or_(Z.c.endpoint_id.is_(None), Z.c.endpoint_id == row.endpoint_id),
    )
    named = select(HF.c.hold_id).where(HF.c.file_id == row.file_id)
    kept = select(H.c.id, H.c.reason).where(
        H.c.made_at <= at,
        or_(H.c.lifted_at.is_(None), H.c.lifted_at > at),
        or_(H.c.until.is_(None), H.c.until > at),
        or_(
            H.c.id.in_(named),
            and_(H.c.scope == "run", H.c.run == row.run),
            and_(H.c.scope == "dataset", H.c.dataset_id == row.dataset_id),
            H.c.scope == "task",
        ),
    )
    return [
        *(f"freeze {key} lay over it ({reason})" for key, reason in conn.execute(frozen)),
        *(f"hold {key} kept it ({reason})" for key, reason in conn.execute(kept)),
    ]


def _needing(conn: Connection, row: Any) -> list[str]:
    inputs, lease, pin = schema.job_input, schema_recall.lease, schema.pin
    jobs = (
        select(J.c.id)
        .join(inputs, inputs.c.job_id == J.c.id)
        .where(
            inputs.c.file_id == row.file_id,
            J.c.state.notin_(("DONE", "CANCELED")),
        )
    )
    replica = row.id
    leases = select(lease.c.id).where(lease.c.replica_id == replica, lease.c.state.in_(("WANTED", "ACTIVE")))
    pins = select(pin.c.id).where(pin.c.replica_id == replica, pin.c.state.in_(("ACTIVE", "RELEASING")))
    found = (("job", jobs), ("lease", leases), ("pin", pins))
    return [f"{noun} {key} needed it" for noun, query in found for key in conn.execute(query).scalars()]


def _asked_for(conn: Connection, replica: int) -> bool:
    """A removal of this very replica was being asked for."""
    item = schema.item
    query = select(item.c.id).where(
        item.c.kind == "remove", item.c.replica_id == replica, item.c.request_id.is_not(None)
    )
    return conn.execute(query).first() is not None


def waived(conn: Connection) -> set[tuple[int, str]]:
    """(run, product) of every cross-check of which a person ever accepted a difference."""
    check, waiver = schema.check, schema_checks.waiver
    rows = conn.execute(select(*check.c["run", "product"]).join(waiver, waiver.c.check_id == check.c.id))
    return {(row.run, row.product) for row in rows}
