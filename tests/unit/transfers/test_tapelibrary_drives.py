"""The drives of the simulated tape library: sweeps, order of mounts, outages, drives and tapes that fail."""

from __future__ import annotations

import pytest

from catalog.checksum import Adler32
from catalog.states import Locality
from transfers.backends.tapelibrary import LibrarySettings, TapeLibrary
from transfers.errors import EndpointUnreachable, FileMissing, Unsupported
from transfers.model import Done, Failed, Pending, StageOrder, TapePlace

SUM = Adler32(7)
MACHINE = LibrarySettings(drives=1, mount=10, unmount=5, seek=2, rate=100, archive_delay=60)


def library(tapes=(("T1", "abcdefgh"),), **settings):
    """Files of 100 bytes, a second of reading each, on the tapes given."""
    machine = {"drives": 1, "mount": 10, "unmount": 5, "seek": 2, "rate": 100, "archive_delay": 60}
    made = TapeLibrary(LibrarySettings(**(machine | settings)))
    for tape, names in tapes:
        made.add_many(((f"/{name}", 100, SUM) for name in names), now=0, tape=tape)
    return made


def stage(tapes, names, now=0.0):
    return tapes.stage([StageOrder(f"/{name}", 100) for name in names], now)


def landed(tapes, until=10_000):
    """Names with the second at which they were in the buffer, in that order."""
    tapes.advance(until)
    found = [(r.disk_at, path[1:]) for path, r in tapes.files.active.items() if r.disk_at <= until]
    return sorted(found)


def order(tapes):
    return "".join(name for _, name in landed(tapes))


def code(outcome):
    assert isinstance(outcome, Failed), outcome
    return outcome.code


# sweeps


def test_what_is_asked_for_in_any_order_is_read_in_order_of_position():
    tapes = library()
    stage(tapes, "hcafb")
    assert order(tapes) == "abcfh"
    assert tapes.counters.seeks == 2


def test_the_drive_that_is_free_begins_at_once_and_a_later_request_joins_its_sweep():
    tapes = library()
    stage(tapes, "bg")
    stage(tapes, "ad", now=12)  # b is being read: d lies ahead, a is for the next sweep
    assert order(tapes) == "bdga"
    assert tapes.mounts == 1


def test_each_file_in_between_costs_some_locating():
    tapes = library(locate=0.5)
    stage(tapes, "ae")
    assert landed(tapes, 50) == [(11, "a"), (11 + 2 + 3 * 0.5 + 1, "e")]
    stage(tapes, "b", now=100)
    assert landed(tapes, 200)[-1] == (100 + 2 + 4 * 0.5 + 1, "b")


def test_a_mounted_tape_goes_on_while_something_is_wanted_of_it():
    tapes = library((("T1", "abc"), ("T2", "xyz")))
    stage(tapes, "ax")
    stage(tapes, "b", now=1)
    stage(tapes, "c", now=11.5)
    assert order(tapes) == "abcx"
    assert tapes.mounts == 2


@pytest.mark.parametrize(("mount_order", "first"), [("oldest", "x"), ("most", "p")])
def test_the_next_tape_is_that_of_the_oldest_request_or_of_the_most(mount_order, first):
    tapes = library((("T1", "a"), ("T2", "x"), ("T3", "pqr")), mount_order=mount_order)
    stage(tapes, "a")
    stage(tapes, "x", now=1)
    stage(tapes, "pqr", now=2)
    assert order(tapes)[1] == first


def test_requests_for_interleaved_tapes_are_read_with_one_mount_each():
    tapes = library([(f"T{n}", [f"{n}-{k}" for k in range(50)]) for n in range(4)], drives=2)
    for k in range(50):
        stage(tapes, [f"{n}-{k}" for n in range(4)], now=k * 0.1)
    assert len(landed(tapes)) == 200
    assert tapes.mounts == 4
    assert tapes.counters.recalls == 200
    assert all(record.recalls == 1 for record in tapes.files.values())


def test_an_empty_drive_is_taken_before_one_that_must_unmount():
    tapes = library((("T1", "a"), ("T2", "x")), drives=2)
    stage(tapes, "a")
    stage(tapes, "x", now=100)
    assert landed(tapes)[-1] == (111, "x")
    assert [drive.tape for drive in tapes.drives] == ["T1", "T2"]


def test_what_is_cancelled_before_it_is_read_is_not_read():
    tapes = library()
    token = stage(tapes, "abc").token
    tapes.cancel(token, "/b", 5)
    assert order(tapes) == "ac"
    assert tapes.counters.recalls == 2


def test_what_is_cancelled_while_it_is_read_is_dropped_unless_it_is_wanted_again():
    tapes = library()
    token = stage(tapes, "ab").token
    tapes.cancel(token, "/a", 10.5)
    tapes.cancel(token, "/b", 11.5)
    again = stage(tapes, "b", now=11.6).token
    assert order(tapes) == "b"
    assert tapes.poll(again, "/b", 10_000) == Done()
    assert [tapes.files[path].recalls for path in ("/a", "/b")] == [1, 1]


def test_written_files_are_laid_on_several_tapes_in_turn():
    tapes = library((), write_drives=3, tape_size=250)
    tapes.add_many(((f"/{n}", 100, SUM) for n in range(9)), now=0)
    places = [(record.tape, record.position) for record in tapes.files.values()]
    assert len({tape for tape, _ in places[:3]}) == 3
    assert [position for _, position in places] == [0] * 3 + [1] * 3 + [0] * 3
    assert len({tape for tape, _ in places}) == 6


def test_a_probe_tells_the_place_on_tape_when_there_is_one():
    tapes = library()
    assert tapes.observe("/c", 0).place == TapePlace("T1", 2)
    tapes.add_to_buffer("/w", 5, SUM, now=0)
    assert tapes.observe("/w", 59).place is None
    assert tapes.observe("/w", 60).place == TapePlace("T00001", 0)


def test_counters_tell_what_the_drives_did():
    tapes = library()
    tapes.inject("/b", "fail")
    stage(tapes, "abd")
    tapes.advance(1000)
    done = tapes.counters
    assert (done.requests, done.mounts, done.seeks, done.recalls, done.failures) == (1, 1, 1, 3, 1)
    assert done.bytes_read == 300
    assert tapes.drives[0].busy == 10 + 3 + 2


def test_time_does_not_go_back():
    tapes = library()
    token = stage(tapes, "a", now=100).token
    assert tapes.poll(token, "/a", 111) == Done()
    assert tapes.poll(token, "/a", 50) == Done()


# the service


def test_while_the_service_is_out_nobody_answers_and_drives_stand_still():
    tapes = library()
    token = stage(tapes, "ab").token
    tapes.outage(10.5, 100)
    for call in (
        lambda: stage(tapes, "c", now=50),
        lambda: tapes.poll(token, "/a", 50),
        lambda: tapes.observe("/a", 50),
        lambda: tapes.release(token, "/a", 50),
        lambda: tapes.cancel(token, "/a", 50),
        lambda: tapes.remove("/a", 50),
        lambda: tapes.readable("/a", 50),
        lambda: tapes.add_to_buffer("/w", 1, SUM, now=50),
    ):
        with pytest.raises(EndpointUnreachable):
            call()
    assert tapes.poll(token, "/a", 110.5) == Pending()
    assert landed(tapes) == [(111, "a"), (112, "b")]


def test_an_outage_announced_ahead_and_one_inside_another():
    tapes = library()
    tapes.outage(5, 100)
    tapes.outage(20, 10)
    stage(tapes, "a")
    assert landed(tapes) == [(111, "a")]
    assert tapes.drives[0].busy == 11


def test_an_outage_is_not_of_the_past():
    tapes = library()
    stage(tapes, "a", now=100)
    tapes.outage(0, 50)
    assert tapes.is_out(149)
    assert not tapes.is_out(150)


# drives


def test_a_drive_that_goes_down_leaves_its_files_to_the_others():
    tapes = library((("T1", "abc"), ("T2", "x")), drives=2)
    stage(tapes, "abc")
    tapes.drive_down(0, 11.5)
    assert order(tapes) == "abc"
    assert tapes.mounts == 2
    assert [tapes.files[f"/{name}"].recalls for name in "abc"] == [1, 1, 1]
    assert tapes.drives[1].tape == "T1"


def test_without_a_drive_files_wait_until_one_is_up():
    tapes = library()
    token = stage(tapes, "a").token
    tapes.drive_down(0, 1)
    assert tapes.poll(token, "/a", 1000) == Pending()
    tapes.drive_up(0, 1000)
    assert landed(tapes) == [(1011, "a")]


def test_a_drive_may_be_down_for_a_time():
    tapes = library()
    tapes.drive_down(0, 0, until=50)
    tapes.drive_down(0, 1, until=100)
    stage(tapes, "a", now=2)
    assert landed(tapes) == [(111, "a")]


def test_there_is_no_such_drive():
    with pytest.raises(Unsupported):
        library().drive_down(1, 0)


# tapes


def test_all_files_of_a_broken_tape_are_lost_and_the_drive_goes_on():
    tapes = library((("T1", "abc"), ("T2", "x")))
    token = stage(tapes, "abx").token
    tapes.advance(11)
    tapes.break_tape("T1", 11.5)
    assert tapes.poll(token, "/a", 11.5) == Done()
    assert code(tapes.poll(token, "/b", 11.5)) == "tape_lost"
    assert tapes.observe("/c", 12).locality is Locality.LOST
    assert code(stage(tapes, "c", now=12).outcomes["/c"]) == "tape_lost"
    assert order(tapes) == "ax"
    tapes.release(token, "/a", 10_000)
    assert tapes.observe("/a", 10_000).locality is Locality.ONLINE


def test_what_was_to_be_written_on_a_broken_tape_goes_to_another():
    tapes = library(())
    tapes.add_to_buffer("/w", 5, SUM, now=0)
    tapes.break_tape("T00001", 1)
    assert tapes.observe("/w", 60).place == TapePlace("T00002", 0)
    assert tapes.observe("/w", 60).locality is Locality.ONLINE_AND_NEARLINE


def test_files_of_a_tape_that_is_away_wait_for_it():
    tapes = library((("T1", "ab"), ("T2", "x")))
    token = stage(tapes, "abx").token
    tapes.break_tape("T1", 10.5, until=500)
    assert tapes.poll(token, "/a", 499) == Pending()
    assert landed(tapes)[0][1] == "x"
    assert [name for _, name in landed(tapes)] == ["x", "a", "b"]
    assert landed(tapes)[1][0] == 500 + 5 + 10 + 1


def test_a_tape_that_is_away_may_refuse_new_requests():
    tapes = library()
    tapes.break_tape("T1", 0, until=500, refuse=True)
    assert code(stage(tapes, "a", now=1).outcomes["/a"]) == "endpoint_busy"
    assert stage(tapes, "a", now=500).outcomes["/a"] == Pending()


# disk copies that go too early


def test_an_evicted_file_is_not_there_although_it_was_held():
    tapes = library()
    token = stage(tapes, "a").token
    tapes.advance(100)
    tapes.evict("/a", 100)
    assert code(tapes.poll(token, "/a", 100)) == "request_vanished"
    assert code(tapes.readable("/a", 100)) == "not_online"
    again = stage(tapes, "a", now=101).token
    assert tapes.poll(again, "/a", 200) == Done()
    assert tapes.files["/a"].recalls == 2
    with pytest.raises(FileMissing):
        tapes.evict("/nothing", 200)


def test_the_only_copy_is_never_evicted():
    tapes = library(())
    tapes.add_to_buffer("/w", 5, SUM, now=0)
    tapes.evict("/w", 1)
    assert tapes.observe("/w", 1).locality is Locality.ONLINE


def test_an_early_eviction_may_be_injected():
    tapes = library()
    tapes.inject("/a", "evicted")
    token = stage(tapes, "a").token
    assert tapes.poll(token, "/a", 11) == Done()
    assert code(tapes.poll(token, "/a", 11 + 3600)) == "request_vanished"
    again = stage(tapes, "a", now=4000).token
    assert tapes.poll(again, "/a", 1e6) == Done()
