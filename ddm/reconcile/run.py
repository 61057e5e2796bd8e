"""One comparison, from stored scans to a file of findings: the catalogue before, the scans, the catalogue
after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalog.db import believed, comparelook, streams
from catalog.db.comparisons import NewCount
from catalog.db.engine import Catalog, Connection
from ddm.reconcile import findings, rawlist, scanlook, snapshots, standings
from ddm.reconcile.compare import Count, Explained, Scanned, compare
from ddm.reconcile.engine import Engine
from ddm.reconcile.kinds import Kind
from ddm.reconcile.scanstore import StoredScan
from ddm.reconcile.standings import Context
from ddm.reconcile.verdicts import Brake, Standing

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What there is: counts of all kinds, CONSISTENT too; copies expected and the brake, by endpoint id.
    ``raw``: what came of the raw catalogue, a sentence; empty: it was not asked. ``unsummed``: files of which
    a list tells no checksum, by endpoint id."""

    counts: tuple[NewCount, ...]
    expected: dict[int, int]
    brakes: dict[int, Brake]
    raw: str = ""
    unsummed: Mapping[int, int] = field(default_factory=dict)


def run(
    engine: Engine,
    catalog: Catalog,
    scans: Sequence[StoredScan],
    context: Context,
    to: Path,
    told: Told = lambda what: None,
) -> Result:
    """Compare, and write the findings into the directory ``to``. ``told`` hears what is done next.

    At most one scan of an endpoint. The catalogue after the scans is of one moment for each endpoint; what
    explains a difference is asked later, and a copy that changed in between is in flight.
    """
    told("asking the catalogue what it expects now")
    after = [_after(engine, catalog, scan) for scan in scans]
    told("comparing")
    found = engine.directory / "found.parquet"
    with streams.snapshot(catalog) as conn:
        explained = _explained(conn, scans)
        counts = compare(engine, [scan.before for scan in scans], after, _scanned(scans), explained, found)
        told("asking what explains the differences")
        standings.tell(engine, conn, found, scans, context)
    standings.place(engine, scans, context)
    raw = ""
    if context.raw is not None:
        told("asking the raw catalogue")
        raw = rawlist.tell(engine, catalog, context.raw, context.limits)
    told("looking what the differences are worth")
    standings.hide(engine, scans)
    standings.look_back(engine, scans, context)
    expected = _expected(counts)
    brakes = standings.judge(engine, scans, context, expected)
    odd = standings.write(engine, to / findings.FILE)
    unsummed = {scan.row.endpoint_id: scanlook.unsummed(engine, scan.parts) for scan in scans}
    return Result((*_consistent(counts), *(NewCount(*row) for row in odd)), expected, brakes, raw, unsummed)


def _scanned(scans: Sequence[StoredScan]) -> list[Scanned]:
    return [
        Scanned(scan.row.endpoint_id, scan.row.kind, scan.parts, scan.unread, scan.row.root) for scan in scans
    ]


def _after(engine: Engine, catalog: Catalog, scan: StoredScan) -> Path:
    """What is expected now at the endpoint of the scan: only what changed since, where that can be told."""
    to = engine.directory / f"after-{scan.row.id}"
    since = scan.before if scan.before.is_dir() else None
    snapshots.take(engine, catalog, [scan.row.endpoint_id], to, since=since)
    return to


def _explained(conn: Connection, scans: Sequence[StoredScan]) -> Explained:
    live = {label for scan in scans for label in scan.live} | believed.live_labels(conn)
    return Explained(live, comparelook.withdrawn(conn, [scan.row.endpoint_id for scan in scans]))


def _expected(counts: Sequence[Count]) -> dict[int, int]:
    found: dict[int, int] = {}
    for count in counts:
        if count.expected:
            found[count.endpoint] = found.get(count.endpoint, 0) + count.places
    return found


def _consistent(counts: Sequence[Count]) -> list[NewCount]:
    return [
        NewCount(count.endpoint, Kind.CONSISTENT, Standing.NOTHING, count.expected, count.places, count.bytes)
        for count in counts
        if count.kind is Kind.CONSISTENT
    ]
