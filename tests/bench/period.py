"""The statement of a period of many chunks, every one merged, archived and removed: seconds and memory."""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.clock import SimulatedClock
from catalog.db import directories, schema, schema_evidence
from catalog.db.engine import Catalog, Connection, insert_columns
from catalog.retention import seal_of
from catalog.statement import paper
from catalog.states import GroupState, JobKind, JobState, ReplicaState, Role, Witness
from ddm.operations import periodcheck, periods
from ddm.periodpages import page
from ddm.settings import Settings
from ddm.testing.world import World
from tests.bench import bare
from tests.bench.meter import peak_rss_mb

MAX_SECONDS = 60.0
PART = 250  # chunks of a merged file
EVENTS, SIZE = 24_000, 9_600_000
THEN = datetime(2016, 8, 1, tzinfo=UTC)
PRODUCTS = ("mDST", "hist", "evtdump", "logs")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--per-run", type=int, default=1000, help="chunks of a run")
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--dir", type=Path, help="where the database is made, and removed")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    root = Path(tempfile.mkdtemp(prefix="ddm-bench-", dir=chosen.dir))
    try:
        with bare.server(chosen.db, root) as new_url:
            world = World(root)
            products = {
                name: replace(one, settle=timedelta(0)) for name, one in world.settings.products.items()
            }
            settings = replace(world.settings, products=products)
            clock = SimulatedClock(THEN + timedelta(days=9))
            with Catalog(new_url(), clock=clock) as catalog:
                catalog.create()
                with catalog.begin() as conn:
                    Filling(conn, chosen.chunks, chosen.per_run).fill()
                return _measured(catalog, settings, chosen, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _measured(
    catalog: Catalog, settings: Settings, chosen: argparse.Namespace, root: Path
) -> tuple[dict[str, Any], list[str]]:
    result: dict[str, Any] = {"chunks": chosen.chunks, "db": chosen.db}
    wall, cpu = time.perf_counter(), time.process_time()
    found = periods.statement(catalog, settings, "P08")
    result |= {"cpu_s": _since(cpu, time.process_time), "s": _since(wall, time.perf_counter)}
    result |= {"aim_s": MAX_SECONDS, "runs": found.totals.runs, "archived": found.totals.archived}
    document = paper.document(found)
    text = json.dumps(document)
    begun = time.process_time()
    html = page(found, str(document["seal"]), "html")
    result |= {
        "json_bytes": len(text),
        "html_bytes": len(html),
        "html_cpu_s": _since(begun, time.process_time),
    }
    file = root / "P08.json"
    file.write_text(text)
    begun = time.process_time()
    checked = periodcheck.check(file, catalog, settings)
    result |= {"check_cpu_s": _since(begun, time.process_time), "peak_rss_mb": peak_rss_mb()}
    problems = [*checked.problems, *(checked.differences or ())]
    if found.verdict != "archived":
        problems.append(f"the period is {found.verdict}: {found.judged[0].open[:2]}")
    return result, problems


def _since(begun: float, clock: Any) -> float:
    return round(clock() - begun, 2)


class Filling:
    """Rows of a period that is over, written straight into the tables."""

    def __init__(self, conn: Connection, chunks: int, per_run: int) -> None:
        self.conn, self.chunks, self.per_run = conn, chunks, per_run

    def fill(self) -> None:
        conn, n = self.conn, self.chunks
        self._insert(schema.endpoint, id=[1, 2], name=["disk", "tape"], kind=["disk", "tape"])
        names = ["2016/W14", *(f"P08/{product}/chunks" for product in PRODUCTS), "P08/merged"]
        self._insert(schema.dataset, id=range(1, 7), name=names, state="CLOSED", since=THEN)
        definition = json.dumps({"period": "P08", "year": 2016, "products": dict.fromkeys(PRODUCTS, 0)})
        self._insert(schema.task, id=[1], name="P08", dataset_id=1, definition=definition, defined_at=THEN)
        self.directory = directories.ensure(conn, {"/bench/"})["/bench/"]
        runs = [275_000 + i // self.per_run for i in range(n)]
        chunks = [f"{11_000 + i % self.per_run:05d}" for i in range(n)]
        self._files(range(1, n + 1), "raw", 1, Role.RAW, "raw", runs, chunks)
        self._replicas(range(1, n + 1), 1, 2, ReplicaState.AVAILABLE)
        self._say(range(1, n + 1), Witness.RAW_CATALOGUE)
        states = {"kind": JobKind.PROCESS.value, "state": JobState.DONE.value}
        self._insert(schema.job, id=range(1, n + 1), task_id=1, run=runs, chunk=chunks, since=THEN,
                     attempt=1, next_try_at=THEN, **states)  # fmt: skip
        for number, product in enumerate(PRODUCTS):
            self._product(number, product, runs, chunks)

    def _product(self, number: int, product: str, runs: list[int], chunks: list[str]) -> None:
        n, first = self.chunks, (number + 1) * self.chunks + 1
        files = range(first, first + n)
        self._files(files, product, number + 2, Role.INTERMEDIATE, product, runs, chunks)
        self._insert(schema.parent, file_id=files, parent_id=range(1, n + 1))
        self._replicas(files, first, 1, ReplicaState.DELETED)
        parts = list(self._parts())
        outputs = range(10 * n + number * n + 1, 10 * n + number * n + 1 + len(parts))
        groups = range(number * n + 1, number * n + 1 + len(parts))
        counted = product != "logs"
        if counted:
            self._say(files, Witness.JOB)
            self._say(files, Witness.READ)
        merged_runs = [run for run, _, _ in parts]
        self._files(outputs, f"{product}-merged", 6, Role.FINAL, product, merged_runs, [""] * len(parts))
        self._replicas(outputs, outputs.start, 2, ReplicaState.AVAILABLE)
        if counted:
            self._say(outputs, Witness.READ, PART)
        self._insert(schema_evidence.evidence, id=outputs, replica_id=outputs, grade="b", taken_at=THEN,
                     source="tape", size=SIZE, adler32=list(outputs), locality="NEARLINE")  # fmt: skip
        self._insert(schema.group, id=groups, task_id=1, run=merged_runs, product=product,
                     part=[part for _, part, _ in parts], state=GroupState.CLEANED.value, since=THEN,
                     plan="p", lfn=[f"/bench/{product}-merged-{key}" for key in outputs], expected_size=1,
                     output_id=outputs)  # fmt: skip
        each = [(group, at, file + first) for group, (_, _, members) in zip(groups, parts, strict=True)
                for at, file in enumerate(members)]  # fmt: skip
        self._insert(schema.member, group_id=[e[0] for e in each], position=[e[1] for e in each],
                     file_id=[e[2] for e in each], live=True)  # fmt: skip
        unique = sorted(set(merged_runs))
        checks = range(number * n + 1, number * n + 1 + len(unique))
        self._insert(schema.check, id=checks, task_id=1, run=unique, product=product,
                     state="PASSED", since=THEN)  # fmt: skip
        self._certify(groups, parts, product, first)

    def _parts(self) -> Iterator[tuple[int, int, Sequence[int]]]:
        """Run, part, and the numbers of the chunks, from 0."""
        for start in range(0, self.chunks, self.per_run):
            end = min(start + self.per_run, self.chunks)
            for part, at in enumerate(range(start, end, PART)):
                yield 275_000 + start // self.per_run, part, range(at, min(at + PART, end))

    def _certify(self, groups: range, parts: list[Any], product: str, first: int) -> None:
        bodies = []
        for group, (_, _, members) in zip(groups, parts, strict=True):
            facts = {"group_id": group, "lfn": f"/bench/{product}-{group}", "size": SIZE, "adler32": 1}
            copies = [
                {"replica_id": m + first, "lfn": f"/bench/{product}-{m + first}", "size": SIZE,
                 "adler32": m + first}
                for m in members
            ]  # fmt: skip
            bodies.append(json.dumps({"version": 1, "product": facts, "replicas": copies}))
        seals = [seal_of(body) for body in bodies]
        self._insert(schema.certificate, id=groups, seal=seals, body=bodies, issued_at=THEN)
        pairs = [(m + first, g) for g, (_, _, members) in zip(groups, parts, strict=True) for m in members]
        self._insert(schema.certified, replica_id=[p[0] for p in pairs], certificate_id=[p[1] for p in pairs])

    def _files(
        self,
        ids: range,
        name: str,
        dataset: int,
        role: Role,
        product: str,
        runs: list[int],
        chunks: list[str],
    ) -> None:
        self._insert(
            schema.file, id=ids, directory_id=self.directory, name=[f"{name}-{key}" for key in ids],
            dataset_id=dataset, role=role.value, product=product, run=runs, chunk=chunks, size=SIZE,
            adler32=list(ids), registered_at=THEN,
        )  # fmt: skip

    def _replicas(self, files: range, first: int, endpoint: int, state: ReplicaState) -> None:
        ids = range(first, first + len(files))
        self._insert(schema.replica, id=ids, file_id=files, endpoint_id=endpoint, state=state.value,
                     since=THEN, verified_at=THEN, next_try_at=THEN)  # fmt: skip

    def _say(self, files: range, witness: Witness, times: int = 1) -> None:
        self._insert(schema.event_count, file_id=files, witness=witness.value, n_events=EVENTS * times,
                     said_at=THEN, said_by="bench")  # fmt: skip

    def _insert(self, table: Any, **columns: Any) -> None:
        count = max(len(value) for value in columns.values() if isinstance(value, list | range))
        insert_columns(self.conn, table, columns, count)
