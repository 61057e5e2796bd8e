"""Registration: insert or compare, many files at a time. New files are the usual case, and tried first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, bindparam, func, join, outerjoin, select, update
from sqlalchemy.exc import IntegrityError

from catalog.checksum import Adler32
from catalog.db import directories, files, schema, tally
from catalog.db.engine import among, ids_of, insert_columns, new_ids
from catalog.db.move import Why, born, note
from catalog.errors import ConflictingRegistration
from catalog.model import Conflict, NewFile, Registration
from catalog.names import check_lfn
from catalog.states import REPLICA, DatasetState, ReplicaState, Role, Witness

F, R = schema.file, schema.replica


def register(
    conn: Connection, entries: Sequence[NewFile], *, dataset: int, endpoint: int, why: Why
) -> Registration:
    """Register entries with a replica each (UNVERIFIED), or compare with what is known.

    A known file must have the same size, adler32, dataset and place; otherwise it is a conflict and nothing
    of it changes. What was unknown is filled in, and what the entry does not say is not compared. One
    without a replica at this endpoint gets it. Event counts that are new are added, different ones conflict.
    Repeat freely. Raises BadName for an LFN or path that is none.

    New entries are the usual case, so they are tried first: the unique index finds the known ones.
    """
    for entry in entries:
        check_lfn(entry.lfn)
        if entry.path is not entry.lfn:
            check_lfn(entry.path)
    if len({entry.lfn for entry in entries}) == len(entries) and not _seen_before(conn, entries[:1]):
        if entries:
            _refuse_if_closed(conn, dataset, entries[0])
        try:
            with conn.begin_nested():
                ids = _insert(conn, entries, dataset, endpoint, why)
            return Registration(len(entries), 0, (), _Ids(entries, ids))
        except IntegrityError:  # some are known, or break a rule: look at each
            pass
    return _compare(conn, entries, dataset=dataset, endpoint=endpoint, why=why)


class _Ids(Mapping[str, int]):
    """LFN → id, made when somebody asks."""

    def __init__(self, entries: Sequence[NewFile], ids: Sequence[int]) -> None:
        self._files, self._ids = entries, ids
        self._made: dict[str, int] = {}

    def _all(self) -> dict[str, int]:
        if not self._made:
            self._made = {entry.lfn: key for entry, key in zip(self._files, self._ids, strict=True)}
        return self._made

    def __getitem__(self, lfn: str) -> int:
        return self._all()[lfn]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._files)


def _seen_before(conn: Connection, entries: Sequence[NewFile]) -> bool:
    """Whether these are known: a guess about the others that spares a try in vain."""
    return bool(entries) and bool(files.ids_by_lfn(conn, [entry.lfn for entry in entries]))


def _refuse_if_closed(conn: Connection, dataset: int, first: NewFile) -> None:
    if _state_of(conn, dataset) == DatasetState.CLOSED:
        raise ConflictingRegistration(
            "the dataset is closed; reopen it with a reason to add files",
            subject=first.where or first.lfn,
            advice="ddm dataset reopen NAME --reason '…'",
        )


def _compare(
    conn: Connection, entries: Sequence[NewFile], *, dataset: int, endpoint: int, why: Why
) -> Registration:
    """Each file against what is known of it, and against its twins in the list."""
    known = known_here(conn, [entry.lfn for entry in entries], endpoint)
    listed: dict[str, NewFile] = {}
    new: dict[str, NewFile] = {}
    same: list[tuple[int, NewFile]] = []
    elsewhere: dict[int, NewFile] = {}  # known entries that have no replica here yet
    partly: list[tuple[int, int | None, Adler32 | None]] = []  # known entries that lack what the entry says
    conflicts: list[Conflict] = []
    for entry, row in zip(entries, known, strict=True):
        twin = listed.setdefault(entry.lfn, entry)
        if twin is not entry and not _same_words(twin, entry):
            problem = "stands twice in the list, with other values"
        else:
            problem = "" if row is None else difference(row, entry, dataset)
        if problem:
            conflicts.append(Conflict(entry.lfn, problem, entry.where))
        elif row is None:
            new.setdefault(entry.lfn, entry)
        else:
            key, size, adler32, _, replica, _ = row
            same.append((key, entry))
            if replica is None:
                elsewhere[key] = entry
            if (size is None and entry.size is not None) or (adler32 is None and entry.adler32 is not None):
                partly.append((key, entry.size, entry.adler32))
    if new:
        _refuse_if_closed(conn, dataset, next(iter(new.values())))
    ids = _insert(conn, list(new.values()), dataset, endpoint, why)
    files.add_replicas(conn, [(key, entry.path) for key, entry in elsewhere.items()], endpoint, why)
    complete(conn, partly, why)
    conflicts += _complete_events(conn, same, why)
    known_ids = {entry.lfn: key for key, entry in same}
    new_ones = dict(zip(new, ids, strict=True))
    return Registration(
        len(new), len(entries) - len(new) - len(conflicts), tuple(conflicts), new_ones | known_ids
    )


def _state_of(conn: Connection, dataset: int) -> str:
    return str(
        conn.execute(select(schema.dataset.c.state).where(schema.dataset.c.id == dataset)).scalar_one()
    )


def known_here(conn: Connection, lfns: Sequence[str], endpoint: int) -> list[Any]:
    """For each LFN (id, size, adler32, dataset, replica at the endpoint, its path), or None."""
    names = directories.wanted(
        conn, lfns, directories.known(conn, {directories.split(lfn)[0] for lfn in lfns})
    )
    here = and_(R.c.file_id == F.c.id, R.c.endpoint_id == endpoint, R.c.state != "DELETED")
    query = select(
        names.c.position, *F.c["id", "size", "adler32", "dataset_id"], R.c.id, R.c.path
    ).select_from(outerjoin(join(names, F, files.is_named(names)), R, here))
    found: list[Any] = [None] * len(lfns)
    for position, *row in conn.execute(query).all():
        found[position] = row
    return found


def _same_words(one: NewFile, other: NewFile) -> bool:
    return replace(one, where="") == replace(other, where="")


def difference(row: Any, entry: NewFile, dataset: int) -> str:
    """What an entry contradicts in a row of ``known_here``; empty if nothing."""
    _, size, adler32, group, replica, path = row
    if size != entry.size and size is not None and entry.size is not None:
        return f"known with {size} bytes, here {entry.size}"
    if adler32 != entry.adler32 and adler32 is not None and entry.adler32 is not None:
        return f"known with adler32 {adler32:08x}, here {entry.adler32}"
    if group != dataset:
        return "known in another dataset"
    if replica is not None and (entry.lfn if path is None else path) != entry.path:
        return f"known at {path or entry.lfn}, here {entry.path}"
    return ""


def _insert(
    conn: Connection, entries: Sequence[NewFile], dataset: int, endpoint: int, why: Why
) -> Sequence[int]:
    """New rows for entries, replicas, counts and parents, with their history and sums."""
    if not entries:
        return []
    apart = [directories.split(entry.lfn) for entry in entries]
    heads = directories.ensure(conn, {head for head, _ in apart})
    ids = new_ids(conn, F, len(entries))
    columns = {
        "id": ids,
        "directory_id": [heads[head] for head, _ in apart],
        "name": [name for _, name in apart],
        "dataset_id": dataset,
        "role": [entry.role._value_ for entry in entries],
        "product": [entry.product for entry in entries],
        "run": [entry.run for entry in entries],
        "chunk": [entry.chunk for entry in entries],
        "part": [entry.part for entry in entries],
        "size": [entry.size for entry in entries],
        "adler32": [None if entry.adler32 is None else int(entry.adler32) for entry in entries],
        "registered_at": why.at,
    }
    insert_columns(conn, F, columns, len(entries))
    paths = [None if entry.path == entry.lfn else entry.path for entry in entries]
    known = [entry.size is not None and entry.adler32 is not None for entry in entries]
    comparable = [] if all(known) else known
    replicas = files.insert_replicas(conn, ids, paths, endpoint, ReplicaState.UNVERIFIED, why, comparable)
    born(conn, REPLICA, replicas, ReplicaState.UNVERIFIED, why, counted=True)
    tally.add(conn, _sums(entries, dataset, endpoint))
    note(conn, "file", ids, "registered", why)
    pairs = [(key, entry) for key, entry in zip(ids, entries, strict=True) if entry.events]
    said = [(key, who, n) for key, entry in pairs for who, n in entry.events.items()]
    types = {(key, who): of for key, entry in pairs for who, of in entry.types.items()}
    files.insert_events(conn, said, why, types)
    ups = [(key, up) for key, entry in zip(ids, entries, strict=True) for up in entry.parents]
    children, parents = [key for key, _ in ups], [up for _, up in ups]
    insert_columns(conn, schema.parent, {"file_id": children, "parent_id": parents}, len(ups))
    return ids


def _sums(entries: Sequence[NewFile], dataset: int, endpoint: int) -> dict[tally.Key, tally.Sums]:
    """What new entries, with their replicas, add to the sums."""
    groups: dict[tuple[int, Role, str, bool], tally.Sums] = {}
    for entry in entries:
        key = (entry.run, entry.role, entry.product, entry.size is None or entry.adler32 is None)
        events = entry.events
        known = events.get(Witness.READ, events.get(Witness.RAW_CATALOGUE)) if events else None
        sums = groups.get(key) or groups.setdefault(key, tally.Sums())
        sums.add(1, entry.size or 0, known or 0, known is None)
    found: dict[tally.Key, tally.Sums] = {}
    for (run, role, product, partly), sums in groups.items():
        state = tally.INCOMPLETE if partly else tally.COMPLETE
        found[tally.Key("file", dataset, run, role, product, 0, state)] = sums
        here = tally.Key("replica", dataset, run, role, product, endpoint, ReplicaState.UNVERIFIED.value)
        found.setdefault(here, tally.Sums()).add(sums.n, sums.size)
    return found


def complete(
    conn: Connection, said: Sequence[tuple[int, int | None, Adler32 | None]], why: Why
) -> list[Conflict]:
    """Fill in sizes and checksums that are unknown; those that are known with another value conflict.

    ``said`` is (file id, bytes, adler32), None for what is still unknown. Repeat freely.
    """
    ids = [key for key, _, _ in said]
    if not ids:
        return []
    query = select(F.c.id, schema.lfn(), F.c.size, F.c.adler32).where(among(conn, F.c.id, ids))
    now = {key: (lfn, size, adler32) for key, lfn, size, adler32 in conn.execute(query).all()}
    conflicts: list[Conflict] = []
    changes: dict[int, dict[str, int | None]] = {}
    for key, size, adler32 in said:
        lfn, old_size, old_adler32 = now[key]
        if None not in (size, old_size) and size != old_size:
            conflicts.append(Conflict(lfn, f"known with {old_size} bytes, here {size}"))
        elif None not in (adler32, old_adler32) and adler32 != old_adler32:
            conflicts.append(Conflict(lfn, f"known with adler32 {old_adler32:08x}, here {adler32}"))
        elif (old_size is None and size is not None) or (old_adler32 is None and adler32 is not None):
            words = {"key": key, "bytes": size, "sum": None if adler32 is None else int(adler32)}
            changes[key] = words
    if changes:
        filled = list(changes)
        replicas = ids_of(conn, select(R.c.id).where(among(conn, R.c.file_id, filled)))
        tally.taken_out(conn, "file", filled)
        tally.taken_out(conn, "replica", replicas)
        conn.execute(
            update(F)
            .where(F.c.id == bindparam("key"))
            .values(
                size=func.coalesce(F.c.size, bindparam("bytes", type_=BigInteger)),
                adler32=func.coalesce(F.c.adler32, bindparam("sum", type_=BigInteger)),
            ),
            list(changes.values()),
        )
        tally.put_in(conn, "file", filled)
        tally.put_in(conn, "replica", replicas)
        _try_now(conn, filled, why)
        note(conn, "file", filled, "completed", why)
    return conflicts


def _try_now(conn: Connection, filled: Sequence[int], why: Why) -> None:
    """Have the replicas of files that are complete now compared."""
    whole = select(F.c.id).where(among(conn, F.c.id, filled), F.c.size.is_not(None), F.c.adler32.is_not(None))
    waiting = and_(R.c.file_id.in_(whole), R.c.next_try_at == schema.NEVER)
    conn.execute(update(R).where(waiting).values(next_try_at=why.at))


def _complete_events(conn: Connection, same: Iterable[tuple[int, NewFile]], why: Why) -> list[Conflict]:
    """Add event counts of known files that were not known before."""
    entries = dict(same)
    said = [(key, who, n) for key, entry in entries.items() for who, n in entry.events.items()]
    if not said:
        return []
    return [
        Conflict(entries[key].lfn, text, entries[key].where)
        for key, text in files.say_events_again(conn, said, why)
    ]
