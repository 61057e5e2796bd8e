"""The order of sources: locality, then recent success, then distance; deterministic, and it forgives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.states import Locality
from transfers.sources import HALF_LIFE, Record, Source, order

NOW = datetime(2026, 8, 1, tzinfo=UTC)
READ = (Locality.ONLINE, Locality.ONLINE_AND_NEARLINE, Locality.UNKNOWN, Locality.NEARLINE)

sources = st.lists(
    st.builds(
        Source,
        url=st.integers(0, 50).map("root://host{}//file".format),
        endpoint=st.sampled_from(["a", "b", "c", ""]),
        locality=st.sampled_from(Locality),
        distance=st.none() | st.integers(0, 5),
    ),
    unique_by=lambda source: source.url,
    max_size=8,
)
histories = st.lists(st.tuples(st.booleans(), st.integers(0, 7200)), max_size=12)


def record_of(history) -> Record:
    """What was seen, each so many seconds after the one before, up to now."""
    record, at = Record(), NOW - timedelta(seconds=sum(wait for _, wait in history))
    for good, wait in history:
        at += timedelta(seconds=wait)
        record = record.seen(good, at)
    return record


records = st.dictionaries(st.sampled_from(["a", "b", "c"]), histories.map(record_of))


@given(sources, records, st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_given_says_nothing(given_, seen, chance):
    shuffled = list(given_)
    chance.shuffle(shuffled)
    assert order(shuffled, seen, NOW) == order(given_, seen, NOW)


@given(sources, records)
def test_every_source_is_ranked_or_unreadable_once(given_, seen):
    found = order(given_, seen, NOW)
    told = [*found.urls, *(entry.source.url for entry in found.unreadable)]
    assert sorted(told) == sorted(source.url for source in given_)
    assert {entry.source.locality for entry in found.unreadable}.isdisjoint(READ)
    assert all(entry.text for entry in (*found.ranking, *found.unreadable))
    assert [entry.rank for entry in found.ranking] == list(range(1, len(found.ranking) + 1))


@given(sources, records)
def test_online_before_nearline_whatever_else(given_, seen):
    recalls = [entry.needs_recall for entry in order(given_, seen, NOW).ranking]
    assert recalls == sorted(recalls)


@given(sources, records, st.sampled_from(["a", "b", "c"]))
def test_a_failure_never_moves_a_source_forward(given_, seen, key):
    assume(any(source.record_key == key for source in given_))
    before = order(given_, seen, NOW)
    after = order(given_, {**seen, key: seen.get(key, Record()).seen(False, NOW)}, NOW)
    for source in given_:
        if source.record_key == key and source.url in before.urls:
            others = [s.url for s in given_ if s.record_key != key]
            ahead = {url for url in before.urls[: before.urls.index(source.url)] if url in others}
            assert ahead <= set(after.urls[: after.urls.index(source.url)])


@given(histories)
def test_what_was_seen_fades_until_nothing_was_seen(history):
    record = record_of(history)
    assert record.chance(NOW + 60 * HALF_LIFE) == pytest.approx(Record().chance(NOW))
    assert 0.0 <= record.chance(NOW) <= 1.0


@given(histories, st.integers(0, 10**6))
def test_half_of_it_is_gone_after_a_half_life(history, seconds):
    record = record_of(history)
    later = record.at_time(record.at + HALF_LIFE)
    assert (later.good, later.bad) == (pytest.approx(record.good / 2), pytest.approx(record.bad / 2))
    back = record.at_time(record.at - timedelta(seconds=seconds))
    assert back == record, "a clock that goes back changes nothing"


@given(histories)
def test_one_more_success_is_better_and_one_more_failure_worse(history):
    record = record_of(history)
    assert record.seen(True, NOW).chance(NOW) > record.chance(NOW) > record.seen(False, NOW).chance(NOW)


A = Source("root://a//x", "a", distance=0)
B = Source("root://b//x", "b", distance=5)
C = Source("root://c//x", "c", distance=None)


def failures(count: int) -> Record:
    return record_of([(False, 0)] * count)


def test_near_before_far_before_unknown():
    assert order([C, B, A], {}, NOW).urls == (A.url, B.url, C.url)


def test_a_near_source_that_mostly_fails_goes_behind_and_comes_back():
    seen = {"a": failures(3)}
    found = order([A, B], seen, NOW)
    assert found.urls == (B.url, A.url)
    assert "mostly failed of late" in found.ranking[1].text
    assert order([A, B], seen, NOW + 4 * HALF_LIFE).urls == (A.url, B.url)


def test_one_failure_does_not_send_the_work_far_away_but_to_an_equal_neighbour():
    assert order([A, B], {"a": failures(1)}, NOW).urls == (A.url, B.url)
    assert order([A, replace(B, distance=0)], {"a": failures(1)}, NOW).urls == (B.url, A.url)


def test_a_source_that_fails_is_still_read_before_a_recall():
    tape = replace(B, locality=Locality.NEARLINE, distance=0)
    found = order([tape, A], {"a": failures(9)}, NOW)
    assert found.urls == (A.url, tape.url)
    assert [entry.needs_recall for entry in found.ranking] == [False, True]


def test_what_the_service_calls_lost_is_not_read():
    (lost,) = order([replace(A, locality=Locality.LOST)], {}, NOW).unreadable
    assert lost.text == "the service says it is lost"


def test_records_may_be_kept_by_link():
    link = replace(A, key="b>here")
    assert order([link, B], {"b>here": failures(5)}, NOW).urls == (B.url, A.url)
