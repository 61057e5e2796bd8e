"""DATE events: files have no header or trailer, so merging is copying one after the other."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from catalog.checksum import Summer
from merging.date import (
    EMPTY_DUMP,
    END_RECORDS,
    HEAD,
    START_RECORDS,
    DateEvent,
    EventType,
    is_empty_dump,
)
from merging.datewalk import EventWalk, walked
from merging.errors import DifferentSchemas, MergeError
from merging.formats import files
from merging.formats.compare import Span, same_bytes
from merging.formats.files import Sink, new_file, one_by_one, opened_raw, read_into
from merging.model import Count, MergeResult, Same, Sameness, Taken
from merging.rootfile import reading

RECORDS: Final = ("keep", "ends", "drop")
_BRACKETS: Final = START_RECORDS | END_RECORDS
_MOST_HELD: Final = 64 << 20


class DateEvents:
    """Concatenates files of DATE events, in the order given, in one pass.

    The structure of every input is checked while its bytes pass; the adler32 is that of the bytes written.
    ``n_events`` counts physics events. The sentinel of an empty dump adds nothing; if nothing at all is
    written the output is one. Inputs of different byte order are refused (DifferentSchemas).

    ``records`` says what becomes of start- and end-of-run records (types 1, 3 and 2, 4): ``keep`` leaves all
    where they are; ``ends`` keeps the start records of the first input that has any, and the end records of
    the last one, at the end of the output; ``drop`` keeps none.
    """

    one_by_one = True

    def __init__(self, *, records: str = "keep") -> None:
        if records not in RECORDS:
            raise MergeError(f"date: records is {', '.join(RECORDS[:-1])} or {RECORDS[-1]}, not '{records}'")
        self._records = records

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        taken: list[Taken] = []
        with new_file(output) as temporary, Sink(temporary, output) as sink:
            copy = _Whole(sink) if self._records == "keep" else _Picked(sink, ends=self._records == "ends")
            first: EventWalk | None = None
            for path in one_by_one(inputs):
                if _is_empty(path):
                    taken.append(Taken(str(path), len(EMPTY_DUMP), 0))
                    continue
                walk, one = _passed(path, copy)
                first = first or walk
                _check_byte_order(first, walk)
                taken.append(one)
            copy.finish()
            if not sink.size:
                sink.write(EMPTY_DUMP)
        events = copy.counts[EventType.PHYSICS]
        return MergeResult(sink.size, sink.adler32, events, by_name(copy.counts), tuple(taken))

    def count(self, path: Path) -> Count:
        with reading(path):
            if is_empty_dump(path):
                return Count(0)
            counts = walked(path).counts
        return Count(counts[EventType.PHYSICS], by_name(counts))

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        self.count(merged)
        spans = self._spans([path for path in inputs if not _is_empty(path)])
        if not spans and _is_empty(merged):
            return Same()
        return same_bytes(spans, merged)

    def _spans(self, paths: Sequence[Path]) -> list[Span]:
        """The pieces of the inputs that a merge of them holds, in order."""
        if self._records == "keep":
            return [Span.whole(path) for path in paths]
        spans: list[Span] = []
        first, ends = True, list[Span]()
        for path in paths:
            with reading(path):
                walk = walked(path, _BRACKETS)
            out = walk.records
            if self._records == "ends":
                ends = [Span(path, one.offset, one.size) for one in out if one.type in END_RECORDS] or ends
                if first and any(one.type in START_RECORDS for one in out):
                    first, out = False, [one for one in out if one.type in END_RECORDS]
            spans += _without(path, walk.size, out)
        return spans + ends


def _without(path: Path, size: int, records: Sequence[DateEvent]) -> Iterator[Span]:
    at = 0
    for record in records:
        if record.offset > at:
            yield Span(path, at, record.offset - at)
        at = record.offset + record.size
    if size > at:
        yield Span(path, at, size - at)


def by_name(counts: Mapping[int, int]) -> dict[str, int]:
    """Numbers of events by the name of their type; a type without a name is ``type 12``."""
    return {_name(number): count for number, count in sorted(counts.items()) if count}


def _name(number: int) -> str:
    try:
        return EventType(number).name.lower().replace("_", " ")
    except ValueError:
        return f"type {number}"


def _is_empty(path: Path) -> bool:
    with reading(path):
        return is_empty_dump(path)


class _Whole:
    """Passes every byte on."""

    watched: frozenset[EventType] = frozenset()

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.counts: Counter[int] = Counter()

    def begin(self) -> None:
        self._sink.cut()

    def take(self, block: memoryview, walk: EventWalk) -> None:
        self._sink.write(block)

    def end(self, walk: EventWalk) -> Taken:
        counts = walk.counts
        self.counts += counts
        size, adler32 = self._sink.cut()  # the bytes written are those that were read
        return Taken(walk.name, size, counts[EventType.PHYSICS], by_name(counts), adler32)

    def finish(self) -> None:
        """Every byte is there already."""


class _Picked:
    """Leaves out start- and end-of-run records, all of them or all but the first start and the last end."""

    watched = _BRACKETS

    def __init__(self, sink: Sink, *, ends: bool) -> None:
        self._sink = sink
        self._keep_ends = ends
        self._starts = Counter[int]()
        self._held = bytearray()
        self._held_counts = Counter[int]()
        self.counts: Counter[int] = Counter()

    def begin(self) -> None:
        self._summer = Summer()
        self._is_first = not self._starts
        self._cuts: deque[tuple[int, int, bool]] = deque()
        self._ends = bytearray()

    def take(self, block: memoryview, walk: EventWalk) -> None:
        """These bytes end at the position of the walk."""
        self._summer.update(block)
        for record in walk.records:
            if record.type in END_RECORDS:
                self._cuts.append((record.offset, record.offset + record.size, self._keep_ends))
            elif not (self._keep_ends and self._is_first):
                self._cuts.append((record.offset, record.offset + record.size, False))
        walk.records.clear()
        begin = at = walk.position - len(block)
        while self._cuts and self._cuts[0][0] < walk.position:
            start, end, held = self._cuts.popleft()
            self._sink.write(block[at - begin : start - begin])
            at = min(end, walk.position)
            if held:
                self._hold(block[start - begin : at - begin], walk)
            if end > at:
                self._cuts.appendleft((at, end, held))
        self._sink.write(block[at - begin :])

    def end(self, walk: EventWalk) -> Taken:
        counts = walk.counts
        starts = Counter[int]({kind: counts[kind] for kind in START_RECORDS if counts[kind]})
        ends = Counter[int]({kind: counts[kind] for kind in END_RECORDS if counts[kind]})
        self.counts += counts - starts - ends
        if self._keep_ends and self._is_first:
            self._starts = starts
            self.counts += starts
        if self._ends:
            self._held, self._held_counts = self._ends, ends
        physics = counts[EventType.PHYSICS]
        return Taken(walk.name, self._summer.size, physics, by_name(counts), self._summer.adler32())

    def finish(self) -> None:
        self._sink.write(self._held)
        self.counts += self._held_counts

    def _hold(self, piece: memoryview, walk: EventWalk) -> None:
        self._ends += piece
        if len(self._ends) > _MOST_HELD:
            text = f"more than {_MOST_HELD} bytes of end-of-run records before offset {walk.position}"
            raise MergeError(f"{walk.name}: {text}", subject=walk.name)


def _passed(path: Path, copy: _Whole | _Picked) -> tuple[EventWalk, Taken]:
    """Pass one input on, walking through its events; what a block leaves undecided comes before the next."""
    with opened_raw(path) as stream, reading(path):
        walk = EventWalk(str(path), path.stat().st_size, copy.watched)
        buffer = memoryview(bytearray(HEAD + files.BLOCK))
        copy.begin()
        block, kept = buffer[:0], 0
        while kept <= HEAD and (count := read_into(buffer[HEAD:], stream, path)):
            block = buffer[HEAD - kept : HEAD + count]
            decided = walk.feed(block)
            copy.take(block[:decided], walk)
            kept = len(block) - decided
            if kept <= HEAD:
                buffer[HEAD - kept : HEAD] = block[decided:]
        walk.finish(block[len(block) - kept :])
    return walk, copy.end(walk)


def _check_byte_order(first: EventWalk, walk: EventWalk) -> None:
    if walk.foreign != first.foreign:
        text = f"{walk.name}: at offset 0: has another byte order than {first.name}"
        raise DifferentSchemas(text, subject=walk.name)
