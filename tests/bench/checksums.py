"""Checksums in memory and in copies: how fast they are, and what they add to a copy.

In memory each algorithm sums a buffer in blocks, on one core. Copies are of one large file in the page cache,
interleaved round by round: those of the posix backend with the adler32 in the same pass (``summed``), the
same pass without it (``bare``), the backend's copy by the kernel when no checksum is known (``kernel``), and
cp. All but cp force the file to disk. Ratios are medians over the rounds, of CPU seconds, as machines have
neighbours; those of seconds on the clock end in ``wall``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from typing import Any

from catalog.checksum import BLOCK, Adler32, Algorithm, Summer, adler32, library
from transfers.backends.localfiles import copy_new

PLACES = (Path("/dev/shm"), Path(tempfile.gettempdir()))
WAYS = ("summed", "bare", "kernel", "cp")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--memory", type=int, default=1 << 10, metavar="MB", help="summed in memory (1024)")
    parser.add_argument("--copy", type=int, default=256, metavar="MB", help="size of the file (256)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="copies of each kind (5)")
    parser.add_argument("--cached", action="store_true", help="sum one block again and again, not a buffer")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """The figures, and what is wrong (nothing, if all is well)."""
    problems: list[str] = []
    figures = {"library": library(), **_in_memory(chosen.memory << 20, chosen.cached, problems)}
    for place in PLACES:
        name = "shm" if place == PLACES[0] else "disk"
        for field, value in _copies(place, chosen.copy << 20, chosen.rounds, problems).items():
            figures[f"{name}_{field}"] = value
    ratios = [figures[f"{name}_copy_with_checksum_vs_copy"] for name in ("shm", "disk")]
    return {**figures, "copy_with_checksum_vs_copy": max(ratios)}, problems


def _in_memory(size: int, cached: bool, problems: list[str]) -> dict[str, Any]:
    buffer = memoryview(os.urandom(BLOCK) * (1 if cached else size // BLOCK))
    blocks = [buffer[at % len(buffer) :][:BLOCK] for at in range(0, size, BLOCK)]

    def by_zlib() -> int:
        value = 1
        for block in blocks:
            value = zlib.adler32(block, value)
        return value

    def by_summer(algorithm: Algorithm) -> Callable[[], str]:
        def summed() -> str:
            summer = Summer([algorithm])
            for block in blocks:
                summer.update(block)
            return summer.checksums()[algorithm].value

        return summed

    rates: dict[str, list[float]] = {}
    ways: dict[str, Callable[[], object]] = {"zlib": by_zlib}
    ways.update({str(algorithm): by_summer(algorithm) for algorithm in Algorithm})
    for round_ in range(3):
        for name, way in ways.items():
            if round_ and name in ("md5", "sha256"):
                continue
            began = time.process_time()
            answer = way()
            rates.setdefault(name, []).append(size / 1e9 / (time.process_time() - began))
            if name == "adler32" and answer != f"{by_zlib():08x}":
                problems.append(f"adler32 is {answer}, zlib says otherwise")
            if name == "md5" and answer != hashlib.md5(b"".join(blocks)).hexdigest():
                problems.append(f"md5 is {answer}, hashlib says otherwise")
    best = {name: max(values) for name, values in rates.items()}
    others = {f"{name}_GB_per_s": round(best[name], 2) for name in ("zlib", "crc32c", "md5", "sha256")}
    return {
        "checksum_GB_per_s": round(best["adler32"], 1),
        "checksum_vs_zlib": round(best["adler32"] / best["zlib"], 1),
        **others,
    }


def _copies(place: Path, size: int, rounds: int, problems: list[str]) -> dict[str, Any]:
    """Seconds and CPU seconds of each way to copy one file of ``size`` bytes within ``place``."""
    with tempfile.TemporaryDirectory(prefix="ddm-bench-", dir=place) as directory:
        source, target = Path(directory, "source"), Path(directory, "target")
        block = os.urandom(1 << 24)
        with open(source, "wb") as out:
            for _ in range(size >> 24):
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        wanted = (size >> 24 << 24, Adler32(_repeated(block, size >> 24)))
        ways: dict[str, Callable[[], object]] = {
            "summed": lambda: copy_new(source, target, wanted),
            "bare": lambda: _bare(source, target),
            "kernel": lambda: copy_new(source, target),
            "cp": lambda: subprocess.run(["cp", "--reflink=never", source, target], check=True),
        }
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        cpu: dict[str, list[float]] = {name: [] for name in ways}
        for round_ in range(rounds):
            for name in WAYS[round_ % 4 :] + WAYS[: round_ % 4]:
                began, used = time.perf_counter(), _used()
                ways[name]()
                seconds[name].append(time.perf_counter() - began)
                cpu[name].append(_used() - used)
                if target.stat().st_size != wanted[0]:
                    problems.append(f"{name} in {place} copied {target.stat().st_size} bytes")
                target.unlink()

    def ratio(of: dict[str, list[float]], other: str) -> float:
        return round(median(ours / theirs for ours, theirs in zip(of["summed"], of[other], strict=True)), 2)

    return {
        "copy_with_checksum_vs_copy": ratio(cpu, "bare"),
        "copy_with_checksum_vs_kernel": ratio(cpu, "kernel"),
        "copy_with_checksum_vs_copy_wall": ratio(seconds, "bare"),
        "copy_with_checksum_vs_kernel_wall": ratio(seconds, "kernel"),
        **{f"{name}_GB_per_s": round(size / 1e9 / median(seconds[name]), 2) for name in WAYS},
        **{f"{name}_cpu_s_per_GB": round(median(cpu[name]) / size * 1e9, 2) for name in WAYS},
    }


def _bare(source: Path, target: Path) -> None:
    """The pass of the backend without the sum."""
    buffer = memoryview(bytearray(BLOCK))
    with open(source, "rb", buffering=0) as stream, open(target, "xb", buffering=0) as out:
        while count := stream.readinto(buffer):
            out.write(buffer[:count])
        os.fsync(out.fileno())


def _repeated(block: bytes, times: int) -> int:
    return adler32([block] * times)


def _used() -> float:
    """CPU seconds of this process and of those it waited for."""
    mine, theirs = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime
