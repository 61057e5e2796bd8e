"""A catalogue of N files beside unsorted lists of its disk and its tape, with planted differences, until all
are one table.

Measured in a process of its own, so that its memory is not that of who made the catalogue: what the catalogue
expects is taken, the lists are read, what changed meanwhile is taken, and everything is compared.
``compare_seconds`` is without the catalogue: both are files already. ``sort`` and ``comm`` do the same with
two texts in the same order of fields, beside it. Wrong unless every planted difference is found as what it
is, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import update

from catalog.db import believed, comparelook, directories, schema, streams
from catalog.db.engine import Catalog, among
from catalog.states import EndpointKind
from ddm.reconcile import dumps, snapshots
from ddm.reconcile import engine as engines
from ddm.reconcile.compare import Explained, Scanned, compare
from ddm.reconcile.kinds import Kind
from tests.bench import bare, reconcilefill
from tests.bench.catalog import name
from tests.bench.reconcilefill import ENDPOINTS, PLANTED, adler32, on_tape, passing, size

BATCH = 20_000
STEPS = (7368787, 6700417, 1299709)  # primes: a step of one walks through all files in no order
PREFIX = "/eos/experiment/compass"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--memory", type=int, default=engines.MEMORY_MB, help="MB that the engine may hold")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dir", type=Path, help="where everything is made, and removed")
    parser.add_argument("--lean", action="store_true", help="without indexes that nothing here reads")
    parser.add_argument("--no-sort", action="store_true", help="without sort and comm, which need room")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument(
        "--break", dest="broken", choices=("", "name", "size", "list"), default="", help="spoil it"
    )


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    root = Path(tempfile.mkdtemp(prefix="ddm-bench-", dir=chosen.dir))
    try:
        with bare.server(chosen.db, root) as new_url:
            url = new_url()
            reconcilefill.catalogue(url, chosen.files, chosen.lean)
            planted = _dumps(root, chosen.files, chosen.broken)
            found, result = _measured(url, root, chosen)
            problems = _judge(found, planted, result)
            if not chosen.no_sort:
                result["sort_comm_seconds"] = _sort_comm(url, root, chosen.threads)
            return {"files": chosen.files, "db": chosen.db, "lean": chosen.lean, **result}, problems
    finally:
        shutil.rmtree(root, ignore_errors=True)


# ------------------------------------------------------------------------------------------------ the lists
def _dumps(root: Path, count: int, broken: str) -> set[tuple[str, str]]:
    """The lists of disk and tape, in no order; gives what is to be found: (path, kind)."""
    step = next(prime for prime in STEPS if count % prime)
    planted: set[tuple[str, str]] = set()
    with open(root / "eos.txt", "w") as disk, open(root / "cta.txt", "w") as tape:
        for dump in (disk, tape):
            dump.write("path\tsize\tadler32\n")
        for start in range(0, count, BATCH):
            numbers = [place * step % count for place in range(start, min(start + BATCH, count))]
            lines = [line for number in numbers for line in _lines(number, count, planted)]
            disk.writelines(lines[1:] if broken == "list" and start == 0 else lines)
            lines = [_line(name(n), n) for n in numbers if on_tape(n) and _kind(n, count) != Kind.DISK_ONLY]
            tape.writelines(lines)
    if broken == "name":
        planted.add(("/no/such/file", Kind.LOST))
    if broken == "size":
        planted.discard(next(entry for entry in sorted(planted) if entry[1] == Kind.SIZE))
    return planted


def _kind(number: int, count: int) -> Kind | None:
    return Kind.IN_FLIGHT if passing(number, count) else PLANTED.get(number % 1000)


def _line(path: str, number: int, said: str = "", other: int = 0) -> str:
    return f"{PREFIX}{path}\t{said or size(number)}\t{adler32(number) ^ other:08x}\n"


def _lines(number: int, count: int, planted: set[tuple[str, str]]) -> list[str]:
    """What the list of the disk has of a file."""
    kind = _kind(number, count)
    path = found = name(number)
    lines = [_line(path, number)]
    if not kind:
        return lines
    head, base = directories.split(path)
    match kind:
        case Kind.LOST | Kind.IN_FLIGHT | Kind.TAPE_ONLY:
            lines = []
        case Kind.SIZE:
            lines = [_line(path, number, str(size(number) - 1))]
        case Kind.CHECKSUM:
            lines = [_line(path, number, other=1)]
        case Kind.UNREADABLE:
            lines = [_line(path, number, f"{size(number)}.0")]
        case Kind.DEBRIS:
            found = f"{head}j{number}a1/{base}"
            lines = [_line(found, number)]
        case Kind.WRONG_PLACE:
            planted.add((path, kind))
            found = path.replace("/raw/", "/moved/")
            lines = [_line(found, number)]
        case Kind.DUPLICATE:
            lines *= 2
    planted.add((found, kind))
    return lines


# ------------------------------------------------------------------------------------------ what is measured
def _measured(url: str, root: Path, chosen: argparse.Namespace) -> tuple[Path, dict[str, Any]]:
    found = root / "found.parquet"
    arguments = (url, str(found), str(chosen.files), str(chosen.memory), str(chosen.threads))
    command = [sys.executable, "-m", "tests.bench.reconcile", *arguments]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found, result


def work(url: str, found: Path, count: int, memory: int, threads: int) -> dict[str, Any]:
    """Snapshot, read the lists, snapshot, compare; gives seconds and memory."""
    marks = [("", time.perf_counter(), time.process_time())]

    def mark(what: str) -> None:
        marks.append((what, time.perf_counter(), time.process_time()))

    with Catalog(url) as catalog, engines.opened(found.parent, engines.Bounds(memory, threads)) as engine:
        with catalog.read() as conn:
            endpoints = believed.endpoint_ids(conn)
        ids = [number for number, _ in endpoints.values()]
        before, after = (engine.directory / moment for moment in ("before", "after"))
        expected = snapshots.take(engine, catalog, ids, before, readers=threads).rows
        mark("export")
        scans, lines = [], 0
        for endpoint, (number, kind) in endpoints.items():
            part, dump = engine.directory / f"{endpoint}.parquet", found.parent / f"{endpoint}.txt"
            lines += dumps.part(engine, dump, part, prefix=PREFIX + "/", format_="csv").lines
            scans.append(Scanned(number, EndpointKind(kind), (part,)))
        mark("list")
        _happens(catalog, count)
        mark("happening")
        snapshots.take(engine, catalog, ids, after, since=before, readers=threads)
        mark("export_again")
        with catalog.read() as conn:
            explained = Explained(believed.live_labels(conn), comparelook.withdrawn(conn, ids))
            counts = compare(engine, before, after, scans, explained, found)
        mark("classify")
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = {f"{what}_seconds": round(at - old, 2) for (_, old, _), (what, at, _) in pairwise(marks)}
    processor = {f"{what}_cpu_seconds": round(at - old, 2) for (_, _, old), (what, _, at) in pairwise(marks)}
    happening = spent.pop("happening_seconds")
    return {
        "seconds": round(marks[-1][1] - marks[0][1] - happening, 2),
        "compare_seconds": round(spent["list_seconds"] + spent["classify_seconds"], 2),
        **spent,
        **processor,
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_rss_mb": round(usage.ru_maxrss / 1024, 1),
        "expected": expected,
        "lines": lines,
        "counts": {
            f"{count.kind}{'' if count.expected else ' (not expected)'} at {count.endpoint}": count.places
            for count in counts
        },
    }


def _happens(catalog: Catalog, count: int) -> None:
    """What others do during the scan: copies are withdrawn, and their bytes are not in the lists."""
    ids = [n + 1 for n in reconcilefill.moving(count)]
    with catalog.begin() as conn:
        for start in range(0, len(ids), BATCH):
            moved = among(conn, schema.replica.c.id, ids[start : start + BATCH])
            conn.execute(update(schema.replica).where(moved).values(state="TRASHED"))


def _judge(found: Path, planted: set[tuple[str, str]], result: dict[str, Any]) -> list[str]:
    with engines.opened(found.parent) as engine:
        rows = engine.rows(f"SELECT path, kind FROM read_parquet({engines.text(str(found))})")
    seen = set(rows)
    missed, invented = planted - seen, seen - planted
    result |= {"planted": len(planted), "missed": len(missed), "invented": len(invented)}
    problems = [f"missed: {kind}: {path}" for path, kind in sorted(missed)[:5]]
    problems += [f"invented: {kind}: {path}" for path, kind in sorted(invented)[:5]]
    of_expected = sum(n for kind, n in result["counts"].items() if "not expected" not in kind)
    if of_expected != result["expected"]:
        problems.append("the counts do not add up to what is expected")
    return problems


def _sort_comm(url: str, root: Path, threads: int) -> float:
    """Seconds of ``sort`` and ``comm`` for both as texts of the same form."""
    ours, theirs = root / "ours.txt", root / "theirs.txt"
    with Catalog(url) as catalog, streams.snapshot(catalog) as conn, open(ours, "w") as to:
        ids = [number for number, _ in believed.endpoint_ids(conn).values()]
        for block in believed.blocks(conn):
            for line in believed.block(conn, ids, block)[0].decode().splitlines():
                words = line.split("\t")
                to.write(f"{PREFIX}{words[7][1:-1]}\t{words[5]}\t{int(words[6]):08x}\n")
    with open(theirs, "wb") as both:
        for endpoint in ENDPOINTS:
            with open(root / f"{endpoint}.txt", "rb") as dump:
                shutil.copyfileobj(dump, both, 1 << 20)
    options = f"--parallel={threads} -S 400M -T '{root}'"
    script = (
        f"sort {options} '{ours}' > '{root}/1'; sort {options} '{theirs}' > '{root}/2'; "
        f"comm -3 '{root}/1' '{root}/2' > '{root}/3'"
    )
    began = time.perf_counter()
    subprocess.run(["sh", "-ec", script], check=True, env={**os.environ, "LC_ALL": "C"})
    return round(time.perf_counter() - began, 2)


if __name__ == "__main__":
    url_, found_, *numbers_ = sys.argv[1:]
    print(json.dumps(work(url_, Path(found_), *map(int, numbers_))))
