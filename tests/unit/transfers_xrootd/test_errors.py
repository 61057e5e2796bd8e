"""XRootD's codes in our words: every code has a row."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from transfers.backends.xrootd.errors import CLIENT, NO_ANSWER, SERVER, Trouble, recall_error
from transfers.errors import (
    ChecksumMismatch,
    CredentialExpired,
    EndpointBusy,
    EndpointUnreachable,
    FileExists,
    FileMissing,
    NotOnline,
    PermissionRefused,
    QuotaExceeded,
    StorageTimeout,
    TapeLost,
    TransientStorageError,
    UnreadableReply,
    Unsupported,
)
from transfers.model import Failed, Unknown

HEADER = Path("/usr/include/xrootd/XProtocol/XProtocol.hh")


def test_every_code_of_the_installed_client_has_a_row() -> None:
    responses = pytest.importorskip("XRootD.client.responses")
    codes = {
        value: name
        for name, value in vars(responses.XRootDStatus).items()
        if re.fullmatch("err[A-Z].*", name)
    }
    assert len(codes) > 30
    missing = {name for value, name in codes.items() if value not in CLIENT}
    assert missing == {"errNone", "errErrorResponse"}  # no error; and: see the server's code


def test_every_code_of_the_protocol_has_a_row() -> None:
    assert set(SERVER) >= set(range(3000, 3036))


@pytest.mark.skipif(not HEADER.exists(), reason="needs the header of libxrootd-dev to compare with")
def test_every_code_of_the_installed_protocol_has_a_row() -> None:
    listed = HEADER.read_text().partition("enum XErrorCode")[2].partition("kXR_ERRFENCE")[0]
    names = re.findall(r"\bkXR_\w+", listed)
    assert len(names) >= 35
    assert set(range(3000, 3000 + len(names))) <= set(SERVER)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble(400, 3011, "no such file"), FileMissing),
        (Trouble(400, 3018, "file exists"), FileExists),
        (Trouble(400, 3005, "Unable to open /x; dynamic staging not allowed"), NotOnline),
        (Trouble(400, 3005, "Unable to open /x; no such device"), NotOnline),
        (Trouble(400, 3005, "Unable to remove /x; directory not empty"), Unsupported),
        (Trouble(400, 3005, "Unable to stage files; argument list too long"), Unsupported),
        (Trouble(400, 3005, "something else"), TransientStorageError),
        (Trouble(400, 3009, "no space left"), QuotaExceeded),
        (Trouble(400, 9999, "new in some version"), UnreadableReply),
        (Trouble(999, 0, "new in some version"), UnreadableReply),
        (Trouble(108, 111, "connection refused"), EndpointUnreachable),
        (Trouble(206, 0, "operation expired"), StorageTimeout),
        (Trouble(204, 0, "auth failed"), PermissionRefused),
        (Trouble(204, 0, "Auth failed: the proxy has expired"), CredentialExpired),
        (Trouble(400, 3010, "Unable to prepare /x; token expired"), CredentialExpired),
        (Trouble(400, 3024, "reached maximum number of retrieve requests on file"), EndpointBusy),
        (Trouble(305, 0, "checksum"), ChecksumMismatch),
        (Trouble(402, 3011, "local, in the protocol's words"), FileMissing),
        (Trouble(402, errno.ENOSPC, "local"), QuotaExceeded),
        (Trouble(402, 0, "local"), TransientStorageError),
    ],
)
def test_a_trouble_is_a_storage_error(trouble: Trouble, error: type) -> None:
    assert trouble.error is error


def test_only_the_server_or_the_local_system_can_say_that_a_file_is_missing() -> None:
    assert FileMissing not in CLIENT.values()
    assert [code for code, error in SERVER.items() if error is FileMissing] == [3011]


@pytest.mark.parametrize("code", [101, 103, 108, 204, 206])
def test_what_the_endpoint_did_not_answer_is_unknown_for_the_file(code: int) -> None:
    trouble = Trouble(code, 0, "text")
    assert trouble.of_endpoint
    assert isinstance(trouble.outcome("/a"), Unknown)


def test_what_the_server_answered_is_of_the_file() -> None:
    trouble = Trouble(400, 3010, "permission denied")
    assert not trouble.of_endpoint
    outcome = trouble.outcome("/a")
    assert isinstance(outcome, Failed)
    assert outcome.code == "permission_refused"
    assert "/a: permission denied (xrootd code 400 3010)" in outcome.text


def test_a_server_that_timed_out_leaves_the_file_unknown() -> None:
    assert isinstance(Trouble(400, 3034, "request timed out").outcome("/a"), Unknown)
    assert NO_ANSWER.error is StorageTimeout


def test_an_exception_names_the_server() -> None:
    error = Trouble(108, 111, "[FATAL] Connection error").exception("root://host:1")
    assert str(error).startswith("root://host:1: [FATAL] Connection error")
    assert error.subject == "root://host:1"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1795363353 -> tape V00001: medium error", TapeLost),
        ("checksum or size of the tape copy is wrong", TapeLost),
        ("anything we have never seen", TapeLost),
        ("[Errno 28] No space left on device", QuotaExceeded),
        ("mount failed: all drives down", EndpointBusy),
        ("permission denied", PermissionRefused),
        ("USER ERROR: you don't have prepare permission", PermissionRefused),
        ("No prepare workflow set on the directory /eos/x", Unsupported),
        ("ERROR: The requested file is on tape V1, which is permanently unavailable (BROKEN).", TapeLost),
        (
            "WARNING: The requested file is on tape V1, which is temporarily unavailable (REPACKING)",
            EndpointBusy,
        ),
    ],
)
def test_the_text_of_a_failed_recall(text: str, error: type) -> None:
    assert recall_error(text) is error


@pytest.mark.parametrize(
    ("trouble", "of_request", "too_many", "no_queries"),
    [
        (Trouble(400, 3005, "Unable to stage files; argument list too long"), False, True, False),
        (Trouble(400, 3002, "too long"), False, True, False),
        (Trouble(400, 3011, "argument list too long"), False, False, False),
        (Trouble(400, 3010, "permission denied"), False, False, False),
        (Trouble(400, 3013, "unsupported"), False, False, True),
        (Trouble(205, 0, "query not supported"), False, False, True),
        (Trouble(400, 205, ""), False, False, False),
        (Trouble(400, 3024, "overloaded"), True, False, False),
        (Trouble(400, 3034, "timed out"), True, False, False),
        (Trouble(108, 111, "refused"), True, False, False),
        (Trouble(204, 0, "the proxy has expired"), True, False, False),
    ],
)
def test_what_a_refused_request_says_of_other_requests(
    trouble: Trouble, of_request: bool, too_many: bool, no_queries: bool
) -> None:
    assert (trouble.of_request, trouble.too_many, trouble.no_queries) == (of_request, too_many, no_queries)
