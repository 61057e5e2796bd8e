"""Why a server may not have let us in: what our own credential looks like.

When authentication fails the library says "No protocols left to try", whatever the reason; a server does not
tell strangers why. So we look at what the library has shown: it reads the environment, as everybody in the
field does, and so does this module. What it finds is only said when a server has refused us: one that wants
no credential lets us in without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from transfers.backends.xrootd.errors import Trouble
from transfers.credentials import Credential, TooShort, enough_for, find_proxy, find_token
from transfers.errors import CredentialExpired, CredentialMissing, StorageError

LOGIN_FAILED, AUTH_FAILED = 203, 204
"""The client's codes: the server did not let us in at all."""

Found = Credential | TooShort | StorageError


def explained(trouble: Trouble, environ: Mapping[str, str], uid: int, now: datetime) -> Trouble:
    """The trouble of not being let in, with the class that our own credentials give it.

    None that could be shown: CredentialMissing; only such as are over: CredentialExpired; otherwise as it
    was, a refusal. What was found is told. Other troubles are not touched.
    """
    if trouble.code not in (LOGIN_FAILED, AUTH_FAILED):
        return trouble
    found = [_look(find, environ, uid, now) for find in (find_proxy, find_token)]
    words = "; ".join(_words(each) for each in found)
    return replace(trouble, text=f"{trouble.text} ({words})", own=_class(found))


def _look(
    find: Callable[[Mapping[str, str], int], Credential], environ: Mapping[str, str], uid: int, now: datetime
) -> Found:
    try:
        credential = find(environ, uid)
    except StorageError as error:
        return error
    state = enough_for(credential, timedelta(0), now)
    return state if isinstance(state, TooShort) else credential


def _class(found: list[Found]) -> type[StorageError] | None:
    if all(isinstance(each, CredentialMissing) for each in found):
        return CredentialMissing
    if all(isinstance(each, CredentialMissing | TooShort) for each in found):
        return CredentialExpired
    return None


def _words(found: Found) -> str:
    match found:
        case Credential(subject=subject):
            return f"{found}{f' of {subject}' if subject else ''} is good"
        case TooShort(text=text):
            return text
        case error:
            return str(error)
