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
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ddm.sources.lines import blocks, opened

CUT = "\x01"
MARK = "\x1a"
_DECEIVING = re.compile("[\x00\x01\x1a\udc80-\udcff]|\r(?!\n)")
_DECEIVING_NAMES = re.compile(
    "[\x00\x01\x1a\udc80-\udcff\r]"
)  # where NUL ends a line, a return is part of a name
_UNREADABLE = re.compile("[\x00\x01\x1a\udc80-\udcff\r\n]")
_SWAPPED = bytes.maketrans(b"\0\n", b"\n\0")
_BLOCK = 1 << 18


def screened(path: Path, name: str, scratch: Path, *, nul: bool = False, begin: bytes = b"") -> Path:
    """The list, or a safe copy in ``scratch`` (a new file) if it is compressed or not safe as it is.

    ``nul``: lines end with NUL, and names may have line breaks. ``begin``: what begins a line in the copy,
    wherever it stands. Raises BadInput for what cannot be opened or
    is cut off in the middle of its compression.
    """
    with opened(path) as stream:
        plain = (
            not nul
            and not begin
            and stream.readable()
            and _is_file(stream)
            and _is_safe(blocks(stream, name, _BLOCK))
        )
    if plain:
        return path
    with opened(path) as stream, open(scratch, "xb") as copy:
        pieces = blocks(stream, name, _BLOCK)
        copy.writelines(_written(_broken(pieces, begin) if begin else pieces, nul=nul))
    return scratch


def readable(name: str) -> str:
    """A name as the engine and people can read it: what deceives, and bytes that are no text (as
    ``os.fsdecode`` gives them), is written out. Another name than that of any file that is registered."""
    return name if name.isprintable() else _UNREADABLE.sub(lambda found: MARK + _digits(found[0]), name)


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


def _broken(pieces: Iterator[bytes], begin: bytes) -> Iterator[bytes]:
    """The same with a line break before each ``begin``."""
    rest = b""
    for piece in pieces:
        rest += piece
        cut = max(len(rest) - len(begin) + 1, 0)  # after it one may begin that is not all there
        over = rest.rfind(begin, max(cut - len(begin) + 1, 0))
        cut = cut if over < 0 else over
        yield rest[:cut].replace(begin, b"\n" + begin)
        rest = rest[cut:]
    yield rest.replace(begin, b"\n" + begin)


def _written(pieces: Iterator[bytes], *, nul: bool) -> Iterator[bytes]:
    """The text with what deceives written out, however long its lines are."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")  # no UTF-8: U+DC00 and the byte
    held = ""
    for piece in pieces:
        text = held + decoder.decode(piece.translate(_SWAPPED) if nul else piece)
        held = "\r" * (text.endswith("\r") and not nul)  # is it alone?
        yield _safe(text.removesuffix(held), nul)
    yield _safe(held + decoder.decode(b"", final=True), nul)


def _safe(text: str, nul: bool) -> bytes:
    returns = text.count("\r")
    if not any(one in text for one in "\x00\x01\x1a") and returns == (0 if nul else text.count("\r\n")):
        with suppress(UnicodeEncodeError):
            return text.encode()
    deceiving = _DECEIVING_NAMES if nul else _DECEIVING
    return deceiving.sub(
        lambda found: MARK + ("0A" if nul and found[0] == "\0" else _digits(found[0])), text
    ).encode()


def _digits(character: str) -> str:
    return f"{ord(character) & 0xFF:02X}"
