"""Whether a merged ROOT file holds what its inputs hold: every value of every branch, every sum of every bin.

Values are compared, not bytes, so it does not matter how the file was merged or compressed. Reads all of
both with uproot, some tens of MB/s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from merging.formats.rewrite.histograms import HistogramSum, is_histogram, same_content
from merging.model import Different, Same, Sameness
from merging.rootfile import TREES, objects, opened, reading

_ENOUGH = 20
"""Differences that are told; who has more has seen enough."""


def same_objects(inputs: Sequence[Path], merged: Path, step: str) -> Sameness:
    """Compare trees entry by entry and histograms by their sums; ``step`` such as ``64 MB`` bounds memory.

    Raises UnreadableInput for files, and branches, that uproot cannot read.
    """
    with opened(merged) as out:
        with reading(merged):
            classes = objects(out)
        where: list[str] = []
        for difference in _differences(inputs, merged, out, classes, step):
            where.append(difference)
            if len(where) == _ENOUGH:
                break
    return Different(tuple(where)) if where else Same()


def _differences(
    inputs: Sequence[Path], merged: Path, out: Any, classes: Mapping[str, str], step: str
) -> Iterator[str]:
    entries = {name: 0 for name, classname in classes.items() if classname in TREES}
    sums: dict[str, HistogramSum] = {}
    for path in inputs:
        with opened(path) as file:
            with reading(path):
                here = objects(file)
            for name in sorted(here.keys() ^ classes.keys()):
                yield f"{merged}: '{name}' is only in {path if name in here else merged}"
            for name in sorted(here.keys() & classes.keys()):
                if here[name] != classes[name]:
                    yield f"{merged}: '{name}' is {classes[name]}, in {path} it is {here[name]}"
                elif name in entries:
                    yield from tree_differences(file[name], path, out[name], merged, entries[name], step)
                    entries[name] += int(file[name].num_entries)
                elif is_histogram(here[name]):
                    _add(sums, name, file, path)
    for name, count in entries.items():
        if (there := int(out[name].num_entries)) != count:
            yield f"{merged}: tree '{name}' has {there} entries, the inputs have {count}"
    for name, total in sums.items():
        with reading(merged):
            if not same_content(out[name], total.finished()):
                yield f"{merged}: histogram '{name}' is not the sum of the inputs"


def _add(sums: dict[str, HistogramSum], name: str, file: Any, path: Path) -> None:
    with reading(path):
        histogram = file[name]
    if name in sums:
        sums[name].add(histogram, path)
    else:
        sums[name] = HistogramSum(histogram, name, path)


def tree_differences(
    tree: Any, path: Path, other: Any, merged: Path, offset: int, step: str
) -> Iterator[str]:
    """Differences between a tree of an input and the entries of the merged one from ``offset`` on."""
    total = int(tree.num_entries)
    names = [branch.name for branch in tree.branches]
    if names != [branch.name for branch in other.branches]:
        yield f"{merged}: tree '{tree.name}' has other branches than in {path}"
        return
    with reading(path):
        at_once = max(1, int(tree.num_entries_for(step)))
    for start in range(0, total, at_once):
        stop = min(total, start + at_once)
        with reading(path):
            here = tree.arrays(names, entry_start=start, entry_stop=stop, library="ak", how=dict)
        with reading(merged):
            there = other.arrays(
                names, entry_start=offset + start, entry_stop=offset + stop, library="ak", how=dict
            )
        for name in names:
            if (entry := _first_difference(here[name], there[name])) is not None:
                text = f"entry {offset + start + entry} of tree '{tree.name}', branch '{name}'"
                yield f"{merged}: {text}, is not entry {start + entry} of {path}"


def _first_difference(here: Any, there: Any) -> int | None:
    import awkward

    def same(low: int, high: int) -> bool:
        return bool(awkward.array_equal(here[low:high], there[low:high], equal_nan=True))

    low, high = 0, len(here)
    if len(there) == high and same(low, high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if not same(low, middle) else (middle, high)
    return low
