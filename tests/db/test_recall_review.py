"""Recall under adverse interleavings: what two processes, a crash or an ill service could make go wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from catalog.db import schema, schema_recall, storms, tally
from ddm import flow
from ddm.operations import staging
from ddm.steps import weather
from ddm.testing.world import World

RUN = 275_678
L, C, I, P, Q = (  # noqa: E741
    schema_recall.lease,
    schema_recall.campaign,
    schema.item,
    schema.pin,
    schema.request,
)


@pytest.fixture
def world(tmp_path, catalog_url):
    """Two runs of five files on tape; nothing but campaigns wants them."""
    world = World(tmp_path, url=catalog_url, runs=2, chunks=5, budget_runs=3)
    world.settings = replace(world.settings, tasks={})
    return world


@pytest.fixture
def app(world):
    app = world.open()
    world.register(app)
    flow.run(app, max_rounds=10)
    yield app
    app.close()


@pytest.fixture
def together(app, dialect):
    """Two processes: only PostgreSQL has them."""
    if dialect != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    return app


def ask(app, name, query="dataset=2016/W14", **terms):
    terms = staging.Terms(name=name, reason="a test", **terms)
    return staging.request(app.catalog, app.settings, staging.Wanted(query=query), terms, confirmed=True)


def states(app, table):
    with app.catalog.read() as conn:
        return sorted(conn.execute(select(table.c.state)).scalars())


def rounds(app, n, pause=timedelta(minutes=10)):
    for _ in range(n):
        app.desk.idle = not any(flow.tick(app).values())
        app.clock.sleep(pause)


class Beside:
    """A transaction in a thread beside ours; ``end`` gives what it gave, or raises what it raised."""

    def __init__(self, catalog: Any, act: Callable[[Any], Any]) -> None:
        self._catalog, self._act, self._error, self._result = catalog, act, None, None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._thread.join(0.5)  # it has ended, or waits for a lock of ours

    def _run(self) -> None:
        try:
            with self._catalog.begin() as conn:
                self._result = self._act(conn)
        except Exception as error:
            self._error = error

    def end(self) -> Any:
        self._thread.join(30)
        assert not self._thread.is_alive()
        if self._error is not None:
            raise self._error
        return self._result


# ----------------------------------------------------------------------------------- storms
def test_two_processes_meet_the_first_failure_at_the_same_time(together):
    app = together
    with app.catalog.begin() as conn:
        weather.heard(app, conn, "tape", bad={"endpoint_busy": 1})
        other = Beside(app.catalog, lambda conn: weather.heard(app, conn, "tape", bad={"endpoint_busy": 1}))
    other.end()
    with app.catalog.read() as conn:
        (row,) = storms.rows(conn, "tape")
    assert row["files"] == 2


def test_a_storm_is_not_forgotten_when_two_processes_hear_of_it(together):
    app = together
    with app.catalog.begin() as conn:
        weather.heard(app, conn, "tape", bad={"endpoint_busy": 1})
    with app.catalog.begin() as conn:
        weather.heard(app, conn, "tape", bad={"endpoint_busy": 1000})
        other = Beside(app.catalog, lambda conn: weather.heard(app, conn, "tape", bad={"endpoint_busy": 1}))
    other.end()
    with app.catalog.read() as conn:
        (row,) = storms.rows(conn, "tape")
        assert weather.causes_of_storms(conn, "tape") == {"endpoint_busy"}
    assert row["files"] == 1002


# ----------------------------------------------------------------------------------- leases
# ----------------------------------------------------------------------------------- services
class Stager:
    """The world's stager with some verbs replaced."""

    def __init__(self, real, **verbs):
        self._real = real
        for name, verb in verbs.items():
            setattr(self, name, verb)

    def __getattr__(self, name):
        return getattr(self._real, name)


def with_stager(app, **verbs):
    tape = app.storages["tape"]
    app.storages = {**app.storages, "tape": replace(tape, stager=Stager(tape.stager, **verbs))}


def test_pins_are_extended_before_their_time_is_over(app):
    ask(app, "one", query=f"run={RUN}")
    rounds(app, 8)
    app.clock.sleep(app.settings.endpoints["tape"].pin_lifetime * 0.8)
    rounds(app, 2)
    with app.catalog.read() as conn:
        assert tally.check(conn) == []
        ends = conn.execute(select(P.c.until)).scalars().all()
    assert states(app, P) == ["ACTIVE"] * 5
    assert min(ends) > app.now + app.settings.endpoints["tape"].pin_lifetime * 0.9


# ----------------------------------------------------------------------------------- the end of a run
