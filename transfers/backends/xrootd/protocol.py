"""The bytes of the XRootD protocol, as far as copies need them: requests packed, answers unpacked. Pure.

Source: "XRootD Client/Server Protocol Reference", version 5.0. Every request has 24 bytes (stream id, number,
16 bytes of its own, length of what follows) and every answer 8 (stream id, status, length). All is in network
order. Requests of one connection may overlap; an answer carries the stream id of its request.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

HEADER = struct.Struct(">HHi")
"""Of an answer: stream id, status, length of the body."""

OK, OKSOFAR, ATTENTION, AUTHMORE, ERROR, REDIRECT, WAIT, WAITRESP = 0, *range(4000, 4007)
_ASYNC_ANSWER = 5008  # of an ATTENTION: an answer that was promised by WAITRESP

_AUTH = 3000
_QUERY, _CLOSE, _PROTOCOL, _LOGIN, _OPEN, _READ = 3001, 3003, 3006, 3007, 3010, 3013
_REMOVE, _STAT, _WRITE = 3014, 3017, 3019
_LIST = 3004

_NAMED = struct.Struct(">HH16si")
_OPENING = struct.Struct(">HHHH12xi")
_READING = struct.Struct(">HH4sqii")
_WRITING = struct.Struct(">HH4sqB3xi")
_CLOSING = struct.Struct(">HH4s12xi")
_ASKING = struct.Struct(">HHH14xi")
_LOGGING_IN = struct.Struct(">HHi8sBBBBi")
_SHOWING = struct.Struct(">HH12x4si")
_LISTING = struct.Struct(">HH15sBi")
_TOKEN = struct.Struct(">4sBc2xH")
_GREETING = struct.Struct(">iiiiiHHiBB10xi")

_NEW, _FOR_READING, _MAKE_PATH, _WITH_STAT, _POSC, _FOR_WRITING = 8, 0x10, 0x100, 0x400, 0x1000, 0x8000
_CHECKSUM = 3
_VERSION = 0x500
_MODE = 0o644

NAMES_ONLY, WITH_SIZES, WITH_CHECKSUMS = 0, 2, 6
"""What a listing shall tell."""

GREETING_ANSWERS = 2
"""So many answers come to a greeting, each with stream id 0: to the handshake and to the protocol request."""

_IS_SERVER, _TLS_DEMANDED, _TLS_FOLLOWS = 1, 0x5F000000, 0x40000000
_TLS_WANTED = 0x01 | 0x02 | 0x04  # tell what must be signed; we can; and we want to


def greeting(*, tls: bool = False) -> bytes:
    """The first bytes of a connection: handshake and protocol request. ``tls``: what follows the answer shall
    be encrypted, and we want to know whether requests must be signed."""
    wishes = _TLS_WANTED if tls else 0
    return _GREETING.pack(0, 0, 0, 4, 2012, 0, _PROTOCOL, _VERSION, wishes, 0, 0)


def goes_to_tls(body: bytes) -> bool:
    """Is the answer that of a server of files which speaks TLS from here on, and wants no signatures?"""
    if len(body) < 8:
        return False
    flags = int.from_bytes(body[4:8], "big")
    signed = len(body) >= 13 and body[8:9] == b"S" and body[12] > 0
    return bool(flags & _IS_SERVER) and bool(flags & _TLS_FOLLOWS) and not signed


def is_plain_server(body: bytes) -> bool:
    """Does the answer to the protocol request come from a server of files that asks for no TLS?"""
    if len(body) < 8:
        return False
    flags = int.from_bytes(body[4:8], "big")
    return bool(flags & _IS_SERVER) and not flags & _TLS_DEMANDED


def login(stream: int, process: int, user: str) -> bytes:
    """Who we say we are; nobody believes it."""
    name = user.encode("ascii", "replace")[:8].ljust(8, b"\0")
    return _LOGGING_IN.pack(stream, _LOGIN, process & 0x7FFFFFFF, name, 0, 0, 5, 0, 0)


def needs_credential(body: bytes) -> bool:
    """Does the answer to a login ask for a credential?"""
    return len(body) > 16


def takes_token(body: bytes, length: int) -> bool:
    """Is a bearer token of this length the first credential that the answer to a login asks for?"""
    wanted = re.match(rb"&P=ztn,[0-9]+:([0-9]+)", body[16:])
    return wanted is not None and length < int(wanted[1])


def authenticate(stream: int, token: bytes) -> bytes:
    """The token, as an answer to a login that asks for one."""
    shown = _TOKEN.pack(b"ztn", 0, b"T", len(token) + 1) + token + b"\0"
    return _SHOWING.pack(stream, _AUTH, b"ztn", len(shown)) + shown


def open_for_reading(stream: int, name: bytes) -> bytes:
    return _OPENING.pack(stream, _OPEN, 0, _FOR_READING | _WITH_STAT, len(name)) + name


def open_new(stream: int, name: bytes) -> bytes:
    """A file that was not there before, with its directories, which stays only if it is closed well."""
    return _OPENING.pack(stream, _OPEN, _MODE, _NEW | _MAKE_PATH | _POSC | _FOR_WRITING, len(name)) + name


def read(stream: int, handle: bytes, offset: int, length: int) -> bytes:
    return _READING.pack(stream, _READ, handle, offset, length, 0)


def write(stream: int, handle: bytes, offset: int, length: int) -> bytes:
    """The head of a write; so many bytes of data follow."""
    return _WRITING.pack(stream, _WRITE, handle, offset, 0, length)


def close(stream: int, handle: bytes) -> bytes:
    return _CLOSING.pack(stream, _CLOSE, handle, 0)


def stat(stream: int, name: bytes) -> bytes:
    return _NAMED.pack(stream, _STAT, bytes(16), len(name)) + name


def remove(stream: int, name: bytes) -> bytes:
    return _NAMED.pack(stream, _REMOVE, bytes(16), len(name)) + name


def list_directory(stream: int, name: bytes, what: int) -> bytes:
    """What is in a directory; ``what``: NAMES_ONLY, WITH_SIZES or WITH_CHECKSUMS."""
    return _LISTING.pack(stream, _LIST, bytes(15), what, len(name)) + name


def checksum(stream: int, name: bytes) -> bytes:
    return _ASKING.pack(stream, _QUERY, _CHECKSUM, len(name)) + name


def read_stat(text: bytes) -> tuple[int, int, str, int]:
    """Size, flags, id and time of change of ``id size flags mtime …``. Raises ValueError."""
    words = text.rstrip(b"\0").split()
    if len(words) < 4:
        raise ValueError(f"not a stat: {text!r}")
    return int(words[1]), int(words[2]), words[0].decode("ascii", "replace"), int(words[3])


@dataclass(frozen=True, slots=True)
class Identity:
    """What is under a name: what the server calls it whatever its name (0: it does not tell), size in bytes,
    flags, seconds since 1970."""

    id: int
    size: int
    flags: int
    modified: int


def read_identity(text: bytes) -> Identity:
    """All of ``id size flags mtime …``. Raises ValueError."""
    words = text.rstrip(b"\0").split()
    if len(words) < 4:
        raise ValueError(f"not a stat: {text!r}")
    return Identity(*(int(word) for word in words[:4]))


@dataclass(frozen=True, slots=True)
class Attention:
    """An answer that comes later than its turn: its stream id, status and body."""

    stream: int
    status: int
    body: bytes


def read_attention(body: bytes) -> Attention | None:
    """The answer inside; None for what is not one (a message to whoever listens)."""
    if len(body) < 16 or int.from_bytes(body[:4], "big") != _ASYNC_ANSWER:
        return None
    stream, status, length = HEADER.unpack_from(body, 8)
    return Attention(stream, status, body[16 : 16 + length])


def read_error(body: bytes) -> tuple[int, str]:
    """Number (kXR_*) and text of a refusal."""
    return int.from_bytes(body[:4], "big"), body[4:].rstrip(b"\0").decode(errors="replace")


def read_wait(body: bytes) -> int:
    """Seconds after which the same may be asked again."""
    return int.from_bytes(body[:4], "big")
