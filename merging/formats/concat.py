"""Files that are merged by putting one after the other: text, compressed streams, streams of packets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from merging.errors import MergeError, UnreadableInput
from merging.formats.compare import Span, same_bytes
from merging.formats.files import Sink, blocks, new_file, one_by_one, unreadable
from merging.model import Count, MergeResult, Sameness, Taken

EMPTY = ("refuse", "allow")


class Concatenation:
    """Puts the bytes of the inputs one after the other, and looks at none of them.

    Nothing tells a whole file from a cut one, so sizes and checksums of the inputs must be compared before:
    ``taken`` has them. ``n_events`` is None. A file of 0 bytes, which is what a failed write leaves behind,
    is refused unless ``empty`` is ``allow``.
    """

    one_by_one = True

    def __init__(self, *, empty: str = "refuse") -> None:
        self._allow_empty = allows_empty("concat", empty)

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        taken: list[Taken] = []
        with new_file(output) as temporary, Sink(temporary, output) as sink:
            for path in one_by_one(inputs):
                for block in blocks(path):
                    sink.write(block)
                size, adler32 = sink.cut()
                if not size and not self._allow_empty:
                    raise zero_bytes(path)
                taken.append(Taken(str(path), size, adler32=adler32))
        return MergeResult(sink.size, sink.adler32, None, taken=tuple(taken))

    def count(self, path: Path) -> Count:
        if not _size(path) and not self._allow_empty:
            raise zero_bytes(path)
        return Count(None)

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        return same_bytes([Span.whole(path) for path in inputs], merged)


def allows_empty(name: str, empty: str) -> bool:
    """What the option ``empty`` of a format says."""
    if empty not in EMPTY:
        raise MergeError(f"{name}: empty is {' or '.join(EMPTY)}, not '{empty}'")
    return empty == "allow"


def zero_bytes(path: Path) -> UnreadableInput:
    """The error for a file without any bytes."""
    return UnreadableInput(f"{path}: the file has 0 bytes", subject=str(path))


def _size(path: Path) -> int:
    for block in blocks(path):
        return len(block)
    try:
        return path.stat().st_size
    except OSError as error:
        raise unreadable(path, error) from error
