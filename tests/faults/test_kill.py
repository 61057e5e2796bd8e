"""Real processes, real bytes and ``kill -9``: the flow, now and then a job too, killed at random moments."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from catalog.checksum import Adler32, adler32
from catalog.clock import SystemClock
from catalog.db.engine import Catalog
from catalog.testing import facts
from catalog.testing.facts import ReplicaFact
from ddm.demo.period import Options, prepare
from ddm.jobs.local import _is_held
from merging.counters import count_root_hist, count_root_tree, of_format
from merging.formats.archiveindex import index_of
from transfers.backends.simtape import open_tape

count_date = of_format("date")

SEEDS = [pytest.param(seed, marks=pytest.mark.nightly) for seed in (1, 2)]
KILLS = 6
DEADLINE = 120.0
COUNTERS = {"mDST": count_root_tree, "hist": count_root_hist, "evtdump": count_date}
DRIVER = (sys.executable, "-m", "tests.faults.driver")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def start(directory: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([*DRIVER, str(directory)], stdout=subprocess.PIPE, text=True)


def finish(directory: Path) -> str:
    """Run the flow to its end; its last words."""
    ended = subprocess.run(
        [*DRIVER, str(directory)], stdout=subprocess.PIPE, text=True, check=True, timeout=DEADLINE
    )
    return ended.stdout.splitlines()[-1]


def kill_some_day(directory: Path, rng: random.Random) -> bool:
    """Start the flow and kill it after a while; False if it came to its end before."""
    with start(directory) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        try:
            process.wait(timeout=rng.uniform(0.2, 3.0))
        except subprocess.TimeoutExpired:
            process.kill()
            return True
        assert process.returncode == 0
        return False


def kill_a_job(directory: Path) -> bool:
    """Kill the first job that is alive, as a machine would that breaks down."""
    for home in sorted((directory / "jobs").glob("j*")):
        if _is_held(home / "lock") and (home / "pid").exists() and not (home / "report.json").exists():
            os.killpg(int((home / "pid").read_text()), signal.SIGKILL)
            return True
    return False


def names_and_states(state: Mapping[str, Any]) -> dict[str, Any]:
    """The end without sizes and checksums: a ROOT file has the time of its making in it."""
    kept = {key: state[key] for key in ("items", "jobs", "groups", "checks", "pins", "events", "gaps")}
    return {**kept, "replicas": sorted((lfn, place, last) for lfn, place, _, _, last in state["replicas"])}


class End:
    """What is there when all is over: the catalogue's rows, and the bytes, looked at directly."""

    def __init__(self, directory: Path) -> None:
        with Catalog(f"sqlite:///{directory}/ddm.db") as catalog, catalog.read() as conn:
            self.state = dict(facts.end_state(conn))
            self.replicas = facts.replicas(conn)
            rows = conn.exec_driver_sql("SELECT noun, noun_id, event FROM history")
            self.happened = Counter(tuple(row) for row in rows)
        self.disk = directory / "disk"
        self.tape = open_tape(f"simtape://{directory}/tape", clock=SystemClock(), options={})
        self.tape_files = directory / "tape" / "tape"

    def place(self, replica: ReplicaFact) -> Path:
        root = self.disk if replica.endpoint == "disk" else self.tape_files
        return root / replica.path.lstrip("/")

    def problems(self) -> Iterator[str]:
        for replica in self.replicas:
            yield from self._replica(replica)
        yield from self._events()

    def _replica(self, replica: ReplicaFact) -> Iterator[str]:
        path, name = self.place(replica), f"{replica.lfn} at {replica.endpoint}"
        if replica.state == "AVAILABLE":
            if not path.is_file():
                yield f"{name} is not there"
            elif bytes_of(path) != (replica.size, replica.adler32):
                yield f"{name} has other bytes"
        elif replica.state == "DELETED":
            if replica.role != "intermediate" or not replica.certified:
                yield f"{name} was deleted, it is {replica.role}, certified: {replica.certified}"
            if path.exists():
                yield f"{name} is DELETED and still there"
        else:
            yield f"{name} is {replica.state}"
        for event in ("landed", "removed"):
            if self.happened["replica", replica.id, event] > 1:
                yield f"{name} {event} more than once"

    def _events(self) -> Iterator[str]:
        """Every raw event is in a merged file on tape; counted in the bytes, by readers of the formats."""
        on_tape = [r for r in self.replicas if r.kind == "tape" and r.state == "AVAILABLE"]
        raw, kept = Counter[int](), Counter[tuple[int, str]]()
        for replica in on_tape:
            if replica.role == "raw":
                raw[replica.run] += count_date(self.place(replica))
            elif replica.product == "prodlogs":
                for run in index_of(self.place(replica)).members:
                    kept[int(run.about["run"]), "logs"] += int(run.about["members"])
            else:
                kept[replica.run, replica.product] += COUNTERS[replica.product](self.place(replica)) or 0
        assert len(raw) == 2
        for run, events in raw.items():
            for product in ("mDST", "hist"):
                if kept[run, product] != events:
                    yield f"run {run}: {kept[run, product]} of {events} raw events are in {product} on tape"
            chunks = sum(r.role == "raw" and r.run == run for r in on_tape)
            if kept[run, "logs"] != chunks or not kept[run, "evtdump"]:
                yield f"run {run}: logs of {kept[run, 'logs']} chunks, {kept[run, 'evtdump']} events dumped"


def bytes_of(path: Path) -> tuple[int, Adler32]:
    data = path.read_bytes()
    return len(data), adler32([data])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    directory = tmp_path_factory.mktemp("undisturbed") / "demo"
    prepare(directory, Options(runs=2, chunks=3, seed=5))
    assert finish(directory).endswith("held 0 pending 0")
    end = End(directory)
    assert list(end.problems()) == []
    return names_and_states(end.state)


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_again_and_again_the_flow_comes_to_the_same_end(
    tmp_path: Path, seed: int, undisturbed: Mapping[str, Any]
) -> None:
    directory, rng = tmp_path / "demo", random.Random(seed)
    prepare(directory, Options(runs=2, chunks=3, seed=5))
    began, kills, jobs = time.monotonic(), 0, 0
    while kills < KILLS and kill_some_day(directory, rng):
        kills += 1
        if kills in (2, 5):
            jobs += kill_a_job(directory)
    assert finish(directory).endswith("held 0 pending 0")
    end = End(directory)
    assert list(end.problems()) == []
    assert names_and_states(end.state) == undisturbed
    assert finish(directory) == "moved 0 held 0 pending 0"
    assert kills >= 4, "it was over too soon to be killed"
    print(f"{kills} kills of the flow, {jobs} of jobs, {time.monotonic() - began:.0f} s")
