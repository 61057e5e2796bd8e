"""Runs in lanes: each once, those of a tape in order, no more tapes in work than there are drives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.model import RunOnTape
from transfers.lanes import in_lanes

DRIVES = st.integers(1, 12)


@st.composite
def runs(draw: st.DrawFn, wide: int = 4) -> list[RunOnTape]:
    """Runs on up to ``wide`` neighbouring tapes of twelve, in the plain order of the tapes."""
    found = []
    for number in range(draw(st.integers(0, 30))):
        first, width = draw(st.integers(0, 11)), draw(st.integers(0, wide))
        tapes = tuple(f"T{tape:02}" for tape in range(first, min(first + width, 12)))
        begin = draw(st.integers(0, 50)) if tapes else 0
        found.append(RunOnTape(1, number, draw(st.integers(1, 9)), tapes, begin))
    return sorted(found, key=lambda run: (not run.tapes, run.tapes[:1], run.begin, run.run))


def tapes_of(some: list[RunOnTape]) -> set[str]:
    return {tape for run in some for tape in run.tapes}


@given(runs(), DRIVES)
def test_each_run_comes_once_and_those_of_a_tape_in_their_order(wanted, drives):
    order = in_lanes(wanted, drives)
    assert sorted(order) == sorted(wanted)
    for tape in {run.tapes[:1] for run in wanted}:
        assert [run for run in order if run.tapes[:1] == tape] == [
            run for run in wanted if run.tapes[:1] == tape
        ]


@given(runs(), DRIVES)
def test_runs_of_no_known_tape_come_last(wanted, drives):
    order = in_lanes(wanted, drives)
    nowhere = [run for run in wanted if not run.tapes]
    assert order[len(order) - len(nowhere) :] == nowhere


@given(runs())
def test_for_one_drive_it_is_the_order_of_the_tapes(wanted):
    assert in_lanes(wanted, 1) == wanted


@st.composite
def full_tapes(draw: st.DrawFn, tapes: int, deep: int) -> list[RunOnTape]:
    """Runs of equal length, ``deep`` on each of the tapes."""
    files = draw(st.integers(1, 9))
    return [RunOnTape(1, n, files, (f"T{n // deep:02}",), n % deep) for n in range(tapes * deep)]


@given(st.data(), st.integers(1, 12), st.integers(1, 10), DRIVES)
def test_a_window_covers_as_many_tapes_as_there_are_drives(data, tapes, deep, drives):
    """Wherever the window begins, but for the end: and never more, so none is mounted twice."""
    wanted = data.draw(full_tapes(tapes, deep))
    order = in_lanes(wanted, drives)
    beside = min(drives, tapes)
    ends = tapes // beside * beside * deep  # the last lanes may be fewer
    for start in range(0, ends, beside):
        assert len(tapes_of(order[start : start + beside])) == beside
    for tape in tapes_of(wanted):  # each tape is in work from its first run to its last without a pause
        at = [place for place, run in enumerate(order) if tape in run.tapes]
        assert at[-1] - at[0] <= beside * (deep - 1)


@given(st.integers(1, 5), st.integers(1, 8), DRIVES)
def test_runs_on_several_tapes_take_no_more_of_them_than_there_are_drives(groups, deep, drives):
    """Runs on three tapes each: as many groups side by side as fit, and one at least."""
    wide = 3
    wanted = [
        RunOnTape(1, g * deep + n, 1, tuple(f"T{g}{k}" for k in range(wide)), n)
        for g in range(groups)
        for n in range(deep)
    ]
    beside = min(max(drives // wide, 1), groups)
    order = in_lanes(wanted, drives)
    assert len(tapes_of(order[:beside])) == beside * wide
    assert all(len(tapes_of(order[n : n + beside])) <= beside * wide for n in range(0, len(order), beside))


@given(st.integers(2, 6), st.integers(2, 6))
def test_long_runs_do_not_leave_the_others_behind(files, deep):
    """Two lanes, one of runs that are much longer: they go on by files, not by runs."""
    long = [RunOnTape(1, n, 10 * files, ("A",), n) for n in range(deep)]
    short = [RunOnTape(1, 100 + n, files, ("B",), n) for n in range(10 * deep)]
    order = in_lanes(long + short, 2)
    ahead = 0
    for run in order:
        ahead += run.files if run.tapes == ("A",) else -run.files
        assert abs(ahead) <= 10 * files
