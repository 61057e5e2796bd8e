"""The ground of the real-world proof: a period on a real XRootD server with a tape library, and the programs.

Everything is done as an operator does it, by commands in processes of their own. The raw data are made from
a seed, and what went in is kept here (``Truth``): the checker compares with it, not with the catalogue.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ddm.demo.period import DATASET
from ddm.demo.rawdata import RANDOM_TRIGGER, make_period, write_registration
from ddm.templates import demo_toml
from merging.date import EventType
from merging.datewalk import events
from transfers.testing.xrootd import XRootDServer

ENVIRONMENT = {
    "XRD_CONNECTIONWINDOW": "2",
    "XRD_CONNECTIONRETRY": "1",
    "XRD_TIMEOUTRESOLUTION": "1",
    "XRD_STREAMTIMEOUT": "4",
    "XRD_REQUESTTIMEOUT": "12",
}
"""A server that is gone is noticed in seconds."""

LIBRARY = {
    "drives": 2,
    "mount": 0.1,
    "unmount": 0.05,
    "seek": 0.01,
    "archive_delay": 0.2,
    "evict_archived": 1,
}
QUICK = {"timeout": "3", "call_timeout": "20", "grace": "2", "checksum_timeout": "8", "copy_timeout": "30"}
PRODUCTS = ("mDST", "hist", "evtdump", "logs")
_PATTERN_AT = 32  # the trigger pattern's two words in a DATE header


@dataclass(frozen=True, slots=True)
class Truth:
    """What went in. ``raw``: name on tape -> (size, adler32 as a number); ``chunks``: raw files of each run;
    ``events``: run -> how often each (run, burst, number) is there; ``dumps``: run -> how often each event of
    the random trigger, by the checksum of its bytes."""

    raw: Mapping[str, tuple[int, int]]
    chunks: Mapping[int, int]
    events: Mapping[int, Counter[tuple[int, int, int]]]
    dumps: Mapping[int, Counter[int]]


class Ground:
    """A directory with a server, a ddm.toml and a catalogue in which the raw files are registered."""

    def __init__(self, directory: Path, *, runs: int, chunks: int, seed: int, light: bool = False) -> None:
        """``light``: only event dumps (of all events) and logs, by a program that takes no time."""
        self.directory, self.light = directory, light
        directory.mkdir(parents=True)
        self.environment = {**os.environ, **ENVIRONMENT}
        self.log = directory / "programs.log"
        raw = directory / "raw"
        made = make_period(raw, rng=random.Random(seed), chunks=[chunks] * runs, events=(30, 90))
        write_registration(made, directory / "raw.csv")
        self.truth = _truth(raw, {chunk.lfn: chunk.run for chunk in made})
        self.server = XRootDServer.start(directory / "xrootd", eos=True)
        for key, value in LIBRARY.items():
            self.server.set(key, value)
        names = [chunk.lfn for chunk in made]
        self.server.seed({f"/cta{name}": (raw / name.lstrip("/")).read_bytes() for name in names}, tapes=2)
        shutil.rmtree(raw)
        (directory / "ddm.toml").write_text(self._toml(sum(chunk.size for chunk in made)), "utf-8")
        self.done("db", "create")
        self.done(*self.registration)

    def _toml(self, raw: int) -> str:
        program = str(Path(__file__).with_name("realworld_copy.py")) if self.light else "-m ddm.demo.reco"
        text = demo_toml(
            storage="xrootd",
            program=[sys.executable, *program.split(), "{input}"],
            disk_prefix=self.server.disk_prefix,
            tape_prefix=self.server.tape_prefix,
            disk_options=QUICK,
            tape_options={**QUICK, "tape": "true"},
            stage_budget=raw * 3 // 5,
            targets={"mDST": "30 kB", "hist": "20 kB", "evtdump": "20 kB"},
            dataset=DATASET,
        )
        assert 'kind = "tape"' in text
        text = re.sub(r"^(settle|evidence) = .*\n", "", text, flags=re.MULTILINE)
        text = text.replace('grace = "0 s"', 'grace = "1 s"\nsettle = "1 s"')
        text = text.replace('tool = "zip"', 'tool = "zip"\nevidence = "c"')
        if self.light:
            text = text.replace('"mDST", "hist", ', "").replace('counted = "subset"', 'counted = "all"')
        text = text.replace('kind = "tape"', 'kind = "tape"\nstage_timeout = "8 s"')
        return text.replace(
            "[flow]", '[recall]\nlongest_poll = "1 s"\nlook_after = "2 s"\nstorm_pause = "1 s"\n\n[flow]'
        )

    @property
    def registration(self) -> tuple[str, ...]:
        """The command that registers the period; it may be repeated."""
        source = str(self.directory / "raw.csv")
        return ("file", "register", source, "--dataset", DATASET, "--endpoint", "tape", "--close")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """``ddm WORDS`` in a process of its own."""
        command = [sys.executable, "-m", "ddm", "--config", str(self.directory / "ddm.toml"), *words]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)

    def done(self, *words: str) -> None:
        """The same, to its good end."""
        process = self.start(*words)
        assert process.wait(120) == 0, f"ddm {' '.join(words)}: {self.last_words()}"

    def asked(self, *words: str) -> Any:
        """What ``ddm WORDS --json`` answers."""
        command = [sys.executable, "-m", "ddm", "--config", str(self.directory / "ddm.toml"), *words]
        ended = subprocess.run(
            [*command, "--json"], stdout=subprocess.PIPE, env=self.environment, timeout=120
        )
        return json.loads(ended.stdout)

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def disk(self, path: str) -> Path:
        """Where the server keeps a file of the disk endpoint."""
        return self.server.disk_file(f"/disk{path}")

    def tape(self, path: str) -> Path:
        """The tape copy of a file of the tape endpoint."""
        return self.server.tape_file(f"/cta{path}")

    def close(self) -> None:
        self.server.stop()


def bytes_of(path: Path) -> tuple[int, int] | None:
    """Size and adler32 of what is there, by reading it; None: nothing is."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return len(data), zlib.adler32(data)


def physics(path: Path) -> tuple[Counter[tuple[int, int, int]], Counter[int]]:
    """The physics events of a DATE file by their numbers, and those of the random trigger by their bytes."""
    data, numbers, dumped = path.read_bytes(), Counter[tuple[int, int, int]](), Counter[int]()
    for event in events(path):
        if event.type == EventType.PHYSICS:
            raw = data[event.offset : event.offset + event.size]
            numbers[event.run, event.burst, event.number] += 1
            low = int.from_bytes(raw[_PATTERN_AT : _PATTERN_AT + 4], "little")
            high = int.from_bytes(raw[_PATTERN_AT + 4 : _PATTERN_AT + 8], "little")
            if (low >> 1 | high << 31) & 0xFFFFFFFF & RANDOM_TRIGGER:
                dumped[zlib.adler32(raw)] += 1
    return numbers, dumped


def _truth(raw: Path, runs: Mapping[str, int]) -> Truth:
    sums, numbers, dumps = {}, {}, {}
    for lfn, run in runs.items():
        path = raw / lfn.lstrip("/")
        found = bytes_of(path)
        assert found is not None
        sums[lfn] = found
        seen, dumped = physics(path)
        numbers[run] = numbers.get(run, Counter()) + seen
        dumps[run] = dumps.get(run, Counter()) + dumped
    return Truth(sums, Counter(runs.values()), numbers, dumps)


def names_below(root: Path) -> Sequence[str]:
    """Every file below, by its name from there, with a slash before it."""
    return sorted(f"/{path.relative_to(root)}" for path in root.rglob("*") if path.is_file())
