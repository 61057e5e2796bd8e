"""Groups of people that datasets belong to.

ddm has no users of its own: who acts is the text that the history keeps, ``user@host``. So ownership is a
guard against mistakes, not security: whoever can write to the database can do anything to it.

1. A dataset has at most one owner. Giving it to another group, or to nobody, needs a reason.
2. A group without members is a label: everybody may act. With members, only they may do what a person does
   to the group's datasets (close, reopen, group, version, describe, give away) and to the group itself.
3. A member ``alice`` is alice on every host, ``alice@lxplus7`` only there.
4. The flow is nobody's member and is never asked: it acts for the task, not for a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from catalog.db import schema, schema_meta
from catalog.db.engine import among, for_update, insert_many, new_ids
from catalog.db.move import Why, note
from catalog.errors import BadInput, BadName, IllegalTransition, NotOwner, NotRegistered

G, M, O, D = (  # noqa: E741
    schema_meta.owner_group,
    schema_meta.owner_member,
    schema_meta.dataset_owner,
    schema.dataset,
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_MEMBER = re.compile(r"[^\s@:\x00-\x1f\x7f-\x9f]{1,64}(?:@[A-Za-z0-9_.-]{1,200})?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
NOUN = "owner_group"


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group, its members (none: everybody may act) and how many datasets it owns."""

    name: str
    description: str
    members: tuple[str, ...]
    datasets: int


def add(conn: Connection, name: str, description: str, members: Sequence[str], why: Why) -> bool:
    """Make the group; False if it is there, and then it stays as it is. Raises BadName or BadInput."""
    if not _NAME.fullmatch(name):
        text = "not a name for a group: letters, digits and _ . -, a letter first, at most 64"
        raise BadName(text, subject=name[:80])
    if len(description) > 500 or _CONTROL.search(description):
        raise BadInput("a description is one line of at most 500 characters", subject="--description")
    if conn.execute(select(G.c.id).where(G.c.name == name)).scalar() is not None:
        return False
    (new,) = new_ids(conn, G, 1)
    insert_many(conn, G, [{"id": new, "name": name, "description": description, "made_at": why.at}])
    note(conn, NOUN, [new], "added", why)
    _join(conn, new, members, why)
    return True


def change_members(
    conn: Connection, name: str, joining: Sequence[str], leaving: Sequence[str], why: Why
) -> GroupLine:
    """Let actors join and leave; one who is in or out already stays so. Raises NotRegistered or NotOwner."""
    key = group_id(conn, name)
    conn.execute(for_update(conn, select(G.c.id).where(G.c.id == key), G))
    _refuse(conn, key, name, why.actor, f"group {name}")
    present = set(_members(conn, key))
    _join(conn, key, [actor for actor in dict.fromkeys(joining) if actor not in present], why)
    gone = [actor for actor in dict.fromkeys(leaving) if actor in present]
    for actor in gone:
        conn.execute(delete(M).where(M.c.group_id == key, M.c.actor == actor))
        note(conn, NOUN, [key], "left", why.because(f"{actor}: {why.reason}"))
    return groups(conn, name)[0]


def _join(conn: Connection, key: int, actors: Sequence[str], why: Why) -> None:
    for actor in actors:
        if not _MEMBER.fullmatch(actor):
            raise BadInput("not a member: USER or USER@HOST", subject=actor[:80])
    rows = [{"group_id": key, "actor": actor} for actor in dict.fromkeys(actors)]
    insert_many(conn, M, rows)
    for row in rows:
        note(conn, NOUN, [key], "joined", why.because(f"{row['actor']}: {why.reason}".removesuffix(": ")))


def _members(conn: Connection, key: int) -> list[str]:
    return list(conn.execute(select(M.c.actor).where(M.c.group_id == key).order_by(M.c.actor)).scalars())


def group_id(conn: Connection, name: str) -> int:
    """The id of the group. Raises NotRegistered."""
    found = conn.execute(select(G.c.id).where(G.c.name == name)).scalar()
    if found is None:
        raise NotRegistered("no such group", subject=name, advice="'ddm group add' makes one")
    return int(found)


def groups(conn: Connection, name: str | None = None) -> list[GroupLine]:
    """Every group, or the one of that name. Raises NotRegistered."""
    owned = select(func.count()).where(O.c.group_id == G.c.id).correlate(G).scalar_subquery()
    query = select(*G.c["id", "name", "description"], owned).order_by(G.c.name)
    if name is not None:
        query = query.where(G.c.id == group_id(conn, name))
    rows = conn.execute(query).all()
    members: dict[int, list[str]] = {}
    for key, actor in conn.execute(select(M.c.group_id, M.c.actor).order_by(M.c.actor)):
        members.setdefault(key, []).append(actor)
    return [GroupLine(row[1], row[2], tuple(members.get(row[0], ())), row[3]) for row in rows]


# ------------------------------------------------------------------------------- datasets
def owner_of(conn: Connection, dataset: int) -> str | None:
    """The name of the group that the dataset belongs to."""
    return owners(conn, [dataset]).get(dataset)


def owners(conn: Connection, datasets: Sequence[int]) -> dict[int, str]:
    """Dataset id → name of its group, of those that have one."""
    query = select(O.c.dataset_id, G.c.name).join(G, G.c.id == O.c.group_id)
    query = query.where(among(conn, O.c.dataset_id, datasets))
    return {row[0]: row[1] for row in conn.execute(query)}


def datasets_of(conn: Connection, name: str) -> list[int]:
    """The datasets that belong to the group. Raises NotRegistered."""
    query = select(O.c.dataset_id).where(O.c.group_id == group_id(conn, name))
    return list(conn.execute(query.order_by(O.c.dataset_id)).scalars())


def own(conn: Connection, dataset: int, name: str | None, why: Why) -> bool:
    """Give the dataset to the group, or to nobody. True if it belonged to another before.

    Raises NotRegistered for the group, NotOwner, or IllegalTransition without a reason for a change.
    """
    conn.execute(for_update(conn, select(D.c.id).where(D.c.id == dataset), D))
    was = owner_of(conn, dataset)
    group = None if name is None else group_id(conn, name)
    if was == name:
        return False
    if was is not None and not why.reason.strip():
        raise IllegalTransition("dataset: a change of its owner is for a person and needs a reason")
    guard(conn, dataset, why.actor)
    if group is None:
        conn.execute(delete(O).where(O.c.dataset_id == dataset))
    elif was is None:
        insert_many(conn, O, [{"dataset_id": dataset, "group_id": group}])
    else:
        conn.execute(update(O).where(O.c.dataset_id == dataset).values(group_id=group))
    words = f"{was or 'nobody'} -> {name or 'nobody'}"
    note(conn, "dataset", [dataset], "owned", why.because(f"{words}: {why.reason}".removesuffix(": ")))
    return True


def guard(conn: Connection, dataset: int, actor: str) -> None:
    """Raises NotOwner unless the actor may do what a person does to this dataset (rules 2 and 3)."""
    query = (
        select(G.c.id, G.c.name, D.c.name).join(O, O.c.group_id == G.c.id).join(D, D.c.id == O.c.dataset_id)
    )
    row: Any = conn.execute(query.where(D.c.id == dataset)).first()
    if row is not None:
        _refuse(conn, row[0], row[1], actor, row[2])


def _refuse(conn: Connection, key: int, group: str, actor: str, subject: str) -> None:
    members = _members(conn, key)
    if members and not {actor, actor.split("@")[0]} & set(members):
        raise NotOwner(
            f"belongs to group '{group}', of which {actor} is no member; nothing was changed", subject=subject
        )
