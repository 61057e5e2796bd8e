"""How many files at a time: learned from refusals, and tried again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from transfers.backends.xrootd.sizes import LONGEST, PATIENCE, Size, fewer


def went_well(size: Size, times: int) -> None:
    for _ in range(times):
        size.went_well(size.now)


def test_a_refusal_is_learned_and_after_a_while_more_is_tried() -> None:
    size = Size(1000)
    size.shrink(48)
    assert size.now == 48
    went_well(size, PATIENCE - 1)
    assert size.now == 48
    went_well(size, 1)
    assert size.now == 96


def test_trying_more_in_vain_makes_it_rarer() -> None:
    size, tried = Size(1000), []
    size.shrink(48)
    for _ in range(4):
        questions = 0
        while size.now == 48:
            went_well(size, 1)
            questions += 1
        tried.append(questions)
        size.shrink(48)
    assert tried == [PATIENCE, 2 * PATIENCE, 4 * PATIENCE, 8 * PATIENCE]
    assert tried[-1] < LONGEST


def test_a_smaller_question_says_nothing_of_the_size() -> None:
    size = Size(100)
    size.shrink(10)
    for _ in range(10 * PATIENCE):
        size.went_well(9)
    assert size.now == 10


@given(st.lists(st.tuples(st.booleans(), st.integers(-5, 2000)), max_size=200), st.integers(1, 1500))
def test_it_stays_between_one_and_the_most(steps: list[tuple[bool, int]], most: int) -> None:
    size = Size(most)
    for refused, files in steps:
        if refused:
            size.shrink(files)
        else:
            went_well(size, PATIENCE)
        assert 1 <= size.now <= most


@given(st.integers(2, 100_000))
def test_fewer_comes_to_one_and_does_not_miss_what_stock_servers_take(files: int) -> None:
    seen = [files]
    while seen[-1] > 1:
        seen.append(fewer(seen[-1]))
        assert seen[-1] < seen[-2]
    assert files <= 48 or 48 in seen
