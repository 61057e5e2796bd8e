"""Running a foreign program to its end, and looking at what it printed."""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import select
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from merging.errors import ToolMissing

_TAIL: Final = 400


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code (negative: by a signal), None if it was killed for lack of time."""

    code: int | None
    printed: Printed


class Printed:
    """What a program wrote into a text file, looked at where it lies: it may be long."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def found(self, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
        """Every match, in order."""
        with open(self._path, "rb") as stream:
            if not os.fstat(stream.fileno()).st_size:
                return
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text:
                yield from pattern.finditer(text)

    def line_with(self, pattern: re.Pattern[bytes]) -> str | None:
        """The first line with a match, without its ends; None if there is none."""
        whole = re.compile(b"[^\\n]*(?:" + pattern.pattern + b")[^\\n]*", pattern.flags)
        for match in self.found(whole):
            return match[0].decode("utf-8", "replace").strip()
        return None

    @property
    def tail(self) -> str:
        """The last it printed, some hundred characters."""
        with open(self._path, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            stream.seek(max(0, size - 4 * _TAIL))
            return stream.read().decode("utf-8", "replace").strip()[-_TAIL:]


def run(
    words: Sequence[str], *, directory: Path, log: Path, environment: Mapping[str, str], timeout: float
) -> Ended:
    """Run a program in ``directory`` with stdout and stderr into ``log``, a new file.

    After ``timeout`` seconds it is killed. Its children are killed when it ends, in any case: nobody may
    write to the output after this. Raises ToolMissing if the program cannot be started.
    """
    with open(log, "xb") as sink:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=directory,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        except (FileNotFoundError, PermissionError) as error:
            raise ToolMissing(
                f"merge command '{words[0]}' cannot be started: {error.strerror or error}"
            ) from None
        return Ended(_code(process, timeout), Printed(log))


def _code(process: subprocess.Popen[bytes], timeout: float) -> int | None:
    """The exit code, None if it was not over in time.

    The process is reaped last: until then its id is its own, so that the kill reaches nobody else.
    """
    handle = os.pidfd_open(process.pid)
    try:
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        in_time = bool(waiting.poll(timeout * 1000))
    finally:
        os.close(handle)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
    return code if in_time else None
