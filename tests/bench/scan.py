"""Directories of a real XRootD server, looked into by us and listed by ``xrdfs ls -R -l``, in turn.

One stock server on this machine, N files of real-looking names in a tree of three levels. Clients and server
share the processors: ``cpu_seconds`` are those of our client and the server together, ``xrdfs_cpu_seconds``
those of theirs. ``xrdfs`` is a program that prints to nobody; ours is ``Walker.walk`` in this process, with
all columns made. Who is first changes at every round: A B, B A, …; ``seconds`` are those of the quickest
round of each, ``median_ratio`` is that of the medians, ``ratios`` are those of each round. Wrong unless both
tell of every file and directory, and ours with the right sizes.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from catalog.clock import SystemClock
from transfers.backends.xrootd import open_storage
from transfers.model import Listing
from transfers.testing.xrootd_disk import AREA, DiskServer
from transfers.walking import tree, walker_of

TOP = "/2016"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--files", type=int, default=200_000, metavar="N", help="files (200000)")
    parser.add_argument(
        "--each",
        type=int,
        default=20_000,
        metavar="N",
        help="of them in a directory (20000, as in a period of raw data)",
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="times that each lists all (5)")
    parser.add_argument("--directory", type=Path, help="for the server's files")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="of the backend")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")


@dataclass(slots=True)
class Spent:
    """Seconds of each round, and of all processors: the client's and the server's."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    with DiskServer.start(chosen.directory) as server:
        wanted = fill(server.files / TOP[1:], chosen.files, chosen.each)
        options = dict(option.split("=", 1) for option in chosen.option)
        mine, theirs = Spent(), Spent()
        lines = xrdfs(server, subprocess.PIPE).count("\n")
        problems = [] if lines == wanted[0] else [f"xrdfs tells of {lines} entries, there are {wanted[0]}"]
        for number in range(chosen.rounds):
            if number % 2:
                measured(lambda: xrdfs(server), theirs, server)
            found = measured(lambda: ours(server, options), mine, server)
            if found != wanted:
                problems.append(f"we tell of {found} entries and bytes, there are {wanted}")
            if not number % 2:
                measured(lambda: xrdfs(server), theirs, server)
        return figures(wanted[0], mine, theirs), problems


def fill(top: Path, files: int, each: int) -> tuple[int, int]:
    """Make the files; how many files and directories there are, and how many bytes."""
    made = size = directories = 0
    for number in range(-(-files // each)):
        if not number % 40:
            directories += 1
        directory = top / f"W{number // 40:02}" / f"run{275000 + number}"
        directory.mkdir(parents=True)
        directories += 1
        for chunk in range(min(each, files - made)):
            with open(directory / f"cdr{11000 + chunk:05}-{275000 + number}.raw", "wb") as file:
                file.truncate(1000 + chunk)
            size += 1000 + chunk
        made += min(each, files - made)
    return made + directories, size


def ours(server: DiskServer, options: dict[str, str]) -> tuple[int, int]:
    """Entries and bytes found."""
    walker = walker_of(open_storage(server.prefix, clock=SystemClock(), options=options))
    entries = size = 0
    for directory, looked in tree(walker, [TOP]):
        if not isinstance(looked, Listing):
            raise AssertionError(f"{directory}: {looked}")
        entries += len(looked.names) + len(looked.directories)
        size += sum(looked.sizes)
    return entries, size


def xrdfs(server: DiskServer, out: int = subprocess.DEVNULL) -> str:
    command = ["xrdfs", server.url(), "ls", "-R", "-l", AREA + TOP]
    return subprocess.run(command, stdout=out, check=True, text=True).stdout or ""


def measured(way: Callable[[], object], spent: Spent, server: DiskServer) -> object:
    cpu, began = _cpu(server), time.perf_counter()
    found = way()
    spent.seconds.append(time.perf_counter() - began)
    spent.cpu.append(_cpu(server) - cpu)
    return found


def _cpu(server: DiskServer) -> float:
    """Seconds of this process, of programs that it ran, and of the server."""
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    assert server._child is not None
    told = Path(f"/proc/{server._child.pid}/stat").read_text().rpartition(")")[2].split()
    ticks = (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
    return sum(one.ru_utime + one.ru_stime for one in own) + ticks


def figures(entries: int, mine: Spent, theirs: Spent) -> dict[str, Any]:
    return {
        "entries": entries,
        "seconds": round(min(mine.seconds), 3),
        "entries_per_second": round(entries / min(mine.seconds)),
        "xrdfs_seconds": round(min(theirs.seconds), 3),
        "xrdfs_entries_per_second": round(entries / min(theirs.seconds)),
        "ratio": round(min(theirs.seconds) / min(mine.seconds), 2),
        "median_ratio": round(median(theirs.seconds) / median(mine.seconds), 2),
        "ratios": [round(b / a, 2) for a, b in zip(mine.seconds, theirs.seconds, strict=True)],
        "cpu_seconds": round(min(mine.cpu), 2),
        "xrdfs_cpu_seconds": round(min(theirs.cpu), 2),
    }
