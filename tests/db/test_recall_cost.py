"""What recalls cost: nothing that moves is looked for by its state, and runs are written down in lanes."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import event, select

from catalog.db import places, schema, schema_recall
from catalog.states import EndpointKind
from ddm import flow
from ddm.operations import staging
from ddm.testing.world import World


def asked(app, name):
    terms = staging.Terms(name=name, reason="a test")
    wish = staging.Wanted(query="dataset=2016/W14")
    assert staging.request(app.catalog, app.settings, wish, terms, confirmed=True).asked


def test_what_moves_is_found_by_its_id(tmp_path):
    """By its state, a batch would cost what is in flight, and a campaign the square of its files."""
    world = World(tmp_path, runs=1, chunks=5)
    world.settings = replace(world.settings, tasks={})
    app = world.open()
    world.register(app)
    flow.run(app, max_rounds=5)
    found = {}

    def look(conn, cursor, statement, values, *_):
        if statement.startswith("UPDATE") and "RETURNING" in statement and statement not in found:
            plan = conn.connection.dbapi_connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            found[statement] = plan.fetchall()[0][3]

    event.listen(app.catalog.engine, "before_cursor_execute", look)
    asked(app, "one")
    flow.run(app, max_rounds=30)
    staging.release(app.catalog, "one")
    flow.run(app, max_rounds=5)
    moved = {statement.split()[1] for statement in found}
    assert {"item", "pin", "lease", "campaign"} <= moved
    assert all("USING INTEGER PRIMARY KEY" in plan for plan in found.values()), found
    app.close()


def test_leases_are_numbered_lane_by_lane(tmp_path, catalog_url):
    """Four runs on two tapes: with two drives both tapes are in work from the beginning."""
    world = World(tmp_path, url=catalog_url, runs=4, chunks=3)
    endpoints = {
        name: replace(entry, tape_drives=2) if entry.kind is EndpointKind.TAPE else entry
        for name, entry in world.settings.endpoints.items()
    }
    world.settings = replace(world.settings, tasks={}, endpoints=endpoints)
    app = world.open()
    world.register(app)
    flow.run(app, max_rounds=10)
    F, R, L = schema.file, schema.replica, schema_recall.lease  # noqa: N806
    with app.catalog.begin() as conn:
        rows = conn.execute(select(R.c.id, F.c.run).join(F, F.c.id == R.c.file_id).order_by(F.c.run, R.c.id))
        files = [tuple(row) for row in rows]
        first, second, third, fourth = sorted({run for _, run in files})
        told = [(key, "A" if run in (first, second) else "B", n) for n, (key, run) in enumerate(files)]
        places.remember(conn, told)
    asked(app, "all")
    with app.catalog.read() as conn:
        query = select(F.c.run).join(R, R.c.file_id == F.c.id).join(L, L.c.replica_id == R.c.id)
        runs = conn.execute(query.order_by(L.c.id)).scalars().all()
    assert list(dict.fromkeys(runs)) == [first, third, second, fourth]
    assert len(runs) == 12
    app.close()
