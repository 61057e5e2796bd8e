"""The options of an FTS stager or transferrer, and the URLs it speaks of. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from transfers.backends.xrootd import commands as xrootd
from transfers.errors import PermissionRefused, Unsupported

MAX_URL = 1100  # characters: the service refuses longer ones
TRANSFER_FILES = 200  # in one job of copies, unless told otherwise
MAX_STAGING_METADATA = 1024  # bytes of JSON
ROOT = xrootd.SCHEMES
QUOTED = ("http", "https", "dav", "davs")  # schemes whose names are percent-encoded in a URL
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TEXTS = ("endpoint", "proxy", "ca", "activity", "release_with", "release_prefix")
_OF_TRANSFERS = ("token_file",)
_NOT_OF_TRANSFERS = ("bring_online", "release_with", "release_prefix")
_NUMBERS = ("bring_online", "stall", "max_files", "files_every", "timeout", "connect_timeout")
_OF_RELEASE = "release."


@dataclass(frozen=True, slots=True)
class Options:
    """What an administrator says of an FTS. Times are seconds.

    ``endpoint``: its REST address. ``proxy``: file with an X.509 proxy, empty: where grid programs look.
    ``ca``: file or directory of certificates to trust, empty: the grid's, else the system's. ``activity``:
    for orders without one. ``bring_online``: how long a recall may take. ``stall``: how long a file may wait
    untouched. ``max_files``: files in one job. ``files_every``: how often the files of a job are looked at
    whose own state does not change. ``staging_metadata``: goes with every file. ``release_with``: the stager
    or backend that releases files, ``none``: nobody. ``release_prefix``, ``release``: its prefix and options.
    ``token_file``: of a transferrer, instead of the proxy: file with a bearer token.
    """

    endpoint: str
    proxy: str = ""
    ca: str = ""
    activity: str = ""
    bring_online: int = 172_800
    stall: int = 43_200
    max_files: int = 500
    files_every: int = 60
    timeout: int = 60
    connect_timeout: int = 10
    staging_metadata: Mapping[str, object] = field(default_factory=dict)
    release_with: str = ""
    release_prefix: str = ""
    release: Mapping[str, str] = field(default_factory=dict)
    token_file: str = ""

    @classmethod
    def of_transfers(cls, options: Mapping[str, str]) -> Options:
        """The options of a transferrer. Raises Unsupported, naming the option."""
        known = {*_TEXTS, *_NUMBERS, *_OF_TRANSFERS, "staging_metadata"} - {*_NOT_OF_TRANSFERS}
        if unknown := sorted(options.keys() - known):
            names = ", ".join(sorted(known))
            raise Unsupported(f"transfers by fts have no option {unknown[0]!r}; they have {names}")
        if options.get("token_file") and options.get("proxy"):
            raise Unsupported("give transfers by fts a 'proxy' or a 'token_file', not both")
        texts: dict[str, Any] = {name: options[name] for name in (*_TEXTS, *_OF_TRANSFERS) if name in options}
        numbers: dict[str, Any] = {name: _number(name, options[name]) for name in _NUMBERS if name in options}
        return cls(
            endpoint=_endpoint(texts.pop("endpoint", "")),
            staging_metadata=_metadata(options.get("staging_metadata", "{}")),
            **{"max_files": TRANSFER_FILES, **texts, **numbers},
        )

    @classmethod
    def parse(cls, prefix: str, options: Mapping[str, str]) -> Options:
        """The options of a stager, from the configuration. Raises Unsupported, naming the option."""
        _check_names(options)
        texts: dict[str, Any] = {name: options[name] for name in _TEXTS if name in options}
        numbers: dict[str, Any] = {name: _number(name, options[name]) for name in _NUMBERS if name in options}
        release = {
            name.removeprefix(_OF_RELEASE): text
            for name, text in options.items()
            if name.startswith(_OF_RELEASE)
        }
        scheme = urlsplit(prefix).scheme
        return cls(
            endpoint=_endpoint(texts.pop("endpoint", "")),
            release_with=_release_with(texts.pop("release_with", ""), scheme, prefix),
            release_prefix=texts.pop("release_prefix", prefix),
            release=release,
            staging_metadata=_metadata(options.get("staging_metadata", "{}")),
            **texts,
            **numbers,
        )


def _check_names(options: Mapping[str, str]) -> None:
    if "token_file" in options:
        raise Unsupported(
            "FTS refuses to recall from tape with a token: "
            "give the option 'proxy' (a file with an X.509 proxy) instead of 'token_file'"
        )
    known = {*_TEXTS, *_NUMBERS, "staging_metadata"}
    for name in options:
        if name not in known and not name.startswith(_OF_RELEASE):
            names = ", ".join(sorted(known))
            raise Unsupported(f"the fts stager has no option {name!r}; it has {names} and release.*")


def _endpoint(text: str) -> str:
    try:
        url = urlsplit(text)
        good = bool(url.hostname) and not url.query and not url.fragment and url.port != 0
    except ValueError:
        good = False
    secure = good and (url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOOPBACK))
    if not secure:
        raise Unsupported(
            f"option endpoint is the REST address of the FTS, like https://fts.example:8446, not {text!r}"
        )
    return text.rstrip("/")


def _release_with(name: str, scheme: str, prefix: str) -> str:
    if name == "fts":
        raise Unsupported("option release_with: FTS never releases a file that it only staged; name another")
    if not name and scheme not in ROOT:
        raise Unsupported(
            f"option release_with is needed for {prefix}: the stager that releases files there, or 'none'"
        )
    return name or "xrootd"


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) < 1:
        raise Unsupported(f"option {name} is a whole number from 1 to 9999999, not {text!r}")
    return int(text)


def _metadata(text: str) -> Mapping[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Unsupported(f"option staging_metadata is a JSON object, not {text[:80]!r}")
    if len(json.dumps(value)) > MAX_STAGING_METADATA:
        raise Unsupported(f"option staging_metadata is longer than {MAX_STAGING_METADATA} bytes of JSON")
    return value


def url_of(prefix: str, path: str) -> str:
    """The URL of a path. Raises PermissionRefused or Unsupported for one that would be taken for another."""
    scheme = urlsplit(prefix).scheme
    if not path.startswith("/") or path.endswith("/") or not {".", ".."}.isdisjoint(path.split("/")):
        raise PermissionRefused(f"{path!r} is not the path of a file inside the endpoint", subject=path)
    if (
        not path.isprintable()
        or path != path.strip()
        or (scheme not in QUOTED and ("?" in path or "#" in path))
    ):
        raise Unsupported(f"{path!r} has a character that FTS takes for something else", subject=path)
    if scheme in ROOT:
        endpoint = xrootd.Endpoint.parse(prefix)
        return checked(xrootd.url_of(endpoint.server, endpoint.name(path)))
    return checked(prefix.rstrip("/") + (quote(path) if scheme in QUOTED else path))


def source_of(url: str) -> str:
    """A source as FTS takes it. Raises Unsupported.

    XRootD takes a path with one slash for one relative to its export, so there are two; what follows a ``?``
    in it is for the server, and no part of a name.
    """
    scheme, separator, rest = url.partition("://")
    if scheme not in ROOT or not separator:
        return checked(url)
    host, slash, path = rest.partition("/")
    if not host or not slash or not path.strip("/") or "?" in path or "#" in path:
        raise Unsupported(
            f"{url[:200]!r} names no file, or has a character that FTS takes for something else"
        )
    return checked(f"{scheme}://{host}//{path.lstrip('/')}")


def checked(url: str) -> str:
    """The URL, if it is one that FTS takes. Raises Unsupported."""
    scheme, separator, rest = url.partition("://")
    if not separator or not rest or scheme == "file" or url != url.strip():
        raise Unsupported(f"FTS cannot reach {url[:200]!r}", subject=url)
    if len(url) > MAX_URL:
        raise Unsupported(f"FTS takes URLs of at most {MAX_URL} characters, not {url[:80]}…", subject=url)
    return url
