"""When a copy on disk goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from catalog.lifetime import OnDisk, ends_at, is_over
from catalog.months import Span

START = datetime(2016, 3, 15, 12, tzinfo=UTC)
HALF = Span(months=6)
END = datetime(2016, 9, 15, 12, tzinfo=UTC)
LATER = START + timedelta(days=20)
SOON = timedelta(microseconds=1)
MOMENTS = some.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def test_without_a_lifetime_it_stays_for_good():
    assert ends_at(OnDisk(START, START), None) is None
    assert not is_over(OnDisk(START, START), None, datetime.max.replace(tzinfo=UTC))


def test_what_is_not_settled_stays_whatever_its_age():
    assert ends_at(OnDisk(START, None), HALF) is None
    assert not is_over(OnDisk(START, None), HALF, END + timedelta(days=9999))


def test_it_goes_at_the_end_and_not_before():
    assert ends_at(OnDisk(START, START), HALF) == END
    assert not is_over(OnDisk(START, START), HALF, END - SOON)
    assert is_over(OnDisk(START, START), HALF, END)


def test_the_latest_of_archived_made_and_read_counts():
    for copy in (OnDisk(START, LATER), OnDisk(LATER, START), OnDisk(START, START, LATER)):
        assert ends_at(copy, HALF) == HALF.after(LATER)
    assert ends_at(OnDisk(LATER, LATER, START), HALF) == HALF.after(LATER), "an old reader shortens nothing"


@given(MOMENTS, MOMENTS, some.none() | MOMENTS, some.integers(1, 99))
def test_nothing_ever_goes_before_its_span_since_any_of_them(available, settled, read, months):
    end = ends_at(OnDisk(available, settled, read), Span(months=months))
    assert end is not None
    for moment in (available, settled, read):
        if moment is not None:
            assert end >= Span(months=months).after(moment)
