from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddm.units import format_duration, format_size, human_size, parse_duration, parse_size

CENTURY = timedelta(days=36_500)


@given(st.integers(0, 2**63 - 1))
def test_a_size_is_read_back_as_it_was_written(size):
    assert parse_size(format_size(size)) == size


@given(st.timedeltas(timedelta(0), CENTURY))
def test_a_duration_is_read_back_as_it_was_written(duration):
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4 GB", 4_000_000_000),
        ("4GB", 4_000_000_000),
        ("4 GiB", 4 * 1024**3),
        ("1.5 kB", 1500),
        ("60 kB", 60_000),
        ("200 TB", 200 * 10**12),
        ("17", 17),
        (17, 17),
        (0, 0),
    ],
)
def test_sizes_as_people_write_them(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("14 d", timedelta(days=14)),
        ("30 s", timedelta(seconds=30)),
        ("2 h", timedelta(hours=2)),
        ("90 min", timedelta(minutes=90)),
        ("0.2 s", timedelta(milliseconds=200)),
        ("0 s", timedelta(0)),
    ],
)
def test_durations_as_people_write_them(text, duration):
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "value",
    [
        "",
        "GB",
        "4 XB",
        "-1",
        -1,
        "1.5 B",
        "1e9",
        1e9,
        True,
        None,
        [],
        "٤ GB",
        "9" * 19 + " PB",
        2**63,
        "4 GB x",
    ],
)
def test_what_is_no_size_is_refused(value):
    with pytest.raises(ValueError, match="expected a size in bytes"):
        parse_size(value)


@pytest.mark.parametrize("value", ["", "14", 14, 0, "14 m", "-1 s", "1 d 2 h", "0.0000001 s", None, 1.5])
def test_what_is_no_duration_is_refused(value):
    with pytest.raises(ValueError, match="expected a duration with its unit"):
        parse_duration(value)


def test_a_duration_of_centuries_is_refused():
    with pytest.raises(ValueError, match="below 36500 d"):
        parse_duration("40000 d")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1234, "1.23 kB"),
        (999_700, "1 MB"),
        (123_456_789, "123 MB"),
        (5 * 10**18, "5000 PB"),
    ],
)
def test_sizes_for_people_have_three_digits(size, text):
    assert human_size(size) == text
