"""Walking the events of a DATE file from header to header, checked and counted.

Each event tells only where the next one is, so the walk is one step after the other, some hundred thousand
to the gigabyte. A step whose magic, header and type were seen before costs three comparisons
(``EventWalk.feed``); the first of each kind, and whatever looks odd, is decoded and checked word by word.
"""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from merging.date import HEAD, MAGIC, DateEvent, EventType, NoEvent, decoded
from merging.errors import UnreadableInput

_STEP: Final = {False: struct.Struct("<II12s"), True: struct.Struct(">II12s")}
"""Size and magic of an event, and the words that hold header length, version and type in both layouts."""

_NEAR: Final = 8 << 10
_AT_ONCE: Final = 64 << 10
"""Events that are nearer than this to each other are read so many bytes at a time, to count them."""


def events(path: str | os.PathLike[str]) -> Iterator[DateEvent]:
    """The top-level events of a file, in order, read by their headers alone.

    Every event is checked before it is given: magic, header length, size a multiple of 4 and inside the
    file, one byte order throughout. Raises UnreadableInput with the offset and what was counted before it;
    a file of no bytes is unreadable, an empty dump's sentinel too (ask ``is_empty_dump`` first).
    """
    with open(path, "rb", buffering=0) as stream:
        size = os.fstat(stream.fileno()).st_size
        walk = EventWalk(os.fspath(path), size)
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        while walk.offset < size:
            yield walk.step(os.pread(stream.fileno(), HEAD, walk.offset))


def walked(path: str | os.PathLike[str], watched: Collection[int] = ()) -> EventWalk:
    """The finished walk through a file, of which little more than the headers is read.

    Raises UnreadableInput as ``events`` does.
    """
    with open(path, "rb", buffering=0) as stream:
        size = os.fstat(stream.fileno()).st_size
        walk = EventWalk(os.fspath(path), size, watched)
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        wanted = _AT_ONCE
        while (offset := walk.offset) < size:
            walk.position = offset
            if not walk.feed(os.pread(stream.fileno(), wanted, offset)):
                break
            wanted = _AT_ONCE if walk.last < _NEAR else HEAD
        walk.position = min(walk.offset, size)
        walk.finish(os.pread(stream.fileno(), HEAD, walk.offset))
    return walk


class EventWalk:
    """The walk through one file's events, header by header, with what was counted so far.

    ``feed`` takes the bytes of the file in order, for those who read all of it anyway; ``step`` takes the
    head of one event after the other. ``offset`` is where the next event starts. Of the types ``watched``
    every event is kept in ``records``. Not for several threads at once.
    """

    def __init__(self, name: str, size: int, watched: Collection[int] = ()) -> None:
        if not size:
            raise UnreadableInput(f"{name}: the file has 0 bytes", subject=name)
        self.name = name
        self.size = size
        self.offset = 0
        self.position = 0
        """Where in the file the bytes begin that ``feed`` is given next."""
        self.last = 0
        """Bytes of the last event."""
        self.foreign: bool | None = None
        self.records: list[DateEvent] = []
        self._watched = frozenset(watched)
        self._others: Counter[int] = Counter()
        self._familiar: dict[bytes, int] = {}
        self._types: dict[bytes, int] = {}
        self._longest = 0

    @property
    def counts(self) -> Counter[int]:
        """Events so far by their type."""
        counts = self._others.copy()
        for key, count in self._familiar.items():
            counts[self._types[key]] += count
        return counts

    def step(self, head: bytes) -> DateEvent:
        """The event at ``offset``, whose first bytes these are. Raises UnreadableInput."""
        event = self._checked(head)
        self._others[event.type] += 1
        self._went(event)
        return event

    def feed(self, block: bytes | memoryview) -> int:
        """Take the bytes of the file at ``position``; how many of them belong to events whose head was seen.

        The rest, less than ``HEAD`` bytes unless the file has grown, is to be given again with what follows.
        Raises UnreadableInput at the first event that is not one.
        """
        at, start = self.offset - self.position, 0
        end = min(len(block), self.size - self.position) - HEAD
        familiar, longest = self._familiar, self._longest
        unpack = _STEP[bool(self.foreign)].unpack_from
        size = self.last
        while at <= end:
            start = at
            size, magic, key = unpack(block, at)
            if magic != MAGIC or key not in familiar or size < longest or size & 3:
                self.offset = self.position + at
                size = self._unfamiliar(bytes(block[at : at + HEAD]))
                longest, unpack = self._longest, _STEP[bool(self.foreign)].unpack_from
            else:
                familiar[key] += 1
            at += size
        self.last = size
        if self.position + at > self.size:
            self._back(bytes(block[start : start + HEAD]), self.position + start)
        self.offset = self.position + at
        decided = min(at, len(block))
        self.position += decided
        return decided

    def finish(self, rest: bytes | memoryview = b"") -> None:
        """The bytes are over, but for ``rest``: the last event must end exactly where the file does."""
        if self.position + len(rest) != self.size:
            read = self.position + len(rest)
            raise self.refusal(f"the file has changed: {read} bytes read of {self.size}")
        if self.offset != self.size:
            self.step(bytes(rest))

    def refusal(self, text: str) -> UnreadableInput:
        """The error that says what is wrong at the present offset, and what was counted before."""
        counts = self.counts
        counted = f"{counts.total()} events before it, {counts[EventType.PHYSICS]} of them physics"
        return UnreadableInput(f"{self.name}: at offset {self.offset}: {text} ({counted})", subject=self.name)

    def _unfamiliar(self, head: bytes) -> int:
        """Count an event of a new kind, or a watched one; its size."""
        event = self._checked(head)
        self.foreign = event.foreign
        self._longest = max(self._longest, event.header)
        if event.type in self._watched:
            self.records.append(event)
            self._others[event.type] += 1
        else:
            key = head[8:20]
            self._types[key] = event.type
            self._familiar[key] = self._familiar.get(key, 0) + 1
        return event.size

    def _checked(self, head: bytes) -> DateEvent:
        try:
            event = decoded(head, self.offset)
        except NoEvent as error:
            raise self.refusal(str(error)) from None
        if self.foreign not in (None, event.foreign):
            raise self.refusal("the byte order changes inside the file")
        left = self.size - self.offset
        if event.size > left:
            raise self.refusal(f"the file ends inside an event: {left} bytes of {event.size}")
        return event

    def _went(self, event: DateEvent) -> None:
        self.foreign = event.foreign
        self.offset += event.size
        self.last = event.size

    def _back(self, head: bytes, offset: int) -> None:
        """The last event goes over the end of the file: it does not count, and is refused."""
        self._familiar[head[8:20]] -= 1
        self.offset = offset
        self._checked(head)
