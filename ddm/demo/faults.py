"""Formats that lose data, for ``ddm demo --fault corrupt-merge``: what the cross-check is there to catch.

They are named in a configuration by their place, ``tool = "ddm.demo.faults:LossyDate"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from merging.formats.date import DateEvents
from merging.formats.ports import Format
from merging.formats.rewrite.root import RootRewrite
from merging.model import Count, MergeResult, Sameness


class LossyMerge:
    """A format whose merge leaves out the largest input and says that it passed on the events of all.

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
        n_events = sum(self._honest.count(path).n_events or 0 for path in paths)
        return MergeResult(result.size, result.adler32, n_events)

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
