"""Several RNTuples into one: pages are copied as they are, page lists, footer and anchor are written anew.

The header is that of the first tuple. The page lists of all inputs become few: a new one begins when the
last has ``LONGEST_LIST`` bytes, so that memory has a bound, and most results have one only (jsroot reads no
more of them). In memory are one span of pages, one page list and one input's metadata.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from merging.errors import DifferentSchemas, NotCopyable
from merging.rootio.compression import Compression, compressed
from merging.rootio.file import Found, RootFile
from merging.rootio.keys import new_key
from merging.rootio.ntuple.anchor import CLASSNAME, STREAMER
from merging.rootio.ntuple.metadata import (
    Cluster,
    ColumnPages,
    Elements,
    Footer,
    Group,
    Page,
    encoded_page_list,
)
from merging.rootio.ntuple.pages import PageReader, Place, place, runs
from merging.rootio.ntuple.tuples import Tuple
from merging.rootio.ntuple.wire import Locator
from merging.rootio.writer import Folder

LONGEST_LIST: Final = 8 << 20
_ENVELOPES: Final = Compression("zstd", 5)
_AS_IT_IS: Final = Compression(level=0)
_BLOB: Final = "RBlob"

WriteBlob = Callable[[int, Iterable[bytes | memoryview]], int]
"""Writes so many bytes, which come in pieces, as one unlisted record; gives the offset of the first."""


class TuplePart:
    """The tuples of one path, one file after the other, into a folder. After an error it is of no use."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._write = _blobs(folder)
        self._reader = PageReader()
        self._first: Tuple | None = None
        self._header = Locator(0, 0)
        self._elements: dict[Elements, int] = {}
        self._groups: list[Group] = []
        self._open = _OpenGroup(0)
        self.n_entries = 0

    def take(self, file: RootFile, found: Found) -> None:
        """Append the tuple of the next file.

        Raises DifferentSchemas if it is another table, UnreadableInput if it is broken, MergeError if it
        cannot be merged by copying pages.
        """
        coming = Tuple(file, found)
        if self._first is None:
            self._begin(coming)
        elif difference := self._first.difference(coming):
            text = f"RNTuple '{found.path}' differs from that in {self._first.file.path}: {difference}"
            raise DifferentSchemas(f"{file.path}: {text}", subject=str(file.path))
        entries, elements = self.n_entries, dict(self._elements)
        for cluster in coming.clusters():
            self._check_compression(coming, cluster)
            columns = []
            for pages, column in zip(self._copied(coming, cluster), coming.columns, strict=True):
                self._elements[column.elements] += pages.n_elements
                columns.append(pages.shifted(elements[column.elements]))
            self._append(cluster.moved(entries + cluster.first_entry, columns))

    def write(self) -> None:
        """Write what is left, the footer, and the anchor, which is listed in the folder."""
        first = self._first
        assert first is not None
        self._close_group()
        footer = Footer(first.footer.extension, tuple(self._groups), first.footer.behind).encoded(
            first.header.checksum
        )
        anchor = replace(
            first.anchor, header=self._header, footer=self._envelope(footer), footer_length=len(footer)
        )
        self._folder.writer.streamers.put(STREAMER)
        self._folder.put(CLASSNAME, first.key.name, first.key.title, anchor.encoded(), _AS_IT_IS)

    def _begin(self, first: Tuple) -> None:
        self._first = first
        self._elements = dict.fromkeys((column.elements for column in first.columns), 0)
        header = first.stored_header
        self._header = Locator(len(header), self._write(len(header), [header]))

    def _check_compression(self, coming: Tuple, cluster: Cluster) -> None:
        """Where one algorithm is asked for, pages of another would have to be unpacked and packed again."""
        required = self._folder.writer.required
        if required is None:
            return
        for number, column in enumerate(cluster.columns):
            if column.pages and column.compression // 100 not in (0, required.code // 100):
                where = f"{coming.file.path}: RNTuple '{coming.path}', field '{coming.column_name(number)}'"
                text = f"pages at offset {column.pages[0].locator.offset} are not compressed by"
                raise NotCopyable(f"{where}: {text} {required.algorithm}", subject=str(coming.file.path))

    def _copied(self, found: Tuple, cluster: Cluster) -> list[ColumnPages]:
        """The columns of a cluster whose pages have been copied, in the order in which they lay."""
        places: dict[Place, int] = {}
        for run in runs(found, cluster):
            at = self._write(sum(page.stored for page in run), self._reader.pieces(found, run))
            for page in run:
                places[place(page)] = at
                at += page.stored
        return [
            replace(column, pages=tuple(_moved(page, places[place(page)]) for page in column.pages))
            for column in cluster.columns
        ]

    def _append(self, cluster: Cluster) -> None:
        self._open.summaries.append(cluster.summary())
        self._open.locations.append(cluster.locations())
        self._open.size += len(self._open.locations[-1])
        self.n_entries += cluster.n_entries
        if self._open.size >= LONGEST_LIST:
            self._close_group()

    def _close_group(self) -> None:
        group, self._open = self._open, _OpenGroup(self.n_entries)
        if not group.summaries:
            return
        assert self._first is not None
        data = encoded_page_list(self._first.header.checksum, group.summaries, group.locations)
        entries = self.n_entries - group.first_entry
        self._groups.append(
            Group(group.first_entry, entries, len(group.summaries), len(data), self._envelope(data))
        )

    def _envelope(self, data: bytes) -> Locator:
        stored = compressed(data, self._folder.writer.required or _ENVELOPES)
        return Locator(len(stored), self._write(len(stored), [stored]))


class _OpenGroup:
    """The clusters of the page list that is still growing, encoded."""

    def __init__(self, first_entry: int) -> None:
        self.first_entry = first_entry
        self.summaries: list[bytes] = []
        self.locations: list[bytes] = []
        self.size = 0


def _blobs(folder: Folder) -> WriteBlob:
    """Section "ROOT File embedding": pages and envelopes lie in records that no directory lists."""
    writer = folder.writer

    def write(size: int, pieces: Iterable[bytes | memoryview]) -> int:
        key = new_key(_BLOB, "", "", objlen=size, stored=size, datime=writer.stamp)
        at = writer.append(key, b"", folder).seek + key.keylen
        for piece in pieces:
            writer.write(piece)
        return at

    return write


def _moved(page: Page, offset: int) -> Page:
    return replace(page, locator=Locator(page.locator.size, offset))
