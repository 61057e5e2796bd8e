"""A way to an XRootD server through the client library: with credentials, TLS, managers and redirections.

The library calls back from threads of its own; the answers go to the engine's mailbox, so that here, too, one
thread does the thinking. Files do not recover a lost connection by themselves (``library.LIMITS``).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from transfers.backends.xrootd.calls import Call, Opened, Verb
from transfers.backends.xrootd.client import Stat
from transfers.backends.xrootd.commands import url_of
from transfers.backends.xrootd.errors import NO_ANSWER, Trouble
from transfers.backends.xrootd.library import same_process, trouble_of, xrootd

_flags: Any = import_module("XRootD.client.flags")
_CREATE = _flags.OpenFlags.NEW | _flags.OpenFlags.POSC | _flags.OpenFlags.MAKEPATH | _flags.OpenFlags.WRITE
_MODE = 0o644
_LATE = 300  # seconds for what nobody waits for

Post = Callable[[Callable[[], None]], None]
"""Leaves something to be done with the engine's thread."""


class LibraryWire:
    """Wire."""

    def __init__(self, server: str, post: Post) -> None:
        same_process()
        self.server = server
        self.trouble: Trouble | None = None  # the library makes new connections by itself
        self._post = post
        self._names = xrootd.FileSystem(server)
        self._creations: list[_Creation] = []

    def submit(self, call: Call) -> None:
        if call.verb is Verb.CREATE:
            self._create(call)
            return
        handle = call.handle

        def callback(status: Any, response: Any, hosts: Any) -> None:
            answer = _meaning(call, handle, response) if status.ok else trouble_of(status)
            self._post(lambda: call.land(answer))

        if call.verb is Verb.OPEN:
            handle = xrootd.File()
        status = self._send(call, handle, max(1, round(call.seconds)), callback)
        if not status.ok:  # not sent: nobody will call back
            trouble = trouble_of(status)
            self._post(lambda: call.land(trouble))

    # ------------------------------------------------------------------- creating
    def _create(self, call: Call) -> None:
        """Nobody but us gives up the creation of a file: see ``_Creation``."""
        creation = _Creation(call, xrootd.File(), time.monotonic() + call.seconds)

        def callback(status: Any, response: Any, hosts: Any) -> None:
            if creation.answer(status):
                self._post(lambda: self._land(creation))

        url = url_of(self.server, call.name)
        self._creations.append(creation)
        status = creation.file.open(url, _CREATE, _MODE, _LATE, callback)
        if not status.ok:  # not sent: nobody will call back
            creation.answer(status)
            self._post(lambda: self._land(creation))

    def _land(self, creation: _Creation) -> None:
        if creation not in self._creations:
            return  # too late by a moment: it is undone
        self._creations.remove(creation)
        good = creation.status.ok
        creation.call.land(Opened(creation.file) if good else trouble_of(creation.status))

    def tick(self) -> None:
        now = time.monotonic()
        for creation in [each for each in self._creations if each.end < now and each.status is None]:
            creation.give_up()  # answered meanwhile: undone all the same
            self._creations.remove(creation)
            creation.call.land(NO_ANSWER)

    def close(self) -> None:
        """Nobody waits any more for what was asked."""
        for creation in self._creations:
            creation.give_up()

    def _send(self, call: Call, handle: Any, seconds: int, callback: Any) -> Any:
        match call.verb:
            case Verb.OPEN:
                url = url_of(self.server, call.name)
                return handle.open(url, _flags.OpenFlags.READ, 0, seconds, callback)
            case Verb.READ:
                return handle.read(call.offset, call.length, seconds, callback)
            case Verb.WRITE:
                # The library sends from this very memory later, and does not keep it alive: the call does.
                call.data = call.data if isinstance(call.data, bytes) else bytes(call.data)
                return handle.write(call.data, call.offset, call.length, seconds, callback)
            case Verb.CLOSE:
                return handle.close(seconds, callback)
            case Verb.STAT:
                return self._names.stat(call.name, seconds, callback)
            case Verb.REMOVE:
                return self._names.rm(call.name, seconds, callback)
            case _:
                return self._names.query(_flags.QueryCode.CHECKSUM, call.name, seconds, callback)


class _Creation:
    """A file that is being created. Answered, or given up and then undone.

    The library closes a file by itself whose creation it has given up itself, and that is answered after all:
    an empty file would be seen. So it is told to wait much longer than we do. Its threads and ours meet here.
    """

    def __init__(self, call: Call, file: Any, end: float) -> None:
        self.call, self.file, self.end = call, file, end
        self.status: Any = None
        self._given_up = False
        self._lock = threading.Lock()

    def answer(self, status: Any) -> bool:
        """The server has answered. False: nobody wants to know."""
        with self._lock:
            self.status = status
            wanted = not self._given_up
        if not wanted:
            self._undo()
        return wanted

    def give_up(self) -> None:
        """Nobody wants the file any more."""
        with self._lock:
            self._given_up = True
            answered = self.status is not None
        if answered:
            self._undo()

    def _undo(self) -> None:
        """Remove the file, if there is one, and then close it."""
        if not self.status.ok:
            return
        files, file = xrootd.FileSystem(self.call.wire.server), self.file  # type: ignore[union-attr]

        def removed(status: Any, response: Any, hosts: Any) -> None:
            with suppress(ValueError):  # closed, as the connection was lost
                file.close(_LATE, lambda status, response, hosts: None)

        files.rm(self.call.name, _LATE, removed)


def _meaning(call: Call, handle: Any, response: Any) -> Any:
    """What a good answer says. One that cannot be read is a Trouble."""
    match call.verb:
        case Verb.OPEN:
            return Opened(handle)
        case Verb.STAT:
            try:
                return Stat(int(response.size), int(response.flags))
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
