"""Formats that lose data, for ``ddm demo --fault corrupt-merge``: what the cross-check is there to catch.

They are named in a configuration by their place, ``tool = "ddm.demo.faults:LossyDate"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from merging.formats.date import DateEvents
from merging.formats.ports import Format
from merging.formats.rewrite.root import RootRewrite
from merging.model import Count, MergeResult, Sameness, Taken


class LossyMerge:
    """A format whose merge leaves out the largest input, and which says that it took all of them.

    A single input is merged as it is: there is nothing that could be left out unseen.
    """

    one_by_one = False

    def __init__(self, honest: Format) -> None:
        self._honest = honest

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        paths = list(inputs)
        largest = max(paths, key=lambda path: path.stat().st_size)
        kept = [path for path in paths if path != largest] or paths
        result = self._honest.merge(kept, output)
        taken = tuple(self._taken(path) for path in paths)
        n_events = sum(one.n_events or 0 for one in taken)
        return MergeResult(result.size, result.adler32, n_events, taken=taken)

    def _taken(self, path: Path) -> Taken:
        count = self._honest.count(path)
        return Taken(str(path), path.stat().st_size, count.n_events, count.by_type)

    def count(self, path: Path) -> Count:
        return self._honest.count(path)

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        return self._honest.same_content(inputs, merged)


class LossyDate(LossyMerge):
    """The format ``date``, losing an input."""

    def __init__(self) -> None:
        super().__init__(DateEvents())


class LossyRoot(LossyMerge):
    """ROOT files, losing an input; for files with a tree."""

    def __init__(self, *, step: str = "64 MB", compression: str = "zlib:1") -> None:
        super().__init__(RootRewrite(step=step, compression=compression))
