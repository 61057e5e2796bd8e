"""The FTS stager keeps the rules of the ports; with the real FTS client library, against the test server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.checksum import Adler32
from catalog.clock import Clock, SimulatedClock, SystemClock
from catalog.states import Locality
from tests.conformance.test_memory import MemoryRig
from tests.conformance.test_simtape import SimtapeRig
from tests.conformance.test_xrootd import storage_at
from tests.fixtures_fts import credentials
from tests.fixtures_xrootd import eos_server
from transfers.backends import memory
from transfers.backends.memory import MemoryStorage
from transfers.errors import StorageError
from transfers.model import CopyOrder, Done, Failed, Outcome, Pending, StageOrder
from transfers.registry import open_stager
from transfers.testing.fts import Credentials, FtsServer, Generation, ServerSettings
from transfers.testing.suites import Rig, StagerSuite, settle_by_clock, settle_for_real
from transfers.testing.xrootd import XRootDServer

__all__ = ["credentials", "eos_server"]
pytestmark = [
    pytest.mark.fts,
    # fts3 leaves the proxy file open until it is collected
    pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedReader name='.*proxy-.*:ResourceWarning"),
]


@pytest.fixture(autouse=True)
def _forget_stores() -> Iterator[None]:
    yield
    memory.reset()


def stager_at(
    fts: FtsServer, prefix: str, clock: Clock, credentials: Credentials, user: str = "alice", **options: str
) -> Any:
    return open_stager(
        "fts",
        prefix,
        clock=clock,
        options={
            "endpoint": fts.url,
            "proxy": str(credentials.proxy(user)),
            "ca": str(credentials.ca),
            **options,
        },
    )


# ---------------------------------------------------------------------------------------------- the suite
class FtsOverMemory(MemoryRig):
    """A simulated library behind an FTS of the older generation, over plain HTTP."""

    def __init__(self, directory: Path, credentials: Credentials) -> None:
        super().__init__(directory, tape=True)
        self.fts = FtsServer(self.clock, {"memory://rig/": self.storage})
        stager = stager_at(self.fts, "memory://rig/", self.clock, credentials, release_with="memory")
        self.storage = replace(self.storage, stager=stager)

    def forget(self, token: str) -> bool:
        for name in token.split():
            self.fts.forget(name)
        return True


class FtsOverSimtape(SimtapeRig):
    """A library with real bytes behind an FTS of the newer generation, over TLS with proxies."""

    def __init__(self, directory: Path, credentials: Credentials) -> None:
        super().__init__(directory)
        prefix = f"simtape://{self.root}"
        settings = ServerSettings(generation=Generation.V3_14)
        self.fts = FtsServer(self.clock, {prefix: self.storage}, settings=settings, credentials=credentials)
        options = {"release_with": "simtape", "release.mount": "30", "ca": str(credentials.ca_directory)}
        self.storage = replace(
            self.storage, stager=stager_at(self.fts, prefix, self.clock, credentials, **options)
        )

    def forget(self, token: str) -> bool:
        for name in token.split():
            self.fts.forget(name)
        return True


class TestFtsOverMemory(StagerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path, credentials: Credentials) -> Iterator[Rig]:
        rig = FtsOverMemory(tmp_path, credentials)
        with rig.fts:
            yield rig


class TestFtsOverSimtape(StagerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path, credentials: Credentials) -> Iterator[Rig]:
        rig = FtsOverSimtape(tmp_path, credentials)
        with rig.fts:
            yield rig


# ------------------------------------------------------------------------------------------- one small world
class World:
    """A tape library, a disk, an FTS in front of them, and a clock that moves when told."""

    def __init__(self, credentials: Credentials, clock: SimulatedClock, settings: ServerSettings) -> None:
        self.clock, self.credentials = clock, credentials
        self.tape = MemoryStorage("cta", clock, tape=True)
        self.disk = MemoryStorage("disk", clock)
        storages = {"memory://cta/": self.tape.storage(), "memory://disk/": self.disk.storage()}
        self.fts = FtsServer(clock, storages, settings=settings, credentials=credentials)

    def stager(self, user: str = "alice", prefix: str = "memory://cta/", **options: str) -> Any:
        return stager_at(
            self.fts, prefix, self.clock, self.credentials, user, **{"release_with": "memory", **options}
        )

    def copier(self, **options: str) -> Any:
        return self.stager(prefix="memory://disk/", release_with="none", **options)

    def files(self, count: int, name: str = "f") -> list[StageOrder]:
        """So many files on tape, and the orders for them; the checksum is the number of the file."""
        orders = [StageOrder(f"/{name}{number}", 100) for number in range(count)]
        self.tape.seed_tape([(order.path, 100, Adler32(n)) for n, order in enumerate(orders)])
        return orders

    def wait(self, hours: float = 0, seconds: float = 0) -> None:
        self.clock.sleep(timedelta(hours=hours, seconds=seconds))

    def outcomes(self, stager: Any, token: str, paths: list[str]) -> Mapping[str, Outcome]:
        """What is said of the files when none is pending any more."""
        seen: dict[str, Outcome] = {}

        def over() -> bool:
            seen.update(stager.poll(token, paths))
            return not any(isinstance(outcome, Pending) for outcome in seen.values())

        settle_by_clock(self.clock, over, step=timedelta(seconds=30))
        return seen


@contextmanager
def running(
    credentials: Credentials, clock: SimulatedClock | None = None, **settings: Any
) -> Iterator[World]:
    world = World(credentials, clock or SimulatedClock(), ServerSettings(**settings))
    with world.fts:
        yield world


@pytest.fixture
def world(credentials: Credentials) -> Iterator[World]:
    with running(credentials) as world:
        yield world


@pytest.fixture(params=list(Generation))
def either(request: pytest.FixtureRequest, credentials: Credentials) -> Iterator[World]:
    """A world of each generation of daemons."""
    with running(credentials, generation=request.param) as world:
        yield world


def paths_of(orders: list[StageOrder]) -> list[str]:
    return [order.path for order in orders]


def code(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed), outcome
    return outcome.code


def raised(call: Callable[[], object]) -> StorageError:
    with pytest.raises(StorageError) as caught:
        call()
    return caught.value


# ------------------------------------------------------------------------------------------------ submitting
def test_lifetime_and_priority_are_of_the_job_and_activity_of_the_file(world: World) -> None:
    first, second, third = world.files(3)
    orders = [
        replace(first, lifetime=timedelta(days=1), activity="mDST", priority=3),
        replace(second, lifetime=timedelta(days=1), priority=3),
        replace(third, lifetime=timedelta(hours=1), priority=0),
    ]
    stager = world.stager(activity="default activity", bring_online="4000", staging_metadata='{"a": 1}')
    token = stager.stage(orders).token
    one, two = (world.fts.jobs[name] for name in token.split())
    assert (one.params["copy_pin_lifetime"], one.params["bring_online"], one.params["priority"]) == (
        86400,
        4000,
        5,
    )
    assert [file.activity for file in one.files] == ["mDST", "default activity"]
    assert (two.params["copy_pin_lifetime"], two.params["priority"]) == (3600, 1)
    assert two.files[0].staging_metadata == {"a": 1}
    assert all(file.source == file.destination for job in (one, two) for file in job.files)


def test_files_go_in_jobs_of_at_most_so_many_and_one_recall(world: World) -> None:
    orders = world.files(25)
    stager = world.stager(max_files="10")
    receipt = stager.stage(orders)
    assert [len(world.fts.jobs[name].files) for name in receipt.token.split()] == [10, 10, 5]
    assert world.outcomes(stager, receipt.token, paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())
    assert world.fts.prepares == 1


def test_the_same_call_again_is_the_same_request(world: World) -> None:
    orders = world.files(3)
    token = world.stager().stage(orders).token
    assert world.stager().stage(list(reversed(orders))).token == token
    world.wait(seconds=310)
    assert world.stager().stage(orders).token == token
    assert len(world.fts.jobs) == 1


def test_another_user_gets_a_request_of_their_own(world: World) -> None:
    orders = world.files(2)
    alice, bob = world.stager().stage(orders).token, world.stager("bob").stage(orders).token
    assert alice != bob
    assert raised(lambda: world.stager("bob").poll(alice, paths_of(orders))).code == "permission_refused"


def test_what_is_over_is_asked_for_anew(world: World) -> None:
    orders = world.files(2)
    stager = world.stager()
    tokens = []
    for _ in range(4):
        tokens.append(stager.stage(orders).token)
        assert world.outcomes(stager, tokens[-1], paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())
        stager.release(tokens[-1], paths_of(orders))
    assert len(set(tokens)) == 4
    assert world.fts.prepares == 4


def test_a_request_of_which_a_part_is_over_is_not_taken_for_a_new_one(world: World) -> None:
    orders = world.files(2)
    stager = world.stager()
    token = stager.stage(orders).token
    world.fts.fail(token, "STAGING [42] it broke", index=0)
    again = stager.stage(orders).token
    assert again != token
    assert world.outcomes(stager, again, paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())


def test_more_attempts_than_are_looked_up_at_once(world: World) -> None:
    orders = world.files(1)
    stager = world.stager()
    tokens = []
    for _ in range(52):
        tokens.append(stager.stage(orders).token)
        world.fts.fail(tokens[-1], "cancelled", "CANCELED")
    assert len(set(tokens)) == 52
    assert stager.stage(orders).token not in tokens


def test_a_name_that_cannot_be_sent_holds_no_other(world: World) -> None:
    (good,) = world.files(1)
    bad = [
        StageOrder(path, 1) for path in ("/a?b", "/a#b", "no-slash", "/../up", "/dir/", "/x" * 600, "/a\nb")
    ]
    receipt = world.stager().stage([*bad, good])
    assert receipt.outcomes[good.path] == Pending()
    assert {code(receipt.outcomes[order.path]) for order in bad} == {"unsupported", "permission_refused"}
    assert len(world.fts.jobs[receipt.token].files) == 1


def test_a_file_that_the_service_refuses_holds_no_other(world: World) -> None:
    world.files(9)
    copies = [CopyOrder(f"/c{n}", f"memory://cta/f{n}", 100, Adler32(n)) for n in range(9)]
    copies[4] = replace(copies[4], source="memory://cta/")  # no file: 400 for its whole job
    copies[7] = replace(copies[7], source="file:///etc/passwd")
    stager = world.copier()
    receipt = stager.stage_and_copy(copies)
    assert {path for path, o in receipt.outcomes.items() if o != Pending()} == {"/c4", "/c7"}
    assert code(receipt.outcomes["/c4"]) == code(receipt.outcomes["/c7"]) == "unsupported"
    good = [order.path for order in copies if order.path not in ("/c4", "/c7")]
    assert world.outcomes(stager, receipt.token, good) == dict.fromkeys(good, Done())


# ------------------------------------------------------------------------------------------------- looking
def test_a_poll_is_one_call_and_files_are_read_only_when_it_is_time(world: World) -> None:
    orders = world.files(30)
    stager = world.stager(max_files="10")
    token = stager.stage(orders).token
    stager.poll(token, paths_of(orders))
    world.fts.calls.clear()
    for _ in range(5):
        world.wait(seconds=10)
        assert set(stager.poll(token, paths_of(orders)).values()) == {Pending()}
    assert len(world.fts.calls) == 5
    assert world.fts.asked("GET", "files=") == []
    world.wait(seconds=10)
    stager.poll(token, paths_of(orders))
    assert len(world.fts.asked("GET", "files=")) == 1


def test_files_of_a_job_whose_state_has_changed_are_read_at_once(world: World) -> None:
    orders = world.files(2)
    stager = world.stager()
    token = stager.stage(orders).token
    stager.poll(token, paths_of(orders))
    world.fts.fail(token, "STAGING [42] it broke")
    world.wait(seconds=1)
    assert code(stager.poll(token, paths_of(orders))["/f0"]) == "tape_lost"


def test_jobs_that_are_over_are_never_asked_about_again(world: World) -> None:
    orders = world.files(3)
    stager = world.stager()
    token = stager.stage(orders).token
    world.outcomes(stager, token, paths_of(orders))
    world.fts.calls.clear()
    assert stager.poll(token, paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())
    assert world.fts.calls == []


def test_each_file_is_told_as_soon_as_it_is_there(world: World) -> None:
    first, slow = world.files(2)
    world.tape.inject(slow.path, "stuck")
    stager = world.stager()
    token = stager.stage([first, slow]).token
    world.wait(seconds=301)
    stager.poll(token, [first.path])
    world.wait(seconds=61)
    assert stager.poll(token, [first.path, slow.path]) == {first.path: Done(), slow.path: Pending()}


def test_a_token_of_more_jobs_than_fit_in_a_url(world: World) -> None:
    orders = world.files(230)
    stager = world.stager(max_files="1")
    receipt = stager.stage(orders)
    assert len(receipt.token.split()) == 230
    world.fts.calls.clear()
    assert set(stager.poll(receipt.token, paths_of(orders)).values()) == {Pending()}
    assert [call.status for call in world.fts.calls] == [200, 200, 200]
    world.fts.forget(receipt.token.split()[0])
    world.wait(seconds=100)
    outcomes = stager.poll(receipt.token, paths_of(orders))
    assert code(outcomes[orders[0].path]) == "request_vanished"
    assert {outcomes[order.path] for order in orders[1:]} <= {Pending(), Done()}
    assert [call.status for call in world.fts.asked("GET", "/jobs/")][-3:] == [207, 200, 200]


def test_a_job_in_the_archive_is_still_known(world: World) -> None:
    orders = world.files(2)
    token = world.stager().stage(orders).token
    world.outcomes(world.stager(), token, paths_of(orders))
    world.wait(hours=24 * 8)
    stager = world.stager()
    assert stager.poll(token, paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())
    assert world.fts.asked("GET", "/archive/")


def test_reasons_of_the_tape_are_told_apart(either: World) -> None:
    orders = either.files(5)
    either.tape.inject("/f0", "fail")
    either.tape.inject("/f1", "refuse")
    either.tape.inject("/f2", "lost")
    missing = StageOrder("/missing", 1)
    stager = either.stager()
    token = stager.stage([*orders, missing]).token
    told = either.outcomes(stager, token, [*paths_of(orders), missing.path])
    assert {path: getattr(outcome, "code", "done") for path, outcome in told.items()} == {
        "/f0": "tape_lost",
        "/f1": "endpoint_busy",
        "/f2": "request_vanished",
        "/f3": "done",
        "/f4": "done",
        "/missing": "file_missing",
    }


def test_a_recall_that_takes_too_long_is_a_timeout(either: World) -> None:
    (order,) = either.files(1)
    either.tape.inject(order.path, "stuck")
    stager = either.stager(bring_online="1000")
    token = stager.stage([order]).token
    assert code(either.outcomes(stager, token, [order.path])[order.path]) == "storage_timeout"


def test_a_service_that_stands_still_is_an_alarm_and_nothing_is_recalled_twice(world: World) -> None:
    orders = world.files(2)
    stager = world.stager(stall="7200")
    world.fts.wedge()
    token = stager.stage(orders).token
    world.wait(hours=1.9)
    assert set(stager.poll(token, paths_of(orders)).values()) == {Pending()}
    world.wait(hours=0.2)
    outcome = stager.poll(token, paths_of(orders))["/f0"]
    assert code(outcome) == "storage_timeout"
    assert isinstance(outcome, Failed)
    assert "STAGING" in outcome.text
    again = stager.stage(orders).token
    assert again != token
    assert world.fts.jobs[token].state == "CANCELED"
    world.fts.heal()
    assert world.outcomes(stager, again, paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())
    assert world.fts.prepares == 1


# -------------------------------------------------------------------------------------------------- ending
def test_cancel_of_some_leaves_the_others(world: World) -> None:
    orders = world.files(4)
    stager = world.stager()
    token = stager.stage(orders).token
    paths = paths_of(orders)
    assert stager.cancel(token, paths[:2]) == dict.fromkeys(paths[:2], Done())
    outcomes = world.outcomes(stager, token, paths)
    assert [getattr(outcomes[path], "code", "done") for path in paths] == ["request_vanished"] * 2 + [
        "done"
    ] * 2
    assert world.tape.probe(paths[:1])[paths[0]].locality is Locality.NEARLINE  # type: ignore[union-attr]


def test_cancel_of_all_is_one_call_and_of_an_unknown_request_harmless(world: World) -> None:
    orders = world.files(4)
    stager = world.stager()
    token = stager.stage(orders).token
    stager.cancel(token, paths_of(orders))
    assert len(world.fts.asked("DELETE")) == 1
    world.fts.forget(token)
    assert stager.cancel(token, paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())
    assert stager.cancel("", paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())


def test_a_recall_under_way_is_aborted_at_the_storage(world: World) -> None:
    (order,) = world.files(1)
    world.tape.inject(order.path, "stuck")
    stager = world.stager()
    token = stager.stage([order]).token
    world.wait(seconds=301)
    world.fts.run()
    storage_token = world.fts.jobs[token].files[0].token
    assert world.tape.poll(storage_token, [order.path])[order.path] == Pending()
    stager.cancel(token, [order.path])
    world.wait(seconds=601)
    world.fts.run()
    assert code(world.tape.poll(storage_token, [order.path])[order.path]) == "request_vanished"


def test_release_of_what_still_waits_cancels_it(world: World) -> None:
    orders = world.files(2)
    stager = world.stager()
    token = stager.stage(orders).token
    assert stager.release(token, paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())
    assert world.fts.jobs[token].state == "CANCELED"


def test_nobody_releases_when_told_so(world: World) -> None:
    orders = world.files(1)
    stager = world.stager(release_with="none")
    token = stager.stage(orders).token
    world.outcomes(stager, token, paths_of(orders))
    assert stager.release(token, paths_of(orders)) == {"/f0": Done()}
    assert world.tape.probe(["/f0"])["/f0"].locality.readable  # type: ignore[union-attr]


def test_release_works_when_the_service_does_not(world: World) -> None:
    orders = world.files(1)
    stager = world.stager()
    token = stager.stage(orders).token
    world.outcomes(stager, token, paths_of(orders))
    world.fts.inject("html", None)
    assert set(stager.release(token, paths_of(orders))) == {"/f0"}


# ---------------------------------------------------------------------------------------- staging and copying
def copies(world: World, count: int) -> list[CopyOrder]:
    world.files(count)
    return [CopyOrder(f"/c{n}", f"memory://cta/f{n}", 100, Adler32(n)) for n in range(count)]


def copied(world: World, orders: list[CopyOrder], **options: str) -> dict[str, Outcome]:
    stager = world.copier(**options)
    receipt = stager.stage_and_copy(orders)
    assert set(receipt.outcomes) == {order.path for order in orders}
    return dict(world.outcomes(stager, receipt.token, [order.path for order in orders]))


def test_files_are_recalled_copied_and_evicted(either: World) -> None:
    orders = copies(either, 3)
    assert copied(either, orders) == {order.path: Done() for order in orders}
    assert either.disk.read("/c2") == (100, Adler32(2))
    assert either.tape.probe(["/f2"])["/f2"].locality is Locality.NEARLINE  # type: ignore[union-attr]


def test_a_wrong_checksum_is_found_and_nothing_stays(either: World) -> None:
    good, bad = copies(either, 2)
    outcomes = copied(either, [good, replace(bad, adler32=Adler32(77))])
    assert outcomes[good.path] == Done()
    assert code(outcomes[bad.path]) == "checksum_mismatch"
    assert code(either.disk.probe([bad.path])[bad.path]) == "file_missing"  # type: ignore[arg-type]


def test_a_wrong_size_is_found_though_the_service_compares_none(either: World) -> None:
    (order,) = copies(either, 1)
    assert code(copied(either, [replace(order, size=17)])[order.path]) == "size_mismatch"


def test_an_equal_destination_is_adopted_and_another_one_left_alone(either: World) -> None:
    same, other = copies(either, 2)
    either.disk.put(same.path, 100, Adler32(0))
    either.disk.put(other.path, 100, Adler32(99))
    outcomes = copied(either, [same, other])
    assert outcomes[same.path] == Done()
    assert code(outcomes[other.path]) == "file_exists"
    assert either.disk.read(other.path) == (100, Adler32(99))


def test_copies_again_are_harmless(world: World) -> None:
    orders = copies(world, 2)
    stager = world.copier()
    token = stager.stage_and_copy(orders).token
    assert stager.stage_and_copy(orders).token == token
    for _ in range(2):
        assert copied(world, orders) == {order.path: Done() for order in orders}


def test_a_missing_source_of_a_copy(either: World) -> None:
    order = CopyOrder("/c", "memory://cta/missing", 1, Adler32(1))
    assert code(copied(either, [order])["/c"]) == "file_missing"


# -------------------------------------------------------------------------------------- a real storage behind
@pytest.mark.xrootd
def test_a_real_server_is_recalled_from_and_released_by_its_own_protocol(
    credentials: Credentials, eos_server: XRootDServer
) -> None:
    eos_server.load("/cta/fts/a.raw", b"events")
    storage = storage_at(eos_server.tape_prefix, tape="true")
    settings = ServerSettings(batch_wait=0.1, gaps=(0.1,))
    clock = SystemClock()
    with FtsServer(
        clock, {eos_server.tape_prefix: storage}, settings=settings, credentials=credentials
    ) as fts:
        stager = stager_at(fts, eos_server.tape_prefix, clock, credentials, files_every="1")
        token = stager.stage([StageOrder("/fts/a.raw", 6)]).token
        settle_for_real(lambda: stager.poll(token, ["/fts/a.raw"]) == {"/fts/a.raw": Done()})
        assert stager.release(token, ["/fts/a.raw"]) == {"/fts/a.raw": Done()}

        def nearline() -> bool:
            seen = storage.prober.probe(["/fts/a.raw"])["/fts/a.raw"]
            return getattr(seen, "locality", None) is Locality.NEARLINE

        settle_for_real(nearline)
