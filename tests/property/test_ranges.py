"""Cutting a file into ranges, and seeing every event that is not in exactly one of them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import BadInput
from catalog.ranges import LARGEST, Flaw, checked_events, checked_span, plan, plan_by_length, uncovered

SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda pair: (pair[0], sum(pair))), max_size=8
)


@given(st.integers(0, LARGEST), st.integers(1, 300))
def test_a_plan_covers_the_file_exactly_once(events, parts):
    spans = plan(events, parts)
    assert uncovered(events, spans) == []
    assert len(spans) == min(events, parts)
    lengths = {stop - start for start, stop in spans}
    assert not lengths or (max(lengths) - min(lengths) <= 1 and min(lengths) >= 1)


@given(st.integers(0, 10**6), st.integers(10**4, 10**7))
def test_a_plan_by_length_has_the_fewest_ranges(events, longest):
    spans = plan_by_length(events, longest)
    assert uncovered(events, spans) == []
    assert all(stop - start <= longest for start, stop in spans)
    assert len(spans) == -(-events // longest)


@given(st.integers(0, 35), SPANS)
def test_every_event_that_is_not_in_exactly_one_range_is_named_once(events, spans):
    times = Counter(n for start, stop in spans for n in range(start, stop))
    wrong = {n: Flaw.BEYOND for n in times if n >= events}
    wrong |= {n: Flaw.MISSING for n in range(events) if not times[n]}
    wrong |= {n: Flaw.TWICE for n in range(events) if times[n] > 1}
    found = uncovered(events, spans)
    named = [(n, flaw.flaw) for flaw in found for n in range(flaw.start, flaw.stop)]
    assert dict(named) == wrong
    assert len(named) == len(wrong)
    assert found == sorted(found)
    for one, other in pairwise(found):
        assert one.stop < other.start or one.flaw != other.flaw, "neighbours are one"


@given(st.integers(1, 1000), st.integers(1, 20), st.data())
def test_one_range_lost_moved_or_doubled_is_seen(events, parts, data):
    spans = plan(events, parts)
    n = data.draw(st.integers(0, len(spans) - 1))
    start, stop = spans[n]
    assert uncovered(events, spans[:n] + spans[n + 1 :])[0].flaw == Flaw.MISSING
    assert uncovered(events, [*spans, spans[n]])[0].flaw == Flaw.TWICE
    moved = [*spans[:n], (start + 1, stop + 1), *spans[n + 1 :]]
    assert uncovered(events, moved)


def test_a_file_without_events_is_covered_by_nothing():
    assert plan(0, 5) == []
    assert uncovered(0, []) == []
    assert [str(flaw) for flaw in uncovered(0, [(0, 1)])] == ["events 0 to 0 are beyond the end of the file"]


@pytest.mark.parametrize("events", [-1, -(10**30), LARGEST + 1, 10**40])
def test_a_number_of_events_that_cannot_be_is_refused(events):
    with pytest.raises(BadInput, match="events are"):
        checked_events(events, "a")
    with pytest.raises(BadInput):
        plan(events, 1)


@pytest.mark.parametrize("span", [(-1, 3), (3, 3), (4, 3), (0, LARGEST + 1)])
def test_a_range_that_cannot_be_is_refused(span):
    with pytest.raises(BadInput, match="no range of events"):
        checked_span(span)


def test_nonsense_is_refused():
    with pytest.raises(BadInput):
        plan(10, 0)
    with pytest.raises(BadInput):
        plan_by_length(10, 0)
