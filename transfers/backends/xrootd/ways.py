"""Ways to servers: connections that are kept for the next call, and the client library for the rest."""

from __future__ import annotations

import threading
import time
from collections import defaultdict

from transfers.backends.xrootd.calls import Wire
from transfers.backends.xrootd.engine import Engine
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.librarywire import LibraryWire
from transfers.backends.xrootd.plainwire import NotPlain, PlainWire, connect

CONNECTIONS = 2
_KEPT = 8  # idle connections to one server that wait for the next call
_AGAIN = 2.0  # seconds for which a server that could not be reached is not tried again


class Pool:
    """What is known of servers, and connections that nobody uses just now. Safe from several threads."""

    def __init__(self, *, plain: bool) -> None:
        self._plain = plain
        self._lock = threading.Lock()
        self._idle: dict[str, list[PlainWire]] = defaultdict(list)
        self._library: set[str] = set()

    def needs_library(self, server: str) -> bool:
        return not self._plain or server in self._library

    def not_plain(self, server: str) -> None:
        """From now on the library speaks to this server."""
        with self._lock:
            self._library.add(server)

    def take(self, server: str) -> PlainWire | Trouble:
        """A connection that is alive. Raises NotPlain."""
        while True:
            with self._lock:
                kept = self._idle[server].pop() if self._idle[server] else None
            if kept is None:
                return _connect(server)
            if kept.fresh:
                return kept
            kept.close()

    def give_back(self, wire: PlainWire) -> None:
        with self._lock:
            if wire.fresh and len(self._idle[wire.server]) < _KEPT:
                self._idle[wire.server].append(wire)
                return
        wire.close()


def _connect(server: str) -> PlainWire | Trouble:
    if server.partition("://")[0] in ("roots", "xroots"):
        from transfers.backends.xrootd import securewire  # loads ssl

        return securewire.connect(server)
    return connect(server)


class Ways:
    """The ways that one call of a port uses. Use it as a context, inside that of its engine."""

    def __init__(self, engine: Engine, pool: Pool) -> None:
        self._engine, self._pool = engine, pool
        self._plain: dict[str, list[PlainWire]] = defaultdict(list)
        self._library: dict[str, LibraryWire] = {}
        self._turn: dict[str, int] = defaultdict(int)
        self._failed: dict[str, tuple[float, Trouble]] = {}
        self.lost: dict[str, list[Trouble]] = {}
        """Of each server the troubles that ended a file's way before anything of it was made."""

    def to(self, server: str) -> Wire | Trouble:
        """A way to the server, or why there is none."""
        if not self._pool.needs_library(server):
            try:
                return self._by_wire(server)
            except NotPlain:
                self._pool.not_plain(server)
        if server not in self._library:
            self._library[server] = LibraryWire(server, self._engine.post)
            self._engine.remind(self._library[server])
        return self._library[server]

    def not_plain(self, server: str) -> None:
        self._pool.not_plain(server)

    def _by_wire(self, server: str) -> Wire | Trouble:
        wires = self._plain[server] = [wire for wire in self._plain[server] if wire.trouble is None]
        for wire in wires:
            if wire.idle:
                return wire
        if len(wires) < CONNECTIONS:
            found = self._another(server)
            if isinstance(found, PlainWire):
                wires.append(found)
            elif not wires:
                return found
        self._turn[server] += 1
        return wires[self._turn[server] % len(wires)]

    def _another(self, server: str) -> PlainWire | Trouble:
        at, trouble = self._failed.get(server, (0.0, None))
        if trouble is not None and time.monotonic() < at + _AGAIN:
            return trouble
        wire = self._pool.take(server)
        if isinstance(wire, Trouble):
            self._failed[server] = time.monotonic(), wire
        else:
            self._engine.watch_over(wire)
        return wire

    def close(self) -> None:
        """Keep what can be used again."""
        for wires in self._plain.values():
            for wire in wires:
                if wire.trouble is None:
                    self._engine.leave(wire)
                    self._pool.give_back(wire)
        for library in self._library.values():
            library.close()
