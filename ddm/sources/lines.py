"""Text from a stream of bytes, line by line: in constant memory, whatever the stream holds.

Compressed files (gzip, bzip2, xz; zstd with a library) are read as what they hold. Text is UTF-8; a byte
order mark is no part of it. A line longer than ``MAX_LINE`` bytes is no line of a list: it is refused before
it is held.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast

from catalog.errors import BadInput
from ddm.sources.rows import too_much

MAX_LINE = 1 << 16
BLOCK = 1 << 18
_BOM = b"\xef\xbb\xbf"

_BROKEN = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, decompressed if it is compressed. Raises BadInput for one that cannot be read."""
    name = str(path)
    try:
        with open(path, "rb") as raw:
            head = raw.peek(6)[:6]
            yield _decompressed(raw, head, name)
    except IsADirectoryError:
        raise BadInput("is a directory, not a file", subject=name) from None
    except (FileNotFoundError, PermissionError) as error:
        raise BadInput(error.strerror or str(error), subject=name) from None


def _decompressed(raw: BinaryIO, head: bytes, name: str) -> BinaryIO:
    if head.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.open(raw))
    if head.startswith(b"BZh"):
        return cast(BinaryIO, bz2.open(raw))
    if head.startswith(b"\xfd7zXZ\x00"):
        return cast(BinaryIO, lzma.open(raw))
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        zstd = _zstd(name)
        return cast(BinaryIO, _Zstd(zstd.open(raw), zstd.ZstdError))
    return raw


def _zstd(name: str) -> Any:
    """The zstd of Python 3.14, or what brings it to an earlier one. Raises BadInput without."""
    for module in ("compression.zstd", "backports.zstd"):
        with suppress(ImportError):
            return import_module(module)
    raise BadInput(
        "compressed with zstd, which this Python cannot read",
        subject=name,
        advice="pip install 'ddm[zstd]', or let 'zstd -dc' decompress it",
    )


class _Zstd:
    """A stream of zstd that is broken like the others."""

    def __init__(self, stream: BinaryIO, broken: type[Exception]) -> None:
        self._stream, self._broken = stream, broken

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except self._broken as error:
            raise EOFError(str(error)) from None


def blocks(stream: BinaryIO, name: str, size: int = BLOCK) -> Iterator[bytes]:
    """The bytes in pieces. Raises BadInput for a compressed stream that is cut off or broken."""
    while True:
        try:
            block = stream.read(size)
        except _BROKEN as error:
            raise BadInput(f"the compressed file is cut off or broken: {error}", subject=name) from None
        except OSError as error:
            if error.errno is None:  # bz2 says so of data that it cannot read
                raise BadInput(f"the compressed file is broken: {error}", subject=name) from None
            raise
        if not block:
            return
        yield block


def lines(stream: BinaryIO, name: str, end: bytes = b"\n") -> Iterator[str]:
    """Every line without its end, in order; a last one without an end is a line too.

    Raises BadInput with the line's number for what is not UTF-8, or is too long to be a line.
    """
    rest, count = b"", 0
    for block in blocks(stream, name):
        rest += block
        if not count and rest.startswith(_BOM):
            rest = rest[3:]
        cut = rest.rfind(end) + 1
        if len(rest) - cut > MAX_LINE:
            raise too_much(name, count + rest.count(end) + 1, MAX_LINE)
        if cut:
            found = _decoded(rest[:cut], name, count, end)
            rest = rest[cut:]
            count += len(found)
            yield from found
    if rest:
        yield from _decoded(rest, name, count, end)


def _decoded(block: bytes, name: str, before: int, end: bytes) -> list[str]:
    """The lines of a block that ends where a line ends; ``before`` are the lines before it."""
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        line = before + block.count(end, 0, error.start) + 1
        raise BadInput(
            f"not text in UTF-8: byte 0x{block[error.start]:02x} cannot stand there", subject=f"{name}:{line}"
        ) from None
    found = text.split(end.decode())
    if not found[-1]:
        found.pop()
    if len(max(found, key=len, default="")) > MAX_LINE:
        line = next(i for i, one in enumerate(found) if len(one) > MAX_LINE)
        raise too_much(name, before + line + 1, MAX_LINE)
    return found
