"""Events of every run by grouped questions, on both databases: few, whatever the number of chunks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from catalog.db.engine import Catalog
from ddm.operations import counting
from ddm.testing.world import World
from tests.bench import period as filling
from tests.bench.period import EVENTS, Filling

RUNS, CHUNKS = 3, 4
GROWING = (
    *("member", "merge_group", "evidence", "cross_check", "job_input", "job", "certified", "certificate"),
    *("replica", "parent", "event_count", "file", "task", "dataset", "endpoint", "directory"),
)


@pytest.fixture(autouse=True)
def _parts_of_a_run(monkeypatch):
    monkeypatch.setattr(filling, "PART", CHUNKS)


@pytest.fixture
def settings(tmp_path):
    world = World(tmp_path)
    products = {name: replace(one, settle=timedelta(0)) for name, one in world.settings.products.items()}
    return replace(world.settings, products=products)


def fill(catalog: Catalog, runs: int = RUNS) -> None:
    with catalog.begin() as conn:
        Filling(conn, runs * CHUNKS, CHUNKS).fill()
        conn.exec_driver_sql("INSERT INTO job_input (job_id, position, file_id) SELECT id, 0, id FROM job")


def do(catalog: Catalog, *statements: str) -> None:
    with catalog.begin() as conn:
        for one in statements:
            assert conn.exec_driver_sql(one).rowcount > 0


def test_every_tier_of_a_period_that_is_over(catalog, settings):
    fill(catalog)
    found = counting.count(catalog, settings, period="P08")
    assert (found.tasks, found.differences) == (("P08",), 0)
    (raw,) = [one for one in found.totals if one.product == "raw"]
    assert raw.raw.events == RUNS * CHUNKS * EVENTS
    mdst = [line for line in found.lines if line.product == "mDST"]
    assert [line.processed.events for line in mdst] == [CHUNKS * EVENTS] * RUNS


def every(line):
    return (*line.explained, *line.differences)


def told(found):
    lines = [line for line in found.lines if line.product == "mDST"]
    return [(getattr(one, "cause", "difference"), one.events) for line in lines for one in every(line)]


def test_chunks_without_a_job_and_held_ones_are_explained_with_their_events(catalog, settings):
    fill(catalog)
    first = "(SELECT min(id) FROM file WHERE role = 'raw')"
    lost = f"(SELECT file_id FROM parent WHERE parent_id = {first})"
    do(
        catalog,
        f"DELETE FROM job_input WHERE file_id = {first}",
        f"DELETE FROM member WHERE file_id IN {lost}",
        f"UPDATE file SET retired_at = registered_at WHERE id IN {lost}",
        "UPDATE job SET state = 'HELD' WHERE id = (SELECT max(id) FROM job)",
    )
    (cause, *rest) = told(counting.count(catalog, settings, run=275_000))
    assert cause == ("not processed", EVENTS)
    assert rest == [("difference", -EVENTS)]  # the merged file still holds them
    assert ("held", EVENTS) in told(counting.count(catalog, settings, run=275_000 + RUNS - 1))


def test_files_in_no_part_are_under_way(catalog, settings):
    fill(catalog)
    one = "(SELECT min(f.id) FROM file f WHERE f.product = 'mDST' AND f.role = 'intermediate')"
    do(catalog, f"DELETE FROM member WHERE file_id = {one}")
    assert ("under way", EVENTS) in told(counting.count(catalog, settings, run=275_000))


def test_events_that_processes_share_are_said_while_they_are_not_through(catalog, settings):
    fill(catalog)
    do(
        catalog,
        "INSERT INTO event_range (id, task_id, file_id, start, stop, state, since, lease, attempts) "
        "SELECT 1, 1, min(id), 0, 100, 'PLANNED', min(registered_at), 0, 0 FROM file WHERE role = 'raw'",
    )
    found = counting.count(catalog, settings, run=275_000)
    texts = [one.text for line in found.lines if line.product == "mDST" for one in line.explained]
    assert texts == ["100 events are in ranges that processes are not through with"]


def test_it_takes_as_many_statements_for_many_chunks_as_for_few(catalog, settings):
    asked = []
    event.listen(catalog.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    counts = []
    for runs in (1, 4):
        with catalog.begin() as conn:
            for table in GROWING:
                conn.exec_driver_sql(f"DELETE FROM {table}")
        fill(catalog, runs)
        asked.clear()
        counting.count(catalog, settings)
        counts.append(len(asked))
    assert counts[0] == counts[1] < 25
