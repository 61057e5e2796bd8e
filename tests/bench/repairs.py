"""A plan of repair of a million lines: proposed, signed, done, braked, resumed, listed, explained, reported.

Of ten findings five are dark files, three debris (temporary names), two lost copies. The first ``--applied``
are real: files in a directory, or copies of the catalogue without one; a second plan is of these, and done.
Of the others only the finding is made. Every command is a process of its own, of which the seconds on the
clock, those of the processor, and the memory are told.

Wrong unless every line of the second plan has its outcome: dark files and debris wait to be removed, what is
lost is LOST, what came back meanwhile is not, and neighbours are as they were.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import adler32

from sqlalchemy import func, select

from catalog.checksum import Adler32
from catalog.clock import SystemClock
from catalog.db import comparisons, files, registering, scans, schema, schema_debris
from catalog.db.comparisons import NewCompared, NewCount
from catalog.db.engine import Catalog
from catalog.db.move import Why, move
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import REPLICA, EndpointKind, ReplicaState, Role, ScanSource
from ddm.reconcile import engine as engines
from ddm.reconcile import findings
from ddm.reconcile.engine import text
from ddm.reconcile.kinds import Kind
from ddm.reconcile.verdicts import Standing
from tests.bench import bare

SHARE = {Kind.DARK: 5, Kind.DEBRIS: 3, Kind.LOST: 2}  # of ten
AT_ONCE = 10_000
IN_DIRECTORY = 1000
BACK = 200  # of what is lost, so many are there again when the plan is done: it is braked
WELL = 1000  # neighbours
NOW, REST = "/now/", "/rest/"
PLACE = """catalog = "{url}"
[endpoint.eos]
kind = "disk"
backend = "posix"
prefix = "file://{store}"
[reconcile]
brake = 100
"""
METER = """import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=sys.stderr)
of = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, round(of.ru_utime + of.ru_stime, 1), of.ru_maxrss // 1024)
"""
"""Runs a command from a small process: the memory of who starts one is counted as its own."""
COLUMNS = (
    "endpoint_id BIGINT, endpoint VARCHAR, path VARCHAR, kind VARCHAR, standing VARCHAR, expected BOOLEAN, "
    "present BOOLEAN, replica_id BIGINT, file_id BIGINT, state VARCHAR, size BIGINT, adler32 BIGINT, "
    "seen_size BIGINT, seen_adler32 BIGINT, other VARCHAR, said VARCHAR, lfn VARCHAR, run INTEGER, "
    "dataset VARCHAR, since TIMESTAMP, first_seen TIMESTAMP"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--applied", type=int, default=50_000, help="how many of them are done")
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--dir", type=Path, help="where everything is made, and removed")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    root = Path(tempfile.mkdtemp(prefix="ddm-bench-", dir=chosen.dir))
    try:
        with bare.server(chosen.db, root) as new_url:
            ground = Ground(root, new_url(), chosen.lines, min(chosen.applied, chosen.lines))
            ground.make()
            ground.measure()
            return {"lines": chosen.lines, "applied": ground.applied, "db": chosen.db, **ground.result}, (
                ground.problems
            )
    finally:
        shutil.rmtree(root, ignore_errors=True)


def content(path: str) -> bytes:
    """Debris has a size that no file has: else it might be the last copy of one, and would not go."""
    return path.encode() * (3 if path.endswith(".part") else 1)


@dataclass
class Ground:
    """An endpoint in a directory, a catalogue, and a comparison of them."""

    root: Path
    url: str
    lines: int
    applied: int
    result: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    # ---------------------------------------------------------------------------------------- made
    def make(self) -> None:
        self.store = self.root / "eos"
        (self.root / "ddm.toml").write_text(PLACE.format(url=self.url, store=self.store))
        began = SystemClock().now() - timedelta(days=40)
        why = Why(began, "bench")
        with Catalog(self.url) as catalog:
            catalog.create()
            with catalog.begin() as conn:
                eos = files.ensure_endpoint(conn, "eos", EndpointKind.DISK)
                dataset = files.ensure_dataset(conn, "2016", why)
            lost = [self.path(number) for number in range(self.lines) if self.kind(number) is Kind.LOST]
            well = [f"/well/f-{number}.raw" for number in range(WELL)]
            for path in well:
                self._put(path)
            known = self._register(catalog, [*lost, *well], (dataset, eos), why)
            self._compared(catalog, eos, known, why)

    def kind(self, number: int) -> Kind:
        """Mixed, so that any part of them has all."""
        place = number % 10
        for kind, share in SHARE.items():
            if place < share:
                return kind
            place -= share
        raise AssertionError(place)

    def path(self, number: int) -> str:
        kind = self.kind(number)
        top = NOW if number < self.applied else REST
        base = f".ddm-{number}.part" if kind is Kind.DEBRIS else f"cdr11001-{number}.raw"
        return f"{top}{kind}/d{number // IN_DIRECTORY:04}/{base}"

    def _put(self, path: str) -> None:
        place = Path(f"{self.store}{path}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content(path))

    @staticmethod
    def _register(
        catalog: Catalog, paths: list[str], at: tuple[int, int], why: Why
    ) -> dict[str, tuple[int, int]]:
        """AVAILABLE copies; gives replica and file of each path."""
        each = iter(paths)
        while page := list(islice(each, AT_ONCE)):
            entries = [
                NewFile(
                    LFN(p), Role.RAW, "raw", 1, p.rpartition("-")[2].removesuffix(".raw"),
                    size=len(p), adler32=Adler32(adler32(p.encode())), path=LFN(p),
                )
                for p in page
            ]  # fmt: skip
            with catalog.begin() as conn:
                registering.register(conn, entries, dataset=at[0], endpoint=at[1], why=why)
                query = select(schema.replica.c.id).where(schema.replica.c.state == ReplicaState.UNVERIFIED)
                ids = list(conn.execute(query).scalars())
                move(conn, REPLICA, ids, "verified", why, verified_at=why.at)
        with catalog.read() as conn:
            rows = conn.execute(select(schema.replica.c.id, schema.replica.c.file_id, schema.lfn()).join(
                schema.file, schema.file.c.id == schema.replica.c.file_id
            ))  # fmt: skip
            return {lfn: (replica, file) for replica, file, lfn in rows}

    def _compared(self, catalog: Catalog, eos: int, known: dict[str, tuple[int, int]], why: Why) -> None:
        ended = why.at + timedelta(days=20)
        with catalog.begin() as conn:
            scan = scans.begin(conn, eos, "/", ScanSource.LISTING, why)
            scans.finish(
                conn, scan.id, why, catalogue_at=ended, begun_at=ended, ended_at=ended, whole=True,
                entries=self.lines, lines=self.lines,
            )  # fmt: skip
            comparison = comparisons.begin(conn, why)
            directory = self.root / "reconcile" / comparison.directory
            directory.mkdir(parents=True)
            counts = [
                NewCount(eos, str(kind), str(Standing.CONFIRMED), kind is Kind.LOST, self.lines * n // 10, 0)
                for kind, n in SHARE.items()
            ]
            compared = [NewCompared(scan.id, None, None, len(known), self.lines, "", ())]
            comparisons.finish(conn, comparison.id, ended, compared, counts, why)
        listed = self.root / "findings.csv"
        with listed.open("w", newline="") as stream:
            csv.writer(stream).writerows(self._rows(eos, known, why.at))
        with engines.opened(self.root) as engine:
            names = dict(entry.split(" ", 1) for entry in COLUMNS.split(", "))
            engine.do(
                f"COPY (SELECT * FROM read_csv({text(str(listed))}, header=false, columns={names}) "
                f"ORDER BY kind, endpoint, path) TO {text(str(directory / findings.FILE))} (FORMAT parquet)"
            )
        listed.unlink()

    def _rows(
        self, eos: int, known: dict[str, tuple[int, int]], since: datetime
    ) -> Iterator[tuple[Any, ...]]:
        first, changed = f"{since:%F %T}", f"{since:%F %T.%f}"
        for number in range(self.lines):
            path, kind = self.path(number), self.kind(number)
            size, checksum = len(content(path)), adler32(content(path))
            head = (eos, "eos", path, kind, Standing.CONFIRMED)
            if kind is Kind.LOST:
                copy = (*known[path], "AVAILABLE", size, checksum, None, None, None, None)
                yield *head, True, False, *copy, path, 1, "2016", changed, first
                continue
            if number < self.applied:
                self._put(path)
            seen = (size, checksum if kind is Kind.DARK else None)
            yield *head, False, True, *[None] * 5, *seen, *[None] * 6, first

    # ------------------------------------------------------------------------------------ measured
    def measure(self) -> None:
        whole, part = self.root / "whole.txt", self.root / "part.txt"
        self._told("plan", "plan", "--out", str(whole))
        self._wanted(whole)
        self._told("sign", "sign", str(whole), "--confirm", str(self.lines))
        self._told("check", "apply", str(whole), exits=(0, 2))
        for form in ("text", "html", "parquet"):
            out = [] if form == "text" else ["--out", str(self.root / f"report.{form}")]
            self._told(f"report_{form}", "report", *out)
        self._told("explain", "explain", f"eos:{self.path(self.lines // 2)}")
        self._told("small_plan", "plan", "--under", NOW, "--out", str(part))
        self._wanted(part)
        self._told("small_sign", "sign", str(part), "--confirm", str(self.applied))
        self._apply(part)
        self._told("plans", "plans")
        self._told("plans_one", "plans", "2")
        self._judge()

    def _wanted(self, plan: Path) -> None:
        """What nobody proposes, a person wants: dark files go."""
        new = plan.with_suffix(".new")
        with plan.open() as old, new.open("w") as edited:
            edited.writelines(
                line.removeprefix("# ") if line.startswith("# trash\t") else line for line in old
            )
        os.replace(new, plan)

    def _apply(self, plan: Path) -> None:
        back = [n for n in range(self.applied) if self.kind(n) is Kind.LOST]
        self.back = [self.path(number) for number in sorted(back, key=self.path)[:BACK]]
        for path in self.back:
            self._put(path)
        self._told("apply_braked", "apply", str(plan), "--yes", exits=(4,))
        self._told("resume", "resume", "2", "--reason", "they came back")
        self._told("apply", "apply", str(plan), "--yes", exits=(3,))
        self._told("apply_again", "apply", str(plan), "--yes", exits=(3,))

    def _told(self, name: str, *words: str, exits: tuple[int, ...] = (0,)) -> None:
        """Run a command, and write down what it took."""
        command = [sys.executable, "-m", "ddm", "reconcile", *words, "--config", str(self.root / "ddm.toml")]
        began = time.perf_counter()
        with open(self.root / "said.txt", "w+") as said:
            answer = subprocess.run(
                [sys.executable, "-S", "-c", METER, *command],
                check=True, stdout=subprocess.PIPE, stderr=said, text=True,
            )  # fmt: skip
            code, processor, memory = answer.stdout.split()
            if int(code) not in exits:
                said.seek(0)
                raise SystemExit(f"{name} ended with {code}: {said.read()[-1000:]}")
        self.result |= {
            f"{name}_seconds": round(time.perf_counter() - began, 1),
            f"{name}_cpu_seconds": float(processor),
            f"{name}_peak_rss_mb": int(memory),
        }
        print(f"{name}: {processor} s of the processor, {memory} MB", file=sys.stderr)

    def _judge(self) -> None:
        with Catalog(self.url) as catalog, catalog.read() as conn:
            state = schema.replica.c.state
            states = dict(conn.execute(select(state, func.count()).group_by(state)).tuples().all())
            noted = conn.execute(select(func.count()).select_from(schema_debris.debris)).scalar_one()
        lost = self.applied * SHARE[Kind.LOST] // 10 - len(self.back)
        if states.get("LOST") != lost or sum(states.values()) - lost != states.get("AVAILABLE"):
            self.problems.append(f"copies are {states}; {lost} were to be LOST, the others AVAILABLE")
        if noted != self.applied * 8 // 10:
            self.problems.append(f"{noted} files wait to be removed, of {self.applied * 8 // 10}")
        there = sum(len(names) for _, _, names in os.walk(self.store))
        if there != WELL + len(self.back) + self.applied * 8 // 10:
            self.problems.append(f"{there} files are there")
