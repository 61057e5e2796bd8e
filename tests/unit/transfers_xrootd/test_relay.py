"""The relay that hurts connections in tests does so at the byte it is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from transfers.testing.relay import DOWN, UP, Relay


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that sends back what it gets, for one connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        link, _ = listener.accept()
        with link:
            while data := link.recv(1 << 16):
                link.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    with listener:
        yield listener.getsockname()[1]
        thread.join(10)


def sent_through(wire: Relay, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as link:
        link.sendall(data)
        link.shutdown(socket.SHUT_WR)
        back = bytearray()
        with suppress(ConnectionError):
            while block := link.recv(1 << 16):
                back += block
        return bytes(back)


@pytest.mark.parametrize("way", [UP, DOWN])
def test_one_byte_is_another(echo: int, way: object) -> None:
    with Relay(echo) as wire:
        wire.flip(way, 1234)  # type: ignore[arg-type]
        back = sent_through(wire, bytes(5000))
        assert wire.happened.wait(5)
    assert [at for at, byte in enumerate(back) if byte] == [1234]
    assert len(back) == 5000


def test_a_call_is_made_while_the_bytes_wait_and_connections_are_cut(echo: int) -> None:
    with Relay(echo) as wire:
        wire.after(DOWN, 100, wire.cut)
        back = sent_through(wire, bytes(5000))
        assert wire.happened.wait(5)
    assert back == b""
