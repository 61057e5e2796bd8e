"""What a signed plan of repair does to the catalogue: many copies at a time, by the transitions of everybody.

1. A copy is LOST only by the event ``missing``; what is written off is LOST before, has a reason, and leaves
   a copy that was seen whole a moment ago.
2. A file that is not on tape any more is archived again by the flow if a merge made it; else a copy is
   queued.
3. What the catalogue knows nothing of is never removed here: it is noted as debris, which waits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, literal, select

from catalog.db import files, replicas, requests, schema, schema_recall
from catalog.db.engine import among, among_few, for_update, ids_of, unindexed
from catalog.db.move import Why, move
from catalog.model import KnownCopy
from catalog.states import (
    GROUP,
    ITEM,
    PIN,
    REPLICA,
    EndpointKind,
    GroupState,
    LeaseState,
    ReplicaState,
    RequestKind,
)

F, R, E, G, I, P = (  # noqa: E741
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.group,
    schema.item,
    schema.pin,
)
LEASE = schema_recall.lease
KNOWN = (
    select(
        R.c.id, R.c.file_id, schema.lfn(), E.c.name, schema.place(), E.c.kind, *R.c["state", "since"],
        *F.c["size", "adler32"],
    )
    .join(F, F.c.id == R.c.file_id)
    .join(E, E.c.id == R.c.endpoint_id)
)  # fmt: skip
"""Rows of ``KnownCopy``."""


# ----------------------------------------------------------------------------------------- questions
def copies(conn: Connection, ids: Sequence[int], *, lock: bool = False) -> dict[int, KnownCopy]:
    """These replicas as they are now; ``lock``: until the transaction ends."""
    query = (
        KNOWN
        .where(among(conn, R.c.id, ids))
        .order_by(R.c.id)
    )  # fmt: skip
    rows = conn.execute(for_update(conn, query, R) if lock else query).all() if ids else ()
    return {row[0]: _copy(row) for row in rows}


def _copy(row: Any) -> KnownCopy:
    key, file, lfn, endpoint, path, kind, state, since, size, adler32 = row
    return KnownCopy(
        key, file, lfn, endpoint, path, kind == EndpointKind.TAPE, ReplicaState(state), since, size, adler32
    )


def on_disk(conn: Connection, files_: Sequence[int]) -> dict[int, list[KnownCopy]]:
    """The AVAILABLE copies of these files on disks that programs can read, by file, oldest first."""
    query = (
        KNOWN
        .where(among(conn, R.c.file_id, files_), schema.on_reachable_disk())
        .where(unindexed(R.c.state) == ReplicaState.AVAILABLE)
        .order_by(R.c.id)
    )  # fmt: skip
    found: dict[int, list[KnownCopy]] = {}
    for row in conn.execute(query).all() if files_ else ():
        found.setdefault(row[1], []).append(_copy(row))
    return found


def still_good(conn: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these replicas that are AVAILABLE, locked until the transaction ends."""
    query = select(R.c.id).where(among(conn, R.c.id, ids), unindexed(R.c.state) == ReplicaState.AVAILABLE)
    return set(ids_of(conn, for_update(conn, query, R))) if ids else set()


def in_use(conn: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Of these replicas those that a request, a pin or a lease holds, and which, in words."""
    questions = (
        ("a request for it is open", select(I.c.replica_id).where(I.c.state.in_(ITEM.live)), I.c.replica_id),
        ("it is copied from", select(I.c.source_id).where(I.c.state.in_(ITEM.live)), I.c.source_id),
        ("it is pinned", select(P.c.replica_id).where(P.c.state.in_(PIN.live)), P.c.replica_id),
        (
            "a campaign wants it",
            select(LEASE.c.replica_id).where(LEASE.c.state.in_((LeaseState.WANTED, LeaseState.ACTIVE))),
            LEASE.c.replica_id,
        ),
    )
    found: dict[int, str] = {}
    for words, query, column in questions if ids else ():
        for key in ids_of(conn, query.where(among(conn, column, ids))):
            found.setdefault(key, words)
    return found


UNSURE = (
    *(ReplicaState.LOST, ReplicaState.BAD, ReplicaState.SUSPECT),
    *(ReplicaState.UNVERIFIED, ReplicaState.ARCHIVING, ReplicaState.COPYING),
)
"""States of copies that are no witness of good bytes, and may be all there is of a file."""


Content = tuple[int, int | None]
"""Size and adler32 (None: nobody told it) of a file that nobody knows."""


def without_good_copy(conn: Connection, contents: Collection[Content]) -> dict[Content, str]:
    """LFNs of files of these contents of which no copy is AVAILABLE: a stranger with the same bytes may be
    the last one there is. Where nobody told an adler32, of the stranger or of the file, the size decides."""
    wanted: dict[int, list[Content]] = {}
    for content in contents:
        wanted.setdefault(content[0], []).append(content)
    ids = [*_having(conn, contents), *_untold(conn, contents)] if wanted else []
    good = R.alias("good")
    query = (
        select(F.c.size, F.c.adler32, schema.lfn())
        .where(among(conn, F.c.id, ids))
        .where(exists(_copies_of_file(R, UNSURE)), ~exists(_copies_of_file(good, (ReplicaState.AVAILABLE,))))
    )
    return {
        content: lfn
        for size, adler32, lfn in (conn.execute(query).all() if ids else ())
        for content in wanted[size]
        if None in (adler32, content[1]) or adler32 == content[1]
    }


def _copies_of_file(of: Any, states: Sequence[ReplicaState]) -> Select[Any]:
    return select(literal(1)).where(of.c.file_id == F.c.id, unindexed(of.c.state).in_([*map(str, states)]))


def good_copies(conn: Connection, contents: Collection[Content]) -> dict[Content, list[KnownCopy]]:
    """The AVAILABLE copies of files with these sizes and adler32s, those on disk first."""
    ids = _having(conn, contents)
    query = (
        KNOWN.where(among(conn, R.c.file_id, ids))
        .where(unindexed(R.c.state) == ReplicaState.AVAILABLE)
        .order_by(E.c.kind, R.c.id)
    )
    found: dict[Content, list[KnownCopy]] = {}
    for row in conn.execute(query).all() if ids else ():
        copy = _copy(row)
        found.setdefault((copy.size or 0, copy.adler32), []).append(copy)
    return found


def _having(conn: Connection, contents: Collection[Content]) -> list[int]:
    """The files of these contents, of those with an adler32: by its index."""
    wanted = {content for content in contents if content[1] is not None}
    adler32s = sorted({adler32 for _, adler32 in wanted if adler32 is not None})
    query = select(*F.c["id", "size", "adler32"]).where(
        _in_every_stretch(conn), among_few(conn, F.c.adler32, adler32s), F.c.retired_at.is_(None)
    )
    rows = conn.execute(query).all() if wanted else ()
    return [key for key, size, adler32 in rows if (size, adler32) in wanted]


def _untold(conn: Connection, contents: Collection[Content]) -> list[int]:
    """The files that may be of these contents as nobody told the adler32 of one of the two. Of strangers
    without one, which are few, those whose copies are not well, which are few as well."""
    sizes = {size for size, _ in contents}
    without = select(F.c.id).where(
        _in_every_stretch(conn),
        F.c.adler32.is_(None),
        among(conn, F.c.size, sorted(sizes)),
        F.c.retired_at.is_(None),
    )
    of_size = (
        select(F.c.id)
        .join(R, R.c.file_id == F.c.id)
        .where(R.c.state.in_([*map(str, UNSURE)]), F.c.retired_at.is_(None))
        .where(among(conn, F.c.size, sorted({size for size, adler32 in contents if adler32 is None})))
    )
    told = all(adler32 is not None for _, adler32 in contents)
    return ids_of(conn, without) + ([] if told else ids_of(conn, of_size))


def _in_every_stretch(conn: Connection) -> ColumnElement[bool]:
    """For the index of checksums, which is by stretches of ids first."""
    last = conn.execute(select(func.max(F.c.id))).scalar() or 0
    return among_few(conn, schema.stretch(), range(last // schema.STRETCH + 1))


# ------------------------------------------------------------------------------------------- changes
def lose(conn: Connection, reasons: Mapping[int, str], why: Why) -> set[int]:
    """These copies are not there, as their storage says. Returns those that are LOST now."""
    return set(_move(conn, "missing", reasons, why, tries=0))


def doubt(conn: Connection, reasons: Mapping[int, str], why: Why) -> set[int]:
    """Have these copies compared before anybody else reads them. Returns those that will be."""
    moved = set(_move(conn, "doubted", reasons, why, next_try_at=why.at, tries=0))
    waiting = [key for key in reasons if key not in moved]
    query = select(R.c.id).where(among(conn, R.c.id, waiting), R.c.state.in_(replicas.COMPARABLE))
    soon = set(ids_of(conn, query)) if waiting else set()
    replicas.postpone(conn, sorted(soon), why.at, count=False)
    return moved | soon


def find(conn: Connection, reasons: Mapping[int, str], why: Why) -> set[int]:
    """These LOST copies are there again, and are to be compared. Returns those that will be."""
    return set(_move(conn, "found", reasons, why, next_try_at=why.at, tries=0))


def _move(conn: Connection, event: str, reasons: Mapping[int, str], why: Why, **also: Any) -> list[int]:
    ids = sorted(reasons)
    words = {key: f"{why.reason}: {text}" if text else why.reason for key, text in reasons.items()}
    return move(conn, REPLICA, ids, event, why, words, **also)


@dataclass(frozen=True, slots=True)
class Rearchived:
    """A copy that is not on tape any more, and the copy on disk from which it is written there again."""

    copy: KnownCopy
    source_id: int
    reason: str


def archive_again(
    conn: Connection, found: Sequence[Rearchived], endpoints: Mapping[str, int], why: Why
) -> set[int]:
    """Write these off and have them on tape again. Returns the ids of those of which that will be.

    The sources must have been seen whole, and be locked (``still_good``).
    """
    lost = lose(conn, {one.copy.replica_id: one.reason for one in found}, why)
    gone = set(_move(conn, "written_off", dict.fromkeys(lost, "it is archived again"), why))
    of_files = {one.copy.file_id: one for one in found if one.copy.replica_id in gone}
    query = select(G.c.id, G.c.output_id).where(
        among(conn, G.c.output_id, sorted(of_files)), G.c.state != GroupState.VOID
    )
    merged = {row[0]: row[1] for row in conn.execute(query).all()}
    move(conn, GROUP, sorted(merged), "archive_lost", why)
    others = [one for file, one in of_files.items() if file not in set(merged.values())]
    for endpoint in sorted({one.copy.endpoint for one in others}):
        here = [one for one in others if one.copy.endpoint == endpoint]
        places = [(one.copy.file_id, one.copy.path) for one in here]
        new = files.add_replicas(conn, places, endpoints[endpoint], why, ReplicaState.COPYING)
        pairs = [(endpoints[endpoint], key) for key in new]
        requests.want(conn, RequestKind.COPY, pairs, why, [one.source_id for one in here])
    return gone


def move_place(
    conn: Connection, found: Sequence[tuple[KnownCopy, str, str]], endpoints: Mapping[str, int], why: Why
) -> set[int]:
    """These copies, (copy, new path, reason), are at another place of their endpoint and were compared there.

    The old one is written off, the new one is compared by the flow. Returns the ids of the old ones.
    """
    lost = lose(conn, {copy.replica_id: reason for copy, _, reason in found}, why)
    gone = set(_move(conn, "written_off", dict.fromkeys(lost, "it is at another place"), why))
    for endpoint in sorted({copy.endpoint for copy, _, _ in found}):
        places = [
            (copy.file_id, path)
            for copy, path, _ in found
            if copy.endpoint == endpoint and copy.replica_id in gone
        ]
        files.add_replicas(conn, places, endpoints[endpoint], why)
    return gone


def on_tape(conn: Connection, files_: Sequence[int]) -> set[int]:
    """Those of these files that have an AVAILABLE copy on tape."""
    query = (
        select(R.c.file_id)
        .join(E, and_(E.c.id == R.c.endpoint_id, E.c.kind == EndpointKind.TAPE))
        .where(among(conn, R.c.file_id, files_), unindexed(R.c.state) == ReplicaState.AVAILABLE)
    )
    return set(ids_of(conn, query)) if files_ else set()
