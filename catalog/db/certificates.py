"""Delete certificates in the catalogue: stored with the withdrawal, read again at the removal and ever after.

A replica that was restored and is withdrawn again is under its newest certificate; none is ever removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from catalog.db import schema
from catalog.db.engine import among, among_text, insert_many, new_ids
from catalog.db.move import Why
from catalog.retention import Paper, Statement, read

P, PR = schema.certificate, schema.certified


def certify(conn: Connection, papers: Sequence[Paper], why: Why) -> None:
    """Store certificates and the replicas each is for."""
    if not papers:
        return
    query = select(P.c.seal, P.c.id).where(among_text(conn, P.c.seal, [paper.seal for paper in papers]))
    known = {row[0]: row[1] for row in conn.execute(query).all()}
    fresh = [paper for paper in papers if paper.seal not in known]
    ids = new_ids(conn, P, len(fresh)) if fresh else []
    rows = [
        {"id": key, "seal": paper.seal, "body": paper.body, "issued_at": why.at}
        for key, paper in zip(ids, fresh, strict=True)
    ]
    insert_many(conn, P, rows)
    known |= {paper.seal: key for key, paper in zip(ids, fresh, strict=True)}
    places = {replica: known[paper.seal] for paper in papers for replica in paper.replicas}
    conn.execute(delete(PR).where(among(conn, PR.c.replica_id, list(places))))
    insert_many(conn, PR, [{"replica_id": replica, "certificate_id": key} for replica, key in places.items()])


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored paper, and the replicas that are under it now (of those asked for)."""

    id: int
    seal: str
    body: str
    issued_at: datetime
    replicas: tuple[int, ...] = ()


def of_replicas(conn: Connection, replicas: Sequence[int]) -> list[Stored]:
    """The papers that these replicas are under."""
    query = select(*PR.c["certificate_id", "replica_id"]).where(among(conn, PR.c.replica_id, replicas))
    under: dict[int, list[int]] = {}
    for paper, replica in conn.execute(query).all():
        under.setdefault(paper, []).append(replica)
    rows = conn.execute(select(P).where(among(conn, P.c.id, sorted(under))).order_by(P.c.id)).all()
    return [Stored(row.id, row.seal, row.body, row.issued_at, tuple(under[row.id])) for row in rows]


def statements(conn: Connection, replicas: Sequence[int]) -> dict[int, Statement]:
    """What its certificate says of each of these; those without one, or whose paper does not name them or
    cannot be read, are left out."""
    found: dict[int, Statement] = {}
    for paper in of_replicas(conn, replicas):
        said = read(paper.seal, paper.body, paper.issued_at)
        found |= {replica: said[replica] for replica in paper.replicas if replica in said}
    return found
