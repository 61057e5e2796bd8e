"""What people say of files and datasets: keys with a type, values set, changed and withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.db import files, meta, owners
from catalog.db.engine import Catalog, Connection
from catalog.db.meta import Noun
from catalog.errors import BadInput
from catalog.meta import MetaType, Value, check_key, read
from ddm.operations.common import because, doing, why


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key and how many files and datasets have a value of it."""

    key: str
    type: MetaType
    description: str
    defined_at: datetime
    files: int
    datasets: int


@dataclass(frozen=True, slots=True)
class Defined:
    """A key, and whether the command made it."""

    key: str
    type: MetaType
    description: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Described:
    """What is said of a file or dataset now, and how many values the command added, changed or withdrew."""

    name: str
    meta: Mapping[str, Value]
    added: int = 0
    changed: int = 0
    withdrawn: int = 0


def define(catalog: Catalog, name: str, kind: MetaType, description: str | None) -> Defined:
    """Make the key, or give the one that is there other words. Raises BadInput, ConflictingRegistration."""
    check_words(description)
    with doing(catalog, act=True) as conn:
        key, new = meta.define(conn, name, kind, description or "", why(catalog, "defined"))
        other = description is not None and description != key.description
        if other:
            key = meta.describe(conn, name, description or "", why(catalog, "described"))
        return Defined(key.name, key.type, key.description, new or other)


def check_words(description: str | None) -> None:
    """Raises BadInput unless the description is a line of at most 500 characters."""
    if description and (len(description) > 500 or not description.isprintable()):
        raise BadInput("is one line of at most 500 characters", subject="--description")


def keys(catalog: Catalog) -> list[KeyLine]:
    """Every key."""
    with catalog.read() as conn:
        counts = meta.used(conn)
        return [
            KeyLine(key.name, key.type, key.description, key.defined_at, used[Noun.FILE], used[Noun.DATASET])
            for key in meta.keys(conn).values()
            for used in (counts[key.name],)
        ]


def show(catalog: Catalog, lfn: str) -> Described:
    """What is said of the file. Raises NotRegistered."""
    with catalog.read() as conn:
        row = files.find_file(conn, lfn)
        return _shown(conn, Noun.FILE, int(row.id), row.lfn)


def set_of_file(catalog: Catalog, lfn: str, words: Sequence[str], reason: str | None) -> Described:
    """Say ``KEY=VALUE`` of a file. Known values change only with a reason. Raises as ``say``."""
    with doing(catalog, act=True) as conn:
        row = files.find_file(conn, lfn)
        owners.guard(conn, int(row.dataset_id), catalog.actor)
        return say(catalog, conn, Noun.FILE, (int(row.id), row.lfn), words, reason)


def unset_of_file(catalog: Catalog, lfn: str, names: Sequence[str], reason: str) -> Described:
    """Withdraw values of a file. Raises NotRegistered, NotOwner."""
    with doing(catalog, act=True) as conn:
        row = files.find_file(conn, lfn)
        owners.guard(conn, int(row.dataset_id), catalog.actor)
        return withdraw(catalog, conn, Noun.FILE, (int(row.id), row.lfn), names, reason)


def say(
    catalog: Catalog,
    conn: Connection,
    noun: Noun,
    what: tuple[int, str],
    words: Sequence[str],
    reason: str | None,
) -> Described:
    """Say ``KEY=VALUE`` of a thing (id, name).

    Raises BadInput for words that are no ``KEY=VALUE`` of the key's type, and for a value that is known
    otherwise when there is no reason; then nothing was changed.
    """
    one, name = what
    values = parsed(conn, words)
    because_of = why(catalog, "") if reason is None else because(catalog, reason)
    before = meta.of(conn, noun, [one]).get(one, {})
    say_of = meta.say_of_files if noun is Noun.FILE else meta.say_of_datasets
    differs = say_of(conn, {one: values}, because_of)
    if differs and reason is None:
        raise BadInput(f"{differs[0]}; give --reason to change it, nothing was changed", subject=name)
    changed = (
        meta.change(conn, noun, {one: {entry.key: entry.said for entry in differs}}, because_of)
        if differs
        else 0
    )
    shown = _shown(conn, noun, one, name)
    return Described(name, shown.meta, added=len(set(shown.meta) - set(before)), changed=changed)


def withdraw(
    catalog: Catalog, conn: Connection, noun: Noun, what: tuple[int, str], names: Sequence[str], reason: str
) -> Described:
    """Withdraw the values of these keys. Raises NotRegistered for a key that is not there."""
    gone = meta.forget(conn, noun, [what[0]], names, because(catalog, reason))
    return Described(what[1], _shown(conn, noun, *what).meta, withdrawn=gone)


def parsed(conn: Connection, words: Sequence[str]) -> dict[str, Value]:
    """``KEY=VALUE`` words as values of the types of their keys. Raises BadInput."""
    known = meta.keys(conn)
    values: dict[str, Value] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise BadInput("KEY=VALUE is expected", subject=word[:60])
        if name in values:
            raise BadInput(f"key '{name}' is given twice", subject=name)
        kind = known[name].type if name in known else None
        values[check_key(name)] = read(text, kind, name)
    return values


def _shown(conn: Connection, noun: Noun, one: int, name: str) -> Described:
    return Described(name, meta.of(conn, noun, [one]).get(one, {}))
