"""The random runs can fail: with a rule broken on purpose, the same world tells of wrong deletions."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from catalog.db import releasing
from catalog.retention import Allowed, Certificate
from tests.bench import safety, safetyworld
from tests.bench.safety import Sums

SEED, WORLD = 5, 1
Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def _short(monkeypatch: Patch) -> None:
    monkeypatch.setattr(safetyworld, "STORM", 10)


def run() -> Sums:
    return safety.worlds(SEED, [WORLD], 10**9)


def figures() -> dict[str, Any]:
    return safety.figures(run(), SEED, 0.0)


def all_may_go(patch: Patch) -> None:
    """Retention always allows, and is asked as soon as a group is merged."""
    patch.setattr(releasing, "may_go", lambda facts: Allowed(Certificate(facts, ())))

    def merged(conn: Any, products: Any, limit: int, but: Any = ()) -> dict[int, list[int]]:
        rows = conn.exec_driver_sql("SELECT id FROM merge_group WHERE state IN ('MERGED', 'CHECKED')")
        return releasing.inputs_of(conn, [row[0] for row in rows])

    patch.setattr(releasing, "trashable", merged)


def test_with_the_rules_in_force_nothing_is_lost_and_a_world_is_the_same_every_time() -> None:
    one, other = run(), run()
    assert one == other
    found = safety.figures(one, SEED, 0.0)
    assert (found["lost"], found["wrong_deletions"], found["overwritten"]) == (0, 0, 0)
    assert found["deletions"] >= 8
    assert found["faults"] >= 3


def test_deletions_without_rules_are_told(monkeypatch: Patch) -> None:
    all_may_go(monkeypatch)
    found = figures()
    assert found["lost"] > 0 or found["wrong_deletions"] > 0


def test_an_error_of_the_program_is_wrong(monkeypatch: Patch) -> None:
    def broken(self: Any) -> list[str]:
        raise ValueError("broken on purpose")

    monkeypatch.setattr(safetyworld.SafetyWorld, "run", broken)
    options = argparse.Namespace(seed=1, steps=1, processes=1, world=0, json=True)
    result, problems = safety.run(options)
    assert result["lost"] == 1
    assert "broken on purpose" in problems[0]
    assert Sums().count(safety.OVERWRITTEN) == 0
