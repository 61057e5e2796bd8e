"""The pieces of which RNTuple's metadata consist: numbers, strings, frames, locators, envelopes.
Little-endian.

Sections "Basic Types", "Frames", "Locators and Envelope Links", "Envelopes" of the specification. All
readers here raise ValueError for what is broken, and ``Unsupported`` (a ValueError too) for what is well
formed but belongs to a newer version than 1.0, which nobody should copy who does not know what it means.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from merging.errors import ToolMissing

CHECKSUM: Final = 8
"""Bytes of an XXH3 checksum."""
_U16: Final = struct.Struct("<H")
_U32: Final = struct.Struct("<I")
_I32: Final = struct.Struct("<i")
_U64: Final = struct.Struct("<Q")
_I64: Final = struct.Struct("<q")
_SMALL_LOCATOR: Final = struct.Struct("<iQ")
_LARGE_LOCATOR: Final = struct.Struct("<iQQ")
_LARGE: Final = 0x01
_LIST_HEAD: Final = struct.Struct("<qI")
_LARGEST_SMALL: Final = (1 << 31) - 1


class Unsupported(ValueError):
    """Well formed, but nothing that can be merged by copying pages; says why."""


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a page or an envelope is in the file: ``size`` bytes as they are stored, from ``offset`` on."""

    size: int
    offset: int

    def encoded(self) -> bytes:
        if self.size <= _LARGEST_SMALL:
            return _SMALL_LOCATOR.pack(self.size, self.offset)
        return _LARGE_LOCATOR.pack(-(_LARGE << 24 | _LARGE_LOCATOR.size), self.size, self.offset)


class Cursor:
    """Reads metadata from front to back. Nothing is read over the end."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end

    def _take(self, layout: struct.Struct) -> Any:
        at, self.at = self.at, self.at + layout.size
        if self.at > self.end:
            raise ValueError(f"metadata end at byte {self.end}, more is announced")
        return layout.unpack_from(self.data, at)[0]

    def u16(self) -> int:
        return int(self._take(_U16))

    def u32(self) -> int:
        return int(self._take(_U32))

    def i32(self) -> int:
        return int(self._take(_I32))

    def u64(self) -> int:
        return int(self._take(_U64))

    def i64(self) -> int:
        return int(self._take(_I64))

    def text(self) -> str:
        size = self.u32()
        if size > self.end - self.at:
            raise ValueError(f"a string of {size} bytes goes over the end")
        self.at += size
        return self.data[self.at - size : self.at].decode("utf-8", "surrogateescape")

    def record(self) -> Cursor:
        """The content of a record frame; this cursor goes on behind it."""
        start = self.at
        size = self.i64()
        if size < _I64.size or size > self.end - start:
            raise ValueError(f"a record frame of {size} bytes at byte {start}")
        inner = Cursor(self.data, self.at, start + size)
        self.at = inner.end
        return inner

    def listing(self) -> tuple[int, Cursor]:
        """Number of items and content of a list frame; this cursor goes on behind it."""
        start = self.at
        size = -self.i64()
        count = self.u32()
        if size < _LIST_HEAD.size or size > self.end - start:
            raise ValueError(f"a list frame of {size} bytes at byte {start}")
        inner = Cursor(self.data, self.at, start + size)
        self.at = inner.end
        return count, inner

    def records(self) -> Iterator[Cursor]:
        """The contents of a list frame of record frames."""
        count, inner = self.listing()
        for _ in range(count):
            yield inner.record()
        inner.finished()

    def locator(self) -> Locator:
        size = self.i32()
        if size >= 0:
            return Locator(size, self.u64())
        if -size >> 24 != _LARGE or -size & 0xFFFF != _LARGE_LOCATOR.size:
            raise Unsupported(f"a locator of type {-size >> 24}, which is no place in a file")
        return Locator(self.u64(), self.u64())

    def no_features(self) -> None:
        """Feature flags, of which none is defined: readers must refuse what they do not know."""
        if flags := self.u64():
            raise Unsupported(f"feature flags {flags:#x}, which are not known to version 1.0")

    def finished(self) -> None:
        """Nothing is left: what a newer version may have added is not copied unseen."""
        if self.at != self.end:
            raise Unsupported(f"{self.end - self.at} bytes of metadata more than version 1.0 has")

    def rest(self) -> bytes:
        return self.data[self.at : self.end]


def record(body: bytes) -> bytes:
    """A record frame."""
    return _I64.pack(_I64.size + len(body)) + body


def listing(items: Sequence[bytes], behind: bytes = b"") -> bytes:
    """A list frame; ``behind`` are fields after the items that belong to it."""
    body = b"".join(items)
    return _LIST_HEAD.pack(-(_LIST_HEAD.size + len(body) + len(behind)), len(items)) + body + behind


def u64(value: int) -> bytes:
    return _U64.pack(value)


def envelope(kind: int, body: bytes) -> bytes:
    """An envelope of that type, with its checksum."""
    data = _U64.pack(kind | (_U64.size + len(body) + CHECKSUM) << 16) + body
    return data + _U64.pack(xxh3(data))


def opened(data: bytes, kind: int) -> tuple[Cursor, bytes]:
    """The content of an envelope, and its checksum; ValueError unless type, length and checksum are right."""
    if len(data) < _U64.size + CHECKSUM:
        raise ValueError(f"an envelope of {len(data)} bytes")
    cursor = Cursor(data, 0, len(data) - CHECKSUM)
    word = cursor.u64()
    if word & 0xFFFF != kind or word >> 16 != len(data):
        raise ValueError(
            f"an envelope of type {word & 0xFFFF} and {word >> 16} bytes, not {kind} and {len(data)}"
        )
    if _U64.pack(xxh3(memoryview(data)[: cursor.end])) != data[cursor.end :]:
        raise ValueError("an envelope whose checksum (XXH3) differs")
    return cursor, data[cursor.end :]


def xxh3(data: bytes | memoryview) -> int:
    """The 64-bit XXH3 hash. Raises ToolMissing where there is no library for it."""
    return int(_xxhash().xxh3_64_intdigest(data))


def hasher() -> Any:
    """The same, to be updated piece by piece."""
    return _xxhash().xxh3_64()


def _xxhash() -> Any:
    try:
        import xxhash
    except ImportError:
        text = "RNTuples need xxhash, which is not installed: pip install 'ddm[root]'"
        raise ToolMissing(text) from None
    return xxhash
