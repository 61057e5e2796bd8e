"""Time as an argument: the one place that reads the clock, and the clock of simulations."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What time it is (aware, UTC), and how to let some pass."""

    def now(self) -> datetime: ...

    def sleep(self, duration: timedelta) -> None: ...


class SystemClock:
    """The clock of the machine. Built by ``ddm.app`` and by worker programs, handed to everyone else."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, duration: timedelta) -> None:
        time.sleep(max(0.0, duration.total_seconds()))


class SimulatedClock:
    """A clock that moves only when somebody sleeps: a year of an experiment in seconds."""

    def __init__(self, start: datetime = datetime(2016, 8, 1, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def sleep(self, duration: timedelta) -> None:
        self._now += max(timedelta(0), duration)
