"""A storage under test with ways around it, and what all suites share."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.checksum import Adler32, adler32
from catalog.clock import Clock
from transfers.model import CopyOrder, Done, Failed, FetchOrder, Observed, Outcome, Pending
from transfers.ports import Copier, Storage

Contents = tuple[int, Adler32]
"""Size and adler32: what a file holds, as far as these tests care."""

ODD_NAMES = (
    "with space.raw",
    "grün-Ω-файл.raw",
    "100%25.raw",
    "a+b.raw",
    "#hash&amp=1;x.raw",
    "run_[000],'q'.root.001",
)


def contents(data: bytes) -> Contents:
    """What a file with these bytes holds."""
    return len(data), adler32([data])


def fetched(copier: Copier, path: str, destination: str, wanted: Contents | None = None) -> Outcome:
    """The outcome of fetching one file, compared with what is wanted, if anything is."""
    order = FetchOrder(path, destination, *(wanted or (None, None)))
    outcomes = copier.fetch([order])
    assert set(outcomes) == {destination}
    return outcomes[destination]


def settle_by_clock(
    clock: Clock,
    condition: Callable[[], bool],
    *,
    step: timedelta = timedelta(seconds=5),
    limit: timedelta = timedelta(days=2),
) -> None:
    """Let simulated time pass until the condition holds; fails the test after ``limit``."""
    end = clock.now() + limit
    while not condition():
        assert clock.now() < end, f"did not settle within {limit} of simulated time"
        clock.sleep(step)


def settle_for_real(condition: Callable[[], bool], *, every: float = 0.05, limit: float = 30.0) -> None:
    """Ask again in real time until the condition holds; fails the test after ``limit`` seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"did not settle within {limit} s"
        time.sleep(every)


class Rig(ABC):
    """A storage under test, and the ways around it.

    ``base``: directory (at the endpoint) of this test's files. ``fetches``: the backend has real bytes to
    fetch. ``slow_archive``: a written file is for a moment in the buffer only (tape). ``nearline_checksum``:
    the service knows the checksum of a nearline file without recalling it.
    """

    storage: Storage
    base: str = "/suite"
    fetches: bool = True
    slow_archive: bool = True
    nearline_checksum: bool = True

    def __init__(self, directory: Path) -> None:
        """``directory``: an empty local directory for sources and fetched files."""
        self.directory = directory

    def path(self, name: str) -> str:
        """The path at the endpoint of one of this test's files."""
        return f"{self.base}/{name}"

    @abstractmethod
    def put(self, path: str, data: bytes) -> None:
        """Make a readable file at the endpoint; at a tape endpoint it is on tape as well."""

    def put_on_tape(self, path: str, data: bytes) -> None:
        """Make a file that is on tape only. Tape endpoints only."""
        raise NotImplementedError

    @abstractmethod
    def look(self, path: str) -> Contents | None:
        """What is there, online or on tape, or None: seen without the ports."""

    @abstractmethod
    def names(self) -> set[str]:
        """Every file under ``base``, temporary ones too, as paths at the endpoint: seen without the ports."""

    def source(self, name: str, data: bytes) -> str:
        """Make a file that ``copy`` can read, and give its URL. Default: a local file."""
        place = self.directory / "sources" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return f"file://{place}"

    def read(self, path: str) -> Contents | Failed:
        """What a reader gets. Default: fetch it and look at the local file."""
        local = self.directory / "fetched" / str(time.monotonic_ns())
        local.parent.mkdir(parents=True, exist_ok=True)
        outcome = self.fetched(path, str(local))
        if isinstance(outcome, Done):
            return contents(local.read_bytes())
        assert not local.exists(), "a fetch that is not Done left a file"
        assert isinstance(outcome, Failed), outcome
        return outcome

    def fetched(self, path: str, destination: str, wanted: Contents | None = None) -> Outcome:
        """The outcome of fetching one file, compared with what is wanted."""
        return fetched(self.storage.copier, path, destination, wanted)

    @abstractmethod
    def settle(self, condition: Callable[[], bool]) -> None:
        """Wait, by whatever means, until the condition holds; fail the test if it never does."""

    def forget(self, token: str) -> bool:
        """Make the service lose an accepted request that is not finished. False: cannot be arranged."""
        return False


class Stopped:
    """A watch of somebody who wants no copy any more."""

    def moved(self, key: str, done: int) -> None:
        """Of no interest."""

    def stopped(self) -> bool:
        return True


def code_of(outcome: object) -> str:
    """The error code of a Failed; anything else fails the test."""
    assert isinstance(outcome, Failed), outcome
    return outcome.code


class Suite:
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        raise NotImplementedError("a subclass gives the rig")

    def order(self, rig: Rig, name: str, data: bytes) -> CopyOrder:
        """An order for a new source file with these bytes."""
        size, checksum = contents(data)
        return CopyOrder(rig.path(name), rig.source(name, data), size, checksum)

    def copied(self, rig: Rig, order: CopyOrder) -> Outcome:
        """The outcome of a copy of one file, once it is not pending."""
        return self.all_copied(rig, [order])[order.path]

    def all_copied(self, rig: Rig, orders: Sequence[CopyOrder]) -> dict[str, Outcome]:
        outcomes: dict[str, Outcome] = {}

        def over() -> bool:
            outcomes.update(rig.storage.copier.copy(orders))
            return not any(isinstance(outcome, Pending) for outcome in outcomes.values())

        rig.settle(over)
        assert set(outcomes) == {order.path for order in orders}
        return outcomes

    def seen(self, rig: Rig, path: str) -> Observed:
        """What a probe says of one file that is there."""
        observation = rig.storage.prober.probe([path])[path]
        assert isinstance(observation, Observed), observation
        return observation
