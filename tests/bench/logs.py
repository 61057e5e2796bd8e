"""One log out of the archives of runs within the archive of a production: requests, bytes and time."""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from merging.formats.archiveindex import read_member
from merging.formats.archives import ZipArchive
from transfers.backends.posix import PosixStorage
from transfers.model import Failed, Span, Unknown
from transfers.ports import RangeReader
from transfers.ranged import RangedFile

PRODUCTION = "dvcs2016P08t1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=21, help="archives of runs")
    parser.add_argument("--logs", type=int, default=1000, help="logs of a run")
    parser.add_argument("--size", type=int, default=210_000, help="bytes of a log")
    parser.add_argument("--dir", type=Path, help="where to write; a new directory below the system's if none")
    parser.add_argument("--json", action="store_true", help="nothing but the last line")


def run(arguments: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    with tempfile.TemporaryDirectory(prefix="ddm-bench-logs-", dir=arguments.dir) as directory:
        return _run(arguments, Path(directory))


class _Metered:
    """Counts the bytes that come by stretches."""

    def __init__(self, inner: RangeReader) -> None:
        self._inner, self.bytes = inner, 0

    def ranges(self, spans: Sequence[Span]) -> Mapping[Span, bytes | Failed | Unknown]:
        self.bytes += sum(span.length for span in spans)
        return self._inner.ranges(spans)


def _run(arguments: argparse.Namespace, root: Path) -> tuple[dict[str, Any], list[str]]:
    stored, chance = ZipArchive(compression="stored"), random.Random(1)
    logs = [root / f"{PRODUCTION}.275678-{11000 + number}-0.stdout.gz" for number in range(arguments.logs)]
    for log in logs:
        log.write_bytes(chance.randbytes(arguments.size))  # packed logs have no shorter form
    first = root / "run.zip"
    stored.merge(logs, first)
    runs = [root / f"{PRODUCTION}.{275678 + number}.zip" for number in range(arguments.runs)]
    for path in runs:
        os.link(first, path)  # the same logs under other names: their bytes do not matter
    begun = time.process_time()
    production = root / f"{PRODUCTION}_logFiles.zip"
    size = stored.merge(runs, production).size
    merged = time.process_time() - begun
    storage = PosixStorage(root).storage()
    assert storage.ranges is not None
    meter = _Metered(storage.ranges)
    file = RangedFile(replace(storage, ranges=meter), f"/{production.name}", size)
    wanted = logs[len(logs) * 3 // 4]
    wall, begun = time.perf_counter(), time.process_time()
    content = read_member(file, wanted.name, "production", [runs[len(runs) // 2].name])
    spent, wall = time.process_time() - begun, time.perf_counter() - wall
    result = {
        "archive_bytes": size,
        "logs": arguments.runs * arguments.logs,
        "merge_cpu_s": round(merged, 2),
        "requests": file.requests,
        "bytes_read": meter.bytes,
        "show_cpu_ms": round(1000 * spent, 1),
        "show_wall_ms": round(1000 * wall, 1),
    }
    problems = [] if content == wanted.read_bytes() else ["the log is not what was packed"]
    if file.requests > 5:
        problems.append(f"{file.requests} requests for one log")
    return result, problems
