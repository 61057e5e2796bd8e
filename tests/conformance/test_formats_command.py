"""Programs of the experiment as a format: the shipped suite, and what is particular to it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from merging.errors import (
    MergeError,
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


class Trees(Words):
    """Words of which two kinds are counted, as two trees are, and none is the number of events."""

    def count(self, path: Path) -> Count:
        with reading(path):
            text = path.read_bytes()
        return Count(None, {name: text.count(name.encode()) for name in ("event", "n")})


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
            tmp_path, PROGRAM.replace("Number of", "All"), events="N(.*)", like=""
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

    def test_other_exit_codes_can_be_good_ones(self, tmp_path):
        self.program.write_text(PROGRAM + "sys.exit(4)")
        output = self.output(tmp_path)
        assert self.format(exit_codes="0,4").merge(self.inputs(tmp_path), output).n_events == 8

    def test_forbidden_words_are_no_success(self, tmp_path):
        program = PROGRAM + "print('Warning in <x>: skipping file in1, cannot be opened')"
        text = self.fails(tmp_path, program, forbidden="skipping file|Break$")
        assert "forbidden: 'Warning in <x>: skipping file in1, cannot be opened'" in text
        self.program.write_text(PROGRAM)
        folder = tmp_path / "good"
        folder.mkdir()
        merge = self.format(forbidden="skipping file|Break$").merge
        assert merge(self.inputs(folder), self.output(folder)).n_events == 8

    def test_an_input_left_out_in_silence_is_found_out(self, tmp_path):
        program = PROGRAM.replace("for path in inputs", "for path in inputs[1:]")
        assert "was given 8 events, and its output holds 5" in self.fails(tmp_path, program)

    def test_an_input_left_out_is_found_out_by_what_is_counted_instead_of_events(self, tmp_path):
        self.program.write_text(PROGRAM.replace("for path in inputs", "for path in inputs[1:]"))
        output = self.output(tmp_path)
        with pytest.raises(MergeToolFailed, match="was given 8 of 'event', and its output holds 5"):
            self.format(like=f"{__name__}:Trees", events="").merge(self.inputs(tmp_path), output)
        self.assert_nothing_written(output)

    def test_a_link_to_an_input_is_no_output(self, tmp_path):
        self.program.write_text("import os, sys\nos.symlink(sys.argv[2], sys.argv[1])\nprint('End of Job')\n")
        with pytest.raises(MergeToolFailed, match="wrote no output"):
            self.format(events="").merge(self.inputs(tmp_path), self.output(tmp_path))

    def test_programs_that_drop_events_can_be_allowed_to(self, tmp_path):
        self.program.write_text(PROGRAM.replace("for path in inputs", "for path in inputs[1:]"))
        result = self.format(verify="no").merge(self.inputs(tmp_path), self.output(tmp_path))
        assert result.n_events == 5
        assert [taken.n_events for taken in result.taken] == [3, 0, 5]

    def test_a_program_that_says_another_number_than_it_wrote_is_found_out(self, tmp_path):
        program = PROGRAM.replace('% data.count(b"event")', "% 9")
        assert "says that it wrote 9 events, and its output holds 8" in self.fails(tmp_path, program)

    def test_the_count_can_stand_in_a_file(self, tmp_path):
        self.program.write_text(PROGRAM + "open('summary.txt', 'w').write('total 7\\ntotal 8\\n')")
        options = {"events": r"^total (\d+)$", "events_in": "summary.txt"}
        result = self.format(**options).merge(self.inputs(tmp_path), self.output(tmp_path))
        assert result.n_events == 8
        folder = tmp_path / "none"
        folder.mkdir()
        assert "did not write summary.txt" in self.fails(folder, PROGRAM, **options)

    def test_inputs_can_be_given_as_a_list(self, tmp_path):
        self.program.write_text(PROGRAM.replace("sys.argv[2:]", "open(sys.argv[2][1:]).read().splitlines()"))
        tool = ExternalProgram(
            command=f"{sys.executable} '{self.program}' {{output}} @{{list}}", like=f"{__name__}:Words"
        )
        assert tool.merge(self.inputs(tmp_path), self.output(tmp_path)).n_events == 8
        broken = tmp_path / "a\nb"
        self.write_input(broken, 1)
        with pytest.raises(MergeError, match="does not fit a list"):
            tool.merge([broken], tmp_path / "merged")

    def test_environment_and_scratch_directory(self, tmp_path):
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        program = PROGRAM + "import os; print(os.environ['WHERE'], os.getcwd()); sys.exit(2)"
        text = self.fails(tmp_path, program, scratch=str(scratch), environment="A=1 WHERE='over there'")
        assert f"over there {scratch}/run-" in text
        assert list(scratch.iterdir()) == []

    def test_without_a_format_nothing_can_be_counted_or_compared(self, tmp_path):
        inputs = self.inputs(tmp_path)
        result = self.format(like="").merge(inputs, self.output(tmp_path))
        assert result.n_events == 8
        for ask in (self.format(like="").count, lambda path: self.format(like="").same_content([], path)):
            with pytest.raises(ToolMissing, match="like = FORMAT"):
                ask(inputs[0])

    def test_without_a_pattern_the_number_of_events_is_unknown(self, tmp_path):
        result = self.format(events="", like="").merge(self.inputs(tmp_path), self.output(tmp_path))
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
