"""Nothing is declared of a scan that is not whole, that nobody confirmed, or when it would be too much."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.states import REPLICA
from ddm.reconcile.kinds import DIFFERENCES, EXPECTED, LACKING, MEANING, Kind
from ddm.reconcile.verdicts import (
    WORTH,
    Brake,
    Limits,
    Looked,
    Reading,
    Standing,
    between,
    brake,
    disbelief,
    earlier_of,
    gaps,
    hides,
    standing,
    traces,
)

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


def worth(kind: Kind, **change) -> Standing:
    usual = {"seen_before": True, "whole": True, "hidden": False, "brake": Brake()}
    return standing(kind, **(usual | change))


@pytest.mark.parametrize("kind", sorted(Kind))
def test_nothing_is_declared_of_a_list_that_is_not_whole(kind):
    assert gaps(replace(GOOD, whole=False))
    wanted = Standing.NOT_WHOLE if kind in DIFFERENCES else Standing.NOTHING
    assert worth(kind, whole=False) is wanted


@pytest.mark.parametrize("kind", sorted(DIFFERENCES))
def test_what_a_line_may_hide_is_never_declared_absent(kind):
    assert gaps(replace(GOOD, garbled=1))
    assert worth(kind, hidden=True) is (Standing.NOT_WHOLE if kind in LACKING else Standing.CONFIRMED)


def test_two_scans_confirm_and_nothing_less():
    assert worth(Kind.LOST) is Standing.CONFIRMED
    assert worth(Kind.LOST, seen_before=False) is Standing.SEEN_ONCE
    assert worth(Kind.LOST, brake=Brake({Kind.LOST: "many"})) is Standing.BRAKED
    for kind in (Kind.CONSISTENT, Kind.IN_FLIGHT, Kind.UNREADABLE):
        assert worth(kind) is Standing.NOTHING
    assert set(WORTH) == set(Standing)


NAME = "/mdst/275678/mDST-275678-11001-7.root"


@pytest.mark.parametrize(
    ("lines", "hidden"),
    [
        ([], False),
        (["WARNING: connection to the namespace was renewed"], False),
        (["/eos/mdst/275678/mDST-2756"], True),  # cut off
        (["8-11001-7.root 1234 0011aabb"], True),  # its beginning is lost
        (["f\x1a00\x1aFF"], True),  # spoiled: of whichever file
        (["caf\u00e9"], True),
        (["x" * 300], True),  # longer than what is kept of it
        (["WARNING"] * 201, True),  # a list full of them
    ],
)
def test_a_line_that_nobody_can_read_speaks_of_what_it_may_be_about(lines, hidden):
    assert hides(traces(lines), NAME) is hidden
    assert hides(traces(lines), "/a/b") is bool(lines)  # too short a name to tell


@given(st.text("abc-.0123456789", min_size=5, max_size=40), st.data())
def test_a_piece_of_a_name_is_always_seen(name, data):
    start = data.draw(st.integers(0, len(name) - 5))
    piece = name[start : data.draw(st.integers(start + 5, len(name)))]
    assert hides(traces([piece]), f"/some/where/{name}")


def looked(comparison: int, days: float, root: str = "/", hours: float = 1) -> Looked:
    begun = T + timedelta(days=days)
    return Looked(comparison, comparison + 100, root, begun, begun + timedelta(hours=hours))


def test_what_confirms_is_the_newest_look_that_is_old_enough():
    known = [looked(1, 0), looked(2, 1), looked(3, 2)]
    assert earlier_of(looked(4, 3), known, LIMITS) == known[1]  # the third ended 23 hours before
    assert earlier_of(looked(4, 3.1), known, LIMITS) == known[2]
    assert earlier_of(looked(4, 1), known[:1], LIMITS) is None
    assert earlier_of(known[0], known, LIMITS) is None  # a look never confirms itself, or an older one
    assert between(known[0], looked(4, 3), known) == known[1:]


def test_a_look_that_covers_all_goes_before_one_at_a_part():
    whole, part, other = looked(1, 0), looked(2, 1, "/a/"), looked(3, 1, "/b/")
    assert earlier_of(looked(4, 9), [whole, part], LIMITS) == whole
    assert earlier_of(looked(4, 9), [part], LIMITS) == part
    assert earlier_of(looked(4, 9, "/a/x/"), [whole, part, other], LIMITS) == part
    assert earlier_of(looked(4, 9, "/a/"), [other], LIMITS) is None


def test_the_brake_adds_up_what_is_missing_and_lets_few_pass():
    counts = {Kind.LOST: 15, Kind.TAPE_ONLY: 10, Kind.DARK: 5}
    found = brake(counts, 1000, 1000, LIMITS)
    assert set(found.held) == {Kind.LOST, Kind.TAPE_ONLY}
    assert "25 of 1000 missing: more than 2.0%" in found.held[Kind.LOST]
    assert brake({Kind.LOST: 10}, 10, 10, LIMITS).held == {}
    assert set(brake({Kind.DARK: 21}, 0, 1000, LIMITS).held) == {Kind.DARK}
    asked = brake({Kind.DARK: 11, Kind.UNREGISTERED: 11}, 0, 1000, LIMITS)  # the raw catalogue was asked
    assert set(asked.held.values()) == {"22 of 1000 dark: more than 2.0%"}
    assert set(asked.held) == {Kind.DARK, Kind.UNREGISTERED}
