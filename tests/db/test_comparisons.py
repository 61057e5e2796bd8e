"""A comparison on both databases: what explains a place is named, and the register says what was found."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from catalog.db import comparisons, scans, schema
from catalog.db.move import Why
from catalog.states import (
    ComparisonState,
    GroupState,
    ItemState,
    JobState,
    ReplicaState,
    RequestKind,
    Role,
    ScanSource,
)
from catalog.testing.builders import Situation
from ddm.operations import compared, comparing
from ddm.operations.compared import Which
from ddm.reconcile import engine as engines
from ddm.reconcile import scanstore
from ddm.reconcile.engine import text
from ddm.reconcile.kinds import Kind
from ddm.reconcile.scanparts import part
from ddm.settings import EndpointSettings, ReconcileSettings, Settings

K = Kind
HOUR = timedelta(hours=1)


@pytest.fixture
def settings(tmp_path):
    prefixes = {"disk": "root://eos.example/", "web": "https://eos.example/"}
    endpoints = {
        name: EndpointSettings(name=name, kind="disk", backend="memory", prefix=prefix)  # type: ignore[arg-type]
        for name, prefix in prefixes.items()
    }
    return Settings(
        root=tmp_path, endpoints=endpoints, reconcile=ReconcileSettings(directory=tmp_path / "reconcile")
    )


def situation(here: Situation) -> dict[str, tuple[Kind, str]]:
    """Rows of which each explains a place; gives what is there, and what it is."""

    def copy(state: ReplicaState = ReplicaState.AVAILABLE, path: str = "", **values: object) -> int:
        key = here.replica(here.file(), here.disk, state)
        here.set(schema.replica, key, path=path or f"/copy/{key}", since=here.now - 9 * HOUR, **values)
        return key

    request = here.row(
        schema.request, kind="copy", endpoint_id=here.disk, label="copies-17", created_at=here.now
    )
    coming, wanted = copy(ReplicaState.COPYING, "/coming/x"), copy(path="/wanted")
    item = here.item(coming, RequestKind.COPY, ItemState.SUBMITTED)
    here.set(schema.item, item, request_id=request)
    here.item(wanted, RequestKind.STAGE)
    copy(path="/lost")
    copy(ReplicaState.TRASHED, "/trash")
    copy(ReplicaState.DELETED, "/was/here")
    running, over = here.job([], JobState.RUNNING), here.job([], JobState.DONE)
    group = here.group([], GroupState.VOID)
    merge = here.job([], JobState.CANCELED, group=group)
    for job in (running, over, merge):
        here.set(schema.job, job, attempt=2, label=f"j{job}a2")
    part = here.file(Role.FINAL)
    here.set(schema.file, part, part=0, retired_at=here.now)
    stale = here.replica(part, here.disk, ReplicaState.DELETED)
    here.set(schema.replica, stale, path="/merged/old.root", since=here.now - 9 * HOUR)
    web = here.row(schema.endpoint, name="web", kind="disk")
    other = here.replica(here.file(), web)
    here.set(schema.replica, other, path="/by/web")
    return {
        "/coming/x": (K.IN_FLIGHT, "copy 1 is SUBMITTED, request copies-17"),
        "/coming/.ddm-host-1-2-3.part": (K.IN_FLIGHT, "something is copied into"),
        "/elsewhere/.ddm-host-1-2-3.part": (K.DEBRIS, ""),
        "/wanted": (K.LOST, "stage 2 is QUEUED"),
        "/lost": (K.LOST, ""),
        "/trash": (K.IN_FLIGHT, "TRASHED since"),
        "/was/here": (K.DARK, "is DELETED since"),
        f"/out/j{running}a2/x": (K.IN_FLIGHT, f"of job {running}, a process of run 275678, that is RUNNING"),
        f"/out/j{running}a1/x": (K.IN_FLIGHT, f"attempt j{running}a1"),
        f"/out/j{over}a1/x": (K.DEBRIS, "that is DONE now"),
        f"/out/j{over}a3/x": (K.DARK, f"of job {over}"),
        "/out/j999a1/x": (K.DARK, "which is not in this catalogue"),
        f"/out/j{merge}a1/x": (K.STALE, "its part was withdrawn"),
        "/merged/old.root": (K.STALE, "DELETED"),
        "/by/web": (K.IN_FLIGHT, "it is web:/by/web, by another name"),
    }


def scanned(catalog, settings, endpoint: int, paths: list[str]) -> int:
    """A scan that has these files, of 1000 bytes each."""
    now = catalog.clock.now()
    why = Why(now, "test")
    with catalog.begin() as conn:
        row = scans.begin(conn, endpoint, "/", ScanSource.DUMP, why)
    with scanstore.held(settings, row) as where, engines.opened(Path(settings.root)) as engine:
        at = scanstore.expect(engine, catalog, row, where)
        listed = ", ".join(f"({text(path)})" for path in paths)
        engine.do(
            f"COPY (SELECT path, 1000::BIGINT AS size, NULL::UBIGINT AS adler32, NULL::VARCHAR AS problem, "
            f"NULL::VARCHAR AS said FROM (VALUES {listed}) given(path)) "
            f"TO {text(str(part(where, 1)))} (FORMAT parquet)"
        )
    found = {"lines": len(paths), "entries": len(paths), "whole": True, "catalogue_at": at}
    with catalog.begin() as conn:
        return scans.finish(conn, row.id, why, begun_at=now, ended_at=now, **found).id


def test_what_explains_a_place_is_named(catalog, settings):
    with catalog.begin() as conn:
        here = Situation(conn, catalog.clock)
        wanted = situation(here)
    catalog.clock.sleep(9 * HOUR)
    absent = {"/coming/x", "/wanted", "/lost", "/trash"}
    number = scanned(catalog, settings, here.disk, sorted(wanted.keys() - absent))
    done = comparing.compare(catalog, settings, [number])
    found = {one.path: one for one in compared.stream(catalog, settings, None, Which())}
    assert {path: one.kind for path, one in found.items()} == {
        path: kind for path, (kind, _) in wanted.items()
    }
    for path, (_, said) in wanted.items():
        assert said in (found[path].said or ""), path
    assert (found["/lost"].run, found["/lost"].dataset) == (275678, "2016/W14")
    (debris,) = (one for path, one in found.items() if one.kind is K.DEBRIS and path.startswith("/out/"))
    assert debris.run == 275678
    counted = {(one.kind, one.expected): one.places for one in done.counts}
    assert (counted["lost", True], counted["dark", False], counted["in flight", True]) == (2, 3, 2)
    assert "consistent" not in {kind for kind, _ in counted}
    (place,) = compared.explain(catalog, settings, "root://eos.example//lost")
    assert [one.findings[0].kind for one in place.looks] == [K.LOST]
    assert "may confirm it" in place.next


def test_the_register(catalog, settings):
    why = Why(catalog.clock.now(), "shift", "killed")
    with catalog.begin() as conn:
        here = Situation(conn, catalog.clock)
        here.replica(here.file(), here.disk)
        dead = comparisons.begin(conn, why)
        assert comparisons.newest(conn) is None
    number = scanned(catalog, settings, here.disk, ["/strange"])
    done = comparing.compare(catalog, settings, [number])
    with catalog.read() as conn:
        assert comparisons.one(conn, dead.id).state is ComparisonState.GIVEN_UP
        assert comparisons.newest(conn) == done.comparison
        assert comparisons.newest(conn, endpoint="disk") == done.comparison
        assert comparisons.newest(conn, endpoint="tape") is None
        (scan,) = comparisons.compared(conn, [done.comparison.id])
        assert (scan.expected, scan.present, scan.root) == (1, 1, "/")
        assert comparisons.counts(conn, [done.comparison.id])[done.comparison.id] == list(done.counts)
        assert comparisons.usable(conn, dead.id)[0].startswith("comparison 1 is GIVEN_UP")
    assert {(one.kind, one.places) for one in done.counts} == {("lost", 1), ("dark", 1)}
