"""Removing what the local runner made for a job that is over: papers, logs, lock, work directory.

Every file is removed by the name that the runner gave it. A directory goes when it is empty, only with
``rmdir``: whatever somebody put there keeps it. A work directory is ours if its mark is of the job's
manifest. The lock goes last, and is held until then: while somebody else holds it, the job may be at work.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catalog.papers import ManifestUnreadable
from ddm.jobs import workplace
from ddm.jobs.manifest import read_manifest
from ddm.jobs.payload import MARK
from ddm.jobs.ports import Tidied

OURS = ("worker.out", "pid", "report.json", "manifest.json")
"""What the runner and its worker write, in the order in which it goes."""
LOCK, WORK = "lock", "work"


def tidy_home(home: Path, *, act: bool) -> Tidied:
    """Remove what we made in the directory of a job, and the directory; or say what is left, and why."""
    try:
        strangers = sorted({path.name for path in home.iterdir()} - {*OURS, LOCK, WORK})
        if strangers:
            return Tidied(left=f"{home} holds what ddm did not put there: {', '.join(strangers[:3])}")
        with _held(home / LOCK):
            return _remove(home, act)
    except BlockingIOError:
        return Tidied(left=f"{home}: somebody is at work there")
    except OSError as error:
        return Tidied(left=f"{home}: {error.strerror}")


@contextmanager
def _held(lock: Path) -> Iterator[None]:
    """Nobody else has the lock meanwhile; a job that never had one never ran. Raises BlockingIOError."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _remove(home: Path, act: bool) -> Tidied:
    work = home / WORK
    if work.exists() and not _is_ours(work, home / "manifest.json"):
        return Tidied(left=f"{work} is not the work directory of this job")
    files = size = 0
    for path in [*_below(work), *(home / name for name in (*OURS, LOCK))]:
        with suppress(FileNotFoundError):
            size += path.lstat().st_size
            files += 1
    if not act:
        return Tidied(files, size)
    if work.exists() and (why := workplace.remove(work)):
        return Tidied(left=f"{work}: {why}")
    for name in (*OURS, LOCK):
        (home / name).unlink(missing_ok=True)
    home.rmdir()
    return Tidied(files, size)


def _is_ours(work: Path, manifest: Path) -> bool:
    """Whether the mark in the work directory is that of the job's manifest."""
    try:
        mark = (work / MARK).read_text(encoding="ascii")
        return mark == workplace.digest(read_manifest(manifest.read_text(encoding="utf-8")))
    except (OSError, ValueError, ManifestUnreadable):
        return False


def _below(work: Path) -> list[Path]:
    return [path for path in work.rglob("*") if path.is_symlink() or not path.is_dir()]
