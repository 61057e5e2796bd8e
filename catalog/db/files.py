"""Datasets, endpoints, tasks, and what is said of files. ``catalog.db.registering`` makes them known."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select, update

from catalog.db import directories, schema, tally
from catalog.db.engine import among, insert_columns, insert_many, new_ids
from catalog.db.move import Why, born, move, note
from catalog.errors import ConflictingRegistration, NotRegistered
from catalog.states import DATASET, REPLICA, DatasetState, EndpointKind, ReplicaState, Witness

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
        raise NotRegistered(
            "no such dataset", subject=name, advice="'ddm dataset show' lists those there are"
        )
    return int(found)


def state_of(conn: Connection, name: str) -> str | None:
    """The state of the dataset; None if there is none of that name."""
    return conn.execute(select(schema.dataset.c.state).where(schema.dataset.c.name == name)).scalar()


def close_dataset(conn: Connection, name: str, why: Why) -> bool:
    """Say that the dataset is complete. True if it was open until now.

    Raises ConflictingRegistration while it has runs whose files are not all known.
    """
    key = dataset_id(conn, name)
    if missing := undefined_runs(conn, key):
        run, reason = next(iter(missing.items()))
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise ConflictingRegistration(
            f"not all files of run {run} are known: {reason}{more}; the dataset stays open",
            subject=name,
            advice="'ddm dataset show' lists such runs; register their files, or say 'ddm dataset define'",
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


def ids_by_lfn(conn: Connection, lfns: Sequence[str]) -> dict[str, int]:
    """The ids of the files that have these names; a name that nobody has is left out."""
    names = directories.wanted(
        conn, lfns, directories.known(conn, {directories.split(lfn)[0] for lfn in lfns})
    )
    query = select(names.c.position, F.c.id).join_from(names, F, is_named(names))
    return {lfns[row[0]]: row[1] for row in conn.execute(query).all()}


def is_named(names: Any) -> Any:
    """Files whose names are in ``directories.wanted``."""
    return and_(F.c.name == names.c.name, F.c.directory_id == names.c.directory_id, F.c.retired_at.is_(None))


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


def insert_replicas(
    conn: Connection,
    files: Sequence[int],
    paths: Sequence[str | None],
    endpoint: int,
    state: ReplicaState,
    why: Why,
    comparable: Sequence[bool] = (),
) -> Sequence[int]:
    """Rows for replicas, without their history and sums. Those that are not comparable are never tried."""
    ids = new_ids(conn, R, len(files))
    columns = {
        "id": ids,
        "file_id": files if isinstance(files, range) else list(files),
        "endpoint_id": endpoint,
        "path": list(paths),
        "state": state.value,
        "since": why.at,
        "next_try_at": [why.at if now else schema.NEVER for now in comparable] or why.at,
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
    query = select(F.c.id, schema.lfn(), F.c.size, F.c.adler32).where(among(conn, F.c.id, files))
    known = {row[0]: row[1:] for row in conn.execute(query).all()}
    paths = [None if path == known[file][0] else path for file, path in places]
    comparable = [None not in known[file] for file in files]
    ids = insert_replicas(conn, files, paths, endpoint, state, why, comparable)
    born(conn, REPLICA, ids, state, why)
    return ids


Types = Mapping[tuple[int, Witness], Mapping[str, int]]
"""Events by type, by file and witness."""


def say_events(
    conn: Connection, said: Sequence[tuple[int, Witness, int]], why: Why, types: Types | None = None
) -> None:
    """Store what witnesses say of files that they have not spoken of before."""
    counted = [file for file, who, _ in said if who != Witness.JOB]
    tally.taken_out(conn, "file", counted)
    insert_events(conn, said, why, types)
    tally.put_in(conn, "file", counted)


def insert_events(
    conn: Connection, said: Sequence[tuple[int, Witness, int]], why: Why, types: Types | None = None
) -> None:
    """Rows for event counts, without their sums; with the ``types`` of those who tell them."""
    columns = {
        "file_id": [file for file, _, _ in said],
        "witness": [who._value_ for _, who, _ in said],
        "n_events": [n for _, _, n in said],
        "said_at": why.at,
        "said_by": why.actor,
    }
    if types:
        told = [types.get((file, who)) for file, who, _ in said]
        columns["by_type"] = [json.dumps(entry, sort_keys=True) if entry else None for entry in told]
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
    conn: Connection, said: Sequence[tuple[int, Witness, int]], why: Why, types: Types | None = None
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
    say_events(conn, fresh, why, types)
    return differ


def retire(conn: Connection, ids: Sequence[int], why: Why) -> None:
    """Free the names of files that a later attempt replaces. Rows, replicas and history stay."""
    if ids:
        tally.taken_out(conn, "file", ids)
        conn.execute(update(F).where(among(conn, F.c.id, ids)).values(retired_at=why.at))
        note(conn, "file", ids, "retired", why)


ADVICE = "check the name: 'ddm file find' looks for files, 'ddm file register' registers new ones"


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
        raise NotRegistered("no such file in the catalogue", subject=lfn, advice=ADVICE)
    return rows[0]


def runs_of(conn: Connection, dataset: int) -> list[tuple[int, int]]:
    """(run, number of files) of a dataset, in order."""
    query = tally.sums("run", noun="file", owner=dataset).order_by(schema.tally.c.run)
    return [(row.run, int(row.n)) for row in conn.execute(query).all()]
