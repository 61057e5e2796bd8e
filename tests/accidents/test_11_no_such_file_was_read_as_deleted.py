"""Accident 11: flags of a clean-up were not reset for each run, and "no such file" was read as deleted.

There: the first success marked all later runs as cleaned; a pattern never matched; and a removal that was
told "no such file" counted as done, whatever it had asked for. Here each file has an outcome of its own;
absence counts as removed only for a copy that is DELETING (invariant 5), and only if it was said of this file
(``common.whole_call_failed``); a copy that is gone without having been withdrawn is LOST, which a person
sees; and what is said of a checksum or of a request is not said of the file.

Seen to fail: with ``cleanup._is_gone`` true for every failure, run 2 is DELETED; with ``whole_call_failed``
giving its own code to each path, all are; with ``checksum_of`` of the XRootD backend giving the server's "not
found" as it is (so it was until this test), a good file is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.clock import SystemClock
from tests.accidents.experiment import DAY, RUN, Experiment
from tests.fixtures_xrootd import eos_server
from transfers.backends.xrootd import open_storage
from transfers.errors import FileMissing, PermissionRefused, failed
from transfers.model import Observed, Outcome, Unknown
from transfers.ports import Remover
from transfers.testing.xrootd import XRootDServer

__all__ = ["eos_server"]


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path / "e")
    made.register(made.take_data() + made.take_data(run=RUN + 1, first=12_001))
    return made


class Stubborn:
    """Removes what it may; ``whole``: fails as a whole, with the word of one file."""

    def __init__(self, remover: Remover, keeps: str, *, whole: bool = False) -> None:
        self._remover, self._keeps, self._whole = remover, keeps, whole

    def remove(self, paths: Sequence[str]) -> Mapping[str, Outcome]:
        if self._whole:
            raise FileMissing("no such file or directory")
        kept = [path for path in paths if self._keeps in path]
        told: dict[str, Outcome] = dict(self._remover.remove([path for path in paths if path not in kept]))
        return told | {path: failed(PermissionRefused, f"{path}: not yours") for path in kept}


def removed(experiment: Experiment) -> Counter[tuple[int, bool]]:
    """Intermediate files by run, and whether they are marked DELETED."""
    return Counter((r.run, r.state == "DELETED") for r in experiment.replicas(role="intermediate"))


def test_11_the_success_of_one_run_marks_no_other(experiment: Experiment) -> None:
    with experiment.program() as app:
        disk = app.storages["disk"]
    experiment.go(disk=replace(disk, remover=Stubborn(disk.remover, f"{RUN + 1}")))
    assert removed(experiment) == {(RUN, True): 4, (RUN + 1, False): 4}
    assert all(
        experiment.disk_file(row.path).exists()
        for row in experiment.replicas(role="intermediate", run=RUN + 1)
    )
    assert {thing.noun for thing in experiment.held()} == {"item"}
    assert experiment.kept() == []


def test_11_no_such_file_said_of_a_whole_call_is_said_of_no_file(experiment: Experiment) -> None:
    with experiment.program() as app:
        disk = app.storages["disk"]
    experiment.go(disk=replace(disk, remover=Stubborn(disk.remover, "", whole=True)))
    assert removed(experiment) == {(RUN, False): 4, (RUN + 1, False): 4}
    assert experiment.kept() == []


def test_11_what_somebody_else_has_removed_is_lost_and_not_deleted(tmp_path: Path) -> None:
    """A withdrawn file is wanted back, and is not there: somebody has removed it within its grace time."""
    experiment = Experiment(tmp_path / "e", changes={'grace = "1 d"': 'grace = "4 d"'})
    experiment.register(experiment.take_data())
    experiment.go(4 * DAY)
    row = experiment.replicas(role="intermediate", product="dump", run=RUN)[0]
    assert row.state == "TRASHED"
    experiment.disk_file(row.path).unlink()
    experiment.good("trash", "restore", row.lfn, "--reason", "wanted for a study")
    experiment.go()
    states = {r.lfn: r.state for r in experiment.replicas(role="intermediate")}
    assert states.pop(row.lfn) == "LOST"
    assert set(states.values()) == {"DELETED"}
    assert ("replica", "LOST") in {(thing.noun, thing.state) for thing in experiment.held()}


@pytest.fixture
def server(eos_server: XRootDServer) -> Iterator[XRootDServer]:
    yield eos_server
    eos_server.kill("tapelib")
    eos_server.restart("tapelib")


@pytest.mark.xrootd
def test_11_a_checksum_that_a_real_server_does_not_find_is_no_missing_file(server: XRootDServer) -> None:
    """Its checksum program ends with 2, as programs do that cannot do their work: the server says 3011."""
    server.put("/disk/run1/a.root", b"good bytes")
    prober = open_storage(server.disk_prefix, clock=SystemClock(), options={}).prober
    assert isinstance(prober.probe(["/run1/a.root"])["/run1/a.root"], Observed)
    server.put("/disk/run1/b.root", b"other good bytes")
    server.kill("tapelib")
    seen = prober.probe(["/run1/b.root", "/run1/none.root"])
    assert isinstance(seen["/run1/b.root"], Unknown), seen
    assert getattr(seen["/run1/none.root"], "code", "") == FileMissing.code
