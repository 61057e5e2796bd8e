"""Looking on while bytes move: progress for people, and a way to stop that leaves nothing half done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from transfers.errors import TransferStopped


class Watch(Protocol):
    """Told by a copier how far each file is, and asked by it whether to go on. Called from any thread, often:
    both methods return at once and never raise."""

    def moved(self, key: str, done: int) -> None:
        """So many bytes of this order have moved (of its attempt: after a retry the number begins anew).

        ``key`` is what the order's outcome is keyed by.
        """
        ...

    def stopped(self) -> bool:
        """True: the person or program has had enough. Files under way are given up and cleaned away, and they
        and all that did not begin are ``Failed("transfer_stopped")``."""
        ...


class _Nobody:
    def moved(self, key: str, done: int) -> None:
        """Nobody looks."""

    def stopped(self) -> bool:
        return False


UNWATCHED: Watch = _Nobody()


Meter = Callable[[int], None]
"""Told how many bytes of one file have moved. Raises TransferStopped when no more shall."""


def meter(watch: Watch, key: str) -> Meter:
    """The watch as whoever moves the bytes of one order needs it."""

    def moved(done: int) -> None:
        if watch.stopped():
            raise TransferStopped(f"{key}: stopped after {done} bytes", subject=key)
        watch.moved(key, done)

    return moved


def unmetered(done: int) -> None:
    """Nobody looks at this file."""
