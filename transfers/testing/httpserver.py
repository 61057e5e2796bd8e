"""What the test services that speak HTTP share: a server on this machine, in threads, with or without TLS."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

SILENCE = 60  # seconds after which a connection is given up


class LocalServer(ThreadingHTTPServer):
    """At a free port of this machine; knows its open connections, and can end them."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._open: dict[int, socket.socket] = {}
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """The handshake is made in the thread of the connection: a slow client holds up nobody."""
        connection, address = super().get_request()
        connection.settimeout(SILENCE)
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open[id(connection)] = connection
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.pop(id(request), None)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Close every connection, and wait up to five seconds for its thread to have noticed."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            with self._lock:
                if not self._open:
                    return
                for connection in self._open.values():
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)
            time.sleep(0.01)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or whose certificate is refused, is no error of the server."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@dataclass(slots=True)
class Plan:
    """What goes wrong with the next ``count`` calls (None: all) of the verb ``where`` (``*``: of any), when
    ``after`` of them went well. ``seconds``: how long, for what takes time."""

    kind: str
    where: str
    count: int | None
    seconds: float
    after: int


P = TypeVar("P", bound=Plan)


class Plans(Generic[P]):
    """What is to go wrong, for one call after the other; may be used by many threads."""

    def __init__(self) -> None:
        self._plans: list[P] = []
        self._lock = threading.Lock()

    def add(self, plan: P) -> None:
        with self._lock:
            self._plans.append(plan)

    def clear(self) -> None:
        with self._lock:
            self._plans.clear()

    def of(self, verb: str) -> dict[str, P]:
        """What goes wrong with this call, one plan of a kind; uses up the counts."""
        chosen: dict[str, P] = {}
        with self._lock:
            for plan in self._plans:
                if plan.count == 0 or plan.where not in (verb, "*") or plan.kind in chosen:
                    continue
                if plan.after > 0:
                    plan.after -= 1
                    continue
                chosen[plan.kind] = plan
                plan.count = None if plan.count is None else plan.count - 1
        return chosen


class LocalService(ABC):
    """A service that runs between ``start`` and ``stop``, or in ``with``; nothing is left running after it.

    ``stopping`` is set while it ends: whoever waits before an answer waits for that.
    """

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.tls, self.stopping = tls, threading.Event()
        self._running: tuple[LocalServer, threading.Thread] | None = None

    @abstractmethod
    def _listening(self) -> LocalServer:
        """A server at a free port, whose handlers know this service."""

    def start(self) -> Self:
        self.stopping.clear()
        http = self._listening()
        thread = threading.Thread(target=http.serve_forever, args=(0.05,), name=type(self).__name__)
        thread.start()
        self._running = http, thread
        return self

    def stop(self) -> None:
        """May be repeated. Connections that are open are closed."""
        if self._running is None:
            return
        (http, thread), self._running = self._running, None
        self.stopping.set()
        http.shutdown()
        thread.join()
        http.hang_up()
        http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        assert self._running is not None, "the server is not running"
        return int(self._running[0].server_address[1])

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, or ``https://localhost:PORT`` with TLS: for certificates' names."""
        return f"https://localhost:{self.port}" if self.tls else f"http://127.0.0.1:{self.port}"


class QuietHandler(ABC, BaseHTTPRequestHandler):
    """One connection, kept alive; nothing is printed, as the services keep their calls."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @abstractmethod
    def serve(self) -> None:
        """Read one request, of any method, and answer it."""

    def do_GET(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()

    def do_DELETE(self) -> None:
        self.serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing is printed."""
