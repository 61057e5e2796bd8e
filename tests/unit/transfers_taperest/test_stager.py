"""The stager against services that go wrong: nothing is believed without evidence, nothing hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.states import Locality
from tests.unit.transfers_taperest.place import Place
from transfers.errors import (
    CredentialExpired,
    EndpointBusy,
    EndpointUnreachable,
    PermissionRefused,
    StorageError,
    StorageTimeout,
    TransientStorageError,
    UnreadableReply,
    Unsupported,
)
from transfers.model import Done, Failed, Pending, StageOrder, Unknown

FLAVOURS = ["dcache", "eos", "storm"]


@pytest.fixture
def flavour() -> str:
    return "dcache"


@pytest.fixture
def place(flavour: str) -> Iterator[Place]:
    place = Place(flavour)
    yield place
    place.server.stop()


def code_of(outcome: object) -> str:
    assert isinstance(outcome, Failed), outcome
    return outcome.code


every_flavour = pytest.mark.parametrize("flavour", FLAVOURS)


# ---------------------------------------------------------------- requests


def test_many_files_go_in_several_requests_under_one_token(place: Place):
    stager = place.opened(max_files="4")
    orders = place.orders(*(f"{n:02}.raw" for n in range(10)))
    receipt = stager.stage(orders)
    paths = [order.path for order in orders]
    assert receipt.outcomes == dict.fromkeys(paths, Pending())
    assert len(receipt.token.split()) == 3
    assert [len(call.body["files"]) for call in place.server.calls if call.verb == "stage"] == [4, 4, 2]
    place.wait()
    assert stager.poll(receipt.token, paths) == dict.fromkeys(paths, Done())
    assert stager.release(receipt.token, paths) == dict.fromkeys(paths, Done())
    assert set(stager.localities(paths).values()) == {Locality.NEARLINE}


def test_a_service_that_takes_fewer_files_is_asked_for_fewer_from_then_on(place: Place):
    stager = place.opened(max_files="900")
    orders = place.orders(*(f"{n:03}.raw" for n in range(600)))
    receipt = stager.stage(orders)
    assert set(receipt.outcomes.values()) == {Pending()}
    assert [call.status for call in place.server.calls if call.verb == "stage"] == [413, 201, 201]
    stager.stage(orders)
    assert place.server.count("stage") == 5


def test_lifetime_and_activity_arrive(place: Place):
    (order,) = place.orders("a.raw", lifetime=timedelta(hours=3))
    place.stager.stage([StageOrder(order.path, order.size, order.lifetime, activity="merge")])
    (entry,) = next(call.body["files"] for call in place.server.calls if call.verb == "stage")
    assert entry == {
        "path": "/a.raw",
        "diskLifetime": "PT10800S",
        "targetedMetadata": {"ddm-test-tape": {"activity": "merge"}},
    }


def test_the_api_is_asked_for_once_or_not_at_all(place: Place):
    (order,) = place.orders("a.raw")
    token = place.stager.stage([order]).token
    place.stager.poll(token, ["/a.raw"])
    assert place.server.count("discovery") == 1
    place.clock.sleep(timedelta(hours=2))
    place.server.trouble("error", where="discovery", count=None)
    place.stager.poll(token, ["/a.raw"])  # what was heard before still holds
    direct = place.opened(endpoint=place.server.api)
    assert direct.poll(token, ["/a.raw"]) == {"/a.raw": Done()}
    assert place.server.count("discovery") == 2


def test_connections_are_kept_but_every_stage_request_has_its_own(place: Place):
    orders = place.orders("a.raw")
    for _ in range(3):
        place.stager.poll(place.stager.stage(orders).token, ["/a.raw"])
    used = {
        verb: {call.connection for call in place.server.calls if call.verb == verb}
        for verb in ("stage", "status")
    }
    assert len(used["status"]) == 1
    assert len(used["stage"]) == 3


def test_a_forked_process_has_connections_of_its_own(place: Place, monkeypatch: pytest.MonkeyPatch):
    token = place.stager.stage(place.orders("a.raw")).token
    place.stager.poll(token, ["/a.raw"])
    monkeypatch.setattr("os.getpid", lambda: -1)
    place.stager.poll(token, ["/a.raw"])
    assert len({call.connection for call in place.server.calls if call.verb == "status"}) == 2


def test_threads_may_share_a_stager(place: Place):
    orders = place.orders(*(f"{n}.raw" for n in range(8)))
    troubles: list[object] = []

    def work(order: StageOrder) -> None:
        try:
            token = place.stager.stage([order]).token
            for _ in range(5):
                place.stager.poll(token, [order.path])
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=work, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert place.server.count("status") == 40


# ---------------------------------------------------------------- polls


@every_flavour
def test_under_way_costs_one_call_whatever_the_number_of_files(place: Place, flavour: str):
    orders = place.orders(*(f"{n}.raw" for n in range(50)))
    token = place.stager.stage(orders).token
    place.server.calls.clear()
    outcomes = place.stager.poll(token, [order.path for order in orders])
    assert set(outcomes.values()) == {Pending()}
    assert [call.verb for call in place.server.calls] == ["status"]


@every_flavour
def test_recalled_and_evicted_since_is_not_done(place: Place, flavour: str):
    token = place.online("a.raw")
    place.tape.release(place.server.service.requests[token].token, ["/a.raw"])
    outcome = place.stager.poll(token, ["/a.raw"])["/a.raw"]
    assert code_of(outcome) == "request_vanished"


def test_completed_is_believed_only_where_the_administrator_says_so(place: Place):
    token = place.online("a.raw")
    place.tape.release(place.server.service.requests[token].token, ["/a.raw"])
    believing = place.opened(confirm="false")
    assert believing.poll(token, ["/a.raw"]) == {"/a.raw": Done()}


@every_flavour
def test_a_forgotten_request_may_have_left_its_files_online(place: Place, flavour: str):
    token = place.online("a.raw")
    place.orders("b.raw")
    place.server.forget(token)
    outcomes = place.stager.poll(token, ["/a.raw", "/b.raw", "/none.raw"])
    assert outcomes["/a.raw"] == Done()
    assert code_of(outcomes["/b.raw"]) == "request_vanished"
    assert code_of(outcomes["/none.raw"]) == "file_missing"


@every_flavour
def test_one_of_several_requests_forgotten(place: Place, flavour: str):
    stager = place.opened(max_files="1")
    orders = place.orders("a.raw", "b.raw")
    token = stager.stage(orders).token
    place.server.forget(token.split()[0])
    outcomes = stager.poll(token, ["/a.raw", "/b.raw"])
    assert code_of(outcomes["/a.raw"]) == "request_vanished"
    assert outcomes["/b.raw"] == Pending()


@every_flavour
def test_a_request_accepted_and_forgotten_at_once(place: Place, flavour: str):
    orders = place.orders("a.raw")
    place.server.trouble("forget", where="stage")
    token = place.stager.stage(orders).token
    assert code_of(place.stager.poll(token, ["/a.raw"])["/a.raw"]) == "request_vanished"


@every_flavour
def test_a_file_left_out_of_the_answer_is_unknown_until_it_is_seen_online(place: Place, flavour: str):
    token = place.stager.stage(place.orders("a.raw", "b.raw")).token
    place.server.trouble("omit", where="status", pattern="/a*", count=None)
    outcomes = place.stager.poll(token, ["/a.raw", "/b.raw"])
    assert isinstance(outcomes["/a.raw"], Unknown)
    assert outcomes["/b.raw"] == Pending()
    place.wait()
    assert set(place.stager.poll(token, ["/a.raw", "/b.raw"]).values()) == {Done()}


@every_flavour
def test_a_file_left_out_of_both_answers_is_unknown(place: Place, flavour: str):
    token = place.online("a.raw")
    place.server.trouble("omit", pattern="/a*", count=None)
    assert isinstance(place.stager.poll(token, ["/a.raw"])["/a.raw"], Unknown)


@pytest.mark.parametrize(
    ("flavour", "code"), [("dcache", "tape_lost"), ("eos", "tape_lost"), ("storm", "storage")]
)
def test_a_bad_file_has_its_text_and_leaves_the_others_alone(place: Place, code: str):
    token = place.stager.stage(place.orders("a.raw", "b.raw")).token
    place.server.trouble("bad", where="status", pattern="/a*", text="medium error")
    outcomes = place.stager.poll(token, ["/a.raw", "/b.raw"])
    assert code_of(outcomes["/a.raw"]) == code
    assert outcomes["/b.raw"] == Pending()


@pytest.mark.parametrize(
    ("flavour", "code"), [("dcache", "tape_lost"), ("eos", "tape_lost"), ("storm", "storage")]
)
def test_a_file_that_the_tape_has_lost(place: Place, code: str):
    orders = place.orders("a.raw")
    place.tape.library.lose("/a.raw")
    token = place.stager.stage(orders).token
    assert code_of(place.stager.poll(token, ["/a.raw"])["/a.raw"]) == code


def test_archiveinfo_that_fails_leaves_completed_unknown_not_done(place: Place):
    token = place.online("a.raw")
    place.server.trouble("forbidden", where="archiveinfo")
    outcome = place.stager.poll(token, ["/a.raw"])["/a.raw"]
    assert isinstance(outcome, Unknown)
    assert "403" in outcome.text


def test_one_request_that_cannot_be_read_leaves_the_others_readable(place: Place):
    stager = place.opened(max_files="1")
    token = stager.stage(place.orders("a.raw", "b.raw")).token
    place.server.trouble("torn", where="status")
    outcomes = stager.poll(token, ["/a.raw", "/b.raw"])
    assert isinstance(outcomes["/a.raw"], Unknown)
    assert outcomes["/b.raw"] == Pending()


@every_flavour
def test_localities_are_those_of_the_tape(place: Place, flavour: str):
    place.online("a.raw")
    place.orders("b.raw")
    stager = place.opened(max_paths="2")
    where = stager.localities(["/a.raw", "/b.raw", "/none.raw", "/../x"])
    assert where["/a.raw"] is Locality.ONLINE_AND_NEARLINE
    assert where["/b.raw"] is Locality.NEARLINE
    assert code_of(where["/none.raw"]) == "file_missing"
    assert code_of(where["/../x"]) == "permission_refused"


def test_an_archiveinfo_for_some_of_the_files_is_asked_again(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(place.server.service), "max_paths", 3)
    orders = place.orders(*(f"{n}.raw" for n in range(8)))
    where = place.stager.localities([order.path for order in orders])
    assert set(where.values()) == {Locality.NEARLINE}
    assert place.server.count("archiveinfo") == 3


# ---------------------------------------------------------------- missing files


@every_flavour
def test_missing_files_are_told_apart_from_good_ones(place: Place, flavour: str):
    stager = place.stager
    (good,) = place.orders("a.raw")
    missing = StageOrder("/none.raw", 1)
    token = stager.stage([missing, good]).token
    outcomes = stager.poll(token, ["/none.raw", "/a.raw"])
    assert code_of(outcomes["/none.raw"]) == "file_missing"
    assert outcomes["/a.raw"] == Pending()


def test_eos_refuses_a_request_of_missing_files_only_and_each_gets_its_outcome():
    place = Place("eos")
    receipt = place.stager.stage([StageOrder("/x.raw", 1), StageOrder("/y.raw", 1)])
    assert receipt.token == ""
    assert {code_of(outcome) for outcome in receipt.outcomes.values()} == {"file_missing"}
    place.server.stop()


def test_eos_evicts_before_it_complains_of_a_missing_file_and_is_not_asked_twice():
    place = Place("eos")
    token = place.online("a.raw")
    outcomes = place.stager.release(token, ["/a.raw", "/none.raw"])
    assert outcomes == {"/a.raw": Done(), "/none.raw": Done()}
    assert place.server.count("release") == 1
    assert place.stager.localities(["/a.raw"]) == {"/a.raw": Locality.NEARLINE}
    place.server.stop()


@every_flavour
def test_a_stranger_does_not_keep_the_others_from_being_cancelled_or_released(place: Place, flavour: str):
    place.orders("stranger.raw")
    token = place.stager.stage(place.orders("a.raw")).token
    paths = ["/a.raw", "/stranger.raw"]
    assert place.stager.cancel(token, paths) == dict.fromkeys(paths, Done())
    assert code_of(place.stager.poll(token, ["/a.raw"])["/a.raw"]) == "request_vanished"
    token = place.online("b.raw")
    paths = ["/b.raw", "/stranger.raw"]
    assert place.stager.release(token, paths) == dict.fromkeys(paths, Done())
    assert place.stager.localities(["/b.raw"]) == {"/b.raw": Locality.NEARLINE}


@every_flavour
def test_unknown_requests_are_cancelled_released_and_deleted_without_harm(place: Place, flavour: str):
    place.orders("a.raw")
    assert place.stager.cancel("nobody-1 nobody-2", ["/a.raw"]) == {"/a.raw": Done()}
    assert place.stager.cancel("", ["/a.raw"]) == {"/a.raw": Done()}
    assert place.stager.release("nobody", ["/a.raw"]) == {"/a.raw": Done()}
    assert place.stager.release("", ["/a.raw"]) == {"/a.raw": Done()}
    place.stager.delete("nobody")


@every_flavour
def test_a_deleted_request_is_forgotten_and_its_recalls_are_dropped(place: Place, flavour: str):
    token = place.stager.stage(place.orders("a.raw")).token
    place.stager.delete(token)
    place.stager.delete(token)
    assert place.server.service.requests == {}
    assert code_of(place.stager.poll(token, ["/a.raw"])["/a.raw"]) == "request_vanished"


# ---------------------------------------------------------------- a service in trouble


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("busy", EndpointBusy),
        ("unavailable", EndpointBusy),
        ("error", TransientStorageError),
        ("expired", CredentialExpired),
        ("forbidden", PermissionRefused),
        ("no-api", UnreadableReply),
        ("drop", EndpointUnreachable),
        ("cut", EndpointUnreachable),
    ],
)
def test_a_stage_that_fails_as_a_whole_says_why(place: Place, kind: str, error: type[StorageError]):
    orders = place.orders("a.raw")
    place.server.trouble(kind, where="stage")
    with pytest.raises(error) as caught:
        place.stager.stage(orders)
    assert caught.type is error
    assert place.server.count("stage") == 1  # nothing is asked for twice by itself
    assert place.stager.stage(orders).outcomes == {"/a.raw": Pending()}


@pytest.mark.parametrize("verb", ["status", "archiveinfo", "cancel", "release"])
@pytest.mark.parametrize(
    ("kind", "error"),
    [("busy", EndpointBusy), ("error", TransientStorageError), ("expired", CredentialExpired)],
)
def test_every_other_call_that_fails_as_a_whole_says_why(
    place: Place, verb: str, kind: str, error: type[StorageError]
):
    token = place.online("a.raw")
    calls = {
        "status": lambda: place.stager.poll(token, ["/a.raw"]),
        "archiveinfo": lambda: place.stager.localities(["/a.raw"]),
        "cancel": lambda: place.stager.cancel(token, ["/a.raw"]),
        "release": lambda: place.stager.release(token, ["/a.raw"]),
    }
    place.server.trouble(kind, where=verb)
    if verb in ("cancel", "release") and kind == "error":
        outcome = calls[verb]()["/a.raw"]
        assert code_of(outcome) == error.code
    else:
        with pytest.raises(error):
            calls[verb]()
    assert calls[verb]().keys() == {"/a.raw"}


def test_a_cut_answer_to_stage_is_accepted_without_a_token(place: Place):
    orders = place.orders("a.raw")
    place.server.trouble("torn", where="stage")
    receipt = place.stager.stage(orders)
    assert receipt.outcomes["/a.raw"] == Pending()  # the Location has the id too
    assert place.stager.poll(receipt.token, ["/a.raw"]) == {"/a.raw": Pending()}


def test_what_was_accepted_is_not_lost_when_a_later_request_fails(place: Place):
    stager = place.opened(max_files="1")
    orders = place.orders("a.raw", "b.raw", "c.raw")
    place.server.trouble("error", where="stage", after=1)
    receipt = stager.stage(orders)
    assert len(receipt.token.split()) == 1
    assert receipt.outcomes["/a.raw"] == Pending()
    assert all(isinstance(receipt.outcomes[path], Unknown) for path in ("/b.raw", "/c.raw"))
    assert place.server.count("stage") == 2  # the third would fare no better


def test_a_service_that_wants_to_be_left_alone_is_left_alone(place: Place):
    token = place.stager.stage(place.orders("a.raw")).token
    place.server.trouble("unavailable", where="status", seconds=30)
    place.server.calls.clear()
    for _ in range(3):
        with pytest.raises(EndpointBusy):
            place.stager.poll(token, ["/a.raw"])
    assert len(place.server.calls) == 1
    place.clock.sleep(timedelta(seconds=30))
    assert place.stager.poll(token, ["/a.raw"]) == {"/a.raw": Done()}


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_no_call_is_longer_than_its_deadline(place: Place, kind: str):
    token = place.stager.stage(place.orders("a.raw")).token
    stager = place.opened(timeout="0.5", endpoint=place.server.api)
    place.server.trouble(kind, where="status", seconds=10 if kind == "slow" else 0.1)
    began = time.monotonic()
    with pytest.raises(StorageTimeout):
        stager.poll(token, ["/a.raw"])
    assert time.monotonic() - began < 8
    assert stager.poll(token, ["/a.raw"]) == {"/a.raw": Pending()}


def test_a_connection_that_was_closed_meanwhile_is_replaced_once(place: Place):
    token = place.stager.stage(place.orders("a.raw")).token
    place.server.trouble("stale", where="status", count=5)
    for _ in range(5):
        assert place.stager.poll(token, ["/a.raw"]) == {"/a.raw": Pending()}


def test_a_dropped_answer_on_a_kept_connection_is_asked_for_again_once(place: Place):
    token = place.stager.stage(place.orders("a.raw")).token
    place.stager.poll(token, ["/a.raw"])
    place.server.trouble("drop", where="status")
    assert place.stager.poll(token, ["/a.raw"]) == {"/a.raw": Pending()}
    place.server.trouble("drop", where="status", count=2)
    with pytest.raises(EndpointUnreachable):
        place.stager.poll(token, ["/a.raw"])


def test_nobody_there(place: Place):
    orders = place.orders("a.raw")
    place.server.stop()
    with pytest.raises(EndpointUnreachable):
        place.stager.stage(orders)


def test_a_server_without_the_api_says_so(place: Place):
    stager = place.opened(endpoint=place.server.url + "/wrong")
    with pytest.raises(Unsupported, match="404"):
        stager.stage(place.orders("a.raw"))


def test_a_token_of_a_service_that_is_not_the_api_is_not_taken_for_forgotten(place: Place):
    token = place.stager.stage(place.orders("a.raw")).token
    place.server.trouble("no-api", where="status")
    with pytest.raises(UnreadableReply):
        place.stager.poll(token, ["/a.raw"])


def test_the_environment_has_no_say(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert place.opened().stage(place.orders("a.raw")).token
    assert {call.authorization for call in place.server.calls} == {""}
