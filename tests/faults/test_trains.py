"""Merges of several products by one job: the same end as by many, also with crashes, losses and refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.states import JobKind
from ddm.jobs.manifest import Manifest
from ddm.testing.crash import Stopped, StoppingSeam, When
from tests.faults.conftest import Begin
from tests.faults.journeys import Journey, differences

PRODUCTS = ("mDST", "hist", "evtdump")
WORLD = {"runs": 1, "chunks": 2}


def with_train(journey: Journey, *products: str) -> Journey:
    """These products of its world are merged together."""
    settings = journey.world.settings
    changed = {
        name: replace(product, train="all" if name in products else "")
        for name, product in settings.products.items()
    }
    journey.world.settings = replace(settings, products=changed)
    return journey


def sent(journey: Journey) -> list[Manifest]:
    """The manifests of merges that the runner was given."""
    jobs = journey.world.runner._jobs.values()
    return [manifest for manifest, _ in jobs if manifest.kind == JobKind.MERGE]


def test_a_train_is_one_job_and_comes_to_the_same_end(begin: Begin) -> None:
    journey = begin(**WORLD)
    assert not journey.go().held
    alone, merges = journey.end(), sent(journey)
    assert len(merges) == 4
    journey = with_train(begin(**WORLD), *PRODUCTS)
    outcome = journey.go()
    assert (outcome.held, outcome.pending, journey.violations()) == (0, 0, [])
    assert differences(alone, journey.end()) == []
    assert [tuple(promise.product for promise in manifest.promises) for manifest in sent(journey)] in (
        [PRODUCTS, ("logs",)],
        [("logs",), PRODUCTS],
    )
    train = next(manifest for manifest in sent(journey) if len(manifest.promises) == 3)
    for promise in train.promises:
        inputs = train.inputs_of(promise)
        assert len(inputs) == 2
        assert {entry.product for entry in inputs} == {promise.product}


def test_a_train_takes_one_slot_and_waits_for_nobody(begin: Begin) -> None:
    journey = with_train(begin(runs=2, chunks=3, target_chunks=1, slots=1), *PRODUCTS, "logs")
    outcome = journey.go()
    assert (outcome.held, outcome.pending, journey.violations()) == (0, 0, [])
    of_run = {tuple(promise.lfn for promise in manifest.promises) for manifest in sent(journey)}
    assert len(of_run) == len(sent(journey))
    assert max(len(manifest.promises) for manifest in sent(journey)) == 4


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_crash_where_trains_are_sent_and_taken_in_changes_nothing(begin: Begin) -> None:
    seam = StoppingSeam()
    journey = with_train(begin(**WORLD), *PRODUCTS)
    journey.go(seam)
    end, names = journey.end(), seam.crossings
    submits = [at for at, name in enumerate(names, 1) if name == "sim.submit"]
    polls = [at for at, name in enumerate(names, 1) if name == "sim.poll"]
    near = {submits[-1] - 1, submits[-1], submits[-1] + 1, polls[-1], polls[-1] + 1}
    for at in sorted(near):
        for when in When:
            journey = with_train(begin(**WORLD), *PRODUCTS)
            with pytest.raises(Stopped):
                journey.go(StoppingSeam(at, when))
            outcome = journey.go()
            assert (outcome.held, outcome.pending, journey.violations()) == (0, 0, []), (at, when)
            assert differences(end, journey.end()) == [], (at, when)
            if names[at - 1] == "sim.submit" and when is When.AFTER:  # the train was found, not sent again
                assert len(sent(journey)) == 2, (at, when)


def test_trains_survive_what_runners_do(begin: Begin) -> None:
    journey = with_train(begin(runs=1, chunks=2, seed=11), *PRODUCTS)
    settings = journey.world.settings
    tasks = {name: replace(task, max_attempts=50) for name, task in settings.tasks.items()}
    journey.world.settings = replace(settings, tasks=tasks)
    mischief = journey.world.mischief
    mischief.dies = mischief.vanishes = mischief.refuses = 0.3
    outcome = journey.go()
    assert (outcome.held, outcome.pending, journey.violations()) == (0, 0, [])


def test_a_product_that_lost_an_event_in_a_train_holds_its_own_group_only(begin: Begin) -> None:
    journey = with_train(begin(**WORLD), *PRODUCTS)
    lfn = "/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275678-0-7.root"
    journey.world.mischief.loses_events.add(lfn)
    journey.go()
    with journey.guard.catalog.read() as conn:
        rows = conn.exec_driver_sql("SELECT product, state FROM merge_group ORDER BY product").all()
    states = dict(map(tuple, rows))
    assert states.pop("hist") == "MISMATCHED"
    assert set(states.values()) <= {"ARCHIVED", "CHECKED", "CLEANED"}
