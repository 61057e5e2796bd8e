"""A Tape REST server for tests and demonstrations: real HTTP on loopback, in front of a simulated tape.

::

    tape = open_tape("simtape:///tmp/library", clock=SystemClock(), options={"mount": "0.1"})
    with TapeRestServer(tape, SystemClock(), flavour="eos") as server:
        server.url                                     # http://127.0.0.1:PORT, for [endpoint.X] stager_prefix
        server.trouble("busy", where="stage", seconds=30)     # the next one: 429, Retry-After: 30
        server.trouble("bad", pattern="*/a.raw", text="medium error", count=None)     # until heal()

As a fixture of pytest::

    @pytest.fixture(params=["dcache", "eos", "storm"])
    def server(request, tmp_path):
        tape = open_tape(f"simtape://{tmp_path}", clock=SystemClock(), options={"mount": "0"})
        with TapeRestServer(tape, SystemClock(), flavour=request.param) as server:
            yield server

It needs nothing but the standard library. ``tape`` is any object with the ports Prober and Stager, as
``SimulatedTape``, ``MemoryStorage`` or a ``TapeRestStager`` of another server. How the three flavours differ,
and after what they are made, says ``transfers.testing.taperest_services``. ``latency``: seconds before every
answer. ``root``: the directory that stands before every path of the tape. ``tokens``: the bearer tokens that
are let in; None: everybody. ``tls``: a server's SSL context; with ``verify_mode`` CERT_REQUIRED clients show
a certificate (set VERIFY_ALLOW_PROXY_CERTS in ``verify_flags`` for proxies), whose subject is in ``calls``.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from catalog.clock import Clock
from transfers.errors import StorageError
from transfers.testing.httpserver import LocalServer, LocalService, Plan, Plans, QuietHandler
from transfers.testing.taperest_services import FLAVOURS, SITENAME, Refused, Reply, Tape, problem

WELL_KNOWN = "/.well-known/wlcg-tape-rest-api"
VERBS = ("discovery", "stage", "status", "cancel", "release", "delete", "archiveinfo")

_PAGE = b"<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"
_ROUTES = (
    ("POST", re.compile(r"/stage/?"), "stage"),
    ("GET", re.compile(r"/stage/([^/]+)"), "status"),
    ("POST", re.compile(r"/stage/([^/]+)/cancel"), "cancel"),
    ("DELETE", re.compile(r"/stage/([^/]+)"), "delete"),
    ("POST", re.compile(r"/release/([^/]+)"), "release"),
    ("POST", re.compile(r"/archiveinfo/?"), "archiveinfo"),
)


class Trouble(StrEnum):
    """What may go wrong with an answer, when asked for. ``seconds`` and ``text`` as given to ``trouble``."""

    SLOW = "slow"  # it comes ``seconds`` late
    DRIP = "drip"  # it comes byte by byte from its first line on, with ``seconds`` between
    BUSY = "busy"  # 429, with Retry-After if there are seconds; nothing is done
    UNAVAILABLE = "unavailable"  # 503, likewise
    ERROR = "error"  # 500 with a page for people; nothing is done
    NO_API = "no-api"  # 404 with a page for people; nothing is done
    EXPIRED = "expired"  # 401: the credential is not taken any more; nothing is done
    FORBIDDEN = "forbidden"  # 403; nothing is done
    DROP = "drop"  # it is done, and the connection closed without an answer
    CUT = "cut"  # it is done, and the connection closed in the middle of the answer
    TORN = "torn"  # half of the JSON, as if it were all
    STALE = "stale"  # a good answer; then the kept connection is closed
    FORGET = "forget"  # a stage request is accepted, and forgotten at once
    OMIT = "omit"  # the files that match the pattern are left out of the answer
    BAD = "bad"  # the files that match the pattern have failed, with the text


_REFUSALS = {
    Trouble.BUSY: 429,
    Trouble.UNAVAILABLE: 503,
    Trouble.ERROR: 500,
    Trouble.NO_API: 404,
    Trouble.EXPIRED: 401,
    Trouble.FORBIDDEN: 403,
}


@dataclass(slots=True)
class _Plan(Plan):
    kind: Trouble
    pattern: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call that came in: what was asked, what it was answered, over which connection, and by whom.

    ``authorization``: that header. ``subject``: of the certificate shown.
    """

    verb: str
    status: int
    body: Any
    connection: int
    authorization: str = ""
    subject: str = ""


class TapeRestServer(LocalService):
    """A server of one flavour. Start with ``start`` or ``with``; nothing is left running after ``stop``."""

    def __init__(
        self,
        tape: Tape,
        clock: Clock,
        *,
        flavour: str = "dcache",
        root: str = "",
        latency: float = 0.0,
        tokens: Iterable[str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(tls)
        self.service = FLAVOURS[flavour](tape, clock, root)
        self.flavour, self.latency = flavour, latency
        self.tokens = None if tokens is None else set(tokens)
        self.calls: list[Call] = []
        self.plans: Plans[_Plan] = Plans()
        self._lock = threading.RLock()

    def _listening(self) -> LocalServer:
        return _HTTPServer(self)

    @property
    def api(self) -> str:
        """The API's own URL, as the discovery tells it."""
        return self.url + self.service.api

    # ------------------------------------------------------------------ control

    def trouble(
        self,
        kind: Trouble | str,
        *,
        where: str = "*",
        count: int | None = 1,
        seconds: float = 0.0,
        pattern: str = "*",
        text: str = "Tape backend is unreachable",
        after: int = 0,
    ) -> None:
        """Let the next ``count`` calls (None: all) of the verb ``where`` (one of VERBS, or ``*``) go so.

        ``after``: so many calls go well before.
        """
        if where not in (*VERBS, "*"):
            raise ValueError(f"no verb {where!r}; there are {', '.join(VERBS)}")
        self.plans.add(_Plan(Trouble(kind), where, count, seconds, after, pattern, text))

    def heal(self) -> None:
        """No more troubles."""
        self.plans.clear()

    def forget(self, token: str) -> None:
        """Lose the requests with these ids (blanks between), as after a crash. Unknown ids are ignored."""
        with self._lock:
            for request in token.split():
                if request in self.service.requests:
                    self.service.forget(request)

    def count(self, verb: str) -> int:
        """How many calls of this verb came in."""
        with self._lock:
            return sum(call.verb == verb for call in self.calls)

    # ------------------------------------------------------------------ for the handler

    def answer(self, method: str, path: str, body: Any) -> tuple[str, Reply]:
        """The service's own answer. Errors of the tape are 500."""
        verb, request = self.route(method, path)
        try:
            with self._lock:
                return verb, self._asked(verb, request, body)
        except Refused as refused:
            return verb, refused.reply
        except StorageError as error:
            return verb, problem(500, "Internal server error", str(error))

    def route(self, method: str, path: str) -> tuple[str, str]:
        """The verb and the request's id; ``nothing`` for what is not of the API."""
        if method == "GET" and path == WELL_KNOWN:
            return "discovery", ""
        rest = "/" + path.removeprefix(self.service.api.rstrip("/")).lstrip("/")
        if path.startswith(self.service.api.rstrip("/") + "/"):
            for of, pattern, verb in _ROUTES:
                found = pattern.fullmatch(rest) if of == method else None
                if found:
                    return verb, unquote(found[1]) if found.groups() else ""
        return "nothing", ""

    def _asked(self, verb: str, request: str, body: Any) -> Reply:
        match verb:
            case "discovery":
                endpoints = [{"uri": self.api, "version": "v1", "metadata": {}}]
                return Reply(200, {"sitename": SITENAME, "endpoints": endpoints})
            case "stage":
                return self._created(self.service.stage(body))
            case "status":
                return self.service.status(request)
            case "cancel":
                return self.service.cancel(request, body)
            case "release":
                return self.service.release(request, body)
            case "delete":
                return self.service.delete(request)
            case "archiveinfo":
                return self.service.archiveinfo(body)
        return problem(404, "Not found")

    def _created(self, reply: Reply) -> Reply:
        if reply.status != 201:
            return reply
        location = f"{self.api.rstrip('/')}/stage/{reply.headers['Location']}"
        return Reply(201, reply.value, {"Location": location})

    def note(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)


class _HTTPServer(LocalServer):
    def __init__(self, server: TapeRestServer) -> None:
        self.rest = server
        super().__init__(_Handler, server.tls)


class _Handler(QuietHandler):
    """One connection."""

    server: _HTTPServer

    def serve(self) -> None:
        rest = self.server.rest
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body, verb = _parsed(text), rest.route(self.command, self.path)[0]
        plans = rest.plans.of(verb)
        late = rest.latency + (plans[Trouble.SLOW].seconds if Trouble.SLOW in plans else 0.0)
        if late:
            rest.stopping.wait(late)
        refusal = next((plan for kind, plan in plans.items() if kind in _REFUSALS), None)
        if refusal is None and rest.tokens is not None and not self._let_in(rest.tokens):
            refusal = _Plan(Trouble.EXPIRED, verb, 1, 0.0, 0, "", "")
        if refusal is not None:
            self._refuse(verb, refusal, body)
            return
        reply = rest.answer(self.command, self.path, body)[1]
        if Trouble.FORGET in plans and reply.status == 201:
            rest.forget(reply.value["requestId"])
        for kind in (Trouble.OMIT, Trouble.BAD):
            if kind in plans:
                reply = _changed(reply, plans[kind], verb, rest.service.tells_errors)
        self._note(verb, reply.status, body)
        content = b"" if reply.value is None else json.dumps(reply.value).encode()
        self._send(reply.status, content, {"Content-Type": "application/json", **reply.headers}, plans)

    def _let_in(self, tokens: set[str]) -> bool:
        return self.headers.get("Authorization", "").removeprefix("Bearer ") in tokens

    def _refuse(self, verb: str, plan: _Plan, body: Any) -> None:
        status = _REFUSALS[plan.kind]
        page = plan.kind in (Trouble.ERROR, Trouble.NO_API)
        headers = {"Content-Type": "text/html" if page else "application/problem+json"}
        if plan.kind in (Trouble.BUSY, Trouble.UNAVAILABLE) and plan.seconds:
            headers["Retry-After"] = f"{plan.seconds:.0f}"
        title = {401: "Unauthorized", 403: "Forbidden", 429: "Too many requests"}.get(status, "Unavailable")
        self._note(verb, status, body)
        content = _PAGE if page else json.dumps({"status": status, "title": title}).encode()
        self._send(status, content, headers, {})

    def _note(self, verb: str, status: int, body: Any) -> None:
        subject = ""
        if isinstance(self.connection, ssl.SSLSocket) and (seen := self.connection.getpeercert()):
            names: Any = seen.get("subject", ())
            subject = "".join(f"/{key}={value}" for part in names for key, value in part)
        by = self.headers.get("Authorization", "")
        self.server.rest.note(Call(verb, status, body, self.client_address[1], by, subject))

    def _send(
        self, status: int, content: bytes, headers: Mapping[str, str], plans: Mapping[str, _Plan]
    ) -> None:
        self.close_connection = bool(plans.keys() & {Trouble.DROP, Trouble.CUT, Trouble.STALE})
        if Trouble.DROP in plans:
            return
        if Trouble.TORN in plans:
            content = content[: len(content) // 2]
        lines = [f"HTTP/1.1 {status} {self.responses.get(status, ('?',))[0]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(content)}", "", ""]
        if Trouble.CUT in plans:
            content = content[: len(content) // 2]
        self._write("\r\n".join(lines).encode() + content, plans.get(Trouble.DRIP))

    def _write(self, answer: bytes, drip: _Plan | None) -> None:
        if drip is None:
            self.wfile.write(answer)
            return
        for byte in answer:
            self.wfile.write(bytes([byte]))
            if self.server.rest.stopping.wait(drip.seconds):
                return


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _changed(reply: Reply, plan: _Plan, verb: str, tells_errors: bool) -> Reply:
    """The answer without the files that match, or with an error for them (if the service tells errors)."""
    value = reply.value
    if verb == "status" and reply.status == 200:
        return Reply(200, {**value, "files": _files(value["files"], plan, tells_errors)}, reply.headers)
    if verb == "archiveinfo" and reply.status == 200:
        return Reply(200, _files(value, plan, True), reply.headers)
    return reply


def _files(files: list[dict[str, Any]], plan: _Plan, tells_errors: bool) -> list[dict[str, Any]]:
    changed = []
    for file in files:
        if not fnmatchcase(file["path"], plan.pattern):
            changed.append(file)
        elif plan.kind is Trouble.BAD:
            words = {"state": "FAILED"} if "state" in file else {"onDisk": False} if "onDisk" in file else {}
            error = {"error": plan.text} if tells_errors else {}
            changed.append({"path": file["path"], **words, **error})
    return changed
