"""JSON lines in a dump: an object in each, with the columns of CSV; a column that is null is not said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ddm.reconcile.dumpcsv import PLACES, SUMS
from ddm.reconcile.textscreen import readable
from ddm.sources.rows import checksum, number
from ddm.sources.tables import loads


def rows(lines: Iterable[str]) -> Iterator[tuple[str, str, str, str, str]]:
    """Path, size, checksum, problem and the line itself, of every line."""
    for line in lines:
        if not line.strip():
            continue
        path = ""
        try:
            said = _said(line)
            path = _first(said, PLACES)
            if not isinstance(path, str) or not path:
                path = ""
                raise ValueError("it names no file: path or lfn is missing")
            size, sum_ = number(said.get("size"), "size"), checksum(_first(said, SUMS))
        except ValueError as error:
            yield readable(path), "", "", str(error), line
            continue
        yield readable(path), "" if size is None else str(size), "" if sum_ is None else str(sum_), "", line


def _said(line: str) -> dict[str, Any]:
    """What an object says, by names in lower case. Raises ValueError."""
    try:
        found = loads(line)
    except ValueError as error:
        raise ValueError(f"not a JSON object: {error}") from None
    said = {name.lower(): value for name, value in found.items()}
    if len(said) != len(found):
        raise ValueError("a column stands twice")
    return said


def _first(said: dict[str, Any], wanted: Iterable[str]) -> Any:
    """The first of these columns that is said."""
    return next((said[one] for one in wanted if said.get(one) is not None), None)
