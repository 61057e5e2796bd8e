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
        self._patient: list[_Patient] = []
        self._dropped: set[Any] = set()

    def submit(self, call: Call) -> None:
        if call.verb is Verb.CREATE:
            self._create(call)
            return
        if call.verb is Verb.REMOVE and call.handle is not None:
            self._drop(call)
            return
        if call.verb is Verb.CLOSE and call.handle in self._dropped:
            self._post(lambda: call.land(None))  # it is closed when it is removed
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

    # ------------------------------------------------------------------ patience
    def _create(self, call: Call) -> None:
        """A file. The library closes one by itself whose creation it has given up, and that is answered after
        all: an empty file would be seen. So we give it up, and remove it when it is answered."""
        file = xrootd.File()
        patient = self._begin(call, lambda: drop(self.server, call.name, file, lambda status: None))
        url = url_of(self.server, call.name)
        status = file.open(
            url, _CREATE, _MODE, _LATE, lambda status, *_: self._answered(patient, status, file)
        )
        if not status.ok:  # not sent: nobody will call back
            self._answered(patient, status, file)

    def _drop(self, call: Call) -> None:
        """Remove what we hold open, and close it then. A server that is silent hears of it later."""
        self._dropped.add(call.handle)
        patient = self._begin(call, lambda: None)
        drop(self.server, call.name, call.handle, lambda status: self._answered(patient, status, None))

    def _begin(self, call: Call, undo: Callable[[], None]) -> _Patient:
        patient = _Patient(call, time.monotonic() + call.seconds, undo)
        self._patient.append(patient)
        return patient

    def _answered(self, patient: _Patient, status: Any, file: Any) -> None:
        if patient.answer(status):
            self._post(lambda: self._land(patient, file))

    def _land(self, patient: _Patient, file: Any) -> None:
        if patient not in self._patient:
            return  # too late by a moment: it is undone
        self._patient.remove(patient)
        if patient.status is not None and not patient.status.ok:
            patient.call.land(trouble_of(patient.status))
        else:
            patient.call.land(None if file is None else Opened(file))

    def tick(self) -> None:
        now = time.monotonic()
        for patient in [each for each in self._patient if each.end < now and each.status is None]:
            patient.give_up()  # answered meanwhile: undone all the same
            self._patient.remove(patient)
            patient.call.land(NO_ANSWER)

    def close(self) -> None:
        """Nobody waits any more for what was asked."""
        for patient in self._patient:
            patient.give_up()

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


class _Patient:
    """Something for which the library waits longer than we do. Its threads and ours meet here.

    Answered, or given up; what was given up and then answered well is undone.
    """

    def __init__(self, call: Call, end: float, undo: Callable[[], None]) -> None:
        self.call, self.end = call, end
        self.status: Any = None
        self._undo = undo
        self._given_up = False
        self._lock = threading.Lock()

    def answer(self, status: Any) -> bool:
        """The server has answered. False: nobody wants to know."""
        with self._lock:
            self.status = status
            wanted = not self._given_up
        if not wanted and status.ok:
            self._undo()
        return wanted

    def give_up(self) -> None:
        """Nobody wants it any more."""
        with self._lock:
            self._given_up = True
            status = self.status
        if status is not None and status.ok:
            self._undo()


def drop(server: str, name: str, file: Any, told: Callable[[Any], None]) -> None:
    """Remove a file that we have created and hold open, then close it: closed first, it would be seen.

    It is removed after the server has told that it still holds it open for us, so that it is ours. If our
    connection breaks before, the server drops the file by itself. ``told`` is called, by any thread, with the
    status of what came last.
    """

    def held(status: Any, response: Any, hosts: Any) -> None:
        if status.ok:
            status = xrootd.FileSystem(server).rm(name, _LATE, removed)
        if not status.ok:
            removed(status, None, None)

    def removed(status: Any, response: Any, hosts: Any) -> None:
        with suppress(ValueError):  # closed meanwhile, as the connection was lost
            file.close(_LATE, lambda status, response, hosts: None)
        told(status)

    try:
        status = file.stat(True, _LATE, held)
    except ValueError:
        told(_LOST)
        return
    if not status.ok:
        told(status)


class _Lost:
    """The status of a file whose connection was lost."""

    ok, code, errno, message = False, 104, 0, "the connection was lost"


_LOST = _Lost()


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
