"""Which recalls go out now, and when to try again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from transfers.planning import Wanted, batches, next_attempt, stage_batch

NOW = datetime(2016, 8, 1, tzinfo=UTC)
RUNS = [
    Wanted(1, "r1", 10),
    Wanted(2, "r1", 10),
    Wanted(3, "r2", 10),
    Wanted(4, "r1", 10),
    Wanted(5, "r3", 1),
]


def batch(wanted=RUNS, free_bytes=None, free_files=100, idle=False):
    return stage_batch(wanted, free_bytes=free_bytes, free_files=free_files, idle=idle)


def test_whole_units_in_order_of_first_appearance():
    assert batch() == [1, 2, 4, 3, 5]


def test_a_unit_that_does_not_fit_is_not_overtaken():
    assert batch(free_bytes=35) == [1, 2, 4]
    assert batch(free_files=3) == [1, 2, 4]
    assert batch(free_bytes=29) == []
    assert batch(free_files=2) == []


def test_idle_takes_part_of_a_first_unit_that_is_too_large():
    assert batch(free_bytes=29, idle=True) == [1, 2]
    assert batch(free_files=2, idle=True) == [1, 2]


def test_idle_takes_one_file_larger_than_the_budget():
    assert batch(free_bytes=5, idle=True) == [1]


def test_idle_with_room_is_as_ever():
    assert batch(free_bytes=35, idle=True) == [1, 2, 4]


def test_a_budget_of_zero_stops_recalls():
    assert batch(free_bytes=0, idle=True) == batch(free_files=0, idle=True) == batch(free_bytes=-1) == []


def test_nothing_wanted():
    assert batch([], idle=True) == []


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 1), (2, 2), (5, 16), (9, 60), (10_000, 60)])
def test_waits_double_up_to_the_longest(attempts, minutes):
    def wait(chance):
        hour = timedelta(hours=1)
        at = next_attempt(attempts, now=NOW, first=timedelta(minutes=1), longest=hour, chance=chance)
        return at - NOW

    assert wait(0.0) == timedelta(minutes=minutes) / 2
    assert wait(0.5) == timedelta(minutes=minutes) * 0.75


def test_a_first_wait_longer_than_the_longest():
    at = next_attempt(1, now=NOW, first=timedelta(days=9), longest=timedelta(days=1), chance=0.0)
    assert at == NOW + timedelta(days=0.5)


def test_batches():
    assert list(batches([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(batches([], 2)) == []
    with pytest.raises(ValueError):
        list(batches([1], 0))
