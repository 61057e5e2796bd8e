"""The anchor of an RNTuple: the one object of it that is listed in a file, and leads to all else.

Section "Anchor schema" of the specification. Big-endian, as it is a classical object of ROOT; checked by an
XXH3 of its own.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from merging.rootio.ntuple.wire import Locator, Unsupported, xxh3
from merging.rootio.streamerinfo import Element, StreamerInfo
from merging.rootio.wire import BYTE_COUNT as _BYTE_COUNT

_FIELDS: Final = struct.Struct(">4H7Q")
_HEAD: Final = struct.Struct(">IH")
_VERSION: Final = 2
_EPOCH: Final = 1
CLASSNAME: Final = "ROOT::RNTuple"
STREAMER: Final = StreamerInfo(
    CLASSNAME,
    title="",
    bits=0x10000,
    checksum=0x4BA21BF5,
    version=_VERSION,
    elements=tuple(
        Element(
            "TStreamerBasicType", name, "", 0, code, size, 0, 0, (0, 0, 0, 0, 0), typename, ()
        )
        for names, code, size, typename in (
            (("fVersionEpoch", "fVersionMajor", "fVersionMinor", "fVersionPatch"), 12, 2, "unsigned short"),
            (("fSeekHeader", "fNBytesHeader", "fLenHeader", "fSeekFooter", "fNBytesFooter", "fLenFooter",
              "fMaxKeySize"), 17, 8, "ULong64_t"),
        )
        for name in names
    ),
)  # fmt: skip
"""How the anchor is streamed, in ROOT's own words; uproot does not write it, and general readers need it."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The object that is listed in the file: version of the format, places of header and footer (bytes)."""

    version: tuple[int, int, int, int]
    header: Locator
    header_length: int
    footer: Locator
    footer_length: int
    max_key_size: int

    @classmethod
    def read(cls, data: bytes) -> Anchor:
        if len(data) < _HEAD.size + _FIELDS.size + 8:
            raise ValueError(f"an anchor of {len(data)} bytes")
        count, version = _HEAD.unpack_from(data)
        if count != _BYTE_COUNT | (len(data) - 4 - 8):
            raise ValueError(f"an anchor of {len(data)} bytes whose byte count is {count & ~_BYTE_COUNT}")
        body = data[_HEAD.size : -8]
        if struct.pack(">Q", xxh3(body)) != data[-8:]:
            raise ValueError("an anchor whose checksum (XXH3) differs")
        fields = _FIELDS.unpack_from(body)
        if version != _VERSION or len(body) != _FIELDS.size or fields[0] != _EPOCH:
            format_version = ".".join(str(number) for number in fields[:4])
            raise Unsupported(f"an anchor of class version {version} and format version {format_version}")
        at, size, length, foot_at, foot_size, foot_length, largest = fields[4:]
        return cls(fields[:4], Locator(size, at), length, Locator(foot_size, foot_at), foot_length, largest)

    def encoded(self) -> bytes:
        """As the payload of the anchor's key."""
        body = _FIELDS.pack(
            *self.version,
            self.header.offset,
            self.header.size,
            self.header_length,
            self.footer.offset,
            self.footer.size,
            self.footer_length,
            self.max_key_size,
        )
        head = _HEAD.pack(_BYTE_COUNT | (2 + len(body)), _VERSION)
        return head + body + struct.pack(">Q", xxh3(body))
