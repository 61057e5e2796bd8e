"""A connection over TLS to an XRootD server (``roots://``); a bearer token is shown if it asks for one.

As ``plainwire``, without the client library, at a fraction of its price for small files. The server's
certificate and name are verified before the token is sent. Whatever is not as it should be here (another
authority, no token, one that is refused, requests to be signed) is left to the library, which tells why.

Source: "XRootD Client/Server Protocol Reference", version 5.0; the credential of ``ztn`` from the sources of
XRootD 5.5 (XrdSecztn): ``ztn``, a version, ``T``, the length, and the token with a zero byte.
"""

from __future__ import annotations

import errno
import getpass
import os
import socket
import ssl
import time
from contextlib import suppress

from transfers.backends.xrootd import protocol
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.plainwire import (
    CONNECT,
    NotPlain,
    PlainWire,
    address_of,
    of_system,
    one_answer,
)
from transfers.credentials.discovery import certificates_of, find_token
from transfers.credentials.tls import Tls
from transfers.errors import StorageError

SCHEMES = ("roots", "xroots")
_DATA_ERROR = 14  # the library's errDataError
_DISCONNECTED = 104  # the library's errSocketDisconnected
_GONE = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
_JOINED = 1 << 16  # bytes of small parts that are encrypted together


class SecureWire(PlainWire):
    """Wire. ``token``: that was shown to the server, "" for none."""

    _LATER = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
    _SHORT_IS_ALL = False  # what is left may be decrypted already: no selector would tell

    def __init__(self, server: str, connection: ssl.SSLSocket, token: str) -> None:
        super().__init__(server, connection)
        self.token = token
        self._pending = memoryview(b"")  # given to be encrypted: must be given again as it was

    @property
    def wants_to_write(self) -> bool:
        return bool(self._out or self._pending)

    @property
    def idle(self) -> bool:
        return super().idle and not self._pending

    @property
    def fresh(self) -> bool:
        """Still there, and logged in with the token of now."""
        try:
            self._socket.recv(1)
            return False
        except ssl.SSLWantReadError:
            return self.idle and self.token == token_of_now()
        except OSError:
            return False

    def _trouble_of(self, error: OSError) -> Trouble:
        return of_tls(error)

    def _send(self) -> None:
        while self._pending or self._out:
            if not self._pending:
                self._pending = self._next_parts()
            sent = self._socket.send(self._pending)
            self._heard = time.monotonic()
            self._pending = self._pending[sent:]

    def _next_parts(self) -> memoryview:
        first = self._out.popleft()
        if len(first) >= _JOINED:
            return memoryview(first)
        parts, size = [first], len(first)
        while self._out and size + len(self._out[0]) <= _JOINED:
            parts.append(self._out.popleft())
            size += len(parts[-1])
        return memoryview(b"".join(parts))


def token_of_now() -> str:
    """The bearer token as the environment has it now; "" for none."""
    try:
        return find_token(os.environ, os.getuid()).secret.reveal()
    except StorageError:
        return ""


def is_gone(error: OSError) -> bool:
    """Has the connection ended, as when the server is killed? TLS has words of its own for that, which
    differ with what we were about when we met it. ENOTCONN: it had ended when TLS was to begin."""
    return not isinstance(error, ssl.SSLError) or isinstance(error, _GONE) or error.errno == errno.ENOTCONN


def of_tls(error: OSError) -> Trouble:
    """Why a connection was lost: the server is gone, or bytes came that nobody has sent."""
    if not isinstance(error, ssl.SSLError):
        return of_system(error)
    code = _DISCONNECTED if is_gone(error) else _DATA_ERROR
    return Trouble(code, text=f"connection lost: {error}")


def connect(server: str, seconds: float = CONNECT) -> PlainWire | Trouble:
    """A new connection, encrypted and logged in, or why there is none. Raises NotPlain."""
    user, host, port = address_of(server, SCHEMES)
    try:
        connection = socket.create_connection((host, port), timeout=seconds)
    except OSError as error:
        return of_system(error)
    try:
        secured, token = _greet(connection, host, user or getpass.getuser(), time.monotonic() + seconds)
    except (NotPlain, OSError, ValueError) as problem:
        connection.close()
        if isinstance(problem, OSError) and is_gone(problem):
            return of_tls(problem)
        raise NotPlain(server) from problem
    with suppress(OSError):
        secured.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    secured.setblocking(False)
    return SecureWire(server, secured, token)


def _greet(connection: socket.socket, host: str, user: str, end: float) -> tuple[ssl.SSLSocket, str]:
    connection.sendall(protocol.greeting(tls=True))
    for _ in range(protocol.GREETING_ANSWERS):
        status, body = one_answer(connection, end)
    if status != protocol.OK or not protocol.goes_to_tls(body):
        raise NotPlain
    context = Tls(certificates_of(os.environ))()
    secured = context.wrap_socket(connection, server_hostname=host)
    try:
        secured.sendall(protocol.login(0, os.getpid(), user))
        status, body = one_answer(secured, end)
        if status != protocol.OK:
            raise NotPlain
        token = ""
        if protocol.needs_credential(body):
            token = token_of_now()
            if not token or not protocol.takes_token(body, len(token)):
                raise NotPlain
            secured.sendall(protocol.authenticate(0, token.encode()))
            status, _ = one_answer(secured, end)
            if status != protocol.OK:
                raise NotPlain
    except BaseException:
        secured.close()
        raise
    return secured, token
