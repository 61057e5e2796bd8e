"""The test server answers as the services do, seen with nothing but the standard library."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from catalog.clock import SimulatedClock
from tests.unit.transfers_taperest.place import Place
from transfers.backends.memory import MemoryStorage
from transfers.testing.taperest import TapeRestServer

NO_FILE = "No such file or directory"
Asked = Callable[..., tuple[int, Any, dict[str, str]]]


@pytest.fixture
def flavour() -> str:
    return "dcache"


@pytest.fixture
def place(flavour: str) -> Iterator[Place]:
    place = Place(flavour, root="/pnfs/exp")
    place.orders("a.raw", "b.raw")
    yield place
    place.server.stop()


@pytest.fixture
def ask(place: Place) -> Iterator[Asked]:
    """Ask the API: status, value of the body, headers."""
    connection = http.client.HTTPConnection("127.0.0.1", place.server.port, timeout=10)
    api = place.server.service.api.rstrip("/")

    def asked(method: str, path: str, body: object = None) -> tuple[int, Any, dict[str, str]]:
        text = None if body is None else json.dumps(body)
        connection.request(method, path if path.startswith("/.") else api + path, text)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None, dict(answer.getheaders())

    yield asked
    connection.close()


def staged(ask: Asked, *names: str) -> str:
    files = [{"path": f"/pnfs/exp/{name}"} for name in names]
    status, value, _ = ask("POST", "/stage", {"files": files})
    assert status == 201
    return str(value["requestId"])


def paths(*names: str) -> dict[str, list[str]]:
    return {"paths": [f"/pnfs/exp/{name}" for name in names]}


every_flavour = pytest.mark.parametrize("flavour", ["dcache", "eos", "storm"])


@every_flavour
def test_discovery_and_location_lead_to_the_api(place: Place, ask: Asked, flavour: str):
    _, value, _ = ask("GET", "/.well-known/wlcg-tape-rest-api")
    (endpoint,) = value["endpoints"]
    assert endpoint["version"] == "v1"
    assert endpoint["uri"] == place.server.api
    status, value, headers = ask("POST", "/stage", {"files": [{"path": "//pnfs/exp//a.raw"}]})
    assert status == 201
    assert headers["Location"] == f"{place.server.api.rstrip('/')}/stage/{value['requestId']}"


@pytest.mark.parametrize(
    ("flavour", "before", "after"),
    [
        ("dcache", {"state": "STARTED"}, {"state": "COMPLETED"}),
        ("eos", {"onDisk": False}, {"onDisk": True}),
        ("storm", {"state": "STARTED"}, {"state": "COMPLETED"}),
    ],
)
def test_a_file_is_told_in_the_services_own_words(
    place: Place, ask: Asked, before: dict[str, object], after: dict[str, object]
):
    request = staged(ask, "a.raw")

    def told() -> dict[str, object]:
        (file,) = ask("GET", f"/stage/{request}")[1]["files"]
        assert file["path"] == "/pnfs/exp/a.raw"
        return {key: value for key, value in file.items() if key in ("state", "onDisk", "error")}

    assert told() == before
    place.wait()
    assert told() == after
    ask("POST", f"/release/{request}", paths("a.raw"))
    if "state" in after:
        assert told() == after  # the request's history, not the file
    else:
        assert told()["onDisk"] is False


@pytest.mark.parametrize(("flavour", "status"), [("dcache", 201), ("eos", 500), ("storm", 201)])
def test_a_request_of_missing_files_only(ask: Asked, status: int):
    assert ask("POST", "/stage", {"files": [{"path": "/pnfs/exp/none"}, {"path": "/elsewhere"}]})[0] == status


@pytest.mark.parametrize(
    ("flavour", "told"),
    [
        ("dcache", {"state": "FAILED", "error": f"CacheException(rc=10001;msg={NO_FILE} /pnfs/exp/x)"}),
        ("eos", {"error": "USER ERROR: file does not exist or is not accessible to you"}),
        ("storm", {"state": "FAILED"}),
    ],
)
def test_a_missing_file_among_others(ask: Asked, told: dict[str, object]):
    files = ask("GET", f"/stage/{staged(ask, 'a.raw', 'x')}")[1]["files"]
    (missing,) = (file for file in files if file["path"] == "/pnfs/exp/x")
    assert told.items() <= missing.items()
    assert ("error" in missing) == ("error" in told)


@pytest.mark.parametrize(
    ("flavour", "unknown", "missing", "stranger"),
    [("dcache", 200, 200, 200), ("eos", 200, 500, 200), ("storm", 404, 400, 400)],
)
def test_releases_that_are_not_quite_right(ask: Asked, unknown: int, missing: int, stranger: int):
    request = staged(ask, "a.raw")
    assert ask("POST", "/release/nobody", paths("a.raw"))[0] == unknown
    assert ask("POST", f"/release/{request}", paths("a.raw", "x"))[0] == missing
    assert ask("POST", f"/release/{request}", paths("a.raw", "b.raw"))[0] == stranger


@every_flavour
def test_a_stranger_is_not_cancelled_and_nothing_else_is(ask: Asked, flavour: str):
    request = staged(ask, "a.raw")
    status, value, headers = ask("POST", f"/stage/{request}/cancel", paths("a.raw", "b.raw"))
    assert status == 400
    title = headers["title"] if flavour == "dcache" else value["title"]
    assert title == "File missing from stage request"
    (file,) = ask("GET", f"/stage/{request}")[1]["files"]
    assert "error" not in file
    assert file.get("state") != "CANCELLED"


@every_flavour
def test_deleted_and_unknown_requests_are_not_found(ask: Asked, flavour: str):
    request = staged(ask, "a.raw")
    assert ask("DELETE", f"/stage/{request}")[0] == 200
    for method, path, body in (
        ("GET", f"/stage/{request}", None),
        ("DELETE", f"/stage/{request}", None),
        ("POST", f"/stage/{request}/cancel", paths("a.raw")),
        ("GET", "/nothing", None),
    ):
        assert ask(method, path, body)[0] == 404


@every_flavour
@pytest.mark.parametrize(
    "body", [None, [], {}, {"files": []}, {"files": [{}]}, {"files": ["/a"]}, {"paths": [1]}]
)
def test_bodies_that_cannot_be_read_are_refused(ask: Asked, flavour: str, body: object):
    assert ask("POST", "/stage", body)[0] == 400
    assert ask("POST", "/archiveinfo", body)[0] == 400


def test_dcache_wants_durations_it_can_read_and_not_too_many_files(ask: Asked):
    assert ask("POST", "/stage", {"files": [{"path": "/pnfs/exp/a.raw", "diskLifetime": "P1M"}]})[0] == 400
    assert ask("POST", "/stage", {"files": [{"path": "/pnfs/exp/a.raw", "diskLifetime": "P1DT2H"}]})[0] == 201
    assert ask("POST", "/stage", {"files": [{"path": f"/pnfs/exp/{n}"} for n in range(501)]})[0] == 413


@pytest.mark.parametrize(("flavour", "word"), [("dcache", "LOST"), ("eos", "LOST"), ("storm", "UNAVAILABLE")])
def test_archiveinfo_of_a_file_lost_missing_and_on_tape(place: Place, ask: Asked, word: str):
    place.tape.library.lose("/a.raw")
    status, value, _ = ask("POST", "/archiveinfo", paths("a.raw", "b.raw", "x"))
    assert status == 200
    lost, there, missing = value
    assert lost == {"path": "/pnfs/exp/a.raw", "locality": word}
    assert there == {"path": "/pnfs/exp/b.raw", "locality": "TAPE"}
    assert "locality" not in missing
    assert missing["error"]


def test_troubles_come_when_asked_for_and_go(place: Place, ask: Asked):
    place.server.trouble("unavailable", where="archiveinfo", seconds=7, count=2, after=1)
    answers = [ask("POST", "/archiveinfo", paths("a.raw")) for _ in range(4)]
    assert [status for status, _, _ in answers] == [200, 503, 503, 200]
    assert answers[1][2]["Retry-After"] == "7"
    place.server.trouble("expired", count=None)
    assert ask("GET", "/stage/x")[0] == 401
    place.server.heal()
    assert ask("GET", "/stage/x")[0] == 404
    with pytest.raises(ValueError, match="no verb"):
        place.server.trouble("busy", where="everywhere")
    with pytest.raises(ValueError, match="nonsense"):
        place.server.trouble("nonsense")


def test_latency_is_real(place: Place, ask: Asked):
    place.server.latency = 0.2
    began = time.monotonic()
    ask("POST", "/archiveinfo", paths("a.raw"))
    assert time.monotonic() - began >= 0.2


def test_nothing_is_left_after_stop_even_of_a_slow_answer():
    clock = SimulatedClock()
    server = TapeRestServer(MemoryStorage("gone", clock, tape=True), clock)
    before = set(threading.enumerate())
    with server:
        server.trouble("slow", seconds=3600)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/.well-known/wlcg-tape-rest-api")
        while server.count("discovery") == 0 and len(set(threading.enumerate()) - before) < 2:
            time.sleep(0.01)
    connection.close()
    end = time.monotonic() + 5
    while set(threading.enumerate()) - before and time.monotonic() < end:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= before
    server.stop()
