"""Heartbeats of thousands of processes that share files: what they cost a database that also has other work.

Ranges are planned and claimed through the library; then senders in processes of their own send heartbeats
through ``Sender``: first many at a time, as the agents of nodes do, then one at a time on many connections.
Each way is measured at the pace asked for (every process every ``--every`` seconds), for the load it makes,
and flat out, for the limit. The server of PostgreSQL writes to a real disk, with fsync. Timings decide
nothing: wrong is a heartbeat that is refused, and a file whose ranges do not cover it exactly once.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import text

from catalog.clock import SystemClock
from catalog.db import ranges
from catalog.db.engine import Catalog
from catalog.db.heartbeats import Beat, Sender
from catalog.db.move import Why
from catalog.db.ranges import Claim
from catalog.states import JobState, Witness
from catalog.testing.builders import RUN, Situation
from tests import fixtures_postgresql
from tests.bench.meter import peak_rss_mb

NODE = 50
"""Processes of a node, which share one file and one agent."""
EVENTS = 1_000_000
"""Events of a process's range: more than heartbeats, so that each says something new."""
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "shared_buffers": "128MB",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--processes", type=int, default=5000, metavar="N", help="processes (5000)")
    parser.add_argument(
        "--every", type=float, default=2, metavar="S", help="a heartbeat of each, every S (2)"
    )
    parser.add_argument("--seconds", type=float, default=60, metavar="S", help="length of a measurement (60)")
    parser.add_argument("--bulk", type=int, default=100, metavar="N", help="heartbeats in one call (100)")
    parser.add_argument("--senders", type=int, default=4, metavar="N", help="connections, in bulk (4)")
    parser.add_argument("--connections", type=int, default=16, metavar="N", help="connections, singly (16)")
    parser.add_argument("--db", default="postgresql", help="sqlite, postgresql (its own server) or a URL")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """The figures, and what is wrong (nothing, if all is well)."""
    with _database(chosen.db) as (url, server), Catalog(url) as catalog:
        catalog.create()
        figures: dict[str, Any] = {"db": catalog.engine.dialect.name, "processes": chosen.processes}
        claims, figures["claims_per_s"] = _claimed(catalog, chosen.processes)
        catalog.engine.dispose()  # the senders are forks: nothing open is theirs
        problems: list[str] = []
        for name, senders, bulk in (
            ("bulk", chosen.senders, chosen.bulk),
            ("single", chosen.connections, 1),
        ):
            for pace, every in (("", chosen.every), ("flat_out", None)):
                label = f"{name}_{pace}" if pace else name
                before, start = _cpu(server), time.monotonic()
                sent = _measured(url, claims, senders, bulk, every, chosen.seconds)
                seconds = time.monotonic() - start
                figures |= {f"{label}_{key}": value for key, value in _told(sent, chosen.seconds).items()}
                if server:
                    figures[f"{label}_server_cpu_percent"] = round(100 * (_cpu(server) - before) / seconds, 1)
                problems += [f"{label}: {count} heartbeats refused" for count in [sent["refused"]] if count]
                figures |= {f"{label}_{key}": value for key, value in _size(catalog).items()}
        figures["finish_per_s"] = _finished(catalog, claims)
        problems += _wrong(catalog, len(claims))
        return figures | {"peak_rss_mb": peak_rss_mb()}, problems


@contextmanager
def _database(name: str) -> Iterator[tuple[str, int]]:
    """A URL, and the process of the server if it is ours (else 0)."""
    if name == "postgresql":
        binaries = fixtures_postgresql.programs()
        if binaries is None or fixtures_postgresql.missing():
            raise SystemExit(fixtures_postgresql.missing())
        server = fixtures_postgresql.PostgreSQLServer(binaries, DURABLE)
        try:
            pid = int((server.data / "postmaster.pid").read_text().split()[0])
            yield server.url(server.create()), pid
        finally:
            server.stop()
    elif name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="ddm-bench-") as directory:
            yield f"sqlite:///{Path(directory) / 'catalog.db'}", 0
    else:
        yield name, 0


def _claimed(catalog: Catalog, processes: int) -> tuple[list[Claim], float]:
    """Files with a range for each process, claimed node by node; and how many claims a second that were."""
    with catalog.begin() as conn:
        here = Situation(conn, SystemClock())
        parts, jobs = {}, []
        for first in range(0, processes, NODE):
            count = min(NODE, processes - first)
            file = here.file()
            here.events(file, Witness.RAW_CATALOGUE, count * EVENTS)
            parts[file] = count
            jobs.append((here.job([file], JobState.RUNNING), count))
        ranges.plan(conn, here.task, parts, here.why)
    claims: list[Claim] = []
    start = time.perf_counter()
    for job, count in jobs:
        with catalog.begin() as conn:
            why = Why(catalog.clock.now(), "bench")
            claims += ranges.claim(conn, job, [f"node{job}:{n}" for n in range(count)], why)
    return claims, round(len(claims) / (time.perf_counter() - start))


def _measured(
    url: str, claims: Sequence[Claim], senders: int, bulk: int, every: float | None, seconds: float
) -> dict[str, Any]:
    """Send heartbeats of all claims from so many processes; what they tell, together."""
    fork = get_context("fork")
    ready, answers = fork.Barrier(senders), fork.Queue()
    arguments = [
        (url, claims[n::senders], bulk, every, seconds, ready, answers, n / senders) for n in range(senders)
    ]
    processes = [fork.Process(target=_send, args=each) for each in arguments]
    for process in processes:
        process.start()
    told = [answers.get(timeout=seconds + 120) for _ in processes]
    for process in processes:
        process.join()
    return {
        "sent": sum(entry[0] for entry in told),
        "refused": sum(entry[1] for entry in told),
        "cpu": sum(entry[2] for entry in told),
        "waits": sorted(wait for entry in told for wait in entry[3]),
    }


def _send(
    url: str,
    claims: Sequence[Claim],
    bulk: int,
    every: float | None,
    seconds: float,
    ready: Any,
    answers: Any,
    phase: float,
) -> None:
    """One sender: round after round over its claims; at a pace, its calls are spread over the time given."""
    sent = refused = 0
    waits: list[float] = []
    calls = [claims[n : n + bulk] for n in range(0, len(claims), bulk)]
    said = time.time_ns() // 10_000_000 % EVENTS // 2  # further than any measurement before this one
    with Catalog(url) as catalog, Sender(catalog) as sender:
        sender.send([])
        ready.wait()
        cpu, start, number = time.process_time(), time.monotonic(), 0
        while (now := time.monotonic()) - start < seconds:
            if every is not None:
                due = start + every * (number + phase) / len(calls)
                time.sleep(max(0.0, due - now))
            call = calls[number % len(calls)]
            up_to = min(EVENTS - 1, said + number // len(calls))
            begun = time.monotonic()
            refused += len(sender.send([Beat(c.range_id, c.lease, c.start + up_to) for c in call]))
            waits.append(time.monotonic() - begun)
            sent, number = sent + len(call), number + 1
        answers.put((sent, refused, time.process_time() - cpu, waits[:: 1 + len(waits) // 20_000]))


def _told(sent: dict[str, Any], seconds: float) -> dict[str, Any]:
    waits = sent["waits"]
    return {
        "per_s": round(sent["sent"] / seconds),
        "call_ms_median": round(1000 * waits[len(waits) // 2], 2),
        "call_ms_99": round(1000 * waits[len(waits) * 99 // 100], 2),
        "senders_cpu_percent": round(100 * sent["cpu"] / seconds, 1),
    }


def _cpu(server: int) -> float:
    """Seconds of processor that the server and its processes have used, those that ended among them."""
    total, tick = 0, os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat") if server else ():
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it ended
            continue
        if int(path.parent.name) == server:
            total += sum(map(int, fields[11:15]))
        elif int(fields[1]) == server:
            total += sum(map(int, fields[11:13]))
    return total / tick


def _size(catalog: Catalog) -> dict[str, Any]:
    """How large the table of heartbeats is, and how many of its updates ever touched an index."""
    if catalog.engine.dialect.name == "sqlite":
        return {}
    query = text(
        "SELECT pg_relation_size('heartbeat') AS table_bytes, pg_relation_size('pk_heartbeat') AS key_bytes,"
        " n_tup_upd AS updates, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'heartbeat'"
    )
    with catalog.engine.connect() as conn:
        row = conn.execute(query).one()
    catalog.engine.dispose()
    hot = round(100 * row.hot / row.updates, 2) if row.updates else None
    return {"table_kb": row.table_bytes // 1024, "key_kb": row.key_bytes // 1024, "hot_percent": hot}


def _finished(catalog: Catalog, claims: Sequence[Claim]) -> float:
    start = time.perf_counter()
    for n in range(0, len(claims), NODE):
        with catalog.begin() as conn:
            done = [Beat(claim.range_id, claim.lease, claim.stop) for claim in claims[n : n + NODE]]
            ranges.finish(conn, done, Why(catalog.clock.now(), "bench"))
    return round(len(claims) / (time.perf_counter() - start))


def _wrong(catalog: Catalog, wanted: int) -> list[str]:
    """What is wrong in the end: every event must be in exactly one finished range."""
    with catalog.read() as conn:
        tasks = conn.execute(text("SELECT DISTINCT task_id FROM event_range")).scalars().all()
        flawed = [found for task in tasks for found in ranges.uncovered(conn, task, RUN, finished=True)]
        done = sum(line.finished for task in tasks for line in ranges.progress(conn, task))
        left = conn.execute(text("SELECT count(*) FROM heartbeat")).scalar()
    problems = [f"{entry.lfn}: {entry.flaws[0] if entry.flaws else 'unknown'}" for entry in flawed[:5]]
    problems += [f"{done} ranges finished, not {wanted}"] if done != wanted else []
    return problems + ([f"{left} heartbeats of ended ranges"] if left else [])
