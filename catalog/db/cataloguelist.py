"""Every file that the catalogue has, streamed out as text for an engine that compares it with another
catalogue.

A line is a file: LFN, dataset, size, adler32 (a number), events, since, replaced, between tabs; texts are
quoted as in CSV, and a value that is not known is empty. ``events``: by the raw catalogue, else as read back,
else as a job says. ``since``: when it was registered (at an endpoint: since when its copy is as it is), in
ISO 8601. ``replaced`` is 1 for a file that a later attempt replaced. As in ``believed``, no row becomes a
Python object on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import Connection, select

from catalog.db import schema
from catalog.db.engine import among_text
from catalog.errors import NotRegistered
from catalog.states import ReplicaState, Role

COLUMNS = ("lfn", "dataset", "size", "adler32", "events", "since", "replaced")
BLOCK = 10_000
"""File ids that are asked for at a time."""

THERE = (
    ReplicaState.UNVERIFIED,
    ReplicaState.ARCHIVING,
    ReplicaState.AVAILABLE,
    ReplicaState.SUSPECT,
    ReplicaState.BAD,
)
"""Copies that the catalogue says are at their place."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files: with a copy at this endpoint (id), raw ones only. None: all."""

    endpoint: int | None = None
    raw: bool = False


def export(conn: Connection, scope: Scope, to: BinaryIO) -> int:
    """Write a line for each file of the scope, in no order. Gives how many.

    All of them are of one moment in a transaction that sees one (``catalog.read``).
    """
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "sqlite":
        return _from_sqlite(driver, scope, to)
    with driver.cursor() as cursor:
        with cursor.copy(_postgresql(scope)) as stream:
            for block in stream:
                to.write(block)
        return int(cursor.rowcount)


def _from_where(scope: Scope) -> str:
    joins = "".join(
        f" LEFT JOIN event_count {who} ON {who}.file_id = f.id AND {who}.witness = '{witness}'"
        for who, witness in (("said", "raw_catalogue"), ("back", "read"), ("told", "job"))
    )
    where = ["1 = 1"]
    if scope.endpoint is not None:
        states = ", ".join(f"'{state}'" for state in THERE)
        joins += f" JOIN replica r ON r.file_id = f.id AND r.endpoint_id = {int(scope.endpoint)}"
        where.append(f"r.state IN ({states})")
    if scope.raw:
        where.append(f"f.role = '{Role.RAW}'")
    return (
        "FROM file f JOIN directory d ON d.id = f.directory_id JOIN dataset s ON s.id = f.dataset_id"
        f"{joins} WHERE {' AND '.join(where)}"
    )


def _since(scope: Scope) -> str:
    """The later of what happened to the file and to its copy."""
    if scope.endpoint is None:
        return "f.registered_at"
    return "CASE WHEN r.since > f.registered_at THEN r.since ELSE f.registered_at END"


_EVENTS = "coalesce(said.n_events, back.n_events, told.n_events)"
_REPLACED = "CASE WHEN f.retired_at IS NULL THEN 0 ELSE 1 END"


def _postgresql(scope: Scope) -> str:
    since = f"to_char(({_since(scope)}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')"
    return (
        f"COPY (SELECT d.path || f.name AS lfn, s.name AS dataset, f.size, f.adler32, {_EVENTS}, {since}, "
        f"{_REPLACED} {_from_where(scope)}) "
        "TO STDOUT WITH (FORMAT csv, DELIMITER E'\\t', FORCE_QUOTE (lfn, dataset))"
    )


def _quoted(text: str) -> str:
    return f"'\"' || replace({text}, '\"', '\"\"') || '\"'"


def _from_sqlite(driver: Any, scope: Scope, to: BinaryIO) -> int:
    fields = (
        _quoted("d.path || f.name"),
        _quoted("s.name"),
        "ifnull(f.size, '')",
        "ifnull(f.adler32, '')",
        f"ifnull({_EVENTS}, '')",
        f"substr({_since(scope)}, 1, 19)",
        _REPLACED,
    )
    line = " || char(9) || ".join(fields)
    question = (
        f"SELECT group_concat({line}, char(10)), count(*) {_from_where(scope)} AND f.id BETWEEN ? AND ?"
    )
    total = 0
    first, last = driver.execute("SELECT min(id), max(id) FROM file").fetchone()
    for start in range(first, last + 1, BLOCK) if last is not None else ():
        lines, count = driver.execute(question, (start, start + BLOCK - 1)).fetchone()
        if count:
            to.write(lines.encode() + b"\n")
            total += count
    return total


def known_datasets(conn: Connection, names: Sequence[str]) -> dict[str, int]:
    """Those of these names that there are, with their ids."""
    D = schema.dataset  # noqa: N806
    query = select(D.c.name, D.c.id).where(among_text(conn, D.c.name, list(names)))
    return {row[0]: row[1] for row in conn.execute(query)}


def dataset_ids(conn: Connection, names: Sequence[str]) -> dict[str, int]:
    """The ids of these datasets. Raises NotRegistered for a name that nobody knows."""
    found = known_datasets(conn, names)
    for name in names:
        if name not in found:
            raise NotRegistered("no dataset of that name", subject=name)
    return found


def raw_page(conn: Connection, after: int, limit: int) -> list[tuple[int, str, int, str, int | None]]:
    """Raw files by id (id, LFN, run, product, size): the page after this one."""
    F = schema.file  # noqa: N806
    query = (
        select(F.c.id, schema.lfn(), *F.c["run", "product", "size"])
        .where(F.c.role == Role.RAW, F.c.retired_at.is_(None), F.c.id > after)
        .order_by(F.c.id)
        .limit(limit)
    )
    return [tuple(row) for row in conn.execute(query)]
