"""Plain concatenation and JSON lines: the shipped suite, and what is particular to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from merging.errors import UnreadableInput
from merging.formats.concat import Concatenation
from merging.formats.jsonlines import JsonLines
from merging.formats.ports import Format
from merging.testing import FormatSuite
from tests.conformance.formats import written


class TestConcatenation(FormatSuite):
    counts = False
    cut_is_seen = False
    foreign_is_seen = False

    def format(self) -> Format:
        return Concatenation()

    def write_input(self, path: Path, n_events: int) -> None:
        lines = (f"event {number}\n" for number in range(n_events))
        path.write_text(f"head of {path.name}\n" + "".join(lines))

    def read_back(self, path: Path) -> int:
        return path.read_text().count("event")

    def write_bad_inputs(self, directory: Path) -> Mapping[str, Path]:
        return written(directory, {"zero-length": b""}, ".txt")

    def test_keeps_the_order_and_every_byte(self, tmp_path):
        inputs = self.inputs(tmp_path)[::-1]
        output = self.output(tmp_path)
        self.format().merge(inputs, output)
        assert output.read_bytes() == b"".join(path.read_bytes() for path in inputs)

    def test_files_of_0_bytes_where_they_are_allowed(self, tmp_path):
        empty = tmp_path / "empty"
        empty.touch()
        output = self.output(tmp_path)
        result = Concatenation(empty="allow").merge([empty], output)
        assert (result.size, output.read_bytes()) == (0, b"")
        assert Concatenation(empty="allow").count(output).n_events is None


class TestJsonLines(FormatSuite):
    may_be_of_0_bytes = True
    tells_offset = ("cut", "no newline", "two values", "no value", "blank", "NaN", "no UTF-8", "deep")

    def format(self) -> Format:
        return JsonLines(check="yes", empty="allow")

    def write_input(self, path: Path, n_events: int) -> None:
        lines = [json.dumps({"file": path.name, "event": number}) + "\n" for number in range(n_events)]
        path.write_text("".join(lines))

    def read_back(self, path: Path) -> int:
        return len([json.loads(line) for line in path.read_text().splitlines()])

    def write_bad_inputs(self, directory: Path) -> Mapping[str, Path]:
        contents = {
            "cut": b'{"a": 1}\n{"a": ',
            "no newline": b'{"a": 1}\n{"a": 1}',
            "two values": b'{"a": 1}\n{} {}\n',
            "no value": b"{'a': 1}\n",
            "blank": b"1\n\n2\n",
            "NaN": b"[1, NaN]\n",
            "no UTF-8": b'"\xff"\n',
            "deep": b"[" * 100_000 + b"]" * 100_000 + b"\n",
        }
        return written(directory, contents, ".jsonl")

    def test_the_line_and_the_offset_are_told(self, tmp_path, monkeypatch):
        monkeypatch.setattr("merging.formats.files.BLOCK", 7)
        path = tmp_path / "bad.jsonl"
        path.write_bytes(b'{"event": 1}\n{"event": 2}\n{"event": \n')
        with pytest.raises(UnreadableInput, match=r"bad\.jsonl: line 3 at offset 26: no whole JSON value"):
            self.format().count(path)
        path.write_bytes(b'{"event": 1}\n{"event": 2}\n')
        assert self.format().count(path).n_events == 2

    def test_a_line_without_end_is_not_taken_into_memory(self, tmp_path, monkeypatch):
        monkeypatch.setattr("merging.formats.jsonlines._LONGEST", 100)
        monkeypatch.setattr("merging.formats.files.BLOCK", 7)
        path = tmp_path / "long.jsonl"
        path.write_bytes(b"1\n" + b"x" * 1000)
        with pytest.raises(UnreadableInput, match="line 2 at offset 2: a line of more than 100 bytes"):
            self.format().count(path)


class TestJsonLinesCountedOnly(TestJsonLines):
    """Without the check of every line: the end of the file is still looked at."""

    foreign_is_seen = False

    def format(self) -> Format:
        return JsonLines(empty="allow")

    def write_bad_inputs(self, directory: Path) -> Mapping[str, Path]:
        every = super().write_bad_inputs(directory)
        return {what: every[what] for what in ("cut", "no newline")}

    def test_the_line_and_the_offset_are_told(self, tmp_path):
        path = tmp_path / "bad.jsonl"
        path.write_bytes(b"1\n22")
        with pytest.raises(UnreadableInput, match=r"bad\.jsonl: ends at offset 4 inside line 2"):
            self.format().count(path)

    def test_a_line_without_end_is_not_taken_into_memory(self):
        """Lines are counted by their newlines: nothing is kept."""

    def test_0_bytes_are_refused_unless_they_are_allowed(self, tmp_path):
        path = tmp_path / "empty.jsonl"
        path.touch()
        with pytest.raises(UnreadableInput, match=r"empty\.jsonl: the file has 0 bytes"):
            JsonLines().count(path)
