"""What a server says is in a directory, piece by piece, as columns. Pure.

A server tells names and what ``stat`` says of them, line by line: a name, then ``id size flags mtime …``.
Names are bytes that may hold anything but a zero and a slash, and nothing is quoted: a name with a line break
makes the list unreadable, and that is told (ValueError), as lines are counted.

A stock server (XRootD 5, in ``do_DirStat``) leaves out an entry that it finds gone when it looks at it, and
*ends the list as if it were whole* when it meets one that it cannot look at, such as a link that leads to
itself. Nothing in the answer shows that. So names alone are asked for as well, for which nothing is looked
at: ``Names`` and ``Rows`` have the same number, or something is missing (``Found.missing``).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from transfers.backends.xrootd.commands import IS_DIR, OFFLINE, OTHER, POSC_PENDING
from transfers.backends.xrootd.replies import read_copied
from transfers.model import NOT_TOLD

_AT_ONCE = 1 << 18  # bytes that are taken apart together
_LEAD_IN = b".\n0 0 0 0"
_ROW = re.compile(r"([^\n]+)\n([0-9]+) ([0-9]+) ([0-9]+) ([0-9]+)[^\n\[]*(?:\[ ([^\n\]]*) \])?\n")
_FLAGS = re.compile(r"[^\n]+\n[0-9]+ [0-9]+ ([0-9]+) ")
_ODD = IS_DIR | OTHER | POSC_PENDING

WRITTEN = "a file that is still being written"
NO_FILE = "neither a file nor a directory"


@dataclass(slots=True)
class Found:
    """What is in a directory of one server. ``directories``: by name, what the server calls them itself.
    ``unclear``: of the others, those that may be directories."""

    names: list[str] = field(default_factory=list)
    sizes: array[int] = field(default_factory=lambda: array("q"))
    modified: array[int] = field(default_factory=lambda: array("q"))
    sums: array[int] = field(default_factory=lambda: array("q"))
    directories: dict[str, int] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.names) + len(self.directories) + len(self.others)

    def add(self, name: str, identity: int, size: int, flags: int, modified: int, checksum: str = "") -> None:
        """One entry. That a file is offline may be told by making it look like a device."""
        if "/" in name:
            raise ValueError(f"an entry {name!r}")
        if flags & IS_DIR:
            self.directories[name] = identity
        elif flags & POSC_PENDING:
            self.others[name] = WRITTEN
        elif flags & OTHER and not flags & OFFLINE:
            self.others[name] = NO_FILE
        else:
            adler32 = read_copied(checksum) if checksum else None
            self.names.append(name)
            self.sizes.append(size)
            self.modified.append(modified or NOT_TOLD)
            self.sums.append(NOT_TOLD if adler32 is None else adler32)

    def doubt(self, name: str, why: str) -> None:
        """One that cannot be looked at."""
        self.others[name] = why
        self.unclear.append(name)

    def drop(self, name: str) -> None:
        """A file that is none after all."""
        at = self.names.index(name)
        del self.names[at], self.sizes[at], self.modified[at], self.sums[at]

    def missing(self, names: Sequence[str]) -> list[str]:
        """Those of the names that are not here."""
        here = {*self.names, *self.directories, *self.others}
        return [name for name in names if name not in here]


class Names:
    """The names alone, as they come."""

    def __init__(self) -> None:
        self._raw = bytearray()

    def add(self, part: memoryview | bytes) -> None:
        self._raw += part

    def __len__(self) -> int:
        return self._raw.count(b"\n") + (self._raw[-1:] == b"\0")

    def all(self) -> list[str]:
        return [name for name in re.split("[\n\0]", _text(self._raw)) if name]


class Rows:
    """Names with sizes, as they come. What cannot be read is told at the end."""

    def __init__(self) -> None:
        self._found, self._raw = Found(), bytearray()
        self._begun = False
        self._problem: ValueError | None = None

    def add(self, part: memoryview | bytes) -> None:
        self._raw += part
        if len(self._raw) >= _AT_ONCE:
            self._take()

    def found(self) -> Found:
        """All of it, once the server has said that it is. Raises ValueError."""
        if self._raw[-1:] == b"\0":
            self._raw[-1:] = b"\n"
        self._take()
        if self._problem is not None:
            raise self._problem
        return self._found

    def _take(self) -> None:
        """Pieces end where an entry ends."""
        raw, self._raw = self._raw, bytearray()
        if self._problem is not None:
            return
        try:
            if not self._begun:
                if not raw.startswith(_LEAD_IN):
                    raise ValueError("a list without sizes")
                del raw[: len(_LEAD_IN) + 1]
                self._begun = True
            self._read(_text(raw))
        except ValueError as problem:
            self._problem = problem

    def _read_alike(self, text: str) -> bool:
        """Nearly always all are files with the same flags, which is read at half the price. False: not so."""
        first = _FLAGS.match(text)
        if first is None or int(first[1]) & _ODD or "/" in text or "[" in text:
            return False
        found = _alike(first[1]).split(text)  # name, size, time, name, size, time, … and nothing
        rows = len(found) // 3
        if found[-1] or text.count("\n") != 2 * rows:
            return False
        self._found.names += found[0:-1:3]
        self._found.sizes.extend([*map(int, found[1::3])])  # a list: half the price
        self._found.modified.extend([*map(int, found[2::3])])
        self._found.sums.extend(array("q", [NOT_TOLD]) * rows)
        return True

    def _read(self, text: str) -> None:
        if self._read_alike(text):
            return
        full = _ROW.findall(text)
        if len(full) * 2 != text.count("\n") or (text and text[-1] != "\n"):
            raise ValueError("a list that cannot be taken apart: is there a name with a line break?")
        for name, identity, size, flag, at, checksum in full:
            self._found.add(name, int(identity), int(size), int(flag), int(at), checksum)


@lru_cache
def _alike(flags: str) -> re.Pattern[str]:
    """What is between names, all with these flags and a time. It may take too much (an id is not looked at
    for speed), but then the lines are not two for a row."""
    return re.compile(rf"\n[^ ]+ ([0-9]+) {flags} ([1-9][0-9]*) [^\n]*\n")


def _text(raw: bytearray) -> str:
    return raw.decode(errors="surrogateescape")
