"""The papers of staging: which files to bring in or put out, and what became of them. Standard library only.

A workflow service of any kind writes the manifest; ``stage_in`` and ``stage_out`` read it on a worker node
and leave a report. Both are JSON with ``"version": 1``; unknown fields are ignored, missing ones refused::

    {"version": 1, "kind": "stage-in", "label": "job-17.1",
     "files": [{"lfn": "/raw/cdr11-275678.raw", "name": "cdr11-275678.raw",
                "size": 1073741824, "adler32": "04a9f1cf",
                "sources": [{"url": "root://door.example//eos/raw/cdr11-275678.raw", "distance": 1,
                             "succeeded_at": "2026-11-29T10:00:00+00:00"},
                            {"url": "root://far.example//raw/cdr11-275678.raw", "distance": 40}]}],
     "backends": {"root://door.example/": ["xrootd", {}]}}

    {"version": 1, "kind": "stage-out", "label": "job-17.1",
     "files": [{"lfn": "/out/mDST-1.root", "name": "mDST.root",
                "destinations": ["root://door.example//eos/job-17.1/mDST-1.root",
                                 "root://far.example//out/job-17.1/mDST-1.root"],
                "size": 52428800, "adler32": "0badcafe", "counters": {"events": 312}}],
     "backends": {}}

- ``name`` is the local file, relative to the work directory; left out: the base name of the LFN.
- ``size`` (bytes) and ``adler32`` (hex): compared if given; of an output: what its program says it wrote.
- ``sources``: in any order. ``distance`` is a cost, any unit, smaller is nearer; ``succeeded_at``,
  ``failed_at``: when a copy from there last did (ISO 8601 with offset); ``locality`` as services say it
  (``ONLINE``, ``NEARLINE`` …). All but ``url`` may be left out.
- ``destinations``: in order of preference, the assigned one first, then what to fall back on.
- ``backends``: URL prefix to [backend, options]. A URL that no prefix fits is opened by its scheme.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from catalog import papers
from catalog.checksum import Adler32
from catalog.papers import Backends, ManifestUnreadable, document, each, got
from catalog.states import Locality

STAGE_IN, STAGE_OUT = "stage-in", "stage-out"


@dataclass(frozen=True, slots=True)
class Source:
    """A place to read a file from."""

    url: str
    distance: int | None = None
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    locality: Locality = Locality.ONLINE


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file to bring in; ``name`` is relative to the work directory."""

    lfn: str
    name: str
    sources: tuple[Source, ...]
    size: int | None = None
    adler32: Adler32 | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file to put out. ``counters`` are passed on to the report: events, say."""

    lfn: str
    name: str
    destinations: tuple[str, ...]
    size: int | None = None
    adler32: Adler32 | None = None
    counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageIn:
    """Files to bring to this machine, all of them."""

    label: str
    files: tuple[Incoming, ...]
    backends: Backends = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageOut:
    """Files to put to storage: all of them are announced, or none."""

    label: str
    files: tuple[Outgoing, ...]
    backends: Backends = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: the storage's end of it, and the error code with its text ("" for the one that went well)."""

    url: str
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. ``url`` is the storage's end that served it, "" if none did.

    ``state``: ``copied``, ``kept`` (an equal file was there already), ``failed``, ``stopped``, or
    ``skipped`` (not tried, because of another file).
    """

    lfn: str
    name: str
    state: str
    url: str = ""
    size: int | None = None
    adler32: Adler32 | None = None
    code: str = ""
    text: str = ""
    fault: str = ""
    attempts: tuple[Attempt, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return self.state in ("copied", "kept")


@dataclass(frozen=True, slots=True)
class Output:
    """A file that is at its destination, compared: it may be announced."""

    lfn: str
    url: str
    size: int
    adler32: Adler32
    counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Left:
    """Bytes that lie somewhere and are not announced, for clean-up.

    ``whole``: the file was put and compared. ``unknown``: the service did not say what became of the copy.
    ``other``: a file with other bytes has that name; it was there before, and may be somebody else's.
    """

    lfn: str
    url: str
    state: str
    size: int | None = None
    adler32: Adler32 | None = None


@dataclass(frozen=True, slots=True)
class StageReport:
    """What staging left behind. ``code`` is "" on success; ``exit_code`` is the program's.

    ``outputs`` (stage-out): every file of the manifest, or nothing. ``left``: what lies somewhere
    all the same.
    """

    kind: str
    label: str
    host: str
    started_at: str
    ended_at: str
    files: tuple[FileReport, ...] = ()
    outputs: tuple[Output, ...] = ()
    left: tuple[Left, ...] = ()
    code: str = ""
    text: str = ""
    fault: str = ""
    exit_code: int = 0


# ------------------------------------------------------------------------------------ reading
def read_manifest(text: str) -> StageIn | StageOut:
    """The manifest in the text. Raises ManifestUnreadable, in one sentence."""
    data = document(text)
    kind = data.get("kind")
    if kind not in (STAGE_IN, STAGE_OUT):
        raise ManifestUnreadable(f"kind is {kind!r}, not {STAGE_IN} or {STAGE_OUT}")
    none: Backends = {}
    backends = got(data, "backends", papers.backends, none)
    label = got(data, "label", papers.text)
    manifest: StageIn | StageOut
    if kind == STAGE_IN:
        manifest = StageIn(label, tuple(each(data, "files", _incoming)), backends)
    else:
        manifest = StageOut(label, tuple(each(data, "files", _outgoing)), backends)
    check(manifest)
    return manifest


def check(manifest: StageIn | StageOut) -> None:
    """Raises ManifestUnreadable for files that would meet, or leave the work directory."""
    for what, names in (
        ("files are called", [str(PurePosixPath(file.name)) for file in manifest.files]),
        ("files have the LFN", [file.lfn for file in manifest.files]),
    ):
        if twice := sorted({name for name in names if names.count(name) > 1}) if _repeat(names) else []:
            raise ManifestUnreadable(f"two {what} {twice[0]}")
    for file in manifest.files:
        path = PurePosixPath(file.name)
        if not file.name or path.is_absolute() or ".." in path.parts or "\0" in file.name or path.name == "":
            raise ManifestUnreadable(f"{file.name!r} is no name of a file in the work directory")
        if not (file.sources if isinstance(file, Incoming) else file.destinations):
            raise ManifestUnreadable(f"{file.lfn} has no place to be copied from or to")
    if isinstance(manifest, StageOut):
        urls = [_plainly(url) for file in manifest.files for url in file.destinations]
        if _repeat(urls):
            raise ManifestUnreadable("two destinations are the same")


def _plainly(url: str) -> str:
    """A URL as most services understand it: two spellings of one place would be one file with two LFNs."""
    scheme, _, rest = url.rpartition("://")
    return f"{scheme}://{posixpath.normpath(rest)}"


def _repeat(words: Sequence[str]) -> bool:
    return len(set(words)) != len(words)


def _incoming(data: Mapping[str, Any]) -> Incoming:
    lfn = got(data, "lfn", papers.text)
    sources = tuple(each(data, "sources", _source))
    return Incoming(lfn, got(data, "name", papers.text, papers.base_name(lfn)), sources, *_contents(data))


def _outgoing(data: Mapping[str, Any]) -> Outgoing:
    lfn = got(data, "lfn", papers.text)
    destinations = got(data, "destinations", papers.texts)
    name = got(data, "name", papers.text, papers.base_name(lfn))
    return Outgoing(lfn, name, destinations, *_contents(data), got(data, "counters", papers.counters, {}))


def _source(data: Mapping[str, Any]) -> Source:
    return Source(
        got(data, "url", papers.text),
        got(data, "distance", papers.number, None),
        got(data, "succeeded_at", papers.time, None),
        got(data, "failed_at", papers.time, None),
        got(data, "locality", Locality, Locality.ONLINE),
    )


def _contents(data: Mapping[str, Any]) -> tuple[int | None, Adler32 | None]:
    return got(data, "size", papers.number, None), got(data, "adler32", Adler32.parse, None)


# ------------------------------------------------------------------------------------ writing
def dumps(paper: StageIn | StageOut | StageReport) -> str:
    """The paper as JSON text."""
    match paper:
        case StageIn():
            return papers.dumps(paper, kind=STAGE_IN)
        case StageOut():
            return papers.dumps(paper, kind=STAGE_OUT)
        case StageReport():
            return papers.dumps(paper)


def read_report(text: str) -> Mapping[str, Any]:
    """A report as plain data. Raises ManifestUnreadable."""
    return document(text)


def with_exit_code(report: StageReport, code: int) -> StageReport:
    """The report as the program ends with this code."""
    return replace(report, exit_code=code)
