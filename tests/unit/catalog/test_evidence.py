"""When evidence is enough: by grade, by distance in time, by age."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import Grade, Piece, Settled, Unsettled, Wanted, settled, stale, sufficient

T0 = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
GRADES = st.sampled_from(Grade)
PIECES = st.lists(
    st.builds(
        lambda grade, hours: Piece(grade, T0 + timedelta(hours=hours), "cta"), GRADES, st.integers(-5, 300)
    ),
    max_size=6,
)
WANTED = st.builds(
    Wanted,
    GRADES,
    st.integers(0, 100).map(lambda hours: timedelta(hours=hours)),
    st.integers(0, 200).map(lambda hours: timedelta(hours=hours)),
)
NOW = st.integers(0, 300).map(lambda hours: T0 + timedelta(hours=hours))


def pieces(*told: tuple[str, float]) -> list[Piece]:
    return [Piece(Grade(grade), T0 + days * DAY, "cta") for grade, days in told]


@pytest.mark.parametrize(
    ("grade", "told", "at"),
    [
        ("b", [], None),
        ("b", [("b", 0)], None),
        ("b", [("b", 0), ("b", 0.9)], None),
        ("b", [("b", 0), ("b", 1)], 1),
        ("b", [("b", 0), ("a", 1)], None),  # the second look told no checksum
        ("b", [("a", 0), ("b", 1)], None),
        ("b", [("b", 0), ("c", 2)], 2),
        ("b", [("b", 0), ("b", 0.5), ("b", 1.2), ("b", 3)], 1.2),
        ("a", [("a", 0), ("a", 1)], 1),
        ("c", [("b", 0), ("b", 1)], None),
        ("c", [("b", 0), ("b", 1), ("c", 2)], 2),
        ("c", [("c", 0), ("b", 1)], 1),  # rule 4
        ("c", [("c", 0), ("a", 1)], None),
        ("b", [("b", 0), ("b", 11)], None),  # of tomorrow: a clock was wrong
    ],
)
def test_two_sufficient_pieces_a_day_apart(grade, told, at):
    found = settled(pieces(*told), Wanted(Grade(grade)), T0 + 10 * DAY)
    assert (found.at if isinstance(found, Settled) else None) == (None if at is None else T0 + at * DAY)


def test_what_is_missing_is_told_with_the_time_of_the_next_look():
    found = settled(pieces(("b", 0)), Wanted(), T0 + DAY / 2)
    assert found == Unsettled("evidence is to be taken again at 2026-01-02 00:00:00 or later", T0 + DAY)
    assert settled([], Wanted(), T0) == Unsettled("no evidence of grade b", T0)
    assert settled(pieces(("b", 0), ("b", 1)), Wanted(Grade.C), T0 + 2 * DAY) == Unsettled(
        "it was not read again from tape", T0 + 2 * DAY
    )


def test_without_settling_one_piece_is_enough():
    assert settled(pieces(("b", 0)), Wanted(settle=timedelta()), T0) == Settled(T0, T0)


def test_old_evidence_lets_nothing_go():
    told = pieces(("b", 0), ("b", 1))
    assert stale(told, Wanted(), T0 + 8 * DAY) is None
    assert stale(told, Wanted(), T0 + 8.01 * DAY) == "the newest evidence is of 2026-01-02 00:00:00, too old"
    assert stale(pieces(("a", 7)), Wanted(), T0 + 8 * DAY) == "no evidence of grade b"


@given(PIECES, WANTED, NOW)
def test_settled_is_what_it_says(told, wanted, now):
    found = settled(told, wanted, now)
    good = sufficient(told, wanted, now)
    enough = any(late.taken_at - early.taken_at >= wanted.settle for early in good for late in good)
    if wanted.grade is Grade.C:
        enough = enough and any(piece.grade is Grade.C for piece in good)
    assert isinstance(found, Settled) == enough
    if isinstance(found, Settled):
        assert all(piece.taken_at <= now for piece in good)
        assert settled(told, wanted, found.at) == Settled(found.at, found.at)
    else:
        assert found.look_at >= min([now, *(piece.taken_at for piece in good)])


@given(PIECES, WANTED, NOW, GRADES)
def test_one_more_piece_never_takes_anything_back(told, wanted, now, grade):
    before = settled(told, wanted, now)
    after = settled([*told, Piece(grade, now, "cta")], wanted, now)
    assert isinstance(after, Settled) or isinstance(before, Unsettled)
