"""What gfal2's answers mean: its own words for each case, and anything else is never success."""

from __future__ import annotations

import errno
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from catalog.states import Locality
from transfers.backends.gfal2.commands import Name
from transfers.backends.gfal2.errors import Problem
from transfers.backends.gfal2.replies import (
    Seen,
    absent,
    accepted,
    archived,
    in_order,
    is_cut,
    locality,
    not_a_file,
    online,
    polled,
    read_checksum,
    read_status,
    wordless,
)
from transfers.model import Done, Failed, Outcome, Pending, Unknown

NAME = "/cta/run/a.raw"
BUSY, ODD, GONE = errno.EAGAIN, errno.ENOMSG, errno.ENOENT


def kind(outcome: Outcome) -> str:
    return outcome.code if isinstance(outcome, Failed) else type(outcome).__name__


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (BUSY, f"File ({NAME}) is not yet online.", "Pending"),
        (BUSY, "[Tape REST API] File /a is not yet on disk", "Pending"),
        (ODD, f"File ({NAME}) is not included in the bring online request: 1:2 (reason: )", "Pending"),
        (ODD, f"File is not being brought online: {NAME} (reason: )", "request_vanished"),
        (ODD, f"File is not being brought online: {NAME}", "request_vanished"),
        (ODD, f"File is not being brought online: {NAME} (reason: tape V1: medium error)", "tape_lost"),
        (ODD, f"File is not being brought online: {NAME} (reason: no space left)", "quota_exceeded"),
        (ODD, f"File is not being brought online: {NAME} (reason: not permitted)", "permission_refused"),
        (GONE, f"File does not exist: {NAME} (reason: USER ERROR: no file)", "file_missing"),
        (GONE, "No such file or directory", "file_missing"),
        (GONE, "[Tape REST API] Staging operation failed for file=/a", "tape_lost"),
        (GONE, "[Tape REST API] Unrecognized staging status. File=/a status=ODD", "Unknown"),
        (GONE, "something new", "tape_lost"),
        (errno.ECANCELED, "[Tape REST API] Staging operation cancelled. File=/a", "request_vanished"),
        (errno.EINVAL, "[Tape REST API] Stage call failed: (received 404)", "request_vanished"),
        (errno.ENOENT, "[Tape REST API] Stage pooling call failed: HTTP 404 : Not found", "request_vanished"),
        (errno.EINVAL, "[Tape REST API] Stage call failed: (received 400)", "Unknown"),
        (ODD, "[Tape REST API] Missing response item for path=/a", "Unknown"),
        (ODD, "[Tape REST API] tape V1: medium error", "tape_lost"),
        (ODD, "[Tape REST API] USER ERROR: file does not exist or is not accessible to you", "file_missing"),
        (ODD, "Failed to parse JSON object in the server response.", "Unknown"),
        (ODD, "Response from server is an invalid JSON: {", "Unknown"),
        (ODD, "Request ID mismatch.", "Unknown"),
        (ODD, "Number of files in the request does not match!", "Unknown"),
        (ODD, f"Wrong path: {NAME} (reason: )", "Unknown"),
        (ODD, "Error attribute missing.", "Unknown"),
        (ODD, "tape V1: medium error", "tape_lost"),
        (errno.ECOMM, "[ERROR] Socket timeout", "Unknown"),
        (errno.EIO, "Input/output error", "tape_lost"),
        (errno.EACCES, "Permission denied", "permission_refused"),
        (9999, "new in some version", "Unknown"),
        (0, "the service told of the files in another order than asked", "Unknown"),
    ],
)
def test_a_poll_is_read_by_gfal2s_own_words(code: int, text: str, expected: str) -> None:
    assert kind(polled(Problem(code, text), NAME)) == expected


@pytest.mark.parametrize("name", ["/cta/File does not exist: x", "/cta/no such file", "/cta/cancelled.raw"])
def test_a_name_is_never_read_as_words(name: str) -> None:
    assert kind(polled(Problem(BUSY, f"File ({name}) is not yet online."), name)) == "Pending"
    lost = Problem(ODD, f"File is not being brought online: {name} (reason: )")
    assert kind(polled(lost, name)) == "request_vanished"
    assert not absent(Problem(ODD, f"[Tape REST API] {name} cannot be read"), name)


@given(st.integers(), st.text())
def test_only_no_error_at_all_is_done(code: int, text: str) -> None:
    outcome = polled(Problem(code, text), NAME)
    assert isinstance(outcome, Pending | Failed | Unknown)
    assert polled(None, NAME) == Done()


def test_just_after_a_request_only_online_and_absent_are_told_apart() -> None:
    missing = polled(Problem(GONE, f"File does not exist: {NAME}"), NAME)
    failed = polled(Problem(ODD, f"File is not being brought online: {NAME} (reason: medium error)"), NAME)
    assert accepted(Done()) == Done()
    assert accepted(missing) == missing
    assert [accepted(answer) for answer in (failed, Unknown("?"), Pending())] == [Pending()] * 3


def test_a_recall_that_failed_without_a_word_is_known() -> None:
    assert wordless(Problem(GONE, "[Tape REST API] Staging operation failed for file=/a"))
    assert not wordless(Problem(ODD, "[Tape REST API] medium error"))
    assert not wordless(None)


NAMES = [Name(f"/cta/{letter}.raw", f"root://host//cta/{letter}.raw") for letter in "abc"]


def pending(name: Name) -> Problem:
    return Problem(BUSY, f"File ({name.name}) is not yet online.")


def test_answers_in_another_order_are_noticed() -> None:
    assert in_order(NAMES, [pending(name) for name in NAMES])
    assert in_order(NAMES, [None, pending(NAMES[1]), Problem(5, "Input/output error")])
    assert not in_order(NAMES, [pending(NAMES[1]), pending(NAMES[0]), None])
    assert not in_order(NAMES, [None, None, pending(NAMES[0])])


@given(st.permutations(range(3)), st.lists(st.booleans(), min_size=3, max_size=3))
def test_no_reply_in_another_order_makes_a_file_done_that_is_pending(
    order: list[int], online: list[bool]
) -> None:
    """Unless all that is pending speaks from its own place: then what is done is where it is said to be."""
    reply = [None if online[place] else pending(NAMES[place]) for place in order]
    if in_order(NAMES, reply):
        assert [answer is None for answer in reply] == online


def test_a_cut_reply_is_noticed() -> None:
    cut = Problem(ODD, "Failed to parse JSON object in the server response.")
    assert is_cut([cut, cut])
    assert is_cut([Problem(ODD, "Malformed served response.")])
    assert not is_cut([cut, None])
    assert not is_cut([])


@pytest.mark.parametrize("place", list(Locality))
def test_the_words_of_the_status_are_those_of_the_locality(place: Locality) -> None:
    assert read_status(place.value) is place
    assert read_status(f"{place.value} \0") is place


@pytest.mark.parametrize("answer", ["", "online", "SOMEWHERE", None, Problem(GONE, "No such file")])
def test_any_other_status_is_unknown(answer: str | Problem | None) -> None:
    assert read_status(answer) is Locality.UNKNOWN


L = Locality


@pytest.mark.parametrize(
    ("status", "on_tape", "is_online", "place"),
    [
        (L.ONLINE, True, None, L.ONLINE_AND_NEARLINE),
        (L.ONLINE, False, None, L.ONLINE),
        (L.ONLINE, None, None, L.UNKNOWN),
        (L.UNKNOWN, True, True, L.ONLINE_AND_NEARLINE),
        (L.UNKNOWN, True, False, L.NEARLINE),
        (L.UNKNOWN, True, None, L.UNKNOWN),
        (L.UNKNOWN, None, True, L.UNKNOWN),
        (L.UNKNOWN, False, False, L.UNKNOWN),
        (L.NEARLINE, None, None, L.NEARLINE),
        (L.ONLINE_AND_NEARLINE, False, False, L.ONLINE_AND_NEARLINE),
        (L.LOST, True, True, L.LOST),
    ],
)
def test_the_place_of_a_file_on_a_tape_endpoint(
    status: Locality, on_tape: bool | None, is_online: bool | None, place: Locality
) -> None:
    assert locality(status, on_tape, is_online) is place


def test_the_two_polls_that_tell_a_place() -> None:
    assert archived(None) is True
    assert archived(Problem(BUSY, "File /a is not yet archived")) is False
    assert archived(Problem(BUSY, "[Tape REST API] File locality reported as UNAVAILABLE (path=/a)")) is None
    assert archived(Problem(errno.EINVAL, "?")) is None
    assert online(None) is True
    assert online(pending(NAMES[0])) is False
    assert online(Problem(ODD, f"File is not being brought online: {NAME} (reason: )")) is False
    assert online(Problem(ODD, "Request ID mismatch.")) is None


def test_checksums() -> None:
    assert read_checksum("04a9f1cf", NAME) == read_checksum("4a9f1cf", NAME) == Adler32(0x4A9F1CF)
    assert read_checksum(None, NAME) is None
    assert read_checksum(Problem(errno.ENOTSUP, "no checksums here"), NAME) is None
    gone = Problem(GONE, "No such file")  # of its checksum: the file has answered to stat
    for odd in ("Is a directory", "", gone, Problem(errno.EIO, "?"), Problem(errno.ETIMEDOUT, "?")):
        assert isinstance(read_checksum(odd, NAME), Unknown)


def test_what_is_no_file_is_refused() -> None:
    file, block, directory = (Seen(1, kind | 0o600) for kind in (stat.S_IFREG, stat.S_IFBLK, stat.S_IFDIR))
    assert not_a_file(NAME, file, tape=False) is None
    assert not_a_file(NAME, block, tape=True) is None  # on tape only, at a generic server
    for seen, tape in ((block, False), (directory, True), (Seen(1, 0), True)):
        assert kind(not_a_file(NAME, seen, tape) or Done()) == "unsupported"
