"""Merging DATE files, ROOT trees, tuples and histograms, beside cat, uproot, and hadd where it is.

Inputs have 5 to 40 MB. Every merge runs in a process of its own; cat's output is forced to disk as ours is.
All ways take turns, in a new order every round. Rates and ratios are medians over the rounds, on the clock;
those of processor seconds, which neighbours on the machine disturb less, end in ``cpu``. Histograms of fewer
files than 1 000 (``--files``) are a sample: files merge one after the other, so their rate is that of many.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from typing import Any

from merging.date import EventType, build_event
from merging.model import Count
from merging.registry import find_format

SIZES = (25, 5, 40, 15, 30)
"""MB of the inputs, in turn."""
EVENT = 35_000
"""Bytes of a DATE event, as COMPASS had them."""
HISTOGRAMS = 500
_NAMES = [f"x{number}" for number in range(10)]
_AT_ONCE = 20_000
REWRITTEN = 40
"""MB that uproot rewrites to be compared with: more takes minutes and gives the same rate."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gigabytes", type=float, default=1, metavar="GB", help="of an output (1)")
    parser.add_argument("--files", type=int, default=40, metavar="N", help="of 500 histograms (40)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="merges of each kind (3)")
    parser.add_argument("--only", choices=("date", "tree", "tuple", "hist"), help="one of the four")
    parser.add_argument("--directory", type=Path, help="where to work (that of temporary files)")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")


def run(chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """The figures, and what is wrong (nothing, if all is well)."""
    problems: list[str] = []
    size = int(chosen.gigabytes * 1e9)
    figures: dict[str, Any] = {"gigabytes": chosen.gigabytes}
    peaks: list[float] = []
    with tempfile.TemporaryDirectory(prefix="merge-bench-", dir=chosen.directory) as place:
        figures["directory"] = str(Path(place).parent)
        for name, bench in (("date", _date), ("tree", _trees), ("tuple", _tuples), ("hist", _histograms)):
            if chosen.only in (None, name):
                folder = Path(place, name)
                folder.mkdir()
                figures |= bench(folder, size, chosen, peaks, problems)
                shutil.rmtree(folder)
    return {**figures, "peak_rss_mb": round(max(peaks), 1)}, problems


@dataclass(frozen=True, slots=True)
class Lap:
    """One merge: seconds on the clock and of processors, and what was said of it."""

    wall: float
    cpu: float
    said: Mapping[str, Any]


Way = Callable[[Sequence[Path], Path], Lap]


def _by_format(name: str) -> Way:
    def merge(inputs: Sequence[Path], output: Path) -> Lap:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.mergework", name, str(output)],
            input="".join(f"{path}\n" for path in inputs),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        said = json.loads(done.stdout)
        return Lap(said["wall"], said["cpu"], said)

    return merge


def _by_program(*words: str, stdout: bool = False) -> Way:
    def merge(inputs: Sequence[Path], output: Path) -> Lap:
        filled = [word.format(output=output) for word in words] + [str(path) for path in inputs]
        before, began = _worked(), time.perf_counter()
        with open(output if stdout else os.devnull, "wb") as sink:
            subprocess.run(filled, stdout=sink, stderr=subprocess.DEVNULL, check=True)
            if stdout:
                os.fsync(sink.fileno())
        return Lap(time.perf_counter() - began, _worked() - before, {"size": output.stat().st_size})

    return merge


def _worked() -> float:
    """Processor seconds of this process and its ended children."""
    used = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in used)


def _laps(ways: Mapping[str, Way], inputs: Sequence[Path], folder: Path, rounds: int) -> dict[str, list[Lap]]:
    """The laps of each way; outputs are removed at once."""
    laps: dict[str, list[Lap]] = {name: [] for name in ways}
    order = random.Random(1)
    for _ in range(rounds):
        for name in order.sample(sorted(ways), len(ways)):
            output = folder / f"merged-by-{name}"
            laps[name].append(ways[name](inputs, output))
            output.unlink()
    return laps


def _rate(size: int, laps: Sequence[Lap], *, cpu: bool = False) -> float:
    """MB/s."""
    return round(size / 1e6 / median(lap.cpu if cpu else lap.wall for lap in laps), 1)


def _ratio(slow: Sequence[Lap], fast: Sequence[Lap], *, cpu: bool = False) -> float:
    """How many times as fast as the first the second is, in the middle of the rounds."""
    pairs = zip(slow, fast, strict=True)
    return round(median((a.cpu / b.cpu) if cpu else (a.wall / b.wall) for a, b in pairs), 2)


def _sizes(total: int) -> list[int]:
    sizes: list[int] = []
    while sum(sizes) < total:
        sizes.append(SIZES[len(sizes) % len(SIZES)] * 1_000_000)
    return sizes


def _date(
    folder: Path, size: int, chosen: argparse.Namespace, peaks: list[float], problems: list[str]
) -> dict[str, Any]:
    inputs, events, adler32 = _date_files(folder, size)
    total = sum(path.stat().st_size for path in inputs)
    ways = {"date": _by_format("date"), "cat": _by_program("cat", stdout=True)}
    laps = _laps(ways, inputs, folder, chosen.rounds)
    for lap in laps["date"]:
        said = lap.said
        if (said["size"], said["n_events"], said["adler32"]) != (total, events, adler32):
            problems.append(f"date: {said}, not {total} bytes, {events} events, adler32 {adler32:08x}")
    peaks += (lap.said["rss"] for lap in laps["date"])
    return {
        "date_files": len(inputs),
        "date_MB_per_s": _rate(total, laps["date"]),
        "date_MB_per_s_cpu": _rate(total, laps["date"], cpu=True),
        "cat_MB_per_s": _rate(total, laps["cat"]),
        "date_vs_cat": _ratio(laps["cat"], laps["date"]),
        "date_vs_cat_cpu": _ratio(laps["cat"], laps["date"], cpu=True),
        "date_peak_rss_mb": round(max(lap.said["rss"] for lap in laps["date"]), 1),
        **_date_count(folder, inputs, problems),
    }


def _date_files(folder: Path, total: int) -> tuple[list[Path], int, int]:
    """Files with start, events and end of run; their physics events and the adler32 of all."""
    payload = random.Random(1).randbytes(EVENT - 68)
    inputs, events, adler32 = [], 0, 1
    for number, size in enumerate(_sizes(total)):
        path = folder / f"cdr11{number:03}-281234.raw"
        with open(path, "wb") as out:
            for event in range(size // EVENT):
                kind = EventType.PHYSICS if event else EventType.START_OF_RUN
                data = build_event(kind, 281234, number, event, payload)
                adler32 = zlib.adler32(data, adler32)
                out.write(data)
                events += kind == EventType.PHYSICS
        inputs.append(path)
    return inputs, events, adler32


def _date_count(folder: Path, inputs: Sequence[Path], problems: list[str]) -> dict[str, Any]:
    """Counting one file of 1 GB (or all there is, if less), whose headers are in the page cache."""
    merging, path, some = find_format("date"), folder / "counted.raw", _some(inputs, 10**9)
    merging.merge(some, path)
    size, clock, work = path.stat().st_size, list[float](), list[float]()
    events = size // EVENT - len(some)
    for _ in range(7):
        began, worked = time.perf_counter(), time.process_time()
        count = merging.count(path)
        clock.append(time.perf_counter() - began)
        work.append(time.process_time() - worked)
        if count != Count(events, {"start of run": len(some), "physics": events}):
            problems.append(f"date: counted {count}, not {events}")
    path.unlink()
    return {
        "date_counted_GB": round(size / 1e9, 2),
        "date_count_GB_per_s": round(size / 1e9 / median(clock), 1),
        "date_count_GB_per_s_cpu": round(size / 1e9 / median(work), 1),
    }


def _some(inputs: Sequence[Path], size: int) -> list[Path]:
    """The first inputs, so many that they have this size together."""
    chosen: list[Path] = []
    for path in inputs:
        if sum(path.stat().st_size for path in chosen) >= size:
            break
        chosen.append(path)
    return chosen


def _trees(
    folder: Path, size: int, chosen: argparse.Namespace, peaks: list[float], problems: list[str]
) -> dict[str, Any]:
    inputs, entries = _tables(folder, size, _write_tree)
    total = sum(path.stat().st_size for path in inputs)
    ways = {"root": _by_format("root"), "cat": _by_program("cat", stdout=True)}
    if hadd := shutil.which("hadd"):
        ways["hadd"] = _by_program(hadd, "-f", "{output}")
    laps = _laps(ways, inputs, folder, chosen.rounds)
    if any(lap.said["n_events"] != entries for lap in laps["root"]):
        problems.append(f"root: {laps['root'][0].said}, not {entries} entries")
    few = _some(inputs, REWRITTEN * 1_000_000)
    rewritten = _laps({"rewrite": _by_format("root-rewrite")}, few, folder, 1)["rewrite"]
    peaks += (lap.said["rss"] for lap in laps["root"])
    slow = _rate(sum(path.stat().st_size for path in few), rewritten)
    figures = {
        "root_tree_files": len(inputs),
        "root_tree_MB_per_s": _rate(total, laps["root"]),
        "root_tree_MB_per_s_cpu": _rate(total, laps["root"], cpu=True),
        "root_tree_vs_cat": _ratio(laps["cat"], laps["root"]),
        "root_tree_vs_cat_cpu": _ratio(laps["cat"], laps["root"], cpu=True),
        "uproot_MB_per_s": slow,
        "root_tree_vs_uproot": round(_rate(total, laps["root"]) / slow, 1),
        "root_tree_peak_rss_mb": round(max(lap.said["rss"] for lap in laps["root"]), 1),
        **_tree_count(inputs[0]),
    }
    if hadd:
        figures["root_tree_vs_hadd"] = _ratio(laps["hadd"], laps["root"])
    return figures


def _tuples(
    folder: Path, size: int, chosen: argparse.Namespace, peaks: list[float], problems: list[str]
) -> dict[str, Any]:
    inputs, entries = _tables(folder, size, _write_tuple)
    total = sum(path.stat().st_size for path in inputs)
    laps = _laps(
        {"root": _by_format("root"), "cat": _by_program("cat", stdout=True)}, inputs, folder, chosen.rounds
    )
    if any(lap.said["n_events"] != entries for lap in laps["root"]):
        problems.append(f"RNTuple: {laps['root'][0].said}, not {entries} entries")
    peaks += (lap.said["rss"] for lap in laps["root"])
    return {
        "root_tuple_files": len(inputs),
        "root_tuple_MB_per_s": _rate(total, laps["root"]),
        "root_tuple_MB_per_s_cpu": _rate(total, laps["root"], cpu=True),
        "root_tuple_vs_cat": _ratio(laps["cat"], laps["root"]),
        "root_tuple_vs_cat_cpu": _ratio(laps["cat"], laps["root"], cpu=True),
        "root_tuple_peak_rss_mb": round(max(lap.said["rss"] for lap in laps["root"]), 1),
    }


def _tables(folder: Path, total: int, write: Callable[[Path, int], int]) -> tuple[list[Path], int]:
    """Files of flat and jagged columns; one of each size is written, the others are copies of it."""
    made: dict[int, tuple[Path, int]] = {}
    inputs, entries = [], 0
    for number, size in enumerate(_sizes(total)):
        path = folder / f"mDST-281234-{number:03}.root"
        if size in made:
            shutil.copyfile(made[size][0], path)
        else:
            made[size] = path, write(path, size)
        inputs.append(path)
        entries += made[size][1]
    return inputs, entries


def _write_tree(path: Path, size: int) -> int:
    """A tree of about so many bytes; its entries."""
    import uproot

    entries = 0
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        types = {"event": "int64", **dict.fromkeys(_NAMES, "float32"), "hits": "var * float32"}
        tree = file.mktree("tree", types)
        for part in _parts(size):
            tree.extend(part)
            entries += _AT_ONCE
            if path.stat().st_size >= size:
                break
    return entries


def _write_tuple(path: Path, size: int) -> int:
    """The same as an RNTuple, a cluster for each part; its entries."""
    import awkward
    import uproot

    entries = 0
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        made = None
        for part in _parts(size):
            values = awkward.Array(part)
            made = made or file.mkrntuple("tuple", values.layout.form)
            made.extend(values)
            entries += _AT_ONCE
            if path.stat().st_size >= size:
                break
    return entries


def _parts(seed: int) -> Iterator[dict[str, Any]]:
    """Values of ``_AT_ONCE`` entries, again and again: a number, ten more, and some of varying length."""
    import awkward
    import numpy

    source, first = numpy.random.default_rng(seed), 0
    while True:
        lengths = source.poisson(4, _AT_ONCE)
        hits = source.normal(size=lengths.sum()).astype("f4")
        columns = {name: source.normal(size=_AT_ONCE).astype("f4") for name in _NAMES}
        event = numpy.arange(first, first + _AT_ONCE)
        yield {"event": event, **columns, "hits": awkward.unflatten(hits, lengths)}
        first += _AT_ONCE


def _tree_count(path: Path) -> dict[str, Any]:
    merging, seconds = find_format("root"), []
    for _ in range(5):
        began = time.process_time()
        merging.count(path)
        seconds.append(time.process_time() - began)
    return {"root_tree_count_ms": round(median(seconds) * 1000, 1)}


def _histograms(
    folder: Path, size: int, chosen: argparse.Namespace, peaks: list[float], problems: list[str]
) -> dict[str, Any]:
    inputs = [folder / f"hist-281234-{number:04}.root" for number in range(chosen.files)]
    _write_histograms(inputs[0])
    for path in inputs[1:]:
        shutil.copyfile(inputs[0], path)
    lap = _by_format("root")(inputs, folder / "merged.root")
    if lap.said["n_events"] != 100 * len(inputs):
        problems.append(f"histograms: {lap.said}, not {100 * len(inputs)} events")
    peaks.append(lap.said["rss"])
    figures = {
        "root_hist_files": len(inputs),
        "root_hist_files_per_s": round(len(inputs) / lap.wall, 2),
        "root_hist_files_per_s_cpu": round(len(inputs) / lap.cpu, 2),
        "root_hist_minutes_of_1000_files": round(1000 / len(inputs) * lap.wall / 60, 2),
        "root_hist_peak_rss_mb": round(lap.said["rss"], 1),
    }
    if hadd := shutil.which("hadd"):
        other = _by_program(hadd, "-f", "{output}")(inputs, folder / "by-hadd.root")
        figures["root_hist_vs_hadd"] = round(other.wall / lap.wall, 2)
    return figures


def _write_histograms(path: Path) -> None:
    """500 histograms of one and two dimensions in ten directories, and the one that counts events."""
    import numpy
    import uproot

    source = numpy.random.default_rng(1)
    with uproot.recreate(path) as file:
        file["events"] = numpy.histogram(numpy.zeros(100), bins=1, range=(-1, 1))
        for number in range(HISTOGRAMS):
            name = f"detector{number % 10}/h{number}"
            if number % 10:
                file[name] = numpy.histogram(source.normal(size=1000), bins=100, range=(-5, 5))
            else:
                pairs = source.normal(size=(2, 1000))
                file[name] = numpy.histogram2d(*pairs, bins=50, range=[(-5, 5)] * 2)
