"""The memory backend beyond the rules of the ports: names, controls, pace."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from transfers.backends import memory
from transfers.backends.memory import MemoryStorage, open_storage, split, store_named
from transfers.backends.tapelibrary import LibrarySettings
from transfers.errors import EndpointUnreachable, FileExists, NotOnline, QuotaExceeded, Unsupported
from transfers.model import CopyOrder, Done, Pending, StageOrder

SUM = Adler32(7)


@pytest.fixture(autouse=True)
def _forget_stores():
    memory.reset()
    yield
    memory.reset()


@pytest.fixture
def clock():
    return SimulatedClock()


def test_the_same_name_is_the_same_store(clock):
    options = {"tape": "true", "mount": "90"}
    one = open_storage("memory://cta/", clock=clock, options=options)
    store_named("cta").seed_tape([("/a", 1, SUM)])
    two = open_storage("memory://cta", clock=clock, options=options)
    assert two.prober.probe(["/a"])["/a"].adler32 == SUM
    assert one.capabilities.tape
    assert one.stager is not None
    memory.reset()
    assert store_named("cta") is None


@pytest.mark.parametrize("prefix", ["file:///x", "memory:///x", "memory://cta/dir", "memory:cta"])
def test_bad_prefixes_are_refused(prefix, clock):
    with pytest.raises(Unsupported):
        open_storage(prefix, clock=clock, options={})


@pytest.mark.parametrize("options", [{"tape": "yes"}, {"drvies": "2"}])
def test_bad_options_are_refused(options, clock):
    with pytest.raises(Unsupported):
        open_storage("memory://cta/", clock=clock, options=options)
    assert store_named("cta") is None


def test_urls_join_with_or_without_a_slash():
    assert split("memory://eos/a/b") == split("memory://eos//a/b") == ("eos", "/a/b")


def test_put_adopts_equal_and_refuses_other_bytes(clock):
    store = MemoryStorage("eos", clock)
    store.put("/a", 1, SUM)
    store.put("/a", 1, SUM)
    with pytest.raises(FileExists):
        store.put("/a", 2, SUM)
    assert store.read("/a") == (1, SUM)


def test_copy_from_a_store_whose_file_is_nearline(clock):
    tape, disk = MemoryStorage("cta", clock, tape=True), MemoryStorage("eos", clock)
    tape.seed_tape([("/a", 1, SUM)])
    order = CopyOrder("/b", "memory://cta/a", 1, SUM)
    assert disk.copy([order])["/b"].code == "not_online"
    with pytest.raises(NotOnline):
        tape.read("/a")
    tape.stage([StageOrder("/a", 1)])
    clock.sleep(timedelta(hours=1))
    assert disk.copy([order]) == {"/b": Done()}


def test_a_corrupt_recall_is_not_copied_on(clock):
    tape, disk = MemoryStorage("cta", clock, tape=True), MemoryStorage("eos", clock)
    tape.seed_tape([("/a", 1, SUM)])
    tape.inject("/a", "corrupt")
    tape.stage([StageOrder("/a", 1)])
    clock.sleep(timedelta(hours=1))
    assert disk.copy([CopyOrder("/b", "memory://cta/a", 1, SUM)])["/b"].code == "checksum_mismatch"


def test_latency_passes_on_the_clock(clock):
    store = MemoryStorage("cta", clock, tape=True, settings=LibrarySettings(latency=2))
    before = clock.now()
    store.probe(["/a", "/b"])
    assert clock.now() - before == timedelta(seconds=2)


def test_probes_of_ten_thousand_paths_are_quick(clock):
    store = MemoryStorage("cta", clock, tape=True)
    store.seed_tape((f"/2016/raw/{n}", n, SUM) for n in range(50_000))
    paths = [f"/2016/raw/{n}" for n in range(10_000)]
    began = time.perf_counter()
    assert len(store.probe(paths)) == 10_000
    assert time.perf_counter() - began < 10  # some 10 ms on an idle machine


def test_controls_of_the_library_count_from_now(clock):
    tape = MemoryStorage("cta", clock, tape=True, settings=LibrarySettings(drives=1, mount=10))
    tape.seed_tape([("/a", 1, SUM)], tape="T1")
    tape.drive_down(0)
    token = tape.stage([StageOrder("/a", 1)]).token
    clock.sleep(timedelta(hours=1))
    assert tape.poll(token, ["/a"]) == {"/a": Pending()}
    tape.drive_up(0)
    tape.break_tape("T1", seconds=600, refuse=True)
    clock.sleep(timedelta(seconds=599))
    assert tape.poll(token, ["/a"]) == {"/a": Pending()}
    clock.sleep(timedelta(seconds=20))
    assert tape.poll(token, ["/a"]) == {"/a": Done()}
    tape.outage(60, after=5)
    assert tape.poll(token, ["/a"]) == {"/a": Done()}
    clock.sleep(timedelta(seconds=5))
    with pytest.raises(EndpointUnreachable):
        tape.probe(["/a"])
    disk = MemoryStorage("eos", clock)
    assert disk.copy([CopyOrder("/b", "memory://cta/a", 1, SUM)])["/b"].code == "endpoint_unreachable"
    clock.sleep(timedelta(seconds=60))
    tape.evict("/a")
    assert tape.poll(token, ["/a"])["/a"].code == "request_vanished"


def test_a_full_store_takes_no_more(clock):
    disk = MemoryStorage("eos", clock, settings=LibrarySettings(buffer_size=10))
    MemoryStorage("other", clock).put("/a", 1, SUM)
    disk.put("/full", 10, SUM)
    with pytest.raises(QuotaExceeded):
        disk.put("/more", 1, SUM)
    assert disk.copy([CopyOrder("/b", "memory://other/a", 1, SUM)])["/b"].code == "quota_exceeded"
    disk.remove(["/full"])
    assert disk.copy([CopyOrder("/b", "memory://other/a", 1, SUM)]) == {"/b": Done()}


def test_seeding_never_replaces(clock):
    tape = MemoryStorage("cta", clock, tape=True)
    tape.seed_tape([("/a", 1, SUM)])
    with pytest.raises(FileExists):
        tape.seed_tape([("/a", 1, SUM)])
