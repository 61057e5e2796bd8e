"""Trees made by Hypothesis, merged by their baskets: what uproot reads is what uproot wrote, in order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merging.formats.root import RootFiles
from merging.model import Different, Same

awkward = pytest.importorskip("awkward")
numpy = pytest.importorskip("numpy")
uproot = pytest.importorskip("uproot")

NUMBERS = (
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "bool",
)
COMPRESSIONS = (None, uproot.ZLIB(1), uproot.LZ4(4), uproot.ZSTD(3), uproot.LZMA(1))

types = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(NUMBERS).map(lambda number: f"3 * {number}"),
    st.sampled_from(NUMBERS).map(lambda number: f"var * {number}"),
    st.just("string"),
)
branches = st.dictionaries(st.sampled_from("abcdef"), types, min_size=1, max_size=4)
baskets = st.lists(st.integers(0, 6), max_size=3)
files = st.lists(st.tuples(baskets, st.sampled_from(COMPRESSIONS)), min_size=1, max_size=3)


def values(kind: str, count: int, random: Any) -> Any:
    """So many values of a branch of that type."""
    if kind == "string":
        return awkward.Array(["x" * int(length) for length in random.integers(0, 300, count)])
    *shape, number = kind.split(" * ")
    if shape == ["var"]:
        lengths = random.integers(0, 5, count)
        return awkward.unflatten(random.integers(0, 2, int(lengths.sum())).astype(number), lengths)
    return random.integers(0, 100, (count, 3) if shape else count).astype(number)


def write(path: Path, kinds: dict[str, str], counts: list[int], compression: Any, random: Any) -> None:
    with uproot.recreate(path, compression=compression) as out:
        tree = out.mktree("a/tree", kinds, title="made")
        for count in counts:
            if count:
                tree.extend({name: values(kind, count, random) for name, kind in kinds.items()})


@settings(max_examples=15)
@given(branches, files, st.integers(0, 1 << 30))
def test_a_merged_tree_is_its_inputs_in_order(
    kinds: dict[str, str], contents: list[tuple[list[int], Any]], seed: int
) -> None:
    random = numpy.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as directory:
        paths = [Path(directory, f"{number}.root") for number in range(len(contents))]
        for path, (counts, compression) in zip(paths, contents, strict=True):
            write(path, kinds, counts, compression, random)
        output = Path(directory, "out.root")
        result = RootFiles().merge(iter(paths), output)
        assert result.n_events == sum(sum(counts) for counts, _ in contents)
        parts = []
        for path in paths:
            with uproot.open(path) as file:
                parts.append(file["a/tree"].arrays())
        with uproot.open(output) as file:
            merged = file["a/tree"].arrays()
        assert awkward.array_equal(merged, awkward.concatenate(parts))
        assert RootFiles().same_content(paths, output) == Same()
        if sum(contents[0][0]):
            assert isinstance(RootFiles().same_content(paths[1:], output), Different)
