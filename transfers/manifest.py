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

import json
import os
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from catalog.checksum import Adler32
from catalog.errors import DataManagementError, ExitCode, Retry
from catalog.states import Locality

VERSION = 1
STAGE_IN, STAGE_OUT = "stage-in", "stage-out"

Backends = Mapping[str, tuple[str, Mapping[str, str]]]
"""URL prefix → (backend, options)."""

T = TypeVar("T")


class ManifestUnreadable(DataManagementError, ValueError):
    """The manifest is not JSON, of another version or kind, or lacks a field. Nothing was moved."""

    code = "manifest_unreadable"
    retry = Retry.NEVER
    exit_code = ExitCode.USAGE
    advice = "docs/howto/worker-nodes.md shows one"


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
    data = _document(text)
    kind = data.get("kind")
    if kind not in (STAGE_IN, STAGE_OUT):
        raise ManifestUnreadable(f"kind is {kind!r}, not {STAGE_IN} or {STAGE_OUT}")
    none: Backends = {}
    backends = _got(data, "backends", _backends, none)
    label = _got(data, "label", _text)
    manifest: StageIn | StageOut
    if kind == STAGE_IN:
        manifest = StageIn(label, tuple(_each(data, "files", _incoming)), backends)
    else:
        manifest = StageOut(label, tuple(_each(data, "files", _outgoing)), backends)
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


def _document(text: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ManifestUnreadable(f"not JSON: {error}") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ManifestUnreadable(f"not a manifest of version {VERSION}")
    return data


_MISSING: Any = object()


def _got(data: Mapping[str, Any], name: str, read: Callable[[Any], T], default: T = _MISSING) -> T:
    """A field. Raises ManifestUnreadable that names it."""
    if name not in data or (data[name] is None and default is None):
        if default is _MISSING:
            raise ManifestUnreadable(f"the field {name!r} is missing")
        return default
    try:
        return read(data[name])
    except ManifestUnreadable:
        raise
    except (TypeError, ValueError, AttributeError) as error:
        raise ManifestUnreadable(f"the field {name!r} cannot be taken: {error}") from None


def _each(data: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], T]) -> list[T]:
    entries = data.get(name)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ManifestUnreadable(f"the field {name!r} is no list of objects")
    return [read(entry) for entry in entries]


def _incoming(data: Mapping[str, Any]) -> Incoming:
    lfn = _got(data, "lfn", _text)
    sources = tuple(_each(data, "sources", _source))
    return Incoming(lfn, _got(data, "name", _text, _base(lfn)), sources, *_contents(data))


def _outgoing(data: Mapping[str, Any]) -> Outgoing:
    lfn = _got(data, "lfn", _text)
    destinations = _got(data, "destinations", _texts)
    name = _got(data, "name", _text, _base(lfn))
    return Outgoing(lfn, name, destinations, *_contents(data), _got(data, "counters", _counters, {}))


def _source(data: Mapping[str, Any]) -> Source:
    return Source(
        _got(data, "url", _text),
        _got(data, "distance", _number, None),
        _got(data, "succeeded_at", _time, None),
        _got(data, "failed_at", _time, None),
        _got(data, "locality", Locality, Locality.ONLINE),
    )


def _contents(data: Mapping[str, Any]) -> tuple[int | None, Adler32 | None]:
    return _got(data, "size", _number, None), _got(data, "adler32", Adler32.parse, None)


def _base(lfn: str) -> str:
    return lfn.rpartition("/")[2]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is no text")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    return tuple(map(_text, value))


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no number")
    return value


def _time(value: Any) -> datetime | None:
    found = datetime.fromisoformat(_text(value))
    if found.tzinfo is None:
        raise ValueError(f"{value!r} has no offset from UTC")
    return found


def _counters(value: Any) -> Mapping[str, int]:
    return {_text(name): _number(count) or 0 for name, count in value.items()}


def _backends(value: Any) -> Backends:
    return {_text(prefix): (_text(name), dict(options)) for prefix, (name, options) in value.items()}


# ------------------------------------------------------------------------------------ writing
def dumps(papers: StageIn | StageOut | StageReport) -> str:
    """The papers as JSON text."""
    kinds: Mapping[type, str] = {StageIn: STAGE_IN, StageOut: STAGE_OUT}
    kind = {"kind": kinds[type(papers)]} if type(papers) in kinds else {}
    return json.dumps({"version": VERSION, **kind, **_plain(asdict(papers))}, indent=1, ensure_ascii=False)


def _plain(value: Any) -> Any:
    match value:
        case Adler32():
            return str(value)
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    return value


def read_report(text: str) -> Mapping[str, Any]:
    """A report as plain data. Raises ManifestUnreadable."""
    return _document(text)


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: a temporary name that no other host or process has, fsync, rename.
    One that is there is replaced."""
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        with open(temporary, "x", encoding="utf-8", errors="surrogateescape") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def with_exit_code(report: StageReport, code: int) -> StageReport:
    """The report as the program ends with this code."""
    return replace(report, exit_code=code)
