"""Recounts: samples of what is archived, read once more. Each result is a witness of its own and stays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from catalog.db import schema, schema_checks
from catalog.db.engine import among, insert_many, new_ids
from catalog.db.move import Why
from catalog.db.witnesses import Reading, types
from catalog.states import EndpointKind, GroupState, Recounted, ReplicaState, Role, Witness

S, C = schema_checks.sample, schema_checks.recount
F, R, E, G, M = schema.file, schema.replica, schema.endpoint, schema.group, schema.member


@dataclass(frozen=True, slots=True)
class Choosable:
    """A file of the archive, and when its bytes were last compared or recounted."""

    file_id: int
    lfn: str
    size: int
    verified_at: datetime
    recounted: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Which part of the archive: empty fields choose all of it."""

    datasets: tuple[int, ...] | None = None
    runs: tuple[tuple[int, int], ...] | None = None  # first and last of each range


def choosable(conn: Connection, choice: Choice) -> list[Choosable]:
    """The files with a copy that is AVAILABLE on tape, raw or merged, of known size and checksum."""
    again = (
        select(C.c.file_id, func.max(C.c.at).label("at"))
        .where(C.c.verdict.in_((Recounted.AGREE, Recounted.DIFFER)))
        .group_by(C.c.file_id)
        .subquery("again")
    )
    query = (
        select(F.c.id, schema.lfn(), F.c.size, func.max(R.c.verified_at), func.max(again.c.at))
        .join(R, R.c.file_id == F.c.id)
        .join(E, E.c.id == R.c.endpoint_id)
        .outerjoin(again, again.c.file_id == F.c.id)
        .where(
            R.c.state == ReplicaState.AVAILABLE,
            E.c.kind == EndpointKind.TAPE,
            F.c.role.in_((Role.RAW, Role.FINAL)),
            F.c.retired_at.is_(None),
            F.c.size.is_not(None),
            F.c.adler32.is_not(None),
            *_of(conn, choice),
        )
        .group_by(F.c.id)
    )
    rows: Sequence[Any] = conn.execute(query).all()
    return [
        Choosable(key, lfn, size, max(at, later or at), later is not None)
        for key, lfn, size, at, later in rows
    ]


def _of(conn: Connection, choice: Choice) -> list[ColumnElement[bool]]:
    found = []
    if choice.datasets is not None:
        found.append(among(conn, F.c.dataset_id, choice.datasets))
    if choice.runs is not None:
        found.append(or_(*(F.c.run.between(first, last) for first, last in choice.runs)))
    return found


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample: how it was chosen, how many files it has, and how many of them are done, by verdict."""

    id: int
    seed: str
    fraction: float
    chosen: str
    made_at: datetime
    made_by: str
    files: int
    done: Mapping[str, int]

    @property
    def left(self) -> int:
        return self.files - self.done.get(Recounted.AGREE, 0) - self.done.get(Recounted.DIFFER, 0)


def begin(conn: Connection, seed: str, fraction: float, chosen: str, files: Sequence[int], why: Why) -> int:
    """Write a sample down, in the order in which its files are to be read."""
    (key,) = new_ids(conn, S, 1)
    row = {"id": key, "seed": seed, "fraction": fraction, "chosen": chosen}
    insert_many(conn, S, [{**row, "made_at": why.at, "made_by": why.actor, "files": len(files)}])
    ids = new_ids(conn, C, len(files)) if files else []
    insert_many(
        conn,
        C,
        [{"id": id_, "sample_id": key, "file_id": file} for id_, file in zip(ids, files, strict=True)],
    )
    return key


def unfinished(conn: Connection, seed: str, fraction: float, chosen: str) -> int | None:
    """The newest sample chosen like that which has files left."""
    left = select(C.c.sample_id).where(_undone())
    query = select(func.max(S.c.id)).where(
        S.c.seed == seed, S.c.fraction == fraction, S.c.chosen == chosen, S.c.id.in_(left)
    )
    return conn.execute(query).scalar()


@cache
def _undone() -> ColumnElement[bool]:
    return or_(C.c.verdict.is_(None), C.c.verdict == Recounted.UNKNOWN)


def samples(conn: Connection, ids: Sequence[int] | None = None, limit: int | None = None) -> list[Sample]:
    """Samples, newest first."""
    query = select(*S.c["id", "seed", "fraction", "chosen", "made_at", "made_by", "files"])
    query = query.order_by(S.c.id.desc()).limit(limit)
    rows: Sequence[Any] = conn.execute(query if ids is None else query.where(among(conn, S.c.id, ids))).all()
    verdicts = (
        select(C.c.sample_id, C.c.verdict, func.count())
        .where(among(conn, C.c.sample_id, [row.id for row in rows]), C.c.verdict.is_not(None))
        .group_by(C.c.sample_id, C.c.verdict)
    )
    done: dict[int, dict[str, int]] = {}
    for key, verdict, n in conn.execute(verdicts).all():
        done.setdefault(key, {})[verdict] = int(n)
    return [Sample(*(*row, done.get(row.id, {}))) for row in rows]


@dataclass(frozen=True, slots=True)
class Known:
    """A file to be recounted: what the catalogue and the witnesses of its writing say of it."""

    recount_id: int
    file_id: int
    lfn: str
    role: str
    product: str
    dataset_id: int
    run: int
    chunk: str
    part: int | None
    size: int
    adler32: int
    n_events: int | None
    by_type: Mapping[str, int]


def to_do(conn: Connection, sample: int) -> list[Known]:
    """The files of the sample that were not recounted yet, or could not be read."""
    counts = schema.event_count
    said, read = counts.alias("said"), counts.alias("read")
    query = (
        select(
            C.c.id,
            F.c.id,
            schema.lfn(),
            *F.c["role", "product", "dataset_id", "run", "chunk", "part", "size", "adler32"],
            func.coalesce(read.c.n_events, said.c.n_events),
            read.c.by_type,
        )
        .join(F, F.c.id == C.c.file_id)
        .outerjoin(read, and_(read.c.file_id == F.c.id, read.c.witness == Witness.READ))
        .outerjoin(
            said,
            and_(
                said.c.file_id == F.c.id,
                or_(
                    and_(F.c.role == Role.RAW, said.c.witness == Witness.RAW_CATALOGUE),
                    and_(F.c.role != Role.RAW, said.c.witness == Witness.JOB),
                ),
            ),
        )
        .where(C.c.sample_id == sample, _undone())
        .order_by(C.c.id)
    )
    rows: Sequence[Any] = conn.execute(query).all()
    return [Known(*(*row, types(by_type))) for *row, by_type in rows]


@dataclass(frozen=True, slots=True)
class Copy:
    """A compared copy of a file: its replica, endpoint and path."""

    replica_id: int
    file_id: int
    endpoint: str
    kind: str
    path: str


def copies(conn: Connection, files: Sequence[int]) -> dict[int, list[Copy]]:
    """The compared copies of the files, by file: those on reachable disks first."""
    query = (
        select(R.c.id, R.c.file_id, E.c.name, E.c.kind, schema.place())
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(
            among(conn, R.c.file_id, files),
            R.c.state == ReplicaState.AVAILABLE,
            or_(E.c.kind == EndpointKind.TAPE, schema.on_reachable_disk()),
        )
        .order_by(R.c.file_id, E.c.kind, R.c.id)
    )
    found: dict[int, list[Copy]] = {}
    for row in conn.execute(query).all():
        found.setdefault(row.file_id, []).append(Copy(*row))
    return found


def of_file(conn: Connection, sample: int, file: int) -> int:
    """The recount of a file in a sample."""
    query = select(C.c.id).where(C.c.sample_id == sample, C.c.file_id == file)
    return int(conn.execute(query).scalar_one())


def named(conn: Connection, seed: str, chosen: str) -> int | None:
    """The newest sample with this seed and choice."""
    query = select(func.max(S.c.id)).where(S.c.seed == seed, S.c.chosen == chosen)
    return conn.execute(query).scalar()


def record(
    conn: Connection,
    recount: int,
    verdict: Recounted,
    seen: Reading | None,
    replica: int | None,
    said: str,
    why: Why,
) -> None:
    """Store what came of one file."""
    numbers: dict[str, Any] = {}
    if seen is not None:
        by_type = json.dumps(dict(seen.by_type), sort_keys=True) if seen.by_type else None
        numbers = {
            "size": seen.size,
            "adler32": seen.adler32,
            "n_events": seen.n_events,
            "by_type": by_type,
        }
    conn.execute(
        update(C)
        .where(C.c.id == recount)
        .values(verdict=verdict.value, at=why.at, replica_id=replica, said=said[:4000], **numbers)
    )


def latest(conn: Connection, files: Sequence[int]) -> dict[int, Reading]:
    """What the newest recount found of each file, if it was ever recounted."""
    newest = (
        select(func.max(C.c.id))
        .where(
            among(conn, C.c.file_id, files),
            or_(C.c.verdict == Recounted.AGREE, C.c.verdict == Recounted.DIFFER),
        )
        .group_by(C.c.file_id)
    )
    columns = C.c["file_id", "size", "adler32", "n_events", "by_type", "verdict", "said"]
    query = select(*columns).where(C.c.id.in_(newest), C.c.size.is_not(None))
    return {
        file: Reading(size, adler32, n_events, types(by_type), said if verdict == Recounted.DIFFER else "")
        for file, size, adler32, n_events, by_type, verdict, said in conn.execute(query).all()
    }


def groups_of(conn: Connection, files: Sequence[int]) -> list[tuple[int, int, str, int, str]]:
    """(task, run, product, group, state) of live groups whose output, or raw input, the files are."""
    parent = schema.parent
    of_raw = select(M.c.group_id).join(parent, parent.c.file_id == M.c.file_id)
    of_raw = of_raw.where(among(conn, parent.c.parent_id, files), M.c.live)
    query = (
        select(*G.c["task_id", "run", "product", "id", "state"])
        .where(or_(among(conn, G.c.output_id, files), G.c.id.in_(of_raw)), G.c.state != GroupState.VOID)
        .order_by(G.c.id)
    )
    return [tuple(row) for row in conn.execute(query).all()]


@dataclass(frozen=True, slots=True)
class RecountLine:
    """A recount of a file as it is shown."""

    lfn: str
    at: datetime | None
    verdict: str | None
    n_events: int | None
    said: str


def lines(conn: Connection, files: Sequence[int]) -> list[RecountLine]:
    """Every recount of these files, oldest first."""
    query = (
        select(schema.lfn(), *C.c["at", "verdict", "n_events", "said"])
        .join(F, F.c.id == C.c.file_id)
        .where(among(conn, C.c.file_id, files))
        .order_by(C.c.id)
    )
    return [RecountLine(*row) for row in conn.execute(query).all()]


def results(conn: Connection, sample: int) -> list[RecountLine]:
    """Every file of a sample with what came of it, in the order in which they are read."""
    query = (
        select(schema.lfn(), *C.c["at", "verdict", "n_events", "said"])
        .join(F, F.c.id == C.c.file_id)
        .where(C.c.sample_id == sample)
        .order_by(C.c.id)
    )
    return [RecountLine(*row) for row in conn.execute(query).all()]
