"""A Rucio server for tests and demonstrations: real HTTP on loopback, the reading half of its REST interface.

::

    with RucioServer() as server:
        server.add("raw", "2016.W14", [file("raw", "cdr11001-275678.raw", 7, "00000001", events=10)])
        server.place("CERN_CTA", "raw", "cdr11001-275678.raw")           # a replica, AVAILABLE
        server.url                                          # http://127.0.0.1:PORT
        server.trouble("cut", where="files")                # the next stream breaks in the middle
        server.trouble("busy", where="files", seconds=30)   # the next one: 429, Retry-After: 30

It speaks as Rucio does: a token from ``/auth/userpass`` or ``/auth/x509_proxy`` in ``X-Rucio-Auth-Token``,
streams of JSON lines as ``application/x-json-stream`` in chunks, errors with ``ExceptionClass`` and
``ExceptionMessage``, paths with the slashes of names encoded. It needs nothing but the standard library.
``users``: name → password. ``tokens``: further tokens that are let in. ``accounts``: more than one without
``X-Rucio-Account`` is answered with 206, as Rucio does. ``tls``: a server's SSL context; with CERT_REQUIRED a
client's certificate is as good as a password. ``latency``: seconds before every answer.
"""

from __future__ import annotations

import json
import secrets
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from transfers.testing.httpserver import LocalServer, LocalService, Plan, Plans, QuietHandler

VERBS = ("auth", "search", "did", "files", "replicas", "rse")
STREAM = "application/x-json-stream"
_PIECE = 1 << 12


class Trouble(StrEnum):
    """What may go wrong with an answer, when asked for."""

    SLOW = "slow"  # it comes ``seconds`` late
    BUSY = "busy"  # 429, with Retry-After if there are seconds
    UNAVAILABLE = "unavailable"  # 503, likewise: Rucio's own when its database is out of connections
    ERROR = "error"  # 500 with a page for people
    EXPIRED = "expired"  # 401: the token is not taken any more, and is forgotten
    FORBIDDEN = "forbidden"  # 403
    FORGET = "forget"  # 404: it does not know the DID
    DROP = "drop"  # the connection is closed without an answer
    CUT = "cut"  # the connection is closed in the middle of the stream
    SHORT = "short"  # half of the lines, and an end as if they were all
    TORN = "torn"  # half of the bytes, and an end as if they were all
    ENDLESS = "endless"  # no word of where it ends: the connection is closed after it
    GARBAGE = "garbage"  # a line of the stream has values that cannot be


_REFUSALS = {
    Trouble.BUSY: (429, "TooManyRequests", "too many requests"),
    Trouble.UNAVAILABLE: (503, "DatabaseException", "Currently there are too many requests"),
    Trouble.ERROR: (500, "", ""),
    Trouble.EXPIRED: (401, "CannotAuthenticate", "Cannot authenticate with given credentials"),
    Trouble.FORBIDDEN: (403, "AccessDenied", "Account reader can not do that"),
    Trouble.FORGET: (404, "DataIdentifierNotFound", "Data identifier not found"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """A request that came in: what was asked, how it was answered."""

    verb: str
    path: str
    status: int
    token: str
    body: Any


def file(
    scope: str, name: str, size: int | None = None, adler32: str | None = None, events: int | None = None
) -> dict[str, Any]:
    """A file DID as the server tells it."""
    return {"scope": scope, "name": name, "bytes": size, "adler32": adler32, "guid": None, "events": events}


class RucioServer(LocalService):
    """Start with ``start`` or ``with``; nothing is left running after ``stop``."""

    def __init__(
        self,
        *,
        users: Mapping[str, str] | None = None,
        tokens: Iterable[str] = (),
        accounts: Sequence[str] = ("reader",),
        tls: ssl.SSLContext | None = None,
        latency: float = 0.0,
    ) -> None:
        super().__init__(tls)
        self.users = {"reader": "secret"} if users is None else dict(users)
        self.tokens, self.accounts, self.latency = set(tokens), accounts, latency
        self.datasets: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.states: dict[tuple[str, str], dict[str, str]] = {}
        self.calls: list[Call] = []
        self.lock = threading.RLock()
        self.plans: Plans[Plan] = Plans()

    # --------------------------------------------------------------------------------------- content
    def add(self, scope: str, name: str, files: Iterable[Mapping[str, Any]]) -> None:
        """A dataset with these files, or more files for it."""
        with self.lock:
            self.datasets.setdefault((scope, name), []).extend(dict(one) for one in files)

    def place(self, rse: str, scope: str, name: str, state: str = "AVAILABLE") -> None:
        """A replica of a file at an RSE."""
        with self.lock:
            self.states.setdefault((scope, name), {})[rse] = state

    def _listening(self) -> LocalServer:
        return _HTTPServer(self)

    # --------------------------------------------------------------------------------------- control
    def trouble(
        self,
        kind: Trouble | str,
        *,
        where: str = "*",
        count: int | None = 1,
        seconds: float = 0.0,
        after: int = 0,
    ) -> None:
        """Let the next ``count`` calls (None: all) of the verb ``where`` (one of VERBS, or ``*``) go so;
        ``after``: so many go well before."""
        if where not in (*VERBS, "*"):
            raise ValueError(f"no verb {where!r}; there are {', '.join(VERBS)}")
        self.plans.add(Plan(Trouble(kind), where, count, seconds, after))

    def heal(self) -> None:
        """No more troubles."""
        self.plans.clear()

    def count(self, verb: str) -> int:
        """How many calls of this verb came in."""
        with self.lock:
            return sum(call.verb == verb for call in self.calls)

    # ------------------------------------------------------------------------------- for the handler
    def new_token(self) -> str:
        token = f"reader-/DC=ch/CN=reader-unknown-{secrets.token_hex(16)}"
        with self.lock:
            self.tokens.add(token)
        return token

    def lines(self, verb: str, words: Sequence[str], body: Any) -> Iterator[Any] | None:
        """The objects of a stream; None: there is no such DID."""
        with self.lock:
            if verb == "search":
                return iter([name for scope, name in self.datasets if scope == words[0]])
            if verb == "rse":
                return iter([self._at(words[0], key) for key in self.datasets if self._there(words[0], key)])
            if verb == "files":
                found = self.datasets.get((words[0], words[1]))
                return None if found is None else iter(list(found))
            asked = [(one["scope"], one["name"]) for one in body["dids"]]
            if any(key not in self.datasets for key in asked):
                return None
            return iter([self._replica(one) for key in asked for one in self.datasets[key]])

    def _there(self, rse: str, key: tuple[str, str]) -> list[dict[str, Any]]:
        return [
            one
            for one in self.datasets[key]
            if self.states.get((one["scope"], one["name"]), {}).get(rse) == "AVAILABLE"
        ]

    def _at(self, rse: str, key: tuple[str, str]) -> dict[str, Any]:
        there = self._there(rse, key)
        return {
            "scope": key[0],
            "name": key[1],
            "rse": rse,
            "length": len(self.datasets[key]),
            "available_length": len(there),
            "state": "AVAILABLE",
        }

    def _replica(self, one: Mapping[str, Any]) -> dict[str, Any]:
        states = self.states.get((one["scope"], one["name"]), {})
        told = {key: one[key] for key in ("scope", "name", "bytes", "adler32")}
        return {**told, "md5": None, "states": states, "rses": {rse: [] for rse in states}, "pfns": {}}


class _HTTPServer(LocalServer):
    def __init__(self, server: RucioServer) -> None:
        self.rucio = server
        super().__init__(_Handler, server.tls)


class _Handler(QuietHandler):
    """One connection."""

    server: _HTTPServer

    def serve(self) -> None:
        rucio = self.server.rucio
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        verb, words = _route(self.command, self.path)
        self._body = json.loads(text) if text else None
        plans = rucio.plans.of(verb)
        late = rucio.latency + (plans[Trouble.SLOW].seconds if Trouble.SLOW in plans else 0.0)
        if late:
            rucio.stopping.wait(late)
        if Trouble.DROP in plans:
            self.close_connection = True
            return
        for kind, (status, name, text_) in _REFUSALS.items():
            if kind in plans:
                if kind is Trouble.EXPIRED:
                    rucio.tokens.clear()
                self._refuse(verb, status, name, text_, plans[kind].seconds)
                return
        if verb == "auth":
            self._auth(words[0])
        elif not verb:
            self._refuse(verb, 404, "", "", 0)
        elif "X-Rucio-Auth-Token" not in self.headers:
            self._refuse(verb, 400, "ValueError", "Token must be set.", 0)
        elif self.headers["X-Rucio-Auth-Token"] not in rucio.tokens:
            self._refuse(verb, *_REFUSALS[Trouble.EXPIRED], 0)
        elif verb == "did":
            self._did(words)
        else:
            self._stream(verb, words, plans)

    def _auth(self, way: str) -> None:
        rucio = self.server.rucio
        user = self.headers.get("X-Rucio-Username", "")
        good = way == "userpass" and rucio.users.get(user, None) == self.headers.get("X-Rucio-Password")
        if way != "userpass" and isinstance(self.connection, ssl.SSLSocket):
            good = bool(self.connection.getpeercert())
        account = self.headers.get("X-Rucio-Account")
        if not good or (account is not None and account not in rucio.accounts):
            self._refuse("auth", *_REFUSALS[Trouble.EXPIRED], 0)
        elif account is None and len(rucio.accounts) > 1:
            self._send("auth", 206, b"", {"X-Rucio-Auth-Accounts": ",".join(rucio.accounts)})
        else:
            expires = time.strftime("%a, %d %b %Y %H:%M:%S UTC", time.gmtime(time.time() + 3600))
            headers = {"X-Rucio-Auth-Token": rucio.new_token(), "X-Rucio-Auth-Token-Expires": expires}
            self._send("auth", 200, b"", {**headers, "X-Rucio-Auth-Account": account or rucio.accounts[0]})

    def _did(self, words: Sequence[str]) -> None:
        found = self.server.rucio.datasets.get((words[0], words[1]))
        if found is None:
            self._refuse("did", *_REFUSALS[Trouble.FORGET], 0)
            return
        told = {
            "scope": words[0],
            "name": words[1],
            "type": "DATASET",
            "open": True,
            "length": len(found),
            "bytes": sum(one["bytes"] or 0 for one in found),
        }
        self._send("did", 200, json.dumps(told).encode(), {"Content-Type": "application/json"})

    def _refuse(self, verb: str, status: int, name: str, words: str, seconds: float) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        content = b"<html><body>Something went wrong</body></html>"
        if name:
            headers |= {"ExceptionClass": name, "ExceptionMessage": words}
            content = json.dumps({"ExceptionClass": name, "ExceptionMessage": words}).encode()
        if seconds and status in (429, 503):
            headers["Retry-After"] = f"{seconds:.0f}"
        self._send(verb, status, content, headers)

    def _note(self, verb: str, status: int) -> None:
        with self.server.rucio.lock:
            token = self.headers.get("X-Rucio-Auth-Token", "")
            self.server.rucio.calls.append(Call(verb, self.path, status, token, self._body))

    def _send(self, verb: str, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self._note(verb, status)
        lines = [f"HTTP/1.1 {status} {self.responses.get(status, ('?',))[0]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(content)}", "", ""]
        self.wfile.write("\r\n".join(lines).encode() + content)

    # -------------------------------------------------------------------------------------- streams
    def _stream(self, verb: str, words: Sequence[str], plans: Mapping[str, Plan]) -> None:
        found = self.server.rucio.lines(verb, words, self._body)
        if found is None:
            status, name, text = _REFUSALS[Trouble.FORGET]
            self._refuse(verb, 400 if verb == "replicas" else status, name, text, 0)
            return
        lines = [json.dumps(one) + "\n" for one in found]
        if Trouble.SHORT in plans:
            lines = lines[: len(lines) // 2]
        if Trouble.GARBAGE in plans and lines:
            lines[0] = json.dumps({**json.loads(lines[0]), "bytes": "many"}) + "\n"
        content = "".join(lines).encode()
        if Trouble.TORN in plans:
            content = content[: len(content) // 2 + 1]
        self._note(verb, 200)
        head = [f"HTTP/1.1 200 OK\r\nContent-Type: {STREAM}"]
        endless = Trouble.ENDLESS in plans
        head += ["Connection: close"] if endless else ["Transfer-Encoding: chunked"]
        self.wfile.write(("\r\n".join(head) + "\r\n\r\n").encode())
        self.close_connection = endless or Trouble.CUT in plans
        if Trouble.CUT in plans:
            content = content[: len(content) // 2]
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            self.wfile.write(piece if endless else b"%x\r\n%s\r\n" % (len(piece), piece))
        if not endless and Trouble.CUT not in plans:
            self.wfile.write(b"0\r\n\r\n")


def _route(method: str, target: str) -> tuple[str, list[str]]:
    """The verb and its words; "" for what this server does not do."""
    parts = urlsplit(target)
    words = [unquote_plus(word) for word in parts.path.strip("/").split("/")]
    query = parse_qs(parts.query)
    match (method, *words):
        case ("GET", "auth", "userpass" | "x509" | "x509_proxy" as way):
            return "auth", [way]
        case ("GET", "dids", scope, "dids", "search") if query.get("type") == ["dataset"]:
            return "search", [scope]
        case ("GET", "dids", scope, name, "files"):
            return "files", [scope, name]
        case ("GET", "dids", scope, name):
            return "did", [scope, name]
        case ("GET", "replicas", "rse", rse):
            return "rse", [rse]
        case ("POST", "replicas", "list"):
            return "replicas", []
    return "", []
