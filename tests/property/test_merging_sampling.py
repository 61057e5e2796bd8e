"""Samples of the archive: the same for the same seed, the oldest first."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merging.sampling import Candidate, sample

START = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def archive(draw):
    names = draw(st.lists(st.text("abc/", max_size=4), unique=True, max_size=30))
    hours = st.integers(0, 100)
    return [
        Candidate(number, name, 1, START + timedelta(hours=draw(hours)), draw(st.booleans()))
        for number, name in enumerate(names)
    ]


fractions = st.sampled_from([0.01, 0.1, 1 / 3, 0.5, 1.0])


@given(archive(), fractions, st.text(max_size=3), st.randoms(use_true_random=False))
def test_the_order_in_which_the_archive_is_told_does_not_matter(files, fraction, seed, chance):
    mixed = list(files)
    chance.shuffle(mixed)
    assert sample(files, fraction, seed) == sample(mixed, fraction, seed)


@given(archive(), fractions, st.text(max_size=3))
def test_nothing_that_was_left_is_older_than_what_was_taken(files, fraction, seed):
    taken = sample(files, fraction, seed)
    assert len(taken) == math.ceil(round(fraction * len(files), 6))
    left = [one for one in files if one not in taken]
    if taken and left:
        age = max((one.verified_at.date(), one.recounted) for one in taken)
        assert age <= min((one.verified_at.date(), one.recounted) for one in left)


@given(archive(), st.text(max_size=3))
def test_all_of_it_is_all_of_it(files, seed):
    assert sorted(one.file_id for one in sample(files, 1.0, seed)) == [one.file_id for one in files]


def test_another_seed_is_another_sample():
    files = [Candidate(n, f"/f{n}", 1, START) for n in range(1000)]
    one, other = (frozenset(c.file_id for c in sample(files, 0.1, seed)) for seed in "ab")
    assert len(one) == len(other) == 100
    assert len(one & other) < 50


@pytest.mark.parametrize("fraction", [0.0, -1.0, 1.1, float("nan")])
def test_a_fraction_is_between_zero_and_one(fraction):
    with pytest.raises(ValueError, match="fraction"):
        sample([], fraction, "")
