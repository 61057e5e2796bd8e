"""Every crossing of the compact course, a sample of others; and that between them nothing is left out.

All of them: ``python -m tests.faults.exhaustive`` (see docs/benchmarks.md).
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest

from catalog.db import requests
from ddm.testing.crash import Stopped, StoppingSeam, When
from tests.faults import courses
from tests.faults.courses import COURSES, Course
from tests.faults.crossings import EverySeam, must_cross
from tests.faults.exhaustive import Explorer, Tried
from tests.faults.ground import Ground, ground
from tests.faults.journeys import Journey, make_schema

ELSEWHERE = {
    "contentread._ask": "verifying contents, tests/reconcile/test_verify_crash.py",
    "contents._begin": "verifying contents, tests/reconcile/test_verify_crash.py",
    "contents._next": "verifying contents, tests/reconcile/test_verify_crash.py",
    "contents._record": "verifying contents, tests/reconcile/test_verify_crash.py",
    "contents._turn": "verifying contents, tests/reconcile/test_verify_crash.py",
    "contenttape.ask": "verifying contents, tests/reconcile/test_verify_crash.py",
    "contenttape.collect": "verifying contents, tests/reconcile/test_verify_crash.py",
    "events.reassign": "ranges of events, tests/db/test_ranges.py",
    "merge.flush": "a person's command, tests/cli",
    "merge.regroup": "a part made again, test_torn",
    "cleanup._not_frozen": "two people at the same moment, tests/db",
    "pinned._look": "crashes at random, test_campaigns",
    "pinned._sweep": "crashes at random, test_campaigns",
    "recalled._drop_spoiled": "crashes at random, test_campaigns",
    "pace.brake": "a storage that answers strangely, tests/db/test_removal_pace.py",
    "rereading._held": "a re-reading that a person must look at, test_evidence",
    "rereading._leave": "a re-reading that comes to nothing, test_evidence",
    "stage._send_at": "crashes at random, test_campaigns",
    "stage.want": "crashes at random, test_campaigns",
    "transferring._hold_others": "a service that is named no more, test_transfers",
}
"""Functions that no course crosses, and where each is tried instead."""


def explored(*arguments: str) -> dict[str, Any]:
    """What the command says, run in a process of its own, as it forks. It must find nothing wrong."""
    command = [sys.executable, "-m", "tests.faults.exhaustive", "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_crash_at_any_crossing_changes_nothing_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    figures = explored("direct", "--pairs", "10")
    with capsys.disabled():
        kinds = ", ".join(f"{kind} {count}" for kind, count in figures["by_kind"].items())
        print(f"\n{figures['crossings']} crossings, {figures['crashes']} crashes: {kinds}")
    assert figures["crashes"] == 2 * figures["crossings"]
    assert figures["violations"] == 0


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("names", "every"),
    [
        (("people",), "80"),
        pytest.param(tuple(name for name in COURSES if name != "direct"), "20", marks=pytest.mark.nightly),
    ],
    ids=["a few", "every course"],
)
def test_crashes_among_faults_and_people(names: tuple[str, ...], every: str) -> None:
    """A sample; ``python -m tests.faults.exhaustive`` tries every crossing."""
    figures = explored(*names, "--every", every, "--pairs", "1")
    assert figures["crashes"] > 4 * len(names)
    assert figures["violations"] == 0


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EverySeam]:
    """Every course walked once, undisturbed."""
    root = tmp_path_factory.mktemp("walked")
    schema, seams = make_schema(root), {}
    with ground(root) as here:
        for name, course in COURSES.items():
            walk, seams[name] = begun(here, schema, course), EverySeam()
            walk.go(seams[name])
            walk.journey.close()
        for number, name in enumerate(("sim.submit", "tape.copy")):  # what a restart crosses
            at = next(one.number for one in seams["direct"].crossings if one.name == name)
            walk, again = begun(here, schema, COURSES["direct"]), EverySeam()
            with pytest.raises(Stopped):
                walk.go(StoppingSeam(at, When.AFTER))
            walk.go(again)
            walk.journey.close()
            seams[f"restart {number}"] = again
    return seams


def begun(here: Ground, schema: Path, course: Course) -> Any:
    return course.begin(Journey.begin(here.anew(), schema, **course.options))


def test_the_courses_cross_everything_that_can_be_crossed(walked: dict[str, EverySeam]) -> None:
    """A new step, a new transaction or a new call needs a course, or is tried elsewhere by name."""
    crossed = {one.function for seam in walked.values() for one in seam.crossings}
    left = must_cross() - crossed - ELSEWHERE.keys()
    assert not left, f"no course crosses {sorted(left)}"


def test_what_is_tried_elsewhere_is_there(walked: dict[str, EverySeam]) -> None:
    assert ELSEWHERE.keys() <= must_cross(), "the list names what is not there any more"


def test_a_restart_that_forgets_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The explorer can fail: of a removal that was being asked for, nobody is told after a restart."""
    monkeypatch.setattr(requests, "unheard", lambda conn, why, keep_copies_to=(): {})
    tried = Tried("direct", 0)
    schema = make_schema(tmp_path)
    with ground(tmp_path) as here:
        explorer = Explorer(here, schema)
        course = COURSES["direct"]
        walk, seam = explorer.walk(course), EverySeam()
        walk.go(seam)
        end = walk.journey.end()
        walk.journey.close()
        removal = next(one for one in seam.crossings if one.name == "disk.remove")

        def soon_given_up(crossing: Any, when: When) -> list[str]:
            """In a process of its own: what is forgotten is waited for a few rounds, not for months."""
            monkeypatch.setattr(courses, "LONGEST_WAIT", 0)
            monkeypatch.setattr(courses.Walk, "go", partialmethod(courses.Walk.go, max_rounds=40))
            return list(explorer._after(walk, crossing, when, end))

        def then(crossing: Any, when: When) -> None:
            if crossing.number == removal.number and when is When.BEFORE:
                tried.wrong += here.fork(lambda: soon_given_up(crossing, when))

        walk = explorer.walk(course)
        walk.go(EverySeam(then))
        walk.journey.close()
    assert any("it ends with" in text or "replicas" in text for text in tried.wrong)
