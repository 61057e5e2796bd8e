"""Is what the environment names enough for this work? For programs without ddm.toml, on worker nodes.

Only a credential that a variable names is held against the work: who sets it means it to be used. What
happens to lie at the usual places may be old, and the storage may need none. If several are named, one that
is enough is enough. A token in a file need only be good now, as files of tokens are renewed by whoever runs
the machine; one in a variable cannot be, so like a proxy it must last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from transfers.credentials.discovery import find_proxy, find_token
from transfers.credentials.model import Credential, require
from transfers.errors import StorageError

ZERO = timedelta(0)


def require_named(environ: Mapping[str, str], uid: int, needed: timedelta, now: datetime) -> None:
    """Raises CredentialMissing, CredentialExpired or PermissionRefused when no credential that is named lasts
    for ``needed``; nothing is named: nothing is wrong."""
    trouble: StorageError | None = None
    for find, least in _named(environ, needed):
        try:
            require(find(environ, uid), least, now)
        except StorageError as error:
            trouble = trouble or error
        else:
            return
    if trouble is not None:
        raise trouble


def _named(
    environ: Mapping[str, str], needed: timedelta
) -> Iterator[tuple[Callable[[Mapping[str, str], int], Credential], timedelta]]:
    if environ.get("X509_USER_PROXY"):
        yield find_proxy, needed
    if environ.get("BEARER_TOKEN", "").strip():
        yield find_token, needed
    elif environ.get("BEARER_TOKEN_FILE"):
        yield find_token, ZERO
