"""Copies by FTS: so many jobs of so many files, submitted and looked at until all are over.

The test server runs in a process of its own, over TLS with client certificates, in front of two memory
storages; its copies take a few seconds. So what is measured is the client, the connection, and a server in
Python, which is slower than the real one in some things and quicker in others. ``client_cpu_s`` is of this
process; ``calls_per_file`` counts every call, those for who we are and for the delegation too.
``seconds_per_poll`` is the middle one of all polls, ``dearest_poll_s`` the worst (many jobs end in it).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from catalog.checksum import Adler32
from catalog.clock import SystemClock
from transfers.backends.memory import MemoryStorage
from transfers.model import Done, Pending, TransferOrder
from transfers.ports import Transferrer
from transfers.registry import open_transferrer
from transfers.testing.fts import Credentials, FtsServer, ServerSettings

SIZE = 1000
EVERY = 1.0  # seconds between polls
LIMIT = 1800.0  # seconds until it is given up


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=200, metavar="N", help="FTS jobs (200)")
    parser.add_argument("--files", type=int, default=100, metavar="N", help="files in a job (100)")
    parser.add_argument("--request", type=int, default=10, metavar="N", help="jobs in a request of ours (10)")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    with tempfile.TemporaryDirectory(prefix="ddm-bench-") as directory:
        credentials = Credentials.make(Path(directory))
        with server(Path(directory), chosen.jobs * chosen.files) as told:
            options = {
                "endpoint": next(told),
                "proxy": str(credentials.proxy()),
                "ca": str(credentials.ca),
                "max_files": str(chosen.files),
            }
            clock = SystemClock()
            service = open_transferrer("fts", "memory://bench-to/", clock=clock, options=options)
            return measure(chosen, service, told)


def measure(
    chosen: argparse.Namespace, service: Transferrer, told: Iterator[str]
) -> tuple[dict[str, Any], list[str]]:
    files = chosen.jobs * chosen.files
    batch = chosen.request * chosen.files
    began, cpu = time.perf_counter(), time.process_time()
    polling = Polling(service)
    submitting = 0.0
    for start in range(0, files, batch):
        part = [order(number) for number in range(start, min(start + batch, files))]
        before = time.perf_counter()
        receipt = service.submit(part, label=f"bench {start}")
        submitting += time.perf_counter() - before
        polling.waiting[receipt.token] = [one.path for one in part]
        polling.poll_if_due()
    give_up = time.monotonic() + LIMIT
    while polling.waiting and time.monotonic() < give_up:
        time.sleep(EVERY / 10)
        polling.poll_if_due()
    cpu = time.process_time() - cpu
    seen = json.loads(next(told))
    problems = wrong(files, polling.ends, seen, chosen)
    return {
        "files": files,
        "jobs": seen["jobs"],
        "calls_per_file": round(seen["calls"] / files, 5),
        "seconds_per_poll": round(median(polling.took), 4),
        "dearest_poll_s": round(max(polling.took), 3),
        "polls": len(polling.took),
        "submit_files_per_s": round(files / submitting),
        "client_cpu_s": round(cpu, 2),
        "client_cpu_ms_per_file": round(1000 * cpu / files, 4),
        "server_cpu_s": seen["cpu"],
        "seconds": round(time.perf_counter() - began, 1),
    }, problems


class Polling:
    """Requests that are polled every second, also while others are still submitted, as the flow does."""

    def __init__(self, service: Transferrer) -> None:
        self.service = service
        self.waiting: dict[str, list[str]] = {}
        self.ends: dict[str, object] = {}
        self.took: list[float] = []
        self._last = time.monotonic()

    def poll_if_due(self) -> None:
        if time.monotonic() - self._last < EVERY:
            return
        began = time.perf_counter()
        answers = self.service.poll(self.waiting)
        self.took.append(time.perf_counter() - began)
        self._last = time.monotonic()
        for token, told in answers.items():
            pending = [path for path, outcome in told.items() if isinstance(outcome, Pending)]
            self.ends.update({path: told[path] for path in told.keys() - set(pending)})
            self.waiting[token] = pending
        self.waiting = {token: paths for token, paths in self.waiting.items() if paths}


def order(number: int) -> TransferOrder:
    return TransferOrder(
        f"/f{number}.raw", (f"memory://bench-from/f{number}.raw",), SIZE, Adler32(number % (1 << 32))
    )


def wrong(files: int, ends: dict[str, object], seen: dict[str, int], chosen: argparse.Namespace) -> list[str]:
    """What is not as it must be at the end."""
    problems = []
    done = sum(outcome == Done() for outcome in ends.values())
    if done != files:
        example = next((outcome for outcome in ends.values() if outcome != Done()), "still pending")
        problems.append(f"{done} of {files} files are done; e.g. {example}")
    if seen["jobs"] != chosen.jobs:
        problems.append(f"{seen['jobs']} jobs instead of {chosen.jobs}")
    if seen["moved"] != files or seen["destinations"] != files:
        problems.append(f"{seen['moved']} copies were made to {seen['destinations']} destinations")
    return problems


# -------------------------------------------------------------------------------- the server
@contextmanager
def server(directory: Path, files: int) -> Iterator[Iterator[str]]:
    """The server's process: what it tells are lines, its address first, and what it has seen when asked."""
    command = [sys.executable, "-m", "tests.bench.fts", str(directory), str(files)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None

    def told() -> Iterator[str]:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.write("enough\n")
        process.stdin.flush()
        yield process.stdout.readline()

    try:
        yield told()
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def serve(directory: Path, files: int) -> None:
    clock = SystemClock()
    source, target = MemoryStorage("bench-from", clock), MemoryStorage("bench-to", clock)
    for number in range(files):
        source.put(f"/f{number}.raw", SIZE, Adler32(number % (1 << 32)))
    storages = {f"memory://{store.name}/": store.storage() for store in (source, target)}
    settings = ServerSettings(scheduler=2.0, transfer=2.5)
    with FtsServer(clock, storages, settings=settings, credentials=Credentials(directory)) as fts:
        began = time.process_time()
        print(fts.url, flush=True)
        sys.stdin.readline()
        seen = {
            "calls": len(fts.calls),
            "jobs": len(fts.jobs),
            "moved": fts.moved.total(),
            "destinations": len(fts.moved),
            "cpu": round(time.process_time() - began, 1),
        }
        print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
