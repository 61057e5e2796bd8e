"""The log of a scan: which directories were found, read, and could not be read. Append-only.

A line is a JSON array. Directories are numbered in the order in which they are found; each has its slash.

    ["found", PATH]
    ["done", NUMBER, FILES, BYTES]
    ["unread", NUMBER, CODE, WORDS]    it may still become done: it is tried again
    ["kept", PART]                     all above holds, and what was done since the last such line is in the
                                       part of this number; 0: nothing was

What stands after the last "kept" is as if it had not happened: its directories are listed anew. So a process
may be killed at any moment, and no file is counted twice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from catalog.errors import BadInput


@dataclass(frozen=True, slots=True)
class Unread:
    """A directory that could not be read. ``code``: of the error; ``why``: what the service said."""

    path: str
    code: str
    why: str


@dataclass(slots=True)
class State:
    """How far a scan is. ``waiting`` (by number) were found and neither read nor given up; ``unread`` could
    not be read so far. ``files`` and ``bytes`` are of those that were read. ``offset``: where the part of the
    log that holds ends."""

    found: int = 0
    done: int = 0
    files: int = 0
    bytes: int = 0
    parts: int = 0
    offset: int = 0
    waiting: dict[int, str] = field(default_factory=dict)
    unread: dict[int, Unread] = field(default_factory=dict)

    def take(self, record: list[Any]) -> None:
        """What a line says. Raises ValueError, or what Python raises, for one that says nothing."""
        match record:
            case ["found", str(path)]:
                self.waiting[self.found] = path
                self.found += 1
            case ["done", int(number), int(files), int(size)]:
                self._leave(number)
                self.done, self.files, self.bytes = self.done + 1, self.files + files, self.bytes + size
            case ["unread", int(number), str(code), str(why)]:
                self.unread[number] = Unread(self._leave(number), code, why)
            case ["kept", int(part)]:
                self.parts = max(self.parts, part)
            case _:
                raise ValueError("no record of a log")

    def _leave(self, number: int) -> str:
        if number in self.unread:
            return self.unread.pop(number).path
        return self.waiting.pop(number)


def replay(log: Path) -> State:
    """The state that holds; of a log that is not there, that of a scan that has not begun.

    Raises BadInput for a file that is no such log.
    """
    state, pending = State(), []
    if not log.exists():
        return state
    with open(log, "rb") as lines:
        for count, (record, end) in enumerate(_whole(lines), 1):
            pending.append(record)
            if isinstance(record, list) and record[:1] == ["kept"]:
                try:
                    for one in pending:
                        state.take(one)
                except (ValueError, LookupError):
                    raise BadInput(
                        "this is not what a scan wrote; scan again", subject=f"{log}:{count}"
                    ) from None
                pending, state.offset = [], end
    return state


def _whole(lines: BinaryIO) -> Iterator[tuple[Any, int]]:
    """Every line as its record, with where it ends; up to one that was cut off."""
    end = 0
    for line in lines:
        end += len(line)
        try:
            record = json.loads(line)
        except ValueError:
            return
        if not line.endswith(b"\n"):
            return
        yield record, end


class Log:
    """A log that is written. What was there and does not hold is cut off first."""

    def __init__(self, path: Path, offset: int) -> None:
        self._file = open(path, "ab")  # noqa: SIM115  closed by close
        self._file.truncate(offset)
        self._file.seek(offset)

    def keep(self, records: Iterable[list[Any]], part: int) -> None:
        """Write the records, and that they hold. On disk when it returns."""
        text = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in (*records, ["kept", part]))
        self._file.write(text.encode())
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()
