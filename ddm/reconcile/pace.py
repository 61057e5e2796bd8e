"""How fast a storage may be listed: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

ZERO = timedelta(0)


class Pace:
    """So many entries, and so many directories, in a second; 0: no limit.

    What was read must be paid for with time before more is asked for; a second that was not used is lost.
    """

    def __init__(self, entries: int = 0, directories: int = 0) -> None:
        self._each = (_cost(entries), _cost(directories))
        self._free_at: datetime | None = None

    def wait(self, now: datetime) -> timedelta:
        """How long until the next directory may be asked for."""
        return ZERO if self._free_at is None else max(ZERO, self._free_at - now)

    def spent(self, entries: int, now: datetime) -> None:
        """A directory with so many entries was read."""
        cost = max(entries * self._each[0], self._each[1])
        start = now if self._free_at is None else max(self._free_at, now)
        self._free_at = start + cost


def _cost(rate: int) -> timedelta:
    return timedelta(seconds=1 / rate) if rate else ZERO


def time_left(done: int, total: int, took: timedelta) -> timedelta | None:
    """How long the rest takes at the pace so far; None: nobody can tell."""
    if done <= 0 or done >= total or took <= ZERO:
        return None
    return took * ((total - done) / done)
