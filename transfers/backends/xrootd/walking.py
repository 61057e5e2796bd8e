"""What is in many directories: the Walker of an XRootD endpoint.

One thread does it, that of the taker; nothing is read while nobody takes. Servers are asked as ``desks``
says. A manager without a name space of its own answers for nobody: then all its servers are asked, each
directly, and what they have is put together. It tells only of servers that it can reach just now, so how
many there are must be known (option ``servers``): with fewer nothing is whole, and nothing is told.
"""

from __future__ import annotations

import os
import selectors
import socket
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address

from transfers.backends.xrootd.client import Client
from transfers.backends.xrootd.commands import Endpoint
from transfers.backends.xrootd.desks import Desk, LibraryDesk, Question, WireDesk
from transfers.backends.xrootd.engine import TICK
from transfers.backends.xrootd.errors import REDIRECTED, Trouble
from transfers.backends.xrootd.plainwire import NotPlain, PlainWire
from transfers.backends.xrootd.rows import Found
from transfers.backends.xrootd.ways import Pool
from transfers.errors import (
    EndpointUnreachable,
    FileMissing,
    PermissionRefused,
    StorageError,
    Unsupported,
    failed,
)
from transfers.model import Failed, Listing, Looked
from transfers.ports import Following
from transfers.walking import Hope

_KNOWN = 100_000  # directories of which is remembered what a server calls them


class Walker:
    """Walker."""

    def __init__(self, client: Client, endpoint: Endpoint) -> None:
        self._client, self._endpoint = client, endpoint
        self._pool = Pool(plain=client.limits.directly)

    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        return self.walk_at(self.all_servers, following)

    def walk_at(
        self, servers: Callable[[], Sequence[str]], following: Following
    ) -> Iterator[tuple[str, Looked]]:
        """The same, by these servers when the endpoint is a manager without names of its own."""
        walk = _Walk(self._endpoint, following)
        try:
            walk.desks += self._desks(walk, servers)
            yield from walk.answers()
        finally:
            walk.close()

    def _desks(self, walk: _Walk, servers: Callable[[], Sequence[str]]) -> Iterator[_Known]:
        """The servers to be asked. Raises StorageError."""
        if (desk := self._directly(self._client, walk)) is not None:
            yield _Known(desk, self._client.server)
            return
        if self._client.has_own_files() or self._has_own_names():
            yield _Known(LibraryDesk(self._client, walk), self._client.server)
            return
        for address in servers():
            client = self._client.at(_written(address))
            yield _Known(self._directly(client, walk) or LibraryDesk(client, walk), client.server)

    def _has_own_names(self) -> bool:
        """Is it a manager that knows by itself what is there, as of EOS? Nobody else has the top then."""
        holders = self._client.servers_of(self._endpoint.directory(""))
        if isinstance(holders, Trouble) or not holders:
            return False
        return all(_same_place(each, self._client.server) for each in holders)

    def _directly(self, client: Client, walk: _Walk) -> WireDesk | None:
        """A desk without the library, if the server allows it. Raises StorageError: it does not answer."""
        if self._pool.needs_library(client.server):
            return None
        desk = WireDesk(client.server, client, self._pool, walk)
        try:
            trouble = desk.open()
        except NotPlain:
            self._pool.not_plain(client.server)
            return None
        if trouble is not None:
            raise trouble.exception(client.server)
        return desk

    def all_servers(self) -> Sequence[str]:
        """The servers of files. Raises StorageError: not all of them are known."""
        wanted, server = self._client.limits.servers, self._client.server
        if not wanted:
            raise Unsupported(
                f"{server} is a manager of several servers, and does not tell of one that is away: say how "
                "many there are with the option servers = N of the endpoint",
                subject=server,
            )
        told = self._client.all_servers()
        if isinstance(told, Trouble):
            raise told.exception(server)
        there = sorted({_written(address) for address in told})
        if len(there) < wanted:
            raise EndpointUnreachable(
                f"{server} knows of {len(there)} of its {wanted} servers just now ({', '.join(there)}): what "
                "is at the others cannot be told",
                subject=server,
            )
        return there


def _same_place(address: str, server: str) -> bool:
    """Is this the server's own address, by whatever name?"""
    try:
        one, other = (_places(each.rpartition("@")[2]) for each in (address, server.partition("://")[2]))
    except (OSError, ValueError):
        return False
    return not one.isdisjoint(other)


def _places(address: str) -> set[tuple[str, int]]:
    host, _, port = address.rpartition(":") if address.rpartition(":")[2].isdigit() else (address, "", "1094")
    found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    return {(_plain(str(where[0])), int(where[1])) for *_, where in found}


def _written(address: str) -> str:
    """An address as a manager tells it, in the way that anybody understands."""
    host, _, port = address.rpartition(":")
    try:
        plain = _plain(host.strip("[]"))
    except ValueError:  # a name
        return address
    return f"[{plain}]:{port}" if ":" in plain else f"{plain}:{port}"


def _plain(address: str) -> str:
    """An address of the old kind may be written as one of the new."""
    found = ip_address(address.partition("%")[0])
    old = int(found) & 0xFFFFFFFF
    return str(ip_address(old)) if found.version == 6 and int(found) >> 32 in (0, 0xFFFF) else str(found)


@dataclass(slots=True, eq=False)
class _Known:
    """A server, and what it calls directories itself: the newest."""

    desk: Desk
    server: str
    ids: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def remember(self, name: str, identity: int) -> None:
        self.ids[name] = identity
        if len(self.ids) > _KNOWN:
            self.ids.popitem(last=False)


@dataclass(slots=True, eq=False)
class _Asked:
    """A directory under way. ``answers``: of the servers that have answered."""

    path: str
    name: str
    answers: dict[_Known, Found | Trouble] = field(default_factory=dict)
    linked: set[str] = field(default_factory=set)


class _Walk:
    """One walk: its connections, what is under way, and what is to be told."""

    def __init__(self, endpoint: Endpoint, following: Following) -> None:
        self._endpoint, self._following = endpoint, following
        self.desks: list[_Known] = []
        self._hope = Hope()
        self._ready: deque[tuple[str, Looked, StorageError | None]] = deque()
        self._under_way = 0
        self._selector = selectors.DefaultSelector()
        self._wires: dict[PlainWire, int] = {}
        self._mail: deque[Callable[[], None]] = deque()
        self._ringing = threading.Lock()
        bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector.register(bell, selectors.EVENT_READ)
        self._bell: int | None = bell

    def close(self) -> None:
        for known in self.desks:
            known.desk.close()
        self._selector.close()
        with self._ringing:
            if self._bell is not None:
                os.close(self._bell)
            self._bell = None

    def answers(self) -> Iterator[tuple[str, Looked]]:
        while True:
            self._fill()
            self._send()
            if self._ready:
                path, looked, trouble = self._ready.popleft()
                self._hope.heard(trouble)
                yield path, looked
            elif self._under_way:
                self._turn()
            else:
                return

    # -------------------------------------------------------------------- asking
    def _fill(self) -> None:
        while all(known.desk.room > 0 for known in self.desks):
            path = self._following()
            if path is None:
                return
            name = self._named(path)
            if isinstance(name, Failed):
                self._ready.append((path, name, None))
                return
            self._ask(_Asked(path, name))

    def _named(self, path: str) -> str | Failed:
        """The server's name of a directory. A question mark would begin parameters."""
        name = f"{self._endpoint.base}{path.rstrip('/')}" or "/"
        if not path.startswith("/") or "\0" in path or not {".", ".."}.isdisjoint(path.split("/")):
            return failed(PermissionRefused, f"{path!r} is not a directory inside the endpoint")
        if "?" in path:
            return failed(Unsupported, f"{path!r} has a question mark, which XRootD servers do not take")
        return name

    def _ask(self, asked: _Asked) -> None:
        self._under_way += 1
        chain = _with_those_above(asked.name, self._endpoint.base)
        for known in self.desks:
            above = [name for name in chain if name not in known.ids]
            question = Question(asked.name, lambda answer: None, above)
            question.land = partial(self._landed, asked, known, question)
            known.desk.ask(question)

    # ------------------------------------------------------------------- answers
    def _landed(self, asked: _Asked, known: _Known, question: Question, answer: Found | Trouble) -> None:
        for name, identity in question.ids.items():
            known.remember(name, identity)
        if isinstance(answer, Found):
            asked.linked |= self._leading_back(asked.name, known, answer.directories)
        asked.answers[known] = answer
        if len(asked.answers) == len(self.desks):
            self._under_way -= 1
            self._ready.append((asked.path, *_together(asked)))

    def _leading_back(self, name: str, known: _Known, directories: Mapping[str, int]) -> set[str]:
        """Those that are a directory above, by another name."""
        if not directories:
            return set()
        above = {known.ids.get(each, 0) for each in _with_those_above(name, self._endpoint.base)} - {0}
        back = {each for each, identity in directories.items() if identity in above}
        prefix = name.rstrip("/")
        for each, identity in directories.items():
            if each not in back:
                known.remember(f"{prefix}/{each}", identity)
        return back

    # ---------------------------------------------------------------------- turn
    def watch_over(self, wire: PlainWire) -> None:
        self._wires[wire] = selectors.EVENT_READ
        self._selector.register(wire, selectors.EVENT_READ, wire)

    def leave(self, wire: PlainWire) -> None:
        if self._wires.pop(wire, None) is not None:
            self._selector.unregister(wire)

    def post(self, act: Callable[[], None]) -> None:
        """Have this done by the taker's thread; from any thread, also when nobody takes any more."""
        with self._ringing:
            if self._bell is not None:
                self._mail.append(act)
                os.eventfd_write(self._bell, 1)

    def _turn(self) -> None:
        for key, _ in self._selector.select(TICK):
            if key.data is None:
                os.eventfd_read(key.fd)
            elif key.data.trouble is None:
                key.data.read()
                self._forget_if_dead(key.data)
        while self._mail:
            self._mail.popleft()()
        for known in self.desks:
            known.desk.tick()
        for wire in list(self._wires):
            self._forget_if_dead(wire)

    def _send(self) -> None:
        for wire, events in list(self._wires.items()):
            if wire.wants_to_write and wire.trouble is None:
                wire.write()
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if wire.wants_to_write else 0)
            if not self._forget_if_dead(wire) and wanted != events:
                self._selector.modify(wire, wanted, wire)
                self._wires[wire] = wanted

    def _forget_if_dead(self, wire: PlainWire) -> bool:
        if wire.trouble is None:
            return False
        self.leave(wire)
        wire.close()
        return True


def _with_those_above(name: str, base: str) -> list[str]:
    """A directory and those above it, down from the top of the endpoint."""
    parts = name[len(base) :].strip("/")
    found = [base or "/"]
    for part in parts.split("/") if parts else ():
        found.append(f"{found[-1].rstrip('/')}/{part}")
    return found


def _together(asked: _Asked) -> tuple[Looked, StorageError | None]:
    """What the servers said of a directory, as one; and the endpoint's trouble, if it is one."""
    found = {known: answer for known, answer in asked.answers.items() if isinstance(answer, Found)}
    absent: Trouble | None = None
    for known, answer in asked.answers.items():
        if isinstance(answer, Trouble):
            if len(asked.answers) > 1 and issubclass(answer.error, FileMissing):
                absent = answer
                continue
            trouble = answer.exception(known.server) if answer.of_endpoint or answer == REDIRECTED else None
            return answer.outcome(asked.name), trouble
    if not found:
        assert absent is not None
        return absent.outcome(asked.name), None
    first, *others = found.values()
    for other in others:
        _add(first, other)
    directories = [name for name in first.directories if name not in asked.linked]
    linked = [*asked.linked, *first.unclear]
    listing = Listing(first.names, first.sizes, first.modified, first.sums, directories, linked, first.others)
    return listing, None


def _add(one: Found, other: Found) -> None:
    """What another server has. A file that both have, but not alike, is neither of them."""
    sizes = dict(zip(one.names, one.sizes, strict=True))
    for name, size, modified, value in zip(other.names, other.sizes, other.modified, other.sums, strict=True):
        if name not in sizes:
            one.names.append(name)
            one.sizes.append(size)
            one.modified.append(modified)
            one.sums.append(value)
        elif sizes[name] != size:
            one.others[name] = f"{sizes[name]} bytes at one server and {size} at another"
    one.directories |= other.directories
    one.others |= other.others
    one.unclear += other.unclear
    for name in sizes.keys() & one.others.keys():
        one.drop(name)
