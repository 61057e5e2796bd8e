"""Run lists: ``275603``, ``275600-275650``, several in a line, ``#`` for comments."""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog.errors import BadInput
from ddm.sources.rows import short

MOST_RUNS = 100_000
_RANGE = re.compile(r"([1-9][0-9]{4,5})(?:-([1-9][0-9]{4,5}))?", re.ASCII)


def run_list(lines: Iterable[str], source: str) -> list[int]:
    """The runs, each once, in order. Raises BadInput for a word that is no run or range, or an empty list."""
    found: set[int] = set()
    for line, text in enumerate(lines, 1):
        for word in text.partition("#")[0].replace(",", " ").split():
            found.update(_range(word, f"{source}:{line}"))
            if len(found) > MOST_RUNS:
                raise BadInput(f"more than {MOST_RUNS} runs", subject=f"{source}:{line}")
    if not found:
        raise BadInput("names no run", subject=source)
    return sorted(found)


def _range(word: str, where: str) -> range:
    found = _RANGE.fullmatch(word)
    if not found:
        raise BadInput(
            f"{short(word)} is no run or range of runs such as 275603 or 275600-275650", subject=where
        )
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise BadInput(f"{short(word)} ends before it begins", subject=where)
    if last - first >= MOST_RUNS:
        raise BadInput(f"{short(word)} has more than {MOST_RUNS} runs", subject=where)
    return range(first, last + 1)
