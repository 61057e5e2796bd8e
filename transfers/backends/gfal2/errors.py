"""From gfal2's codes to our errors, as tables.

The code of a GError is an errno, mostly: ``CODES`` says what each means from gfal2, ``transfers.errormap``
the rest. Copies of ``root://`` leak numbers of the XRootD protocol (3000 and more), and put them into the
text of other errors (``[3018] …``); those tables are the xrootd backend's. A code without a row is an
UnreadableReply: tried later a few times, never success, never absence.
"""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass

from transfers.backends.xrootd.errors import SERVER, TEXTS, by_text
from transfers.errormap import ERRNO
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
    failed,
)
from transfers.model import Failed, Unknown

CODES: dict[int, type[StorageError]] = ERRNO | {
    errno.EINTR: TransientStorageError,  # XrdCl errOperationInterrupted
    errno.EIO: TransientStorageError,  # anything, from davix
    errno.ENOEXEC: Unsupported,  # XrdCl errConfig
    errno.EBADF: TransientStorageError,
    errno.EDEADLK: EndpointBusy,  # XRootD kXR_FileLocked
    errno.EFAULT: TransientStorageError,  # XRootD kXR_ServerError
    errno.ENOTBLK: Unsupported,  # XRootD kXR_NotFile
    errno.ERANGE: TransientStorageError,
    errno.EUSERS: EndpointBusy,  # XRootD kXR_Overloaded
    errno.ENODEV: NotOnline,  # "no disk replica exists"
    errno.EINVAL: Unsupported,  # also: the service does not know tape requests
    errno.ESPIPE: UnreadableReply,  # XrdCl errInvalidRedirectURL
    errno.EDOM: TransientStorageError,  # XrdCl errDataError: the bytes on the wire
    errno.ENOTEMPTY: Unsupported,
    errno.ENOMSG: UnreadableReply,  # the words tell more
    errno.EIDRM: TransientStorageError,  # XrdCl errNotFound: the client's own, not an absence
    errno.ECHRNG: EndpointUnreachable,  # XrdCl errInvalidSession
    errno.EBADE: PermissionRefused,  # EAUTH of other systems: XrdCl errAuthFailed
    errno.ENODATA: TransientStorageError,  # no such attribute: says nothing of the file
    errno.ETIME: StorageTimeout,
    errno.ENOSR: EndpointBusy,  # no more connections, or no more replicas to try
    errno.ENOLINK: EndpointUnreachable,
    errno.ECOMM: EndpointUnreachable,  # any trouble of the network, in a poll
    errno.EPROTO: UnreadableReply,
    errno.EBADMSG: UnreadableReply,
    errno.EILSEQ: ChecksumMismatch,  # XrdCl errCheckSumError
    errno.ENOTSOCK: EndpointUnreachable,  # XrdCl errSocketError
    errno.EPROTONOSUPPORT: Unsupported,  # no plug-in for the scheme, or not for this operation
    errno.EAFNOSUPPORT: EndpointUnreachable,
    errno.EADDRNOTAVAIL: EndpointUnreachable,
    errno.ENETRESET: EndpointUnreachable,  # XrdCl errTlsError
    errno.ECONNABORTED: EndpointUnreachable,  # XrdCl errLoginFailed
    errno.EALREADY: EndpointBusy,
    errno.EINPROGRESS: EndpointBusy,
    errno.ESTALE: StorageTimeout,  # XrdCl errOperationExpired
    errno.EREMOTEIO: TransientStorageError,
    errno.ENOMEDIUM: NotOnline,
    errno.EKEYEXPIRED: CredentialExpired,
    errno.ECANCELED: RequestVanished,  # a recall, by anybody; of copies see Problem.cancelled
}

HTTP: dict[int, type[StorageError]] = {
    400: Unsupported,
    401: CredentialExpired,
    403: PermissionRefused,
    404: FileMissing,  # of a file; of tape requests see Problem
    405: Unsupported,
    408: StorageTimeout,
    409: EndpointBusy,
    410: FileMissing,
    412: FileExists,  # a precondition: there was to be nothing
    423: EndpointBusy,
    429: EndpointBusy,
    500: TransientStorageError,
    501: Unsupported,
    502: EndpointUnreachable,
    503: EndpointBusy,
    504: StorageTimeout,
    507: QuotaExceeded,
}
"""The status of HTTP, which texts have and codes blur (a 501 is "host is down", a 429 "invalid argument")."""

TAPE_REST = "[Tape REST API] "
_XROOTD = re.compile(r"\[(3\d\d\d)\]")  # a number of the XRootD protocol
_STATUS = re.compile(r"(?:\(received |\bHTTP )(\d{3})\b")
_FS_ERROR = 3005  # says nothing without its text
_CANCELLED = 3017  # in the XRootD protocol
_CLIENT: tuple[tuple[re.Pattern[str], type[StorageError]], ...] = (
    (re.compile(r"\[FATAL\] Socket timeout"), StorageTimeout),
    (re.compile(r"\[FATAL\] (?:Socket|Connection) error|\[FATAL\] \w+ disconnect"), EndpointUnreachable),
    (re.compile(r"\[FATAL\] (?:Auth|Login) failed"), PermissionRefused),
)
"""What the XRootD client says in words, and gfal2 with any number: EAGAIN for a connection that was reset."""
_EXPIRED = re.compile(
    r"(credential|proxy|token|certificate)\b.{0,40}\b(expired|not valid|not yet valid)", re.I
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What gfal2 said when it could not: the code and message of a GError."""

    code: int
    text: str = ""

    @property
    def error(self) -> type[StorageError]:
        """The storage error it is."""
        if _EXPIRED.search(self.text):
            return CredentialExpired
        if (leaked := self._protocol) is not None:
            return by_text(self.text, TEXTS, leaked) if str(_FS_ERROR) in self.text else leaked
        if said := next((error for pattern, error in _CLIENT if pattern.search(self.text)), None):
            return said
        if (status := _STATUS.search(self.text)) and int(status[1]) in HTTP:
            told = HTTP[int(status[1])]
            if told is FileMissing and self.text.startswith(TAPE_REST):
                return Unsupported if "Failed to query" in self.text else RequestVanished
            return told
        return CODES.get(self.code, UnreadableReply)

    @property
    def _protocol(self) -> type[StorageError] | None:
        """What a number of the XRootD protocol says, if there is one."""
        found = _XROOTD.search(self.text)
        return SERVER.get(self.code if self.code >= 3000 else int(found[1]) if found else 0)

    @property
    def of_endpoint(self) -> bool:
        """Is it the endpoint that is in trouble, rather than the file asked for?"""
        return issubclass(self.error, EndpointUnreachable | StorageTimeout | CredentialExpired)

    @property
    def missing(self) -> bool:
        """Does the service say that there is no such file?"""
        return issubclass(self.error, FileMissing)

    @property
    def gone(self) -> bool:
        """Does it say that there is nothing to release or to cancel?"""
        return issubclass(self.error, FileMissing | RequestVanished)

    @property
    def cancelled(self) -> bool:
        """Of a copy: was it cancelled, which we do when its time is over?"""
        return self.code in (errno.ECANCELED, _CANCELLED) or f"[{_CANCELLED}]" in self.text

    @property
    def words(self) -> str:
        text = self.text.replace("\\x00", "").replace("\0", "").strip()
        return f"{text or 'no text'} (gfal2 code {self.code})"

    def exception(self, where: str) -> StorageError:
        """For a whole call that failed."""
        return self.error(f"{where}: {self.words}", subject=where)

    def outcome(self, name: str) -> Failed | Unknown:
        """For one file. What the endpoint did not answer, or we cannot read, is Unknown."""
        if self.of_endpoint or issubclass(self.error, UnreadableReply):
            return Unknown(f"{name}: {self.words}")
        return failed(self.error, f"{name}: {self.words}")


OVERDUE = Problem(errno.ETIMEDOUT, "no answer within the deadline")
