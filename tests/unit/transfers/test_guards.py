"""Breakers and slots around a storage, and what of it the others see."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock, SystemClock
from transfers.backends import memory
from transfers.backends.memory import MemoryStorage
from transfers.board import Board, Slots, link
from transfers.breaker import BreakerState, Evidence, Limits
from transfers.errors import (
    CircuitOpen,
    CredentialExpired,
    EndpointBusy,
    EndpointUnreachable,
    FileMissing,
    PermissionRefused,
    StorageTimeout,
    UnreadableReply,
    failed,
)
from transfers.guards import breaking, throttled
from transfers.model import CopyOrder, Done, Failed, FetchOrder, StageOrder
from transfers.policy import BLIPS
from transfers.testing.suites import fetched
from transfers.wrappers import retrying, wrapped

SUM = Adler32(7)
MINUTE = timedelta(minutes=1)
LIMITS = Limits(failures=3, pause=MINUTE)


@pytest.fixture(autouse=True)
def _forget_stores():
    yield
    memory.reset()


@pytest.fixture
def clock():
    return SimulatedClock()


@pytest.fixture
def board(clock):
    return Board(clock, limits=LIMITS)


class Ill:
    """A storage whose calls are counted, and fail while ``error`` is set."""

    def __init__(self, clock) -> None:
        store = MemoryStorage("eos", clock, tape=True)
        store.seed_tape([("/a", 1, SUM)])
        self.error: Exception | None = None
        self.calls: list[str] = []
        self.storage = wrapped(store.storage(), self._around)

    def _around(self, verb, files, call):
        self.calls.append(verb)
        if self.error is not None:
            raise self.error
        return call()


@pytest.fixture
def ill(clock):
    return Ill(clock)


def probe_failing(storage, error, times):
    for _ in range(times):
        with pytest.raises(type(error)):
            storage.prober.probe(["/a"])


def test_what_keeps_failing_is_left_alone_and_tried_again(ill, board, clock, caplog):
    storage = breaking(ill.storage, "eos", board)
    ill.error = EndpointUnreachable("nobody there")
    probe_failing(storage, ill.error, 3)
    for call in (
        lambda: storage.prober.probe(["/a"]),
        lambda: storage.copier.copy([CopyOrder("/c", "memory://cta/a", 1, SUM)]),
        lambda: storage.copier.fetch([FetchOrder("/a", "x")]),
        lambda: storage.remover.remove(["/a"]),
        lambda: storage.lister.list("/"),
    ):
        with pytest.raises(CircuitOpen, match="nobody there; the next try is at") as caught:
            call()
        assert caught.value.next_at == clock.now() + MINUTE
        assert caught.value.since == clock.now()
    assert ill.calls == ["probe"] * 3, "while it is open nothing is asked"
    assert [breaker.name for breaker in board.look()] == ["eos"]
    assert "eos is not called since" in board.closed_because("eos")
    ill.error = None
    clock.sleep(MINUTE)
    assert board.closed_because("eos") == "", "it may be tried now"
    assert storage.prober.probe(["/a"])["/a"].size == 1
    assert board.look() == []
    told = [record.levelno for record in caplog.records]
    assert told == [logging.ERROR, logging.WARNING], "opened, and answers again: once each"


def test_recalls_may_be_another_services_work_and_have_a_breaker_of_their_own(ill, board):
    storage = breaking(ill.storage, "eos", board)
    ill.error = EndpointUnreachable("nobody there")
    for _ in range(3):
        with pytest.raises(EndpointUnreachable):
            storage.stager.stage([StageOrder("/a", 1)])
    ill.error = None
    for call in (
        lambda: storage.stager.stage([StageOrder("/a", 1)]),
        lambda: storage.stager.poll("x", ["/a"]),
        lambda: storage.stager.cancel("x", ["/a"]),
        lambda: storage.stager.release("x", ["/a"]),
    ):
        with pytest.raises(CircuitOpen, match="eos recalls is not called"):
            call()
    assert storage.prober.probe(["/a"])["/a"].size == 1


def test_to_be_told_of_files_that_failed_is_an_answer(board, clock):
    answers = {"/a": failed(EndpointUnreachable, "the drive is down")}
    store = MemoryStorage("eos", clock, tape=True)
    storage = breaking(wrapped(store.storage(), lambda verb, files, call: answers), "eos", board)
    for _ in range(9):
        storage.stager.poll("x", ["/a"])
    assert board.look() == []


@pytest.mark.parametrize(
    "error", [FileMissing("x"), PermissionRefused("x"), CredentialExpired("x"), OSError("x")]
)
def test_what_says_nothing_bad_of_the_service_never_opens_it(ill, board, error):
    storage = breaking(ill.storage, "eos", board)
    ill.error = error
    probe_failing(storage, error, 10)
    assert board.look() == []
    assert len(ill.calls) == 10


def test_a_try_that_ends_in_a_bug_or_an_interrupt_does_not_block_the_next(ill, board, clock):
    storage = breaking(ill.storage, "eos", board)
    ill.error = StorageTimeout("?")
    probe_failing(storage, ill.error, 3)
    clock.sleep(MINUTE)
    ill.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        storage.prober.probe(["/a"])
    ill.error = None
    assert storage.prober.probe(["/a"])


def test_a_call_whose_every_file_met_the_endpoints_trouble_counts(board, clock):
    store = MemoryStorage("eos", clock)
    answers = {"/a": failed(EndpointUnreachable, "down")}
    storage = breaking(wrapped(store.storage(), lambda verb, files, call: answers), "eos", board)
    for _ in range(3):
        storage.remover.remove(["/a"])
    with pytest.raises(CircuitOpen):
        storage.remover.remove(["/a"])


# ----------------------------------------------------------------------------- links
class Sources:
    """A copier to which some hosts are dead."""

    def __init__(self) -> None:
        self.dead: set[str] = set()
        self.asked: list[list[str]] = []

    def around(self, verb, files, call):
        return call()

    def copy(self, orders, watch=None):
        self.asked.append([order.path for order in orders])
        return {
            order.path: failed(EndpointUnreachable, "no source")
            if any(f"//{host}/" in order.source for host in self.dead)
            else Done()
            for order in orders
        }

    def fetch(self, orders, watch=None):
        return {order.destination: Done() for order in orders}


def copies(*names: str) -> list[CopyOrder]:
    return [CopyOrder(f"/{name}", f"root://{name[0]}.example//{name}", 1, SUM) for name in names]


@pytest.fixture
def sources():
    return Sources()


def linked(sources, board, clock):
    from dataclasses import replace

    storage = replace(MemoryStorage("eos", clock).storage(), copier=sources)
    return breaking(storage, "eos", board)


def test_one_dead_source_stops_nobody_else(sources, board, clock):
    storage = linked(sources, board, clock)
    sources.dead.add("a.example")
    for _ in range(3):
        found = storage.copier.copy(copies("a1", "b1"))
        assert isinstance(found["/a1"], Failed)
        assert found["/b1"] == Done()
    found = storage.copier.copy(copies("a1", "b2"))
    assert found["/a1"].code == "circuit_open"
    assert "a.example>eos is not called since" in found["/a1"].text
    assert found["/b2"] == Done()
    assert sources.asked[-1] == ["/b2"]
    assert [breaker.name for breaker in board.look()] == ["a.example>eos"]
    assert storage.copier.copy(copies("a1", "a2")).keys() == {"/a1", "/a2"}
    assert sources.asked[-1] == ["/b2"], "nothing left to ask for"
    sources.dead.clear()
    clock.sleep(MINUTE)
    assert storage.copier.copy(copies("a1"))["/a1"] == Done()
    assert board.look() == []


def test_trouble_on_one_link_is_not_the_endpoints_but_on_all_it_is(sources, board, clock):
    storage = linked(sources, board, clock)
    sources.dead |= {"a.example", "b.example"}
    for _ in range(3):
        storage.copier.copy(copies("a1"))
    assert [breaker.name for breaker in board.look()] == ["a.example>eos"]
    clock.sleep(timedelta(hours=1))
    other = Board(clock, limits=LIMITS)
    storage = linked(sources, other, clock)
    for _ in range(3):
        storage.copier.copy(copies("a1", "b1"))
    assert [breaker.name for breaker in other.look()] == ["a.example>eos", "b.example>eos", "eos"]


def test_links_go_by_host():
    assert link("root://door.example:1094//x", "eos") == "door.example>eos"
    assert link("file:///data/x", "eos") == "local>eos"
    assert link("root://[broken//x", "eos") == "local>eos"


def test_the_board_keeps_the_records_that_sources_are_ordered_by(sources, board, clock):
    storage = linked(sources, board, clock)
    sources.dead.add("a.example")
    storage.copier.copy(copies("a1", "b1"))
    seen = board.records()
    assert seen["a.example>eos"].chance(clock.now()) < 0.6 < seen["b.example>eos"].chance(clock.now())


# ----------------------------------------------------------------------------- with the retries
def test_blips_are_over_before_the_breaker_hears_of_them(ill, board, clock):
    storage = breaking(retrying(ill.storage, clock=clock, chance=lambda: 0.0), "eos", board)
    ill.error = EndpointUnreachable("?")
    probe_failing(storage, ill.error, 3)
    assert len(ill.calls) == 9
    calls = len(ill.calls)
    with pytest.raises(CircuitOpen):
        storage.prober.probe(["/a"])
    assert len(ill.calls) == calls, "an open breaker is not tried again at once"


@pytest.mark.parametrize(
    "error",
    [
        FileMissing("x"),
        PermissionRefused("x"),
        CredentialExpired("x"),
        UnreadableReply("x"),
        CircuitOpen("x"),
    ],
)
def test_what_haste_does_not_help_is_asked_once(ill, clock, error):
    assert error.code not in BLIPS
    ill.error = error
    probe_failing(retrying(ill.storage, clock=clock, chance=lambda: 0.0), error, 1)
    assert len(ill.calls) == 1


# ----------------------------------------------------------------------------- slots
class Crowd:
    """Calls that wait inside the storage until they are let go; how many were inside at a time."""

    def __init__(self, clock) -> None:
        self.lock = threading.Lock()
        self.inside = self.most = 0
        self.entered = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        store = MemoryStorage("eos", clock)
        self.storage = wrapped(store.storage(), self._around)

    def _around(self, verb, files, call):
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.entered.release()
        assert self.go.acquire(timeout=60)
        with self.lock:
            self.inside -= 1
        return {}


def in_threads(*calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    return threads


def test_so_many_calls_at_a_time_and_the_others_have_their_turn():
    clock = SystemClock()
    crowd, slots = Crowd(clock), Slots(clock)
    storage = throttled(crowd.storage, "eos", slots, calls=2, copies=2)
    threads = in_threads(*[lambda: storage.prober.probe(["/a"])] * 6)
    for _ in range(6):
        assert crowd.entered.acquire(timeout=60)
        crowd.go.release()
    for thread in threads:
        thread.join(60)
    assert crowd.most <= 2
    assert slots.used() == {}


def test_so_many_copies_at_a_time_on_each_link():
    clock = SystemClock()
    crowd, slots = Crowd(clock), Slots(clock)
    storage = throttled(crowd.storage, "eos", slots, calls=9, copies=1)
    threads = in_threads(
        *[lambda: storage.copier.copy(copies("a1"))] * 3, lambda: storage.copier.copy(copies("b1"))
    )
    assert crowd.entered.acquire(timeout=60)
    assert crowd.entered.acquire(timeout=60), "one of each link"
    assert slots.used() == {"a.example>eos": 1, "b.example>eos": 1, "eos": 2}
    for _ in range(4):
        crowd.go.release()
    for thread in threads:
        thread.join(60)
    assert crowd.most == 2
    assert slots.used() == {}


def test_whoever_waits_for_too_long_is_told_and_keeps_nothing():
    class Hurried(SimulatedClock):
        def now(self):
            self.sleep(MINUTE)
            return super().now()

    slots = Slots(Hurried(), longest=MINUTE)
    with slots.taken([("eos", 1)]):
        with (
            pytest.raises(EndpointBusy, match="all 1 calls that we allow"),
            slots.taken([("a", 1), ("eos", 1)]),
        ):
            raise AssertionError("not entered")
        assert slots.used() == {"eos": 1}
    assert slots.used() == {}


def test_a_call_that_fails_gives_its_slot_back(ill):
    slots = Slots(SystemClock())
    storage = throttled(ill.storage, "eos", slots, calls=1, copies=1)
    ill.error = EndpointUnreachable("?")
    probe_failing(storage, ill.error, 3)
    ill.error = None
    assert isinstance(fetched(storage.copier, "/none", "x"), Failed)
    assert slots.used() == {}


def test_many_threads_on_one_board_agree(clock):
    board = Board(clock, limits=Limits(failures=50))

    def work():
        for _ in range(200):
            board.heard("x", board.admit("x"), Evidence.GOOD)

    for thread in in_threads(*[work] * 4):
        thread.join(60)
    assert board.records()["x"].good == pytest.approx(800)
    for _ in range(50):
        board.heard("x", board.admit("x"), Evidence.BAD, cause="storage_timeout")
    assert [breaker.state for breaker in board.look()] == [BreakerState.OPEN]
