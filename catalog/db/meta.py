"""Metadata of people: keys with a type, and what is said of files and datasets under them.

1. A key has one type for ever, that of its definition or of its first value. A value of another type is
   refused, and nothing of the call is kept.
2. Saying again what is known changes nothing; saying something else is a conflict and changes nothing.
3. A known value is changed or forgotten by a person with a reason; the history keeps the old one.
4. Saying is bulk: two questions and one insert for thousands of files, whatever the number of keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update

from catalog.db import schema, schema_meta
from catalog.db.engine import among, for_update, insert_columns, insert_many, new_ids
from catalog.db.move import LONGEST_REASON, Why, note
from catalog.errors import BadInput, ConflictingRegistration, IllegalTransition, NotRegistered
from catalog.meta import MetaType, Stored, Value, check_key, decode, encode, type_of, written

K = schema_meta.meta_key
Said = Mapping[int, Mapping[str, Value]]
"""Of each file or dataset, by id: key → value."""


class Noun(StrEnum):
    """What can have metadata."""

    FILE = "file"
    DATASET = "dataset"


TABLES = {Noun.FILE: schema_meta.file_meta, Noun.DATASET: schema_meta.dataset_meta}


@dataclass(frozen=True, slots=True)
class Key:
    """A key of metadata."""

    id: int
    name: str
    type: MetaType
    description: str
    defined_at: datetime


@dataclass(frozen=True, slots=True)
class Differs:
    """A value that is known otherwise. Nothing of it was changed."""

    id: int
    key: str
    known: Value
    said: Value

    def __str__(self) -> str:
        return f"{self.key} is known as {written(self.known)}, here {written(self.said)}"


# ----------------------------------------------------------------------------------- keys
def keys(conn: Connection) -> dict[str, Key]:
    """Every key, by name."""
    query = select(*K.c["id", "name", "type", "description", "defined_at"]).order_by(K.c.name)
    return {row.name: Key(row[0], row[1], MetaType(row[2]), row[3], row[4]) for row in conn.execute(query)}


def define(conn: Connection, name: str, kind: MetaType, description: str, why: Why) -> tuple[Key, bool]:
    """The key, made if new, and whether it was. Raises ConflictingRegistration for another type."""
    known = keys(conn)
    if name in known:
        if known[name].type != kind:
            raise ConflictingRegistration(
                f"key '{name}' is {known[name].type}, not {kind}; a key has one type for ever",
                subject=name,
                advice="take another name; 'ddm meta keys' lists those there are",
            )
        return known[name], False
    return _new_keys(conn, {name: (kind, description)}, known, why)[0], True


def describe(conn: Connection, name: str, description: str, why: Why) -> Key:
    """Give a key other words. Raises NotRegistered."""
    key = key_of(conn, name)
    conn.execute(update(K).where(K.c.id == key.id).values(description=description))
    _tell(conn, "meta_key", "described", [(key.id, key.description, description)], why)
    return key_of(conn, name)


def key_of(conn: Connection, name: str) -> Key:
    """The key of that name. Raises NotRegistered."""
    found = keys(conn).get(name)
    if found is None:
        raise NotRegistered("no such key of metadata; 'ddm meta keys' shows them", subject=name)
    return found


def used(conn: Connection) -> dict[str, dict[Noun, int]]:
    """How many files and datasets have a value of each key. Reads every value: for people."""
    found: dict[str, dict[Noun, int]] = {name: dict.fromkeys(Noun, 0) for name in keys(conn)}
    for noun, table in TABLES.items():
        query = select(K.c.name, func.count()).join(table, table.c.key_id == K.c.id).group_by(K.c.name)
        for name, number in conn.execute(query):
            found[name][noun] = number
    return found


def _new_keys(
    conn: Connection, wanted: Mapping[str, tuple[MetaType, str]], known: Mapping[str, Key], why: Why
) -> list[Key]:
    folded = {name.lower(): name for name in known}
    for name in wanted:
        check_key(name)
        twin = folded.setdefault(name.lower(), name)
        if twin != name:
            raise BadInput(f"there is a key '{twin}' already, which differs by case only", subject=name)
    ids = new_ids(conn, K, len(wanted)) if wanted else []
    made = [
        Key(key, name, kind, text, why.at)
        for key, (name, (kind, text)) in zip(ids, wanted.items(), strict=True)
    ]
    insert_many(
        conn,
        K,
        [
            {
                "id": key.id,
                "name": key.name,
                "type": str(key.type),
                "description": key.description,
                "defined_at": why.at,
            }
            for key in made
        ],
    )
    note(conn, "meta_key", ids, "defined", why)
    return made


def _keys_of(conn: Connection, said: Said, why: Why) -> dict[str, Key]:
    """The keys that are used, new ones made with the type of their first value."""
    known = keys(conn)
    new: dict[str, tuple[MetaType, str]] = {}
    for values in said.values():
        for name, value in values.items():
            if name not in known and name not in new:
                new[name] = (type_of(value), "")
    return known | {key.name: key for key in _new_keys(conn, new, known, why)}


# ----------------------------------------------------------------------------------- say
def say_of_files(conn: Connection, said: Said, why: Why) -> list[Differs]:
    """Keep what is said of files, by id; returns what is known otherwise. Raises BadInput for a wrong type.

    All ids must be of registered files. Repeat freely.
    """
    return _say(conn, Noun.FILE, said, why)


def say_of_datasets(conn: Connection, said: Said, why: Why) -> list[Differs]:
    """The same of datasets."""
    return _say(conn, Noun.DATASET, said, why)


def _say(conn: Connection, noun: Noun, said: Said, why: Why) -> list[Differs]:
    by_name = _keys_of(conn, said, why)
    known = _stored(conn, noun, list(said))
    new: dict[tuple[int, int], Stored] = {}
    differs: list[Differs] = []
    for one in sorted(said):  # in the order of the table, which is kept by id
        for name, value in said[one].items():
            key = by_name[name]
            stored = encode(key.type, value, name)
            was = known.get((one, key.id)) if known else None
            if was is None:
                new[one, key.id] = stored
            elif was != stored:
                differs.append(Differs(one, name, decode(key.type, was), decode(key.type, stored)))
    _insert(conn, noun, new)
    if noun is Noun.FILE:  # thousands at a time: the values themselves say what was said first
        note(conn, noun, list(dict.fromkeys(one for one, _ in new)), "described", why)
    else:
        called = {key.id: key for key in by_name.values()}
        told = [(one, "", _words(called[key], stored)) for (one, key), stored in new.items()]
        _tell(conn, noun, "described", told, why)
    return differs


def _insert(conn: Connection, noun: Noun, new: Mapping[tuple[int, int], Stored]) -> None:
    if new:
        columns: dict[str, list[Any]] = {
            f"{noun}_id": [one for one, _ in new],
            "key_id": [key for _, key in new],
            "int_value": [stored[0] for stored in new.values()],
            "real_value": [stored[1] for stored in new.values()],
            "text_value": [stored[2] for stored in new.values()],
        }
        insert_columns(conn, TABLES[noun], columns, len(new))


def _words(key: Key, stored: Stored) -> str:
    return f"{key.name}={written(decode(key.type, stored))}"


def _stored(
    conn: Connection, noun: Noun, ids: Sequence[int], *, lock: bool = False
) -> dict[tuple[int, int], Stored]:
    """What is known of these: (id, key id) → columns. ``lock``: until the end of the transaction."""
    table = TABLES[noun]
    query = select(*table.c[f"{noun}_id", "key_id", "int_value", "real_value", "text_value"])
    query = query.where(among(conn, table.c[f"{noun}_id"], ids))
    query = for_update(conn, query, table) if lock else query
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in conn.execute(query).all()}


# --------------------------------------------------------------------------------- change
def change(conn: Connection, noun: Noun, said: Said, why: Why) -> int:
    """Replace known values; returns how many were other before. ``why`` has the reason of a person.

    Raises NotRegistered for a key that nothing is said under, BadInput for a wrong type, IllegalTransition
    without a reason; then nothing was changed.
    """
    _with_reason(noun, why)
    table, by_name, known = TABLES[noun], keys(conn), _stored(conn, noun, list(said), lock=True)
    rows: list[dict[str, Any]] = []
    told: list[tuple[int, str, str]] = []
    for one, values in said.items():
        for name, value in values.items():
            key = by_name.get(name)
            was = None if key is None else known.get((one, key.id))
            if key is None or was is None:
                raise NotRegistered(f"nothing is said under '{name}' yet; nothing was changed", subject=name)
            stored = encode(key.type, value, name)
            if stored == was:
                continue
            rows.append(
                {"one": one, "key": key.id, "whole": stored[0], "real": stored[1], "words": stored[2]}
            )
            told.append((one, _words(key, was), _words(key, stored)))
    if rows:
        statement = (
            update(table)
            .where(and_(table.c[f"{noun}_id"] == bindparam("one"), table.c.key_id == bindparam("key")))
            .values(int_value=bindparam("whole"), real_value=bindparam("real"), text_value=bindparam("words"))
        )
        conn.execute(statement, rows)
        _tell(conn, noun, "changed", told, why)
    return len(rows)


def forget(conn: Connection, noun: Noun, ids: Sequence[int], names: Iterable[str], why: Why) -> int:
    """Withdraw values, by a person with a reason; returns how many. Raises NotRegistered for a key."""
    _with_reason(noun, why)
    table, by_name = TABLES[noun], keys(conn)
    by_id: dict[int, Key] = {}
    for name in names:
        if name not in by_name:
            raise NotRegistered("no such key of metadata; 'ddm meta keys' shows them", subject=name)
        by_id[by_name[name].id] = by_name[name]
    found = {pair: was for pair, was in _stored(conn, noun, ids, lock=True).items() if pair[1] in by_id}
    if found:
        where = and_(
            among(conn, table.c[f"{noun}_id"], sorted({one for one, _ in found})),
            among(conn, table.c.key_id, sorted(by_id)),
        )
        conn.execute(delete(table).where(where))
    told = [(one, _words(by_id[key], was), "") for (one, key), was in found.items()]
    _tell(conn, noun, "forgotten", told, why)
    return len(found)


def _with_reason(noun: Noun, why: Why) -> None:
    if not why.reason.strip():
        raise IllegalTransition(f"{noun}: a known value is changed by a person and needs a reason")


# ------------------------------------------------------------------------------------ ask
def of(conn: Connection, noun: Noun, ids: Sequence[int]) -> dict[int, dict[str, Value]]:
    """What is said of these, keys in order of their names; those of which nothing is said are left out."""
    table = TABLES[noun]
    one = table.c[f"{noun}_id"]
    query = (
        select(one, K.c.name, K.c.type, *table.c["int_value", "real_value", "text_value"])
        .join(K, K.c.id == table.c.key_id)
        .where(among(conn, one, ids))
        .order_by(one, K.c.name)
    )
    found: dict[int, dict[str, Value]] = {}
    for row in conn.execute(query):
        found.setdefault(row[0], {})[row[1]] = decode(MetaType(row[2]), (row[3], row[4], row[5]))
    return found


def _tell(conn: Connection, noun: str, event: str, rows: Sequence[tuple[int, str, str]], why: Why) -> None:
    """History rows with words of their own: (id, old, new)."""
    insert_many(
        conn,
        schema.history,
        [
            {
                "noun": str(noun),
                "noun_id": one,
                "last_id": one,
                "event": event,
                "old": old,
                "new": new,
                "at": why.at,
                "actor": why.actor,
                "reason": why.reason[:LONGEST_REASON],
            }
            for one, old, new in rows
        ],
    )


COLUMN = {MetaType.REAL: "real_value", MetaType.TEXT: "text_value"}  # of the others: int_value


def faults(conn: Connection) -> list[str]:
    """Values that are not of the type of their key, in words. Reads every value: for ``ddm db check``."""
    found = []
    for noun, table in TABLES.items():
        for kind in MetaType:
            value = table.c[COLUMN.get(kind, "int_value")]
            wrong = or_(value.is_(None), value.not_in((0, 1))) if kind is MetaType.BOOL else value.is_(None)
            query = select(K.c.name, func.count()).join(table, table.c.key_id == K.c.id)
            query = query.where(K.c.type == str(kind), wrong).group_by(K.c.name).order_by(K.c.name)
            for name, number in conn.execute(query):
                found.append(f"{number} values of {noun}s under key {name} are no {kind}")
    return found
