"""What follows from looks at contents: only right bytes are good, and nothing is odd by one look alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from catalog.db.verifying_lines import Content
from catalog.errors import Retry
from catalog.states import ContentOutcome, HowVerified, Locality
from ddm.steps.contentlook import Good, Odd, Unheard, by_asking, by_reading, suspicious
from transfers.model import Failed, Observed, Unknown

CONTENT = Content(7, "/f", 10, Adler32(5), "raw", datetime(2026, 1, 1, tzinfo=UTC), 0, None)
RIGHT = Observed(10, Adler32(5), Locality.ONLINE)
READ = Observed(10, Adler32(5), Locality.ONLINE, "read")
OTHER = Observed(10, Adler32(6), Locality.ONLINE)
OTHER_READ = Observed(10, Adler32(6), Locality.ONLINE, "read")
SHORT = Observed(9, Adler32(5), Locality.ONLINE, "read")
MISSING = Failed("file_missing", "not there", Retry.NEVER)

CODES = ["file_missing", "not_online", "permission", "checksum_mismatch"]
observations = st.one_of(
    st.builds(Unknown, st.just("?")),
    st.builds(Failed, st.sampled_from(CODES), st.just("x"), st.just(Retry.NEVER)),
    st.builds(
        Observed, st.sampled_from([9, 10]), st.sampled_from([None, Adler32(5), Adler32(6)]),
        st.sampled_from(list(Locality)), st.sampled_from(["service", "read"]),
    ),
)  # fmt: skip
seconds = st.none() | observations


@given(observations, seconds)
def test_what_was_read_is_good_only_if_the_bytes_are_right_and_odd_only_if_they_came_twice(first, second):
    match by_reading(CONTENT, first, second):
        case Good(how, wrong):
            right = first if suspicious(CONTENT, first, tape=False) == "" else second
            assert isinstance(right, Observed)
            assert (right.size, right.adler32, right.how) == (10, Adler32(5), "read")
            assert (how, wrong) == (HowVerified.READ, "")
        case Odd(event, outcome, reason):
            assert suspicious(CONTENT, first, tape=False) == suspicious(CONTENT, second, tape=False) == event
            assert outcome.strange
            assert reason


@given(observations, seconds, st.booleans(), seconds, seconds)
def test_what_was_asked_is_odd_only_by_two_answers_and_bytes_win(first, second, tape, one, two):
    read = None if one is None else by_reading(CONTENT, one, two)
    match by_asking(CONTENT, first, second, read, tape=tape):
        case Odd(event):
            said = suspicious(CONTENT, first, tape=tape)
            assert said == suspicious(CONTENT, second, tape=tape) != ""
            if said == "mismatch" and not tape:
                assert not isinstance(read, Good)
                assert event == (read.event if isinstance(read, Odd) else "doubted")
        case Good(_, wrong) if wrong:
            assert isinstance(read, Good)
            assert not tape
        case Good():
            right = second if suspicious(CONTENT, first, tape=tape) else first
            assert (right.size, right.adler32) == (10, Adler32(5))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (OTHER_READ, OTHER_READ, "mismatch"),
        (SHORT, SHORT, "mismatch"),
        (MISSING, MISSING, "missing"),
        (OTHER_READ, MISSING, None),
        (OTHER_READ, Unknown("the line broke"), None),
        (OTHER_READ, None, None),
        (RIGHT, None, None),  # not read: only asked for
        (OTHER_READ, READ, "good"),
        (READ, None, "good"),
    ],
)
def test_reading(first, second, expected):
    found = by_reading(CONTENT, first, second)
    got = {Odd: lambda: found.event, Good: lambda: "good", Unheard: lambda: None}[type(found)]()
    assert got == expected


def test_a_service_that_tells_wrong_is_told_of_and_the_copy_stays():
    found = by_asking(CONTENT, OTHER, OTHER, by_reading(CONTENT, READ), tape=False)
    assert isinstance(found, Good)
    assert "adler32 00000006" in found.wrong
    odd = by_asking(CONTENT, OTHER, OTHER, Unheard("permission"), tape=False)
    assert odd == Odd("doubted", ContentOutcome.DIFFERS, odd.reason)
    assert "permission" in odd.reason


def test_a_file_that_left_the_tape_is_doubted():
    online = Observed(10, Adler32(5), Locality.ONLINE)
    assert by_asking(CONTENT, online, online, tape=True).event == "doubted"
    nearline = Observed(10, Adler32(6), Locality.NEARLINE)
    assert by_asking(CONTENT, nearline, nearline, tape=True).event == "mismatch"
