"""What ddm needs of a merge tool and of an event counter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from merging.model import MergeResult


class MergeTool(Protocol):
    def merge(self, inputs: Sequence[Path], output: Path) -> MergeResult:
        """Write ``output`` (a new file) from the inputs, in the order given.

        All or nothing: on any error the output does not exist and a MergeError names the input and offset.
        An existing output is refused (FileExistsError). Inputs are never changed. Size and adler32 are those
        of the bytes written; ``n_events`` is what the tool passed on, None if it cannot tell.
        """
        ...


class Counter(Protocol):
    def __call__(self, path: Path) -> int:
        """Events in the file, read from the file itself. Raises UnreadableInput; never guesses."""
        ...
