"""A catalogue of N files beside an unsorted list of its endpoint, with planted differences, until both are
one table.

Measured in a process of its own, so that its memory is not that of who made the catalogue: the catalogue
before and after the list is exported, the list is read, and everything is compared. ``compare_seconds`` is
without the export: both are texts already. ``sort`` and ``comm`` do the same with two texts in the same
order of fields, beside it. Wrong unless every planted difference is found as what it is, and nothing else.
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
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from catalog.clock import SystemClock
from catalog.db import believed, directories, files, schema, streams
from catalog.db.engine import Catalog
from catalog.db.move import Why
from catalog.states import EndpointKind
from ddm.reconcile import dumps
from ddm.reconcile import engine as engines
from ddm.reconcile.compare import Explained, Scanned, compare
from ddm.reconcile.kinds import Kind
from tests.bench import bare
from tests.bench.catalog import name

BATCH = 20_000
STEPS = (7368787, 6700417, 1299709)  # primes: a step of one walks through all files in no order
PREFIX = "/eos/experiment/compass"
PLANTED = {
    1: Kind.LOST,
    2: Kind.SIZE,
    3: Kind.CHECKSUM,
    4: Kind.DARK,
    5: Kind.DEBRIS,
    6: Kind.WRONG_PLACE,
    7: Kind.DUPLICATE,
    8: Kind.UNREADABLE,
}
"""Of a thousand files each: one of every kind."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--memory", type=int, default=engines.MEMORY_MB, help="MB that the engine may hold")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dir", type=Path, help="where everything is made, and removed")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument(
        "--break", dest="broken", choices=("", "name", "size", "list"), default="", help="spoil it"
    )


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    root = Path(tempfile.mkdtemp(prefix="ddm-bench-", dir=chosen.dir))
    try:
        with bare.server(chosen.db, root) as new_url:
            url = new_url()
            _catalogue(url, chosen.files)
            dump = root / "dump.txt"
            planted = _dump(dump, chosen.files, chosen.broken)
            found, result = _measured(url, dump, root, chosen)
            problems = _judge(found, planted, result)
            result["sort_comm_seconds"] = _sort_comm(url, dump, root, chosen.threads)
            return {"files": chosen.files, "db": chosen.db, **result}, problems
    finally:
        shutil.rmtree(root, ignore_errors=True)


# ------------------------------------------------------------------------------------------- what is planted
def _size(number: int) -> int:
    return (1 << 30) + number


def _adler32(number: int) -> int:
    return (number * 2654435761) & 0xFFFFFFFF


def _catalogue(url: str, count: int) -> None:
    """Files and their copies, all AVAILABLE; those that are planted as dark are left out."""
    now = SystemClock().now()
    text = schema.iso(now)
    with Catalog(url) as catalog:
        catalog.create()
        with catalog.begin() as conn:
            endpoint = files.ensure_endpoint(conn, "eos", EndpointKind.DISK)
            dataset = files.ensure_dataset(conn, "2016", Why(now, "bench"))
            heads = directories.ensure(conn, {directories.split(name(n))[0] for n in range(0, count, 1000)})
            kept = [n for n in range(count) if PLANTED.get(n % 1000) not in (Kind.DARK, Kind.DEBRIS)]

            def file_rows() -> Iterator[tuple[Any, ...]]:
                for n in kept:
                    head, base = directories.split(name(n))
                    words = (
                        dataset,
                        "raw",
                        "raw",
                        n // 1000 + 1,
                        "",
                        None,
                        _size(n),
                        _adler32(n),
                        text,
                        None,
                    )
                    yield (n + 1, heads[head], base, *words)

            def replica_rows() -> Iterator[tuple[Any, ...]]:
                for n in kept:
                    yield (n + 1, n + 1, endpoint, None, "AVAILABLE", text, "ONLINE", text, "bench", 0, text)

            streams.write(conn, streams.shape(schema.file), _batches(file_rows()))
            streams.write(conn, streams.shape(schema.replica), _batches(replica_rows()))
        with catalog.engine.connect() as conn:
            conn.exec_driver_sql("ANALYZE")
            conn.commit()


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _dump(path: Path, count: int, broken: str) -> set[tuple[str, str]]:
    """The list, in no order; gives what is to be found: (path, kind)."""
    step = next(prime for prime in STEPS if count % prime)
    planted: set[tuple[str, str]] = set()
    with open(path, "w") as dump:
        dump.write("path\tsize\tadler32\n")
        for start in range(0, count, BATCH):
            lines: list[str] = []
            for place in range(start, min(start + BATCH, count)):
                lines += _lines(place * step % count, planted)
            if broken == "list" and start == 0:
                lines = lines[1:]
            dump.writelines(lines)
    if broken == "name":
        planted.add(("/no/such/file", Kind.LOST))
    if broken == "size":
        planted.discard(next(entry for entry in sorted(planted) if entry[1] == Kind.SIZE))
    return planted


def _lines(number: int, planted: set[tuple[str, str]]) -> list[str]:
    kind = PLANTED.get(number % 1000)
    path, size, adler32 = name(number), str(_size(number)), _adler32(number)
    places = [path]
    if kind:
        planted.add((path, kind))
    match kind:
        case Kind.LOST:
            return []
        case Kind.SIZE:
            size = str(_size(number) - 1)
        case Kind.CHECKSUM:
            adler32 ^= 1
        case Kind.UNREADABLE:
            size = f"{size}.0"
        case Kind.DEBRIS:
            head, base = directories.split(path)
            planted.discard((path, kind))
            places = [f"{head}j{number}a1/{base}"]
            planted.add((places[0], kind))
        case Kind.WRONG_PLACE:
            places = [path.replace("/raw/", "/moved/")]
            planted.add((places[0], kind))
        case Kind.DUPLICATE:
            places = [path, path]
    return [f"{PREFIX}{place}\t{size}\t{adler32:08x}\n" for place in places]


# ------------------------------------------------------------------------------------------ what is measured
def _measured(url: str, dump: Path, root: Path, chosen: argparse.Namespace) -> tuple[Path, dict[str, Any]]:
    found = root / "found.parquet"
    arguments = (url, str(dump), str(found), str(chosen.memory), str(chosen.threads))
    command = [sys.executable, "-m", "tests.bench.reconcile", *arguments]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found, result


def work(url: str, dump: Path, found: Path, memory: int, threads: int) -> dict[str, Any]:
    """Export, read, export, compare; gives seconds and memory."""
    marks = [("", time.perf_counter())]

    def mark(what: str) -> None:
        marks.append((what, time.perf_counter()))

    with Catalog(url) as catalog, engines.opened(found.parent, engines.Bounds(memory, threads)) as engine:
        with catalog.read() as conn:
            endpoint, kind = believed.endpoint_ids(conn)["eos"]
        texts = [engine.directory / f"{moment}.text" for moment in ("before", "after")]
        expected = _export(catalog, endpoint, texts[0])
        mark("export_seconds")
        part = engine.directory / "part.parquet"
        counted = dumps.part(engine, dump, part, prefix=PREFIX + "/", format_="csv")
        mark("list_seconds")
        _export(catalog, endpoint, texts[1])
        mark("export_again_seconds")
        scan = Scanned(endpoint, EndpointKind(kind), (part,))
        counts = compare(engine, texts[0], texts[1], [scan], Explained(), found)
        mark("classify_seconds")
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = {what: round(at - before, 2) for (_, before), (what, at) in pairwise(marks)}
    return {
        "seconds": round(marks[-1][1] - marks[0][1], 2),
        "compare_seconds": round(spent["list_seconds"] + spent["classify_seconds"], 2),
        **spent,
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_rss_mb": round(usage.ru_maxrss / 1024, 1),
        "expected": expected,
        "lines": counted.lines,
        "counts": {
            f"{count.kind}{'' if count.expected else ' (not expected)'}": count.places for count in counts
        },
    }


def _export(catalog: Catalog, endpoint: int, to: Path) -> int:
    with streams.snapshot(catalog) as conn, open(to, "wb", buffering=1 << 20) as text:
        return believed.export(conn, [endpoint], text)


def _judge(found: Path, planted: set[tuple[str, str]], result: dict[str, Any]) -> list[str]:
    with engines.opened(found.parent) as engine:
        rows = engine.rows(f"SELECT path, kind FROM read_parquet({engines.text(str(found))})")
    seen = set(rows)
    missed, invented = planted - seen, seen - planted
    result |= {"planted": len(planted), "missed": len(missed), "invented": len(invented)}
    problems = [f"missed: {kind}: {path}" for path, kind in sorted(missed)[:5]]
    problems += [f"invented: {kind}: {path}" for path, kind in sorted(invented)[:5]]
    if (
        result["counts"].get("consistent", 0)
        + sum(
            count
            for kind, count in result["counts"].items()
            if kind != "consistent" and "not expected" not in kind
        )
        != result["expected"]
    ):
        problems.append("the counts do not add up to what is expected")
    return problems


def _sort_comm(url: str, dump: Path, root: Path, threads: int) -> float:
    """Seconds of ``sort`` and ``comm`` for both as texts of the same form."""
    ours = root / "ours.txt"
    with Catalog(url) as catalog, streams.snapshot(catalog) as conn, open(root / "export", "wb") as text:
        believed.export(conn, [believed.endpoint_ids(conn)["eos"][0]], text)
    with open(root / "export") as text, open(ours, "w") as to:
        for line in text:
            words = line.rstrip("\n").split("\t")
            to.write(f"{PREFIX}{words[7][1:-1]}\t{words[5]}\t{int(words[6]):08x}\n")
    options = f"--parallel={threads} -S 400M -T '{root}'"
    script = (
        f"sort {options} '{ours}' > '{root}/1'; sort {options} '{dump}' > '{root}/2'; "
        f"comm -3 '{root}/1' '{root}/2' > '{root}/3'"
    )
    began = time.perf_counter()
    subprocess.run(["sh", "-ec", script], check=True, env={**os.environ, "LC_ALL": "C"})
    return round(time.perf_counter() - began, 2)


if __name__ == "__main__":
    url_, dump_, found_, memory_, threads_ = sys.argv[1:]
    print(json.dumps(work(url_, Path(dump_), Path(found_), int(memory_), int(threads_))))
