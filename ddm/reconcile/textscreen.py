"""Bytes of a list made safe for the engine: it reads lines of UTF-8, and three characters would deceive it.

The engine cuts a line at ``CUT``, takes a lone carriage return for the end of one, and refuses bytes that
are no UTF-8. A list without any of them, which is nearly every one, is read where it lies. Others are copied
with each such byte written as ``MARK`` and two hexadecimal digits: no name in the catalogue can hold
``MARK``, so a file of such a name is dark under a name that a person can read, and never another file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ddm.sources.lines import blocks, opened

CUT = "\x01"
MARK = "\x1a"
_DECEIVING = re.compile("[\x00\x01\x1a\udc80-\udcff]|\r(?!\n)")
_DECEIVING_NAMES = re.compile(
    "[\x00\x01\x1a\udc80-\udcff\r]"
)  # where NUL ends a line, a return is part of a name
_SWAPPED = bytes.maketrans(b"\0\n", b"\n\0")
_BLOCK = 1 << 22


def screened(path: Path, name: str, scratch: Path, *, nul: bool = False) -> Path:
    """The list, or a safe copy in ``scratch`` (a new file) if it is compressed or not safe as it is.

    ``nul``: lines end with NUL, and names may have line breaks. Raises BadInput for what cannot be opened or
    is cut off in the middle of its compression.
    """
    with opened(path) as stream:
        plain = not nul and stream.readable() and _is_file(stream) and _is_safe(blocks(stream, name, _BLOCK))
    if plain:
        return path
    with opened(path) as stream, open(scratch, "xb") as copy:
        for text in _texts(blocks(stream, name, _BLOCK), nul=nul):
            copy.write(text.encode())
    return scratch


def _is_file(stream: BinaryIO) -> bool:
    """Not decompressed on the way."""
    return type(stream).__module__ == "_io"


def _is_safe(pieces: Iterator[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    last = b""
    for piece in pieces:
        if any(one in piece for one in (b"\x00", b"\x01", b"\x1a")):
            return False
        both = last + piece
        if b"\r" in both and both.count(b"\r") - both.endswith(b"\r") != both.count(b"\r\n"):
            return False
        last = b"\r" if piece.endswith(b"\r") else b""
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not last


def _texts(pieces: Iterator[bytes], *, nul: bool) -> Iterator[str]:
    """The text, whole lines at a time, with what deceives written out."""
    rest = b""
    for piece in pieces:
        rest += piece.translate(_SWAPPED) if nul else piece
        cut = rest.rfind(b"\n") + 1
        if cut:
            yield _written(rest[:cut], nul)
            rest = rest[cut:]
    if rest:
        yield _written(rest, nul)


def _written(block: bytes, nul: bool) -> str:
    text = block.decode("utf-8", "surrogateescape")  # a byte that is no UTF-8 is U+DC00 and itself
    deceiving = _DECEIVING_NAMES if nul else _DECEIVING
    return deceiving.sub(lambda found: MARK + ("0A" if nul and found[0] == "\0" else _digits(found[0])), text)


def _digits(character: str) -> str:
    return f"{ord(character) & 0xFF:02X}"
