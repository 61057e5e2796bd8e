"""Scans, comparisons and their findings as the programs leave them, for tests of reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.db import comparisons, files, scans
from catalog.db.comparisons import NewCompared, NewCount
from catalog.db.move import Why
from catalog.states import EndpointKind, ScanSource
from ddm.app import open_catalog
from ddm.config import load
from ddm.reconcile import engine as engines
from ddm.reconcile import findings, scanstore
from ddm.reconcile.engine import Engine
from ddm.reconcile.kinds import DIFFERENCES, Kind
from ddm.reconcile.verdicts import Standing
from ddm.reconcile.walklog import Log

DAY = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
COLUMNS = {
    "endpoint_id": "BIGINT",
    "endpoint": "VARCHAR",
    "path": "VARCHAR",
    "kind": "VARCHAR",
    "standing": "VARCHAR",
    "expected": "BOOLEAN",
    "present": "BOOLEAN",
    "replica_id": "BIGINT",
    "file_id": "BIGINT",
    "state": "VARCHAR",
    "size": "BIGINT",
    "adler32": "BIGINT",
    "seen_size": "BIGINT",
    "seen_adler32": "BIGINT",
    "other": "VARCHAR",
    "said": "VARCHAR",
    "lfn": "VARCHAR",
    "run": "BIGINT",
    "dataset": "VARCHAR",
    "since": "TIMESTAMP",
    "first_seen": "TIMESTAMP",
}


def write_findings(engine: Engine, directory: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """A file of findings. What a row does not say is unknown, but for when it was seen first."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    engine.do(f"CREATE TEMP TABLE given ({columns})")
    full = [{"first_seen": "2026-11-01 03:00:00", "expected": False, "present": False, **row} for row in rows]
    if full:
        marks = ", ".join("?" * len(COLUMNS))
        engine.many(
            f"INSERT INTO given VALUES ({marks})",
            [[_plain(row.get(name)) for name in COLUMNS] for row in full],
        )
    engine.do(f"COPY given TO {engines.text(str(directory / findings.FILE))} (FORMAT parquet)")


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Kind | Standing) else value


def compared(
    config: Path,
    day: int,
    rows: Sequence[Mapping[str, Any]],
    *,
    consistent: int = 100,
    endpoint: str = "disk",
    root: str = "/",
    source: ScanSource = ScanSource.LISTING,
    name: str = "",
    whole: bool = True,
    unread: Sequence[str] = (),
    remarks: tuple[str, ...] = (),
    accepted: str = "",
) -> int:
    """The number of a comparison with these findings of an endpoint, made so many days after DAY."""
    settings, at = load(config, {}), DAY + timedelta(days=day)
    with open_catalog(settings) as catalog:
        with catalog.begin() as conn:
            place = files.ensure_endpoint(conn, endpoint, EndpointKind.DISK)
            why = Why(at, "tester", "a test")
            scan = scans.begin(conn, place, root, source, why, name=name)
            scans.finish(
                conn, scan.id, why, catalogue_at=at, begun_at=at, ended_at=at + timedelta(hours=1),
                entries=consistent, bytes=consistent * 1000, unread=len(unread), lines=consistent,
                whole=whole,
            )  # fmt: skip
            made = comparisons.begin(conn, why)
            counts: dict[tuple[str, str, bool], list[int]] = {}
            for row in rows:
                key = str(row["kind"]), str(row["standing"]), bool(row.get("expected"))
                amount = counts.setdefault(key, [0, 0])
                amount[0] += 1
                amount[1] += row.get("seen_size") or row.get("size") or 0
            counts["consistent", str(Standing.NOTHING), True] = [consistent, consistent * 1000]
            comparisons.finish(
                conn, made.id, at + timedelta(hours=2),
                [NewCompared(scan.id, None, None, consistent, consistent, accepted, remarks)],
                [NewCount(place, *key, *amount) for key, amount in counts.items()], why,
            )  # fmt: skip
        where = scanstore.directory_of(settings, scan)
        where.mkdir(parents=True)
        if unread:
            log = Log(where / scanstore.LOG, 0)
            records = [
                record
                for n, path in enumerate(unread)
                for record in (["found", path], ["unread", n, "denied", "permission denied"])
            ]
            log.keep(records, 0)
            log.close()
        directory = settings.reconcile.directory / made.directory
        directory.mkdir()
        with engines.opened() as engine:
            write_findings(engine, directory, [{"endpoint": endpoint, **row} for row in rows])
    return made.id


def found(
    path: str, kind: Kind = Kind.LOST, standing: Standing = Standing.CONFIRMED, **more: Any
) -> dict[str, Any]:
    """A row of findings."""
    return {
        "path": path,
        "kind": kind,
        "run": 275678,
        "size": 1000,
        "standing": standing if kind in DIFFERENCES else Standing.NOTHING,
        **more,
    }
