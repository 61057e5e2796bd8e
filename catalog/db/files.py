"""Datasets, endpoints, tasks and files: registration is insert-or-compare, many at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select, update

from catalog.db import schema
from catalog.db.engine import among, among_text, insert_many, new_ids
from catalog.db.move import Why, born, move, note
from catalog.errors import ConflictingRegistration, NotRegistered
from catalog.model import Conflict, NewFile, Registration
from catalog.states import DATASET, REPLICA, DatasetState, EndpointKind, ReplicaState, Witness

F, R = schema.file, schema.replica


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
    """Say that the dataset is complete. True if it was open until now."""
    return bool(move(conn, DATASET, [dataset_id(conn, name)], "closed", why))


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
    of it changes. One without a replica at this endpoint gets it. Event counts that are new are added,
    different ones conflict. Repeat freely.
    """
    known = _known(conn, [entry.lfn for entry in files], endpoint)
    listed: dict[str, NewFile] = {}
    new: dict[str, NewFile] = {}
    same: list[tuple[int, NewFile]] = []
    elsewhere: dict[int, str] = {}  # known files that have no replica here yet
    conflicts: list[Conflict] = []
    for entry in files:
        row = known.get(entry.lfn)
        twin = listed.setdefault(entry.lfn, entry)
        if twin is not entry and not _same_words(twin, entry):
            problem = "stands twice in the list, with other values"
        else:
            problem = "" if row is None else _difference(row, entry, dataset)
        if problem:
            conflicts.append(Conflict(entry.lfn, problem, entry.where))
        elif row is not None:
            same.append((row.id, entry))
            if row.path is None:
                elsewhere[row.id] = entry.path
        else:
            new.setdefault(entry.lfn, entry)
    if new and _state_of(conn, dataset) == DatasetState.CLOSED:
        first = next(iter(new.values()))
        raise ConflictingRegistration(
            "the dataset is closed; reopen it with a reason to add files", subject=first.where or first.lfn
        )
    ids = _insert(conn, list(new.values()), dataset, endpoint, why)
    add_replicas(conn, list(elsewhere.items()), endpoint, why)
    conflicts += _complete(conn, same, why)
    known_ids = {entry.lfn: key for key, entry in same}
    return Registration(len(new), len(files) - len(new) - len(conflicts), tuple(conflicts), ids | known_ids)


def _state_of(conn: Connection, dataset: int) -> str:
    return str(
        conn.execute(select(schema.dataset.c.state).where(schema.dataset.c.id == dataset)).scalar_one()
    )


def _known(conn: Connection, lfns: Sequence[str], endpoint: int) -> dict[str, Any]:
    query = (
        select(*F.c["id", "lfn", "dataset_id", "size", "adler32"], R.c.path)
        .outerjoin(R, (R.c.file_id == F.c.id) & (R.c.endpoint_id == endpoint) & (R.c.state != "DELETED"))
        .where(F.c.retired_at.is_(None), among_text(conn, F.c.lfn, lfns))
    )
    return {row.lfn: row for row in conn.execute(query).all()}


def _same_words(one: NewFile, other: NewFile) -> bool:
    return replace(one, where="") == replace(other, where="")


def _difference(row: Any, entry: NewFile, dataset: int) -> str:
    if row.size != entry.size:
        return f"known with {row.size} bytes, here {entry.size}"
    if row.adler32 != entry.adler32:
        return f"known with adler32 {row.adler32:08x}, here {entry.adler32}"
    if row.dataset_id != dataset:
        return "known in another dataset"
    if row.path is not None and row.path != entry.path:
        return f"known at {row.path}, here {entry.path}"
    return ""


def _insert(
    conn: Connection, files: Sequence[NewFile], dataset: int, endpoint: int, why: Why
) -> dict[str, int]:
    if not files:
        return {}
    ids = new_ids(conn, F, len(files))
    insert_many(
        conn,
        F,
        [
            {
                "id": key,
                "lfn": entry.lfn,
                "dataset_id": dataset,
                "role": entry.role.value,
                "product": entry.product,
                "run": entry.run,
                "chunk": entry.chunk,
                "part": entry.part,
                "size": entry.size,
                "adler32": int(entry.adler32),
                "registered_at": why.at,
            }
            for key, entry in zip(ids, files, strict=True)
        ],
    )
    add_replicas(conn, [(key, entry.path) for key, entry in zip(ids, files, strict=True)], endpoint, why)
    pairs = list(zip(ids, files, strict=True))
    say_events(conn, [(key, who, n) for key, entry in pairs for who, n in entry.events.items()], why)
    insert_many(
        conn,
        schema.parent,
        [{"file_id": key, "parent_id": up} for key, entry in pairs for up in entry.parents],
    )
    note(conn, "file", ids, "registered", why)
    return {entry.lfn: key for key, entry in pairs}


def add_replicas(
    conn: Connection,
    places: Sequence[tuple[int, str]],
    endpoint: int,
    why: Why,
    state: ReplicaState = ReplicaState.UNVERIFIED,
) -> list[int]:
    """New replicas, as (file id, path), in a starting state. Returns their ids in order."""
    ids = new_ids(conn, R, len(places)) if places else []
    insert_many(
        conn,
        R,
        [
            {
                "id": key,
                "file_id": file,
                "endpoint_id": endpoint,
                "path": path,
                "state": state.value,
                "since": why.at,
                "next_try_at": why.at,
            }
            for key, (file, path) in zip(ids, places, strict=True)
        ],
    )
    born(conn, REPLICA, ids, state, why)
    return ids


def say_events(conn: Connection, said: Sequence[tuple[int, Witness, int]], why: Why) -> None:
    """Store what witnesses say of files that they have not spoken of before."""
    insert_many(
        conn,
        schema.event_count,
        [
            {"file_id": file, "witness": who.value, "n_events": n, "said_at": why.at, "said_by": why.actor}
            for file, who, n in said
        ],
    )


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


def _complete(conn: Connection, same: Iterable[tuple[int, NewFile]], why: Why) -> list[Conflict]:
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
        conn.execute(update(F).where(among(conn, F.c.id, ids)).values(retired_at=why.at))
        note(conn, "file", ids, "retired", why)


def find_file(conn: Connection, lfn: str) -> Any:
    """The file of that LFN, or of that base name if only one has it. Raises NotRegistered."""
    query = select(F, schema.dataset.c.name.label("dataset")).join(schema.dataset)
    row = conn.execute(query.where(F.c.lfn == lfn, F.c.retired_at.is_(None))).first()
    if row is None and "/" not in lfn:
        # ends in "/NAME": a scan, for people only
        escaped = lfn.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        like = F.c.lfn.like(f"%/{escaped}", escape="\\")
        rows = conn.execute(query.where(like, F.c.retired_at.is_(None)).limit(2)).all()
        if len(rows) > 1:
            raise NotRegistered("more than one file has this name; give the whole LFN", subject=lfn)
        row = rows[0] if rows else None
    if row is None:
        raise NotRegistered("no such file in the catalogue", subject=lfn)
    return row


def runs_of(conn: Connection, dataset: int) -> list[tuple[int, int]]:
    """(run, number of files) of a dataset, in order."""
    query = select(F.c.run, func.count()).where(F.c.dataset_id == dataset).group_by(F.c.run).order_by(F.c.run)
    return [(row[0], row[1]) for row in conn.execute(query).all()]
