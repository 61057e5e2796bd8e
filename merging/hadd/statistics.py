"""The totals of a histogram computed from its bins, for those that were made without them.

ROOT keeps sums of weights, of weights times x and so on (``fTsumw``, ``fTsumwx`` …) while a histogram is
filled. Where bins were set directly they are all zero, and ROOT computes them from the centres of the bins
when they are asked for, and ``hadd`` before it adds. Source: GetStats of TH1, TH2, TH3, TProfile, TProfile2D
and TProfile3D; entries in under- and overflow count for nothing, as ROOT's default is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from merging.hadd.rules import BINS, COUNTS

Array = NDArray[Any]
_LETTERS: Final = "xyz"
_MADE_OF: Final = {1: "y", 2: "z", 3: "t"}
"""Letter of the quantity that a profile of so many axes averages."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Bins of one axis. ``edges`` is empty for bins of equal width. ``named``: labels stand for numbers."""

    n_bins: int
    low: float
    high: float
    edges: tuple[float, ...] = ()
    named: bool = False

    def centres(self) -> Array:
        """Of all bins with under- and overflow, whose own are 0; all 0 where there are only labels."""
        centres = np.zeros(self.n_bins + 2)
        if self.named:
            return centres
        edges = np.asarray(self.edges) if self.edges else np.linspace(self.low, self.high, self.n_bins + 1)
        centres[1:-1] = (edges[1:] + edges[:-1]) / 2
        return centres


def from_bins(axes: Sequence[Axis], arrays: Mapping[str, Array]) -> dict[str, float]:
    """The totals by member name, of a histogram of one to three axes, or of a profile.

    ``arrays``: ``fArray`` (the bins), ``fSumw2`` and, of a profile, ``fBinEntries`` and ``fBinSumw2``; with
    flow bins, the first axis running fastest.
    """
    shape = tuple(axis.n_bins + 2 for axis in reversed(axes))
    inside = tuple(slice(1, -1) for _ in axes)

    def box(name: str) -> Array:
        return np.asarray(arrays[name], dtype="f8").reshape(shape)[inside]

    profile = COUNTS in arrays
    weights = box(COUNTS if profile else BINS)
    squares = "fBinSumw2" if profile else "fSumw2"
    totals = {"": weights.sum(), "2": (box(squares) if len(arrays[squares]) else np.abs(weights)).sum()}
    grid = [
        axis.centres()[1:-1].reshape(
            [-1 if place == len(axes) - 1 - number else 1 for place in range(len(axes))]
        )
        for number, axis in enumerate(axes)
    ]
    for number, (letter, centre) in enumerate(zip(_LETTERS, grid, strict=False)):
        totals[letter] = (weights * centre).sum()
        totals[f"{letter}2"] = (weights * centre * centre).sum()
        for other in range(number):
            totals[f"{_LETTERS[other]}{letter}"] = (weights * grid[other] * centre).sum()
    if profile:
        totals[_MADE_OF[len(axes)]] = box(BINS).sum()
        totals[f"{_MADE_OF[len(axes)]}2"] = box("fSumw2").sum()
    return {f"fTsumw{what}": float(value) for what, value in totals.items()}
