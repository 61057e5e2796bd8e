"""The promises hold in every state of the small world; without any one guard, or in another order, not.

Who adds a guard either sees here that it is needed, or says in ``checking.SPARE`` why it is there.
"""

from __future__ import annotations

import pytest

from catalog.retention import GUARDS, Refused, may_go
from tests.model import checking
from tests.model.acts import Rules
from tests.model.checking import NAMES, SPARE, Result
from tests.model.explore import explore
from tests.model.facts import facts
from tests.model.slices import ALIAS, BLIND, DEAF, FORGOTTEN, SLICES


@pytest.fixture(scope="module")
def known() -> Result:
    return checking.check()


def test_the_promises_hold_in_every_state(known: Result, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(SLICES)} slices, {known.states} states, {known.transitions} transitions")
    assert known.wrong == []
    assert known.states > 100_000, "a world in which little happens proves little"


@pytest.mark.parametrize("guard", [name for name in NAMES if name not in SPARE])
def test_without_any_one_guard_a_promise_is_broken(guard: str, known: Result) -> None:
    found = checking.without(guard, known)
    assert found is not None, (
        f"nothing goes wrong without '{guard}': is it needed, or does the world lack something?"
    )
    assert found[1].trace


@pytest.mark.parametrize("guard", SPARE)
def test_a_guard_that_is_said_to_be_spare_is_never_the_only_one_to_object(guard: str, known: Result) -> None:
    assert guard not in known.decisive
    assert any(guard in found for found in known.rules.asked.values()) or guard in ("numbers", "agreement")


@pytest.mark.parametrize("broken", ["early", "absence", "gullible"])
def test_in_another_order_a_promise_is_broken(broken: str, known: Result) -> None:
    """The call before its intent is committed; absence taken for success; a buffer taken for tape."""
    assert checking.broken(Rules(**{broken: True}), known) is not None


def test_evidence_that_differs_is_the_last_line_of_defence() -> None:
    deaf = Rules(deaf=True)
    assert explore(DEAF.start, DEAF.moves(deaf)).wrong == ""
    unarmed = Rules(frozenset({"agreement"}), deaf=True)
    assert "lost" in explore(DEAF.start, DEAF.moves(unarmed)).wrong


def test_numbers_are_the_last_line_of_defence() -> None:
    blind = Rules(blind=True)
    assert explore(BLIND.start, BLIND.moves(blind)).wrong == ""
    unarmed = Rules(frozenset({"numbers"}), blind=True)
    assert "lost" in explore(BLIND.start, BLIND.moves(unarmed)).wrong


def test_each_of_three_guards_alone_sees_that_a_merged_file_is_not_known() -> None:
    guards = {"output", "members", "certificate"}
    for guard in guards:
        others = Rules(frozenset(guards - {guard}))
        assert explore(FORGOTTEN.start, FORGOTTEN.moves(others)).wrong == ""
    assert "lost" in explore(FORGOTTEN.start, FORGOTTEN.moves(Rules(frozenset(guards)))).wrong


def test_either_of_two_guards_sees_two_names_of_one_place() -> None:
    for names in (["place"], ["namesakes"]):
        assert explore(ALIAS.start, ALIAS.moves(Rules(frozenset(names)))).wrong == ""
    assert explore(ALIAS.start, ALIAS.moves(Rules(frozenset({"place", "namesakes"})))).wrong


def test_taking_a_guard_away_is_what_retention_says_without_it(known: Result) -> None:
    """The explorer takes the names of all that object, and leaves one out: that is the same question."""
    asked = list(known.rules.states.items())
    for key, state in asked[:: len(asked) // 200]:
        _, name, ground, asking, terms, person = key
        told = known.rules.asked[key]
        for guard in told[:2]:
            answer = may_go(
                facts(state, name, ground, asking, terms, person),  # type: ignore[arg-type]
                [entry for entry in GUARDS if entry.name != guard],
            )
            left = answer.guards if isinstance(answer, Refused) else ()
            assert left == tuple(other for other in told if other != guard)


def test_an_adversary_with_a_wrong_account_would_be_seen() -> None:
    """The explorer can fail: a world that begins with something lost says so."""
    slice_ = SLICES[0]
    gone = slice_.start.a._replace(truth="gone", ours=True)
    assert explore(slice_.start._replace(a=gone), slice_.moves(Rules())).wrong
