"""A disk is full: what may go, and how much of it? Pure: space, marks and candidates in, a plan out.

1. There is pressure when the high mark is passed. Then as much goes as reaches the low mark, and no more.
   Unknown space is no pressure.
2. What is in the trash counts as gone: its bytes come free when its grace time is over.
3. Only what retention lets go is a candidate; the planner never makes one.
4. Intermediate files first (their events are on tape, merged), then merged files, the run least recently used
   first. All of a run goes together, as far as it may: who wants it again recalls it in one piece.
5. The last run may bring more than is needed; a run is not torn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from catalog.units import format_size, human_size, parse_size

_PERCENT = re.compile(r"\s*([0-9]{1,3})\s*%\s*", re.ASCII)
EXPECTED = 'expected how much is used, such as "90 %", or how much is free, such as "10 TB"'


@dataclass(frozen=True, slots=True)
class Mark:
    """How full a disk is: ``used`` (percent of all) or ``free`` (bytes), one of the two."""

    used: int | None = None
    free: int | None = None

    def wanted(self, total: int | None) -> int | None:
        """Bytes that are free at this mark; None: the size of the disk is not known."""
        if self.used is None:
            return self.free
        return None if total is None else total - total * self.used // 100

    def __str__(self) -> str:
        return f"{self.used} %" if self.used is not None else format_size(self.free or 0)


def parse_mark(text: object) -> Mark:
    """The mark that a text names. Raises ValueError, whose text says what was expected."""
    if isinstance(text, str) and (match := _PERCENT.fullmatch(text)) is not None:
        if not 1 <= int(match[1]) <= 99:
            raise ValueError("expected 1 % to 99 %")
        return Mark(used=int(match[1]))
    try:
        return Mark(free=parse_size(text))
    except ValueError:
        raise ValueError(EXPECTED) from None


@dataclass(frozen=True, slots=True)
class Level:
    """A disk and its marks. ``free`` and ``total``: bytes, None when the service does not tell."""

    free: int | None
    total: int | None
    high: Mark
    low: Mark

    @property
    def known(self) -> bool:
        """Whether anybody can say if there is pressure."""
        marks = (self.high.wanted(self.total), self.low.wanted(self.total))
        return self.free is not None and None not in marks

    @property
    def pressed(self) -> bool:
        """Whether the high mark is passed."""
        wanted = self.high.wanted(self.total)
        return self.known and self.free is not None and wanted is not None and self.free < wanted

    @property
    def need(self) -> int:
        """Bytes to come free for the low mark; 0 without pressure."""
        wanted = self.low.wanted(self.total)
        if not self.pressed or self.free is None or wanted is None:
            return 0
        return max(0, wanted - self.free)


class Rank(IntEnum):
    """What goes first."""

    INTERMEDIATE = 0
    MERGED = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A copy that retention lets go. ``used_at``: when it was last of use to anybody."""

    replica_id: int
    lfn: str
    size: int
    rank: Rank
    run: int
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Unit:
    """What goes together: the copies of one run and rank that may go."""

    rank: Rank
    run: int
    used_at: datetime
    copies: tuple[Candidate, ...]

    @property
    def size(self) -> int:
        return sum(copy.size for copy in self.copies)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to go. ``coming``: bytes in the trash, that come free without more; ``chosen``: what goes to it
    now, in this order; ``missing``: bytes that nothing could be found for."""

    need: int
    coming: int
    chosen: tuple[Unit, ...]
    missing: int

    @property
    def size(self) -> int:
        """Bytes that are chosen."""
        return sum(unit.size for unit in self.chosen)

    @property
    def replicas(self) -> list[int]:
        """The copies that are chosen, in order."""
        return [copy.replica_id for unit in self.chosen for copy in unit.copies]


def units(candidates: Iterable[Candidate]) -> list[Unit]:
    """The candidates by run and rank, in the order in which they go. A run is as young as its youngest."""
    found: dict[tuple[Rank, int], list[Candidate]] = {}
    for candidate in candidates:
        found.setdefault((candidate.rank, candidate.run), []).append(candidate)
    made = [
        Unit(rank, run, max(copy.used_at for copy in copies), tuple(copies))
        for (rank, run), copies in found.items()
    ]
    return sorted(made, key=lambda unit: (unit.rank, unit.used_at, unit.run))


def plan(need: int, coming: int, candidates: Iterable[Unit]) -> Plan:
    """Units in their order until the need is met. They are taken one by one: who makes them may be lazy."""
    left = need - coming
    chosen: list[Unit] = []
    if left > 0:
        for unit in candidates:
            if not unit.copies:
                continue
            chosen.append(unit)
            left -= unit.size
            if left <= 0:
                break
    return Plan(need, coming, tuple(chosen), max(0, left))


def sentence(level: Level, made: Plan) -> str:
    """Why so much goes, for a person."""
    if not level.known:
        return "nobody tells how much is free: no pressure"
    free = f"{human_size(level.free or 0)} free"
    if not level.pressed:
        return f"{free}: below the high mark ({level.high}), no pressure"
    words = [
        f"{free}, above the high mark ({level.high}): {human_size(made.need)} to the low mark ({level.low})"
    ]
    if made.coming:
        words.append(f"{human_size(made.coming)} are in the trash and come free")
    if made.chosen:
        runs = len({unit.run for unit in made.chosen})
        words.append(f"{human_size(made.size)} of {runs} run{'' if runs == 1 else 's'} go")
    if made.missing:
        words.append(f"{human_size(made.missing)} are missing: nothing more may go")
    return "; ".join(words)
