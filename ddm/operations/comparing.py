"""Comparisons made: which scans, whether they are believed, what may confirm them; and stored whole.

1. One at a time. What a process that was killed left behind is given up by the next one.
2. The findings are written under another name, forced to disk, and get their name; then one transaction says
   that the comparison is DONE. Before that nobody reads any of it.
3. The same scans with the same earlier comparisons are compared once: repeated, the stored answer is given.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.db import believed, comparisons, scans, tidying
from catalog.db.comparisons import Compared, Comparison, Counted, NewCompared
from catalog.db.engine import Catalog, Connection
from catalog.db.lock import Check
from catalog.errors import BadInput, DataManagementError
from catalog.states import ComparisonState, ScanSource, ScanState
from ddm.naming import named
from ddm.operations.common import because, why
from ddm.reconcile import engine as engines
from ddm.reconcile import findings, ownfiles, rawlist, run, scanstore, tidiness, verdicts
from ddm.reconcile.kinds import DIFFERENCES
from ddm.reconcile.limits import limits_of
from ddm.reconcile.moments import asked_at
from ddm.reconcile.rawlist import RawList
from ddm.reconcile.scanstore import StoredScan
from ddm.reconcile.standings import Context, Past
from ddm.reconcile.verdicts import Limits, Looked
from ddm.releaserules import rules_of
from ddm.settings import Settings
from ddm.units import format_duration

MANY = 100_000
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Done:
    """A comparison with its scans and counts. ``new``: it was made now, and not found stored. ``left_out``:
    of which endpoints nothing is said, and why."""

    comparison: Comparison
    scans: tuple[Compared, ...]
    counts: tuple[Counted, ...]
    new: bool
    left_out: tuple[str, ...]

    @property
    def differences(self) -> int:
        """Places that differ, whatever that is worth."""
        return sum(count.places for count in self.counts if count.kind in DIFFERENCES)


def compare(
    catalog: Catalog,
    settings: Settings,
    numbers: Sequence[int] = (),
    *,
    earlier: int | None = None,
    accepted: Mapping[str, str] | None = None,
    again: bool = False,
    raw: RawList | None = None,
    told: Told = lambda what: None,
) -> Done:
    """Compare these scans (none: the newest whole one of each endpoint) with the catalogue, and store it.

    ``earlier``: only this comparison may confirm; None: whichever can. ``accepted``: endpoints of which a
    person believes more differences than the brake does, each with the reason. ``again``: also if it is
    stored already. ``raw``: a list of the raw catalogue that is asked of what is dark or missing.
    May be interrupted and repeated. Raises BadInput for scans that are not believed, IllegalTransition for
    those that are not DONE, NotRegistered, CatalogBusy while another one is made.
    """
    limits = limits_of(settings.reconcile)
    with catalog.exclusive("reconcile-compare") as check:
        _tidy(catalog, settings)
        with catalog.read() as conn:
            chosen, left_out = _chosen(conn, catalog, settings, numbers, limits)
            context = _context(catalog, conn, settings, chosen, limits, earlier, accepted or {}, raw)
            stored = None if again else _stored(conn, chosen, context)
        if stored is not None:
            return _done(catalog, stored, False, left_out)
        made = _made(catalog, settings, chosen, context, told, check)
        return _done(catalog, made, True, left_out)


def _done(catalog: Catalog, number: int, new: bool, left_out: Sequence[str]) -> Done:
    with catalog.read() as conn:
        return Done(
            comparisons.one(conn, number),
            tuple(comparisons.compared(conn, [number])),
            tuple(comparisons.counts(conn, [number])[number]),
            new,
            tuple(left_out),
        )


# --------------------------------------------------------------------------------------- which scans, and why
def _chosen(
    conn: Connection, catalog: Catalog, settings: Settings, numbers: Sequence[int], limits: Limits
) -> tuple[list[StoredScan], list[str]]:
    if numbers:
        return [_asked(conn, catalog, settings, number, limits) for number in _single(conn, numbers)], []
    chosen, left_out = [], []
    for name in sorted(believed.endpoint_ids(conn)):
        found = _newest(conn, catalog, settings, name, limits)
        if isinstance(found, str):
            left_out.append(found)
        else:
            chosen.append(found)
    if not chosen:
        raise BadInput(
            f"there is no scan to compare: {'; '.join(left_out) or 'nothing was ever registered or listed'}",
            advice="'ddm reconcile scan ENDPOINT' makes one",
        )
    return chosen, left_out


def _single(conn: Connection, numbers: Sequence[int]) -> list[int]:
    """The numbers, once each. Raises BadInput for two scans of an endpoint."""
    single = list(dict.fromkeys(numbers))
    of: dict[str, int] = {}
    for number in single:
        row = scans.one(conn, number)
        if row.endpoint in of:
            text = f"scan {of[row.endpoint]} is of {row.endpoint} too; one scan of an endpoint at a time"
            raise BadInput(text, subject=f"scan {number}")
        of[row.endpoint] = number
    return single


def _asked(conn: Connection, catalog: Catalog, settings: Settings, number: int, limits: Limits) -> StoredScan:
    scan = scanstore.open_scan(settings, scans.one(conn, number))
    if doubts := _doubts(scan, catalog, limits):
        raise BadInput(f"it is not compared: {'; '.join(doubts)}", subject=f"scan {number}")
    return scan


def _newest(
    conn: Connection, catalog: Catalog, settings: Settings, endpoint: str, limits: Limits
) -> StoredScan | str:
    """The newest whole scan of all of an endpoint that is believed, or why there is none."""
    reason = f"{endpoint}: it was never scanned as a whole"
    for row in scans.listing(conn, MANY, endpoint=endpoint, states=[ScanState.DONE], root="/"):
        try:
            scan = scanstore.open_scan(settings, row)
        except BadInput as error:
            reason = f"{endpoint}: scan {row.id}: {error}"
            continue
        doubts = _doubts(scan, catalog, limits)
        if row.whole and not doubts:
            return scan
        reason = f"{endpoint}: scan {row.id}: {'; '.join(doubts) or 'it is not whole'}"
    return reason


def _doubts(scan: StoredScan, catalog: Catalog, limits: Limits) -> tuple[str, ...]:
    """Why a scan is not believed. What somebody listed before we asked the catalogue is compared with what
    stood still since; our own listings come after it."""
    reading = scan.reading
    if (
        scan.row.source is ScanSource.LISTING and not reading.lines
    ):  # it is DONE: the catalogue expected nothing there either
        reading = replace(reading, lines=1)
    return verdicts.disbelief(reading, asked_at(scan.row), catalog.clock.now(), limits)


# ------------------------------------------------------------------------------------------- what confirms it
def _context(
    catalog: Catalog,
    conn: Connection,
    settings: Settings,
    chosen: Sequence[StoredScan],
    limits: Limits,
    earlier: int | None,
    accepted: Mapping[str, str],
    raw: RawList | None,
) -> Context:
    ids = {scan.row.endpoint: scan.row.endpoint_id for scan in chosen}
    for name in accepted:
        named(name, ids, "--accept", where="among the scans that are compared")
    directories = {
        one.id: settings.reconcile.directory / one.directory
        for one in comparisons.listing(conn, MANY, state=ComparisonState.DONE)
    }
    if earlier is not None:
        _usable(conn, earlier)
    past = {scan.row.endpoint_id: _past(conn, scan, directories, limits, earlier) for scan in chosen}
    return Context(
        names={key: name for name, (key, _) in believed.endpoint_ids(conn).items()},
        prefixes=rules_of(settings).prefixes,
        limits=limits,
        past=past,
        directories=directories,
        accepted={ids[name]: because(catalog, text).reason for name, text in accepted.items()},
        raw=raw,
    )


def _usable(conn: Connection, number: int) -> None:
    if troubles := comparisons.usable(conn, number):
        raise BadInput(f"it confirms nothing: {'; '.join(troubles)}", subject=f"comparison {number}")


def _past(
    conn: Connection, scan: StoredScan, directories: Mapping[int, Path], limits: Limits, only: int | None
) -> Past:
    now = Looked(0, scan.row.id, scan.row.root, scan.reading.begun, scan.reading.ended)
    looks = [look for look in tidying.looks(conn) if look.endpoint_id == scan.row.endpoint_id]
    known = [one for one in tidiness.usable(looks) if (directories[one.comparison] / findings.FILE).is_file()]
    before = [one for one in known if one.scan != now.scan and one.begun < now.begun]
    asked = known if only is None else [one for one in known if one.comparison == only]
    found = verdicts.earlier_of(now, asked, limits)
    last = max(before, key=lambda one: (one.begun, one.comparison), default=None)
    return Past(found, verdicts.between(found, now, known) if found else (), last)


def _stored(conn: Connection, chosen: Sequence[StoredScan], context: Context) -> int | None:
    """The comparison of the same scans and raw list, with the same that may confirm them, if there is one."""
    raw = context.raw.stamp if context.raw is not None else ""
    wanted = {(scan.row.id, *_confirming(scan, context), raw) for scan in chosen}
    known: dict[int, set[tuple[object, ...]]] = {}
    gone = {look.comparison for look in tidying.looks(conn) if look.tidied}
    for one in comparisons.compared(conn):
        if one.comparison in gone:
            continue
        entry = (one.scan, one.earlier_comparison, one.earlier_scan, one.accepted, _raw(one.remarks))
        known.setdefault(one.comparison, set()).add(entry)
    return max((number for number, entries in known.items() if entries == wanted), default=None)


def _raw(remarks: Sequence[str]) -> str:
    """Which raw list was asked; empty: none."""
    return next((remark for remark in remarks if remark.startswith(rawlist.STAMP)), "")


def _confirming(scan: StoredScan, context: Context) -> tuple[int | None, int | None, str]:
    found = context.past[scan.row.endpoint_id].earlier
    accepted = context.accepted.get(scan.row.endpoint_id, "")
    return (found.comparison, found.scan, accepted) if found else (None, None, accepted)


# ------------------------------------------------------------------------------------------------- making it
def _tidy(catalog: Catalog, settings: Settings) -> None:
    """Give up what processes that were killed left behind. Nobody else makes one now."""
    with catalog.begin("comparisons given up") as conn:
        left = comparisons.going(conn)
        comparisons.give_up(conn, [one.id for one in left], why(catalog, "its process ended before it did"))
    for one in left:
        _remove(settings, one)


def _remove(settings: Settings, one: Comparison) -> None:
    where = settings.reconcile.directory / one.directory
    for path in (_unfinished(where), where):
        shutil.rmtree(path, ignore_errors=True)  # scratch of ours; what stays harms nobody


def _unfinished(where: Path) -> Path:
    return where.with_name(f"{where.name}.part")


def _made(
    catalog: Catalog,
    settings: Settings,
    chosen: Sequence[StoredScan],
    context: Context,
    told: Told,
    check: Check,
) -> int:
    root = scanstore.ready(settings.reconcile.directory)
    with catalog.begin("comparison begun") as conn:
        new = comparisons.begin(conn, why(catalog), lambda name: (root / name).exists())
    where = root / new.directory
    part = _unfinished(where)
    shutil.rmtree(part, ignore_errors=True)  # of one that a restored catalogue does not know
    try:
        part.mkdir(parents=True)
        after_at = catalog.clock.now()
        with engines.opened(part) as engine:
            result = run.run(engine, catalog, chosen, context, part, told)
        ownfiles.mark(part, new)
        with catalog.seam.crossing("findings stored"):
            _settle(part, where)
    except (DataManagementError, OSError, KeyboardInterrupt) as error:
        with catalog.begin("comparison given up") as conn:
            comparisons.give_up(conn, [new.id], why(catalog, str(error)[:300] or "interrupted"))
        _remove(settings, new)
        raise
    check()
    with catalog.begin("comparison done") as conn:
        compared = [_compared(scan, context, result) for scan in chosen]
        comparisons.finish(conn, new.id, after_at, compared, result.counts, why(catalog))
    return new.id


def _settle(part: Path, where: Path) -> None:
    """Force the findings to disk, then give their directory its name."""
    for path in (part / findings.FILE, part):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    part.rename(where)
    descriptor = os.open(where.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _compared(scan: StoredScan, context: Context, result: run.Result) -> NewCompared:
    comparison, earlier, accepted = _confirming(scan, context)
    key = scan.row.endpoint_id
    return NewCompared(
        scan=scan.row.id,
        earlier_comparison=comparison,
        earlier_scan=earlier,
        expected=result.expected.get(key, 0),
        present=scan.row.entries,
        accepted=accepted,
        remarks=_remarks(scan, context, result),
    )


def _remarks(scan: StoredScan, context: Context, result: run.Result) -> tuple[str, ...]:
    """Which raw list was asked, why not all that differs there can be declared, and what was not compared, in
    sentences."""
    found = [] if context.raw is None else [context.raw.stamp, result.raw]
    found += [f"the list: {gap}" for gap in verdicts.gaps(scan.reading)]
    if scan.unread:
        which = "1 directory" if len(scan.unread) == 1 else f"{len(scan.unread)} directories"
        found.append(f"{which} could not be read: nothing is said of what is below")
    held = result.brakes[scan.row.endpoint_id].held
    found += [f"too many: {sentence}" for sentence in dict.fromkeys(held.values())]
    if context.past[scan.row.endpoint_id].earlier is None:
        apart = format_duration(context.limits.apart)
        found.append(
            f"no comparison on a scan that ended {apart} before this one began: nothing is confirmed"
        )
    if n := result.unsummed.get(scan.row.endpoint_id, 0):
        found.append(
            f"of {n} of its {scan.row.entries} files the list tells no checksum, so only their names and "
            "sizes were compared: 'ddm reconcile verify --how read' reads every byte"
        )
    return tuple(found)
