"""Event dumps into one: DATE files have no header or trailer, so merging is copying one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from catalog.checksum import EMPTY, adler32
from merging.date import EMPTY_DUMP, EventWalk, is_empty_dump
from merging.errors import DifferentSchemas
from merging.model import MergeResult
from merging.tools.files import blocks, checked, new_file


class DateConcat:
    """Concatenates files of DATE events, in the order given, in one pass.

    The structure of every input is checked while its bytes pass; the adler32 is that of the bytes written.
    ``n_events`` counts physics events. The sentinel of an empty dump adds nothing; if all inputs are
    sentinels the output is one. Inputs of different byte order are refused (DifferentSchemas).
    """

    def merge(self, inputs: Sequence[Path], output: Path) -> MergeResult:
        checked(inputs)
        with new_file(output) as temporary, open(temporary, "xb") as out:
            sink = _Sink(out)
            walks = [_copy(path, sink) for path in inputs if not is_empty_dump(path)]
            _check_byte_order(walks)
            if not walks:
                sink.write(EMPTY_DUMP)
        return MergeResult(sink.size, sink.adler32, sum(walk.physics for walk in walks))


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


def _copy(path: Path, sink: _Sink) -> EventWalk:
    walk = EventWalk(str(path), path.stat().st_size)
    for block in blocks(path):
        walk.feed(block)
        sink.write(block)
    walk.finish()
    return walk


def _check_byte_order(walks: Sequence[EventWalk]) -> None:
    for walk in walks:
        if walk.foreign != walks[0].foreign:
            text = f"{walk.name} has another byte order than {walks[0].name}"
            raise DifferentSchemas(text, subject=walk.name)
