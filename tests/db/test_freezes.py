"""The freeze switch, on both databases: nothing under a freeze is withdrawn or removed, whoever is at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.db import freezes, look, requests
from catalog.db.engine import Catalog
from catalog.db.freezes import Freeze
from catalog.db.move import Why
from catalog.errors import BadInput, IllegalTransition, NotRegistered
from ddm import flow
from ddm.app import App
from ddm.operations import freezing, trash
from ddm.steps import cleanup, evidence
from ddm.testing.world import World

GRACE = timedelta(days=14)
INPUTS = 8  # two chunks, four products


@pytest.fixture
def world(tmp_path, catalog_url) -> World:
    world = World(tmp_path, runs=1, chunks=2, url=catalog_url)
    products = {
        name: replace(product, grace=GRACE, settle=timedelta(0))
        if hasattr(product, "settle")
        else replace(product, grace=GRACE)
        for name, product in world.settings.products.items()
    }
    world.settings = replace(world.settings, products=products)
    return world


@pytest.fixture
def app(world: World) -> Iterator[App]:
    app = world.open()
    world.register(app)
    yield app
    app.close()


def lines(app: App) -> list[trash.Trashed]:
    return trash.lines(app.catalog, app.settings, 1000)


@contextmanager
def frozen(app: App, endpoint: str | None = None, task: str | None = None) -> Iterator[Freeze]:
    made = freezing.lay(app.catalog, endpoint, task, "wait").freeze
    yield made
    freezing.thaw(app.catalog, [made.id], "go on")


def test_nothing_is_withdrawn_or_removed_while_a_freeze_lies(world, app, monkeypatch):
    """One world from the raw data to an empty trash, for each database: the journey is what takes time."""
    with frozen(app, task="P08") as made:
        assert made.over == "task P08"
        flow.run(app, max_rounds=3000)
        assert lines(app) == []  # nothing is withdrawn
    flow.run(app, max_rounds=3000)
    assert len(lines(app)) == INPUTS
    app.clock.sleep(GRACE + timedelta(hours=1))
    evidence.take(app)  # that of before is too old
    _nothing_is_due(world, app)
    _the_queue_waits(app)
    _what_is_claimed_and_not_sent_goes_back(world, app, monkeypatch)
    with frozen(app, "tape"):  # elsewhere: stops nobody
        assert not any(entry.frozen for entry in lines(app))
        assert cleanup.remove(app) == INPUTS, "no second grace time"
        assert lines(app) == []


def _nothing_is_due(world: World, app: App) -> None:
    before = dict(world.disk.library.files)
    for endpoint, task in (None, None), ("disk", None), (None, "P08"):
        with frozen(app, endpoint, task) as made:
            assert cleanup.remove(app) == 0
            assert world.disk.library.files == before
            assert all(entry.frozen == (made,) for entry in lines(app))
            assert {entry.line.item for entry in lines(app)} == {None}


def _the_queue_waits(app: App) -> None:
    """Removals that were asked for before the freeze stay in the queue."""
    with app.catalog.begin() as conn:
        requests.want_removal(conn, [entry.line.replica_id for entry in lines(app)], app.why())
    with frozen(app):
        assert cleanup.remove(app) == 0
        assert {entry.line.item_state for entry in lines(app)} == {"QUEUED"}


def _what_is_claimed_and_not_sent_goes_back(world: World, app: App, monkeypatch) -> None:
    """The freeze is laid after DELETING was committed, before the storage is called."""
    before = dict(world.disk.library.files)
    claimed = cleanup._claim_removal

    def freeze_then(app, endpoint, items):
        mine = claimed(app, endpoint, items)
        laid = freezing.lay(app.catalog, "disk", None, "stop")
        assert laid.under_way == len(mine[0]) == INPUTS
        return mine

    monkeypatch.setattr(cleanup, "_claim_removal", freeze_then)
    assert cleanup.remove(app) == 0
    monkeypatch.undo()
    assert world.disk.library.files == before
    assert {(entry.line.state, entry.line.item_state) for entry in lines(app)} == {("TRASHED", "QUEUED")}
    freezing.thaw(app.catalog, None, "go on")


def test_a_freeze_waits_for_who_is_deciding_and_is_seen_by_the_next(catalog: Catalog):
    """Between the look at the freezes and the commit none is laid."""
    laid = threading.Event()

    def lay() -> None:
        with Catalog(catalog.engine.url.render_as_string(hide_password=False), clock=catalog.clock) as other:
            freezing.lay(other, None, None, "stop")
        laid.set()

    thread = threading.Thread(target=lay)
    with catalog.begin() as conn:
        freezes.guard(conn)
        assert freezes.standing(conn) == []
        thread.start()
        assert not laid.wait(0.3)
        assert freezes.standing(conn) == []
    assert laid.wait(30)
    thread.join(30)
    with catalog.begin() as conn:
        freezes.guard(conn)
        assert [freeze.over for freeze in freezes.standing(conn)] == ["everything"]


def test_freezes_are_of_persons_with_reasons(catalog: Catalog):
    why = Why(catalog.clock.now(), "shift", "because")
    with catalog.begin() as conn:
        with pytest.raises(BadInput, match="a reason is needed"):
            freezes.lay(conn, None, None, why.because(""))
        with pytest.raises(BadInput, match="two freezes"):
            freezes.lay(conn, "disk", "P08", why)
        for endpoint, task in (("nowhere", None), (None, "nothing")):
            with pytest.raises(BadInput, match="known: none"):
                freezes.lay(conn, endpoint, task, why)
        one, two = freezes.lay(conn, None, None, why), freezes.lay(conn, None, None, why)
        with pytest.raises(NotRegistered, match="no such freeze"):
            freezes.thaw(conn, [one.id, 4711], why)
        assert freezes.thaw(conn, [one.id], why) == [one]
        with pytest.raises(IllegalTransition, match="thawed already"):
            freezes.thaw(conn, [one.id, two.id], why)
        assert freezes.standing(conn) == [two]
        assert freezes.over(conn, [1]) == {}
        past = look.history_of(conn, freezes.NOUN, one.id)
        assert [(entry.event, entry.actor) for entry in past] == [("frozen", "shift"), ("thawed", "shift")]
