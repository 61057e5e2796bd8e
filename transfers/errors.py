"""The storage errors.

StorageError                   (a DataManagementError)
  TransientStorageError        EndpointBusy · EndpointUnreachable · StorageTimeout · QuotaExceeded
                               RequestVanished · NotOnline · NotArchived · CredentialExpired
                               CredentialMissing · TransferStopped · CircuitOpen
  PermanentStorageError        FileMissing · FileExists · PermissionRefused · ChecksumMismatch · SizeMismatch
                               TapeLost · Unsupported · WriterUnknown
  UnreadableReply

As outcomes they travel as ``Failed(code, text, retry)``: ``failed(FileMissing, "…")`` makes one.
"""

from __future__ import annotations

from datetime import datetime

from catalog.errors import DataManagementError, ExitCode, Retry
from transfers.model import Failed, Unknown


class StorageError(DataManagementError):
    """A storage service or its client failed."""

    code = "storage"


class TransientStorageError(StorageError):
    """It may pass by itself."""

    code = "transient"
    retry = Retry.LATER
    exit_code = ExitCode.BUSY


class EndpointBusy(TransientStorageError):
    """The service is overloaded and says so."""

    code = "endpoint_busy"


class EndpointUnreachable(TransientStorageError, ConnectionError):
    """Nobody answers at the endpoint's address."""

    code = "endpoint_unreachable"
    advice = "check its address and the service; a running flow tries again by itself"


class StorageTimeout(TransientStorageError, TimeoutError):
    """No answer within the deadline. What was asked may still happen."""

    code = "storage_timeout"


class QuotaExceeded(TransientStorageError):
    """No space or no quota left at the destination."""

    code = "quota_exceeded"
    advice = "free space at the endpoint, or raise its quota"


class RequestVanished(TransientStorageError):
    """The service no longer knows a request it had accepted."""

    code = "request_vanished"


class TransferStopped(TransientStorageError):
    """Whoever asked for the copy took it back before it ended. Nothing is left of it."""

    code = "transfer_stopped"
    advice = "ask again: what was finished is not copied twice"


class CredentialExpired(TransientStorageError, PermissionError):
    """Our proxy or token is over, or not valid yet. No file is the worse for it."""

    code = "credential_expired"
    advice = "renew the credential; nothing is lost, and ddm goes on by itself"


class CircuitOpen(TransientStorageError, ConnectionError):
    """It kept failing, so it is left alone for a while: nothing was asked. ``since`` when, ``next_at``."""

    code = "circuit_open"
    advice = "nothing is lost, and ddm tries again by itself; 'ddm doctor' looks at the endpoint now"

    def __init__(
        self,
        message: str,
        *,
        subject: str = "",
        since: datetime | None = None,
        next_at: datetime | None = None,
    ) -> None:
        super().__init__(message, subject=subject)
        self.since, self.next_at = since, next_at


class CredentialMissing(TransientStorageError, PermissionError):
    """We have no proxy or token where it should be, or none that can be read. No file is the worse for it."""

    code = "credential_missing"
    advice = (
        "make a proxy or a token, or name its file; docs/howto/credentials.md says where it is looked for"
    )


class PermanentStorageError(StorageError):
    """Trying again gives the same answer."""

    code = "permanent"
    retry = Retry.PERSON


class FileMissing(PermanentStorageError, FileNotFoundError):
    """The service says that there is no such file."""

    code = "file_missing"


class FileExists(PermanentStorageError, FileExistsError):
    """The destination exists with other bytes. Nothing was overwritten."""

    code = "file_exists"


class WriterUnknown(PermanentStorageError):
    """A service that nobody can ask any more may still be writing to the destination."""

    code = "writer_unknown"
    advice = (
        "see that the service's job is over, or cancel it there; then 'ddm archive resume' copies what is "
        "not there yet"
    )


class PermissionRefused(PermanentStorageError, PermissionError):
    """The service does not let us."""

    code = "permission_refused"
    advice = "check the credential and the rights on the path"


class ChecksumMismatch(PermanentStorageError):
    """The bytes are not those of the catalogue."""

    code = "checksum_mismatch"


class SizeMismatch(PermanentStorageError):
    """The size is not that of the catalogue."""

    code = "size_mismatch"


class TapeLost(PermanentStorageError):
    """The tape system cannot read the file back."""

    code = "tape_lost"
    advice = "ask the tape operators; then 'ddm stage resume' or register the gap with 'ddm gap add'"


class NotOnline(TransientStorageError):
    """The file is on tape only: it must be staged before it is read."""

    code = "not_online"


class NotArchived(TransientStorageError):
    """The copy is whole on the disk of a tape endpoint, but the service saw it not get to tape."""

    code = "not_archived"
    advice = "nothing to copy again: ddm looks until it is on tape; ask the tape operators if that takes long"


class Unsupported(PermanentStorageError):
    """The backend or the service cannot do this."""

    code = "unsupported"
    retry = Retry.NEVER


class UnreadableReply(StorageError):
    """The service answered something we cannot read. Never success."""

    code = "unreadable_reply"
    retry = Retry.LATER


def failed(error: type[StorageError], text: str) -> Failed:
    """The outcome of one file that met this error."""
    return Failed(code=error.code, text=text, retry=error.retry)


def raised(outcome: Failed | Unknown, subject: str) -> StorageError:
    """The error that an outcome stands for, to be raised where one file is all that was asked for."""
    if isinstance(outcome, Unknown):
        return UnreadableReply(outcome.text, subject=subject)
    kinds, known = [StorageError], {StorageError.code: StorageError}
    while kinds:
        further = kinds.pop().__subclasses__()
        kinds += further
        known |= {kind.code: kind for kind in further}
    found = known.get(outcome.code, StorageError)
    return found(outcome.text, subject=subject) if found is not CircuitOpen else StorageError(outcome.text)
