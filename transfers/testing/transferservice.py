"""A service that makes copies, in this process and under its clock: for simulations and tests of callers.

It outlives the program that asks it, as a real one does: what was asked under a label is never asked for
twice. Each copy takes its time and is made by the copier of the destination; ``moved`` counts whose bytes
were moved how often, ``asked`` under how many labels it was asked for. It forgets, and refuses tape, when
told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from catalog.clock import Clock
from transfers.errors import NotArchived, RequestVanished, StorageError, Unsupported, failed
from transfers.model import (
    CopyOrder,
    Done,
    Failed,
    Observed,
    Outcome,
    Pending,
    TransferOrder,
    TransferReceipt,
    Unknown,
)
from transfers.ports import Storage


@dataclass(slots=True)
class _Copy:
    order: TransferOrder
    due: datetime
    outcome: Outcome = field(default_factory=Pending)
    landed_at: datetime | None = None

    @property
    def over(self) -> bool:
        return not isinstance(self.outcome, Pending)


class TransferService:
    """Copies to one destination. Transferrer."""

    def __init__(
        self, clock: Clock, destination: Storage, *, duration: timedelta = timedelta(minutes=10)
    ) -> None:
        self._clock, self._destination, self._duration = clock, destination, duration
        self._requests: dict[str, dict[str, _Copy]] = {}
        self.moved: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.tape_refused = False

    def forget(self, token: str) -> None:
        """Lose a request."""
        self._requests.pop(token, None)

    # the port

    def submit(self, orders: Sequence[TransferOrder], *, label: str) -> TransferReceipt:
        token = f"transfer:{label}"
        told: dict[str, Outcome] = {}
        copies = self._requests.setdefault(token, {})
        for order in orders:
            if order.path not in copies and (not order.sources or order.hops):
                told[order.path] = failed(Unsupported, f"{order.path}: no source, or hops")
                continue
            if order.path not in copies:
                copies[order.path] = _Copy(order, self._clock.now() + self._duration)
                self.asked[order.path] += 1
            told[order.path] = Pending()
        return TransferReceipt(token if copies else "", told)

    def poll(self, requests: Mapping[str, Sequence[str]]) -> Mapping[str, Mapping[str, Outcome]]:
        self.run()
        return {token: {path: self._told(token, path) for path in paths} for token, paths in requests.items()}

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        self.run()
        copies = self._requests.get(token, {})
        for path in paths:
            copy = copies.get(path)
            if copy is not None and not copy.over and copy.landed_at is None:
                copy.outcome = failed(RequestVanished, f"{path}: cancelled")
        return {path: Done() for path in paths}

    # inside

    def run(self) -> None:
        """Make the copies that are due by now."""
        for copies in self._requests.values():
            for copy in copies.values():
                if not copy.over and copy.due <= self._clock.now():
                    self._go_on(copy)

    def _told(self, token: str, path: str) -> Outcome:
        copy = self._requests.get(token, {}).get(path)
        return failed(RequestVanished, f"{path}: never heard of it") if copy is None else copy.outcome

    def _go_on(self, copy: _Copy) -> None:
        if copy.landed_at is None:
            copy.outcome = self._copied(copy.order)
            if copy.outcome != Done() or copy.order.archive_timeout is None:
                return
            copy.landed_at, copy.outcome = self._clock.now(), Pending(landed=True)
        self._look_at_tape(copy, copy.landed_at)

    def _copied(self, order: TransferOrder) -> Outcome:
        there = isinstance(self._seen(order.path), Observed)
        outcome: Outcome = Unknown(order.path)
        for source in order.sources:
            try:
                asked = CopyOrder(order.path, source, order.size, order.adler32)
                outcome = self._destination.copier.copy([asked])[order.path]
            except StorageError as error:
                outcome = failed(type(error), str(error))
            if isinstance(outcome, Done):
                outcome = Done(adopted=there)
                self.moved[order.path] += not there
                break
        return outcome

    def _look_at_tape(self, copy: _Copy, since: datetime) -> None:
        seen = None if self.tape_refused else self._seen(copy.order.path)
        timeout = copy.order.archive_timeout or timedelta(0)
        if isinstance(seen, Observed) and seen.locality.on_tape:
            copy.outcome = Done()
        elif isinstance(seen, Failed) or self._clock.now() - since > timeout:
            copy.outcome = failed(NotArchived, f"{copy.order.path}: not on tape in time")

    def _seen(self, path: str) -> object:
        try:
            return self._destination.prober.probe([path])[path]
        except StorageError:
            return None
