"""A merge by a program of the experiment (hadd, phast, …): run it, and believe only what can be seen."""

from __future__ import annotations

import contextlib
import re
import shlex
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from merging import registry
from merging.errors import MergeError, MergeToolFailed, ToolMissing
from merging.formats import program
from merging.formats.files import checked, new_file, size_and_adler32
from merging.formats.ports import Format
from merging.formats.program import Ended, Printed
from merging.model import Count, MergeResult, Sameness, Taken

_LOG: Final = "ddm-command.log"
_LIST: Final = "ddm-inputs.txt"


class ExternalProgram:
    """Runs ``command`` to merge; ``{inputs}`` or ``{list}``, and ``{output}``, stand for the files.

    ``command`` is cut into words once, like a shell would, and never meets a shell. ``{inputs}`` is a word of
    its own and becomes one word per file; ``{list}`` becomes the name of a text file with one input to the
    line, for programs that take that; ``{output}`` may be part of a word. The program runs in a new empty
    directory (in ``scratch``, if given, else beside the output), with ``environment`` (``A=1 B='x y'``) added
    to ours. After ``timeout`` seconds it and its children are killed.

    It succeeded if its exit code is one of ``exit_codes`` (``0,4``), ``end_marker`` (if set) stands in what
    it printed and ``forbidden`` (a regular expression) does not, the output is there and not empty, and no
    input was changed. ``events`` is a regular expression with one group, searched in what was printed, or in
    the file ``events_in`` that the program leaves in its directory: the last match is the number of events
    it says it wrote.

    ``like`` names the format that counts and compares what the program writes; without it there is neither
    (ToolMissing). With it the inputs are counted before, the output after: a program that left an input out,
    and kept quiet, is found out. ``verify`` ``no`` is for programs that are meant to drop events.
    """

    one_by_one = False

    def __init__(
        self,
        *,
        command: str,
        end_marker: str = "",
        forbidden: str = "",
        exit_codes: str = "0",
        events: str = "",
        events_in: str = "",
        environment: str = "",
        scratch: str = "",
        timeout: str = "21600",
        like: str = "",
        verify: str = "yes",
    ) -> None:
        self._words = _words(command)
        self._end_marker = re.compile(re.escape(end_marker.encode()))
        self._end = end_marker
        self._forbidden = _pattern("forbidden", forbidden)
        self._exit_codes = _numbers(exit_codes)
        self._events = _pattern("events", events)
        if self._events is not None and self._events.groups != 1:
            raise MergeError(f"command: events needs one group, for the number: {events}")
        if Path(events_in).name != events_in:
            raise MergeError(f"command: events_in is a name in the program's directory, not '{events_in}'")
        self._events_in = events_in
        self._environment = _environment(environment)
        self._scratch = Path(scratch).absolute() if scratch else None
        self._timeout = _seconds(timeout)
        self._like = like
        if verify not in ("yes", "no"):
            raise MergeError(f"command: verify is yes or no, not '{verify}'")
        self._verify = verify == "yes"

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        with new_file(output) as temporary:
            paths = checked(inputs)
            before = [_fingerprint(path) for path in paths]
            taken = tuple(self._taken(path) for path in paths)
            with self._directory(temporary) as directory:
                ended = self._run(paths, temporary, directory)
                if temporary.is_symlink() or not temporary.is_file() or not temporary.stat().st_size:
                    raise self._failure("ended well but wrote no output", ended)
                for path, was in zip(paths, before, strict=True):
                    if _fingerprint(path) != was:
                        raise self._failure(f"changed its input {path}", ended)
                count = self._verified(temporary, taken, self._said(directory, ended), ended)
            size, adler32 = size_and_adler32(temporary)
        return MergeResult(size, adler32, count.n_events, count.by_type, taken)

    def count(self, path: Path) -> Count:
        return self._format("count").count(path)

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        return self._format("compare").same_content(inputs, merged)

    def _format(self, verb: str) -> Format:
        if not self._like:
            text = f"nothing is named to {verb} what '{self._words[0]}' writes: give the option like = FORMAT"
            raise ToolMissing(text, subject="like")
        return registry.find_format(self._like)

    def _taken(self, path: Path) -> Taken:
        count = self.count(path) if self._like else Count(None)
        return Taken(str(path), path.stat().st_size, count.n_events, count.by_type)

    @contextlib.contextmanager
    def _directory(self, temporary: Path) -> Iterator[Path]:
        where = self._scratch or temporary.parent
        with tempfile.TemporaryDirectory(prefix="run-", dir=where, ignore_cleanup_errors=True) as directory:
            yield Path(directory).absolute()

    def _run(self, inputs: Sequence[Path], output: Path, directory: Path) -> Ended:
        """Run the program. Raises MergeToolFailed unless it ended as it should."""
        words = self._filled(inputs, output.absolute(), directory)
        ended = program.run(
            words,
            directory=directory,
            log=directory / _LOG,
            environment=self._environment,
            timeout=self._timeout,
        )
        if ended.code is None:
            raise self._failure(f"was stopped after {self._timeout:g} seconds", ended)
        if ended.code not in self._exit_codes:
            raise self._failure(f"ended with exit code {ended.code}", ended)
        if self._forbidden is not None and (line := ended.printed.line_with(self._forbidden)) is not None:
            raise self._failure(f"printed a line that is forbidden: {line!r}", ended)
        if self._end and next(ended.printed.found(self._end_marker), None) is None:
            raise self._failure(f"did not print '{self._end}'", ended)
        return ended

    def _filled(self, inputs: Sequence[Path], output: Path, directory: Path) -> list[str]:
        words: list[str] = []
        names = [str(path.absolute()) for path in inputs]
        for word in self._words:
            if word == "{inputs}":
                words += names
            elif "{list}" in word:
                words.append(word.replace("{list}", str(_listed(names, directory / _LIST))))
            else:
                words.append(word.replace("{output}", str(output)))
        return words

    def _said(self, directory: Path, ended: Ended) -> int | None:
        """The number of events that the program says it wrote."""
        if self._events is None:
            return None
        text = ended.printed
        if self._events_in:
            if not (directory / self._events_in).is_file():
                raise self._failure(f"did not write {self._events_in}", ended)
            text = Printed(directory / self._events_in)
        found = [match[1] for match in text.found(self._events)]
        try:
            return int(found[-1])
        except (IndexError, ValueError, TypeError):
            raise self._failure("did not say how many events it wrote", ended) from None

    def _verified(self, output: Path, taken: Sequence[Taken], said: int | None, ended: Ended) -> Count:
        """What is in the output, where that can be read; it must be what was said, and what went in."""
        if not self._like:
            return Count(said)
        count = self.count(output)
        if said is not None and count.n_events not in (None, said):
            text = f"says that it wrote {said} events, and its output holds {count.n_events}"
            raise self._failure(text, ended)
        read = [one.n_events for one in taken if one.n_events is not None]
        if self._verify and len(read) == len(taken) and count.n_events not in (None, sum(read)):
            text = f"was given {sum(read)} events, and its output holds {count.n_events}"
            raise self._failure(text, ended)
        if self._verify and count.n_events is None:
            self._check_types(count, taken, ended)
        return Count(said if count.n_events is None else count.n_events, count.by_type)

    def _check_types(self, count: Count, taken: Sequence[Taken], ended: Ended) -> None:
        """Where nothing is the number of events (several trees), each that is counted must be whole."""
        given: Counter[str] = Counter()
        for one in taken:
            given.update(one.by_type)
        for name in sorted(given.keys() | count.by_type.keys()):
            if given[name] != (held := count.by_type.get(name, 0)):
                text = f"was given {given[name]} of '{name}', and its output holds {held}"
                raise self._failure(text, ended)

    def _failure(self, text: str, ended: Ended) -> MergeToolFailed:
        name, last = self._words[0], ended.printed.tail
        return MergeToolFailed(f"merge command '{name}' {text}; the last it printed: {last!r}", subject=name)


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise MergeError(f"command: {error}: {command}") from None
    given = words.count("{inputs}") + sum("{list}" in word for word in words)
    if given != 1 or not any("{output}" in word for word in words):
        text = "needs the word {inputs} once, or {list}, and {output}"
        raise MergeError(f"command: {text}: {command}")
    return words


def _pattern(option: str, text: str) -> re.Pattern[bytes] | None:
    if not text:
        return None
    try:
        return re.compile(text.encode(), re.MULTILINE)
    except re.error as error:
        raise MergeError(f"command: {option} is not a regular expression: {error}") from None


def _numbers(text: str) -> frozenset[int]:
    try:
        return frozenset(int(word) for word in text.split(","))
    except ValueError:
        raise MergeError(f"command: exit_codes are numbers such as 0,4 and not '{text}'") from None


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise MergeError(f"command: timeout is a number of seconds, not '{text}'") from None


def _environment(text: str) -> dict[str, str]:
    try:
        pairs = [word.partition("=") for word in shlex.split(text)]
    except ValueError as error:
        raise MergeError(f"command: environment: {error}") from None
    if wrong := [name for name, equal, _ in pairs if not (name and equal)]:
        raise MergeError(f"command: environment is A=1 B=2 …, not '{wrong[0]}'")
    return {name: value for name, _, value in pairs}


def _listed(names: Sequence[str], path: Path) -> Path:
    if broken := [name for name in names if "\n" in name]:
        raise MergeError(f"a name that does not fit a list of files: {broken[0]!r}", subject=broken[0])
    path.write_text("".join(f"{name}\n" for name in names), encoding="utf-8", errors="surrogateescape")
    return path


def _fingerprint(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
