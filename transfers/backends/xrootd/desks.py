"""Where one server is asked what is in directories: many at a time, over a few connections.

A question is one directory. Its answer is what was found, or a trouble; half of it is a trouble. A connection
that is lost is lost to all questions on it: a server answers those of a connection one after the other, so it
was about the oldest. That one is asked again (a few times, as other connections may be lost without our
knowing yet), unless the server was silent; the others as if nothing had been.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from transfers.backends.xrootd import protocol
from transfers.backends.xrootd.calls import Call, Verb
from transfers.backends.xrootd.client import Client, Part, Stat
from transfers.backends.xrootd.commands import bad_name
from transfers.backends.xrootd.errors import REDIRECTED, Trouble
from transfers.backends.xrootd.plainwire import PlainWire
from transfers.backends.xrootd.protocol import Identity
from transfers.backends.xrootd.rows import Found, Names, Rows
from transfers.backends.xrootd.ways import Pool
from transfers.errors import FileMissing, StorageError
from transfers.model import NOWHERE

AHEAD = 4000  # entries that are asked for ahead of those that come, on one connection
MOST = 64  # directories likewise
MISSING = 1000  # names of one directory that are looked at one by one
_SILENT = 103
_GRACE = 5.0  # seconds by which the library may be late
_AGAIN = 2.0  # seconds for which a server that could not be reached is not tried again

_LOOP = "too many levels of symbolic links"  # of a link that leads to itself


@dataclass(slots=True, eq=False)
class Question:
    """One directory at one server. ``name``: the server's. ``above``: names whose own ids are wanted as well
    (``ids``: the answers). ``land``: takes the answer."""

    name: str
    land: Callable[[Found | Trouble], None]
    above: Sequence[str] = ()
    ids: dict[str, int] = field(default_factory=dict)
    open: int = 0
    turn: int = 0
    lost: int = 0
    names: Names = field(default_factory=Names)
    rows: Rows = field(default_factory=Rows)
    found: Found | None = None


class Desk(Protocol):
    """One server."""

    @property
    def room(self) -> int:
        """How many more questions it takes now."""
        ...

    def ask(self, question: Question) -> None: ...

    def tick(self) -> None:
        """Look at the time."""
        ...

    def close(self) -> None:
        """Nobody waits any more."""
        ...


class Watcher(Protocol):
    """Who reads and writes connections."""

    def watch_over(self, wire: PlainWire) -> None: ...

    def leave(self, wire: PlainWire) -> None: ...

    def post(self, act: Callable[[], None]) -> None: ...


@dataclass(slots=True, eq=False)
class _Line:
    wire: PlainWire
    asked: set[Question] = field(default_factory=set)
    blamed: Question | None = None


class WireDesk:
    """Desk: a server that is spoken to without the client library."""

    def __init__(self, server: str, client: Client, pool: Pool, watcher: Watcher) -> None:
        self._server, self._limits, self._pool, self._watcher = server, client.limits, pool, watcher
        self._lines: list[_Line] = []
        self._again: deque[Question] = deque()
        self._average = 0.0  # entries of a directory
        self._failed: tuple[float, Trouble] | None = None

    @property
    def room(self) -> int:
        deep = max(2, min(MOST, int(AHEAD / (self._average + 1)))) if self._average else 4
        return deep * self._limits.listings - sum(len(line.asked) for line in self._lines)

    def open(self) -> Trouble | None:
        """Have a connection. Raises NotPlain."""
        line = self._line()
        return line if isinstance(line, Trouble) else None

    def ask(self, question: Question) -> None:
        line = self._line()
        if isinstance(line, Trouble):
            question.land(line)
            return
        line.asked.add(question)
        question.names, question.rows, question.found = Names(), Rows(), None
        what = protocol.WITH_CHECKSUMS if self._limits.listed_checksums else protocol.WITH_SIZES
        # names first: what comes to be in between is not missed in them
        calls = [self._call(Verb.IDENTIFY, line, name) for name in question.above]
        calls.append(self._call(Verb.LIST, line, question.name, data=question.names))
        calls.append(self._call(Verb.LIST, line, question.name, data=question.rows, length=what))
        self._submit(line, question, calls)

    def _call(self, verb: Verb, line: _Line, name: str, **more: Any) -> Call:
        return Call(verb, line.wire, name, seconds=self._limits.silence, **more)

    def _submit(self, line: _Line, question: Question, calls: Sequence[Call]) -> None:
        question.turn += 1
        question.open = len(calls)
        for call in calls:
            call.land = partial(self._landed, line, question, question.turn, call)
            line.wire.submit(call)

    def _line(self) -> _Line | Trouble:
        """The connection with the least to do; a new one when all have some."""
        self._lines = [line for line in self._lines if line.wire.trouble is None]
        least = min(self._lines, key=lambda line: len(line.asked), default=None)
        if least is not None and (not least.asked or len(self._lines) >= self._limits.listings):
            return least
        if self._failed is not None and time.monotonic() < self._failed[0] + _AGAIN:
            return least or self._failed[1]
        wire = self._pool.take(self._server)
        if isinstance(wire, Trouble):
            self._failed = time.monotonic(), wire
            return least or wire
        line = _Line(wire)
        self._lines.append(line)
        self._watcher.watch_over(wire)
        return line

    # ------------------------------------------------------------------- answers
    def _landed(self, line: _Line, question: Question, turn: int, call: Call, answer: Any) -> None:
        if question.turn != turn:
            return
        if isinstance(answer, Trouble) and line.wire.trouble is not None:
            self._lost(line, question, answer)
            return
        if call.verb is Verb.IDENTIFY and question.found is None:
            question.ids[call.name] = answer.id if isinstance(answer, Identity) else 0
        elif call.verb is Verb.IDENTIFY:
            self._looked_at(question, call.name.rpartition("/")[2], answer)
        elif isinstance(answer, Trouble):
            self._end(line, question, answer)
            return
        question.open -= 1
        if not question.open:
            self._complete(line, question)

    def _lost(self, line: _Line, question: Question, trouble: Trouble) -> None:
        """The first to be told is the oldest."""
        line.asked.discard(question)
        question.turn += 1
        question.above = [name for name in question.above if name not in question.ids]
        if line.blamed is None:
            line.blamed = question
            question.lost += 1
            if trouble.code == _SILENT or question.lost > self._limits.listings:
                question.land(trouble)
                return
        self._again.append(question)

    def _complete(self, line: _Line, question: Question) -> None:
        if question.found is not None:  # and what was missing has been looked at
            self._end(line, question, question.found)
            return
        try:
            question.found = question.rows.found()
        except ValueError as problem:
            self._end(line, question, Trouble(303, text=str(problem)))
            return
        if len(question.names) == len(question.found):
            self._end(line, question, question.found)
            return
        missing = question.found.missing(question.names.all())
        if len(missing) > MISSING:
            self._end(line, question, broken_off(len(missing)))
        elif missing:
            above = question.name.rstrip("/")
            calls = [self._call(Verb.IDENTIFY, line, f"{above}/{name}") for name in missing]
            self._submit(line, question, calls)
        else:
            self._end(line, question, question.found)

    def _looked_at(self, question: Question, name: str, answer: Identity | Trouble) -> None:
        assert question.found is not None
        if isinstance(answer, Identity):
            question.found.add(name, answer.id, answer.size, answer.flags, answer.modified)
        else:
            question.found.doubt(name, words_of(answer))

    def _end(self, line: _Line, question: Question, answer: Found | Trouble) -> None:
        line.asked.discard(question)
        question.turn += 1  # what else comes is of no interest
        if isinstance(answer, Found):
            self._average += (len(answer) + 1 - self._average) * 0.2 if self._average else len(answer) + 1
        if answer == REDIRECTED:
            self._pool.not_plain(self._server)
        question.land(answer)

    def tick(self) -> None:
        for line in self._lines:
            line.wire.tick()
        while self._again:
            self.ask(self._again.popleft())

    def close(self) -> None:
        for line in self._lines:
            self._watcher.leave(line.wire)
            if line.wire.trouble is None and line.wire.idle:
                self._pool.give_back(line.wire)
            else:
                line.wire.close()
        self._lines.clear()


def words_of(trouble: Trouble) -> str:
    """What is under a name that a server cannot look at."""
    if issubclass(trouble.error, FileMissing) or _LOOP in trouble.text.lower():
        return NOWHERE
    return f"cannot be looked at: {trouble.words}"


def broken_off(missing: int) -> Trouble:
    return Trouble(303, text=f"the server tells of no sizes of {missing} entries")


class LibraryDesk:
    """Desk: a server that the client library speaks to: with credentials, or a name space on a manager."""

    AT_A_TIME = 8

    def __init__(self, client: Client, watcher: Watcher) -> None:
        self._client, self._watcher = client, watcher
        self._asked: dict[Question, float] = {}

    @property
    def room(self) -> int:
        return self.AT_A_TIME - len(self._asked)

    def ask(self, question: Question) -> None:
        if error := bad_name(question.name):
            question.land(Trouble(400, 3013, str(error)))
            return
        self._asked[question] = time.monotonic()
        question.open, question.found = 2, Found()
        names: list[str] = []
        seconds = self._client.limits.call_timeout  # for the whole of it: it comes in one piece
        for only in (True, False):
            land = partial(self._post, question, names, only)
            self._client.list_directory(question.name, land, sizes=not only, seconds=seconds)

    def _post(self, question: Question, names: list[str], only: bool, part: Part | Trouble) -> None:
        self._watcher.post(lambda: self._came(question, names, only, part))

    def _came(self, question: Question, names: list[str], only: bool, part: Part | Trouble) -> None:
        if question not in self._asked:
            return
        self._asked[question] = time.monotonic()
        if isinstance(part, Trouble):
            self._end(question, part)
            return
        if only:
            names += (row.name for row in part.rows)
        elif problem := _taken(question, part):
            self._end(question, problem)
            return
        question.open -= part.last
        if not question.open:
            self._complete(question, names)

    def _complete(self, question: Question, names: list[str]) -> None:
        assert question.found is not None
        if len(names) != len(question.found) and (missing := question.found.missing(names)):
            if len(missing) > MISSING:
                self._end(question, broken_off(len(missing)))
                return
            self._look_at(question, question.found, missing)
        self._end(question, question.found)

    def _look_at(self, question: Question, found: Found, missing: Sequence[str]) -> None:
        above = question.name.rstrip("/")
        try:
            seen = self._client.stat([f"{above}/{name}" for name in missing])
        except StorageError as error:
            for name in missing:
                found.doubt(name, f"cannot be looked at: {error}")
            return
        for name, stat in seen.items():
            match stat:
                case Stat(size, flags):
                    found.add(name.rpartition("/")[2], 0, size, flags, 0)
                case Trouble():
                    found.doubt(name.rpartition("/")[2], words_of(stat))

    def _end(self, question: Question, answer: Found | Trouble) -> None:
        del self._asked[question]
        question.land(answer)

    def tick(self) -> None:
        """The library tells of a server that is silent; it says nothing of an answer that it chokes on."""
        end = time.monotonic() - self._client.limits.call_timeout - _GRACE
        for question in [question for question, heard in self._asked.items() if heard < end]:
            self._end(
                question, Trouble(303, text="no answer that can be read: is there a name not in UTF-8?")
            )

    def close(self) -> None:
        self._asked.clear()


def _taken(question: Question, part: Part) -> Trouble | None:
    assert question.found is not None
    for row in part.rows:
        if "/" in row.name or not row.name.isprintable():
            return Trouble(303, text=f"an entry {row.name!r}")
        identity = int(row.id) if row.id.isdecimal() else 0
        question.found.add(row.name, identity, row.size, row.flags, max(0, row.modified), row.checksum)
    return None
