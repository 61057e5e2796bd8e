"""The disk buffer of the simulated tape library: room, evictions, waiting and refusing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.checksum import Adler32
from catalog.states import Locality
from transfers.backends.tapelibrary import Doing, LibrarySettings, TapeLibrary
from transfers.errors import QuotaExceeded
from transfers.model import Done, Failed, Pending, StageOrder

SUM = Adler32(7)
NAMES = "abcdefgh"


def library(size, **settings):
    machine = {"drives": 1, "mount": 10, "unmount": 5, "seek": 0, "rate": 100, "archive_delay": 60}
    made = TapeLibrary(LibrarySettings(buffer_size=size, **(machine | settings)))
    made.add_many(((f"/{name}", 100, SUM) for name in NAMES), now=0)
    return made


def stage(tapes, names, now=0.0, lifetime=1000):
    orders = [StageOrder(f"/{name}", 100, timedelta(seconds=lifetime)) for name in names]
    return tapes.stage(orders, now)


def online(tapes, now):
    return "".join(n for n in NAMES if tapes.observe(f"/{n}", now).locality.readable)


def code(outcome):
    assert isinstance(outcome, Failed), outcome
    return outcome.code


def test_a_recall_waits_for_room_until_somebody_releases():
    tapes = library(200)
    token = stage(tapes, "abc").token
    assert online(tapes, 100) == "ab"
    assert tapes.poll(token, "/c", 100) == Pending()
    assert tapes.drives[0].doing is Doing.WAITING
    assert tapes.counters.full == 1
    tapes.release(token, "/a", 100)
    assert tapes.poll(token, "/c", 101) == Done()
    assert tapes.counters.evictions == 0


def test_a_recall_waits_for_room_until_a_hold_lapses():
    tapes = library(200)
    stage(tapes, "ab", lifetime=50)
    token = stage(tapes, "c", now=1).token
    assert tapes.poll(token, "/c", 61.9) == Pending()
    assert tapes.poll(token, "/c", 62) == Done()
    assert online(tapes, 62) == "bc"
    assert tapes.counters.evictions == 1


def test_a_cancelled_recall_lets_its_drive_go():
    tapes = library(100)
    stage(tapes, "a", lifetime=1e6)
    token = stage(tapes, "b").token
    tapes.advance(100)
    tapes.cancel(token, "/b", 100)
    assert tapes.drives[0].doing is Doing.NOTHING


def test_what_was_used_least_recently_is_evicted_first():
    tapes = library(300)
    stage(tapes, "abc", lifetime=1)
    tapes.advance(100)
    assert tapes.readable("/a", 101) == (100, SUM)
    stage(tapes, "d", now=102)
    assert online(tapes, 200) == "acd"
    stage(tapes, "e", now=201)
    assert online(tapes, 300) == "ade"
    assert tapes.counters.evictions == 2


def test_lapsed_holds_cost_nothing_while_there_is_room():
    tapes = library(300)
    stage(tapes, "ab", lifetime=1)
    assert online(tapes, 1e6) == "ab"


def test_a_file_that_is_held_again_is_not_evicted():
    tapes = library(200)
    stage(tapes, "ab", lifetime=1)
    tapes.advance(100)
    stage(tapes, "a", now=100)
    stage(tapes, "c", now=101)
    assert online(tapes, 200) == "ac"


def test_written_files_need_room_until_they_are_on_tape():
    tapes = library(200)
    for name in "xy":
        tapes.add_to_buffer(f"/{name}", 100, SUM, now=0)
    with pytest.raises(QuotaExceeded):
        tapes.add_to_buffer("/z", 1, SUM, now=1)
    assert "/z" not in tapes.files
    token = stage(tapes, "a", now=2).token
    assert tapes.poll(token, "/a", 59) == Pending()
    assert tapes.poll(token, "/a", 61) == Done()
    assert tapes.observe("/x", 61).locality is Locality.NEARLINE
    tapes.add_to_buffer("/z", 100, SUM, now=62)
    assert tapes.observe("/y", 62).locality is Locality.NEARLINE


def test_a_removed_file_gives_its_room_back():
    tapes = library(100)
    tapes.add_to_buffer("/x", 100, SUM, now=0)
    token = stage(tapes, "a").token
    tapes.remove("/x", 20)
    assert tapes.poll(token, "/a", 21) == Done()
    tapes.remove("/a", 21)
    assert tapes.buffer.used == 0


def test_a_file_removed_while_it_is_read_gives_its_room_back():
    tapes = library(100)
    stage(tapes, "a")
    tapes.advance(10.5)
    tapes.remove("/a", 10.5)
    tapes.advance(100)
    assert tapes.buffer.used == 0


def test_a_file_larger_than_the_buffer_is_refused():
    tapes = library(99)
    assert code(stage(tapes, "a").outcomes["/a"]) == "quota_exceeded"


def test_a_full_buffer_may_refuse_what_it_has_no_room_for():
    tapes = library(250, when_full="refuse")
    receipt = stage(tapes, "abc", lifetime=50)
    assert receipt.outcomes["/b"] == Pending()
    assert code(receipt.outcomes["/c"]) == "endpoint_busy"
    tapes.advance(30)
    assert code(stage(tapes, "c", now=30).outcomes["/c"]) == "endpoint_busy"
    assert stage(tapes, "c", now=100).outcomes["/c"] == Pending()
    assert tapes.counters.full == 0


def test_many_released_files_leave_nothing_behind():
    tapes = TapeLibrary(LibrarySettings(buffer_size=1e6, mount=0, seek=0, rate=1e9))
    tapes.add_many(((f"/{n}", 100, SUM) for n in range(5000)), now=0)
    for n in range(5000):
        token = stage(tapes, [str(n)], now=n, lifetime=1e6).token
        tapes.release(token, f"/{n}", n + 0.9)
    assert tapes.files.active == {}
    assert tapes.buffer.used == tapes.buffer.spare == 0
    assert len(tapes.agenda._heap) < 3000
