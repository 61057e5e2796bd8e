"""Withdrawing and asking again: archived merges of many inputs, seconds of the processor for each copy."""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from catalog.clock import SimulatedClock
from catalog.db import certificates, directories, releasing, schema
from catalog.db.engine import Catalog, Connection, insert_columns
from catalog.db.move import Why
from catalog.states import Role
from catalog.testing.builders import Situation
from catalog.testing.releasing import MERGED, RULES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--inputs", type=int, default=1000, help="of each merge")
    parser.add_argument("--groups", type=int, default=10, help="merges, each of a run")
    parser.add_argument(
        "--at-once", type=int, default=1000, help="copies asked about again in one transaction"
    )
    parser.add_argument("--json", action="store_true", help="nothing but the last line")


def run(arguments: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """The figures, and whether every copy may go both times."""
    with tempfile.TemporaryDirectory() as place, _catalog(Path(place), arguments) as catalog:
        with catalog.begin() as conn:
            here = _why(catalog)
            found = releasing.trashable(conn, "mDST", arguments.groups)
            copies = [key for its in found.values() for key in its]
            begun = time.process_time()
            done = releasing.withdraw(conn, copies, MERGED, RULES, here)
            withdrawn = time.process_time() - begun
            paper = max(len(one.body) for one in certificates.page(conn, 0, arguments.groups))
        with catalog.begin() as conn:
            begun = time.process_time()
            allowed = 0
            for start in range(0, len(copies), arguments.at_once):
                batch = copies[start : start + arguments.at_once]
                allowed += len(releasing.ask_again(conn, batch, RULES, here).allowed)
            asked = time.process_time() - begun
    wanted = arguments.inputs * arguments.groups
    problems = [] if wanted == len(done.replicas) == allowed else ["not every copy may go"]
    return {
        "copies": wanted,
        "withdraw_us_per_copy": round(1e6 * withdrawn / wanted),
        "ask_again_us_per_copy": round(1e6 * asked / wanted),
        "paper_bytes": paper,
    }, problems


def _why(catalog: Catalog) -> Why:
    return Why(catalog.clock.now(), "bench")


def _catalog(place: Path, arguments: argparse.Namespace) -> Catalog:
    catalog = Catalog(f"sqlite:///{place}/catalog.db", clock=SimulatedClock())
    catalog.create()
    with catalog.begin() as conn:
        here = Situation(conn, catalog.clock)
        directory = directories.ensure(conn, ["/chunks/"])["/chunks/"]
        outputs = [_output(here, run, arguments.inputs) for run in range(arguments.groups)]
        first = max(key for pair in outputs for key in pair) + 1
        for run, (output, _) in enumerate(outputs):
            ids = range(first + 2 * run * arguments.inputs, first + (2 * run + 1) * arguments.inputs)
            _chunks(conn, here, directory, run, ids)
            _merge(conn, here, run, output, ids)
    return catalog


def _output(here: Situation, run: int, inputs: int) -> tuple[int, int]:
    file = here.file(Role.FINAL, product="mDST", run=run)
    here.set(schema.file, file, size=1000 * inputs)
    tape = here.replica(file, here.tape)
    here.evidence(tape, timedelta(days=2), timedelta(hours=1))
    return file, tape


def _chunks(conn: Connection, here: Situation, directory: int, run: int, ids: range) -> None:
    """Raw chunks, and a file of each on disk, with its events."""
    n, now = len(ids), here.now
    shared: dict[str, Any] = {"directory_id": directory, "dataset_id": here.dataset, "run": run, "size": 1000}
    shared |= {"chunk": [str(number) for number in range(n)], "registered_at": now}
    raw = range(ids.stop, ids.stop + n)
    for role, product, keys in (("raw", "raw", raw), ("intermediate", "mDST", ids)):
        names = [f"{product}-{key}" for key in keys]
        columns = {"id": keys, "name": names, "role": role, "product": product, "adler32": keys}
        insert_columns(conn, schema.file, shared | columns, n)
    replica = {"id": ids, "file_id": ids, "endpoint_id": here.disk, "state": "AVAILABLE", "since": now}
    insert_columns(conn, schema.replica, replica | {"verified_at": now, "next_try_at": now}, n)
    _counted(conn, here, ids, 10)


def _counted(conn: Connection, here: Situation, ids: range, events: int) -> None:
    said = {"witness": "read", "n_events": events, "said_at": here.now, "said_by": "bench"}
    insert_columns(conn, schema.event_count, {"file_id": ids, **said}, len(ids))


def _merge(conn: Connection, here: Situation, run: int, output: int, ids: range) -> None:
    n = len(ids)
    group = here.row(
        schema.group, task_id=here.task, run=run, product="mDST", part=0, state="ARCHIVED", since=here.now,
        plan="p", lfn=f"/merged/{run}", expected_size=1000 * n, output_id=output,
    )  # fmt: skip
    here.check(run=run)
    insert_columns(conn, schema.parent, {"file_id": output, "parent_id": ids}, n)
    _counted(conn, here, range(output, output + 1), 10 * n)
    members = {"group_id": group, "position": range(n), "file_id": ids, "live": True}
    insert_columns(conn, schema.member, members, n)
