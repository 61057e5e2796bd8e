"""What ``ddm stage-in`` and ``ddm stage-out`` do once their arguments are read: move, and say how it went."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import FrameType

from catalog.clock import Clock, SystemClock
from catalog.errors import ExitCode
from catalog.papers import ManifestUnreadable, why, write_whole
from transfers import manifest as papers
from transfers.manifest import FileReport, StageIn, StageOut, StageReport
from transfers.staging import Means, code_of, failed_report
from transfers.staging_in import stage_in
from transfers.staging_out import stage_out

UNTOLD = logging.NullHandler()
"""A call that failed is in the report, and logged with ``--verbose`` only."""


class Stop:
    """A watch that SIGTERM and SIGINT stop, and that says now and then how far the bytes are."""

    def __init__(self, say: Callable[[str], None], *, every: float = 10.0) -> None:
        self.code = 0
        self._say, self._every = say, every
        self._done: dict[str, int] = {}
        self._said = time.monotonic()

    def install(self) -> None:
        """From now on the signals stop what is under way; later ones change nothing."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._take)

    def _take(self, number: int, frame: FrameType | None) -> None:
        self.code = self.code or (ExitCode.TERMINATED if number == signal.SIGTERM else ExitCode.INTERRUPTED)

    def moved(self, key: str, done: int) -> None:
        self._done[key] = done
        now = time.monotonic()
        if now - self._said >= self._every:
            self._said = now
            self._say(f"{sum(list(self._done.values()))} bytes of {len(self._done)} files so far")

    def stopped(self) -> bool:
        return self.code != 0


def run(
    verb: str,
    path: Path,
    *,
    directory: Path,
    report: Path,
    threads: int,
    as_json: bool,
    quiet: bool,
    clock: Clock | None = None,
) -> int:
    """Do what the manifest says; the exit code."""
    clock = clock or SystemClock()

    def say(text: str) -> None:
        if not quiet:
            print(f"ddm {verb}: {text}", file=sys.stderr, flush=True)

    if os.path.lexists(report) and not _is_report(report):
        print(f"ddm {verb}: {report} is there and is no report: give --report", file=sys.stderr)
        return ExitCode.USAGE
    logging.getLogger("transfers").addHandler(UNTOLD)
    stop = Stop(say)
    stop.install()
    started = clock.now()
    try:
        manifest = _read(verb, path)
        _keep_apart(manifest, directory, report)
        report.unlink(missing_ok=True)  # the report is of the run that ended last, or there is none
    except (OSError, ValueError) as error:
        code, text = ("manifest_unreadable", f"the manifest {path} cannot be read: {why(error)}")
        return _end(
            verb, failed_report(verb, "", started, clock.now(), code, text), report, as_json, stop, say
        )
    means = Means(clock=clock, watch=stop, threads=threads)
    try:
        _look_at_credentials(manifest, directory, clock)
        if isinstance(manifest, StageIn):
            done = stage_in(manifest, directory, means)
        else:
            done = stage_out(manifest, directory, means)
    except Exception as error:  # noqa: BLE001  whatever it was, a report must be left
        done = failed_report(verb, manifest.label, started, clock.now(), *code_of(error))
    return _end(verb, done, report, as_json, stop, say)


def _look_at_credentials(manifest: StageIn | StageOut, directory: Path, clock: Clock) -> None:
    """Raises StorageError when a credential that the environment names does not last for the work."""
    if isinstance(manifest, StageIn):
        urls = [source.url for file in manifest.files for source in file.sources]
        size = sum(file.size or 0 for file in manifest.files)
    else:
        urls = [url for file in manifest.files for url in file.destinations]
        local = [directory / file.name for file in manifest.files]
        size = sum(path.stat().st_size for path in local if path.is_file())
    if all(url.startswith("file://") for url in urls):
        return
    from transfers.credentials.model import Pace
    from transfers.credentials.work import require_named

    needed = Pace().time_for(size, len(manifest.files))
    require_named(os.environ, os.geteuid(), needed, clock.now())


def _is_report(file: Path) -> bool:
    """Anything else is not ours to replace, be it the manifest or what a program has written."""
    try:
        return "exit_code" in papers.read_report(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def _keep_apart(manifest: StageIn | StageOut, directory: Path, report: Path) -> None:
    """Raises ManifestUnreadable when the report would be written over a file."""
    place = os.path.realpath(report)
    if met := [file.name for file in manifest.files if os.path.realpath(directory / file.name) == place]:
        raise ManifestUnreadable(f"the report would have the name of the file {met[0]}: give --report")


def _read(verb: str, path: Path) -> StageIn | StageOut:
    manifest = papers.read_manifest(path.read_text(encoding="utf-8"))
    kind = papers.STAGE_IN if isinstance(manifest, StageIn) else papers.STAGE_OUT
    if kind != verb:
        raise ManifestUnreadable(f"it is for {kind}, not for {verb}")
    return manifest


def _end(
    verb: str,
    done: StageReport,
    report: Path,
    as_json: bool,
    stop: Stop,
    say: Callable[[str], None],
) -> int:
    """Leave the report, say how it went; the exit code. What was done before the stop came is done."""
    code = (stop.code or done.exit_code) if done.code else ExitCode.DONE
    text = papers.dumps(papers.with_exit_code(done, code))
    try:
        write_whole(report, text)
    except OSError as error:
        print(f"ddm {verb}: the report {report} cannot be written: {error}", file=sys.stderr)
        code = code or ExitCode.SITE
    if as_json:
        print(text, flush=True)
    if done.code:
        line = " ".join(f"{done.code}: {done.text} ({done.fault}); the report is {report}".split())
        print(f"ddm {verb}: {line}", file=sys.stderr, flush=True)
    else:
        say(_summary(done.files, done.started_at, done.ended_at))
    return code


def _summary(files: tuple[FileReport, ...], started: str, ended: str) -> str:
    seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()
    kept = sum(file.state == "kept" for file in files)
    size = sum(file.size or 0 for file in files)
    again = sum(file.state == "copied" and len(file.attempts) > 1 for file in files)
    text = f"{len(files)} file{'' if len(files) == 1 else 's'}, {size} bytes, {seconds:.1f} s"
    text += f"; {kept} of them were there already" if kept else ""
    return f"{text}; {again} of them after another place had failed, see the report" if again else text
