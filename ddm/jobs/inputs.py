"""The inputs of a job: where each is had from, and which are read where they lie."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from ddm.jobs.manifest import Input, Manifest
from ddm.jobs.payload import Stopped, local_name
from transfers.errors import StorageError
from transfers.manifest import FileReport, Incoming, Source, StageIn
from transfers.registry import Doors
from transfers.staging import Means


def stage_in(manifest: Manifest, inputs: Sequence[Input]) -> StageIn:
    """The orders that bring these inputs into the work directory."""
    files = tuple(
        Incoming(entry.lfn, local_name(entry.lfn), _sources(entry), entry.size, entry.adler32)
        for entry in inputs
    )
    return StageIn(manifest.label, files, manifest.backends)


def _sources(entry: Input) -> tuple[Source, ...]:
    """The manifest's order is kept."""
    return tuple(Source(url, distance=place) for place, url in enumerate(entry.urls))


def bad(file: FileReport) -> Stopped:
    """The end of a job of which an input could be had nowhere."""
    where = file.attempts[0].url if file.attempts else file.lfn
    return Stopped(file.code, f"input {where}: {file.text}", file.fault)


def in_place(manifest: Manifest, inputs: Sequence[Sequence[Input]], means: Means) -> dict[str, Path]:
    """Those of the inputs that can be read where they lie: regular files of their size, at the first of their
    places, on a file system of this machine. Their bytes are compared when they are read."""
    doors = means.open(manifest.backends)
    found = {}
    for entry in (entry for some in inputs for entry in some):
        place = _place(entry, doors)
        if place is not None:
            found[entry.lfn] = place
    return found


def _place(entry: Input, doors: Doors) -> Path | None:
    try:
        storage, path = doors.locate(entry.url)
        if storage.shelf is None:
            return None
        place = storage.shelf.place(path)
        there = os.lstat(place)
    except (StorageError, OSError):  # then it is copied, from another place maybe; or that says why not
        return None
    good = stat.S_ISREG(there.st_mode) and there.st_size == entry.size and os.access(place, os.R_OK)
    return place if good else None
