"""From HTTP statuses and the services' texts to our errors, as tables.

A status without a row is an UnreadableReply: tried later a few times, never success, never absence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from transfers.errors import (
    CredentialExpired,
    EndpointBusy,
    EndpointUnreachable,
    FileMissing,
    PermissionRefused,
    QuotaExceeded,
    RequestVanished,
    StorageError,
    StorageTimeout,
    TapeLost,
    TransientStorageError,
    UnreadableReply,
    Unsupported,
)

STATUS: dict[int, type[StorageError]] = {
    400: Unsupported,  # the service cannot read what we ask
    401: CredentialExpired,
    403: PermissionRefused,
    404: Unsupported,  # of a request: see the stager; else there is no such API at this URL
    405: Unsupported,
    406: Unsupported,
    408: StorageTimeout,
    409: EndpointBusy,  # another operation on the same thing is under way
    411: Unsupported,
    413: Unsupported,  # too many files: see the stager, which asks for fewer
    414: Unsupported,
    415: Unsupported,
    421: Unsupported,  # not a server of this name
    423: EndpointBusy,
    429: EndpointBusy,
    500: TransientStorageError,
    501: Unsupported,
    502: EndpointUnreachable,  # a gateway without the service behind it
    503: EndpointBusy,
    504: StorageTimeout,
    507: QuotaExceeded,
}

TOO_LARGE = frozenset({413, 414})
OF_SOME_FILE = frozenset({400, 404, 500})
"""What services say of a whole request when the trouble is with files in it."""

LONGEST_PAUSE = timedelta(minutes=10)

_Table = tuple[tuple[re.Pattern[str], type[StorageError]], ...]

TEXTS: _Table = tuple(
    (re.compile(pattern, re.IGNORECASE), error)
    for pattern, error in (
        (r"no such file|does not exist|not found|rc=10001\b|file missing", FileMissing),
        (r"permission|not authori[sz]ed|not permitted|access denied|forbidden|rc=10018\b", PermissionRefused),
        (r"not requested with request id|cancel", RequestVanished),
        (r"no space|quota|disk full|buffer (is )?full", QuotaExceeded),
        (r"timed? ?out|timeout", StorageTimeout),
        (r"unreachable|connection refused|connection lost", EndpointUnreachable),
        (
            r"unavailable|busy|overload|try again|too many|maximum number|(drive|library|tape) .*down",
            EndpointBusy,
        ),
        (
            r"medium error|read error|unrecoverable|is lost|lost on tape|damaged|broken|cannot be read",
            TapeLost,
        ),
        (r"not a regular file|is a directory|disk only|zero.length|uses forbidden characters", Unsupported),
    )
)
"""What the error text of a file tells. Else it is a plain StorageError: a few tries, then a person looks."""

TLS: _Table = tuple(
    (re.compile(pattern, re.IGNORECASE), error)
    for pattern, error in (
        (r"verify.failed", EndpointUnreachable),  # we do not trust the server
        (r"certificate.(has.)?expired", CredentialExpired),
        (r"alert|certificate.required", PermissionRefused),  # the server does not trust us
    )
)
"""What the text of a failed TLS connection tells."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, its body whole, and the headers in lower case."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] | None = None

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def html(self) -> bool:
        """Is it a page for people? Then something else than the API has answered."""
        return self.body.lstrip()[:1] == b"<" or "html" in self.header("content-type").lower()

    def header(self, name: str) -> str:
        return (self.headers or {}).get(name, "")

    @property
    def words(self) -> str:
        """The service's own words, short: RFC 7807, dCache's list of errors, or its headers."""
        told = "" if self.html else _words(self.body)
        told = told or " ".join(filter(None, (self.header("title"), self.header("detail"))))
        return f"HTTP {self.status}" + (f": {told}" if told else "")

    @property
    def forgotten(self) -> bool:
        """Does the API say that it does not know this request? A page for people says nothing of it."""
        return self.status in (404, 410) and not self.html

    def error(self, where: str) -> StorageError:
        """The storage error of an answer that is not good."""
        if 300 <= self.status < 400:
            goes = self.header("location") or "elsewhere"
            return Unsupported(f"{where} redirects to {goes}: give the API's URL as option endpoint")
        kind = STATUS.get(self.status)
        if kind is None:
            kind = TransientStorageError if self.status >= 500 else UnreadableReply
        if self.html and kind is Unsupported:
            return UnreadableReply(f"{where} answers with a page, not as a Tape REST API: {self.words}")
        return kind(f"{where}: {self.words}", subject=where)


def _words(body: bytes) -> str:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return _short(body.decode(errors="replace"))
    if isinstance(value, dict) and isinstance(errors := value.get("errors"), list) and errors:
        value = errors[0]
    if isinstance(value, dict):
        told = [value.get(key) for key in ("title", "detail", "message", "error")]
        return _short(" ".join(text for text in told if isinstance(text, str)))
    return ""


def _short(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:300]


def by_text(
    text: str, table: _Table = TEXTS, default: type[StorageError] = StorageError
) -> type[StorageError]:
    """The error of the first row whose pattern is in the text."""
    return next((error for pattern, error in table if pattern.search(text)), default)


def pause(answer: Answer, now: datetime) -> timedelta:
    """How long the service asks to be left alone (Retry-After, seconds or a date); at most ten minutes."""
    text = answer.header("retry-after").strip()
    if answer.status not in (429, 503) or not text:
        return timedelta(0)
    if re.fullmatch(r"[0-9]{1,9}", text):
        asked = timedelta(seconds=int(text))
    else:
        try:
            date = parsedate_to_datetime(text)
        except ValueError:
            return timedelta(0)
        asked = date - now if date.tzinfo else timedelta(0)
    return max(timedelta(0), min(asked, LONGEST_PAUSE))
