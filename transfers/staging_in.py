"""Stage-in: files from storage to this machine, each from the best place that has it, compared on arrival.

A file that is in the work directory already is kept if it is equal; a different one is never touched. So a
call that was cut off is simply made again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from catalog.faults import Side
from transfers import sources
from transfers.errormap import outcome_of
from transfers.manifest import STAGE_IN, FileReport, Incoming, Source, StageIn, StageReport, check
from transfers.model import Failed, FetchOrder
from transfers.rounds import Moved, Task
from transfers.staging import Contents, Means, contents, failure, report, told, unread
from transfers.watch import Watch


def stage_in(manifest: StageIn, directory: Path = Path(), means: Means | None = None) -> StageReport:
    """Bring every file of the manifest into ``directory``; one ``FileReport`` each, in order.

    Sources are tried in the order of ``transfers.sources``: online, worked of late, near.
    Trouble with files is in the report; raises ManifestUnreadable for a manifest whose files would meet.
    Repeat freely: what is there and equal is kept.
    """
    means = means or Means()
    check(manifest)
    started = means.clock.now()
    found = bring(manifest, directory, means)
    return report(STAGE_IN, manifest.label, started, means.clock.now(), found)


def bring(manifest: StageIn, directory: Path, means: Means) -> list[FileReport]:
    """What became of each file, in order."""
    now = means.clock.now()
    done: dict[str, FileReport] = {}
    tasks = []
    for file in manifest.files:
        local = directory / file.name
        if (already := _already(file, local, means.watch)) is not None:
            done[file.lfn] = already
        else:
            tasks.append(_task(file, local, now))
    moved = means.move(tasks, means.open(manifest.backends))
    for file in manifest.files:
        if file.lfn in moved:
            done[file.lfn] = _arrived(file, directory / file.name, moved[file.lfn])
    return [done[file.lfn] for file in manifest.files]


def _already(file: Incoming, local: Path, watch: Watch) -> FileReport | None:
    """The report of a file that needs no copy, or cannot have one; None: nothing is there."""
    found = outcome_of(_look, local, watch)
    if isinstance(found, Failed):
        return unread(Side.IN, file.lfn, file.name, found, "work_directory")
    if found is None:
        return None
    if (file.size, file.adler32) == found:
        return FileReport(file.lfn, file.name, "kept", size=found[0], adler32=found[1])
    text = f"{local} exists with other contents ({found[0]} bytes, adler32 {found[1]})"
    if None in (file.size, file.adler32):
        text = f"{local} exists, and without size and adler32 it cannot be compared"
    return failure(Side.IN, file.lfn, file.name, "file_exists", text)


def _look(local: Path, watch: Watch) -> Contents | None:
    """What the local file holds; None if there is none. Raises OSError. Its directory is made."""
    local.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(local):
        return None
    return contents(local, watch)


def _task(file: Incoming, local: Path, now: datetime) -> Task:
    def order(path: str) -> FetchOrder:
        return FetchOrder(path, str(local.absolute()), file.size, file.adler32)

    return Task(file.lfn, ordered(file.sources, now), order)


def ordered(places: Sequence[Source], now: datetime) -> tuple[str, ...]:
    """The URLs of the sources, the best first; one that is said to be unreadable last, as that may be old."""
    known = [sources.Source(place.url, locality=place.locality, distance=place.distance) for place in places]
    records = {place.url: _record(place, now) for place in places}
    found = sources.order(known, records, now)
    return (*found.urls, *(entry.source.url for entry in found.unreadable))


def _record(place: Source, now: datetime) -> sources.Record:
    """The last success and the last failure, each for two: so one that has just failed goes behind others."""
    seen = sources.Record()
    events = [(at, good) for at, good in ((place.succeeded_at, True), (place.failed_at, False)) if at]
    for at, good in sorted(events):
        seen = seen.seen(good, min(at, now)).seen(good, min(at, now))
    return seen


def _arrived(file: Incoming, local: Path, moved: Moved) -> FileReport:
    size, adler32 = file.size, file.adler32
    if moved.good and None in (size, adler32):  # what nobody knew before is known now
        seen = outcome_of(contents, local)
        size, adler32 = (size, adler32) if isinstance(seen, Failed) else seen
    return told(Side.IN, FileReport(file.lfn, file.name, "", size=size, adler32=adler32), moved)
