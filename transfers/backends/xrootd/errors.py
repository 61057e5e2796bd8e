"""From XRootD's codes to our errors, as tables.

A status has a code of the client; code 400 says that the server refused, and then ``errno`` is a code of the
protocol (kXR_*). Tables: ``CLIENT`` and ``SERVER``; ``TEXTS`` for the codes that servers use for several
things. A code without a row is an UnreadableReply: tried later a few times, never success, never absence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from transfers.errormap import ERRNO
from transfers.errors import (
    ChecksumMismatch,
    CredentialExpired,
    CredentialMissing,
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
    TapeLost,
    TransientStorageError,
    UnreadableReply,
    Unsupported,
    failed,
)
from transfers.model import Failed, Unknown

SERVER: dict[int, type[StorageError]] = {
    3000: Unsupported,  # kXR_ArgInvalid
    3001: Unsupported,  # kXR_ArgMissing
    3002: Unsupported,  # kXR_ArgTooLong
    3003: EndpointBusy,  # kXR_FileLocked: somebody writes it
    3004: TransientStorageError,  # kXR_FileNotOpen: the server forgot us, after a restart
    3005: TransientStorageError,  # kXR_FSError: many things, see TEXTS
    3006: Unsupported,  # kXR_InvalidRequest
    3007: TransientStorageError,  # kXR_IOError
    3008: EndpointBusy,  # kXR_NoMemory
    3009: QuotaExceeded,  # kXR_NoSpace
    3010: PermissionRefused,  # kXR_NotAuthorized
    3011: FileMissing,  # kXR_NotFound
    3012: TransientStorageError,  # kXR_ServerError
    3013: Unsupported,  # kXR_Unsupported
    3014: EndpointBusy,  # kXR_noserver: a manager without a server for the file, just now
    3015: Unsupported,  # kXR_NotFile
    3016: Unsupported,  # kXR_isDirectory
    3017: TransientStorageError,  # kXR_Cancelled
    3018: FileExists,  # kXR_ItExists
    3019: ChecksumMismatch,  # kXR_ChkSumErr
    3020: EndpointBusy,  # kXR_inProgress
    3021: QuotaExceeded,  # kXR_overQuota
    3022: PermissionRefused,  # kXR_SigVerErr
    3023: PermissionRefused,  # kXR_DecryptErr
    3024: EndpointBusy,  # kXR_Overloaded
    3025: PermissionRefused,  # kXR_fsReadOnly
    3026: Unsupported,  # kXR_BadPayload
    3027: TransientStorageError,  # kXR_AttrNotFound: not the absence of the file
    3028: PermissionRefused,  # kXR_TLSRequired
    3029: TransientStorageError,  # kXR_noReplicas: none can be reached; says nothing of the file
    3030: PermissionRefused,  # kXR_AuthFailed
    3031: Unsupported,  # kXR_Impossible
    3032: EndpointBusy,  # kXR_Conflict
    3033: TransientStorageError,  # kXR_TooManyErrs
    3034: StorageTimeout,  # kXR_ReqTimedOut
    3035: StorageTimeout,  # kXR_TimerExpired
}

CLIENT: dict[int, type[StorageError]] = {
    1: EndpointBusy,  # errRetry
    2: TransientStorageError,  # errUnknown
    3: TransientStorageError,  # errInvalidOp: e.g. on a file whose connection is gone
    4: TransientStorageError,  # errFcntl
    5: TransientStorageError,  # errPoll
    6: Unsupported,  # errConfig
    7: TransientStorageError,  # errInternal
    8: Unsupported,  # errUnknownCommand
    9: Unsupported,  # errInvalidArgs
    10: EndpointBusy,  # errInProgress
    11: TransientStorageError,  # errUninitialized
    12: TransientStorageError,  # errOSError, see _LOCAL
    13: Unsupported,  # errNotSupported
    14: TransientStorageError,  # errDataError: the bytes on the wire
    15: Unsupported,  # errNotImplemented
    16: TransientStorageError,  # errNoMoreReplicas
    17: TransientStorageError,  # errPipelineFailed
    101: EndpointUnreachable,  # errInvalidAddr: no such host
    102: EndpointUnreachable,  # errSocketError
    103: StorageTimeout,  # errSocketTimeout
    104: EndpointUnreachable,  # errSocketDisconnected
    105: EndpointUnreachable,  # errPollerError
    106: EndpointUnreachable,  # errSocketOptError
    107: EndpointUnreachable,  # errStreamDisconnect
    108: EndpointUnreachable,  # errConnectionError
    109: EndpointUnreachable,  # errInvalidSession
    110: EndpointUnreachable,  # errTlsError
    201: UnreadableReply,  # errInvalidMessage
    202: EndpointUnreachable,  # errHandShakeFailed
    203: PermissionRefused,  # errLoginFailed
    204: PermissionRefused,  # errAuthFailed
    205: Unsupported,  # errQueryNotSupported
    206: StorageTimeout,  # errOperationExpired
    207: EndpointUnreachable,  # errOperationInterrupted
    208: StorageTimeout,  # errThresholdExceeded: slower than allowed
    301: EndpointBusy,  # errNoMoreFreeSIDs
    302: UnreadableReply,  # errInvalidRedirectURL
    303: UnreadableReply,  # errInvalidResponse
    304: TransientStorageError,  # errNotFound: the client's own, e.g. no server to ask; not an absence
    305: ChecksumMismatch,  # errCheckSumError
    306: EndpointBusy,  # errRedirectLimit
    307: UnreadableReply,  # errCorruptedHeader
    401: UnreadableReply,  # errRedirect, where none may be
    402: TransientStorageError,  # errLocalError, see _LOCAL
    500: Unsupported,  # errResponseNegative
}

REFUSED_BY_SERVER = 400
_LOCAL = (12, 402)  # errno is the local system's, or already turned into the protocol's

_TOO_LONG = 3002
_MANY = re.compile("argument list too long|too many files", re.IGNORECASE)
_NO_QUERY = (13, 15, 205)  # by the client: not supported, not implemented, query not supported
_NO_QUERIES = (3000, 3006, 3013)  # by the server: not its request (a redirector), invalid, unsupported

TEXTS: tuple[tuple[re.Pattern[str], type[StorageError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), error)
    for pattern, error in (
        ("dynamic staging not allowed|no such device|no disk replica|not online", NotOnline),
        ("no space left|quota", QuotaExceeded),
        ("not a directory|is a directory|directory not empty", Unsupported),
        ("argument list too long|too many files", Unsupported),
        ("read-only file system|operation not permitted|permission denied", PermissionRefused),
        ("timed out|timeout", StorageTimeout),
        ("too many open files|resource temporarily unavailable|busy|overload", EndpointBusy),
    )
)
"""What the text of a kXR_FSError tells. ``file exists`` and ``no such file`` have codes of their own."""

_EXPIRED = re.compile("expired|not (yet )?valid", re.IGNORECASE)
"""Of a refusal for lack of rights: the credential is over, which is no word about rights."""

TAPE_TEXTS: tuple[tuple[re.Pattern[str], type[StorageError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), error)
    for pattern, error in (
        ("permanently unavailable", TapeLost),
        ("no space left|quota|disk full", QuotaExceeded),
        ("cancel", RequestVanished),
        ("not authori[sz]ed|permission denied|not permitted|prepare permission", PermissionRefused),
        ("no prepare workflow|unable to check the extended attributes", Unsupported),
        ("timed out|timeout|mount failed|drive|library (is )?down|unavailable|busy|try again", EndpointBusy),
    )
)
"""What the error text of a failed recall tells. Anything else is TapeLost: a person must look."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A status that is not good: the client's code, the server's or system's number, the text.

    ``own``: what it is, when our own credentials tell more than the codes (``refusals``).
    """

    code: int
    errno: int = 0
    text: str = ""
    own: type[StorageError] | None = None

    @property
    def error(self) -> type[StorageError]:
        """The storage error it is."""
        if self.own is not None:
            return self.own
        if self.code == REFUSED_BY_SERVER or (self.code in _LOCAL and self.errno >= 3000):
            found = SERVER.get(self.errno, UnreadableReply)
            return by_text(self.text, TEXTS, found) if self.errno == 3005 else self._rights(found)
        if self.code in _LOCAL and self.errno in ERRNO:
            return ERRNO[self.errno]
        return self._rights(CLIENT.get(self.code, UnreadableReply))

    def _rights(self, found: type[StorageError]) -> type[StorageError]:
        return CredentialExpired if found is PermissionRefused and _EXPIRED.search(self.text) else found

    @property
    def of_endpoint(self) -> bool:
        """Is it the endpoint that is in trouble, rather than the file asked for?"""
        client = self.code not in (REFUSED_BY_SERVER, *_LOCAL)
        return client and issubclass(
            self.error,
            EndpointUnreachable | StorageTimeout | PermissionRefused | CredentialExpired | CredentialMissing,
        )

    @property
    def of_request(self) -> bool:
        """Of a prepare request that was refused: would any other be refused just now?"""
        return self.of_endpoint or issubclass(
            self.error,
            EndpointBusy
            | EndpointUnreachable
            | StorageTimeout
            | QuotaExceeded
            | CredentialExpired
            | CredentialMissing,
        )

    @property
    def too_many(self) -> bool:
        """Were there too many files in the request? The same with fewer may be taken."""
        refused = self.code == REFUSED_BY_SERVER
        return refused and (self.errno == _TOO_LONG or (self.errno == 3005 and bool(_MANY.search(self.text))))

    @property
    def no_queries(self) -> bool:
        """Does the service not answer questions of this kind at all?"""
        return self.code in _NO_QUERY if self.code != REFUSED_BY_SERVER else self.errno in _NO_QUERIES

    def exception(self, server: str) -> StorageError:
        """For a whole call that failed."""
        return self.error(f"{server}: {self.words}", subject=server)

    def outcome(self, name: str) -> Failed | Unknown:
        """For one file. What the endpoint did not answer, or we cannot read, is Unknown."""
        if self.of_endpoint or issubclass(self.error, StorageTimeout | UnreadableReply):
            return Unknown(f"{name}: {self.words}")
        return failed(self.error, f"{name}: {self.words}")

    @property
    def words(self) -> str:
        number = f" {self.errno}" if self.errno else ""
        return f"{self.text.strip() or 'no text'} (xrootd code {self.code}{number})"


NO_ANSWER = Trouble(206, text="no answer within the deadline")
REDIRECTED = Trouble(401, text="the server sends us elsewhere")
QUEUED = Trouble(10, text="not sent: other requests to this server took all the time")


def by_text(
    text: str, table: tuple[tuple[re.Pattern[str], type[StorageError]], ...], default: type[StorageError]
) -> type[StorageError]:
    """The error of the first row whose pattern is in the text."""
    return next((error for pattern, error in table if pattern.search(text)), default)


def recall_error(text: str) -> type[StorageError]:
    """The error of a recall that failed with this text."""
    return by_text(text, TAPE_TEXTS, TapeLost)
