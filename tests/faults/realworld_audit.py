"""The independent checker of the real-world proof: the server's files against the catalogue and the truth.

It reads the bytes of every file on the server's disks and tapes and the tables of the catalogue by statements
of its own. ``look`` may be asked at any moment when no flow runs; ``finish`` when all is over.
"""

from __future__ import annotations

import re
import sqlite3
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy
import uproot

from tests.faults.realworld_ground import Ground, bytes_of, names_below, physics

ROWS = """
    SELECT r.id, r.state, e.name, e.kind, coalesce(r.path, d.path || f.name), d.path || f.name, f.role,
           f.product, f.run, f.size, f.adler32,
           EXISTS (SELECT 1 FROM certified c WHERE c.replica_id = r.id)
    FROM replica r JOIN file f ON f.id = r.file_id JOIN directory d ON d.id = f.directory_id
         JOIN endpoint e ON e.id = r.endpoint_id
"""
PROMISED = ("AVAILABLE", "TRASHED")
"""States in which the bytes were compared and nobody has been asked to remove them."""
THERE = (*PROMISED, "UNVERIFIED", "SUSPECT", "ARCHIVING")
GOING = ("DELETING", "DELETED")
ATTEMPT = re.compile(r"/j[0-9]+a[0-9]+/")
"""The directory of what one attempt of a job writes."""


class Row(NamedTuple):
    """A replica as the catalogue has it."""

    id: int
    state: str
    endpoint: str
    kind: str
    path: str
    lfn: str
    role: str
    product: str
    run: int
    size: int
    adler32: int
    certified: int

    def __str__(self) -> str:
        return f"{self.lfn} at {self.endpoint} ({self.path}), {self.state}"


@dataclass
class Audit:
    """``lost``: bytes that are not where they must be; ``wrong``: whatever else may not be. Sentences."""

    ground: Ground
    lost: dict[str, None] = field(default_factory=dict)
    wrong: dict[str, None] = field(default_factory=dict)
    looks: int = 0
    deletions: int = 0
    strays: int = 0
    seen_on_tape: dict[str, tuple[int, int]] = field(default_factory=dict)

    def rows(self) -> list[Row]:
        with closing(sqlite3.connect(self.ground.directory / "ddm.db")) as db:
            return [Row(*row) for row in db.execute(ROWS)]

    def left(self) -> int:
        """Copies of intermediate files that are not removed yet."""
        return sum(row.role == "intermediate" and row.state != "DELETED" for row in self.rows())

    # -------------------------------------------------------------------- at any moment
    def look(self) -> None:
        """No flow runs now. What the catalogue promises is there, and nothing is gone that was not meant."""
        self.looks += 1
        rows = self.rows()
        for row in rows:
            self._replica(row)
        self._raw()
        self._tapes()
        self.deletions = sum(row.state == "DELETED" for row in rows)

    def _replica(self, row: Row) -> None:
        on_tape = row.kind == "tape"
        place = self.ground.tape(row.path) if on_tape else self.ground.disk(row.path)
        found = bytes_of(place)
        if row.state in GOING:
            if row.role != "intermediate" or on_tape:
                self.wrong[f"{row}: a {row.role} file is removed"] = None
            if not row.certified:
                self.wrong[f"{row}: removed without a certificate"] = None
            if row.state == "DELETED" and found is not None:
                self.wrong[f"{row}: and it is still there"] = None
        elif on_tape and row.state != "AVAILABLE":
            return  # on its way: not a promise yet
        elif row.state in THERE and found is None:
            self.lost[f"{row}: nothing is there"] = None
        elif row.state in PROMISED and found != (row.size, row.adler32):
            self.lost[f"{row}: there are {found}, not {(row.size, row.adler32)}"] = None

    def _raw(self) -> None:
        for lfn, known in self.ground.truth.raw.items():
            if bytes_of(self.ground.tape(lfn)) != known:
                self.lost[f"raw file {lfn} has changed on tape"] = None

    def _tapes(self) -> None:
        """What was once on tape stays as it was: nothing is overwritten, and nothing taken away."""
        root = self.ground.tape("")
        now = {name: bytes_of(Path(f"{root}{name}")) for name in names_below(root)}
        for name, known in self.seen_on_tape.items():
            if now.get(name) != known:
                self.wrong[f"{name} on tape was {known} and is {now.get(name)}"] = None
        self.seen_on_tape |= {name: found for name, found in now.items() if found is not None}

    # ----------------------------------------------------------------------- at the end
    def finish(self) -> None:
        """All is over: everything of the truth is on tape once, and every other file is gone or known."""
        self.look()
        rows = self.rows()
        for row in rows:
            if row.state not in ("AVAILABLE", "DELETED"):
                self.wrong[f"{row}: is no end"] = None
        tapes = {row.path for row in rows if row.kind == "tape" and row.state == "AVAILABLE"}
        for name in self.seen_on_tape.keys() ^ tapes:
            self.wrong[f"{name} is on tape or in the catalogue, not in both"] = None
        self._written_once(tapes)
        self._strays(rows)
        self._complete([row for row in rows if row.role == "final" and row.path in tapes])

    def _written_once(self, tapes: set[str]) -> None:
        told = self.ground.server.tally()
        for path in tapes:
            written = told.get(f"/cta{path}", {}).get("archived", 0)
            if written != (path not in self.ground.truth.raw):
                self.wrong[f"{path} was written to tape {written} times"] = None

    def _strays(self, rows: list[Row]) -> None:
        """Files of no entry: only those of attempts that were not taken in, which nobody may remove."""
        known = {row.path for row in rows if row.endpoint == "disk" and row.state != "DELETED"}
        strays = set(names_below(self.ground.disk(""))) - known
        self.strays = len(strays)
        for name in strays:
            if not ATTEMPT.search(name):
                self.wrong[f"{name} is on disk, and in no entry"] = None

    def _complete(self, merged: list[Row]) -> None:
        truth, parts = self.ground.truth, defaultdict[tuple[int, str], list[Path]](list)
        for row in merged:
            if row.kind == "tape":
                parts[row.run, row.product].append(self.ground.tape(row.path))
        taped = [row for row in merged if row.kind == "tape" and row.product == "prodlogs"]
        logs = sum((_logs(self.ground.tape(row.path)) for row in taped), Counter[int]())
        for run, chunks in truth.chunks.items():
            dumps = list(map(physics, parts[run, "evtdump"]))
            wanted, found = {"logs": chunks}, {"logs": logs[run]}
            if self.ground.light:
                self._compare(run, "evtdump", truth.events[run], _sum(numbers for numbers, _ in dumps))
            else:
                self._compare(run, "evtdump", truth.dumps[run], _sum(dumped for _, dumped in dumps))
                self._compare(run, "mDST", truth.events[run], _sum(map(_tree, parts[run, "mDST"])))
                wanted["hist"] = truth.events[run].total()
                found["hist"] = sum(map(_filled, parts[run, "hist"]))
            for product, number in wanted.items():
                if found[product] != number:
                    self.lost[f"run {run}: {found[product]} of {number} are in {product} on tape"] = None

    def _compare(self, run: int, product: str, wanted: Counter[Any], found: Counter[Any]) -> None:
        if missing := wanted - found:
            self.lost[f"run {run}: {missing.total()} events are not in {product} on tape"] = None
        if double := found - wanted:
            self.wrong[f"run {run}: {double.total()} events too many are in {product} on tape"] = None


def _sum(counts: Iterable[Counter[Any]]) -> Counter[Any]:
    return sum(counts, Counter())


def _tree(path: Path) -> Counter[tuple[int, int, int]]:
    with uproot.open(path) as file:
        columns = file["mDST"].arrays(["run", "spill", "event"], library="np")
    rows = numpy.stack([columns["run"], columns["spill"], columns["event"]], axis=1)
    return Counter((int(run), int(spill), int(event)) for run, spill, event in rows)


def _filled(path: Path) -> int:
    with uproot.open(path) as file:
        return int(file["events"].member("fEntries"))


def _logs(path: Path) -> Counter[int]:
    """Logs by run in an archive of the archives of runs, read by Python's own means."""
    found: Counter[int] = Counter()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if not name.endswith(".json"):
                with archive.open(name) as stream, zipfile.ZipFile(stream) as run:
                    assert run.testzip() is None
                    logs = [log for log in run.namelist() if log.endswith(".stdout.gz")]
                    found.update(int(log.split(".")[-3].split("-")[0]) for log in logs)
    return found
