"""What the services answer, and what is concluded: examples after the real ones."""

from __future__ import annotations

import json

import pytest

from catalog.states import Locality
from transfers.backends.taperest.replies import (
    Discovered,
    Told,
    Where,
    aligned,
    judged,
    read_created,
    read_discovery,
    read_localities,
    read_request,
    settled,
)
from transfers.errors import FileMissing, PermissionRefused, failed
from transfers.model import Done, Failed, Pending, Unknown

MISSING = failed(FileMissing, "no such file")


def bytes_of(value: object) -> bytes:
    return json.dumps(value).encode()


# ---------------------------------------------------------------- discovery and ids


def endpoints(*pairs: tuple[str, str]) -> bytes:
    return bytes_of(
        {"sitename": "s", "endpoints": [{"uri": uri, "version": version} for version, uri in pairs]}
    )


@pytest.mark.parametrize("versions", [("v0.1", "v1", "v2"), ("V1.1", "1.2"), ("v2", "v1.9", "v1.10")])
def test_the_latest_version_one_is_chosen(versions: tuple[str, ...]):
    wanted = {"v1", "1.2", "v1.10"}
    body = endpoints(*((v, f"https://{'right' if v in wanted else 'wrong'}/") for v in versions))
    assert read_discovery(body) == Discovered("https://right", "s")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"<html>",
        b'{"endpoints":{}}',
        endpoints(("v0", "https://a")),
        endpoints(("vone", "https://a")),
    ],
)
def test_no_version_one_no_discovery(body: bytes):
    assert read_discovery(body) is None


@pytest.mark.parametrize(
    ("body", "location", "token"),
    [
        (b'{"requestId":"a-1"}', "", "a-1"),
        (b'{"requestId":"a:1646305456"}', "https://x/stage/b", "a:1646305456"),
        (b"{}", "https://x/api/v1/stage/b-2/", "b-2"),
        (b"", "b-2", "b-2"),
        (b'{"requestId":7}', "", None),
        (b'{"requestId":"two words"}', "", None),
        (b'{"requestId":"a/b"}', "", None),
        (b'{"requestId":".."}', "", None),
        (b'{"requestId":"\\u00fc"}', "", None),
        (b"<html>", "", None),
    ],
)
def test_ids_are_read_from_the_body_or_the_location(body: bytes, location: str, token: str | None):
    assert read_created(body, location) == token


# ---------------------------------------------------------------- requests


def request(*files: dict[str, object], **more: object) -> bytes:
    return bytes_of({"id": "r", "files": list(files), **more})


def test_the_files_of_a_request_by_clean_names():
    told = read_request(
        request(
            {"path": "//a", "onDisk": True},
            {"path": "/b", "state": "started", "startedAt": 5},
            {"path": "/c", "state": "FAILED", "error": " why "},
            {"path": "/d", "onDisk": None, "error": None, "state": "SUBMITTED"},
        ),
        "r",
    )
    assert told == {
        "/a": Told(True),
        "/b": Told(None, "STARTED"),
        "/c": Told(None, "FAILED", "why"),
        "/d": Told(None, "SUBMITTED"),
    }


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"files":{}}', request(id="other")])
def test_what_is_not_about_the_request_is_not_read(body: bytes):
    assert read_request(body, "r") is None


def test_half_words_and_contradictions_are_nothing():
    told = read_request(
        request(
            {"path": "/a", "onDisk": "true"},
            {"path": "/b", "onDisk": True},
            {"path": "/b", "onDisk": False},
            {"path": "/c", "state": 1},
            {"path": 1},
            {"onDisk": True},
        ),
        "r",
    )
    assert told == {"/a": None, "/b": None, "/c": None}


# ---------------------------------------------------------------- names that differ by a directory


def test_a_directory_before_all_names_is_seen_through_but_online_is_not_believed():
    told = {"/pnfs/x/a": Told(None, "STARTED"), "/pnfs/x/b": Told(True), "/pnfs/x/c": Told(None, "COMPLETED")}
    assert aligned(told, ["/a", "/b", "/c"]) == {"/a": Told(None, "STARTED"), "/b": Told(), "/c": Told()}


def test_a_directory_that_the_service_leaves_out_likewise():
    assert aligned({"/a": Told(None, "STARTED"), "/b": Told(True)}, ["/pnfs/a"]) == {
        "/pnfs/a": Told(None, "STARTED")
    }


def test_names_as_asked_for_are_taken_as_they_are():
    told = {"/a": Told(True), "/x/b": Told(True)}
    assert aligned(told, ["/a", "/b"]) == {"/a": Told(True)}


def test_different_directories_fit_nobody():
    assert aligned({"/x/a": Told(True), "/y/b": Told(True)}, ["/a", "/b"]) == {}
    assert aligned({"/xa": Told(True)}, ["/a"]) == {}


# ---------------------------------------------------------------- where a file is


def test_localities_of_the_document():
    words = ["DISK", "TAPE", "DISK_AND_TAPE", "LOST", "NONE", "UNAVAILABLE"]
    body = bytes_of([{"path": f"/{word}", "locality": word} for word in words])
    assert list(read_localities(body, {f"/{word}" for word in words}).values()) == [
        Locality.ONLINE,
        Locality.NEARLINE,
        Locality.ONLINE_AND_NEARLINE,
        Locality.LOST,
        Locality.NONE,
        Locality.UNAVAILABLE,
    ]


def test_a_locality_counts_beside_an_error_and_a_strange_word_does_not():
    body = bytes_of(
        [
            {"path": "/a", "locality": "DISK", "error": "archive failed"},
            {"path": "/b", "error": "No such file or directory"},
            {"path": "/c", "locality": "SHELF"},
            {"path": "/d"},
            {"path": "/e", "locality": "SHELF", "error": "No such file"},
            {"path": "/f", "locality": "DISK"},
            {"path": "/f", "locality": "TAPE"},
            {"path": "/stranger", "locality": "DISK"},
        ]
    )
    where = read_localities(body, {"/a", "/b", "/c", "/d", "/e", "/f", "/g"})
    assert where["/a"] is Locality.ONLINE
    assert where["/b"].code == "file_missing"
    assert all(isinstance(where[name], Unknown) for name in ("/c", "/d", "/e", "/f"))
    assert set(where) == {"/a", "/b", "/c", "/d", "/e", "/f"}


def test_no_list_no_localities():
    assert read_localities(b'{"path":"/a","locality":"DISK"}', {"/a"}) is None
    assert read_localities(b"[{", {"/a"}) is None


# ---------------------------------------------------------------- verdicts


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (Told(True), Done()),
        (Told(True, error="could not be archived"), Done()),
        (Told(False), Pending()),
        (Told(None, "SUBMITTED"), Pending()),
        (Told(None, "STARTED"), Pending()),
        (Told(None, "COMPLETED"), None),
        (Told(None, "FAILED", "why"), None),
        (Told(None, "CANCELLED"), None),
        (Told(None, "RESTING"), None),
        (Told(False, "COMPLETED"), None),
        (Told(error="no permission"), None),
        (Told(), None),
        (None, None),
    ],
)
def test_what_a_request_alone_can_tell(told: Told | None, outcome: object):
    assert settled(told, "/a") == outcome


def test_on_disk_false_with_an_error_has_failed():
    outcome = settled(Told(False, error="medium error"), "/a")
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.text) == ("tape_lost", "/a: medium error")


def test_completed_may_be_believed_if_one_wants():
    assert settled(Told(None, "COMPLETED"), "/a", confirm=False) == Done()
    assert settled(Told(False, "COMPLETED"), "/a", confirm=False) is None


def code(told: Told | None, where: Where, *, vanished: bool = False) -> str:
    outcome = judged(told, where, "/a", vanished=vanished)
    return outcome.code if isinstance(outcome, Failed) else type(outcome).__name__


@pytest.mark.parametrize(
    ("told", "where", "expected"),
    [
        (Told(None, "COMPLETED"), Locality.ONLINE_AND_NEARLINE, "Done"),
        (Told(None, "COMPLETED"), Locality.NEARLINE, "request_vanished"),
        (Told(None, "COMPLETED"), Locality.UNAVAILABLE, "Unknown"),
        (Told(None, "COMPLETED"), Locality.NONE, "Unknown"),
        (Told(None, "COMPLETED"), Locality.LOST, "tape_lost"),
        (Told(None, "COMPLETED"), Unknown("?"), "Unknown"),
        (Told(None, "COMPLETED"), MISSING, "file_missing"),
        (Told(None, "FAILED", "Cannot stage DISK only files"), Locality.ONLINE, "Done"),
        (Told(None, "FAILED", "medium error"), Locality.NEARLINE, "tape_lost"),
        (Told(None, "FAILED"), Locality.NEARLINE, "storage"),
        (Told(None, "FAILED"), MISSING, "file_missing"),
        (Told(None, "FAILED"), failed(PermissionRefused, "no"), "permission_refused"),
        (Told(None, "CANCELED"), Locality.NEARLINE, "request_vanished"),
        (Told(None, "CANCELLED", "r::1: CANCELLED"), Locality.ONLINE, "Done"),
        (Told(None, "RESTING"), Locality.NEARLINE, "Unknown"),
        (Told(None, "RESTING"), Locality.ONLINE, "Done"),
        (Told(error="USER ERROR: you don't have prepare permission"), Unknown("?"), "permission_refused"),
        (None, Locality.ONLINE, "Done"),
        (None, Locality.NEARLINE, "Unknown"),
        (None, Unknown("?"), "Unknown"),
    ],
)
def test_what_both_witnesses_tell(told: Told | None, where: Where, expected: str):
    assert code(told, where) == expected


def test_a_forgotten_request_vanished_unless_the_file_is_online_or_gone():
    assert code(None, Locality.ONLINE, vanished=True) == "Done"
    assert code(None, Locality.NEARLINE, vanished=True) == "request_vanished"
    assert code(None, Unknown("?"), vanished=True) == "request_vanished"
    assert code(None, MISSING, vanished=True) == "file_missing"
    assert code(None, Locality.LOST, vanished=True) == "tape_lost"
