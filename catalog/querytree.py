"""A query as a tree of frozen values, and the tree as text again: see ``catalog.query``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.queryfields import Ago, Kind, Value, field_of

KEYWORDS = frozenset({"all", "and", "or", "not", "in", "is", "has", "unknown", "ago", "replica"})
NO_VALUES = frozenset({"and", "or", "not", "in", "is"})
"""Keywords that are values only in quotes: where one stands instead of a value, the value was forgotten."""


@dataclass(frozen=True, slots=True)
class All:
    """Every file."""


@dataclass(frozen=True, slots=True)
class Compare:
    """``field operator value``."""

    field: str
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included."""

    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class Within:
    """The field is one of the values, or in one of the ranges."""

    field: str
    items: tuple[Value | Range, ...]


@dataclass(frozen=True, slots=True)
class IsUnknown:
    """Nobody has said what the field is. Always true or false."""

    field: str


@dataclass(frozen=True, slots=True)
class Has:
    """There is a parent, a child, a replica. Always true or false."""

    relation: str


@dataclass(frozen=True, slots=True)
class Replica:
    """One replica of the file fulfils the condition; fields inside are those of a replica.

    True if it is true for one, else unknown if it is unknown for one, else false.
    """

    condition: Query


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; of unknown, unknown."""

    item: Query


@dataclass(frozen=True, slots=True)
class And:
    """All are true; false if one is false. At least two, none of them an And."""

    items: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One is true; false if all are false. At least two, none of them an Or."""

    items: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Dotted:
    """A condition ``replica.X``, as long as its neighbours are not known."""

    condition: Query


Query = All | Compare | Within | IsUnknown | Has | Replica | Not | And | Or | Dotted


_PLAIN = re.compile(r"(?:(?!\.\.)[A-Za-z0-9_/.:+@%*?\[\]-])+")


def show(query: Query) -> str:
    """The query as text, in its one spelling."""
    return _show(query, of_replica=False)


def _show(query: Query, *, of_replica: bool) -> str:
    def inside(item: Query) -> str:
        text = _show(item, of_replica=of_replica)
        return f"({text})" if isinstance(item, And | Or) else text

    match query:
        case All():
            return "all"
        case And(items):
            return " and ".join(map(inside, items))
        case Or(items):
            return " or ".join(
                inside(item) if isinstance(item, Or) else _show(item, of_replica=of_replica) for item in items
            )
        case Not(item):
            return f"not {inside(item)}"
        case Has(relation):
            return f"has {relation}"
        case Replica(condition):
            return f"replica({_show(condition, of_replica=True)})"
        case IsUnknown(field):
            return f"{field} is unknown"
        case Compare(field, operator, value):
            return f"{field} {operator} {_written(value, _kind(field, of_replica))}"
        case Within(field, (Range() as only,)):
            return f"{field} in {_item(only, _kind(field, of_replica))}"
        case Within(field, members):
            kind = _kind(field, of_replica)
            return f"{field} in ({', '.join(_item(item, kind) for item in members)})"
    raise TypeError(f"no query: {query!r}")


def _kind(name: str, of_replica: bool) -> Kind:
    field = field_of(name, of_replica=of_replica)
    assert field is not None
    return field.kind


def _item(item: Value | Range, kind: Kind) -> str:
    if isinstance(item, Range):
        return f"{_written(item.low, kind)}..{_written(item.high, kind)}"
    return _written(item, kind)


def _written(value: Value, kind: Kind) -> str:
    text = kind.write(value)
    if isinstance(value, Ago) or (_PLAIN.fullmatch(text) and text.lower() not in NO_VALUES):
        return text
    return "'" + text.replace("'", "''") + "'"
