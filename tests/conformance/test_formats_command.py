"""Programs of the experiment as a format: the shipped suite, and what is particular to it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from merging.errors import (
    MergeToolFailed,
    ToolMissing,
)
from merging.formats.command import ExternalProgram
from merging.formats.ports import Format
from merging.model import Count, Different, MergeResult, Same, Sameness
from merging.rootfile import reading
from merging.testing import FormatSuite

# A program of the experiment: a small one of ours stands for hadd or phast.

PROGRAM = """
import sys
output, inputs = sys.argv[1], sys.argv[2:]
data = b"".join(open(path, "rb").read() for path in inputs)
with open(output, "wb") as out:
    out.write(data)
print("Number of events saved to output : %d" % data.count(b"event"))
print("End of Job")
"""


class Words:
    """Files of lines; those with ``event`` are events. Stands for a format somebody brings for a program."""

    one_by_one = True

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        raise NotImplementedError

    def count(self, path: Path) -> Count:
        with reading(path):
            return Count(path.read_bytes().count(b"event"))

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        with reading(merged):
            expected = b"".join(path.read_bytes() for path in inputs)
            return Same() if merged.read_bytes() == expected else Different((f"{merged}: other words",))


class TestExternalProgram(FormatSuite):
    cut_is_seen = False
    foreign_is_seen = False

    @pytest.fixture(autouse=True)
    def _program(self, tmp_path_factory):
        self.program = tmp_path_factory.mktemp("program") / "merge it.py"
        self.program.write_text(PROGRAM)

    def command(self) -> str:
        return f"{sys.executable} '{self.program}' {{output}} {{inputs}}"

    def format(self, **options: str) -> Format:
        options = {
            "end_marker": "End of Job",
            "events": r"saved to output : (\d+)",
            "like": f"{__name__}:Words",
        } | options
        return ExternalProgram(command=self.command(), **options)

    def write_input(self, path: Path, n_events: int) -> None:
        lines = (f"event {number}\n" for number in range(n_events))
        path.write_text(f"head of {path.name}\n" + "".join(lines))

    def read_back(self, path: Path) -> int:
        return path.read_text().count("event")

    def fails(self, tmp_path, program: str, **options: str) -> str:
        self.program.write_text(program)
        output = self.output(tmp_path)
        with pytest.raises(MergeToolFailed) as failed:
            self.format(**options).merge(self.inputs(tmp_path), output)
        self.assert_nothing_written(output)
        return str(failed.value)

    def test_the_exit_code_counts(self, tmp_path):
        text = self.fails(tmp_path, PROGRAM + "print('no licence'); sys.exit(3)")
        assert "ended with exit code 3" in text
        assert "no licence" in text

    def test_the_end_marker_counts(self, tmp_path):
        text = self.fails(tmp_path, PROGRAM.replace("End of Job", "bye"))
        assert "did not print 'End of Job'" in text

    def test_no_output_is_no_success(self, tmp_path):
        assert "wrote no output" in self.fails(tmp_path, "print('End of Job')")

    def test_an_empty_output_is_no_success(self, tmp_path):
        program = "import sys; open(sys.argv[1], 'w'); print('End of Job')"
        assert "wrote no output" in self.fails(tmp_path, program)

    def test_a_count_that_is_asked_for_and_not_printed_is_no_success(self, tmp_path):
        assert "did not say how many" in self.fails(
            tmp_path, PROGRAM.replace("Number of", "All"), events="N(.*)"
        )

    def test_a_program_that_changes_its_input_is_caught(self, tmp_path):
        program = PROGRAM + "open(inputs[0], 'ab').write(b'!')"
        assert "changed its input" in self.fails(tmp_path, program)

    def test_a_program_that_hangs_is_stopped_with_its_children(self, tmp_path):
        program = (
            "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
        )
        started = time.monotonic()
        assert "was stopped after 1 seconds" in self.fails(tmp_path, program, timeout="1")
        assert time.monotonic() - started < 30

    def test_without_a_pattern_the_number_of_events_is_unknown(self, tmp_path):
        result = self.format(events="").merge(self.inputs(tmp_path), self.output(tmp_path))
        assert result.n_events is None

    def test_no_shell_sees_the_command(self, tmp_path):
        inputs = [tmp_path / "a; touch x", tmp_path / "$(touch y)"]
        for path in inputs:
            self.write_input(path, 2)
        output = self.output(tmp_path)
        assert self.format().merge(inputs, output).n_events == 4
        assert list(output.parent.iterdir()) == [output]

    def test_a_program_that_is_not_there_is_missing(self, tmp_path):
        tool = ExternalProgram(command="no-such-program -f {output} {inputs}")
        with pytest.raises(ToolMissing, match="'no-such-program' cannot be started"):
            tool.merge(self.inputs(tmp_path), self.output(tmp_path))
