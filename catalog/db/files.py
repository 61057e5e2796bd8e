"""Datasets, endpoints, tasks and files: registration is insert-or-compare, many at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, bindparam, delete, func, join, outerjoin, select, update
from sqlalchemy.exc import IntegrityError

from catalog.checksum import Adler32
from catalog.db import directories, schema, tally
from catalog.db.engine import among, ids_of, insert_columns, insert_many, new_ids
from catalog.db.move import Why, born, move, note
from catalog.errors import ConflictingRegistration, NotRegistered
from catalog.model import Conflict, NewFile, Registration
from catalog.names import check_lfn
from catalog.states import DATASET, REPLICA, DatasetState, EndpointKind, ReplicaState, Role, Witness

F, R, D = schema.file, schema.replica, schema.directory


def ensure_endpoint(conn: Connection, name: str, kind: EndpointKind) -> int:
    """The id of the endpoint, made if new. An endpoint never changes its kind."""
    row = conn.execute(select(*schema.endpoint.c["id", "kind"]).where(schema.endpoint.c.name == name)).first()
    if row is None:
        (new,) = new_ids(conn, schema.endpoint, 1)
        insert_many(conn, schema.endpoint, [{"id": new, "name": name, "kind": str(kind)}])
        return new
    if row.kind != kind:
        raise ConflictingRegistration(f"is a {row.kind} endpoint in the catalogue, {kind} here", subject=name)
    return int(row.id)


def endpoints(conn: Connection) -> dict[str, int]:
    """Every endpoint's id, by name."""
    return {row.name: row.id for row in conn.execute(select(*schema.endpoint.c["name", "id"]))}


def ensure_dataset(conn: Connection, name: str, why: Why) -> int:
    """The id of the dataset; a new one is open."""
    found = conn.execute(select(schema.dataset.c.id).where(schema.dataset.c.name == name)).scalar()
    if found is not None:
        return int(found)
    (new,) = new_ids(conn, schema.dataset, 1)
    row = {"id": new, "name": name, "state": DatasetState.OPEN, "since": why.at}
    insert_many(conn, schema.dataset, [row])
    born(conn, DATASET, [new], DatasetState.OPEN, why)
    return new


def dataset_id(conn: Connection, name: str) -> int:
    """The id of the dataset. Raises NotRegistered."""
    found = conn.execute(select(schema.dataset.c.id).where(schema.dataset.c.name == name)).scalar()
    if found is None:
        raise NotRegistered("no such dataset", subject=name)
    return int(found)


def close_dataset(conn: Connection, name: str, why: Why) -> bool:
    """Say that the dataset is complete. True if it was open until now.

    Raises ConflictingRegistration while it has runs whose files are not all known.
    """
    key = dataset_id(conn, name)
    if missing := undefined_runs(conn, key):
        run, reason = next(iter(missing.items()))
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise ConflictingRegistration(
            f"not all files of run {run} are known: {reason}{more}; the dataset stays open", subject=name
        )
    return bool(move(conn, DATASET, [key], "closed", why))


def reopen_dataset(conn: Connection, name: str, why: Why) -> bool:
    """Let files be added again; a person, with a reason."""
    return bool(move(conn, DATASET, [dataset_id(conn, name)], "reopened", why))


def define_task(conn: Connection, name: str, dataset: int, definition: Mapping[str, Any], why: Why) -> int:
    """The id of the task. Its definition is frozen: another one under the same name is refused."""
    text = json.dumps(definition, sort_keys=True)
    row = conn.execute(
        select(*schema.task.c["id", "dataset_id", "definition"]).where(schema.task.c.name == name)
    ).first()
    if row is None:
        (new,) = new_ids(conn, schema.task, 1)
        values = {"id": new, "name": name, "dataset_id": dataset, "definition": text, "defined_at": why.at}
        insert_many(conn, schema.task, [values])
        note(conn, "task", [new], "defined", why)
        return new
    if row.definition != text or row.dataset_id != dataset:
        was = json.loads(row.definition)
        changed = sorted(key for key in {*was, *definition} if was.get(key) != definition.get(key))
        raise ConflictingRegistration(
            f"the task was defined otherwise ({', '.join(changed) or 'dataset'} changed); "
            "files made so far carry the old names: give the new one another name",
            subject=f"task.{name}",
        )
    return int(row.id)


def register(
    conn: Connection, files: Sequence[NewFile], *, dataset: int, endpoint: int, why: Why
) -> Registration:
    """Register files with a replica each (UNVERIFIED), or compare with what is known.

    A known file must have the same size, adler32, dataset and place; otherwise it is a conflict and nothing
    of it changes. What was unknown is filled in, and what the entry does not say is not compared. One
    without a replica at this endpoint gets it. Event counts that are new are added, different ones conflict.
    Repeat freely. Raises BadName for an LFN or path that is none.

    New files are the usual case, so they are tried first: the unique index finds the known ones.
    """
    for entry in files:
        check_lfn(entry.lfn)
        if entry.path is not entry.lfn:
            check_lfn(entry.path)
    if len({entry.lfn for entry in files}) == len(files) and not _seen_before(conn, files[:1]):
        if files:
            _refuse_if_closed(conn, dataset, files[0])
        try:
            with conn.begin_nested():
                ids = _insert(conn, files, dataset, endpoint, why)
            return Registration(len(files), 0, (), _Ids(files, ids))
        except IntegrityError:  # some are known, or break a rule: look at each
            pass
    return _compare(conn, files, dataset=dataset, endpoint=endpoint, why=why)


class _Ids(Mapping[str, int]):
    """LFN → id, made when somebody asks."""

    def __init__(self, files: Sequence[NewFile], ids: Sequence[int]) -> None:
        self._files, self._ids = files, ids
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


def _seen_before(conn: Connection, files: Sequence[NewFile]) -> bool:
    """Whether these are known: a guess about the others that spares a try in vain."""
    return bool(files) and bool(ids_by_lfn(conn, [entry.lfn for entry in files]))


def _refuse_if_closed(conn: Connection, dataset: int, first: NewFile) -> None:
    if _state_of(conn, dataset) == DatasetState.CLOSED:
        raise ConflictingRegistration(
            "the dataset is closed; reopen it with a reason to add files", subject=first.where or first.lfn
        )


def _compare(
    conn: Connection, files: Sequence[NewFile], *, dataset: int, endpoint: int, why: Why
) -> Registration:
    """Each file against what is known of it, and against its twins in the list."""
    known = known_here(conn, [entry.lfn for entry in files], endpoint)
    listed: dict[str, NewFile] = {}
    new: dict[str, NewFile] = {}
    same: list[tuple[int, NewFile]] = []
    elsewhere: dict[int, NewFile] = {}  # known files that have no replica here yet
    partly: list[tuple[int, int | None, Adler32 | None]] = []  # known files that lack what the entry says
    conflicts: list[Conflict] = []
    for entry, row in zip(files, known, strict=True):
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
    add_replicas(conn, [(key, entry.path) for key, entry in elsewhere.items()], endpoint, why)
    complete(conn, partly, why)
    conflicts += _complete_events(conn, same, why)
    known_ids = {entry.lfn: key for key, entry in same}
    new_ones = dict(zip(new, ids, strict=True))
    return Registration(
        len(new), len(files) - len(new) - len(conflicts), tuple(conflicts), new_ones | known_ids
    )


def _state_of(conn: Connection, dataset: int) -> str:
    return str(
        conn.execute(select(schema.dataset.c.state).where(schema.dataset.c.id == dataset)).scalar_one()
    )


def ids_by_lfn(conn: Connection, lfns: Sequence[str]) -> dict[str, int]:
    """The ids of the files that have these names; a name that nobody has is left out."""
    names = directories.wanted(
        conn, lfns, directories.known(conn, {directories.split(lfn)[0] for lfn in lfns})
    )
    query = select(names.c.position, F.c.id).join_from(names, F, _is_named(names))
    return {lfns[row[0]]: row[1] for row in conn.execute(query).all()}


def _is_named(names: Any) -> Any:
    return and_(F.c.name == names.c.name, F.c.directory_id == names.c.directory_id, F.c.retired_at.is_(None))


def known_here(conn: Connection, lfns: Sequence[str], endpoint: int) -> list[Any]:
    """For each LFN (id, size, adler32, dataset, replica at the endpoint, its path), or None."""
    names = directories.wanted(
        conn, lfns, directories.known(conn, {directories.split(lfn)[0] for lfn in lfns})
    )
    here = and_(R.c.file_id == F.c.id, R.c.endpoint_id == endpoint, R.c.state != "DELETED")
    query = select(
        names.c.position, *F.c["id", "size", "adler32", "dataset_id"], R.c.id, R.c.path
    ).select_from(outerjoin(join(names, F, _is_named(names)), R, here))
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
    conn: Connection, files: Sequence[NewFile], dataset: int, endpoint: int, why: Why
) -> Sequence[int]:
    """New rows for files, replicas, counts and parents, with their history and sums."""
    if not files:
        return []
    apart = [directories.split(entry.lfn) for entry in files]
    heads = directories.ensure(conn, {head for head, _ in apart})
    ids = new_ids(conn, F, len(files))
    columns = {
        "id": ids,
        "directory_id": [heads[head] for head, _ in apart],
        "name": [name for _, name in apart],
        "dataset_id": dataset,
        "role": [entry.role._value_ for entry in files],
        "product": [entry.product for entry in files],
        "run": [entry.run for entry in files],
        "chunk": [entry.chunk for entry in files],
        "part": [entry.part for entry in files],
        "size": [entry.size for entry in files],
        "adler32": [None if entry.adler32 is None else int(entry.adler32) for entry in files],
        "registered_at": why.at,
    }
    insert_columns(conn, F, columns, len(files))
    paths = [None if entry.path == entry.lfn else entry.path for entry in files]
    replicas = _insert_replicas(conn, ids, paths, endpoint, ReplicaState.UNVERIFIED, why)
    born(conn, REPLICA, replicas, ReplicaState.UNVERIFIED, why, counted=True)
    tally.add(conn, _sums(files, dataset, endpoint))
    note(conn, "file", ids, "registered", why)
    pairs = [(key, entry) for key, entry in zip(ids, files, strict=True) if entry.events]
    said = [(key, who, n) for key, entry in pairs for who, n in entry.events.items()]
    _insert_events(conn, said, why)
    ups = [(key, up) for key, entry in zip(ids, files, strict=True) for up in entry.parents]
    children, parents = [key for key, _ in ups], [up for _, up in ups]
    insert_columns(conn, schema.parent, {"file_id": children, "parent_id": parents}, len(ups))
    return ids


def _sums(files: Sequence[NewFile], dataset: int, endpoint: int) -> dict[tally.Key, tally.Sums]:
    """What new files, with their replicas, add to the sums."""
    groups: dict[tuple[int, Role, str, bool], tally.Sums] = {}
    for entry in files:
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
        note(conn, "file", filled, "completed", why)
    return conflicts


def undefine(conn: Connection, dataset: int, runs: Mapping[int, str], why: Why) -> None:
    """Say that not all files of these runs are known, and why: their dataset stays open. Repeat freely."""
    U = schema.undefined_run  # noqa: N806
    known = set(conn.execute(select(U.c.run).where(U.c.dataset_id == dataset)).scalars())
    fresh = [run for run in runs if run not in known]
    reasons = [runs[run] for run in fresh]
    insert_columns(
        conn, U, {"dataset_id": dataset, "run": fresh, "reason": reasons, "since": why.at}, len(fresh)
    )
    if fresh:
        first = f"run {fresh[0]}{' and others' if len(fresh) > 1 else ''}: {reasons[0]}"
        note(conn, "dataset", [dataset], "runs_undefined", why.because(first))
    changed = [{"at_run": run, "why": runs[run]} for run in runs if run in known]
    if changed:
        where = and_(U.c.dataset_id == dataset, U.c.run == bindparam("at_run"))
        conn.execute(update(U).where(where).values(reason=bindparam("why")), changed)


def defined(conn: Connection, dataset: int, runs: Sequence[int], why: Why) -> None:
    """All files of these runs are known now. Repeat freely."""
    U = schema.undefined_run  # noqa: N806
    gone = conn.execute(delete(U).where(U.c.dataset_id == dataset, among(conn, U.c.run, runs)))
    if gone.rowcount:
        note(conn, "dataset", [dataset], "runs_defined", why.because(f"{gone.rowcount} runs: {why.reason}"))


def undefined_runs(conn: Connection, dataset: int) -> dict[int, str]:
    """The runs whose files are not all known, and why."""
    U = schema.undefined_run  # noqa: N806
    query = select(U.c.run, U.c.reason).where(U.c.dataset_id == dataset).order_by(U.c.run)
    return {row[0]: row[1] for row in conn.execute(query).all()}


def _insert_replicas(
    conn: Connection,
    files: Sequence[int],
    paths: Sequence[str | None],
    endpoint: int,
    state: ReplicaState,
    why: Why,
) -> Sequence[int]:
    ids = new_ids(conn, R, len(files))
    columns = {
        "id": ids,
        "file_id": files if isinstance(files, range) else list(files),
        "endpoint_id": endpoint,
        "path": list(paths),
        "state": state.value,
        "since": why.at,
        "next_try_at": why.at,
    }
    insert_columns(conn, R, columns, len(files))
    return ids


def add_replicas(
    conn: Connection,
    places: Sequence[tuple[int, str]],
    endpoint: int,
    why: Why,
    state: ReplicaState = ReplicaState.UNVERIFIED,
) -> Sequence[int]:
    """New replicas, as (file id, path), in a starting state. Returns their ids in order."""
    if not places:
        return []
    files = [file for file, _ in places]
    query = select(F.c.id, schema.lfn()).where(among(conn, F.c.id, files))
    lfns = {row[0]: row[1] for row in conn.execute(query).all()}
    paths = [None if path == lfns[file] else path for file, path in places]
    ids = _insert_replicas(conn, files, paths, endpoint, state, why)
    born(conn, REPLICA, ids, state, why)
    return ids


def say_events(conn: Connection, said: Sequence[tuple[int, Witness, int]], why: Why) -> None:
    """Store what witnesses say of files that they have not spoken of before."""
    counted = [file for file, who, _ in said if who != Witness.JOB]
    tally.taken_out(conn, "file", counted)
    _insert_events(conn, said, why)
    tally.put_in(conn, "file", counted)


def _insert_events(conn: Connection, said: Sequence[tuple[int, Witness, int]], why: Why) -> None:
    columns = {
        "file_id": [file for file, _, _ in said],
        "witness": [who._value_ for _, who, _ in said],
        "n_events": [n for _, _, n in said],
        "said_at": why.at,
        "said_by": why.actor,
    }
    insert_columns(conn, schema.event_count, columns, len(said))


def counts(conn: Connection, files: Sequence[int]) -> dict[int, dict[str, int]]:
    """What each witness says of each file: file id → witness → events. Absent means unknown."""
    table = schema.event_count
    found: dict[int, dict[str, int]] = {}
    query = select(*table.c["file_id", "witness", "n_events"]).where(among(conn, table.c.file_id, files))
    for file, who, n in conn.execute(query).all():
        found.setdefault(file, {})[who] = n
    return found


def say_events_again(
    conn: Connection, said: Sequence[tuple[int, Witness, int]], why: Why
) -> list[tuple[int, str]]:
    """The same for files that may have been spoken of: returns (file id, difference) of contradictions."""
    known = counts(conn, [file for file, _, _ in said])
    fresh, differ = [], []
    for file, who, n in said:
        old = known.get(file, {}).get(who)
        if old is None:
            fresh.append((file, who, n))
        elif old != n:
            differ.append((file, f"{who} said {old} events, now {n}"))
    say_events(conn, fresh, why)
    return differ


def _complete_events(conn: Connection, same: Iterable[tuple[int, NewFile]], why: Why) -> list[Conflict]:
    """Add event counts of known files that were not known before."""
    entries = dict(same)
    said = [(key, who, n) for key, entry in entries.items() for who, n in entry.events.items()]
    if not said:
        return []
    return [
        Conflict(entries[key].lfn, text, entries[key].where)
        for key, text in say_events_again(conn, said, why)
    ]


def retire(conn: Connection, ids: Sequence[int], why: Why) -> None:
    """Free the names of files that a later attempt replaces. Rows, replicas and history stay."""
    if ids:
        tally.taken_out(conn, "file", ids)
        conn.execute(update(F).where(among(conn, F.c.id, ids)).values(retired_at=why.at))
        note(conn, "file", ids, "retired", why)


def find_file(conn: Connection, lfn: str) -> Any:
    """The file of that LFN, or of that base name if only one has it. Raises NotRegistered."""
    head, name = directories.split(lfn)
    query = (
        select(F, schema.lfn(), schema.dataset.c.name.label("dataset"))
        .join(schema.dataset)
        .where(schema.named(name), F.c.retired_at.is_(None))
    )
    if head:
        query = query.where(F.c.directory_id.in_(select(D.c.id).where(D.c.path == head)))
    rows = conn.execute(query.limit(2)).all()
    if len(rows) > 1:
        raise NotRegistered("more than one file has this name; give the whole LFN", subject=lfn)
    if not rows:
        raise NotRegistered("no such file in the catalogue", subject=lfn)
    return rows[0]


def runs_of(conn: Connection, dataset: int) -> list[tuple[int, int]]:
    """(run, number of files) of a dataset, in order."""
    query = tally.sums("run", noun="file", owner=dataset).order_by(schema.tally.c.run)
    return [(row.run, int(row.n)) for row in conn.execute(query).all()]
