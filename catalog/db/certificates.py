"""Delete certificates in the catalogue: stored with the withdrawal, read again at the removal and ever after.

A replica that was restored and is withdrawn again is under its newest certificate; none is ever removed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select

from catalog.db import files, schema
from catalog.db.engine import among, among_text, insert_many, new_ids
from catalog.db.move import Why
from catalog.errors import NotRegistered
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


# ----------------------------------------------------------------------------- years later
_SEALED = re.compile(r"[0-9a-f]{8,64}")
_UNDER = re.compile(r"certificate ([0-9a-f]{16})")
_COLUMNS = (P.c.id, P.c.seal, P.c.body, P.c.issued_at)


def find(conn: Connection, word: str) -> list[Stored]:
    """The papers of that seal (its first 8 digits or more), or those that the copies of a file are or were
    under, oldest first. Raises NotRegistered."""
    if _SEALED.fullmatch(word):
        upper = word + "g"  # no seal has it: all that begin with the word are before it
        found = _stored(conn, select(*_COLUMNS).where(P.c.seal >= word, P.c.seal < upper))
        if found:
            return found
    try:
        return of_file(conn, word)
    except NotRegistered:
        if not _SEALED.fullmatch(word):
            raise
        text, advice = "no certificate has a seal that begins so", "'ddm certificate list' has them"
        raise NotRegistered(text, subject=word, advice=advice) from None


def of_file(conn: Connection, lfn: str) -> list[Stored]:
    """The papers that the copies of this file are or were under. Raises NotRegistered if there is none."""
    file = files.find_file(conn, lfn)
    R, H = schema.replica, schema.history  # noqa: N806
    copies = select(R.c.id).where(R.c.file_id == file.id)
    now = select(PR.c.certificate_id).where(PR.c.replica_id.in_(copies))
    past = (
        select(H.c.reason)
        .select_from(R)
        .join(H, schema.tells_of("replica", R.c.id))
        .where(R.c.file_id == file.id, H.c.event == "trashed")
    )
    found = {paper.id: paper for paper in _stored(conn, select(*_COLUMNS).where(P.c.id.in_(now)))}
    for reason in set(conn.execute(past).scalars()):
        for seal in _UNDER.findall(reason):
            query = select(*_COLUMNS).where(P.c.seal >= seal, P.c.seal < seal + "g")
            found |= {paper.id: paper for paper in _stored(conn, query)}
    if not found:
        raise NotRegistered("no copy of this file was withdrawn under a certificate", subject=lfn)
    return [found[key] for key in sorted(found)]


def _stored(conn: Connection, query: Select[Any]) -> list[Stored]:
    return [Stored(*tuple(row)) for row in conn.execute(query.order_by(P.c.id)).all()]


def page(conn: Connection, after: int, limit: int) -> list[Stored]:
    """The next papers after that one, oldest first."""
    return _stored(conn, select(*_COLUMNS).where(P.c.id > after).order_by(P.c.id).limit(limit))


def count(conn: Connection) -> int:
    """How many there are."""
    return conn.execute(select(func.count()).select_from(P)).scalar_one()


def newest(conn: Connection, limit: int) -> list[Stored]:
    """The newest papers, newest first."""
    query = select(*_COLUMNS).order_by(P.c.id.desc()).limit(limit)
    return [Stored(*tuple(row)) for row in conn.execute(query).all()]
