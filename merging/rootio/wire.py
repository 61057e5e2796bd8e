"""The smallest pieces of ROOT's format: numbers are big-endian, strings have their length in front.

Source: ROOT's io/doc/TFile ("dobject", "datatypes") and TBuffer, TDatime.
"""

from __future__ import annotations

import struct
from typing import Final

U32: Final = struct.Struct(">I")
I32: Final = struct.Struct(">i")
U16: Final = struct.Struct(">H")

BYTE_COUNT: Final = 0x40000000
"""Bit of a 32-bit word that makes it a byte count; the rest counts the bytes behind the word."""
NEW_CLASS: Final = 0xFFFFFFFF
"""Tag in front of an object whose class is named here for the first time."""
CLASS_MASK: Final = 0x80000000
"""Bit of a tag that refers to a class named before; without it a tag refers to an object."""
MAP_OFFSET: Final = 2
"""What is added to every position that a tag refers to."""
LARGEST_COUNT: Final = BYTE_COUNT - 1
"""No object can be larger than this, in bytes: its byte count has 30 bits."""

_LONG = 255


def tstring(text: str) -> bytes:
    """A TString as stored: one byte of length (or 255 and four bytes), then the bytes."""
    raw = text.encode("utf-8", "surrogateescape")
    return (bytes([len(raw)]) if len(raw) < _LONG else b"\xff" + U32.pack(len(raw))) + raw


def read_tstring(data: bytes | memoryview, at: int) -> tuple[str, int]:
    """The TString at this place, and the place behind it. IndexError or struct.error where data end."""
    size, at = data[at], at + 1
    if size == _LONG:
        (size,) = U32.unpack_from(data, at)
        at += 4
    if at + size > len(data):
        raise IndexError(f"a string of {size} bytes goes over the end")
    return str(data[at : at + size], "utf-8", "surrogateescape"), at + size


def counted(body: bytes) -> bytes:
    """The body with its byte count in front."""
    return U32.pack(len(body) | BYTE_COUNT) + body
