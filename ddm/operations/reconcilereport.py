"""A comparison as a report: the register from the catalogue, sums from its file of findings."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from catalog.db import comparisons, scans
from catalog.db.comparisons import Compared, Comparison
from catalog.db.engine import Catalog, Connection
from catalog.db.scans import Scan
from catalog.errors import IllegalTransition, NotRegistered
from catalog.states import ComparisonState, ScanState
from ddm.output import new_file
from ddm.reconcile import engine as engines
from ddm.reconcile import findings, reports_next, scanstore
from ddm.reconcile.engine import text
from ddm.reconcile.kinds import Kind
from ddm.reconcile.limits import limits_of
from ddm.reconcile.reports import Amount, Counted, Listed, Point, Refused, Report, Trend
from ddm.reconcile.reports_sums import sums
from ddm.reconcile.verdicts import Standing
from ddm.settings import Settings

EXAMPLES = 10
"""Places of each kind that are told one by one."""
_NOT_COMPARED = (ScanState.REFUSED, ScanState.STOPPED, ScanState.GOING)


def report(catalog: Catalog, settings: Settings, number: int | None, *, last: int, top: int) -> Report:
    """Of a comparison, or of the newest that is DONE. ``last``: comparisons that a trend goes back; ``top``:
    runs and directories that are told one by one.

    Raises NotRegistered, IllegalTransition for one that is not DONE, BadInput if its findings are not there.
    """
    with catalog.read() as conn:
        row = chosen(conn, number)
        compared = comparisons.compared(conn, [row.id])
        rows = {each.scan: scans.one(conn, each.scan) for each in compared}
        counts = _counted(comparisons.counts(conn, [row.id])[row.id])
        refused = _refused(conn, compared)
        trends = tuple(_trend(conn, each, last) for each in compared)
    directory = settings.reconcile.directory / row.directory
    lists = tuple(_listed(settings, each, rows[each.scan], top) for each in compared)
    file = str(directory / findings.FILE)
    with engines.opened() as engine, engine.refusing(file):
        summed = sums(engine, directory, top, EXAMPLES)
    assert row.after_at is not None  # it is DONE
    return Report(
        comparison=row.id,
        made_at=row.made_at,
        made_by=row.made_by,
        after_at=row.after_at,
        findings=file,
        counts=counts,
        lists=lists,
        refused=refused,
        trends=trends,
        runs=summed.runs,
        directories=summed.directories,
        examples=summed.examples,
        steps=reports_next.steps(row.id, counts, lists, refused, limits_of(settings.reconcile).apart),
    )


def chosen(conn: Connection, number: int | None) -> Comparison:
    """The comparison of that number, or the newest, if it is DONE."""
    row = comparisons.newest(conn) if number is None else comparisons.one(conn, number)
    if row is None:
        raise NotRegistered(
            "nothing was compared yet",
            subject="comparison",
            advice="'ddm reconcile scan ENDPOINT', then 'ddm reconcile compare'",
        )
    if row.state is not ComparisonState.DONE:
        raise IllegalTransition(
            f"it is {row.state}, and says nothing{': ' if row.reason else ''}{row.reason}",
            subject=f"comparison {row.id}",
            advice="see 'ddm reconcile comparisons'",
        )
    if row.gone:
        raise IllegalTransition(
            row.gone,
            subject=f"comparison {row.id}",
            advice=f"'ddm reconcile show {row.id}' tells them, and the report of a newer one has them in its trend",
        )
    return row


def _counted(found: Sequence[comparisons.Counted]) -> tuple[Counted, ...]:
    return tuple(
        Counted(
            one.endpoint, Kind(one.kind), Standing(one.standing), one.expected, Amount(one.places, one.bytes)
        )
        for one in found
    )


def _listed(settings: Settings, each: Compared, row: Scan, top: int) -> Listed:
    unread = sorted(scanstore.unread_of(scanstore.directory_of(settings, row)))[:top] if row.unread else []
    doubted = [f"it is not believed any more: {each.disbelieved}"] if each.disbelieved else []
    if row.tidied_at is not None:
        doubted.append(f"its lists were removed {row.tidied_at:%F %R} by {row.tidied_by}")
    return Listed(
        scan=each.scan,
        endpoint=each.endpoint,
        root=each.root,
        source=row.source,
        name=row.name,
        begun_at=each.begun_at,
        ended_at=each.ended_at,
        files=Amount(row.entries, row.bytes),
        expected=each.expected,
        whole=row.whole,
        earlier=each.earlier_scan,
        unread_directories=row.unread,
        unread=tuple(unread),
        remarks=(*doubted, *each.remarks),
        accepted=each.accepted,
    )


def _refused(conn: Connection, compared: Sequence[Compared]) -> tuple[Refused, ...]:
    """Scans of these endpoints that are newer than those compared, and of which nothing is known."""
    newest = {each.endpoint: each.scan for each in compared}
    return tuple(
        Refused(one.id, one.endpoint, one.root, one.source, one.state, one.since, one.reason)
        for one in scans.listing(conn, 100, states=_NOT_COMPARED)
        if one.id > newest.get(one.endpoint, min(newest.values(), default=0))
    )


def _trend(conn: Connection, now: Compared, last: int) -> Trend:
    """What comparisons said of the same part of an endpoint, this one and those before it."""
    earlier = [
        each
        for each in comparisons.compared(conn, endpoint=now.endpoint)
        if each.root == now.root and each.comparison <= now.comparison
    ]
    shown = sorted(earlier, key=lambda each: each.comparison)[-last:]
    counts = comparisons.counts(conn, [each.comparison for each in shown])
    points = [
        Point(
            each.comparison,
            each.begun_at,
            each.present,
            _kinds(now.endpoint, counts[each.comparison]),
        )
        for each in shown
    ]
    return Trend(now.endpoint, now.root, tuple(points))


def _kinds(endpoint: str, counts: Sequence[comparisons.Counted]) -> dict[Kind, Amount]:
    found: dict[Kind, Amount] = {}
    for one in counts:
        if one.endpoint == endpoint:
            kind = Kind(one.kind)
            found[kind] = found.get(kind, Amount()) + Amount(one.places, one.bytes)
    return found


# --------------------------------------------------------------------------------------------- findings
def write_findings(
    catalog: Catalog, settings: Settings, number: int | None, to: Path, *, replace: bool
) -> tuple[int, int]:
    """All findings of a comparison as one Parquet file: the number of the comparison and of rows.

    The columns are those of ``ddm.reconcile.findings.Finding`` after ``comparison``; adler32 is eight digits,
    times are in UTC. Raises what ``report`` raises, and BadInput if the file is there already.
    """
    with catalog.read() as conn:
        row = chosen(conn, number)
    columns = ", ".join(_OF_COLUMN.get(name, name) for name in findings.COLUMNS)
    directory = settings.reconcile.directory / row.directory
    source = findings.source(directory)
    with (
        engines.opened() as engine,
        engine.refusing(str(directory / findings.FILE)),
        new_file(to, replace=replace) as stream,
    ):
        copy = engine.directory / findings.FILE
        engine.do(
            f"COPY (SELECT {row.id}::BIGINT AS comparison, {columns} FROM {source} ORDER BY kind, endpoint, path) "
            f"TO {text(str(copy))} (FORMAT parquet, COMPRESSION zstd)"
        )
        with copy.open("rb") as written:
            shutil.copyfileobj(written, stream, 1 << 22)
        return row.id, engine.number(f"SELECT count(*) FROM {source}")


_OF_COLUMN = {
    **{name: f"printf('%08x', {name}) AS {name}" for name in ("adler32", "seen_adler32")},
    **{name: f"{name} AT TIME ZONE 'UTC' AS {name}" for name in ("since", "first_seen")},
}
