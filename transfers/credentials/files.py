"""Reads a credential from its file. A file that others can read, or that is somebody else's, is refused.

A proxy or a token is whoever can read it. So the file must be a regular one of ours (or root's), with nothing
for group and others in its mode (``chmod 600``); that is looked at on the open file, not on its name.
"""

from __future__ import annotations

import os
import stat

from transfers.credentials import certificates, tokens
from transfers.credentials.model import Credential, Secret
from transfers.errors import CredentialMissing, PermissionRefused
from transfers.words import CredentialKind

LARGEST = 1 << 20
"""Bytes; credentials have some thousands."""


def read_proxy(path: str, uid: int, *, where: str = "the configuration") -> Credential:
    """The X.509 proxy in the file: its end is that of the certificate that ends first.

    Raises CredentialMissing for no file or none that is a proxy, PermissionRefused for one others can read or
    whose key has a password.
    """
    text = read_private(path, uid, what=f"proxy {path}")
    check_key(text, path)
    try:
        chain = certificates.chain_of(text)
    except ValueError as error:
        raise CredentialMissing(f"proxy {path} cannot be read: {error}", subject=path) from None
    return Credential(
        CredentialKind.PROXY,
        path,
        where,
        ends_at=min(entry.not_after for entry in chain),
        starts_at=max(entry.not_before for entry in chain),
        subject=chain[0].subject,
    )


def check_key(text: str, path: str) -> None:
    """Raises for a file without a key, or with one that asks for a password where nobody sits."""
    if "PRIVATE KEY-----" not in text:
        raise CredentialMissing(f"{path} is not a proxy with its key: it holds no private key", subject=path)
    if "ENCRYPTED" in text:
        raise PermissionRefused(f"the key in {path} has a password: give a proxy without", subject=path)


def read_token(path: str, uid: int, *, where: str = "the configuration") -> Credential:
    """The bearer token in the file. Raises CredentialMissing, PermissionRefused."""
    return of_token(read_private(path, uid, what=f"token file {path}").strip(), path=path, where=where)


def of_token(text: str, *, path: str, where: str) -> Credential:
    """The bearer token as a credential; its text is kept, hidden. Raises CredentialMissing for none."""
    place = path or where
    if not tokens.is_one(text):
        # without quoting it: it may be half a token, or two
        raise CredentialMissing(f"token file {place} does not hold one token", subject=place)
    claims = tokens.claims_of(text)
    return Credential(
        CredentialKind.TOKEN,
        path,
        where,
        ends_at=claims.ends_at,
        starts_at=claims.starts_at,
        subject=claims.subject,
        scopes=claims.scopes,
        secret=Secret(text),
    )


def read_private(path: str, uid: int, *, what: str) -> str:
    """The text of a small file that only its owner can read. Raises CredentialMissing, PermissionRefused."""
    try:
        # a pipe in its place must not hold us up
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except PermissionError as error:
        raise PermissionRefused(f"{what} cannot be read: {error.strerror}", subject=path) from None
    except OSError as error:
        raise CredentialMissing(f"{what} cannot be read: {error.strerror}", subject=path) from None
    except ValueError:
        raise CredentialMissing(f"{what} cannot be read: no such name can be", subject=repr(path)) from None
    try:
        _check(os.fstat(descriptor), uid, path, what)
        data = os.read(descriptor, LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(data) > LARGEST or b"\0" in data:
        raise CredentialMissing(f"{what} cannot be read: it is no text of a credential", subject=path)
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise CredentialMissing(f"{what} cannot be read: it is not ASCII text", subject=path) from None


def _check(found: os.stat_result, uid: int, path: str, what: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise CredentialMissing(f"{what} cannot be read: it is not a regular file", subject=path)
    if found.st_uid not in (uid, 0):
        raise PermissionRefused(
            f"{what} belongs to user {found.st_uid}, and we are {uid}",
            subject=path,
            advice="use a file of your own: whoever owns it can put another credential in its place",
        )
    if found.st_mode & 0o077:
        raise PermissionRefused(
            f"{what} can be read by others (mode {stat.S_IMODE(found.st_mode):04o})",
            subject=path,
            advice=f"chmod 600 {path}, and make a new credential if others use this machine",
        )
