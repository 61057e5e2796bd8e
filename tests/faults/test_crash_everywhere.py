"""The program is stopped at every crossing of its seam, before and after, and started anew.

Whatever a restart finds lies in the database and in the world, so two stops with nothing changed between them
are one and the same test. A first journey finds out which crossings change something; at each of those the
program is stopped before and after, and at a sample of the others too, to see that they are what they seem.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from functools import partial

import pytest

from ddm.testing.crash import Stopped, StoppingSeam, When
from ddm.testing.world import World
from tests.faults.conftest import Begin
from tests.faults.journeys import Journey, differences

QUIET_SAMPLE = 41
"""Of the crossings that change nothing, one in so many is tried."""


class WatchingSeam(StoppingSeam):
    """Notes which crossings change the database or the world; ``changing`` are their numbers, from 1."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.changing: list[int] = []
        self._world = world
        self._database = sqlite3.connect(world.settings.root / "world.db")
        self._last = self._fingerprint()

    @contextmanager
    def crossing(self, name: str) -> Iterator[None]:
        with super().crossing(name):
            yield
        now = self._fingerprint()
        if now != self._last:
            self.changing.append(len(self.crossings))
        self._last = now

    def close(self) -> None:
        self._database.close()

    def _fingerprint(self) -> object:
        # data_version counts what others have committed to the database, if it changed anything
        version = self._database.execute("PRAGMA data_version").fetchone()
        runner = self._world.runner
        stores = [store.library.to_data() for store in (self._world.disk, self._world.tape)]
        return version, json.dumps(stores), sorted(runner._jobs), sorted(runner._over)


class Undisturbed:
    """The journey without a crash: its crossings, and its end."""

    def __init__(self, journey: Journey) -> None:
        with closing(WatchingSeam(journey.world)) as seam:
            outcome = journey.go(seam)
            assert outcome.held == outcome.pending == 0
            assert journey.violations() == []
            assert journey.debris() == []
            self.names = list(seam.crossings)
            self.changing = set(seam.changing)
            self.end = journey.end()

    def stops(self) -> list[int]:
        """Every crossing that changes something, and a sample of the others."""
        quiet = [number for number in range(1, len(self.names) + 1) if number not in self.changing]
        return sorted(self.changing | set(quiet[::QUIET_SAMPLE]))

    def __str__(self) -> str:
        outside = Counter(name for name in self.names if name != "commit")
        calls = ", ".join(f"{name} {count}" for name, count in sorted(outside.items()))
        return (
            f"{len(self.names)} crossings: {len(self.names) - outside.total()} commits, and {calls}; "
            f"{len(self.changing)} change something"
        )


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


def crash_at(stops: list[int], undisturbed: Undisturbed, anew: Callable[[], Journey]) -> list[str]:
    return [
        text
        for at in stops
        for when in When
        for text in stopped_and_started_anew(anew(), undisturbed, at, when)
    ]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_crash_at_any_crossing_changes_nothing_at_the_end(
    begin: Begin, capsys: pytest.CaptureFixture[str]
) -> None:
    anew = partial(begin, runs=1, chunks=2)
    undisturbed = Undisturbed(anew())
    stops = undisturbed.stops()
    with capsys.disabled():
        print(f"\n{undisturbed}; {2 * len(stops)} crashes")
    assert crash_at(stops, undisturbed, anew) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_crash_in_a_journey_of_several_runs_parts_and_batches(begin: Begin) -> None:
    """A larger world with little room: recalls wait, steps take several batches. A sample of the stops."""
    anew = partial(begin, runs=2, chunks=4, batch=3, budget_runs=1.0, target_chunks=2, slots=3)
    undisturbed = Undisturbed(anew())
    assert crash_at(sorted(undisturbed.changing)[3::17], undisturbed, anew) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_crashes_that_follow_one_another_with_days_in_between(begin: Begin) -> None:
    """Also while recovering from the crash before; pins run out and jobs end while nobody looks."""
    anew = partial(begin, runs=1, chunks=3)
    undisturbed = Undisturbed(anew())
    chance = random.Random(20160820)
    wrong = []
    for _ in range(25):
        journey, story = anew(), []
        for _ in range(4):
            seam = StoppingSeam(chance.randint(1, len(undisturbed.names) // 2), chance.choice(list(When)))
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
