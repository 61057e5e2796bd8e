"""From the operating system's words to ours: errno to storage error, as a table."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from transfers.errors import (
    EndpointBusy,
    EndpointUnreachable,
    FileExists,
    FileMissing,
    PermissionRefused,
    QuotaExceeded,
    StorageError,
    StorageTimeout,
    Unsupported,
    failed,
)
from transfers.model import Failed

P = ParamSpec("P")
T = TypeVar("T")

ERRNO: dict[int, type[StorageError]] = {
    errno.ENOENT: FileMissing,
    errno.ENOTDIR: FileMissing,  # a parent of the path is a file: so there is no such file
    errno.EEXIST: FileExists,
    errno.EACCES: PermissionRefused,
    errno.EPERM: PermissionRefused,
    errno.EROFS: PermissionRefused,
    errno.ENOSPC: QuotaExceeded,
    errno.EDQUOT: QuotaExceeded,
    errno.EAGAIN: EndpointBusy,
    errno.EBUSY: EndpointBusy,
    errno.EMFILE: EndpointBusy,
    errno.ENFILE: EndpointBusy,
    errno.ENOMEM: EndpointBusy,
    errno.ENOLCK: EndpointBusy,
    errno.ETXTBSY: EndpointBusy,
    errno.ETIMEDOUT: StorageTimeout,
    errno.ECONNREFUSED: EndpointUnreachable,
    errno.ECONNRESET: EndpointUnreachable,
    errno.ECONNABORTED: EndpointUnreachable,
    errno.EHOSTDOWN: EndpointUnreachable,
    errno.EHOSTUNREACH: EndpointUnreachable,
    errno.ENETDOWN: EndpointUnreachable,
    errno.ENETUNREACH: EndpointUnreachable,
    errno.ENOTCONN: EndpointUnreachable,
    errno.EPIPE: EndpointUnreachable,
    errno.ESTALE: EndpointUnreachable,  # the server of a network file system came back as another one
    errno.ESHUTDOWN: EndpointUnreachable,
    errno.EISDIR: Unsupported,
    errno.EINVAL: Unsupported,
    errno.ENAMETOOLONG: Unsupported,
    errno.ELOOP: Unsupported,
    errno.EFBIG: Unsupported,
    errno.EMLINK: Unsupported,
    errno.ENOSYS: Unsupported,
    errno.ENOTSUP: Unsupported,
    errno.EXDEV: Unsupported,
}
"""What is not here (EIO above all) is a plain StorageError: tried a few times, then a person looks."""


def error_of(number: int | None) -> type[StorageError]:
    """The storage error of an errno."""
    return ERRNO.get(number or 0, StorageError)


def from_oserror(error: OSError) -> Failed:
    """The outcome of one file that met this error of the operating system."""
    what = os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
    where = error.filename2 or error.filename
    place = os.fsdecode(where) if isinstance(where, str | bytes) else ""
    return failed(error_of(error.errno), f"{place}: {what}" if place else what)


def outcome_of(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Failed:
    """What the call for one file gives, or the outcome of the error it met."""
    try:
        return call(*args, **kwargs)
    except StorageError as error:
        return failed(type(error), str(error))
    except OSError as error:
        return from_oserror(error)
