"""The worker: what runs on a worker node. One manifest in, one report out, no database.

``python -m ddm.jobs.worker MANIFEST REPORT`` does, in this order:

1. *stage-in*: fetch every input from the first source that has it, and compare its size and adler32;
2. *run* the command, or the merge tool, in the work directory (see ``ddm.jobs.payload``);
3. *collect*: every promised file must be there; it is read back for its size, adler32 and events;
4. *stage-out*: put all of them where the manifest says, or to a fallback, never over an existing file;
5. *report*: written whole or not at all, and in any case: a report lists outputs only if all were put.

Stage-in and stage-out are those of ``ddm stage-in`` and ``ddm stage-out``.

Options of the manifest that the worker itself reads: ``count_inputs`` names an event counter that is
applied to every input (``Report.read``). All others belong to the merge tool.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

from catalog.clock import Clock, SystemClock
from catalog.errors import DataManagementError, ExitCode
from catalog.faults import EXIT_CODE, Fault, fault_of
from ddm.jobs import manifest as papers
from ddm.jobs import payload
from ddm.jobs.manifest import Input, Manifest, Output, Promise, Reading, Report
from ddm.jobs.payload import Stopped
from merging import counters
from merging.errors import UnreadableInput
from transfers.manifest import Incoming, Outgoing, Source, StageIn, StageOut
from transfers.staging import Means, contents
from transfers.staging_in import bring
from transfers.staging_out import send

_log = logging.getLogger("ddm.worker")

COUNT_INPUTS = "count_inputs"
"""The option of a manifest that names the event counter for its inputs."""


class Terminated(BaseException):
    """The batch system wants the job to end. Not an Exception, so that no backend takes it for its own."""


def run_manifest(manifest: Manifest, work: Path, *, clock: Clock) -> Report:
    """Do what the manifest says in ``work``, a new or empty directory, and say how it went.

    Never raises for trouble with the job: the report's ``code`` and ``text`` tell. The work directory is
    left as it is at the end.
    """
    started = clock.now()
    read: dict[str, int] = {}
    seen: dict[str, Reading] = {}
    outputs: tuple[Output, ...] = ()
    code = text = fault = ""
    left: tuple[str, ...] = ()
    try:
        outputs = _run(manifest, work, Means(clock=clock, guess=False), read, seen)
    except Stopped as stop:
        code, text, fault, left = stop.code, str(stop), stop.fault, stop.left
    except Terminated:
        code, text = "terminated", "the job was told to end before it was done"
    except DataManagementError as error:
        code, text = error.code, str(error)
    except Exception as error:  # noqa: BLE001 - whatever it was, a report must be left
        _log.exception("job %s: unexpected error", manifest.label)
        code, text = "worker_error", f"{type(error).__name__}: {error}"
    return Report(
        label=manifest.label,
        host=socket.gethostname(),
        started_at=started.isoformat(),
        ended_at=clock.now().isoformat(),
        outputs=outputs,
        read=read,
        code=code,
        text=text,
        fault=fault or (fault_of(code) if code else ""),
        left=left,
        inputs=tuple(replace(entry, n_events=read.get(lfn)) for lfn, entry in seen.items()),
    )


def _run(
    manifest: Manifest, work: Path, means: Means, read: dict[str, int], seen: dict[str, Reading]
) -> tuple[Output, ...]:
    payload.check(manifest)
    work.mkdir(parents=True, exist_ok=True)
    if any(work.iterdir()):
        raise Stopped("work_directory_in_use", f"the work directory {work} is not empty")
    inputs = _stage_in(manifest, work, means, seen)
    if counter := manifest.options.get(COUNT_INPUTS):
        count = counters.find(counter)
        read.update({entry.lfn: count(path) for entry, path in zip(manifest.inputs, inputs, strict=True)})
    words = payload.run(_without_our_options(manifest), inputs, work)
    collected = [_collect(promise, work, words) for promise in manifest.promises]
    return _stage_out(manifest, collected, work, means)


def _without_our_options(manifest: Manifest) -> Manifest:
    options = {name: value for name, value in manifest.options.items() if name != COUNT_INPUTS}
    return replace(manifest, options=options)


def _stage_in(manifest: Manifest, work: Path, means: Means, seen: dict[str, Reading]) -> list[Path]:
    """The local copies of the inputs, compared with the manifest; ``seen`` is told what came of each."""
    names = [payload.local_name(entry.lfn) for entry in manifest.inputs]
    files = tuple(
        Incoming(entry.lfn, name, _sources(entry), entry.size, entry.adler32)
        for entry, name in zip(manifest.inputs, names, strict=True)
    )
    for file in bring(StageIn(manifest.label, files, manifest.backends), work, means):
        if not file.good:
            where = file.attempts[0].url if file.attempts else file.lfn
            raise Stopped(file.code, f"input {where}: {file.text}", file.fault)
        if file.size is not None and file.adler32 is not None:
            seen[file.lfn] = Reading(file.lfn, file.size, file.adler32)
    return [work / name for name in names]


def _sources(entry: Input) -> tuple[Source, ...]:
    """The manifest's order is kept."""
    return tuple(Source(url, distance=place) for place, url in enumerate(entry.urls))


def _collect(promise: Promise, work: Path, words: Mapping[str, payload.Word]) -> tuple[Output, Path]:
    """The promised file as it lies in the work directory, read back."""
    local = payload.promised_file(promise, work)
    if local.is_symlink() or not local.is_file():
        raise Stopped("output_missing", f"there is no {promise.payload!r}, promised as {promise.lfn}")
    size, checksum = contents(local)
    word = words.get(local.name, payload.Word())
    if word.bytes is not None and word.bytes != (size, checksum):
        raise Stopped(
            "checksum_mismatch",
            f"{promise.lfn}: the merge tool wrote {word.bytes[0]} bytes with adler32 {word.bytes[1]},"
            f" the file has {size} with {checksum}",
        )
    return Output(promise.lfn, promise.url, size, checksum, word.n_events, _events(promise, local)), local


def _events(promise: Promise, local: Path) -> int | None:
    if not promise.counter:
        return None
    try:
        return counters.find(promise.counter)(local)
    except UnreadableInput as error:
        raise Stopped("output_unreadable", f"output {promise.lfn}: {error}") from None


def _stage_out(
    manifest: Manifest, collected: Sequence[tuple[Output, Path]], work: Path, means: Means
) -> tuple[Output, ...]:
    """Put every file to its storage: all of them, or Stopped."""
    files = tuple(
        Outgoing(promise.lfn, str(local.relative_to(work)), promise.urls, output.size, output.adler32)
        for promise, (output, local) in zip(manifest.promises, collected, strict=True)
    )
    orders = StageOut(manifest.label, files, manifest.backends)
    seen = {output.lfn: (output.size, output.adler32) for output, _ in collected}
    reports, left = send(orders, seen, work, means)
    for file in reports:
        if not file.good:
            places = [f"{file.url}" for file in reports if file.good] + [entry.url for entry in left]
            raise Stopped(file.code, f"output {file.lfn}: {file.text}", file.fault, places)
    return tuple(replace(output, url=file.url) for (output, _), file in zip(collected, reports, strict=True))


def exit_code(report: Report) -> int:
    """0 done, else the code of the fault: ``catalog.faults``."""
    if not report.code:
        return ExitCode.DONE
    return EXIT_CODE[Fault(report.fault or fault_of(report.code))]


def _unreadable(path: Path, error: Exception, clock: Clock) -> Report:
    now = clock.now().isoformat()
    text = f"the manifest {path} cannot be read: {error}"
    return Report(
        "", socket.gethostname(), now, now, (), code="manifest_unreadable", text=text, fault="request"
    )


def _remove(work: Path) -> None:
    try:
        shutil.rmtree(work)
    except OSError as error:  # safe: a directory too many on a worker node harms nobody
        _log.warning("the work directory %s could not be removed: %s", work, error)


def _terminate(signum: int, frame: FrameType | None) -> None:
    raise Terminated(signum)


def _guarded(manifest: Manifest, work: Path, clock: Clock) -> Report:
    """Run the manifest so that SIGTERM and SIGINT end the job with a report; later ones change nothing."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _terminate)
    try:
        return run_manifest(manifest, work, clock=clock)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ddm.jobs.worker",
        description="Run one job: read MANIFEST, do it, write REPORT.",
        epilog="Exit codes: 0 done; 1 failed; 2 usage or papers; 20 payload; 21 this machine; 22 network; "
        "23 storage; 24 credential; 143 told to end.",
    )
    parser.add_argument("manifest", type=Path, metavar="MANIFEST")
    parser.add_argument("report", type=Path, metavar="REPORT", help="a new file")
    parser.add_argument("--work", type=Path, metavar="DIR", help="new or empty; default: REPORT.work")
    parser.add_argument("--keep", action="store_true", help="keep the work directory")
    return parser


def main(argv: Sequence[str] | None = None, *, clock: Clock | None = None) -> int:
    """The program. Returns its exit code; the report is written unless the usage is wrong."""
    args = _parser().parse_args(argv)
    clock = clock or SystemClock()
    if args.report.exists():
        print(f"the report {args.report} exists and is not overwritten", file=sys.stderr)
        return ExitCode.USAGE
    try:
        manifest = papers.read_manifest(args.manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        report = _unreadable(args.manifest, error, clock)
        print(report.text, file=sys.stderr)
        papers.write(args.report, report)
        return ExitCode.USAGE
    work = (args.work or args.report.with_name(args.report.name + ".work")).absolute()
    report = _guarded(manifest, work, clock)
    papers.write(args.report, report)
    if report.code:
        print(f"{report.label}: {report.code}: {report.text}", file=sys.stderr)
    # A directory that was not empty when we came is not ours.
    if not args.keep and report.code not in ("work_directory_in_use", "manifest_refused") and work.exists():
        _remove(work)
    return exit_code(report)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    sys.exit(main())
