"""What a bearer token says of itself: the claims of a JWT, read and not verified. Pure.

The token is verified by the service it is for. Here only its end is wanted, to know in time that it will be
refused; whoever could put a false end there could as well put another token there.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Claims:
    """``ends_at``, ``starts_at``: None when the token does not say. All empty for an opaque token."""

    ends_at: datetime | None = None
    starts_at: datetime | None = None
    subject: str = ""
    scopes: tuple[str, ...] = ()


def is_one(text: str) -> bool:
    """Whether the text can be one token: it goes into a header, so nothing that could end it."""
    return bool(text) and all("!" <= letter <= "~" for letter in text)


def claims_of(token: str) -> Claims:
    """What the token claims; nothing when it is no JWT. Never raises."""
    parts = token.split(".")
    if len(parts) != 3:
        return Claims()
    try:
        told = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return Claims()
    if not isinstance(told, dict):
        return Claims()
    subject = _text(told.get("sub"))
    issuer = _text(told.get("iss"))
    return Claims(
        ends_at=_time(told.get("exp")),
        starts_at=_time(told.get("nbf")),
        subject=f"{subject} of {issuer}" if subject and issuer else subject or issuer,
        scopes=tuple(_text(told.get("scope")).split()),
    )


def _time(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value.isprintable() else ""
