"""Checksums as values, and how to compute them while bytes pass.

adler32 is the checksum of ddm: every file has one, and it has its own type. It is an integer, so that
``4a9f1cf`` and ``04a9f1cf`` are equal: clients drop leading zeros (the XRootD CopyProcess does), people
paste them either way. It prints as eight hex digits. Source: RFC 1950 section 9.

Of the other algorithms, `Checksum` holds the value together with the name, and `Summer` computes several in
one pass. Blocks may be any bytes-like object; all of these let other threads run meanwhile, except crc32c
(whose calls last microseconds). Speed: zlib-ng where it is installed, zlib otherwise; same values.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing_extensions import Buffer  # of collections.abc since Python 3.12

BLOCK = 1 << 20
"""How much is best read at a time: calls cost nothing, and a processor's cache still holds it."""

_TEXT = re.compile(r"(?:adler32[:\s=])?\s*(?:0x)?([0-9a-f]{1,8})", re.IGNORECASE)
_MODULUS = 65521  # of RFC 1950, the largest prime below 2**16


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


class Algorithm(StrEnum):
    """The checksums that ddm computes, as XRootD spells them."""

    ADLER32 = "adler32"
    CRC32C = "crc32c"
    MD5 = "md5"
    SHA256 = "sha256"

    @classmethod
    def named(cls, name: str) -> Algorithm:
        """The algorithm as people spell it: ``ADLER32``, ``sha-256``, ``Adler-32``. ValueError otherwise."""
        return cls(name.strip().lower().replace("-", "").replace("_", ""))

    @property
    def digits(self) -> int:
        """Hex digits of a value."""
        return _DIGITS[self]


_DIGITS = {Algorithm.ADLER32: 8, Algorithm.CRC32C: 8, Algorithm.MD5: 32, Algorithm.SHA256: 64}
_NUMBERS = frozenset({Algorithm.ADLER32, Algorithm.CRC32C})  # whose leading zeros clients drop
_NAMED = re.compile(r"([a-z][a-z0-9_-]*)\s*([:=\s])\s*(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Checksum:
    """A checksum of any algorithm. ``value``: lower-case hex with all its digits, leading zeros included.

    Equal when the algorithm and the number are: ``Checksum(ADLER32, "62")`` is ``adler32:00000062``.
    """

    algorithm: Algorithm
    value: str

    def __post_init__(self) -> None:
        digits = self.value.lower().removeprefix("0x")
        if self.algorithm in _NUMBERS:
            digits = digits.rjust(self.algorithm.digits, "0") if digits else ""
        if not re.fullmatch(f"[0-9a-f]{{{self.algorithm.digits}}}", digits):
            raise ValueError(f"not {self.algorithm.digits} hex digits of {self.algorithm}: {self.value!r}")
        object.__setattr__(self, "value", digits)

    @classmethod
    def parse(cls, text: str, algorithm: Algorithm | None = None) -> Checksum:
        """The value of a text as services and people write it.

        ``adler32:0062cafe`` (FTS, Rucio), ``ADLER32:62cafe`` (gfal2), ``adler32 0062cafe`` (XRootD), and
        ``md5=Q2hlY2sgSW50ZWdyaXR5IQ==`` (RFC 3230, where md5 and sha-256 are base64). A value without a name
        needs ``algorithm``; a name that is another than the one given is a ValueError, like all else that
        cannot be read.
        """
        text = text.strip().strip("\0").strip()
        found = _NAMED.fullmatch(text)
        if not found:
            if algorithm is None:
                raise ValueError(f"a checksum without the name of its algorithm: {text!r}")
            return cls(algorithm, text)
        named = Algorithm.named(found[1])
        if algorithm not in (None, named):
            raise ValueError(f"a checksum of another algorithm than {algorithm}: {text!r}")
        value = found[3]
        if found[2] == "=" and named not in _NUMBERS and len(value) != named.digits:
            value = _from_base64(value)
        return cls(named, value)

    @classmethod
    def of(cls, adler32: Adler32) -> Checksum:
        """The adler32 as one of many algorithms."""
        return cls(Algorithm.ADLER32, str(adler32))

    def adler32(self) -> Adler32 | None:
        """The adler32, if it is one."""
        return Adler32(int(self.value, 16)) if self.algorithm is Algorithm.ADLER32 else None

    def __str__(self) -> str:
        """``adler32:0062cafe``, which XRootD, FTS, gfal2 and Rucio all read."""
        return f"{self.algorithm}:{self.value}"


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).hex()
    except binascii.Error:
        raise ValueError(f"neither hex nor base64: {text!r}") from None


@cache
def _fastest() -> tuple[str, Callable[[Buffer, int], int]]:
    """The library for adler32 and its function, imported when the first bytes are summed."""
    try:
        from zlib_ng.zlib_ng import adler32

        return "zlib-ng", adler32
    except ImportError:  # no wheel for this machine: slower, not otherwise
        from zlib import adler32 as slower

        return "zlib", slower


def library() -> str:
    """The library that computes adler32 here: ``zlib-ng``, or ``zlib``, which is several times slower."""
    return _fastest()[0]


class Readable(Protocol):
    """An open binary file, as ``open(path, "rb")`` gives it."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


class _Sum(Protocol):
    def update(self, block: Buffer, /) -> object: ...
    def hexdigest(self) -> str: ...


class _Number:
    """A checksum that is a number of 32 bits, with the methods of those of hashlib."""

    def __init__(self, add: Callable[[Buffer, int], int], start: int) -> None:
        self._add, self._value = add, start

    def update(self, block: Buffer, /) -> None:
        self._value = self._add(block, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:08x}"


def _crc32c() -> _Number:
    from google_crc32c import extend  # only who asks for it waits for the import

    def add(block: Buffer, value: int) -> int:
        crc: int = extend(value, block if isinstance(block, bytes) else bytes(block))  # it takes nothing else
        return crc

    return _Number(add, 0)


_SUMS: dict[Algorithm, Callable[[], _Sum]] = {
    Algorithm.ADLER32: lambda: _Number(_fastest()[1], EMPTY),
    Algorithm.CRC32C: _crc32c,
    Algorithm.MD5: lambda: hashlib.md5(usedforsecurity=False),
    Algorithm.SHA256: hashlib.sha256,
}


class Summer:
    """Size and checksums of the bytes that pass, in any portions.

    ::

        summer = Summer([Algorithm.ADLER32, Algorithm.MD5])
        for block in blocks:
            summer.update(block)
        summer.size, summer.checksums()[Algorithm.MD5]

    Not for several threads at once: one Summer per file. ``checksums`` may be asked at any time.
    """

    def __init__(self, algorithms: Iterable[Algorithm] = (Algorithm.ADLER32,)) -> None:
        self._sums = {algorithm: _SUMS[algorithm]() for algorithm in algorithms}
        self._updates = [each.update for each in self._sums.values()]
        self.size = 0

    def update(self, block: Buffer) -> None:
        """These bytes come next."""
        with memoryview(block) as view:
            self.size += view.nbytes
        for update in self._updates:
            update(block)

    def checksums(self) -> Mapping[Algorithm, Checksum]:
        """The checksums of what has passed so far, in the order in which they were asked for."""
        return {algorithm: Checksum(algorithm, each.hexdigest()) for algorithm, each in self._sums.items()}

    def adler32(self) -> Adler32:
        """The adler32 of what has passed so far. KeyError when it was not asked for."""
        return Adler32(int(self._sums[Algorithm.ADLER32].hexdigest(), 16))


def summed(stream: Readable, algorithms: Iterable[Algorithm] = (Algorithm.ADLER32,)) -> Summer:
    """Size and checksums of what is left of an open file, in one pass and without keeping it in memory."""
    summer, buffer = Summer(algorithms), memoryview(bytearray(BLOCK))
    while count := stream.readinto(buffer):
        summer.update(buffer[:count])
    return summer


def adler32(blocks: Iterable[Buffer], start: int = EMPTY) -> Adler32:
    """The adler32 of the blocks, one after the other, beginning with the adler32 of what came before."""
    value, add = int(start), _fastest()[1]
    for block in blocks:
        value = add(block, value)
    return Adler32(value)


def adler32_of(stream: Readable) -> tuple[int, Adler32]:
    """Size in bytes and adler32 of what is left of an open binary file."""
    summer = summed(stream)
    return summer.size, summer.adler32()


def joined(first: int, second: int, second_size: int) -> Adler32:
    """The adler32 of two byte strings, one after the other, from the adler32 of each.

    So a file whose parts come out of order, or in several threads, is summed in one pass.
    """
    a1, b1, a2, b2 = first & 0xFFFF, first >> 16, second & 0xFFFF, second >> 16
    a = (a1 + a2 - 1) % _MODULUS
    b = (b1 + b2 + second_size % _MODULUS * (a1 - 1)) % _MODULUS
    return Adler32(b << 16 | a)
