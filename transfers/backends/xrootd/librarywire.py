"""A way to an XRootD server through the client library: with credentials, TLS, managers and redirections.

The library calls back from threads of its own; the answers go to the engine's mailbox, so that here, too, one
thread does the thinking. Deadlines are ours (``tick``); the library is told later ones for what concerns open
files (``libraryfiles``), where its own are for the whole of a request, waiting in line included, and ours for
silence.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from transfers.backends.xrootd.calls import Call, Opened, Verb
from transfers.backends.xrootd.client import stat_of
from transfers.backends.xrootd.commands import url_of
from transfers.backends.xrootd.errors import NO_ANSWER, Trouble
from transfers.backends.xrootd.library import same_process, trouble_of, xrootd
from transfers.backends.xrootd.libraryfiles import LATE, OpenFile

_flags: Any = import_module("XRootD.client.flags")
_READ = _flags.OpenFlags.READ
_CREATE = _flags.OpenFlags.NEW | _flags.OpenFlags.POSC | _flags.OpenFlags.MAKEPATH | _flags.OpenFlags.WRITE
_CHECKSUM = _flags.QueryCode.CHECKSUM
_MODE = 0o644
_SLOW = 3600  # seconds for bytes on a slow line: the library breaks silent connections off anyway
_SLOWEST = 1_000_000  # bytes per second that any line carries: the library tells of whole blocks only
_GRACE = 2.0  # seconds by which the library may be late with what it gives up itself

Post = Callable[[Callable[[], None]], None]
"""Leaves something to be done with the engine's thread."""


class LibraryWire:
    """Wire."""

    fills = False  # the library gives bytes of its own
    quick = False  # it hands each call from thread to thread

    def __init__(self, server: str, post: Post) -> None:
        same_process()
        self.server = server
        self.trouble: Trouble | None = None  # the library makes new connections by itself
        self._post = post
        self._names = xrootd.FileSystem(server)
        self._asked: dict[_Question, None] = {}
        self._files: set[OpenFile] = set()
        self._heard = 0.0  # when the last bytes came or went
        self._on_their_way = 0  # bytes asked for, or given to be sent

    def submit(self, call: Call) -> None:
        question = _Question(self, call)
        self._asked[question] = None
        self._on_their_way += call.length
        try:
            status = self._send(call, question)
        except ValueError as problem:  # the file is not open any more
            question.land(Trouble(104, text=f"the connection was lost: {problem}"))
            return
        if status is not None and not status.ok:  # not sent: nobody will call back
            question.land(trouble_of(status))

    def _send(self, call: Call, question: _Question) -> Any:
        """The status of sending; None if the question is answered in any case."""
        seconds = max(1, round(call.seconds))
        match call.verb:
            case Verb.READ:
                file = call.handle.file
                return call.handle.ask(
                    lambda: file.read(call.offset, call.length, _SLOW, question.of_open_file)
                )
            case Verb.WRITE:
                # The library sends from this very memory later, and does not keep it alive: the call does.
                call.data = data = call.data if isinstance(call.data, bytes) else bytes(call.data)
                file = call.handle.file
                return call.handle.ask(
                    lambda: file.write(data, call.offset, call.length, _SLOW, question.of_open_file)
                )
            case Verb.OPEN | Verb.CREATE:
                return self._open(call, question)
            case Verb.CLOSE:
                self._files.discard(call.handle)
                return call.handle.close(LATE, question.land)
            case Verb.STAT:
                return self._names.stat(call.name, seconds, question)
            case Verb.REMOVE if call.handle is not None:
                return call.handle.remove(seconds, question.land)
            case Verb.REMOVE:
                return self._names.rm(call.name, seconds, question)
            case _:
                return self._names.query(_CHECKSUM, call.name, seconds, question)

    def _open(self, call: Call, question: _Question) -> Any:
        created = call.verb is Verb.CREATE
        held = OpenFile(self.server, call.name, created=created)
        self._files.add(held)
        question.opening = held
        flags, mode = (_CREATE, _MODE) if created else (_READ, 0)
        url = url_of(self.server, call.name) + (f"?{call.opaque}" if call.opaque else "")
        status = held.ask(lambda: held.file.open(url, flags, mode, LATE, question.of_opening))
        if not status.ok:
            held.opened(False)
        return status

    # ------------------------------------------------------------------- answers
    def landed(self, question: _Question, answer: Any) -> None:
        """By the engine's thread. Answers to what was given up find nobody."""
        if question not in self._asked:
            return
        del self._asked[question]
        self._on_their_way -= question.call.length
        if question.opening is not None and isinstance(answer, Trouble):
            self._files.discard(question.opening)
        question.call.land(answer)

    def told(self, question: _Question, status: Any, response: Any) -> None:
        """By the engine's thread: what the library said."""
        if question.call.verb in _BYTES:
            self._heard = time.monotonic()
        self.landed(question, _meaning(question, response) if status.ok else trouble_of(status))

    def tick(self) -> None:
        now = time.monotonic()
        patience = self._on_their_way / _SLOWEST
        for question in [each for each in self._asked if each.late(now, self._heard, patience)]:
            if question.opening is not None:
                question.opening.give_up()
            self.landed(question, NO_ANSWER)

    def leave_open(self, call: Call) -> None:
        """It is not closed, but the server is asked once more, with more patience, to remove it."""
        self._files.discard(call.handle)
        call.handle.give_up()

    def close(self) -> None:
        """Nobody waits any more for what was asked."""
        self._asked.clear()
        for held in self._files:
            held.give_up()
        self._files.clear()


_BYTES = (Verb.READ, Verb.WRITE)
_OURS = (Verb.OPEN, Verb.CREATE, Verb.CLOSE)
"""What the library is told to wait longer for than we do."""


class _Question:
    """A call that is asked, and what the library calls back. Not to be given up before ``_end``."""

    __slots__ = ("_end", "_since", "call", "opening", "wire")

    def __init__(self, wire: LibraryWire, call: Call) -> None:
        self.wire, self.call = wire, call
        self.opening: OpenFile | None = None
        self._since = time.monotonic()
        self._end = self._since + call.seconds + (0.0 if call.verb in _OURS else _GRACE)

    def __call__(self, status: Any, response: Any, hosts: Any) -> None:
        self.wire._post(partial(self.wire.told, self, status, response))

    def of_open_file(self, status: Any, response: Any, hosts: Any) -> None:
        self.call.handle.answered()  # first: the engine may close it at once
        self(status, response, hosts)

    def of_opening(self, status: Any, response: Any, hosts: Any) -> None:
        assert self.opening is not None
        self.opening.opened(status.ok)
        self.opening.answered()
        self(status, response, hosts)

    def land(self, answer: Any) -> None:
        self.wire._post(partial(self.wire.landed, self, answer))

    def late(self, now: float, heard: float, patience: float) -> bool:
        if self.call.verb in _BYTES:
            return now - max(heard, self._since) > self.call.seconds + patience
        return now > self._end


def _meaning(question: _Question, response: Any) -> Any:
    """What a good answer says. One that cannot be read is a Trouble."""
    call = question.call
    match call.verb:
        case Verb.OPEN | Verb.CREATE:
            return Opened(question.opening)
        case Verb.STAT:
            try:
                return stat_of(response)
            except (AttributeError, TypeError, ValueError):
                return Trouble(303, text=f"unreadable answer to stat: {response!r}")
        case Verb.READ | Verb.CHECKSUM:
            if not isinstance(response, bytes):
                return Trouble(303, text=f"unreadable answer: {type(response)}")
            if call.verb is Verb.CHECKSUM or call.data is None:
                return response
            call.data[: len(response)] = response
            return len(response)
        case _:
            return None
