"""Recalls at real XRootD servers that are limited, late, full, frozen or dead: what ``ddm`` makes of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from catalog.states import Locality
from tests.conformance.test_xrootd import storage_at
from tests.conformance.test_xrootd_faults import outcome_in_the_end, polled, staged, tape_at
from tests.fixtures_xrootd import eos_server, stock_server
from transfers.errors import EndpointUnreachable, StorageError, StorageTimeout
from transfers.model import Done, Failed, Observed, Outcome, Pending, StageOrder, Unknown
from transfers.ports import Stager, Storage
from transfers.testing.suites import settle_for_real
from transfers.testing.xrootd import XRootDServer

__all__ = ["eos_server", "stock_server"]
pytestmark = pytest.mark.xrootd

QUICK = {"mount": 0.05, "unmount": 0.02, "seek": 0.001}


@pytest.fixture(params=["stock", "eos"])
def server(request: pytest.FixtureRequest) -> Iterator[XRootDServer]:
    """A server in each mode, shared, and as it was afterwards."""
    server: XRootDServer = request.getfixturevalue(f"{request.param}_server")
    before = server.status()["settings"]
    yield server
    server.clear()
    for key, value in before.items():
        server.set(key, value)


@pytest.fixture(params=["stock", "eos"])
def own_server(request: pytest.FixtureRequest, stock_server: XRootDServer) -> Iterator[XRootDServer]:
    """A server that may be killed; asking for the shared one first makes the skip where it cannot run."""
    if request.param == "eos":
        request.getfixturevalue("eos_server")
    with XRootDServer.start(eos=request.param == "eos") as server:
        for key, value in QUICK.items():
            server.set(key, value)
        yield server


def stager_of(storage: Storage) -> Stager:
    assert storage.stager is not None
    return storage.stager


def filled(server: XRootDServer, where: str, files: int, **more: object) -> list[str]:
    """Paths of new small files on tape, below /cta/WHERE."""
    paths = [f"/{where}/{number:04d}.raw" for number in range(files)]
    server.seed({f"/cta{path}": path.encode() for path in paths}, **more)  # type: ignore[arg-type]
    return paths


def orders(paths: list[str]) -> list[StageOrder]:
    return [StageOrder(path, len(path)) for path in paths]


def wait_until_online(storage: Storage, token: str, paths: list[str]) -> None:
    def over() -> bool:
        outcomes = stager_of(storage).poll(token, paths)
        assert not [outcome for outcome in outcomes.values() if isinstance(outcome, Failed)]
        return set(outcomes.values()) == {Done()}

    settle_for_real(over)


def code(outcome: Outcome) -> str:
    return outcome.code if isinstance(outcome, Failed) else type(outcome).__name__.lower()


# ---------------------------------------------------------------------------------------------- limits
def test_the_usual_limit_of_a_stock_server_is_learned(stock_server: XRootDServer) -> None:
    with XRootDServer.start(max_files=48) as server:
        for key, value in QUICK.items():
            server.set(key, value)
        paths = filled(server, "limit", 110)
        storage = tape_at(server)
        receipt = stager_of(storage).stage(orders(paths))
        assert {code(outcome) for outcome in receipt.outcomes.values()} <= {"pending", "done"}
        assert len(receipt.token.split()) == 3
        wait_until_online(storage, receipt.token, paths)
        assert {name: count for name, count in server.recalls().items() if count != 1} == {}
        assert set(stager_of(storage).release(receipt.token, paths).values()) == {Done()}
        settle_for_real(lambda: server.status()["buffered"] == 0)


def test_a_thousand_files_are_one_call(eos_server: XRootDServer) -> None:
    eos_server.set("seek", 0)
    paths = filled(eos_server, "thousand", 1000, tapes=2)
    storage = tape_at(eos_server)
    receipt = stager_of(storage).stage(orders(paths))
    assert {code(outcome) for outcome in receipt.outcomes.values()} <= {"pending", "done"}
    assert len(receipt.token.split()) == 1
    wait_until_online(storage, receipt.token, paths)
    assert set(stager_of(storage).release(receipt.token, paths).values()) == {Done()}
    eos_server.set("seek", 0.01)


@pytest.mark.parametrize("style", [0, 3])
def test_answers_cut_or_refused_for_their_length(server: XRootDServer, style: int) -> None:
    server.set("query_style", style)
    paths = filled(server, f"length{style}", 60)
    storage = tape_at(server)
    token = staged(storage, paths)
    wait_until_online(storage, token, paths)


# ------------------------------------------------------------------------------------------ other services
def test_a_castor_answer_is_unknown(server: XRootDServer) -> None:
    server.set("query_style", 1)
    (path,) = filled(server, "castor", 1)
    storage = tape_at(server)
    token = staged(storage, [path])
    settle_for_real(lambda: server.on_disk(f"/cta{path}"))
    assert isinstance(polled(storage, token, path), Unknown)


def test_where_no_prepare_query_is_answered_the_flags_tell(eos_server: XRootDServer) -> None:
    server = eos_server
    server.set("query_style", 2)
    server.set("drives", 0)
    try:
        (path,) = filled(server, "dcache", 1)
        for options in ({}, {"states": "stat"}):
            storage = tape_at(server, **options)
            token = staged(storage, [path])
            assert polled(storage, token, path) == Pending()
        server.set("drives", 2)
        assert outcome_in_the_end(storage, token, path) == Done()
    finally:
        server.set("drives", 2)
        server.set("query_style", 0)


def test_a_probe_by_flags_alone_claims_no_tape_copy(stock_server: XRootDServer) -> None:
    stock_server.load("/cta/flags/on.raw", b"x", online=True)
    stock_server.load("/cta/flags/off.raw", b"x")
    storage = tape_at(stock_server, states="stat")
    seen = storage.prober.probe(["/flags/on.raw", "/flags/off.raw"])
    where = [found.locality for found in seen.values() if isinstance(found, Observed)]
    assert where == [Locality.ONLINE, Locality.NEARLINE]


def test_priority_and_activity_arrive(server: XRootDServer) -> None:
    paths = filled(server, "told", 2)
    storage = tape_at(server, activity="true")
    stager_of(storage).stage(
        [StageOrder(path, 1, activity="T0 export", priority=number) for number, path in enumerate(paths)]
    )
    settle_for_real(lambda: all(f"/cta{path}" in server.recalls() for path in paths))
    tally = server.tally()
    for number, path in enumerate(paths):
        assert tally[f"/cta{path}"][f"priority {number}"] == 1
        if server.eos:  # a stock server tells its program no activity
            assert tally[f"/cta{path}"]["activity T0 export"] == 1


# ----------------------------------------------------------------------------------------- late, lost, double
def test_a_request_that_is_long_on_its_way_is_made_once(stock_server: XRootDServer) -> None:
    server = stock_server
    server.set("accept_delay", 1.5)
    server.set("query_grace", 0)
    try:
        paths = filled(server, "late", 3)
        storage = tape_at(server, grace="10")
        token = staged(storage, paths)
        wait_until_online(storage, token, paths)
        tally = server.tally()
        assert [tally[f"/cta{path}"]["asked"] for path in paths] == [1, 1, 1]
    finally:
        server.set("accept_delay", 0)
        server.set("query_grace", 1)


def test_many_callers_at_once_lose_nothing(server: XRootDServer) -> None:
    """A stock server loses most of the requests that come at once; so those of a process do not."""
    paths = filled(server, "many", 96)
    storage = tape_at(server)
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda path: stager_of(storage).stage(orders([path])), paths))
    assert {code(next(iter(receipt.outcomes.values()))) for receipt in receipts} <= {"pending", "done"}
    for path, receipt in zip(paths, receipts, strict=True):
        assert outcome_in_the_end(storage, receipt.token, path) == Done()
    tally = server.tally()
    assert {tally[f"/cta{path}"]["recalled"] for path in paths} == {1}


def test_a_file_staged_three_times_is_released_for_good(server: XRootDServer) -> None:
    paths = filled(server, "renewed", 2)
    storage = tape_at(server)
    wait_until_online(storage, staged(storage, paths), paths)
    token = [staged(storage, paths) for _ in range(2)][-1]
    settle_for_real(lambda: [server.pins().get(f"/cta{path}") for path in paths] == [3, 3])
    if server.eos:
        assert set(stager_of(storage).release(token, paths).values()) == {Done()}
        assert not any(server.on_disk(f"/cta{path}") for path in paths)
        assert not set(server.pins()) & {f"/cta{path}" for path in paths}


def test_cancelling_some_files_leaves_the_others_of_the_same_call(server: XRootDServer) -> None:
    server.set("drives", 0)
    paths = filled(server, "some", 9)
    storage = tape_at(server, max_files="2")
    token = staged(storage, paths)
    assert len(token.split()) == 5
    gone = paths[3:6]
    assert stager_of(storage).cancel(token, gone) == dict.fromkeys(gone, Done())
    settle_for_real(lambda: not any(server._state(f"/cta{path}")["requested"] for path in gone))
    outcomes = stager_of(storage).poll(token, paths)
    assert [code(outcomes[path]) for path in paths] == ["pending"] * 3 + ["request_vanished"] * 3 + [
        "pending"
    ] * 3
    server.set("drives", 2)
    rest = [path for path in paths if path not in gone]
    wait_until_online(storage, token, rest)
    assert not set(server.recalls()) & {f"/cta{path}" for path in gone}


def test_a_missing_file_does_not_hold_a_cancellation(server: XRootDServer) -> None:
    server.set("drives", 0)
    paths = filled(server, "hold", 3)
    storage = tape_at(server)
    token = staged(storage, paths)
    asked = [paths[0], "/hold/none.raw", paths[1]]
    assert stager_of(storage).cancel(token, asked) == dict.fromkeys(asked, Done())
    settle_for_real(lambda: not any(server._state(f"/cta{path}")["requested"] for path in paths[:2]))
    assert polled(storage, token, paths[2]) == Pending()
    stager_of(storage).cancel(token, paths)


# ------------------------------------------------------------------------------------------------ full buffer
def test_a_full_buffer_is_no_fault_of_the_file_and_passes(own_server: XRootDServer) -> None:
    server = own_server
    paths = filled(server, "full", 4)
    storage = tape_at(server)
    server.set("buffer", 2 * len(paths[0]))
    wait_until_online(storage, first := staged(storage, paths[:2]), paths[:2])
    outcome = outcome_in_the_end(storage, staged(storage, paths[2:3]), paths[2])
    assert code(outcome) == "quota_exceeded"
    assert f"/cta{paths[2]}" not in server.recalls()
    stager_of(storage).release(first, paths[:2])
    settle_for_real(lambda: server.status()["buffered"] == 0)
    wait_until_online(storage, staged(storage, paths[2:]), paths[2:])


def test_a_buffer_may_drop_what_nobody_pins_or_even_what_is_pinned(own_server: XRootDServer) -> None:
    server = own_server
    paths = filled(server, "drop", 4)
    storage = tape_at(server)
    server.set("buffer", 2 * len(paths[0]))
    server.set("buffer_evicts", 1)
    server.load("/cta/drop/loose.raw", b"x" * len(paths[0]), online=True)
    wait_until_online(storage, staged(storage, paths[:2]), paths[:2])
    assert not server.on_disk("/cta/drop/loose.raw")
    server.set("buffer_evicts", 2)
    wait_until_online(storage, staged(storage, paths[2:3]), paths[2:3])
    outcomes = stager_of(storage).poll("", paths[:2])  # one was evicted before its use: to be asked for again
    assert sorted(code(outcome) for outcome in outcomes.values()) == ["done", "request_vanished"]
    assert sorted(server.tally()[f"/cta{path}"].get("evicted", 0) for path in paths[:2]) == [0, 1]


# --------------------------------------------------------------------------------------------- frozen or dead
def test_every_call_to_a_frozen_server_ends_in_time(own_server: XRootDServer) -> None:
    server = own_server
    paths = filled(server, "frozen", 200)
    storage = tape_at(server, timeout="1")
    stager = stager_of(storage)
    token = staged(storage, paths[:5])
    server.freeze()
    for call in (
        lambda: stager.stage(orders(paths)),
        lambda: stager.poll(token, paths),
        lambda: stager.cancel(token, paths),
        lambda: stager.release(token, paths),
        lambda: storage.prober.probe(paths),
    ):
        start = time.monotonic()
        with pytest.raises((StorageTimeout, EndpointUnreachable)):
            call()
        assert time.monotonic() - start < 30  # not once for each file
    server.thaw()
    settle_for_real(lambda: _answers(storage, token, paths[0]))
    wait_until_online(storage, staged(storage, paths), paths)
    assert set(server.recalls().values()) == {1}


def _answers(storage: Storage, token: str, path: str) -> bool:
    try:
        return not isinstance(polled(storage, token, path), Unknown)
    except StorageError:
        return False


def test_a_server_killed_during_recalls_finds_them_again(own_server: XRootDServer) -> None:
    server = own_server
    server.set("drives", 0)
    paths = filled(server, "killed", 40)
    storage = tape_at(server)
    token = staged(storage, paths)
    server.kill()
    for call in (lambda: stager_of(storage).poll(token, paths), lambda: staged(storage, paths)):
        start = time.monotonic()
        with pytest.raises(EndpointUnreachable):
            call()
        assert time.monotonic() - start < 30
    server.set("drives", 2)
    server.restart()
    settle_for_real(lambda: _answers(storage, token, paths[0]))
    wait_until_online(storage, token, paths)
    assert set(server.recalls().values()) == {1}


def test_a_tape_library_that_is_gone_is_no_loss_and_no_success(own_server: XRootDServer) -> None:
    server = own_server
    paths = filled(server, "gone", 20)
    storage = tape_at(server, timeout="5")
    stager = stager_of(storage)
    server.kill("tapelib")
    if server.eos:
        with pytest.raises(StorageError) as caught:
            stager.stage(orders(paths))
        assert caught.value.retry == "later"
        token = "none"
        with pytest.raises(StorageError):
            stager.poll(token, paths)
    else:
        token = staged(storage, paths)
        assert {code(outcome) for outcome in stager.poll(token, paths).values()} == {"unknown"}
    server.restart("tapelib")
    if server.eos:
        token = staged(storage, paths)
    wait_until_online(storage, token, paths)
    assert set(server.recalls().values()) == {1}


def test_a_tape_library_that_hangs_is_given_up_in_time(own_server: XRootDServer) -> None:
    server = own_server
    paths = filled(server, "hangs", 20)
    storage = tape_at(server, timeout="2")
    server.freeze("tapelib")
    start = time.monotonic()
    token = ""
    if server.eos:
        with pytest.raises(StorageTimeout):
            staged(storage, paths)
    else:
        token = staged(storage, paths)
    with pytest.raises(StorageTimeout):
        stager_of(storage).poll(token, paths)
    assert time.monotonic() - start < 30
    server.thaw("tapelib")
    settle_for_real(lambda: _answers(storage, token, paths[0]))
    if server.eos:
        token = staged(storage, paths)
    wait_until_online(storage, token, paths)
    assert set(server.recalls().values()) == {1}


# ----------------------------------------------------------------------------------------------- a campaign
def test_a_small_campaign_with_every_fault_ends_and_recalls_no_more_than_its_faults_explain(
    own_server: XRootDServer,
) -> None:
    server = own_server
    paths = filled(server, "all", 150, tapes=3)
    names = [f"/cta{path}" for path in paths]
    bad = {paths[10], paths[11]}
    server.fault(names[10], "fail")
    server.fault(names[11], "fail")
    server.fault(names[20], "fail", 1)
    server.fault("/cta/all/003*", "lost", 15)
    server.set("buffer", 100 * len(paths[0]))
    storage = storage_at(server.tape_prefix, tape="true", timeout="5", grace="1")
    stager = stager_of(storage)
    served: set[str] = set()
    held: dict[str, int] = {}
    waiting, tokens, rounds = list(paths), {}, 0
    deadline = time.monotonic() + 60
    while len(served) + len([path for path in held if held[path] >= 3]) < len(paths):
        assert time.monotonic() < deadline, (len(served), held, waiting)
        rounds += 1
        if rounds == 3:
            server.kill()
        if rounds == 5:
            server.restart()
        if rounds == 7:
            server.forget_files("/cta/all/*")
        try:
            asked = [path for path in waiting if path not in tokens][:60]
            if asked:
                receipt = stager.stage(orders(asked))
                for path, outcome in receipt.outcomes.items():
                    if isinstance(outcome, Done | Pending):
                        tokens[path] = receipt.token
            for token in set(tokens.values()):
                polled_now = [path for path in tokens if tokens[path] == token]
                for path, outcome in stager.poll(token, polled_now).items():
                    if outcome == Done():
                        served.add(path)
                        waiting.remove(path)
                        stager.release(tokens.pop(path), [path])
                    elif isinstance(outcome, Failed):
                        del tokens[path]
                        held[path] = held.get(path, 0) + (outcome.code == "tape_lost")
                        if held[path] >= 3:
                            waiting.remove(path)
        except StorageError:
            time.sleep(0.2)
    assert served == set(paths) - bad
    tally = server.tally()
    for name in names:
        counts = tally[name]
        explained = 1 + sum(counts.get(word, 0) for word in ("fail", "forgotten", "evicted"))
        assert counts["recalled"] <= explained, (name, counts)
    assert rounds >= 7, "the library has forgotten everything by then"
