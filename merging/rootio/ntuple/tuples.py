"""One RNTuple in a ROOT file, for reading: entries without its pages, clusters one page list at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from merging.errors import MergeError, NotCopyable
from merging.rootio.compression import decompressed
from merging.rootio.file import Found, RootFile
from merging.rootio.ntuple.anchor import Anchor
from merging.rootio.ntuple.metadata import (
    Cluster,
    Column,
    Elements,
    Footer,
    Group,
    Header,
    read_page_list,
)
from merging.rootio.ntuple.wire import Locator, Unsupported


class Tuple:
    """Anchor, header and footer of an RNTuple, read and checked by their checksums.

    Raises UnreadableInput, naming file and offset, for what is broken, and NotCopyable for what is well
    formed but has features newer than version 1.0. The file must stay open.
    """

    def __init__(self, file: RootFile, found: Found) -> None:
        self.file = file
        self.path = found.path
        self.key = found.key
        with self._told(found.key.seek, "anchor"):
            self.anchor = Anchor.read(file.payload(found.key))
        place = self.anchor.header
        self.stored_header = file.read(place.offset, place.size)
        with self._told(place.offset, "header"):
            data = _unpacked(self.stored_header, self.anchor.header_length)
            self.header, self._schema = Header.read(data)
        with self._told(self.anchor.footer.offset, "footer"):
            data = self._envelope(self.anchor.footer, self.anchor.footer_length)
            self.footer = Footer.read(data, self.header.checksum, self._schema)

    @property
    def columns(self) -> list[Column]:
        return self._schema.columns

    @property
    def n_entries(self) -> int:
        """As the footer says; ``clusters`` checks it."""
        return sum(group.n_entries for group in self.footer.groups)

    def column_name(self, number: int) -> str:
        """The name of the field to which a column belongs."""
        return self._schema.fields[self.columns[number].field]

    def difference(self, other: Tuple) -> str | None:
        """Why the other cannot be appended to this one, if it cannot: all but the writer must be equal."""
        mine, others = self.header.identity, other.header.identity
        if mine == others and self.footer.extension == other.footer.extension:
            return None
        if mine[0] != others[0]:
            return f"it calls itself '{others[0]}', not '{mine[0]}'"
        if mine[1] != others[1]:
            return f"its description is '{others[1]}', not '{mine[1]}'"
        fields, theirs = self._schema.fields, other._schema.fields
        if gone := [name for name in fields if name not in theirs]:
            return f"field '{gone[0]}' is missing"
        if new := [name for name in theirs if name not in fields]:
            return f"field '{new[0]}' is not in the others"
        return "types, columns or the order of the fields differ"

    def clusters(self) -> Iterator[Cluster]:
        """All clusters in order. Checked: entries and elements follow on one another without gap.

        Raises NotCopyable for a tuple with columns that were added late.
        """
        with self._told(self.anchor.footer.offset, "footer"):
            if self._schema.late:
                raise Unsupported(self._schema.late)
        entries = 0
        elements = dict.fromkeys((column.elements for column in self.columns), 0)
        for group in self.footer.groups:
            with self._told(group.page_list.offset, "page list"):
                clusters = self._group(group)
                for cluster in clusters:
                    if cluster.first_entry != entries:
                        raise ValueError(f"a cluster begins at entry {cluster.first_entry}, not {entries}")
                    entries += cluster.n_entries
                    self._count(cluster, elements)
                if group.first_entry + group.n_entries != entries:
                    end = group.first_entry + group.n_entries
                    raise ValueError(f"clusters go to entry {entries}, the footer says {end}")
            yield from clusters

    def _group(self, group: Group) -> list[Cluster]:
        data = self._envelope(group.page_list, group.length)
        clusters = list(read_page_list(data, self.header.checksum, self.columns))
        if len(clusters) != group.n_clusters:
            raise ValueError(f"{len(clusters)} clusters are listed, the footer says {group.n_clusters}")
        return clusters

    def _count(self, cluster: Cluster, elements: dict[Elements, int]) -> None:
        """Add the elements of a cluster: one representation of every field has them, where it says it has."""
        active = {}
        for number, pages in enumerate(cluster.columns):
            if pages.offset is None:
                continue
            key = self.columns[number].elements
            if key in active or pages.offset != elements[key]:
                raise ValueError(
                    f"a column of field '{self.column_name(number)}' begins at element {pages.offset} in a"
                    f" cluster, expected is {elements[key]}"
                )
            active[key] = pages.n_elements
        if len(active) != len(elements):
            raise ValueError("a cluster in which a field has no column")
        for key, count in active.items():
            elements[key] += count

    def _envelope(self, place: Locator, length: int) -> bytes:
        return _unpacked(self.file.read(place.offset, place.size), length)

    @contextmanager
    def _told(self, at: int, what: str) -> Iterator[None]:
        """What goes wrong inside is told with the names of file and tuple."""
        try:
            yield
        except Unsupported as error:
            text = f"{self.file.path}: RNTuple '{self.path}' cannot be merged: {error}"
            raise NotCopyable(text, subject=str(self.file.path)) from None
        except ValueError as error:
            if isinstance(error, MergeError):
                raise
            raise self.file.bad(at, f"RNTuple '{self.path}', {what}: {error}") from None


def _unpacked(data: bytes, length: int) -> bytes:
    """Section "Compression Block": equal sizes are not compressed."""
    return data if len(data) == length else decompressed(data, length)
