"""What the witnesses of a merge say, as values: what the cross-check is given. See ``merging.crosscheck``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from merging.verdict import Permit, Who

Types = Mapping[str, int]
Said = tuple[tuple[Who, int | None], ...]


class Counted(StrEnum):
    """What a product's event counts must add up to."""

    ALL = "all"  # every raw event is in it (mDST)
    SUBSET = "subset"  # some of the raw events are in it (event dump): the permitted difference ``filter``
    NONE = "none"  # not a file of events (logs)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is right for a product. ``fewer``: types of records of which a merged file may hold fewer."""

    counted: Counted = Counted.ALL
    permits: frozenset[Permit] = frozenset({Permit.GAPS, Permit.ZERO_EVENTS})
    fewer: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Read:
    """What somebody found who read a file: bytes, adler32, events, and events by type ({} if not told).

    ``note``: what was found to differ beside the numbers.
    """

    size: int
    adler32: int
    n_events: int | None = None
    by_type: Types = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChunkFacts:
    """What is known of one chunk in one product; None is unknown.

    ``raw_catalogue``: the raw catalogue's count of the raw chunk. ``raw_read``: physics events counted in
    the raw file itself; ``raw_recount``: the same, later. ``job``: what the job says it wrote. ``read``:
    events read back from what it wrote. ``size``, ``adler32``: of that file in the catalogue. ``reading``:
    what the merge found of it.
    """

    chunk: str
    raw_catalogue: int | None
    raw_read: int | None
    job: int | None
    read: int | None
    size: int | None = None
    adler32: int | None = None
    reading: Read | None = None
    job_types: Types = field(default_factory=dict)
    read_types: Types = field(default_factory=dict)
    raw_recount: int | None = None

    @property
    def raw(self) -> int | None:
        """The raw count: of the file if it was read, else the catalogue's."""
        return self.raw_catalogue if self.raw_read is None else self.raw_read

    @property
    def raw_said(self) -> Said:
        said: list[tuple[Who, int | None]] = [
            (Who.RAW_CATALOGUE, self.raw_catalogue),
            (Who.RAW_FILE, self.raw_read),
        ]
        if self.raw_recount is not None:
            said.append((Who.RAW_RECOUNT, self.raw_recount))
        return tuple(said)

    @property
    def file_said(self) -> Said:
        said: list[tuple[Who, int | None]] = [(Who.JOB, self.job), (Who.FILE, self.read)]
        if self.reading is not None and self.reading.n_events is not None:
            said.append((Who.READING, self.reading.n_events))
        return tuple(said)


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What is known of one part: its chunks, what the merge job says, what was read back, and later recounts.

    ``unmerged``: why there is no merged file to be checked yet; its chunks count as being in their place.
    """

    part: int
    chunks: tuple[ChunkFacts, ...]
    job: int | None
    read: int | None
    size: int | None = None
    adler32: int | None = None
    job_types: Types = field(default_factory=dict)
    read_types: Types = field(default_factory=dict)
    recounts: tuple[Read, ...] = ()
    unmerged: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A chunk that a person gave up: how many events went with it, who approved it and why."""

    n_events: int | None
    approver: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A raw chunk that is in no part. ``job``, ``read``: of its file of this product, if it has one.

    ``waits``: its file is a leftover that the plan keeps for a later part.
    """

    chunk: str
    raw_catalogue: int | None = None
    raw_read: int | None = None
    job: int | None = None
    read: int | None = None
    gap: Gap | None = None
    waits: bool = False

    @property
    def raw_said(self) -> Said:
        return (Who.RAW_CATALOGUE, self.raw_catalogue), (Who.RAW_FILE, self.raw_read)

    @property
    def raw(self) -> int | None:
        return self.raw_catalogue if self.raw_read is None else self.raw_read


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run and product: its parts, and the chunks that are in none.

    ``raw``: every raw chunk that is registered for the run; None: nobody knows, and none is missed.
    """

    parts: tuple[PartFacts, ...]
    left_out: tuple[LeftOut, ...] = ()
    raw: frozenset[str] | None = None


def total(counts: Iterable[int | None]) -> int | None:
    """The sum; unknown if one of them is, or if there are none."""
    known = list(counts)
    return sum(n for n in known if n is not None) if known and None not in known else None
