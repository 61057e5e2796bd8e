"""What goes wrong with a real FTS, and what the stager makes of it."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.clock import SimulatedClock, SystemClock
from tests.conformance.test_fts import World, code, paths_of, pytestmark, raised, running, world
from tests.fixtures_fts import credentials
from transfers.backends import memory
from transfers.errors import StorageError, Unsupported
from transfers.model import Done, Pending, StageOrder
from transfers.registry import open_stager
from transfers.testing.fts import Credentials, FaultKind
from transfers.testing.suites import settle_for_real

LONG = '{"a": "' + "x" * 1100 + '"}'

__all__ = ["credentials", "pytestmark", "world"]


@pytest.fixture(autouse=True)
def _forget_stores() -> Iterator[None]:
    yield
    memory.reset()


# -------------------------------------------------------------------------------------------- submissions
@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.UNHEARD])
def test_a_lost_reply_doubles_nothing(world: World, kind: FaultKind) -> None:
    orders = world.files(3)
    stager = world.stager()
    world.fts.inject(kind, method="POST")
    receipt = stager.stage(orders)
    assert set(receipt.outcomes.values()) == {Pending()}
    assert list(world.fts.jobs) == [receipt.token]
    assert world.outcomes(stager, receipt.token, paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())


def test_a_service_that_never_answers_a_submission_has_heard_it_once(world: World) -> None:
    orders = world.files(3)
    stager = world.stager()
    world.fts.inject(FaultKind.DROP, 2, method="POST")
    assert raised(lambda: stager.stage(orders)).code == "endpoint_unreachable"
    (job,) = world.fts.jobs
    assert stager.stage(orders).token == job


def test_a_crash_after_the_service_has_heard_doubles_nothing(world: World) -> None:
    orders = world.files(3)
    world.fts.inject(FaultKind.SLOW, method="POST", seconds=1.5)
    assert raised(lambda: world.stager(timeout="1").stage(orders)).code == "storage_timeout"
    settle_for_real(lambda: len(world.fts.jobs) == 1)
    (job,) = world.fts.jobs
    assert world.stager().stage(orders).token == job


def test_some_jobs_of_a_call_are_accepted_and_others_not(world: World) -> None:
    orders = world.files(4)
    stager = world.stager(max_files="2")
    stager.stage(orders[:1])
    world.fts.inject(FaultKind.HTML, method="POST", path="/jobs")
    assert raised(lambda: stager.stage(orders)).code == "transient"
    world.fts.calls.clear()

    def second_fails() -> None:
        world.fts.inject(FaultKind.REFUSE, None, method="POST")

    submit = stager._client.submit

    def submit_once(body: object) -> object:
        answer = submit(body)
        second_fails()
        return answer

    stager._client.submit = submit_once
    receipt = stager.stage(orders)
    assert [type(receipt.outcomes[path]).__name__ for path in paths_of(orders)] == ["Pending"] * 2 + [
        "Unknown"
    ] * 2


def test_a_conflict_over_a_destination_is_not_taken_for_our_job(world: World) -> None:
    """Where the service looks for double destinations, 409 may be about another job."""
    orders = world.files(1)
    stager = world.stager()
    token = stager.stage(orders).token
    submit = stager._client.submit

    def conflict_with_another(body: object) -> object:
        answer = submit(body)
        world.fts.forget(token)
        return answer

    stager._client.submit = conflict_with_another
    assert raised(lambda: stager.stage(orders)).code == "endpoint_busy"


# ---------------------------------------------------------------------------------------------- answers
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FaultKind.HTML, "transient"),
        (FaultKind.NOT_FOUND, "unreadable_reply"),
        (FaultKind.REFUSE, "endpoint_busy"),
        (FaultKind.DROP, "endpoint_unreachable"),
        (FaultKind.SLOW, "storage_timeout"),
        (FaultKind.DRIP, "storage_timeout"),
    ],
)
def test_no_trouble_of_the_service_is_taken_for_news_of_a_file(
    world: World, kind: FaultKind, expected: str
) -> None:
    orders = world.files(2)
    stager = world.stager(timeout="1")
    token = stager.stage(orders).token
    world.fts.inject(kind, None, seconds=0.01 if kind is FaultKind.DRIP else 1.2)
    began = time.monotonic()
    error = raised(lambda: stager.poll(token, paths_of(orders)))
    assert time.monotonic() - began < 30
    assert error.code == expected
    world.fts.heal()
    assert world.outcomes(stager, token, paths_of(orders)) == dict.fromkeys(paths_of(orders), Done())


def test_a_page_that_says_not_found_is_not_a_vanished_request(world: World) -> None:
    orders = world.files(2)
    stager = world.stager()
    token = stager.stage(orders).token
    world.fts.inject(FaultKind.NOT_FOUND, None, path="/jobs*")
    assert raised(lambda: stager.poll(token, paths_of(orders))).code == "unreadable_reply"
    world.fts.heal()
    world.fts.forget(token)
    assert code(stager.poll(token, paths_of(orders))["/f0"]) == "request_vanished"


def test_one_lost_answer_of_many_is_unknown(world: World) -> None:
    orders = world.files(120)
    stager = world.stager(max_files="1")
    token = stager.stage(orders).token
    last = token.split()[-1]
    world.fts.inject(FaultKind.HTML, path=f"/jobs/*{last}*")
    names = [type(outcome).__name__ for outcome in stager.poll(token, paths_of(orders)).values()]
    assert names == ["Pending"] * 100 + ["Unknown"] * 20


def test_nobody_there(credentials: Credentials) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        options = {
            "endpoint": f"https://localhost:{taken.getsockname()[1]}",
            "proxy": str(credentials.proxy()),
            "ca": str(credentials.ca),
            "release_with": "none",
        }
        stager = open_stager("fts", "memory://cta/", clock=SystemClock(), options=options)
        assert raised(lambda: stager.stage([StageOrder("/a", 1)])).code == "endpoint_unreachable"


# ------------------------------------------------------------------------------------------- connections
def test_connections_that_the_service_closes_cost_nothing(credentials: Credentials) -> None:
    with running(credentials, keep_alive=0.2) as world:
        orders = world.files(1)
        stager = world.stager(files_every="1")
        token = stager.stage(orders).token
        for pause in (0.19, 0.2, 0.21, 0.3):
            time.sleep(pause)  # the service closes in the middle of these: just then we ask
            world.wait(seconds=2)
            assert stager.poll(token, paths_of(orders)) == {"/f0": Pending()}


def test_a_connection_that_dies_with_a_question_is_replaced(world: World) -> None:
    orders = world.files(1)
    stager = world.stager()
    token = stager.stage(orders).token
    world.fts.inject(FaultKind.UNHEARD, 1, method="GET")
    assert stager.poll(token, paths_of(orders)) == {"/f0": Pending()}


# ------------------------------------------------------------------------------------------- credentials
def test_a_lost_delegation_is_made_again(world: World) -> None:
    orders = world.files(2)
    stager = world.stager()
    stager.stage(orders[:1])
    world.fts.drop_delegations()
    token = stager.stage(orders[1:]).token
    assert 419 in [call.status for call in world.fts.calls]
    assert world.outcomes(stager, token, ["/f1"]) == {"/f1": Done()}


def test_a_proxy_too_short_for_a_recall_is_told_before_anything_is_asked(credentials: Credentials) -> None:
    clock = SimulatedClock(datetime.now(UTC))
    with running(credentials, clock) as world:
        first, second, third = world.files(3)
        stager = world.stager(proxy=str(credentials.proxy("dave", days=1)))
        stager.stage([first])
        world.wait(hours=24 - 100 / 60)
        stager.stage([second])
        world.wait(hours=20 / 60)
        error = raised(lambda: stager.stage([third]))
        assert error.code == "credential_expired"
        assert "90 minutes" in str(error)
        assert len(world.fts.jobs) == 2


def test_a_renewed_proxy_is_delegated_by_the_next_look(credentials: Credentials, tmp_path: Path) -> None:
    proxy = tmp_path / "proxy-now.pem"
    shutil.copy(credentials.proxy("carol", days=1), proxy)
    clock = SimulatedClock(datetime.now(UTC))
    with running(credentials, clock) as world:
        orders = world.files(1)
        stager = world.stager(proxy=str(proxy))
        token = stager.stage(orders).token
        puts = world.fts.asked("PUT")
        world.wait(hours=14)  # ten are left: less than twelve, but the proxy has no more either
        stager.poll(token, ["/f0"])
        assert len(world.fts.asked("PUT")) == len(puts)
        shutil.copy(credentials.proxy("carol", days=4, serial=2), proxy)
        stager.poll(token, ["/f0"])
        assert len(world.fts.asked("PUT")) == len(puts) + 1
        (until,) = world.fts.delegated_until().values()
        assert until is not None
        assert datetime.fromisoformat(until).replace(tzinfo=UTC) - clock.now() > timedelta(days=2)


def test_a_look_goes_well_although_the_delegation_cannot_be_renewed(world: World) -> None:
    orders = world.files(1)
    token = world.stager().stage(orders).token
    world.fts.inject(FaultKind.HTML, None, path="/delegation/*")
    assert world.stager().poll(token, ["/f0"]) == {"/f0": Pending()}


def test_credentials_that_cannot_be_used_are_one_clear_sentence(
    world: World, credentials: Credentials, tmp_path: Path
) -> None:
    locked = tmp_path / "proxy-locked.pem"
    locked.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    rubbish = tmp_path / "proxy-rubbish.pem"
    rubbish.write_text("hello")
    open_to_others = shutil.copy(credentials.proxy(), tmp_path / "proxy-open.pem")
    open_to_others.chmod(0o640)
    for private in (locked, rubbish):
        private.chmod(0o600)
    orders = world.files(1)
    stranger = Credentials.make(tmp_path / "elsewhere").proxy()
    for proxy, expected in {
        str(tmp_path / "missing.pem"): "credential_missing",
        str(open_to_others): "permission_refused",
        str(locked): "permission_refused",
        str(rubbish): "credential_missing",
        str(stranger): "permission_refused",  # of an authority that the service does not know
    }.items():
        error = raised(lambda proxy=proxy: world.stager(proxy=proxy).stage(orders))  # type: ignore[misc]
        assert error.code == expected, error
    assert world.fts.jobs == {}


def test_who_is_of_no_vo_is_told_so_before_anything_is_asked(world: World) -> None:
    world.fts.turn_away("alice")
    error = raised(lambda: world.stager().stage(world.files(1)))
    assert error.code == "permission_refused"
    assert world.fts.asked("POST") == []


def test_a_service_whose_certificate_nobody_signed_is_not_spoken_to(world: World, tmp_path: Path) -> None:
    other = Credentials.make(tmp_path / "elsewhere")
    error = raised(lambda: world.stager(ca=str(other.ca)).stage(world.files(1)))
    assert error.code == "endpoint_unreachable"
    assert world.fts.calls == []


# ------------------------------------------------------------------------------------------- repetitions
def test_a_job_whose_files_cannot_be_read_is_not_asked_for_anew(world: World) -> None:
    orders = world.files(2)
    stager = world.stager()
    token = stager.stage(orders).token
    read = stager._client.jobs

    def without_files(ids: object, *, files: bool) -> object:
        return read(ids, files=False)

    stager._client.jobs = without_files
    assert raised(lambda: stager.stage(orders)).code == "unreadable_reply"
    assert list(world.fts.jobs) == [token]


# ----------------------------------------------------------------------------------------------- options
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "endpoint"),
        ({"endpoint": "http://fts.example:8446"}, "endpoint"),
        ({"endpoint": "https://"}, "endpoint"),
        ({"endpoint": "https://f:1", "token_file": "/t"}, "token"),
        ({"endpoint": "https://f:1", "colour": "red"}, "colour"),
        ({"endpoint": "https://f:1", "max_files": "0"}, "max_files"),
        ({"endpoint": "https://f:1", "stall": "1.5"}, "stall"),
        ({"endpoint": "https://f:1", "release_with": "none", "staging_metadata": "[1]"}, "staging_metadata"),
        ({"endpoint": "https://f:1", "release_with": "none", "staging_metadata": LONG}, "staging_metadata"),
        ({"endpoint": "https://f:1"}, "release_with"),
        ({"endpoint": "https://f:1", "release_with": "fts"}, "release_with"),
        ({"endpoint": "https://f:1", "release_with": "posix"}, "not a local file"),
        ({"endpoint": "https://f:1", "release_with": "nosuch"}, "nosuch"),
        ({"endpoint": "https://f:1", "release_with": "memory"}, "no tape"),
    ],
)
def test_options_that_cannot_be_are_one_clear_sentence(options: dict[str, str], words: str) -> None:
    with pytest.raises(Unsupported) as caught:
        open_stager("fts", "memory://plain/", clock=SimulatedClock(), options=options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_the_client_library_the_advice_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("fts3", "transfers.backends.fts."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fts3", None)
    with pytest.raises(StorageError) as caught:
        open_stager(
            "fts",
            "memory://plain/",
            clock=SimulatedClock(),
            options={"endpoint": "https://f:1", "release_with": "none"},
        )
    assert "pip install 'ddm[fts]'" in str(caught.value)
