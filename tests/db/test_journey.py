"""The whole simulated journey on both databases ends in the same state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.db import reports
from ddm import flow
from ddm.testing.world import World


def end_of_journey(root: Path, url: str) -> dict[str, Any]:
    """The end state of a small world: what is in each state, the run table, the totals."""
    world = World(root, url=url, runs=2, chunks=7)
    app = world.open()
    try:
        world.register(app)
        outcome = flow.run(app, max_rounds=2000)
        assert (outcome.held, outcome.pending) == (0, 0)
        again = flow.run(app, max_rounds=5)
        assert again.idle
        with app.catalog.read() as conn:
            return {
                "rounds": outcome.rounds,
                "moved": outcome.moved,
                "at": world.clock.now(),
                "states": [(line.noun, line.state, line.count) for line in reports.state_counts(conn)],
                "runs": reports.run_table(conn),
                "totals": reports.tier_totals(conn),
            }
    finally:
        app.close()


@pytest.mark.postgresql
def test_the_journey_ends_alike_on_both_databases(tmp_path, postgresql_url):
    on_sqlite = end_of_journey(tmp_path, "")
    on_postgresql = end_of_journey(tmp_path, postgresql_url)
    assert on_sqlite["runs"]
    assert all(line.finished == line.chunks for line in on_sqlite["runs"])
    assert on_postgresql == on_sqlite
