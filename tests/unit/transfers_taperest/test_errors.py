"""HTTP statuses and services' texts in our words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from transfers.backends.taperest.errors import STATUS, TEXTS, TLS, Answer, by_text, pause
from transfers.errors import FileMissing, StorageError, TransientStorageError, UnreadableReply

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "credential_expired"),
        (403, "permission_refused"),
        (409, "endpoint_busy"),
        (413, "unsupported"),
        (429, "endpoint_busy"),
        (500, "transient"),
        (501, "unsupported"),
        (502, "endpoint_unreachable"),
        (503, "endpoint_busy"),
        (504, "storage_timeout"),
        (599, "transient"),
        (302, "unsupported"),
        (418, "unreadable_reply"),
        (204, "unreadable_reply"),
    ],
)
def test_statuses_have_their_error(status: int, code: str):
    assert Answer(status).error("https://x").code == code


def test_no_status_by_itself_says_that_a_file_is_missing():
    assert not any(issubclass(error, FileMissing) for error in STATUS.values())


@pytest.mark.parametrize("status", sorted(STATUS))
def test_every_row_makes_one_clear_sentence(status: int):
    error = Answer(status, b'{"title":"No\\n no","status":1,"detail":"really"}').error("POST /stage")
    assert str(error) == f"POST /stage: HTTP {status}: No no really"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "HTTP 500"),
        (b"<html>secret</html>", "HTTP 500"),
        (b'{"errors":[{"status":"500","message":"Internal error"}]}', "HTTP 500: Internal error"),
        (b'{"errors":[]}', "HTTP 500"),
        (b"[1,2]", "HTTP 500"),
        (b"plain \xff words", "HTTP 500: plain � words"),
    ],
)
def test_the_services_words_are_found_wherever_they_are(body: bytes, words: str):
    assert Answer(500, body).words == words


def test_words_in_headers_are_read():
    assert Answer(400, b"", {"title": "File missing", "detail": "/a"}).words == "HTTP 400: File missing /a"


def test_a_page_is_no_answer_of_the_api():
    page = Answer(404, b" <!DOCTYPE html>")
    assert isinstance(page.error("https://x"), UnreadableReply)
    assert not page.forgotten
    assert Answer(404, b'{"title":"Not found"}').forgotten
    assert Answer(404).forgotten


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CacheException(rc=10001;msg=No such file or directory /a)", "file_missing"),
        ("USER ERROR: file does not exist or is not accessible to you", "file_missing"),
        ("USER ERROR: you don't have prepare permission", "permission_refused"),
        ("File not requested with request ID 17", "request_vanished"),
        ("17::4: CANCELLED", "request_vanished"),
        ("Tape backend is unreachable", "endpoint_unreachable"),
        ("prepare - reached maximum number of retrieve requests on file", "endpoint_busy"),
        ("Request to [>PinManager@local] timed out.", "storage_timeout"),
        ("medium error on T00012", "tape_lost"),
        ("CacheException(rc=10004;msg=Not a regular file.)", "unsupported"),
        ("No space left on pool", "quota_exceeded"),
        ("Zonk", "storage"),
    ],
)
def test_texts_of_services_have_their_error(text: str, code: str):
    assert by_text(text).code == code


def test_texts_without_a_row_have_the_default():
    assert by_text("?", TEXTS) is StorageError
    assert by_text("?", TLS, TransientStorageError) is TransientStorageError


@pytest.mark.parametrize(
    ("status", "text", "seconds"),
    [
        (429, "30", 30),
        (503, "30", 30),
        (503, "999999999", 600),
        (503, "Thu, 01 Jan 2026 00:01:00 GMT", 60),
        (503, "Wed, 31 Dec 2025 00:01:00 GMT", 0),
        (503, "-5", 0),
        (503, "soon", 0),
        (503, "", 0),
        (500, "30", 0),
        (200, "30", 0),
    ],
)
def test_a_service_is_left_alone_as_long_as_it_wants_within_reason(status: int, text: str, seconds: int):
    assert pause(Answer(status, b"", {"retry-after": text}), NOW) == timedelta(seconds=seconds)
