"""What a registration would do, without doing it: a list against the catalogue, many files at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, select

from catalog.checksum import Adler32
from catalog.db import files, registering, schema
from catalog.model import Conflict
from catalog.states import Witness

NOBODY = -1
"""An id that nothing has."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How many are new, and how many known with nothing against them; what contradicts what is known.

    ``conflicts``: with the place in the list. ``fresh``: a registration would write something. ``ids``: of
    the known files without a conflict.
    """

    new: int
    same: int
    fresh: bool
    conflicts: tuple[tuple[int, Conflict], ...]
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


class Told(Protocol):
    """What a list says of a file, as ``NewFile`` does."""

    @property
    def lfn(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int | None: ...
    @property
    def adler32(self) -> Adler32 | None: ...
    @property
    def events(self) -> Mapping[Witness, int]: ...
    @property
    def where(self) -> str: ...


_difference: Callable[[Any, Any, int], str] = registering.difference


def compare(conn: Connection, entries: Sequence[Told], *, dataset: int, endpoint: int) -> Compared:
    """Each file against what is known of it. Twins in the list are compared with the catalogue only."""
    known = registering.known_here(conn, [entry.lfn for entry in entries], endpoint)
    new = 0
    ids: dict[str, int] = {}
    fresh = False
    conflicts: list[tuple[int, Conflict]] = []
    counted: dict[int, int] = {}
    for place, (entry, row) in enumerate(zip(entries, known, strict=True)):
        if row is None:
            new += 1
            continue
        if problem := _difference(row, entry, dataset):
            conflicts.append((place, Conflict(entry.lfn, problem, entry.where)))
            continue
        key, size, adler32, _, replica, _ = row
        ids[entry.lfn] = key
        partly = size is None or adler32 is None
        if replica is None or (partly and (entry.size, entry.adler32) != (size, adler32)):
            fresh = True  # perhaps: an entry may also say less than what is known
        if entry.events:
            counted[place] = key
    said = files.counts(conn, list(counted.values())) if counted else {}
    for place, key in counted.items():
        entry, was = entries[place], said.get(key, {})
        for who, n in entry.events.items():
            old = was.get(who)
            if old is None:
                fresh = True
            elif old != n:
                text = f"{who} said {old} events, now {n}"
                conflicts.append((place, Conflict(entry.lfn, text, entry.where)))
                ids.pop(entry.lfn, None)
    same = len(entries) - new - len(conflicts)
    return Compared(new, same, fresh or new > 0, tuple(conflicts), ids)
