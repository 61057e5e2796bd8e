"""What answers of XRootD servers mean, on answers that were really given."""

from __future__ import annotations

import json

import pytest

from catalog.checksum import Adler32
from catalog.states import Locality
from transfers.backends.xrootd.commands import BACKUP_EXISTS, OFFLINE
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.files import checksum_of, may_pass
from transfers.backends.xrootd.replies import (
    Answer,
    QueryReply,
    confirmed,
    flagged,
    locality,
    needs_query,
    polled,
    read_checksum,
    read_copied,
    read_query_prepare,
    read_token,
)
from transfers.model import Done, Failed, Pending, Unknown

ENTRY = {
    "path": "/cta/a",
    "path_exists": True,
    "on_tape": True,
    "online": False,
    "requested": True,
    "has_reqid": True,
    "req_time": "1795363353",
    "error_text": "",
}
NEARLINE = Answer(exists=True, on_tape=True, online=False, requested=False, error="")


def reply(*entries: object) -> bytes:
    return json.dumps({"request_id": "x", "responses": entries}).encode()


@pytest.mark.parametrize("end", [b"", b"\0\x7f", b"\xff", b"\n}", b"***"])
def test_an_answer_with_garbage_behind_its_end(end: bytes) -> None:
    read = read_query_prepare(reply(ENTRY) + end, ["/cta/a"])
    assert read.answers == {"/cta/a": Answer(True, True, False, True, "")}
    assert read.readable


@pytest.mark.parametrize("end", [b"", b"***response has been truncated***\0q"])
def test_a_cut_answer_is_to_be_asked_for_again(end: bytes) -> None:
    read = read_query_prepare(reply(*[ENTRY] * 12)[:-40] + end, ["/cta/a"])
    assert not read.readable
    assert read.fits == 11
    assert not read.answers


@pytest.mark.parametrize(
    "text", [b"", b"No information available.", b"[]", b"null", b"{}", b"\xff\xfe", b"0"]
)
def test_what_cannot_be_read_says_nothing_of_any_file(text: bytes) -> None:
    assert read_query_prepare(text, ["/cta/a"]).answers == {}


def test_no_information_shows_no_size() -> None:
    assert read_query_prepare(b"No information available.\0", ["/a"]) == QueryReply(readable=False, fits=0)


def test_the_words_of_a_castor_server_say_nothing_of_any_file() -> None:
    read = read_query_prepare(
        b"/castor/cern.ch/x/a STAGED\n/castor/cern.ch/x/b STAGEIN\n", ["/castor/cern.ch/x/a"]
    )
    assert not read.readable
    assert isinstance(polled(read.answers.get("/castor/cern.ch/x/a"), "/castor/cern.ch/x/a"), Unknown)


def test_an_older_word_and_more_slashes_are_understood() -> None:
    old = {key: value for key, value in ENTRY.items() if key != "path_exists"} | {
        "exists": True,
        "path": "//cta/a",
    }
    assert read_query_prepare(reply(old), ["/cta/a"]).answers == {
        "/cta/a": Answer(True, True, False, True, "")
    }


@pytest.mark.parametrize(
    "broken",
    [
        {**ENTRY, "online": "true"},
        {**ENTRY, "online": 1},
        {key: value for key, value in ENTRY.items() if key != "path_exists"},
        {**ENTRY, "error_text": None},
        {**ENTRY, "path": "/cta/other"},
        {**ENTRY, "path": 7},
        "text",
    ],
)
def test_half_an_entry_says_nothing(broken: object) -> None:
    assert read_query_prepare(reply(broken), ["/cta/a"]).answers == {}


def test_a_file_told_of_twice_and_differently_is_not_told_of() -> None:
    assert read_query_prepare(reply(ENTRY, {**ENTRY, "online": True}), ["/cta/a"]).answers == {}
    assert len(read_query_prepare(reply(ENTRY, ENTRY), ["/cta/a"]).answers) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(True, True, True, False, ""), "done"),
        (Answer(True, True, True, False, "an old error"), "done"),
        (Answer(True, True, False, True, ""), "pending"),
        (Answer(True, True, False, True, "an old error"), "pending"),
        (Answer(True, True, False, False, "tape V00001: medium error"), "tape_lost"),
        (Answer(True, True, False, False, "No space left on device"), "quota_exceeded"),
        (Answer(True, True, False, False, ""), "request_vanished"),
        (Answer(False, False, False, False, "USER ERROR"), "file_missing"),
        (Answer(False, False, True, True, ""), "file_missing"),
        (None, "unknown"),
    ],
)
def test_how_far_a_recall_is(answer: Answer | None, code: str) -> None:
    outcome = polled(answer, "/cta/a")
    words = {Done: "done", Pending: "pending", Unknown: "unknown"}
    assert (outcome.code if isinstance(outcome, Failed) else words[type(outcome)]) == code


def test_just_after_acceptance_a_file_is_seen_or_nobody_knows_of_it_yet() -> None:
    assert confirmed(None, "/a") == Pending()
    assert confirmed(NEARLINE, "/a") is None
    assert confirmed(Answer(True, True, False, True, ""), "/a") == Pending()
    assert confirmed(Answer(True, True, False, False, "of last week"), "/a") == Pending()
    assert confirmed(Answer(True, True, True, False, ""), "/a") == Done()
    assert isinstance(confirmed(Answer(False, False, False, False, ""), "/a"), Failed)


def test_flags_alone_tell_online_from_offline_but_never_a_loss() -> None:
    assert polled(flagged(offline=True), "/a") == confirmed(flagged(offline=True), "/a") == Pending()
    assert polled(flagged(offline=False), "/a") == Done()


def test_where_a_file_is() -> None:
    def answer(on_tape: bool, online: bool) -> Answer:
        return Answer(True, on_tape, online, False, "")

    assert locality(OFFLINE, True, None) is Locality.NEARLINE
    assert locality(OFFLINE | BACKUP_EXISTS, False, None) is Locality.NEARLINE
    assert locality(BACKUP_EXISTS, True, None) is Locality.ONLINE_AND_NEARLINE
    assert locality(0, False, None) is Locality.ONLINE
    assert locality(0, True, None) is Locality.UNKNOWN
    assert locality(0, True, answer(True, True)) is Locality.ONLINE_AND_NEARLINE
    assert locality(0, True, answer(False, True)) is Locality.ONLINE
    assert locality(0, True, answer(True, False)) is Locality.NEARLINE
    assert locality(0, True, answer(False, False)) is Locality.UNKNOWN
    assert [needs_query(flags, True) for flags in (0, OFFLINE, BACKUP_EXISTS)] == [True, False, False]
    assert not needs_query(0, False)


def test_a_checksum_that_is_not_found_says_nothing_of_the_file() -> None:
    """As a 5.5.3 tells it of a file that is there, when its checksum program ends with 2."""
    told = Trouble(400, 3011, "[ERROR] Server responded with an error: [3011] Program failed.")
    assert isinstance(checksum_of("/a", told), Unknown)
    assert may_pass(told, checksum_of("/a", told))


def test_checksums() -> None:
    assert read_checksum(b"adler32 04a9f1cf\0x") == Adler32(0x4A9F1CF)
    assert read_checksum(b"ADLER32 4a9f1cf\0") == Adler32(0x4A9F1CF)
    for text in (b"md5 04a9f1cf", b"adler32 Is a directory\0", b"adler32", b"", b"04a9f1cf", b"adler32 \xff"):
        assert isinstance(read_checksum(text), Unknown)
    assert read_copied("adler32:4a9f1cf") == Adler32(0x4A9F1CF)
    for word in (None, "", "md5:4a9f1cf", "adler32:", 7):
        assert read_copied(word) is None


def test_tokens() -> None:
    assert read_token(b"969d7f000001:3f0e8597.6b0311e7:1\0") == "969d7f000001:3f0e8597.6b0311e7:1"
    for text in (b"", b"\0", b"two words", b"\xff", b"line\nbreak"):
        assert read_token(text) is None
