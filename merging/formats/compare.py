"""Whether a file is pieces of others, one after the other, byte by byte."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from merging.formats.files import unreadable
from merging.model import Different, Same, Sameness

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a file: ``size`` bytes from offset ``start``."""

    path: Path
    start: int
    size: int

    @classmethod
    def whole(cls, path: Path) -> Span:
        """All of a file. Raises UnreadableInput."""
        try:
            return cls(path, 0, path.stat().st_size)
        except OSError as error:
            raise unreadable(path, error) from error


def same_bytes(spans: Iterable[Span], merged: Path) -> Sameness:
    """Whether ``merged`` is the bytes of the spans in their order and nothing else.

    The first difference is told with its offsets in both files. Raises UnreadableInput.
    """
    with _reader(merged) as out:
        at = 0
        for span in spans:
            with _reader(span.path) as source:
                if (same := _same_length(source, span.start, out, at, span.size)) != span.size:
                    text = f"differs from {span.path} at offset {span.start + same}"
                    return Different((f"{merged}: at offset {at + same}: {text}",))
            at += span.size
        if out.read(at, 1):
            return Different((f"{merged}: at offset {at}: goes on where the inputs are over",))
    return Same()


class _Reader:
    def __init__(self, path: Path, handle: int) -> None:
        self._path, self._handle = path, handle

    def read(self, offset: int, size: int) -> bytes:
        try:
            return os.pread(self._handle, size, offset)
        except OSError as error:
            raise unreadable(self._path, error) from error


@contextmanager
def _reader(path: Path) -> Iterator[_Reader]:
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        yield _Reader(path, handle)
    finally:
        os.close(handle)


def _same_length(one: _Reader, start: int, other: _Reader, at: int, size: int) -> int:
    """How many of ``size`` bytes are the same, from the first on."""
    done = 0
    while done < size:
        wanted = min(_BLOCK, size - done)
        here, there = one.read(start + done, wanted), other.read(at + done, wanted)
        if here != there or not here:
            return done + _common(here, there)
        done += len(here)
    return size


def _common(here: bytes, there: bytes) -> int:
    """The length of what two strings have in common at their beginning."""
    low, high = 0, min(len(here), len(there))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if here[low:middle] == there[low:middle] else (low, middle - 1)
    return low
