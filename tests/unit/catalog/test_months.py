"""Spans of the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from catalog.months import Span, parse

MOMENTS = some.integers(0, 7_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [
        ("6 months", "2016-03-15T08:30", "2016-09-15T08:30"),
        ("6 months", "2016-08-31", "2017-02-28"),
        ("6 months", "2015-08-31", "2016-02-29"),
        ("1 year", "2016-02-29", "2017-02-28"),
        ("1 month", "2016-12-31", "2017-01-31"),
        ("2 weeks", "2016-02-20", "2016-03-05"),
        ("30 d", "2016-01-31", "2016-03-01"),
    ],
)
def test_a_span_ends_where_the_calendar_says(span, start, end):
    assert parse(span).after(at(start)) == at(end)


@pytest.mark.parametrize(
    "text", ["6", "months", "0 d", "1.5 months", "6 min", "6 m", "-1 d", "", None, 6, "9999 y"]
)
def test_what_is_no_span_is_refused(text):
    with pytest.raises(ValueError, match="expected a span"):
        parse(text)


@given(MOMENTS, some.integers(1, 1200))
def test_months_go_to_the_same_day_or_the_last(moment, months):
    end = Span(months=months).after(moment)
    assert (end.year * 12 + end.month) - (moment.year * 12 + moment.month) == months
    assert end.time() == moment.time()
    assert end.day == moment.day or (end.day < moment.day and (end + timedelta(days=1)).day == 1)


@given(MOMENTS, MOMENTS, some.integers(1, 1200))
def test_a_later_beginning_never_ends_earlier(one, other, months):
    first, last = sorted((one, other))
    assert Span(months=months).after(first) <= Span(months=months).after(last)


@given(
    some.one_of(
        some.builds(Span, months=some.integers(1, 1200)), some.builds(Span, days=some.integers(1, 9999))
    )
)
def test_a_span_reads_back_as_it_is_written(span):
    assert parse(str(span)) == span
