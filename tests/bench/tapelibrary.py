"""The simulated tape library by itself: many files on tape, a part of them recalled, read and released.

Files of many runs, interleaved over the tapes as several write drives lay them; wanted in batches, a thousand
at a time, through the ports of the memory backend, without faults. Seconds are those of the processor, so
that neighbours on a shared machine do not count.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from tests.bench.meter import peak_rss_mb
from transfers.backends.memory import MemoryStorage
from transfers.backends.tapelibrary import LibrarySettings
from transfers.model import Done, StageOrder

SIZE = 1_000_000_000
RUN = 500  # files
STEP = timedelta(minutes=30)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--files", type=int, default=1_000_000, metavar="N", help="files on tape (1000000)")
    parser.add_argument("--recall", type=int, default=100_000, metavar="N", help="of them recalled (100000)")
    parser.add_argument("--batch", type=int, default=1000, metavar="N", help="files of a request (1000)")
    parser.add_argument("--ahead", type=int, default=10, metavar="N", help="requests at a time (10)")
    parser.add_argument("--buffer", type=float, default=0, metavar="BYTES", help="room on disk (no limit)")
    parser.add_argument("--order", choices=("oldest", "most"), default="oldest", help="tapes' order (oldest)")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """The figures, and what is wrong with the end (nothing, if all is well)."""
    clock = SimulatedClock()
    settings = LibrarySettings(
        drives=8,
        mount=60,
        unmount=30,
        seek=2,
        locate=0.01,
        rate=360e6,
        write_drives=4,
        buffer_size=chosen.buffer,
        mount_order=chosen.order,
    )
    store = MemoryStorage("bench", clock, tape=True, settings=settings)
    before, began = peak_rss_mb(), time.process_time()
    store.seed_tape(_entries(chosen.files))
    seeding = time.process_time() - began
    memory = peak_rss_mb() - before
    spent, calls, simulated, problems = _recall(store, clock, chosen)
    counted = store.library.counters
    if counted.recalls != min(chosen.recall, chosen.files):
        problems.append(f"{counted.recalls} files were read from tape, {chosen.recall} were asked for")
    if store.library.files.active:
        problems.append(f"{len(store.library.files.active)} files are not at rest in the end")
    figures = {
        "files": chosen.files,
        "seeded_per_s": round(chosen.files / seeding),
        "bytes_per_file": round(memory * 2**20 / chosen.files),
        "recalled": counted.recalls,
        "recalled_per_s": round(counted.recalls / sum(spent.values())),
        **{f"{name}_s": round(seconds, 2) for name, seconds in spent.items()},
        "calls_per_file": round(calls / max(1, counted.recalls), 4),
        "tapes": len(store.library.tapes.all),
        "mounts": counted.mounts,
        "seeks": counted.seeks,
        "full": counted.full,
        "simulated_days": round(simulated / timedelta(days=1), 2),
        "drives_busy": round(_busy(store, simulated), 3),
        "peak_rss_mb": peak_rss_mb(),
    }
    return figures, problems


def _entries(files: int) -> Iterator[tuple[str, int, Adler32]]:
    for number in range(files):
        run, chunk = 270_000 + number // RUN, 11_001 + number % RUN
        path = f"/castor/cern.ch/compass/data/2016/raw/W{run % 20:02d}/cdr{chunk}-{run}.raw"
        yield path, SIZE, Adler32(number)


def _recall(
    store: MemoryStorage, clock: SimulatedClock, chosen: argparse.Namespace
) -> tuple[dict[str, float], int, timedelta, list[str]]:
    """Seconds in each port, calls, time on the simulated clock, problems."""
    wanted = (path for path, *_ in _entries(min(chosen.recall, chosen.files)))
    spent = {"stage": 0.0, "poll": 0.0, "release": 0.0}
    open_requests: list[tuple[str, list[str]]] = []
    calls, start, problems = 0, clock.now(), []
    limit = start + timedelta(days=3650)
    more = True
    while more or open_requests:
        while more and len(open_requests) < chosen.ahead:
            batch = list(islice(wanted, chosen.batch))
            if not batch:
                more = False
                break
            orders = [StageOrder(path, SIZE) for path in batch]
            began = time.process_time()
            token = store.stage(orders).token
            spent["stage"] += time.process_time() - began
            open_requests.append((token, batch))
            calls += 1
        clock.sleep(STEP)
        if clock.now() > limit:
            return spent, calls, clock.now() - start, [f"{len(open_requests)} requests do not end"]
        kept = []
        for token, batch in open_requests:
            began = time.process_time()
            outcomes = store.poll(token, batch)
            polled = time.process_time()
            done = [path for path, outcome in outcomes.items() if isinstance(outcome, Done)]
            if done:
                released = time.process_time()
                store.release(token, done)
                spent["release"] += time.process_time() - released
            spent["poll"] += polled - began
            calls += 1 + bool(done)
            if left := [path for path in batch if not isinstance(outcomes[path], Done)]:
                kept.append((token, left))
        open_requests = kept
    return spent, calls, clock.now() - start, problems


def _busy(store: MemoryStorage, simulated: timedelta) -> float:
    """The part of the time that drives worked."""
    worked = sum(drive.busy for drive in store.library.drives)
    return worked / len(store.library.drives) / max(1.0, simulated.total_seconds())
