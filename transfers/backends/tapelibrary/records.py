"""One file of a simulated tape library, as an object: what is known of it while something happens to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from catalog.checksum import Adler32
from catalog.states import Locality
from transfers.backends.tapelibrary.faults import Contents, Fault
from transfers.backends.tapelibrary.settings import NEVER

NOBODY: Mapping[str, float] = MappingProxyType({})
"""The holds of a file that nobody holds."""


class Recall(Enum):
    """How far a file is on its way from tape."""

    NONE = 0
    QUEUED = 1  # waits in the queue of its tape
    READING = 2  # is being read by a drive
    FAILED = 3  # the last reading ended with a medium error


@dataclass(slots=True)
class FileRecord:
    """One file. Times are seconds since the epoch; NEVER: not, and not expected.

    ``tape_at``: on tape from then on. ``disk_at``: in the buffer from then on.
    ``held``: by token, when the hold ends; while the file is not in the buffer, for how long it will be held.
    ``fault``: what will happen to the recall that is wanted. ``recalled``: contents of the disk copy where a
    fault made it differ, ``damage`` that fault. ``stages``: how often the file was asked for, ``recalls``:
    how often it was read from tape. ``lost``: the tape copy cannot be read any more.
    ``serial``: number of its present wish in the order of all; ``used_at``: last use of the disk copy;
    ``spare``: the disk copy may be evicted; ``lapses_at``: when to look again whether it may;
    ``evicted_at``: when a fault drops the disk copy. ``rested``: the file has a row in the table of files at
    rest; ``gone``: it was removed while a drive was reading it.
    """

    path: str
    size: int
    adler32: Adler32
    tape: str = ""
    position: int = 0
    tape_at: float = NEVER
    disk_at: float = NEVER
    stages: int = 0
    recalls: int = 0
    lost: bool = False
    held: Mapping[str, float] = field(default_factory=lambda: NOBODY)
    recall: Recall = Recall.NONE
    serial: int = 0
    fault: Fault | None = None
    recalled: Contents | None = None
    damage: str = ""
    used_at: float = 0.0
    evicted_at: float = NEVER
    spare: bool = False
    lapses_at: float = NEVER
    rested: bool = False
    gone: bool = False

    def on_tape(self, now: float) -> bool:
        return self.tape_at <= now and not self.lost

    def locality(self, now: float) -> Locality:
        if self.disk_at <= now:
            return Locality.ONLINE_AND_NEARLINE if self.on_tape(now) else Locality.ONLINE
        return Locality.NEARLINE if self.on_tape(now) else Locality.LOST

    @property
    def on_disk_contents(self) -> Contents:
        return self.recalled or (self.size, self.adler32)

    def hold(self, token: str, end: float) -> None:
        if self.held:
            self.held = {**self.held, token: end}
        else:
            self.held = {token: end}

    def let_go(self, token: str, now: float) -> None:
        """Take the token's hold away, and those that have ended."""
        on_disk = self.disk_at <= now
        kept = {t: end for t, end in self.held.items() if t != token and (end > now or not on_disk)}
        self.held = kept or NOBODY

    def spare_at(self) -> float:
        """From when on the disk copy may be evicted, if nothing else happens."""
        if self.lost:
            return NEVER  # the disk copy is the only one
        return max(self.tape_at, *self.held.values()) if self.held else self.tape_at

    def drop(self) -> None:
        """Forget the disk copy, and the error of the last recall."""
        self.disk_at = self.evicted_at = self.lapses_at = NEVER
        self.recalled, self.damage, self.fault = None, "", None
        self.recall = Recall.NONE
