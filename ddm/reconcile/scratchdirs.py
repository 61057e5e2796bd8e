"""Scratch directories of the engine: made, held while their process lives, and found when it was killed.

Each has a file that its process holds a lock on. The file gets its name once it is locked, and goes last: so
one that is there and not locked is of a process that is dead, and all in the directory is scratch of ours.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PREFIX, HOLD = "ddm-compare-", "held"


@contextmanager
def made(where: Path | None) -> Iterator[Path]:
    """A new scratch directory below ``where`` (None: that of the system), gone at the end."""
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
    try:
        with open(directory / f"{HOLD}.new", "w") as hold:
            fcntl.flock(hold, fcntl.LOCK_EX)
            hold.write(f"process {os.getpid()} on {socket.gethostname()}\n")
            hold.flush()
            os.rename(hold.name, directory / HOLD)
            try:
                yield directory
            finally:
                _empty(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _empty(directory: Path) -> None:
    """All goes but the file that says whose it is."""
    with suppress(OSError):  # what stays is found again
        for entry in list(os.scandir(directory)):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.name != HOLD:
                os.unlink(entry.path)


@dataclass(frozen=True, slots=True)
class Left:
    """A scratch directory whose process is gone. ``why``: why it stays all the same; empty: it may go."""

    directory: Path
    size: int
    why: str


def find(places: Sequence[Path]) -> list[Left]:
    """Those directly in these directories that are ours and that nobody holds."""
    found = []
    for place in dict.fromkeys(places):
        with suppress(OSError):
            for entry in sorted(place.iterdir()):
                if entry.name.startswith(PREFIX) and (left := _left(entry)):
                    found.append(left)
    return found


def _left(directory: Path) -> Left | None:
    about = directory.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid():
        return None
    if not (directory / HOLD).is_file():
        why = "nothing in it says whether a process uses it: remove it by hand when none does"
        return Left(directory, _size(directory), why)
    with _taken(directory) as ours:
        return Left(directory, _size(directory), "") if ours else None


def remove(left: Left) -> bool:
    """Remove it, if nobody holds it; whether it is gone."""
    if left.why:
        return False
    with _taken(left.directory) as ours:
        if ours:
            _empty(left.directory)
            shutil.rmtree(left.directory, ignore_errors=True)
    return not left.directory.exists()


@contextmanager
def _taken(directory: Path) -> Iterator[bool]:
    """Hold what a dead process held; gives whether that is so."""
    try:
        hold = open(directory / HOLD, "r+")  # noqa: SIM115  closed below
    except OSError:
        yield False
        return
    with hold:
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _size(directory: Path) -> int:
    total = 0
    for above, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(above, name)).st_size
    return total
