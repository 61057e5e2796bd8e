"""CSV in a dump: its header, and lines with quotes.

A line is a record: a quote that is never closed, in a line of garbage, must not swallow the lines after it.
So a name with a line break is no name here; Parquet and GNU find with NUL have those. A header that comes
again, where lists were put one after the other, is one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.errors import BadInput
from ddm.reconcile.dumpmarks import MARK
from ddm.sources.tables import DELIMITERS

PLACES = ("path", "pfn", "lfn", "name")
SUMS = ("adler32", "checksum")
OTHER_NUMBER = "another number of columns than the header has"


@dataclass(frozen=True, slots=True)
class Header:
    """``names`` of the columns, in lower case; ``line``: the header itself."""

    names: tuple[str, ...]
    delimiter: str
    line: str

    def column(self, wanted: Iterable[str]) -> int | None:
        """Where the first of these columns is that there is."""
        return next((self.names.index(one) for one in wanted if one in self.names), None)


def header(lines: Iterable[str], name: str) -> Header:
    """The first line that is no mark. Raises BadInput for one that names no path, or two columns alike."""
    count, first = next(((n, one) for n, one in enumerate(lines, 1) if not one.startswith(MARK)), (1, ""))
    delimiter = max(DELIMITERS, key=first.count)
    names = tuple(one.strip().strip('"').lower() for one in first.rstrip("\r").split(delimiter))
    found = Header(names, delimiter, first.rstrip("\r"))
    if found.column(PLACES) is None:
        raise BadInput(
            "the header lacks path and lfn; 'path,size,adler32' is a good one", subject=f"{name}:{count}"
        )
    if len(set(names)) != len(names):
        raise BadInput("more than one column has the same name", subject=f"{name}:{count}")
    return found


def rows(lines: Iterable[str], found: Header) -> Iterator[tuple[str, str, str, str, str]]:
    """Path, size, checksum, problem and the line itself, of every line that is no header."""
    places = [found.column(wanted) for wanted in (PLACES, ("size",), SUMS)]
    for line in lines:
        if line.rstrip("\r") in ("", found.line) or line.startswith(MARK):
            continue
        words = _split(line, found.delimiter)
        if len(words) != len(found.names):
            yield (words[places[0] or 0] if words else ""), "", "", OTHER_NUMBER, line
            continue
        path, size, value = ("" if place is None else words[place] for place in places)
        value = value if len(value) == 8 else value.lower().removeprefix("adler32:")
        yield path, size, value, "", line


def _split(line: str, delimiter: str) -> list[str]:
    """The fields of a line; none of one whose quotes are not closed."""
    line = line.rstrip("\r")
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], strict=True, delimiter=delimiter))
    except (csv.Error, StopIteration):
        return []
