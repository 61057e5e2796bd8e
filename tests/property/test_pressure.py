"""The planner of disk pressure: never too little when there is enough, never more than one run too much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from catalog.pressure import Candidate, Level, Mark, Rank, Unit, parse_mark, plan, sentence, units

THEN = datetime(2016, 1, 1, tzinfo=UTC)
CANDIDATES = some.lists(
    some.builds(
        Candidate,
        replica_id=some.integers(1, 10**6),
        lfn=some.just("/x"),
        size=some.integers(0, 1000),
        rank=some.sampled_from(Rank),
        run=some.integers(1, 6),
        used_at=some.integers(0, 500).map(lambda days: THEN + timedelta(days=days)),
    ),
    max_size=40,
    unique_by=lambda candidate: candidate.replica_id,
)
SIZES = some.integers(0, 20_000)


@given(SIZES, SIZES, CANDIDATES)
def test_a_plan_meets_the_need_with_whole_runs_and_as_few_as_that_takes(need, coming, candidates):
    every = units(candidates)
    made = plan(need, coming, every)
    assert list(made.chosen) == every[: len(made.chosen)], "in their order, none left out"
    assert made.missing == max(0, need - coming - made.size)
    if made.missing:
        assert len(made.chosen) == len(every)
    if made.chosen:
        assert coming + made.size - made.chosen[-1].size < need, "without the last run it is not enough"
    if coming >= need:
        assert made.chosen == ()


@given(CANDIDATES)
def test_units_are_whole_runs_intermediates_first_and_then_by_their_last_use(candidates):
    found = units(candidates)
    assert sorted(c.replica_id for unit in found for c in unit.copies) == sorted(
        c.replica_id for c in candidates
    )
    assert len({(unit.rank, unit.run) for unit in found}) == len(found)
    order = [(unit.rank, unit.used_at) for unit in found]
    assert order == sorted(order)
    for unit in found:
        assert unit.used_at == max(copy.used_at for copy in unit.copies)


@given(CANDIDATES, some.randoms())
def test_the_order_in_which_candidates_come_says_nothing(candidates, chance):
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    key = lambda unit: (unit.rank, unit.run, unit.used_at, unit.size)  # noqa: E731
    assert list(map(key, units(shuffled))) == list(map(key, units(candidates)))


def test_the_planner_asks_for_no_more_candidates_than_it_needs():
    asked = []

    def lazily():
        for run in range(100):
            asked.append(run)
            yield Unit(Rank.MERGED, run, THEN, (Candidate(run, "/x", 10, Rank.MERGED, run, THEN),))

    assert plan(25, 0, lazily()).size == 30
    assert asked == [0, 1, 2]
    asked.clear()
    assert plan(25, 25, lazily()).chosen == ()
    assert asked == []


def level(free, total=1000, high="90 %", low="80 %"):
    return Level(free, total, parse_mark(high), parse_mark(low))


@pytest.mark.parametrize(
    ("found", "pressed", "need"),
    [
        (level(100), False, 0),
        (level(99), True, 101),
        (level(0), True, 200),
        (level(1000), False, 0),
        (level(None), False, 0),
        (level(5, None), False, 0),
        (level(99, None, "100 B", "250 B"), True, 151),
        (level(100, None, "100 B", "250 B"), False, 0),
        (level(None, None, "100 B", "250 B"), False, 0),
    ],
)
def test_pressure_begins_above_the_high_mark_and_asks_for_the_low_one(found, pressed, need):
    assert (found.pressed, found.need) == (pressed, need)
    assert (found.free is None or found.total is None) == (not found.known) or found.high.free is not None


@given(some.none() | some.integers(0, 10**15), some.none() | some.integers(1, 10**15))
def test_unknown_space_is_no_pressure_and_known_pressure_has_a_need(free, total):
    found = level(free, total)
    if free is None or total is None:
        assert not found.pressed
    assert (found.need > 0) == found.pressed


@pytest.mark.parametrize("text", ["", "90", "0 %", "100 %", "x %", None, "-1 TB", "90 percent"])
def test_what_is_no_mark_is_refused(text):
    if text == "90":
        assert parse_mark(text) == Mark(free=90)
        return
    with pytest.raises(ValueError, match="expected"):
        parse_mark(text)


@given(some.builds(Mark, used=some.integers(1, 99)) | some.builds(Mark, free=some.integers(0, 2**60)))
def test_a_mark_reads_back_as_it_is_written(mark):
    assert parse_mark(str(mark)) == mark


def test_the_sentence_says_what_is_done_and_why():
    copies = (Candidate(1, "/x", 60, Rank.MERGED, 7, THEN),)
    made = plan(101, 20, [Unit(Rank.MERGED, 7, THEN, copies)])
    assert sentence(level(99), made) == (
        "99 B free, above the high mark (90 %): 101 B to the low mark (80 %); 20 B are in the trash and come "
        "free; 60 B of 1 run go; 21 B are missing: nothing more may go"
    )
    assert "no pressure" in sentence(level(None), plan(0, 0, []))
    assert "no pressure" in sentence(level(500), plan(0, 0, []))
