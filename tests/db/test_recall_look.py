"""What is told of recalls, on both databases; and that the sums told are those of the tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog.db import campaigns, recall_look, schema_recall, tally
from ddm import flow
from ddm.explain import explain
from ddm.operations import recall_status, recall_use, staging
from ddm.summary import summarize
from ddm.testing.world import World
from transfers.pricing import Bottleneck

RUN = 275_678


@pytest.fixture
def world(tmp_path, catalog_url):
    """Two runs on tape; one file of the first is lost. Two campaigns want them, the recall is half way."""
    world = World(tmp_path, url=catalog_url, runs=2, chunks=5, budget_runs=1.5)
    world.settings = replace(world.settings, tasks={})
    world.tape.inject(world.raw[1].lfn, "fail", None)
    return world


@pytest.fixture
def app(world):
    app = world.open()
    world.register(app)
    flow.run(app, max_rounds=10)
    for name, query, priority in (("one", f"run={RUN}", 5), ("all", "dataset=2016/W14", 2)):
        terms = staging.Terms(name=name, reason="a test", priority=priority, tail_percent=75)
        assert staging.request(app.catalog, app.settings, staging.Wanted(query=query), terms).asked
    yield app
    app.close()


def test_everything_can_be_asked_in_every_phase(world, app):
    phases = set()
    for _ in range(12):
        found = recall_status.status(app.catalog, app.settings)
        phases |= {line.state for line in found.campaigns}
        for line in found.campaigns:
            assert line.wanted.files == sum(
                part.files for part in (line.waiting, line.queued, line.in_flight, line.held)
            )
            assert line.requested.files == line.wanted.files + line.online.files + line.released.files
            (detail,) = recall_status.show(app.catalog, app.settings, line.name)
            assert sum(run.files for run in detail.runs) == line.requested.files
            assert sum(run.wanted for run in detail.runs) == line.wanted.files
        for file in world.raw:
            assert explain(app.catalog, file.lfn).facts
        assert any(fact == "recall" for fact, _ in explain(app.catalog, str(RUN)).facts)
        recall_use.leaks(app.catalog, older=timedelta(days=30), limit=5)
        summarize(app.catalog, app.now)
        flow.tick(app)
        app.clock.sleep(timedelta(minutes=5))
    assert "TAIL" in phases


def test_the_sums_told_are_those_of_the_leases(app):
    flow.run(app, max_rounds=30)
    with app.catalog.read() as conn:
        assert tally.check(conn) == []
        lease = schema_recall.lease
        rows = conn.execute(select(lease.c.campaign_id, lease.c.state)).all()
        found = campaigns.standing(conn, sorted({row[0] for row in rows}))
    counted = Counter((row[0], row[1]) for row in rows)
    assert counted == {(key, state): n for key, one in found.items() for state, n in one.files.items()}


def test_pages_of_ready_files_are_complete_and_without_repetition(app):
    flow.run(app, max_rounds=30)
    for name in ("one", "all"):
        whole = [file.lfn for page in staging.ready(app.catalog, name) for file in page]
        assert whole
        for size in (1, 2, len(whole), len(whole) + 1):
            pages = list(recall_use.all_ready(app.catalog, app.settings, name, page=size))
            assert [file.lfn for page in pages for file in page.files] == whole
            assert all(len(page.files) <= size for page in pages)


def test_ready_files_of_two_endpoints_come_in_one_sequence(app):
    """A campaign has a part at each endpoint; a page goes on in the next part."""
    flow.run(app, max_rounds=30)
    with app.catalog.read() as conn:
        parts = [campaigns.all_named(conn, name)[0] for name in ("one", "all")]
        seen, key = [], (0, 0)
        while key is not None:
            page, key = recall_look.served_of(conn, parts, after=key, limit=2)
            assert len(page) <= 2
            seen += [file.lease_id for file in page]
        every, end = recall_look.served_of(conn, parts, limit=100)
    assert end is None
    assert seen == [file.lease_id for file in every]
    assert len(set(seen)) == len(seen) > 4


def test_a_gap_does_not_take_the_recall_of_a_campaign_away(world, app):
    """A raw chunk is a gap of a task; a campaign goes on waiting for it."""
    from catalog.db import people

    flow.run(app, max_rounds=3)
    with app.catalog.begin() as conn:
        ids = [row[0] for row in conn.exec_driver_sql("SELECT id FROM file")]
        assert people.drop_recalls(conn, ids, app.why("gap")) == 0
    staging.release(app.catalog, "one")
    staging.accept_missing(app.catalog, "all", "gone", act=True)
    found = recall_status.status(app.catalog, app.settings)
    assert all(line.held.files == 0 for line in found.endpoints)


def test_what_is_held_for_two_campaigns_is_one_file_for_a_person(app):
    flow.run(app, max_rounds=30)
    (endpoint,) = recall_status.status(app.catalog, app.settings).endpoints
    assert (endpoint.bottleneck, endpoint.finish.waiting_for_person) == (Bottleneck.PERSON, 1)
    assert endpoint.finish.reason.startswith("nothing is left")


def test_a_window_in_which_the_next_run_does_not_fit_waits_for_its_consumers(world, app):
    """A run stays pinned until it is released; the next one is larger than what is free."""
    tape = world.settings.endpoints["tape"]
    flow.run(app, max_rounds=30)
    staging.release(app.catalog, "all")
    flow.run(app, max_rounds=30)
    terms = staging.Terms(name="next", reason="a test")
    staging.request(app.catalog, app.settings, staging.Wanted(query=f"run={RUN + 1}"), terms)
    small = replace(tape, stage_budget=(tape.stage_budget or 0) // 2)
    settings = replace(world.settings, endpoints={**world.settings.endpoints, "tape": small})
    found = recall_status.status(app.catalog, settings)
    (endpoint,) = found.endpoints
    assert endpoint.bottleneck == Bottleneck.CONSUMERS
    assert "nobody has released" in endpoint.sentence
    lines = {line.name: line for line in found.campaigns}
    assert lines["next"].bottleneck == Bottleneck.CONSUMERS
