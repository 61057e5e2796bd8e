"""Trees of ROOT files: tables, clusters, limits, what is kept and what is dropped; read back with uproot."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merging.errors import MergeError, NotCopyable
from merging.formats.root import RootFiles
from merging.model import Same
from merging.rootio import trees
from merging.rootio.branches import Tree, read_tree
from merging.rootio.clusters import Clusters, joined
from merging.rootio.compression import Compression
from merging.rootio.edit import Edit, replaced
from merging.rootio.file import RootFile
from merging.rootio.streamerinfo import Element, StreamerInfo
from merging.rootio.wire import NEW_CLASS, U32, counted, tstring
from merging.rootio.writer import Writer

uproot = pytest.importorskip("uproot")
numpy = pytest.importorskip("numpy")

PUBLIC = Path(__file__).parents[2] / "data" / "root"


@st.composite
def clustered(draw: st.DrawFn) -> tuple[int, Clusters]:
    """A tree: some stretches, each of so many entries in clusters of a size, and the rest."""
    stretches = draw(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 9)), max_size=3))
    rest, auto = draw(st.integers(0, 30)), draw(st.sampled_from([-30_000_000, 1, 4, 7]))
    ends: list[int] = []
    for entries, _ in stretches:
        ends.append((ends[-1] if ends else -1) + entries)
    entries = (ends[-1] + 1 if ends else 0) + rest
    return entries, Clusters(tuple(ends), tuple(size for _, size in stretches), auto)


def starts(entries: int, clusters: Clusters) -> Iterator[int]:
    """Where the clusters of a tree begin, as a reader works it out."""
    first = 0
    sizes = [*clusters.sizes, clusters.auto_flush]
    for end, size in zip([*clusters.ends, entries - 1], sizes, strict=True):
        yield from range(first, end + 1, size if size > 0 else end + 1 - first or 1)
        first = end + 1


@given(st.lists(clustered(), min_size=1, max_size=5))
def test_the_clusters_of_all_inputs_begin_where_they_did(inputs: list[tuple[int, Clusters]]) -> None:
    done, expected = 0, []
    for entries, clusters in inputs:
        expected += [done + start for start in starts(entries, clusters)]
        done += entries
    total = joined(inputs)
    assert list(starts(done, total)) == expected
    assert list(total.ends) == sorted(set(total.ends))


def test_inputs_of_full_clusters_need_no_ranges() -> None:
    assert joined([(8, Clusters((), (), 4)), (12, Clusters((), (), 4))]) == Clusters((), (), 4)
    assert joined([(0, Clusters((), (), -7))]) == Clusters((), (), -7)


def flat(path: Path, entries: int = 4) -> Path:
    with uproot.recreate(path) as out:
        out.mktree("tree", {"x": "int32", "y": "float64"}).extend(
            {"x": numpy.arange(entries, dtype="i4"), "y": numpy.arange(entries) / 4}
        )
    return path


class Changed(trees.TreePart):
    """A tree that is written with other things in its header."""

    change: Callable[[Tree], list[Edit]]

    def _tree_edits(self, tree: Tree) -> Iterator[Edit]:
        others = self.change(tree)
        yield from others
        places = {edit.start for edit in others}
        yield from (edit for edit in super()._tree_edits(tree) if edit.start not in places)


def remade(source: Path, target: Path, change: Callable[[Tree], list[Edit]], pids: int = 0) -> Path:
    """A copy with another header of its tree, and so many process ids."""
    with RootFile(source) as file:
        writer = Writer(target, target.name, Compression(), stamp=file.top.modified)
        writer.streamers.add(file.streamers())
        for number in range(pids):
            writer.top.put("TProcessID", f"ProcessID{number}", "", process_id(number, target.name))
        if pids:
            base = Element("TStreamerBase", "TNamed", "", 0, 67, 0, 0, 0, (0,) * 5, "BASE", (1,))
            writer.streamers.put(StreamerInfo("TProcessID", "", 0, 0x77, 1, (base,)))
        (found,) = file.objects()
        part = Changed("tree", writer, writer.top)
        part.change = change
        part.take(file, found)
        part.write()
        writer.close()
    return target


def process_id(number: int, title: str) -> bytes:
    words = tstring(f"ProcessID{number}") + tstring(f"{title} {number}")
    named = counted(struct.pack(">HHII", 1, 1, 0, 0x03000000) + words)
    return counted(struct.pack(">H", 1) + named)


def pointer(tree: Tree, name: str, classname: str, body: bytes) -> Edit:
    """An object of a class nobody knows behind a pointer that was null."""
    _, start, stop = tree.walked.root.place(name)
    inner = U32.pack(NEW_CLASS) + classname.encode() + b"\0" + body
    return Edit(start, stop, counted(inner))


def test_an_index_is_dropped(tmp_path: Path) -> None:
    def indexed(tree: Tree) -> list[Edit]:
        values = replaced(tree.walked.root, "fIndexValues", [1.0, 2.0])
        return [values, pointer(tree, "fTreeIndex", "TTreeIndex", counted(bytes(20)))]

    source = remade(flat(tmp_path / "flat.root"), tmp_path / "a.root", indexed)
    other = remade(flat(tmp_path / "flat2.root"), tmp_path / "b.root", indexed)
    with RootFile(source) as file:
        root = file.walked(file.objects()[0].key).root
        assert root.members["fTreeIndex"].classname == "TTreeIndex"
        assert len(root.members["fIndexValues"]) == 2
    RootFiles().merge([source, other], tmp_path / "out.root")
    with RootFile(tmp_path / "out.root") as file:
        root = file.walked(file.objects()[0].key).root
        assert root.members["fTreeIndex"] is None
        assert len(root.members["fIndexValues"]) == 0
    with uproot.open(tmp_path / "out.root") as merged:
        assert merged["tree/x"].array().tolist() == [0, 1, 2, 3] * 2


def test_friends_that_are_not_known_to_be_the_same_are_dropped(tmp_path: Path) -> None:
    def befriended(tree: Tree) -> list[Edit]:
        friend = counted(U32.pack(NEW_CLASS) + b"TFriendElement\0" + counted(bytes(9)))
        head = struct.pack(">HHII", 5, 1, 0, 0x03000000) + tstring("") + U32.pack(1)
        return [pointer(tree, "fFriends", "TList", counted(head + friend + b"\0"))]

    source = remade(flat(tmp_path / "flat.root"), tmp_path / "a.root", befriended)
    RootFiles().merge([source, flat(tmp_path / "b.root")], tmp_path / "out.root")
    with RootFile(source) as file, RootFile(tmp_path / "out.root") as out:
        friends = [one.walked(one.objects()[0].key).root.members["fFriends"] for one in (file, out)]
    assert friends[0].items[0].classname == "TFriendElement"
    assert friends[1] is None
    with uproot.open(tmp_path / "out.root") as merged:
        assert merged["tree"].num_entries == 8


def test_process_ids_are_carried_and_baskets_know_their_offset(tmp_path: Path) -> None:
    source = flat(tmp_path / "flat.root")
    paths = [remade(source, tmp_path / f"{n}.root", lambda tree: [], pids=n) for n in (2, 0, 1)]
    RootFiles().merge(paths, tmp_path / "out.root")
    with RootFile(tmp_path / "out.root") as file:
        objects = {found.path: found.key for found in file.objects()}
        titles = [file.walked(objects[f"ProcessID{number}"]).root.members["fTitle"] for number in range(3)]
        baskets = [key.pid_offset for key in file.records() if key.classname == "TBasket"]
    assert titles == ["2.root 0", "2.root 1", "1.root 0"]
    assert baskets == [0, 0, 0, 0, 2, 2]
    assert RootFiles().same_content(paths, tmp_path / "out.root") == Same()
    assert RootFiles().count(tmp_path / "out.root").n_events == 12


def empty_of(path: Path, entries: int) -> Path:
    """A tree whose only branch holds nothing, and that claims to have entries."""
    source = path.with_suffix(".flat")
    with uproot.recreate(source) as out:
        out.mktree("tree", {"x": "int32"})
    return remade(source, path, lambda tree: [replaced(tree.walked.root, "fEntries", entries)])


def test_what_the_format_cannot_hold_is_refused_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = [empty_of(tmp_path / f"{n}.root", 1 << 62) for n in range(2)]
    with pytest.raises(
        MergeError, match=r"1\.root: with it tree 'tree' would have 9223372036854775808 entries"
    ):
        RootFiles().merge(huge, tmp_path / "out.root")
    paths = [flat(tmp_path / f"flat{n}.root") for n in range(4)]
    for name, limit, words in (
        ("MOST_BASKETS", 3, r"flat3\.root: with it tree 'tree' would have 4 baskets in one branch"),
        ("LARGEST_COUNT", 1000, r"flat0\.root: with it tree 'tree' would have \d+ bytes in its header"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(trees, name, limit)
            with pytest.raises(MergeError, match=words):
                RootFiles().merge(paths, tmp_path / "out.root")
    assert not (tmp_path / "out.root").exists()


def test_a_branch_that_holds_nothing_in_one_input_is_refused(tmp_path: Path) -> None:
    """Its entries would have a gap, and readers would take others for them."""
    hollow = empty_of(tmp_path / "hollow.root", 4)
    with uproot.recreate(tmp_path / "full.root") as out:
        out.mktree("tree", {"x": "int32"}).extend({"x": numpy.arange(4, dtype="i4")})
    for inputs in ([hollow, tmp_path / "full.root"], [tmp_path / "full.root", hollow]):
        with pytest.raises(NotCopyable, match=r"branch 'x' holds nothing in .*hollow"):
            RootFiles().merge(inputs, tmp_path / "out.root")


def test_baskets_that_lay_in_the_header_become_ordinary_ones(tmp_path: Path) -> None:
    """A public file of a program that left its last baskets there; its other object nobody can merge."""
    twins = [tmp_path / "a.root", tmp_path / "b.root"]
    for twin in twins:
        twin.write_bytes((PUBLIC / "uproot-issue-407.root").read_bytes())
    merge = RootFiles(keep_first="TFoo TFooPadded")
    merge.merge(twins, tmp_path / "out.root")
    with RootFile(twins[0]) as file:
        found = next(one for one in file.objects() if one.path == "tree")
        assert any(branch.memory for branch in read_tree(file, found).branches.values())
    with uproot.open(twins[0]) as before, uproot.open(tmp_path / "out.root") as after:
        for name in list(before["tree"].keys()):
            values = before["tree"][name].array().tolist()
            assert after["tree"][name].array().tolist() == values * 2
    assert merge.same_content(twins, tmp_path / "out.root") == Same()


def test_trees_of_root_3_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.root"
    path.write_bytes((PUBLIC / "uproot-issue-250.root").read_bytes())
    with pytest.raises(NotCopyable, match=r"old\.root: tree 'B4' at offset 35056 .* TTree version 5"):
        RootFiles().merge([path], tmp_path / "out.root")
    assert not (tmp_path / "out.root").exists()
