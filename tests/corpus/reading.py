"""What uproot reads of a file, column by column, in words to be compared with those of another reader."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import uproot

TREES = ("TTree", "TNtuple", "TNtupleD")
TABLES = (*TREES, "ROOT::RNTuple")
DIRECTORIES = ("TDirectory", "TDirectoryFile")
_EXACT = 1 << 53
_LONG = re.compile(r"-?[0-9]{16,}")


class Unread(Exception):
    """uproot cannot read this column; says why."""


def classes(path: Path) -> dict[str, str]:
    """Class of every object that is no directory, by path; the newest cycles."""
    with uproot.open(path) as file:
        found = file.classnames(recursive=True, cycle=False)
    return {name: cls for name, cls in found.items() if cls not in DIRECTORIES}


def entries(path: Path, name: str) -> int:
    with uproot.open(path) as file:
        return int(file[name].num_entries)


def columns(path: Path, name: str) -> Iterator[tuple[str, list[Any] | Unread]]:
    """Every branch without sub-branches, or field of an RNTuple, with all its values."""
    with uproot.open(path) as file:
        table = file[name]
        for column in table.keys(recursive=isinstance(table, uproot.TTree)):
            branch = table[column]
            if not getattr(branch, "branches", None):
                yield column, _values(branch)


def _values(branch: Any) -> list[Any] | Unread:
    found: Unread | None = None
    for library in ("ak", "np"):
        try:
            return [plain(value) for value in branch.array(library=library).tolist()]
        except Exception as error:
            # whatever it is: only what both readers can read is compared, the rest is counted
            found = found or Unread(f"{type(error).__name__}: {error}".splitlines()[0][:100])
    assert found is not None
    return found


def plain(value: Any) -> Any:
    """Lists, numbers, words and dictionaries, in which equal values are equal: NaN too."""
    match value:
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case None | str() | int() | float() | bool():
            return value
        case bytes():
            return value.decode("latin-1")
        case numpy.generic():
            return plain(value.item())
        case numpy.ndarray() | list() | tuple() | set():
            return [plain(one) for one in value]
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
    if hasattr(value, "all_members"):
        return plain(value.all_members)
    if hasattr(value, "tojson"):
        return value.tojson()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if hasattr(value, "items"):
        return {repr(plain(key)): plain(one) for key, one in value.items()}
    return [plain(one) for one in value]


def alike(value: Any) -> Any:
    """As both readers would say it: JavaScript has no integers over 2**53, and writes them in letters."""
    match value:
        case bool():
            return int(value)
        case int() if abs(value) > _EXACT:
            return float(value)
        case str() if _LONG.fullmatch(value):
            return float(value)
        case list():
            return [alike(one) for one in value]
        case dict():
            return {key: alike(one) for key, one in value.items()}
    return value
