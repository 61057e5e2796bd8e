"""The shipped suites against every format and counter, and what is particular to each."""

from __future__ import annotations

import json
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from catalog.checksum import Adler32
from merging import counters
from merging.counters import Counter
from merging.date import EMPTY_DUMP
from merging.errors import (
    DifferentSchemas,
    MergeError,
    MergeToolFailed,
    ToolMissing,
    UnplannableInputs,
    UnreadableInput,
)
from merging.formats.command import ExternalProgram
from merging.formats.date import DateEvents
from merging.formats.ports import Format
from merging.formats.rewrite.root import RootRewrite
from merging.formats.zip import INDEX, ZipArchive
from merging.model import Count, Different, MergeResult, Same, Sameness
from merging.registry import find_format
from merging.rootfile import reading
from merging.testing import CounterSuite, FormatSuite

awkward = pytest.importorskip("awkward")
numpy = pytest.importorskip("numpy")
uproot = pytest.importorskip("uproot")


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
        return _written(directory, contents, self.suffix)

    def test_keeps_the_order_and_every_byte(self, tmp_path):
        inputs = self.inputs(tmp_path)[::-1]
        output = self.output(tmp_path)
        self.format().merge(inputs, output)
        assert output.read_bytes() == b"".join(path.read_bytes() for path in inputs)

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
        with pytest.raises(DifferentSchemas, match=r"foreign\.raw has another byte order"):
            self.format().merge([*self.inputs(tmp_path), foreign], output)
        self.assert_nothing_written(output)
        assert self.format().merge([foreign], output).n_events == 2

    def test_events_across_block_borders_are_followed(self, tmp_path, monkeypatch):
        for block in (4, 20, 100, 1000):
            monkeypatch.setattr("merging.formats.files.BLOCK", block)
            folder = tmp_path / str(block)
            folder.mkdir()
            assert self.format().merge(self.inputs(folder), self.output(folder)).n_events == 8


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


# ROOT


def write_tree(path: Path, n_events: int, *, seed: int = 0, name: str = "tree", extra: bool = False) -> None:
    """Numbers, fixed and variable arrays that share a counter, strings."""
    random = numpy.random.default_rng(seed)
    types = {
        "event": "int64",
        "hits": "var * float32",
        "ids": "var * int16",
        "s": "string",
        "p": "3 * float64",
    }
    if extra:
        types["extra"] = "bool"
    with uproot.recreate(path) as file:
        tree = file.mktree(name, types, counter_name=lambda _: "nHits", title="a tree")
        if n_events:
            lengths = random.integers(0, 4, n_events)
            hits = awkward.unflatten(random.normal(size=lengths.sum()).astype("f4"), lengths)
            data = {
                "event": random.integers(0, 1 << 40, n_events),
                "hits": hits,
                "ids": awkward.values_astype(hits * 100, "int16"),
                "s": awkward.Array(["x" * (number % 5) for number in range(n_events)]),
                "p": random.normal(size=(n_events, 3)),
            }
            tree.extend(data | ({"extra": numpy.ones(n_events, "?")} if extra else {}))


def axis(bins: int = 4, high: float = 2.0):
    return uproot.writing.identify.to_TAxis("xaxis", "", bins, 0.0, high)


def th1(data, entries, *, squares=None, bins=None, high=2.0):
    """A TH1; without squares it is one whose variances are its contents."""
    squares = numpy.array([]) if squares is None else squares
    sums = (float(entries), 10.0 * entries, 20.0 * entries, 30.0 * entries, 40.0 * entries)
    x = axis(len(data) - 2 if bins is None else bins, high)
    return uproot.writing.identify.to_TH1x("name", "a title", numpy.asarray(data), *sums, squares, x)


def write_histograms(path: Path, n_events: int, **others) -> None:
    with uproot.recreate(path) as file:
        file["events"] = th1(numpy.array([0, n_events, 0.0]), n_events)
        for name, histogram in others.items():
            file[name] = histogram


def _written(directory: Path, contents: Mapping[str, bytes], suffix: str) -> dict[str, Path]:
    paths = {what: directory / f"{what}{suffix}" for what in contents}
    for what, path in paths.items():
        path.write_bytes(contents[what])
    return paths


class RootCases(FormatSuite):
    suffix = ".root"

    def format(self) -> Format:
        return RootRewrite(step="1 kB")

    def write_bad_inputs(self, directory: Path) -> Mapping[str, Path]:
        good = directory / "good.root"
        self.write_input(good, 4)
        data = good.read_bytes()
        middle = len(data) // 2
        contents = {
            "zero-length": b"",
            "text": b"not a ROOT file\n" * 20,
            "truncated": data[:-40],
            "half": data[:middle],
            "only-a-head": data[:64],
        }
        return _written(directory, contents, self.suffix)


class TestRootRewriteOfTrees(RootCases):
    def write_input(self, path: Path, n_events: int) -> None:
        write_tree(path, n_events, seed=zlib.crc32(path.name.encode()))

    def read_back(self, path: Path) -> int:
        with uproot.open(path) as file:
            return len(file["tree"].arrays())

    def test_every_value_is_there_in_order(self, tmp_path):
        inputs = self.inputs(tmp_path, (300, 0, 500))
        output = self.output(tmp_path)
        self.format().merge(inputs, output)
        with uproot.open(output) as merged:
            parts = []
            for path in inputs:
                with uproot.open(path) as file:
                    parts.append(file["tree"].arrays())
            assert awkward.array_equal(merged["tree"].arrays(), awkward.concatenate(parts))
            assert merged["tree"].title == "a tree"
            assert {branch.name for branch in merged["tree"].branches} == set(parts[0].fields)
            assert merged["tree"]["ids"].count_branch.name == "nHits"

    def test_other_branches_are_refused(self, tmp_path):
        other = tmp_path / "other.root"
        write_tree(other, 3, extra=True)
        output = self.output(tmp_path)
        with pytest.raises(DifferentSchemas, match=r"other\.root: tree 'tree' .* has extra bool"):
            self.format().merge([*self.inputs(tmp_path), other], output)
        self.assert_nothing_written(output)

    def test_other_types_are_refused(self, tmp_path):
        paths = [tmp_path / "a.root", tmp_path / "b.root"]
        for path, number in zip(paths, ("int32", "float32"), strict=True):
            with uproot.recreate(path) as file:
                file.mktree("tree", {"x": number}).extend({"x": numpy.zeros(3, number)})
        with pytest.raises(DifferentSchemas, match=r"lacks x int32_t and has x float"):
            self.format().merge(paths, self.output(tmp_path))

    def test_other_objects_are_refused(self, tmp_path):
        other = tmp_path / "other.root"
        write_tree(other, 3, name="another")
        with pytest.raises(DifferentSchemas, match=r"'another' is TTree, in .* it is nothing"):
            self.format().merge([*self.inputs(tmp_path), other], self.output(tmp_path))

    def test_what_cannot_be_merged_is_named(self, tmp_path):
        path = tmp_path / "text.root"
        with uproot.recreate(path) as file:
            file["note"] = "hello"
        output = self.output(tmp_path)
        with pytest.raises(MergeError, match="'note' is a TObjString, which cannot be merged"):
            self.format().merge([path], output)
        self.assert_nothing_written(output)

    def test_bytes_broken_inside_a_basket_are_refused(self, tmp_path):
        path = tmp_path / "broken.root"
        write_tree(path, 2000)
        with uproot.open(path) as file:
            at = int(file["tree"]["event"].member("fBasketSeek")[0])
        data = bytearray(path.read_bytes())
        data[at + 100 : at + 400] = b"\xff" * 300
        path.write_bytes(data)
        output = self.output(tmp_path)
        with pytest.raises(UnreadableInput, match=r"broken\.root"):
            self.format().merge([path], output)
        self.assert_nothing_written(output)


class TestRootRewriteOfHistograms(RootCases):
    ordered = False

    def write_input(self, path: Path, n_events: int) -> None:
        content = numpy.arange(4.0) * (zlib.crc32(path.name.encode()) % 1000)
        write_histograms(path, n_events, x=th1(content, n_events))

    def read_back(self, path: Path) -> int:
        with uproot.open(path) as file:
            return int(file["events"].values().sum())

    def merged(self, tmp_path, *histograms):
        inputs = [tmp_path / f"{number}.root" for number in range(len(histograms))]
        for path, histogram in zip(inputs, histograms, strict=True):
            write_histograms(path, 1, **{"folder/h": histogram})
        output = tmp_path / "merged.root"
        self.format().merge(inputs, output)
        with uproot.open(output) as file:
            return file["folder/h"]

    @pytest.mark.parametrize("kind", ["f4", "f8", "i2", "i4"])
    def test_bins_and_statistics_add_up(self, tmp_path, kind):
        data = [numpy.arange(6).astype(kind), numpy.arange(6)[::-1].astype(kind)]
        total = self.merged(tmp_path, th1(data[0], 3), th1(data[1], 4))
        assert total.values(flow=True).tolist() == [5] * 6
        assert total.classname == {"f4": "TH1F", "f8": "TH1D", "i2": "TH1S", "i4": "TH1I"}[kind]
        assert total.title == "a title"
        sums = [total.member(name) for name in ("fEntries", "fTsumw", "fTsumw2", "fTsumwx", "fTsumwx2")]
        assert sums == [7, 70, 140, 210, 280]

    def test_variances_add_up_also_where_they_were_not_kept(self, tmp_path):
        weighted = th1(numpy.array([0, 2.0, 4, 0]), 2, squares=numpy.array([0, 8.0, 16, 0]))
        plain = th1(numpy.array([0, 1.0, 3, 0]), 4)
        for folder, pair in {"a": (weighted, plain), "b": (plain, weighted)}.items():
            (tmp_path / folder).mkdir()
            total = self.merged(tmp_path / folder, *pair)
            assert total.values().tolist() == [3, 7]
            assert total.variances().tolist() == [9, 19]

    def test_two_and_three_dimensions(self, tmp_path):
        random = numpy.random.default_rng(1)
        for dimensions in (2, 3):
            folder = tmp_path / str(dimensions)
            folder.mkdir()
            fills = [random.normal(size=(50, dimensions)) for _ in range(3)]
            box = {"bins": 4, "range": [(-1, 1)] * dimensions}
            total = self.merged(folder, *(numpy.histogramdd(fill, **box) for fill in fills))
            expected = sum(numpy.histogramdd(fill, **box)[0] for fill in fills)
            assert total.values().tolist() == expected.tolist()

    def test_profiles(self, tmp_path):
        def profile(entries, mean):
            entries = numpy.array([0.0, *entries, 0])
            sums = entries * mean
            statistics = (float(entries.sum()), 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
            return uproot.writing.identify.to_TProfile(
                "p", "t", sums, *statistics, sums * mean, entries, numpy.array([]), axis(2)
            )

        total = self.merged(tmp_path, profile([1, 3], 2.0), profile([3, 1], 6.0))
        assert total.values().tolist() == [5, 3]
        assert total.counts(flow=True).tolist() == [0, 4, 4, 0]
        assert total.member("fTsumwy2") == 12

    def test_other_bins_are_refused(self, tmp_path):
        data = numpy.arange(6.0)
        for number, other in enumerate((th1(numpy.arange(7.0), 1), th1(data, 1, high=3.0))):
            folder = tmp_path / str(number)
            folder.mkdir()
            with pytest.raises(DifferentSchemas, match=r"1\.root: 'folder/h' has other bins than"):
                self.merged(folder, th1(data, 1), other)

    def test_sums_that_do_not_fit_the_bins_are_refused(self, tmp_path):
        high = numpy.full(6, 30_000, "i2")
        with pytest.raises(MergeError, match="'folder/h': a sum does not fit the TArrayS"):
            self.merged(tmp_path, th1(high, 1), th1(high, 1))
        assert not (tmp_path / "merged.root").exists()


class TestRootRewriteOfBoth:
    def test_trees_and_histograms_in_directories(self, tmp_path):
        inputs = [tmp_path / "a.root", tmp_path / "b.root"]
        for path, count in zip(inputs, (3, 4), strict=True):
            write_histograms(path, count)
            with uproot.update(path) as file:
                for name in ("one", "deep/er/two"):
                    file.mktree(name, {"x": "int32"}).extend({"x": numpy.arange(count, dtype="i4")})
                file["deep/h"] = th1(numpy.arange(4.0), 5)
        output = tmp_path / "merged.root"
        assert RootRewrite().merge(inputs, output).n_events is None  # two trees: nobody says which counts
        with uproot.open(output) as file:
            assert file["deep/er/two/x"].array().tolist() == [0, 1, 2, 0, 1, 2, 3]
            assert file["deep/h"].member("fEntries") == 10
            assert file["events"].member("fEntries") == 7

    def test_the_newest_cycle_counts(self, tmp_path):
        path = tmp_path / "a.root"
        write_histograms(path, 3)
        with uproot.update(path) as file:
            file["events"] = th1(numpy.array([0, 9, 0.0]), 9)
        assert counters.count_root_hist(path) == 9
        assert RootRewrite().merge([path], tmp_path / "merged.root").n_events == 9


class TestRootTreeCounter(CounterSuite):
    suffix = ".root"

    def counter(self) -> Counter:
        return counters.find("root-tree")

    def write_file(self, path: Path, n_events: int) -> None:
        write_tree(path, n_events)

    def write_bad_files(self, directory: Path) -> Mapping[str, Path]:
        none, two = directory / "none.root", directory / "two.root"
        write_histograms(none, 3)
        write_tree(two, 3)
        with uproot.update(two) as file:
            file.mktree("second", {"x": "int32"}).extend({"x": numpy.zeros(3, "i4")})
        return {"no tree": none, "two trees": two}


class TestRootHistCounter(CounterSuite):
    suffix = ".root"

    def counter(self) -> Counter:
        return counters.find("root-hist")

    def write_file(self, path: Path, n_events: int) -> None:
        write_histograms(path, n_events)

    def write_bad_files(self, directory: Path) -> Mapping[str, Path]:
        tree, weighted = directory / "tree.root", directory / "weighted.root"
        write_tree(tree, 3)
        with uproot.recreate(weighted) as file:
            file["events"] = th1(numpy.array([0, 1, 0.0]), 1.5)
        return {"no histogram": tree, "half an entry": weighted}


# zip


class TestZipArchive(FormatSuite):
    suffix = ".stdout.gz"
    counts = False

    def format(self) -> Format:
        return ZipArchive()

    def write_input(self, path: Path, n_events: int) -> None:
        path.write_text("".join(f"event {number} of {path.name}\n" for number in range(n_events)))

    def read_back(self, path: Path) -> int:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            return sum(archive.read(name).count(b"event") for name in archive.namelist() if name != INDEX)

    def test_the_same_inputs_give_the_same_bytes(self, tmp_path):
        inputs = self.inputs(tmp_path)
        first = self.format().merge(inputs, tmp_path / "first.zip")
        inputs[0].touch()
        inputs[0].chmod(0o600)
        assert self.format().merge(inputs, tmp_path / "second.zip") == first

    @pytest.mark.parametrize("compression", ["stored", "deflated"])
    def test_the_index_tells_size_and_adler32(self, tmp_path, compression):
        inputs = self.inputs(tmp_path)
        output = self.output(tmp_path)
        ZipArchive(compression=compression).merge(inputs, output)
        with zipfile.ZipFile(output) as archive:
            index = json.loads(archive.read(INDEX))
            assert archive.namelist() == [*(path.name for path in inputs), INDEX]
        assert index["members"] == [
            {
                "name": path.name,
                "size": path.stat().st_size,
                "adler32": str(Adler32(zlib.adler32(path.read_bytes()))),
            }
            for path in inputs
        ]

    def test_two_inputs_of_one_name_are_refused(self, tmp_path):
        paths = [tmp_path / folder / "job.log" for folder in "ab"]
        for path in paths:
            path.parent.mkdir()
            path.write_text("x")
        output = self.output(tmp_path)
        with pytest.raises(UnplannableInputs, match=r"two of the files are called job\.log"):
            self.format().merge(paths, output)
        self.assert_nothing_written(output)

    def test_the_name_of_the_index_is_refused(self, tmp_path):
        path = tmp_path / INDEX
        path.write_text("{}")
        with pytest.raises(UnplannableInputs, match="own list"):
            self.format().merge([path], self.output(tmp_path))


class TestZipCounter(CounterSuite):
    suffix = ".zip"

    def counter(self) -> Counter:
        return counters.count_zip

    def write_file(self, path: Path, n_events: int) -> None:
        members = [{"name": f"log{number}", "size": 3} for number in range(n_events)]
        with zipfile.ZipFile(path, "w") as archive:
            for member in members:
                archive.writestr(member["name"], "abc")
            archive.writestr(INDEX, json.dumps({"version": 1, "members": members}))

    def write_bad_files(self, directory: Path) -> Mapping[str, Path]:
        plain, lacking, odd = (directory / f"{name}.zip" for name in ("plain", "lacking", "odd"))
        with zipfile.ZipFile(plain, "w") as archive:
            archive.writestr("log", "abc")
        with zipfile.ZipFile(lacking, "w") as archive:
            archive.writestr(INDEX, json.dumps({"version": 1, "members": [{"name": "log", "size": 3}]}))
        with zipfile.ZipFile(odd, "w") as archive:
            archive.writestr(INDEX, "[]")
        return {"no index": plain, "a member is missing": lacking, "an index of another shape": odd}


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


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("command", {"command": "hadd -f {output}"}, "needs the word {inputs} once"),
        ("command", {"command": "hadd {inputs}"}, "and {output}"),
        ("command", {"command": "hadd '{output} {inputs}"}, "No closing quotation"),
        ("command", {"command": "hadd {output} {inputs}", "timeout": "soon"}, "number of seconds"),
        ("command", {"command": "hadd {output} {inputs}", "events": "("}, "not a regular expression"),
        ("command", {"command": "hadd {output} {inputs}", "events": "[0-9]"}, "needs one group"),
        ("command", {}, "'command'"),
        ("zip", {"compression": "best"}, "deflated or stored, not 'best'"),
        ("root", {"compression": "zip"}, "not 'zip'"),
        ("root", {"step": "-1"}, "not '-1'"),
        ("date", {"speed": "high"}, "'speed'"),
    ],
)
def test_options_that_cannot_be_are_refused(name, options, said):
    with pytest.raises(MergeError) as refused:
        find_format(name, options)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "options", "kind"),
    [
        ("date", {}, DateEvents),
        ("root", {"compression": "zstd:5"}, RootRewrite),
        ("zip", {"compression": "stored"}, ZipArchive),
        ("command", {"command": "hadd -f {output} {inputs}"}, ExternalProgram),
    ],
)
def test_tools_are_found_by_name(name, options, kind):
    assert isinstance(find_format(name, options), kind)
