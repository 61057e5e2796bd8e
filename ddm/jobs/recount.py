"""Counting again: files are read where they are stored, and what is in them is reported. No database.

Each file is compared with the manifest's size and adler32, counted by its format, and, where that is asked
for, a merged file with its inputs. One report in any case; trouble with one file leaves the others alone.
The catalogue takes the report in as a witness of its own (``ddm check take``).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog import papers
from catalog.checksum import Adler32
from catalog.clock import Clock
from catalog.errors import DataManagementError
from catalog.faults import EXIT_CODE, WORST_FIRST, Fault, Side, fault_of
from catalog.papers import each, got
from ddm.jobs import payload, scratch
from ddm.jobs.doing import Terminated
from ddm.jobs.inputs import in_place, stage_in
from ddm.jobs.manifest import Input, Manifest, Promise, Verify
from ddm.jobs.merges import PROGRAM, Limits
from ddm.jobs.payload import Stopped
from ddm.jobs.progress import Teller
from ddm.jobs.workplace import Workplace, open_workplace
from merging import counters
from merging.model import Count, Different, Same
from merging.registry import find_format
from transfers.feed import Feed
from transfers.manifest import FileReport
from transfers.staging import Means, code_of, contents

KIND = "check"
"""What the report calls itself, so that no other is taken for it."""


@dataclass(frozen=True, slots=True)
class Recounted:
    """One file as it was read now. ``code``: "" or why it is not good, with ``text`` for people; then what is
    not known of it is None."""

    lfn: str
    url: str
    size: int | None = None
    adler32: Adler32 | None = None
    n_events: int | None = None
    by_type: Mapping[str, int] = field(default_factory=dict)
    code: str = ""
    text: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A merged file and its inputs: ``same``, or ``where`` not."""

    lfn: str
    same: bool
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recount:
    """The report: every file of the manifest, in order. ``code``: "" when all is as the manifest says."""

    label: str
    host: str
    started_at: str
    ended_at: str
    files: tuple[Recounted, ...] = ()
    compared: tuple[Compared, ...] = ()
    code: str = ""
    text: str = ""
    fault: str = ""
    exit_code: int = 0


def dumps(report: Recount) -> str:
    """The report as JSON text."""
    return papers.dumps(report, kind=KIND)


def read_recount(text: str) -> Recount:
    """The report in the text. Raises ManifestUnreadable."""
    data = papers.document(text)
    if data.get("kind") != KIND:
        raise papers.ManifestUnreadable("it is no report of 'ddm check run'")
    told = [got(entry, "lfn", papers.text) for entry in each(data, "files", dict)]
    if len(set(told)) != len(told):
        raise papers.ManifestUnreadable("it tells of a file twice")
    return Recount(
        label=got(data, "label", papers.word),
        host=got(data, "host", papers.word),
        started_at=got(data, "started_at", papers.word),
        ended_at=got(data, "ended_at", papers.word),
        files=tuple(each(data, "files", _file)),
        compared=tuple(each(data, "compared", _compared)),
        code=got(data, "code", papers.word),
        text=got(data, "text", papers.word),
        fault=got(data, "fault", papers.word, ""),
        exit_code=got(data, "exit_code", papers.number, 0),
    )


def _file(data: Mapping[str, Any]) -> Recounted:
    return Recounted(
        got(data, "lfn", papers.text),
        got(data, "url", papers.word),
        got(data, "size", papers.number_or_none, None),
        got(data, "adler32", Adler32.parse, None),
        got(data, "n_events", papers.number_or_none, None),
        got(data, "by_type", papers.counters, {}),
        got(data, "code", papers.word, ""),
        got(data, "text", papers.word, ""),
        got(data, "fault", papers.word, ""),
    )


def _compared(data: Mapping[str, Any]) -> Compared:
    return Compared(
        got(data, "lfn", papers.text), got(data, "same", papers.flag), got(data, "where", papers.texts)
    )


# ------------------------------------------------------------------------------------- doing
@dataclass(frozen=True, slots=True)
class How:
    """How one file is counted: by this format, and its events by this counter ("" = as the format says)."""

    format: str
    options: Mapping[str, str]
    counter: str

    def count(self, path: Path) -> Count:
        """What is in the file. Raises MergeError."""
        found = Count(None)
        if self.format and self.format != PROGRAM:
            found = find_format(self.format, self.options).count(path)
        if self.counter and self.counter != self.format:
            found = replace(found, n_events=counters.find(self.counter)(path))
        return found


def recount(
    manifest: Manifest,
    work: Path,
    *,
    clock: Clock,
    limits: Limits | None = None,
    teller: Teller | None = None,
) -> Recount:
    """Count the manifest's inputs, and those of its promises that are there: a promise with a size is a file
    that was merged before. Never raises for trouble with files."""
    started, teller = clock.now(), teller or Teller()
    report = Recount(manifest.label, socket.gethostname(), started.isoformat(), "")
    means = Means(clock=clock, guess=not manifest.backends, watch=teller)
    try:
        payload.check_names([entry.lfn for entry in manifest.inputs] + [one.lfn for one in kept(manifest)])
        with open_workplace(work, manifest) as place:
            files, compared = _Counting(manifest, place, means, limits or Limits(), teller).run()
        report = replace(report, files=tuple(files), compared=tuple(compared))
        report = _told(_judged(report), work)
    except Stopped as stop:
        report = replace(report, code=stop.code, text=str(stop), fault=stop.fault)
    except Terminated:
        report = replace(report, code="terminated", text="the check was told to end before it was done")
    except Exception as error:  # noqa: BLE001 - whatever it was, a report must be left
        code, text = code_of(error)
        report = replace(report, code=code, text=text)
    fault = report.fault or (fault_of(report.code) if report.code else "")
    exit_code = EXIT_CODE[Fault(fault)] if fault else 0
    return replace(report, ended_at=clock.now().isoformat(), fault=fault, exit_code=exit_code)


def _judged(report: Recount) -> Recount:
    """The report with the code of the file whose fault speaks for all."""
    bad = [file for file in report.files if file.code]
    if bad:
        first = min(bad, key=lambda file: WORST_FIRST.index(Fault(file.fault)))
        more = f" ({len(bad)} of {len(report.files)} files are bad)" if len(bad) > 1 else ""
        return replace(report, code=first.code, text=f"{first.lfn}: {first.text}{more}", fault=first.fault)
    for one in report.compared:
        if not one.same:
            text = f"{one.lfn} is not what its inputs hold: {'; '.join(one.where[:5])}"
            return replace(report, code="content_differs", text=text)
    return report


def _told(report: Recount, work: Path) -> Recount:
    """The report with files of the work directory by their names there."""
    return replace(
        report,
        files=tuple(replace(file, text=payload.told(file.text, work)) for file in report.files),
        compared=tuple(
            replace(one, where=tuple(payload.told(where, work) for where in one.where))
            for one in report.compared
        ),
        text=payload.told(report.text, work),
    )


class _Counting:
    """One check, in its work directory."""

    def __init__(
        self, manifest: Manifest, place: Workplace, means: Means, limits: Limits, teller: Teller
    ) -> None:
        self._manifest, self._place, self._teller = manifest, place, teller
        self._means = replace(means, doors=means.open(manifest.backends))
        self._limits = limits
        self._files = (*manifest.inputs, *(_merged(promise) for promise in kept(manifest)))
        self._keep = manifest.verify is Verify.SAME_CONTENT

    def run(self) -> tuple[list[Recounted], list[Compared]]:
        here = in_place(self._manifest, [self._files], self._means) if self._manifest.in_place else {}
        sizes = tuple((entry.lfn, entry.size) for entry in self._files if entry.lfn not in here)
        steps = [scratch.Pass(sizes, 0, streamed=not self._keep)]
        ahead = scratch.ahead(steps, self._place.free(self._limits.space), self._limits.ahead)
        self._teller.begin(self._manifest.label, [(entry.lfn, entry.size) for entry in self._files])
        how = _hows(self._manifest)
        found: dict[str, Recounted] = {}
        keep = {entry.lfn for entry in self._files} if self._keep else set[str]()
        paths = {entry.lfn: here.get(entry.lfn) or self._place.local(entry) for entry in self._files}
        with Feed(
            stage_in(self._manifest, self._files), self._place.work, self._means, ahead=ahead,
            there=here, keep=keep, took=lambda report: self._teller.took(report.lfn),
        ) as feed:  # fmt: skip
            for entry, (report, path) in zip(self._files, feed.each(), strict=True):
                found[entry.lfn] = _counted(entry, report, path, how[entry.lfn])
        compared = list(self._compare(found, paths)) if self._keep else []
        return [found[entry.lfn] for entry in self._files], compared

    def _compare(self, found: Mapping[str, Recounted], paths: Mapping[str, Path]) -> Iterator[Compared]:
        """Each merged file with its inputs, if all of them could be read."""
        for promise in kept(self._manifest):
            inputs = self._manifest.inputs_of(promise)
            tool, options = payload.tool_of(self._manifest, promise)
            if any(found[lfn].code for lfn in (promise.lfn, *(entry.lfn for entry in inputs))):
                continue  # the report says already what is wrong
            match find_format(tool, options).same_content(
                [paths[entry.lfn] for entry in inputs], paths[promise.lfn]
            ):
                case Same():
                    yield Compared(promise.lfn, same=True)
                case Different(where):
                    yield Compared(promise.lfn, same=False, where=where)


def kept(manifest: Manifest) -> list[Promise]:
    """The promises that were kept before: files of known size and adler32."""
    return [promise for promise in manifest.promises if None not in (promise.size, promise.adler32)]


def _merged(promise: Promise) -> Input:
    assert promise.size is not None
    assert promise.adler32 is not None
    return Input(promise.lfn, promise.url, promise.size, promise.adler32, alternatives=promise.fallbacks)


def _hows(manifest: Manifest) -> dict[str, How]:
    """How each file is counted: an input as the file that it was merged into."""
    tool = How(manifest.tool, {}, "")
    found = {entry.lfn: tool for entry in manifest.inputs}
    for promise in manifest.promises:
        name, options = payload.tool_of(manifest, promise)
        how = How(name, options, promise.counter)
        found |= {entry.lfn: how for entry in manifest.inputs_of(promise)} | {promise.lfn: how}
    return found


def _counted(entry: Input, report: FileReport, path: Path, how: How) -> Recounted:
    """One file that is here now. What a reader says of bytes that are not the manifest's is not asked."""
    if not report.good:
        return Recounted(entry.lfn, entry.url, code=report.code, text=report.text, fault=report.fault)
    url = report.url or entry.url
    try:
        size, adler32 = (report.size, report.adler32) if report.state == "copied" else contents(path)
        if (size, adler32) != (entry.size, entry.adler32):
            wanted = f"the manifest says {entry.size} with {entry.adler32}"
            text = f"{url} has {size} bytes with adler32 {adler32}, {wanted}"
            code = "size_mismatch" if size != entry.size else "checksum_mismatch"
            return Recounted(entry.lfn, url, size, adler32, code=code, text=text, fault=fault_of(code))
        count = how.count(path)
    except (DataManagementError, OSError) as error:
        code, text = code_of(error)
        return Recounted(entry.lfn, url, code=code, text=text, fault=fault_of(code, Side.IN))
    return Recounted(entry.lfn, url, size, adler32, count.n_events, dict(count.by_type))
