"""Asking for event counts: what is asked, kept, put off and given up, and shown; on both databases."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog.db import events, files, schema, schema_events
from catalog.db.events import Scope
from catalog.db.move import Why
from catalog.errors import CatalogBusy, CatalogUnavailable, IllegalTransition, Retry
from catalog.states import EndpointKind, ReplicaState, Role, Witness
from catalog.testing.builders import RUN, Situation
from ddm.events.filling import Filling, Named
from ddm.events.ports import Counted, NotKnown, Trouble
from ddm.settings import EventSettings

A, C = schema_events.event_ask, schema.event_count
SETTINGS = EventSettings(
    per_round=4, max_attempts=3, first_wait=timedelta(minutes=10), longest_wait=timedelta(hours=1)
)


class Source:
    """Answers by LFN; it remembers what it was asked of. What it has no answer for it does not mention."""

    witness = Witness.RAW_CATALOGUE
    products = ("raw",)

    def __init__(self, answers=None, *, at_once=100, reads_files=False):
        self.answers, self.at_once, self.reads_files = answers or {}, at_once, reads_files
        self.calls = []

    def ask(self, asked):
        self.calls.append([file.lfn for file in asked])
        self.last = asked
        found = {}
        for file in asked:
            answer = self.answers.get(file.lfn)
            if isinstance(answer, BaseException):
                raise answer
            if answer is not None:
                found[file.lfn] = answer
        return found

    @property
    def asked(self):
        return [lfn for call in self.calls for lfn in call]


class World:
    def __init__(self, catalog, files_=5):
        self.catalog, self.clock = catalog, catalog.clock
        with catalog.begin() as conn:
            here = Situation(conn, catalog.clock)
            self.here = here
            self.ids = [here.file() for _ in range(files_)]
            query = select(schema.file.c.id, schema.lfn(schema.file).label("lfn"))
            names = {row.id: row.lfn for row in conn.execute(query)}
        self.lfns = [names[key] for key in self.ids]

    def filling(self, *sources, settings=SETTINGS):
        named = [Named(f"s{n}", source, source.products) for n, source in enumerate(sources, 1)]
        return Filling(self.catalog, named, settings, self.clock, random.Random(1))

    def counts(self):
        with self.catalog.read() as conn:
            return files.counts(conn, self.ids)

    def asks(self):
        with self.catalog.read() as conn:
            rows = conn.execute(select(A).order_by(A.c.id)).all()
        return [(row.file_id, row.state, row.attempts, row.code) for row in rows]

    def history(self, key):
        with self.catalog.read() as conn:
            self.here.conn = conn
            return [row.event for row in self.here.history("ask", key)]


@pytest.fixture
def world(catalog):
    return World(catalog)


def by(world, *answers):
    return dict(zip(world.lfns, answers, strict=False))


def test_what_a_source_says_is_kept_with_its_name_and_time(world):
    source = Source(by(world, Counted(10), Counted(0), Counted(30), Counted(40), Counted(50)))
    (done,) = world.filling(source).fill(Scope())
    assert (done.asked, done.counted, done.unknown, done.error) == (5, 5, 0, "")
    assert [world.counts()[key] for key in world.ids] == [{"raw_catalogue": n} for n in (10, 0, 30, 40, 50)]
    with world.catalog.read() as conn:
        row = conn.execute(select(C).limit(1)).one()
    assert (row.said_at, row.said_by) == (world.clock.now(), "tester asking s1")
    assert world.asks() == []
    assert world.filling(source).fill(Scope())[0].asked == 0, "nobody is asked of what is known"


def test_unknown_stays_unknown_and_is_asked_again_less_often_until_it_is_given_up(world):
    source = Source(by(world, NotKnown("not in the list"), Counted(1), Counted(1), Counted(1), Counted(1)))
    filling = world.filling(source)
    filling.fill(Scope())
    assert world.asks() == [(world.ids[0], "WAITING", 1, "not_known")]
    assert filling.fill(Scope())[0].asked == 0, "not before its time"
    world.clock.sleep(timedelta(minutes=11))
    assert filling.fill(Scope())[0].asked == 1
    world.clock.sleep(timedelta(minutes=9))
    assert filling.fill(Scope())[0].asked == 0, "the second wait is longer"
    world.clock.sleep(timedelta(minutes=12))
    (done,) = filling.fill(Scope())
    assert (done.unknown, done.given_up) == (1, 1)
    world.clock.sleep(timedelta(days=99))
    assert filling.fill(Scope())[0].asked == 0
    assert world.asks() == [(world.ids[0], "GIVEN_UP", 3, "not_known")]
    assert world.ids[0] not in world.counts(), "no row, neither 0 nor -1"
    with world.catalog.read() as conn:
        (key,) = conn.execute(select(A.c.id)).scalars()
    assert world.history(key) == ["born", "given_up"]


def test_a_person_may_ask_again_what_was_given_up(world):
    source = Source({lfn: Trouble("no such run", "mad", Retry.NEVER) for lfn in world.lfns})
    filling = world.filling(source)
    assert filling.fill(Scope())[0].given_up == 5
    now = world.clock.now()
    with world.catalog.begin() as conn:
        with pytest.raises(IllegalTransition, match="needs a reason"):
            events.ask_again(conn, Why(now, "shifter"))
        assert events.ask_again(conn, Why(now, "shifter", "mended"), "s9") == 0
        assert events.ask_again(conn, Why(now, "shifter", "mended"), "s1", world.ids[:1]) == 1
        assert events.ask_again(conn, Why(now, "shifter", "mended")) == 4
    source.answers = {lfn: Counted(7) for lfn in world.lfns}
    assert filling.fill(Scope())[0].counted == 5
    assert {state for _, state, _, _ in world.asks()} == {"ANSWERED"}


def test_one_bad_file_never_stops_the_others(world):
    answers = (Counted(-1), Counted(2**63), Trouble("x" * 5000, "odd"), None, Counted(5))
    (done,) = world.filling(Source(by(world, *answers), at_once=2)).fill(Scope())
    assert (done.asked, done.counted, done.trouble, done.unknown) == (5, 1, 3, 1)
    assert [code for _, _, _, code in world.asks()] == ["bad_count", "bad_count", "odd", "not_known"]


def test_a_plugin_that_falls_over_a_file_is_asked_file_by_file(world):
    source = Source(by(world, Counted(1), RuntimeError("oops"), Counted(3), Counted(4), Counted(5)))
    (done,) = world.filling(source).fill(Scope())
    assert (done.counted, done.trouble, done.error) == (4, 1, "")
    assert world.asks() == [(world.ids[1], "WAITING", 1, "source_error")]


def test_a_source_out_of_reach_costs_no_file_an_attempt_and_the_next_source_is_asked(world):
    down = Source({world.lfns[0]: CatalogUnavailable("no listener", subject="oracle")})
    other = Source({lfn: Counted(3) for lfn in world.lfns})
    first, second = world.filling(down, other).fill(Scope())
    assert (first.error, first.asked) == ("no listener (oracle)", 0)
    assert second.counted == 5
    assert world.asks() == []


def test_the_second_source_is_asked_only_of_what_the_first_left(world):
    one = Source(by(world, Counted(1), Counted(2)))
    other = Source({lfn: Counted(3) for lfn in world.lfns})
    world.filling(one, other).fill(Scope())
    assert other.asked == world.lfns[2:]
    world.clock.sleep(timedelta(days=1))
    world.filling(one, other).fill(Scope())
    assert one.asked == world.lfns, "what another answered is not asked again"
    assert {state for _, state, _, _ in world.asks()} == {"ANSWERED"}


def test_a_count_is_never_overwritten(world):
    class Meddler(Source):
        def ask(self, asked):
            with world.catalog.begin() as conn:  # somebody else says so first
                why = Why(world.clock.now(), "importer")
                files.say_events(conn, [(world.ids[0], Witness.RAW_CATALOGUE, 99)], why)
            return super().ask(asked)

    (done,) = world.filling(Meddler({lfn: Counted(1) for lfn in world.lfns})).fill(Scope())
    assert (done.counted, done.trouble, done.given_up) == (4, 1, 1)
    assert world.counts()[world.ids[0]] == {"raw_catalogue": 99}
    assert world.asks() == [(world.ids[0], "GIVEN_UP", 1, "contradiction")]


def test_the_scope_is_a_dataset_a_run_and_the_products_of_the_source(world):
    with world.catalog.begin() as conn:
        here = world.here
        here.conn = conn
        other = here.file(run=RUN + 1)
        here.file(Role.INTERMEDIATE, product="mDST")
        elsewhere = here.file(dataset=here.new_dataset("2016/W15"))
    source = Source()
    filling = world.filling(source)
    assert [plan.fresh for plan in filling.plan(Scope(run=RUN + 1))] == [1]
    filling.fill(Scope(run=RUN + 1))
    filling.fill(Scope(dataset=world.here.dataset, run=RUN))
    assert len(source.asked) == 6
    (plan,) = filling.plan(Scope())
    assert (plan.fresh, plan.due, plan.later, plan.given_up) == (1, 0, 6, 0)
    filling.fill(Scope())
    assert {row[0] for row in world.asks()} == {other, elsewhere, *world.ids}


# ---------------------------------------------------------------------------------- rounds
def test_a_limit_is_a_speed_limit_and_never_a_permanent_skip(catalog):
    world = World(catalog, files_=30)
    source = Source({lfn: Counted(1) for lfn in world.lfns[15:]})  # half of them are never known
    filling = world.filling(source)
    kept = [filling.round() for _ in range(12)]
    assert len(set(source.asked)) == 30
    assert sum(kept) == 15
    assert all(len(call) <= SETTINGS.per_round for call in source.calls)


def test_neither_new_files_nor_old_ones_starve(catalog):
    world = World(catalog, files_=40)
    source = Source()
    filling = world.filling(source, settings=EventSettings(per_round=4, max_attempts=50))
    for _ in range(5):
        filling.round()
    world.clock.sleep(timedelta(days=2))
    before = set(source.asked)
    assert len(before) == 20
    filling.round()
    new = source.calls[-1]
    assert len([lfn for lfn in new if lfn in before]) == 2
    assert len(new) == 4


def test_files_that_come_later_are_found(world):
    source = Source({lfn: Counted(1) for lfn in world.lfns})
    filling = world.filling(source)
    assert [filling.round() for _ in range(3)] == [4, 1, 0]
    with world.catalog.begin() as conn:
        world.here.conn = conn
        key = world.here.file()
    assert filling.round() == 0
    assert world.asks() == [(key, "WAITING", 1, "not_known")]


def test_only_one_asks_at_a_time(world):
    with world.catalog.exclusive("events"), pytest.raises(CatalogBusy):
        world.filling(Source()).fill(Scope())


# ----------------------------------------------------------------------------- reads files
def test_a_source_that_reads_files_is_asked_only_of_those_that_can_be_read(world):
    with world.catalog.begin() as conn:
        here = world.here
        here.conn = conn
        here.replica(world.ids[0], here.disk)
        here.replica(world.ids[1], here.disk, ReplicaState.UNVERIFIED)
        nearline = here.replica(world.ids[2], here.tape)
        staged = here.replica(world.ids[3], here.tape)
        here.set(schema.replica, nearline, locality="NEARLINE")
        here.set(schema.replica, staged, locality="ONLINE_AND_NEARLINE")
        here.replica(world.ids[0], here.row(schema.endpoint, name="eos2", kind=EndpointKind.DISK.value))
    source = Source(by(world, Counted(1), None, None, Counted(4)), at_once=1, reads_files=True)
    assert world.filling(source).plan(Scope())[0].fresh == 2
    (done,) = world.filling(source).fill(Scope())
    assert (done.asked, done.counted) == (2, 2)
    assert source.asked == [world.lfns[0], world.lfns[3]]
    assert [place.endpoint for place in source.last[0].places] == ["tape"]
    assert {state for _, state, _, _ in world.asks()} == {"ANSWERED"}


class Deadly(Source):
    """Kills the process at a file, as a broken decoder does."""

    def ask(self, asked):
        self.calls.append([file.lfn for file in asked])
        if asked[0].lfn in self.answers:
            raise KeyboardInterrupt
        return {asked[0].lfn: Counted(1)}


def test_a_file_that_kills_who_reads_it_is_not_read_for_ever(world):
    with world.catalog.begin() as conn:
        world.here.conn = conn
        for key in world.ids:
            world.here.replica(key, world.here.disk)
    source = Deadly({world.lfns[0]: None}, at_once=1, reads_files=True)
    for attempt in range(1, 4):
        with pytest.raises(KeyboardInterrupt):
            world.filling(source).fill(Scope())
        assert world.asks()[0] == (world.ids[0], "WAITING", attempt, "unheard")
        world.clock.sleep(timedelta(days=1))
    (done,) = world.filling(source).fill(Scope())
    assert (done.counted, done.given_up) == (4, 1)
    assert world.asks()[0][1] == "GIVEN_UP"
    assert source.asked.count(world.lfns[0]) == 3


def test_a_storage_out_of_reach_is_no_attempt_of_a_file(world):
    with world.catalog.begin() as conn:
        world.here.conn = conn
        world.here.replica(world.ids[0], world.here.disk)
    source = Source({world.lfns[0]: CatalogUnavailable("down")}, at_once=1, reads_files=True)
    filling = world.filling(source)
    for _ in range(5):
        assert filling.fill(Scope())[0].error == "down"
    assert world.asks() == [(world.ids[0], "WAITING", 0, "source_failed")]
    source.answers = {world.lfns[0]: Counted(8)}
    assert filling.fill(Scope())[0].counted == 1


# ----------------------------------------------------------------------------------- shown
def test_contradictions_between_witnesses_are_shown_page_by_page(world):
    with world.catalog.begin() as conn:
        why = Why(world.clock.now(), "tester")
        said = [(key, Witness.RAW_CATALOGUE, 10) for key in world.ids]
        said += [(key, Witness.READ, 10 if n < 2 else 9) for n, key in enumerate(world.ids)]
        said += [(world.ids[4], Witness.JOB, 8)]
        files.say_events(conn, said, why)
    with world.catalog.read() as conn:
        first = events.differ(conn, Scope(run=RUN), 2)
        rest = events.differ(conn, Scope(dataset=world.here.dataset), 2, after=first[-1].file_id)
        assert events.differ(conn, Scope(run=RUN + 1), 9) == []
        assert events.differ(conn, Scope(products=("mDST",)), 9) == []
    assert [entry.file_id for entry in first + rest] == world.ids[2:]
    assert rest[0].said == {"job": 8, "raw_catalogue": 10, "read": 9}
    assert first[0].lfn == world.lfns[2]


def test_what_is_not_answered_is_shown_by_cause(world):
    answers = (Trouble("bad line 7", "bad_count"), Trouble("bad line 9", "bad_count"), NotKnown("no"))
    gone = Trouble("gone", "file_missing", Retry.PERSON)
    world.filling(Source(by(world, *answers, gone, Counted(1)))).fill(Scope())
    with world.catalog.read() as conn:
        lines = events.asks(conn, 10)
        assert len(events.asks(conn, 1)) == 1
    assert [(line.state, line.code, line.files) for line in lines] == [
        ("WAITING", "bad_count", 2),
        ("GIVEN_UP", "file_missing", 1),
        ("WAITING", "not_known", 1),
    ]
    assert (lines[0].example, lines[0].reason) == (world.lfns[0], "bad line 7")
