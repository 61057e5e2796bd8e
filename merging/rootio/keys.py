"""TKey: what stands in front of every record, and in the list of keys of every directory.

Sizes and positions are bytes from the start of the file. Keys of version over 1000 have 64-bit positions; the
upper 16 bits of ``fSeekPdir`` are then an offset to the numbers of process ids inside the record.
Source: TKey.cxx (TKey::Streamer, FillBuffer).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Final

from merging.rootio.wire import read_tstring, tstring

_HEAD: Final = struct.Struct(">ihiIhh")
_SMALL: Final = struct.Struct(">ii")
_BIG: Final = struct.Struct(">qq")
BIG_KEY: Final = 1000
"""Versions over this have 64-bit positions."""
FIXED: Final = _HEAD.size
"""Bytes of a key in front of its positions: 18."""
SHORTEST: Final = _HEAD.size + _SMALL.size + 3
LARGEST_SMALL: Final = (1 << 31) - 1
_PDIR_BITS: Final = 48


@dataclass(frozen=True, slots=True)
class Key:
    """One record: ``nbytes`` with the key, ``objlen`` uncompressed, ``keylen`` of the key alone.

    ``seek``: where the record starts. ``parent``: where that of its directory starts. ``datime`` as ROOT
    packs it. ``pid_offset`` is added to process id numbers (only where baskets were copied between files).
    """

    nbytes: int
    version: int
    objlen: int
    datime: int
    keylen: int
    cycle: int
    seek: int
    parent: int
    classname: str
    name: str
    title: str
    pid_offset: int = 0

    @classmethod
    def read(cls, data: bytes | memoryview, at: int = 0, *, stored: bool = True) -> tuple[Key, int]:
        """The key at this place of the data and the place behind it.

        Raises ValueError for what cannot be a key; the caller knows file and offset. ``stored`` False: a key
        that was never written out, whose sizes are not known yet.
        """
        try:
            nbytes, version, objlen, datime, keylen, cycle = _HEAD.unpack_from(data, at)
            positions = _BIG if version > BIG_KEY else _SMALL
            seek, parent = positions.unpack_from(data, at + _HEAD.size)
            end = at + _HEAD.size + positions.size
            classname, end = read_tstring(data, end)
            name, end = read_tstring(data, end)
            title, end = read_tstring(data, end)
        except (struct.error, IndexError) as error:
            raise ValueError(f"no key: {error}") from None
        pid_offset = 0
        if version > BIG_KEY:
            pid_offset, parent = (parent >> _PDIR_BITS) & 0xFFFF, parent & ((1 << _PDIR_BITS) - 1)
        bad = nbytes < keylen or objlen < 0 or seek < 0
        if keylen < SHORTEST or version < 1 or (stored and bad):
            raise ValueError(f"no key: {nbytes} bytes, {keylen} of them a key of version {version}")
        key = cls(
            nbytes, version, objlen, datime, keylen, cycle, seek, parent, classname, name, title, pid_offset
        )
        return key, end

    def encoded(self) -> bytes:
        """The key as it stands in front of its record, padded to ``keylen`` if its words are shorter."""
        return self.listed().ljust(self.keylen, b"\0")

    def listed(self) -> bytes:
        """The key as it stands in the list of keys of a directory: without the padding."""
        head = _HEAD.pack(self.nbytes, self.version, self.objlen, self.datime, self.keylen, self.cycle)
        words = tstring(self.classname) + tstring(self.name) + tstring(self.title)
        if self.version > BIG_KEY:
            place = _BIG.pack(self.seek, self.parent | (self.pid_offset << _PDIR_BITS))
        else:
            place = _SMALL.pack(self.seek, self.parent)
        return head + place + words

    def moved(self, seek: int, parent: int) -> Key:
        """The same key at another place, of the same length. ValueError where 32 bits do not reach."""
        if self.version <= BIG_KEY and max(seek, parent) > LARGEST_SMALL:
            raise ValueError(f"a key with 32-bit positions cannot lie at {seek}")
        return replace(self, seek=seek, parent=parent)

    def leads(self, record: bytes) -> bool:
        """Whether a record begins with this very key, as it does where lists of keys are right.

        It may still be the same record if not: with positions of another width.
        """
        names = _HEAD.size + (_BIG.size if self.version > BIG_KEY else _SMALL.size)
        words = tstring(self.classname) + tstring(self.name)
        nbytes, _, objlen, _, keylen, _ = _HEAD.unpack_from(record)
        return (nbytes, objlen, keylen) == (self.nbytes, self.objlen, self.keylen) and record.startswith(
            words, names
        )

    @property
    def compressed(self) -> bool:
        return self.objlen > self.nbytes - self.keylen


def key_length(classname: str, name: str, title: str) -> int:
    """The length of a key with 64-bit positions: objects are written behind such keys."""
    return _HEAD.size + _BIG.size + len(tstring(classname)) + len(tstring(name)) + len(tstring(title))


def new_key(
    classname: str, name: str, title: str, *, objlen: int, stored: int, datime: int, cycle: int = 1
) -> Key:
    """A key with 64-bit positions for ``stored`` bytes (compressed or not); its place is not known yet."""
    keylen = key_length(classname, name, title)
    return Key(keylen + stored, 1004, objlen, datime, keylen, cycle, 0, 0, classname, name, title)
