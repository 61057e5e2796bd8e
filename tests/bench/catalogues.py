"""Our list of N files beside that of another catalogue in another order, with planted differences.

Measured: entries one by one into a text (``write``), both texts into the engine and one table (``compare``),
and the peak memory of the whole. Wrong unless every planted difference is found as what it is, and no other.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.checksum import Adler32
from ddm.reconcile import catalogues, theirs
from ddm.reconcile import engine as engines
from ddm.reconcile.cataloguekinds import Odd
from ddm.reconcile.catalogues import Asked
from ddm.reconcile.theirs import Told
from tests.bench.meter import peak_rss_mb

STEP = 6700417  # a prime: a step of one walks through all files in no order
PLANTED = {
    1: Odd.ONLY_HERE,
    2: Odd.ONLY_THERE,
    3: Odd.SIZE,
    4: Odd.CHECKSUM,
    5: Odd.EVENTS,
    6: Odd.DATASET,
    7: Odd.AMBIGUOUS,
}
"""Of a thousand files each: one of every kind."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--memory", type=int, default=engines.MEMORY_MB, help="MB that the engine may hold")
    parser.add_argument("--dir", type=Path, help="where everything is made, and removed")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    root = Path(tempfile.mkdtemp(prefix="ddm-bench-", dir=chosen.dir))
    try:
        return _measured(root, chosen.files, chosen.memory)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _measured(root: Path, n: int, memory: int) -> tuple[dict[str, Any], list[str]]:
    ours = root / "ours.tsv"
    with open(ours, "w") as to:
        to.writelines(_ours(n))
    result: dict[str, Any] = {"files": n}
    with engines.opened(root, engines.Bounds(memory_mb=memory)) as engine:
        told = engine.directory / "theirs.tsv"
        begun = time.perf_counter(), time.process_time()
        written = theirs.write(_theirs(n), told)
        result |= _since("write", begun)
        begun = time.perf_counter(), time.process_time()
        catalogues.theirs(engine, [told])
        found = catalogues.compare(
            engine, ours, Asked(datetime(2026, 11, 1, tzinfo=UTC)), engine.directory / "rest.parquet"
        )
        result |= _since("compare", begun)
    result |= {"entries": written.entries, "peak_rss_mb": peak_rss_mb()}
    planted = {kind: len(range(rest, n, 1000)) for rest, kind in PLANTED.items()}
    problems = [
        f"{kind}: {found.kinds.get(kind, 0)} found, {planted.get(kind, 0)} planted"
        for kind in Odd
        if found.kinds.get(kind, 0) != planted.get(kind, 0)
    ]
    return result, problems


def _since(what: str, begun: tuple[float, float]) -> dict[str, float]:
    wall, cpu = begun
    return {
        f"{what}_s": round(time.perf_counter() - wall, 1),
        f"{what}_cpu_s": round(time.process_time() - cpu, 1),
    }


def _name(i: int) -> str:
    run = 275_000 + i // 1000
    return f"/castor/cern.ch/compass/data/2016/raw/W{i % 14:02d}/T{i // 1000:06d}/cdr{i % 1000:05d}-{run}.raw"


def _ours(n: int) -> Iterator[str]:
    for i in range(n):
        if PLANTED.get(i % 1000) is not Odd.ONLY_THERE:
            dataset, since = f"2016/W{i % 14:02d}", "2016-01-01T00:00:00"
            yield f'"{_name(i)}"\t"{dataset}"\t{1000 + i}\t{i}\t{i % 997}\t{since}\t0\n'


def _theirs(n: int) -> Iterator[Told]:
    for at in range(n):
        i = at * STEP % n
        kind = PLANTED.get(i % 1000)
        if kind is Odd.ONLY_HERE:
            continue
        yield Told(
            _name(i),
            1000 + i + (kind is Odd.SIZE),
            Adler32(i + (kind is Odd.CHECKSUM)),
            f"2016/W{(i + (kind is Odd.DATASET)) % 14:02d}",
            i % 997 + (kind is Odd.EVENTS),
            f"raw.txt:{at + 1}",
        )
        if kind is Odd.AMBIGUOUS:
            yield Told(_name(i), 7)
