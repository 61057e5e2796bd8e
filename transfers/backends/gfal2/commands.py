"""What is asked of gfal2, as plain values: URLs, options, names of temporary files. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from enum import Enum
from typing import Any
from urllib.parse import quote

from transfers.backends.localfiles import SCHEME as FILE_SCHEME
from transfers.backends.localfiles import local_path
from transfers.errors import PermissionRefused, StorageError, Unsupported, failed
from transfers.model import Failed, StageOrder


class Spelling(Enum):
    """What a plug-in of gfal2 does with the path of a URL."""

    DECODED = "percent-encoded by us, decoded by the plug-in; a question mark cannot be in a name"
    ENCODED = "percent-encoded by us, sent as it is; not every service decodes it everywhere"
    PLAIN = "sent as it is, so a name may have plain characters only"
    RAW = "sent as it is, of a local file or to the mock plug-in, which reads what follows a question mark"


SPELLINGS: Mapping[str, Spelling] = {
    "root": Spelling.DECODED,
    "roots": Spelling.DECODED,
    "xroot": Spelling.DECODED,
    "xroots": Spelling.DECODED,
    "http": Spelling.ENCODED,
    "https": Spelling.ENCODED,
    "dav": Spelling.ENCODED,
    "davs": Spelling.ENCODED,
    "srm": Spelling.PLAIN,
    "file": Spelling.RAW,
    "mock": Spelling.RAW,
}
ROOT_SCHEMES = frozenset(scheme for scheme, how in SPELLINGS.items() if how is Spelling.DECODED)

_URL = re.compile(r"([a-z]+)://((?<=file://)(?=/)|[^/?#\s]+)(/.*)?", re.DOTALL)
_SAFE = "/-._~+,=@:"  # characters that no plug-in takes for something else
SLOWEST_CHECKSUM = 20_000_000  # bytes per second that any server can be expected to read
LONGEST_ROOT_TIMEOUT = 65_535  # the XRootD client keeps it in 16 bits


@dataclass(frozen=True, slots=True)
class Limits:
    """The options of an endpoint. Times are seconds.

    ``tape``: files may be on tape only, and can be staged. ``timeout``: one question, be it about many names.
    ``checksum_timeout``: one checksum, for which the server may read the file. ``copy_timeout``: one copy.
    ``list_timeout``: one directory of a listing.
    ``request_timeout``: how long the service shall try to recall. ``max_files``: files in one bulk request.
    ``calls``, ``copies``: at a time. ``token_file``, ``proxy_file``: a bearer token, an X.509 proxy; read
    anew for each call. Without them gfal2 takes what its own environment variables say.
    ``third_party_only``: bytes of a copy between two services never pass through this machine.
    """

    tape: bool = False
    timeout: int = 60
    checksum_timeout: int = 600
    copy_timeout: int = 14_400
    list_timeout: int = 600
    request_timeout: int = 86_400
    max_files: int = 1000
    calls: int = 4
    copies: int = 4
    token_file: str = ""
    proxy_file: str = ""
    third_party_only: bool = False

    def checksum_deadline(self, size: int) -> int:
        """Seconds for the checksum of a file of this size: a lost answer is not waited for all too long."""
        return min(self.checksum_timeout, 60 + size // SLOWEST_CHECKSUM)

    @classmethod
    def parse(cls, options: Mapping[str, str]) -> Limits:
        """The limits from the options of the configuration. Raises Unsupported, naming the option."""
        kinds = {item.name: item.type for item in fields(cls)}
        for name in options:
            if name not in kinds:
                known = ", ".join(sorted(kinds))
                raise Unsupported(f"the gfal2 backend has no option {name!r}; it has {known}")
        values: dict[str, Any] = {
            name: _READERS[str(kinds[name])](name, text) for name, text in options.items()
        }
        return cls(**values)


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Unsupported(f"option {name} is 'true' or 'false', not {text!r}")
    return text.lower() == "true"


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) == 0:
        raise Unsupported(f"option {name} is a whole number from 1 to 9999999, not {text!r}")
    return int(text)


def _file(name: str, text: str) -> str:
    if not text.startswith("/"):
        raise Unsupported(f"option {name} is the full path of a file, not {text!r}")
    return text


_READERS = {"bool": _flag, "int": _number, "str": _file}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service, ``scheme://host:port``, and the directory there under which an endpoint's paths are."""

    scheme: str
    server: str
    base: str

    @classmethod
    def parse(cls, prefix: str) -> Endpoint:
        """Raises Unsupported for a scheme that gfal2 is not used for here, and for what is no URL."""
        found = _URL.fullmatch(prefix)
        if not found or found[1] not in SPELLINGS:
            known = ", ".join(SPELLINGS)
            raise Unsupported(
                f"{prefix!r} is not a prefix for gfal2, like root://host:1094//directory; schemes: {known}",
                subject=prefix,
            )
        if (found[1] == "file") != (not found[2]):
            raise Unsupported(f"{prefix!r} is not file:///directory, as gfal2 wants it", subject=prefix)
        scheme, base = found[1], (found[3] or "").strip("/")
        return cls(scheme, f"{scheme}://{found[2]}", f"/{base}" if base else "")

    @property
    def spelling(self) -> Spelling:
        return SPELLINGS[self.scheme]

    @property
    def is_root(self) -> bool:
        return self.scheme in ROOT_SCHEMES

    def name(self, path: str) -> str:
        """The service's name of a path. Raises PermissionRefused or Unsupported for what cannot be one."""
        if not path.startswith("/") or path.endswith("/"):
            raise PermissionRefused(f"{path!r} is not the path of a file inside the endpoint", subject=path)
        name = self.base + path
        check_name(name, self.spelling)
        return name

    def url(self, name: str) -> str:
        """The URL of a service's name, as gfal2 wants it."""
        return self.server + ("/" if self.is_root else "") + spelled(name, self.spelling)

    def named(
        self, paths: Iterable[str], *, plain: bool = False
    ) -> tuple[dict[str, Name], dict[str, Failed]]:
        """Name and URL of each path that can have one, and the outcome of the others.

        ``plain``: of URLs that are sent encoded, names that are changed by that have none. So it must be for
        tape requests and renames: gfal2 gives Tape REST services encoded names, and XRootD servers (5.5) do
        not decode the new name of a rename.
        """
        names: dict[str, Name] = {}
        refused: dict[str, Failed] = {}
        for path in paths:
            try:
                name = self.name(path)
                if plain and self.spelling is Spelling.ENCODED:
                    check_name(name, Spelling.PLAIN)
                names[path] = Name(name, self.url(name))
            except StorageError as error:
                refused[path] = failed(type(error), str(error))
        return names, refused


def check_token(endpoint: Endpoint, limits: Limits) -> None:
    """Raises Unsupported if the token of the options would be shown to everybody, or to nobody."""
    host = endpoint.server.partition("://")[2].rpartition("@")[2].partition(":")[0]
    secure = endpoint.scheme in ("https", "davs") or host in ("127.0.0.1", "localhost")
    if limits.token_file and not (secure and endpoint.spelling is Spelling.ENCODED):
        raise Unsupported(
            f"option token_file is for https:// and davs://, not for {endpoint.server}: over http all can "
            "read the token, and for other schemes gfal2 takes none but that of its environment",
            subject=endpoint.server,
        )


def for_source(limits: Limits, source: Endpoint, destination: Endpoint) -> Limits:
    """The limits for looking at the source of a copy. A token is shown to its own service only."""
    token = limits.token_file if source.server == destination.server else ""
    return replace(limits, tape=True, token_file=token)


@dataclass(frozen=True, slots=True)
class Name:
    """A file at a service: its name there, as people write it, and the URL for gfal2."""

    name: str
    url: str


def check_name(name: str, spelling: Spelling) -> None:
    """Raises what is wrong with a name that would be taken for another one, or leaves the endpoint."""
    if not {".", ".."}.isdisjoint(name.split("/")):
        raise PermissionRefused(f"{name!r} leaves the endpoint", subject=name)
    plain = spelling is not Spelling.PLAIN or quote(name, safe=_SAFE) == name
    question = "?" in name and spelling is Spelling.DECODED
    if question or not name.isprintable() or not plain:
        raise Unsupported(f"{name!r} has a character that gfal2 takes for something else", subject=name)


def spelled(name: str, spelling: Spelling) -> str:
    """A name as part of a URL."""
    return quote(name, safe=_SAFE) if spelling in (Spelling.DECODED, Spelling.ENCODED) else name


@dataclass(frozen=True, slots=True)
class Source:
    """Where a copy comes from: a local file (``local``, a path) or a service's file (``endpoint``,
    ``name``)."""

    url: str
    endpoint: Endpoint | None = None
    name: str = ""
    local: str = ""


def source_of(url: str, destination: Endpoint) -> Source:
    """The source of a copy, its URL spelled for the plug-in that makes the copy. Raises Unsupported."""
    if url.startswith(FILE_SCHEME):
        path = str(local_path(url))
        return Source(local_url(path, destination), local=path)
    found = _URL.fullmatch(url)
    if not found or found[1] not in SPELLINGS or not found[3]:
        raise Unsupported(f"gfal2 is not used to copy from {url!r} here", subject=url)
    endpoint = Endpoint(found[1], f"{found[1]}://{found[2]}", "")
    name = "/" + found[3].lstrip("/")
    check_name(name, endpoint.spelling)
    return Source(endpoint.url(name), endpoint, name)


def local_url(path: str, other_end: Endpoint) -> str:
    """The URL of a local file in a copy from or to the other end, whose plug-in makes the copy."""
    if other_end.spelling is not Spelling.DECODED:
        return FILE_SCHEME + path
    check_name(path, Spelling.DECODED)
    return FILE_SCHEME + spelled(path, Spelling.DECODED)


def passes_through(source: str, target: str) -> bool | None:
    """Do the bytes of a copy between two services pass through this machine? None: the plug-in decides, which
    tries the services first; of local files the question does not arise."""
    ends = [url.partition("://")[0] for url in (source, target)]
    if "file" in ends:
        return False
    if all(SPELLINGS.get(scheme) is Spelling.ENCODED for scheme in ends):
        return None
    return not all(scheme in ROOT_SCHEMES for scheme in ends) and "mock" not in ends


def temporary_name(name: str, unique: str) -> str:
    """A name in the same directory that only this copy has."""
    directory, _, _ = name.rpartition("/")
    return f"{directory}/.ddm-{unique}.part"


def pin_seconds(orders: Iterable[StageOrder]) -> int:
    """Seconds for which files of one request are to stay online: the longest asked for."""
    return max(1, int(max((order.lifetime for order in orders), default=timedelta()).total_seconds()))


def request_timeout(endpoint: Endpoint, limits: Limits) -> int:
    """The time-out of a bring-online request: for ``root://`` it is that of the call, elsewhere of the
    recall."""
    return min(limits.timeout, LONGEST_ROOT_TIMEOUT) if endpoint.is_root else limits.request_timeout
