"""Whatever is in the bins, and whoever has squares, titles and types: the merged file holds the exact sum."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

uproot = pytest.importorskip("uproot")
numpy = pytest.importorskip("numpy")

from merging.hadd.sums import Overflow, Sums, add_into, brought_together  # noqa: E402
from tests.unit.merging import histfiles as hf  # noqa: E402

N_BINS = 3
WHOLE = st.integers(-1000, 1000)
QUARTERS = WHOLE.map(lambda number: number / 4)
"""Weights whose sums are exact in single precision too."""


@st.composite
def histograms(draw: st.DrawFn) -> list[dict[str, Any]]:
    """For each of some inputs and every name: bins, squares (or none) and a title."""
    letters = {name: draw(st.sampled_from("SIFD")) for name in draw(st.sampled_from(["a", "ab", "abc"]))}
    inputs = []
    for _ in range(draw(st.integers(1, 4))):
        content = {}
        for name, letter in letters.items():
            numbers = QUARTERS if letter in "FD" else WHOLE
            bins = numpy.array(
                draw(st.lists(numbers, min_size=N_BINS + 2, max_size=N_BINS + 2)), hf.TYPES[letter]
            )
            squares = draw(
                st.none() | st.lists(st.integers(0, 500), min_size=N_BINS + 2, max_size=N_BINS + 2)
            )
            content[name] = (
                bins,
                squares and numpy.array(squares, "f8"),
                draw(st.sampled_from(["", "t", "title"])),
            )
        inputs.append(content)
    return inputs


@given(histograms())
@settings(max_examples=25, deadline=None)
def test_every_bin_square_and_total_is_the_exact_sum(inputs: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for number, content in enumerate(inputs):
            objects = {
                name: hf.th1(bins, squares=squares, title=title)
                for name, (bins, squares, title) in content.items()
            }
            paths.append(hf.write(Path(directory, f"in{number}.root"), objects))
        output = hf.merged(paths, Path(directory, "out.root"))
        assert hf.differences(paths, output) == []
        with uproot.open(output) as file:
            for name in inputs[0]:
                found = file[name]
                several = [content[name] for content in inputs]
                assert (
                    found.values(flow=True).tolist()
                    == sum(bins.astype("f8") for bins, _, _ in several).tolist()
                )
                assert found.title == several[0][2]
                if any(squares is not None for _, squares, _ in several):
                    total = sum(
                        abs(bins.astype("f8")) if squares is None else squares for bins, squares, _ in several
                    )
                    assert numpy.array(found.member("fSumw2")).tolist() == total.tolist()
                else:
                    assert len(found.member("fSumw2")) == 0
        for left_out in range(len(paths) if len(paths) > 1 else 0):
            fewer = [path for number, path in enumerate(paths) if number != left_out]
            lost = any(
                bins.any() or (squares is not None and squares.any())
                for bins, squares, _ in inputs[left_out].values()
            )
            assert bool(hf.differences(fewer, output)) >= lost


@given(
    st.lists(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=2, max_size=2), min_size=1, max_size=4)
)
def test_integers_of_64_bits_are_exact_or_refused(rows: list[list[int]]) -> None:
    total, exact = numpy.zeros(2, "i8"), [0, 0]
    for row in rows:
        exact = [one + other for one, other in zip(exact, row, strict=True)]
        fits = all(-(1 << 63) <= number < 1 << 63 for number in exact)
        try:
            add_into(total, numpy.array(row, ">i8"))
        except Overflow:
            assert not fits
            return
        assert fits
        assert total.tolist() == exact


@given(st.lists(st.tuples(st.booleans(), st.lists(WHOLE, min_size=2, max_size=2)), min_size=1, max_size=6))
def test_kinds_are_brought_together_as_if_all_had_squares(rows: list[tuple[bool, list[int]]]) -> None:
    kinds: dict[bool, Sums] = {}
    for has_squares, row in rows:
        bins = numpy.array(row, "f8")
        sums = kinds.setdefault(
            has_squares, Sums({"fArray": bins * 0, "fSumw2": (bins if has_squares else bins[:0]) * 0})
        )
        sums.arrays["fArray"] += bins
        if has_squares:
            sums.arrays["fSumw2"] += bins**2
        sums.lack("fArray", numpy.maximum(-bins, 0))
    totals = brought_together(kinds.values())
    assert totals["fArray"].tolist() == [sum(row[place] for _, row in rows) for place in range(2)]
    if any(has for has, _ in rows):
        assert totals["fSumw2"].tolist() == [
            sum(row[place] ** 2 if has else abs(row[place]) for has, row in rows) for place in range(2)
        ]
    else:
        assert not len(totals["fSumw2"])
