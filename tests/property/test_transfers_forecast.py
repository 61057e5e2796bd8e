"""Whatever the history: a forecast never raises, is ordered, and more work never ends earlier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from transfers.forecast import Sample, forecast

BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
TIMES = st.timedeltas(timedelta(0), timedelta(days=7300)).map(lambda since: BEGIN + since)
COUNT = st.integers(-5, 2**62)
WILD = st.lists(st.builds(Sample, TIMES, COUNT, COUNT), max_size=40)


@st.composite
def growing(draw):
    """A history as it may be: counts rise, times are irregular, pieces are flat."""
    when, files, size, history = datetime(2026, 1, 1, tzinfo=UTC), 0, 0, []
    for seconds, more, each in draw(
        st.lists(
            st.tuples(st.integers(1, 10**5), st.integers(0, 500), st.integers(0, 10**11)),
            min_size=3,
            max_size=60,
        )
    ):
        when += timedelta(seconds=seconds)
        files, size = files + more, size + more * each
        history.append(Sample(when, files, size))
    return history


@given(WILD | growing(), COUNT, COUNT, TIMES, st.integers(-3, 10**6))
def test_it_never_raises_and_is_ordered(samples, files, size, now, person):
    found = forecast(samples, files, size, now, person)
    ends = (found.earliest, found.finish_at, found.latest)
    assert all(end is None for end in ends) or now <= ends[0] <= ends[1] <= ends[2]
    assert found.reason
    assert found.files_per_s >= 0 <= found.bytes_per_s
    assert found == forecast(samples, files, size, now, person)


@given(
    growing(),
    st.integers(0, 10**6),
    st.integers(0, 10**15),
    st.integers(0, 10**6),
    st.integers(0, 10**15),
    st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_more_to_do_is_never_over_earlier(samples, files, size, more_files, more_bytes, since):
    now = samples[-1].at + since
    less = forecast(samples, files, size, now)
    more = forecast(samples, files + more_files, size + more_bytes, now)
    if less.finish_at is None:
        assert more.finish_at is None
    elif more.finish_at is not None:
        assert less.earliest <= more.earliest
        assert less.finish_at <= more.finish_at
        assert less.latest <= more.latest


@given(growing(), st.integers(0, 10**6), st.integers(0, 10**15), st.randoms(use_true_random=False))
def test_the_order_of_the_samples_does_not_matter(samples, files, size, chance):
    now = samples[-1].at
    mixed = samples[:]
    chance.shuffle(mixed)
    assert forecast(samples, files, size, now) == forecast(mixed, files, size, now)
