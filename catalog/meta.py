"""What people say of files and datasets beyond what the catalogue needs: keys with a type, and their values.

A key has one type for ever. Rules of the values:

1. ``int``: whole numbers of 64 bits with a sign. A bool is no number.
2. ``real``: finite; a whole number is taken where it stays exact. Minus zero is zero.
3. ``text``: 1 to 1024 bytes of UTF-8 on one line, without control characters.
4. ``bool``: true or false; kept as 1 and 0.
5. ``time``: with a zone, from the year 1 to 9999; kept as whole microseconds since 1970, UTC.

What is kept is what comes back, on both databases: ``decode(t, encode(t, v)) == v``, times in UTC.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from catalog.errors import BadInput

Value = int | float | str | bool | datetime
Stored = tuple[int | None, float | None, str | None]
"""The three columns of a value: whole number, real number, text. One of them is not None."""

MAX_TEXT_BYTES = 1024
"""An index of PostgreSQL takes 2700 bytes of a row; a longer text is a document, and belongs into a file."""

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}(?:\.[A-Za-z][A-Za-z0-9_]{0,62}){0,3}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_INT = re.compile(r"[+-]?[0-9]{1,19}")
_PLAIN_INT = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_ZEROS = re.compile(r"[+-]?0[0-9]")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_CLOCK = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
_ZONE = r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
_TIME = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:{_CLOCK}{_ZONE}?)?")
_PLAIN_TIME = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_CLOCK}{_ZONE}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BOOLS = {"true": True, "false": False}


class MetaType(StrEnum):
    """The type of a key."""

    INT = "int"
    REAL = "real"
    TEXT = "text"
    BOOL = "bool"
    TIME = "time"


def check_key(name: str) -> str:
    """The name of a key. Raises BadInput, saying why it cannot be one."""
    if not _KEY.fullmatch(name):
        raise BadInput(
            "not a key: one to four words joined by dots, each of letters, digits and _, a letter first",
            subject=_short(name),
        )
    return name


def type_of(value: Value) -> MetaType:
    """The type a new key gets from its first value."""
    match value:
        case bool():
            return MetaType.BOOL
        case int():
            return MetaType.INT
        case float():
            return MetaType.REAL
        case datetime():
            return MetaType.TIME
        case str():
            return MetaType.TEXT
    raise BadInput(f"no value of a key: {type(value).__name__}", subject=_short(repr(value)))


def _bad(text: str, key: str) -> BadInput:
    return BadInput(f"key '{key}' {text}" if key else f"the value {text}", subject=key)


def encode(kind: MetaType, value: Value, key: str = "") -> Stored:
    """The columns that hold the value. Raises BadInput for one that the type does not have."""
    match kind, value:
        case (MetaType.BOOL, bool()):
            return int(value), None, None
        case (MetaType.INT, int()) if not isinstance(value, bool):
            if not -(1 << 63) <= value < 1 << 63:
                raise _bad(f"takes whole numbers of 64 bits, not {_short(str(value))}", key)
            return value, None, None
        case (MetaType.REAL, int() | float()) if not isinstance(value, bool):
            return None, _real(value, key), None
        case (MetaType.TEXT, str()):
            return None, None, _text(value, key)
        case (MetaType.TIME, datetime()):
            return _microseconds(value, key), None, None
    raise _bad(f"is {kind}; {_short(repr(value))} is {type_of(value)}", key)


def _real(value: float, key: str) -> float:
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise _bad(f"takes finite numbers, not {_short(str(value))}", key)
    if isinstance(value, int) and int(found) != value:
        raise _bad(f"would round {_short(str(value))} to {found!r}", key)
    return found + 0.0  # SQLite has no minus zero


def _text(value: str, key: str) -> str:
    if not value:
        raise _bad("has an empty text; a value that is not known is not said", key)
    found = _CONTROL.search(value)
    if found:
        raise _bad(f"has a control character, a line break or half a character: {_short(value)!r}", key)
    length = len(value.encode())
    if length > MAX_TEXT_BYTES:
        raise _bad(f"has a text of {length} bytes, more than {MAX_TEXT_BYTES}: {_short(value)!r}", key)
    return str(value)


def _microseconds(value: datetime, key: str) -> int:
    if value.tzinfo is None:
        raise _bad(f"has a time without a zone, {value.isoformat()}; add Z for UTC", key)
    try:
        return (value.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
    except OverflowError:
        raise _bad(f"takes times of the years 1 to 9999, not {value.isoformat()}", key) from None


def decode(kind: MetaType, stored: Stored) -> Value:
    """The value that these columns hold."""
    whole, real, text = stored
    match kind:
        case MetaType.INT if whole is not None:
            return whole
        case MetaType.BOOL if whole is not None:
            return bool(whole)
        case MetaType.TIME if whole is not None:
            return _EPOCH + timedelta(microseconds=whole)
        case MetaType.REAL if real is not None:
            return real
        case MetaType.TEXT if text is not None:
            return text
    raise ValueError(f"no {kind}: {stored!r}")


def written(value: Value) -> str:
    """The value as a person writes it; ``read`` takes it back."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case float():
            return repr(value)
    return str(value)


def read(text: str, kind: MetaType | None = None, key: str = "") -> Value:
    """What a person wrote, as a value of the type; without a type, as the plainest that it can be.

    ``7`` is a whole number, ``7.0`` and ``1e3`` are real, ``true`` and ``false`` bools, ``2016-07-01T12:00Z``
    is a time, everything else a text: ``007`` too, since a number would lose its zeros, and ``2016-07-01``.
    Under a key of type time a day is its first moment, and a time without a zone is UTC. Raises BadInput.
    """
    if kind is None:
        kind = _plainest(text)
    value: Value | None = text
    match kind:
        case MetaType.INT:
            value = int(text) if _INT.fullmatch(text) else None
        case MetaType.REAL:
            value = float(text) if _REAL.fullmatch(text) else None
        case MetaType.BOOL:
            value = _BOOLS.get(text.lower())
        case MetaType.TIME:
            value = _time(text)
    if value is None:
        raise _bad(f"is {kind}, which {_short(text)!r} is not", key)
    encode(kind, value, key)
    return value


def _plainest(text: str) -> MetaType:
    if _PLAIN_INT.fullmatch(text):
        return MetaType.INT
    if _PLAIN_TIME.fullmatch(text):
        return MetaType.TIME
    if _REAL.fullmatch(text) and not _ZEROS.match(text):
        return MetaType.REAL
    return MetaType.BOOL if text.lower() in _BOOLS else MetaType.TEXT


def _time(text: str) -> datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
