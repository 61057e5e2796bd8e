"""Values of merging: what goes in, which files go together, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.checksum import Adler32

Bound = int | str
"""The value of one boundary: a run, spill, luminosity block, stream or year."""


@dataclass(frozen=True, slots=True)
class Member:
    """One input of a merge: a file of one chunk. ``size`` in bytes; ``n_events`` None when unknown.

    ``bounds``: the values of the boundaries named in ``Limits.boundaries``, in that order.
    """

    file_id: int
    lfn: str
    chunk: str
    size: int
    n_events: int | None = None
    run: int = 0
    bounds: tuple[Bound, ...] = ()


class Treat(StrEnum):
    """What to do with an input that holds nothing."""

    MERGE = "merge"  # like any other: its headers and run records are kept
    LEAVE_OUT = "leave out"  # it is in no part, and the plan says so and why
    REFUSE = "refuse"  # no plan while it is there


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a merged part may be, and what it may not mix.

    ``target`` in bytes (4 GB = 4 000 000 000, not GiB). ``max_events``: None for no limit. A part is above
    the target only if that saves a part, and then by at most ``tolerance`` percent of it; a single file may
    be above all limits. ``min_fill``: a last part that is filled less, in percent of the nearest limit, is a
    leftover. ``boundaries``: what ``Member.bounds`` are; a part has one value of each.
    """

    target: int = 4_000_000_000
    max_inputs: int = 1000
    max_events: int | None = None
    min_fill: int = 0
    tolerance: int = 0
    boundaries: tuple[str, ...] = ()
    zero_events: Treat = Treat.MERGE  # a file that holds 0 events; one that is not counted is no such file
    empty: Treat = Treat.MERGE  # an empty dump, whatever its events
    empty_size: int = 0  # bytes: what an empty dump has at most

    @property
    def counted(self) -> bool:
        """Whether the numbers of events decide anything."""
        return self.max_events is not None or self.zero_events is not Treat.MERGE

    @property
    def ceiling(self) -> int:
        """Bytes of a part, at most."""
        return self.target + self.target * self.tolerance // 100


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides about leftovers, beside the files.

    ``closed``: nothing will join the files any more, be it that the run is, or the period. ``patience``: how
    long a leftover waits at most; None: until the end. ``keep``: not even the end ends the waiting, only a
    person. ``since``: when each file became ready, by ``file_id``; one that is not in it has just come.
    """

    closed: bool = True
    keep: bool = False
    patience: timedelta | None = None
    now: datetime | None = None
    since: Mapping[int, datetime] = field(default_factory=dict)


CLOSED = Situation()
"""Nothing waits: what is there is all there will be."""


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """One part of a run and product: members in chunk order, and what they add up to."""

    part: int
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        return sum(member.size for member in self.members)

    @property
    def n_events(self) -> int | None:
        """Events of all members; None if one of them is not counted."""
        counts = [member.n_events for member in self.members]
        return None if None in counts else sum(count for count in counts if count is not None)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An input that is in no part on purpose, and why."""

    member: Member
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All parts of a run and product (or another unit), and what is in none of them.

    ``waiting``: leftovers that a later plan takes up. ``hash`` is the same for the same members and limits,
    in any order, and another for whatever would make another plan.
    """

    groups: tuple[PlannedGroup, ...]
    hash: str
    left_out: tuple[LeftOut, ...] = ()
    waiting: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """What is in a file. ``n_events`` None where a file of this format does not say how many there are.

    ``by_type`` holds numbers in the format's own words: for DATE ``physics``, ``start of run``, ``type 12``;
    for ROOT the entries by the path of the tree; for archives ``members``.
    """

    n_events: int | None
    by_type: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What the index of an archive says beside names and sums: of the ``whole``, of ``members`` by their base
    names, and of what is not in it (``gaps``)."""

    whole: Mapping[str, str | int] = field(default_factory=dict)
    members: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    gaps: tuple[Mapping[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """One input as a merge read it: the path it was given, bytes, and what it held.

    ``adler32`` is None unless all bytes of the input passed on the way.
    """

    name: str
    size: int
    n_events: int | None = None
    by_type: Mapping[str, int] = field(default_factory=dict)
    adler32: Adler32 | None = None


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What was written: size in bytes and adler32 of the bytes, the events passed on, and what was taken.

    ``by_type`` is that of ``Count``, for the output; ``taken`` has one entry per input, in their order.
    """

    size: int
    adler32: Adler32
    n_events: int | None
    by_type: Mapping[str, int] = field(default_factory=dict)
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True)
class Same:
    """The merged file holds what the inputs hold, in their order."""


@dataclass(frozen=True, slots=True)
class Different:
    """It does not: a sentence for each place (at most some), naming files, offsets, members or entries."""

    where: tuple[str, ...]


Sameness = Same | Different
