"""The adler32 checksum as a value, and how to compute it while bytes pass.

A checksum is an integer here, so that ``4a9f1cf`` and ``04a9f1cf`` are equal: clients drop leading
zeros (the XRootD CopyProcess does), people paste them either way. It prints as eight hex digits.
Source: RFC 1950 section 9.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from typing import BinaryIO

_TEXT = re.compile(r"(?:adler32[:\s=])?\s*(?:0x)?([0-9a-f]{1,8})", re.IGNORECASE)

BLOCK = 1 << 20


class Adler32(int):
    """An adler32 value, 0 to 2**32 - 1."""

    def __new__(cls, value: int) -> Adler32:
        if not 0 <= value < 1 << 32:
            raise ValueError(f"an adler32 has 32 bits, {value} does not fit")
        return super().__new__(cls, value)

    @classmethod
    def parse(cls, text: str) -> Adler32:
        """The value of ``04a9f1cf``, ``4A9F1CF``, ``adler32:4a9f1cf`` or ``adler32 04a9f1cf``.

        Raises ValueError for anything else, another algorithm's name included.
        """
        found = _TEXT.fullmatch(text.strip().strip("\0"))
        if not found:
            raise ValueError(f"not an adler32 checksum: {text!r}")
        return cls(int(found[1], 16))

    def __str__(self) -> str:
        return f"{int(self):08x}"

    def __repr__(self) -> str:
        return f"Adler32(0x{self})"


EMPTY = Adler32(1)
"""The adler32 of no bytes at all."""


def adler32(blocks: Iterable[bytes], start: int = EMPTY) -> Adler32:
    """The adler32 of the blocks, one after the other."""
    value = int(start)
    for block in blocks:
        value = zlib.adler32(block, value)
    return Adler32(value)


def adler32_of(stream: BinaryIO) -> tuple[int, Adler32]:
    """Size in bytes and adler32 of what is left of an open binary stream."""
    size, value = 0, int(EMPTY)
    while block := stream.read(BLOCK):
        size += len(block)
        value = zlib.adler32(block, value)
    return size, Adler32(value)
