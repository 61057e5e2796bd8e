"""A file at an endpoint as an open file that can seek: only the stretches that are read come over.

What came is kept, in blocks, so that a reader of small pieces (a zip's lists, a log's bytes) makes few
requests. ``want`` fetches a stretch that will be read, whole and in one request.
"""

from __future__ import annotations

import io
from collections import deque
from typing import Any

from transfers.errors import SizeMismatch, Unsupported, raised
from transfers.model import Failed, Span, Unknown
from transfers.ports import Storage

BLOCK = 256 << 10
"""Bytes that are fetched at least: less takes hardly less time."""

LARGEST = 64 << 20
"""Bytes of one request, at most."""

_KEPT = 64
"""Stretches that are kept."""


class RangedFile(io.RawIOBase):
    """The file of this path and size, read by the storage's ``ranges``; ``requests`` counts its calls.

    Raises StorageError where a stretch cannot be had: FileMissing, NotOnline, SizeMismatch when the file is
    shorter than it should be; Unsupported, at once, where the storage reads files only whole.
    """

    def __init__(self, storage: Storage, path: str, size: int, *, block: int = BLOCK) -> None:
        if storage.ranges is None:
            raise Unsupported("the files of this endpoint are read whole", subject=path)
        self._ranges = storage.ranges
        self._path, self._size, self._block = path, size, block
        self._at = 0
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=_KEPT)
        self.requests = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(22, f"before the beginning: {base + offset}")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """All that was asked for, or what there is up to the end."""
        done, wanted = 0, max(0, min(len(buffer), self._size - self._at))
        while done < wanted:
            start, data = self._stretch(self._at, wanted - done)
            piece = data[self._at - start :][: wanted - done]
            buffer[done : done + len(piece)] = piece
            done += len(piece)
            self._at += len(piece)
        return done

    def want(self, offset: int, length: int) -> None:
        """This stretch will be read: fetch it in one request, if it is not there and not too large."""
        length = min(length, self._size - offset)
        if 0 < length <= LARGEST and not self._has(offset, length):
            self._fetch(offset, length)

    def _has(self, offset: int, length: int) -> bool:
        return any(at <= offset and offset + length <= at + len(data) for at, data in self._kept)

    def _stretch(self, offset: int, length: int) -> tuple[int, bytes]:
        """A stretch that begins before or at the offset, and has at least a byte from there."""
        for at, data in reversed(self._kept):
            if at <= offset < at + len(data):
                return at, data
        length = min(max(length, self._block), LARGEST)
        start = offset if offset + length <= self._size else max(0, min(offset, self._size - length))
        return self._fetch(start, min(length, self._size - start))

    def _fetch(self, offset: int, length: int) -> tuple[int, bytes]:
        span = Span(self._path, offset, length)
        self.requests += 1
        data = self._ranges.ranges([span])[span]
        if isinstance(data, Failed | Unknown):
            raise raised(data, self._path)
        if len(data) != length:
            text = f"{self._path} ends after {offset + len(data)} bytes, not {self._size}"
            raise SizeMismatch(text, subject=self._path)
        self._kept.append((offset, data))
        return offset, data
