"""The only module that speaks to a Tape REST service: one call at a time, each with a deadline.

- Nothing of the environment is looked at: no proxy server, no ``.netrc``, no certificate variables.
- A redirection is not followed: a token is for the server it is meant for. A token never goes over plain
  HTTP, but to this very machine.
- Connections are kept and used again. One that the server has closed meanwhile is replaced, once; but a new
  stage request is always made over a new connection, so that it is never sent twice by that.
- A service that says Retry-After is left alone so long (ten minutes at most): calls are refused here.
"""

from __future__ import annotations

import os
import threading
import weakref
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import httpx

from catalog.clock import Clock
from transfers.backends.taperest.errors import TLS, Answer, by_text, pause
from transfers.backends.taperest.payload import WELL_KNOWN, Options
from transfers.backends.taperest.replies import Discovered, read_discovery
from transfers.backends.taperest.transport import Deadline, Transport
from transfers.credentials.tls import Tls, Token
from transfers.errors import (
    EndpointBusy,
    EndpointUnreachable,
    PermissionRefused,
    StorageError,
    StorageTimeout,
    UnreadableReply,
    Unsupported,
)

LARGEST_ANSWER = 64_000_000  # bytes
DISCOVERY_HOLDS = timedelta(hours=1)

_HEADERS = {"Accept": "application/json", "User-Agent": "ddm"}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_STALE = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


class Client:
    """A service, its credentials and its connections. ``options``: as configured. Threads may share it."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self.options = options
        self._clock = clock
        self._token = Token(options.token_file) if options.token_file else None
        self._tls = Tls(options.ca, options.proxy)
        self._deadline = Deadline()
        self._lock = threading.Lock()
        self._leave_until: datetime | None = None
        self._discovered: tuple[datetime, Discovered] | None = None
        self._open()

    def _open(self) -> None:
        """Connections of this process. Those of a parent process are not ours to use."""
        self._pid = os.getpid()
        self._pooled = self._connections(kept=8)
        self._single = self._connections(kept=0)
        self.close = weakref.finalize(self, _close, self._pooled, self._single)

    def _connections(self, kept: int) -> httpx.Client:
        timeout = httpx.Timeout(self.options.timeout, connect=self.options.connect_timeout)
        transport = Transport(self._deadline, self._tls, kept=kept)
        return httpx.Client(transport=transport, timeout=timeout, headers=_HEADERS, trust_env=False)

    def call(self, method: str, path: str, body: bytes | None = None, *, repeat: bool = True) -> Answer:
        """Ask the API at ``path``. ``repeat``: it does no harm if the service hears it twice.

        Any answer is given back, also a refusal; raises StorageError when there is none, and EndpointBusy
        while the service wants to be left alone.
        """
        return self._answered(method, self._api().uri + path, body, repeat)

    def sitename(self) -> str:
        """Whom metadata are for; "" when the service does not tell."""
        return self.options.sitename or self._api().sitename

    def _api(self) -> Discovered:
        """The API's URL as configured, or as the service has told within the last hour."""
        if self.options.endpoint:
            return Discovered(self.options.endpoint, self.options.sitename)
        now, known = self._clock.now(), self._discovered
        if known and now - known[0] < DISCOVERY_HOLDS:
            return known[1]
        try:
            found = self._discover()
        except StorageError:
            if known is None:
                raise
            found = known[1]  # the last that we heard still holds
        self._discovered = (now, found)
        return found

    def _discover(self) -> Discovered:
        url = self.options.server + WELL_KNOWN
        answer = self._answered("GET", url, None, True)
        if not answer.good:
            raise answer.error(url)
        found = read_discovery(answer.body)
        if found is None:
            raise UnreadableReply(f"{url} names no endpoint of version 1: {answer.words}", subject=url)
        found = found._replace(uri=urljoin(self.options.server + "/", found.uri))
        if urlsplit(found.uri).scheme not in ("https", "http"):
            raise Unsupported(f"{url} names {found.uri!r}, which is no HTTP", subject=url)
        return found

    def _answered(self, method: str, url: str, body: bytes | None, repeat: bool) -> Answer:
        self._check_pause(url)
        answer = self._sent(method, url, body, repeat)
        asked = pause(answer, self._clock.now())
        if asked:
            self._leave_until = self._clock.now() + asked
        return answer

    def _check_pause(self, url: str) -> None:
        until = self._leave_until
        if until and self._clock.now() < until:
            raise EndpointBusy(
                f"{url}: the service wants to be left alone until {until:%H:%M:%S} UTC", subject=url
            )

    def _sent(self, method: str, url: str, body: bytes | None, repeat: bool) -> Answer:
        request = self._request(method, url, body)
        try:
            with self._deadline.within(self.options.timeout):
                try:
                    return self._receive(request, kept=repeat)
                except _STALE:
                    if not repeat or self._deadline.connected:
                        raise
                    return self._receive(request, kept=False)  # the kept connection had been closed
        except httpx.HTTPError as error:
            raise _translated(error, url, self.options.timeout) from error

    def _request(self, method: str, url: str, body: bytes | None) -> httpx.Request:
        with self._lock:
            if self._pid != os.getpid():
                self._open()
        headers = {"Authorization": f"Bearer {self._bearer(url)}"} if self._token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            return self._pooled.build_request(method, url, content=body, headers=headers)
        except (httpx.InvalidURL, ValueError) as error:
            raise Unsupported(f"{url!r} is not a URL: {error}", subject=url) from None

    def _bearer(self, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise PermissionRefused(f"{url}: a token is not sent over plain HTTP", subject=url)
        assert self._token is not None
        return self._token()

    def _receive(self, request: httpx.Request, *, kept: bool) -> Answer:
        client = self._pooled if kept else self._single
        response = client.send(request, stream=True)
        try:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > LARGEST_ANSWER:
                    raise UnreadableReply(f"{request.url}: an answer of more than {LARGEST_ANSWER} bytes")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, bytes(body), headers)
        finally:
            response.close()


def _close(*clients: httpx.Client) -> None:
    for client in clients:
        client.close()


def _translated(error: httpx.HTTPError, url: str, timeout: float) -> StorageError:
    words = str(error) or type(error).__name__
    if isinstance(error, httpx.PoolTimeout):
        return EndpointBusy(f"{url}: no connection was free within {timeout:g} s", subject=url)
    if isinstance(error, httpx.TimeoutException):
        return StorageTimeout(f"{url}: no answer within {timeout:g} s", subject=url)
    if isinstance(error, httpx.DecodingError):
        return UnreadableReply(f"{url}: {words}", subject=url)
    kind = by_text(words, TLS, EndpointUnreachable) if "ssl" in words.lower() else EndpointUnreachable
    return kind(f"{url}: {words}", subject=url)
