"""Does a merged tree hold the entries of the inputs, in order? Basket by basket, or value by value.

Baskets that were copied begin at the same entries and have the same bytes, but for the positions in their
keys; that is compared without decompressing anything. A basket whose bytes differ is decompressed and
compared; where the borders of baskets differ (the tree was written anew) all values of that input are read
with uproot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from merging.formats.rewrite.compare import tree_differences
from merging.rootfile import opened, reading
from merging.rootio.branches import Branch, difference, maxima, read_tree
from merging.rootio.compression import decompressed
from merging.rootio.file import Found, RootFile
from merging.rootio.keys import Key

_ENOUGH: Final = 20
_STEP: Final = "64 MB"
_PLACES: Final = slice(18, 34)


class TreeComparison:
    """The tree of a merged file against those of its inputs, one after the other."""

    def __init__(self, merged: RootFile, found: Found) -> None:
        self._merged, self._found = merged, found
        self._tree = read_tree(merged, found)
        self._maxima = {place: value for place, (_, value) in maxima(self._tree).items()}
        self._next = dict.fromkeys(self._tree.branches, 0)
        self._entries = 0
        self._where: list[str] = []

    def take(self, file: RootFile, found: Found) -> None:
        tree = read_tree(file, found)
        if words := difference(self._tree, tree):
            self._tell(f"differs from that in {file.path}: {words}")
        elif len(self._where) < _ENOUGH:
            self._compare_maxima(file, {place: value for place, (_, value) in maxima(tree).items()})
            same = [self._same_borders(name, each, tree.entries) for name, each in tree.branches.items()]
            if all(same):
                self._compare_baskets(file, tree.branches)
            else:
                self._compare_values(file, found)
        self._entries += tree.entries

    def differences(self) -> tuple[str, ...]:
        if self._tree.entries != self._entries:
            self._tell(f"has {self._tree.entries} entries, the inputs have {self._entries}")
        return tuple(self._where[:_ENOUGH])

    def _tell(self, text: str) -> None:
        self._where.append(f"{self._merged.path}: tree '{self._found.path}' {text}")

    def _compare_maxima(self, file: RootFile, values: dict[tuple[str, int, str], float]) -> None:
        """A counter that is said to stay below what it reaches makes readers take too small buffers."""
        for place, value in values.items():
            name, _, member = place
            if member != "fMinimum" and self._maxima.get(place, value) < value:
                self._tell(
                    f"notes {member} {self._maxima[place]} for branch '{name}', {file.path} has {value}"
                )

    def _same_borders(self, name: str, branch: Branch, entries: int) -> bool:
        """Whether the next baskets begin at the entries at which those of the input begin."""
        import numpy

        other, first = self._tree.branches[name], self._next[name]
        stop = int(numpy.searchsorted(other.entry, self._entries + entries))
        self._next[name] = stop
        if other.memory:
            return False
        borders = numpy.append(branch.entry, _memory_entries(branch, entries))
        return numpy.array_equal(other.entry[first:stop] - self._entries, borders)

    def _compare_baskets(self, file: RootFile, branches: dict[str, Branch]) -> None:
        """In the order in which they lie in the input, which is that of the merged file."""
        for pair in sorted(self._pairs(branches), key=lambda pair: pair.here):
            if not self._same_basket(file, pair):
                text = f"entry {pair.entry}, branch '{pair.branch}': not the basket at offset {pair.here} of"
                self._tell(f"{text} {file.path}")
                if len(self._where) >= _ENOUGH:
                    return
        for name, branch in branches.items():
            self._compare_memory(file, name, branch)

    def _compare_memory(self, file: RootFile, name: str, branch: Branch) -> None:
        """Baskets that lay in the header of the input are ordinary ones now, the last of this input."""
        other = self._tree.branches[name]
        for index, basket in enumerate(branch.memory, self._next[name] - len(branch.memory)):
            at, size = int(other.seek[index]), int(other.size[index])
            record = self._merged.read(at, size)
            key, _ = Key.read(record)
            if _content(self._merged, at, record)[0] != basket.content(key.keylen):
                text = f"entry {int(other.entry[index])}, branch '{name}': not the basket in the header of"
                self._tell(f"{text} {file.path}")

    def _pairs(self, branches: dict[str, Branch]) -> Iterator[_Pair]:
        for name, branch in branches.items():
            other = self._tree.branches[name]
            start = self._next[name] - len(branch.seek) - len(branch.memory)
            columns = (branch.seek, branch.size, other.seek[start:], other.size[start:], other.entry[start:])
            for values in zip(*(column.tolist()[: len(branch.seek)] for column in columns), strict=True):
                yield _Pair(name, *values)

    def _same_basket(self, file: RootFile, pair: _Pair) -> bool:
        one, other = file.read(pair.here, pair.size), self._merged.read(pair.there, pair.other_size)
        if one[: _PLACES.start] == other[: _PLACES.start] and one[_PLACES.stop :] == other[_PLACES.stop :]:
            return True
        return _content(file, pair.here, one) == _content(self._merged, pair.there, other)

    def _compare_values(self, file: RootFile, found: Found) -> None:
        with opened(file.path) as here, opened(self._merged.path) as there:
            with reading(file.path):
                tree = here[found.path]
            with reading(self._merged.path):
                other = there[self._found.path]
            with reading(file.path):  # also values of a kind that cannot be compared
                self._where += tree_differences(
                    tree, file.path, other, self._merged.path, self._entries, _STEP
                )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A basket of an input and the one that should be it."""

    branch: str
    here: int
    size: int
    there: int
    other_size: int
    entry: int


def _memory_entries(branch: Branch, entries: int) -> list[int]:
    """First entries of the baskets in the header."""
    counts = [basket.entries for basket in branch.memory]
    return [entries - sum(counts[index:]) for index in range(len(counts))]


def _content(file: RootFile, at: int, record: bytes) -> tuple[bytes, Any]:
    """The entries of a basket, and what its key tells of them: number of entries, where they end."""
    try:
        key, end = Key.read(record)
        body = record[key.keylen : key.nbytes]
        data = decompressed(body, key.objlen) if key.compressed else body[: key.objlen]
    except ValueError as error:
        raise file.bad(at, f"a basket cannot be read ({error})") from None
    return data, record[end + 10 : end + 18]
