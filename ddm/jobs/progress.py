"""How far a job is, for people: one line that changes on a terminal, now and then a plain line in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from typing import TextIO

from catalog.units import human_size


class Teller:
    """A watch (``transfers.watch``) that tells people. ``name`` stands before each line; quiet without one.

    ``stopping``: the watch ends what is under way. ``polite``: a signal sets that, and does not break off by
    itself, so that whoever is at work can say what it has done already.
    """

    def __init__(self, name: str = "", out: TextIO | None = None, *, every: float = 10.0) -> None:
        self._name = name
        self._out = out or sys.stderr
        self._terminal = bool(name) and self._out.isatty()
        self._every = 0.2 if self._terminal else every
        self._said = time.monotonic()
        self._lock = threading.Lock()
        self._what, self._files, self._size = "", 0, 0
        self._sizes: dict[str, int] = {}
        self._taken = self._bytes = 0
        self._open = self._put = False
        self.stopping = self.polite = False
        self._moving: dict[str, int] = {}

    def begin(self, what: str, files: Sequence[tuple[str, int]], *, put: bool = False) -> None:
        """These files (LFN, bytes) are now taken, for what is named so; or ``put`` to storage."""
        self._put = put
        self._what, self._sizes = what, dict(files)
        self._files, self._size = len(files), sum(self._sizes.values())
        self._taken = self._bytes = 0
        self._moving.clear()

    def took(self, lfn: str) -> None:
        """This file is there, and is being read."""
        self._taken += 1
        self._bytes += self._sizes.get(lfn, 0)
        self._tell()

    def moved(self, key: str, done: int) -> None:
        self._moving[key] = done
        self._tell()

    def stopped(self) -> bool:
        return self.stopping

    def say(self, text: str) -> None:
        """A line of its own."""
        if self._name:
            with self._lock:
                self._clear()
                print(f"{self._name}: {text}", file=self._out, flush=True)

    def end(self) -> None:
        """Somebody else has the word: a line that was left open is closed."""
        with self._lock:
            self._close()

    def _tell(self) -> None:
        now = time.monotonic()
        if not self._name or now - self._said < self._every or not self._lock.acquire(blocking=False):
            return
        try:
            self._said = now
            text = f"{self._name}: {self._line()}"
            if self._terminal:
                self._out.write(f"\r\x1b[K{text[:110]}")
                self._open = True
            else:
                self._out.write(f"{text}\n")
            self._out.flush()
        finally:
            self._lock.release()

    def _line(self) -> str:
        arrived = sum(list(self._moving.values()))
        if self._put:
            return f"{self._what}: {human_size(arrived)} of {human_size(self._size)} put to storage"
        return (
            f"{self._what}: {self._taken} of {self._files} files, {human_size(self._bytes)} of"
            f" {human_size(self._size)} read, {human_size(arrived)} came"
        )

    def _clear(self) -> None:
        """Take the line that was left open back."""
        if self._open:
            self._out.write("\r\x1b[K")
            self._open = False

    def _close(self) -> None:
        """Begin a new line where one was left open."""
        if self._open:
            self._out.write("\n")
            self._open = False
