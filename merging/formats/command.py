"""A merge by a program of the experiment (hadd, phast, …): run it, and believe only what can be seen."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shlex
import signal
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from merging import registry
from merging.errors import MergeError, MergeToolFailed, ToolMissing
from merging.formats.files import checked, new_file, size_and_adler32
from merging.formats.ports import Format
from merging.model import Count, MergeResult, Sameness, Taken

_TAIL = 400
_LOG = "ddm-command.log"


class ExternalProgram:
    """Runs ``command`` to merge; the words ``{inputs}`` and ``{output}`` stand for the files.

    ``command`` is cut into words once, like a shell would, and never meets a shell: ``{inputs}`` must be a
    word of its own and becomes one word per file, ``{output}`` may be part of a word. The program runs in
    an empty directory. It succeeded if its exit code is 0, ``end_marker`` (if set) stands in what it
    printed, the output is there and not empty, and no input was changed. ``events`` is a regular expression
    with one group, searched in what was printed: the last match is the number of events it says it wrote;
    without it ``n_events`` is None. After ``timeout`` seconds the program and its children are killed.

    A program may still be wrong about its own output (one that does not check its writes ends well on a
    full disk): its word is one witness, the count read back from the file another. ``like`` names the format
    that counts and compares what the program writes; without it there is neither (ToolMissing).
    """

    one_by_one = False

    def __init__(
        self, *, command: str, end_marker: str = "", events: str = "", timeout: str = "21600", like: str = ""
    ) -> None:
        self._like = like
        self._words = _words(command)
        self._end_marker = end_marker
        self._events = _pattern(events)
        try:
            self._timeout = float(timeout)
        except ValueError:
            raise MergeError(f"command: timeout is a number of seconds, not '{timeout}'") from None

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        with new_file(output) as temporary:
            paths = checked(inputs)
            before = [_fingerprint(path) for path in paths]
            printed = self._run(paths, temporary)
            if self._end_marker not in printed:
                raise self._failure(f"did not print '{self._end_marker}'", printed)
            if not temporary.is_file() or not temporary.stat().st_size:
                raise self._failure("ended well but wrote no output", printed)
            for path, was in zip(paths, before, strict=True):
                if _fingerprint(path) != was:
                    raise self._failure(f"changed its input {path}", printed)
            n_events = self._counted(printed)
            size, adler32 = size_and_adler32(temporary)
        taken = tuple(Taken(str(path), size) for path, (size, _) in zip(paths, before, strict=True))
        return MergeResult(size, adler32, n_events, {}, taken)

    def count(self, path: Path) -> Count:
        return self._format("count").count(path)

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        return self._format("compare").same_content(inputs, merged)

    def _format(self, verb: str) -> Format:
        if not self._like:
            text = f"nothing is named to {verb} what '{self._words[0]}' writes: give the option like = FORMAT"
            raise ToolMissing(text, subject="like")
        return registry.find_format(self._like)

    def _run(self, inputs: Sequence[Path], output: Path) -> str:
        """What the program printed. Raises MergeToolFailed unless it ended with exit code 0 in time."""
        log = output.with_name(_LOG)
        with open(log, "xb") as sink:
            try:
                process = subprocess.Popen(
                    self._filled(inputs, output.absolute()),
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    cwd=output.parent,
                    start_new_session=True,
                )
            except (FileNotFoundError, PermissionError) as error:
                raise ToolMissing(f"merge command '{self._words[0]}' cannot be started: {error}") from None
            code = _ended(process, self._timeout)
        printed = log.read_text(encoding="utf-8", errors="replace")
        if code is None:
            raise self._failure(f"was stopped after {self._timeout:g} seconds", printed)
        if code:
            raise self._failure(f"ended with exit code {code}", printed)
        return printed

    def _filled(self, inputs: Sequence[Path], output: Path) -> list[str]:
        words: list[str] = []
        for word in self._words:
            if word == "{inputs}":
                words += (str(path.absolute()) for path in inputs)
            else:
                words.append(word.replace("{output}", str(output)))
        return words

    def _counted(self, printed: str) -> int | None:
        if self._events is None:
            return None
        found = [match[1] for match in self._events.finditer(printed)]
        try:
            return int(found[-1])
        except (IndexError, ValueError):
            raise self._failure("did not say how many events it wrote", printed) from None

    def _failure(self, text: str, printed: str) -> MergeToolFailed:
        last = printed.strip()[-_TAIL:]
        return MergeToolFailed(
            f"merge command '{self._words[0]}' {text}; the last it printed: {last!r}", subject=self._words[0]
        )


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise MergeError(f"command: {error}: {command}") from None
    if words.count("{inputs}") != 1 or not any("{output}" in word for word in words):
        raise MergeError(f"command: needs the word {{inputs}} once, and {{output}}: {command}")
    return words


def _pattern(events: str) -> re.Pattern[str] | None:
    if not events:
        return None
    try:
        pattern = re.compile(events, re.MULTILINE)
    except re.error as error:
        raise MergeError(f"command: events is not a regular expression: {error}") from None
    if pattern.groups != 1:
        raise MergeError(f"command: events needs one group, for the number: {events}")
    return pattern


def _fingerprint(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _ended(process: subprocess.Popen[bytes], timeout: float) -> int | None:
    """The exit code, None if it was not over in time. Whatever it started is ended too, in both cases.

    Nobody may write to the output after this. The process is reaped last: until then its id is its own,
    so that the kill reaches nobody else.
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
