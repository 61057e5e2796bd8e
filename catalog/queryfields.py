"""What the query language may ask of a file: its fields as data, and how a value of each is written.

``FIELDS`` are of the file, ``REPLICA_FIELDS`` of one replica of it; ``meta.KEY`` is what people said of it
(its type is in the catalogue, so its values stay text here). The reference page is made from these tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum

from catalog import units
from catalog.checksum import Adler32
from catalog.states import EndpointKind, Locality, ReplicaState, Role


@dataclass(frozen=True, slots=True)
class Ago:
    """A moment that lies so long before the question is asked."""

    age: timedelta


Value = int | str | datetime | Ago

EQUAL = ("=", "!=")
ORDER = ("<", "<=", ">", ">=")
GLOB = ("~", "!~")
LONGEST_TEXT = 1024
MOST_STARS = 16
"""More ``*`` in one pattern would make a database search for very long."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?",
    re.ASCII,
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of values: the operators it has, what a value looks like, reading and writing one.

    ``read`` raises ValueError; ``expected`` says what it takes.
    """

    name: str
    operators: tuple[str, ...]
    expected: str
    read: Callable[[str], Value]
    write: Callable[[Value], str]
    units: Mapping[str, object] | None = None  # words that may follow a number after a space

    @property
    def ordered(self) -> bool:
        """Whether ranges, as in ``run in 275600..275650``, make sense."""
        return "<" in self.operators


def _text(word: str) -> str:
    if len(word) > LONGEST_TEXT or _CONTROL.search(word):
        raise ValueError
    return word


def _whole(word: str) -> int:
    value = int(word) if _WHOLE.fullmatch(word) else 1 << 63
    if not -(1 << 63) <= value < 1 << 63:
        raise ValueError
    return value


def _moment(word: str) -> Value:
    if word.endswith(" ago"):
        return Ago(units.parse_duration(word[:-4]))
    if not _TIME.fullmatch(word):
        raise ValueError
    found = datetime.fromisoformat(word)
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        raise ValueError from None


def _write_moment(value: Value) -> str:
    if isinstance(value, Ago):
        return units.format_duration(value.age).replace(" ", "") + " ago"
    assert isinstance(value, datetime)
    return value.isoformat().replace("+00:00", "Z")


def _write_size(value: Value) -> str:
    assert isinstance(value, int)
    return units.format_size(value).replace(" ", "")


def _one_of(words: type[StrEnum], but: tuple[StrEnum, ...] = ()) -> Kind:
    known = {word.value.lower(): word.value for word in words if word not in but}

    def read(word: str) -> str:
        if word.lower() not in known:
            raise ValueError
        return known[word.lower()]

    return Kind("word", EQUAL, f"one of {', '.join(known.values())}", read, str)


_SIZE_UNITS = dict.fromkeys(("b", "kb", "mb", "gb", "tb", "pb", "kib", "mib", "gib", "tib", "pib"))
_TIME_UNITS = dict.fromkeys(("ms", "s", "min", "h", "d"))

TEXT = Kind("text", (*EQUAL, *GLOB), "a text of at most 1024 printable characters", _text, str)
DIGITS = Kind("digits", (*EQUAL, *ORDER, *GLOB), "a text, such as 00017", _text, str)
WHOLE = Kind("number", (*EQUAL, *ORDER), "a whole number", _whole, str)
SIZE = Kind(
    "size",
    (*EQUAL, *ORDER),
    "a size, such as 4000000, 4GB or 4GiB",
    units.parse_size,
    _write_size,
    _SIZE_UNITS,
)
TIME = Kind(
    "time",
    (*EQUAL, *ORDER),
    "a time, such as 2016-07-01, 2016-07-01T12:00Z or 2d ago",
    _moment,
    _write_moment,
    _TIME_UNITS,
)
ADLER32 = Kind("adler32", EQUAL, "an adler32, such as 04a9f1cf", Adler32.parse, lambda v: f"{v:08x}")
META = Kind("of its key", (*EQUAL, *ORDER, *GLOB), "a text of at most 1024 printable characters", _text, str)


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its type, what it means in a sentence, whether it may be unknown."""

    kind: Kind
    says: str
    may_be_unknown: bool = False


FIELDS: Mapping[str, Field] = {
    "lfn": Field(TEXT, "the logical file name"),
    "name": Field(TEXT, "the base name: what follows the last slash of the LFN"),
    "dataset": Field(TEXT, "the name of its dataset"),
    "role": Field(_one_of(Role), "raw, intermediate (per chunk) or final (merged)"),
    "product": Field(TEXT, "raw, or a product of the configuration, such as mDST"),
    "run": Field(WHOLE, "the run number"),
    "chunk": Field(DIGITS, "the chunk, zeros kept; empty for a merged file"),
    "part": Field(WHOLE, "the part of a merged file; unknown for others", True),
    "size": Field(SIZE, "bytes", True),
    "adler32": Field(ADLER32, "the checksum", True),
    "n_events": Field(WHOLE, "events: as read from the file, else as the raw catalogue says", True),
    "n_events.read": Field(WHOLE, "events as read from the file", True),
    "n_events.job": Field(WHOLE, "events as its job says", True),
    "n_events.raw_catalogue": Field(WHOLE, "events as the raw catalogue says", True),
    "registered": Field(TIME, "when the catalogue was told of it"),
}  # fmt: skip

REPLICA_FIELDS: Mapping[str, Field] = {
    "state": Field(_one_of(ReplicaState, (ReplicaState.DELETED,)), "its state; DELETED ones are not seen"),
    "endpoint": Field(TEXT, "the name of the endpoint that holds it"),
    "kind": Field(_one_of(EndpointKind), "what that endpoint is: disk or tape"),
    "locality": Field(_one_of(Locality), "where its bytes are, as the endpoint said last"),
    "path": Field(TEXT, "its path at the endpoint"),
    "since": Field(TIME, "when it came into its state"),
    "verified": Field(TIME, "when its bytes were compared last; unknown if never", True),
}  # fmt: skip

RELATIONS: Mapping[str, str] = {
    "parents": "it was made from files that the catalogue knows",
    "children": "files were made from it",
    "replica": "it has a replica that is not DELETED",
}

META_PREFIX, REPLICA_PREFIX = "meta.", "replica."
META_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}(?:\.[A-Za-z][A-Za-z0-9_]{0,62}){0,3}", re.ASCII)


def field_of(name: str, *, of_replica: bool) -> Field | None:
    """The field of that name: of a file, or inside ``replica(…)``."""
    if of_replica:
        return REPLICA_FIELDS.get(name)
    if name.startswith(META_PREFIX) and META_KEY.fullmatch(name[len(META_PREFIX) :]):
        return Field(META, "", True)
    return FIELDS.get(name)


def names(*, of_replica: bool) -> list[str]:
    """Every field that may be named here."""
    if of_replica:
        return list(REPLICA_FIELDS)
    return [*FIELDS, *(REPLICA_PREFIX + name for name in REPLICA_FIELDS)]


def near(name: str, *, of_replica: bool) -> list[str]:
    """Fields that a wrong name may have meant."""
    known = names(of_replica=of_replica)
    lower = name.lower()
    same = [field for field in known if lower in (field, field.partition(".")[2])]
    return same or get_close_matches(lower, known, 3, 0.6) or [field for field in known if lower in field][:3]
