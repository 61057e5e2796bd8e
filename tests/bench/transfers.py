"""Copies between two real XRootD servers: many small files, some large ones, against ``xrdcp``.

Both servers and both clients run on this machine, so everybody's work counts. Each batch of small files, and
each large file, is copied by us (compared with what is ordered, and with what the destination's server says)
and by the best way to do it with ``xrdcp`` that a short trial finds (which compares nothing), in turn: A B,
B A, … as long as there is time. The ratios are those of the sums of seconds; ``…_cpu`` those of the seconds
of all processors, clients and servers, which say more on a machine that others use. Every destination of ours
is compared with its source byte by byte, around the code under test.
"""

from __future__ import annotations

import argparse
import mmap
import os
import resource
import shutil
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from catalog.checksum import Adler32, adler32
from catalog.clock import SystemClock
from transfers.backends.xrootd import open_storage
from transfers.model import CopyOrder, Done
from transfers.ports import Storage
from transfers.testing.xrootd_disk import DiskServer, Security
from transfers.testing.xrootd_process import hand_over
from transfers.testing.xrootd_security import Tokens

BATCHES = 8
SPLIT = 4  # directories of a batch: so that several xrdcp can share it
TRIAL = 400  # files of the trial
TRIAL_BYTES = 1 << 29  # of a large file
GB = 1e9
SERVER = "ofs.persist manual hold 2s sync 100"
"""A server that does not wait for its disk at every file that persists on close (the stock setting is 1)."""


SUMS = "checksums=6"
"""As many as the servers compute at a time (``DiskServer``)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--small", type=int, default=10_000, metavar="N", help="small files (10000)")
    parser.add_argument("--size", type=int, default=16_384, metavar="BYTES", help="size of each (16384)")
    parser.add_argument("--large", type=int, default=3, metavar="N", help="large files (3)")
    parser.add_argument("--gigabytes", type=float, default=1.0, metavar="GB", help="size of each (1)")
    parser.add_argument("--seconds", type=float, default=26, metavar="S", help="begin nothing after (26)")
    parser.add_argument("--directory", type=Path, help="for the servers' files (memory, if there is room)")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="of the backend")
    parser.add_argument("--server", default=SERVER, metavar="LINE", help=f"of both servers ({SERVER})")
    parser.add_argument("--tokens", action="store_true", help="servers want TLS and a bearer token")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")


@dataclass(slots=True)
class Spent:
    """What some copies took: seconds of the clock, of the client's processor, of the servers'."""

    files: int = 0
    size: int = 0
    seconds: float = 0.0
    client: float = 0.0
    servers: float = 0.0

    @property
    def all_cpu(self) -> float:
        return self.client + self.servers


@dataclass(slots=True)
class World:
    """Two servers, the storage under test at the second, and what is wrong so far."""

    here: DiskServer
    there: DiskServer
    storage: Storage
    end: float  # of the time in which something more is begun
    problems: list[str] = field(default_factory=list)

    def late(self, share: float = 0.0) -> bool:
        """Is the time over? ``share``: seconds of it that are kept for what comes after."""
        return time.monotonic() > self.end - share

    @contextmanager
    def metered(self, spent: Spent, files: Sequence[Path]) -> Iterator[None]:
        before, start = self._cpu(), time.monotonic()
        yield
        spent.seconds += time.monotonic() - start
        after = self._cpu()
        spent.client += after[0] - before[0]
        spent.servers += after[1] - before[1]
        spent.files += len(files)
        spent.size += sum(file.stat().st_size for file in files)

    def _cpu(self) -> tuple[float, float]:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        tick = os.sysconf("SC_CLK_TCK")
        servers = 0.0
        for server in (self.here, self.there):
            assert server._child is not None
            words = Path(f"/proc/{server._child.pid}/stat").read_text().rpartition(")")[2].split()
            servers += (int(words[11]) + int(words[12])) / tick
        return time.process_time() + children.ru_utime + children.ru_stime, servers


Way = Callable[[World, str, str], list[list[str]]]
"""The commands, run at the same time, that copy a directory of the first server to one of the second."""


def _recursive(parallel: int) -> Way:
    def commands(world: World, source: str, target: str) -> list[list[str]]:
        flags = ["-N", "-r", "--parallel", str(parallel)]
        return [["xrdcp", *flags, f"{world.here.prefix}{source}", f"{world.there.prefix}{target}"]]

    return commands


def _several(parallel: int) -> Way:
    """One process for each directory of the batch."""

    def commands(world: World, source: str, target: str) -> list[list[str]]:
        flags = ["-N", "-r", "--parallel", str(parallel)]
        return [
            ["xrdcp", *flags, f"{world.here.prefix}{source}/{part}", f"{world.there.prefix}{target}"]
            for part in range(SPLIT)
        ]

    return commands


def _listed(parallel: int) -> Way:
    """A list of sources, all into one directory."""

    def commands(world: World, source: str, target: str) -> list[list[str]]:
        root = world.here.file(source)
        names = [f"{world.here.prefix}{source}/{file.relative_to(root)}" for file in _files(root)]
        listed = world.here.directory / "infiles"
        listed.write_text("\n".join(names) + "\n")
        flags = ["-N", "--parallel", str(parallel), "--infiles", str(listed)]
        return [["xrdcp", *flags, f"{world.there.prefix}{target}/"]]

    return commands


SMALL_WAYS: dict[str, Way] = {
    "xrdcp -r --parallel 8": _recursive(8),
    "xrdcp -r --parallel 32": _recursive(32),
    "xrdcp -r --parallel 64": _recursive(64),
    "xrdcp --infiles --parallel 32": _listed(32),
    "4 x xrdcp -r --parallel 8": _several(8),
}

LARGE_WAYS: dict[str, list[str]] = {
    "xrdcp": [],
    "xrdcp --streams 4": ["--streams", "4"],
    "xrdcp --tpc only": ["--tpc", "only"],
}


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """The figures, and what is wrong with the end (nothing, if all is well)."""
    end = time.monotonic() + chosen.seconds
    place = Path(tempfile.mkdtemp(prefix="ddm-bench-", dir=_place(chosen)))
    place.chmod(0o755)
    try:
        with (
            _security(chosen.tokens) as security,
            DiskServer.start(place / "here", extra=chosen.server, security=security) as here,
            DiskServer.start(place / "there", extra=chosen.server, security=security) as there,
        ):
            options = dict(option.split("=", 1) for option in [SUMS, *chosen.option])
            storage = open_storage(there.prefix, clock=SystemClock(), options=options)
            world = World(here, there, storage, end)
            figures = {"directory": str(place.parent), **_checksums()}
            if chosen.small:
                figures |= _small(world, chosen, keep=chosen.seconds * 0.4 if chosen.large else 0)
            if chosen.large:
                figures |= _large(world, chosen)
            return figures, world.problems
    finally:
        shutil.rmtree(place)


@contextmanager
def _security(tokens: bool) -> Iterator[Security]:
    """How the servers are secured; our environment and that of ``xrdcp`` have what clients need."""
    if not tokens:
        yield Security()
        return
    with Tokens.make() as site:
        os.environ.update(site.environment(site.token(lifetime=86_400)))
        yield site.security()


def _place(chosen: argparse.Namespace) -> Path:
    """In memory if there is plenty: the disk of a shared machine belongs to everybody."""
    if chosen.directory is not None:
        return Path(chosen.directory)
    needed = 3 * chosen.small * max(chosen.size, 4096) + 2 * chosen.gigabytes * GB
    memory = Path("/dev/shm")
    room = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if memory.is_dir() and min(shutil.disk_usage(memory).free, room) > 1.5 * needed:
        return memory
    return Path(tempfile.gettempdir())


# ---------------------------------------------------------------------------------------------------- small
def _small(world: World, chosen: argparse.Namespace, keep: float) -> dict[str, Any]:
    batches = min(BATCHES, chosen.small)
    counts = [chosen.small // batches + (number < chosen.small % batches) for number in range(batches)]
    _fill(world.here, "/trial", min(TRIAL, chosen.small), chosen.size)
    best, rates = _best_way(world)
    ours, theirs, ratios = Spent(), Spent(), list[float]()
    for number in range(batches):
        if ratios and world.late(keep):
            break
        _fill(world.here, f"/batch{number}", counts[number], chosen.size)
        turns: list[Callable[[str], float]] = [
            lambda source: _copied_by_us(world, source, ours),
            lambda source: _copied_by_xrdcp(world, source, SMALL_WAYS[best], theirs),
        ]
        order = turns if number % 2 == 0 else turns[::-1]
        seconds = {turn: turn(f"/batch{number}") for turn in order}
        shutil.rmtree(world.here.file(f"/batch{number}"))
        ratios.append(seconds[turns[1]] / seconds[turns[0]])
    return {
        "small_files": ours.files,
        "small_size": chosen.size,
        "small_files_per_s": round(ours.files / ours.seconds, 1),
        "small_vs_xrdcp": round(theirs.seconds / theirs.files / (ours.seconds / ours.files), 3),
        "small_vs_xrdcp_median": round(median(ratios), 3),
        "small_vs_xrdcp_cpu": round(theirs.all_cpu / theirs.files / (ours.all_cpu / ours.files), 3),
        "small_client_cpu_ms_per_file": round(1000 * ours.client / ours.files, 3),
        "small_servers_cpu_ms_per_file": round(1000 * ours.servers / ours.files, 3),
        "small_xrdcp_best": best,
        "small_xrdcp_files_per_s": round(theirs.files / theirs.seconds, 1),
        "small_xrdcp_trial_files_per_s": rates,
        "small_xrdcp_client_cpu_ms_per_file": round(1000 * theirs.client / theirs.files, 3),
    }


def _fill(server: DiskServer, directory: str, count: int, size: int) -> None:
    data = os.urandom(size + count)
    root = server.file(directory)
    for part in range(SPLIT):
        (root / str(part)).mkdir(parents=True)
    for number in range(count):
        file = root / str(number % SPLIT) / f"f{number:06}.root"
        file.write_bytes(data[number : number + size])
        hand_over(file)
    for path in (root, *root.iterdir()):
        hand_over(path)


def _best_way(world: World) -> tuple[str, dict[str, float]]:
    """The quickest way for the files of the trial, and what each of them did."""
    rates: dict[str, float] = {}
    for name, way in SMALL_WAYS.items():
        if " -r " in name and world.here.security.scheme == "roots":
            continue  # it does not list over roots
        spent = Spent()
        _copied_by_xrdcp(world, "/trial", way, spent)
        rates[name] = round(spent.files / spent.seconds, 1)
    return max(rates, key=rates.__getitem__), rates


def _copied_by_us(world: World, source: str, spent: Spent) -> float:
    """Seconds; orders are made before, as a catalogue has them."""
    root = world.here.file(source)
    files = _files(root)
    orders = [_order(world, f"{source}/{file.relative_to(root)}", file) for file in files]
    before = spent.seconds
    with world.metered(spent, files):
        outcomes = world.storage.copier.copy(orders)
    bad = [outcome for outcome in outcomes.values() if outcome != Done()]
    world.problems += [f"{len(bad)} of {len(orders)} copies are not done: {bad[0]}"] if bad else []
    world.problems += compared(root, world.there.file(f"/ours{source}"))
    shutil.rmtree(world.there.file("/ours"))
    return spent.seconds - before


def _order(world: World, name: str, file: Path) -> CopyOrder:
    value = 1
    with file.open("rb", buffering=0) as stream:
        while block := stream.read(1 << 22):
            value = zlib.adler32(block, value)
    return CopyOrder(f"/ours{name}", f"{world.here.prefix}{name}", file.stat().st_size, Adler32(value))


def _copied_by_xrdcp(world: World, source: str, way: Way, spent: Spent) -> float:
    files = _files(world.here.file(source))
    target = world.there.file("/theirs")
    target.mkdir()
    hand_over(target)
    commands = way(world, source, "/theirs")
    before = spent.seconds
    with world.metered(spent, files):
        started = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
        codes = [process.wait() for process in started]
    there = len(_files(target))
    if any(codes) or there != len(files):
        world.problems.append(
            f"xrdcp ended with {codes}, {there} of {len(files)} files are there: {commands[0]}"
        )
    shutil.rmtree(target)
    return spent.seconds - before


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def compared(source: Path, target: Path) -> list[str]:
    """What is not the same in two directories, names and bytes, at most a few lines."""
    wanted = {file.relative_to(source) for file in _files(source)}
    found = {file.relative_to(target) for file in _files(target)} if target.is_dir() else set()
    problems = [f"{name} is not at the destination" for name in wanted - found]
    problems += [f"{name} is at the destination, and nobody ordered it" for name in found - wanted]
    problems += [
        f"{name} has other bytes at the destination"
        for name in wanted & found
        if not same_bytes(source / name, target / name)
    ]
    return sorted(problems)[:5]


def same_bytes(one: Path, other: Path) -> bool:
    if (size := one.stat().st_size) != other.stat().st_size:
        return False
    if not size:
        return True
    with one.open("rb") as first, other.open("rb") as second:
        if size < 1 << 20:
            return first.read() == second.read()
        with (
            mmap.mmap(first.fileno(), 0, prot=mmap.PROT_READ) as left,
            mmap.mmap(second.fileno(), 0, prot=mmap.PROT_READ) as right,
            memoryview(left) as a,
            memoryview(right) as b,
        ):
            step = 1 << 24
            return all(bytes(a[at : at + step]) == b[at : at + step] for at in range(0, size, step))


# ---------------------------------------------------------------------------------------------------- large
def _large(world: World, chosen: argparse.Namespace) -> dict[str, Any]:
    size = int(chosen.gigabytes * GB)
    trial = _make_large(world.here, "/large/trial.root", min(size, TRIAL_BYTES))
    best, rates = _best_large_way(world, trial)
    ours, theirs, ratios = Spent(), Spent(), list[float]()
    trial.unlink()
    for number in range(chosen.large):
        if ratios and world.late():
            break
        name = f"/large/f{number}.root"
        file = _make_large(world.here, name, size)
        order = _order(world, name, file)
        turns: list[Callable[[], float]] = [
            lambda order=order, file=file: _large_by_us(world, order, file, ours),  # type: ignore[misc]
            lambda name=name, file=file: _large_by_xrdcp(world, name, file, best, theirs),  # type: ignore[misc]
        ]
        order_of_turns = turns if number % 2 == 0 else turns[::-1]
        seconds = {turn: turn() for turn in order_of_turns}
        file.unlink()
        ratios.append(seconds[turns[1]] / seconds[turns[0]])
    return {
        "large_files": ours.files,
        "large_GB": round(ours.size / GB / ours.files, 3),
        "large_MB_per_s": round(ours.size / 1e6 / ours.seconds, 1),
        "large_vs_xrdcp": round(theirs.seconds / ours.seconds, 3),
        "large_vs_xrdcp_median": round(median(ratios), 3),
        "large_vs_xrdcp_cpu": round(theirs.all_cpu / ours.all_cpu, 3),
        "client_cpu_s_per_GB": round(ours.client / (ours.size / GB), 3),
        "servers_cpu_s_per_GB": round(ours.servers / (ours.size / GB), 3),
        "large_xrdcp_best": best,
        "large_xrdcp_MB_per_s": round(theirs.size / 1e6 / theirs.seconds, 1),
        "large_xrdcp_trial_MB_per_s": rates,
        "large_xrdcp_client_cpu_s_per_GB": round(theirs.client / (theirs.size / GB), 3),
    }


def _make_large(server: DiskServer, name: str, size: int) -> Path:
    """Other bytes in every part, made quickly."""
    path = server.put(name, b"")
    block = bytearray(os.urandom(1 << 24))
    with path.open("r+b", buffering=0) as out:
        for number, at in enumerate(range(0, size, len(block))):
            block[:8] = number.to_bytes(8, "big")
            out.write(memoryview(block)[: min(len(block), size - at)])
    return path


def _best_large_way(world: World, file: Path) -> tuple[str, dict[str, float]]:
    rates: dict[str, float] = {}
    for name in LARGE_WAYS:
        if "tpc" in name and world.here.security.scheme == "roots":
            continue  # servers would need tokens of their own
        spent = Spent()
        _large_by_xrdcp(world, f"/large/{file.name}", file, name, spent)
        rates[name] = round(spent.size / 1e6 / spent.seconds, 1)
    return max(rates, key=rates.__getitem__), rates


def _large_by_us(world: World, order: CopyOrder, file: Path, spent: Spent) -> float:
    before = spent.seconds
    with world.metered(spent, [file]):
        (outcome,) = world.storage.copier.copy([order]).values()
    target = world.there.file(order.path)
    if outcome != Done():
        world.problems.append(f"{order.path}: {outcome}")
    elif not target.exists() or not same_bytes(file, target):
        world.problems.append(f"{order.path} is done, but other bytes are at the destination")
    target.unlink(missing_ok=True)
    return spent.seconds - before


def _large_by_xrdcp(world: World, name: str, file: Path, way: str, spent: Spent) -> float:
    target = world.there.file("/theirs/large.root")
    target.parent.mkdir(exist_ok=True)
    hand_over(target.parent)
    source, destination = f"{world.here.prefix}{name}", f"{world.there.prefix}/theirs/large.root"
    before = spent.seconds
    with world.metered(spent, [file]):
        code = subprocess.run(
            ["xrdcp", "-N", *LARGE_WAYS[way], source, destination], check=False, stdout=subprocess.DEVNULL
        ).returncode
    if code or target.stat().st_size != file.stat().st_size:
        world.problems.append(f"{way} ended with {code}")
    target.unlink(missing_ok=True)
    return spent.seconds - before


# ------------------------------------------------------------------------------------------------ checksums
def _checksums() -> dict[str, float]:
    """The speed of the checksum in memory, ours and zlib's in turn."""
    data = os.urandom(1 << 24) * 8
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(5):
        start = time.process_time()
        value = adler32([data])
        ours.append(time.process_time() - start)
        start = time.process_time()
        assert zlib.adler32(data) == value
        theirs.append(time.process_time() - start)
    return {
        "checksum_GB_per_s": round(len(data) / GB / min(ours), 2),
        "checksum_vs_zlib": round(median(theirs) / median(ours), 2),
    }
