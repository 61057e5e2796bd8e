"""Values of merging: what goes in, which files go together, what was found."""

from __future__ import annotations

from dataclasses import dataclass

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
class MergeResult:
    """What a merge tool wrote: size in bytes and adler32 computed while writing, and events it passed on."""

    size: int
    adler32: Adler32
    n_events: int | None
