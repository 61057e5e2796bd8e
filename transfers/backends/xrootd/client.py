"""Questions to an XRootD server: thin calls for many names, each with a deadline, troubles as values."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

from transfers.backends.xrootd.commands import Limits, query_text
from transfers.backends.xrootd.errors import NO_ANSWER, QUEUED, Trouble
from transfers.backends.xrootd.library import Callback, Deadline, same_process, trouble_of, xrootd

_Query: Any = import_module("XRootD.client.flags").QueryCode


class _Gate:
    """What the threads of this process may do at once at one server.

    A stock server loses prepare requests that come while others run, so they go one after the other. A server
    computes few checksums at a time (``xrootd.chksum max``, 4 by default). One more is told to come
    again after half a minute, and sometimes gets no answer at all (seen with 32 at once).
    """

    def __init__(self, checksums: int) -> None:
        self.checksums = threading.BoundedSemaphore(checksums)
        self.prepares = threading.Lock()


# Flags of a directory listing; the last has no name in Python (DirListFlags::Cksm of the library). Not in
# parts (CHUNKED, 16): the library calls back with the parts of a long list from several threads at once, the
# last perhaps before others, and frees what they use: the interpreter dies of it (seen at 50 000 entries).
_LIST = 1  # with sizes
_NAMES = 0
_IS_SERVER = 1  # of what a server says it is
_WITH_CHECKSUM = 64
_WHOLE, _MORE = 0, 1  # codes of success: the end of an answer, a part of it

_GRACE = 10.0  # seconds after which we do not wait for the library's own deadlines any more
_WINDOW = 64  # questions on their way at a time
_GIVE_UP = 8  # answers of a dead endpoint, one after the other, after which no more is asked

_gates: dict[str, _Gate] = {}
_gates_lock = threading.Lock()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stat:
    """Size in bytes, the flags of the protocol, and the file itself: see ``itself``."""

    size: int
    flags: int
    itself: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a listing, as the server tells: size in bytes, flags, seconds since 1970, checksum.

    ``id``: what the server calls the file itself, whatever its name; "" when it does not tell.
    """

    name: str
    size: int
    flags: int
    modified: int
    checksum: str
    id: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a listing; ``last``: no more come."""

    rows: Sequence[Row]
    last: bool


class Client:
    """One server. Calls for many names are pipelined on one connection. Safe from several threads."""

    def __init__(self, server: str, limits: Limits) -> None:
        self.server = server
        self.limits = limits
        self._files = xrootd.FileSystem(server)
        with _gates_lock:
            self._gate = _gates.setdefault(server, _Gate(limits.checksums))

    def stat(self, names: Sequence[str]) -> dict[str, Stat | Trouble]:
        """Size and flags of each file or directory. Raises StorageError if the server answers for none."""

        def send(name: str, callback: Callback) -> Any:
            return self._files.stat(name, timeout=self.limits.timeout, callback=callback)

        def read(response: Any) -> Stat | Trouble:
            try:
                return stat_of(response)
            except (AttributeError, TypeError, ValueError):
                return Trouble(303, text=f"unreadable answer to stat: {response!r}")

        return self._each(names, send, read, self.limits.timeout)

    def checksum(self, sizes: Mapping[str, int]) -> dict[str, bytes | Trouble]:
        """The server's raw answer to a checksum query, for files of known size. Raises like ``stat``."""
        timeouts = {name: self.limits.checksum_deadline(size) for name, size in sizes.items()}

        def send(name: str, callback: Callback) -> Any:
            return self._files.query(_Query.CHECKSUM, name, timeout=timeouts[name], callback=callback)

        longest = max(timeouts.values(), default=0)
        return self._each(list(sizes), send, _bytes, longest, self._gate.checksums)

    def remove(self, names: Sequence[str]) -> dict[str, Trouble | None]:
        """Remove each file; an empty directory too, so look before. Raises like ``stat``."""

        def send(name: str, callback: Callback) -> Any:
            return self._files.rm(name, timeout=self.limits.timeout, callback=callback)

        return self._each(names, send, lambda response: None, self.limits.timeout)

    def servers_of(self, name: str) -> list[str] | Trouble:
        """The servers that hold this file or directory, as far as a manager can reach them just now."""

        def send(_: str, callback: Callback) -> Any:
            return self._files.deeplocate(name, 0, self.limits.timeout, callback)

        return self._one(send, self.limits.timeout, _locations)

    def has_own_files(self) -> bool:
        """Is it a server of files, not a manager? Raises StorageError: it does not answer."""

        def send(_: str, callback: Callback) -> Any:
            return self._files.protocol(self.limits.timeout, callback)

        told = self._one(send, self.limits.timeout, lambda response: int(response.hostinfo))
        if isinstance(told, Trouble):
            raise told.exception(self.server)
        return bool(told & _IS_SERVER)

    def all_servers(self) -> list[str] | Trouble:
        """The servers of files that a manager knows of and can reach."""

        def send(_: str, callback: Callback) -> Any:
            return self._files.deeplocate("*", 0, self.limits.timeout, callback)

        return self._one(send, self.limits.timeout, _locations)

    def at(self, address: str) -> Client:
        """The same questions to another server, as this one calls it: spoken to in the same way."""
        return Client(f"{self.server.partition('://')[0]}://{address}", self.limits)

    def list_directory(
        self, name: str, land: Callable[[Part | Trouble], None], *, sizes: bool = True, seconds: int = 0
    ) -> None:
        """List a directory: its parts, or what is wrong, are given to ``land``, in a thread of the library.

        After a trouble, or the last part, nothing more comes. Without ``sizes`` only names count. A name that
        is no UTF-8 is the end of it, without a word. ``seconds``: of the whole, if not those of the limits.
        """
        same_process()
        flags = _LIST | _WITH_CHECKSUM if self.limits.listed_checksums else _LIST
        read = _row
        if not sizes:
            flags, read = _NAMES, _name

        def callback(status: Any, response: Any, hosts: Any) -> None:
            land(_part(status, response, read))

        status = self._files.dirlist(name, flags, seconds or self.limits.call_timeout, callback)
        if not status.ok:  # not sent: nobody will call back
            land(trouble_of(status))

    def prepare(
        self, names: Sequence[str], flags: int, *, priority: int = 0, deadline: Deadline | None = None
    ) -> bytes | Trouble:
        """One prepare request (stage, evict, cancel) for all the names; the answer is its id.

        Never two at a time to one server from this process.
        """
        if not names:
            raise ValueError("an empty prepare request ends the process: the library does not survive it")
        timeout = self.limits.prepare_deadline(len(names))
        timeout = deadline.within(timeout) if deadline else timeout

        def send(_: str, callback: Callback) -> Any:
            return self._files.prepare(list(names), flags, priority, timeout, callback)

        if not self._gate.prepares.acquire(timeout=timeout + _GRACE):
            return QUEUED
        try:
            return self._one(send, timeout, _bytes)
        finally:
            self._gate.prepares.release()

    def query_prepare(
        self, request: str, names: Sequence[str], deadline: Deadline | None = None
    ) -> bytes | Trouble:
        """The tape system's answer about the names."""
        timeout = deadline.within(self.limits.timeout) if deadline else self.limits.timeout
        text = query_text(request, names)

        def send(_: str, callback: Callback) -> Any:
            return self._files.query(_Query.PREPARE, text, timeout, callback)

        return self._one(send, timeout, _bytes)

    def space(self, name: str) -> bytes | Trouble:
        """The server's raw answer to a space query about a directory."""

        def send(_: str, callback: Callback) -> Any:
            return self._files.query(_Query.SPACE, name, self.limits.timeout, callback)

        return self._one(send, self.limits.timeout, _bytes)

    @property
    def checksum_gate(self) -> threading.BoundedSemaphore:
        """Held by whoever waits for a checksum of this server, in the whole process."""
        return self._gate.checksums

    def _one(
        self,
        send: Callable[[str, Callback], Any],
        timeout: int,
        read: Callable[[Any], T | Trouble],
    ) -> T | Trouble:
        """One question, which is over in time even if the library forgets its own deadline."""
        same_process()
        gate = threading.BoundedSemaphore(1)
        return _Pipeline(send, read, timeout + _GRACE, gate).run([""])[""]

    def _each(
        self,
        names: Sequence[str],
        send: Callable[[str, Callback], Any],
        read: Callable[[Any], T | Trouble],
        timeout: int,
        gate: threading.BoundedSemaphore | None = None,
    ) -> dict[str, T | Trouble]:
        same_process()
        gate = gate or threading.BoundedSemaphore(_WINDOW)
        answers = _Pipeline(send, read, timeout + _GRACE, gate).run(names)
        troubles = [
            answer for answer in answers.values() if isinstance(answer, Trouble) and answer.of_endpoint
        ]
        if troubles and len(troubles) == len(answers):
            raise troubles[0].exception(self.server)
        return answers


class _Pipeline(Generic[T]):
    """Sends one question per name, as many at a time as the gate lets through, and collects the answers.

    The library calls back from its own threads. When the endpoint seems dead, the rest is not asked: it gets
    the same trouble. A callback that comes after the patience of this side is over finds nobody.
    """

    def __init__(
        self,
        send: Callable[[str, Callback], Any],
        read: Callable[[Any], T | Trouble],
        patience: float,
        gate: threading.BoundedSemaphore,
    ) -> None:
        self._send, self._read, self._patience, self._gate = send, read, patience, gate
        self._changed = threading.Condition()
        self._answers: dict[str, T | Trouble] = {}
        self._open = 0
        self._in_a_row = 0
        self._last: Trouble = NO_ANSWER

    def run(self, names: Sequence[str]) -> dict[str, T | Trouble]:
        for name in names:
            if not self._may_send():
                break
            status = self._send(name, self._landing(name))
            if not status.ok:  # not sent: nobody will call back
                self._land(name, trouble_of(status))
        with self._changed:
            self._changed.wait_for(lambda: self._open == 0, self._patience)
            return {name: self._answers.get(name, self._last) for name in names}

    def _may_send(self) -> bool:
        if not self._gate.acquire(timeout=self._patience):
            return False
        with self._changed:
            if self._in_a_row >= _GIVE_UP:
                self._gate.release()
                return False
            self._open += 1
            return True

    def _landing(self, name: str) -> Callback:
        def callback(status: Any, response: Any, hosts: Any) -> None:
            self._land(name, self._read(response) if status.ok else trouble_of(status))

        return callback

    def _land(self, name: str, answer: T | Trouble) -> None:
        self._gate.release()  # late callbacks too: the library calls back once, at its deadline at the latest
        with self._changed:
            self._answers[name] = answer
            self._open -= 1
            if isinstance(answer, Trouble) and answer.of_endpoint:
                self._in_a_row += 1
                self._last = answer
            else:
                self._in_a_row = 0
            self._changed.notify_all()


def stat_of(info: Any) -> Stat:
    """What the library told. AttributeError, TypeError, ValueError if that is no answer to stat."""
    return Stat(int(info.size), int(info.flags), itself(str(info.id), int(info.modtime)))


def itself(identity: str, modified: int) -> str:
    """Two names that are told the same here lead to the same bytes: what the server calls the file, whatever
    its name, and when it was written. "": it does not tell."""
    return "" if identity in ("", "0") else f"{identity} of {modified}"


def _part(status: Any, response: Any, read: Callable[[Any], Row]) -> Part | Trouble:
    """What came of a listing. An entry without size, or a success that is not a whole one, is a trouble."""
    if not status.ok:
        return trouble_of(status)
    if status.code not in (_WHOLE, _MORE):
        return Trouble(303, text=f"a list that is not whole (success {status.code})")
    try:
        rows = [read(entry) for entry in response.dirlist] if response is not None else []
    except (AttributeError, TypeError, ValueError):
        return Trouble(303, text="an entry of the list cannot be read")
    return Part(rows, last=status.code == _WHOLE)


def _row(entry: Any) -> Row:
    told = entry.statinfo
    checksum = str(told.checksum) if told.haschecksum else ""
    identity = "" if str(told.id) == "0" else str(told.id)
    return Row(str(entry.name), int(told.size), int(told.flags), int(told.modtime), checksum, identity)


def _name(entry: Any) -> Row:
    return Row(str(entry.name), 0, 0, 0, "", "")


def _locations(response: Any) -> list[str] | Trouble:
    try:
        return [str(location.address) for location in response.locations]
    except (AttributeError, TypeError):
        return Trouble(303, text=f"unreadable answer to locate: {response!r}")


def _bytes(response: Any) -> bytes | Trouble:
    return response if isinstance(response, bytes) else Trouble(303, text=f"unreadable answer: {response!r}")
