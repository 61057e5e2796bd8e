"""Tiers of events as values: what is known of a run and its products, and what ``counts`` makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from merging.witnesses import Counted

RAW = "raw"
"""What a line of raw data has for a product."""


class Step(StrEnum):
    """Between which tiers events are missed."""

    RECORDED = "recorded → raw"
    PROCESSED = "raw → processed"
    MERGED = "processed → merged"
    ARCHIVED = "merged → archived"


class Cause(StrEnum):
    """What explains that a tier has other events than the one before."""

    GAP = "gap"
    WAIVER = "waiver"
    CHECK = "cross-check"
    SUBSET = "subset"  # the product holds some of the events only
    GOING = "under way"
    UNPROCESSED = "not processed"  # no job yet
    HELD = "held"
    LEFT_OUT = "left out"
    UNKNOWN = "unknown"
    OPEN = "open"  # files of the run may still come


@dataclass(frozen=True, slots=True)
class Amount:
    """Events, as far as known, and of how many files they are not."""

    events: int = 0
    unknown: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.events + other.events, self.unknown + other.unknown)


@dataclass(frozen=True, slots=True)
class Explained:
    """A cause, how many events it accounts for (None: not known), of how many chunks or files, in words."""

    step: Step
    cause: Cause
    events: int | None
    files: int
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Events that nothing explains; ``events``: how many are missed (below zero: too many)."""

    step: Step
    events: int
    text: str
    command: str


Found = Explained | Difference


@dataclass(frozen=True, slots=True)
class Undone:
    """Chunks of a run that no job has processed, by the state of their job ("": none)."""

    state: str
    chunks: int
    amount: Amount


@dataclass(frozen=True, slots=True)
class Gap:
    """A chunk of the gap register; ``events`` None: nobody knew how many it lost. ``counted``: they are among
    the events of the raw files; else a person said how many there are."""

    chunk: str
    events: int | None
    counted: bool
    reason: str
    approver: str


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of the raw data of a run. ``recorded``: by the raw catalogue; ``read``: as read in them;
    ``unlike``: files in which these two contradict each other. ``raw``: the first of them that is known.
    ``open``: why files may still come; ``shared``: events that processes share, and are not through with.
    """

    task: str
    run: int
    chunks: int
    recorded: Amount
    read: Amount
    unlike: int
    raw: Amount
    undone: tuple[Undone, ...] = ()
    gaps: tuple[Gap, ...] = ()
    shared: int = 0
    open: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What of the run is in a part. ``here``: events that went in of this run; ``taken``: of all its runs;
    ``made``: in the merged file, ``exists``: there is one. ``mine``: the part is called after this run.
    ``safe``: a good copy is on tape, of it or of what it went into.
    """

    part: int
    state: str
    mine: bool
    files: int
    here: Amount
    taken: Amount
    made: int | None
    exists: bool
    safe: bool


@dataclass(frozen=True, slots=True)
class Product:
    """What is known of a product of the run. ``archived``: it is to be on tape. ``differ``: files in parts of
    which job and file (and raw file, where all events are to be in it) do not say the same. ``free``: files
    in no part, ``aside``: left out on purpose. ``waivers``: those in force, as (part or None, words)."""

    name: str
    made_of: str
    counted: Counted
    archived: bool
    shares: tuple[Share, ...]
    free: tuple[int, Amount] = (0, Amount())
    aside: tuple[int, Amount] = (0, Amount())
    differ: int = 0
    check: str = ""
    verdict: str = ""
    waivers: tuple[tuple[int | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A run and a product, tier by tier; None: the tier is not of this product. ``recorded``, ``read``: of
    the line of raw data alone."""

    task: str
    run: int
    product: str
    recorded: Amount | None
    read: Amount | None
    raw: Amount
    processed: Amount | None
    merged: Amount | None
    archived: Amount | None
    explained: tuple[Explained, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """Sums of a product over all lines."""

    product: str
    runs: int
    raw: Amount
    processed: Amount | None
    merged: Amount | None
    archived: Amount | None
    explained: int
    differences: int
