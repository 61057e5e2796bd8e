"""Products made of products, in the simulated world: mDST in two levels, logs of runs and of the period."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from catalog.db import files, gaps
from catalog.db.move import Why
from catalog.errors import IllegalTransition
from catalog.states import CheckState, GroupState, JobKind, ReplicaState, Role
from catalog.testing import facts
from ddm import flow
from ddm.explain import explain
from ddm.operations import mergeplans
from ddm.settings import AfterArchive
from tests.faults.conftest import Begin
from tests.faults.courses import chained
from tests.faults.journeys import Journey
from tests.faults.test_crash_everywhere import Undisturbed, crash_at

KEPT = (GroupState.ARCHIVED, GroupState.CLEANED)


def groups(journey: Journey, product: str) -> list[facts.GroupFact]:
    with journey.guard.catalog.read() as conn:
        return [group for group in facts.groups(conn) if group.product == product]


def made(journey: Journey, product: str) -> list[facts.ReplicaFact]:
    """The copies of the merged files of a product."""
    outputs = {group.output_id for group in groups(journey, product)}
    with journey.guard.catalog.read() as conn:
        return [one for one in facts.replicas(conn) if one.file_id in outputs]


@pytest.mark.parametrize("product", ["mDST", "logs"])
def test_what_goes_into_a_further_product_is_on_tape_within_it_only(begin: Begin, product: str) -> None:
    journey = chained(begin(runs=2, chunks=4, target_chunks=2), product)
    outcome = journey.go()
    assert (outcome.held, outcome.pending, journey.violations()) == (0, 0, [])
    below, above = groups(journey, product), groups(journey, f"{product}s")
    assert {group.state for group in below + above} <= set(KEPT)
    assert {member for group in above for member in group.members} == {group.output_id for group in below}
    assert [one.endpoint for one in made(journey, f"{product}s")].count("tape") == len(above)
    assert {(one.endpoint, one.role) for one in made(journey, product)} == {("disk", Role.INTERMEDIATE)}
    with journey.guard.catalog.read() as conn:
        small = [one for one in facts.replicas(conn) if one.role == Role.INTERMEDIATE]
    assert [one.lfn for one in small if one.state != ReplicaState.DELETED] == []


def test_levels_of_one_run_do_not_wait_for_other_runs(begin: Begin) -> None:
    journey = chained(begin(runs=2, chunks=4, target_chunks=0.2), "mDST", unit="run")
    settings = journey.world.settings
    whole = replace(settings.products["mDSTs"], target=10**12)
    journey.world.settings = replace(settings, products={**settings.products, "mDSTs": whole})
    journey.world.mischief.loses_events = Ending("mDST-275679-0-7.root")
    outcome = journey.go()
    assert (outcome.held, journey.violations()) == (1, [])
    above = groups(journey, "mDSTs")
    assert [group.run for group in above] == [275678]
    assert above[0].state in KEPT
    assert len(above[0].members) == 3


class Ending(set[str]):
    """LFNs that end like this."""

    def __init__(self, *ends: str) -> None:
        super().__init__()
        self._ends = ends

    def __contains__(self, lfn: object) -> bool:
        return str(lfn).endswith(self._ends)


def test_a_part_that_waits_for_a_person_keeps_the_unit_open(begin: Begin) -> None:
    journey = chained(begin(runs=2, chunks=3), "mDST")
    journey.world.mischief.loses_events = Ending("mDST-275679-0-7.root")
    outcome = journey.go()
    assert (outcome.held, outcome.pending, journey.violations()) == (1, 0, [])
    assert {group.state for group in groups(journey, "mDST")} == {GroupState.CHECKED, GroupState.MISMATCHED}
    assert groups(journey, "mDSTs") == []
    found = mergeplans.of_run(journey.guard.catalog, journey.world.settings, 275678)
    (plan,) = [one for one in found if one.product == "mDSTs"]
    assert (plan.finished, plan.trouble) == (False, ("run 275679: its mDST is not merged and checked",))
    assert len(plan.parts) == 1
    told = [block.why for block in explain(journey.guard.catalog, "run 275678").blocks]
    assert any(text.startswith("mDST of run 275678 goes to tape within what is made of it") for text in told)


def register_gaps(journey: Journey, *lfns: str) -> None:
    app = journey.world.open()
    journey.world.register(app)
    with app.catalog.begin() as conn:
        ids = [files.find_file(conn, lfn).id for lfn in lfns]
        why = Why(journey.world.clock.now(), "anna", "the disk broke")
        gaps.add_gaps(conn, ids, None, "anna", why)
    app.close()


def test_gaps_are_told_and_a_run_of_nothing_else_closes_with_the_others(begin: Begin) -> None:
    journey = chained(begin(runs=2, chunks=2), "logs")
    lost = [file.lfn for file in journey.world.raw if file.run == 275679]
    register_gaps(journey, *lost)
    outcome = journey.go()
    assert (outcome.held, outcome.pending, journey.violations()) == (0, 0, [])
    (above,) = groups(journey, "logss")
    assert above.state in KEPT
    with journey.guard.catalog.read() as conn:
        (check,) = [one for one in facts.end_state(conn)["checks"] if one[1] == "logss"]
    assert check[2] == CheckState.PASSED
    with journey.guard.catalog.read() as conn:
        rows = conn.exec_driver_sql("SELECT verdict FROM cross_check WHERE product = 'logss'").all()
    assert [verdict.count("the disk broke (approved by anna)") for (verdict,) in rows] == [2]
    (paper,) = [
        manifest
        for manifest, _ in journey.world.runner._jobs.values()
        if manifest.kind == JobKind.MERGE and manifest.promises[0].product == "logss"
    ]
    assert [(gap["run"], gap["reason"]) for gap in paper.promises[0].gaps] == [(275679, "the disk broke")] * 2
    assert [dict(entry.about) for entry in paper.inputs] == [{"run": 275678, "part": 0}]


def test_parts_are_withdrawn_from_the_top_down_and_made_again(begin: Begin) -> None:
    journey = chained(begin(runs=2, chunks=2), "mDST")
    app = journey.world.open()
    journey.world.register(app)
    rounds = 0
    while not groups(journey, "mDSTs") or groups(journey, "mDSTs")[0].state != GroupState.CHECKED:
        flow.tick(app)
        journey.world.clock.sleep(journey.world.settings.flow.interval)
        rounds += 1
        assert rounds < 100
    app.close()
    revise = partial(mergeplans.revise, journey.guard.catalog, task=None, reason="again", act=True)
    with pytest.raises(IllegalTransition, match=r"has gone into mDSTs .* withdraw that first"):
        revise(275678, "mDST")
    (top,) = revise(275679, "mDSTs")
    assert (top.was, top.state, top.inputs) == (GroupState.CHECKED, GroupState.VOID, 2)
    (below,) = revise(275678, "mDST")
    assert below.state == GroupState.VOID
    outcome = journey.go()
    assert (outcome.held, outcome.pending, journey.violations()) == (0, 0, [])
    (again,) = [group for group in groups(journey, "mDSTs") if group.state != GroupState.VOID]
    assert again.state in KEPT
    assert len(again.members) == 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_crash_where_chains_are_planned_merged_and_archived_changes_nothing(begin: Begin) -> None:
    def anew() -> Journey:
        return chained(begin(runs=2, chunks=1), "logs", only=True)

    undisturbed = Undisturbed(anew())
    assert crash_at(undisturbed.stops[1::11], undisturbed, anew) == []


def test_what_is_let_go_later_goes_on_the_strength_of_the_same_archive(begin: Begin) -> None:
    """The run archives are gone already, so the group that holds them is CLEANED."""
    journey = chained(begin(runs=2, chunks=2), "logs", only=True)
    settings = journey.world.settings
    kept = replace(settings.products["logs"], inputs_after_archive=AfterArchive.KEEP)
    journey.world.settings = replace(settings, products={**settings.products, "logs": kept})
    assert not journey.go().held
    assert {group.state for group in groups(journey, "logss")} == {GroupState.CLEANED}
    assert {group.state for group in groups(journey, "logs")} == {GroupState.ARCHIVED}
    journey.world.settings = settings
    assert not journey.go().held
    assert journey.violations() == []
    assert {group.state for group in groups(journey, "logs")} == {GroupState.CLEANED}
