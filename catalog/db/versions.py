"""Versions of datasets: each is a dataset of its own, and a name never begins to mean other files.

``NAME`` is version 1 for good, the later ones are ``NAME@2``, ``NAME@3`` … See
docs/decisions/0008-versions.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from catalog.db import files, owners, schema, schema_meta
from catalog.db.engine import among, insert_many
from catalog.db.family import lock_family, told
from catalog.db.move import Why, note
from catalog.errors import BadInput, BadName, ConflictingRegistration
from catalog.names import check_lfn
from catalog.states import DatasetState

D, V = schema.dataset, schema_meta.dataset_version

_VERSIONED = re.compile(r"(?s)(.+)@([1-9][0-9]{0,8})")


def split_name(name: str) -> tuple[str, int]:
    """Base and version of a name: ``('mdst/2016/P08', 2)`` of ``mdst/2016/P08@2``."""
    found = _VERSIONED.fullmatch(name)
    return (found[1], int(found[2])) if found else (name, 1)


def versioned(base: str, version: int) -> str:
    """The name of a version."""
    return base if version == 1 else f"{base}@{version}"


def check_new_name(name: str) -> None:
    """Raises BadName for a name that no dataset can have, or that only a version of another gets."""
    check_lfn("/" + name)
    if _VERSIONED.fullmatch(name):
        raise BadName(
            f"{name!r} is how a version is called; 'ddm dataset version' makes the next one", subject=name
        )


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a dataset. ``newest``: there is no later one."""

    name: str
    version: int
    state: str
    newest: bool


def versions(conn: Connection, name: str) -> list[Version]:
    """All versions of the dataset that ``name`` is a version of, oldest first. Raises NotRegistered."""
    dataset = files.dataset_id(conn, name)
    base = conn.execute(select(V.c.base).where(V.c.dataset_id == dataset)).scalar()
    if base is None:
        state = conn.execute(select(D.c.state).where(D.c.id == dataset)).scalar_one()
        return [Version(name, 1, state, True)]
    query = select(D.c.name, V.c.version, D.c.state).join(D, D.c.id == V.c.dataset_id)
    rows = conn.execute(query.where(V.c.base == base).order_by(V.c.version)).all()
    return [Version(row[0], row[1], row[2], row is rows[-1]) for row in rows]


def newest(conn: Connection, name: str) -> str:
    """The name of the newest version. Raises NotRegistered."""
    return versions(conn, name)[-1].name


def succeeded(conn: Connection) -> set[int]:
    """The datasets that have a later version."""
    return set(conn.execute(select(V.c.previous_id).where(V.c.previous_id.is_not(None))).scalars())


def counted_twice(conn: Connection, ids: Iterable[int]) -> list[str]:
    """The names of which more than one version is among these."""
    query = select(V.c.base).where(among(conn, V.c.dataset_id, list(ids)))
    query = query.group_by(V.c.base).having(func.count() > 1).order_by(V.c.base)
    return list(conn.execute(query).scalars())


def new_version(conn: Connection, name: str, why: Why) -> Version:
    """Make the next version: an open, empty dataset that belongs to the same group. A person, with a reason.

    ``name`` is the first version's (which all are called after) or the newest's. Parents and metadata are not
    taken over: whoever sums over a parent must say which version is counted. Raises NotRegistered, BadInput
    for a version that is not the newest, ConflictingRegistration if somebody else's dataset has the name.
    """
    lock_family(conn)
    found = versions(conn, name)
    last = found[-1]
    base = split_name(last.name)[0] if last.version > 1 else last.name
    if name not in (base, last.name):
        raise BadInput(f"'{last.name}' is newer; make the next version of that", subject=name)
    following = versioned(base, last.version + 1)
    if conn.execute(select(D.c.id).where(D.c.name == following)).scalar() is not None:
        raise ConflictingRegistration(
            f"there is a dataset of that name, which is no version of '{base}'", subject=following
        )
    check_lfn("/" + following)
    previous = files.dataset_id(conn, last.name)
    new = files.ensure_dataset(conn, following, why)
    rows = [{"dataset_id": new, "base": base, "version": last.version + 1, "previous_id": previous}]
    if last.version == 1:
        rows.insert(0, {"dataset_id": previous, "base": base, "version": 1, "previous_id": None})
    insert_many(conn, V, rows)
    note(conn, "dataset", [previous], "succeeded", why.because(told(following, why)))
    owner = owners.owner_of(conn, previous)
    if owner is not None:
        owners.own(conn, new, owner, why)
    return Version(following, last.version + 1, DatasetState.OPEN, True)


def faults(conn: Connection) -> list[str]:
    """Versions that are not called so, in words: for ``ddm db check``."""
    query = select(D.c.name, V.c.base, V.c.version).join(D, D.c.id == V.c.dataset_id).order_by(D.c.name)
    return [
        f"dataset {name} is kept as version {number} of {base}"
        for name, base, number in conn.execute(query)
        if name != versioned(base, number)
    ]
