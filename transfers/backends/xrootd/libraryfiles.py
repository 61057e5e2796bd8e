"""Files that the client library has open, each kept until it is closed.

The library closes a file that is forgotten while it is open: as if it were good, in the thread that forgets
it (one of its own, if that has the last answer), and with the interpreter held, without which no other answer
can come. So none is forgotten. It refuses to close a file of which something is still asked; so that waits
for the last answer. And it closes, by itself, a file whose opening it has given up and that is answered after
all; of one that was to be created, an empty file would be seen. So it is told to wait longer than we do.
When the interpreter ends the library closes what is open then: what we have created is hidden from that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from transfers.backends.xrootd.errors import NO_ANSWER, Trouble
from transfers.backends.xrootd.library import new_file, trouble_of, xrootd
from transfers.errors import FileMissing

LATE = 300  # seconds that the library waits for what we may have given up

_kept: set[OpenFile] = set()
"""Also those that must never be closed: the server drops them when this process has ended."""

_LOST = (102, 103, 104, 105, 106, 107, 108, 109)
"""Codes of a lost connection: to close a file that was open on it harms nobody."""

_NOT_NOW = (3, 10)
"""Codes by which the library refuses to close: something is asked, or it is being closed."""

Land = Callable[[Trouble | None], None]


class OpenFile:
    """A file, from before it is open until it is closed. The library's threads and ours meet here.

    ``created``: it must not be closed before all of it is there, or it is removed.
    """

    def __init__(self, server: str, name: str, *, created: bool) -> None:
        self.file = new_file(written=created)
        if created:
            self.file.is_open = _never  # or the library closes it when the interpreter ends
        self._server, self._name, self._created = server, name, created
        self._lock = threading.Lock()
        self._asked = 0
        self._opened = self._lost = False
        self._at_rest: Callable[[], None] | None = None
        _kept.add(self)

    # ------------------------------------------------------------------- asking
    def ask(self, send: Callable[[], Any]) -> Any:
        """Send something about the file, and give the status of that. ``answered`` must follow its answer."""
        with self._lock:
            self._asked += 1
        try:
            status = send()
        except ValueError:  # the binding's word for: it is not open any more
            self.answered()
            raise
        if not status.ok:
            self.answered()
        return status

    def opened(self, good: bool) -> None:
        """The opening is answered: to be told before ``answered``."""
        with self._lock:
            self._opened = good
        if not good:
            _kept.discard(self)

    def answered(self) -> None:
        with self._lock:
            self._asked -= 1
            act = None if self._asked else self._at_rest
            if act is not None:
                self._at_rest = None
        if act is not None:
            act()

    def when_at_rest(self, act: Callable[[], None]) -> bool:
        """Do this when nothing more is asked: at once (True), or after the last answer."""
        with self._lock:
            if self._asked:
                self._at_rest = act
                return False
        act()
        return True

    # ------------------------------------------------------------------ the end
    def close(self, seconds: int, land: Land) -> None:
        """Close it as good. What is still asked goes first; then nobody waits for the end of it."""
        if not self.when_at_rest(lambda: self._close(seconds, land)):
            land(NO_ANSWER)

    def remove(self, seconds: int, land: Land) -> None:
        """Remove what we have created and not closed, if it is still ours: if the connection is still there.

        When that is lost the server drops the file, and what has its name then may be another's.
        """
        files = xrootd.FileSystem(self._server)

        def removed(status: Any, response: Any, hosts: Any, kept: Any = files) -> None:
            land(None if status.ok else trouble_of(status))

        def looked(status: Any, response: Any, hosts: Any) -> None:
            self._lost = not status.ok and status.code in _LOST
            self.answered()
            sent = files.rm(self._name, seconds, removed) if status.ok else status
            if not sent.ok:
                land(trouble_of(sent))

        try:
            sent = self.ask(lambda: self.file.stat(True, seconds, looked))
        except ValueError:
            land(NO_ANSWER)
            return
        if not sent.ok:
            self._lost = sent.code in _LOST
            land(trouble_of(sent))

    def give_up(self) -> None:
        """Nobody wants it any more. What was created is removed, or else never closed."""
        self.when_at_rest(self._undo)

    def _undo(self) -> None:
        if not self._opened:
            return
        if self._created:
            self.remove(LATE, self._removed)
        else:
            self._close(LATE, _nobody)

    def _removed(self, trouble: Trouble | None) -> None:
        if trouble is None or issubclass(trouble.error, FileMissing) or self._lost:
            self._close(LATE, _nobody)

    def _close(self, seconds: int, land: Land) -> None:
        def closed(status: Any, response: Any, hosts: Any) -> None:
            self._closed()
            land(None if status.ok else trouble_of(status))

        try:
            status = self.file.close(seconds, closed)
        except ValueError:
            self._closed()
            land(NO_ANSWER)
            return
        if not status.ok:
            if status.code not in _NOT_NOW:
                self._closed()
            land(trouble_of(status))

    def _closed(self) -> None:
        with self._lock:
            self._opened = False
        _kept.discard(self)


def _never() -> bool:
    return False


def _nobody(trouble: Trouble | None) -> None:
    """Nobody waits for it."""


def kept() -> int:
    """How many files are open, or were given up and must not be closed."""
    return len(_kept)
