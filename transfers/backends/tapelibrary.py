"""A simulated tape library: tapes, drives, a disk buffer, recalls and archival, evaluated lazily.

Nothing runs in the background. A recall is planned on the drives when it is asked for, and gets the time at
which it will be over; everything else (where is the file, is the recall done) compares such times with now.
The model holds no bytes, only what files contain (size and adler32): the memory backend is this model alone,
the simtape backend moves real bytes to where the model says they are.

Rules, kept as a tape system with a disk buffer in front keeps them (CTA with EOS):

- A written file is in the buffer only, and on tape ``archive_delay`` later.
- A file with no copy on disk cannot be read: it must be staged.
- A stage adds a hold for its token, a release takes the hold away; the disk copy goes with the last hold, and
  never while it is the only copy. A hold ends by itself after the order's lifetime.
- A token stays known as long as a file is held by it; a path that is neither online nor held has vanished.

Faults are injected by path pattern and count, and drawn from the seed and the path, so they do not depend on
the order of calls.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from operator import attrgetter
from typing import Any

from catalog.checksum import Adler32
from catalog.states import Locality
from transfers.errors import (
    EndpointBusy,
    FileMissing,
    NotOnline,
    RequestVanished,
    TapeLost,
    Unsupported,
    failed,
)
from transfers.model import Done, Failed, Observation, Observed, Outcome, Pending, StageOrder, StageReceipt

NEVER = math.inf

Contents = tuple[int, Adler32]
"""Size and adler32."""


class Fault(StrEnum):
    """What may go wrong with a file, when asked for."""

    FAIL = "fail"  # the recall ends with a medium error: tape_lost
    STUCK = "stuck"  # the recall never ends
    SLOW = "slow"  # the recall takes a hundred times as long
    CORRUPT = "corrupt"  # the recalled copy has a wrong byte
    TRUNCATE = "truncate"  # the recalled copy is too short
    LOST = "lost"  # the stage is accepted, then forgotten: request_vanished
    REFUSE = "refuse"  # the stage is refused for now: endpoint_busy
    NO_ARCHIVE = "no-archive"  # a written file stays in the buffer for ever


STAGE_FAULTS = tuple(fault for fault in Fault if fault is not Fault.NO_ARCHIVE)
SLOWNESS = 100


@dataclass(slots=True)
class Injection:
    """A fault for the next ``count`` files (None: all) whose path matches, each with this probability."""

    pattern: str
    kind: Fault
    count: int | None = 1
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """The machine. Times in seconds, ``rate`` in bytes per second and drive, ``tape_size`` in bytes."""

    drives: int = 2
    mount: float = 5.0
    unmount: float = 2.0
    seek: float = 0.5
    rate: float = 300e6
    archive_delay: float = 5.0
    tape_size: float = 12e12
    latency: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.drives < 1 or self.rate <= 0:
            raise Unsupported("a tape library needs at least one drive and a rate above zero")
        if min(self.mount, self.unmount, self.seek, self.archive_delay, self.latency) < 0:
            raise Unsupported("times of a tape library cannot be negative")

    @classmethod
    def from_options(cls, options: Mapping[str, str]) -> LibrarySettings:
        """The settings in the options of an endpoint.

        Raises Unsupported for an option nobody knows or a value that is not a number.
        """
        known = {entry.name: int if entry.name in ("drives", "seed") else float for entry in fields(cls)}
        if strange := sorted(set(options) - set(known)):
            names = ", ".join(sorted(known))
            raise Unsupported(f"unknown option {strange[0]!r} of the simulated tape library; known: {names}")
        try:
            values: dict[str, Any] = {name: known[name](text) for name, text in options.items()}
        except ValueError as error:
            raise Unsupported(f"an option of the simulated tape library is not a number: {error}") from None
        return cls(**values)


@dataclass(slots=True)
class FileRecord:
    """One file. Times are seconds since the epoch; NEVER: not, and not expected.

    ``tape_at``: on tape from then on. ``disk_at``: in the buffer from then on. ``held``: token to the time
    the hold ends. ``error_at``: the running recall ends then with a medium error. ``recalled``:
    contents of the disk copy where a fault made it differ, ``damage`` that fault. ``stages``: how often the
    file was asked for.
    """

    size: int
    adler32: Adler32
    tape: str = ""
    position: int = 0
    tape_at: float = NEVER
    disk_at: float = NEVER
    error_at: float = NEVER
    held: dict[str, float] = field(default_factory=dict)
    recalled: Contents | None = None
    damage: str = ""
    stages: int = 0
    lost: bool = False

    def on_tape(self, now: float) -> bool:
        return self.tape_at <= now and not self.lost

    def locality(self, now: float) -> Locality:
        if self.disk_at <= now:
            return Locality.ONLINE_AND_NEARLINE if self.on_tape(now) else Locality.ONLINE
        return Locality.NEARLINE if self.on_tape(now) else Locality.LOST

    @property
    def on_disk_contents(self) -> Contents:
        return self.recalled or (self.size, self.adler32)

    def evict(self) -> None:
        """Forget the disk copy, or the recall that would make one."""
        self.disk_at = self.error_at = NEVER
        self.recalled, self.damage = None, ""


_record_values = attrgetter(*(entry.name for entry in fields(FileRecord)))


def _record_of(values: Sequence[Any]) -> FileRecord:
    record = FileRecord(*values)
    record.adler32 = Adler32(record.adler32)
    if record.recalled is not None:
        size, checksum = record.recalled
        record.recalled = (size, Adler32(checksum))
    return record


Recall = tuple[str, FileRecord, Fault | None]


@dataclass(slots=True)
class Drive:
    """A tape drive: what is mounted, after which file its head stands, and when it is free."""

    free_at: float = 0.0
    tape: str = ""
    position: int = -1


class TapeLibrary:
    """The model. Not thread-safe: the backends hold a lock. Every ``now`` is in seconds since the epoch.

    ``generation`` counts the changes that were kept; whoever keeps the state counts it.
    """

    def __init__(self, settings: LibrarySettings | None = None) -> None:
        self.settings = settings or LibrarySettings()
        self.files: dict[str, FileRecord] = {}
        self.drives = [Drive() for _ in range(self.settings.drives)]
        self.injections: list[Injection] = []
        self.generation = 0
        self.requests = 0
        self.mounts = 0
        self.tapes = 1
        self.tape_used = 0
        self.tape_files = 0

    # control: for tests and the demo

    def inject(self, pattern: str, kind: Fault | str, count: int | None = 1, *, chance: float = 1.0) -> None:
        """Let ``kind`` happen to the next ``count`` files (None: all) whose path matches the pattern."""
        self.injections.append(Injection(pattern, Fault(kind), count, chance))

    def heal(self) -> None:
        """No more new faults; what is already under way stays as it is."""
        self.injections.clear()

    def lose(self, path: str) -> None:
        """The tape with this file is destroyed: it cannot be recalled any more. Raises FileMissing."""
        if path not in self.files:
            raise FileMissing(f"{path} is not in the tape library", subject=path)
        self.files[path].lost = True

    def forget(self, token: str, now: float) -> None:
        """Forget a request: its files are held no more, and recalls under way are dropped."""
        for record in self.files.values():
            if record.held.pop(token, None) is not None and not record.held and record.disk_at > now:
                record.evict()

    def add_on_tape(self, path: str, size: int, adler32: Adler32, *, now: float, tape: str = "") -> None:
        """Put a file on tape only, as if archived and released long ago."""
        record = FileRecord(size, adler32, tape_at=now)
        self._append(record, tape)
        self.files[path] = record

    def add_to_buffer(self, path: str, size: int, adler32: Adler32, *, now: float) -> None:
        """Take a written file into the buffer and plan its archival."""
        record = FileRecord(size, adler32, disk_at=now)
        if self._draw(path, record, (Fault.NO_ARCHIVE,)) is None:
            record.tape_at = now + self.settings.archive_delay
        self._append(record)
        self.files[path] = record

    # questions

    def observe(self, path: str, now: float) -> Observation:
        """What a probe answers; the checksum is that of the namespace, nothing is recalled."""
        record = self.files.get(path)
        if record is None:
            return failed(FileMissing, f"{path} is not in the tape library")
        return Observed(record.size, record.adler32, record.locality(now))

    def readable(self, path: str, now: float) -> Contents | Failed:
        """What a reader of the disk copy gets."""
        record = self.files.get(path)
        if record is None:
            return failed(FileMissing, f"{path} is not in the tape library")
        if record.disk_at > now:
            return failed(NotOnline, f"{path} is on tape only: stage it first")
        return record.on_disk_contents

    def poll(self, token: str, path: str, now: float) -> Outcome:
        record = self.files.get(path)
        if record is None:
            return failed(FileMissing, f"{path} is not in the tape library")
        if record.disk_at <= now:
            return Done()
        if record.lost or record.error_at <= now:
            return failed(TapeLost, f"{path} cannot be read from tape {record.tape}")
        if token in record.held:
            return Pending()
        return failed(RequestVanished, f"request {token} does not ask for {path}")

    # changes

    def stage(self, orders: Sequence[StageOrder], now: float) -> StageReceipt:
        """Accept what can be accepted, and plan the recalls on the drives."""
        self.requests += 1
        token = f"request-{self.requests}"
        outcomes: dict[str, Outcome] = {}
        wanted: list[Recall] = []
        for order in orders:
            outcomes[order.path] = self._accept(order, token, now, wanted)
        self._schedule(wanted, now)
        return StageReceipt(token, outcomes)

    def release(self, token: str, path: str, now: float) -> Outcome:
        """Take the token's hold away; the disk copy goes with the last one, if there is a copy on tape."""
        record = self.files.get(path)
        if record is None:
            return Done()
        record.held.pop(token, None)
        record.held = {other: end for other, end in record.held.items() if end > now}
        if not record.held and record.on_tape(now):
            record.evict()
        return Done()

    def cancel(self, token: str, path: str, now: float) -> Outcome:
        """Drop the request's hold on a file that is not in the buffer yet; the recall goes with the last."""
        record = self.files.get(path)
        if record is not None and record.disk_at > now:
            record.held.pop(token, None)
            if not record.held:
                record.evict()
        return Done()

    def remove(self, path: str) -> Outcome:
        """Take the file out of the namespace, tape copy included."""
        if self.files.pop(path, None) is None:
            return failed(FileMissing, f"{path} is not in the tape library")
        return Done()

    # keeping the model between processes

    def to_data(self) -> dict[str, Any]:
        """The state as plain data for JSON; ``load`` takes it back."""
        return {
            "version": 1,
            "generation": self.generation,
            "counters": [self.requests, self.mounts, self.tapes, self.tape_used, self.tape_files],
            "drives": [[drive.free_at, drive.tape, drive.position] for drive in self.drives],
            "injections": [[i.pattern, i.kind.value, i.count, i.chance] for i in self.injections],
            "files": {path: _record_values(record) for path, record in self.files.items()},
        }

    def load(self, data: Mapping[str, Any]) -> None:
        """Take the state of ``to_data``. Raises KeyError, TypeError or ValueError for anything else.

        The settings stay: with other numbers of drives, those that both have keep their tapes.
        """
        if data["version"] != 1:
            raise ValueError(f"state of version {data['version']}, this program reads version 1")
        self.generation = data["generation"]
        self.requests, self.mounts, self.tapes, self.tape_used, self.tape_files = data["counters"]
        drives = [Drive(*values) for values in data["drives"]]
        self.drives[: len(drives)] = drives[: len(self.drives)]
        self.injections = [
            Injection(p, Fault(k), count, chance) for p, k, count, chance in data["injections"]
        ]
        self.files = {path: _record_of(values) for path, values in data["files"].items()}

    # inside

    def _accept(self, order: StageOrder, token: str, now: float, wanted: list[Recall]) -> Outcome:
        record = self.files.get(order.path)
        if record is None:
            return failed(FileMissing, f"{order.path} is not in the tape library")
        if record.lost and record.disk_at > now:
            return failed(TapeLost, f"{order.path} cannot be read from tape {record.tape}")
        record.stages += 1
        fault = self._draw(order.path, record, STAGE_FAULTS)
        if fault is Fault.REFUSE:
            return failed(EndpointBusy, "the tape library takes no more requests now")
        if fault is Fault.LOST:
            return Pending()
        record.held[token] = now + order.lifetime / timedelta(seconds=1)
        if record.disk_at <= now:
            return Done()
        if record.error_at <= now or not self._under_way(record):
            record.evict()
            wanted.append((order.path, record, fault))
        return Pending()

    @staticmethod
    def _under_way(record: FileRecord) -> bool:
        return record.disk_at < NEVER or record.error_at < NEVER

    def _schedule(self, wanted: list[Recall], now: float) -> None:
        """Plan the recalls: one mount per tape and request, files in the order they have on the tape."""
        by_tape: dict[str, list[Recall]] = {}
        for item in wanted:
            by_tape.setdefault(item[1].tape, []).append(item)
        for tape, items in by_tape.items():
            drive = self._mount(tape, now)
            for path, record, fault in sorted(items, key=lambda item: item[1].position):
                self._recall(drive, path, record, fault)

    def _mount(self, tape: str, now: float) -> Drive:
        """The drive that has the tape, or the first one free, with the tape mounted."""
        mounted = [drive for drive in self.drives if drive.tape == tape]
        if mounted:
            mounted[0].free_at = max(mounted[0].free_at, now)
            return mounted[0]
        drive = min(self.drives, key=lambda drive: drive.free_at)
        drive.free_at = max(drive.free_at, now) + (self.settings.unmount if drive.tape else 0.0)
        drive.free_at += self.settings.mount
        drive.tape, drive.position = tape, -1
        self.mounts += 1
        return drive

    def _recall(self, drive: Drive, path: str, record: FileRecord, fault: Fault | None) -> None:
        took = record.size / self.settings.rate
        if record.position != drive.position + 1:
            took += self.settings.seek
        if fault is Fault.SLOW:
            took *= SLOWNESS
        drive.free_at += took
        drive.position = record.position
        if fault is Fault.FAIL:
            record.error_at = drive.free_at
        elif fault is not Fault.STUCK:
            record.disk_at = drive.free_at
        if fault in (Fault.CORRUPT, Fault.TRUNCATE):
            self._damage(path, record, fault)

    def _damage(self, path: str, record: FileRecord, fault: Fault) -> None:
        record.damage = fault.value
        chance = random.Random(f"{self.settings.seed}:{path}:damage")
        size = record.size if fault is Fault.CORRUPT else record.size // 2
        other = (int(record.adler32) + 1 + chance.randrange(1 << 30)) % (1 << 32)
        record.recalled = (size, Adler32(other))

    def _draw(self, path: str, record: FileRecord, kinds: tuple[Fault, ...]) -> Fault | None:
        """The fault that happens to this file now, if any; uses up its count."""
        for injection in self.injections:
            if (
                injection.kind not in kinds
                or injection.count == 0
                or not fnmatchcase(path, injection.pattern)
            ):
                continue
            draw = f"{self.settings.seed}:{injection.kind}:{path}:{record.stages}"
            if injection.chance < 1.0 and random.Random(draw).random() >= injection.chance:
                continue
            if injection.count is not None:
                injection.count -= 1
            return injection.kind
        return None

    def _append(self, record: FileRecord, tape: str = "") -> None:
        """Give the file its place: the next position of the tape being written."""
        if self.tape_used + record.size > self.settings.tape_size:
            self.tapes, self.tape_used, self.tape_files = self.tapes + 1, 0, 0
        record.tape = tape or f"T{self.tapes:05d}"
        record.position = self.tape_files
        self.tape_files += 1
        self.tape_used += record.size
