"""The program is stopped at crossings of its seam, before and after, and started anew.

At every one of a compact journey: test_exhaustive. Every
commit that changes something and every call to a storage or a runner is a crossing: opening the program
and registering the period included.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest

from catalog.db import recalls
from ddm import flow
from ddm.testing.crash import Stopped, StoppingSeam, When
from tests.faults.conftest import Begin
from tests.faults.journeys import Journey, differences


class Undisturbed:
    """The journey without a crash: its crossings, and its end."""

    def __init__(self, journey: Journey) -> None:
        seam = StoppingSeam()
        outcome = journey.go(seam)
        assert outcome.held == outcome.pending == 0
        assert journey.violations() == []
        assert journey.debris() == []
        self.names = seam.crossings
        self.end = journey.end()

    @property
    def stops(self) -> Sequence[int]:
        """The numbers of all crossings."""
        return range(1, len(self.names) + 1)

    def __str__(self) -> str:
        outside = Counter(name for name in self.names if name != "commit")
        calls = ", ".join(f"{name} {count}" for name, count in sorted(outside.items()))
        commits = len(self.names) - outside.total()
        return f"{len(self.names)} crossings: {commits} commits, and {calls}"


def stopped_and_started_anew(
    journey: Journey, undisturbed: Undisturbed, at: int, when: When
) -> Iterator[str]:
    """Everything that is wrong in a journey with one crash, just after it and at the end."""
    seam = StoppingSeam(at, when)
    with pytest.raises(Stopped):
        journey.go(seam)
    yield from (f"{seam.where}, at once: {text}" for text in journey.violations())
    outcome = journey.go()
    if outcome.held or outcome.pending:
        yield f"{seam.where}: it ends with {outcome}"
    for text in journey.violations() + differences(undisturbed.end, journey.end()):
        yield f"{seam.where}: {text}"


def crash_at(stops: Sequence[int], undisturbed: Undisturbed, anew: Callable[[], Journey]) -> list[str]:
    return [
        text
        for at in stops
        for when in When
        for text in stopped_and_started_anew(anew(), undisturbed, at, when)
    ]


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_a_crash_in_a_journey_of_several_runs_parts_and_batches(begin: Begin) -> None:
    """A larger world with little room: recalls wait, steps take several batches. A sample of the stops."""
    anew = partial(begin, runs=2, chunks=4, batch=3, budget_runs=1.0, target_chunks=2, slots=3)
    undisturbed = Undisturbed(anew())
    assert crash_at(undisturbed.stops[3::53], undisturbed, anew) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_crashes_that_follow_one_another_with_days_in_between(begin: Begin) -> None:
    """Also while recovering from the crash before; pins run out and jobs end while nobody looks."""
    anew = partial(begin, runs=1, chunks=3)
    undisturbed = Undisturbed(anew())
    chance = random.Random(20160820)
    wrong = []
    for _ in range(12):
        journey, story = anew(), []
        for _ in range(4):
            seam = StoppingSeam(chance.randint(1, len(undisturbed.names)), chance.choice(list(When)))
            with suppress(Stopped):
                journey.go(seam)
            pause = timedelta(hours=chance.choice([0, 0, 1, 80]))
            journey.world.clock.sleep(pause)
            story.append(f"{seam.where} and {pause}")
        outcome = journey.go()
        found = journey.violations() + differences(undisturbed.end, journey.end())
        if found or outcome.held or outcome.pending:
            wrong.append((story, outcome, found))
    assert wrong == []


def test_two_undisturbed_journeys_are_alike(begin: Begin) -> None:
    """Else comparing ends would prove nothing."""
    one, other = (Undisturbed(begin(runs=1, chunks=2)) for _ in range(2))
    assert differences(one.end, other.end) == []
    assert one.names == other.names
    assert {"commit", "tape.stage", "tape.copy", "disk.remove", "sim.submit", "disk.probe"} <= set(one.names)


def test_a_restart_that_takes_nothing_up_again_would_be_noticed(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = begin(runs=1, chunks=2)
    names = Undisturbed(journey).names
    monkeypatch.setattr(flow, "recover", lambda app: 0)
    monkeypatch.setattr(recalls, "unheard", lambda conn, endpoint, why: [])
    for name in ("tape.stage", "sim.submit", "tape.copy", "disk.remove"):
        journey = begin(runs=1, chunks=2)
        with pytest.raises(Stopped):
            journey.go(StoppingSeam(names.index(name) + 1, When.BEFORE))
        assert journey.go(max_rounds=20).pending > 0
