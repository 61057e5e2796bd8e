"""Holds, on both databases: of what they are, until when, and that none is made unseen by who decides."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import insert

from catalog.db import holds, schema, schema_merge
from catalog.db.holds import Kept
from catalog.db.move import Why
from catalog.errors import BadInput, IllegalTransition, NotRegistered
from catalog.states import DatasetState, GroupState, HoldScope, ReplicaState, Role
from catalog.testing.builders import RUN, Situation
from ddm.operations import holds as operations
from ddm.operations.holds import Wanted


@pytest.fixture
def there(catalog):
    """A situation that is committed when the test leaves it."""
    with catalog.begin() as conn:
        yield Situation(conn, catalog.clock)


def held(situation, files, later=timedelta(0)):
    """Which of the files are held, by how many."""
    found = holds.over(situation.conn, files, situation.now + later)
    return {file: len(words) for file, words in found.items()}


def test_nothing_is_held_without_a_hold(there):
    assert held(there, [there.file(), there.file()]) == {}


def test_each_scope_is_of_its_files_only(there):
    other = there.new_dataset("P08/mDST/chunks", DatasetState.OPEN)
    strange = there.new_dataset("P08x/mDST/chunks", DatasetState.OPEN)
    raw = there.file()
    chunk = there.file(Role.INTERMEDIATE, run=RUN + 1, dataset=other)
    stranger = there.file(Role.INTERMEDIATE, run=RUN + 1, dataset=strange)
    every = [raw, chunk, stranger]
    cases = (
        (Kept(HoldScope.FILES, files=(chunk,)), [chunk]),
        (Kept(HoldScope.RUN, run=RUN), [raw]),
        (Kept(HoldScope.RUN, run=RUN + 1), [chunk, stranger]),
        (Kept(HoldScope.RUN, run=RUN + 1, dataset=other), [chunk]),
        (Kept(HoldScope.DATASET, dataset=there.dataset), [raw]),
        (Kept(HoldScope.TASK, task=there.task), [raw, chunk]),
    )
    for kept, wanted in cases:
        key = holds.add(there.conn, kept, None, there.why)
        assert held(there, every) == dict.fromkeys(wanted, 1), kept
        (line,) = holds.lines(there.conn, ids=[key])
        assert line.files == len(wanted)
        holds.lift(there.conn, [key], there.why)
        assert held(there, every) == {}


def test_what_merges_of_a_task_took_and_made_is_the_tasks_whatever_its_dataset(there):
    elsewhere = there.new_dataset("imported", DatasetState.OPEN)
    member = there.file(Role.INTERMEDIATE, dataset=elsewhere)
    output = there.file(Role.FINAL, dataset=elsewhere)
    there.group([member], GroupState.ARCHIVED, output)
    holds.add(there.conn, Kept(HoldScope.TASK, task=there.task), None, there.why)
    assert held(there, [member, output]) == {member: 1, output: 1}


def test_a_merged_file_of_several_runs_is_of_each_of_them(there):
    output = there.file(Role.FINAL, run=RUN)
    group = there.group([], GroupState.ARCHIVED, output)
    there.conn.execute(insert(schema_merge.group_run).values(group_id=group, run=RUN + 7))
    holds.add(there.conn, Kept(HoldScope.RUN, run=RUN + 7), None, there.why)
    assert held(there, [output]) == {output: 1}


def test_files_that_come_later_are_held_too(there):
    there.file()
    holds.add(there.conn, Kept(HoldScope.DATASET, dataset=there.dataset), None, there.why)
    late = there.file()
    assert held(there, [late]) == {late: 1}


def test_a_hold_ends_at_its_time_and_not_before(there):
    file = there.file()
    holds.add(there.conn, Kept(HoldScope.FILES, files=(file,)), there.now + timedelta(days=1), there.why)
    assert held(there, [file], timedelta(days=1) - timedelta(seconds=1)) == {file: 1}
    assert held(there, [file], timedelta(days=1)) == {}


def test_every_hold_is_said_in_words(there):
    file = there.file()
    until = there.now + timedelta(days=1)
    first = holds.add(there.conn, Kept(HoldScope.FILES, files=(file,)), until, there.why.because("a look"))
    second = holds.add(there.conn, Kept(HoldScope.RUN, run=RUN), None, there.why.because("a study"))
    words = holds.over(there.conn, [file], there.now)[file]
    assert words == (
        f"tester keeps it until {until:%Y-%m-%d %H:%M} UTC (hold {first}): a look",
        f"tester keeps it (hold {second}): a study",
    )


def test_holds_that_would_be_none_are_refused(there):
    file = there.file()
    kept = Kept(HoldScope.FILES, files=(file,))
    with pytest.raises(BadInput, match="reason"):
        holds.add(there.conn, kept, None, Why(there.now, "tester", " "))
    with pytest.raises(BadInput, match="over already"):
        holds.add(there.conn, kept, there.now, there.why)
    with pytest.raises(BadInput, match="no file"):
        holds.add(there.conn, Kept(HoldScope.RUN, run=1), None, there.why)


def test_a_hold_is_lifted_once_and_stays_in_the_book(there):
    file = there.file()
    key = holds.add(there.conn, Kept(HoldScope.FILES, files=(file,)), None, there.why)
    with pytest.raises(NotRegistered):
        holds.lift(there.conn, [key, key + 1], there.why)
    assert held(there, [file]) == {file: 1}, "all or none"
    holds.lift(there.conn, [key], Why(there.now, "somebody", "done"))
    with pytest.raises(IllegalTransition, match="somebody"):
        holds.lift(there.conn, [key], there.why)
    (line,) = holds.lines(there.conn)
    assert (line.lifted_by, line.lifted_for, line.holds_at(there.now)) == ("somebody", "done", False)
    assert [row.event for row in there.history("hold", key)] == ["made", "lifted"]
    assert holds.lines(there.conn, at=there.now) == []


def test_whoever_makes_a_hold_hears_what_is_too_late(catalog):
    with catalog.begin() as conn:
        there = Situation(conn, catalog.clock)
        for state in (ReplicaState.AVAILABLE, ReplicaState.TRASHED, ReplicaState.DELETING):
            there.replica(there.file(), there.disk, state)
    done = operations.add(catalog, Wanted(run=RUN), "6 months", "a study")
    assert (done.trashed, done.going, done.hold.files) == (1, 1, 3)
    assert done.hold.until is not None
    assert (done.hold.until.month - done.hold.made_at.month) % 12 == 6


@pytest.mark.parametrize(
    "wanted", [Wanted(), Wanted(run=RUN, task="P08"), Wanted(("x",), RUN), Wanted(dataset="a", task="P08")]
)
def test_a_hold_is_of_one_thing(catalog, wanted):
    with catalog.begin() as conn:
        Situation(conn, catalog.clock).new_dataset("a")
    with pytest.raises(BadInput, match="name files"):
        operations.add(catalog, wanted, None, "x")


@pytest.mark.parametrize("dialect", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_a_hold_waits_for_who_decides_and_then_sees_what_was_done(catalog):
    """On PostgreSQL two decide at the same time: whoever removes has asked for holds before, or is seen.
    (SQLite has one writer at a time.)"""
    with catalog.begin() as conn:
        there = Situation(conn, catalog.clock)
        file = there.file()
        replica = there.replica(file, there.disk, ReplicaState.TRASHED)
    heard: list[operations.Added] = []
    maker = threading.Thread(target=lambda: heard.append(operations.add(catalog, Wanted(run=RUN), None, "x")))
    with catalog.begin() as conn:
        assert holds.over(conn, [file], catalog.clock.now()) == {}
        maker.start()
        maker.join(0.3)
        assert maker.is_alive(), "it waits"
        conn.execute(schema.replica.update().where(schema.replica.c.id == replica).values(state="DELETING"))
    maker.join(20)
    assert [(done.trashed, done.going) for done in heard] == [(0, 1)]
