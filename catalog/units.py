"""Sizes and durations as people write them: ``"4 GB"``, ``"4 GiB"``, ``"14 d"``, ``"90 min"``.

``parse_*(format_*(value)) == value`` for every value that may be written. Everything else is a ValueError
whose text says what was expected. A size is whole bytes below 2**63; a duration is below a hundred years.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

_DECIMAL = {"B": 1} | {f"{p}B": 1000**n for n, p in enumerate(("k", "M", "G", "T", "P"), 1)}
_BINARY = {f"{p}iB": 1024**n for n, p in enumerate(("K", "M", "G", "T", "P"), 1)}
_SIZES = {unit.lower(): factor for unit, factor in (_DECIMAL | _BINARY).items()}
_DURATIONS = {"ms": 1_000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_LONGEST = timedelta(days=36_500)
_LARGEST = 2**63 - 1
_NUMBER = re.compile(r"\s*([0-9]{1,19}(?:\.[0-9]{1,6})?)\s*([A-Za-z]*)\s*", re.ASCII)

EXPECTED_SIZE = 'expected a size in bytes, such as 4000000000, "4 GB" or "4 GiB"'
EXPECTED_DURATION = 'expected a duration with its unit (ms, s, min, h, d), such as "30 s" or "14 d"'


def parse_size(value: object) -> int:
    """Bytes of an integer, or of a text with or without a unit (``4 GB`` is decimal, ``4 GiB`` binary)."""
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    else:
        number = _whole(value, _SIZES | {"": 1}, EXPECTED_SIZE)
    if not 0 <= number <= _LARGEST:
        raise ValueError(EXPECTED_SIZE)
    return number


def parse_duration(value: object) -> timedelta:
    """The time of a text with a unit. A bare number is refused: nobody can tell seconds from days."""
    microseconds = _whole(value, _DURATIONS, EXPECTED_DURATION)
    if microseconds > _LONGEST // timedelta(microseconds=1):
        raise ValueError("expected a duration below 36500 d")
    return timedelta(microseconds=microseconds)


def format_size(size: int) -> str:
    """The exact size, in the largest decimal unit that needs no fraction."""
    unit = next(u for u, factor in reversed(_DECIMAL.items()) if (size and size % factor == 0) or factor == 1)
    return f"{size // _DECIMAL[unit]} {unit}"


def format_duration(duration: timedelta) -> str:
    """The exact duration, in the largest unit that needs no fraction, else in decimal seconds."""
    microseconds = duration // timedelta(microseconds=1)
    for unit in ("d", "h", "min", "s"):
        if microseconds and microseconds % _DURATIONS[unit] == 0:
            return f"{microseconds // _DURATIONS[unit]} {unit}"
    return f"{Decimal(microseconds).scaleb(-6).normalize():f} s"


def human_size(size: int) -> str:
    """The size for people, to three digits: ``1.23 GB``. Not for reading back."""
    value, units = float(size), iter(_DECIMAL)
    unit = next(units)
    while value >= 999.5 and unit != "PB":
        value, unit = value / 1000, next(units)
    return f"{size} B" if unit == "B" else f"{value:.0f} {unit}" if value >= 99.5 else f"{value:.3g} {unit}"


def _whole(value: object, units: dict[str, int], expected: str) -> int:
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2].lower() not in units:
        raise ValueError(expected)
    number = Decimal(match[1]) * units[match[2].lower()]
    if number != number.to_integral_value():
        raise ValueError(expected)
    return int(number)
