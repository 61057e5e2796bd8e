"""Nothing that a busy system does by itself is a difference; what really happened is found all the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ddm.reconcile import run, standings
from ddm.reconcile.findings import Finding
from tests.faults.journeys import seeds
from tests.reconcile.busy import Busy

pytestmark = pytest.mark.timeout(1800)  # the nightly ones, on a machine with others at work


def false_alarms(directory: Path, seed: int, looks: int) -> list[Finding]:
    """Scan and compare so often while the flow works; gives what is told as a difference and is none."""
    busy = Busy.begin(directory, seed, runs=2, chunks=3)
    found: list[Finding] = []
    try:
        for _ in range(looks):
            found += [one for one in busy.found(busy.look()) if not busy.truly(one)]
            busy.world.clock.sleep(timedelta(hours=busy.chance.choice([0, 1, 30])))
    finally:
        busy.app.close()
    return found


@pytest.mark.parametrize("seed", seeds(20, 1))
def test_what_the_flow_does_while_scans_are_made_is_no_difference(seed, tmp_path):
    assert false_alarms(tmp_path, seed, 4 if seed == 0 else 12) == []


@pytest.mark.nightly
def test_it_would_be_without_the_catalogue_after_the_scans(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_after", lambda engine, catalog, scan: scan.before)
    monkeypatch.setattr(standings._Asking, "_changed", lambda *_: False)
    assert any(false_alarms(tmp_path / str(seed), seed, 6) for seed in range(3))
