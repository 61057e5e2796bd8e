"""What plans of repair have noted to be removed, as both databases sum it up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, update

from catalog.db import attempts, debrislook, files
from catalog.db.attempts import Named
from catalog.db.debrislook import Noted
from catalog.db.move import Why
from catalog.db.schema_comparisons import comparison
from catalog.db.schema_debris import debris
from catalog.db.schema_repairs import repair
from catalog.states import EndpointKind

NOW = datetime(2026, 11, 30, 3, 20, tzinfo=UTC)
DUE = NOW + timedelta(days=14)


def plan(conn, number: int, made: int) -> None:
    values = {
        "id": number,
        "state": "PLANNED",
        "since": NOW,
        "comparison_id": made,
        "directory": f"r{number}",
    }
    conn.execute(insert(repair).values(**values, made_by="anna", made_at=NOW, proposed="", proposals=9))


def test_what_waits_what_is_gone_and_what_is_spared_is_told_by_plan(catalog):
    with catalog.begin() as conn:
        disk = files.ensure_endpoint(conn, "disk", EndpointKind.DISK)
        values = {
            "id": 1,
            "state": "GOING",
            "since": NOW,
            "made_at": NOW,
            "made_by": "anna",
            "directory": "c1",
        }
        conn.execute(insert(comparison).values(**values))
        for number, due in ((1, DUE), (2, NOW)):
            plan(conn, number, 1)
            places = [Named(disk, f"/plan{number}/{name}", 1 << 40, None) for name in "abcd"]
            attempts.note_named(conn, number, places, due, Why(NOW, "anna"))
        conn.execute(update(debris).where(debris.c.path == "/plan1/a").values(sent_at=NOW, gone_at=NOW))
        conn.execute(update(debris).where(debris.c.path == "/plan1/b").values(spared_at=NOW, due_at=NOW))
        conn.execute(update(debris).where(debris.c.repair_id == 2).values(sent_at=NOW, gone_at=NOW))
    with catalog.read() as conn:
        assert debrislook.noted(conn) == [Noted(1, 2, 2 << 40, DUE, 1, 1)]
        assert debrislook.noted(conn, 2) == [Noted(2, 0, 0, None, 4, 0)]
        assert debrislook.noted(conn, 3) == []
