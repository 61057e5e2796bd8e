"""The whole journey: chunks registered on tape, recalled, processed, merged, checked, archived, cleaned.

The catalogue, the steps and every decision are the real ones; storage, tape library and runner are those of
the simulated world, so there are no real bytes and no waiting. The database is a real file with the pragmas
of production.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ddm import flow
from ddm.testing.world import World
from tests.bench import endstate
from tests.bench.meter import Meter, peak_rss_mb
from transfers.backends.tapelibrary import LibrarySettings

LIBRARY = LibrarySettings(drives=40, mount=1, unmount=1, seek=0, rate=20e9, archive_delay=600)
"""A tape library that is never what the flow waits for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=10, metavar="N", help="runs of the period (10)")
    parser.add_argument("--chunks", type=int, default=100, metavar="N", help="raw chunks of a run (100)")
    parser.add_argument("--part", type=int, default=50, metavar="N", help="event dumps in a merged file (50)")
    parser.add_argument("--batch", type=int, default=10_000, metavar="N", help="files a step takes (10000)")
    parser.add_argument(
        "--budget-runs", type=float, default=20, metavar="N", help="runs the stage budget has room for (20)"
    )
    parser.add_argument("--db", metavar="URL", default="", help="database URL (a new SQLite file)")
    parser.add_argument(
        "--at-least", type=float, default=0, metavar="RATE", help="fewer chunks per second are wrong"
    )
    parser.add_argument("--profile", type=int, default=0, metavar="N", help="print the N dearest statements")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """The figures, and what is wrong with the end state (nothing, if all is well)."""
    with tempfile.TemporaryDirectory(prefix="ddm-bench-") as directory:
        return _measure(chosen, Path(directory))


def _measure(chosen: argparse.Namespace, directory: Path) -> tuple[dict[str, Any], list[str]]:
    world = World(
        directory,
        runs=chosen.runs,
        chunks=chosen.chunks,
        url=chosen.db,
        batch=chosen.batch,
        budget_runs=chosen.budget_runs,
        target_chunks=chosen.part / 10,  # an event dump is a tenth of its raw chunk
        tape=LIBRARY,
    )
    app = world.open()
    meter = Meter(app.catalog.engine)
    start, cpu = time.perf_counter(), time.process_time()
    with meter.every_step():
        with meter.step("register"):
            world.register(app)
        outcome = flow.run(app)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    statements, memory = meter.statements, peak_rss_mb()
    chunks = chosen.runs * chosen.chunks
    for line in meter.lines(chosen.profile) if chosen.profile else ():
        print(line, file=sys.stderr)
    problems = endstate.problems(app, world)
    if chunks / seconds < chosen.at_least:
        problems.append(f"{chunks / seconds:.0f} chunks/s, at least {chosen.at_least:.0f} were asked for")
    figures = {
        "chunks": chunks,
        "seconds": round(seconds, 2),
        "chunks_per_s": round(chunks / seconds, 1),
        "cpu_seconds": round(cpu, 2),
        "chunks_per_cpu_s": round(chunks / cpu, 1),
        "sql_statements_per_chunk": round(statements / chunks, 4),
        "sql_statements": statements,
        "peak_rss_mb": memory,
        "rounds": outcome.rounds,
        "moved": outcome.moved,
        **endstate.totals(app),
        "database": app.catalog.engine.dialect.name,
    }
    app.close()
    return figures, problems
