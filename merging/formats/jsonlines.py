"""JSON lines: one record to the line, every line ended by a newline."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from merging.errors import MergeError, UnreadableInput
from merging.formats.compare import Span, same_bytes
from merging.formats.concat import allows_empty, zero_bytes
from merging.formats.files import Sink, blocks, new_file, one_by_one
from merging.model import Count, MergeResult, Sameness, Taken

RECORDS: Final = "records"
_LONGEST: Final = 64 << 20
_SHOWN: Final = 40


class JsonLines:
    """Puts files of JSON lines one after the other and counts their records (``n_events``).

    A file must end with a newline: one that does not was cut, or would run into the next. With ``check``
    ``yes`` every line must be one whole JSON value, as RFC 8259 has it: no NaN, no blank lines. A file of
    0 bytes is refused unless ``empty`` is ``allow``.
    """

    one_by_one = True

    def __init__(self, *, check: str = "no", empty: str = "refuse") -> None:
        if check not in ("yes", "no"):
            raise MergeError(f"jsonl: check is yes or no, not '{check}'")
        self._check = check == "yes"
        self._allow_empty = allows_empty("jsonl", empty)

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        taken: list[Taken] = []
        with new_file(output) as temporary, Sink(temporary, output) as sink:
            for path in one_by_one(inputs):
                records = self._passed(path, sink)
                size, adler32 = sink.cut()
                taken.append(Taken(str(path), size, records, {RECORDS: records}, adler32))
        total = sum(one.n_events or 0 for one in taken)
        return MergeResult(sink.size, sink.adler32, total, {RECORDS: total}, tuple(taken))

    def count(self, path: Path) -> Count:
        records = self._passed(path, None)
        return Count(records, {RECORDS: records})

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        self.count(merged)
        return same_bytes([Span.whole(path) for path in inputs], merged)

    def _passed(self, path: Path, sink: Sink | None) -> int:
        """Read one file, pass it on, and count its lines."""
        lines = _Lines(path, check=self._check)
        for block in blocks(path):
            lines.take(bytes(block))
            if sink:
                sink.write(block)
        if not lines.offset and not self._allow_empty:
            raise zero_bytes(path)
        return lines.finished()


class _Lines:
    def __init__(self, path: Path, *, check: bool) -> None:
        self._path, self._check = path, check
        self.offset = 0
        self._count = 0
        self._last = b"\n"
        self._rest = bytearray()

    def take(self, block: bytes) -> None:
        self._last = block[-1:]
        if self._check:
            self._take_lines(block)
        else:
            self._count += block.count(b"\n")
        self.offset += len(block)

    def finished(self) -> int:
        if self._last != b"\n":
            text = f"ends at offset {self.offset} inside line {self._count + 1}, without a newline"
            raise UnreadableInput(f"{self._path}: {text}", subject=str(self._path))
        return self._count

    def _take_lines(self, block: bytes) -> None:
        start = self.offset - len(self._rest)
        *lines, rest = (bytes(self._rest) + block).split(b"\n") if b"\n" in block else (block,)
        if not lines:
            self._rest += rest
        else:
            self._rest = bytearray(rest)
        for line in lines:
            self._whole(line, start)
            start += len(line) + 1
            self._count += 1
        if len(self._rest) > _LONGEST:
            raise self._refusal(f"a line of more than {_LONGEST} bytes", start)

    def _whole(self, line: bytes, offset: int) -> None:
        try:
            json.loads(line.decode("utf-8"), parse_constant=_no_json)
        except (ValueError, RecursionError) as error:
            shown = line[:_SHOWN].decode("utf-8", "replace")
            raise self._refusal(f"no whole JSON value ({error}): {shown!r}", offset) from None

    def _refusal(self, text: str, offset: int) -> UnreadableInput:
        where = f"line {self._count + 1} at offset {offset}"
        return UnreadableInput(f"{self._path}: {where}: {text}", subject=str(self._path))


def _no_json(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
