"""Temporary files that killed processes left on a file system: found, and told from those in use.

Only file systems without nameless files have any (``transfers.backends.newfile``). One is *left* if all of
this holds: it has the name that we give, it was made on this host, nobody has written to it for an hour, and
the lock that its writer holds as long as it lives can be had. A process number proves nothing: it may belong
to another host, to another container, or to somebody new.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

QUIET = timedelta(hours=1)
"""So long nobody must have written to a file that was left."""

_NAME = re.compile(r"\.ddm-(?P<host>.+)-\d+-\d+-\d+\.part")
_OURS = re.compile(r"\.ddm-.+\.part|\.ddm-fetch-.+")


class Use(StrEnum):
    """What can be said of a temporary file."""

    LEFT = "left"  # its writer is dead
    IN_USE = "in use"  # its writer lives, or wrote to it a moment ago
    UNKNOWN = "unknown"  # another host's, or of a program that locks nothing


@dataclass(frozen=True, slots=True)
class Leftover:
    """A temporary file, or a directory of one. ``why``: what speaks against its being left."""

    path: Path
    use: Use
    size: int
    modified_at: datetime
    why: str = ""


def find(directory: Path, now: datetime) -> Iterator[Leftover]:
    """Every temporary file of ddm at and below the directory. Raises OSError for what cannot be read."""
    for place, directories, files in os.walk(directory, onerror=_raise):
        for name in sorted(directories):
            if _OURS.fullmatch(name):
                directories.remove(name)
                yield _directory(Path(place, name))
        for name in sorted(files):
            if _OURS.fullmatch(name):
                with suppress(FileNotFoundError):  # it has its name by now, or is gone
                    yield _looked_at(Path(place, name), now)


def remove(found: Leftover, now: datetime) -> bool:
    """Remove a file that is left, after one more look under its lock. False: it is not left any more."""
    match = _NAME.fullmatch(found.path.name)
    if match is None or found.use is not Use.LEFT:
        return False
    try:
        descriptor = os.open(found.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        if _use(descriptor, match["host"], now)[0] is not Use.LEFT:
            return False
        if not os.path.samestat(os.fstat(descriptor), os.lstat(found.path)):
            return False
        found.path.unlink()
        return True
    except FileNotFoundError:
        return False
    finally:
        os.close(descriptor)


def _raise(error: OSError) -> None:
    raise error


def _directory(path: Path) -> Leftover:
    status = path.lstat()
    inside = [file.lstat() for file in path.rglob("*")]
    size = sum(one.st_size for one in inside if stat.S_ISREG(one.st_mode))
    newest = max(one.st_mtime for one in (status, *inside))
    why = "of a fetch by gfal2 or XRootD, which locks nothing"
    return Leftover(path, Use.UNKNOWN, size, datetime.fromtimestamp(newest, UTC), why)


def _looked_at(path: Path, now: datetime) -> Leftover:
    status = path.lstat()
    modified = datetime.fromtimestamp(status.st_mtime, UTC)
    match = _NAME.fullmatch(path.name)
    if match is None or not stat.S_ISREG(status.st_mode):
        return Leftover(path, Use.UNKNOWN, status.st_size, modified, "of a program that locks nothing")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        use, why = _use(descriptor, match["host"], now)
    finally:
        os.close(descriptor)
    return Leftover(path, use, status.st_size, modified, why)


def _use(descriptor: int, host: str, now: datetime) -> tuple[Use, str]:
    """What can be said of an open temporary file that was made on ``host``."""
    if host != os.uname().nodename:
        return Use.UNKNOWN, f"made on {host}: look there"
    if now - datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC) < QUIET:
        return Use.IN_USE, "written to within the last hour"
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return Use.IN_USE, "locked by its writer"
        return Use.UNKNOWN, f"no locks here: {error.strerror}"
    return Use.LEFT, ""
