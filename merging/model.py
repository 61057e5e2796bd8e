"""Values of merging: what goes in, which files go together, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.checksum import Adler32


@dataclass(frozen=True, slots=True)
class Member:
    """One input of a merge: a file of one chunk. ``size`` in bytes; ``n_events`` None when unknown."""

    file_id: int
    lfn: str
    chunk: str
    size: int
    n_events: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a merged part may be. ``target`` in bytes (4 GB = 4 000 000 000, not GiB)."""

    target: int = 4_000_000_000
    max_inputs: int = 1000


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """One part of a run and product: members in chunk order, and what they add up to."""

    part: int
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        return sum(member.size for member in self.members)


@dataclass(frozen=True, slots=True)
class Plan:
    """All parts of a run and product. ``hash`` is the same for the same members and limits, in any order."""

    groups: tuple[PlannedGroup, ...]
    hash: str


@dataclass(frozen=True, slots=True)
class Agree:
    """Every witness says the same."""


@dataclass(frozen=True, slots=True)
class Differ:
    """At least one witness differs: part number (None: the whole run) and a sentence, for each difference."""

    where: tuple[tuple[int | None, str], ...]


@dataclass(frozen=True, slots=True)
class Unheard:
    """Some witness is missing: which, in words. Not agreement."""

    missing: tuple[str, ...]


Verdict = Agree | Differ | Unheard


@dataclass(frozen=True, slots=True)
class Count:
    """What is in a file. ``n_events`` None where a file of this format does not say how many there are.

    ``by_type`` holds numbers in the format's own words: for DATE ``physics``, ``start of run``, ``type 12``;
    for ROOT the entries by the path of the tree; for archives ``members``.
    """

    n_events: int | None
    by_type: Mapping[str, int] = field(default_factory=dict)


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
