"""Two at once: who asks whether copies may go holds what the answer rests on until his transaction ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import DBAPIError

from catalog.clock import SimulatedClock
from catalog.db import people, releasing
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why, move
from catalog.states import CHECK, GROUP, REPLICA
from catalog.testing.builders import Archived, Situation
from catalog.testing.releasing import MERGED, RULES

pytestmark = pytest.mark.postgresql


@pytest.fixture
def catalog(postgresql_server, postgresql_template) -> Iterator[Catalog]:
    name = postgresql_server.lend(postgresql_template)
    with Catalog(postgresql_server.url(name), clock=SimulatedClock(), actor="tester") as catalog:
        yield catalog
    postgresql_server.give_back(name)


@pytest.fixture
def all_well(catalog: Catalog) -> Archived:
    """A copy that is withdrawn, and may go."""
    with catalog.begin() as conn:
        here = Situation(conn, catalog.clock)
        made = here.archived()
        assert releasing.withdraw(conn, [made.replica], MERGED, RULES, here.why).replicas == (made.replica,)
        return made


def why(catalog: Catalog) -> Why:
    return Why(catalog.clock.now(), "anna", "at the same moment")


def _tape_lost(conn: Connection, it: Archived, reason: Why) -> None:
    move(conn, REPLICA, [it.tape], "missing", reason)


def _group_differs(conn: Connection, it: Archived, reason: Why) -> None:
    move(conn, GROUP, [it.group], "found_to_differ", reason)


def _check_differs(conn: Connection, it: Archived, reason: Why) -> None:
    move(conn, CHECK, [it.check], "found_to_differ", reason)


def _restored(conn: Connection, it: Archived, reason: Why) -> None:
    people.restore(conn, [it.member], reason)


CHANGES = {
    "the archive is lost": _tape_lost,
    "a recount differs": _group_differs,
    "a waiver falls": _check_differs,
    "a person restores it": _restored,
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_the_answer_rests_on_stays_until_the_removal_is_marked(
    what: str, catalog: Catalog, all_well: Archived
) -> None:
    with catalog.begin() as conn:
        assert releasing.ask_again(conn, [all_well.replica], RULES, why(catalog)).allowed
        with catalog.begin() as other:
            other.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
            with pytest.raises(DBAPIError, match="lock timeout"):
                CHANGES[what](other, all_well, why(catalog))
            other.rollback()


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_that_was_first_is_seen(what: str, catalog: Catalog, all_well: Archived) -> None:
    """The question waits for whoever is changing what it rests on; a copy in other hands is left alone."""
    answers: list[releasing.Asked] = []

    def ask() -> None:
        with catalog.begin() as conn:
            answers.append(releasing.ask_again(conn, [all_well.replica], RULES, why(catalog)))

    thread = threading.Thread(target=ask)
    with catalog.begin() as conn:
        CHANGES[what](conn, all_well, why(catalog))
        thread.start()
        if what == "a person restores it":
            thread.join(30)
    thread.join(30)
    (answer,) = answers
    assert not answer.allowed
    assert answer.busy or answer.refused
