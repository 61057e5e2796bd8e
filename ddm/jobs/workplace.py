"""The work directory of a job: new, empty, or left by an earlier try of the same manifest, and nobody else's.

A mark in it says whose it is, and a lock on the mark that somebody is at it. Whoever comes after a try that
was killed finds its inputs and the outputs that were finished, and clears everything else away: the directory
was empty when its mark was made, so all of it is the job's own.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from catalog import papers
from catalog.papers import ManifestUnreadable, each, got, write_whole
from ddm.jobs import scratch
from ddm.jobs.manifest import Input, Manifest, Output, Promise, Reading, dumps, read_output, read_reading
from ddm.jobs.payload import FINISHED, MARK, Stopped, local_name

Finished = tuple[Output, tuple[Reading, ...]]
"""An output, and what came of its inputs."""


class Workplace:
    """A work directory that is ours as long as the ``open_workplace`` block lasts. ``resumed``: an earlier
    try left something in it."""

    def __init__(self, work: Path, resumed: bool) -> None:
        self.work = work
        self.resumed = resumed
        self._done: dict[str, Finished] = _read_finished(work / FINISHED) if resumed else {}

    def local(self, entry: Input) -> Path:
        """Where the copy of an input is, or comes."""
        return self.work / local_name(entry.lfn)

    def free(self, limit: int | None) -> int:
        """Bytes that the job may have here; ``limit``: not more. What it has here already counts."""
        mine = sum(path.stat().st_size for path in self.work.iterdir() if path.is_file())
        left = scratch.free(self.work)
        return mine + left if limit is None else min(mine + left, limit)

    def finished(self, promise: Promise, local: Path) -> Finished | None:
        """What an earlier try wrote of this promise, whole; its bytes are compared when they are put."""
        found = self._done.get(promise.lfn)
        if found is None or not local.is_file() or local.stat().st_size != found[0].size:
            return None
        return found

    def note(self, output: Output, readings: Sequence[Reading]) -> None:
        """The output is finished: a later try need not make it again."""
        self._done[output.lfn] = (output, tuple(readings))
        done = [
            {"output": papers.plain(one), "inputs": papers.plain(read)} for one, read in self._done.values()
        ]
        write_whole(self.work / FINISHED, json.dumps({"version": papers.VERSION, "done": done}))

    def tidy(self, manifest: Manifest) -> None:
        """Clear away what the earlier try did not finish."""
        names = {local_name(entry.lfn) for entry in manifest.inputs} if not manifest.command else set()
        names |= {promise.payload for promise in manifest.promises if promise.lfn in self._done}
        _clear(self.work, {MARK, FINISHED, *names})


@contextmanager
def open_workplace(work: Path, manifest: Manifest) -> Iterator[Workplace]:
    """The directory, made if it is not there. Raises Stopped when it is somebody else's, OSError."""
    work.mkdir(parents=True, exist_ok=True)
    mark, ours = work / MARK, digest(manifest)
    resumed = mark.is_file()
    if not resumed and any(work.iterdir()):
        raise Stopped("work_directory_in_use", f"the work directory {work} is not empty")
    descriptor = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stopped("work_directory_in_use", f"a job is at work in {work}") from None
        written = os.read(descriptor, 200).decode("ascii", errors="replace")
        if written and written != ours:
            text = f"{work} was left by a job with another manifest: remove it, or give another --dir"
            raise Stopped("work_directory_in_use", text)
        if not written:
            os.write(descriptor, ours.encode())
        place = Workplace(work, resumed)
        if resumed:
            place.tidy(manifest)
        yield place
    finally:
        os.close(descriptor)


def remove(work: Path) -> str:
    """Remove the directory with all that the job left in it; why that could not be, or "".

    The mark goes last: until then the directory can be told to be ours.
    """
    try:
        _clear(work, {MARK})
        (work / MARK).unlink(missing_ok=True)
        work.rmdir()
    except OSError as error:
        return str(error)
    return ""


def _clear(work: Path, but: Set[str]) -> None:
    """Remove what is in the directory, but for the files of these names."""
    for path in work.iterdir():
        is_directory = path.is_dir() and not path.is_symlink()
        if path.name in but and not is_directory and not path.is_symlink():
            continue
        if is_directory:
            shutil.rmtree(path)
        else:
            path.unlink()


def digest(manifest: Manifest) -> str:
    """Whether two manifests are one: the sha256 of the paper."""
    return hashlib.sha256(dumps(manifest).encode("utf-8", errors="surrogateescape")).hexdigest()


def _read_finished(path: Path) -> dict[str, Finished]:
    """What was noted; nothing where there is no note, or none that can be read: then it is made again."""
    with suppress(FileNotFoundError, ManifestUnreadable, UnicodeDecodeError):
        data = papers.document(path.read_text(encoding="utf-8"))
        found = each(data, "done", _entry)
        return {finished[0].lfn: finished for finished in found}
    return {}


def _entry(data: Mapping[str, Any]) -> Finished:
    return got(data, "output", read_output), tuple(each(data, "inputs", read_reading))
