"""What a source says of one file, and how its fields are read: exactly, or refused with the reason.

A reader gives, in order, ``Row`` or ``Refused`` for every entry of its source, never one that is not there.
Trouble with one entry is a ``Refused``; what makes the rest unreadable (no text, cut off, a line without an
end) is ``BadInput``, and nothing else is ever raised but OSError for a disk that fails.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from catalog.checksum import Adler32
from catalog.errors import BadInput
from catalog.meta import Value

LARGEST = (1 << 63) - 1
NO_META: Mapping[str, Value] = {}

_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_CHECKSUM = re.compile(r"(?:adler32:)?([0-9a-f]{8})", re.ASCII | re.IGNORECASE)


class Written(str):
    """A value of an unknown column as a person wrote it; its type is found out later."""

    __slots__ = ()


class Row(NamedTuple):
    """What a source says of one file. None: it does not say. ``lfn`` is not checked yet, and may be a URL.

    ``line`` is the line, or the number of the row, in ``source``.
    """

    source: str
    line: int
    lfn: str
    size: int | None = None
    adler32: Adler32 | None = None
    n_events: int | None = None
    path: str | None = None
    role: str | None = None
    product: str | None = None
    run: int | None = None
    chunk: str | None = None
    part: int | None = None
    meta: Mapping[str, Value] = NO_META

    @property
    def where(self) -> str:
        """For messages: file and line."""
        return f"{self.source}:{self.line}"


class Refused(NamedTuple):
    """An entry that cannot be taken: where, what it says, why not."""

    source: str
    line: int
    value: str
    why: str

    @property
    def where(self) -> str:
        """For messages: file and line."""
        return f"{self.source}:{self.line}"


Entry = Row | Refused


def short(value: object, most: int = 80) -> str:
    """A value for a message: quoted, on one line, not longer than a person reads."""
    try:
        text = value if isinstance(value, str) else str(value)
    except ValueError:  # an integer of thousands of digits cannot be printed
        text = type(value).__name__
    text = text if len(text) <= most else text[: most - 1] + "…"
    return repr(text)


def number(value: Any, column: str) -> int | None:
    """A number of 0 or more; None and empty text are unknown. Raises ValueError."""
    if value is None or value == "":
        return None
    found = (int(value) if _NUMBER.fullmatch(value) else None) if isinstance(value, str) else whole(value)
    if found is None or found < 0:
        raise ValueError(f"{column}: a number of 0 or more is expected, not {short(value)}")
    if found > LARGEST:
        raise ValueError(f"{column}: {short(value)} is too large")
    return found


def events(value: Any, column: str = "n_events") -> int | None:
    """A number of events. -1, and -1 only, means unknown too."""
    if value == "-1" or (not isinstance(value, str | bool) and value == -1):
        return None
    return number(value, column)


def whole(value: Any) -> int | None:
    """A number that a typed source gives, if it is a whole one."""
    match value:
        case bool():
            return None
        case int():
            return int(value)
        case float() if math.isfinite(value) and value == int(value) and abs(value) <= 1 << 53:
            return int(value)
        case Decimal() if value.is_finite() and abs(value) <= LARGEST and value == int(value):
            return int(value)
    return None


def checksum(value: Any, column: str = "adler32") -> Adler32 | None:
    """A checksum of eight digits, none lost on the way; a number cannot be one. Raises ValueError."""
    if value is None or value == "":
        return None
    found = _CHECKSUM.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(
            f"{column}: eight hexadecimal digits are expected, not {short(value)}; a zero may be lost"
        )
    return Adler32(int(found[1], 16))


def too_much(source: str, line: int, most: int) -> BadInput:
    """The error for an entry without an end."""
    return BadInput(
        f"longer than {most} bytes without an end: this is no list of files", subject=f"{source}:{line}"
    )
