"""The format ``root``: trees by their baskets, histograms by their bins; read back with uproot."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from merging.errors import DifferentSchemas, MergeToolFailed, NotCopyable, UnreadableInput
from merging.formats.ports import Format
from merging.formats.rewrite.root import RootRewrite
from merging.formats.root import RootFiles
from merging.model import Different, Same
from merging.rootio.branches import read_tree
from merging.rootio.file import RootFile
from merging.testing import FormatSuite
from merging.testing.suites import full_disk
from tests.conformance.test_formats_rewrite import RootCases, th1, write_histograms, write_tree

awkward = pytest.importorskip("awkward")
numpy = pytest.importorskip("numpy")
uproot = pytest.importorskip("uproot")


class RootFilesCases(RootCases):
    tells_offset = ("truncated", "half", "only-a-head", "unclosed")

    def format(self) -> Format:
        return RootFiles()

    def write_bad_inputs(self, directory: Path) -> Mapping[str, Path]:
        bad = dict(super().write_bad_inputs(directory))
        good, unclosed = directory / "good.root", directory / "unclosed.root"
        with RootFile(good) as file:
            place = (
                file.header.begin + file.header.nbytes_name + 26
            )  # of the 32-bit position of the list of keys
        content = good.read_bytes()
        unclosed.write_bytes(content[:place] + bytes(4) + content[place + 4 :])
        return bad | {"unclosed": unclosed}


class TestTrees(RootFilesCases):
    def write_input(self, path: Path, n_events: int) -> None:
        write_tree(path, n_events, seed=zlib.crc32(path.name.encode()))

    def read_back(self, path: Path) -> int:
        with uproot.open(path) as file:
            return len(file["tree"].arrays())

    def test_every_value_is_there_in_order(self, tmp_path):
        inputs = self.inputs(tmp_path, (300, 0, 500))
        output = self.output(tmp_path)
        result = self.format().merge(inputs, output)
        with uproot.open(output) as merged:
            assert awkward.array_equal(merged["tree"].arrays(), awkward.concatenate(arrays(inputs)))
            assert merged["tree"].title == "a tree"
            assert merged["tree"]["ids"].count_branch.name == "nHits"
        assert result.by_type == {"tree": 800}
        assert [taken.n_events for taken in result.taken] == [300, 0, 500]

    def test_the_same_inputs_give_the_same_bytes(self, tmp_path):
        inputs = self.inputs(tmp_path)
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            self.format().merge(inputs, tmp_path / name / "out.root")
        assert (tmp_path / "one/out.root").read_bytes() == (tmp_path / "other/out.root").read_bytes()

    def test_what_is_written_anew_by_uproot_has_the_same_content(self, tmp_path):
        """Other baskets, the same entries: then the values are compared."""
        inputs = self.inputs(tmp_path)
        output = self.output(tmp_path)
        RootRewrite(step="1 kB").merge(inputs, output)
        assert self.format().same_content(inputs, output) == Same()
        assert isinstance(self.format().same_content(inputs[::-1], output), Different)

    def test_a_branch_that_is_missing_or_more_is_named(self, tmp_path):
        other = tmp_path / "other.root"
        write_tree(other, 3, extra=True)
        output = self.output(tmp_path)
        good = self.inputs(tmp_path)
        for inputs, words in (
            ([*good, other], r"other\.root: tree 'tree' .*in0\.root: it has branch 'extra'"),
            ([other, *good], r"in0\.root: tree 'tree' .*other\.root: it lacks branch 'extra'"),
        ):
            with pytest.raises(DifferentSchemas, match=words):
                self.format().merge(inputs, output)
            self.assert_nothing_written(output)

    def test_other_types_and_other_trees_are_refused(self, tmp_path):
        paths = [tmp_path / name for name in ("a.root", "b.root", "c.root")]
        for path, number in zip(paths, ("int32", "float32", "int32"), strict=True):
            with uproot.recreate(path) as file:
                name = "tree" if path.name != "c.root" else "another"
                file.mktree(name, {"x": number}).extend({"x": numpy.zeros(3, number)})
        with pytest.raises(DifferentSchemas, match=r"b\.root: .* branch 'x' is TBranch of F x, not .* I x"):
            self.format().merge(paths[:2], tmp_path / "out.root")
        with pytest.raises(DifferentSchemas, match=r"c\.root: lacks 'tree' \(TTree\)"):
            self.format().merge([paths[0], paths[2]], tmp_path / "out.root")

    def test_the_order_of_branches_does_not_matter(self, tmp_path):
        paths = [tmp_path / "a.root", tmp_path / "b.root"]
        values = {"x": numpy.arange(4, dtype="i4"), "y": numpy.arange(4) / 2}
        for path, names in zip(paths, ("xy", "yx"), strict=True):
            with uproot.recreate(path) as file:
                file.mktree("tree", {name: values[name].dtype for name in names}).extend(values)
        self.format().merge(paths, tmp_path / "out.root")
        with uproot.open(tmp_path / "out.root") as file:
            assert file["tree/x"].array().tolist() == [0, 1, 2, 3] * 2
            assert file["tree/y"].array().tolist() == [0, 0.5, 1, 1.5] * 2
        assert self.format().same_content(paths, tmp_path / "out.root") == Same()

    def test_readers_take_buffers_that_are_large_enough(self, tmp_path):
        """Later inputs have longer strings and more elements than the first."""
        paths = [tmp_path / "a.root", tmp_path / "b.root"]
        for path, length in zip(paths, (2, 9), strict=True):
            with uproot.recreate(path) as file:
                tree = file.mktree("tree", {"s": "string", "v": "var * int32"})
                tree.extend({"s": awkward.Array(["x" * length]), "v": awkward.Array([[1] * length])})
        self.format().merge(paths, tmp_path / "out.root")
        with uproot.open(tmp_path / "out.root") as file, uproot.open(paths[1]) as longer:
            for name in ("s", "nv"):
                leaf, expected = (one["tree"][name].member("fLeaves")[0] for one in (file, longer))
                assert leaf.member("fMaximum") == expected.member("fMaximum")
            assert file["tree/s"].array().tolist() == ["xx", "x" * 9]

    def test_compressions_are_kept_or_asked_for(self, tmp_path):
        paths = [tmp_path / "a.root", tmp_path / "b.root"]
        for path, compression in zip(paths, (uproot.ZLIB(1), uproot.ZSTD(3)), strict=True):
            with uproot.recreate(path, compression=compression) as file:
                file.mktree("tree", {"x": "int64"}).extend({"x": numpy.zeros(500, "i8")})
        self.format().merge(paths, tmp_path / "out.root")
        with uproot.open(tmp_path / "out.root") as file:
            assert file["tree/x"].array().tolist() == [0] * 1000
        with pytest.raises(NotCopyable, match=r"b\.root: the basket at offset \d+ is compressed otherwise"):
            RootFiles(compression="zlib:1").merge(paths, tmp_path / "no.root")
        assert not (tmp_path / "no.root").exists()
        slow = RootFiles(compression="zlib:1", otherwise="rewrite")
        assert not slow.one_by_one
        assert slow.merge(paths, tmp_path / "no.root").n_events == 1000

    def test_a_damaged_basket_is_named_with_its_offset(self, tmp_path):
        inputs = self.inputs(tmp_path, (50, 50))
        with RootFile(inputs[1]) as file:
            basket = next(key for key in file.records() if key.classname == "TBasket")
        content = bytearray(inputs[1].read_bytes())
        content[basket.seek + 35] ^= 0xFF
        inputs[1].write_bytes(content)
        output = self.output(tmp_path)
        with pytest.raises(
            UnreadableInput, match=rf"in1\.root: tree 'tree': no basket .* at offset {basket.seek}"
        ):
            self.format().merge(inputs, output)
        self.assert_nothing_written(output)

    def test_a_changed_byte_in_a_basket_is_found(self, tmp_path):
        inputs = self.inputs(tmp_path, (50, 50))
        output = self.output(tmp_path)
        self.format().merge(inputs, output)
        with RootFile(output) as file:
            basket = [key for key in file.records() if key.classname == "TBasket" and key.compressed][-1]
        content = bytearray(output.read_bytes())
        content[basket.seek + basket.keylen + 3] ^= 1
        output.write_bytes(content)
        with pytest.raises(UnreadableInput, match=f"at offset {basket.seek}"):  # zlib sees it
            self.format().same_content(inputs, output)

    def test_a_disk_that_fills_up_late_leaves_no_output(self, tmp_path):
        inputs = self.inputs(tmp_path, (2000, 2000))
        output = self.output(tmp_path)
        with (
            full_disk(inputs[0].stat().st_size + 20_000),
            pytest.raises(MergeToolFailed, match=r"merged\.root"),
        ):
            self.format().merge(inputs, output)
        self.assert_nothing_written(output)


class TestHistograms(RootFilesCases):
    ordered = False

    def write_input(self, path: Path, n_events: int) -> None:
        content = numpy.array([0.0, n_events, zlib.crc32(path.name.encode()) % 1000])
        write_histograms(path, n_events, x=th1(content, n_events))

    def read_back(self, path: Path) -> int:
        with uproot.open(path) as file:
            return int(file["events"].values().sum())

    test_a_changed_event_is_found = FormatSuite.test_a_changed_event_is_found


def test_trees_and_histograms_in_directories_in_one_pass(tmp_path):
    inputs = [tmp_path / "a.root", tmp_path / "b.root"]
    for path, count in zip(inputs, (3, 4), strict=True):
        write_histograms(path, count)
        with uproot.update(path) as file:
            for name in ("one", "deep/er/two"):
                file.mktree(name, {"x": "int32"}).extend({"x": numpy.arange(count, dtype="i4")})
            file["deep/h"] = th1(numpy.arange(4.0), 5)
    output = tmp_path / "merged.root"
    result = RootFiles().merge(inputs, output)
    assert (result.n_events, result.by_type) == (None, {"one": 7, "deep/er/two": 7})
    with uproot.open(output) as file:
        assert file["deep/er/two/x"].array().tolist() == [0, 1, 2, 0, 1, 2, 3]
        assert file["deep/h"].member("fEntries") == 10
        assert file["events"].member("fEntries") == 7
    assert RootFiles().same_content(inputs, output) == Same()


def test_uproot_can_add_to_the_result(tmp_path):
    write_tree(tmp_path / "a.root", 5)
    RootFiles().merge([tmp_path / "a.root"], tmp_path / "out.root")
    with uproot.update(tmp_path / "out.root") as file:
        file["more/h"] = th1(numpy.arange(4.0), 5)
    with uproot.open(tmp_path / "out.root") as file:
        assert file["tree"].num_entries == 5
        assert file["more/h"].member("fEntries") == 5


def arrays(paths):
    """The entries of each file's tree."""
    parts = []
    for path in paths:
        with uproot.open(path) as file:
            parts.append(file["tree"].arrays())
    return parts


def test_an_object_that_would_hide_another_is_refused(tmp_path):
    path, output = tmp_path / "hidden.root", tmp_path / "out.root"
    with uproot.recreate(path) as file:
        file.mktree("x", {"v": "i4"}).extend({"v": numpy.arange(5)})
        file["x"] = th1(numpy.array([0, 1, 0.0]), 1)
    with pytest.raises(UnreadableInput, match=r"hidden\.root: 'x' is a TTree and a TH1D at offset"):
        RootFiles().merge([path], output)
    assert not output.exists()


def test_two_trees_of_one_path_are_refused(tmp_path):
    path = tmp_path / "twice.root"
    with uproot.recreate(path, compression=None) as file:
        file.mktree("a_b", {"v": "i4"}).extend({"v": numpy.arange(5)})
        file.mktree("a/b", {"v": "i4"}).extend({"v": numpy.arange(7)})
    path.write_bytes(path.read_bytes().replace(b"a_b", b"a/b"))  # ROOT takes any name
    with pytest.raises(UnreadableInput, match=r"twice\.root: a second 'a/b' at offset"):
        RootFiles().count(path)
    with pytest.raises(UnreadableInput, match="a second 'a/b'"):
        RootFiles().merge([path], tmp_path / "out.root")


def test_a_tree_whose_baskets_are_gone_is_refused(tmp_path):
    path, output = tmp_path / "hollow.root", tmp_path / "out.root"
    with uproot.recreate(path, compression=None) as file:
        file.mktree("t", {"v": "i4"}).extend({"v": numpy.arange(77)})
    with RootFile(path) as file:
        (found,) = file.objects()
        place = struct.pack(">q", int(read_tree(file, found).branches["v"].seek[0]))
    path.write_bytes(path.read_bytes().replace(place, bytes(8)))  # the list of baskets names none
    with pytest.raises(NotCopyable, match="branch 'v' has 77 entries in no basket"):
        RootFiles().merge([path], output)
    assert not output.exists()


def test_a_tree_described_without_its_baskets_is_refused(tmp_path):
    path = tmp_path / "odd.root"
    with uproot.recreate(path, compression=None) as file:
        file.mktree("t", {"v": "i4"}).extend({"v": numpy.arange(7)})
    content = path.read_bytes()
    assert content.count(b"fBasketEntry") == 1, "in the description of its class only"
    path.write_bytes(content.replace(b"fBasketEntry", b"fBasketOther"))
    with pytest.raises(UnreadableInput, match=r"odd\.root: tree 't' without 'fBasketEntry' at offset"):
        RootFiles().merge([path], tmp_path / "out.root")
