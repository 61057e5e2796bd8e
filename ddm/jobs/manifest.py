"""The papers a job carries: a manifest in, a report out. No third-party imports, no database.

The coordinator (or a person) writes the manifest: what to read, what to run, what is promised and where it
goes; the worker leaves a report: what it read, what it wrote, what it counted. The runner's word about a job
is a hint; a report that keeps the manifest's promises is the evidence. docs/howto/merge-jobs.md shows one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from catalog import papers
from catalog.checksum import Adler32
from catalog.papers import Backends, ManifestUnreadable, each, got

__all__ = ["Input", "Manifest", "ManifestUnreadable", "Output", "Promise", "Reading", "Report", "Verify"]


class Verify(StrEnum):
    """What of a merged file is read again before it is put to storage. Each means those before it as well.

    The bytes are compared with what was written in any case, while they are copied.
    """

    NONE = "none"
    COUNT = "count"  # its events, where its promise names a counter
    SAME_CONTENT = "same-content"  # whether it holds exactly its inputs: reads both


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read. ``url`` is its PFN, ``alternatives`` are others, to be tried in this order when it
    cannot be read; ``n_events`` None when nobody knows. ``product``: which promises are made of it.
    ``about``: what an index of an archive says of it (run, chunk, job, attempt)."""

    lfn: str
    url: str
    size: int
    adler32: Adler32
    n_events: int | None = None
    alternatives: tuple[str, ...] = ()
    product: str = ""
    about: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def urls(self) -> tuple[str, ...]:
        return (self.url, *self.alternatives)


@dataclass(frozen=True, slots=True)
class Promise:
    """A file to write: ``payload`` is what the program calls it, ``url`` where it must be put.

    ``counter`` names the event counter that reads it back ("" = not a file of events). ``fallbacks``: where
    it may be put, in this order, when ``url`` does not take it.

    Of a merge: ``tool`` with ``options`` makes it of the inputs of the product ``of`` ("" = of all inputs);
    ``room``: bytes it may need, if not as many as its inputs have. ``size`` and ``adler32`` are for checks
    of a file that was merged before. ``about`` and ``gaps``: what its index says, if its format has one, of
    the whole and of what is not in it.
    """

    lfn: str
    product: str
    url: str
    payload: str
    counter: str = ""
    fallbacks: tuple[str, ...] = ()
    tool: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    of: str = ""
    room: int | None = None
    size: int | None = None
    adler32: Adler32 | None = None
    about: Mapping[str, str | int] = field(default_factory=dict)
    gaps: tuple[Mapping[str, str | int], ...] = ()

    @property
    def urls(self) -> tuple[str, ...]:
        return (self.url, *self.fallbacks)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One unit of work.

    ``label`` is unique per attempt. ``command`` is an argument list run in an empty directory that holds
    the inputs under their base names (``{input}`` stands for the first, ``{inputs}`` for all of them, in
    order); or merge tools make the promises: each its own, or ``tool`` with ``options`` the first one.
    ``backends`` maps a URL prefix to (backend name, options): how to reach the storage; without any, URLs
    are opened by their schemes. ``in_place``: inputs on a file system of this machine are not copied.
    """

    label: str
    kind: str
    inputs: tuple[Input, ...]
    promises: tuple[Promise, ...]
    backends: Backends
    command: tuple[str, ...] = ()
    tool: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    verify: Verify = Verify.COUNT
    in_place: bool = False

    def inputs_of(self, promise: Promise) -> tuple[Input, ...]:
        """What the promise is made of, in order."""
        return tuple(entry for entry in self.inputs if promise.of in ("", entry.product))


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of an input at the moment of reading: bytes and adler32 as they arrived, and the events.

    ``n_events`` None, ``by_type`` empty: its format was not counted.
    """

    lfn: str
    size: int
    adler32: Adler32
    n_events: int | None = None
    by_type: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Output:
    """A file written, compared at its destination.

    ``n_events``: the program's word; ``n_read``: as read. ``by_type``, ``read_by_type``: the same by what the
    format tells apart (event types, trees); empty where it tells nothing.
    """

    lfn: str
    url: str
    size: int
    adler32: Adler32
    n_events: int | None = None
    n_read: int | None = None
    by_type: Mapping[str, int] = field(default_factory=dict)
    read_by_type: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker leaves behind. ``code`` is "" on success, else an error code, with ``text`` for people.

    ``inputs``: what came of each input at the moment of reading; the cross-check compares it with the
    catalogue, and does not believe a merge without it. ``read`` maps each input's LFN to the events counted
    in it, where its format was counted. ``log``: of a job that failed, the log that was put to storage all
    the same, where its manifest promised one. ``fault``: whose it is (``catalog.faults``). ``left``: URLs
    where bytes of outputs lie, or may lie, that are not announced. ``scratch``: bytes of disk the job needed
    at most, as far as its manifest tells.
    """

    label: str
    host: str
    started_at: str
    ended_at: str
    outputs: tuple[Output, ...]
    read: Mapping[str, int] = field(default_factory=dict)
    code: str = ""
    text: str = ""
    fault: str = ""
    left: tuple[str, ...] = ()
    scratch: int | None = None
    exit_code: int = 0
    inputs: tuple[Reading, ...] = ()
    log: Output | None = None


# ------------------------------------------------------------------------------------ reading
def read_manifest(text: str) -> Manifest:
    """The manifest in the text. Raises ManifestUnreadable."""
    data = papers.document(text)
    no_backends: Backends = {}
    return Manifest(
        label=got(data, "label", papers.text),
        kind=got(data, "kind", papers.word, "merge"),
        inputs=tuple(each(data, "inputs", _input)),
        promises=tuple(each(data, "promises", _promise)),
        backends=got(data, "backends", papers.backends, no_backends),
        command=got(data, "command", papers.words, ()),
        tool=got(data, "tool", papers.word, ""),
        options=got(data, "options", papers.options, {}),
        environment=got(data, "environment", papers.options, {}),
        verify=got(data, "verify", Verify, Verify.COUNT),
        in_place=got(data, "in_place", papers.flag, False),
    )


def unread(text: str) -> list[str]:
    """The fields of a manifest that nobody reads, such as ``promises[0].conter``: mistyped, or of a later
    ddm.

    The text is one that ``read_manifest`` takes.
    """
    data = papers.document(text)
    found = [name for name in data if name not in {"version", *(one.name for one in fields(Manifest))}]
    for name, kind in (("inputs", Input), ("promises", Promise)):
        known = {one.name for one in fields(kind)}
        for index, entry in enumerate(data[name]):
            if "from_report" in entry:
                continue  # of ``ddm.jobs.earlier``, which reads it
            found += [f"{name}[{index}].{word}" for word in entry if word not in known]
    return found


def _input(data: Mapping[str, Any]) -> Input:
    return Input(
        got(data, "lfn", papers.text),
        got(data, "url", papers.text),
        got(data, "size", papers.number),
        got(data, "adler32", Adler32.parse),
        got(data, "n_events", papers.number, None),
        got(data, "alternatives", papers.texts, ()),
        got(data, "product", papers.word, ""),
        got(data, "about", papers.about, {}),
    )


def _promise(data: Mapping[str, Any]) -> Promise:
    lfn = got(data, "lfn", papers.text)
    return Promise(
        lfn,
        got(data, "product", papers.word, ""),
        got(data, "url", papers.text),
        got(data, "payload", papers.word, papers.base_name(lfn)),
        got(data, "counter", papers.word, ""),
        got(data, "fallbacks", papers.texts, ()),
        got(data, "tool", papers.word, ""),
        got(data, "options", papers.options, {}),
        got(data, "of", papers.word, ""),
        got(data, "room", papers.number, None),
        got(data, "size", papers.number, None),
        got(data, "adler32", Adler32.parse, None),
        got(data, "about", papers.about, {}),
        tuple(each({"gaps": [], **data}, "gaps", papers.about)),
    )


def read_report(text: str) -> Report:
    """The report in the text. Raises ManifestUnreadable."""
    data = papers.document(text)
    return Report(
        label=got(data, "label", papers.word),
        host=got(data, "host", papers.word),
        started_at=got(data, "started_at", papers.word),
        ended_at=got(data, "ended_at", papers.word),
        outputs=tuple(each(data, "outputs", read_output)),
        read=got(data, "read", papers.counters, {}),
        code=got(data, "code", papers.word, ""),
        text=got(data, "text", papers.word, ""),
        fault=got(data, "fault", papers.word, ""),
        left=got(data, "left", papers.texts, ()),
        scratch=got(data, "scratch", papers.number, None),
        exit_code=got(data, "exit_code", papers.number, 0),
        inputs=tuple(each({"inputs": [], **data}, "inputs", read_reading)),
        log=got(data, "log", lambda found: None if found is None else read_output(found), None),
    )


def read_reading(data: Mapping[str, Any]) -> Reading:
    """An input of a report. Raises ManifestUnreadable."""
    return Reading(
        got(data, "lfn", papers.text),
        got(data, "size", papers.number),
        got(data, "adler32", Adler32.parse),
        got(data, "n_events", papers.number_or_none, None),
        got(data, "by_type", papers.counters, {}),
    )


def read_output(data: Mapping[str, Any]) -> Output:
    """An output of a report. Raises ManifestUnreadable."""
    return Output(
        got(data, "lfn", papers.text),
        got(data, "url", papers.text),
        got(data, "size", papers.number),
        got(data, "adler32", Adler32.parse),
        got(data, "n_events", papers.number, None),
        got(data, "n_read", papers.number, None),
        got(data, "by_type", papers.counters, {}),
        got(data, "read_by_type", papers.counters, {}),
    )


# ------------------------------------------------------------------------------------ writing
def dumps(paper: Manifest | Report) -> str:
    """The paper as JSON text."""
    return papers.dumps(paper)


def write(path: Path, paper: Manifest | Report) -> None:
    """Write the paper whole or not at all."""
    papers.write_whole(path, dumps(paper))


def broken_promises(manifest: Manifest, report: Report) -> list[str]:
    """What the report lacks or has too much, in sentences; empty when every promise is kept."""
    problems = []
    if report.label != manifest.label:
        problems.append(f"the report is of {report.label}, not of {manifest.label}")
    promised = {promise.lfn: promise for promise in manifest.promises}
    written = {output.lfn: output for output in report.outputs}
    if len(written) != len(report.outputs):
        problems.append("an output is reported twice")
    problems += [f"{lfn} was promised and is not reported" for lfn in promised.keys() - written.keys()]
    problems += [f"{lfn} is reported and was not promised" for lfn in written.keys() - promised.keys()]
    for lfn in promised.keys() & written.keys():
        if written[lfn].url not in promised[lfn].urls:
            promise = " or ".join(promised[lfn].urls)
            problems.append(f"{lfn} was put to {written[lfn].url}, promised was {promise}")
    return sorted(problems)
