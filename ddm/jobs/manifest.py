"""The papers a job carries: a manifest in, a manifest out. No third-party imports, no database.

The coordinator writes the manifest (what to read, what to run, what is promised and where it goes); the
worker leaves a report (what it read, what it wrote, what it counted). The runner's word about a job is a
hint; a report that keeps the manifest's promises is the evidence.

Both are JSON files with ``"version": 1``. Unknown fields are ignored, missing ones are refused, but for those
that have a default: they came later, and papers without them are as good as ever.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from catalog.checksum import Adler32

VERSION = 1


class ManifestUnreadable(ValueError):
    """A manifest or report that is not JSON, of another version, or lacks a field."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read. ``url`` is its PFN, ``alternatives`` are others, to be tried in this order when it
    cannot be read; ``n_events`` None when nobody knows."""

    lfn: str
    url: str
    size: int
    adler32: Adler32
    n_events: int | None = None
    alternatives: tuple[str, ...] = ()

    @property
    def urls(self) -> tuple[str, ...]:
        return (self.url, *self.alternatives)


@dataclass(frozen=True, slots=True)
class Promise:
    """A file to write: ``payload`` is what the program calls it, ``url`` where it must be put.

    ``counter`` names the event counter that reads it back ("" = not a file of events). ``fallbacks``: where
    it may be put, in this order, when ``url`` does not take it.
    """

    lfn: str
    product: str
    url: str
    payload: str
    counter: str = ""
    fallbacks: tuple[str, ...] = ()

    @property
    def urls(self) -> tuple[str, ...]:
        return (self.url, *self.fallbacks)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One unit of work.

    ``label`` is unique per attempt. ``command`` is an argument list run in an empty directory that holds
    the inputs under their base names (``{input}`` stands for the first, ``{inputs}`` for all of them, in
    order); or ``tool`` names a merge tool with ``options``, and the first promise is its output.
    ``backends`` maps a URL prefix to (backend name, options): how to reach the storage.
    """

    label: str
    kind: str
    inputs: tuple[Input, ...]
    promises: tuple[Promise, ...]
    backends: Mapping[str, tuple[str, Mapping[str, str]]]
    command: tuple[str, ...] = ()
    tool: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Output:
    """A file written, compared at its destination. ``n_events``: the program's word; ``n_read``: as read."""

    lfn: str
    url: str
    size: int
    adler32: Adler32
    n_events: int | None = None
    n_read: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker leaves behind. ``code`` is "" on success, else an error code, with ``text`` for people.

    ``read`` maps each input's LFN to the events counted in it, where its format was counted. ``fault``: whose
    it is (``catalog.faults``). ``left``: URLs where bytes of outputs lie, or may lie, that are not announced.
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


def _plain(value: Any) -> Any:
    if isinstance(value, Adler32):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def dumps(papers: Manifest | Report) -> str:
    """The papers as JSON text."""
    return json.dumps({"version": VERSION, **_plain(asdict(papers))}, indent=1)


def _load(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ManifestUnreadable(f"not JSON: {error}") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ManifestUnreadable(f"not a manifest of version {VERSION}")
    return data


def _entries(data: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    return [{**entry, "adler32": Adler32.parse(entry["adler32"])} for entry in data[name]]


def _known(cls: Any, entry: Mapping[str, Any]) -> Any:
    found = {name: entry[name] for name in cls.__dataclass_fields__ if name in entry}
    return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})


def read_manifest(text: str) -> Manifest:
    """The manifest in the text. Raises ManifestUnreadable."""
    data = _load(text)
    try:
        manifest: Manifest = _known(
            Manifest,
            {
                **data,
                "inputs": tuple(_known(Input, entry) for entry in _entries(data, "inputs")),
                "promises": tuple(_known(Promise, entry) for entry in data["promises"]),
                "backends": {prefix: (name, opts) for prefix, (name, opts) in data["backends"].items()},
                "command": tuple(data.get("command", ())),
            },
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestUnreadable(f"bad or missing field: {error}") from None
    return manifest


def read_report(text: str) -> Report:
    """The report in the text. Raises ManifestUnreadable."""
    data = _load(text)
    try:
        report: Report = _known(
            Report, {**data, "outputs": tuple(_known(Output, entry) for entry in _entries(data, "outputs"))}
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestUnreadable(f"bad or missing field: {error}") from None
    return report


def write(path: Path, papers: Manifest | Report) -> None:
    """Write the papers whole or not at all: a temporary name, fsync, rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "w", encoding="utf-8") as out:
        out.write(dumps(papers))
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, path)


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
