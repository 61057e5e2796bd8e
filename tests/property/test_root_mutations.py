"""Broken ROOT files, by chance and the same every time; ``python -m tests.corpus.mutate`` tries thousands."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

pytest.importorskip("uproot")

from merging import registry
from merging.formats.ports import GROUP
from tests.corpus.mutate import FILES, case, mutated
from tests.rootfiles import DATA

CASES = 4


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_refused_by_name_or_merged_as_it_reads(tmp_path: Path, name: str) -> None:
    made = registry.load(GROUP, "root", "format")()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # uproot's, of classes it does not know
        for seed in range(CASES):
            told, outcome = case(made, name, seed, tmp_path)
            assert not outcome.startswith("wrong"), (seed, told, outcome)


def test_a_seed_makes_the_same_broken_file_and_another_one_another() -> None:
    for name in FILES:
        first = mutated(DATA / name, 1)
        assert first == mutated(DATA / name, 1)
        assert first[0] not in ((DATA / name).read_bytes(), mutated(DATA / name, 2)[0])
