"""What a copy asks of servers and of this machine, one thing at a time, and what it is told.

A ``Call`` is made by a ``Wire`` (one server) or by ``here`` (this machine), submitted by the engine, and
answered once: with what the verb gives, or with a Trouble.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

from transfers.backends.xrootd.errors import Trouble
from transfers.errors import FileMissing


class Verb(IntEnum):
    """What can be asked, and what the answer is if it is not a Trouble. A number, as there are many."""

    OPEN = 0  # Opened
    CREATE = 1  # Opened: a new file, with its directories, that stays only if it is closed well
    READ = 2  # bytes, or their number if there is a buffer to read into; fewer than asked: the end
    WRITE = 3  # None
    CLOSE = 4  # None
    STAT = 5  # Stat
    REMOVE = 6  # None
    CHECKSUM = 7  # bytes: the server's raw answer
    LOCAL = 8  # what the function gives; an exception as it is
    APART = 9  # the same, of a function that may never come back
    LIST = 10  # None: all has been given to ``data``, piece by piece
    IDENTIFY = 11  # Identity


@dataclass(frozen=True, slots=True)
class Opened:
    """An open file: what the server calls it, size in bytes and flags (0 when it does not tell)."""

    handle: Any
    size: int = 0
    flags: int = 0


@dataclass(slots=True)
class Call:
    """One question. ``seconds``: of silence after which no answer is expected any more."""

    verb: Verb
    wire: Wire | None
    name: str = ""
    opaque: str = ""  # what a new file is told beside its name
    handle: Any = None
    offset: int = 0
    length: int = 0
    data: Any = None  # to be written, a buffer to read into, or who takes the pieces of a listing
    seconds: float = 30.0
    do: Callable[[], Any] | None = None
    land: Callable[[Any], None] = field(default=lambda answer: None)
    got: int = 0
    parts: list[bytes] | None = None
    waits: int = 0  # times that the server asked to be asked again


class Wire(Protocol):
    """A way to one server. All is done by the thread that runs the engine."""

    server: str

    @property
    def fills(self) -> bool:
        """Does a READ into a buffer cost less than one that gives bytes?"""
        ...

    @property
    def quick(self) -> bool:
        """Does a call cost little more than its bytes?"""
        ...

    def submit(self, call: Call) -> None:
        """Send it; ``call.land`` is called with the answer, later."""
        ...

    @property
    def trouble(self) -> Trouble | None:
        """Why nothing can be asked this way any more; None: it can."""
        ...

    def tick(self) -> None:
        """Look at the time: what is too late is answered so."""
        ...

    def leave_open(self, call: Call) -> None:
        """The created file of this call cannot be removed: it goes when the connection does."""
        ...


def here(do: Callable[[], Any]) -> Call:
    """Something that this machine does, in another thread. It is waited for, whatever happens."""
    return Call(Verb.LOCAL, None, do=do)


def apart(do: Callable[[], Any]) -> Call:
    """The same, but it may be left behind."""
    return Call(Verb.APART, None, do=do)


def uncreate(call: Call, opened: Opened) -> None:
    """Of a file created for nobody: remove it, and only then close it, which would let it be seen."""
    wire = call.wire
    assert wire is not None
    about = {"name": call.name, "handle": opened.handle, "seconds": call.seconds}
    closing, removal = Call(Verb.CLOSE, wire, **about), Call(Verb.REMOVE, wire, **about)

    def removed(answer: Any) -> None:
        if is_gone(answer):
            wire.submit(closing)
        else:
            wire.leave_open(closing)

    removal.land = removed
    wire.submit(removal)


def is_gone(answer: Any) -> bool:
    """Does the answer to a REMOVE say that there is nothing any more?"""
    return not isinstance(answer, Trouble) or issubclass(answer.error, FileMissing)
