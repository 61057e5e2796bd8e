"""The HTTP of the test server: connections, TLS, who calls, and faults on request."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from catalog.clock import Clock
from transfers.ports import Storage
from transfers.testing.fts.credentials import Credentials
from transfers.testing.fts.delegation import Desk, delegation_id
from transfers.testing.fts.model import (
    Call,
    Fault,
    FaultKind,
    JobRecord,
    Request,
    Response,
    ServerSettings,
    User,
    told,
)
from transfers.testing.fts.service import Service, page
from transfers.testing.fts.storages import Storages

SOMEBODY = "/DC=test/CN=somebody"
"""Who calls when there is no TLS: a service behind a front that looks at certificates."""


class FtsServer:
    """A test FTS on localhost: ``with FtsServer(clock, {"memory://cta/": storage}) as fts: … fts.url``.

    ``credentials``: speak TLS with them, and take callers for who their proxies say; without, speak plain
    HTTP and take everybody for the same user. Tests look at ``calls``, ``jobs`` and ``prepares``, and let
    things go wrong by ``inject``, ``wedge``, ``forget``, ``fail`` and ``archive``.
    """

    def __init__(
        self,
        clock: Clock,
        storages: Mapping[str, Storage],
        *,
        settings: ServerSettings | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self.settings = settings or ServerSettings()
        self.calls: list[Call] = []
        self.problems: list[Exception] = []
        self._faults: list[Fault] = []
        self._lock = threading.RLock()
        self._tokens: dict[str, str] = {}
        self._strangers: set[str] = set()
        self._clock = clock
        desk = Desk(credentials.ca if credentials else None)
        self._service = Service(self.settings, clock, Storages(storages), desk)
        self._http = _Http(self, _tls(credentials) if credentials else None)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> FtsServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """No more answers; connections are closed. Raises what went wrong in this server itself."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        if self.problems:
            raise ExceptionGroup("the FTS test server met errors of its own", self.problems)

    @property
    def url(self) -> str:
        """The endpoint, for the option of this name."""
        return f"{'https' if self._http.tls else 'http'}://localhost:{self._http.server_address[1]}"

    # what tests look at

    @property
    def jobs(self) -> dict[str, JobRecord]:
        """The jobs that the service knows, by id, as they are now."""
        with self._lock:
            self._service.run()
            return dict(self._service.jobs)

    @property
    def prepares(self) -> int:
        """Requests that were sent to tape systems."""
        return self._service.daemons.prepares

    @property
    def moved(self) -> Counter[str]:
        """How often the bytes of each destination (URL) were moved."""
        with self._lock:
            self._service.run()
            return Counter(self._service.daemons.moved)

    def asked(self, method: str, pattern: str = "") -> list[Call]:
        """The calls of this method whose target has the pattern (a regular expression) in it."""
        return [call for call in self.calls if call.method == method and re.search(pattern, call.target)]

    def delegated_until(self) -> dict[str, str | None]:
        """The end of the delegation of each job's owner."""
        return {job.user_dn: told(self._service.desk.until(job.delegation_id)) for job in self.jobs.values()}

    # what tests let happen

    def run(self) -> None:
        """Let the daemons do what is due by now; every call does this too."""
        with self._lock:
            self._service.run()

    def inject(
        self,
        kind: FaultKind | str,
        count: int | None = 1,
        *,
        method: str = "*",
        path: str = "*",
        seconds: float = 1.0,
    ) -> None:
        """Let this happen to the next ``count`` calls (None: all) of the method whose path matches."""
        with self._lock:
            self._faults.append(Fault(FaultKind(kind), count, method, path, seconds))

    def heal(self) -> None:
        """No more faults, and daemons that run."""
        with self._lock:
            self._faults.clear()
            self._service.daemons.wedged = False

    def wedge(self) -> None:
        """The daemons stand still: jobs are accepted, and stay as they are for ever, without any error."""
        with self._lock:
            self._service.run()
            self._service.daemons.wedged = True

    def forget(self, job_id: str) -> None:
        """The service loses a job, as after its database was restored from a backup."""
        with self._lock:
            self._service.jobs.pop(job_id, None)

    def archive(self, job_id: str) -> None:
        """Move a job to the archive, as happens to finished ones after days."""
        with self._lock:
            self._service.archived[job_id] = self._service.jobs.pop(job_id)

    def fail(self, job_id: str, reason: str, state: str = "FAILED", index: int | None = None) -> None:
        """Let the files of a job (or one of them) end in this state for this reason."""
        with self._lock:
            for file in self._service.jobs[job_id].files:
                if index in (None, file.file_index):
                    file.finish_time = self._clock.now()
                    file.become(state, reason)

    def refuse_tape(self, pattern: str = "*") -> None:
        """Let the tape system refuse written files of these URLs: they fail in ARCHIVING."""
        with self._lock:
            self._service.daemons.refuse_tape(pattern)

    def revoke(self, token: str) -> None:
        """The token is over: who comes with it is nobody in particular."""
        self._tokens.pop(token, None)

    def grant(self, dn: str = "", hours: float = 1000.0) -> None:
        """As if this user (without TLS: everybody) had delegated a proxy: spares making one."""
        with self._lock:
            until = self._clock.now() + timedelta(hours=hours)
            self._service.desk.grant(delegation_id(dn or SOMEBODY), until)

    def drop_delegations(self) -> None:
        """Forget every delegated proxy."""
        with self._lock:
            self._service.desk.drop_all()

    def let_in(self, token: str, subject: str) -> None:
        """Take callers with this bearer token for this user."""
        self._tokens[token] = subject

    def turn_away(self, name: str) -> None:
        """Take the user of this name for nobody: one whose VO is not served here."""
        self._strangers.add(name)

    # what connections need

    def user(self, certificate: Mapping[str, Any] | None, authorization: str | None) -> User:
        """Who calls. A token that is not known is no error: that is nobody in particular."""
        if authorization is not None:
            subject = self._tokens.get(authorization.removeprefix("Bearer "))
            return User(subject, self.settings.vo, "oauth2", delegation_id(subject)) if subject else User()
        dn = SOMEBODY if self._http.tls is None else _dn(certificate)
        if not dn or dn.rpartition("/CN=")[2] in self._strangers:
            return User()
        return User(dn, self.settings.vo, "certificate", delegation_id(dn))

    def faults_of(self, method: str, target: str) -> tuple[Call, list[Fault]]:
        """The call, noted down, and what happens to it."""
        path = "/" + target.lstrip("/").partition("?")[0]
        with self._lock:
            happening = [fault for fault in self._faults if fault.applies(method, path)]
            for fault in happening:
                if fault.count is not None:
                    fault.count -= 1
            call = Call(method, target, faults=[fault.kind for fault in happening])
            self.calls.append(call)
            return call, happening

    def answer(self, request: Request) -> Response:
        """The answer of the service."""
        with self._lock:
            return self._service.answer(request)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, fts: FtsServer, tls: ssl.SSLContext | None) -> None:
        self.fts = fts
        self.tls = tls
        self._open: set[Any] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        if self.tls is not None:  # the handshake is the affair of the connection's own thread
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._open):
            self.shutdown_request(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is none of our business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece, not head and body a delayed acknowledgement apart
    server: _Http
    _certificate: Mapping[str, Any] | None = None  # of the caller; asked for while it is surely there

    def setup(self) -> None:
        super().setup()
        # The web server closes what is idle for so long.
        self.connection.settimeout(self.server.fts.settings.keep_alive)

    def handle(self) -> None:
        try:
            if isinstance(self.connection, ssl.SSLSocket):
                self.connection.do_handshake()
                self._certificate = self.connection.getpeercert()
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Nothing is printed: tests look at ``calls``."""

    def _serve(self) -> None:
        fts = self.server.fts
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call, faults = fts.faults_of(self.command, self.path)
        kinds = {fault.kind: fault for fault in faults}
        if FaultKind.SLOW in kinds:
            time.sleep(kinds[FaultKind.SLOW].seconds)
        if FaultKind.UNHEARD in kinds:
            self.close_connection = True
            return
        try:
            response = self._refusal(kinds) or fts.answer(self._request(body))
        except Exception as error:
            fts.problems.append(error)
            raise
        call.status = response.status
        if FaultKind.DROP in kinds:
            self.close_connection = True
            return
        drip = kinds.get(FaultKind.DRIP)
        self._send(response, drip.seconds if drip else 0.0)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def _refusal(self, kinds: Mapping[FaultKind, Fault]) -> Response | None:
        if FaultKind.HTML in kinds:
            return page(500, "Internal Server Error")
        if FaultKind.NOT_FOUND in kinds:
            return page(404, "Not Found")
        if FaultKind.REFUSE in kinds:
            return Response(
                503, b'{"status": "503 Service Unavailable", "message": "Service is being drained"}'
            )
        return None

    def _request(self, body: bytes) -> Request:
        user = self.server.fts.user(self._certificate, self.headers.get("Authorization"))
        return Request(self.command, self.path, body, user)

    def _send(self, response: Response, every: float) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.kind)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if not every:
            self.wfile.write(response.body)
            self.wfile.flush()
            return
        self.wfile.flush()
        for byte in response.body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(every)


def _tls(credentials: Credentials) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(credentials.host))
    context.load_verify_locations(credentials.ca)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= ssl.VerifyFlags.VERIFY_ALLOW_PROXY_CERTS
    return context


def _dn(certificate: Mapping[str, Any] | None) -> str:
    """The name of the user of a proxy: without the numbers that proxies add. Empty without certificate."""
    if not certificate:
        return ""
    short = {"domainComponent": "DC", "commonName": "CN", "organizationName": "O"}
    parts = [(short.get(key, key), value) for rdn in certificate["subject"] for key, value in rdn]
    while parts and parts[-1][0] == "CN" and parts[-1][1].isdecimal():
        parts.pop()
    return "".join(f"/{key}={value}" for key, value in parts)
