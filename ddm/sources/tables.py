"""Readers of tables as text: CSV with a header, JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from catalog.errors import BadInput
from ddm.sources.columns import KNOWN, Columns, reader
from ddm.sources.rows import Entry, Refused, Written

DELIMITERS = (",", "\t", ";")


def csv_rows(lines: Iterable[str], source: str, columns: Columns | None = None) -> Iterator[Entry]:
    """CSV whose first line names the columns, between commas, tabs or semicolons."""
    each = iter(lines)
    header = next(each, "")
    delimiter = max(DELIMITERS, key=header.count)
    rows = csv.reader(_again(header, each), strict=True, delimiter=delimiter)
    try:
        names = [name.strip() for name in next(rows, [])]
        take = reader(names, source, columns, header=f"{source}:1")
        known = {name for name in names if _is_known(name, columns)}
        extra = [place for place, name in enumerate(names) if name not in known]
        for values in rows:
            if not values:
                continue
            for place in extra:
                if place < len(values):
                    values[place] = Written(values[place])
            yield take(rows.line_num, values)
    except csv.Error as error:
        raise BadInput(f"not a CSV file: {error}", subject=f"{source}:{rows.line_num}") from None


def _is_known(name: str, columns: Columns | None) -> bool:
    return (columns or Columns()).meaning(name) in KNOWN


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    """Lines as the csv module wants them: with their ends, so that a quoted one keeps its line break."""
    yield first + "\n"
    for line in rest:
        yield line + "\n"


def json_rows(lines: Iterable[str], source: str, columns: Columns | None = None) -> Iterator[Entry]:
    """One JSON object in each line; a key that an object lacks, or that is null, is not said."""
    takers: dict[tuple[str, ...], Any] = {}
    for line, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            found = loads(text)
        except ValueError as error:
            yield Refused(source, line, text, f"not a JSON object: {error}")
            continue
        names = tuple(found)
        try:
            if names not in takers:
                if len(takers) > 1000:
                    takers.clear()
                takers[names] = reader(names, source, _present(columns, names))
        except BadInput as error:
            yield Refused(source, line, text, str(error))
            continue
        yield takers[names](line, list(found.values()))


def _present(columns: Columns | None, names: tuple[str, ...]) -> Columns | None:
    """What is said of the columns that this object has: another one may have the others."""
    if columns is None or not columns.names:
        return columns
    kept = {name: meaning for name, meaning in columns.names.items() if name in names}
    return Columns(kept, columns.skip, columns.must)


def loads(text: str) -> dict[str, Any]:
    """A JSON object whose keys differ. Raises ValueError."""
    try:
        found = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(found, dict):
        raise ValueError("another kind of value")
    return found


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs of an object. Raises ValueError for a key that stands twice: which one counts?"""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=once, parse_constant=_no_number)
