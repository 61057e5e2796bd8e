"""The container of ROOT files: read, taken apart, rewritten and written, against files that uproot writes."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merging.errors import MergeError, UnreadableInput
from merging.rootio.compression import Compression, compressed, decompressed
from merging.rootio.edit import Edit, edited, replaced
from merging.rootio.file import RootFile
from merging.rootio.keys import Key, key_length, new_key
from merging.rootio.plans import Pointer
from merging.rootio.walk import Unwalkable, Walked, walk
from merging.rootio.writer import Writer

uproot = pytest.importorskip("uproot")
numpy = pytest.importorskip("numpy")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A tree, and a histogram two directories down."""
    path = tmp_path / "sample.root"
    with uproot.recreate(path) as out:
        tree = out.mktree("tracks", {"n": "int32", "p": "3 * float64"}, title="a title")
        tree.extend({"n": numpy.arange(50, dtype="i4"), "p": numpy.ones((50, 3))})
        out["sub/deep/h"] = numpy.histogram(numpy.arange(10.0), bins=5)
    return path


def walked(path: Path, name: str) -> Walked:
    with RootFile(path) as file:
        key = next(found.key for found in file.objects() if found.path == name)
        return walk(file.payload(key), key.classname, file.streamers(), key.keylen)


def rewritten(source: Path, target: Path, **changes: Any) -> tuple[int, int]:
    """Every object into a new file, behind keys of another length, some members changed."""
    with RootFile(source) as file:
        writer = Writer(target, target.name, Compression(), stamp=file.top.modified)
        for found in file.objects():
            key = found.key
            if key.classname.startswith("TDirectory"):
                writer.directory(found.path)
                continue
            taken = walk(file.payload(key), key.classname, file.streamers(), key.keylen)
            edits = [
                replaced(taken.root, name, value)
                for name, value in changes.items()
                if name in taken.root.members
            ]
            data = edited(taken, edits, key_length(key.classname, key.name, key.title))
            writer.directory(found.folder).put(key.classname, key.name, key.title, data)
        writer.streamers.add(file.streamers())
        return writer.close()


def test_a_file_is_read_like_uproot_reads_it(sample: Path) -> None:
    with RootFile(sample) as file, uproot.open(sample) as other:
        assert {found.path: found.key.classname for found in file.objects()} == other.classnames(cycle=False)
        assert [info.classname for info in file.streamers()] == [
            name for name, versions in other.file.streamers.items() for _ in versions
        ]
        assert file.header.end == sample.stat().st_size
        assert file.free_segments()[-1][0] == file.header.end
        assert "TBasket" in {key.classname for key in file.records()}


def test_members_are_those_uproot_finds(sample: Path) -> None:
    members = walked(sample, "sub/deep/h").root.members
    with uproot.open(sample) as file:
        other = file["sub/deep/h"]
        for name in ("fEntries", "fTsumw", "fTsumwx2", "fTitle", "fNcells"):
            assert members[name] == other.member(name)
        assert members["fArray"].array().tolist() == other.values(flow=True).tolist()
        assert members["fXaxis"].members["fXmax"] == 9.0
    tree = walked(sample, "tracks")
    assert [branch.members["fName"] for branch in tree.of_class("TBranch")] == ["n", "p"]
    assert tree.root.members["fEntries"] == 50


def test_what_is_rewritten_is_the_same_for_uproot(sample: Path, tmp_path: Path) -> None:
    """Behind 64-bit keys every reference is elsewhere; the file's sum is right without reading it back."""
    target = tmp_path / "again.root"
    with RootFile(sample) as file:
        streamers = list(file.streamers())
    size, adler32 = rewritten(sample, target)
    content = target.read_bytes()
    assert (size, adler32) == (len(content), zlib.adler32(content))
    with uproot.open(sample) as before, uproot.open(target) as after, RootFile(target) as file:
        assert before.classnames(cycle=False).keys() == after.classnames(cycle=False).keys()
        assert after["sub/deep/h"].values().tolist() == before["sub/deep/h"].values().tolist()
        assert after["tracks"].title == "a title"
        assert list(file.streamers()) == streamers


def test_the_same_content_gives_the_same_bytes(sample: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        rewritten(sample, tmp_path / name / "out.root")
    assert (tmp_path / "one/out.root").read_bytes() == (tmp_path / "other/out.root").read_bytes()


@given(st.text(max_size=600), st.integers(0, 2**40))
def test_members_of_another_length_move_all_behind_them(title: str, entries: int) -> None:
    taken = _TREE()
    edits = [replaced(taken.root, "fTitle", title), replaced(taken.root, "fEntries", entries)]
    data = edited(taken, edits, 77)
    again = walk(data, "TTree", _STREAMERS(), 77)
    assert again.root.members["fTitle"] == title
    assert again.root.members["fEntries"] == entries
    assert len(again.counts) == len(taken.counts)
    leaf = next(again.of_class("TLeaf"))
    assert leaf.members["fName"] == "n"


def test_a_class_whose_first_naming_is_removed_is_named_at_its_next_use(sample: Path) -> None:
    """The first leaf names the class TLeafI; without it the second one has to."""
    taken = _tree_of(("a", "int32"), ("b", "int32"), folder=sample.parent)
    branches = list(taken.of_class("TBranch"))
    leaves = branches[0].members["fLeaves"]
    first = leaves.items[0]
    start = first.outer
    edits = [Edit(start, first.end, struct.pack(">I", 0))]
    with pytest.raises(Unwalkable, match="taken out"):
        edited(taken, edits, taken.keylen)  # the list of all leaves refers to it
    references = [place for place, target, is_class in taken.tags if target == start and not is_class]
    edits += [Edit(place, place + 4, struct.pack(">I", 0)) for place in references]
    again = walk(edited(taken, edits, taken.keylen), "TTree", _STREAMERS(), taken.keylen)
    assert [leaf.members["fName"] for leaf in again.of_class("TLeafI")] == ["b"]


@pytest.mark.parametrize("algorithm", ["zlib:1", "lz4:4", "zstd:5", "lzma:3", "zlib:0"])
def test_compressed_data_come_back(algorithm: str) -> None:
    data = bytes(range(256)) * 80_000  # more than one block
    packed = compressed(data, Compression.parse(algorithm))
    assert packed == data if algorithm == "zlib:0" else decompressed(packed, len(data)) == data
    if algorithm != "zlib:0":
        with pytest.raises(ValueError, match="offset"):
            decompressed(packed[:-5], len(data))
        assert Compression.of_code(Compression.parse(algorithm).code) == Compression.parse(algorithm)


@pytest.mark.parametrize("algorithm", ["zlib:1", "lz4:4", "zstd:5", "lzma:3"])
def test_a_block_that_holds_more_or_less_than_it_says_is_refused_before_it_is_unpacked(
    algorithm: str,
) -> None:
    """Its head claims a few bytes; what it would become must not be made to find out."""
    packed = bytearray(compressed(bytes(12 << 20), Compression.parse(algorithm)))
    packed[6:9] = (100).to_bytes(3, "little")
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="offset 0"):
            decompressed(bytes(packed), 100)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()
    packed[6:9] = (0xFFFFFF).to_bytes(3, "little")
    with pytest.raises(ValueError, match="offset 0"):
        decompressed(bytes(packed), 0xFFFFFF)


@given(st.text(max_size=300), st.text(max_size=300), st.integers(0, 2**40), st.integers(0, 65535))
def test_keys_come_back(name: str, title: str, seek: int, pid_offset: int) -> None:
    key = new_key("TTree", name, title, objlen=10, stored=5, datime=1).moved(seek, 100)
    assert key.keylen == key_length("TTree", name, title) == len(key.encoded())
    assert Key.read(key.encoded()) == (key, key.keylen)


def test_damage_is_named_with_its_offset(sample: Path, tmp_path: Path) -> None:
    content = sample.read_bytes()
    with RootFile(sample) as file:
        header, top = file.header, file.top
    (seek_keys,) = (
        index for index in range(100, 300) if content[index : index + 4] == struct.pack(">i", top.seek_keys)
    )
    unclosed = content[:seek_keys] + bytes(4) + content[seek_keys + 4 :]
    (basket,) = (key for key in RootFile(sample).records() if (key.classname, key.name) == ("TBasket", "p"))
    behind = content + content[basket.seek : basket.seek + basket.nbytes]
    cases = {
        b"": "0 bytes",
        b"root": "truncated",
        b"PK\3\4" + content[4:]: "no magic at offset 0",
        content[:-1]: f"at offset {len(content) - 1}",
        content[:70]: "truncated",
        unclosed: "not closed",
        behind: f"a TBasket behind its end\\) at offset {header.end}",
    }
    for number, (bad, words) in enumerate(cases.items()):
        path = tmp_path / f"bad{number}.root"
        path.write_bytes(bad)
        with pytest.raises(UnreadableInput, match=words) as refused:
            RootFile(path)
        assert path.name in str(refused.value)


def test_a_record_that_is_not_what_is_listed_is_refused(sample: Path, tmp_path: Path) -> None:
    with RootFile(sample) as file:
        (key,) = (found.key for found in file.objects() if found.path == "tracks")
    content = bytearray(sample.read_bytes())
    content[key.seek : key.seek + 4] = struct.pack(">i", 5)
    bad = tmp_path / "bad.root"
    bad.write_bytes(content)
    with RootFile(bad) as file, pytest.raises(UnreadableInput, match=f"at offset {key.seek}"):
        file.payload(key)


def test_names_are_given_once_and_objects_have_an_end(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "new.root", "new.root", Compression())
    folder = writer.directory("a/b")
    folder.put("TObjString", "x", "", b"abc")
    with pytest.raises(MergeError, match="twice"):
        folder.put("TObjString", "x", "", b"abc")
    writer.close()
    with RootFile(tmp_path / "new.root") as file:
        assert [found.path for found in file.objects()] == ["a", "a/b", "a/b/x"]


def _tree_of(*branches: tuple[str, str], folder: Path) -> Walked:
    path = folder / f"{len(branches)}.root"
    with uproot.recreate(path) as out:
        out.mktree("tracks", dict(branches)).extend(
            {name: numpy.arange(3, dtype=kind) for name, kind in branches}
        )
    return walked(path, "tracks")


_CACHE: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _keep(sample: Path) -> None:
    """Hypothesis wants no fixtures of functions: the tree it works on is read once."""
    if not _CACHE:
        _CACHE["tree"] = walked(sample, "tracks")
        with RootFile(sample) as file:
            _CACHE["streamers"] = file.streamers()


def _TREE() -> Walked:
    tree: Walked = _CACHE["tree"]
    return tree


def _STREAMERS() -> Any:
    return _CACHE["streamers"]


def test_a_value_that_a_member_cannot_take_is_an_error_of_merging() -> None:
    """A StreamerInfo that calls a number a pointer: trouble with the file, not with the program."""

    class Crafted:
        def place(self, name: str) -> tuple[Pointer, int, int]:
            return Pointer((name,), length=0), 0, 4

    with pytest.raises(Unwalkable, match="pointer fEntries"):
        replaced(Crafted(), "fEntries", 12.0)  # type: ignore[arg-type]
