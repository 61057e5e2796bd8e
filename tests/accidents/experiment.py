"""A small experiment with real bytes: a posix disk, a simulated tape library, and jobs run on the spot.

The configuration, the catalogue, the steps, the merges and the storages are the real ones; the time is
simulated, and a job does its work (``ddm.jobs.doing``) when it is submitted, in this process. Commands are
run as an operator runs them, on the same catalogue.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner, Result

from catalog.checksum import adler32
from catalog.clock import SimulatedClock, SystemClock
from catalog.db.engine import Catalog
from catalog.states import EndpointKind
from catalog.testing import facts
from catalog.testing.facts import ReplicaFact
from ddm import config, flow, registration
from ddm.app import App, open_app
from ddm.cli.program import ddm
from ddm.importing.names import Names
from ddm.jobs.doing import run_manifest
from ddm.jobs.manifest import Manifest
from ddm.jobs.ports import Ended, JobRef, JobStatus, Refused, Vanished
from merging.date import EventType, build_event
from transfers.backends.simtape import SimulatedTape, open_tape
from transfers.ports import Storage

RUN = 275_678
RAW = "/castor/cern.ch/compass/data/2016/raw/{period}/cdr{chunk}-{run}.raw"
MAX_ROUNDS = 4000
DAY = timedelta(days=1)

CONFIGURATION = """
[names]
eos = "/eos/experiment/compass/"
tape = "/castor/cern.ch/compass/"

[endpoint.disk]
kind = "disk"
backend = "posix"
prefix = "file://{{here}}/disk"

[endpoint.tape]
kind = "tape"
backend = "simtape"
prefix = "simtape://{{here}}/tape"
options = {{ drives = "2", mount = "60", archive_delay = "600" }}

[product.dump]
payload = "testevtdump.raw"
chunk_dir = "{{eos}}{{path}}{{soft}}/evtdump/"
chunk_name = "evtdump{{slot}}-{{chunk}}-{{run}}.raw"
merged_dir = "{{eos}}{{path}}{{soft}}/mergedDump/"
merged_name = "evtdump{{slot}}-{{run}}.raw{{part}}"
archive_dir = "{{tape}}{{path}}oracle_dst/{{soft}}/mergedDump/"
archive_to = "tape"
tool = "date"
counter = "date"
counted = "all"
target = "1 MB"
grace = "1 d"

[product.logs]
payload = "job.log"
chunk_dir = "{{eos}}{{path}}{{soft}}/logFiles/"
chunk_name = "{{prod}}.{{run}}-{{chunk}}-{{slot}}.stdout.gz"
merged_dir = "{{eos}}{{path}}{{soft}}/mergedLogs/"
merged_name = "{{prod}}.{{run}}.zip{{part}}"
archive_dir = "{{tape}}{{path}}oracle_dst/{{soft}}/logFiles/"
archive_to = "tape"
tool = "zip"
counter = "zip"
counted = "none"
target = "1 MB"
grace = "1 d"

[runner.here]
backend = "local"
slots = 4

{tasks}
[flow]
interval = "1 d"
first_wait = "10 min"
longest_wait = "2 h"
max_attempts = 5
"""

EVENTS = 5  # of a raw file
PROGRAM = f"""cp "$1" testevtdump.raw; echo '{{"testevtdump.raw": {EVENTS}}}' > events.json"""
TASK = {
    "dataset": "2016/W14",
    "raw_name": "cdr{chunk}-{run}.raw",
    "year": 2016,
    "period": "P08",
    "production": "dvcs2016P08t1",
    "path": "data/2016/",
    "soft": "dvcs2016P08t1",
    "slot": 0,
    "program": ["sh", "-c", PROGRAM, "reco", "{input}"],
    "disk": "disk",
    "runner": "here",
    "products": ["dump", "logs"],
}


class Here:
    """A runner that does a job at once. ``fails``: what part of a label makes it end badly, and how often."""

    slots = 100

    def __init__(self, work: Path, clock: SimulatedClock) -> None:
        self._work, self._clock = work, clock
        self._over: dict[str, Ended] = {}
        self.fails: Counter[str] = Counter()

    def submit(self, manifests: Sequence[Manifest]) -> Mapping[str, JobRef | Refused]:
        for manifest in manifests:
            if manifest.label not in self._over:
                self._over[manifest.label] = self._do(manifest)
        return {manifest.label: JobRef(manifest.label, manifest.label) for manifest in manifests}

    def _do(self, manifest: Manifest) -> Ended:
        for part, left in self.fails.items():
            if left and any(part in entry.lfn for entry in manifest.inputs) and manifest.kind == "process":
                self.fails[part] -= 1
                return Ended(None, "killed by the batch system: out of memory")
        return Ended(run_manifest(manifest, self._work / manifest.label, clock=self._clock))

    def poll(self, refs: Sequence[JobRef]) -> Mapping[str, JobStatus]:
        return {ref.label: self._over.get(ref.label, Vanished("never heard of it")) for ref in refs}

    def cancel(self, refs: Sequence[JobRef]) -> None:
        pass

    def find(self, labels: Sequence[str]) -> Mapping[str, JobRef]:
        return {label: JobRef(label, label) for label in labels if label in self._over}


def toml(tasks: Mapping[str, Mapping[str, Any]], **changes: str) -> str:
    """A ddm.toml with these tasks, each as what differs from ``TASK``; ``changes`` are made in the text."""
    sections = []
    for name, differs in tasks.items():
        lines = [f"{key} = {json.dumps(value)}" for key, value in {**TASK, **differs}.items()]
        sections.append("\n".join([f'[task."{name}"]', *lines, ""]))
    text = CONFIGURATION.format(tasks="\n".join(sections))
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@cache
def _empty_catalogue() -> bytes:
    """Made once: that takes longer than many a test."""
    with TemporaryDirectory() as directory:
        with Catalog(f"sqlite:///{directory}/ddm.db") as catalog:
            catalog.create()
        return Path(f"{directory}/ddm.db").read_bytes()


class Experiment:
    """The experiment in a directory. ``tasks``: name -> what differs from ``TASK``."""

    def __init__(
        self,
        root: Path,
        tasks: Mapping[str, Mapping[str, Any]] | None = None,
        changes: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        (root / "disk").mkdir()
        self.clock = SimulatedClock(datetime.now(UTC).replace(microsecond=0) - timedelta(days=300))
        self.runner = Here(root / "work", self.clock)
        (root / "work").mkdir()
        self.raw: dict[str, bytes] = {}
        self.configure(tasks or {"P08": {}}, changes)
        (root / "ddm.db").write_bytes(_empty_catalogue())

    def configure(
        self, tasks: Mapping[str, Mapping[str, Any]], changes: Mapping[str, str] | None = None
    ) -> None:
        """Write ddm.toml anew, as an administrator edits it, and read it."""
        (self.root / "ddm.toml").write_text(toml(tasks, **(changes or {})), "utf-8")
        self.settings = config.load(self.root / "ddm.toml", {})

    # ------------------------------------------------------------------------ what there is
    @property
    def tape(self) -> SimulatedTape:
        return open_tape(f"simtape://{self.root}/tape", clock=self.clock, options={})

    def disk_file(self, path: str) -> Path:
        return self.root / f"disk{path}"

    def tape_file(self, path: str) -> Path:
        """The tape copy."""
        return self.root / f"tape/tape{path}"

    def on_disk(self) -> set[str]:
        """The path of every file on disk."""
        root = self.root / "disk"
        return {f"/{path.relative_to(root)}" for path in root.rglob("*") if path.is_file()}

    def replicas(self, **like: object) -> list[ReplicaFact]:
        """Replicas with these values, e.g. ``endpoint="tape", product="dump"``."""
        with Catalog(self.settings.catalog) as catalog, catalog.read() as conn:
            found = facts.replicas(conn)
        return [row for row in found if all(getattr(row, key) == value for key, value in like.items())]

    def states(self, **like: object) -> Counter[str]:
        return Counter(row.state for row in self.replicas(**like))

    def held(self) -> list[facts.Held]:
        with Catalog(self.settings.catalog) as catalog, catalog.read() as conn:
            return facts.held(conn)

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        """A question to the tables."""
        with Catalog(self.settings.catalog) as catalog, catalog.read() as conn:
            return [tuple(row) for row in conn.exec_driver_sql(query)]

    # ------------------------------------------------------------------------ what is done
    def take_data(
        self, run: int = RUN, chunks: int = 2, *, period: str = "W14", first: int = 11_001
    ) -> list[str]:
        """Raw files of a run, on tape since long; their LFNs."""
        made = []
        for number in range(chunks):
            chunk = f"{first + number}"
            lfn = RAW.format(period=period, chunk=chunk, run=run)
            data = b"".join(
                build_event(EventType.PHYSICS, run, 1, number * 1000 + n, f"{lfn} {n}".encode().ljust(200))
                for n in range(EVENTS)
            )
            local = self.root / "raw"
            local.write_bytes(data)
            self.tape.seed_tape([(lfn, local)])
            local.unlink()
            self.raw[lfn] = data
            made.append(lfn)
        return made

    def register(self, lfns: Iterable[str], *, task: str = "P08", close: bool = True) -> None:
        """Register raw files in the dataset of a task, as an administrator does."""
        listed = self.root / "raw.csv"
        rows = [f"{n},{len(self.raw[n])},{adler32([self.raw[n]])},{EVENTS}" for n in lfns]
        listed.write_text("\n".join(["lfn,size,adler32,n_events", *rows, ""]))
        with self.program() as app:
            settings = self.settings.tasks[task]
            entries = registration.read_list(listed, Names(settings, self.settings))
            registration.register(
                app.catalog,
                entries,
                dataset=settings.dataset,
                endpoint="tape",
                kind=EndpointKind.TAPE,
                close=close,
            )

    def program(self, **storages: Storage) -> _Program:
        """The program, as a context; storages given take the place of those of the settings."""
        return _Program(self, storages)

    def go(self, time: timedelta = 6 * DAY, **storages: Storage) -> flow.Outcome:
        """Let the flow run for so long, or until nothing moves by itself, in rounds of a day; then let
        the rest of the time pass."""
        end = self.clock.now() + time
        with self.program(**storages) as app:
            flow.recover(app)
            while self.clock.now() < end:
                outcome = flow.run(app, max_rounds=5)
                if outcome.rounds < 5:
                    self.clock.sleep(min(end - self.clock.now(), 1.5 * DAY))
        return outcome

    def run(self, *words: object) -> Result:
        """A command, as an operator gives it at this time of the experiment."""
        told = [str(word) for word in words]
        with patch.object(SystemClock, "now", lambda _: self.clock.now()):
            return CliRunner().invoke(ddm, [*told, "--config", str(self.root / "ddm.toml")])

    def good(self, *words: object) -> str:
        """The output of a command that must succeed."""
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    # ------------------------------------------------------------------------ what must be true
    def kept(self) -> list[str]:
        """What is wrong, as sentences: raw files unchanged; every promise of the catalogue kept; nothing gone
        without a certificate. None is what one wants to see."""
        wrong = [
            f"raw file {lfn} has changed"
            for lfn, data in self.raw.items()
            if self.tape_file(lfn).read_bytes() != data
        ]
        for row in self.replicas():
            place = self.disk_file(row.path) if row.endpoint == "disk" else self.tape_file(row.path)
            if row.state in ("AVAILABLE", "TRASHED"):
                data = place.read_bytes() if place.exists() else b""
                if (len(data), adler32([data])) != (row.size, row.adler32):
                    wrong.append(f"{row.lfn} at {row.endpoint} is {row.state}, and not there or changed")
            elif row.state == "DELETED" and not (row.certified and row.role == "intermediate"):
                wrong.append(f"{row.lfn} was removed without a certificate")
        return wrong


class _Program:
    """``open_app`` on the experiment's clock, with its runner."""

    def __init__(self, experiment: Experiment, storages: Mapping[str, Storage]) -> None:
        self._of, self._storages = experiment, storages

    def __enter__(self) -> App:
        of = self._of
        self._app = open_app(
            of.settings, clock=of.clock, chance=random.Random(1), runners={"here": of.runner}
        )
        if self._storages:
            self._app = replace(self._app, storages={**self._app.storages, **self._storages})
        return self._app

    def __exit__(self, *_: object) -> None:
        self._app.close()
