"""Copies to tape by a service: whatever crashes, gets lost or forgets, each is asked for and made once."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from catalog.db import requests, schema
from catalog.db.engine import Connection
from catalog.db.move import Why, move
from catalog.states import ITEM, RequestKind
from catalog.testing import facts
from ddm import explain, flow, summary
from ddm.operations import archive as archive_view
from ddm.operations.requests import resume
from ddm.testing.crash import Stopped, StoppingSeam, When
from tests.faults.conftest import Begin
from tests.faults.journeys import Journey, differences
from tests.faults.test_crash_everywhere import Undisturbed, crash_at, stopped_and_started_anew
from transfers.model import TransferOrder, TransferReceipt
from transfers.testing.faults import Probabilities, faulty
from transfers.testing.transferservice import TransferService


def service_of(journey: Journey) -> TransferService:
    assert journey.world.service is not None
    return journey.world.service


def once(journey: Journey) -> bool:
    """Was every copy asked for and made once?"""
    service = service_of(journey)
    return bool(service.moved) and {*service.moved.values()} == {*service.asked.values()} == {1}


_UNDISTURBED: list[Undisturbed] = []


def undisturbed_by(begin: Begin) -> Undisturbed:
    """The journey through a service without a fault: made once."""
    if not _UNDISTURBED:
        _UNDISTURBED.append(Undisturbed(begin(runs=1, chunks=2, transfers=True)))
    return _UNDISTURBED[0]


def test_a_service_makes_the_copies_and_the_end_is_the_same(begin: Begin) -> None:
    by_itself = Undisturbed(begin(runs=1, chunks=2))
    journey = begin(runs=1, chunks=2, transfers=True)
    by_service = Undisturbed(journey)
    assert {"tape.submit", "tape.poll_transfers"} <= set(by_service.names)
    assert "tape.copy" not in by_service.names
    assert differences(by_itself.end, by_service.end) == []
    assert once(journey)


def test_a_crash_around_any_call_to_the_service_changes_nothing(begin: Begin) -> None:
    journeys: list[Journey] = []

    def anew() -> Journey:
        journeys.append(begin(runs=1, chunks=2, transfers=True))
        return journeys[-1]

    undisturbed = undisturbed_by(begin)
    asking, looking = (undisturbed.names.index(name) + 1 for name in ("tape.submit", "tape.poll_transfers"))
    for stop in (asking, looking + 1):
        assert crash_at([stop], undisturbed, anew) == []
        assert all(once(journey) for journey in journeys[-2:])


def test_a_restart_that_forgets_the_label_would_be_noticed(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seeded break: what was being asked for goes back to the queue, and gets another label."""
    undisturbed = undisturbed_by(begin)
    monkeypatch.setattr(requests, "unheard", lambda conn, why, keep_copies_to: forget_labels(conn, why))
    journey = begin(runs=1, chunks=2, transfers=True)
    stop = undisturbed.names.index("tape.submit") + 1
    for _ in stopped_and_started_anew(journey, undisturbed, stop, When.AFTER):
        pass
    assert not once(journey)


def forget_labels(conn: Connection, why: Why) -> dict[str, int]:
    """What is being asked for goes back to the queue."""
    i = schema.item
    asked = conn.execute(select(i.c.id).where(i.c.state == "SUBMITTING", i.c.kind == "copy")).scalars()
    return {"copy": len(move(conn, ITEM, list(asked), "unheard", why, next_try_at=why.at))}


@pytest.mark.parametrize("seed", range(2, 4))
def test_lost_replies_and_strange_answers(begin: Begin, seed: int) -> None:
    undisturbed = undisturbed_by(begin)
    journey = begin(runs=1, chunks=2, transfers=True)
    rng = random.Random(seed)
    whole = journey.world.storages()
    bad = Probabilities(unreachable=0.2, reply_lost=0.3, unknown=0.2, forgotten=0.2)
    transferrer = faulty(whole["tape"], bad, rng).transferrer
    storages = {**whole, "tape": replace(whole["tape"], transferrer=transferrer)}
    outcome = journey.go(storages=storages, max_rounds=100)
    assert (outcome.held, outcome.pending) == (0, 0)
    assert journey.violations() == []
    assert differences(undisturbed.end, journey.end()) == []
    assert once(journey)


def until_submitted(journey: Journey) -> Any:
    """A program that has just asked the service, and its rounds."""
    app = journey.world.open()
    journey.world.register(app)
    flow.recover(app)
    for _ in range(200):
        flow.tick(app)
        if service_of(journey).asked:
            return app
        journey.world.clock.sleep(timedelta(minutes=35))
    raise AssertionError("nothing was ever archived")


def test_a_request_that_the_service_forgets_is_made_anew(begin: Begin) -> None:
    journey = begin(runs=1, chunks=2, transfers=True)
    app = until_submitted(journey)
    service = service_of(journey)
    for token in list(service._requests):
        service.forget(token)
    app.close()
    outcome = journey.go()
    assert (outcome.held, outcome.pending) == (0, 0)
    assert journey.violations() == []
    assert set(service.moved.values()) == {1}


def test_a_copy_that_the_service_does_not_see_on_tape_is_looked_after_by_us(begin: Begin) -> None:
    undisturbed = undisturbed_by(begin)
    journey = begin(runs=1, chunks=2, transfers=True)
    service_of(journey).tape_refused = True
    outcome = journey.go()
    assert (outcome.held, outcome.pending) == (0, 0)
    assert journey.violations() == []
    assert differences(undisturbed.end, journey.end()) == []
    assert once(journey)


def test_what_is_with_the_service_is_shown(begin: Begin) -> None:
    journey = begin(runs=1, chunks=2, transfers=True)
    app = until_submitted(journey)
    copying = [one for one in _replicas(journey) if (one.state, one.endpoint) == ("COPYING", "tape")]
    lfn = copying[0].lfn
    told = explain.explain(app.catalog, lfn)
    facts_told = " ".join(f"{name}: {value}" for name, value in told.facts)
    assert "copy SUBMITTED" in facts_told
    assert "transfer:copy-" in facts_told
    assert any("the service has the copy since" in block.why for block in told.blocks)
    (line,) = summary.copy_lines(summary.summarize(app.catalog, app.now).copies, app.now)
    assert re.search(r"Copies to tape: \d+ \(.*\) are with the service, the oldest for 0:00:00", line)
    stages = {stage for line in archive_view.status(app.catalog).products for stage in line.stages}
    assert "copying" in stages
    app.close()


def _replicas(journey: Journey) -> Sequence[facts.ReplicaFact]:
    with journey.guard.catalog.read() as conn:
        return facts.replicas(conn)


def test_trouble_while_asking_is_shown_and_settled(begin: Begin) -> None:
    journey = begin(runs=1, chunks=2, transfers=True)
    whole = journey.world.storages()
    silent = faulty(whole["tape"], Probabilities(reply_lost=1.0), random.Random(1)).transferrer
    app = journey.world.open(storages={**whole, "tape": replace(whole["tape"], transferrer=silent)})
    journey.world.register(app)
    for _ in range(200):
        flow.tick(app)
        if service_of(journey).asked:
            break
        journey.world.clock.sleep(timedelta(minutes=35))
    (trouble,) = archive_view.status(app.catalog).troubles
    assert (trouble.state, trouble.code) == ("SUBMITTING", "storage_timeout")
    assert "not known whether" in trouble.reason
    app.close()
    assert journey.go().held == 0
    assert once(journey)


class TakenOver:
    """A service during whose answer another process takes the items over."""

    def __init__(self, inner: TransferService, app: Any) -> None:
        self.inner, self.app = inner, app
        self.cancelled: list[str] = []

    def submit(self, orders: Sequence[TransferOrder], *, label: str) -> TransferReceipt:
        receipt = self.inner.submit(orders, label=label)
        with self.app.catalog.begin() as conn:
            found = forget_labels(conn, self.app.why("taken over"))
        assert found["copy"] == len(orders)
        return receipt

    def poll(self, asked: Any) -> Any:
        return self.inner.poll(asked)

    def cancel(self, token: str, paths: Sequence[str]) -> Any:
        self.cancelled += paths
        return self.inner.cancel(token, paths)


def test_what_another_process_took_over_meanwhile_is_cancelled(begin: Begin) -> None:
    journey = begin(runs=1, chunks=2, transfers=True)
    app = journey.world.open()
    journey.world.register(app)
    service = TakenOver(service_of(journey), app)
    tape = replace(app.storages["tape"], transferrer=service)
    app.storages = {**app.storages, "tape": tape}  # type: ignore[misc]
    for _ in range(200):
        flow.tick(app)
        if service.cancelled:
            break
        journey.world.clock.sleep(timedelta(minutes=35))
    assert set(service.cancelled) == set(service_of(journey).asked)
    app.close()
    outcome = journey.go()
    assert (outcome.held, outcome.pending) == (0, 0)
    assert set(service_of(journey).moved.values()) == {1}


def test_an_endpoint_without_the_service_again(begin: Begin) -> None:
    """What a service was asked for when the setting was taken away is not copied by anybody else before a
    person has seen to it: there would be two writers for one destination."""
    journey = begin(runs=1, chunks=2, transfers=True)
    until_submitted(journey).close()
    service, journey.world.service = service_of(journey), None
    outcome = journey.go()
    assert outcome.held == len(service.asked) > 0
    assert {one.state for one in _replicas(journey) if one.path in service.asked} == {"COPYING"}
    app = journey.world.open()
    (trouble,) = archive_view.status(app.catalog).troubles
    assert trouble.code == "writer_unknown"
    assert "its service was asked for it (request 'copy-" in trouble.reason
    assert "its id: transfer:copy-" in trouble.reason
    service.run()  # it did go on
    assert set(service.moved.values()) == {1}
    resume(app.catalog, RequestKind.COPY, None, "its jobs are over")
    app.close()
    outcome = journey.go()
    assert (outcome.held, outcome.pending) == (0, 0)
    assert journey.violations() == []
    with journey.guard.catalog.read() as conn:
        h = schema.history
        adopted = conn.execute(select(h.c.noun).where(h.c.reason.like("adopted: %"))).scalars()
        assert set(adopted) == {"item", "replica"}


def test_a_crash_while_asking_and_another_service_after_it(begin: Begin) -> None:
    """The label was committed, and nobody knows whether it was heard: the next service is not asked."""
    undisturbed = undisturbed_by(begin)
    journey = begin(runs=1, chunks=2, transfers=True)
    stop = undisturbed.names.index("tape.submit") + 1
    with pytest.raises(Stopped):
        journey.go(StoppingSeam(stop, When.AFTER))
    world = journey.world
    tape = replace(world.settings.endpoints["tape"], transfer="other", transfer_options={"endpoint": "x"})
    world.settings = replace(world.settings, endpoints={**world.settings.endpoints, "tape": tape})
    asked = set(service_of(journey).asked)
    outcome = journey.go()
    assert outcome.held == len(asked) > 0
    assert set(service_of(journey).asked.values()) == {1}
