"""The register of scans, on both databases: each change of state has its row of history, no other is made."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.db import files, scans
from catalog.db.move import Why
from catalog.errors import IllegalTransition, NotRegistered, RuleBroken
from catalog.states import EndpointKind, ScanSource, ScanState
from catalog.testing.builders import Situation


@pytest.fixture
def eos(catalog) -> int:
    with catalog.begin() as conn:
        return files.ensure_endpoint(conn, "eos", EndpointKind.DISK)


def why(catalog, reason: str = "") -> Why:
    return Why(catalog.clock.now(), "shift", reason)


def begin(catalog, eos: int, root: str = "/") -> scans.Scan:
    with catalog.begin() as conn:
        return scans.begin(conn, eos, root, ScanSource.LISTING, why(catalog))


def test_a_scan_goes_stops_goes_on_and_is_done(catalog, eos):
    made = begin(catalog, eos)
    assert (made.state, made.endpoint, made.kind, made.directory) == (
        ScanState.GOING, "eos", EndpointKind.DISK, f"scan-{made.id:06d}",
    )  # fmt: skip
    now = catalog.clock.now()
    with catalog.begin() as conn:
        scans.note(conn, made.id, catalogue_at=now, begun_at=now)
        stopped = scans.stop(conn, made.id, why(catalog, "no answer"), entries=5, bytes=2**40)
        scans.note(conn, made.id, entries=6)
        assert scans.one(conn, made.id) == stopped, "nothing is noted of a scan that does not go on"
        assert (stopped.state, stopped.reason, stopped.entries, stopped.bytes) == (
            ScanState.STOPPED, "no answer", 5, 2**40,
        )  # fmt: skip
        assert scans.resume(conn, made.id, why(catalog)).reason == ""
        done = scans.finish(conn, made.id, why(catalog), ended_at=now, whole=True)
        assert (done.state, done.whole, done.begun_at) == (ScanState.DONE, True, now)
        assert [row.event for row in Situation(conn, catalog.clock).history("scan", made.id)] == [
            "born", "stopped", "resumed", "finished",
        ]  # fmt: skip


def test_what_is_over_is_not_changed_but_by_a_person(catalog, eos):
    made = begin(catalog, eos)
    with catalog.begin() as conn:
        scans.refuse(conn, made.id, why(catalog, "it is empty"))
        for change in (scans.finish, scans.stop, scans.resume, scans.refuse):
            with pytest.raises(IllegalTransition, match="REFUSED"):
                change(conn, made.id, why(catalog, "x"))
        with pytest.raises(NotRegistered, match="no such scan"):
            scans.disbelieve(conn, made.id + 1, why(catalog, "x"))
    other = begin(catalog, eos)
    with catalog.begin() as conn, pytest.raises(IllegalTransition, match="needs a reason"):
        scans.disbelieve(conn, other.id, why(catalog))
    with catalog.begin() as conn:
        assert scans.disbelieve(conn, other.id, why(catalog, "odd")).state is ScanState.REFUSED


def test_a_scan_is_done_only_with_its_times(catalog, eos):
    made = begin(catalog, eos)
    with pytest.raises(RuleBroken), catalog.begin() as conn:
        scans.finish(conn, made.id, why(catalog))
    with catalog.read() as conn:
        assert scans.one(conn, made.id).state is ScanState.GOING


def test_they_are_listed_newest_first(catalog, eos):
    first, second = begin(catalog, eos), begin(catalog, eos, "/2016/")
    catalog.clock.sleep(timedelta(hours=1))
    with catalog.begin() as conn:
        scans.refuse(conn, second.id, why(catalog, "x"))
        assert [one.id for one in scans.listing(conn, 9)] == [second.id, first.id]
        assert [one.id for one in scans.listing(conn, 1)] == [second.id]
        assert [one.id for one in scans.listing(conn, 9, root="/")] == [first.id]
        assert [one.id for one in scans.listing(conn, 9, states=[ScanState.GOING])] == [first.id]
        assert scans.listing(conn, 9, endpoint="cta") == []
