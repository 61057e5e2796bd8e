"""A simulated year of recalls: interleaved productions want everything from tape, through one window.

The catalogue (a real file with the pragmas of production), the campaigns, the steps and every decision are
the real ones; the tape library is the simulated one, so there are no bytes and no waiting. Registering the
files is not part of the figures, asking for them, recalling, comparing, handing out and releasing is.

``mounts_in_request_order`` is what the same library needs when the same files are asked for in the order in
which people think of them (runs in any order, a request for each run, chunk after chunk), through the same
window.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import select, update

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from catalog.db import campaigns, files, places, progresses, registering, schema, tally
from catalog.db.engine import Catalog
from catalog.db.move import Why
from catalog.db.recall_leases import Served
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import EndpointKind, LeaseState, ReplicaState, Role
from ddm import flow
from ddm.app import App, open_app
from ddm.operations import staging
from ddm.settings import EndpointSettings, FlowSettings, RecallSettings, Settings
from ddm.steps import pinned, recalled, stage
from tests.bench.meter import Meter, own_memory_mb, peak_rss_mb
from transfers.backends.memory import MemoryStorage
from transfers.backends.tapelibrary import LibrarySettings, TapeLibrary
from transfers.forecast import Sample, forecast
from transfers.model import StageOrder
from transfers.ports import Storage
from transfers.wrappers import wrapped

CHUNKS = 400  # of a run
SIZE = 1_000_000_000
PRODUCTIONS = 4
WRITERS = 6  # tapes that the files of a run were written to in turn
PREFIX = "memory://bench-tape"
STEPS = (pinned.release, recalled.poll, stage.want, stage.send)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument(
        "--window", type=int, default=30_000, metavar="N", help="files staged at once (30000)"
    )
    parser.add_argument("--request", type=int, default=5000, metavar="N", help="files in a request (5000)")
    parser.add_argument("--drives", type=int, default=20, metavar="N", help="tape drives (20)")
    parser.add_argument("--db", metavar="URL", default="", help="database URL (a new SQLite file)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", type=int, default=0, metavar="N", help="print the N dearest statements")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    with tempfile.TemporaryDirectory(prefix="ddm-bench-") as directory:
        return Bench(chosen, Path(directory)).measure()


class Bench:
    """One year: the world it happens in, and what is counted."""

    def __init__(self, chosen: argparse.Namespace, root: Path) -> None:
        self.chosen = chosen
        self.clock = SimulatedClock()
        self.calls = 0
        self.memory = 0.0
        library = LibrarySettings(
            drives=chosen.drives,
            mount=90,
            unmount=60,
            seek=5,
            rate=300e6,
            archive_delay=600,
            seed=chosen.seed,
        )
        self.tape = MemoryStorage("bench-tape", self.clock, tape=True, settings=library)
        self.library = library
        self.settings = _settings(chosen, root)
        with Catalog(self.settings.catalog, clock=self.clock) as catalog:
            catalog.create()
        self.app = self._open()
        self.done_at: dict[str, datetime] = {}
        self.consumers = {name: Consumer(self.app, name) for name in names()}

    def _open(self) -> App:
        return open_app(
            self.settings,
            clock=self.clock,
            chance=random.Random(self.chosen.seed),
            storages={"tape": counting(self.tape.storage(), self)},
            runners={},
        )

    def measure(self) -> tuple[dict[str, Any], list[str]]:
        self.prepare()
        meter = Meter(self.app.catalog.engine, timed=bool(self.chosen.profile))
        start, cpu = time.perf_counter(), time.process_time()
        with meter.every_step(), flow.few_collections():
            with meter.step("request"):
                self.request()
            rounds = self.recall(meter)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        for line in meter.lines(self.chosen.profile) if self.chosen.profile else ():
            print(line, file=sys.stderr)
        n = self.chosen.files
        statements, memory, errors = meter.statements, peak_rss_mb(), self.eta_errors()
        mounts, days = self.tape.library.mounts, (max(self.done_at.values()) - self.began) / timedelta(days=1)
        problems = self.problems()
        self.app.close()
        self.tape.library = TapeLibrary(self.library)  # the other one is not to be beside it in memory
        figures = {
            "files": n,
            "seconds": round(seconds, 1),
            "files_per_s": round(n / seconds),
            "files_per_cpu_s": round(n / cpu),
            "sql_statements_per_file": round(statements / n, 4),
            "calls_per_file": round(self.calls / n, 5),
            "mounts": mounts,
            "mounts_in_request_order": self.in_request_order(),
            "peak_rss_mb": memory,
            "peak_own_memory_mb": self.memory,
            "eta_error_median": round(median(errors), 3) if errors else None,
            "rounds": rounds,
            "simulated_days": round(days, 1),
            "database": self.app.catalog.engine.dialect.name,
        }
        return figures, problems

    # --------------------------------------------------------------------- the world
    def prepare(self) -> None:
        """Files on tape, registered and compared; not part of the figures."""
        catalog, why = self.app.catalog, Why(self.clock.now(), "bench")
        total = self.chosen.files
        for tape in range(WRITERS):
            self.tape.seed_tape(seeds(tape, total))
        for first in range(0, total, 10_000):
            numbers = range(first, min(first + 10_000, total))
            with catalog.begin() as conn:
                endpoint = files.ensure_endpoint(conn, "tape", EndpointKind.TAPE)
                for which, production in enumerate(names()):
                    dataset = files.ensure_dataset(conn, f"raw/{production}", why)
                    entries = [entry(n) for n in numbers if n // CHUNKS % PRODUCTIONS == which]
                    registering.register(conn, entries, dataset=dataset, endpoint=endpoint, why=why)
        with catalog.begin() as conn:
            R = schema.replica  # noqa: N806
            conn.execute(
                update(R).values(
                    state=ReplicaState.AVAILABLE.value, verified_at=self.clock.now(), locality="NEARLINE"
                )
            )
            tally.rebuild(conn)
        self._tell_places()

    def _tell_places(self) -> None:
        """What a comparison of the files would have brought: where they are on tape."""
        R, F = schema.replica, schema.file  # noqa: N806
        for first in range(1, self.chosen.files + 1, 10_000):
            with self.app.catalog.begin() as conn:
                query = (
                    select(R.c.id, schema.lfn())
                    .join(F, F.c.id == R.c.file_id)
                    .where(R.c.id >= first, R.c.id < first + 10_000)
                )
                found = [(key, lfn) for key, lfn in conn.execute(query)]
                seen = self.tape.probe([lfn for _, lfn in found])
                told = [(key, getattr(seen[lfn], "place", None)) for key, lfn in found]
                places.remember(conn, [(key, p.tape, p.position) for key, p in told if p is not None])

    # --------------------------------------------------------------------- the year
    def request(self) -> None:
        """Each production asks for its runs, in one campaign."""
        self.began = self.clock.now()
        for name in names():
            want, terms = staging.Wanted(query=f"dataset=raw/{name}"), staging.Terms(name, "bench")
            staging.request(self.app.catalog, self.settings, want, terms, confirmed=True)

    def recall(self, meter: Meter) -> int:
        """Rounds of the flow and of the consumers, until everything was served and released."""
        rounds = 0
        while len(self.done_at) < len(self.consumers):
            for step in STEPS:
                with meter.step(f"{step.__module__.rpartition('.')[2]}.{step.__name__}"):
                    step(self.app)
            with meter.step("consumers"):
                for name, consumer in self.consumers.items():
                    if name not in self.done_at and consumer.turn():
                        self.done_at[name] = self.clock.now()
            rounds += 1
            self.memory = max(self.memory, own_memory_mb())
            self.clock.sleep(self.settings.flow.interval)
        return rounds

    # --------------------------------------------------------------------- what is counted
    def eta_errors(self) -> list[float]:
        """Of each campaign: how wrong the time to finish was that was predicted at a quarter of it."""
        errors = []
        with self.app.catalog.read() as conn:
            for name in self.consumers:
                (part,) = campaigns.all_named(conn, name)
                noted = progresses.of_campaign(conn, part.id)
                until = [sample for sample in noted if sample.files <= part.files / 4]
                if not until:
                    continue
                last, history = until[-1], [Sample(s.at, s.files, s.size) for s in until]
                end = noted[-1].at
                told = forecast(history, part.files - last.files, part.size - last.size, last.at)
                if told.finish_at is not None:
                    errors.append(abs((told.finish_at - last.at) / (end - last.at) - 1))
        return errors

    def in_request_order(self) -> int:
        """The mounts of a second library, asked in the order of the wishes through the same window."""
        again = MemoryStorage("bench-again", self.clock, tape=True, settings=self.library)
        for tape in range(WRITERS):
            again.seed_tape(seeds(tape, self.chosen.files))
        pending: deque[str] = deque(wished(self.chosen.files))
        waiting: dict[str, set[str]] = {}
        in_flight = 0
        while pending or waiting:
            while pending and in_flight <= self.chosen.window * 0.9:
                some = [pending.popleft() for _ in range(min(CHUNKS, len(pending)))]
                receipt = again.stage([StageOrder(name, SIZE) for name in some])
                waiting[receipt.token] = set(some)
                in_flight += len(some)
            self.clock.sleep(timedelta(minutes=30))
            for token, left in list(waiting.items()):
                outcomes = again.poll(token, sorted(left))
                here = [name for name, outcome in outcomes.items() if type(outcome).__name__ == "Done"]
                if here:
                    again.release(token, here)
                    in_flight -= len(here)
                    left.difference_update(here)
                if not left:
                    del waiting[token]
        return again.library.mounts

    def problems(self) -> list[str]:
        """What is wrong with the end state."""
        wrong = []
        with self.app.catalog.read() as conn:
            for name in self.consumers:
                (part,) = campaigns.all_named(conn, name)
                standing = campaigns.standing(conn, [part.id])[part.id].files
                if standing.get(LeaseState.RELEASED) != part.files:
                    wrong.append(f"{name}: {standing} of {part.files}")
            total = sum(campaigns.all_named(conn, name)[0].files for name in self.consumers)
            if total != self.chosen.files:
                wrong.append(f"{total} files were asked for, not {self.chosen.files}")
            wrong += tally.check(conn)
        return wrong


class Consumer:
    """A workflow service: takes what is ready, reads it for a round, releases it."""

    def __init__(self, app: App, name: str) -> None:
        self._app, self._name = app, name
        self._reading: list[Served] = []

    def turn(self) -> bool:
        """Release what was read since the last turn, and take what is ready. True: nothing is left."""
        catalog = self._app.catalog
        if self._reading:
            staging.release_page(catalog, self._reading)
        self._reading = [file for page in staging.ready(catalog, self._name) for file in page]
        if self._reading:
            return False
        with catalog.read() as conn:
            (part,) = campaigns.all_named(conn, self._name)
        return part.state == "DONE"


def counting(storage: Storage, bench: Bench) -> Storage:
    """The storage; the bench counts the calls."""

    def around(verb: str, n: int, call: Any) -> Any:
        bench.calls += 1
        return call()

    return wrapped(storage, around)


def seeds(tape: int, total: int) -> Iterator[tuple[str, int, Adler32]]:
    """The files that one of the writers puts on its tapes."""
    return ((path(n), SIZE, checksum(n)) for n in range(tape, total, WRITERS))


def names() -> list[str]:
    return [f"production-{number}" for number in range(PRODUCTIONS)]


def run_numbers(total: int) -> range:
    return range(270_000, 270_000 + (total + CHUNKS - 1) // CHUNKS)


def path(n: int) -> str:
    run, chunk = 270_000 + n // CHUNKS, 11_001 + n % CHUNKS
    return f"/castor/cern.ch/compass/data/2016/raw/W{n // 100_000:02d}/cdr{chunk}-{run}.raw"


def checksum(n: int) -> Adler32:
    return Adler32(n * 2654435761 % (1 << 32))


def entry(n: int) -> NewFile:
    lfn = LFN(path(n))
    return NewFile(
        lfn=lfn,
        role=Role.RAW,
        product="raw",
        run=270_000 + n // CHUNKS,
        chunk=str(11_001 + n % CHUNKS),
        size=SIZE,
        adler32=checksum(n),
        path=lfn,
    )


def wished(total: int) -> Iterator[str]:
    """The files in the order in which the productions want them: each wants its runs in order, by turns."""
    runs = list(run_numbers(total))
    random.Random(1).shuffle(runs)  # productions are asked for as people think of them, not as tapes lie
    for run in runs:
        first = (run - 270_000) * CHUNKS
        yield from (path(n) for n in range(first, min(first + CHUNKS, total)))


def _settings(chosen: argparse.Namespace, root: Path) -> Settings:
    tape = EndpointSettings(
        name="tape",
        kind=EndpointKind.TAPE,
        backend="memory",
        prefix=PREFIX,
        stage_files=chosen.window,
        max_files_per_request=chosen.request,
        pin_lifetime=timedelta(days=30),
        stage_timeout=timedelta(days=30),
        tape_drives=chosen.drives,
    )
    return Settings(
        root=root,
        catalog=chosen.db or f"sqlite:///{root}/bench.db",
        endpoints={"tape": tape},
        flow=FlowSettings(batch=10_000, interval=timedelta(minutes=20)),
        recall=RecallSettings(longest_poll=timedelta(hours=2), look_after=timedelta(days=7)),
    )
