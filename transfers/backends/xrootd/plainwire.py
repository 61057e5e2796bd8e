"""A connection to an XRootD server that asks for no credential, without the client library.

The library spends most of its time on a small file in handing it from thread to thread, and cannot be
stopped in the middle of a copy without closing the target as if it were good. Here one thread does it all:
what many files ask goes out together, and what comes is taken apart as it comes. Losing the connection is the
end of every file that was being written on it: the server drops them, as they were to persist on a good close
only.

Servers that want TLS and a bearer token are spoken to by ``securewire``, on the same ground; those that want
another credential, managers, and redirections are the library's (``librarywire``).
"""

from __future__ import annotations

import getpass
import os
import socket
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from transfers.backends.xrootd import protocol
from transfers.backends.xrootd.calls import Call, Opened, Verb
from transfers.backends.xrootd.client import Stat, itself
from transfers.backends.xrootd.errors import REDIRECTED, REFUSED_BY_SERVER, Trouble

CONNECT = 5.0  # seconds until a connection must be there and logged in
_BUFFER = 1 << 18
_VECTORS = 256  # buffers in one system call


class NotPlain(Exception):
    """The server wants what only the client library can do."""


class PlainWire:
    """Wire. Not safe from several threads; ``fileno`` is for a selector."""

    fills = quick = True

    def __init__(self, server: str, connection: socket.socket) -> None:
        self.server = server
        self.trouble: Trouble | None = None
        self._socket = connection
        weakref.finalize(self, connection.close)  # idle ones are just forgotten
        self._out: deque[bytes | memoryview] = deque()
        self._asked: dict[int, Call] = {}
        self._free: list[int] = []
        self._highest = 0
        self._deadlines: dict[int, float] = {}  # of calls that must be answered whatever else passes
        self._again: list[tuple[float, Call]] = []
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._have = 0
        self._direct: memoryview | None = None  # what is to be filled by the body that is coming
        self._direct_end: Callable[[], None] = lambda: None
        self._heard = time.monotonic()

    # -------------------------------------------------------------------- asking
    def fileno(self) -> int:
        return self._socket.fileno()

    _late = False
    """A file may yet be created for nobody: it goes with the connection, which is not kept."""

    @property
    def idle(self) -> bool:
        """Nothing is asked and nothing expected: another call may use it."""
        return not (self._asked or self._out or self._again or self._late or self.trouble)

    @property
    def fresh(self) -> bool:
        """Is an idle connection still there, as far as can be seen?"""
        try:
            self._socket.recv(1, socket.MSG_PEEK)
            return False  # it has ended, or says something that nobody asked
        except BlockingIOError:
            return self.idle
        except OSError:
            return False

    @property
    def wants_to_write(self) -> bool:
        return bool(self._out)

    def submit(self, call: Call) -> None:
        if self.trouble is not None:
            call.land(self.trouble)
            return
        if not self._asked:
            self._heard = time.monotonic()
        stream = self._free.pop() if self._free else self._new_stream()
        self._asked[stream] = call
        if Verb.STAT <= call.verb <= Verb.CHECKSUM:  # not of an open file, and not in a long row
            self._deadlines[stream] = time.monotonic() + call.seconds
        self._out.append(_PACKED[call.verb](stream, call))
        if call.verb is Verb.WRITE and call.length:
            self._out.append(call.data)

    def _new_stream(self) -> int:
        self._highest += 1
        return self._highest

    # ------------------------------------------------------------------ the wire
    _LATER: tuple[type[OSError], ...] = (BlockingIOError,)
    _SHORT_IS_ALL = True
    """Is nothing left to be read when less came than there was room for?"""

    def write(self) -> None:
        """Send what can be sent without waiting."""
        try:
            self._send()
        except self._LATER:
            return
        except OSError as error:
            self.fail(self._trouble_of(error))

    def _trouble_of(self, error: OSError) -> Trouble:
        return of_system(error)

    def _send(self) -> None:
        while self._out:
            parts = list(islice(self._out, _VECTORS))
            sent = self._socket.sendmsg(parts)
            self._heard = time.monotonic()
            for part in parts:
                if sent < len(part):
                    self._out[0] = memoryview(part)[sent:]
                    break
                sent -= len(part)
                self._out.popleft()

    def read(self) -> None:
        """Take what has come, and answer the calls it belongs to."""
        try:
            while self.trouble is None:
                if self._direct is not None:
                    count = self._socket.recv_into(self._direct)
                    self._filled(count)
                    wanted = 1  # more may be there
                else:
                    wanted = _BUFFER - self._have
                    count = self._socket.recv_into(self._view[self._have :])
                    self._have += count
                    self._take_apart()
                if not count:
                    self.fail(Trouble(104, text="the server closed the connection"))
                    return
                self._heard = time.monotonic()
                if count < wanted and self._direct is None and self._SHORT_IS_ALL:
                    return
        except self._LATER:
            return
        except OSError as error:
            self.fail(self._trouble_of(error))

    def _filled(self, count: int) -> None:
        assert self._direct is not None
        if count < len(self._direct):
            self._direct = self._direct[count:]
        elif count:
            self._direct = None
            self._direct_end()

    def _take_apart(self) -> None:
        at, view = 0, self._view
        while self.trouble is None and self._have - at >= protocol.HEADER.size:
            stream, status, length = protocol.HEADER.unpack_from(self._buffer, at)
            body = at + protocol.HEADER.size
            if length < 0:
                self.fail(Trouble(307, text=f"an answer of {length} bytes"))
                return
            if self._have - body >= length:
                self._answer(stream, status, view[body : body + length])
                at = body + length
            elif length > _BUFFER // 2:
                self._begin_direct(stream, status, length, view[body : self._have])
                at = self._have
            else:
                break
        if at:
            rest = self._have - at
            self._buffer[:rest] = self._buffer[at : self._have]
            self._have = rest

    def _begin_direct(self, stream: int, status: int, length: int, part: memoryview) -> None:
        """A long body goes straight to where it belongs."""
        call = self._asked.get(stream)
        into = None
        if call is not None and call.verb is Verb.READ and call.data is not None and status in _DATA:
            into = call.data[call.got : call.got + length]
        if into is not None and len(into) == length:

            def end() -> None:
                assert call is not None
                call.got += length
                if status == protocol.OK:
                    self._land(stream, call.got)
        else:
            into = memoryview(bytearray(length))
            whole = into

            def end() -> None:
                self._answer(stream, status, whole)

        into[: len(part)] = part
        self._direct, self._direct_end = into[len(part) :], end

    # ------------------------------------------------------------------- answers
    def _answer(self, stream: int, status: int, body: memoryview) -> None:
        if status == protocol.ATTENTION:
            if (later := protocol.read_attention(bytes(body))) is not None:
                self._answer(later.stream, later.status, memoryview(later.body))
            return
        call = self._asked.get(stream)
        if call is None:  # of one that was given up
            return
        match status:
            case protocol.OK | protocol.OKSOFAR:
                self._data(stream, call, body, last=status == protocol.OK)
            case protocol.ERROR:
                number, text = protocol.read_error(bytes(body))
                self._land(stream, Trouble(REFUSED_BY_SERVER, number, text))
            case protocol.WAIT:
                self._land_again(stream, call, protocol.read_wait(bytes(body)))
            case protocol.WAITRESP:
                pass
            case protocol.REDIRECT:
                self._land(stream, REDIRECTED)
            case _:
                self._land(stream, Trouble(201, text=f"an answer of status {status}"))

    def _data(self, stream: int, call: Call, body: memoryview, *, last: bool) -> None:
        if call.data is not None and call.verb is Verb.READ:
            if call.got + len(body) > len(call.data):
                self.fail(Trouble(303, text="more bytes than were asked for"))
                return
            call.data[call.got : call.got + len(body)] = body
            call.got += len(body)
            if last:
                self._land(stream, call.got)
            return
        if call.verb is Verb.LIST and len(body):
            call.data.add(body)
        elif not last:
            call.parts = [*(call.parts or ()), bytes(body)]
        if not last:
            return
        read = _MEANING[call.verb]
        if read is None:
            self._land(stream, None)
            return
        whole = b"".join([*call.parts, body]) if call.parts else bytes(body)
        try:
            answer = read(whole)
        except ValueError as problem:
            answer = Trouble(303, text=str(problem))
        self._land(stream, answer)

    def _land(self, stream: int, answer: Any) -> None:
        call = self._asked.pop(stream, None)
        self._deadlines.pop(stream, None)
        self._free.append(stream)
        if call is not None:
            call.land(answer)

    def _land_again(self, stream: int, call: Call, seconds: int) -> None:
        """The server asks to be asked again later."""
        del self._asked[stream]
        self._deadlines.pop(stream, None)
        self._free.append(stream)
        if seconds > call.seconds:
            call.land(Trouble(400, 3024, f"the server asks to come again in {seconds} s"))
        else:
            pause = _pause(call, seconds)
            call.seconds -= pause
            call.waits += 1
            self._again.append((time.monotonic() + pause, call))

    # ----------------------------------------------------------------------- end
    def leave_open(self, call: Call) -> None:
        self._late = True

    def tick(self) -> None:
        """Look at the time: what is due again, what is too late, and whether the server is silent."""
        now = time.monotonic()
        due = [call for at, call in self._again if at <= now]
        self._again = [(at, call) for at, call in self._again if at > now]
        for call in due:
            self.submit(call)
        for stream in [stream for stream, at in self._deadlines.items() if at <= now]:
            del self._deadlines[stream]
            call = self._asked.pop(stream)  # its number is not used again: an answer may come yet
            self._late = self._late or call.verb is Verb.CREATE
            call.land(Trouble(206, text="no answer within the deadline"))
        longest = max((call.seconds for call in self._asked.values()), default=None)
        if longest is not None and now - self._heard > longest:
            self.fail(Trouble(103, text=f"the server has been silent for {longest:.0f} s"))

    def fail(self, trouble: Trouble) -> None:
        """Give up the connection: every open question has this answer. Close it afterwards."""
        if self.trouble is not None:
            return
        self.trouble = trouble
        asked, again = list(self._asked.values()), [call for _, call in self._again]
        self._asked.clear()
        self._again.clear()
        self._deadlines.clear()
        self._out.clear()
        for call in asked + again:
            call.land(trouble)

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()


_DATA = (protocol.OK, protocol.OKSOFAR)


def _pause(call: Call, seconds: int) -> float:
    """When to ask again. A server that computes as many checksums as it can says half a minute, and is often
    free in a moment: it gives the place of one free only after the answer to it has gone."""
    if call.verb is not Verb.CHECKSUM:
        return float(seconds)
    return min(float(seconds), 0.05 * float(1 << call.waits))


def _about_name(pack: Callable[[int, bytes], bytes]) -> Callable[[int, Call], bytes]:
    def packed(stream: int, call: Call) -> bytes:
        name = f"{call.name}?{call.opaque}" if call.opaque else call.name
        return pack(stream, _bytes_of(name))

    return packed


def _bytes_of(name: str) -> bytes:
    return name.encode(errors="surrogateescape")


_PACKED: dict[int, Callable[[int, Call], bytes]] = {
    Verb.OPEN: _about_name(protocol.open_for_reading),
    Verb.CREATE: _about_name(protocol.open_new),
    Verb.STAT: _about_name(protocol.stat),
    Verb.REMOVE: _about_name(protocol.remove),
    Verb.CHECKSUM: _about_name(protocol.checksum),
    Verb.IDENTIFY: _about_name(protocol.stat),
    Verb.LIST: lambda stream, call: protocol.list_directory(stream, _bytes_of(call.name), call.length),
    Verb.READ: lambda stream, call: protocol.read(stream, call.handle, call.offset, call.length),
    Verb.WRITE: lambda stream, call: protocol.write(stream, call.handle, call.offset, call.length),
    Verb.CLOSE: lambda stream, call: protocol.close(stream, call.handle),
}


def _stat(size: int, flags: int, identity: str, modified: int) -> Stat:
    return Stat(size, flags, itself(identity, modified))


def _created(body: bytes) -> Opened:
    if len(body) < 4:
        raise ValueError("no file handle")
    return Opened(body[:4])


_MEANING: dict[int, Callable[[bytes], Any] | None] = {
    Verb.OPEN: lambda body: Opened(body[:4], *protocol.read_stat(body[12:])[:2]),
    Verb.CREATE: _created,
    Verb.READ: lambda body: body,
    Verb.WRITE: None,
    Verb.CLOSE: None,
    Verb.STAT: lambda body: _stat(*protocol.read_stat(body)),
    Verb.REMOVE: None,
    Verb.LIST: None,
    Verb.IDENTIFY: protocol.read_identity,
    Verb.CHECKSUM: lambda body: body,
}
"""What a good answer says; None: nothing. ValueError: it cannot be read."""


def of_system(error: OSError) -> Trouble:
    if isinstance(error, TimeoutError):
        return Trouble(103, error.errno or 0, f"no answer: {error}")
    return Trouble(108, error.errno or 0, f"connection lost: {error}")


# ------------------------------------------------------------------------------------------------ connecting
def connect(server: str, seconds: float = CONNECT) -> PlainWire | Trouble:
    """A new connection, logged in, or why there is none. Raises NotPlain."""
    user, host, port = address_of(server, ("root", "xroot"))
    try:
        connection = socket.create_connection((host, port), timeout=seconds)
    except OSError as error:
        return of_system(error)
    try:
        _greet(connection, user or getpass.getuser(), time.monotonic() + seconds)
    except NotPlain:
        connection.close()
        raise
    except OSError as error:
        connection.close()
        return of_system(error)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    return PlainWire(server, connection)


def address_of(server: str, schemes: Sequence[str]) -> tuple[str, str, int]:
    """User, host and port of a server's URL of one of these schemes. Raises NotPlain."""
    scheme, _, rest = server.partition("://")
    user, _, place = rest.rpartition("@")
    host, _, port = place.rpartition(":") if _has_port(place) else (place, "", "1094")
    if scheme not in schemes or ":" in user:
        raise NotPlain(server)
    return user, host.strip("[]"), int(port)


def _has_port(place: str) -> bool:
    return place.rpartition(":")[2].isdigit() and not place.endswith("]")


def _greet(connection: socket.socket, user: str, end: float) -> None:
    connection.sendall(protocol.greeting())
    for _ in range(protocol.GREETING_ANSWERS):
        status, body = one_answer(connection, end)
    if status != protocol.OK or not protocol.is_plain_server(body):
        raise NotPlain
    connection.sendall(protocol.login(0, os.getpid(), user))
    status, body = one_answer(connection, end)
    if status != protocol.OK or protocol.needs_credential(body):
        raise NotPlain


def one_answer(connection: socket.socket, end: float) -> tuple[int, bytes]:
    _, status, length = protocol.HEADER.unpack(_exactly(connection, protocol.HEADER.size, end))
    if not 0 <= length <= 1 << 16:
        raise NotPlain
    return status, _exactly(connection, length, end)


def _exactly(connection: socket.socket, count: int, end: float) -> bytes:
    parts = b""
    while len(parts) < count:
        connection.settimeout(max(0.001, end - time.monotonic()))
        part = connection.recv(count - len(parts))
        if not part:
            raise ConnectionResetError(104, "the server closed the connection")
        parts += part
    return parts
