"""What ddm needs of a file format: the port of merging, counting and comparing.

A format is an object with the three methods of ``Format``. It is made by a factory that is registered as an
entry point of the group ``merging.formats`` under the name that configuration knows (``tool = "date"``)::

    [project.entry-points."merging.formats"]
    date = "merging.formats.date:DateEvents"

The factory's keyword arguments are the format's options. Their values are strings, as they stand in a
configuration file; what cannot be is a MergeError that names the option. Libraries are imported on first
use, so that a format can be named where it cannot run (ToolMissing tells what to install).

Whoever writes one holds it to ``merging.testing.FormatSuite``, and finds in ``merging.formats.files`` what
all of them share: inputs that are looked at when their turn comes, an output that appears whole or never.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from merging.model import Count, MergeResult, Sameness, Told

GROUP = "merging.formats"
"""The entry-point group of formats."""


class Format(Protocol):
    @property
    def one_by_one(self) -> bool:
        """Whether ``merge`` takes each input once, in order, and never looks back.

        Then an iterator that brings the inputs is enough, and its owner may remove an input as soon as the
        next one is asked for: scratch space for the output and one input will do. Otherwise all inputs must
        be there until ``merge`` returns.
        """
        ...

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        """Write ``output`` (a new file) from the inputs, in the order given.

        All or nothing: on any error the output does not exist and a MergeError names the input and, where
        there is one, the offset in it. An existing output is refused (FileExistsError). Inputs are never
        changed. What the iterator of the inputs raises passes through unchanged, OSError excepted. Size and
        adler32 are those of the bytes written, computed as they were written where the format allows;
        ``n_events`` is what was passed on, None if the format cannot tell; ``taken`` has one entry for every
        input, in order.
        """
        ...

    def count(self, path: Path) -> Count:
        """What is in the file, read from the file itself. Raises UnreadableInput; never guesses.

        Applied to the output of ``merge`` it gives ``n_events`` and ``by_type`` of the result.
        """
        ...

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        """Whether ``merged`` holds exactly what the inputs hold, in their order, nothing twice.

        Reads both: what was said or noted when ``merged`` was written is not asked. Formats that add up
        (histograms) compare the sums, to the rounding of the numbers in the file. Raises UnreadableInput
        when a file cannot be read, and changes none.
        """
        ...


@runtime_checkable
class Telling(Protocol):
    """A format whose files have an index: what is told stands in it, and nothing else changes."""

    def telling(self, told: Told) -> Format:
        """The same format, which writes that into the index. The same inputs and the same told: the same
        bytes."""
        ...
