"""What stage-in and stage-out share: how storages are opened, and how a report is made of what happened."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import FileIO
from pathlib import Path

from catalog.checksum import Adler32, adler32_of
from catalog.clock import Clock, SystemClock
from catalog.errors import DataManagementError
from catalog.faults import EXIT_CODE, WORST_FIRST, Fault, Side, fault_of
from catalog.papers import Backends
from transfers import wrappers
from transfers.backends.localfiles import open_source
from transfers.errors import TransferStopped
from transfers.manifest import FileReport, Left, Output, StageReport
from transfers.model import Failed
from transfers.ports import Storage
from transfers.registry import Doors
from transfers.rounds import Moved, Task, attempts, code_and_text, move
from transfers.watch import UNWATCHED, Watch

Contents = tuple[int, Adler32]


@dataclass(frozen=True)
class Means:
    """With what files are moved: time, chance, somebody who looks on, and the storages.

    ``threads``: calls at a time, ``split``: of them to one storage.

    Storages are those of the manifest's backends, with retries of blips inside each call; ``guess``: a URL
    that none of them fits is opened by its scheme. ``doors``: these storages instead.
    """

    clock: Clock = field(default_factory=SystemClock)
    chance: Callable[[], float] = random.random
    watch: Watch = UNWATCHED
    threads: int = 4
    split: int = 1
    guess: bool = True
    doors: Doors | None = None

    def open(self, backends: Backends) -> Doors:
        """The storages of a manifest."""
        return self.doors or Doors(backends, self.clock, guess=self.guess, around=self.patient)

    def move(self, tasks: Sequence[Task], doors: Doors) -> dict[str, Moved]:
        """Move them all: ``transfers.rounds``."""
        return move(tasks, doors, watch=self.watch, threads=self.threads, split=self.split)

    def patient(self, prefix: str, storage: Storage) -> Storage:
        """The storage with blips of seconds retried inside each call, and every call logged."""
        logged = wrappers.logged(storage, prefix, clock=self.clock)
        return wrappers.retrying(logged, clock=self.clock, chance=self.chance)


def contents(path: Path, watch: Watch = UNWATCHED) -> Contents:
    """Size and adler32 of a local file, by reading it. Raises OSError, TransferStopped; Unsupported for what
    is not a regular file: nobody may ever write to a pipe."""
    with open_source(path) as stream:
        return adler32_of(_Heeding(stream, path, watch))


class _Heeding:
    """A stream that ends with TransferStopped when it is to."""

    def __init__(self, stream: FileIO, path: Path, watch: Watch) -> None:
        self._stream, self._path, self._watch = stream, path, watch

    def readinto(self, buffer: memoryview, /) -> int | None:
        if self._watch.stopped():
            raise TransferStopped(f"{self._path}: stopped while it was read")
        return self._stream.readinto(buffer)


def failure(side: Side, lfn: str, name: str, code: str, text: str) -> FileReport:
    """A file that was not moved, for a reason that lies on this machine or in the papers."""
    fault = fault_of(code, side)
    return FileReport(lfn, name, _state(fault), code=code, text=text, fault=fault)


def unread(side: Side, lfn: str, name: str, why: Failed, code: str) -> FileReport:
    """A local file that could not be read: with this code, unless it was only a stop."""
    return failure(side, lfn, name, why.code if why.code == TransferStopped.code else code, why.text)


def _state(fault: str) -> str:
    return "stopped" if fault == Fault.STOPPED else "failed"


def told(side: Side, file: FileReport, moved: Moved) -> FileReport:
    """The file's report after it was moved, or not."""
    code, text = code_and_text(moved.outcome)
    fault = fault_of(code, side) if code else ""
    state = _state(fault) if code else "copied"
    return replace(
        file,
        state=state,
        url=moved.place,
        code=code,
        text=text,
        fault=fault,
        attempts=attempts(moved),
    )


def report(
    kind: str,
    label: str,
    started: datetime,
    ended: datetime,
    files: Sequence[FileReport],
    *,
    outputs: Sequence[Output] = (),
    left: Sequence[Left] = (),
) -> StageReport:
    """The whole report; its code is that of the file whose fault speaks for all."""
    bad = [file for file in files if not file.good]
    first = min(
        filter(lambda file: file.code, bad),
        key=lambda file: WORST_FIRST.index(Fault(file.fault)),
        default=None,
    )
    more = f" (and {len(bad) - 1} of {len(files)} files more)" if len(bad) > 1 else ""
    return StageReport(
        kind=kind,
        label=label,
        host=socket.gethostname(),
        started_at=started.isoformat(),
        ended_at=ended.isoformat(),
        files=tuple(files),
        outputs=tuple(outputs),
        left=tuple(left),
        code=first.code if first else "",
        text=f"{first.lfn}: {first.text}{more}" if first else "",
        fault=first.fault if first else "",
        exit_code=EXIT_CODE[Fault(first.fault)] if first else 0,
    )


def failed_report(
    kind: str, label: str, started: datetime, ended: datetime, code: str, text: str
) -> StageReport:
    """The report of a call that came to nothing as a whole."""
    fault = fault_of(code)
    empty = report(kind, label, started, ended, ())
    return replace(empty, code=code, text=text, fault=fault, exit_code=EXIT_CODE[fault])


def code_of(error: Exception) -> tuple[str, str]:
    """What a report says of an error that ended the whole call."""
    if isinstance(error, DataManagementError):
        return error.code, str(error)
    if isinstance(error, OSError):
        return "work_directory", str(error)
    return "worker_error", f"{type(error).__name__}: {error}"
