"""How commands word things: numbers, times, sizes, lists of names. Needs no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from catalog.errors import BadInput
from catalog.units import human_size
from ddm.cli.toolkit import Table

Lines = Iterator[str | Table]
"""What a render function that yields returns."""


def names_in(lines: Iterable[str]) -> list[str]:
    """The names of a list with one on each line; empty lines and those that begin with # do not count.

    Raises BadInput.
    """
    try:
        return [word for line in lines if (word := line.strip()) and not word.startswith("#")]
    except UnicodeDecodeError:
        raise BadInput("the list is no text in UTF-8", subject="--from") from None


def when(moment: datetime | None) -> str | None:
    """A time for people: UTC, to the second."""
    return None if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")


def size(number: int | None) -> str | None:
    """Bytes for people."""
    return None if number is None else human_size(number)


def facts(pairs: Sequence[tuple[str, object]], title: str = "") -> str:
    """Named values, one a line; None is shown as ``-``."""
    width = max(len(name) for name, _ in pairs)
    lines = [f"{name:<{width}}  {'-' if value is None else value}".rstrip() for name, value in pairs]
    return "\n".join([*filter(None, [title]), *lines])


def counted(number: int, one: str, many: str = "") -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def table_or(table: Table, nothing: str) -> Table | str:
    """The table, or a sentence if it has no row."""
    return table if table.rows else nothing


def shortened(text: str | None, longest: int = 100) -> str:
    """The text on one line, cut if it is long."""
    found = " ".join((text or "").split())
    return found if len(found) <= longest else found[: longest - 1] + "…"
