"""ROOT files rewritten with uproot: the shipped suites, and what is particular to them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from merging import counters
from merging.counters import Counter
from merging.errors import (
    DifferentSchemas,
    MergeError,
    UnreadableInput,
)
from merging.formats.ports import Format
from merging.formats.rewrite.root import RootRewrite
from merging.testing import CounterSuite, FormatSuite
from tests.conformance.formats import written

awkward = pytest.importorskip("awkward")
numpy = pytest.importorskip("numpy")
uproot = pytest.importorskip("uproot")


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
        return written(directory, contents, self.suffix)


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
