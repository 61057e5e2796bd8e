"""Accident 6: a transfer was sent again while the first one still ran.

There: a file that was not on tape after an hour was sent again, although the first transfer only stood in a
busy queue: two writers for one tape file. Here a copy is one item of one request under our label, followed by
its id to an end before there is another (``ddm.steps.transferring``); time alone never sends anything again;
and no writer ever replaces a file (invariant 4), so that even two of them make one.

Seen to fail: with a copy that is still pending taken for one that came to nothing (``transferring._sort``),
FTS has two jobs for the file; with the simulated tape writing over what is there, two writers are both told
that they made it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.checksum import adler32
from tests.accidents.experiment import DAY, RUN, Experiment
from tests.fixtures_fts import credentials
from transfers.backends import posix
from transfers.model import CopyOrder, Done, Failed, Observed, Outcome
from transfers.ports import Copier
from transfers.testing.fts import Credentials, FtsServer
from transfers.watch import UNWATCHED, Watch

__all__ = ["credentials"]
pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed file <_io.BufferedReader name='.*proxy-.*:ResourceWarning"
)

DUMP = f"/castor/cern.ch/compass/data/2016/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-{RUN}.raw"


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path / "e")
    made.register(made.take_data())
    return made


class Behind:
    """The tape's copier as the service has it: it knows the disk by another name."""

    def __init__(self, copier: Copier, disk: str) -> None:
        self._copier, self._disk = copier, disk

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        known = [replace(o, source=o.source.replace("root://disk.example/", self._disk)) for o in orders]
        return self._copier.copy(known, watch)


@pytest.fixture
def fts(experiment: Experiment, credentials: Credentials) -> Iterator[FtsServer]:
    """An FTS between disk and tape, which the configuration names."""
    disk = posix.open_storage(f"file://{experiment.root}/disk", clock=experiment.clock, options={})
    tape = experiment.tape.storage()
    tape = replace(tape, copier=Behind(tape.copier, f"file://{experiment.root}/disk"))
    storages = {"root://disk.example/": disk, "root://tape.example/": tape}
    with FtsServer(experiment.clock, storages) as server:
        server.grant(hours=10_000)
        options = {"endpoint": server.url, "proxy": str(credentials.proxy()), "ca": str(credentials.ca)}
        words = ", ".join(f'{key} = "{value}"' for key, value in options.items())
        through = f'transfer = "fts"\ntransfer_options = {{ {words} }}'
        experiment.configure(
            {"P08": {}},
            {
                "[endpoint.disk]": '[endpoint.disk]\ntransfer_prefix = "root://disk.example/"',
                "[endpoint.tape]": f'[endpoint.tape]\ntransfer_prefix = "root://tape.example/"\n{through}',
            },
        )
        yield server


def asked_for(fts: FtsServer, path: str) -> int:
    """In how many jobs the file is."""
    return sum(file.destination.endswith(path) for job in fts.jobs.values() for file in job.files)


@pytest.mark.fts
def test_06_a_queue_that_stands_still_for_days_is_waited_for(experiment: Experiment, fts: FtsServer) -> None:
    fts.wedge()
    experiment.go(3 * DAY)  # the program is started anew each time, too
    experiment.run("archive", "resume", "--all", "--reason", "it does not go on")
    experiment.go(2 * DAY)
    assert asked_for(fts, DUMP) == 1
    assert not experiment.tape_file(DUMP).exists()
    assert experiment.states(role="intermediate") == {"AVAILABLE": 4}

    submissions = len(fts.asked("POST", "/jobs"))
    fts.heal()
    experiment.go()
    assert len(fts.asked("POST", "/jobs")) == submissions
    assert set(fts.moved.values()) == {1}
    assert experiment.states(role="final") == {"AVAILABLE": 4}
    assert experiment.kept() == []


@pytest.mark.fts
def test_06_an_impatient_administrator_takes_the_service_away_and_the_copy_is_made_once(
    experiment: Experiment, fts: FtsServer
) -> None:
    """The copies are held; told to, the flow makes them itself, and then the service awakes and wants to make
    them too."""
    fts.wedge()
    experiment.go(3 * DAY)
    assert asked_for(fts, DUMP) == 1
    experiment.configure({"P08": {}})
    experiment.go(DAY)
    assert {(thing.noun, thing.state) for thing in experiment.held()} == {("item", "HELD")}
    experiment.good("archive", "resume", "--all", "--reason", "make it yourself")
    experiment.go(2 * DAY)
    first = experiment.tape_file(DUMP).stat()
    fts.heal()
    for _ in range(5):
        experiment.clock.sleep(DAY / 2)
        fts.run()
    experiment.go()
    assert sum(name.endswith(DUMP) for name in fts.moved.elements()) == 0
    now = experiment.tape_file(DUMP).stat()
    assert (now.st_ino, now.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    assert experiment.kept() == []


def test_06_of_two_writers_of_one_name_on_tape_one_makes_it_and_the_other_is_told(tmp_path: Path) -> None:
    """Two programs copy different bytes to one name at the same time, again and again."""
    experiment = Experiment(tmp_path / "e")
    sources = [tmp_path / "one", tmp_path / "two"]
    for number, source in enumerate(sources):
        source.write_bytes(bytes([number]) * 300_000)
    sums = [adler32([source.read_bytes()]) for source in sources]
    for turn in range(10):
        path = f"/castor/cern.ch/compass/data/2016/x{turn}"
        orders = [CopyOrder(path, f"file://{s}", 300_000, c) for s, c in zip(sources, sums, strict=True)]
        told = _at_once(experiment, orders)
        kinds = sorted(type(outcome).__name__ for outcome in told)
        assert kinds == ["Done", "Failed"], told
        (winner,) = [number for number, outcome in enumerate(told) if isinstance(outcome, Done)]
        (loser,) = [outcome for outcome in told if isinstance(outcome, Failed)]
        assert loser.code == "file_exists"
        seen = experiment.tape.storage().prober.probe([path])[path]
        assert isinstance(seen, Observed)
        assert seen.adler32 == sums[winner]


def _at_once(experiment: Experiment, orders: list[CopyOrder]) -> list[Outcome]:
    """Each order by a program of its own, all begun at the same moment."""
    told: dict[int, Outcome] = {}
    gate = threading.Barrier(len(orders))

    def work(number: int) -> None:
        copier = experiment.tape.storage().copier
        gate.wait()
        told[number] = copier.copy([orders[number]])[orders[number].path]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(orders))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [told[number] for number in range(len(orders))]
