"""What a registration would do, without doing it: a list against the catalogue, many files at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from catalog.db import files, registering, schema
from catalog.model import Conflict, NewFile

NOBODY = -1
"""An id that nothing has."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How many are new, and how many known with nothing against them; what contradicts what is known.

    ``fresh``: a registration would write something. ``ids``: of the known files without a conflict.
    """

    new: int
    same: int
    fresh: bool
    conflicts: tuple[Conflict, ...]
    ids: dict[str, int]


def endpoint_id(conn: Connection, name: str) -> int:
    """The id of the endpoint; ``NOBODY`` if the catalogue does not know it yet."""
    found = conn.execute(select(schema.endpoint.c.id).where(schema.endpoint.c.name == name)).scalar()
    return NOBODY if found is None else int(found)


def dataset_of(conn: Connection, name: str) -> tuple[int, str]:
    """Id and state of the dataset; ``NOBODY`` and nothing if the catalogue does not know it yet."""
    table = schema.dataset
    row = conn.execute(select(table.c.id, table.c.state).where(table.c.name == name)).first()
    return (NOBODY, "") if row is None else (int(row.id), str(row.state))


def compare(conn: Connection, entries: Sequence[NewFile], *, dataset: int, endpoint: int) -> Compared:
    """Each file against what is known of it. Twins in the list are compared with the catalogue only."""
    known = registering.known_here(conn, [entry.lfn for entry in entries], endpoint)
    new = 0
    ids: dict[str, int] = {}
    fresh = False
    conflicts: list[Conflict] = []
    counted: list[tuple[int, NewFile]] = []
    for entry, row in zip(entries, known, strict=True):
        if row is None:
            new += 1
            continue
        if problem := registering.difference(row, entry, dataset):
            conflicts.append(Conflict(entry.lfn, problem, entry.where))
            continue
        key, size, adler32, _, replica, _ = row
        ids[entry.lfn] = key
        fresh = fresh or replica is None
        fresh = fresh or (size is None and entry.size is not None)
        fresh = fresh or (adler32 is None and entry.adler32 is not None)
        if entry.events:
            counted.append((key, entry))
    said = files.counts(conn, [key for key, _ in counted]) if counted else {}
    for key, entry in counted:
        was = said.get(key, {})
        for who, n in entry.events.items():
            old = was.get(who)
            fresh = fresh or old is None
            if old is not None and old != n:
                conflicts.append(Conflict(entry.lfn, f"{who} said {old} events, now {n}", entry.where))
                ids.pop(entry.lfn, None)
    same = len(entries) - new - len(conflicts)
    return Compared(new, same, fresh or new > 0, tuple(conflicts), ids)
