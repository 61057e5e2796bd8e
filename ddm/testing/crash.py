"""Stopping the program at any crossing of its seam, as a crash would: for tests.

A journey is run once with ``StoppingSeam()``, which only counts. Then it is run again and again, stopped
before or after the n-th crossing each time, and started anew on what was left: the end must be the same.

    seam = StoppingSeam(at=17, when=When.AFTER)
    try:
        flow.run(world.open(seam))
    except Stopped:
        flow.run(world.open())
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class Stopped(BaseException):
    """The program ends here. Nothing of the program catches it, as nothing catches ``kill -9``."""


class When(StrEnum):
    """On which side of a crossing the program ends.

    BEFORE: what was asked did not happen. AFTER: it happened, and the program did not hear of it.
    """

    BEFORE = "before"
    AFTER = "after"


class StoppingSeam:
    """Counts the crossings by name, and raises ``Stopped`` at the ``at``-th (from 1; None: never).

    Once stopped it lets nothing through any more: a dead program tidies nothing up.
    """

    def __init__(self, at: int | None = None, when: When = When.BEFORE) -> None:
        self._at = at
        self._when = when
        self.crossings: list[str] = []
        self.stopped = False

    @property
    def where(self) -> str:
        """The last crossing, for messages: ``after crossing 17 (commit)``."""
        last = self.crossings[-1] if self.crossings else "none"
        return f"{self._when} crossing {len(self.crossings)} ({last})"

    @contextmanager
    def crossing(self, name: str) -> Iterator[None]:
        if self.stopped:
            raise Stopped(self.where)
        self.crossings.append(name)
        here = len(self.crossings) == self._at
        if here and self._when is When.BEFORE:
            self._stop()
        yield
        if here:
            self._stop()

    def _stop(self) -> None:
        self.stopped = True
        raise Stopped(self.where)
