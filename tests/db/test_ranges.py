"""Ranges of events: claimed once, kept alive, finished for good, taken from the silent; on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update

from catalog import ranges as pure
from catalog.db import engine, ranges, schema, schema_events
from catalog.db.heartbeats import Beat, Sender
from catalog.db.move import Why
from catalog.errors import BadInput, ConflictingRegistration, IllegalTransition, NotRegistered
from catalog.states import JobState, RangeState, Witness
from catalog.testing.builders import RUN, Situation

E, H = schema_events.event_range, schema_events.heartbeat
SECOND = timedelta(seconds=1)


@pytest.fixture
def here(catalog):
    with catalog.begin() as conn:
        yield Situation(conn, catalog.clock)


class Shared:
    """A file of 100 events, and a job at work on it."""

    def __init__(self, here, parts=4, events=100, state=JobState.RUNNING):
        self.here, self.conn, self.why = here, here.conn, here.why
        self.file = here.file()
        here.events(self.file, Witness.RAW_CATALOGUE, events)
        self.job = here.job([self.file], state)
        if parts:
            self.plan(parts)

    def plan(self, parts):
        return ranges.plan(self.conn, self.here.task, {self.file: parts}, self.why)

    def claim(self, *processes):
        return ranges.claim(self.conn, self.job, processes, self.why)

    def state(self, key):
        return self.here.get(E, key).state

    def at(self, key):
        query = select(H.c.processed_up_to).where(H.c.range_id == key)
        return self.conn.execute(query).scalar()

    def beat(self, *beats, after=0):
        return ranges.heartbeat(self.conn, beats, self.here.now + after * SECOND)

    def reassign(self, before, max_attempts=5):
        return ranges.reassign(
            self.conn,
            self.here.now + before * SECOND,
            Why(self.here.now + before * SECOND, "tester"),
            max_attempts=max_attempts,
        )


@pytest.fixture
def shared(here):
    return Shared(here)


def codes(refused):
    return [entry.code for entry in refused]


# ---------------------------------------------------------------------------------- plan
def test_a_plan_is_made_once_and_the_second_time_it_is_the_same(shared):
    assert shared.plan(4) == ranges.Planned(added=0, same=4)
    (line,) = ranges.progress(shared.conn, shared.here.task)
    assert (line.ranges, line.planned, line.events, line.events_processed) == (4, 4, 100, 0)
    assert ranges.uncovered(shared.conn, shared.here.task, RUN) == []


def test_another_plan_for_a_file_that_has_ranges_is_refused(shared):
    with pytest.raises(ConflictingRegistration, match="in more than one range"):
        shared.plan(3)
    assert len(ranges.progress(shared.conn, shared.here.task)) == 1


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([(0, 60), (50, 100)], "events 50 to 59 are in more than one range, of 100"),
        ([(0, 50), (60, 100)], "events 50 to 59 are in no range, of 100"),
        ([(0, 101)], "events 100 to 100 are beyond the end of the file"),
        ([(-1, 100)], "no range of events: from -1 up to 100"),
        ([(0, 2**63)], "no range of events"),
        ([(50, 50), (0, 100)], "no range of events: from 50 up to 50"),
        ([(0, 100), (0, 100)], "in more than one range"),
        ([], "events 0 to 99 are in no range"),
    ],
)
def test_ranges_that_do_not_cover_the_file_exactly_once_are_refused(here, spans, said):
    shared = Shared(here, parts=0)
    with pytest.raises(BadInput, match=said):
        ranges.plan_spans(here.conn, here.task, {shared.file: spans}, here.why)
    assert here.conn.execute(select(E.c.id)).all() == []


def test_a_file_nobody_knows_the_events_of_or_nobody_knows_has_no_ranges(here):
    file = here.file()
    with pytest.raises(BadInput, match="nobody knows its number of events"):
        ranges.plan(here.conn, here.task, {file: 2}, here.why)
    with pytest.raises(NotRegistered, match="no such file"):
        ranges.plan(here.conn, here.task, {999_999: 2}, here.why)
    with pytest.raises(NotRegistered, match="no such task"):
        ranges.plan(here.conn, 999_999, {file: 2}, here.why)
    elsewhere = here.file(dataset=here.new_dataset("2016/W15"))
    here.events(elsewhere, Witness.READ, 5)
    with pytest.raises(BadInput, match="not in the dataset that the task reads"):
        ranges.plan(here.conn, here.task, {elsewhere: 2}, here.why)


def test_the_file_itself_is_trusted_before_the_catalogue(here):
    shared = Shared(here, parts=0, events=100)
    here.events(shared.file, Witness.READ, 90)
    shared.plan(1)
    assert here.conn.execute(select(E.c.stop)).scalars().all() == [90]


def test_a_file_without_events_has_no_ranges(here):
    shared = Shared(here, parts=3, events=0)
    assert shared.claim("a") == []


# --------------------------------------------------------------------------------- claim
def test_every_process_gets_a_range_of_its_own_in_order(shared):
    claims = shared.claim("n1:1", "n1:2", "n1:3")
    assert [(claim.start, claim.stop, claim.process, claim.lease) for claim in claims] == [
        (0, 25, "n1:1", 1),
        (25, 50, "n1:2", 1),
        (50, 75, "n1:3", 1),
    ]
    assert [claim.start for claim in shared.claim("n2:1", "n2:2")] == [75]
    assert shared.claim("n3:1") == []
    row = shared.here.get(E, claims[1].range_id)
    assert (row.state, row.job_id, row.process, row.attempts) == ("RUNNING", shared.job, "n1:2", 1)
    said = shared.here.history("range", claims[1].range_id)[-1]
    assert (said.event, said.reason) == ("claimed", f"n1:2 of job {shared.job}")


def test_jobs_that_share_a_file_share_its_ranges(shared):
    other = shared.here.job([shared.file], JobState.SUBMITTING)
    stranger = shared.here.job([shared.here.file()], JobState.RUNNING)
    elsewhere = shared.here.job([shared.file], JobState.RUNNING, task=shared.here.new_task("P09"))
    first = ranges.claim(shared.conn, other, ["a"], shared.why)
    assert [claim.start for claim in [*first, *shared.claim("b")]] == [0, 25]
    assert ranges.claim(shared.conn, stranger, ["c"], shared.why) == []
    assert ranges.claim(shared.conn, elsewhere, ["d"], shared.why) == []


@pytest.mark.parametrize("state", [state for state in JobState if state not in ("SUBMITTING", "RUNNING")])
def test_a_job_that_is_not_at_work_claims_nothing(here, state):
    shared = Shared(here, state=state)
    with pytest.raises(IllegalTransition, match=f"is {state}"):
        shared.claim("a")


def test_nobody_and_nameless_claim_nothing(shared):
    with pytest.raises(NotRegistered, match="no such job"):
        ranges.claim(shared.conn, 999_999, ["a"], shared.why)
    for name in ("", " ", "a\nb"):
        with pytest.raises(BadInput, match="needs a name"):
            shared.claim(name)
    assert shared.claim() == []


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "a'b", "ü$.[0]"])
def test_any_printable_name_is_kept_as_it_is(shared, name):
    (claim,) = shared.claim(name)
    assert shared.here.get(E, claim.range_id).process == name


# ---------------------------------------------------------------------------- heartbeats
def test_heartbeats_are_taken_many_at_once(shared):
    a, b = shared.claim("a", "b")
    assert shared.beat(Beat(a.range_id, 1, 10), Beat(b.range_id, 1, 30), after=2) == []
    assert (shared.at(a.range_id), shared.at(b.range_id)) == (10, 30)
    assert len(shared.here.history("range", a.range_id)) == 2, "born and claimed: heartbeats leave no history"


def test_progress_never_shrinks_but_a_late_heartbeat_is_a_sign_of_life(shared):
    (a,) = shared.claim("a")
    shared.beat((a.range_id, 1, 20), after=1)
    assert shared.beat((a.range_id, 1, 5), after=9) == []
    assert shared.at(a.range_id) == 20
    assert shared.reassign(9) == ranges.Reassigned(0, 0)


def test_of_two_heartbeats_for_a_range_in_one_call_the_further_counts(shared):
    (a,) = shared.claim("a")
    assert shared.beat((a.range_id, 1, 20), (a.range_id, 1, 7)) == []
    assert shared.at(a.range_id) == 20


@pytest.mark.parametrize(
    ("lease", "up_to", "code"),
    [
        (1, 26, "beyond"),
        (1, 2**63, "beyond"),
        (1, -1, "beyond"),
        (2, 5, "lease_lost"),
        (0, 5, "lease_lost"),
        (2**40, 5, "lease_lost"),
    ],
)
def test_a_heartbeat_that_cannot_be_is_refused_and_the_others_are_taken(shared, lease, up_to, code):
    a, b = shared.claim("a", "b")
    assert codes(shared.beat((a.range_id, lease, up_to), (b.range_id, 1, 30))) == [code]
    assert (shared.at(a.range_id), shared.at(b.range_id)) == (0, 30)


@pytest.mark.parametrize("key", [0, -5, 999_999, 2**63, 10**30])
def test_a_range_that_is_not_there_is_refused(shared, key):
    assert codes(shared.beat((key, 1, 1))) == ["unknown_range"]
    assert codes(ranges.finish(shared.conn, [Beat(key, 1, 1)], shared.why)) == ["unknown_range"]


def test_the_database_holds_that_nobody_goes_beyond_the_range(shared):
    from sqlalchemy.exc import IntegrityError

    (a,) = shared.claim("a")
    with pytest.raises(IntegrityError), shared.conn.begin_nested():
        shared.conn.execute(update(H).where(H.c.range_id == a.range_id).values(processed_up_to=26))


# --------------------------------------------------------------------------------- ends
def test_a_finished_range_is_final(shared):
    (a,) = shared.claim("a")
    assert ranges.finish(shared.conn, [Beat(a.range_id, 1, 25)], shared.why) == []
    assert shared.state(a.range_id) == RangeState.DONE
    assert ranges.finish(shared.conn, [Beat(a.range_id, 1, 25)], shared.why) == [], "said twice is said"
    assert codes(shared.beat((a.range_id, 1, 25))) == ["finished_already"]
    assert shared.reassign(10**6) == ranges.Reassigned(0, 0)
    assert ranges.void(shared.conn, shared.here.task, [shared.file], shared.why) == 3
    assert shared.state(a.range_id) == RangeState.DONE
    assert [row.event for row in shared.here.history("range", a.range_id)] == ["born", "claimed", "finished"]


def test_a_range_is_finished_only_up_to_its_end_and_by_its_lease(shared):
    a, b = shared.claim("a", "b")
    done = [Beat(a.range_id, 1, 24), Beat(b.range_id, 2, 50)]
    assert codes(ranges.finish(shared.conn, done, shared.why)) == ["unfinished", "lease_lost"]
    assert {shared.state(a.range_id), shared.state(b.range_id)} == {RangeState.RUNNING}
    assert codes(ranges.finish(shared.conn, [Beat(a.range_id, 1, 26)], shared.why)) == ["beyond"]


def test_what_is_given_back_is_begun_anew_by_another(shared):
    (a,) = shared.claim("a")
    shared.beat((a.range_id, 1, 20))
    assert ranges.give_back(shared.conn, [Beat(a.range_id, 1, 20)], shared.why, max_attempts=5) == []
    (again,) = shared.claim("b")
    assert (again.range_id, again.lease, shared.at(a.range_id)) == (a.range_id, 2, 0)


# --------------------------------------------------------------------------------- silent
def test_a_silent_process_loses_its_range_and_is_refused_when_it_comes_back(shared):
    a, b = shared.claim("a", "b")
    shared.beat((a.range_id, 1, 20), after=1)
    shared.beat((b.range_id, 1, 40), after=30)
    (silent,) = ranges.stale(shared.conn, shared.here.now + 30 * SECOND)
    assert (silent.range_id, silent.process, silent.processed_up_to) == (a.range_id, "a", 20)
    assert shared.reassign(30) == ranges.Reassigned(1, 0)
    assert codes(shared.beat((a.range_id, 1, 21))) == ["not_running"]
    (again,) = shared.claim("c")
    assert (again.range_id, again.lease) == (a.range_id, 2)
    assert codes(shared.beat((a.range_id, 1, 21))) == ["lease_lost"]
    assert codes(ranges.finish(shared.conn, [Beat(a.range_id, 1, 25)], shared.why)) == ["lease_lost"]
    assert codes(ranges.give_back(shared.conn, [Beat(a.range_id, 1, 2)], shared.why, max_attempts=9)) == [
        "lease_lost"
    ]
    assert ranges.finish(shared.conn, [Beat(a.range_id, 2, 25)], shared.why) == []
    fell = next(row for row in shared.here.history("range", a.range_id) if row.event == "fell_silent")
    assert fell.reason == "lease 1 at event 20, silent for 29 s"


def test_a_range_that_silences_everybody_waits_for_a_person(shared):
    for _ in range(3):
        (a,) = shared.claim("a")
        assert a.start == 0
        found = shared.reassign(100, max_attempts=3)
    assert found == ranges.Reassigned(0, 1)
    assert shared.state(a.range_id) == RangeState.HELD
    assert [claim.start for claim in shared.claim("a")] == [25], "the others go on"
    with pytest.raises(IllegalTransition, match="needs a reason"):
        ranges.resume(shared.conn, None, Why(shared.here.now, "shifter"))
    assert ranges.resume(shared.conn, None, shared.why) == [a.range_id]
    (again,) = shared.claim("b")
    assert (again.start, again.lease) == (0, 4)
    assert shared.reassign(100, max_attempts=3) == ranges.Reassigned(2, 0), "the count begins anew"


def test_void_ranges_make_room_for_another_plan_around_what_is_finished(shared):
    (a,) = shared.claim("a")
    ranges.finish(shared.conn, [Beat(a.range_id, 1, 25)], shared.why)
    (b,) = shared.claim("b")
    ranges.void(shared.conn, shared.here.task, [shared.file], shared.why)
    assert codes(shared.beat((b.range_id, 1, 30))) == ["not_running"]
    (flawed,) = ranges.uncovered(shared.conn, shared.here.task, RUN)
    assert flawed.flaws == (pure.Uncovered(25, 100, pure.Flaw.MISSING),)
    rest = {shared.file: [(25, 60), (60, 100)]}
    assert ranges.plan_spans(shared.conn, shared.here.task, rest, shared.why).added == 2
    assert ranges.uncovered(shared.conn, shared.here.task, RUN) == []


# ------------------------------------------------------------------------------- covering
def test_a_run_is_processed_once_every_event_is_in_one_finished_range(shared):
    for claim in shared.claim(*"abcd"):
        (found,) = ranges.uncovered(shared.conn, shared.here.task, RUN, finished=True)
        assert (found.file_id, found.flaws[0].start) == (shared.file, claim.start)
        ranges.finish(shared.conn, [Beat(claim.range_id, 1, claim.stop)], shared.why)
    assert ranges.uncovered(shared.conn, shared.here.task, RUN, finished=True) == []
    (line,) = ranges.progress(shared.conn, shared.here.task, RUN)
    assert (line.finished, line.events_finished, line.events_processed) == (4, 100, 100)


def test_a_count_that_changes_after_the_plan_is_seen(shared):
    shared.here.events(shared.file, Witness.READ, 103)
    (found,) = ranges.uncovered(shared.conn, shared.here.task, RUN)
    assert (found.events, [str(flaw) for flaw in found.flaws]) == (103, ["events 100 to 102 are in no range"])
    shared.conn.execute(schema.event_count.delete())
    (found,) = ranges.uncovered(shared.conn, shared.here.task, RUN)
    assert (found.events, found.flaws) == (None, ())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 20),
    st.lists(st.tuples(st.integers(0, 15), st.integers(1, 8), st.booleans()), max_size=6),
)
def test_the_check_of_the_database_is_that_of_the_pure_function(here, events, drawn):
    here.conn.execute(E.delete())
    here.conn.execute(schema.event_count.delete())
    file = here.file()
    here.events(file, Witness.RAW_CATALOGUE, events)
    spans = {start: (start, start + length, done) for start, length, done in drawn}.values()
    rows = [
        {
            "task_id": here.task,
            "file_id": file,
            "start": start,
            "stop": stop,
            "since": here.now,
            "state": "DONE" if done else "PLANNED",
        }
        for start, stop, done in spans
    ]
    if rows:
        here.conn.execute(insert(E), rows)
    for finished in (False, True):
        wanted = pure.uncovered(events, [(a, b) for a, b, done in spans if done or not finished])
        found = ranges.uncovered(here.conn, here.task, RUN, finished=finished)
        assert [flaw for entry in found for flaw in entry.flaws] == (wanted if rows else [])


# -------------------------------------------------------------------------------- sending
def committed(catalog):
    with catalog.begin() as conn:
        shared = Shared(Situation(conn, catalog.clock))
        return shared.claim("a", "b")


def test_a_sender_sends_and_others_see_it(catalog):
    a, b = committed(catalog)
    catalog.clock.sleep(5 * SECOND)
    with Sender(catalog) as sender:
        assert sender.send([Beat(a.range_id, 1, 3), Beat(b.range_id, 1, 26)]) == []
        with catalog.read() as conn:
            assert sorted(conn.execute(select(H.c.processed_up_to)).scalars()) == [3, 26]
            assert set(conn.execute(select(H.c.heard_at)).scalars()) == {catalog.clock.now()}
        assert codes(sender.send([Beat(a.range_id, 9, 3)])) == ["lease_lost"]
    sender.close()


def test_only_heartbeats_may_be_lost(catalog, dialect, monkeypatch):
    """What the sender's connection was told stays with it: no other commit is less than durable."""
    show = "PRAGMA synchronous" if dialect == "sqlite" else "SHOW synchronous_commit"
    if dialect == "postgresql":
        with catalog.begin() as conn:
            conn.execute(text(f"ALTER DATABASE {catalog.engine.url.database} SET synchronous_commit TO on"))
    monkeypatch.setattr(engine, "SYNCHRONOUS", "FULL")  # as outside of tests
    catalog.engine.dispose()
    with catalog.engine.connect() as conn:
        before = conn.execute(text(show)).scalar()
    assert before in (2, "on")
    a, _ = committed(catalog)
    with Sender(catalog) as sender:
        sender.send([Beat(a.range_id, 1, 3)])
        assert sender._conn.execute(text(show)).scalar() in (1, "off")
    for _ in range(3):
        with catalog.engine.connect() as conn:
            assert conn.execute(text(show)).scalar() == before


def test_a_sender_connects_anew_after_trouble(catalog):
    a, _ = committed(catalog)
    with Sender(catalog) as sender:
        sender.send([Beat(a.range_id, 1, 3)])
        sender._conn.connection.dbapi_connection.close()
        with pytest.raises(Exception, match="clos"):
            sender.send([Beat(a.range_id, 1, 4)])
        assert sender.send([Beat(a.range_id, 1, 5)]) == []


@pytest.mark.postgresql
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_heartbeat_touches_no_index(catalog):
    """All are HOT updates, which is what makes thousands a second bearable."""
    a, b = committed(catalog)
    with catalog.engine.connect() as conn:
        options = conn.execute(text("SELECT reloptions FROM pg_class WHERE relname = 'heartbeat'")).scalar()
    assert options == ["fillfactor=50"]
    with Sender(catalog) as sender:
        for up_to in range(200):
            sender.send([Beat(a.range_id, 1, up_to % 25), Beat(b.range_id, 1, 25 + up_to % 25)])
    with catalog.engine.connect() as conn:
        conn.execute(text("SELECT pg_stat_clear_snapshot()"))
        seen = conn.execute(
            text("SELECT pg_relation_size('heartbeat') AS bytes, pg_relation_size('pk_heartbeat') AS keys")
        ).one()
    assert seen.bytes <= 2 * 8192
    assert seen.keys <= 2 * 8192


def test_many_agents_at_once_never_share_a_range(catalog):
    """Claims, ends and reassignments of several threads: every range is finished once, by its last lease."""
    with catalog.begin() as conn:
        shared = Shared(Situation(conn, catalog.clock), parts=60, events=600)
    finished, lock = [], threading.Lock()

    def agent(number):
        with Sender(catalog) as sender:
            for turn in count():
                with catalog.begin() as conn:
                    claims = ranges.claim(conn, shared.job, [f"{number}:1", f"{number}:2"], shared.why)
                if not claims:
                    return
                sender.send([Beat(claim.range_id, claim.lease, claim.start + 1) for claim in claims])
                later = catalog.clock.now() + SECOND
                if turn % 3 == 0 and turn < 30:  # a sweeper that takes everybody for dead
                    with catalog.begin() as conn:
                        ranges.reassign(conn, later, shared.why, max_attempts=10**6, limit=3)
                done = [Beat(claim.range_id, claim.lease, claim.stop) for claim in claims]
                with catalog.begin() as conn:
                    refused = {entry.range_id for entry in ranges.finish(conn, done, shared.why)}
                with lock:
                    finished.extend(beat[:2] for beat in done if beat.range_id not in refused)

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(agent, number) for number in range(4)]:
            future.result(timeout=120)
    agent(5)  # what a sweeper freed when the others had gone
    assert len(finished) == len({key for key, _ in finished}) == 60
    with catalog.read() as conn:
        assert ranges.uncovered(conn, shared.here.task, RUN, finished=True) == []
        leases = dict(conn.execute(select(E.c.id, E.c.lease)).all())
        assert conn.execute(select(H.c.range_id)).all() == []
    assert dict(finished) == leases
