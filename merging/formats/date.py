"""DATE events: files have no header or trailer, so merging is copying one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from catalog.checksum import EMPTY, Summer, adler32
from merging.date import EMPTY_DUMP, EventType, EventWalk, events, is_empty_dump
from merging.errors import DifferentSchemas
from merging.formats.compare import Span, same_bytes
from merging.formats.files import blocks, new_file, one_by_one
from merging.model import Count, MergeResult, Same, Sameness, Taken
from merging.rootfile import reading


class DateEvents:
    """Concatenates files of DATE events, in the order given, in one pass.

    The structure of every input is checked while its bytes pass; the adler32 is that of the bytes written.
    ``n_events`` counts physics events. The sentinel of an empty dump adds nothing; if all inputs are
    sentinels the output is one. Inputs of different byte order are refused (DifferentSchemas).
    """

    one_by_one = True

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        with new_file(output) as temporary, open(temporary, "xb") as out:
            sink, counts, taken = _Sink(out), Counter[int](), list[Taken]()
            first: EventWalk | None = None
            for path in one_by_one(inputs):
                if is_empty_dump(path):
                    taken.append(Taken(str(path), len(EMPTY_DUMP), 0))
                    continue
                walk, one = _copy(path, sink)
                first = first or walk
                _check_byte_order(first, walk)
                counts += walk.counts
                taken.append(one)
            if not first:
                sink.write(EMPTY_DUMP)
        events = counts[EventType.PHYSICS]
        return MergeResult(sink.size, sink.adler32, events, by_name(counts), tuple(taken))

    def count(self, path: Path) -> Count:
        with reading(path):
            if is_empty_dump(path):
                return Count(0)
            counts = Counter(event.type for event in events(path))
        return Count(counts[EventType.PHYSICS], by_name(counts))

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        self.count(merged)
        spans = [Span.whole(path) for path in inputs if not _is_empty(path)]
        if not spans and _is_empty(merged):
            return Same()
        return same_bytes(spans, merged)


def _is_empty(path: Path) -> bool:
    with reading(path):
        return is_empty_dump(path)


def by_name(counts: Mapping[int, int]) -> dict[str, int]:
    """Numbers of events by the name of their type; a type without a name is ``type 12``."""
    return {_name(number): count for number, count in sorted(counts.items())}


def _name(number: int) -> str:
    try:
        return EventType(number).name.lower().replace("_", " ")
    except ValueError:
        return f"type {number}"


class _Sink:
    """Writes, and knows size and adler32 of what was written."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.size = 0
        self.adler32 = EMPTY

    def write(self, block: bytes | memoryview) -> None:
        self._out.write(block)
        self.size += len(block)
        self.adler32 = adler32([block], self.adler32)


def _copy(path: Path, sink: _Sink) -> tuple[EventWalk, Taken]:
    walk, summer = EventWalk(str(path), path.stat().st_size), Summer()
    for block in blocks(path):
        walk.feed(block)
        sink.write(block)
        summer.update(block)
    walk.finish()
    taken = Taken(walk.name, summer.size, walk.physics, by_name(walk.counts), summer.adler32())
    return walk, taken


def _check_byte_order(first: EventWalk, walk: EventWalk) -> None:
    if walk.foreign != first.foreign:
        text = f"{walk.name} has another byte order than {first.name}"
        raise DifferentSchemas(text, subject=walk.name)
