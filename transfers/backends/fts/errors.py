"""From FTS's words to our errors, as tables.

The ``reason`` of a failed file is SCOPE [errno] text. Scope and errno classify; the text, which differs
between versions, only where one errno stands for several things, and is kept for people. What has no row is a
plain StorageError: tried a few times, then a person looks. Never success, and absence only of a source.
"""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass

from transfers.backends.xrootd.errors import recall_error
from transfers.errormap import error_of
from transfers.errors import (
    ChecksumMismatch,
    CredentialExpired,
    EndpointBusy,
    EndpointUnreachable,
    FileMissing,
    NotArchived,
    PermissionRefused,
    RequestVanished,
    StorageError,
    StorageTimeout,
    TransientStorageError,
    UnreadableReply,
    Unsupported,
    failed,
)
from transfers.model import Failed

Patterns = tuple[tuple[re.Pattern[str], type[StorageError]], ...]


def _patterns(*rows: tuple[str, type[StorageError]]) -> Patterns:
    return tuple((re.compile(text, re.IGNORECASE), error) for text, error in rows)


SCOPES = frozenset({"SOURCE", "DESTINATION", "TRANSFER", "STAGING", "ARCHIVING", "AGENT"})

ARCHIVING = "ARCHIVING"
"""Whatever the errno of this scope, the copy itself went well and is on disk at the destination: NotArchived.
Whether it still is there is seen by looking."""

REASONS: dict[tuple[str, int], type[StorageError]] = {
    ("STAGING", errno.ECANCELED): RequestVanished,
    ("SOURCE", errno.EINPROGRESS): Unsupported,  # 3.14: the storage has no such checksum algorithm
    ("DESTINATION", errno.ENOENT): StorageError,  # a directory: says nothing of the file that was asked for
    ("TRANSFER", errno.ENOENT): StorageError,  # of which of the two sides, nobody knows
    ("AGENT", errno.ENOENT): TransientStorageError,
    ("TRANSFER", 84): ChecksumMismatch,  # 3.13, EILSEQ
    ("TRANSFER", errno.ENODEV): EndpointBusy,  # authorisation of a third-party copy expired: overload
    ("TRANSFER", errno.ECANCELED): TransientStorageError,
}
"""Before the table of errnos (``transfers.errormap``), which holds for every scope."""

NUMBERS: dict[int, type[StorageError]] = {
    errno.ECOMM: EndpointUnreachable,  # gfal2's number for connections that fail
}
"""Errnos that mean something else to FTS than to an operating system, in every scope."""

TEXTS: dict[tuple[str, int], Patterns] = {
    # 3.14 compares before it copies: an input or output error that is none
    ("SOURCE", errno.EIO): _patterns(("checksum|do not match", ChecksumMismatch)),
    ("DESTINATION", errno.EIO): _patterns(("checksum|do not match", ChecksumMismatch)),
    ("TRANSFER", errno.EIO): _patterns(("checksum|do not match", ChecksumMismatch)),
    ("STAGING", errno.EACCES): _patterns(("proxy|credential|certificate", CredentialExpired)),
}
"""Errnos that stand for several things; they come first."""

TAPE: Patterns = _patterns(
    ("no such file|not exist|not found", FileMissing),
    (
        "not (in the queue|requested)|request (is )?(un|not )known|request.*(lost|vanished|forgot)",
        RequestVanished,
    ),
)
"""STAGING [42], the tape system's words. Otherwise as the XRootD backend reads them: in doubt TapeLost."""

SENTENCES: Patterns = _patterns(
    ("proxy|credential|delegat", CredentialExpired),
    ("bann?ed|banning", EndpointBusy),
    ("cancel|queue|expired", RequestVanished),
    ("not authori[sz]ed|permission", PermissionRefused),
    ("timed out|timeout", StorageTimeout),
)
"""Reasons without scope and errno: cancellations, queue time-outs, words of operators."""

_REASON = re.compile(r"\s*([A-Z_]+)\s*\[\s*([0-9]{1,6})\s*\]\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason taken apart: scope and number ("" and 0 when it has none) and the whole text."""

    scope: str
    number: int
    text: str

    @classmethod
    def parse(cls, text: str) -> Reason:
        found = _REASON.match(text)
        if not found or found[1] not in SCOPES:
            return cls("", 0, text.strip())
        return cls(found[1], int(found[2]), text.strip())

    @property
    def error(self) -> type[StorageError]:
        """The storage error that it is."""
        place = (self.scope, self.number)
        if not self.scope:
            return _by_text(self.text, SENTENCES) or StorageError
        if self.scope == ARCHIVING:
            return NotArchived
        if place == ("STAGING", errno.ENOMSG):
            return _by_text(self.text, TAPE) or recall_error(self.text)
        return (
            _by_text(self.text, TEXTS.get(place, ()))
            or REASONS.get(place)
            or NUMBERS.get(self.number)
            or error_of(self.number)
        )


def _by_text(text: str, table: Patterns) -> type[StorageError] | None:
    """The error of the first row whose pattern is in the text."""
    return next((error for pattern, error in table if pattern.search(text)), None)


def failure(path: str, text: str) -> Failed:
    """The outcome of a file that FAILED for this reason."""
    return failed(Reason.parse(text).error, f"{path}: {text.strip() or 'FTS gives no reason'}")


def cancelled(path: str, text: str) -> Failed:
    """The outcome of a CANCELED file: asked for again, unless a scope or a sentence says otherwise."""
    reason = Reason.parse(text)
    error = RequestVanished if not reason.text or reason.error is StorageError else reason.error
    return failed(error, f"{path}: cancelled at the FTS: {reason.text or 'no reason given'}")


HTTP: dict[int, type[StorageError]] = {
    400: Unsupported,
    401: PermissionRefused,
    403: PermissionRefused,
    405: Unsupported,
    408: StorageTimeout,
    409: EndpointBusy,
    413: Unsupported,
    414: Unsupported,
    419: CredentialExpired,  # no delegated credential, or less than an hour of it left
    424: TransientStorageError,
    429: EndpointBusy,
    500: TransientStorageError,
    502: TransientStorageError,
    503: EndpointBusy,
    504: StorageTimeout,
}
"""Statuses of the REST interface. 404 is not here: whether it is an absence, ``replies`` decides."""


class Answer(Exception):
    """A status that is not 2xx. ``json``: the body is FTS's, not that of a web server in front of it."""

    def __init__(self, status: int, text: str, message: str, json: bool) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.text = text
        self.message = message
        self.json = json

    def error(self, where: str) -> StorageError:
        """As an error of ours. A 4xx page of a web server tells nothing of what was asked."""
        known = HTTP.get(self.status, TransientStorageError if self.status >= 500 else UnreadableReply)
        if not self.json and self.status < 500 and known is not StorageTimeout:
            known = UnreadableReply
        return known(f"{where} answered {self.status}: {self.message}", subject=where)
