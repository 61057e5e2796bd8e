"""Conformance suites for formats and event counters.

A new format is held to its contract by a subclass with a few hooks::

    class TestMyFormat(FormatSuite):
        def format(self): return MyFormat()
        def write_input(self, path, n_events): ...
        def read_back(self, path): ...

The hooks must not use the code under test: files are written and read back by other means.
"""

from __future__ import annotations

import resource
import zlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from merging.counters import Counter
from merging.errors import MemberMissing, MergeError, UnplannableInputs, UnreadableInput
from merging.formats.archiveindex import INDEX, index_of, read_member
from merging.formats.ports import Format, Telling
from merging.model import Count, Different, Same, Told


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """Inside, no file grows over ``limit`` bytes: writing more is an OSError, like on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Interrupted(Exception):
    """What an iterator of inputs raises in the suite: a stage-in that failed."""


class FormatSuite(ABC):
    """What every format must do. Subclass it in a test module, under a name that starts with Test."""

    suffix = ""
    """Ending of the names of inputs and output, for formats that look at it."""
    counts = True
    """Whether the format tells how many events a file holds."""
    ordered = True
    """Whether the order of the inputs is seen in the output; not so where inputs are added up."""
    cut_is_seen = True
    """Whether a file that lost its last bytes can be known by its structure."""
    foreign_is_seen = True
    """Whether a file of zeros or text is known as one of another format."""
    may_be_of_0_bytes = False
    """Whether a file of 0 bytes is one without events, and not what a failed write left behind."""
    tells_offset: Collection[str] = ()
    """Those of ``write_bad_inputs`` whose error must name an offset."""

    @abstractmethod
    def format(self) -> Format:
        """The format as configured for use."""

    @abstractmethod
    def write_input(self, path: Path, n_events: int) -> None:
        """Write a good input with so many events. Two inputs of different names are different."""

    @abstractmethod
    def read_back(self, path: Path) -> int:
        """The events in a merged file, read by other means than the format's."""

    def write_bad_inputs(self, directory: Path) -> Mapping[str, Path]:
        """Inputs that must be refused, by what is wrong with them; a format that reads nothing has none."""
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

    # What the output holds.

    @pytest.mark.parametrize("counts", [(3, 0, 5), (4,), (0, 0), (1,) * 20])
    def test_holds_what_went_in(self, tmp_path: Path, counts: tuple[int, ...]) -> None:
        output = self.output(tmp_path)
        result = self.format().merge(self.inputs(tmp_path, counts), output)
        assert self.read_back(output) == sum(counts)
        assert result.n_events == (sum(counts) if self.counts else None)

    def test_tells_size_and_adler32_of_the_bytes_written(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        result = self.format().merge(self.inputs(tmp_path), output)
        written = output.read_bytes()
        assert result.size == len(written)
        assert result.adler32 == zlib.adler32(written)

    def test_tells_what_was_taken_of_every_input(self, tmp_path: Path) -> None:
        inputs = self.inputs(tmp_path)
        result = self.format().merge(inputs, self.output(tmp_path))
        assert [Path(taken.name) for taken in result.taken] == inputs
        for taken, path, n_events in zip(result.taken, inputs, (3, 0, 5), strict=True):
            content = path.read_bytes()
            assert taken.size == len(content)
            assert taken.adler32 in (None, zlib.adler32(content))
            assert taken.n_events in (None, n_events)
        if self.counts and all(taken.n_events is not None for taken in result.taken):
            assert sum(taken.n_events or 0 for taken in result.taken) == result.n_events

    def test_counts_its_own_output_as_it_said(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        result = self.format().merge(self.inputs(tmp_path), output)
        assert self.format().count(output) == Count(result.n_events, result.by_type)

    def test_leaves_only_the_output(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        self.format().merge(self.inputs(tmp_path), output)
        assert list(output.parent.iterdir()) == [output]

    # How inputs are treated.

    def test_inputs_are_unchanged(self, tmp_path: Path) -> None:
        inputs = self.inputs(tmp_path)
        before = [path.read_bytes() for path in inputs]
        self.format().merge(inputs, self.output(tmp_path))
        assert [path.read_bytes() for path in inputs] == before

    def test_inputs_may_come_from_an_iterator(self, tmp_path: Path) -> None:
        """One by one: the one before is removed when the next is asked for, and was not made before."""
        output = self.output(tmp_path)
        counts = (3, 0, 5, 2)
        paths = [tmp_path / f"in{number}{self.suffix}" for number in range(len(counts))]

        def coming() -> Iterator[Path]:
            for path, n_events in zip(paths, counts, strict=True):
                self.write_input(path, n_events)
                yield path
                if self.format().one_by_one:
                    path.unlink()

        result = self.format().merge(coming(), output)
        assert self.read_back(output) == sum(counts)
        assert [Path(taken.name) for taken in result.taken] == paths

    def test_an_iterator_that_breaks_leaves_no_output(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)

        def breaking(error: Exception) -> Iterator[Path]:
            yield from self.inputs(tmp_path)
            raise error

        with pytest.raises(Interrupted):
            self.format().merge(breaking(Interrupted()), output)
        self.assert_nothing_written(output)
        with pytest.raises(MergeError):
            self.format().merge(breaking(ConnectionResetError(104, "reset")), output)
        self.assert_nothing_written(output)

    def test_nothing_to_merge_is_refused(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        nothings: tuple[Iterable[Path], ...] = ([], iter(()))
        for nothing in nothings:
            with pytest.raises(UnplannableInputs):
                self.format().merge(nothing, output)
            self.assert_nothing_written(output)

    def test_the_same_input_twice_is_refused(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        inputs = self.inputs(tmp_path)
        with pytest.raises(MergeError, match="twice"):
            self.format().merge([*inputs, inputs[0]], output)
        self.assert_nothing_written(output)

    def test_a_missing_input_is_named(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        absent = tmp_path / f"absent{self.suffix}"
        for inputs in ([*self.inputs(tmp_path), absent], iter([absent])):
            with pytest.raises(UnreadableInput, match="absent"):
                self.format().merge(inputs, output)
            self.assert_nothing_written(output)

    def test_bad_inputs_are_refused_and_named(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        (tmp_path / "bad").mkdir()
        for what, bad in self.write_bad_inputs(tmp_path / "bad").items():
            good = self.inputs(tmp_path)
            before = [path.read_bytes() for path in (*good, bad)]
            for order in ([*good, bad], [bad, *good]):
                with pytest.raises(MergeError) as refused:
                    self.format().merge(order, output)
                assert bad.name in str(refused.value), what
                assert what not in self.tells_offset or "at offset " in str(refused.value), what
                self.assert_nothing_written(output)
            assert [path.read_bytes() for path in (*good, bad)] == before, what

    # The output: whole, new, or not at all.

    def test_existing_output_is_never_overwritten(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        output.write_bytes(b"precious")
        with pytest.raises(FileExistsError):
            self.format().merge(self.inputs(tmp_path), output)
        assert output.read_bytes() == b"precious"
        assert list(output.parent.iterdir()) == [output]

    def test_a_full_disk_leaves_no_output(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        inputs = self.inputs(tmp_path, (50, 50))
        before = [path.read_bytes() for path in inputs]
        with full_disk(64), pytest.raises(MergeError):
            self.format().merge(inputs, output)
        self.assert_nothing_written(output)
        assert [path.read_bytes() for path in inputs] == before

    def test_a_missing_output_directory_is_a_merge_error(self, tmp_path: Path) -> None:
        with pytest.raises(MergeError):
            self.format().merge(self.inputs(tmp_path), tmp_path / "nowhere" / f"merged{self.suffix}")

    # Counting.

    @pytest.mark.parametrize("n_events", [0, 1, 7, 300])
    def test_counts_what_is_there(self, tmp_path: Path, n_events: int) -> None:
        path = tmp_path / f"file{self.suffix}"
        output = self.output(tmp_path)
        self.write_input(path, n_events)
        self.format().merge([path], output)
        before = output.read_bytes()
        assert self.format().count(output).n_events == (n_events if self.counts else None)
        assert output.read_bytes() == before

    @pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"some text\n" * 50])
    def test_what_is_of_another_format_is_unreadable(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / f"foreign{self.suffix}"
        path.write_bytes(content)
        if self.foreign_is_seen and (content or not self.may_be_of_0_bytes):
            with pytest.raises(UnreadableInput, match="foreign"):
                self.format().count(path)

    def test_a_truncated_file_is_unreadable(self, tmp_path: Path) -> None:
        output = self.output(tmp_path)
        self.format().merge(self.inputs(tmp_path, (20,)), output)
        cut = tmp_path / f"cut{self.suffix}"
        cut.write_bytes(output.read_bytes()[:-9])
        if self.cut_is_seen:
            with pytest.raises(UnreadableInput, match="cut"):
                self.format().count(cut)

    def test_a_missing_file_or_a_directory_cannot_be_counted(self, tmp_path: Path) -> None:
        for path in (tmp_path / "absent", tmp_path):
            with pytest.raises(UnreadableInput):
                self.format().count(path)

    # Comparing.

    @pytest.mark.parametrize("counts", [(3, 0, 5), (4,), (0, 0), (1,) * 20])
    def test_what_was_merged_is_the_same(self, tmp_path: Path, counts: tuple[int, ...]) -> None:
        output = self.output(tmp_path)
        inputs = self.inputs(tmp_path, counts)
        self.format().merge(inputs, output)
        before = [path.read_bytes() for path in (*inputs, output)]
        assert self.format().same_content(inputs, output) == Same()
        assert [path.read_bytes() for path in (*inputs, output)] == before

    def test_another_order_is_different_where_order_matters(self, tmp_path: Path) -> None:
        inputs = self.inputs(tmp_path, (3, 5, 5))
        for order in ([1, 0, 2], [0, 2, 1]):
            different = self.merged_of([inputs[number] for number in order], tmp_path, inputs)
            assert different == (not self.ordered), order

    def test_a_lost_input_is_found(self, tmp_path: Path) -> None:
        inputs = self.inputs(tmp_path, (3, 5, 4))
        for lost in range(3):
            assert not self.merged_of(inputs[:lost] + inputs[lost + 1 :], tmp_path, inputs), lost

    def test_a_doubled_input_is_found(self, tmp_path: Path) -> None:
        inputs = self.inputs(tmp_path, (3, 5, 4))
        for doubled in range(3):
            twin = tmp_path / f"twin{doubled}{self.suffix}"
            twin.write_bytes(inputs[doubled].read_bytes())
            merged = [*inputs[: doubled + 1], twin, *inputs[doubled + 1 :]]
            assert not self.merged_of(merged, tmp_path, inputs), doubled

    def test_a_changed_event_is_found(self, tmp_path: Path) -> None:
        inputs = self.inputs(tmp_path, (3, 5, 4))
        for number, path in enumerate(inputs):
            other = self.changed(path, tmp_path / "other")
            merged = [*inputs[:number], other, *inputs[number + 1 :]]
            assert not self.merged_of(merged, tmp_path, inputs), number

    def changed(self, path: Path, directory: Path) -> Path:
        """An input of the same name in ``directory`` that differs from that at ``path`` in its events only.

        This one has as many events, of another input; override it where names do not make inputs different.
        """
        directory.mkdir(exist_ok=True)
        other = directory / f"changed-{path.name}"
        count = {f"in{number}{self.suffix}": n_events for number, n_events in enumerate((3, 5, 4))}
        self.write_input(other, count[path.name])
        return other.rename(directory / path.name)

    def test_what_cannot_be_read_is_not_compared(self, tmp_path: Path) -> None:
        inputs = self.inputs(tmp_path)
        with pytest.raises(UnreadableInput, match="absent"):
            self.format().same_content(inputs, tmp_path / f"absent{self.suffix}")
        output = self.output(tmp_path)
        self.format().merge(inputs, output)
        inputs[2].unlink()
        with pytest.raises(UnreadableInput, match=inputs[2].name):
            self.format().same_content(inputs, output)

    def merged_of(self, merged: Sequence[Path], directory: Path, inputs: Sequence[Path]) -> bool:
        """Whether a merge of some files has the content of others, in the eyes of the format."""
        output = directory / f"wrong{self.suffix}"
        self.format().merge(merged, output)
        answer = self.format().same_content(inputs, output)
        output.unlink()
        if isinstance(answer, Different):
            assert answer.where
            names = {output.name, *(path.name for path in inputs)}
            assert all(any(name in where for name in names) for where in answer.where)
        return answer == Same()

    def assert_nothing_written(self, output: Path) -> None:
        assert list(output.parent.iterdir()) == []


class IndexSuite(FormatSuite):
    """For formats whose files have an index (``merging.formats.ports.Telling``), beside what all must do."""

    @abstractmethod
    def members(self, path: Path) -> list[str]:
        """The names of all members in order, the index among them, read by other means than the format's."""

    def telling(self, told: Told) -> Format:
        found = self.format()
        assert isinstance(found, Telling)
        return found.telling(told)

    def test_the_index_is_the_last_member_and_tells_sizes_and_sums(self, tmp_path: Path) -> None:
        inputs, output = self.inputs(tmp_path), self.output(tmp_path)
        self.format().merge(inputs, output)
        assert self.members(output) == [*(path.name for path in inputs), INDEX]
        for member, path in zip(index_of(output).members, inputs, strict=True):
            content = path.read_bytes()
            assert (member.name, member.size) == (path.name, len(content))
            assert member.adler32 == zlib.adler32(content)
            assert member.about == {"crc32": f"{zlib.crc32(content):08x}"}

    def test_what_is_told_stands_in_the_index_and_nothing_else_changes(self, tmp_path: Path) -> None:
        inputs, first = self.inputs(tmp_path), tmp_path / "first"
        gap: dict[str, str | int] = {"run": 275678, "chunk": "11093", "reason": "lost", "approver": "anna"}
        told = Told({"product": "logs", "part": 0}, {inputs[1].name: {"job": 17, "chunk": "00911"}}, (gap,))
        result = self.telling(told).merge(inputs, first)
        assert self.telling(told).merge(inputs, tmp_path / "second") == result
        assert self.format().merge(inputs, tmp_path / "third").adler32 != result.adler32
        index = index_of(first)
        assert (index.archive, index.gaps) == (told.whole, (gap,))
        assert [member.about.get("job") for member in index.members] == [None, 17, None]
        assert index.members[1].about["chunk"] == "00911"
        assert self.format().same_content(inputs, first) == Same()

    def test_every_member_is_had_alone(self, tmp_path: Path) -> None:
        inputs, output = self.inputs(tmp_path, (300, 7, 300)), self.output(tmp_path)
        self.format().merge(inputs, output)
        for path in inputs:
            assert read_member(output, path.name) == path.read_bytes()
        with pytest.raises(MemberMissing, match="has no member nothing"):
            read_member(output, "nothing")

    def test_two_inputs_of_one_name_are_refused(self, tmp_path: Path) -> None:
        paths = [tmp_path / folder / f"job{self.suffix}" for folder in "ab"]
        for path in paths:
            path.parent.mkdir()
            self.write_input(path, 1)
        output = self.output(tmp_path)
        with pytest.raises(UnplannableInputs, match="two of the files are called job"):
            self.format().merge(paths, output)
        self.assert_nothing_written(output)


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
