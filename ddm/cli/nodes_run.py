"""What ``ddm merge run`` and ``ddm check run`` do once their arguments are read: the work, and its report."""

from __future__ import annotations

import logging
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from signal import SIGINT

from catalog import papers
from catalog.clock import Clock, SystemClock
from catalog.errors import ExitCode
from catalog.papers import write_whole
from catalog.units import human_size
from ddm.jobs import doing, earlier, worker
from ddm.jobs.manifest import Manifest, Report, Verify, dumps, unread
from ddm.jobs.merges import Limits
from ddm.jobs.progress import Teller
from ddm.jobs.recount import Recount, Recounted, kept, recount
from ddm.jobs.recount import dumps as recount_text
from transfers.backends.newfile import new_file
from transfers.errors import StorageError

UNTOLD = logging.NullHandler()
"""A call that failed is in the report, and logged with ``--verbose`` only."""


def run(verb: str, args: Namespace, clock: Clock | None = None) -> int:
    """Do what the manifest says; the exit code. A report is left in any case."""
    clock = clock or SystemClock()
    path: Path = args.manifest
    place: Path = args.report or path.with_name(f"{path.name}.report.json")
    work: Path = (args.dir or path.with_name(f"{path.name}.work")).absolute()
    teller = Teller("" if args.quiet else f"ddm {verb}")
    if os.path.lexists(place) and not _is_report(place):
        print(f"ddm {verb}: {place} is there and is no report: give --report", file=sys.stderr)
        return ExitCode.USAGE
    logging.getLogger("transfers").addHandler(UNTOLD)
    try:
        text = path.read_text(encoding="utf-8")
        manifest = _with_options(earlier.completed(text, path.parent), args)
        if strange := unread(text):
            more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
            teller.say(f"this ddm does not know {', '.join(strange[:3])}{more} of {path}: not read")
        if os.path.realpath(place).startswith(f"{os.path.realpath(work)}/"):
            raise papers.ManifestUnreadable("the report would be in the work directory: give --report")
        place.unlink(missing_ok=True)  # the report is of the run that ended last, or there is none
    except (OSError, ValueError) as error:
        report = doing.unreadable(path, error, clock)
        return _end(verb, report, dumps(report), place, args, teller)
    limits = Limits(args.ahead, args.space)
    done = _refused(verb, manifest, args, clock)
    if done is not None:
        return _end(verb, done, dumps(done), place, args, teller)
    do: Callable[..., Report | Recount] = doing.run_manifest if verb == "merge run" else recount
    found = worker.guarded(lambda: do(manifest, work, clock=clock, limits=limits, teller=teller), teller)
    found = replace(found, exit_code=_signal_code(found.exit_code))
    text = recount_text(found) if isinstance(found, Recount) else dumps(found)
    code = _end(verb, found, text, place, args, teller, manifest)
    keep = verb == "merge run" and args.keep and code != ExitCode.DONE
    if not keep:
        worker.tidy(found.code, work)
    return code


def _refused(verb: str, manifest: Manifest, args: Namespace, clock: Clock) -> Report | None:
    """The report of a job that is not begun: there is nothing of what was asked for, or a credential that the
    environment names is not there, or does not last for the work."""
    if verb == "check run" and args.same_content and not kept(manifest):
        text = "there is nothing to compare with the inputs: no promise says size and adler32"
        return doing.failed(manifest.label, "manifest_refused", text, clock)
    urls = [url for entry in manifest.inputs for url in entry.urls]
    urls += [url for promise in manifest.promises for url in promise.urls]
    if all(url.startswith("file://") for url in urls):
        return None
    from transfers.credentials.model import Pace
    from transfers.credentials.work import require_named

    size = 2 * sum(entry.size for entry in manifest.inputs)
    try:
        require_named(os.environ, os.geteuid(), Pace().time_for(size, len(urls)), clock.now())
    except StorageError as error:
        return doing.failed(manifest.label, error.code, str(error), clock)
    return None


def _with_options(manifest: Manifest, args: Namespace) -> Manifest:
    if args.in_place:
        manifest = replace(manifest, in_place=True)
    if args.same_content:
        manifest = replace(manifest, verify=Verify.SAME_CONTENT)
    return manifest


def _signal_code(code: int) -> int:
    """Who is interrupted at a terminal ends as such programs do."""
    return ExitCode.INTERRUPTED if code == ExitCode.TERMINATED and worker.signalled() == SIGINT else code


def _is_report(file: Path) -> bool:
    """Anything else is not ours to replace, be it the manifest or what a program has written."""
    try:
        return "exit_code" in papers.document(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def _end(
    verb: str,
    done: Report | Recount,
    text: str,
    place: Path,
    args: Namespace,
    teller: Teller,
    manifest: Manifest | None = None,
) -> int:
    """Leave the report, say how it went; the exit code."""
    code = done.exit_code
    try:
        _leave(place, text)
    except OSError as error:
        print(f"ddm {verb}: the report {place} cannot be written: {error}", file=sys.stderr)
        code = code or ExitCode.SITE
    if args.json:
        print(text, flush=True)
    if done.code:
        again = "run it again to go on; " if done.code == "terminated" else ""
        line = " ".join(f"{done.code}: {done.text} ({done.fault}); {again}the report is {place}".split())
        teller.end()
        print(f"ddm {verb}: {line}", file=sys.stderr, flush=True)
    else:
        teller.say(_summary(done, manifest))
    return code


def _leave(place: Path, text: str) -> None:
    """Write the report; who is killed meanwhile leaves nothing: it has no name before it is whole."""
    try:
        with new_file(place.absolute().parent) as new:
            with open(new.descriptor, "wb", closefd=False) as out:
                out.write(text.encode("utf-8", errors="surrogateescape"))
            new.force()
            new.name(place.absolute())
    except FileExistsError:  # another process has done the same meanwhile: the last one stays, as ever
        write_whole(place, text)


def _summary(done: Report | Recount, manifest: Manifest | None) -> str:
    if isinstance(done, Recount):
        return _counted(done, manifest)
    made = (
        {promise.lfn: len(manifest.inputs_of(promise)) for promise in manifest.promises} if manifest else {}
    )
    return "; ".join(
        f"{output.lfn}: {_files(made.get(output.lfn, len(done.inputs)))} merged, {human_size(output.size)},"
        f" {'an unknown number of' if output.n_events is None else output.n_events} events"
        for output in done.outputs
    )


def _counted(done: Recount, manifest: Manifest | None) -> str:
    """Inputs and merged files apart: the same events are in both."""
    merged = {promise.lfn for promise in kept(manifest)} if manifest else set[str]()
    parts = [[file for file in done.files if (file.lfn in merged) is there] for there in (False, True)]
    words = [_sums(files, what) for files, what in zip(parts, ("input", "merged file"), strict=True) if files]
    if done.compared:
        words[-1] += f", {len(done.compared)} compared with their inputs: the same"
    if manifest and (passed := len(manifest.promises) - len(merged)):
        words.append(f"{_files(passed, 'promise')} not looked at: without size and adler32")
    return "; ".join(words) or "there is no file to count"


def _sums(files: Sequence[Recounted], what: str) -> str:
    events = [file.n_events for file in files if file.n_events is not None]
    told = f"{sum(events)} events" if events else "events not counted"
    if events and len(events) < len(files):
        told += f" in {len(events)} of them"
    return f"{_files(len(files), what)}, {human_size(sum(file.size or 0 for file in files))}, {told}"


def _files(number: int, what: str = "file") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
