"""Doing a job on a worker node: one manifest in, one report out, no database.

1. *look*: the manifest can be kept, the work directory is ours, and has room for it;
2. *stage-in* and *run*: a command gets all its inputs, then runs (``ddm.jobs.payload``); merges get theirs
   one by one where that is enough (``ddm.jobs.merges``). Every input is compared with its size and adler32;
3. *collect*: every promised file must be there, and is counted as its promise says;
4. *stage-out*: put all of them where the manifest says, or to a fallback, never over an existing file;
5. *report*: in any case; it lists outputs only if all were put.

Stage-in and stage-out are those of ``ddm stage-in`` and ``ddm stage-out``.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from catalog import papers
from catalog.clock import Clock
from catalog.errors import DataManagementError, ExitCode
from catalog.faults import EXIT_CODE, Fault, fault_of
from ddm.jobs import payload, scratch
from ddm.jobs.inputs import bad, stage_in
from ddm.jobs.manifest import Manifest, Output, Promise, Reading, Report
from ddm.jobs.merges import Limits, Merger, log_of
from ddm.jobs.payload import Stopped
from ddm.jobs.progress import Teller
from ddm.jobs.workplace import Workplace, open_workplace
from merging import counters
from merging.errors import UnreadableInput
from transfers.manifest import Outgoing, StageOut
from transfers.staging import Means
from transfers.staging_in import bring
from transfers.staging_out import send

_log = logging.getLogger("ddm.worker")


class Terminated(BaseException):
    """The batch system wants the job to end. Not an Exception, so that no backend takes it for its own."""


@dataclass
class Done:
    """What became of the job so far."""

    outputs: tuple[Output, ...] = ()
    seen: dict[str, Reading] = field(default_factory=dict)
    scratch: int | None = None
    code: str = ""
    text: str = ""
    fault: str = ""
    left: tuple[str, ...] = ()
    log: Output | None = None


def run_manifest(
    manifest: Manifest,
    work: Path,
    *,
    clock: Clock,
    limits: Limits | None = None,
    teller: Teller | None = None,
) -> Report:
    """Do what the manifest says in ``work``, a new or empty directory, or one left by an earlier try of the
    same manifest; and say how it went.

    Never raises for trouble with the job: the report's ``code`` and ``text`` tell. The work directory is
    left as it is at the end.
    """
    started, done, teller = clock.now(), Done(), teller or Teller()
    means = Means(clock=clock, guess=not manifest.backends, watch=teller)
    try:
        _run(manifest, work, means, limits or Limits(), teller, done)
    except Stopped as stop:
        done.code, done.text, done.fault, done.left = stop.code, str(stop), stop.fault, stop.left
    except Terminated:
        done.code, done.text = "terminated", "the job was told to end before it was done"
    except DataManagementError as error:
        done.code, done.text = error.code, str(error)
    except Exception as error:  # noqa: BLE001 - whatever it was, a report must be left
        _log.exception("job %s: unexpected error", manifest.label)
        done.code, done.text = "worker_error", f"{type(error).__name__}: {error}"
    if done.code != "work_directory":
        done.text = payload.told(done.text, work)
    return _report(manifest.label, done, started, clock)


def _report(label: str, done: Done, started: datetime, clock: Clock) -> Report:
    report = Report(
        label=label,
        host=socket.gethostname(),
        started_at=started.isoformat(),
        ended_at=clock.now().isoformat(),
        outputs=() if done.code else done.outputs,
        read={lfn: seen.n_events for lfn, seen in done.seen.items() if seen.n_events is not None},
        code=done.code,
        text=done.text,
        fault=done.fault or (fault_of(done.code) if done.code else ""),
        left=done.left,
        scratch=done.scratch,
        inputs=tuple(done.seen.values()),
        log=done.log if done.code else None,
    )
    return replace(report, exit_code=exit_code(report))


def unreadable(path: Path, error: Exception, clock: Clock) -> Report:
    """The report of a manifest that could not be read."""
    text = f"the manifest {path} cannot be read: {papers.why(error)}"
    return failed("", "manifest_unreadable", text, clock)


def failed(label: str, code: str, text: str, clock: Clock) -> Report:
    """The report of a job that was not begun."""
    return _report(label, Done(code=code, text=text), clock.now(), clock)


def exit_code(report: Report) -> int:
    """0 done, else the code of the fault: ``catalog.faults``."""
    if not report.code:
        return ExitCode.DONE
    return EXIT_CODE[Fault(report.fault or fault_of(report.code))]


def _run(manifest: Manifest, work: Path, means: Means, limits: Limits, teller: Teller, done: Done) -> None:
    payload.check(manifest)
    try:
        with open_workplace(work, manifest) as place:
            if manifest.command:
                try:
                    collected = _command(manifest, place, means, limits, done)
                except Stopped:
                    done.log = _saved_log(manifest, work, means, teller)
                    raise
            else:
                merger = Merger(manifest, place, means, limits, teller)
                try:
                    collected = merger.run()
                finally:
                    done.seen, done.scratch = merger.seen, merger.scratch
            done.outputs = _stage_out(manifest, collected, work, means, teller)
    except OSError as error:
        raise Stopped("work_directory", f"{work}: {error}") from error


def _command(
    manifest: Manifest, place: Workplace, means: Means, limits: Limits, done: Done
) -> list[tuple[Output, Path]]:
    """Bring all inputs, run the command, look at what it wrote."""
    sizes = tuple((entry.lfn, entry.size) for entry in manifest.inputs)
    steps = [scratch.Pass(sizes, sum(promise.room or 0 for promise in manifest.promises), streamed=False)]
    scratch.ahead(steps, place.free(limits.space), 0)
    done.scratch = scratch.need(steps, 0)
    inputs = [place.local(entry) for entry in manifest.inputs]
    for file in bring(stage_in(manifest, manifest.inputs), place.work, means):
        if not file.good:
            raise bad(file)
        if file.size is not None and file.adler32 is not None:
            done.seen[file.lfn] = Reading(file.lfn, file.size, file.adler32)
    if counter := manifest.options.get(payload.COUNT_INPUTS):
        count = counters.find(counter)
        for entry, path in zip(manifest.inputs, inputs, strict=True):
            done.seen[entry.lfn] = replace(done.seen[entry.lfn], n_events=count(path))
    events = payload.run(manifest, inputs, place.work)
    return [_collect(promise, place.work, events) for promise in manifest.promises]


def _saved_log(manifest: Manifest, work: Path, means: Means, teller: Teller) -> Output | None:
    """The log of a command that failed, put where it was promised: all that will be known of the failure."""
    logs = [promise for promise in manifest.promises if promise.payload == payload.LOG]
    if not logs or not (work / payload.LOG).is_file():
        return None
    only = replace(manifest, promises=(logs[0],))
    try:
        payload.pack_log(only, work)
        (log,) = _stage_out(only, [log_of(logs[0], work)], work, means, teller)
    except (Stopped, DataManagementError, OSError) as error:
        _log.warning("job %s: its log could not be put to storage: %s", manifest.label, error)
        return None  # safe: that the job failed is told in any case
    return log


def _collect(promise: Promise, work: Path, events: Mapping[str, int | None]) -> tuple[Output, Path]:
    """The promised file as it lies in the work directory, read."""
    local = payload.promised_file(promise, work)
    if local.is_symlink() or not local.is_file():
        raise Stopped("output_missing", f"there is no {promise.payload!r}, promised as {promise.lfn}")
    output, _ = log_of(promise, work)
    return replace(output, n_events=events.get(local.name), n_read=_events(promise, local)), local


def _events(promise: Promise, local: Path) -> int | None:
    if not promise.counter:
        return None
    try:
        return counters.find(promise.counter)(local)
    except UnreadableInput as error:
        raise Stopped("output_unreadable", f"output {promise.lfn}: {error}") from None


def _stage_out(
    manifest: Manifest, collected: Sequence[tuple[Output, Path]], work: Path, means: Means, teller: Teller
) -> tuple[Output, ...]:
    """Put every file to its storage: all of them, or Stopped."""
    files = tuple(
        Outgoing(promise.lfn, str(local.relative_to(work)), promise.urls, output.size, output.adler32)
        for promise, (output, local) in zip(manifest.promises, collected, strict=True)
    )
    orders = StageOut(manifest.label, files, manifest.backends)
    seen = {output.lfn: (output.size, output.adler32) for output, _ in collected}
    teller.begin("outputs", [(output.lfn, output.size) for output, _ in collected], put=True)
    teller.polite = True  # what was put before a signal came is told
    reports, left = send(orders, seen, work, means)
    for file in reports:
        if not file.good:
            places = [f"{file.url}" for file in reports if file.good] + [entry.url for entry in left]
            if teller.stopping:
                text = "the job was told to end while its outputs were put to storage"
                raise Stopped("terminated", text, left=places)
            raise Stopped(file.code, f"output {file.lfn}: {file.text}", file.fault, places)
    return tuple(replace(output, url=file.url) for (output, _), file in zip(collected, reports, strict=True))
