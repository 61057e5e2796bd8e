"""Words that the settings and the policies share. Imports nothing: reading settings loads no engine."""

from __future__ import annotations

from enum import StrEnum


class CredentialKind(StrEnum):
    PROXY = "proxy"  # X.509: certificates and a key in one PEM file
    TOKEN = "token"  # noqa: S105  a bearer token, mostly a JWT


class Criterion(StrEnum):
    """What candidates for new files are compared by."""

    ASSIGNED = "assigned"  # those named by whoever asks, in that order, before the others
    OWNED = "owned"  # those of the file's own group first
    ROOM = "room"  # space surely there before space unknown
    NEAR = "near"  # small distance first, unknown last
    KIND = "kind"  # disk before tape
    SPACE = "space"  # the most free space first, unknown last


ORDER = tuple(Criterion)
"""The most important first."""


class UnknownSpace(StrEnum):
    """What becomes of a candidate that does not tell its free space."""

    ALLOW = "allow"
    REFUSE = "refuse"
