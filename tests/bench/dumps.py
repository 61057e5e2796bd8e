"""Lists of a storage in every format, read into a part of a scan: seconds of the processor, memory.

Each list has N files with paths of real length, one name in ``--odd`` has a space and an accent. It is
read in a process of its own. Wrong unless every file is in the part as it was written, and no other.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ddm.reconcile import dumps
from ddm.reconcile import engine as engines
from tests.bench.meter import peak_rss_mb

PREFIX = "/eos/experiment/compass/"
STEP = 6700417  # a prime: checksums in no order

File = tuple[int, str, int, str]
"""Its number, path, size and adler32."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--formats", nargs="*", choices=[*LISTS], help="only these")
    parser.add_argument("--odd", type=int, default=1000, help="one name in so many is odd")
    parser.add_argument("--memory", type=int, default=engines.MEMORY_MB, help="MB that the engine may hold")
    parser.add_argument("--dir", type=Path, help="where everything is made, and removed")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    result: dict[str, Any] = {"lines": chosen.lines, "odd": chosen.odd}
    problems: list[str] = []
    for name in chosen.formats or LISTS:
        root = Path(tempfile.mkdtemp(prefix="ddm-bench-", dir=chosen.dir))
        try:
            result[name], wrong = _alone(root, name, chosen)
        finally:
            shutil.rmtree(root, ignore_errors=True)
        problems += (f"{name}: {one}" for one in wrong)
    return result, problems


def _alone(root: Path, name: str, chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """What a process of its own measures."""
    methods = multiprocessing.get_context("spawn")
    here, there = methods.Pipe(duplex=False)
    process = methods.Process(target=_measured, args=(root, name, chosen, there))
    process.start()
    there.close()
    try:
        found: tuple[dict[str, Any], list[str]] = here.recv()
    except EOFError:
        found = {}, ["its process came to no end"]
    process.join()
    return found


def _measured(root: Path, name: str, chosen: argparse.Namespace, answer: Connection) -> None:
    format_, write = LISTS[name]
    source, part = root / "list", root / "part.parquet"
    with gzip.open(source, "wt", 1) if name.endswith(".gz") else open(source, "w") as to:
        to.writelines(write(_files(chosen.lines, chosen.odd)))
    with engines.opened(root, engines.Bounds(chosen.memory)) as engine:
        wall, cpu = time.perf_counter(), time.process_time()
        dumps.part(engine, source, part, prefix=PREFIX, format_=format_)
        wall, cpu, memory = time.perf_counter() - wall, time.process_time() - cpu, peak_rss_mb()
        rows = engine.stream(f"SELECT path, size, adler32 FROM read_parquet('{part}')", 10_000)
        read = _told(row for batch in rows for row in batch)
    known = _told(_expected(format_, file) for file in _files(chosen.lines, chosen.odd))
    result = {
        "cpu_s": round(cpu, 2),
        "cpu_s_per_million": round(cpu / chosen.lines * 1e6, 2),
        "seconds": round(wall, 2),
        "peak_rss_mb": memory,
        "list_mb": source.stat().st_size >> 20,
    }
    answer.send((result, [] if read == known else [f"{read} read, {known} written: number and sum"]))


def _told(rows: Iterable[tuple[Any, ...]]) -> tuple[int, int]:
    """How many there are, and a number that another row would change."""
    count = total = 0
    for row in rows:
        count += 1
        total += zlib.crc32(repr(row).encode())
    return count, total


def _files(n: int, odd: int) -> Iterator[File]:
    for i in range(n):
        run = 275_000 + i // 1000
        name = f"data/2016/raw/W{i % 14:02d}/T{i // 1000:06d}/cdr{i % 1000:05d}-{run}.raw"
        if i % odd == odd - 1:
            name = f"data/odd names/caf\u00e9 {i} 100%25.raw"
        yield i, PREFIX + name, 1_000_000_000 + i * 7, f"{(i * STEP + 1) % (1 << 32):08x}"


def _expected(format_: str, file: File) -> tuple[str, int | None, int | None]:
    _, path, size, sum_ = file
    place = path.removeprefix(PREFIX[:-1])
    return (
        place,
        None if format_ == "names" else size,
        None if format_ in ("names", "find") else int(sum_, 16),
    )


# --------------------------------------------------------------------------------------------- formats
def _each(
    line: Callable[[File], str], head: str = "", end: str = "\n"
) -> Callable[[Iterable[File]], Iterator[str]]:
    def lines(files: Iterable[File]) -> Iterator[str]:
        yield head
        for file in files:
            yield line(file) + end

    return lines


def _xrdfs(file: File) -> str:
    _, path, size, sum_ = file
    return f"-rw-r--r-- daemon daemon {size:>12} {sum_} 2026-11-22 19:06:23 {path}"


def _newfind(file: File) -> str:
    _, path, size, sum_ = file
    return f'path="{path}" size={size} checksum={sum_}'


def _fileinfo(file: File) -> str:
    i, path, size, sum_ = file
    times = "mtime=1479841583.123456789 ctime=1479841583.123456789 btime=1479841583.0 clock=0"
    place = f"mode=0640 uid=1001 gid=1338 fxid={i:08x} fid={i} ino={i << 28} pid=4711 pxid=00001267"
    layout = "detached=0 layout=replica nstripes=2 lid=00100112 nrep=2 fsid=12 fsid=47"
    begin = f"keylength.file={len(path.encode())} file={path} size={size} {times} {place}"
    return f'{begin} xstype=adler xs={sum_} etag="{i << 28}:{sum_}" {layout} '


def _tape(file: File) -> str:
    i, path, size, sum_ = file
    item = {
        "af": {
            "archiveId": str((1 << 32) + i),
            "storageClass": "raw_2copies",
            "creationTime": "1467374400",
            "checksum": [{"type": "ADLER32", "value": sum_}],
            "size": str(size),
        },
        "df": {
            "diskId": str(4711 + i),
            "diskInstance": "eosctacompass",
            "ownerId": {"uid": 1001, "gid": 1338},
            "path": path,
        },
        "tf": {"vid": f"V{i // 5000:05d}", "copyNb": 1, "blockId": str(i * 10), "fSeq": str(i % 5000 + 1)},
    }
    return json.dumps(item, separators=(",", ":"), ensure_ascii=False)


def _tapes(files: Iterable[File]) -> Iterator[str]:
    """One array for each tape, as ``cta-admin --json`` prints them, one after the other."""
    for file in files:
        yield ("," if file[0] % 5000 else "][" if file[0] else "[") + _tape(file)
    yield "]\n"


def _jsonl(file: File) -> str:
    return json.dumps({"path": file[1], "size": file[2], "adler32": file[3]}, ensure_ascii=False)


LISTS: dict[str, tuple[str, Callable[[Iterable[File]], Iterator[str]]]] = {
    "names": ("names", _each(lambda file: file[1])),
    "find": ("find", _each(lambda file: f"{file[2]} {file[1]}")),
    "csv": ("csv", _each(lambda file: f"{file[1]},{file[2]},{file[3]}", "path,size,adler32\n")),
    "csv.quoted": ("csv", _each(lambda file: f'"{file[1]}",{file[2]},"{file[3]}"', "path,size,adler32\n")),
    "xrdfs": ("xrdfs", _each(_xrdfs)),
    "eos.newfind": ("eos", _each(_newfind)),
    "eos.newfind.gz": ("eos", _each(_newfind)),
    "eos.fileinfo": ("eos", _each(_fileinfo)),
    "cta": ("cta", _tapes),
    "cta.jsonl": ("cta", _each(_tape)),
    "cta.gz": ("cta", _tapes),
    "jsonl": ("jsonl", _each(_jsonl)),
}
"""Lists by the name of the bench: their format, and what they are written by."""
