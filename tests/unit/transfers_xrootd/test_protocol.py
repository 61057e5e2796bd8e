"""The bytes by which a connection becomes a secured one, and a token is shown."""

from __future__ import annotations

import struct

import pytest

from transfers.backends.xrootd import protocol

SERVER, HAS_TLS, FOLLOWS = 1, 0x80000000, 0x40000000


def told(flags: int, *, level: int | None = None) -> bytes:
    signing = b"" if level is None else b"S" + bytes([0, 0, 0, level, 0])
    return struct.pack(">II", 0x510, flags) + signing


@pytest.mark.parametrize(
    ("body", "goes"),
    [
        (told(SERVER | HAS_TLS | FOLLOWS), True),
        (told(SERVER | HAS_TLS | FOLLOWS, level=0), True),
        (told(SERVER | HAS_TLS | FOLLOWS, level=1), False),  # wants signatures
        (told(SERVER | HAS_TLS), False),
        (told(HAS_TLS | FOLLOWS), False),  # a manager
        (b"", False),
    ],
)
def test_when_tls_follows(body: bytes, goes: bool) -> None:
    assert protocol.goes_to_tls(body) == goes


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (b"&P=ztn,0:4096:", True),
        (b"&P=ztn,0:4096:\0&P=gsi,v:10400", True),
        (b"&P=ztn,0:10:", False),  # longer than the server takes
        (b"&P=gsi,v:10400,c:ssl&P=ztn,0:4096:", False),  # another credential is asked for first
        (b"", False),
    ],
)
def test_when_a_token_is_taken(wanted: bytes, taken: bool) -> None:
    assert protocol.takes_token(bytes(16) + wanted, 10) == taken


def test_a_greeting_asks_for_tls_only_when_told() -> None:
    plain, secured = protocol.greeting(), protocol.greeting(tls=True)
    assert len(plain) == len(secured)
    assert [n for n, (a, b) in enumerate(zip(plain, secured, strict=True)) if a != b] == [20 + 8]


def test_a_token_is_shown_with_its_length_and_a_zero() -> None:
    request = protocol.authenticate(0x0102, b"abc")
    assert request[:4] == b"\x01\x02\x0b\xb8"  # kXR_auth: 3000
    assert request[16:20] == b"ztn\0"
    assert int.from_bytes(request[20:24], "big") == len(request) - 24
    assert request[24:] == b"ztn\0" + b"\0T\0\0" + b"\0\x04" + b"abc\0"
