"""Nothing is declared of a scan that is not whole, that nobody confirmed, or when it would be too much."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.states import REPLICA
from ddm.reconcile.kinds import DIFFERENCES, EXPECTED, LACKING, MEANING, Kind
from ddm.reconcile.verdicts import Brake, Limits, Reading, Standing, brake, disbelief, gaps, standing

T = datetime(2026, 11, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMITS = Limits()
GOOD = Reading("eos", T, T + HOUR, 1000)


def test_every_state_that_can_be_live_says_what_is_expected_and_every_kind_what_it_means():
    assert set(EXPECTED) == set(REPLICA.live)
    assert set(MEANING) == set(Kind)
    assert LACKING < DIFFERENCES


def test_a_good_list_is_believed():
    assert disbelief(GOOD, T - HOUR, T + HOUR, LIMITS) == ()
    assert gaps(GOOD) == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"marker": "castor"}, "it says that it is of castor"),
        ({"lines": 0}, "empty"),
        ({"outside": 11}, "not below the prefix"),
        ({"named": 60, "garbled": 41}, "101 of 1000 lines"),
        ({"begun": T - 2 * HOUR}, "older than the catalogue"),
        ({"ended": T - HOUR}, "ends before"),
    ],
)
def test_what_is_not_believed_says_why(change, why):
    (reason, *_) = disbelief(replace(GOOD, **change), T - HOUR, T + HOUR, LIMITS)
    assert why in reason


def test_an_old_list_is_not_believed():
    assert "older than 30 days" in disbelief(GOOD, T - HOUR, T + timedelta(days=32), LIMITS)[0]


@pytest.mark.parametrize("change", [{"whole": False}, {"garbled": 1}])
def test_absence_from_a_list_that_is_not_whole_is_never_declared(change):
    reading = replace(GOOD, **change)
    assert gaps(reading)
    for kind in LACKING:
        found = standing(
            kind, before=kind, apart=timedelta(days=9), whole=not gaps(reading), brake=Brake(), limits=LIMITS
        )
        assert found is Standing.NOT_WHOLE


def test_two_scans_apart_confirm_and_nothing_less():
    def worth(before: Kind | None, apart: timedelta) -> Standing:
        return standing(Kind.LOST, before=before, apart=apart, whole=True, brake=Brake(), limits=LIMITS)

    assert worth(Kind.LOST, LIMITS.apart) is Standing.CONFIRMED
    assert worth(Kind.LOST, LIMITS.apart - HOUR) is Standing.SEEN_ONCE
    assert worth(Kind.DARK, LIMITS.apart) is Standing.SEEN_ONCE
    assert worth(None, LIMITS.apart) is Standing.SEEN_ONCE


def test_the_brake_adds_up_what_is_missing_and_lets_few_pass():
    counts = {Kind.LOST: 15, Kind.TAPE_ONLY: 10, Kind.DARK: 5}
    found = brake(counts, 1000, 1000, LIMITS)
    assert set(found.held) == {Kind.LOST, Kind.TAPE_ONLY}
    assert "25 of 1000 missing: more than 2.0%" in found.held[Kind.LOST]
    assert brake({Kind.LOST: 10}, 10, 10, LIMITS).held == {}
    assert set(brake({Kind.DARK: 21}, 0, 1000, LIMITS).held) == {Kind.DARK}
    assert (
        standing(Kind.LOST, before=Kind.LOST, apart=timedelta(days=2), whole=True, brake=found, limits=LIMITS)
        is Standing.BRAKED
    )
