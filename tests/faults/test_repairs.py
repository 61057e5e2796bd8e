"""Plans of repair in a production: merges that lost their copy on tape, what attempts left, what to redo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.db import attempts
from catalog.states import GroupState, ReplicaState
from catalog.testing import facts
from ddm import flow
from ddm.operations import repairing
from ddm.reconcile.kinds import Kind
from ddm.settings import AfterArchive, ReconcileSettings
from ddm.steps import debris
from tests.faults.conftest import Begin
from tests.faults.journeys import Journey
from tests.faults.test_keeping import failing
from tests.reconcile.repairs import Ground

K = Kind


@pytest.fixture
def over(begin: Begin) -> Iterator:
    """Journeys that are over, as ground for repairs."""
    opened: list[Ground] = []

    def end(journey: Journey) -> Ground:
        assert journey.go().held == 0
        root = journey.world.settings.root
        journey.world.settings = replace(
            journey.world.settings, reconcile=ReconcileSettings(directory=root / "reconcile")
        )
        opened.append(Ground(journey.world))
        opened[-1].open()
        return opened[-1]

    yield end
    for ground in opened:
        ground.close()


def group(ground: Ground, product: str = "mDST") -> facts.GroupFact:
    with ground.app.catalog.read() as conn:
        return next(one for one in facts.groups(conn) if one.product == product)


def places(ground: Ground, lfn: str) -> dict[str, str]:
    """Where the copies of a file are that are AVAILABLE: path by endpoint."""
    with ground.app.catalog.read() as conn:
        found = facts.replicas(conn)
    return {one.endpoint: one.path for one in found if (one.lfn, one.state) == (lfn, "AVAILABLE")}


def test_a_merge_that_lost_its_copy_on_tape_after_the_clean_up_is_archived_again(begin, over):
    ground = over(begin(runs=1, chunks=2))
    merged = group(ground)
    assert merged.state == GroupState.CLEANED
    where = places(ground, merged.lfn)
    assert where.keys() == {"disk", "tape"}
    ground.lose(where["tape"], "tape")
    done = repairing.apply(ground.app, ground.signed([ground.finding(K.DISK_ONLY, where["tape"], "tape")]))
    assert [(one.outcome, one.files) for one in done.shown.amounts] == [("done", 1)]
    assert done.shown.redo == ()
    assert group(ground).state == GroupState.CHECKED
    flow.run(ground.app, max_rounds=400)
    assert group(ground).state == GroupState.CLEANED
    assert places(ground, merged.lfn) == where
    assert where["tape"] in ground.there("tape")


def test_what_is_lost_everywhere_says_which_jobs_make_it_again(begin, over):
    ground = over(begin(runs=1, chunks=2))
    merged = group(ground)
    where = places(ground, merged.lfn)
    for endpoint, path in where.items():
        ground.lose(path, endpoint)
    found = [ground.finding(K.LOST, path, endpoint) for endpoint, path in where.items()]
    done = repairing.apply(ground.app, ground.signed(found))
    assert [(one.outcome, one.files) for one in done.shown.amounts] == [("done", 2)]
    (redo,) = done.shown.redo
    assert (redo.lfn, redo.group, redo.possible) == (merged.lfn, merged.id, True)
    assert len(redo.jobs) == 2, "its chunks were cleaned up, and their raw files are on tape"
    assert done.shown == repairing.show(ground.app.catalog, done.shown.plan.id, 1000)


def test_a_merge_whose_inputs_are_there_is_merged_again(begin, over):
    journey = begin(runs=1, chunks=2)
    settings = journey.world.settings
    products = {
        name: replace(product, inputs_after_archive=AfterArchive.KEEP)
        for name, product in settings.products.items()
    }
    journey.world.settings = replace(settings, products=products)
    ground = over(journey)
    merged = group(ground)
    where = places(ground, merged.lfn)
    for endpoint, path in where.items():
        ground.lose(path, endpoint)
    found = [ground.finding(K.LOST, path, endpoint) for endpoint, path in where.items()]
    (redo,) = repairing.apply(ground.app, ground.signed(found)).shown.redo
    assert (redo.possible, redo.jobs) == (True, ())
    assert f"ddm merge revise {merged.run} --product mDST" in redo.advice


def test_what_attempts_left_goes_as_debris_of_their_jobs(begin, over):
    journey = failing(begin(runs=1, chunks=2))
    ground = over(journey)
    left = set(journey.debris())
    assert left
    found = [ground.stranger(K.DEBRIS, path) for path in sorted(left)]
    registered = next(iter(places(ground, group(ground).lfn).values()))
    fake = "/eos/experiment/compass/generalprod/j1a1/other.root"
    ground.world.disk.put(fake, 10, found[0].seen_adler32)
    found.append(ground.stranger(K.DEBRIS, fake))
    file = ground.signed(found)
    runners = dict(ground.app.runners)
    ground.app.runners = {}  # nobody says whether the attempts are over
    done = repairing.apply(ground.app, file)
    assert (done.left, {line.outcome for line in done.shown.lines}) == (len(left), {None, "refused"})
    ground.app.runners = runners
    done = repairing.apply(ground.app, file)
    assert {one.outcome: one.files for one in done.shown.amounts} == {"done": len(left), "refused": 1}
    with ground.app.catalog.read() as conn:
        rows = attempts.debris(conn, task=1)
    assert {one.path for one in rows} == left
    assert all(one.job is not None for one in rows)
    ground.world.clock.sleep(timedelta(days=15))
    while debris.remove(ground.app):
        pass
    assert set(journey.debris()) == {fake}
    assert registered in ground.there("disk") | ground.there("tape")
    assert journey.violations() == []


def test_nothing_of_a_running_production_is_touched_by_a_plan_that_is_old(begin, over):
    """Every copy was found to be lost, by a scan that is not true any more."""
    journey = begin(runs=1, chunks=2)
    ground = over(journey)
    with ground.app.catalog.read() as conn:
        live = [one for one in facts.replicas(conn) if one.state == ReplicaState.AVAILABLE]
    before = journey.end()
    found = [ground.finding(K.LOST, one.path, one.endpoint) for one in live]
    done = repairing.apply(ground.app, ground.signed(found))
    assert {one.outcome for one in done.shown.amounts} <= {"differs", None}
    assert journey.end() == before
