"""Requests of copies that a service makes: by label until they are settled, by token until they are over."""

from __future__ import annotations

from datetime import timedelta

from catalog.db import copies, recalls, requests, schema
from catalog.model import OpenItem
from catalog.states import ItemState, ReplicaState, RequestKind
from catalog.testing.builders import Situation

LATER = timedelta(hours=1)


def asked(here: Situation, count: int = 2) -> tuple[copies.CopyRequest, list[OpenItem]]:
    """A request of so many copies to tape that is being asked for."""
    for _ in range(count):
        file = here.file()
        source = here.replica(file, here.disk)
        target = here.replica(file, here.tape, ReplicaState.COPYING)
        requests.want(here.conn, RequestKind.COPY, [(here.tape, target)], here.why, [source])
    queue = requests.queued(here.conn, RequestKind.COPY, here.now, 100)
    request, _, mine = requests.claim(
        here.conn, RequestKind.COPY, "tape", [item.id for item in queue], here.why
    )
    assert len(mine) == count
    return copies.one(here.conn, request), copies.of_request(here.conn, request, ItemState.SUBMITTING)


class CopyRules:
    """What ``catalog.db.copies`` promises."""

    def test_what_is_being_asked_for_is_found_with_its_label(self, here: Situation) -> None:
        request, items = asked(here)
        (found,) = copies.unsettled(here.conn, "tape", here.now, 10, service="fts")
        assert found == request
        assert found.label.startswith(f"copy-{request.id} of 20")
        assert [item.source and item.source[0] for item in items] == ["disk", "disk"]
        assert copies.unsettled(here.conn, "disk", here.now, 10, service="fts") == []

    def test_a_restart_leaves_it_with_its_request(self, here: Situation) -> None:
        request, items = asked(here)
        assert requests.unheard(here.conn, here.why, keep_copies_to=[here.tape]) == {}
        assert copies.of_request(here.conn, request.id, ItemState.SUBMITTING) == items
        assert requests.unheard(here.conn, here.why, keep_copies_to=[here.disk]) == {"copy": 2}
        assert copies.unsettled(here.conn, "tape", here.now, 10, service="fts") == []

    def test_accepted_is_polled_by_its_token_and_not_as_a_recall(self, here: Situation) -> None:
        request, items = asked(here)
        first, second = (item.id for item in items)
        moved = copies.accepted(here.conn, request.id, "job1 job2", [first], here.now, here.why)
        assert moved == [first]
        assert copies.held_by(here.conn, request.id, [first, second]) == {first}
        (due,) = copies.polls_due(here.conn, "tape", here.now, 10, service="fts")
        assert (due.id, due.token) == (request.id, "job1 job2")
        assert recalls.polls_due(here.conn, "tape", here.now, 10) == []
        assert len(copies.unsettled(here.conn, "tape", here.now, 10, service="fts")) == 1
        copies.poll_again(here.conn, {request.id: here.now + LATER}, here.now)
        assert copies.polls_due(here.conn, "tape", here.now, 10, service="fts") == []
        assert len(copies.polls_due(here.conn, "tape", here.now + LATER, 10, service="fts")) == 1
        copies.poll_again(here.conn, {request.id: None}, here.now)
        assert copies.polls_due(here.conn, "tape", here.now + 2 * LATER, 10, service="fts") == []

    def test_an_empty_token_does_not_take_the_place_of_another(self, here: Situation) -> None:
        request, items = asked(here)
        copies.accepted(here.conn, request.id, "job1", [items[0].id], here.now, here.why)
        copies.accepted(here.conn, request.id, "", [], here.now, here.why)
        assert copies.one(here.conn, request.id).token == "job1"

    def test_what_is_not_known_is_asked_again_later(self, here: Situation) -> None:
        _, items = asked(here)
        copies.ask_again(here.conn, [items[0].id], here.now + LATER, ("storage_timeout", "no answer"))
        row = here.get(schema.item, items[0].id)
        assert (row.state, row.code, row.tries) == ("SUBMITTING", "storage_timeout", 2)
        assert len(copies.unsettled(here.conn, "tape", here.now, 10, service="fts")) == 1, "the other one"
        copies.ask_again(here.conn, [items[1].id], here.now + LATER, ("storage_timeout", "no answer"))
        assert copies.unsettled(here.conn, "tape", here.now, 10, service="fts") == []
        assert len(copies.unsettled(here.conn, "tape", here.now + LATER, 10, service="fts")) == 1

    def test_landed_are_those_that_are_no_more_copying(self, here: Situation) -> None:
        file = here.file()
        there = here.replica(file, here.tape, ReplicaState.UNVERIFIED)
        coming = here.replica(here.file(), here.tape, ReplicaState.COPYING)
        assert copies.landed(here.conn, [there, coming]) == {there}
        assert copies.landed(here.conn, []) == set()
