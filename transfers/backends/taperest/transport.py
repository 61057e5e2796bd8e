"""HTTP connections with a deadline for the whole call, as a transport of httpx.

The time-outs of httpx are those of one read: a server that sends a byte now and then keeps its caller for
ever. Here every wait on a socket ends with the call's own deadline. Deadlines are kept by thread, since a
connection of the pool serves one call, in the thread that made it.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

KEEP_SECONDS = 20.0  # an idle connection is closed by us, before most servers would


class Deadline(threading.local):
    """When the call of this thread is over, and whether it had to connect."""

    end: float | None = None
    connected: bool = False

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        self.end, self.connected = time.monotonic() + seconds, False
        try:
            yield
        finally:
            self.end = None

    def rest(self, timeout: float | None, over: type[Exception]) -> float | None:
        """The time left, or ``timeout`` if that is less. Raises ``over`` when none is left."""
        if self.end is None:
            return timeout
        left = self.end - time.monotonic()
        if left <= 0:
            raise over("the call's time is up")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection of which every read and write ends with the call's deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline, tls: Callable[[], ssl.SSLContext]):
        self._inner, self._deadline, self._tls = inner, deadline, tls

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.rest(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.rest(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """With the context as it is now, not as it was when the pool was made: credentials are renewed."""
        try:
            left = self._deadline.rest(timeout, httpcore.ConnectTimeout)
            secure = self._inner.start_tls(self._tls(), server_hostname, left)
        except BaseException:
            self._inner.close()  # nobody else will, of a connection that is none yet
            raise
        return _Stream(secure, self._deadline, self._tls)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Makes such connections."""

    def __init__(self, deadline: Deadline, tls: Callable[[], ssl.SSLContext]):
        self._inner, self._deadline, self._tls = httpcore.SyncBackend(), deadline, tls

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.rest(timeout, httpcore.ConnectTimeout)
        self._deadline.connected = True
        stream = self._inner.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(stream, self._deadline, self._tls)


class _Body(httpx.SyncByteStream):
    """An answer's body, with the errors of httpx."""

    def __init__(self, parts: Any):
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._parts

    def close(self) -> None:
        self._parts.close()


class Transport(httpx.BaseTransport):
    """Pooled connections; with ``kept=0`` a new one for each call. ``tls`` gives the context of a new one."""

    def __init__(self, deadline: Deadline, tls: Callable[[], ssl.SSLContext], *, kept: int):
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # never used: see _Stream.start_tls
            max_connections=8,
            max_keepalive_connections=kept,
            keepalive_expiry=KEEP_SECONDS,
            network_backend=_Backend(deadline, tls),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(
            method=request.method,
            url=url,
            headers=request.headers.raw,
            content=request.read(),
            extensions=request.extensions,
        )
        with _translated():
            answer = self._pool.handle_request(asked)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))

    def close(self) -> None:
        self._pool.close()


@contextmanager
def _translated() -> Iterator[None]:
    """The errors of httpcore are those of httpx, which has the same names for them."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise getattr(httpx, type(error).__name__, httpx.TransportError)(str(error)) from error
    except ssl.SSLError as error:
        raise httpx.ConnectError(str(error)) from error
