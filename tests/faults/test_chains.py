"""Products made of products, in the simulated world: mDST in two levels, logs of runs and of the period."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.db import gaps, people
from catalog.db.move import Why
from catalog.errors import IllegalTransition
from catalog.states import GroupState, JobKind, Role
from catalog.testing import facts
from ddm import flow
from ddm.operations import mergeplans
from ddm.settings import AfterArchive
from tests.faults.conftest import Begin
from tests.faults.journeys import Journey

KEPT = (GroupState.ARCHIVED, GroupState.CLEANED)


def chained(journey: Journey, *of: str, unit: str = "period", only: bool = False) -> Journey:
    """These products of its world go into a further one each, called after them with "s"."""
    settings = journey.world.settings
    products = dict(settings.products)
    for name in of:
        below = products[name]
        products[f"{name}s"] = replace(
            below,
            name=f"{name}s",
            made_of=name,
            payload="",
            chunk_dir="",
            chunk_name="",
            merged_dir=below.merged_dir + "all/",
            archive_dir=below.archive_dir + "all/",
            unit=unit,
        )
        products[name] = replace(below, archive_to="")
    names = (*of, *(f"{name}s" for name in of)) if only else tuple(products)
    tasks = {name: replace(task, products=names) for name, task in settings.tasks.items()}
    products = {name: products[name] for name in names}
    journey.world.settings = replace(settings, products=products, tasks=tasks)
    return journey


def groups(journey: Journey, product: str) -> list[facts.GroupFact]:
    with journey.guard.catalog.read() as conn:
        return [group for group in facts.groups(conn) if group.product == product]


def replicas(journey: Journey, product: str, role: Role) -> list[facts.ReplicaFact]:
    with journey.guard.catalog.read() as conn:
        found = facts.replicas(conn)
    return [one for one in found if (one.product, one.role) == (product, role)]


@pytest.mark.parametrize("product", ["mDST", "logs"])
def test_what_goes_into_a_further_product_is_on_tape_within_it_only(begin: Begin, product: str) -> None:
    journey = chained(begin(runs=2, chunks=4, target_chunks=2), product)
    outcome = journey.go()
    assert (outcome.held, outcome.pending, journey.violations()) == (0, 0, [])
    below, above = groups(journey, product), groups(journey, f"{product}s")
    assert {group.state for group in below + above} <= set(KEPT)
    assert {member for group in above for member in group.members} == {group.output_id for group in below}
    tape = [one for one in replicas(journey, f"{product}s", Role.FINAL) if one.endpoint == "tape"]
    assert len(tape) == len(above)
    middle = replicas(journey, product, Role.INTERMEDIATE)
    assert {one.endpoint for one in middle} == {"disk"}
    assert {one.state for one in middle} == {"DELETED"}  # the run archives too, once they are in the other
