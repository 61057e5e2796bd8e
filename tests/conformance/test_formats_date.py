"""The format of DATE events: the shipped suite, and what is particular to it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from merging import counters
from merging.counters import Counter
from merging.date import EMPTY_DUMP
from merging.errors import (
    DifferentSchemas,
    MergeError,
    UnreadableInput,
)
from merging.formats.date import DateEvents
from merging.formats.ports import Format
from merging.model import Same
from merging.testing import CounterSuite, FormatSuite
from tests.conformance.formats import written

# DATE: written word by word, here as in the format's description, not with merging.date.


def date_event(
    event_type: int, number: int, *, size: int = 100, order: str = "<", old: bool = False, fill: int = 0
) -> bytes:
    content = bytes([fill]) * (size - size % 4)
    if old:
        words = (event_type, 80, 12345, 1, number, number, number, 1, 0, 0, 1 << 31, 0, 0, 0, 0, 0, 0, 2)
        return struct.pack(f"{order}20I", 80 + len(content), 0xDA1E5AFE, *words) + content
    words = (68, 0x00030006, event_type, 281234, number, 1 << 20 | number, 2, 0, 0, 0, 0, 1 << 4, 0, 1, 0)
    return struct.pack(f"{order}17I", 68 + len(content), 0xDA1E5AFE, *words) + content


def date_file(n_events: int, **kwargs) -> bytes:
    """Start of run, the physics events with a calibration event after every third, end of run."""
    events = [date_event(1, 0, **kwargs)]
    for number in range(1, n_events + 1):
        events.append(date_event(7, number, **kwargs))
        if number % 3 == 0:
            events.append(date_event(8, number, **kwargs))
    return b"".join([*events, date_event(2, n_events + 1, **kwargs)])


def naive_date_count(data: bytes) -> int:
    count = at = 0
    while at < len(data):
        size, _, _, version, event_type = struct.unpack_from("<5I", data, at)
        assert version == 0x00030006
        count += event_type == 7
        at += size
    return count


class TestDateEvents(FormatSuite):
    suffix = ".raw"
    tells_offset = (
        "text",
        "truncated",
        "cut-in-header",
        "wrong-magic",
        "trailing",
        "size-not-by-four",
        "size-zero",
        "header-longer-than-event",
        "unknown-version",
        "order-changes",
    )

    def format(self) -> Format:
        return DateEvents()

    def write_input(self, path: Path, n_events: int) -> None:
        path.write_bytes(date_file(n_events, fill=zlib.crc32(path.name.encode()) % 251))

    def read_back(self, path: Path) -> int:
        return naive_date_count(path.read_bytes())

    def write_bad_inputs(self, directory: Path) -> Mapping[str, Path]:
        good = date_file(4)
        contents = {
            "zero-length": b"",
            "text": b"no event at all, but a longer line of text than the sentinel has\n",
            "truncated": good[:-5],
            "cut-in-header": good[: -168 + 20],
            "wrong-magic": good[:4] + b"\0" + good[5:],
            "trailing": good + b"\0\0\0\0",
            "size-not-by-four": struct.pack("<I", 169) + good[4:] + b"\0",
            "size-zero": struct.pack("<I", 0) + good[4:],
            "header-longer-than-event": good[:8] + struct.pack("<I", 400) + good[12:],
            "unknown-version": good[:12] + struct.pack("<I", 0x00090006) + good[16:],
            "order-changes": good + date_event(7, 9, order=">"),
        }
        return written(directory, contents, self.suffix)

    def test_keeps_the_order_and_every_byte(self, tmp_path):
        inputs = self.inputs(tmp_path)[::-1]
        output = self.output(tmp_path)
        self.format().merge(inputs, output)
        assert output.read_bytes() == b"".join(path.read_bytes() for path in inputs)

    def test_events_are_told_by_their_type(self, tmp_path):
        odd = tmp_path / "odd.raw"
        odd.write_bytes(date_file(3) + date_event(12, 9))
        result = self.format().merge([*self.inputs(tmp_path), odd], self.output(tmp_path))
        assert result.by_type == {
            "start of run": 4,
            "end of run": 4,
            "physics": 11,
            "calibration": 3,
            "type 12": 1,
        }
        assert result.taken[3].by_type == {
            "start of run": 1,
            "end of run": 1,
            "physics": 3,
            "calibration": 1,
            "type 12": 1,
        }
        assert result.taken[3].adler32 == zlib.adler32(odd.read_bytes())

    def test_an_empty_dump_adds_nothing(self, tmp_path):
        empty = tmp_path / "empty.raw"
        empty.write_bytes(b"There is no event in this file.\r\n")
        inputs = self.inputs(tmp_path)
        output = self.output(tmp_path)
        assert self.format().merge([inputs[0], empty, inputs[2]], output).n_events == 8
        assert output.read_bytes() == inputs[0].read_bytes() + inputs[2].read_bytes()

    def test_only_empty_dumps_give_an_empty_dump(self, tmp_path):
        inputs = [tmp_path / name for name in ("a.raw", "b.raw")]
        for path in inputs:
            path.write_bytes(EMPTY_DUMP)
        output = self.output(tmp_path)
        result = self.format().merge(inputs, output)
        assert (result.size, result.n_events) == (33, 0)
        assert output.read_bytes() == EMPTY_DUMP
        assert result.adler32 == zlib.adler32(EMPTY_DUMP)

    def test_byte_orders_are_not_mixed(self, tmp_path):
        foreign = tmp_path / "foreign.raw"
        foreign.write_bytes(date_file(2, order=">"))
        output = self.output(tmp_path)
        with pytest.raises(DifferentSchemas, match=r"foreign\.raw: at offset 0: has another byte order"):
            self.format().merge([*self.inputs(tmp_path), foreign], output)
        self.assert_nothing_written(output)
        assert self.format().merge([foreign], output).n_events == 2

    def test_events_across_block_borders_are_followed(self, tmp_path, monkeypatch):
        for block in (4, 20, 100, 1000):
            monkeypatch.setattr("merging.formats.files.BLOCK", block)
            folder = tmp_path / str(block)
            folder.mkdir()
            assert self.format().merge(self.inputs(folder), self.output(folder)).n_events == 8


class Records(FormatSuite):
    """The same suite, where start and end records are treated in other ways; some inputs have several."""

    suffix = ".raw"

    def write_input(self, path: Path, n_events: int) -> None:
        fill = zlib.crc32(path.name.encode()) % 251
        files_records = date_event(3, 0, size=3000, fill=fill), date_event(4, 0, size=40, fill=fill)
        path.write_bytes(date_file(n_events, fill=fill) + b"".join(files_records))

    def read_back(self, path: Path) -> int:
        data = path.read_bytes()
        return 0 if data == EMPTY_DUMP else naive_date_count(data)

    def kinds(self, path: Path) -> list[int]:
        """The types of the events in a file, in order."""
        data, kinds, at = path.read_bytes(), [], 0
        while at < len(data):
            kinds.append(struct.unpack_from("<I", data, at + 16)[0])
            at += struct.unpack_from("<I", data, at)[0]
        return kinds

    def test_events_across_block_borders_are_followed(self, tmp_path, monkeypatch):
        inputs = self.inputs(tmp_path)
        whole = tmp_path / "whole.raw"
        expected = self.format().merge(inputs, whole)
        for block in (4, 20, 100, 1000):
            monkeypatch.setattr("merging.formats.files.BLOCK", block)
            output = tmp_path / f"{block}.raw"
            assert self.format().merge(inputs, output) == expected
            assert output.read_bytes() == whole.read_bytes()


class TestDateWithoutRecords(Records):
    def format(self) -> Format:
        return DateEvents(records="drop")

    def test_no_record_is_left(self, tmp_path):
        output = self.output(tmp_path)
        result = self.format().merge(self.inputs(tmp_path), output)
        assert self.kinds(output) == [7, 7, 7, 8, 7, 7, 7, 8, 7, 7]
        assert result.by_type == {"physics": 8, "calibration": 2}
        assert result.taken[1].by_type == {
            "start of run": 1,
            "end of run": 1,
            "start of run files": 1,
            "end of run files": 1,
        }


class TestDateWithOneStartAndEnd(Records):
    def format(self) -> Format:
        return DateEvents(records="ends")

    def test_the_first_start_and_the_last_end_are_left(self, tmp_path):
        """The last two inputs hold no end of run, and the first no start: chunks in the middle of a run."""
        inputs = self.inputs(tmp_path, (2, 1, 2))
        middle = [tmp_path / name for name in ("first.raw", "last.raw")]
        for number, path in enumerate(middle):
            path.write_bytes(date_event(7, 80 + number))
        output = self.output(tmp_path)
        everything = [middle[0], *inputs, middle[1]]
        result = self.format().merge(everything, output)
        assert self.kinds(output) == [7, 1, 7, 7, 3, 7, 7, 7, 7, 2, 4]
        last = inputs[2].read_bytes()
        assert output.read_bytes().endswith(
            date_event(7, 81) + last[-108 - 3068 - 168 : -108 - 3068] + last[-108:]
        )
        assert result.by_type["start of run"] == result.by_type["end of run files"] == 1
        assert self.format().same_content(everything, output) == Same()

    def test_so_many_end_records_that_they_cannot_be_held_are_refused(self, tmp_path, monkeypatch):
        monkeypatch.setattr("merging.formats.date._MOST_HELD", 200)
        output = self.output(tmp_path)
        with pytest.raises(MergeError, match=r"in0\.raw: more than 200 bytes of end-of-run records"):
            self.format().merge(self.inputs(tmp_path), output)
        self.assert_nothing_written(output)


class TestDateCounter(CounterSuite):
    suffix = ".raw"

    def counter(self) -> Counter:
        return counters.find("date")

    def write_file(self, path: Path, n_events: int) -> None:
        path.write_bytes(date_file(n_events))

    @pytest.mark.parametrize("old", [False, True])
    @pytest.mark.parametrize("order", ["<", ">"])
    def test_both_layouts_in_both_byte_orders(self, tmp_path, old, order):
        path = tmp_path / "file.raw"
        path.write_bytes(date_file(11, old=old, order=order))
        assert self.counter()(path) == 11

    def test_an_empty_dump_has_no_events(self, tmp_path):
        path = tmp_path / "empty.raw"
        path.write_bytes(EMPTY_DUMP)
        assert self.counter()(path) == 0

    def test_the_error_tells_the_offset_and_what_was_counted(self, tmp_path):
        path = tmp_path / "cut.raw"
        path.write_bytes(date_file(5)[:-40])
        with pytest.raises(UnreadableInput) as refused:
            self.counter()(path)
        text = str(refused.value)
        assert "at offset 1176: the file ends inside an event: 128 bytes of 168" in text
        assert "7 events before it, 5 of them physics" in text
        assert refused.value.subject == str(path)
