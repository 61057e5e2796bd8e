"""A wire that can be hurt: a TCP relay that does something after an exact number of bytes.

::

    with Relay(server.port) as wire:
        wire.after(DOWN, 12_000_000, server.kill)     # when so many bytes have come from the server
        storage = open_storage(f"root://127.0.0.1:{wire.port}//data", …)

So faults in the middle of a file need neither luck nor slow disks. What can happen: ``cut`` (all connections
end), ``stall`` (nothing passes any more, connections stay), ``flip`` (one byte becomes another), or any call,
for which the bytes wait.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Self


class Way(Enum):
    """Which way bytes go: DOWN from the server to the client, UP to the server."""

    DOWN = "down"
    UP = "up"


DOWN, UP = Way.DOWN, Way.UP
_BLOCK = 1 << 16


@dataclass(slots=True)
class _Plan:
    """What happens at which byte of a way, counted over all connections, or at which bytes."""

    at: int
    act: Callable[[bytearray, int], None]
    sign: re.Pattern[bytes] | None = None

    def where(self, before: int, block: bytearray) -> int | None:
        """The place in the block at which it happens. None: not in this one."""
        if self.sign is not None:
            found = self.sign.search(block)
            return found.start() if found else None
        return max(0, self.at - before) if self.at < before + len(block) else None


class Relay:
    """Passes what comes to ``port`` (of 127.0.0.1) on to the port of a server, and back."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._passed = {DOWN: 0, UP: 0}
        self._plans: dict[Way, _Plan] = {}
        self._links: set[socket.socket] = set()
        self._stalled = False
        self._open = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.happened = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    # ------------------------------------------------------------------- plans
    def after(self, way: Way, count: int, act: Callable[[], object]) -> None:
        """Call it when ``count`` more bytes have gone this way; the rest waits until the call returns."""
        self._plan(way, count, lambda block, where: (act(), None)[1])

    def when(self, way: Way, sign: bytes, act: Callable[[], object]) -> None:
        """Call it when bytes like these (a regular expression) go this way, before they arrive."""
        with self._lock:
            self.happened.clear()
            self._plans[way] = _Plan(0, lambda block, where: (act(), None)[1], re.compile(sign, re.DOTALL))

    def flip(self, way: Way, count: int) -> None:
        """Change the byte that comes after ``count`` more bytes this way."""

        def change(block: bytearray, where: int) -> None:
            block[where] ^= 0x55

        self._plan(way, count, change)

    def cut(self) -> None:
        """End all connections now."""
        with self._lock:
            links, self._links = self._links, set()
        for link in links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def stall(self) -> None:
        """Let nothing pass from now on, and keep the connections."""
        self._stalled = True

    def _plan(self, way: Way, count: int, act: Callable[[bytearray, int], None]) -> None:
        with self._lock:
            self.happened.clear()
            self._plans[way] = _Plan(self._passed[way] + count, act)

    def reset(self) -> None:
        """No plans any more, and let everything pass."""
        with self._lock:
            self._plans.clear()
        self._stalled = False

    # -------------------------------------------------------------------- life
    def close(self) -> None:
        """End it all. May be repeated."""
        self._open.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------- bytes
    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # closed
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # nobody there: the client sees a connection that ends at once
                near.close()
                continue
            with self._lock:
                self._links |= {near, far}
            threading.Thread(target=self._serve, args=(near, far), daemon=True).start()

    def _serve(self, near: socket.socket, far: socket.socket) -> None:
        with near, far:
            down = threading.Thread(target=self._pass, args=(DOWN, far, near), daemon=True)
            down.start()
            self._pass(UP, near, far)
            down.join()
        with self._lock:
            self._links -= {near, far}

    def _pass(self, way: Way, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_BLOCK):
                block = bytearray(data)
                self._meet(way, block)
                while self._stalled and not self._open.wait(0.05):
                    pass
                sink.sendall(block)
            sink.shutdown(socket.SHUT_WR)  # the other way may go on
            return
        for link in (source, sink):  # one end is gone
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _meet(self, way: Way, block: bytearray) -> None:
        with self._lock:
            before = self._passed[way]
            self._passed[way] += len(block)
            plan = self._plans.get(way)
            where = None if plan is None else plan.where(before, block)
            if plan is None or where is None:
                return
            del self._plans[way]
        plan.act(block, where)
        self.happened.set()
