"""Copies by FTS: made once whoever crashes, looked at cheaply, and every end told for what it is."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock, SystemClock
from tests.conformance import fts_submitter
from tests.conformance.test_transfers import FtsRig
from tests.conformance.test_xrootd import storage_at
from tests.fixtures_fts import credentials
from tests.fixtures_xrootd import eos_server
from transfers.backends import memory
from transfers.backends.memory import MemoryStorage
from transfers.errors import StorageError, Unsupported
from transfers.model import Done, Failed, Observed, Outcome, Pending, TransferOrder, Unknown
from transfers.registry import open_transferrer
from transfers.testing.fts import Credentials, FaultKind, FtsServer, Generation, ServerSettings
from transfers.testing.suites import contents, settle_for_real
from transfers.testing.transferring import done
from transfers.testing.xrootd import DISK_AREA, XRootDServer

__all__ = ["credentials", "eos_server"]
pytestmark = [
    pytest.mark.fts,
    pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedReader name='.*proxy-.*:ResourceWarning"),
]


@pytest.fixture(autouse=True)
def _forget_stores() -> Iterator[None]:
    yield
    memory.reset()


@pytest.fixture(params=[Generation.V3_13])
def world(tmp_path: Path, credentials: Credentials, request: pytest.FixtureRequest) -> Iterator[FtsRig]:
    """A tape endpoint, and an FTS in front of it, over plain HTTP."""
    settings = ServerSettings(generation=request.param)
    rig = FtsRig(tmp_path, credentials, tape=True, settings=settings)
    with rig.fts:
        yield rig


def path_of(order: TransferOrder) -> str:
    return order.path


def code(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed), outcome
    return outcome.code


def moved(world: FtsRig, orders: list[TransferOrder]) -> set[int]:
    """How often the bytes of these were moved."""
    return {world.fts.moved[f"memory://rig{order.path}"] for order in orders}


def wait(world: FtsRig, seconds: float) -> None:
    """Let time pass, with daemons that do one thing after the other."""
    for _ in range(8):
        world.clock.sleep(timedelta(seconds=seconds / 8))
        world.fts.run()


# ------------------------------------------------------------------------------------- once and only once
class Stopped(BaseException):
    """The process is gone."""


class StoppingRequester:
    """Stops the process before or after its n-th call."""

    def __init__(self, inner: Any, counter: dict[str, int], stop: int, after: bool) -> None:
        self._inner, self._counter, self._stop, self._after = inner, counter, stop, after

    def method(self, *args: Any, **rest: Any) -> str:
        self._counter["n"] += 1
        here = self._counter["n"] == self._stop
        if here and not self._after:
            raise Stopped
        answer: str = self._inner.method(*args, **rest)
        if here:
            raise Stopped
        return answer


def test_a_crash_before_or_after_any_call_copies_nothing_twice(
    world: FtsRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same request is sent again, with the files divided otherwise."""
    from transfers.backends.fts import client

    real = client.Requester
    transfers = world.transfers()
    stops = 0
    for number in range(1, 50):
        for after in (False, True):
            name = f"{number}{'a' if after else 'b'}"
            orders = [transfers.order(f"{name}-{n}.root", b"x" * (n + 1)) for n in range(5)]
            counter = {"n": 0}

            def stopping(
                *args: Any, number: int = number, after: bool = after, counter: Any = counter
            ) -> Any:
                return StoppingRequester(real(*args), counter, number, after)

            monkeypatch.setattr(client, "Requester", stopping)
            try:
                transfers.open().submit(orders, label=name)
            except Stopped:
                stops += 1
            else:
                assert number > 6, "a request is at least six calls"
                return
            monkeypatch.setattr(client, "Requester", real)
            world.options["max_files"] = str(1 + number % 4)
            assert transfers.made(orders, name) == done(orders)
            assert moved(world, orders) == {1}
            sent = Counter(f.destination for job in world.fts.jobs.values() for f in job.files)
            assert set(sent.values()) == {1}, "nothing was asked for twice either"
            world.options["max_files"] = "2"
    raise AssertionError("it never came to its end")


def test_killed_again_and_again_a_process_copies_nothing_twice(
    tmp_path: Path, credentials: Credentials
) -> None:
    """Real processes and ``kill -9``, while the service takes its time with every submission."""
    count, size, label = 60, 4, "killed"
    clock = SystemClock()
    rig = MemoryStorage("rig", clock)
    elsewhere = MemoryStorage("elsewhere", clock)
    for order in fts_submitter.orders(count):
        elsewhere.put("/" + order.sources[0].rpartition("/")[2], order.size, order.adler32)
    storages = {"memory://rig/": rig.storage(), "memory://elsewhere/": elsewhere.storage()}
    settings = ServerSettings(scheduler=0.0, transfer=0.0)
    chance = random.Random(7)
    with FtsServer(clock, storages, settings=settings, credentials=credentials) as fts:
        proxy = credentials.proxy()
        options = [f"endpoint={fts.url}", f"proxy={proxy}", f"ca={credentials.ca}", f"max_files={size}"]
        command = [sys.executable, "-m", "tests.conformance.fts_submitter", label, str(count), *options]
        kills = 0
        fts.inject("slow", None, method="POST", seconds=0.05)
        for wanted in (1, 4, 8):
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                process.stdout.readline()
                settle_for_real(lambda: len(fts.jobs) >= wanted or process.poll() is not None, every=0.005)  # noqa: B023
                time.sleep(chance.uniform(0.0, 0.05))  # any moment after that
                kills += process.poll() is None
                process.kill()
        fts.heal()
        token = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
        assert len(token.split("\n")[1].split()) == count // size == len(fts.jobs)
        settle_for_real(lambda: len(fts.moved) >= count)
        assert set(fts.moved.values()) == {1}
        assert len(fts.moved) == count
        assert kills == 3


def test_two_processes_at_the_same_time_copy_nothing_twice(world: FtsRig) -> None:
    transfers = world.transfers()
    orders = transfers.orders(24)
    world.fts.inject("slow", None, method="POST", seconds=0.01)
    tokens: list[str] = []

    def submit() -> None:
        tokens.append(transfers.open().submit(orders, label="one").token)

    threads = [threading.Thread(target=submit) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(tokens)) == 1
    assert len(world.fts.jobs) == 12
    assert transfers.ends(transfers.open(), tokens[0], map(path_of, orders)) == done(orders)
    assert moved(world, orders) == {1}


@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.UNHEARD, FaultKind.HTML, FaultKind.REFUSE])
def test_a_lost_or_refused_submission_is_settled_by_the_same_call(world: FtsRig, kind: FaultKind) -> None:
    transfers = world.transfers()
    orders = transfers.orders(6)
    service = transfers.open()
    service.submit(orders[:2], label="another")  # who we are is known by now
    posts = len(world.fts.asked("POST"))

    def fail_from_the_second() -> None:
        settle_for_real(lambda: len(world.fts.asked("POST")) > posts, every=0.001)
        world.fts.inject(kind, None, method="POST")

    world.fts.inject("slow", 1, method="POST", seconds=0.05)
    watcher = threading.Thread(target=fail_from_the_second)
    watcher.start()
    receipt = service.submit(orders, label="one")
    watcher.join()
    told = [receipt.outcomes[order.path] for order in orders]
    assert told[:2] == [Pending()] * 2
    assert all(isinstance(outcome, Unknown) for outcome in told[2:])
    world.fts.heal()
    assert transfers.made(orders, "one") == done(orders)
    assert moved(world, orders) == {1}


def test_an_error_of_the_whole_call_is_settled_by_the_same_call(world: FtsRig) -> None:
    transfers = world.transfers()
    orders = transfers.orders(3)
    world.fts.inject(FaultKind.DROP, None, method="POST")
    with pytest.raises(StorageError):
        transfers.open().submit(orders, label="one")
    assert len(world.fts.jobs) == 1, "it was heard, and the answer was lost"
    world.fts.heal()
    assert transfers.made(orders, "one") == done(orders)
    assert moved(world, orders) == {1}


def test_a_service_that_gives_other_ids_is_not_used(world: FtsRig, monkeypatch: pytest.MonkeyPatch) -> None:
    from transfers.testing.fts import submission

    monkeypatch.setattr(submission, "namespace", lambda base, vo: submission.uuid1())
    transfers = world.transfers()
    with pytest.raises(Unsupported, match="was asked for"):
        transfers.open().submit(transfers.orders(1), label="one")
    assert {job.state for job in world.fts.jobs.values()} == {"CANCELED"}


def test_a_request_that_the_service_has_archived_is_known(world: FtsRig) -> None:
    transfers = world.transfers()
    orders = transfers.orders(4)
    assert transfers.made(orders, "one") == done(orders)
    token = transfers.open().submit(orders, label="one").token
    wait(world, 8 * 86400)
    assert transfers.open().poll({token: [order.path for order in orders]}) == {token: done(orders)}
    assert len(world.fts.asked("GET", "/archive/")) == 2
    assert transfers.made(orders, "one") == done(orders), "asked anew, it finds what is there"
    assert moved(world, orders) == {1}


def test_a_destination_that_another_job_is_busy_with(tmp_path: Path, credentials: Credentials) -> None:
    settings = ServerSettings(double_destinations=True)
    rig = FtsRig(tmp_path, credentials, tape=False, settings=settings, max_files="4")
    with rig.fts:
        transfers = rig.transfers()
        orders = transfers.orders(4)
        first = transfers.open().submit(orders[:1], label="one").token
        receipt = transfers.open().submit(orders, label="two")
        assert isinstance(receipt.outcomes[orders[0].path], Unknown)
        assert [receipt.outcomes[order.path] for order in orders[1:]] == [Pending()] * 3
        transfers.ends(transfers.open(), first, [orders[0].path])
        assert transfers.made(orders, "two") == done(orders)
        assert moved(rig, orders) == {1}


# ---------------------------------------------------------------------------------------- what is asked for
def test_files_go_by_pairs_of_storages_in_jobs_of_so_many(world: FtsRig) -> None:
    world.options["max_files"] = "3"
    transfers = world.transfers()
    here = [transfers.order(f"a{n}.root", b"a") for n in range(4)]
    there = [
        replace(order, path=f"{order.path}2", sources=("memory://far" + order.sources[0][18:],))
        for order in here
    ]
    urgent = transfers.order("urgent.root", b"u", priority=3, activity="T0 export")
    token = transfers.open().submit([*here, *there, urgent], label="one").token
    jobs = [world.fts.jobs[name] for name in token.split()]
    assert [len(job.files) for job in jobs] == [3, 1, 3, 1, 1]
    for job in jobs:
        assert len({file.source.split("/")[2] for file in job.files}) == 1
        asked = {name: job.params[name] for name in ("verify_checksum", "overwrite", "retry", "id_generator")}
        assert asked == {
            "verify_checksum": "both",
            "overwrite": False,
            "retry": -1,
            "id_generator": "deterministic",
        }
        assert job.params["dst_file_report"] is True
        assert job.params["archive_timeout"] == job.params["bring_online"] == -1
    assert (jobs[-1].params["priority"], jobs[-1].files[0].activity) == (5, "T0 export")
    assert all(file.checksum.startswith("ADLER32:") for job in jobs for file in job.files if file.checksum)


def test_leading_zeros_of_a_checksum_are_sent(world: FtsRig) -> None:
    order = TransferOrder("/z", ("memory://elsewhere/z",), 4, Adler32(0x620062))
    token = world.transfers().open().submit([order], label="one").token
    assert world.fts.jobs[token].files[0].checksum == "ADLER32:00620062"


def test_a_file_that_the_service_refuses_holds_no_other(world: FtsRig) -> None:
    world.options["max_files"] = "8"
    transfers = world.transfers()
    orders = transfers.orders(8)
    orders[3] = replace(orders[3], sources=("memory://elsewhere/",))  # no file: 400 for its whole job
    orders[6] = replace(orders[6], sources=("file:///etc/passwd",))
    told = transfers.made(orders)
    assert [code(told[orders[n].path]) for n in (3, 6)] == ["unsupported"] * 2
    assert [told[orders[n].path] for n in (0, 1, 2, 4, 5, 7)] == [Done()] * 6


# -------------------------------------------------------------------------------------------------- looking
def test_a_poll_of_a_thousand_files_is_one_list_and_few_reads(world: FtsRig) -> None:
    world.options |= {"max_files": "10", "files_every": "60"}
    transfers = world.transfers()
    orders = transfers.orders(1000)
    service = transfers.open()
    requests = {
        service.submit(orders[n : n + 200], label=str(n)).token: [o.path for o in orders[n : n + 200]]
        for n in range(0, 1000, 200)
    }
    world.fts.wedge()
    world.fts.calls.clear()
    assert all(set(told.values()) == {Pending()} for told in service.poll(requests).values())
    assert [call.target for call in world.fts.calls] == [world.fts.calls[0].target]
    assert "fields=job_id,job_state" in world.fts.calls[0].target
    world.clock.sleep(timedelta(seconds=100))
    service.poll(requests)
    assert len(world.fts.calls) == 3, "the list, and a hundred jobs that nobody looked at for long"
    world.fts.heal()
    wait(world, 60)
    world.fts.calls.clear()
    assert all(set(told.values()) == {Done()} for told in service.poll(requests).values())
    assert len(world.fts.calls) == 2
    assert service.poll(requests)
    assert len(world.fts.calls) == 2, "what is over is not asked about again"


def test_a_list_that_hides_jobs_costs_calls_and_tells_nothing_wrong(world: FtsRig) -> None:
    """As after a change of VOMS roles, which is another delegation."""
    transfers = world.transfers()
    orders = transfers.orders(6)
    service = transfers.open()
    token = service.submit(orders, label="one").token
    service._client.listed = dict
    paths = [order.path for order in orders]
    assert service.poll({token: paths}) == {token: dict.fromkeys(paths, Pending())}
    wait(world, 60)
    assert service.poll({token: paths}) == {token: done(orders)}


def test_one_lost_answer_of_many_is_unknown(world: FtsRig) -> None:
    world.options["max_files"] = "1"
    transfers = world.transfers()
    orders = transfers.orders(120)
    token = transfers.open().submit(orders, label="one").token
    paths = [order.path for order in orders]
    wait(world, 60)
    last = token.split()[-1]
    world.fts.inject(FaultKind.HTML, path=f"/jobs/*{last}*")
    told = transfers.open().poll({token: paths})[token]
    assert [type(told[path]).__name__ for path in paths] == ["Done"] * 100 + ["Unknown"] * 20


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FaultKind.HTML, "transient"),
        (FaultKind.NOT_FOUND, "unreadable_reply"),
        (FaultKind.REFUSE, "endpoint_busy"),
        (FaultKind.DROP, "endpoint_unreachable"),
    ],
)
def test_no_trouble_of_the_service_is_taken_for_news(world: FtsRig, kind: FaultKind, expected: str) -> None:
    transfers = world.transfers()
    orders = transfers.orders(4)
    service = transfers.open()
    token = service.submit(orders, label="one").token
    world.fts.inject(kind, None)
    with pytest.raises(StorageError) as caught:
        service.poll({token: [order.path for order in orders]})
    assert caught.value.code == expected
    world.fts.heal()
    assert transfers.ends(service, token, [order.path for order in orders]) == done(orders)


def test_a_question_about_nothing_tells_whether_the_service_takes_us(world: FtsRig) -> None:
    """What ``ddm doctor`` asks."""
    told = world.transfers().open().poll({"nothing": ["/a"]})["nothing"]["/a"]
    assert code(told) == "request_vanished"
    world.fts.inject(FaultKind.HTML, None)
    with pytest.raises(StorageError):
        world.transfers().open().poll({"nothing": ["/a"]})


def test_some_failed_and_some_finished_is_told_file_by_file(world: FtsRig) -> None:
    world.options["max_files"] = "10"
    transfers = world.transfers()
    orders = transfers.orders(3)
    orders[1] = replace(orders[1], sources=("memory://elsewhere/nothing",))
    service = transfers.open()
    token = service.submit(orders, label="one").token
    told = transfers.ends(service, token, [order.path for order in orders])
    assert world.fts.jobs[token].state == "FINISHEDDIRTY"
    assert code(told[orders[1].path]) == "file_missing"
    assert told[orders[0].path] == told[orders[2].path] == Done()


# ------------------------------------------------------------------------------------------- sources and hops
def test_a_spare_source_is_waited_for_by_nobody(world: FtsRig) -> None:
    transfers = world.transfers()
    order = transfers.order("a.root", b"bytes")
    order = replace(order, sources=(*order.sources, "memory://elsewhere/spare"))
    service = transfers.open()
    token = service.submit([order], label="one").token
    assert transfers.ends(service, token, [order.path]) == done([order])
    assert [file.state for file in world.fts.jobs[token].files] == ["FINISHED", "NOT_USED"]
    assert world.fts.jobs[token].state == "FINISHED"


def test_a_hop_that_fails_is_told_and_the_others_are_waited_for_by_nobody(world: FtsRig) -> None:
    transfers = world.transfers()
    order = transfers.order("a.root", b"bytes")
    gone = replace(order, sources=("memory://elsewhere/nothing",), hops=("memory://archive/hop",))
    service = transfers.open()
    token = service.submit([gone], label="one").token
    told = transfers.ends(service, token, [order.path])[order.path]
    assert code(told) == "file_missing"
    assert isinstance(told, Failed)
    assert "hop 1 of 2" in told.text
    assert [file.state for file in world.fts.jobs[token].files] == ["FAILED", "NOT_USED"]
    assert world.fts.jobs[token].state == "FAILED"


def test_a_hop_that_is_there_already_is_no_success(world: FtsRig) -> None:
    transfers = world.transfers()
    order = transfers.order("a.root", b"bytes")
    world.archive.put("/hop", order.size, order.adler32)
    hopped = replace(order, hops=("memory://archive/hop",))
    told = transfers.made([hopped])[order.path]
    assert code(told) == "file_exists"
    assert world.look(order.path) is None


def test_the_last_hop_only_is_archived(world: FtsRig) -> None:
    transfers = world.transfers()
    order = transfers.order("a.root", b"bytes", archive_timeout=timedelta(days=1))
    hopped = replace(order, hops=("memory://archive/hop",))
    assert transfers.made([hopped]) == done([order])
    job = next(iter(world.fts.jobs.values()))
    assert [file.archive_finish_time is not None for file in job.files] == [False, True]
    assert moved(world, [order]) == {1}


@pytest.mark.parametrize(
    "change",
    [
        {"sources": ("memory://elsewhere/a", "memory://elsewhere/b")},
        {"sources": ("memory://rig/a.root",)},
        {"hops": ("memory://elsewhere/a",)},
    ],
)
def test_orders_that_cannot_be_are_refused(world: FtsRig, change: dict[str, Any]) -> None:
    order = TransferOrder("/a.root", ("memory://elsewhere/a",), 1, Adler32(1), hops=("memory://archive/h",))
    receipt = world.transfers().open().submit([replace(order, **change)], label="one")
    assert code(receipt.outcomes["/a.root"]) == "unsupported"
    assert (receipt.token, world.fts.jobs) == ("", {})


# ---------------------------------------------------------------------------------------------------- tape
def test_the_bytes_are_told_to_be_there_while_the_tape_is_waited_for(world: FtsRig) -> None:
    transfers = world.transfers()
    order = transfers.order("a.root", b"bytes", archive_timeout=timedelta(days=1))
    service = transfers.open()
    token = service.submit([order], label="one").token
    assert service.poll({token: [order.path]})[token] == {order.path: Pending()}
    wait(world, 5)
    wait(world, 5)
    assert service.poll({token: [order.path]})[token] == {order.path: Pending(landed=True)}


def test_a_copy_cancelled_while_it_is_archived_is_there(world: FtsRig) -> None:
    transfers = world.transfers()
    world.store.library.settings = replace(world.store.library.settings, archive_delay=1e6)
    order = transfers.order("a.root", b"bytes", archive_timeout=timedelta(days=9))
    service = transfers.open()
    token = service.submit([order], label="one").token
    for _ in range(3):
        wait(world, 40)
    service.cancel(token, [order.path])
    assert code(transfers.ends(service, token, [order.path])[order.path]) == "not_archived"


# ---------------------------------------------------------------------------------------------------- ends
def test_a_running_copy_that_is_cancelled_is_over_when_its_agent_is_dead(world: FtsRig) -> None:
    transfers = world.transfers()
    (order,) = transfers.orders(1)
    service = transfers.open()
    token = service.submit([order], label="one").token
    wait(world, 3)
    assert world.fts.jobs[token].files[0].state == "ACTIVE"
    service.cancel(token, [order.path])
    assert world.fts.jobs[token].state == "CANCELED"
    assert service.poll({token: [order.path]})[token] == {order.path: Pending()}
    wait(world, 4)
    assert code(service.poll({token: [order.path]})[token][order.path]) == "request_vanished"
    assert transfers.made([order], "two") == done([order])


def test_a_service_that_stands_still_is_an_alarm_and_nothing_is_copied_twice(world: FtsRig) -> None:
    world.options["stall"] = "7200"
    transfers = world.transfers()
    orders = transfers.orders(3)
    paths = [order.path for order in orders]
    service = transfers.open()
    world.fts.wedge()
    token = service.submit(orders, label="one").token
    assert set(service.poll({token: paths})[token].values()) == {Pending()}
    world.clock.sleep(timedelta(hours=1.9))
    assert set(service.poll({token: paths})[token].values()) == {Pending()}
    world.clock.sleep(timedelta(hours=0.2))
    assert set(service.poll({token: paths})[token].values()) == {Pending()}, "cancelled, and not over yet"
    told = service.poll({token: paths})[token]
    assert {code(outcome) for outcome in told.values()} == {"storage_timeout"}
    assert all("SUBMITTED" in str(outcome) for outcome in told.values())
    again = service.submit(orders, label="two").token
    world.fts.heal()
    assert transfers.ends(service, again, paths) == done(orders)
    assert moved(world, orders) == {1}


def test_a_long_queue_that_moves_is_no_alarm(world: FtsRig) -> None:
    world.options |= {"stall": "7200", "max_files": "1"}
    transfers = world.transfers()
    orders = transfers.orders(30)
    paths = [order.path for order in orders]
    service = transfers.open()
    world.fts.wedge()
    token = service.submit(orders, label="one").token
    for name in token.split()[:29]:
        world.clock.sleep(timedelta(minutes=30))
        world.fts.fail(name, "", "FINISHED")
        assert Pending() in service.poll({token: paths})[token].values()
    assert world.fts.asked("DELETE") == []


# ------------------------------------------------------------------------------- real bytes, a real server
@pytest.mark.xrootd
def test_real_bytes_come_to_a_real_tape_endpoint(credentials: Credentials, eos_server: XRootDServer) -> None:
    """From the disk of an XRootD server to its emulated tape; the service waits until the file is there."""
    data = bytes(range(256)) * 4000
    eos_server.put(f"{DISK_AREA}/out/merged.root", data)
    clock = SystemClock()
    tape = storage_at(eos_server.tape_prefix, tape="true")
    storages = {eos_server.disk_prefix: storage_at(eos_server.disk_prefix), eos_server.tape_prefix: tape}
    settings = ServerSettings(scheduler=0.0, transfer=0.0, archive_wait=0.1, archive_gaps=(0.1,))
    with FtsServer(clock, storages, settings=settings, credentials=credentials) as fts:
        options = {"endpoint": fts.url, "proxy": str(credentials.proxy()), "ca": str(credentials.ca)}
        service = open_transferrer("fts", eos_server.tape_prefix, clock=clock, options=options)
        path = "/fts-copies/merged.root"
        source = f"{eos_server.disk_prefix.rstrip('/')}/out/merged.root"
        good = TransferOrder(path, (source,), *contents(data), archive_timeout=timedelta(minutes=5))
        bad = replace(good, path="/fts-copies/bad.root", adler32=Adler32(1))
        token = service.submit([good, bad], label=str(time.time_ns())).token
        told: dict[str, Outcome] = {}

        def over() -> bool:
            told.update(service.poll({token: [good.path, bad.path]})[token])
            return not any(isinstance(outcome, Pending) for outcome in told.values())

        settle_for_real(over)
        assert told[good.path] == Done()
        assert code(told[bad.path]) == "checksum_mismatch"
        seen = tape.prober.probe([good.path, bad.path])
        assert isinstance(seen[good.path], Observed)
        assert seen[good.path].locality.on_tape  # type: ignore[union-attr]
        assert (seen[good.path].size, seen[good.path].adler32) == contents(data)  # type: ignore[union-attr]
        assert code(seen[bad.path]) == "file_missing"  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------- credentials
def test_the_delegation_is_renewed_by_looking(tmp_path: Path, credentials: Credentials) -> None:
    rig = FtsRig(tmp_path, credentials, tape=False)
    with rig.fts:
        rig.fts.grant(hours=14)
        transfers = rig.transfers()
        (order,) = transfers.orders(1)
        service = transfers.open()
        rig.fts.wedge()
        token = service.submit([order], label="one").token
        assert rig.fts.asked("PUT") == []
        rig.clock.sleep(timedelta(hours=3))
        service.poll({token: [order.path]})
        assert len(rig.fts.asked("PUT")) == 1
        rig.fts.inject(FaultKind.HTML, None, path="/delegation/*")
        rig.clock.sleep(timedelta(days=365))
        assert service.poll({token: [order.path]})[token] == {order.path: Pending()}, "looking goes on"


@pytest.fixture
def by_token(tmp_path: Path, credentials: Credentials) -> Iterator[FtsRig]:
    rig = FtsRig(tmp_path, credentials, tape=True, tls=True, token_file=str(tmp_path / "token"))
    del rig.options["proxy"]
    place = tmp_path / "token"
    place.write_text("good.token")
    place.chmod(0o600)
    rig.fts.let_in("good.token", "somebody")
    with rig.fts:
        yield rig


def test_with_a_token_nothing_is_delegated_and_no_tape_is_asked_for(by_token: FtsRig) -> None:
    transfers = by_token.transfers()
    good, tape, recall = transfers.orders(3)
    tape = replace(tape, archive_timeout=timedelta(days=1))
    recall = replace(recall, bring_online=timedelta(days=1))
    told = transfers.made([good, tape, recall])
    assert told[good.path] == Done()
    for order in (tape, recall):
        outcome = told[order.path]
        assert code(outcome) == "unsupported"
        assert "no tape with a token" in str(outcome)
    assert by_token.fts.asked("GET", "delegation") == by_token.fts.asked("PUT") == []


def test_a_token_that_is_over_is_told_so_and_a_new_one_is_taken_at_once(
    by_token: FtsRig, tmp_path: Path
) -> None:
    transfers = by_token.transfers()
    (order,) = transfers.orders(1)
    by_token.fts.revoke("good.token")
    service = transfers.open()
    with pytest.raises(StorageError) as caught:
        service.submit([order], label="one")
    assert caught.value.code == "credential_expired"
    assert by_token.fts.asked("POST") == []
    by_token.fts.let_in("new.token", "somebody")
    (tmp_path / "token").write_text("new.token\n")
    assert service.submit([order], label="one").outcomes == {order.path: Pending()}


@pytest.mark.parametrize(
    ("text", "mode", "expected"),
    [
        ("two words", 0o600, "credential_missing"),
        ("", 0o600, "credential_missing"),
        ("good.token", 0o640, "permission_refused"),
    ],
)
def test_token_files_that_cannot_be_used(
    by_token: FtsRig, tmp_path: Path, text: str, mode: int, expected: str
) -> None:
    (tmp_path / "token").write_text(text)
    (tmp_path / "token").chmod(mode)
    with pytest.raises(StorageError) as caught:
        by_token.transfers().open().submit(by_token.transfers().orders(1), label="one")
    assert caught.value.code == expected
    assert "good.token" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "endpoint"),
        ({"endpoint": "https://f:1", "colour": "red"}, "colour"),
        ({"endpoint": "https://f:1", "release_with": "xrootd"}, "release_with"),
        ({"endpoint": "https://f:1", "proxy": "/p", "token_file": "/t"}, "not both"),
        ({"endpoint": "https://f:1", "max_files": "0"}, "max_files"),
    ],
)
def test_options_that_cannot_be_are_one_clear_sentence(options: dict[str, str], words: str) -> None:
    with pytest.raises(Unsupported, match=words):
        open_transferrer("fts", "memory://plain/", clock=SimulatedClock(), options=options)
