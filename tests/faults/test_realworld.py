"""The real-world proof, small: some kills on a real XRootD server with tape. The large one is a command."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.realworld import Size, run
from tests.faults.realworld_audit import Audit
from tests.faults.realworld_ground import Ground
from tests.fixtures_xrootd import eos_server
from transfers.testing.xrootd import XRootDServer

__all__ = ["eos_server"]
pytestmark = [pytest.mark.slow, pytest.mark.xrootd, pytest.mark.timeout(300)]

SMALL = Size(runs=1, chunks=2, kills=8, light=True)


@pytest.fixture
def place(eos_server: XRootDServer) -> Iterator[Path]:
    """A directory that the server's user can enter; asking for the shared server first makes the skip."""
    with tempfile.TemporaryDirectory(prefix="realworld") as temporary:
        os.chmod(temporary, 0o755)
        yield Path(temporary)


def test_killed_at_random_moments_everything_comes_to_the_same_end(place: Path) -> None:
    told: list[str] = []
    tally = run(place, 6, 7, SMALL, story=told.append)
    print(*told, tally, sep="\n")
    assert (tally.lost, tally.wrong) == ([], [])
    assert tally.kills >= 6
    assert tally.deletions >= 4


def test_the_checker_sees_what_is_lost_changed_or_removed_without_a_paper(place: Path) -> None:
    """Each harm is done behind everybody's back to a period that has just been registered."""
    ground = Ground(place / "p", runs=1, chunks=2, seed=1, light=True)
    try:
        first, second = (ground.tape(lfn) for lfn in ground.truth.raw)
        audit = Audit(ground)
        audit.look()
        assert (audit.lost, audit.wrong) == ({}, {})
        good = first.read_bytes()
        first.write_bytes(good[:-1] + b"?")
        second.unlink()
        audit.look()
        assert len(audit.lost) == 2
        assert len(audit.wrong) == 2
    finally:
        ground.close()
