"""What header, footer and page lists of an RNTuple say.

Sections "Header Envelope", "Footer Envelope", "Page List Envelope". Readers raise
ValueError for what is broken and ``Unsupported`` for what cannot be merged by copying pages.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from merging.rootio.ntuple.wire import (
    Cursor,
    Locator,
    Unsupported,
    envelope,
    listing,
    opened,
    record,
    u64,
)

HEADER: Final = 0x01
FOOTER: Final = 0x02
PAGE_LIST: Final = 0x03
SUPPRESSED: Final = -(1 << 63)
"""Element offset of a column that is suppressed in a cluster."""

_REPETITIVE, _PROJECTED, _TYPE_CHECKSUM = 0x01, 0x02, 0x04
_DEFERRED, _RANGED = 0x01, 0x02
_SHARDED: Final = 0x01
_ENTRIES: Final = (1 << 56) - 1


Elements = tuple[int, int]
"""What columns that are representations of one another have in common: field and place."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of pages: its field, which of the field's representations it belongs to, its place in that
    one.

    Columns of equal field and place hold the same elements, in each cluster one of them does. ``late``: added
    after the first entries, as a further representation, and not listed in the clusters before.
    """

    field: int
    representation: int
    place: int
    late: bool = False

    @property
    def elements(self) -> Elements:
        """Whose elements they are."""
        return self.field, self.place


@dataclass
class Schema:
    """Fields and columns, of the header and of what the footer adds to them.

    ``late`` says which column was added after the first entries, if one was: its first pages would have to be
    made up if such tuples were merged.
    """

    fields: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    late: str | None = None

    def extend(self, cursor: Cursor) -> None:
        """Read one schema description."""
        for item in cursor.records():
            self.fields.append(_field(item))
        places: dict[tuple[int, int], int] = {}
        for known in self.columns:
            places[known.field, known.representation] = known.place + 1
        for item in cursor.records():
            number, representation, deferred = _column(item)
            if number >= len(self.fields):
                raise ValueError(f"a column of field {number}, there are {len(self.fields)} fields")
            if deferred > 0:
                name = self.fields[number]
                self.late = f"field '{name}' was added late, at element {deferred} (deferred column)"
            place = places.get((number, representation), 0)
            places[number, representation] = place + 1
            self.columns.append(Column(number, representation, place, deferred < 0))
        for item in cursor.records():  # alias columns have no pages
            item.u32(), item.u32()
            item.finished()
        for item in cursor.records():  # extra type information
            item.u32(), item.u32(), item.text(), item.text()
            item.finished()


def _field(cursor: Cursor) -> str:
    cursor.u32(), cursor.u32(), cursor.u32(), cursor.u16()
    flags = cursor.u16()
    name = cursor.text()
    for _ in ("type name", "type alias", "description"):
        cursor.text()
    if flags & _REPETITIVE:
        cursor.u64()
    if flags & _PROJECTED:
        cursor.u32()
    if flags & _TYPE_CHECKSUM:
        cursor.u32()
    cursor.finished()
    return name


def _column(cursor: Cursor) -> tuple[int, int, int]:
    """Field, representation and first element; a negative one is that of a column suppressed before."""
    cursor.u16(), cursor.u16()
    number, flags, representation = cursor.u32(), cursor.u16(), cursor.u16()
    first = cursor.i64() if flags & _DEFERRED else 0
    if flags & _RANGED:
        cursor.u64(), cursor.u64()
    cursor.finished()
    return number, representation, first


@dataclass(frozen=True, slots=True)
class Header:
    """The header envelope: ``identity`` is all that must be equal in tuples that go into one."""

    name: str
    writer: str
    checksum: bytes
    identity: tuple[str, str, bytes]

    @classmethod
    def read(cls, data: bytes) -> tuple[Header, Schema]:
        cursor, checksum = opened(data, HEADER)
        cursor.no_features()
        name, description, writer = cursor.text(), cursor.text(), cursor.text()
        identity = (name, description, cursor.rest())
        schema = Schema()
        schema.extend(cursor)
        cursor.finished()
        return cls(name, writer, checksum, identity), schema


@dataclass(frozen=True, slots=True)
class Group:
    """A group of clusters: its entries and where its page list is."""

    first_entry: int
    n_entries: int
    n_clusters: int
    length: int
    page_list: Locator

    def encoded(self) -> bytes:
        head = struct.pack("<QQIQ", self.first_entry, self.n_entries, self.n_clusters, self.length)
        return record(head + self.page_list.encoded())


@dataclass(frozen=True, slots=True)
class Footer:
    """The footer envelope: additions to the schema, groups of clusters, what a newer version adds."""

    extension: bytes
    groups: tuple[Group, ...]
    behind: bytes = b""

    @classmethod
    def read(cls, data: bytes, checksum: bytes, schema: Schema) -> Footer:
        """``schema`` is that of the header, and is extended; ``checksum`` that of the header too."""
        cursor, _ = opened(data, FOOTER)
        cursor.no_features()
        _same_header(cursor, checksum)
        start = cursor.at
        addition = cursor.record()
        extension = data[start : cursor.at]
        if addition.at != addition.end:
            schema.extend(addition)
            addition.finished()
        groups = []
        for item in cursor.records():
            first, span, clusters, length = item.u64(), item.u64(), item.u32(), item.u64()
            groups.append(Group(first, span, clusters, length, item.locator()))
            item.finished()
        behind = cursor.rest()
        if behind:  # a list of attached sets is known to come here, and may be empty
            count, _ = cursor.listing()
            if count:
                raise Unsupported(f"{count} sets attached to it (newer than version 1.0)")
            cursor.finished()
        return cls(extension, tuple(groups), behind)

    def encoded(self, checksum: bytes) -> bytes:
        groups = listing([group.encoded() for group in self.groups])
        return envelope(FOOTER, u64(0) + checksum + self.extension + groups + self.behind)


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of a column. ``checked``: the XXH3 checksum of its bytes, 8 bytes, is stored behind it."""

    n_elements: int
    checked: bool
    locator: Locator

    @property
    def stored(self) -> int:
        """Bytes in the file, with the checksum."""
        return self.locator.size + 8 * self.checked

    def encoded(self) -> bytes:
        count = -self.n_elements if self.checked else self.n_elements
        return struct.pack("<i", count) + self.locator.encoded()


@dataclass(frozen=True, slots=True)
class ColumnPages:
    """The pages of one column in one cluster; ``offset`` counts the elements before, None: suppressed."""

    pages: tuple[Page, ...]
    offset: int | None
    compression: int = 0

    @property
    def n_elements(self) -> int:
        return sum(page.n_elements for page in self.pages)

    def shifted(self, before: int) -> ColumnPages:
        """With so many elements more before them."""
        return self if self.offset is None else replace(self, offset=self.offset + before)

    def encoded(self) -> bytes:
        behind = struct.pack("<q", SUPPRESSED)
        if self.offset is not None:
            behind = struct.pack("<qI", self.offset, self.compression)
        return listing([page.encoded() for page in self.pages], behind)


NOTHING: Final = ColumnPages((), None)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A range of entries: the pages of every column, in the order of the columns."""

    first_entry: int
    n_entries: int
    flags: int
    columns: tuple[ColumnPages, ...]

    def summary(self) -> bytes:
        return record(struct.pack("<QQ", self.first_entry, self.n_entries | self.flags << 56))

    def locations(self) -> bytes:
        return listing([column.encoded() for column in self.columns])

    def moved(self, first_entry: int, columns: Sequence[ColumnPages]) -> Cluster:
        return replace(self, first_entry=first_entry, columns=tuple(columns))


def read_page_list(data: bytes, checksum: bytes, columns: Sequence[Column]) -> Iterator[Cluster]:
    """The clusters of a page list, each with all the columns of the schema."""
    cursor, _ = opened(data, PAGE_LIST)
    _same_header(cursor, checksum)
    summaries = []
    for item in cursor.records():
        summaries.append((item.u64(), item.u64()))
        item.finished()
    count, clusters = cursor.listing()
    cursor.finished()
    if count != len(summaries):
        raise ValueError(f"{len(summaries)} clusters are summarised, pages of {count} are listed")
    for first, word in summaries:
        if word >> 56 & _SHARDED:
            raise Unsupported("a sharded cluster")
        yield Cluster(first, word & _ENTRIES, word >> 56, _locations(clusters, columns))
    clusters.finished()


def _locations(cursor: Cursor, columns: Sequence[Column]) -> tuple[ColumnPages, ...]:
    count, inner = cursor.listing()
    if count > len(columns):
        raise ValueError(f"a cluster of {count} columns, the schema has {len(columns)}")
    found = [_pages(inner) for _ in range(count)]
    inner.finished()
    if missing := [column for column in columns[count:] if not column.late]:
        raise ValueError(f"a cluster without the last {len(missing)} columns")
    return (*found, *(NOTHING for _ in columns[count:]))


def _pages(cursor: Cursor) -> ColumnPages:
    count, inner = cursor.listing()
    pages = []
    for _ in range(count):
        elements = inner.i32()
        pages.append(Page(abs(elements), elements < 0, inner.locator()))
    offset = inner.i64()
    if offset < 0:
        inner.finished()
        if pages:
            raise ValueError("a suppressed column has pages")
        return NOTHING
    compression = inner.u32()
    inner.finished()
    return ColumnPages(tuple(pages), offset, compression)


def encoded_page_list(checksum: bytes, summaries: Sequence[bytes], locations: Sequence[bytes]) -> bytes:
    """The page list of clusters whose summaries and locations are encoded already."""
    return envelope(PAGE_LIST, checksum + listing(summaries) + listing(locations))


def _same_header(cursor: Cursor, checksum: bytes) -> None:
    if u64(cursor.u64()) != checksum:
        raise ValueError("an envelope that belongs to another header")
