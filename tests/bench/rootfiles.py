"""Inputs for merging ROOT files: trees as a reconstruction writes them, many and quickly.

A few files are written with uproot (about 25 MB/s); the others are copies of them, at the speed of the disk.
To a merge they are as different as any: it compares nothing but schemas, and copies every byte.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

DISTINCT = 4
_EVENTS_AT_ONCE = 2000
_FLAT, _TRACK = 24, 12
_TRACKS = 5.0


def tree_inputs(directory: Path, total: int, size: int = 20_000_000, distinct: int = DISTINCT) -> list[Path]:
    """Files of about ``size`` bytes, ``total`` bytes together, in order. ``directory`` is there and empty."""
    paths: list[Path] = []
    written = 0
    while written < total:
        path = directory / f"in{len(paths):05d}.root"
        if len(paths) < distinct:
            write_tree(path, size, seed=len(paths))
        else:
            shutil.copyfile(paths[len(paths) % distinct], path)
        paths.append(path)
        written += path.stat().st_size
    return paths


def write_tree(path: Path, size: int, seed: int = 0) -> None:
    """One tree ``mdst`` of about ``size`` bytes compressed: event numbers, numbers, tracks.

    40 branches, clusters of 2000 events: baskets of 5 to 50 kB, as ROOT makes them by default.
    """
    import numpy
    import uproot

    random = numpy.random.default_rng(seed)
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as out:
        tree = out.mktree("mdst", _types(), title="reconstructed events", counter_name=lambda _: "nTracks")
        for first in range(0, 1 << 40, _EVENTS_AT_ONCE):
            tree.extend(_events(random, first))
            if path.stat().st_size >= size:
                return


def _types() -> dict[str, str]:
    flat = {f"q{number}": "float32" for number in range(_FLAT)}
    tracks = {f"t{number}": "var * float32" for number in range(_TRACK)}
    return {"run": "int32", "event": "int64", "trigger": "uint32", **flat, **tracks}


def _events(random: Any, first: int) -> dict[str, Any]:
    import awkward
    import numpy

    count = _EVENTS_AT_ONCE
    lengths = random.poisson(_TRACKS, count)
    events: dict[str, Any] = {
        "run": numpy.full(count, 281234, "i4"),
        "event": numpy.arange(first, first + count),
        "trigger": random.integers(0, 2048, count).astype("u4"),
    }
    events |= {f"q{number}": _rounded(random.normal(size=count)) for number in range(_FLAT)}
    for number in range(_TRACK):
        events[f"t{number}"] = awkward.unflatten(_rounded(random.normal(size=lengths.sum())), lengths)
    return events


def _rounded(values: Any) -> Any:
    """As many digits as a detector measures: the bytes compress by about a third."""
    import numpy

    return numpy.round(values * 4096).astype("f4") / numpy.float32(4096)
