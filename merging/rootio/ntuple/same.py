"""Does a merged RNTuple hold what the inputs held, in order? Page by page, as they are stored.

Clusters follow on one another as they do in the inputs, with the same pages: that is what a merge by
copying makes. A merged tuple whose clusters or pages were made anew is told as different, for it cannot be
compared this way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from merging.rootio.file import Found, RootFile
from merging.rootio.ntuple.metadata import Cluster, Elements
from merging.rootio.ntuple.pages import PageReader, Place, place
from merging.rootio.ntuple.tuples import Tuple

_MOST: Final = 5
"""Differences told of one tuple; what follows is not compared."""


class TupleComparison:
    """Compares a merged tuple, whose file stays open, with those of the inputs, in the order of the merge."""

    def __init__(self, merged: RootFile, found: Found) -> None:
        self._merged = Tuple(merged, found)
        self._clusters = self._merged.clusters()
        self._reader = PageReader()
        self._entries = 0
        self._elements: dict[Elements, int] = {}
        self._differences: list[str] = []

    def take(self, file: RootFile, found: Found) -> None:
        """Compare with the next input. Raises UnreadableInput when it, or the merged file, is broken."""
        if len(self._differences) >= _MOST:
            return
        coming = Tuple(file, found)
        if difference := self._merged.difference(coming):
            self._differ(coming, f"is another table, {difference}")
            return
        elements = dict(self._elements)
        for cluster in coming.clusters():
            other = next(self._clusters, None)
            if other is None:
                self._differ(coming, f"ends before entry {cluster.first_entry} of it")
                return
            for what in self._compare(coming, cluster, other, elements):
                self._differ(coming, what)
            if len(self._differences) >= _MOST:
                return
            for column, pages in zip(coming.columns, cluster.columns, strict=True):
                self._elements[column.elements] = self._elements.get(column.elements, 0) + pages.n_elements
        self._entries += coming.n_entries

    def differences(self) -> tuple[str, ...]:
        if not self._differences and self._merged.n_entries != self._entries:
            more = self._merged.n_entries - self._entries
            self._differences.append(f"RNTuple '{self._merged.path}' has {more} entries that are in no input")
        return tuple(self._differences)

    def _compare(
        self, coming: Tuple, cluster: Cluster, other: Cluster, elements: dict[Elements, int]
    ) -> Iterator[str]:
        """What differs between a cluster of an input and that of the merged tuple, but for their places."""
        entry = cluster.first_entry
        if (other.first_entry - self._entries, other.n_entries) != (entry, cluster.n_entries):
            yield f"has another cluster at entry {entry} of it"
            return
        mine, theirs = self._reader.digests(coming, cluster), self._reader.digests(self._merged, other)
        for number, column in enumerate(coming.columns):
            pages, others = cluster.columns[number], other.columns[number]
            moved = pages.shifted(elements.get(column.elements, 0))
            if (moved.offset, moved.compression) != (others.offset, others.compression) or _seen(
                cluster, number, mine
            ) != _seen(other, number, theirs):
                yield f"has other values in '{coming.column_name(number)}' from entry {entry} of it on"

    def _differ(self, coming: Tuple, what: str) -> None:
        if len(self._differences) < _MOST:
            where = f"RNTuple '{coming.path}' and {coming.file.path}"
            self._differences.append(f"{where}: the merged one {what}")


def _seen(cluster: Cluster, number: int, digests: dict[Place, int]) -> list[tuple[int, int, int]]:
    """The pages of one column: elements, size and digest."""
    return [
        (page.n_elements, page.locator.size, digests[place(page)]) for page in cluster.columns[number].pages
    ]
