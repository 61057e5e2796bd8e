"""What retention must know of copies: themselves, who needs them, their twins, and who shares their place.

Every question is for many copies at once; those about use answer only with what is in use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from catalog.db import directories, evidence, files, freezes, holds, schema, schema_recall
from catalog.db.engine import among, among_text, for_update
from catalog.db.move import Why
from catalog.prefixes import Prefixes
from catalog.retention import Copy, FileFacts, RawChunk, Uses
from catalog.states import (
    LEASE,
    PIN,
    EndpointKind,
    JobState,
    Locality,
    ReplicaState,
    RequestKind,
    Role,
    Witness,
)

F, R, E, I, J, JI = (  # noqa: E741
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.item,
    schema.job,
    schema.job_input,
)


@lru_cache(maxsize=64)
def n_events(of: Any = F) -> ColumnElement[Any]:
    """How many events a file has: what was read from it, or else what its job says, unless that is 0."""
    count = schema.event_count
    read, job = count.alias(), count.alias()

    def said(witness: Witness, table: Any, value: Any) -> Any:
        return (
            select(value)
            .where(table.c.file_id == of.c.id, table.c.witness == witness)
            .correlate(of)
            .scalar_subquery()
        )

    told = case((job.c.n_events > 0, job.c.n_events))
    return func.coalesce(said(Witness.READ, read, read.c.n_events), said(Witness.JOB, job, told))


_COPY = (
    *R.c["id", "endpoint_id", "state", "since", "locality", "verified_at", "verified_how", "read_at", "path"],
)
_FILE = (*F.c["id", "role", "product", "run", "size", "adler32"],)


@dataclass(frozen=True, slots=True)
class Here:
    """A copy with its file; ``endpoint_id`` for look-ups."""

    copy: Copy
    file: FileFacts
    endpoint_id: int


def file_of(row: Sequence[Any]) -> FileFacts:
    """A file of (id, role, product, run, size, adler32, LFN, events)."""
    key, role, product, run, size, adler32, lfn, events = row
    return FileFacts(key, lfn, Role(role), product, run, size, adler32, events)


def chosen(conn: Connection, replicas: Sequence[int], prefixes: Prefixes, *, lock: bool) -> dict[int, Here]:
    """These copies, in the order of their files. ``lock``: until the end of the transaction; those that
    another session has locked are left out."""
    query = (
        select(*_COPY, *E.c["name", "kind"], *_FILE, schema.lfn(), n_events())
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(among(conn, R.c.id, replicas))
        .order_by(R.c.id)
    )
    found = {}
    for row in conn.execute(for_update(conn, query, R, skip_locked=True) if lock else query).all():
        file = file_of(row[11:])
        copy = _copy(row[:9], row[9], row[10], file.lfn, prefixes)
        found[copy.replica_id] = Here(copy, file, row[1])
    return found


def _copy(row: Sequence[Any], endpoint: str, kind: str, lfn: str, prefixes: Prefixes) -> Copy:
    key, _, state, since, locality, verified_at, how, read_at, path = row
    path = lfn if path is None else path
    return Copy(
        replica_id=key,
        endpoint=endpoint,
        path=path,
        kind=EndpointKind(kind),
        state=ReplicaState(state),
        since=since,
        place=prefixes.place(endpoint, path),
        reachable=locality != Locality.UNAVAILABLE,
        verified_at=verified_at,
        verified_how=how or "",
        read_at=read_at,
    )


def of_files(
    conn: Connection, wanted: Sequence[int], prefixes: Prefixes, *, tape: bool = False, share: bool = False
) -> dict[int, tuple[Copy, ...]]:
    """The copies of these files that are not DELETED, with the evidence that counts; ``tape``: only those.

    ``share``: nobody changes them until the end of the transaction.
    """
    query = (
        select(R.c.file_id, *_COPY, *E.c["name", "kind"], schema.lfn())
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(among(conn, R.c.file_id, wanted), R.c.state != ReplicaState.DELETED)
        .order_by(R.c.file_id, R.c.id)
    )
    query = query.where(E.c.kind == EndpointKind.TAPE) if tape else query
    if share and conn.dialect.name != "sqlite":
        query = query.with_for_update(of=R, read=True)
    rows = [
        (row[0], _copy(row[1:10], row[10], row[11], row[12], prefixes)) for row in conn.execute(query).all()
    ]
    tapes = [copy.replica_id for _, copy in rows if copy.kind is EndpointKind.TAPE]
    pieces = evidence.counting(conn, tapes) if tapes else {}
    found: dict[int, list[Copy]] = {file: [] for file in wanted}
    for file, copy in rows:
        found[file].append(_with(copy, pieces.get(copy.replica_id, ())))
    return {file: tuple(copies) for file, copies in found.items()}


def _with(copy: Copy, pieces: tuple[Any, ...]) -> Copy:
    if not pieces:
        return copy
    values = {name: getattr(copy, name) for name in Copy.__slots__}
    return Copy(**(values | {"evidence": pieces}))


# ------------------------------------------------------------------------------ who needs it
def uses(conn: Connection, here: Mapping[int, Here]) -> dict[int, Uses]:
    """Who needs these copies. Jobs want a file, wherever it is; all else is of one copy."""
    by_file = sorted({one.file.file_id for one in here.values()})
    jobs = _count(conn, _jobs(conn, by_file))
    leases = _count(conn, _live(conn, schema_recall.lease, LEASE.live, here))
    pins = _count(conn, _live(conn, schema.pin, PIN.live, here))
    requests = _count(conn, _requests(conn, list(here)))
    return {
        key: Uses(
            jobs=jobs.get(one.file.file_id, 0),
            leases=leases.get(key, 0),
            pins=pins.get(key, 0),
            requests=requests.get(key, 0),
        )
        for key, one in here.items()
    }


def _count(conn: Connection, query: Any) -> dict[int, int]:
    return {row[0]: int(row[1]) for row in conn.execute(query).all()}


def _jobs(conn: Connection, wanted: Sequence[int]) -> Select[Any]:
    return (
        select(JI.c.file_id, func.count())
        .join(J, J.c.id == JI.c.job_id)
        .where(among(conn, JI.c.file_id, wanted), J.c.state.notin_((JobState.DONE, JobState.CANCELED)))
        .group_by(JI.c.file_id)
    )


def _live(conn: Connection, table: Any, states: Sequence[str], here: Mapping[int, Here]) -> Select[Any]:
    return (
        select(table.c.replica_id, func.count())
        .where(among(conn, table.c.replica_id, list(here)), table.c.state.in_(states))
        .group_by(table.c.replica_id)
    )


def _requests(conn: Connection, replicas: Sequence[int]) -> Any:
    """Copies to it and recalls of it, and copies from it. Its own removal is none."""
    live: ColumnElement[bool] = literal_column(schema.LIVE_ITEM)
    to = select(I.c.replica_id.label("key")).where(
        among(conn, I.c.replica_id, replicas), live, I.c.kind != RequestKind.REMOVE
    )
    from_ = select(I.c.source_id.label("key")).where(among(conn, I.c.source_id, replicas), live)
    both = union_all(to, from_).subquery("both")
    return select(both.c.key, func.count()).group_by(both.c.key)


def kept_by_people(conn: Connection, here: Mapping[int, Here], why: Why) -> dict[int, tuple[str, ...]]:
    """Who keeps the files of these copies, in words, by copy."""
    found = holds.over(conn, sorted({one.file.file_id for one in here.values()}), why.at)
    return {key: found.get(one.file.file_id, ()) for key, one in here.items()}


def frozen(conn: Connection, here: Mapping[int, Here]) -> dict[int, tuple[str, ...]]:
    """The freezes that lie over these copies, in words."""
    found = freezes.over(conn, list(here))
    return {key: tuple(freeze.sentence for freeze in found.get(key, ())) for key in here}


# -------------------------------------------------------------------------- who shares its place
def namesakes(conn: Connection, here: Mapping[int, Here], prefixes: Prefixes) -> dict[int, tuple[str, ...]]:
    """Other entries at the places of these copies, by whatever endpoint's name they are registered."""
    endpoints = files.endpoints(conn)
    owner: dict[tuple[int, str], list[int]] = defaultdict(list)
    for key, one in here.items():
        owner[one.endpoint_id, one.copy.path].append(key)
        for name, path in prefixes.names(one.copy.endpoint, one.copy.path):
            if name in endpoints:
                owner[endpoints[name], path].append(key)
    found: dict[int, list[str]] = {key: [] for key in here}
    for replica, endpoint, name, path, lfn, state in _at(conn, sorted({path for _, path in owner})):
        for key in owner.get((endpoint, path), ()):
            if key != replica:
                found[key].append(f"{lfn} at {name}:{path}, {state}")
    return {key: tuple(sorted(set(entries))) for key, entries in found.items()}


def _at(conn: Connection, paths: Sequence[str]) -> list[Any]:
    """Every entry that is not DELETED at one of these paths, at whatever endpoint."""
    columns = (R.c.id, R.c.endpoint_id, E.c.name, schema.place(), schema.lfn(), R.c.state)
    query = select(*columns).join(F, F.c.id == R.c.file_id).join(E, E.c.id == R.c.endpoint_id)
    query = query.where(R.c.state != ReplicaState.DELETED)
    named = directories.wanted(
        conn, paths, directories.known(conn, {directories.split(path)[0] for path in paths})
    )
    same = and_(F.c.name == named.c.name, F.c.directory_id == named.c.directory_id)
    rows: list[Any] = list(conn.execute(query.where(among_text(conn, R.c.path, paths))))
    for live in (F.c.retired_at.is_(None), F.c.retired_at.is_not(None)):
        rows += conn.execute(query.join(named, and_(same, live)).where(R.c.path.is_(None)))
    return rows


# -------------------------------------------------------------------------------- raw chunks
def raw_chunks(conn: Connection, here: Mapping[int, Here]) -> dict[int, tuple[RawChunk, ...]]:
    """The raw files whose events the files of these copies hold, themselves included: whether a verified copy
    of each stays, and whether it is in the gap register."""
    start = sorted({one.file.file_id for one in here.values()})
    up = (
        select(F.c.id.label("start"), F.c.id.label("file"))
        .where(among(conn, F.c.id, start))
        .cte("up", recursive=True)
    )
    parent = schema.parent
    up = up.union(select(up.c.start, parent.c.parent_id).join(parent, parent.c.file_id == up.c.file))
    gap = select(1).where(schema.gap.c.file_id == F.c.id).correlate(F).exists()
    query = (
        select(up.c.start, schema.lfn(), gap, R.c.id)
        .select_from(up)
        .join(F, and_(F.c.id == up.c.file, F.c.role == Role.RAW))
        .outerjoin(R, and_(R.c.file_id == F.c.id, R.c.state == ReplicaState.AVAILABLE, _in_reach()))
        .order_by(up.c.start, F.c.id)
    )
    chunks: dict[int, dict[str, tuple[bool, set[int]]]] = defaultdict(dict)
    for file, lfn, has_gap, replica in conn.execute(query).all():
        copies = chunks[file].setdefault(lfn, (bool(has_gap), set()))[1]
        copies |= {replica} - {None}
    return {
        key: tuple(
            RawChunk(lfn, bool(copies - {key}), has_gap)
            for lfn, (has_gap, copies) in chunks[one.file.file_id].items()
        )
        for key, one in here.items()
    }


@cache
def _in_reach() -> ColumnElement[bool]:
    return or_(R.c.locality != Locality.UNAVAILABLE, R.c.locality.is_(None))
