"""Which recalls go out now, when to ask again, and when to try again."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from transfers.planning import Consumer, batches, next_attempt, next_poll, share_window

NOW = datetime(2016, 8, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class File(NamedTuple):
    """A wanted file, as ``catalog.model.Wish`` has it."""

    id: int
    run: int
    size: int
    dataset_id: int = 1


RUNS = [File(1, 1, 10), File(2, 1, 10), File(3, 2, 10), File(4, 1, 10), File(5, 3, 1)]


def consumer(key=1, wishes=RUNS, production="P08", priority=3, all_seen=True):
    return Consumer(key, production, priority, wishes, all_seen)


def share(*consumers, free_bytes=None, free_files=100, idle=False):
    """The ids of the files each consumer may recall."""
    chosen = share_window(consumers, free_bytes=free_bytes, free_files=free_files, idle=idle)
    return {key: [file.id for file in files] for key, files in chosen.items()}


def alone(wishes=RUNS, all_seen=True, **window):
    """The same of one consumer."""
    return share(consumer(wishes=wishes, all_seen=all_seen), **window).get(1, [])


def runs(first, *sizes):
    """Runs of one file each, numbered from ``first``."""
    return [File(first + n, first + n, size) for n, size in enumerate(sizes)]


# ------------------------------------------------------------------------------- one consumer
def test_whole_units_in_order_of_first_appearance():
    assert alone() == [1, 2, 4, 3, 5]


def test_a_run_of_another_dataset_is_another_unit():
    wishes = [File(1, 1, 10, 1), File(2, 1, 10, 2), File(3, 1, 10, 1)]
    assert alone(wishes) == [1, 3, 2]
    assert alone(wishes, free_files=2) == [1, 3]


def test_a_unit_that_does_not_fit_is_not_overtaken():
    assert alone(free_bytes=35) == [1, 2, 4]
    assert alone(free_files=3) == [1, 2, 4]
    assert alone(free_bytes=29) == []
    assert alone(free_files=2) == []


def test_idle_takes_part_of_a_first_unit_that_is_too_large():
    assert alone(free_bytes=29, idle=True) == [1, 2]
    assert alone(free_files=2, idle=True) == [1, 2]


def test_idle_takes_one_file_larger_than_the_window():
    assert alone(free_bytes=5, idle=True) == [1]


def test_idle_with_room_is_as_ever():
    assert alone(free_bytes=35, idle=True) == [1, 2, 4]


def test_a_window_of_zero_stops_recalls():
    assert alone(free_bytes=0, idle=True) == alone(free_files=0, idle=True) == alone(free_bytes=-1) == []
    assert alone(free_files=-3) == []


def test_files_of_no_bytes_fill_the_window_by_their_number():
    assert alone(runs(1, 0, 0, 0), free_bytes=1, free_files=2) == [1, 2]


def test_nothing_wanted():
    assert share(idle=True) == share(consumer(wishes=[]), idle=True) == {}


def test_a_last_unit_that_is_not_wholly_seen_waits():
    assert alone(all_seen=False) == [1, 2, 4, 3]
    assert alone(RUNS[:4], all_seen=False) == [3], "the last wish seen is of run 1: more of it may follow"


def test_a_unit_longer_than_was_looked_is_taken_as_far_as_it_was_seen():
    assert alone(RUNS[:2], all_seen=False) == [1, 2], "else it would never be recalled"


# --------------------------------------------------------------------------- several consumers
def test_the_higher_priority_goes_first_whatever_the_order():
    urgent, other = consumer(1, runs(1, 10, 10), "A", 4), consumer(2, runs(11, 10, 10), "B", 3)
    assert share(urgent, other, free_files=3) == share(other, urgent, free_files=3) == {1: [1, 2], 2: [11]}


def test_a_large_unit_of_high_priority_is_not_overtaken_by_small_ones_of_others():
    urgent, other = consumer(1, runs(1, 100), "A", 4), consumer(2, runs(11, 1, 1), "B", 3)
    assert share(urgent, other, free_bytes=50) == {}
    assert share(urgent, other, free_bytes=50, idle=True) == {1: [1]}


def test_productions_share_by_bytes():
    large, small = consumer(1, runs(1, 40, 40), "A"), consumer(2, runs(11, *[10] * 10), "B")
    assert share(large, small, free_bytes=120) == {1: [1, 2], 2: [11, 12, 13, 14]}


def test_campaigns_of_one_production_share_its_part():
    """Else a production would get more by asking in many campaigns."""
    many = [consumer(n, runs(100 * n, *[10] * 9), "A") for n in (1, 2, 3)]
    single = consumer(4, runs(400, *[10] * 9), "B")
    chosen = share(*many, single, free_files=8)
    assert sum(len(chosen.get(n, ())) for n in (1, 2, 3)) == 4
    assert len(chosen[4]) == 4


def test_among_equals_who_comes_first_in_the_sequence_is_first():
    one, other = consumer(1, runs(1, 10), "A"), consumer(2, runs(11, 10), "B")
    assert share(one, other, free_files=1) == {1: [1]}
    assert share(other, one, free_files=1) == {2: [11]}


def test_over_many_fills_productions_get_the_same_bytes():
    """Who was served last stands last, as the caller has it: by the time of the last share."""
    waiting = {"A": runs(1, *[10] * 60), "B": runs(101, *[10] * 60), "C": runs(201, *[10] * 60)}
    order, got = list(waiting), Counter[str]()
    for _ in range(20):  # a window with room for two runs, of three productions
        consumers = [Consumer(ord(name), name, 3, waiting[name]) for name in order]
        for key, files in share_window(consumers, free_bytes=25, free_files=100, idle=False).items():
            name = chr(key)
            got[name] += sum(file.size for file in files)
            waiting[name] = waiting[name][len(files) :]
            order.remove(name)
            order.append(name)
    assert sum(got.values()) == 400
    assert max(got.values()) - min(got.values()) <= 10


# ------------------------------------------------------------------------------------ asking again
def poll(gap, *, changed, pending, shortest=MINUTE, longest=HOUR):
    return next_poll(gap, changed=changed, pending=pending, shortest=shortest, longest=longest)


def test_a_poll_comes_when_half_of_the_rest_will_have_come():
    assert poll(10 * MINUTE, changed=10, pending=40) == 20 * MINUTE
    assert poll(10 * MINUTE, changed=10, pending=20) == 10 * MINUTE
    assert poll(10 * MINUTE, changed=20, pending=10) == 2.5 * MINUTE


def test_a_poll_that_told_nothing_new_comes_later_each_time():
    assert poll(10 * MINUTE, changed=0, pending=5) == 15 * MINUTE


def test_waits_between_polls_have_bounds():
    assert poll(MINUTE, changed=1000, pending=1) == MINUTE
    assert poll(50 * MINUTE, changed=0, pending=1) == HOUR
    assert poll(50 * MINUTE, changed=1, pending=10**9) == HOUR
    assert poll(timedelta(0), changed=0, pending=1) == MINUTE


def test_a_request_that_goes_on_steadily_takes_few_polls():
    """10 000 files, one a second: polls grow with the logarithm, not with the files."""
    left, gap, polls = 10_000.0, MINUTE, 0
    while left >= 1:
        came = min(left, gap.total_seconds())
        left, polls = left - came, polls + 1
        gap = poll(gap, changed=int(came), pending=int(left), longest=6 * HOUR)
    assert polls < 20


# -------------------------------------------------------------------------------------- trying again
@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 1), (2, 2), (5, 16), (9, 60), (10_000, 60)])
def test_waits_double_up_to_the_longest(attempts, minutes):
    def wait(chance):
        return next_attempt(attempts, now=NOW, first=MINUTE, longest=HOUR, chance=chance) - NOW

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
