"""Files of histograms for benchmarks: 500 in each, in ten directories, like those of jobs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

N_HISTOGRAMS = 500
_DIFFERENT = 5
"""Files with contents of their own; the others are links to them, so that making them takes no minutes."""


def write_files(directory: Path, n_files: int, n_histograms: int = N_HISTOGRAMS) -> list[Path]:
    """So many files: 60 % TH1D (100 bins, some with squares), 20 % TH1F (200 bins), 20 % TH2F (50 x 50)."""
    directory.mkdir(parents=True, exist_ok=True)
    sources = []
    for seed in range(min(_DIFFERENT, n_files)):
        sources.append(directory / f"source{seed}.root")
        _write(sources[-1], seed, n_histograms)
    paths = [directory / f"chunk{number:04}.root" for number in range(n_files)]
    for number, path in enumerate(paths):
        os.link(sources[number % len(sources)], path)
    for source in sources:
        source.unlink()
    return paths


def _write(path: Path, seed: int, n_histograms: int) -> None:
    import numpy
    import uproot

    random = numpy.random.default_rng(seed)
    with uproot.recreate(path) as out:
        for number in range(n_histograms):
            out[f"detector{number % 10}/h{number}"] = _histogram(random, number)


def _histogram(random: Any, number: int) -> Any:
    from uproot.writing import identify

    kind = number % 5
    x = identify.to_TAxis("xaxis", "channel", 100 if kind < 3 else 200 if kind == 3 else 50, 0.0, 1.0)
    name, title = f"h{number}", f"title of histogram {number}"
    if kind == 4:
        bins = random.poisson(0.3, 52 * 52).astype("f4")
        total = float(bins.sum())
        y = identify.to_TAxis("yaxis", "time", 50, 0.0, 1.0)
        return identify.to_TH2x(name, title, bins, total, *([total] * 7), None, x, y)
    bins = random.poisson(5, x.member("fNbins") + 2).astype("f8" if kind < 3 else "f4")
    total = float(bins.sum())
    squares = bins if kind == 1 else None
    return identify.to_TH1x(name, title, bins, total, total, total, total / 2, total / 3, squares, x)
