"""Window, order, whole units and fairness hold for every set of consumers; waits keep their bounds."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from transfers.planning import Consumer, next_attempt, next_poll, share_window

NOW = datetime(2016, 8, 1, tzinfo=UTC)


class File(NamedTuple):
    id: int
    size: int
    dataset_id: int
    run: int

    @property
    def unit(self) -> tuple[int, int]:
        return self.dataset_id, self.run


@st.composite
def consumers(draw: st.DrawFn, priorities: tuple[int, int] = (1, 3)) -> list[Consumer[File]]:
    ids = count(1)
    wanted = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 2), st.integers(1, 3)), max_size=12)
    made = []
    for number in range(draw(st.integers(0, 4))):
        files = [File(next(ids), *values) for values in draw(wanted)]
        production, priority = draw(st.sampled_from("AB")), draw(st.integers(*priorities))
        made.append(Consumer(number, production, priority, files, draw(st.booleans())))
    return made


BYTES = st.none() | st.integers(-5, 150)
COUNT = st.integers(-1, 25)


def in_units(consumer: Consumer[File]) -> list[File]:
    """What it may get, in order: whole units by first appearance, but for a last one not wholly seen."""
    units = list(dict.fromkeys(file.unit for file in consumer.wishes))
    if not consumer.all_seen and len(units) > 1:
        units.remove(consumer.wishes[-1].unit)
    return [file for unit in units for file in consumer.wishes if file.unit == unit]


@given(consumers(), BYTES, COUNT, st.booleans())
def test_the_window_is_kept(wanting, free_bytes, free_files, idle):
    chosen = share_window(wanting, free_bytes=free_bytes, free_files=free_files, idle=idle)
    files = [file for found in chosen.values() for file in found]
    assert len({file.id for file in files}) == len(files) <= max(free_files, 0)
    assert all(chosen.values())
    one_too_large = idle and len(files) == 1 and free_bytes is not None and free_bytes > 0
    assert free_bytes is None or sum(file.size for file in files) <= max(free_bytes, 0) or one_too_large


@given(consumers(), BYTES, COUNT, st.booleans())
def test_units_are_whole_and_in_order(wanting, free_bytes, free_files, idle):
    chosen = share_window(wanting, free_bytes=free_bytes, free_files=free_files, idle=idle)
    for consumer in wanting:
        got, order = chosen.get(consumer.id, []), in_units(consumer)
        assert got == order[: len(got)], "nothing overtakes within a campaign"
        cut = got and len(got) < len(order) and got[-1].unit == order[len(got)].unit
        if cut:  # only the very first unit, and nobody gets anything else
            assert idle
            assert list(chosen) == [consumer.id]
            assert {file.unit for file in got} == {order[0].unit}


@given(consumers(), BYTES, COUNT)
def test_idle_always_moves(wanting, free_bytes, free_files):
    chosen = share_window(wanting, free_bytes=free_bytes, free_files=free_files, idle=True)
    wanted = any(consumer.wishes for consumer in wanting)
    assert bool(chosen) == (wanted and free_files > 0 and (free_bytes is None or free_bytes > 0))


@given(consumers(), BYTES, COUNT, st.booleans())
def test_a_lower_priority_gets_something_only_when_the_higher_wants_no_more(
    wanting, free_bytes, free_files, idle
):
    chosen = share_window(wanting, free_bytes=free_bytes, free_files=free_files, idle=idle)
    lowest = min((c.priority for c in wanting if c.id in chosen), default=0)
    for consumer in wanting:
        if consumer.priority > lowest and chosen:
            assert chosen.get(consumer.id, []) == in_units(consumer)


@given(consumers(priorities=(3, 3)), BYTES, COUNT)
def test_productions_that_want_more_differ_by_no_more_than_a_unit(wanting, free_bytes, free_files):
    chosen = share_window(wanting, free_bytes=free_bytes, free_files=free_files, idle=False)
    got, largest, wants_more = defaultdict(int), 0, set()
    for consumer in wanting:
        files, sizes = chosen.get(consumer.id, []), defaultdict(int)
        got[consumer.production] += sum(file.size for file in files)
        for file in files:
            sizes[file.unit] += file.size
        largest = max(largest, *sizes.values(), 0)
        if len(files) < len(in_units(consumer)):
            wants_more.add(consumer.production)
    for name in wants_more:
        assert got[name] + largest >= max(got.values())


@given(consumers(), BYTES, COUNT, st.booleans())
def test_the_same_question_has_the_same_answer(wanting, free_bytes, free_files, idle):
    answers = [share_window(wanting, free_bytes=free_bytes, free_files=free_files, idle=idle) for _ in "12"]
    assert answers[0] == answers[1]


WAIT = st.timedeltas(timedelta(0), timedelta(days=3))


@given(WAIT, st.integers(0, 10**6), st.integers(0, 10**6), WAIT, WAIT)
def test_the_next_poll_is_neither_too_soon_nor_too_late(gap, changed, pending, one, other):
    shortest, longest = min(one, other), max(one, other)
    wait = next_poll(gap, changed=changed, pending=pending, shortest=shortest, longest=longest)
    assert shortest <= wait <= longest


@given(
    st.integers(0, 10**6),
    st.timedeltas(timedelta(milliseconds=1), timedelta(days=1)),
    st.timedeltas(timedelta(milliseconds=1), timedelta(days=30)),
    st.floats(0, 1, exclude_max=True),
)
def test_the_next_attempt_is_later_and_not_too_late(attempts, first, longest, chance):
    at = next_attempt(attempts, now=NOW, first=first, longest=longest, chance=chance)
    assert NOW < at <= NOW + longest
    assert at - NOW >= min(first, longest) / 2 - timedelta(microseconds=1)
