"""May this copy go? Nothing but a complete set of facts ever allows it, and every reason is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.retention import (
    GUARDS,
    Allowed,
    Asking,
    Facts,
    Ground,
    Refused,
    Uses,
    Waiver,
    may_go,
    papers,
    read,
    seal_of,
)
from catalog.states import Role
from catalog.testing.goers import NOW, SPOILINGS, Spoiling, goer, merged, spoilings

CASES = [(ground, asking) for ground in Ground for asking in Asking]
SPOILED = [(one, g, a) for one in SPOILINGS for g in one.grounds for a in one.askings]


@pytest.mark.parametrize(("ground", "asking"), CASES)
def test_it_may_go_when_nothing_speaks_against_it(ground: Ground, asking: Asking) -> None:
    verdict = may_go(goer(ground, asking))
    assert isinstance(verdict, Allowed), verdict
    asked = tuple(guard.name for guard in GUARDS if guard.concerns(ground, asking))
    assert verdict.certificate.guards == asked


@pytest.mark.parametrize(
    ("spoiling", "ground", "asking"), SPOILED, ids=[f"{s.guard}-{s.what}-{g}-{a}" for s, g, a in SPOILED]
)
def test_each_spoiled_fact_is_refused_by_its_guard(
    spoiling: Spoiling, ground: Ground, asking: Asking
) -> None:
    verdict = may_go(spoiling.change(goer(ground, asking)))
    assert isinstance(verdict, Refused)
    assert spoiling.guard in verdict.guards
    assert len(verdict.reasons) == len(verdict.guards)


def test_every_guard_has_a_name_of_its_own_a_rule_a_remedy_and_a_way_to_be_seen() -> None:
    names = [guard.name for guard in GUARDS]
    assert len(set(names)) == len(names)
    assert {one.guard for one in SPOILINGS} == set(names)
    assert all(guard.rule and guard.remedy for guard in GUARDS)


def test_a_guard_says_nothing_of_what_does_not_concern_it() -> None:
    concerned = {(one.guard, ground, asking) for one, ground, asking in SPOILED}
    for guard in GUARDS:
        for ground, asking in CASES:
            assert guard.concerns(ground, asking) == ((guard.name, ground, asking) in concerned)
            said = [one.change(goer(g, a)) for one, g, a in SPOILED if (g, a) == (ground, asking)]
            if not guard.concerns(ground, asking):
                assert not any(guard.objection(facts) for facts in said), guard.name


@pytest.mark.parametrize("guard", [guard.name for guard in GUARDS])
def test_each_guard_is_needed(guard: str) -> None:
    """There are facts that only this guard refuses: without it the copy would go."""
    rest = [one for one in GUARDS if one.name != guard]
    assert any(
        isinstance(may_go(one.change(goer(ground, asking)), rest), Allowed)
        for one, ground, asking in SPOILED
        if one.guard == guard
    )


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[Facts, set[str]]:
    """Facts with several things wrong, and the guards that have to say so."""
    ground, asking = draw(st.sampled_from(CASES))
    simple = [one for one in spoilings(ground, asking) if one.guard in SIMPLE]
    chosen = draw(st.lists(st.sampled_from(simple), min_size=1, max_size=6, unique_by=lambda one: one.guard))
    facts = goer(ground, asking)
    for one in chosen:
        facts = one.change(facts)
    return facts, {one.guard for one in chosen}


SIMPLE = {"state", "jobs", "leases", "pins", "requests", "hold", "freeze", "namesakes", "siblings", "check"}
SIMPLE |= {"gaps", "grace", "accepted", "raw", "archived", "person", "origin"}


@given(spoiled())
def test_a_refusal_names_every_failing_guard(case: tuple[Facts, set[str]]) -> None:
    facts, wrong = case
    verdict = may_go(facts)
    assert isinstance(verdict, Refused)
    assert wrong <= set(verdict.guards)
    assert all(reason.strip() for reason in verdict.reasons)


@given(spoiled(), st.data())
def test_taking_away_a_fact_in_favour_never_turns_a_refusal_into_permission(
    case: tuple[Facts, set[str]], data: st.DataObject
) -> None:
    facts, _ = case
    before = may_go(facts)
    assert isinstance(before, Refused)
    more = data.draw(st.sampled_from(spoilings(facts.ground, facts.asking)))
    if more.guard == "certificate" and facts.paper is None:
        return
    after = may_go(more.change(facts))
    assert isinstance(after, Refused)


UNKNOWN = ("products", "origins", "others", "holds", "freezes", "namesakes", "raw", "acceptance", "paper")


@given(st.sampled_from(CASES), st.sets(st.sampled_from(UNKNOWN), min_size=1), st.booleans())
def test_what_nobody_knows_never_allows(case: tuple[Ground, Asking], names: set[str], uses: bool) -> None:
    """A fact that is asked for and unknown is an objection; one that nobody asks for changes nothing."""
    known = goer(*case)
    facts = replace(known, **dict.fromkeys(names))  # type: ignore[arg-type]  # each may be None
    facts = replace(facts, uses=Uses()) if uses else facts
    if isinstance(may_go(facts), Allowed):
        asked = {"holds", "freezes", "namesakes"}
        asked |= {"paper"} if case[1] is Asking.REMOVE else set()
        asked |= {
            Ground.MERGED: {"products"},
            Ground.ON_TAPE: {"products", "origins", "others"},
            Ground.SPARE: {"others"},
            Ground.BAD: {"others"},
            Ground.LOSS: {"raw", "acceptance"},
        }[case[0]]
        assert not asked & names
        assert not uses


@given(st.integers(-3, 3), st.integers(0, 2))
def test_waived_counts_hold_for_the_part_that_was_waived(missing: int, part: int) -> None:
    facts = goer()
    (product,) = facts.products or ()
    assert product.output is not None
    output = replace(product.output, n_events=100 + missing)
    waiver = Waiver(part, "bert", "a known loss", NOW)
    product = replace(product, output=output, check="WAIVED", waivers=(waiver,))
    verdict = may_go(replace(facts, products=(product,)))
    assert isinstance(verdict, Allowed) == (missing == 0 or part == product.part)


def test_every_product_made_from_it_counts() -> None:
    facts = goer()
    (product,) = facts.products or ()
    other = replace(merged(facts.file, part=1, output=101), state="MERGING", tapes=())
    verdict = may_go(replace(facts, products=(product, other)))
    assert isinstance(verdict, Refused)
    assert set(verdict.guards) == {"archived", "tape"}


def test_what_went_into_another_product_is_safe_where_that_one_is() -> None:
    facts = goer()
    (run,) = facts.products or ()
    assert run.output is not None
    kept = replace(run.output, role=Role.INTERMEDIATE)
    period = merged(kept, part=1, output=200)
    run = replace(run, output=kept, tapes=(), within=period)
    assert isinstance(may_go(replace(facts, products=(run,))), Allowed)
    for change in ({"state": "CHECKED"}, {"tapes": ()}, {"check": "FAILED"}, {"members": run.members}):
        spoilt = replace(run, within=replace(period, **change))
        assert isinstance(may_go(replace(facts, products=(spoilt,))), Refused), change
    (paper,) = papers([may_go(replace(facts, products=(run,))).certificate])  # type: ignore[union-attr]
    assert read(paper.seal, paper.body, NOW)[1].products.keys() == {1, 2}


def test_the_copy_on_tape_is_one_copy_for_all_rules() -> None:
    """Two copies that are half good each do not make one that is good."""
    facts = goer()
    (product,) = facts.products or ()
    (tape,) = product.tapes
    lost = replace(tape, replica_id=91, state=tape.state.LOST)
    unproven = replace(tape, replica_id=92, evidence=())
    halves = replace(product, tapes=(lost, unproven))
    assert isinstance(may_go(replace(facts, products=(halves,))), Refused)
    whole = replace(product, tapes=(lost, tape, unproven))
    assert isinstance(may_go(replace(facts, products=(whole,))), Allowed)


# --------------------------------------------------------------------------------- papers
@pytest.mark.parametrize("ground", Ground)
def test_a_paper_says_what_was_known_and_is_read_again(ground: Ground) -> None:
    facts = goer(ground)
    verdict = may_go(facts)
    assert isinstance(verdict, Allowed)
    (paper,) = papers([verdict.certificate])
    assert paper.replicas == (facts.copy.replica_id,)
    assert paper.seal == seal_of(paper.body)
    said = read(paper.seal, paper.body, NOW)[facts.copy.replica_id]
    assert (said.lfn, said.size, said.adler32) == (facts.file.lfn, 1000, 17)
    assert (said.ground, said.issued, said.intact) == (ground, NOW, True)
    again = replace(
        facts,
        asking=Asking.REMOVE,
        now=NOW + timedelta(days=5),
        grace=timedelta(days=5),
        copy=replace(facts.copy, state=facts.copy.state.TRASHED),
        paper=said,
    )
    assert isinstance(may_go(again), Allowed)
    changed = paper.body.replace("1000", "1001", 1)
    assert not read(paper.seal, changed, NOW)[facts.copy.replica_id].intact


def test_copies_of_one_merge_share_a_paper_and_others_do_not() -> None:
    facts = goer()
    (product,) = facts.products or ()
    sister = product.members[1]
    file = replace(facts.file, file_id=sister.file_id, lfn=sister.lfn, adler32=sister.adler32)
    second = replace(facts, file=file, copy=replace(facts.copy, replica_id=2, path=file.lfn))
    found = [may_go(one) for one in (facts, second, goer(Ground.ON_TAPE))]
    made = papers([one.certificate for one in found if isinstance(one, Allowed)])
    assert [paper.replicas for paper in made] == [(1, 2), (1,)]
    body = json.loads(made[0].body)
    assert [row[1] for row in body["products"][0]["members"]["rows"]] == ["/chunks/mDST-1-1", sister.lfn]


@given(st.text(max_size=50) | st.just('{"version":2}') | st.just('{"version":3,"copies":[]}'))
def test_a_paper_that_cannot_be_read_says_nothing(body: str) -> None:
    assert read("0" * 64, body, NOW) == {}
