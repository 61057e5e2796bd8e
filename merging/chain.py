"""Chains of merges: inputs that are more than one job can read are merged in levels. Pure.

Every level cuts what the level below wrote into as few merges as can be, as even as can be, in order; the
last level is one merge, which writes the part. A merge of a single file is no job: the file is handed up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from merging.cuts import Row, even
from merging.errors import UnplannableInputs
from merging.model import Member


@dataclass(frozen=True, slots=True)
class Reach:
    """What one job can read: so many files, and so many bytes (None: any).

    ``adds_up``: a merged file is as large as its inputs together (events); False: as its largest input
    (histograms, which are summed).
    """

    max_inputs: int = 1000
    size: int | None = None
    adds_up: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """One merge: ``start`` to ``stop`` (excluded) of the level below, level 0 being that of the inputs.

    ``reads`` and ``writes`` are bytes, expected.
    """

    level: int
    number: int
    start: int
    stop: int
    reads: int
    writes: int

    @property
    def is_job(self) -> bool:
        """False: a single file, which the next level takes as it is."""
        return self.stop - self.start > 1


@dataclass(frozen=True, slots=True)
class Chain:
    """Levels from the one that reads the inputs (level 1) to the one that writes the part."""

    levels: tuple[tuple[Link, ...], ...]

    @property
    def jobs(self) -> int:
        """Merges to be run; a part of a single input is one, too."""
        return max(1, sum(link.is_job for link in self))

    @property
    def scratch(self) -> int:
        """Bytes between two levels at once, at most: what one writes and the next one reads."""
        return max((sum(link.writes for link in level) for level in self.levels[:-1]), default=0)

    def __iter__(self) -> Iterator[Link]:
        """All merges, in an order in which they can be run."""
        return (link for level in self.levels for link in level)


def chain(members: Iterable[Member], reach: Reach = Reach()) -> Chain:
    """The merges of one part, whose members are in order.

    Raises UnplannableInputs for nothing at all, or where no chain ends in one file: then a job can read less
    than two files, or the part is larger than a job can read.
    """
    sizes = [member.size for member in members]
    if not sizes:
        raise UnplannableInputs("no files to merge")
    levels: list[tuple[Link, ...]] = []
    while not levels or len(levels[-1]) > 1:
        level = _level(len(levels) + 1, sizes, reach)
        if len(level) == len(sizes) and len(sizes) > 1:
            raise UnplannableInputs(
                f"no chain of merges ends in one file: {len(sizes)} files of {sum(sizes)} bytes are left, "
                f"and a job reads at most {reach.max_inputs} files of {reach.size} bytes"
            )
        levels.append(level)
        sizes = [link.writes for link in level]
    return Chain(tuple(levels))


def _level(level: int, sizes: Sequence[int], reach: Reach) -> tuple[Link, ...]:
    row = Row(sizes, sum(sizes) if reach.size is None else reach.size, max(1, reach.max_inputs))
    return tuple(
        Link(level, number, start, stop, sum(sizes[start:stop]), _written(sizes[start:stop], reach))
        for number, (start, stop) in enumerate(pairwise(even(row)))
    )


def _written(sizes: Sequence[int], reach: Reach) -> int:
    return sum(sizes) if reach.adds_up else max(sizes)
