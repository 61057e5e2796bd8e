"""What goes wrong in a simulated tape library with single files, on request and by chance."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from catalog.checksum import Adler32

Contents = tuple[int, Adler32]
"""Size and adler32."""

SLOWNESS = 100
EVICTED_WITHIN = 3600.0  # seconds after a recall


class Fault(StrEnum):
    """What may go wrong with a file, when asked for."""

    FAIL = "fail"  # the recall ends with a medium error: tape_lost
    STUCK = "stuck"  # the recall never begins, until somebody asks again
    SLOW = "slow"  # the recall takes a hundred times as long
    CORRUPT = "corrupt"  # the recalled copy has a wrong byte
    TRUNCATE = "truncate"  # the recalled copy is too short
    EVICTED = "evicted"  # the recalled copy is dropped within an hour, although held
    LOST = "lost"  # the stage is accepted, then forgotten: request_vanished
    REFUSE = "refuse"  # the stage is refused for now: endpoint_busy
    NO_ARCHIVE = "no-archive"  # a written file stays in the buffer for ever


REQUEST_FAULTS = (Fault.REFUSE, Fault.LOST)
RECALL_FAULTS = tuple(fault for fault in Fault if fault is not Fault.NO_ARCHIVE)
ARCHIVE_FAULTS = (Fault.NO_ARCHIVE,)


@dataclass(slots=True)
class Injection:
    """A fault for the next ``count`` files (None: all) whose path matches, each with this probability."""

    pattern: str
    kind: Fault
    count: int | None = 1
    chance: float = 1.0


class Faults:
    """The injections of a library. Chance is drawn from the seed, the path and how often it was asked for,
    so that faults do not depend on the order of calls."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.injections: list[Injection] = []

    def draw(self, path: str, times: int, kinds: tuple[Fault, ...]) -> Fault | None:
        """The fault that happens to this file now, if any; uses up its count."""
        for injection in self.injections:
            if (
                injection.kind not in kinds
                or injection.count == 0
                or not fnmatchcase(path, injection.pattern)
            ):
                continue
            draw = f"{self.seed}:{injection.kind}:{path}:{times}"
            if injection.chance < 1.0 and random.Random(draw).random() >= injection.chance:
                continue
            if injection.count is not None:
                injection.count -= 1
            return injection.kind
        return None

    def damaged(self, path: str, good: Contents, fault: Fault) -> Contents:
        """What a damaged copy of the file contains."""
        chance = random.Random(f"{self.seed}:{path}:damage")
        size = good[0] if fault is Fault.CORRUPT else good[0] // 2
        return size, Adler32((int(good[1]) + 1 + chance.randrange(1 << 30)) % (1 << 32))

    def eviction_after(self, path: str, times: int) -> float:
        """Seconds from the recall to the early loss of its copy."""
        return random.Random(f"{self.seed}:{path}:{times}:evicted").random() * EVICTED_WITHIN
