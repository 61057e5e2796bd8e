"""Several programs at a time with one catalogue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import func, select

from catalog.db import jobs, requests, schema
from catalog.db.engine import Catalog, insert_many, new_ids
from catalog.db.move import TABLES, Why
from catalog.states import ITEM, JobState, RequestKind
from catalog.testing.builders import Situation

DEADLINE = 60.0  # seconds


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do everything in a thread each; their answers in order, or the first trouble."""
    answers: dict[int, Any] = {}
    troubles: list[BaseException] = []

    def do(number: int, work: Callable[[], Any]) -> None:
        try:
            answers[number] = work()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the test
            troubles.append(error)

    threads = [threading.Thread(target=do, args=pair, daemon=True) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    if troubles:
        raise troubles[0]
    assert len(answers) == len(works), "a thread waits for ever"
    return [answers[number] for number in range(len(works))]


class ConcurrencyRules:
    """Ids are unique, and what one program claims no other has."""

    many_writers = False
    """Whether this database lets several transactions write at a time."""

    def test_new_ids_are_unique_whoever_asks(self, catalog: Catalog) -> None:
        def register(name: str) -> list[int]:
            found: list[int] = []
            for n in range(10):
                with catalog.begin() as conn:
                    ids = new_ids(conn, schema.endpoint, 5)
                    rows = [{"id": key, "name": f"{name}-{n}-{key}", "kind": "disk"} for key in ids]
                    insert_many(conn, schema.endpoint, rows)
                found += ids
            return found

        found = [*chain(*at_once(*(partial(register, name) for name in "abc")))]
        assert len(set(found)) == len(found) == 150

    def test_every_table_with_ids_gives_new_ones(self, here: Situation) -> None:
        tables = {*TABLES.values(), schema.file, schema.request, schema.certificate, schema.endpoint}
        for table in sorted(tables | {schema.task, schema.gap, schema.history}, key=lambda one: one.name):
            known = set(here.conn.execute(select(table.c.id)).scalars())
            ids = new_ids(here.conn, table, 3)
            assert len(set(ids)) == 3
            assert known.isdisjoint(ids)

    def test_two_that_claim_the_same_items_share_none(self, catalog: Catalog) -> None:
        with catalog.begin() as conn:
            here = Situation(conn, catalog.clock)
            items = [here.item(here.replica(here.file(), here.tape)) for _ in range(30)]

        def claim() -> list[int]:
            with catalog.begin() as conn:
                why = Why(catalog.clock.now(), "worker")
                return requests.claim(conn, RequestKind.STAGE, "tape", items, why)[2]

        found = at_once(claim, claim, claim)
        assert sorted(chain(*found)) == items
        with catalog.read() as conn:
            said = schema.history.c
            query = select(func.sum(said.last_id - said.noun_id + 1)).where(said.noun == ITEM.noun)
            assert conn.execute(query).scalar() == 30

    def test_two_that_ask_at_the_same_time_are_given_different_jobs(self, catalog: Catalog) -> None:
        with catalog.begin() as conn:
            here = Situation(conn, catalog.clock)
            ready = [here.job([here.file()], JobState.READY) for _ in range(6)]
        why, task = here.why, here.task
        both_asked = threading.Barrier(2 if self.many_writers else 1, timeout=DEADLINE)

        def take() -> list[int]:
            with catalog.begin() as conn:
                asked = jobs.submittable(conn, [task], 3)
                both_asked.wait()  # both transactions are open now
                return jobs.claim(conn, asked, why)

        one, other = at_once(take, take)
        assert sorted(one + other) == ready
        assert len(one) == len(other) == 3

    def test_a_reader_does_not_wait_for_a_writer(self, catalog: Catalog) -> None:
        def read() -> int:
            with catalog.read() as conn:
                return int(conn.execute(select(func.count()).select_from(schema.endpoint)).scalar_one())

        with catalog.begin() as conn:
            Situation(conn, catalog.clock)
            assert at_once(read) == [0]
        assert read() == 2
