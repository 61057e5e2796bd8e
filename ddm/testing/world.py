"""The simulated world: storage, tape library, network and runner under one clock and one seed.

No bytes: a file is its size and checksum, a job computes what its program would have written. The
catalogue, the steps and every decision are the real ones. A world outlives the program: a test may stop the
program at any crossing of the seam, open it anew on the same world and the same database, and compare the
end states.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zlib import adler32

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from catalog.db.engine import Catalog
from catalog.model import NewFile
from catalog.names import LFN
from catalog.seam import Seam
from catalog.states import EndpointKind, JobKind, Role, Witness
from ddm import registration
from ddm.app import App, open_app
from ddm.jobs.manifest import Input, Manifest, Output, Reading, Report
from ddm.jobs.ports import Ended, JobRef, JobStatus, Refused, Running, Vanished
from ddm.settings import (
    EndpointSettings,
    FlowSettings,
    ProductSettings,
    RunnerSettings,
    Settings,
    TaskSettings,
)
from merging.witnesses import Counted
from transfers.backends.memory import MemoryStorage
from transfers.backends.tapelibrary import LibrarySettings
from transfers.errors import StorageError
from transfers.model import Space
from transfers.ports import Storage
from transfers.testing.transferservice import TransferService

DISK, TAPE, DATASET = "memory://disk", "memory://tape", "2016/W14"
RAW_DIR = "/castor/cern.ch/compass/data/2016/raw/W14"


@dataclass(frozen=True, slots=True)
class RawFile:
    """A raw chunk on tape: what the raw catalogue says of its events, and what is really in it."""

    lfn: LFN
    run: int
    chunk: str
    size: int
    adler32: Adler32
    said: int | None
    events: int


@dataclass
class Mischief:
    """What the simulated runner does wrong, each with its probability; deterministic under a seed."""

    dies: float = 0.0  # ends without a report
    vanishes: float = 0.0  # the runner forgets it
    refuses: float = 0.0  # not taken, for now
    loses_events: set[str] = field(default_factory=set)  # LFNs whose file lacks an event the job counted
    spoils: set[str] = field(default_factory=set)  # LFNs whose bytes change after the report


class SimulatedRunner:
    """A runner without processes: a job ends some time after its submission."""

    def __init__(self, world: World, slots: int, duration: timedelta) -> None:
        self._world, self.slots, self._duration = world, slots, duration
        self._jobs: dict[str, tuple[Manifest, datetime]] = {}
        self._over: dict[str, Ended | Vanished] = {}

    def submit(self, manifests: Sequence[Manifest]) -> Mapping[str, JobRef | Refused]:
        now, chance = self._world.clock.now(), self._world.chance
        answers: dict[str, JobRef | Refused] = {}
        for manifest in manifests:
            if manifest.label not in self._jobs and chance.random() < self._world.mischief.refuses:
                answers[manifest.label] = Refused("the queue is full")
                continue
            self._jobs.setdefault(manifest.label, (manifest, now + self._duration))
            answers[manifest.label] = JobRef(manifest.label, manifest.label)
        return answers

    def poll(self, refs: Sequence[JobRef]) -> Mapping[str, JobStatus]:
        now = self._world.clock.now()
        return {ref.label: self._status(ref.label, now) for ref in refs}

    def _status(self, label: str, now: datetime) -> JobStatus:
        if label in self._over:
            return self._over[label]
        if label not in self._jobs:
            return Vanished("never heard of it")
        manifest, end = self._jobs[label]
        if now < end:
            return Running()
        chance, mischief = self._world.chance, self._world.mischief
        if chance.random() < mischief.dies:
            self._over[label] = Ended(None, "killed by the batch system")
        else:
            report = self._world.work(manifest)
            gone = chance.random() < mischief.vanishes
            self._over[label] = Vanished("lost by the runner") if gone else Ended(report)
        return self._over[label]

    def cancel(self, refs: Sequence[JobRef]) -> None:
        for ref in refs:
            self._over.setdefault(ref.label, Ended(None, "canceled"))

    def find(self, labels: Sequence[str]) -> Mapping[str, JobRef]:
        return {label: JobRef(label, label) for label in labels if label in self._jobs}


class World:
    """Disk, tape and runner, with a period of raw data on tape; ``settings`` describe it to the program.

    ``struck``: what an adversary has spoiled behind everybody's back, by endpoint and path, and when; the
    judge (``ddm.testing.safety``) does not blame the program for what it could not know.
    """

    def __init__(
        self,
        root: Path,
        *,
        runs: int = 2,
        chunks: int = 4,
        seed: int = 1,
        url: str = "",
        budget_runs: float = 1.5,
        target_chunks: float = 3,
        batch: int = 2000,
        slots: int = 10_000,
        tape: LibrarySettings | None = None,
        transfers: bool = False,
    ) -> None:
        """``transfers``: a service makes the copies to tape, not the tape endpoint itself."""
        self.clock = SimulatedClock()
        self.chance = random.Random(seed)
        self.mischief = Mischief()
        self.disk = MemoryStorage("disk", self.clock)
        self.tape = MemoryStorage(
            "tape", self.clock, tape=True, settings=tape or LibrarySettings(drives=4, archive_delay=600.0)
        )
        self.service = TransferService(self.clock, self.tape.storage()) if transfers else None
        self.disk_total: int | None = None  # bytes that fit on the disk; None: it does not tell
        self.raw = _period(self.chance, runs, chunks)
        self.events: dict[str, int] = {}
        self.struck: dict[tuple[str, str], datetime] = {}
        for file in self.raw:
            self.tape.seed_tape([(file.lfn, file.size, file.adler32)], tape=f"V{file.run}")
            self.events[TAPE + file.lfn] = file.events
        size = max(file.size for file in self.raw)
        self.settings = _settings(
            root, url, batch, int(budget_runs * chunks * size), int(target_chunks * size / 10), slots
        )
        self.runner = SimulatedRunner(self, slots, timedelta(minutes=30))

    def open(self, seam: Seam | None = None, *, storages: Mapping[str, Storage] | None = None) -> App:
        """The program, started in this world. Makes the database when it is not there yet.

        ``storages`` takes the place of the world's own, e.g. those with faults put around them.
        """
        own = self.settings.root / "world.db"
        if self.settings.catalog != f"sqlite:///{own}" or not own.exists():
            with Catalog(self.settings.catalog, clock=self.clock) as catalog:
                catalog.create()
        return open_app(
            self.settings,
            clock=self.clock,
            seam=seam,
            chance=random.Random(7),
            storages=storages or self.storages(),
            runners={"sim": self.runner},
        )

    @property
    def stores(self) -> dict[str, MemoryStorage]:
        """The world's disk and tape, by endpoint."""
        return {"disk": self.disk, "tape": self.tape}

    def storages(self) -> dict[str, Storage]:
        """Their ports; the tape's with the service that moves files to it."""
        found = {name: store.storage() for name, store in self.stores.items()}
        if self.disk_total is not None:
            found["disk"] = replace(found["disk"], space=self)
        return {**found, "tape": replace(found["tape"], transferrer=self.service)}

    def space(self) -> Space:
        """How full the disk is, for ``transfers.ports.SpaceReporter``."""
        if self.disk_total is None:
            return Space()
        used = sum(record.size for record in self.disk.library.files.values())
        return Space(self.disk_total - used, self.disk_total)

    def register(self, app: App) -> None:
        """Register the period as an administrator does, and close its dataset."""
        registration.register(
            app.catalog, self.entries(), dataset=DATASET, endpoint="tape", kind=EndpointKind.TAPE, close=True
        )

    def entries(self) -> list[NewFile]:
        """The raw list."""
        return [
            NewFile(
                lfn=file.lfn,
                role=Role.RAW,
                product=registration.RAW,
                run=file.run,
                chunk=file.chunk,
                size=file.size,
                adler32=file.adler32,
                path=file.lfn,
                events={} if file.said is None else {Witness.RAW_CATALOGUE: file.said},
            )
            for file in self.raw
        ]

    # ------------------------------------------------------------- what a job would do
    def work(self, manifest: Manifest) -> Report:
        """The report of a job that reads its inputs and writes what it promised."""
        now = self.clock.now().isoformat()
        empty = Report(manifest.label, "simulated", now, now, ())
        counts: dict[str, int] = {}
        seen: list[Reading] = []
        for entry in manifest.inputs:
            try:
                size, checksum = self._store(entry.url).read(self._path(entry.url))
            except StorageError as error:
                return replace(empty, code=error.code, text=str(error))
            if (size, checksum) != (entry.size, entry.adler32):
                return replace(empty, code="checksum_mismatch", text=f"{entry.lfn}: bytes differ")
            counts[entry.lfn] = self.events.get(entry.url, 0)
            seen.append(Reading(entry.lfn, size, checksum, counts[entry.lfn]))
        outputs = []
        for promise in manifest.promises:
            inputs = manifest.inputs_of(promise)
            n = self._count(manifest, promise.product, [counts[entry.lfn] for entry in inputs])
            size = 33 if n == 0 else self._size(manifest, promise.product, n, inputs)
            checksum = Adler32(adler32(f"{promise.lfn} {n}".encode()))
            read = max(n - 1, 0) if promise.lfn in self.mischief.loses_events else n
            spoiled = promise.lfn in self.mischief.spoils
            store = self._store(promise.url)
            store.put(self._path(promise.url), size, Adler32(checksum ^ 1) if spoiled else checksum)
            self.events[promise.url] = read
            counted = promise.counter != ""
            outputs.append(
                Output(
                    promise.lfn,
                    promise.url,
                    size,
                    checksum,
                    n if counted else None,
                    read if counted else None,
                )
            )
        read_back = counts
        if not manifest.options.get("count_inputs"):
            read_back = {}
        return replace(empty, outputs=tuple(outputs), read=read_back, inputs=tuple(seen))

    def _count(self, manifest: Manifest, product: str, counts: Sequence[int]) -> int:
        if product == "logs":
            return len(counts) if manifest.kind == JobKind.MERGE else 1
        n = sum(counts)
        return n // 10 if product == "evtdump" and manifest.kind == JobKind.PROCESS else n

    def _size(self, manifest: Manifest, product: str, n: int, inputs: Sequence[Input]) -> int:
        if manifest.kind == JobKind.MERGE:
            return sum(entry.size for entry in inputs)
        return {"mDST": 400, "hist": 20, "evtdump": 3500, "logs": 10}[product] * n

    def _store(self, url: str) -> MemoryStorage:
        return self.tape if url.startswith(TAPE + "/") else self.disk

    @staticmethod
    def _path(url: str) -> str:
        return "/" + url.removeprefix("memory://").split("/", 1)[1]


def _period(chance: random.Random, runs: int, chunks: int) -> list[RawFile]:
    found = []
    for run in range(275_678, 275_678 + runs):
        for number in range(chunks):
            chunk = f"{11 + number // 1000 % 89:02d}{1 + number % 999:03d}"
            lfn = LFN(f"{RAW_DIR}/cdr{chunk}-{run}.raw")
            events = chance.randint(20_000, 30_000)
            found.append(
                RawFile(lfn, run, chunk, 35_000 * events, Adler32(adler32(lfn.encode())), events, events)
            )
    # one chunk whose count nobody knows, and one without any event
    found[0] = replace(found[0], said=None)
    found[-1] = replace(found[-1], size=4096, said=0, events=0)
    return found


_PRODUCTS = (
    ("mDST", "mDST.chunks", "mDST-{run}-{chunk}-{slot}-{phast}.root", "mDST", "root", Counted.ALL),
    ("hist", "TRAFDIC", "{run}-{chunk}-{slot}.root", "histos", "root", Counted.ALL),
    ("evtdump", "evtdump", "evtdump{slot}-{chunk}-{run}.raw", "mergedDump", "date", Counted.SUBSET),
    ("logs", "logFiles", "{prod}.{run}-{chunk}-{slot}.stdout.gz", "logs", "zip", Counted.NONE),
)
_MERGED = {
    "mDST": "mDST-{run}-{slot}-{phast}.root{part}",
    "hist": "histsum-{run}-{slot}-{phast}.root{part}",
    "evtdump": "evtdump{slot}-{run}.raw{part}",
    "logs": "{prod}.{run}.zip{part}",
}
_AT_ONCE = 100_000  # files in one request


def _settings(root: Path, url: str, batch: int, budget: int, target: int, slots: int) -> Settings:
    return Settings(
        root=root,
        catalog=url or f"sqlite:///{root}/world.db",
        names={"eos": "/eos/experiment/compass/", "tape": "/castor/cern.ch/compass/"},
        endpoints=_endpoints(budget),
        products=_products(target),
        tasks={"P08": _task()},
        runners={"sim": RunnerSettings(name="sim", backend="simulated", slots=slots)},
        flow=FlowSettings(batch=batch, interval=timedelta(minutes=15)),
    )


def _endpoints(budget: int) -> dict[str, EndpointSettings]:
    return {
        "disk": EndpointSettings(
            name="disk",
            kind=EndpointKind.DISK,
            backend="memory",
            prefix=DISK,
            max_files_per_request=_AT_ONCE,
        ),
        "tape": EndpointSettings(
            name="tape",
            kind=EndpointKind.TAPE,
            backend="memory",
            prefix=TAPE,
            stage_budget=budget,
            max_files_per_request=_AT_ONCE,
        ),
    }


def _products(target: int) -> dict[str, ProductSettings]:
    return {
        name: ProductSettings(
            name=name,
            payload=name,
            chunk_dir="{eos}{path}{soft}/" + directory,
            chunk_name=chunk_name,
            merged_dir="{eos}{path}{soft}/" + merged_dir,
            merged_name=_MERGED[name],
            archive_dir="{tape}{path}oracle_dst/{soft}/" + merged_dir,
            archive_to="tape",
            tool=tool,
            counter="" if counted is Counted.NONE else tool,
            counted=counted,
            target=target,
            grace=timedelta(0),
            settle=timedelta(0),
        )
        for name, directory, chunk_name, merged_dir, tool, counted in _PRODUCTS
    }


def _task() -> TaskSettings:
    return TaskSettings(
        name="P08",
        dataset=DATASET,
        raw_name="cdr{chunk}-{run}.raw",
        year=2016,
        period="P08",
        production="dvcs2016P08",
        path="generalprod/",
        soft="dvcs2016P08t1",
        program=("reco", "{input}"),
        disk="disk",
        runner="sim",
        products=tuple(name for name, *_ in _PRODUCTS),
    )
