"""Where the bytes of an entry are, as one text: two entries with the same text share their bytes.

An endpoint is a name for a prefix, and two of them may lead to the same storage: ``root://eos.example//eos/``
and ``https://eos.example:443/eos``. What tells apart is host, port (unless it is the protocol's own) and
path; the protocol does not, as it is a door to the same files. Pure.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from functools import lru_cache

_XROOTD, _HTTPS, _HTTP = 1094, 443, 80
PORTS = {"root": _XROOTD, "roots": _XROOTD, "xroot": _XROOTD, "xroots": _XROOTD}
PORTS |= {"https": _HTTPS, "davs": _HTTPS, "http": _HTTP, "dav": _HTTP}


class Prefixes:
    """The prefixes of the endpoints, by name. ``follow``: the URL to which a URL really leads, where somebody
    can tell: through the links of local directories."""

    def __init__(self, prefixes: Mapping[str, str], follow: Callable[[str], str] = str) -> None:
        self._bases = {name: place_of(follow(prefix)).rstrip("/") for name, prefix in prefixes.items()}
        self._prefixes = dict(prefixes)
        self._follow = follow

    def place(self, endpoint: str, path: str) -> str:
        """Where the bytes of that path are; "" if the endpoint is not configured: nobody knows.

        >>> eos = Prefixes({"eos": "root://EOS.example:1094/", "web": "https://eos.example//eos"})
        >>> eos.place("eos", "/eos//x") == eos.place("web", "/x")
        True
        >>> eos.place("other", "/x")
        ''
        """
        prefix = self._prefixes.get(endpoint)
        return "" if prefix is None else place_of(self._follow(prefix + path))

    def names(self, endpoint: str, path: str) -> list[tuple[str, str]]:
        """Every other (endpoint, path) that leads to the same bytes.

        >>> eos = Prefixes({"eos": "root://eos.example/", "web": "https://eos.example/eos", "cta": "root://c/"})
        >>> eos.names("eos", "/eos/x")
        [('web', '/x')]
        """
        here = self.place(endpoint, path)
        found = []
        for name, base in self._bases.items():
            if here and here.startswith(base + "/"):
                found.append((name, here.removeprefix(base)))
        return [entry for entry in found if entry != (endpoint, path)]


@lru_cache(maxsize=4096)
def place_of(url: str) -> str:
    """Host, port if it is not the usual one, and path of a URL, in one form. What is no URL is a path."""
    scheme, found, rest = url.partition("://")
    if not found:
        return posixpath.normpath("/" + url.lstrip("/"))
    where, _, path = rest.partition("/")
    host = where.rpartition("@")[2].lower()
    return host.removesuffix(f":{PORTS.get(scheme.lower())}") + posixpath.normpath("/" + path.lstrip("/"))
