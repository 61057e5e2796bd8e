"""Conformance suites for merge tools and event counters.

A new tool is held to its contract by a subclass with a few hooks::

    class TestMyTool(ToolSuite):
        def tool(self): return MyTool()
        def write_input(self, path, n_events): ...
        def read_back(self, path): ...

The hooks must not use the code under test: files are written and read back by other means.
"""

from __future__ import annotations

import resource
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from merging.errors import MergeError, UnplannableInputs, UnreadableInput
from merging.tools.ports import Counter, MergeTool


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """Inside, no file grows over ``limit`` bytes: writing more is an OSError, like on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class ToolSuite(ABC):
    """What every merge tool must do. Subclass it in a test module, under a name that starts with Test."""

    suffix = ""
    """Ending of the names of inputs and output, for tools that look at it."""
    counts = True
    """Whether the tool tells how many events it passed on."""

    @abstractmethod
    def tool(self) -> MergeTool:
        """A tool as configured for use."""

    @abstractmethod
    def write_input(self, path: Path, n_events: int) -> None:
        """Write a good input with so many events. Two inputs of different names are different."""

    @abstractmethod
    def read_back(self, path: Path) -> int:
        """The events in a merged file, read by other means than the tool's."""

    def write_bad_inputs(self, directory: Path) -> Mapping[str, Path]:
        """Inputs that must be refused, by what is wrong with them; a tool that reads nothing has none."""
        return {}

    def inputs(self, directory: Path, counts: Sequence[int] = (3, 0, 5)) -> list[Path]:
        """Good inputs with so many events each."""
        paths = [directory / f"in{number}{self.suffix}" for number in range(len(counts))]
        for path, n_events in zip(paths, counts, strict=True):
            self.write_input(path, n_events)
        return paths

    def output(self, directory: Path) -> Path:
        """A new path in a directory of its own, where anything left behind is seen."""
        folder = directory / "out"
        folder.mkdir()
        return folder / f"merged{self.suffix}"

    @pytest.mark.parametrize("counts", [(3, 0, 5), (4,), (0, 0), (1,) * 20])
    def test_holds_what_went_in(self, tmp_path: Path, counts: tuple[int, ...]) -> None:
        output = self.output(tmp_path)
        result = self.tool().merge(self.inputs(tmp_path, counts), output)
        assert self.read_back(output) == sum(counts)
        assert result.n_events == (sum(counts) if self.counts else None)

    def test_tells_size_and_adler32_of_the_bytes_written(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        result = self.tool().merge(self.inputs(tmp_path), output)
        written = output.read_bytes()
        assert result.size == len(written)
        assert result.adler32 == zlib.adler32(written)

    def test_leaves_only_the_output(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        self.tool().merge(self.inputs(tmp_path), output)
        assert list(output.parent.iterdir()) == [output]

    def test_inputs_are_unchanged(self, tmp_path: Path) -> None:
        inputs = self.inputs(tmp_path)
        before = [path.read_bytes() for path in inputs]
        self.tool().merge(inputs, self.output(tmp_path))
        assert [path.read_bytes() for path in inputs] == before

    def test_existing_output_is_never_overwritten(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        output.write_bytes(b"precious")
        with pytest.raises(FileExistsError):
            self.tool().merge(self.inputs(tmp_path), output)
        assert output.read_bytes() == b"precious"
        assert list(output.parent.iterdir()) == [output]

    def test_nothing_to_merge_is_refused(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        with pytest.raises(UnplannableInputs):
            self.tool().merge([], output)
        self.assert_nothing_written(output)

    def test_the_same_input_twice_is_refused(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        inputs = self.inputs(tmp_path)
        with pytest.raises(MergeError, match="twice"):
            self.tool().merge([*inputs, inputs[0]], output)
        self.assert_nothing_written(output)

    def test_a_missing_input_is_named(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        absent = tmp_path / f"absent{self.suffix}"
        with pytest.raises(UnreadableInput, match="absent"):
            self.tool().merge([*self.inputs(tmp_path), absent], output)
        self.assert_nothing_written(output)

    def test_bad_inputs_are_refused_and_named(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        (tmp_path / "bad").mkdir()
        for what, bad in self.write_bad_inputs(tmp_path / "bad").items():
            good = self.inputs(tmp_path)
            for order in ([*good, bad], [bad, *good]):
                with pytest.raises(MergeError) as refused:
                    self.tool().merge(order, output)
                assert bad.name in str(refused.value), what
                self.assert_nothing_written(output)

    def test_a_full_disk_leaves_no_output(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        inputs = self.inputs(tmp_path, (50, 50))
        with full_disk(64), pytest.raises(MergeError):
            self.tool().merge(inputs, output)
        self.assert_nothing_written(output)

    def test_a_missing_output_directory_is_a_merge_error(self, tmp_path: Path) -> None:
        with pytest.raises(MergeError):
            self.tool().merge(self.inputs(tmp_path), tmp_path / "nowhere" / f"merged{self.suffix}")

    def assert_nothing_written(self, output: Path) -> None:
        assert list(output.parent.iterdir()) == []


class CounterSuite(ABC):
    """What every event counter must do."""

    suffix = ""

    @abstractmethod
    def counter(self) -> Counter:
        """The counter under test."""

    @abstractmethod
    def write_file(self, path: Path, n_events: int) -> None:
        """Write a file with so many events, by other means than the counter's."""

    def write_bad_files(self, directory: Path) -> Mapping[str, Path]:
        """Files that cannot be counted, by what is wrong with them, besides those every counter refuses."""
        return {}

    @pytest.mark.parametrize("n_events", [0, 1, 7, 300])
    def test_counts_what_is_there(self, tmp_path: Path, n_events: int) -> None:
        path = tmp_path / f"file{self.suffix}"
        self.write_file(path, n_events)
        before = path.read_bytes()
        assert self.counter()(path) == n_events
        assert path.read_bytes() == before

    @pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"some text\n" * 50])
    def test_what_is_not_a_file_of_events_is_unreadable(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / f"foreign{self.suffix}"
        path.write_bytes(content)
        with pytest.raises(UnreadableInput, match="foreign"):
            self.counter()(path)

    def test_a_truncated_file_is_unreadable(self, tmp_path: Path) -> None:
        path = tmp_path / f"cut{self.suffix}"
        self.write_file(path, 20)
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(UnreadableInput, match="cut"):
            self.counter()(path)

    def test_a_missing_file_or_a_directory_is_unreadable(self, tmp_path: Path) -> None:
        for path in (tmp_path / "absent", tmp_path):
            with pytest.raises(UnreadableInput):
                self.counter()(path)

    def test_bad_files_are_named(self, tmp_path: Path) -> None:
        for what, bad in self.write_bad_files(tmp_path).items():
            with pytest.raises(UnreadableInput) as refused:
                self.counter()(bad)
            assert bad.name in str(refused.value), what
