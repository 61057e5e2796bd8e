"""How much disk a merge needs at a time, told by its manifest before anything moves, and whether it is there.

A format that takes its inputs one by one needs room for its output and a few inputs on their way; any other
for its output and all inputs. Several outputs of one job are made one after the other; what a later one
still needs stays.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.units import human_size
from ddm.jobs.payload import Stopped
from transfers import feed

AHEAD = 256_000_000
"""Bytes of inputs that are fetched before they are needed, at most."""
MARGIN = 16_000_000
"""Bytes for logs, and for what a file system keeps for itself."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One output: its inputs that have to be copied here (LFN, bytes), the bytes it may have, and whether
    its inputs are taken one by one."""

    inputs: tuple[tuple[str, int], ...]
    room: int
    streamed: bool


def need(passes: Sequence[Pass], ahead: int) -> int:
    """Bytes that are on the scratch disk at a time, at most."""
    top = written = 0
    there: dict[str, int] = {}
    for index, step in enumerate(passes):
        later = {lfn for after in passes[index + 1 :] for lfn, _ in after.inputs}
        new = [(lfn, size) for lfn, size in step.inputs if lfn not in there]
        stay = sum(size for lfn, size in new if lfn in later or not step.streamed)
        flow = feed.most([size for _, size in new], ahead) if step.streamed else 0
        top = max(top, written + step.room + sum(there.values()) + stay + flow)
        written += step.room
        there = {lfn: size for lfn, size in {**there, **dict(new)}.items() if lfn in later}
    return top + MARGIN


def ahead(passes: Sequence[Pass], free: int, wanted: int = AHEAD) -> int:
    """Bytes that may be fetched ahead: what is wanted, or less where the disk has no room for it.

    Raises Stopped(scratch_space) when there is not enough with nothing fetched ahead.
    """
    while wanted and need(passes, wanted) > free:
        wanted = wanted // 2 if wanted > 1_000_000 else 0
    least = need(passes, wanted)
    if least > free:
        raise Stopped(
            "scratch_space",
            f"the job needs {human_size(least)} of scratch space at a time, {human_size(free)} may be used",
        )
    return wanted


def free(directory: Path, limit: int | None = None) -> int:
    """Bytes that may be written in a directory, as the file system tells; ``limit``: and the batch system."""
    found = os.statvfs(directory)
    there = found.f_bavail * found.f_frsize
    return there if limit is None else min(there, limit)
