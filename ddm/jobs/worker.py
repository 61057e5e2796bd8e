"""The worker: what runs on a worker node. One manifest in, one report out, no database.

``python -m ddm.jobs.worker MANIFEST REPORT`` is how runners start a job; ``ddm merge run MANIFEST`` does the
same for people and batch systems. What is done is in ``ddm.jobs.doing``.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TypeVar

from catalog.clock import Clock, SystemClock
from catalog.errors import ExitCode
from ddm.jobs import earlier, workplace
from ddm.jobs import manifest as papers
from ddm.jobs.doing import Terminated, exit_code, run_manifest, unreadable
from ddm.jobs.progress import Teller

_log = logging.getLogger("ddm.worker")
FOREIGN = ("work_directory_in_use", "manifest_refused")
"""Ends of a job that leave the work directory alone: it is somebody else's, or was not even made."""


T = TypeVar("T")
_signals: list[int] = []


def guarded(work: Callable[[], T], teller: Teller) -> T:
    """Do the work so that SIGTERM and SIGINT end it with a report; later ones change nothing."""

    def end(signum: int, frame: FrameType | None) -> None:
        _signals.append(signum)
        teller.stopping = True
        if not teller.polite:
            raise Terminated(signum)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        return work()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)


def signalled() -> int | None:
    """The signal that ended the work, if one did."""
    return _signals[0] if _signals else None


def tidy(code: str, work: Path) -> None:
    """The report, with this code, is written: nobody needs the work directory any more, if it was ours."""
    if code not in FOREIGN and work.exists() and (why := workplace.remove(work)):
        # safe: a directory too many on a worker node harms nobody
        _log.warning("the work directory %s could not be removed: %s", work, why)


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
        manifest = earlier.read(args.manifest)
    except (OSError, ValueError) as error:
        report = unreadable(args.manifest, error, clock)
        print(report.text, file=sys.stderr)
        papers.write(args.report, report)
        return ExitCode.USAGE
    work = (args.work or args.report.with_name(args.report.name + ".work")).absolute()
    teller = Teller()
    report = guarded(lambda: run_manifest(manifest, work, clock=clock, teller=teller), teller)
    papers.write(args.report, report)
    if report.code:
        print(f"{report.label}: {report.code}: {report.text}", file=sys.stderr)
    if not args.keep:
        tidy(report.code, work)
    return exit_code(report)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    sys.exit(main())
