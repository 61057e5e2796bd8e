"""Setting up the demonstration: a directory with storage, raw data on tape, and a ddm.toml.

Made once; ``demo.json`` is written last, so that a directory that has it is complete and can be run again,
and one that lacks it was interrupted while it was made.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from catalog.clock import SystemClock
from catalog.errors import BadInput, ExitCode
from ddm.demo.rawdata import RawChunk, make_period, write_raw_catalogue, write_registration
from ddm.errors import ConfigError
from ddm.templates import demo_toml

DATASET, TASK = "2016/W14", "P08"
CHUNKS = (24, 20)
TARGETS = {"mDST": "250 kB", "hist": "150 kB", "evtdump": "100 kB"}
MADE = "demo.json"
LOST_EVENTS = 3


class Fault(StrEnum):
    """What goes wrong in the demonstration, on request."""

    CORRUPT_MERGE = "corrupt-merge"
    LOST_CHUNK = "lost-chunk"
    TAPE_ERROR = "tape-error"
    BAD_COUNT = "bad-count"


class DemoInTheWay(ConfigError):
    """The directory holds something else."""

    code = "demo_in_the_way"
    exit_code = ExitCode.USAGE
    advice = "choose another directory with --dir"


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for."""

    runs: int = 2
    chunks: int | None = None
    storage: str = "local"
    seed: int = 1
    fault: str | None = None

    @property
    def per_run(self) -> list[int]:
        """Chunks of each run: as given, else 24 and 20 in turn."""
        return [self.chunks or CHUNKS[number % len(CHUNKS)] for number in range(self.runs)]


def prepare(directory: Path, options: Options) -> bool:
    """Make the directory's contents. False if they were there already. Raises DemoInTheWay."""
    made = directory / MADE
    if made.exists():
        known = json.loads(made.read_text("utf-8"))
        if known != asdict(options):
            given = ", ".join(f"{key}={value}" for key, value in known.items() if value is not None)
            raise DemoInTheWay(f"the demonstration there has other options: {given}", subject=str(directory))
        return False
    if directory.exists() and any(directory.iterdir()):
        raise DemoInTheWay(
            "the directory is not empty and holds no whole demonstration", subject=str(directory)
        )
    directory.mkdir(parents=True, exist_ok=True)
    _make(directory, options)
    made.write_text(json.dumps(asdict(options)), "utf-8")
    return True


def _make(directory: Path, options: Options) -> None:
    local = options.storage == "local"
    raw = directory / ("tape/tape" if local else "raw")
    chunks = make_period(raw, rng=random.Random(options.seed), chunks=options.per_run)
    write_raw_catalogue(chunks, directory / "raw-catalogue.txt")
    write_registration(chunks, directory / "raw.csv")
    victim = _victim(chunks)
    if options.fault == Fault.LOST_CHUNK:
        (raw / victim.lfn.lstrip("/")).unlink()
    if local:
        (directory / "disk").mkdir()
        if options.fault == Fault.TAPE_ERROR:
            _break_tape(directory / "tape", victim)
        text = _toml(options, chunks)
    else:
        with _server(directory) as server:
            for path in sorted(raw.rglob("*.raw")):
                server.load("/cta/" + str(path.relative_to(raw)), path)
            if options.fault == Fault.TAPE_ERROR:
                server.fault(f"*{victim.lfn}", "fail")
            text = _toml(options, chunks, server.disk_prefix, server.tape_prefix)
    (directory / "ddm.toml").write_text(text, "utf-8")


def _victim(chunks: Sequence[RawChunk]) -> RawChunk:
    """The chunk that a fault hits: the second ordinary one, with events and a known count."""
    ordinary = [chunk for chunk in chunks if chunk.n_events]
    return ordinary[1] if len(ordinary) > 1 else chunks[0]


def _break_tape(root: Path, victim: RawChunk) -> None:
    from transfers.backends.simtape import open_tape

    tape = open_tape(f"simtape://{root.resolve()}", clock=SystemClock(), options={})
    tape.inject(f"*{victim.lfn}", "fail", None)


def _toml(options: Options, chunks: Sequence[RawChunk], disk: str = "", tape: str = "") -> str:
    program = [sys.executable, "-m", "ddm.demo.reco", "{input}"]
    if options.fault == Fault.BAD_COUNT:
        name = _victim(chunks).lfn.rsplit("/", 1)[-1]
        program += ["--lose", str(LOST_EVENTS), "--lose-of", name]
    sizes: dict[int, int] = {}
    for chunk in chunks:
        sizes[chunk.run] = sizes.get(chunk.run, 0) + chunk.size
    whole = sum(sizes.values())
    # room for the largest run, or for half of the only one: back-pressure must be seen
    budget = max(sizes.values()) * 21 // 20 if len(sizes) > 1 else whole * 3 // 5
    given: dict[str, Any] = {
        "program": program,
        "stage_budget": budget,
        "targets": TARGETS,
        "dataset": DATASET,
    }
    if options.storage == "xrootd":
        given |= {"storage": "xrootd", "disk_prefix": disk, "tape_prefix": tape}
        given |= {"tape_options": {"tape": "true"}}
    text = demo_toml(**given)
    if options.fault == Fault.CORRUPT_MERGE:
        good = 'tool = "root"\ncounter = "root-tree"'
        if good not in text:
            raise BadInput("the demo's ddm.toml has no mDST merge to spoil", subject="demo.toml")
        text = text.replace(good, 'tool = "ddm.demo.faults:LossyRoot"\ncounter = "root-tree"')
    return text


def _server(directory: Path) -> Any:
    from transfers.testing.xrootd import XRootDServer

    return XRootDServer.start(directory / "xrootd")


def storage_server(directory: Path, options: Options) -> AbstractContextManager[object]:
    """The storage service that the demonstration needs while it runs: none, or a real XRootD server.

    It comes up again on the port that ddm.toml names.
    """
    if options.storage == "local":
        return nullcontext()
    from transfers.testing.xrootd import XRootDServer

    work = directory / "xrootd"
    port = XRootDServer.attach(work).port
    return XRootDServer.start(work, port=port)
