"""When it is a storm, what is still sent, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from transfers.storm import (
    Answers,
    Limits,
    StormState,
    alarm_due,
    allowed,
    ended,
    may_hold,
    observe,
    over,
    sent,
    sentence,
    spread,
)

NOW = datetime(2026, 11, 22, 10, 2, tzinfo=UTC)
LIMITS = Limits()
DOWN = "endpoint_unreachable"


def seen(rows, now=NOW, good=0, accepted=0, **bad):
    return observe(rows, "cta", Answers(good, accepted, bad), now, LIMITS)


def in_storm(cause=DOWN):
    return seen([], **{cause: 40})


def probing(cause=DOWN):
    later = NOW + LIMITS.pause
    return sent(in_storm(cause), 3, later, LIMITS), later


@pytest.mark.parametrize(
    ("good", "bad", "state"),
    [
        (0, 19, StormState.CLOSED),  # few answers say nothing
        (0, 20, StormState.OPEN),
        (20, 20, StormState.CLOSED),  # half is not more than half
        (19, 20, StormState.OPEN),
        (9000, 500, StormState.CLOSED),
        (9000, 501, StormState.OPEN),  # many are many, whatever the share
    ],
)
def test_it_is_a_storm_by_share_or_by_number(good, bad, state):
    assert [row.state for row in seen([], good=good, tape_lost=bad)] == [state]


def test_failures_far_apart_are_no_storm():
    rows = []
    for hour in range(100):
        rows = seen(rows, NOW + timedelta(hours=hour), request_vanished=10)
    assert rows[0].state is StormState.CLOSED
    assert rows[0].first_at == NOW + timedelta(hours=99)


def test_failures_of_one_window_add_up():
    rows = seen(seen([], tape_lost=10), NOW + timedelta(minutes=5), tape_lost=10)
    assert (rows[0].state, rows[0].files, rows[0].first_at) == (StormState.OPEN, 20, NOW)


def test_nothing_is_sent_until_the_pause_is_over_then_canaries_once_per_pause():
    rows = in_storm()
    assert allowed([], NOW) is None
    assert allowed(rows, NOW) == 0
    later = NOW + LIMITS.pause
    assert allowed(rows, later) == LIMITS.canaries
    rows = sent(rows, 3, later, LIMITS)
    assert allowed(rows, later) == 0
    assert allowed(rows, later + LIMITS.pause) == LIMITS.canaries


def test_sending_none_changes_nothing():
    rows = in_storm()
    assert sent(rows, 0, NOW, LIMITS) == rows


def test_an_answer_from_before_the_storm_does_not_end_it():
    assert seen(in_storm(), good=1)[0].state is StormState.OPEN


def test_one_success_ends_every_storm_that_is_probed():
    rows, later = probing()
    rows = seen(rows, later, tape_lost=30)
    rows = seen(rows, later, good=1, tape_lost=1)
    assert {row.cause: row.state for row in rows} == {DOWN: StormState.CLOSED, "tape_lost": StormState.OPEN}
    assert allowed(rows, later) == 0, "the other cause has not been probed yet"


def test_canaries_that_are_taken_on_make_more_until_the_storm_is_over():
    rows, now = probing()
    widths = []
    while rows[0].state is StormState.PROBING:
        rows = seen(rows, now, accepted=rows[0].canaries)
        now += LIMITS.pause
        widths.append(allowed(rows, now))
    assert widths == [6, 12, 24, 48, 96, 192, 384, None]


def test_a_new_failure_begins_again_with_few_canaries():
    rows, now = probing()
    rows = seen(seen(rows, now, accepted=3), now, endpoint_unreachable=6)
    assert (rows[0].state, rows[0].canaries) == (StormState.PROBING, LIMITS.canaries)


def test_being_taken_on_proves_nothing_about_a_cause_met_later():
    rows, now = probing("tape_lost")
    assert seen(rows, now, accepted=3)[0].canaries == LIMITS.canaries


def test_without_a_storm_all_are_held_and_in_one_no_more_than_the_cap():
    assert may_hold(None, 400, NOW, LIMITS) == 400
    row = in_storm("tape_lost")[0]
    assert may_hold(row, 400, NOW, LIMITS) == LIMITS.cap
    assert may_hold(replace(row, held=8), 400, NOW, LIMITS) == 2
    assert may_hold(replace(row, held=80), 400, NOW, LIMITS) == 0
    assert may_hold(row, 1, NOW, LIMITS) == 1


def test_after_a_long_time_what_fails_is_held_or_a_campaign_of_bad_files_would_never_end():
    row = in_storm("tape_lost")[0]
    assert may_hold(row, 400, NOW + LIMITS.patience, LIMITS) == LIMITS.cap
    assert may_hold(row, 3, NOW + LIMITS.patience + timedelta(seconds=1), LIMITS) == 3


def test_a_storm_begins_with_its_window_not_with_the_first_failure_ever():
    rows, now = seen([], tape_lost=10), NOW
    for _ in range(5):
        now += timedelta(minutes=9)
        rows = seen(rows, now, good=50, tape_lost=10)
    assert rows[0].first_at == NOW
    began = rows[0].window_at + LIMITS.window + timedelta(minutes=1)
    rows = seen(rows, began, tape_lost=30)
    assert (rows[0].state, rows[0].first_at, rows[0].files) == (StormState.OPEN, began, 30)


def test_a_person_may_end_a_storm():
    assert allowed([ended(row, NOW) for row in in_storm()], NOW) is None


def test_the_operator_is_told_once():
    row = in_storm()[0]
    assert alarm_due(row, asked=False)
    assert not alarm_due(replace(row, alarmed=True), asked=True)
    calm = seen([], credential_expired=1)[0]
    assert alarm_due(calm, asked=True)
    assert not alarm_due(calm, asked=False)


def test_a_row_is_dropped_when_nothing_happens_for_long():
    calm, storm = seen([], tape_lost=1)[0], in_storm()[0]
    late = NOW + LIMITS.forget + timedelta(seconds=1)
    assert not over(calm, NOW + LIMITS.forget, LIMITS)
    assert over(calm, late, LIMITS)
    assert not over(storm, late, LIMITS)


def test_people_are_told_what_happens():
    assert sentence(seen([], tape_lost=2)[0]) == "cta: 2 failures by tape_lost since 2026-11-22 10:02 UTC"
    assert sentence(in_storm()[0]) == (
        "cta: 40 failures by endpoint_unreachable since 2026-11-22 10:02 UTC: a storm. Nothing more is sent "
        "but 3 files that are tried, next at 10:07 UTC; it ends when one succeeds; 0 held, the others wait "
        "in the queue"
    )


def test_canaries_come_from_all_over_the_queue():
    assert spread(range(100), 4, 0) == [0, 25, 50, 75]
    assert spread(range(100), 4, 80) == [80, 5, 30, 55]
    assert spread([1, 2], 4, 7) == [1, 2]
    assert spread([], 4, 7) == []
    assert {n for turn in range(25) for n in spread(range(100), 4, turn)} == set(range(100))


def test_a_storm_that_could_never_end_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        Limits(canaries=0)
