"""The catalogue with many files: registering, asking, summing up, claiming; beside what the bare driver does.

Everything runs on a database of its own, with the settings of production: SQLite in WAL with
``synchronous=FULL`` in a file, PostgreSQL with fsync. The bare driver inserts the same rows into the same
tables (indexes, rules and foreign keys on) and asks the same questions, and its answers must be the same.
"""

from __future__ import annotations

import argparse
import gc
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from catalog import query
from catalog.checksum import Adler32
from catalog.db import ask, files, move, registering, reports, tally
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import REPLICA, EndpointKind, Role, Witness
from tests.bench import bare, claims
from tests.bench.meter import peak_rss_mb

CHUNKS = 1000  # of a run
RUNS = 50  # of a period, which is a directory
BATCH = 10_000
LISTED = 100_000
COLUMNS = (
    *("lfn", "product", "run", "chunk", "part", "size", "adler32"),
    *("replica.endpoint", "replica.path", "replica.state", "replica.locality"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--grow", type=int, default=0, metavar="N", help="then go on to N files, measure again"
    )
    parser.add_argument("--events", action="store_true", help="with an event count for each file")
    parser.add_argument("--dir", type=Path, help="where the database is made, and removed")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    root = Path(tempfile.mkdtemp(prefix="ddm-bench-", dir=chosen.dir))
    try:
        with bare.server(chosen.db, root) as new_url:
            return _run(chosen, new_url)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _run(chosen: argparse.Namespace, new_url: Callable[[], str]) -> tuple[dict[str, Any], list[str]]:
    result: dict[str, Any] = {"files": chosen.files, "db": chosen.db}
    result["bare_insert_files_per_s"] = round(bare.insert_rate(new_url(), chosen.files, entries))
    url = new_url()
    with Catalog(url) as catalog:
        catalog.create()
        bench = Bench(catalog, events=chosen.events)
        result["register_files_per_s"] = round(bench.register(0, chosen.files))
        result["register_share_of_bare"] = _ratio(result, "register_files_per_s", "bare_insert_files_per_s")
        result["register_again_files_per_s"] = round(bench.again(0, min(chosen.files, 300_000)))
        bench.settle()
        result["db_bytes_per_file"] = round(bench.size() / chosen.files)
        small = bench.questions(chosen.files)
        result |= small
        result |= bench.summary(url)
        if chosen.grow > chosen.files:
            bench.register(chosen.files, chosen.grow)
            bench.settle()
            large = bench.questions(chosen.grow)
            for name in ("list_run_ms", "lookup_1k_lfns_ms"):
                result[f"grown_{name}"] = large[name]
                result[f"growth_{name.removesuffix('_ms')}"] = round(large[name] / small[name], 2)
            result["grown_db_bytes_per_file"] = round(bench.size() / chosen.grow)
        if chosen.db == "postgresql":
            result |= claims.run(catalog, url, bench.problems)
        with catalog.read() as conn:
            bench.problems += tally.check(conn)
    return result | {"peak_rss_mb": peak_rss_mb()}, bench.problems


def _ratio(result: dict[str, Any], one: str, other: str) -> float:
    return float(round(result[one] / result[other], 2))


# --------------------------------------------------------------------------------------------- the files
def name(number: int) -> str:
    """The LFN of a raw chunk, named and ordered as COMPASS does: run after run, each in a period."""
    run, chunk = divmod(number, CHUNKS)
    return f"/castor/cern.ch/compass/data/2016/raw/W{run // RUNS:02d}/cdr{11001 + chunk}-{270001 + run}.raw"


def entries(start: int, stop: int, events: bool = False) -> list[NewFile]:
    return [_entry(number, events) for number in range(start, stop)]


def _entry(number: int, events: bool) -> NewFile:
    lfn = LFN(name(number))
    run, chunk = divmod(number, CHUNKS)
    return NewFile(
        lfn=lfn,
        role=Role.RAW,
        product="raw",
        run=270001 + run,
        chunk=f"{11001 + chunk}",
        size=(1 << 30) + number,
        adler32=Adler32((number * 2654435761) & 0xFFFFFFFF),
        path=lfn,
        events={Witness.RAW_CATALOGUE: 20_000 + number % 1000} if events else {},
    )


def batches(start: int, stop: int) -> Iterator[tuple[int, int]]:
    for first in range(start, stop, BATCH):
        yield first, min(first + BATCH, stop)


# ------------------------------------------------------------------------------------------ the measuring
class Bench:
    """What is measured on one catalogue."""

    def __init__(self, catalog: Catalog, *, events: bool) -> None:
        self.catalog, self.events = catalog, events
        self.why = Why(catalog.clock.now(), "bench")
        self.whole = query.parse("dataset=2016")
        self.problems: list[str] = []
        with catalog.begin() as conn:
            self.endpoint = files.ensure_endpoint(conn, "cta", EndpointKind.TAPE)
            self.dataset = files.ensure_dataset(conn, "2016", self.why)
            files.define_task(conn, "P08", self.dataset, {}, self.why)

    def register(self, start: int, stop: int) -> float:
        """New files per second; making the Python objects does not count, commits do."""
        return self._register(start, stop, "added")

    def again(self, start: int, stop: int) -> float:
        return self._register(start, stop, "same")

    def _register(self, start: int, stop: int, outcome: str) -> float:
        spent = 0.0
        for first, last in batches(start, stop):
            batch = entries(first, last, self.events)
            gc.collect(0)
            began = time.perf_counter()
            with self.catalog.begin() as conn:
                found = registering.register(
                    conn, batch, dataset=self.dataset, endpoint=self.endpoint, why=self.why
                )
            spent += time.perf_counter() - began
            if getattr(found, outcome) != len(batch) or found.conflicts:
                self.problems.append(f"registering files {first} to {last}: not all are {outcome}")
        return (stop - start) / spent

    def settle(self) -> None:
        """What `ddm db vacuum` does for the planner."""
        with self.catalog.engine.connect() as conn:
            conn.exec_driver_sql("ANALYZE")
            conn.commit()

    def size(self) -> int:
        with self.catalog.engine.connect() as conn:
            return bare.database_size(conn)

    def questions(self, count: int) -> dict[str, Any]:
        """Look-ups and listings, each beside the bare driver's, whose answer must be the same."""
        rng = random.Random(count)
        runs = [270001 + rng.randrange(max(1, count // CHUNKS)) for _ in range(15)]
        names = [[name(n) for n in rng.sample(range(count), min(1000, count))] for _ in range(9)]
        result: dict[str, Any] = {}
        with self.catalog.read() as conn:
            result["list_run_ms"] = self._time(
                lambda run: len(ask.run_files(conn, self.dataset, run)), runs, min(CHUNKS, count)
            )
            result["bare_list_run_ms"] = self._time(
                lambda run: len(bare.list_run(conn, self.dataset, run)), runs, min(CHUNKS, count)
            )
            result["lookup_1k_lfns_ms"] = self._time(
                lambda lfns: len(ask.look_up(conn, lfns)), names, min(1000, count)
            )
            result["bare_lookup_1k_lfns_ms"] = self._time(
                lambda lfns: len(bare.look_up(conn, lfns)), names, min(1000, count)
            )
            result |= self._streams(conn, min(LISTED, count))
        result["list_share_of_bare"] = _ratio(
            result, "list_dataset_files_per_s", "bare_list_dataset_files_per_s"
        )
        return result

    def _time(self, question: Callable[[Any], int], of: list[Any], wanted: int) -> float:
        """Milliseconds of a question: the median over several, the first of which warms up."""
        times = []
        for one in of:
            began = time.perf_counter()
            found = question(one)
            times.append((time.perf_counter() - began) * 1000)
            if found != wanted:
                self.problems.append(f"{found} rows where {wanted} were expected")
        return round(median(times[1:]), 2)

    def _streams(self, conn: Connection, count: int) -> dict[str, Any]:
        ours = [self._stream(ask.stream(conn, self.whole, self.why.at, COLUMNS), count) for _ in range(3)]
        theirs = [self._stream(bare.stream(conn, self.dataset), count) for _ in range(3)]
        return {
            "list_dataset_files_per_s": round(max(ours)),
            "bare_list_dataset_files_per_s": round(max(theirs)),
        }

    def _stream(self, pages: Iterator[Any], count: int) -> float:
        began, seen = time.perf_counter(), 0
        for page in pages:
            seen += len(page)
            if seen >= count:
                break
        spent = time.perf_counter() - began
        if seen < count:
            self.problems.append(f"a stream of {seen} files where {count} were expected")
        return seen / spent

    def summary(self, url: str) -> dict[str, Any]:
        """The run table: the first time of a fresh connection, and after a few replicas moved."""
        with Catalog(url) as fresh:
            began = time.perf_counter()
            with fresh.read() as conn:
                lines = reports.run_table(conn)
            cold = (time.perf_counter() - began) * 1000
            with fresh.begin() as conn:
                ids = list(range(1, 1001))
                move.move(conn, REPLICA, ids, "verified", self.why, verified_at=self.why.at)
            began = time.perf_counter()
            with fresh.read() as conn:
                again = reports.run_table(conn)
            warm = (time.perf_counter() - began) * 1000
        chunks = sum(line.chunks for line in lines)
        with self.catalog.read() as conn:
            known = conn.exec_driver_sql("SELECT count(*) FROM file").scalar_one()
        if chunks != known or len(again) != len(lines):
            self.problems.append(f"the run table has {chunks} chunks, the catalogue {known}")
        return {
            "run_summary_ms": round(cold, 1),
            "run_summary_again_ms": round(warm, 1),
            "runs": len(lines),
        }
