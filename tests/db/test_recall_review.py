"""Recall under adverse interleavings: what two processes, a crash or an ill service could make go wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from catalog.db import campaigns, pins, recall_leases, recalls, schema, schema_recall, storms
from catalog.db.move import move
from catalog.errors import DataManagementError
from catalog.states import CAMPAIGN, RequestKind
from ddm import flow
from ddm.operations import requests, staging
from ddm.steps import weather
from ddm.testing.world import World
from transfers.errors import EndpointUnreachable, UnreadableReply

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
        assert weather.causes_of_storms(app, conn, "tape") == {"endpoint_busy"}
    assert row["files"] == 1002


# ----------------------------------------------------------------------------------- leases
def test_a_campaign_that_was_canceled_while_it_was_filled_gets_no_leases(app, monkeypatch):
    add = recall_leases.add

    def canceled_first(conn, campaign, *others):
        with suppress(Exception):
            move(conn, CAMPAIGN, [campaign.id], "canceled", app.why("changed our mind"))
        return add(conn, campaign, *others)

    monkeypatch.setattr(recall_leases, "add", canceled_first)
    with pytest.raises(DataManagementError, match="CANCELED"):
        ask(app, "one")
    assert states(app, L) == []


def test_a_lease_that_is_being_renewed_does_not_lapse(together):
    app = together
    ask(app, "one", lifetime=timedelta(days=1))
    app.clock.sleep(timedelta(days=2))
    with app.catalog.begin() as conn:
        (part,) = campaigns.all_named(conn, "one")
        assert recall_leases.renew(conn, part.id, app.now + timedelta(days=1)) == 10
        other = Beside(app.catalog, lambda conn: recall_leases.lapse(conn, app.now, 100, app.why("over")))
    assert other.end() == []
    assert states(app, L) == ["WANTED"] * 10


def test_leases_are_renewed_while_files_arrive(together):
    app = together
    ask(app, "one", query=f"run={RUN}")
    with app.catalog.read() as conn:
        (part,) = campaigns.all_named(conn, "one")
        replicas = list(conn.execute(select(L.c.replica_id)).scalars())
    with app.catalog.begin() as conn:
        recall_leases.serve(conn, replicas[:1], app.why())
        other = Beside(app.catalog, lambda conn: recall_leases.renew(conn, part.id, app.now))
        campaigns.count_recalled(conn, {part.id: (1, 10)})
    assert other.end() == 5


def test_a_campaign_whose_file_is_evicted_meanwhile_is_not_done(together):
    app = together
    ask(app, "one", query=f"run={RUN}")
    rounds(app, 8)
    with app.catalog.begin() as conn:  # not finished yet
        conn.execute(update(C).values(state="OPEN"))
    with app.catalog.begin() as conn:
        pin = conn.execute(select(P.c.id)).scalars().first()
        assert pins.lost(conn, [pin], app.why("evicted")) == 1
        other = Beside(app.catalog, lambda conn: campaigns.finish(conn, app.now, app.why()))
    other.end()
    with app.catalog.read() as conn:
        (part,) = campaigns.all_named(conn, "one")
    assert states(app, L).count("WANTED") == 1
    assert part.state == "OPEN"


def test_a_lease_served_while_the_last_other_reader_left_gets_its_file_again(together):
    app = together
    ask(app, "one", query=f"run={RUN}")
    rounds(app, 8)
    with app.catalog.begin() as conn:
        (part,) = campaigns.all_named(conn, "one")
        ended = recall_leases.release(conn, recall_leases.live_leases(conn, part.id), app.why("done"))
        assert pins.leave(conn, ended, app.why()) == 5
        ask(app, "two", query=f"run={RUN}")  # it still sees the pins
    rounds(app, 12)
    with app.catalog.read() as conn:
        (part,) = campaigns.all_named(conn, "two")
        leases = campaigns.standing(conn, [part.id])[part.id].files
        assert recalls.load(conn, "tape").pinned_files == 5
    assert leases == {"ACTIVE": 5}


def test_two_requests_learn_the_places_of_the_same_files(together):
    from catalog.db import schema_meta

    app = together
    K, M, F = schema_meta.meta_key, schema_meta.file_meta, schema.file  # noqa: N806
    from catalog.db import places

    with app.catalog.begin() as conn:
        names = list(K.c.keys())
        assert "name" in names
        for key, name, type_ in ((1, places.TAPE_KEY, "text"), (2, places.POSITION_KEY, "int")):
            values = {"id": key, "name": name}
            for column in K.c:
                if column.name not in values and not column.nullable and column.server_default is None:
                    values[column.name] = app.now if column.name.endswith("_at") else type_
            conn.execute(K.insert().values(**values))
        for file in conn.execute(select(F.c.id)).scalars().all():
            for key, value in ((1, {"text_value": "V1"}), (2, {"int_value": file})):
                values = {"file_id": file, "key_id": key, **value}
                for column in M.c:
                    if column.name not in values and not column.nullable and column.server_default is None:
                        values[column.name] = app.now if column.name.endswith("_at") else ""
                conn.execute(M.insert().values(**values))
    with app.catalog.begin() as conn:
        places.learn(conn, F.c.id > 0)
        other = Beside(app.catalog, lambda conn: places.learn(conn, F.c.id > 0))
    other.end()
    with app.catalog.read() as conn:
        assert len(conn.execute(select(schema_recall.tape_place.c.tape)).all()) == 10


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


def test_a_request_that_can_never_be_read_times_out_too(world, app):
    ask(app, "one", query=f"run={RUN}")
    calls = []

    def poll(token, paths):
        calls.append(token)
        if token == calls[0]:
            raise UnreadableReply("the answer about this request is rubbish")
        return app_stager.poll(token, paths)

    app_stager = app.storages["tape"].stager
    with_stager(app, poll=poll)
    rounds(app, 40, pause=app.settings.endpoints["tape"].stage_timeout / 8)
    assert states(app, L) == ["ACTIVE"] * 5


def test_a_recall_that_cannot_be_taken_back_is_released_when_it_comes(world, app):
    ask(app, "one", query=f"run={RUN}")
    flow.tick(app)
    assert states(app, I) == ["SUBMITTED"] * 5
    staging.cancel(app.catalog, "one", "changed our mind")

    def cancel(token, paths):
        raise EndpointUnreachable("try later")

    with_stager(app, cancel=cancel)
    rounds(app, 30)
    assert states(app, I) == ["DONE"] * 5
    assert states(app, P) == ["RELEASED"] * 5


def test_an_evicted_copy_is_not_asked_for_at_every_round_of_renewal(world, app):
    app.settings = replace(app.settings, recall=replace(app.settings.recall, look_after=timedelta(days=1000)))
    ask(app, "one", query=f"run={RUN}")
    rounds(app, 8)
    assert states(app, P) == ["ACTIVE"] * 5
    asked = []
    real = app.storages["tape"].stager

    def stage(orders):
        asked.extend(order.path for order in orders)
        return real.stage(orders)

    app.clock.sleep(app.settings.endpoints["tape"].pin_lifetime * 0.8)
    world.tape.evict(world.raw[0].lfn)
    with_stager(app, stage=stage)
    rounds(app, 20, pause=timedelta(seconds=1))
    assert asked.count(world.raw[0].lfn) == 2  # to extend the pin, and the recall
    rounds(app, 10)
    assert states(app, L) == ["ACTIVE"] * 5


# ----------------------------------------------------------------------------------- the end of a run
def test_the_flow_ends_while_the_next_run_waits_for_consumers(world, app):
    tape = app.settings.endpoints["tape"]
    with_small = replace(tape, stage_budget=int((tape.stage_budget or 0) / 3 * 1.3))
    app.settings = replace(app.settings, endpoints={**app.settings.endpoints, "tape": with_small})
    ask(app, "one")
    outcome = flow.run(app, max_rounds=300)
    assert outcome.rounds < 300
    assert states(app, L) == ["ACTIVE"] * 5 + ["WANTED"] * 5


def test_a_process_forgets_the_requests_that_others_poll(together):
    app = together
    ask(app, "one", query=f"run={RUN}")
    flow.tick(app)
    assert states(app, I) == ["SUBMITTED"] * 5
    assert not app.desk.requests


def test_a_resumed_recall_has_all_its_tries_again(app):
    ask(app, "one", query=f"run={RUN}")
    flow.tick(app)
    with app.catalog.begin() as conn:
        conn.execute(update(I).values(state="HELD", tries=1000, attempts=3))
        ids = list(conn.execute(select(I.c.id)).scalars())
    requests.resume(app.catalog, RequestKind.STAGE, ids, "mended")
    with app.catalog.read() as conn:
        assert set(conn.execute(select(I.c.tries)).scalars()) == {0}
