"""Scans on disk: a directory for each, beside the catalogue.

    scan.json              which scan it is of: numbers come again when an older catalogue is restored
    dump.json              of a dump: what stands before the paths of the endpoint in it
    before/                what the catalogue expected of the endpoint (``ddm.reconcile.snapshots``)
    live.json              labels of the attempts that were going on when that was written down
    part-NNNNNN.parquet    what was seen: columns of ``ddm.reconcile.dumps``; written whole, never changed
    walk.log               directories found, read and not read: see ``ddm.reconcile.walklog``

A scan that is not DONE is not to be compared; its directory may be half of anything.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalog.db import believed
from catalog.db.engine import Catalog
from catalog.db.scans import Scan
from catalog.errors import BadInput, CatalogBusy, IllegalTransition
from catalog.states import ScanState
from ddm.reconcile import snapshots, walklog
from ddm.reconcile.engine import Engine
from ddm.reconcile.scanparts import settle
from ddm.reconcile.textscreen import readable
from ddm.reconcile.verdicts import Reading
from ddm.settings import Settings

NAME, DUMP, BEFORE, LIVE, LOG, LOCK = "scan.json", "dump.json", "before", "live.json", "walk.log", "lock"


@dataclass(frozen=True, slots=True)
class StoredScan:
    """A scan that is DONE, with its files. ``unread``: directories that could not be read, each with its
    slash. ``live``: labels of attempts that were going on at ``row.catalogue_at``."""

    row: Scan
    directory: Path
    reading: Reading
    parts: tuple[Path, ...]
    unread: tuple[str, ...]
    before: Path
    live: tuple[str, ...]


def directory_of(settings: Settings, row: Scan) -> Path:
    """Where the files of a scan are."""
    return settings.reconcile.directory / row.directory


def ready(directory: Path) -> Path:
    """The directory of scans and comparisons, made if it is not there: before one of them is begun.

    Raises OSError where it cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if not os.access(directory, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(directory))
    return directory


def open_scan(settings: Settings, row: Scan) -> StoredScan:
    """The files of a scan.

    Raises IllegalTransition for one that is not DONE, BadInput for one whose files are not there, or were
    removed.
    """
    if row.state is not ScanState.DONE or row.begun_at is None or row.ended_at is None:
        raise IllegalTransition(
            f"it is {row.state}, and only a scan that is DONE is compared", subject=f"scan {row.id}"
        )
    if row.tidied_at is not None:
        raise BadInput(
            f"its lists were removed {row.tidied_at:%F %R} by {row.tidied_by}; scan again",
            subject=f"scan {row.id}",
        )
    where = directory_of(settings, row)
    unread = unread_of(where)
    reading = Reading(
        endpoint=row.endpoint,
        begun=row.begun_at,
        ended=row.ended_at,
        lines=row.lines,
        outside=row.outside,
        named=row.named,
        garbled=row.garbled,
        unread=unread,
        whole=row.whole,
        marker=row.marker,
    )
    parts, before = parts_of(where), where / BEFORE
    if not is_of(where, row):
        raise BadInput("its files are those of another scan, or gone; scan again", subject=str(where))
    if not before.exists() or not (parts or row.lines == 0):
        raise BadInput("its files are not there; scan again", subject=str(where))
    return StoredScan(row, where, reading, parts, unread, before, live_of(where))


def parts_of(where: Path) -> tuple[Path, ...]:
    """The parts that were written, in order."""
    return tuple(sorted(where.glob("part-??????.parquet")))


def unread_of(where: Path) -> tuple[str, ...]:
    """The directories that could not be read, each with its slash; none of a dump."""
    return tuple(readable(one.path) for one in walklog.replay(where / LOG).unread.values())


def live_of(where: Path) -> tuple[str, ...]:
    """Labels of the attempts that were going on when the expectation was taken."""
    return tuple(json.loads((where / LIVE).read_text()))


def prefix_of(settings: Settings, row: Scan) -> str | None:
    """The prefix that the dump of a scan is read with; None: it was not written down."""
    where = directory_of(settings, row)
    try:
        found = json.loads((where / DUMP).read_text())["prefix"] if is_of(where, row) else None
    except (OSError, ValueError, LookupError, TypeError):
        return None  # killed before it was written, or of a ddm that did not write it: whoever asks decides
    return found if isinstance(found, str) else None


# ------------------------------------------------------------------------------------------------ writing
@contextmanager
def held(settings: Settings, row: Scan) -> Iterator[Path]:
    """The directory of a scan, made if it is not there, for one process alone. Raises CatalogBusy.

    The hold ends with the process, however that ends.
    """
    where = _own(directory_of(settings, row), row)
    with open(where / LOCK, "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CatalogBusy(
                f"it is being made now, by {lock.read().strip() or 'another process'}",
                subject=f"scan {row.id}",
                advice="'ddm reconcile scans' shows how far it is",
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        lock.flush()
        yield where


def remember(where: Path, prefix: str) -> None:
    """Write down the prefix of a dump in the directory that is held: going on needs no memory of it."""
    _write(where / DUMP, {"prefix": prefix})


def _own(where: Path, row: Scan) -> Path:
    """The directory with its name in it. What another scan of this number left there is kept beside it."""
    if not is_of(where, row):
        if where.exists():
            where.rename(where.with_name(f"{where.name}.before-{row.made_at:%Y%m%dT%H%M%S.%f}"))
        where.mkdir(parents=True)
        _write(where / NAME, _name_of(row))
    return where


def _write(to: Path, document: object) -> None:
    new = to.with_name(f"{to.name}.new")
    new.write_text(json.dumps(document))
    settle(new, to)


def is_of(where: Path, row: Scan) -> bool:
    """Whether the directory says that it is of this scan."""
    try:
        return bool(json.loads((where / NAME).read_text()) == _name_of(row))
    except (OSError, ValueError):
        return False


def _name_of(row: Scan) -> dict[str, object]:
    made = row.made_at.isoformat()
    return {"scan": row.id, "endpoint": row.endpoint, "root": row.root, "made_at": made, "by": row.made_by}


def expect(engine: Engine, catalog: Catalog, row: Scan, where: Path) -> datetime:
    """Write down what the catalogue expects of the endpoint, and which attempts are going on; gives of when.

    May be repeated until the storage is looked at: each time all of it is written anew.
    """
    at = catalog.clock.now()
    live = _live_now(catalog)
    shutil.rmtree(where / BEFORE, ignore_errors=True)  # of one that was killed; nothing was compared with it
    snapshots.take(engine, catalog, [row.endpoint_id], where / BEFORE)
    live |= _live_now(catalog)
    _write(where / LIVE, sorted(live))
    return at


def _live_now(catalog: Catalog) -> set[str]:
    with catalog.read() as conn:
        return believed.live_labels(conn)
