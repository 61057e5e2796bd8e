"""Cluster ranges of a tree: after how many entries all its baskets were flushed together. Pure.

A tree has the cluster size of its last stretch (``fAutoFlush``) and, for the stretches before it, the last
entry and the cluster size of each. Readers fetch and read ahead by clusters, so a wrong range costs time and
loses nothing. Every input begins a cluster, so its border is one in the sum, unless a cluster ends there
anyway. Source: TTree::ImportClusterRanges, TTree::TClusterIterator.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clusters:
    """``ends``: last entry of each stretch; ``sizes``: entries of its clusters (0: not known).

    ``auto_flush``: entries of the clusters behind the last stretch; negative: bytes, so no number is known.
    """

    ends: tuple[int, ...]
    sizes: tuple[int, ...]
    auto_flush: int


def joined(inputs: Iterable[tuple[int, Clusters]]) -> Clusters:
    """The clusters of trees one behind the other, each with its number of entries.

    An input without entries adds nothing. Without any entries it is what the first input says.
    """
    ends: list[int] = []
    sizes: list[int] = []
    auto: int | None = None
    first: int | None = None
    done = 0
    for entries, clusters in inputs:
        first = clusters.auto_flush if first is None else first
        if not entries:
            continue
        size, start = max(auto or 0, 0), ends[-1] + 1 if ends else 0
        goes_on = not clusters.ends and clusters.auto_flush == auto and size and not (done - start) % size
        if auto is not None and done > start and not goes_on:
            ends.append(done - 1)
            sizes.append(size)
        ends += (done + end for end in clusters.ends)
        sizes += clusters.sizes
        auto, done = clusters.auto_flush, done + entries
    return Clusters(tuple(ends), tuple(sizes), auto if auto is not None else first or 0)
