"""The pace of removals: what may go in an hour, whoever removes it, and when the brake stops it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.db import files, freezes, removal_hours
from catalog.db.engine import Catalog
from catalog.db.removal_hours import Budget
from catalog.states import EndpointKind
from ddm import flow
from ddm.app import App
from ddm.operations import freezing, trash
from ddm.steps import cleanup
from ddm.testing.world import World

NOW = datetime(2026, 11, 30, 3, 20, tzinfo=UTC)


@pytest.fixture
def disk(catalog: Catalog) -> int:
    with catalog.begin() as conn:
        return files.ensure_endpoint(conn, "disk", EndpointKind.DISK)


def test_an_hour_takes_so_many_files_and_bytes(catalog, disk):
    budget = Budget(files=5, size=100)

    def take(sizes, now=NOW) -> int:
        with catalog.begin() as conn:
            return removal_hours.take(conn, disk, now, budget, sizes)

    assert take([]) == 0
    assert take([10, 10]) == 2
    assert take([50, 40, 1]) == 1, "70 of 100 bytes are used; what comes behind waits too"
    assert take([10, 10, 10]) == 2, "five files"
    assert take([0]) == 0
    later = NOW + timedelta(minutes=40)
    assert take([1000, 1], later) == 1, "what is larger than any hour goes at the beginning of one"
    with catalog.read() as conn:
        assert [(one.files, one.size) for one in removal_hours.sent(conn, NOW)] == [(5, 90), (1, 1000)]
        assert not removal_hours.left(conn, disk, NOW, budget)
        assert not removal_hours.left(conn, disk, later, budget)
        assert removal_hours.left(conn, disk, later + timedelta(hours=1), budget)


def test_two_processes_share_the_hour(catalog, catalog_url, disk):
    """The second one waits for the first to commit, and sees what it took."""
    took: list[int] = []

    def second() -> None:
        with Catalog(catalog_url, clock=catalog.clock) as other, other.begin() as conn:
            took.append(removal_hours.take(conn, disk, NOW, Budget(5, 100), [1, 1, 1]))

    thread = threading.Thread(target=second)
    with catalog.begin() as conn:
        assert removal_hours.take(conn, disk, NOW, Budget(5, 100), [1, 1, 1]) == 3
        thread.start()
        thread.join(0.3)
        assert not took
    thread.join(30)
    assert took == [2]


def test_what_a_storage_answers_is_counted_over_two_hours(catalog, disk):
    with catalog.begin() as conn:
        assert removal_hours.answered(conn, disk, NOW, 10, 1) == (10, 1)
        assert removal_hours.answered(conn, disk, NOW + timedelta(hours=1), 10, 2) == (20, 3)
        assert removal_hours.answered(conn, disk, NOW + timedelta(hours=2), 10, 0) == (20, 2)
        removal_hours.forget(conn, disk)
        assert removal_hours.answered(conn, disk, NOW + timedelta(hours=2), 1, 1) == (1, 1)


# ------------------------------------------------------------------------------ in a world
@pytest.fixture
def app(tmp_path, request) -> Iterator[App]:
    """Everything is in the trash and past its grace time: 20 files of 5 chunks."""
    world = World(tmp_path, runs=1, chunks=5)
    days = {"grace": timedelta(days=2)}
    products = {name: replace(one, **days) for name, one in world.settings.products.items()}
    release = replace(world.settings.release, **request.param)
    world.settings = replace(world.settings, products=products, release=release)
    app = world.open()
    world.register(app)
    flow.run(app, max_rounds=3000)
    app.clock.sleep(timedelta(days=2, hours=1))
    app.world = world
    yield app
    app.close()


def left(app: App) -> int:
    return len(trash.lines(app.catalog, app.settings, 1000))


@pytest.mark.parametrize("app", [{"files_per_hour": 8}], indirect=True)
def test_the_flow_removes_no_more_than_the_hour_allows(app):
    assert left(app) == 20
    for expected in (12, 4, 0):
        cleanup.remove(app)
        cleanup.remove(app)
        assert left(app) == expected
        app.clock.sleep(timedelta(hours=1))


@pytest.mark.parametrize("app", [{"call": 4, "brake_files": 3}], indirect=True)
def test_the_brake_stops_the_flow_when_files_are_not_there(app):
    """Somebody empties the directory: that is no reason to go on."""
    app.world.disk.library.files.clear()
    cleanup.remove(app)
    with app.catalog.read() as conn:
        (freeze,) = freezes.standing(conn)
    assert freeze.endpoint == "disk"
    assert freeze.made_by.startswith("flow:")
    assert "4 of 4 files were not there" in freeze.reason
    assert left(app) == 16
    assert cleanup.remove(app) == 0
    freezing.thaw(app.catalog, [freeze.id], "it is so: the disk burnt")
    cleanup.remove(app)
    assert left(app) == 12, "the counting begins anew, and stops again"


@pytest.mark.parametrize("app", [{"call": 4, "brake_files": 3}], indirect=True)
def test_a_few_strange_files_and_lost_answers_stop_nobody(app):
    paths = sorted(app.world.disk.library.files)
    gone = [entry.line.path for entry in trash.lines(app.catalog, app.settings, 2)]
    for path in gone:
        del app.world.disk.library.files[path]
    assert paths
    while cleanup.remove(app):
        pass
    assert left(app) == 0
    with app.catalog.read() as conn:
        assert freezes.standing(conn) == []
