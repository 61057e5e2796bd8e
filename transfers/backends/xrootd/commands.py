"""What is asked of an XRootD server, as plain values: names, URLs, limits, queries. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from transfers.errors import PermissionRefused, StorageError, Unsupported, failed
from transfers.model import Failed

T = TypeVar("T")

SCHEMES = frozenset({"root", "roots", "xroot", "xroots"})
_URL = re.compile(rf"((?:{'|'.join(sorted(SCHEMES))})://[^/?#\s]+)/(.*)", re.DOTALL)

# Numbers of the protocol; kept here so that what is asked can be read and tested without the client library.
STAGE, CANCEL, EVICT = 8, 1, 256
IS_DIR, OTHER, OFFLINE, POSC_PENDING, BACKUP_EXISTS = 2, 4, 8, 64, 128


SLOWEST_CHECKSUM = 20_000_000  # bytes per second that any server can be expected to read
SLOWEST_PREPARE = 20  # files per second that any server can be expected to take in a prepare request


@dataclass(frozen=True, slots=True)
class Limits:
    """The options of an endpoint. Times are seconds.

    ``tape``: files may be on tape only, and can be staged. ``timeout``: answer to one question about names.
    ``checksum_timeout``: one checksum, for which the server may read the file. ``copy_timeout``: one copy.
    ``max_files``: files in one prepare request at most (a server that takes fewer is noticed by its refusal).
    ``copies``: large copies at a time; ``small_copies``: files at a time, large and small (up to 4 MiB).
    ``checksums``: asked of the server at a time, by the whole process; fewer than it computes (``max`` of its
    ``xrootd.chksum``, 4 by default), as a place is free only after the answer has gone: what is too much
    waits half a minute, or is never answered.
    ``memory``: MiB that copies may use for bytes on their way. ``thirdparty``: ``never``, ``first`` (servers
    fetch from servers where they can) or ``only``. ``plain``: speak to servers that want no credential,
    or TLS and a token, without the client library. ``proof``: small new files are read back from such servers
    (``read``), or the server is asked for their checksums (``ask``). ``streams``: TCP connections over which
    the bytes of one file are spread, for long fat lines; more than one is the client library's, for all
    servers of the process (the largest number given counts). ``listed_checksums``: ask for the kept checksums
    in listings, where a service renews them with the file (EOS); a stock server keeps that of earlier bytes.
    ``listings``: connections over which directories are looked into at a time. ``servers``: behind a manager
    that has no name space of its own, how many servers of files there are: what is in a directory is told
    only when all of them were asked; 0: nobody knows.
    ``stall``: a copy that servers make among themselves is given up when its file has not grown for so long.

    Of recalls. ``call_timeout``: the whole of one call for many files; what was not asked by then is asked in
    another call. ``grace``: until a service must know of a request that it has accepted. ``asks``: times that
    a request is made within one call, when the service does not know of it after all. ``evictions``: at most
    so many evict requests per file at a service that counts them (EOS), until the file is offline.
    ``activity``: tell the activity of an order, as ``?activity=WORD`` behind the name. ``states``: ``query``
    (by prepare queries) or ``stat`` (by the Offline flag alone, for services that answer no prepare query).
    """

    tape: bool = False
    timeout: int = 30
    checksum_timeout: int = 600
    copy_timeout: int = 14_400
    max_files: int = 1000
    copies: int = 4
    call_timeout: int = 300
    grace: int = 10
    asks: int = 3
    evictions: int = 8
    activity: bool = False
    listed_checksums: bool = False
    listings: int = 4
    servers: int = 0
    checksums: int = 3
    small_copies: int = 64
    memory: int = 256
    thirdparty: str = "never"
    stall: int = 120
    plain: bool = True
    proof: str = "read"
    streams: int = 1
    states: str = "query"

    @property
    def directly(self) -> bool:
        """Servers that allow it are spoken to without the client library."""
        return self.plain and self.streams == 1

    @property
    def silence(self) -> int:
        """Seconds without a byte, in the middle of a copy, that end a connection."""
        return 2 * self.timeout

    def prepare_deadline(self, files: int) -> int:
        """Seconds for a prepare request of so many files: some servers take them to the tape one by one."""
        return self.timeout + files // SLOWEST_PREPARE

    def checksum_deadline(self, size: int) -> int:
        """Seconds for the checksum of a file of this size: a lost answer is not waited for all too long."""
        return min(self.checksum_timeout, 60 + size // SLOWEST_CHECKSUM)

    @classmethod
    def parse(cls, options: Mapping[str, str]) -> Limits:
        """The limits from the options of the configuration. Raises Unsupported, naming the option."""
        known = sorted(item.name for item in fields(cls))
        for name in options:
            if name not in known:
                raise Unsupported(f"the xrootd backend has no option {name!r}; it has {', '.join(known)}")
        values: dict[str, Any] = {name: _value(name, text) for name, text in options.items()}
        return cls(**values)


def _value(name: str, text: str) -> object:
    match name:
        case "tape" | "activity" | "listed_checksums" | "plain":
            return _flag(name, text)
        case "states":
            return _word(name, text, "query", "stat")
        case "thirdparty":
            return _word(name, text, "never", "first", "only")
        case "proof":
            return _word(name, text, "read", "ask")
        case _:
            return _number(name, text)


def _word(name: str, text: str, *words: str) -> str:
    if text not in words:
        raise Unsupported(f"option {name} is {' or '.join(map(repr, words))}, not {text!r}")
    return text


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Unsupported(f"option {name} is 'true' or 'false', not {text!r}")
    return text.lower() == "true"


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 1 << 16:
        raise Unsupported(f"option {name} is a whole number from 1 to 65535, not {text!r}")
    return int(text)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server, ``root://host:port``, and the directory there under which an endpoint's paths are."""

    server: str
    base: str

    @classmethod
    def parse(cls, prefix: str) -> Endpoint:
        """Raises Unsupported for what is not ``root://host:port/`` or ``root://host:port//directory``."""
        found = _URL.fullmatch(prefix if prefix.count("/") > 2 else prefix + "/")
        base = found[2].strip("/") if found else ""
        if not found or bad_name(f"/{base}"):
            raise Unsupported(f"{prefix!r} is not a prefix like root://host:1094//directory", subject=prefix)
        return cls(found[1], f"/{base}" if base else "")

    def directory(self, path: str) -> str:
        """The server's name of a directory; "" is the whole endpoint. Raises like ``name``."""
        return self.name(path) if path else self.base or "/"

    def name(self, path: str) -> str:
        """The server's name of a path. Raises as ``bad_name`` says."""
        name = self.base + path
        if not path.startswith("/") or path.endswith("/"):
            raise PermissionRefused(f"{path!r} is not the path of a file inside the endpoint", subject=path)
        if error := bad_name(name):
            raise error
        return name


def named(endpoint: Endpoint, paths: Iterable[str]) -> tuple[dict[str, str], dict[str, Failed]]:
    """The server's name of each path that can have one, and the outcome of the others."""
    names: dict[str, str] = {}
    refused: dict[str, Failed] = {}
    for path in paths:
        try:
            names[path] = endpoint.name(path)
        except StorageError as error:
            refused[path] = failed(type(error), str(error))
    return names, refused


def bad_name(name: str) -> StorageError | None:
    """Why a name cannot be given to a server: it would be taken for another one. None: it can.

    A question mark begins parameters (``rm /a?b`` would remove ``/a``), a line break ends a name in a list.
    """
    if not {".", ".."}.isdisjoint(name.split("/")):
        return PermissionRefused(f"{name!r} leaves the endpoint", subject=name)
    if "?" in name or not name.isprintable():
        return Unsupported(
            f"{name!r} has a character that XRootD servers take for something else", subject=name
        )
    return None


def split_url(url: str) -> tuple[str, str] | None:
    """Server and name of a ``root://`` URL, or None for anything else. Raises as ``bad_name`` says."""
    found = _URL.fullmatch(url)
    if not found:
        return None
    name = "/" + found[2].lstrip("/")
    if error := bad_name(name):
        raise error
    return found[1], name


def url_of(server: str, name: str) -> str:
    """The URL of a server's absolute name: with two slashes."""
    return f"{server}/{name}"


def query_text(request: str, names: Sequence[str]) -> str:
    """The text of a prepare query: a request's id (any will do to ask about files), then the names."""
    return "\n".join([request or "0", *names])


NO_ID = "none"
"""Stands in a token for a request that was accepted without an id, as dCache does."""


def requests_of(token: str) -> list[str]:
    """The ids of the prepare requests of one ``stage``, in order."""
    return token.split()


def token_of(requests: Iterable[str]) -> str:
    """The token of prepare requests: their ids with blanks between, each once."""
    return " ".join(dict.fromkeys(requests))


_ACTIVITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.:/+-]{0,63}")


def parameters(activity: str) -> str:
    """What goes behind a name to tell the activity; "" for none. Raises Unsupported for what cannot be told.

    Services take the parameters apart at ``&`` and do not decode them, so there is no way to quote.
    """
    if not activity:
        return ""
    if not _ACTIVITY.fullmatch(activity):
        raise Unsupported(f"activity {activity!r} has a character that cannot be told to an XRootD server")
    return f"?activity={activity}"


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, at most ``size`` at a time; nothing for no items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """A copy that the target's server makes, from URL to URL."""

    source: str
    target: str

    def arguments(self, limits: Limits) -> dict[str, object]:
        """The arguments of ``CopyProcess.add_job``."""
        return {
            "source": self.source,
            "target": self.target,
            "force": False,
            "posc": True,  # persist on successful close
            "mkdir": True,
            "thirdparty": "only",
            "cptimeout": limits.copy_timeout,
            "tpctimeout": limits.copy_timeout,
            "inittimeout": limits.silence,
        }
