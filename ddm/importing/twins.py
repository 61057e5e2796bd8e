"""Finding the names that stand twice in a source with different words, without keeping the names.

Of every row four numbers are kept, sorted into buckets on disk; each bucket is looked through by itself. A
pair found is a suspicion (a hash may repeat): the caller reads both rows again to be sure.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from typing import BinaryIO, cast

BUCKETS = 256
HELD = 1 << 16
"""Rows held in memory before they go to disk."""


Seen = tuple[int, bool]
"""Line of a row, and whether its name is new to the catalogue."""


def _seen(value: int) -> Seen:
    return value >> 1, bool(value & 1)


class Twins:
    """Close it, or use it with ``with``: it has a temporary file.

    ``repeated``: new names that stood again with the same words, once ``pairs`` was read to its end.
    """

    def __init__(self) -> None:
        self.repeated = 0
        self._buckets = [array("q") for _ in range(BUCKETS)]
        self._held = 0
        self._file: BinaryIO | None = None
        self._segments: list[list[tuple[int, int]]] = [[] for _ in range(BUCKETS)]

    def add(self, name: str, words: int, meta: int, line: int, new: bool) -> None:
        """A row: name, hashes of what it says and of its metadata (0: none), line, whether it is new."""
        key = hash(name)
        self._buckets[key % BUCKETS].extend((key, words, meta, line << 1 | new))
        self._held += 1
        if self._held == HELD:
            self._flush()

    def _flush(self) -> None:
        self._file = self._file or cast(BinaryIO, tempfile.TemporaryFile(prefix="ddm-twins-"))  # noqa: SIM115  close() ends it
        for bucket, held in enumerate(self._buckets):
            if held:
                self._segments[bucket].append((self._file.tell(), len(held)))
                held.tofile(self._file)
                del held[:]
        self._held = 0

    def pairs(self) -> Iterator[tuple[Seen, Seen]]:
        """Rows that have the same name and probably other words: the first such row, and another."""
        for bucket, held in enumerate(self._buckets):
            whole = array("q")
            for place, length in self._segments[bucket]:
                assert self._file is not None
                self._file.seek(place)
                whole.fromfile(self._file, length)
            whole.extend(held)
            yield from self._pairs_in(whole)

    def _pairs_in(self, rows: array[int]) -> Iterator[tuple[Seen, Seen]]:
        if len(set(rows[::4])) * 4 == len(rows):
            return
        first: dict[int, int] = {}
        for place in range(0, len(rows), 4):
            was = first.setdefault(rows[place], place)
            if was == place:
                continue
            words = rows[was + 1] != rows[place + 1]
            meta = rows[was + 2] and rows[place + 2] and rows[was + 2] != rows[place + 2]
            if words or meta:
                yield _seen(rows[was + 3]), _seen(rows[place + 3])
                continue
            self.repeated += rows[place + 3] & 1
            if not rows[was + 2]:
                first[rows[place]] = place  # this one may say metadata, so the next is compared with it

    def close(self) -> None:
        if self._file:
            self._file.close()

    def __enter__(self) -> Twins:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
