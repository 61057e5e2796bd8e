"""Whatever TLS says of a server that is killed: it cannot be reached. (Bytes that nobody sent: try again.)"""

from __future__ import annotations

import errno
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme

pytest.importorskip("XRootD")

from transfers.backends.xrootd import protocol, securewire
from transfers.backends.xrootd.calls import Call, Verb
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.plainwire import NotPlain
from transfers.backends.xrootd.securewire import SecureWire, connect
from transfers.errors import EndpointUnreachable, TransientStorageError

MUCH = bytes(24_000_000)
"""More than the buffers of two sockets hold."""
TLS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def host(authority: trustme.CA) -> ssl.SSLContext:
    """What the server's end shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def connected() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        mine = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    return mine, theirs


class Ends:
    """A wire over TLS, and the server's end of it: of TLS, and of the connection below."""

    def __init__(self, authority: trustme.CA, host: ssl.SSLContext, version: ssl.TLSVersion) -> None:
        mine, theirs = connected()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.maximum_version = version
        authority.configure_trust(context)
        made: list[ssl.SSLSocket] = []
        thread = threading.Thread(target=lambda: made.append(host.wrap_socket(theirs, server_side=True)))
        thread.start()
        secured = context.wrap_socket(mine, server_hostname="127.0.0.1")
        thread.join()
        secured.setblocking(False)
        (self.server,) = made
        self.wire = SecureWire("roots://played", secured, "")
        self.answers: list[Any] = []

    def ask(self, verb: Verb, **more: Any) -> None:
        call = Call(verb, self.wire, "/data/a", **more)
        call.land = self.answers.append
        self.wire.submit(call)
        self.wire.write()

    def below(self, data: bytes) -> None:
        """Say this beside TLS."""
        socket.socket.sendall(self.server, data)

    def close(self) -> None:
        self.wire.close()
        self.server.close()


@pytest.fixture(params=TLS, ids=["1.2", "1.3"])
def ends(request: pytest.FixtureRequest, authority: trustme.CA, host: ssl.SSLContext) -> Iterator[Ends]:
    ends = Ends(authority, host, request.param)
    yield ends
    ends.close()


def is_closed(ends: Ends) -> None:
    ends.server.close()


def is_reset(ends: Ends) -> None:
    reset(ends.server)


def says_goodbye(ends: Ends) -> None:
    ends.server.setblocking(False)
    with suppress(ssl.SSLError):  # nobody answers it
        ends.server.unwrap()
    ends.server.close()


def stops_in_a_record(ends: Ends) -> None:
    ends.below(b"\x17\x03\x03\x01\x00half of")
    ends.server.close()


def stops_in_an_answer(ends: Ends) -> None:
    ends.server.sendall(protocol.HEADER.pack(1, protocol.OK, 100) + b"half of")
    ends.server.close()


def reset(connection: socket.socket) -> None:
    """End it as the kernel ends that of a process that had not read all."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


ENDS = (is_closed, is_reset, says_goodbye, stops_in_a_record, stops_in_an_answer)


def reads(wire: SecureWire) -> None:
    while wire.trouble is None:
        assert select.select([wire], [], [], 10)[0]
        wire.read()


def writes(wire: SecureWire) -> None:
    while wire.trouble is None:
        assert select.select([], [wire], [], 10)[1]
        wire.write()


def reads_then_writes(wire: SecureWire) -> None:
    """TLS has seen the end already, and says so once more, in other words."""
    with suppress(OSError):
        while wire._socket.recv(1 << 16):
            pass
    writes(wire)


@pytest.mark.parametrize("met", [reads, writes, reads_then_writes])
@pytest.mark.parametrize("end", ENDS)
def test_a_server_that_ends_in_the_middle_cannot_be_reached(
    ends: Ends, end: Callable[[Ends], None], met: Callable[[SecureWire], None]
) -> None:
    ends.ask(Verb.WRITE, handle=b"abcd", data=MUCH, length=len(MUCH))
    end(ends)
    met(ends.wire)
    (told,) = ends.answers
    assert told.error is EndpointUnreachable, told
    assert told.of_endpoint
    ends.ask(Verb.STAT)
    assert ends.answers[1] == told


@pytest.mark.parametrize("end", [is_closed, is_reset, says_goodbye])
def test_a_server_that_ends_between_two_calls_cannot_be_reached(
    ends: Ends, end: Callable[[Ends], None]
) -> None:
    end(ends)
    assert not ends.wire.fresh
    ends.ask(Verb.WRITE, handle=b"abcd", data=MUCH, length=len(MUCH))
    writes(ends.wire)
    assert ends.answers[0].error is EndpointUnreachable


def test_bytes_that_nobody_sent_are_no_word_about_the_server(ends: Ends) -> None:
    ends.ask(Verb.STAT)
    ends.below(b"\x17\x03\x03\x00\x40" + bytes(64))
    reads(ends.wire)
    assert ends.answers[0].error is TransientStorageError


# ------------------------------------------------------------------------------------------------ connecting
HELLO = (
    struct.pack(">HHiii", 0, 0, 8, 0x500, 1),
    struct.pack(">HHiiI", 0, 0, 8, 0x500, 0x40000001),  # a server of files; TLS follows
)
WANTS_TOKEN = bytes(16) + b"&P=ztn,0:4096:\0"
LOGGED_IN = protocol.HEADER.pack(0, protocol.OK, len(WANTS_TOKEN)) + WANTS_TOKEN
STEPS = (
    "it is there",
    "it has heard us",
    "it has half answered",
    "it has answered",
    "it has begun TLS",
    "it speaks TLS",
    "we have logged in",
    "it has half asked for the token",
    "it has asked for the token",
    "it has the token",
)


def played(listener: socket.socket, host: ssl.SSLContext, steps: int, end: Callable[[Any], None]) -> None:
    """A server up to this step, and then its end."""
    connection, _ = listener.accept()
    for step in STEPS[1 : steps + 1]:
        match step:
            case "it has heard us":
                connection.recv(1000)
            case "it has half answered":
                connection.sendall(HELLO[0] + HELLO[1][:7])
            case "it has answered":
                connection.sendall(HELLO[1][7:])
            case "it has begun TLS":
                connection.recv(50, socket.MSG_PEEK)
            case "it speaks TLS":
                connection = host.wrap_socket(connection, server_side=True)
            case "we have logged in" | "it has the token":
                connection.recv(10_000)
            case "it has half asked for the token":
                connection.sendall(LOGGED_IN[:9])
            case "it has asked for the token":
                connection.sendall(LOGGED_IN[9:])
    end(connection)


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setattr(securewire, "certificates_of", lambda _: str(file))
    monkeypatch.setattr(securewire, "token_of_now", lambda: "token")


def told_by(host: ssl.SSLContext, steps: int, end: Callable[[Any], None]) -> object:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=played, args=(listener, host, steps, end))
        server.start()
        try:
            return connect(f"roots://127.0.0.1:{listener.getsockname()[1]}", 10)
        finally:
            server.join()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see below
@pytest.mark.parametrize("end", [socket.socket.close, reset], ids=["closed", "reset"])
@pytest.mark.parametrize("steps", range(len(STEPS)), ids=STEPS)
def test_a_server_that_ends_while_we_connect_cannot_be_reached(
    trusted: None, host: ssl.SSLContext, steps: int, end: Callable[[Any], None]
) -> None:
    """``wrap_socket`` of Python forgets to close a connection that was reset just before."""
    told = told_by(host, steps, end)
    assert isinstance(told, Trouble)
    assert told.error is EndpointUnreachable, told


def test_a_connection_that_had_ended_when_tls_was_to_begin() -> None:
    """As Python's ``ssl`` says it when bytes are left that were not encrypted."""
    left = ssl.SSLError(errno.ENOTCONN, "Closed before TLS handshake with data in recv buffer.")
    assert securewire.is_gone(left)
    assert not securewire.is_gone(ssl.SSLError(ssl.SSL_ERROR_SSL, "wrong version number"))


def test_a_server_that_speaks_no_tls_after_all_is_left_to_the_library(
    trusted: None, host: ssl.SSLContext
) -> None:
    def nonsense(connection: socket.socket) -> None:
        connection.sendall(b"no TLS here, none at all")
        connection.recv(10_000)
        connection.close()

    with pytest.raises(NotPlain):
        told_by(host, STEPS.index("it has begun TLS"), nonsense)
