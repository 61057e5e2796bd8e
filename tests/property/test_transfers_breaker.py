"""The circuit breaker: its table, and a thousand lives of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import transfers.errors
from transfers.breaker import (
    BREAKER,
    BY_CODE,
    Breaker,
    BreakerState,
    Evidence,
    Limits,
    Permit,
    Refused,
    admit,
    heard,
    of_code,
    of_outcomes,
    sentence,
)
from transfers.errors import (
    EndpointUnreachable,
    FileMissing,
    PermissionRefused,
    StorageError,
    StorageTimeout,
    failed,
)
from transfers.model import Done, Pending, Unknown
from transfers.policy import BLIPS

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMITS = Limits(failures=3, pause=MINUTE, longest=8 * MINUTE)


def test_every_state_is_reached_and_left():
    reached = {new for (_, _), new in BREAKER.table.items()}
    assert reached == set(BreakerState)
    assert {old for old, _ in BREAKER.table} == set(BreakerState)
    assert set(BREAKER.meaning) == set(BreakerState)
    assert BREAKER.sources("recovered") == {BreakerState.HALF_OPEN: BreakerState.CLOSED}


def test_every_storage_error_has_a_row():
    ours = {
        error.code
        for error in vars(transfers.errors).values()
        if isinstance(error, type) and issubclass(error, StorageError)
    }
    assert set(BY_CODE) == ours
    assert of_code("of a plugin") is Evidence.NONE
    assert all(of_code(code) is Evidence.BAD for code in BLIPS)


def called(breaker: Breaker, now: datetime, evidence: Evidence, times: int = 1) -> Breaker:
    for _ in range(times):
        breaker, answer = admit(breaker, now, LIMITS)
        assert isinstance(answer, Permit)
        cause = "endpoint_unreachable" if evidence is Evidence.BAD else ""
        breaker = heard(breaker, answer, evidence, now, LIMITS, cause=cause, text="nobody there")
    return breaker


def test_so_many_failures_in_a_row_open_it_and_it_says_why_and_until_when():
    breaker = called(Breaker("eos"), NOW, Evidence.BAD, 2)
    breaker = called(breaker, NOW, Evidence.GOOD)
    breaker = called(breaker, NOW, Evidence.BAD, 2)
    assert breaker.state is BreakerState.CLOSED, "a good answer between them"
    breaker = called(breaker, NOW, Evidence.BAD)
    assert (breaker.state, breaker.since, breaker.next_at) == (BreakerState.OPEN, NOW, NOW + MINUTE)
    _, answer = admit(breaker, NOW + MINUTE - timedelta(seconds=1), LIMITS)
    assert isinstance(answer, Refused)
    assert (answer.since, answer.next_at) == (NOW, NOW + MINUTE)
    assert answer.text == (
        "eos is not called since 2026-08-01 12:00:00 UTC, as 3 calls in a row failed, the last with "
        "endpoint_unreachable: nobody there; the next try is at 2026-08-01 12:01:00 UTC"
    )


def test_after_the_pause_one_call_tries_and_decides():
    opened = called(Breaker("eos"), NOW, Evidence.BAD, 3)
    trying, permit = admit(opened, NOW + MINUTE, LIMITS)
    assert isinstance(permit, Permit)
    assert trying.state is BreakerState.HALF_OPEN
    trying, refused = admit(trying, NOW + MINUTE, LIMITS)
    assert isinstance(refused, Refused), "one at a time"
    assert refused.next_at is None
    assert "one call tries it just now" in sentence(trying)
    well = heard(trying, permit, Evidence.GOOD, NOW + MINUTE, LIMITS)
    assert well == Breaker("eos", turn=well.turn)
    ill = heard(trying, permit, Evidence.BAD, NOW + MINUTE, LIMITS, cause="endpoint_busy")
    assert (ill.state, ill.since, ill.next_at) == (BreakerState.OPEN, NOW, NOW + 3 * MINUTE), "twice as long"


def test_a_try_that_tells_nothing_leaves_room_for_another():
    opened = called(Breaker("eos"), NOW, Evidence.BAD, 3)
    trying, permit = admit(opened, NOW + MINUTE, LIMITS)
    assert isinstance(permit, Permit)
    again = heard(trying, permit, Evidence.NONE, NOW + MINUTE, LIMITS)
    assert again.state is BreakerState.HALF_OPEN
    assert isinstance(admit(again, NOW + MINUTE, LIMITS)[1], Permit)


def test_answers_to_older_calls_are_no_news():
    early, permit = admit(Breaker("eos"), NOW, LIMITS)
    assert isinstance(permit, Permit)
    opened = called(early, NOW, Evidence.BAD, 3)
    for evidence in Evidence:
        assert heard(opened, permit, evidence, NOW, LIMITS) == opened


def test_the_pause_grows_to_its_longest_and_chance_spreads_it():
    breaker, now = called(Breaker("eos"), NOW, Evidence.BAD, 3), NOW
    pauses = []
    for _ in range(5):
        assert breaker.next_at is not None
        pauses.append(breaker.next_at - now)
        now = breaker.next_at
        breaker = called(breaker, now, Evidence.BAD)
    assert [pause // MINUTE for pause in pauses] == [1, 2, 4, 8, 8]
    almost = called(Breaker("eos"), NOW, Evidence.BAD, 2)
    spread = heard(almost, Permit(0), Evidence.BAD, NOW, LIMITS, chance=0.5)
    assert spread.next_at == NOW + 0.75 * MINUTE


@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "good", "bad", "none"]), st.integers(0, 200), st.integers(0, 9)),
        max_size=60,
    ),
    st.integers(1, 4),
    st.integers(1, 3),
)
def test_whatever_happens_it_never_calls_too_many_and_never_stays_shut(steps, failures, trials):
    limits = Limits(failures=failures, pause=MINUTE, longest=4 * MINUTE, trials=trials)
    breaker, now, out = Breaker("x"), NOW, []
    for what, wait, which in steps:
        now += timedelta(seconds=wait)
        before = breaker
        if what == "ask":
            breaker, answer = admit(breaker, now, limits)
            if isinstance(answer, Permit):
                out.append(answer)
                assert before.state is not BreakerState.OPEN or before.next_at <= now
            else:
                assert answer.text
        elif out:
            permit = out.pop(which % len(out))
            breaker = heard(breaker, permit, Evidence(what), now, limits, cause="storage_timeout")
        if before.state is not breaker.state:
            assert breaker.state in BREAKER.events(before.state).values()
        assert 0 <= breaker.trying <= trials
        assert (breaker.state is BreakerState.CLOSED) == (breaker.since is None)
    while out:  # every permit comes back, and then there is a way to be called again
        breaker = heard(breaker, out.pop(), Evidence.NONE, now, limits)
    assert isinstance(admit(breaker, now + limits.longest, limits)[1], Permit)


UNREACHABLE = failed(EndpointUnreachable, "nobody there")


@pytest.mark.parametrize(
    ("outcomes", "evidence"),
    [
        ([], Evidence.NONE),
        ([Done()], Evidence.GOOD),
        ([Pending(), UNREACHABLE], Evidence.GOOD),
        ([UNREACHABLE, failed(FileMissing, "")], Evidence.GOOD),
        ([failed(PermissionRefused, "")], Evidence.GOOD),
        ([UNREACHABLE, failed(StorageTimeout, "")], Evidence.BAD),
        ([UNREACHABLE, Unknown("?")], Evidence.BAD),
        ([Unknown("?")], Evidence.NONE),
    ],
)
def test_what_the_answers_for_files_tell_together(outcomes, evidence):
    assert of_outcomes(outcomes)[0] is evidence


def test_limits_that_cannot_be():
    for wrong in ({"failures": 0}, {"trials": 0}):
        with pytest.raises(ValueError, match="at least 1"):
            Limits(**wrong)
