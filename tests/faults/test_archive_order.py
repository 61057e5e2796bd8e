"""Whole runs together: a run archived in our order needs fewer mounts at its recall than one in any order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.clock import SimulatedClock
from ddm.steps import archive as step
from ddm.steps import verify
from tests.faults.archiving import SmallArchive, small_archive
from transfers.backends.simtape import open_tape
from transfers.model import StageOrder

RUNS, PARTS, PART = 6, 4, b"x" * 1000
OPTIONS = {"tape_size": str(PARTS * len(PART)), "archive_delay": "1", "drives": "1"}


def run_of(lfn: str) -> int:
    return int(lfn.rpartition("-")[2].partition(".")[0])


def archived(root: Path, *, in_order_of_readiness: bool, batch: int) -> tuple[SmallArchive, SimulatedClock]:
    """Merged files of six runs, ready in any order, all on tape."""
    lfns = [f"/castor/m{part}-{270_000 + run}.root" for run in range(RUNS) for part in range(PARTS)]
    random.Random(5).shuffle(lfns)
    clock = SimulatedClock()
    options = ", ".join(f'{name} = "{value}"' for name, value in OPTIONS.items())
    made = small_archive(
        root,
        dict.fromkeys(lfns, PART),
        f'backend = "simtape"\nprefix = "simtape://{root}/tape"\noptions = {{ {options} }}\n'
        f"max_files_per_request = {batch}",
        clock=clock,
        runs={lfn: run_of(lfn) for lfn in lfns},
    )
    with pytest.MonkeyPatch.context() as patch:
        if in_order_of_readiness:
            patch.setattr(step, "run_of", lambda item: 0)
        step.send(made.app)
    clock.sleep(timedelta(minutes=5))
    for _ in range(3):
        verify.compare(made.app)
        clock.sleep(timedelta(minutes=5))
    assert set(made.states().values()) == {"AVAILABLE"}
    return made, clock


def mounts_of_recalls(root: Path, lfns: Sequence[str], clock: SimulatedClock) -> list[int]:
    """Mounts that the recall of each run takes, one run after the other."""
    tape = open_tape(f"simtape://{root}/tape", clock=clock, options=OPTIONS)
    found = []
    tape.release("", list(lfns))  # on tape only
    for run in sorted({run_of(lfn) for lfn in lfns}):
        before = tape.look().mounts
        paths = [lfn for lfn in lfns if run_of(lfn) == run]
        receipt = tape.stage([StageOrder(path, len(PART)) for path in paths])
        clock.sleep(timedelta(hours=1))
        tape.poll(receipt.token, paths)
        tape.release(receipt.token, paths)
        found.append(tape.look().mounts - before)
    return found


@pytest.mark.parametrize("batch", [100, 7])
def test_a_run_that_was_archived_together_is_recalled_with_few_mounts(tmp_path: Path, batch: int) -> None:
    mounts = {}
    for name, ready in (("ours", False), ("readiness", True)):
        root = tmp_path / name
        root.mkdir()
        made, clock = archived(root, in_order_of_readiness=ready, batch=batch)
        mounts[name] = mounts_of_recalls(root, list(made.wanted), clock)
        made.app.close()
    assert mounts["ours"] == [1] * RUNS
    assert sum(mounts["readiness"]) > 2 * RUNS
