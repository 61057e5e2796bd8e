"""gfal2's codes in our words: every code that its plug-ins give has a row."""

from __future__ import annotations

import errno

import pytest

from transfers.backends.gfal2.errors import CODES, HTTP, OVERDUE, Problem
from transfers.backends.xrootd.errors import SERVER
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
    RequestVanished,
    StorageError,
    StorageTimeout,
    TransientStorageError,
    UnreadableReply,
    Unsupported,
)
from transfers.model import Failed, Unknown

# What gfal2 2.23 makes of the codes of the XRootD client, of the XRootD protocol, and of davix (HTTP).
XROOTD_CLIENT = (
    "EAGAIN EOPNOTSUPP ENOEXEC EINVAL EINPROGRESS ENOTSUP EDOM ENOSYS ENOSR EHOSTUNREACH ENOTSOCK ETIMEDOUT "
    "ENOTCONN ECONNRESET ECONNREFUSED ECHRNG ENETRESET EPROTO ECONNABORTED EBADE ESTALE EINTR ESPIPE EBADMSG "
    "EIDRM EILSEQ ELOOP ENOMSG ECOMM"
)
XROOTD_PROTOCOL = (
    "EINVAL ENAMETOOLONG EDEADLK EBADF ENODEV EIO ENOMEM ENOSPC EACCES ENOENT EFAULT ENOSYS EHOSTUNREACH "
    "ENOTBLK EISDIR ECANCELED EEXIST EDOM EINPROGRESS EDQUOT EILSEQ ERANGE EUSERS EROFS ENOATTR "
    "EADDRNOTAVAIL ETIMEDOUT ENOTSUP EPERM ETIME"
)
DAVIX = (
    "EIO EPERM EHOSTUNREACH EHOSTDOWN ENOSYS ETIMEDOUT EISDIR ENOTDIR EBADF EACCES ENOENT EEXIST ECANCELED"
)
GFAL2 = "EPROTONOSUPPORT ENODATA ENOMSG EINVAL ENOTEMPTY ENOTDIR EMLINK"


@pytest.mark.parametrize("words", [XROOTD_CLIENT, XROOTD_PROTOCOL, DAVIX, GFAL2])
def test_every_code_of_a_plug_in_has_a_row(words: str) -> None:
    names = {"ENOATTR": "ENODATA"}
    numbers = {name: getattr(errno, names.get(name, name)) for name in words.split()}
    assert {name for name, number in numbers.items() if number not in CODES} == set()


def test_every_number_of_the_xrootd_protocol_is_known_when_it_leaks() -> None:
    for number, error in SERVER.items():
        if number != 3005:
            assert Problem(number, "text").error is error
            assert Problem(errno.EIO, f"Server responded with an error: [{number}] text").error is error


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (Problem(errno.ENOENT, "Failed to stat file (No such file or directory)"), FileMissing),
        (Problem(errno.EEXIST, "[3018] Unable to create /x; file exists"), FileExists),
        (Problem(3011, "[ERROR] Local error: no such file or directory:  (source)"), FileMissing),
        (Problem(errno.ENODEV, "[3005] Unable to open /x; no such device"), NotOnline),
        (Problem(errno.EIO, "[3005] Unable to open /x; dynamic staging not allowed"), NotOnline),
        (Problem(errno.EIO, "[3005] Unable to write /x; no space left on device"), QuotaExceeded),
        (Problem(errno.ENODEV, "[3005] something new"), TransientStorageError),
        (Problem(errno.EILSEQ, "[ERROR] CheckSum error"), ChecksumMismatch),
        (Problem(errno.ENOTSUP, "[3013] tpc not supported"), Unsupported),
        (Problem(errno.ECONNREFUSED, "Connection refused"), EndpointUnreachable),
        (Problem(errno.ECOMM, "[ERROR] Operation expired"), EndpointUnreachable),
        (Problem(errno.ESTALE, "[ERROR] Operation expired"), StorageTimeout),
        (Problem(errno.EPROTONOSUPPORT, "Protocol not supported"), Unsupported),
        (Problem(errno.EPERM, "Result HTTP 403 : Permission refused"), PermissionRefused),
        (Problem(errno.EACCES, "Result HTTP 401 : Authentication Error"), CredentialExpired),
        (Problem(errno.EHOSTDOWN, "Result HTTP 501 : Server Error after 1 attempts"), Unsupported),
        (Problem(errno.EHOSTDOWN, "Result HTTP 503 : Server Error"), EndpointBusy),
        (
            Problem(errno.EAGAIN, "[FATAL] Socket error: resource temporarily unavailable"),
            EndpointUnreachable,
        ),
        (Problem(errno.EAGAIN, "[FATAL] Socket timeout:  (source)"), StorageTimeout),
        (Problem(errno.EBADE, "[FATAL] Auth failed: No protocols left to try"), PermissionRefused),
        (Problem(errno.EINVAL, "[Tape REST API] Stage call failed: (received 429)"), EndpointBusy),
        (Problem(errno.EINVAL, "[Tape REST API] Stage call failed: (received 404)"), RequestVanished),
        (Problem(errno.ENOENT, "[Tape REST API] Failed to query /x: HTTP 404"), Unsupported),
        (Problem(errno.EACCES, "the proxy /tmp/x509up has expired"), CredentialExpired),
        (Problem(9999, "new in some version"), UnreadableReply),
        (Problem(3999, "new in some version"), UnreadableReply),
    ],
    ids=str,
)
def test_a_problem_is_a_storage_error(problem: Problem, error: type[StorageError]) -> None:
    assert problem.error is error


def test_what_the_endpoint_did_not_answer_is_unknown_for_the_file() -> None:
    for problem in (OVERDUE, Problem(errno.ECONNREFUSED, "refused"), Problem(9999, "what?")):
        assert isinstance(problem.outcome("/a"), Unknown)
    outcome = Problem(errno.EACCES, "no\\x00").outcome("/a")
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.text) == ("permission_refused", "/a: no (gfal2 code 13)")


def test_only_an_answer_about_the_file_is_an_absence() -> None:
    missing = {code for code, error in CODES.items() if error is FileMissing}
    assert missing == {errno.ENOENT, errno.ENOTDIR}
    assert {status for status, error in HTTP.items() if error is FileMissing} == {404, 410}
    assert not Problem(errno.ENOENT, "[Tape REST API] Stage pooling call failed: HTTP 404 : x").missing


@pytest.mark.parametrize("problem", [Problem(125, "cancelled"), Problem(3017, ""), Problem(5, "[3017] x")])
def test_a_cancelled_copy_is_known_as_such(problem: Problem) -> None:
    assert problem.cancelled
    assert not Problem(errno.EIO, "something else").cancelled
