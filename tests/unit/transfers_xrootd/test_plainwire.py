"""The connection of our own, with a server that is played byte by byte at the other end."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("XRootD")

from transfers.backends.xrootd import plainwire, protocol
from transfers.backends.xrootd.calls import Call, Opened, Verb
from transfers.backends.xrootd.client import Stat
from transfers.backends.xrootd.errors import REDIRECTED, Trouble
from transfers.backends.xrootd.plainwire import NotPlain, PlainWire, _pause, connect


class Ends:
    """A wire and the server's end of it."""

    def __init__(self) -> None:
        mine, self.server = socket.socketpair()
        mine.setblocking(False)
        self.wire = PlainWire("root://played", mine)

    def ask(self, verb: Verb, **more: Any) -> list[Any]:
        """Send a call; what it is answered comes into the list."""
        answers: list[Any] = []
        call = Call(verb, self.wire, "/data/a", **more)
        call.land = answers.append
        self.wire.submit(call)
        self.wire.write()
        return answers

    def say(self, status: int, body: bytes = b"", stream: int = 1, *, piece: int = 1 << 20) -> None:
        whole = struct.pack(">HHi", stream, status, len(body)) + body
        for at in range(0, len(whole), piece):
            self.server.sendall(whole[at : at + piece])
            self.wire.read()


@pytest.fixture
def ends() -> Iterator[Ends]:
    ends = Ends()
    yield ends
    ends.wire.close()
    ends.server.close()


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_answers_are_understood_however_they_are_cut(ends: Ends, piece: int) -> None:
    opened, stat = ends.ask(Verb.OPEN), ends.ask(Verb.STAT)
    ends.say(0, b"17 42 8 0\0", stream=2, piece=piece)
    ends.say(0, b"abcd\0\0\0\0\0\0\0\x0017 42 16 0\0", stream=1, piece=piece)
    assert stat == [Stat(42, 8, "17 of 0")]
    assert opened == [Opened(b"abcd", 42, 16)]
    assert ends.wire.idle


def test_a_read_comes_in_parts_and_into_its_buffer(ends: Ends) -> None:
    small = ends.ask(Verb.READ, handle=b"abcd", length=6)
    ends.say(protocol.OKSOFAR, b"abc")
    ends.say(0, b"def")
    assert small == [b"abcdef"]
    size = 3 << 20
    buffer = memoryview(bytearray(size))
    large = ends.ask(Verb.READ, handle=b"abcd", length=size, data=buffer)
    data = bytes(range(256)) * (size // 256)
    ends.say(protocol.OKSOFAR, data[: 2 << 20], piece=50_000)
    ends.say(0, data[2 << 20 :], piece=50_000)
    assert large == [size]
    assert bytes(buffer) == data


def test_more_bytes_than_asked_for_end_the_connection(ends: Ends) -> None:
    answers = ends.ask(Verb.READ, handle=b"abcd", length=4, data=memoryview(bytearray(4)))
    ends.say(0, b"12345")
    assert isinstance(answers[0], Trouble)
    assert ends.wire.trouble is not None


def test_a_refusal_has_its_number_and_text(ends: Ends) -> None:
    answers = ends.ask(Verb.CREATE)
    ends.say(protocol.ERROR, struct.pack(">i", 3018) + b"file exists\0")
    assert answers == [Trouble(400, 3018, "file exists")]


def test_an_answer_that_was_promised_comes_later(ends: Ends) -> None:
    answers = ends.ask(Verb.CHECKSUM)
    ends.say(protocol.WAITRESP, struct.pack(">i", 600))
    assert answers == []
    inner = struct.pack(">HHi", 1, 0, 17) + b"adler32 00000001\0"
    ends.say(protocol.ATTENTION, struct.pack(">ii", 5008, 0) + inner, stream=0)
    assert answers == [b"adler32 00000001\0"]


def test_who_is_asked_to_wait_asks_again_or_gives_up(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ends.ask(Verb.CHECKSUM, seconds=5)
    first = ends.server.recv(1000)
    ends.say(protocol.WAIT, struct.pack(">i", 2))
    now = time.monotonic()
    monkeypatch.setattr(plainwire.time, "monotonic", lambda: now + 3)
    ends.wire.tick()
    ends.wire.write()
    assert ends.server.recv(1000) == first
    ends.say(protocol.WAIT, struct.pack(">i", 30))
    assert answers[0].errno == 3024


def test_a_redirection_is_for_the_library(ends: Ends) -> None:
    answers = ends.ask(Verb.OPEN)
    ends.say(protocol.REDIRECT, struct.pack(">i", 1094) + b"elsewhere")
    assert answers == [REDIRECTED]


def test_the_end_of_the_connection_is_the_answer_to_all(ends: Ends) -> None:
    answers = [ends.ask(Verb.STAT), ends.ask(Verb.WRITE, handle=b"abcd", data=b"x", length=1)]
    ends.server.close()
    ends.wire.read()
    assert [answer[0].of_endpoint for answer in answers] == [True, True]
    assert ends.ask(Verb.STAT)[0].of_endpoint


def test_silence_ends_the_connection_and_one_late_answer_does_not(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, write = ends.ask(Verb.STAT, seconds=5), ends.ask(Verb.CLOSE, handle=b"abcd", seconds=60)
    start = time.monotonic()
    monkeypatch.setattr(plainwire.time, "monotonic", lambda: start + 6)
    ends.wire.tick()
    assert late[0].code == 206
    assert write == []
    ends.say(0, b"17 42 8 0\0", stream=1)  # comes for nobody
    monkeypatch.setattr(plainwire.time, "monotonic", lambda: start + 70)
    ends.wire.tick()
    assert write[0].code == 103
    assert len(late) == 1


@settings(max_examples=25)
@given(st.binary(max_size=200))
def test_no_bytes_of_a_server_raise(noise: bytes) -> None:
    ends = Ends()
    answers = ends.ask(Verb.OPEN)
    ends.server.sendall(noise)
    ends.server.close()
    for _ in range(3):
        ends.wire.read()
    assert len(answers) == 1
    assert not isinstance(answers[0], Opened) or noise[:4] == b"\0\1\0\0"
    ends.wire.close()


@pytest.mark.parametrize("server", ["roots://host:1094", "xroots://host"])
def test_what_must_be_encrypted_is_for_the_library(server: str) -> None:
    with pytest.raises(NotPlain):
        connect(server)


def test_the_answer_to_a_greeting_says_who_it_is() -> None:
    assert protocol.is_plain_server(struct.pack(">iI", 0x511, 0x1))
    assert not protocol.is_plain_server(struct.pack(">iI", 0x511, 0x2))  # a manager
    assert not protocol.is_plain_server(struct.pack(">iI", 0x511, 0x41000001))  # wants TLS
    assert not protocol.is_plain_server(b"")
    assert protocol.needs_credential(bytes(16) + b"&P=gsi")
    assert not protocol.needs_credential(bytes(16))


def test_a_checksum_is_asked_for_again_soon_and_anything_else_when_the_server_says():
    pauses = [_pause(Call(Verb.CHECKSUM, None, waits=waits), 30) for waits in (0, 1, 2, 20)]
    assert pauses == [0.05, 0.1, 0.2, 30.0]
    assert _pause(Call(Verb.OPEN, None), 30) == 30.0
