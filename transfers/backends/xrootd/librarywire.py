"""A way to an XRootD server through the client library: with credentials, TLS, managers and redirections.

The library calls back from threads of its own; the answers go to the engine's mailbox, so that here, too, one
thread does the thinking. Files do not recover a lost connection by themselves (``library.LIMITS``).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from transfers.backends.xrootd.calls import Call, Opened, Verb
from transfers.backends.xrootd.client import Stat
from transfers.backends.xrootd.commands import url_of
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.library import same_process, trouble_of, xrootd

_flags: Any = import_module("XRootD.client.flags")
_CREATE = _flags.OpenFlags.NEW | _flags.OpenFlags.POSC | _flags.OpenFlags.MAKEPATH | _flags.OpenFlags.WRITE
_MODE = 0o644

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

    def submit(self, call: Call) -> None:
        handle = call.handle

        def callback(status: Any, response: Any, hosts: Any) -> None:
            answer = _meaning(call, handle, response) if status.ok else trouble_of(status)
            self._post(lambda: call.land(answer))

        if call.verb in (Verb.OPEN, Verb.CREATE):
            handle = xrootd.File()
        status = self._send(call, handle, max(1, round(call.seconds)), callback)
        if not status.ok:  # not sent: nobody will call back
            trouble = trouble_of(status)
            self._post(lambda: call.land(trouble))

    def _send(self, call: Call, handle: Any, seconds: int, callback: Any) -> Any:
        match call.verb:
            case Verb.OPEN:
                url = url_of(self.server, call.name)
                return handle.open(url, _flags.OpenFlags.READ, 0, seconds, callback)
            case Verb.CREATE:
                return handle.open(url_of(self.server, call.name), _CREATE, _MODE, seconds, callback)
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


def _meaning(call: Call, handle: Any, response: Any) -> Any:
    """What a good answer says. One that cannot be read is a Trouble."""
    match call.verb:
        case Verb.OPEN | Verb.CREATE:
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
