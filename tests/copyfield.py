"""Two real XRootD servers, wires that can be hurt, and a client process: the field on which copies are tried.

    here ──(source wire)──▶ client process ──(destination wire)──▶ there

A *road* is a way bytes go: ``streamed`` from server to server through the client, ``uploaded`` from a local
file, ``fetched`` to one. A ``Trip`` is one copy on one road, with a directory of its own at its destination.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from catalog.checksum import adler32
from catalog.states import Locality
from tests.agent import Agent, Answer, Order
from transfers.model import CopyOrder, FetchOrder, Observed
from transfers.testing.relay import DOWN, UP, Relay, Way
from transfers.testing.suites import settle_for_real
from transfers.testing.xrootd_disk import AREA, HOLD, DiskServer, Security

SIZE = 24_000_000
"""Bytes of a file: some of the blocks in which clients copy."""
MIDDLE = 8_000_000
ENVIRONMENT = {"XRD_CONNECTIONWINDOW": "2", "XRD_STREAMTIMEOUT": "2", "XRD_TIMEOUTRESOLUTION": "1"}
OPTIONS = {"timeout": "1", "checksum_timeout": "4", "copy_timeout": "6"}
DEADLINE = 40.0
"""Seconds: a look before, the copy, looks afterwards, each with its deadline, and some for the machine."""

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Road:
    """How a backend copies: the verb of the port, and which ends are servers."""

    name: str
    from_server: bool
    to_server: bool

    @property
    def verb(self) -> str:
        return "copy" if self.to_server else "fetch"


STREAMED = Road("streamed", from_server=True, to_server=True)
UPLOADED = Road("uploaded", from_server=False, to_server=True)
FETCHED = Road("fetched", from_server=True, to_server=False)
ROADS = (STREAMED, UPLOADED, FETCHED)


@dataclass
class Field:
    """The servers, the wires and the client process."""

    here: DiskServer
    there: DiskServer
    source_wire: Relay
    destination_wire: Relay
    tmp: Path
    backend: str = "xrootd"
    environment: dict[str, str] = field(default_factory=lambda: dict(ENVIRONMENT))
    options: dict[str, str] = field(default_factory=lambda: dict(OPTIONS))
    breaks: str = ""
    data: bytes = field(default_factory=lambda: random.Random(5).randbytes(SIZE))
    _agent: Agent | None = None

    @property
    def agent(self) -> Agent:
        """The client process, begun when it is first needed."""
        if self._agent is None or not self._agent.alive:
            self.dismiss()
            self._agent = Agent(self.environment, breaks=self.breaks)
        return self._agent

    def dismiss(self) -> None:
        """End the client process; the next call takes a new one."""
        if self._agent is not None:
            self._agent.close()
        self._agent = None

    def interrupt_client(self) -> None:
        """Ctrl-C for the client process."""
        self.agent.interrupt()

    def kill_client(self) -> None:
        """kill -9 the client process, in the middle of whatever it does."""
        self.agent.kill()
        self._agent = None

    @property
    def prefix(self) -> str:
        """The endpoint copied to, seen through its wire."""
        return f"{self.there.url(self.destination_wire.port)}/{AREA}"

    @property
    def source_prefix(self) -> str:
        return f"{self.here.url(self.source_wire.port)}/{AREA}"

    def heal(self) -> None:
        """Everything is well again: servers run, wires carry."""
        for server in (self.here, self.there):
            server.thaw()
            if not server.running:
                server.restart()
        for wire in (self.source_wire, self.destination_wire):
            wire.reset()

    def close(self) -> None:
        self.dismiss()
        for wire in (self.source_wire, self.destination_wire):
            wire.close()
        for server in (self.here, self.there):
            server.stop()


@contextmanager
def open_field(
    tmp: Path,
    *,
    backend: str = "xrootd",
    breaks: str = "",
    space: int = 0,
    size: int = SIZE,
    security: Security | None = None,
) -> Iterator[Field]:
    """A field, ended with all its processes. ``space``: bytes of the destination's disk."""
    here, there = DiskServer.start(security=security), DiskServer.start(space=space, security=security)
    data = random.Random(5).randbytes(size)
    ground = Field(
        here, there, Relay(here.port), Relay(there.port), tmp, backend=backend, breaks=breaks, data=data
    )
    try:
        yield ground
    finally:
        ground.close()


class Trip:
    """One copy of one file, on one road, between directories of its own."""

    def __init__(self, ground: Field, road: Road, data: bytes | None = None) -> None:
        self.ground, self.road = ground, road
        self.data = ground.data if data is None else data
        self.adler32 = adler32([self.data])
        self.directory = f"/trip{next(_numbers)}"
        self.path = f"{self.directory}/f.root"
        self.local = ground.tmp / self.directory[1:] / "f.root"
        self.source_path = f"/from{self.path}"
        self.put_source(self.data)

    # -------------------------------------------------------------------- ends
    @property
    def source(self) -> Path:
        """The source's file on disk."""
        if self.road.from_server:
            return self.ground.here.file(self.source_path)
        return Path(f"{self.ground.tmp}{self.source_path}")

    @property
    def destination(self) -> Path:
        """The destination's file on disk."""
        return self.ground.there.file(self.path) if self.road.to_server else self.local

    @property
    def wire(self) -> tuple[Relay, Way]:
        """The wire through which the bytes come, or, of an upload, go."""
        if self.road.from_server:
            return self.ground.source_wire, DOWN
        return self.ground.destination_wire, UP

    def put_source(self, data: bytes) -> None:
        if self.road.from_server:
            self.ground.here.put(self.source_path, data)
        else:
            self.source.parent.mkdir(parents=True, exist_ok=True)
            self.source.write_bytes(data)

    def put_destination(self, data: bytes) -> None:
        if self.road.to_server:
            self.ground.there.put(self.path, data)
        else:
            self.local.parent.mkdir(parents=True, exist_ok=True)
            self.local.write_bytes(data)

    # ------------------------------------------------------------------- calls
    @property
    def order(self) -> Order:
        size, checksum = len(self.data), self.adler32
        if not self.road.to_server:
            return FetchOrder(self.source_path, str(self.local), size, checksum)
        if self.road.from_server:
            return CopyOrder(self.path, f"{self.ground.source_prefix}{self.source_path}", size, checksum)
        return CopyOrder(self.path, f"file://{self.source}", size, checksum)

    @property
    def key(self) -> str:
        """What the outcome is keyed by."""
        return self.path if self.road.to_server else str(self.local)

    @property
    def prefix(self) -> str:
        return self.ground.prefix if self.road.to_server else self.ground.source_prefix

    def begin(self) -> None:
        self.ground.agent.begin(
            self.road.verb, self.prefix, [self.order], self.ground.backend, **self.ground.options
        )

    def go(self) -> Answer:
        """The call, and that it ended within its deadline."""
        self.begin()
        return self.result()

    def result(self) -> Answer:
        answer = self.ground.agent.result()
        assert answer.seconds < DEADLINE, answer
        return answer

    def code(self) -> str:
        return self.go().code(self.key)

    # ------------------------------------------------------------------- looks
    def seen(self) -> object:
        """What a reader sees of the destination: an ``Observed``, or why there is nothing."""
        if not self.road.to_server:
            if not os.path.lexists(self.local):
                return None
            data = self.local.read_bytes()
            return Observed(len(data), adler32([data]), Locality.ONLINE)
        answer = self.ground.agent.call(
            "probe", self.ground.there.prefix, [self.path], self.ground.backend, **self.ground.options
        )
        return answer.raised or answer.of[self.path]

    def left(self) -> set[str]:
        """Every file at the destination's directory, by whatever name."""
        if self.road.to_server:
            return {name for name in self.ground.there.names() if name.startswith(f"{self.directory}/")}
        return {str(path) for path in self.local.parent.rglob("*") if path.is_file() or _ours(path)}

    # ------------------------------------------------------------------ claims
    def check_whole(self) -> None:
        """The destination is there with the ordered bytes, and nothing else is."""
        assert self.destination.read_bytes() == self.data
        assert self.left() == {self.key}

    def check_nothing(self) -> None:
        """Readers see no file, now; and when everything is well again nothing is left, by any name."""
        assert not isinstance(self.seen(), Observed), self.seen()
        self.ground.heal()
        settle_for_real(lambda: not self.left(), limit=HOLD + 15)

    def check_untouched(self, data: bytes) -> None:
        """The file that was there before is there, and nothing else."""
        assert self.destination.read_bytes() == data
        assert self.left() == {self.key}

    def check_again(self) -> None:
        """The same order, given again, is done."""
        self.ground.heal()
        settle_for_real(lambda: self.code() == "done", every=0.3)
        self.check_whole()


def _ours(path: Path) -> bool:
    return path.name.startswith(".ddm")


def by_road(*roads: Road) -> pytest.MarkDecorator:
    """Parametrize a test by roads (default: all)."""
    return pytest.mark.parametrize("road", roads or ROADS, ids=lambda road: road.name)


def while_waiting(act: Callable[[], object], ready: Callable[[], bool]) -> Callable[[], None]:
    """Act when something is ready: for a wire to call, while its bytes wait."""

    def acting() -> None:
        settle_for_real(ready, every=0.01)
        act()

    return acting
