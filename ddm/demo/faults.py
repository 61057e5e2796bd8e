"""Merge tools that lose data, for ``ddm demo --fault corrupt-merge``: what the cross-check is there to catch.

They are named in a configuration by their place, ``tool = "ddm.demo.faults:LossyDate"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from merging.counters import count_date, count_root_tree
from merging.model import MergeResult
from merging.tools.date import DateConcat
from merging.tools.ports import Counter, MergeTool
from merging.tools.root import RootMerge


class LossyMerge:
    """A merge tool that leaves out its largest input and says that it passed on the events of all.

    A single input is merged as it is: there is nothing that could be left out unseen.
    """

    def __init__(self, tool: MergeTool, count: Counter) -> None:
        self._tool = tool
        self._count = count

    def merge(self, inputs: Sequence[Path], output: Path) -> MergeResult:
        largest = max(inputs, key=lambda path: path.stat().st_size)
        kept = [path for path in inputs if path != largest] or list(inputs)
        result = self._tool.merge(kept, output)
        return MergeResult(result.size, result.adler32, sum(self._count(path) for path in inputs))


class LossyDate(LossyMerge):
    """The merge tool ``date``, losing an input."""

    def __init__(self) -> None:
        super().__init__(DateConcat(), count_date)


class LossyRoot(LossyMerge):
    """The merge tool ``root``, losing an input; for files with a tree."""

    def __init__(self, *, step: str = "64 MB", compression: str = "zlib:1") -> None:
        super().__init__(RootMerge(step=step, compression=compression), count_root_tree)
