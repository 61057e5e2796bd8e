"""Which backend opens a URL that nobody has configured: by its scheme, at the root of its server. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

BACKENDS: Mapping[str, str] = {
    "file": "posix",
    "root": "xrootd",
    "roots": "xrootd",
    "xroot": "xrootd",
    "xroots": "xrootd",
    "davs": "gfal2",
    "dav": "gfal2",
    "https": "gfal2",
    "http": "gfal2",
    "gsiftp": "gfal2",
    "srm": "gfal2",
}
"""Scheme → backend."""

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://([^/]*)(/.*)?", re.DOTALL)


def is_url(text: str) -> bool:
    """Whether the text is a URL with a server part, as opposed to a path or ``endpoint:/path``."""
    return _URL.match(text) is not None


def guess(url: str) -> tuple[str, str] | None:
    """(prefix, backend) of a URL, e.g. (``root://door.example:1094/``, ``xrootd``); None: unknown scheme."""
    found = _URL.match(url)
    if not found or found[1] not in BACKENDS or (found[1] != "file" and not found[2]):
        return None
    return f"{found[1]}://{found[2]}/", BACKENDS[found[1]]
