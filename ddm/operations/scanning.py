"""Scans of storages: begun, gone on with, listed, disbelieved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from catalog.db import scans
from catalog.db.engine import Catalog
from catalog.db.scans import Scan
from catalog.errors import BadInput, IllegalTransition
from catalog.states import ScanSource, ScanState
from ddm.app import App
from ddm.naming import named
from ddm.operations.common import because, doing, named_at, why
from ddm.reconcile import scanlook, scanstore, walklog
from ddm.reconcile.engine import Engine
from ddm.reconcile.pace import Pace
from ddm.reconcile.scanning import Walk
from ddm.reconcile.scanparts import Parts, scratch
from ddm.reconcile.walklog import Log, State
from ddm.settings import Settings
from transfers.errors import FileMissing, StorageError
from transfers.ports import Walker
from transfers.walking import walker_of

UNFINISHED = (ScanState.GOING, ScanState.STOPPED)


@dataclass(frozen=True, slots=True)
class How:
    """How hard a storage is driven. ``jobs``: directories at a time; ``rate``, ``directories``: entries and
    directories in a second, 0: no limit."""

    jobs: int
    rate: int = 0
    directories: int = 0


Told = Callable[[Scan, int | None], Callable[[State], None]]
"""Called when a listing begins, with the files that an earlier one found; gives what is called as it goes."""


def untold(scan: Scan, before: int | None) -> Callable[[State], None]:
    """Nobody wants to know how far it is."""
    return lambda state: None


# ------------------------------------------------------------------------------------------------ looking
def listing(
    catalog: Catalog,
    settings: Settings,
    limit: int,
    endpoint: str | None = None,
    states: Sequence[ScanState] = (),
) -> list[Scan]:
    """Scans, the newest first. Raises BadInput for an endpoint that nobody knows."""
    with catalog.read() as conn:
        if endpoint is not None:
            named_at(conn, settings, endpoint)
        return scans.listing(conn, limit, endpoint=endpoint, states=states)


@dataclass(frozen=True, slots=True)
class Shown:
    """A scan, where its files are, the directories that could not be read (the first ones), and lines of a
    dump that have a problem."""

    scan: Scan
    directory: Path
    unread: tuple[walklog.Unread, ...]
    problems: tuple[tuple[str, str], ...]


def show(catalog: Catalog, settings: Settings, number: int, limit: int) -> Shown:
    """A scan. Raises NotRegistered."""
    with catalog.read() as conn:
        row = scans.one(conn, number)
    where = scanstore.directory_of(settings, row)
    state = walklog.replay(where / scanstore.LOG)
    unread = sorted(state.unread.values(), key=lambda one: one.path)[:limit]
    return Shown(row, where, tuple(unread), scanlook.problems(where, limit))


def disbelieve(catalog: Catalog, number: int, reason: str) -> Scan:
    """A person says that a scan is not to be believed: it is never compared any more. Its files stay.

    Raises NotRegistered, or IllegalTransition for one that is refused already.
    """
    with doing(catalog, act=True) as conn:
        return scans.disbelieve(conn, number, because(catalog, reason))


# ------------------------------------------------------------------------------------------------ listing
def begin(app: App, endpoint: str, path: str, *, anew: bool = False) -> Scan:
    """A new scan of what is below a path of an endpoint; ``list_`` makes it.

    Raises Unsupported for an endpoint that cannot be listed; BadInput for one that is not there, and while
    another scan of the same is not finished, unless ``anew``.
    """
    walker(app, endpoint)
    return begun(app, endpoint, path, (ScanSource.LISTING, "", ""), anew)


def begun(
    app: App, endpoint: str, path: str, source: tuple[ScanSource, str, str], anew: bool, **also: Any
) -> Scan:
    """A new scan from this source (its name, its format); ``also``: what is known of it from the first."""
    root = root_of(path)
    kind, name, format_ = source
    scanstore.ready(app.settings.reconcile.directory)
    with doing(app.catalog, act=True) as conn:
        if not anew:
            for one in scans.listing(conn, 1, endpoint=endpoint, states=UNFINISHED, root=root):
                raise _unfinished(one)
        number = app.endpoint_ids[endpoint]
        row = scans.begin(conn, number, root, kind, why(app.catalog), name=name, format_=format_)
        if also:
            scans.note(conn, row.id, **also)
        return scans.one(conn, row.id)


def root_of(path: str) -> str:
    """The path of a directory with its slash. Raises BadInput for one that is none."""
    parts = path.split("/")
    if not path.startswith("/") or not {".", ".."}.isdisjoint(parts) or "\0" in path:
        raise BadInput("a directory of the endpoint is given by its path, such as /2016/raw", subject=path)
    return "/".join(["", *filter(None, parts), ""])


def _unfinished(one: Scan) -> BadInput:
    so_far = "is being made, or its process was killed" if one.state is ScanState.GOING else "was stopped"
    return BadInput(
        f"of what is below {one.root} of {one.endpoint}, begun {one.made_at:%F %T}, {so_far}",
        subject=f"scan {one.id}",
        advice=f"'ddm reconcile scan --resume {one.id}' goes on with it, 'ddm reconcile disbelieve {one.id} "
        "--reason …' gives it up, --anew begins another one",
    )


def walker(app: App, endpoint: str) -> Walker:
    """Who lists an endpoint. Raises BadInput for one that is not in the settings, Unsupported."""
    known(app, endpoint)
    return walker_of(app.storages[endpoint])


def known(app: App, endpoint: str) -> None:
    """Raises BadInput for an endpoint that is not in the settings."""
    named(endpoint, app.settings.endpoints, "ENDPOINT")


def list_(app: App, row: Scan, how: How, told: Told = untold) -> Scan:
    """List, or go on listing. Gives the scan when it is DONE or REFUSED.

    Raises StorageError when the storage as a whole does not answer: the scan is STOPPED then, as it is by an
    interruption, and may be gone on with.
    """
    ports = walker(app, row.endpoint)
    with scanstore.held(app.settings, row) as where, scratch(where) as engine:
        row = _expecting(app, engine, row, where)
        state = walklog.replay(where / scanstore.LOG)
        log = Log(where / scanstore.LOG, state.offset)
        parts = Parts(engine, where, state.parts)
        kept = partial(_note, app, row)
        try:
            pace, shown = Pace(how.rate, how.directories), told(row, _before(app, row))
            walk = Walk(state, log, parts, pace, app.clock, app.catalog.seam, how.jobs, shown, kept)
            walk.begin(row.root)
            walk.run(ports)
        except StorageError as error:
            raise _stopped(app, row, state, error) from None
        except KeyboardInterrupt:
            _stop(app, row, walklog.replay(where / scanstore.LOG), "interrupted")
            raise
        finally:
            parts.close()
            log.close()
        return _ended(app, row, state, engine, where)


def resumable(app: App, number: int, prefix: str = "") -> Scan:
    """A scan that can be gone on with; it is GOING from now on. ``prefix``: of its dump, if one is given.

    Raises NotRegistered or IllegalTransition, BadInput for a prefix of what is no dump.
    """
    with doing(app.catalog, act=True) as conn:
        row = scans.one(conn, number)
        if prefix and row.source is not ScanSource.DUMP:
            raise BadInput(
                f"scan {number} reads no dump; leave it out, to go on with the listing", subject="--prefix"
            )
        if row.state is ScanState.STOPPED:
            return scans.resume(conn, number, why(app.catalog))
        if row.state is not ScanState.GOING:
            raise IllegalTransition(
                f"it is {row.state} since {row.since:%F %T}: there is nothing to go on with",
                subject=f"scan {number}",
            )
        return row


def _expecting(app: App, engine: Engine, row: Scan, where: Path) -> Scan:
    """What the catalogue expects is written down before the storage is looked at for the first time."""
    if row.begun_at is not None:
        return row
    at = scanstore.expect(engine, app.catalog, row, where)
    with doing(app.catalog, act=True) as conn:
        scans.note(conn, row.id, catalogue_at=at, begun_at=app.clock.now())
        return scans.one(conn, row.id)


def _before(app: App, row: Scan) -> int | None:
    """How many files the last scan of the same found."""
    with app.catalog.read() as conn:
        done = scans.listing(conn, 1, endpoint=row.endpoint, states=[ScanState.DONE], root=row.root)
    return done[0].entries if done else None


def _stopped(app: App, row: Scan, state: State, error: StorageError) -> StorageError:
    """The same error, with what can be done; the scan is STOPPED."""
    _stop(app, row, state, f"{error}"[:300])
    error.advice = f"{state.files} files are kept; go on with: ddm reconcile scan --resume {row.id}"
    return error


def _stop(app: App, row: Scan, state: State, text: str) -> None:
    with doing(app.catalog, act=True) as conn:
        scans.stop(conn, row.id, why(app.catalog, text), **_numbers(state))


def _note(app: App, row: Scan, state: State) -> None:
    """So that who asks sees how far it is."""
    with doing(app.catalog, act=True) as conn:
        scans.note(conn, row.id, **_numbers(state))


def _numbers(state: State) -> dict[str, int]:
    return {
        "entries": state.files,
        "bytes": state.bytes,
        "directories": state.done,
        "unread": len(state.unread),
    }


def _ended(app: App, row: Scan, state: State, engine: Engine, where: Path) -> Scan:
    """DONE, REFUSED, or an error for a listing whose very first directory could not be read."""
    if not state.done:
        (top,) = (one for one in state.unread.values() if one.path == row.root)
        if top.code != FileMissing.code:
            raise _stopped(app, row, state, StorageError(top.why, subject=f"{row.endpoint}:{row.root}"))
        return _refused(app, row, state, f"there is no such directory: {top.why}")
    seen = scanlook.counted(engine, where)
    found = {**_numbers(state), "lines": seen.lines, "named": seen.named, "ended_at": app.clock.now()}
    if seen.lines - seen.named != state.files:
        held = seen.lines - seen.named
        return _refused(app, row, state, f"its log tells of {state.files} files, and its parts hold {held}")
    if not seen.lines and (expected := scanlook.expected(engine, where, row.root)):
        return _refused(app, row, state, f"it is empty, and the catalogue expects {expected} files there")
    with doing(app.catalog, act=True) as conn:
        return scans.finish(conn, row.id, why(app.catalog), **found, whole=True)


def _refused(app: App, row: Scan, state: State, text: str) -> Scan:
    with doing(app.catalog, act=True) as conn:
        return scans.refuse(conn, row.id, why(app.catalog, text), **_numbers(state), ended_at=app.clock.now())
