"""Compressed records: blocks of at most 16 MB, each with 9 bytes in front.

Two letters tell the algorithm, one byte its method, three bytes (little-endian) the compressed and three the
uncompressed size. ``ZL`` zlib, ``XZ`` lzma, ``L4`` lz4 (after 8 bytes of xxhash64), ``ZS`` zstd, ``CS`` the
deflate of ROOT before version 5. Source: ROOT's core/zip (RZip.cxx, ZipLZ4.cxx, ZipZSTD.cxx, ZipLZMA.c).
"""

from __future__ import annotations

import lzma
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from merging.errors import MergeError, ToolMissing

HEADER: Final = 9
_LARGEST_BLOCK: Final = 0xFFFFFF
_CODES: Final = {"zlib": 1, "lzma": 2, "lz4": 4, "zstd": 5}
_MAGIC: Final = {"zlib": b"ZL", "lzma": b"XZ", "lz4": b"L4", "zstd": b"ZS"}
_METHOD: Final = {"zlib": 8, "lzma": 0, "lz4": 1, "zstd": 1}
_DEFAULT_CODE: Final = 101


@dataclass(frozen=True, slots=True)
class Compression:
    """An algorithm (zlib, lzma, lz4, zstd) and its level, 0 to 9; level 0 does not compress."""

    algorithm: str = "zlib"
    level: int = 1

    @classmethod
    def parse(cls, text: str) -> Compression:
        """``zlib:1``, ``lz4:4``, ``zstd:5``, ``lzma:7``. Raises MergeError for anything else."""
        found = re.fullmatch(r"(zlib|lzma|lz4|zstd):([0-9])", text)
        if not found:
            raise MergeError(f"root: compression is such as 'zlib:1' or 'zstd:5', not '{text}'")
        return cls(found[1], int(found[2]))

    @classmethod
    def of_code(cls, code: int) -> Compression:
        """What ``fCompress`` of a file means: 100 times the algorithm plus the level, as 101 or 505."""
        names = {number: name for name, number in _CODES.items()}
        algorithm = names.get(code // 100 or 1, "zlib")
        return cls(algorithm, code % 100 if 0 <= code % 100 <= 9 else 1)

    @property
    def code(self) -> int:
        return 100 * _CODES[self.algorithm] + self.level if self.level else 0

    @property
    def magic(self) -> bytes:
        """The two letters in front of a block."""
        return _MAGIC[self.algorithm]


def decompressed(data: bytes | memoryview, size: int) -> bytes:
    """The ``size`` bytes of a compressed record. Raises ValueError (what, at which offset) if it is none."""
    if len(data) == HEADER + int.from_bytes(data[3:6], "little") and data[:2] == b"ZL":
        block = _unpacked(b"ZL", data[HEADER:], size, 0)  # one block, as nearly always
        if len(block) == size:
            return block
    out = bytearray()
    at = 0
    while len(out) < size:
        if at + HEADER > len(data):
            raise ValueError(f"compressed data end at offset {at}, {len(out)} of {size} bytes read")
        head = bytes(data[at : at + HEADER])
        packed, unpacked = int.from_bytes(head[3:6], "little"), int.from_bytes(head[6:9], "little")
        body = data[at + HEADER : at + HEADER + packed]
        if len(body) < packed:
            raise ValueError(f"a block at offset {at} goes over the end")
        block = _unpacked(head[:2], body, unpacked, at)
        if len(block) != unpacked or not unpacked:
            raise ValueError(f"a block at offset {at} holds {len(block)} bytes, not {unpacked}")
        out += block
        at += HEADER + packed
    if len(out) != size:
        raise ValueError(f"a record of {len(out)} bytes, its key says {size}")
    return bytes(out)


def compressed(data: bytes, compression: Compression) -> bytes:
    """The data as blocks; the data themselves where that would not make them smaller."""
    if not compression.level:
        return data
    out = bytearray()
    for at in range(0, len(data), _LARGEST_BLOCK):
        block = data[at : at + _LARGEST_BLOCK]
        packed = _packed(block, compression)
        if len(packed) > _LARGEST_BLOCK:
            return data
        out += compression.magic + bytes([_METHOD[compression.algorithm]])
        out += len(packed).to_bytes(3, "little") + len(block).to_bytes(3, "little") + packed
    return bytes(out) if len(out) < len(data) else data


def _unpacked(magic: bytes, body: bytes | memoryview, size: int, at: int) -> bytes:
    try:
        match magic:
            case b"ZL":
                return _bounded(_inflate()(), body, size)
            case b"XZ":
                return _bounded(lzma.LZMADecompressor(), body, size)
            case b"L4":
                import xxhash

                if xxhash.xxh64_digest(body[8:]) != bytes(body[:8]):
                    raise ValueError("its xxhash64 differs")
                return _into(_cramjam().lz4.decompress_block_into, bytes(body[8:]), size, output_len=size)
            case b"ZS":
                return _into(_cramjam().zstd.decompress_into, body, size)
            case b"CS":
                return _bounded(zlib.decompressobj(-zlib.MAX_WBITS), body, size)
    except (zlib.error, lzma.LZMAError, ValueError, RuntimeError) as error:
        # errors of cramjam (in some versions) and of zlib-ng are classes of their own, see below
        raise ValueError(f"a block at offset {at} cannot be decompressed: {error}") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("cramjam", "zlib_ng"):
            raise
        raise ValueError(f"a block at offset {at} cannot be decompressed: {error}") from error
    raise ValueError(f"a block at offset {at} begins with {magic!r}, no algorithm of ROOT")


def _packed(block: bytes, compression: Compression) -> bytes:
    match compression.algorithm:
        case "zlib":
            return zlib.compress(block, compression.level)
        case "lzma":
            return lzma.compress(block, preset=compression.level)
        case "zstd":
            return bytes(_cramjam().zstd.compress(block, level=compression.level))
    import xxhash

    packed = bytes(_cramjam().lz4.compress_block(block, store_size=False))
    return xxhash.xxh64_digest(packed) + packed


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes | memoryview, max_length: int) -> bytes: ...


def _bounded(inflater: _Inflater, body: bytes | memoryview, size: int) -> bytes:
    """At most one byte more than ``size``: a broken block may claim a few bytes and hold gigabytes."""
    out = inflater.decompress(body, size + 1)
    if not inflater.eof:
        raise ValueError(f"it holds more than {size} bytes" if len(out) > size else "it ends early")
    return out


def _into(decompress: Callable[..., int], body: bytes | memoryview, size: int, **more: int) -> bytes:
    """What cramjam writes into ``size`` bytes; asked for new bytes it fills up with zeros what is missing."""
    out = bytearray(size)
    count = decompress(body, out, **more)
    return bytes(memoryview(out)[:count])


@cache
def _inflate() -> Callable[[], _Inflater]:
    """The fastest zlib there is."""
    try:
        from zlib_ng import zlib_ng
    except ImportError:  # no wheel for this machine: slower, not otherwise
        return zlib.decompressobj
    return zlib_ng.decompressobj


def _cramjam() -> Any:
    try:
        import cramjam
    except ImportError:
        raise ToolMissing(
            "lz4 and zstd need cramjam, which is not installed: pip install 'ddm[root]'"
        ) from None
    return cramjam
