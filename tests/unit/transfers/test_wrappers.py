"""Wrappers around a storage: seam, retries, log, faults."""

from __future__ import annotations

import logging
import random
from contextlib import contextmanager
from datetime import timedelta

import pytest

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from transfers.backends import memory
from transfers.backends.memory import MemoryStorage
from transfers.errors import EndpointUnreachable, FileMissing, PermissionRefused, StorageTimeout, Unsupported
from transfers.model import CopyOrder, Done, Observed, StageOrder, Unknown
from transfers.testing.faults import Probabilities, faulty, slow
from transfers.testing.suites import fetched
from transfers.wrappers import logged, retrying, seamed, wrapped

SUM = Adler32(7)
VERBS = ["probe", "stage", "poll", "release", "copy", "fetch", "remove"]


@pytest.fixture(autouse=True)
def _forget_stores():
    yield
    memory.reset()


@pytest.fixture
def clock():
    return SimulatedClock()


@pytest.fixture
def store(clock):
    store = MemoryStorage("cta", clock, tape=True)
    store.seed_tape([("/a", 1, SUM), ("/b", 2, SUM)])
    return store


def call_all(storage):
    token = storage.stager.stage([StageOrder("/a", 1)]).token
    return {
        "probe": storage.prober.probe(["/a", "/b"]),
        "stage": token,
        "poll": storage.stager.poll(token, ["/a"]),
        "release": storage.stager.release(token, ["/a"]),
        "copy": storage.copier.copy([CopyOrder("/c", "memory://cta/a", 1, SUM)]),
        "fetch": fetched(storage.copier, "/a", "x"),
        "remove": storage.remover.remove(["/b"]),
    }


class CountingSeam:
    def __init__(self):
        self.crossed = []

    @contextmanager
    def crossing(self, name):
        self.crossed.append(f"> {name}")
        yield
        self.crossed.append(f"< {name}")


def test_every_call_crosses_the_seam(store):
    seam = CountingSeam()
    call_all(seamed(store.storage(), "cta", seam))
    assert sorted(seam.crossed) == sorted([f"> cta.{v}" for v in VERBS] + [f"< cta.{v}" for v in VERBS])
    assert seam.crossed[0::2] == [name.replace("<", ">") for name in seam.crossed[1::2]]


def test_a_wrapped_storage_answers_as_the_one_inside(store, clock):
    inside = wrapped(store.storage(), lambda verb, files, call: call())
    other = MemoryStorage("other", clock, tape=True)
    other.seed_tape([("/a", 1, SUM), ("/b", 2, SUM)])
    direct = {**call_all(other.storage()), "fetch": None}
    assert {**call_all(inside), "fetch": None} == direct
    assert inside.capabilities == store.storage().capabilities


def test_a_disk_stays_a_disk(clock):
    disk = wrapped(MemoryStorage("eos", clock).storage(), lambda verb, files, call: call())
    assert disk.stager is None
    with pytest.raises(Unsupported):
        disk.prober.stage([StageOrder("/a", 1)])


def failing(storage, errors):
    """The storage, whose first calls raise these errors."""
    errors = list(errors)

    def around(verb, files, call):
        if errors:
            raise errors.pop(0)
        return call()

    return wrapped(storage, around)


def test_blips_are_retried_with_growing_waits(store, clock):
    blips = [EndpointUnreachable("1"), StorageTimeout("2")]
    storage = retrying(failing(store.storage(), blips), clock=clock, chance=lambda: 0.0, attempts=3)
    before = clock.now()
    assert isinstance(storage.prober.probe(["/a"])["/a"], Observed)
    assert clock.now() - before == timedelta(seconds=0.5 + 1.0)


def test_the_last_error_is_raised_when_attempts_are_used_up(store, clock):
    blips = [EndpointUnreachable(str(number)) for number in range(5)]
    storage = retrying(failing(store.storage(), blips), clock=clock, chance=lambda: 0.9, attempts=3)
    with pytest.raises(EndpointUnreachable, match=r"^2$"):
        storage.prober.probe(["/a"])


def test_no_wait_begins_after_the_deadline(store, clock):
    def around(verb, files, call):
        clock.sleep(timedelta(seconds=40))
        raise StorageTimeout("slow")

    storage = retrying(wrapped(store.storage(), around), clock=clock, chance=lambda: 0.5, attempts=99)
    before = clock.now()
    with pytest.raises(StorageTimeout):
        storage.prober.probe(["/a"])
    assert clock.now() - before < timedelta(seconds=90)


@pytest.mark.parametrize("error", [PermissionRefused("no"), FileMissing("gone"), ZeroDivisionError("bug")])
def test_other_errors_are_raised_at_once(store, clock, error):
    storage = retrying(failing(store.storage(), [error]), clock=clock, chance=lambda: 0.5)
    before = clock.now()
    with pytest.raises(type(error)):
        storage.prober.probe(["/a"])
    assert clock.now() == before


def test_a_retried_call_crosses_the_seam_each_time(store, clock):
    seam = CountingSeam()
    inner = seamed(failing(store.storage(), [EndpointUnreachable("1")]), "cta", seam)
    retrying(inner, clock=clock, chance=lambda: 0.5).prober.probe(["/a"])
    assert seam.crossed.count("> cta.probe") == 2


def test_one_line_per_call(store, clock, caplog):
    storage = logged(slow(store.storage(), clock, per_call=timedelta(seconds=2)), "cta", clock=clock)
    with caplog.at_level(logging.INFO, "transfers"):
        storage.prober.probe(["/a", "/b"])
        with pytest.raises(EndpointUnreachable):
            logged(failing(storage, [EndpointUnreachable("nobody")]), "x", clock=clock).remover.remove(["/a"])
    assert caplog.messages == [
        "cta.probe files=2 seconds=2.000",
        "x.remove files=1 seconds=0.000 endpoint_unreachable: nobody",
    ]
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]


def test_slow_takes_time_per_call_and_file(store, clock):
    storage = slow(store.storage(), clock, per_call=timedelta(seconds=2), per_file=timedelta(seconds=1))
    before = clock.now()
    storage.prober.probe(["/a", "/b"])
    assert clock.now() - before == timedelta(seconds=4)


def test_unreachable_means_that_nothing_happened(store):
    storage = faulty(store.storage(), Probabilities(unreachable=1), random.Random(1))
    with pytest.raises(EndpointUnreachable):
        storage.remover.remove(["/a"])
    assert "/a" in store.library.files


def test_a_lost_reply_means_that_it_happened(store):
    storage = faulty(store.storage(), Probabilities(reply_lost=1), random.Random(1))
    with pytest.raises(StorageTimeout):
        storage.remover.remove(["/a"])
    assert "/a" not in store.library.files


def test_answers_become_unknown_or_are_forgotten(store):
    unknown = faulty(store.storage(), Probabilities(unknown=1), random.Random(1))
    assert isinstance(unknown.prober.probe(["/a"])["/a"], Unknown)
    receipt = unknown.stager.stage([StageOrder("/a", 1)])
    assert receipt.token
    assert isinstance(receipt.outcomes["/a"], Unknown)
    forgets = faulty(store.storage(), Probabilities(forgotten=1), random.Random(1))
    assert forgets.prober.probe(["/a"]) == {}


def test_the_same_seed_has_the_same_faults(store):
    def history(seed):
        storage = faulty(store.storage(), Probabilities(unreachable=0.3, unknown=0.3), random.Random(seed))
        answers = []
        for _ in range(50):
            try:
                answers.append(str(storage.prober.probe(["/a", "/b"])))
            except EndpointUnreachable as error:
                answers.append(str(error))
        return answers

    assert history(1) == history(1)
    assert history(1) != history(2)
    assert len(set(history(1))) > 2


def test_without_probabilities_nothing_is_changed(store, clock):
    storage = faulty(store.storage(), Probabilities(), random.Random(1))
    assert call_all(storage)["remove"] == {"/b": Done()}
