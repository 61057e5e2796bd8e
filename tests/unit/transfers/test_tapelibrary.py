"""The simulated tape library: schedule of the drives, holds, faults, and its state as data."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from catalog.checksum import Adler32
from catalog.states import Locality
from transfers.backends.tapelibrary import Fault, LibrarySettings, TapeLibrary
from transfers.errors import Unsupported
from transfers.model import Done, Failed, Pending, StageOrder

SUM = Adler32(7)
MACHINE = LibrarySettings(drives=1, mount=10, unmount=5, seek=2, rate=100, archive_delay=60)


def library(files=("a", "b", "c"), settings=MACHINE, tape=""):
    tapes = TapeLibrary(settings)
    for name in files:
        tapes.add_on_tape(f"/{name}", 100, SUM, now=0, tape=tape)
    return tapes


def stage(tapes, *names, now=0.0, lifetime=timedelta(days=1)):
    return tapes.stage([StageOrder(f"/{name}", 100, lifetime) for name in names], now)


def ready(tapes, token, *names):
    """The seconds at which the recalls are done."""
    done, t = {}, max(0, tapes.now)
    while len(done) < len(names):
        assert t < 100_000, f"only {done} are done"
        for name in names:
            if name not in done and tapes.poll(token, f"/{name}", t) == Done():
                done[name] = t
        t += 1
    return [done[name] for name in names]


def code(outcome):
    assert isinstance(outcome, Failed), outcome
    return outcome.code


def test_one_mount_then_seek_then_streaming():
    tapes = library()
    token = stage(tapes, "b", "c", "a").token
    assert ready(tapes, token, *"abc") == [11, 12, 13]
    assert tapes.mounts == 1


def test_a_gap_on_the_tape_costs_a_seek():
    tapes = library()
    token = stage(tapes, "a", "c").token
    assert ready(tapes, token, *"ac") == [11, 14]


def test_another_tape_waits_for_the_drive_and_is_mounted():
    tapes = library("a", tape="T1")
    tapes.add_on_tape("/b", 100, SUM, now=0, tape="T2")
    token = stage(tapes, "a", "b").token
    assert ready(tapes, token, "a", "b") == [11, 11 + 5 + 10 + 1]
    assert tapes.mounts == 2


def test_two_drives_read_two_tapes_at_once():
    tapes = TapeLibrary(LibrarySettings(drives=2, mount=10, seek=0, rate=100))
    for number, name in enumerate("ab"):
        tapes.add_on_tape(f"/{name}", 100, SUM, now=0, tape=f"T{number}")
    token = stage(tapes, "a", "b").token
    assert ready(tapes, token, *"ab") == [11, 11]


def test_full_tapes_are_followed_by_new_ones():
    tapes = library("abcde", LibrarySettings(tape_size=250))
    assert [record.tape for record in tapes.files.values()] == ["T00001"] * 2 + ["T00002"] * 2 + ["T00003"]


def test_a_written_file_is_in_the_buffer_first():
    tapes = library(())
    tapes.add_to_buffer("/w", 5, SUM, now=0)
    assert tapes.observe("/w", 59).locality is Locality.ONLINE
    tapes.release("", "/w", 59)
    assert tapes.observe("/w", 59).locality is Locality.ONLINE
    assert tapes.observe("/w", 60).locality is Locality.ONLINE_AND_NEARLINE
    tapes.release("", "/w", 60)
    assert tapes.observe("/w", 60).locality is Locality.NEARLINE


def test_holds_are_counted():
    tapes = library("a")
    first = stage(tapes, "a").token
    second = stage(tapes, "a").token
    tapes.release(first, "/a", 100)
    tapes.release(first, "/a", 100)
    assert tapes.observe("/a", 100).locality is Locality.ONLINE_AND_NEARLINE
    tapes.release(second, "/a", 100)
    assert tapes.observe("/a", 100).locality is Locality.NEARLINE


def test_a_hold_ends_with_its_lifetime_from_the_recall_on():
    tapes = library("a")
    stage(tapes, "a", lifetime=timedelta(seconds=50))
    second, third = stage(tapes, "a").token, stage(tapes, "a").token
    tapes.release(second, "/a", 60)
    assert tapes.observe("/a", 60).locality is Locality.ONLINE_AND_NEARLINE
    tapes.release(third, "/a", 61)
    assert tapes.observe("/a", 61).locality is Locality.NEARLINE


def test_release_cancels_a_recall():
    tapes = library("a")
    token = stage(tapes, "a").token
    tapes.release(token, "/a", 1)
    assert code(tapes.poll(token, "/a", 1)) == "request_vanished"
    assert tapes.observe("/a", 1000).locality is Locality.NEARLINE


def test_a_second_stage_does_not_recall_twice():
    tapes = library("a")
    stage(tapes, "a")
    token = stage(tapes, "a").token
    assert ready(tapes, token, "a") == [11]
    assert tapes.files["/a"].recalls == 1


def test_failed_recall_says_tape_lost_and_may_be_asked_again():
    tapes = library("a")
    tapes.inject("/a", "fail")
    token = stage(tapes, "a").token
    assert tapes.poll(token, "/a", 10) == Pending()
    assert code(tapes.poll(token, "/a", 100)) == "tape_lost"
    assert tapes.observe("/a", 100).locality is Locality.NEARLINE
    again = stage(tapes, "a", now=100).token
    assert ready(tapes, again, "a") == [103]
    assert tapes.files["/a"].recalls == 2


def test_stuck_recall_is_pending_until_staged_again():
    tapes = library("a")
    tapes.inject("*", Fault.STUCK)
    token = stage(tapes, "a").token
    assert tapes.poll(token, "/a", 1e9) == Pending()
    again = stage(tapes, "a", now=1e9).token
    assert tapes.poll(again, "/a", 1e9 + 11) == Done()
    assert tapes.files["/a"].recalls == 1


def test_slow_recall_takes_a_hundred_times_as_long():
    tapes = library("a")
    tapes.inject("*", "slow")
    assert ready(tapes, stage(tapes, "a").token, "a") == [10 + 100]


@pytest.mark.parametrize("kind", ["corrupt", "truncate"])
def test_damaged_recall_reads_wrong_and_the_tape_copy_stays_good(kind):
    tapes = library("a")
    tapes.inject("/a", kind)
    token = stage(tapes, "a").token
    assert tapes.readable("/a", 100) != (100, SUM)
    seen = tapes.observe("/a", 100)
    assert (seen.size, seen.adler32) == (100, SUM)
    tapes.release(token, "/a", 100)
    stage(tapes, "a", now=200)
    assert tapes.readable("/a", 300) == (100, SUM)


def test_lost_request_has_vanished():
    tapes = library("a")
    tapes.inject("/a", "lost")
    receipt = stage(tapes, "a")
    assert receipt.outcomes == {"/a": Pending()}
    assert code(tapes.poll(receipt.token, "/a", 0)) == "request_vanished"


def test_refused_stage_is_busy():
    tapes = library("a")
    tapes.inject("/a", "refuse")
    assert code(stage(tapes, "a").outcomes["/a"]) == "endpoint_busy"
    assert stage(tapes, "a").outcomes["/a"] == Pending()


def test_archive_that_never_comes():
    tapes = library(())
    tapes.inject("/w*", "no-archive", count=None)
    tapes.add_to_buffer("/w", 5, SUM, now=0)
    tapes.release("", "/w", 1e9)
    assert tapes.observe("/w", 1e9).locality is Locality.ONLINE


def test_lost_tape():
    tapes = library("a")
    tapes.lose("/a")
    assert tapes.observe("/a", 0).locality is Locality.LOST
    assert code(stage(tapes, "a").outcomes["/a"]) == "tape_lost"


def test_a_disk_copy_of_a_lost_tape_is_never_dropped():
    tapes = library("a")
    token = stage(tapes, "a").token
    tapes.advance(100)
    tapes.lose("/a")
    tapes.release(token, "/a", 100)
    assert tapes.observe("/a", 100).locality is Locality.ONLINE


def test_faults_count_down_and_heal():
    tapes = library("abc")
    tapes.inject("*", "refuse", count=2)
    assert [isinstance(o, Failed) for o in stage(tapes, *"abc").outcomes.values()] == [True, True, False]
    tapes.inject("*", "refuse", count=None)
    tapes.heal()
    assert stage(tapes, "a").outcomes["/a"] == Pending()


def test_chance_is_drawn_from_seed_and_path_not_from_the_order_of_calls():
    names = [f"{n:03d}" for n in range(200)]

    def refused(order, seed):
        tapes = library(names, LibrarySettings(seed=seed))
        tapes.inject("*", "refuse", count=None, chance=0.3)
        return {p for name in order for p, o in stage(tapes, name).outcomes.items() if isinstance(o, Failed)}

    assert refused(names, 1) == refused(reversed(names), 1)
    assert refused(names, 1) != refused(names, 2)
    assert 30 < len(refused(names, 1)) < 90


def test_the_state_survives_as_json():
    tapes = library()
    tapes.add_to_buffer("/w", 5, SUM, now=0)
    tapes.inject("/z*", "fail", count=3, chance=0.5)
    tapes.inject("/a", "corrupt")
    tapes.inject("/b", "stuck")
    stage(tapes, "a", "b")
    data = json.loads(json.dumps(tapes.to_data()))
    other = TapeLibrary(MACHINE)
    other.load(data)
    assert other.to_data() == tapes.to_data()
    for library_of in (tapes, other):
        library_of.advance(1000)
    assert other.to_data() == tapes.to_data()
    assert other.drives == tapes.drives


@pytest.mark.parametrize("data", [{}, {"version": 3}, {"version": 2}, {"version": 1, "counters": 3}])
def test_a_strange_state_is_refused(data):
    with pytest.raises((KeyError, TypeError, ValueError)):
        TapeLibrary().load(data)


@pytest.mark.parametrize(
    "options",
    [
        {"drive": "2"},
        {"drives": "two"},
        {"drives": "0"},
        {"rate": "0"},
        {"mount": "-1"},
        {"mount": "nan"},
        {"buffer_size": "much"},
        {"buffer_size": "-1"},
        {"rate": "-1 MB"},
        {"rate": "fast"},
        {"seed": "1.5"},
        {"mount_order": "newest"},
        {"when_full": "explode"},
        {"write_drives": "0"},
    ],
)
def test_bad_options_are_refused(options):
    with pytest.raises(Unsupported):
        LibrarySettings.from_options(options)


def test_options_are_read():
    settings = LibrarySettings.from_options({"drives": "3", "mount": "0.5", "rate": "1e6"})
    assert (settings.drives, settings.mount, settings.rate) == (3, 0.5, 1e6)
    assert LibrarySettings.from_options({"rate": "300 MB"}).rate == 300e6
    settings = LibrarySettings.from_options(
        {"buffer_size": "20 TB", "tape_size": "1e13", "mount_order": "most"}
    )
    assert (settings.buffer_size, settings.tape_size, settings.mount_order) == (20e12, 1e13, "most")
