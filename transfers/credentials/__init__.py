"""Who we are to a service: X.509 proxies and bearer tokens, found, read, compared with the work, renewed.

``discovery`` (pure but for the files it names): where the field keeps credentials. ``files``: reads one, and
refuses a file that others can read. ``certificates`` and ``tokens``: what a proxy or a token says of itself,
pure. ``model``: the value, and whether it lasts long enough. ``renewal``: a command that makes a new one, one
at a time. ``tls``: tokens and proxies for HTTP, read again when their file changes.

Rules: a secret is shown by nothing (``Secret``), logged by nothing, and in no table. The environment is an
argument: only ``ddm`` reads it. Nothing here is verified: that is the service's business; we only want to
know in time that it will say no.
"""

from __future__ import annotations

from transfers.credentials.discovery import certificates_of, find_proxy, find_token
from transfers.credentials.files import read_proxy, read_token
from transfers.credentials.model import (
    Credential,
    Enough,
    Pace,
    Secret,
    TooShort,
    enough_for,
    require,
)
from transfers.words import CredentialKind

__all__ = [
    "Credential",
    "CredentialKind",
    "Enough",
    "Pace",
    "Secret",
    "TooShort",
    "certificates_of",
    "enough_for",
    "find_proxy",
    "find_token",
    "read_proxy",
    "read_token",
    "require",
]
