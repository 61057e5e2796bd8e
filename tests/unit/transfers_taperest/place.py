"""A Tape REST server in front of a tape in memory, and a stager that speaks to it."""

from __future__ import annotations

from datetime import timedelta

from catalog.checksum import adler32
from catalog.clock import Clock, SimulatedClock
from transfers.backends.memory import MemoryStorage
from transfers.backends.taperest import open_stager
from transfers.backends.taperest.stager import TapeRestStager
from transfers.model import Done, StageOrder
from transfers.testing.taperest import TapeRestServer


class Place:
    """``stager`` at ``server`` in front of ``tape``; all by one simulated clock."""

    def __init__(self, flavour: str = "dcache", **server_options: object) -> None:
        self.clock = SimulatedClock()
        self.tape = MemoryStorage("place", self.clock, tape=True)
        self.server = TapeRestServer(self.tape, self.clock, flavour=flavour, **server_options).start()
        self.stager = self.opened()

    def opened(self, *, clock: Clock | None = None, **options: str) -> TapeRestStager:
        """Another stager at the same server."""
        stager = open_stager(self.server.url, clock=clock or self.clock, options={"timeout": "20", **options})
        assert isinstance(stager, TapeRestStager)
        return stager

    def orders(self, *names: str, lifetime: timedelta = timedelta(days=2)) -> list[StageOrder]:
        """Put files on tape, and give the orders to stage them."""
        content = b"raw events"
        self.tape.seed_tape([(f"/{name}", len(content), adler32([content])) for name in names])
        return [StageOrder(f"/{name}", len(content), lifetime) for name in names]

    def wait(self) -> None:
        """Let the tape do what it has been asked for."""
        self.clock.sleep(timedelta(hours=1))

    def online(self, *names: str) -> str:
        """Stage files and let them arrive; the token."""
        orders = self.orders(*names)
        token = self.stager.stage(orders).token
        self.wait()
        paths = [order.path for order in orders]
        assert self.stager.poll(token, paths) == dict.fromkeys(paths, Done())
        return token
