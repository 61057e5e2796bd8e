"""The worker: what runs on a worker node. One manifest in, one report out, no database.

``python -m ddm.jobs.worker MANIFEST REPORT`` does, in this order:

1. *stage-in*: fetch every input and compare its size and adler32 with the manifest;
2. *run* the command, or the merge tool, in the work directory (see ``ddm.jobs.payload``);
3. *collect*: every promised file must be there; it is read back for its size, adler32 and events;
4. *stage-out*: put all of them where the manifest says, never over an existing file;
5. *report*: written whole or not at all, and in any case: a report lists outputs only if all were put.

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

import transfers.errors
from catalog.checksum import Adler32, adler32_of
from catalog.clock import Clock, SystemClock
from catalog.errors import DataManagementError, ExitCode, Retry
from ddm.jobs import manifest as papers
from ddm.jobs import payload
from ddm.jobs.manifest import Input, Manifest, Output, Promise, Report
from ddm.jobs.payload import Stopped
from merging import counters
from merging.errors import UnreadableInput
from transfers.model import CopyOrder, Done, Failed, FetchOrder, Outcome, Pending, Unknown
from transfers.ports import Storage
from transfers.registry import Doors

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
    outputs: tuple[Output, ...] = ()
    code = text = ""
    try:
        outputs = _run(manifest, work, Doors(manifest.backends, clock), read)
    except Stopped as stop:
        code, text = stop.code, str(stop)
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
    )


def _run(manifest: Manifest, work: Path, doors: Doors, read: dict[str, int]) -> tuple[Output, ...]:
    payload.check(manifest)
    work.mkdir(parents=True, exist_ok=True)
    if any(work.iterdir()):
        raise Stopped("work_directory_in_use", f"the work directory {work} is not empty")
    inputs = _stage_in(manifest.inputs, work, doors)
    if counter := manifest.options.get(COUNT_INPUTS):
        count = counters.find(counter)
        read.update({entry.lfn: count(path) for entry, path in zip(manifest.inputs, inputs, strict=True)})
    words = payload.run(_without_our_options(manifest), inputs, work)
    collected = [_collect(promise, work, words) for promise in manifest.promises]
    _stage_out(collected, doors)
    return tuple(output for output, _ in collected)


def _without_our_options(manifest: Manifest) -> Manifest:
    options = {name: value for name, value in manifest.options.items() if name != COUNT_INPUTS}
    return replace(manifest, options=options)


def _stage_in(inputs: Sequence[Input], work: Path, doors: Doors) -> list[Path]:
    """The local copies of the inputs, compared with the manifest; one call for each storage."""
    local = [work / payload.local_name(entry.lfn) for entry in inputs]
    calls: dict[int, tuple[Storage, list[tuple[Input, FetchOrder]]]] = {}
    for entry, place in zip(inputs, local, strict=True):
        storage, path = doors.locate(entry.url)
        order = FetchOrder(path, str(place), entry.size, entry.adler32)
        calls.setdefault(id(storage), (storage, []))[1].append((entry, order))
    for storage, batch in calls.values():
        outcomes = storage.copier.fetch([order for _, order in batch])
        for entry, order in batch:
            _must_be_done(outcomes.get(order.destination, _UNTOLD), f"input {entry.url}")
    return local


_UNTOLD = Unknown("the storage did not say what became of it")


def _contents(path: Path) -> tuple[int, Adler32]:
    with open(path, "rb") as stream:
        return adler32_of(stream)


def _must_be_done(outcome: Outcome, what: str) -> None:
    match outcome:
        case Done():
            return
        case Failed(code=code, text=text):
            raise Stopped(code, f"{what}: {text}")
        case Pending():
            raise Stopped("unreadable_reply", f"{what}: the copy was said to be pending")
        case Unknown(text=text):
            raise Stopped("unreadable_reply", f"{what}: {text}")  # invariant 5: unknown is never success


def _collect(promise: Promise, work: Path, words: Mapping[str, payload.Word]) -> tuple[Output, Path]:
    """The promised file as it lies in the work directory, read back."""
    local = payload.promised_file(promise, work)
    if local.is_symlink() or not local.is_file():
        raise Stopped("output_missing", f"there is no {promise.payload!r}, promised as {promise.lfn}")
    size, checksum = _contents(local)
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


def _stage_out(collected: Sequence[tuple[Output, Path]], doors: Doors) -> None:
    """Put every file to its storage, one call for each storage; all of them, or Stopped."""
    orders: dict[int, tuple[Storage, list[CopyOrder]]] = {}
    for output, local in collected:
        storage, path = doors.locate(output.url)
        order = CopyOrder(path, f"file://{local.absolute()}", output.size, output.adler32)
        orders.setdefault(id(storage), (storage, []))[1].append(order)
    for storage, batch in orders.values():
        outcomes = storage.copier.copy(batch)
        for order in batch:
            _must_be_done(outcomes.get(order.path, _UNTOLD), f"output {order.path}")


def exit_code(report: Report) -> int:
    """0 done; 1 the job's program or papers; 3 storage; 5 storage, and it may pass by itself."""
    if not report.code:
        return ExitCode.DONE
    retry = _storage_codes().get(report.code)
    if retry is None:
        return ExitCode.FAILED
    return ExitCode.BUSY if retry is Retry.LATER else ExitCode.SOME_FAILED


def _storage_codes() -> dict[str, Retry]:
    classes = [transfers.errors.StorageError]
    for cls in classes:
        classes += cls.__subclasses__()
    return {cls.code: cls.retry for cls in classes}


def _unreadable(path: Path, error: Exception, clock: Clock) -> Report:
    now = clock.now().isoformat()
    text = f"the manifest {path} cannot be read: {error}"
    return Report("", socket.gethostname(), now, now, (), code="manifest_unreadable", text=text)


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
        epilog="Exit codes: 0 done; 1 the job failed; 2 usage; 3 storage; 5 storage, try later.",
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
