"""What a process knows of its endpoints and links: their breakers, their slots, and what was seen of late.

One board for a process, or for a test. Endpoints go by their name, links by ``host>name`` (``link``): where
the bytes come from, and the endpoint that they go to. Safe from several threads. Time and chance are given.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from catalog.clock import Clock
from transfers.breaker import Breaker, BreakerState, Evidence, Limits, Permit, Refused, admit, heard, sentence
from transfers.errors import CircuitOpen, EndpointBusy
from transfers.sources import HALF_LIFE, Record

LOG = logging.getLogger("transfers")


def link(source: str, endpoint: str) -> str:
    """The name of the link from a source's URL to an endpoint."""
    try:
        host = urlsplit(source).hostname
    except ValueError:
        host = None
    return f"{host or 'local'}>{endpoint}"


class Board:
    """Breakers and records by name. A breaker that trips is told in the log, and so is its recovery."""

    def __init__(
        self,
        clock: Clock,
        *,
        limits: Limits = Limits(),  # noqa: B008  a frozen value
        chance: Callable[[], float] = lambda: 0.0,
        half_life: timedelta = HALF_LIFE,
        changed: Callable[[Sequence[Breaker]], None] = lambda breakers: None,
    ) -> None:
        """``changed`` is given those that are not CLOSED when one trips or recovers; it must not raise."""
        self._clock, self._limits, self._chance, self._half_life = clock, limits, chance, half_life
        self._changed = changed
        self._lock = threading.Lock()
        self._breakers: dict[str, Breaker] = {}
        self._records: dict[str, Record] = {}

    def admit(self, name: str) -> Permit:
        """Leave to make a call; give it back with ``heard``, whatever happens. Raises CircuitOpen."""
        with self._lock:
            known = self._breakers.get(name, Breaker(name))
            self._breakers[name], answer = admit(known, self._clock.now(), self._limits)
        if isinstance(answer, Refused):
            raise CircuitOpen(answer.text, subject=name, since=answer.since, next_at=answer.next_at)
        return answer

    def heard(
        self, name: str, permit: Permit, evidence: Evidence, *, cause: str = "", text: str = ""
    ) -> None:
        """What came of the call."""
        with self._lock:
            now = self._clock.now()
            before = self._breakers.get(name, Breaker(name))
            after = heard(
                before,
                permit,
                evidence,
                now,
                self._limits,
                cause=cause,
                text=text,
                chance=self._chance(),
            )
            self._breakers[name] = after
            if evidence is not Evidence.NONE:
                record = self._records.get(name, Record())
                self._records[name] = record.seen(evidence is Evidence.GOOD, now, self._half_life)
        self._tell(before, after)

    def _tell(self, before: Breaker, after: Breaker) -> None:
        if after.turn == before.turn:
            return
        if after.state is BreakerState.OPEN:
            LOG.error("%s", sentence(after))
        elif after.state is BreakerState.CLOSED:
            LOG.warning("%s answers again; it was not called since %s", after.name, before.since)
        self._changed(self.look())

    def look(self) -> list[Breaker]:
        """The breakers that are not CLOSED, by name."""
        with self._lock:
            known = sorted(self._breakers.values(), key=lambda breaker: breaker.name)
        return [breaker for breaker in known if breaker.state is not BreakerState.CLOSED]

    def closed_because(self, name: str) -> str:
        """Why nothing should be sent there now; "" if there is no reason."""
        with self._lock:
            breaker = self._breakers.get(name, Breaker(name))
        if breaker.state is not BreakerState.OPEN or (
            breaker.next_at is not None and breaker.next_at <= self._clock.now()
        ):
            return ""
        return sentence(breaker)

    def records(self) -> Mapping[str, Record]:
        """What was seen of late, for ``sources.order``."""
        with self._lock:
            return dict(self._records)


class Slots:
    """So many calls at a time for each name; others wait for their turn, in no order."""

    def __init__(self, clock: Clock, *, longest: timedelta = timedelta(minutes=10)) -> None:
        self._clock, self._longest = clock, longest
        self._freed = threading.Condition()
        self._used: dict[str, int] = {}

    @contextmanager
    def taken(self, wanted: Sequence[tuple[str, int]]) -> Iterator[None]:
        """A slot of each (name, how many there are) while the block lasts.

        Raises EndpointBusy when one has not come free for ``longest``; then none is kept. Slots are taken in
        the order of their names, so that two who want the same ones never wait for each other.
        """
        with ExitStack() as taken:
            for name, slots in sorted(set(wanted)):
                self._take(name, slots)
                taken.callback(self._give, name)
            yield

    def _take(self, name: str, slots: int) -> None:
        end = self._clock.now() + self._longest
        with self._freed:
            while self._used.get(name, 0) >= slots:
                left = end - self._clock.now()
                if left <= timedelta(0):
                    raise EndpointBusy(
                        f"{name}: all {slots} calls that we allow at a time were taken for {self._longest}",
                        subject=name,
                        advice="raise the limit in [limits] or of the endpoint, if the service bears it",
                    )
                self._freed.wait(left.total_seconds())
            self._used[name] = self._used.get(name, 0) + 1

    def _give(self, name: str) -> None:
        with self._freed:
            self._used[name] -= 1
            self._freed.notify_all()

    def used(self) -> Mapping[str, int]:
        """Slots taken now, by name."""
        with self._freed:
            return {name: count for name, count in sorted(self._used.items()) if count}
