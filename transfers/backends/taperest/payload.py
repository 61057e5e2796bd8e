"""What is asked of a Tape REST service, as plain values: options, paths, bodies. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from transfers.errors import PermissionRefused, StorageError, Unsupported, failed
from transfers.model import Failed, StageOrder

T = TypeVar("T")

WELL_KNOWN = "/.well-known/wlcg-tape-rest-api"
NO_REQUEST = "ddm"  # stands for a request's id in the URL of a release that has none, as in gfal2

_SCHEMES = {"https": "https", "davs": "https", "http": "http", "dav": "http"}
_SERVER = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_SLASHES = re.compile(r"/{2,}")


@dataclass(frozen=True, slots=True)
class Options:
    """Where the service is, and the options of the configuration. Times are seconds.

    ``server``: ``https://host:port``, asked for its API unless ``endpoint`` is the API's own URL.
    ``path_prefix``: put before every path. ``sitename``: whom metadata of an order are for, as the discovery
    tells unless given. ``token_file``: a bearer token. ``proxy``: an X.509 proxy, certificate and key in one
    PEM file. Both are read again when they change. ``ca``: certificate authorities, a directory or a file;
    those of the system if not given. ``timeout``: any one call, from its first to its last byte.
    ``connect_timeout``: to be connected. ``max_files``: files in one request; ``max_paths``: in one
    archiveinfo. ``confirm``: what is said to be recalled is looked at with archiveinfo before it is believed.
    """

    server: str
    endpoint: str = ""
    path_prefix: str = ""
    sitename: str = ""
    token_file: str = ""
    proxy: str = ""
    ca: str = ""
    timeout: float = 60.0
    connect_timeout: float = 10.0
    max_files: int = 500
    max_paths: int = 1000
    confirm: bool = True

    @classmethod
    def parse(cls, prefix: str, options: Mapping[str, str]) -> Options:
        """Raises Unsupported for a prefix that is no ``https://host:port[/directory]`` or a bad option."""
        known = sorted(item.name for item in fields(cls) if item.name != "server")
        for name in options:
            if name not in known:
                raise Unsupported(f"the taperest stager has no option {name!r}; it has {', '.join(known)}")
        server, directory = _split_prefix(prefix)
        values: dict[str, Any] = {
            name: _READERS.get(name, _text)(name, value) for name, value in options.items()
        }
        if directory and "path_prefix" in values:
            raise Unsupported(
                f"{prefix!r} has a directory and there is the option path_prefix: give one of them",
                subject=prefix,
            )
        return cls(server=server, **{"path_prefix": directory, **values})

    def name(self, path: str) -> str:
        """The service's name of a path. Raises PermissionRefused or Unsupported for one that has none."""
        name = collapsed(self.path_prefix + path)
        if not path.startswith("/") or path.endswith("/"):
            raise PermissionRefused(f"{path!r} is not the path of a file inside the endpoint", subject=path)
        if not {".", ".."}.isdisjoint(name.split("/")):
            raise PermissionRefused(f"{name!r} leaves the endpoint", subject=path)
        if not name.isprintable():
            raise Unsupported(
                f"{name!r} has a character that tape systems do not take in a name", subject=path
            )
        return name


def _split_prefix(prefix: str) -> tuple[str, str]:
    """``https://host:port`` and the directory, "" for none."""
    parts = urlsplit(prefix)
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not _SERVER.fullmatch(parts.netloc) or parts.query or parts.fragment:
        raise Unsupported(f"{prefix!r} is not a prefix like https://host:8443", subject=prefix)
    return f"{scheme}://{parts.netloc}", _directory("prefix", parts.path)


def _directory(name: str, text: str) -> str:
    directory = collapsed("/" + text).rstrip("/")
    if not {".", ".."}.isdisjoint(directory.split("/")) or not directory.isprintable():
        raise Unsupported(f"{name} is a directory like /eos/experiment, not {text!r}")
    return directory


def _text(name: str, text: str) -> str:
    if not text or not text.isprintable():
        raise Unsupported(f"option {name} is empty, or has characters that cannot be")
    return text


def _url(name: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not _SERVER.fullmatch(parts.netloc) or parts.query:
        raise Unsupported(f"option {name} is a URL like https://host:8443/api/v1, not {text!r}")
    return text.rstrip("/")


def _seconds(name: str, text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not 0 < float(text) <= 3600:
        raise Unsupported(f"option {name} is a number of seconds up to 3600, not {text!r}")
    return float(text)


def _count(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) < 1:
        raise Unsupported(f"option {name} is a whole number from 1 to 999999, not {text!r}")
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Unsupported(f"option {name} is 'true' or 'false', not {text!r}")
    return text.lower() == "true"


_READERS: dict[str, Callable[[str, str], Any]] = {
    "endpoint": _url,
    "path_prefix": _directory,
    "timeout": _seconds,
    "connect_timeout": _seconds,
    "max_files": _count,
    "max_paths": _count,
    "confirm": _flag,
}


def collapsed(name: str) -> str:
    """A name without doubled slashes, as services write it in their answers."""
    return _SLASHES.sub("/", name)


def named(options: Options, paths: Iterable[str]) -> tuple[dict[str, str], dict[str, Failed]]:
    """The service's name of each path that can have one, and the outcome of the others."""
    names: dict[str, str] = {}
    refused: dict[str, Failed] = {}
    for path in paths:
        try:
            names[path] = options.name(path)
        except StorageError as error:
            refused[path] = failed(type(error), str(error))
    return names, refused


def duration(time: timedelta) -> str:
    """ISO 8601, in days and seconds, which every service can read; at least a second."""
    seconds = max(1, time // timedelta(seconds=1))
    days, rest = divmod(seconds, 86_400)
    return f"P{days}D" if days and not rest else f"PT{seconds}S"


def stage_body(orders: Mapping[str, StageOrder], sitename: str) -> bytes:
    """The body of a stage request; the orders are by the service's names."""
    return _json({"files": [_file(name, order, sitename) for name, order in orders.items()]})


def _file(name: str, order: StageOrder, sitename: str) -> dict[str, object]:
    entry: dict[str, object] = {"path": name, "diskLifetime": duration(order.lifetime)}
    if order.activity and sitename:
        entry["targetedMetadata"] = {sitename: {"activity": order.activity}}
    return entry


def paths_body(names: Sequence[str]) -> bytes:
    """The body of archiveinfo, cancel and release."""
    return _json({"paths": list(names)})


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def segment(request: str) -> str:
    """A request's id as one part of a URL's path; EOS has ids with a colon."""
    return quote(request, safe=":@") or NO_REQUEST


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, at most ``size`` at a time; nothing for no items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
