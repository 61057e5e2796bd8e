"""What commands that move bytes share: signals that stop cleanly, progress and time left, endings."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

import click

from catalog.errors import ExitCode
from catalog.faults import EXIT_CODE, WORST_FIRST, Fault, Side, fault_of
from ddm.cli.toolkit import Session
from ddm.cli.words import counted, size
from ddm.errors import ConfigMissing
from ddm.exitcodes import FAULTS
from ddm.settings import Settings
from transfers.errors import StorageError, TransferStopped

EXITS = (
    ExitCode.SOME_FAILED,
    *FAULTS,
    ExitCode.TERMINATED,
)
"""What these commands may end with, besides what all may."""

parallel_option = click.option(
    "--parallel",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Files at a time; else what the endpoint says.",
)


_UNTOLD = logging.NullHandler()


def settings_of(session: Session) -> Settings | None:
    """The settings; None if there is no ddm.toml and none was named."""
    try:
        return session.settings()
    except ConfigMissing:
        if session.config is not None:
            raise
        return None


def told_by_the_answer() -> None:
    """What failed is in the command's own answer; each single call that did is logged with -v only."""
    logging.getLogger("transfers").addHandler(_UNTOLD)


class Mover:
    """A watch for people: counts bytes and files, shows them, and stops at SIGINT and SIGTERM.

    A second SIGINT ends the program at once.
    """

    def __init__(self, title: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self.code = 0
        self._title, self._now = title, now
        self._lock = threading.Lock()
        self._bytes: dict[str, int] = {}
        self._began = self._ended = now()

    # ---------------------------------------------------------------- the watch
    def moved(self, key: str, done: int) -> None:
        self._bytes[key] = done

    def stopped(self) -> bool:
        return self.code != 0

    # -------------------------------------------------------------- the numbers
    def done(self) -> tuple[int, float]:
        """Bytes so far, and bytes per second."""
        sum_ = sum(list(self._bytes.values()))
        return sum_, sum_ / max(self._now() - self._began, 1e-3)

    def pace(self) -> dict[str, float]:
        """Seconds and bytes per second of what was shown."""
        seconds = self._ended - self._began
        done = sum(list(self._bytes.values()))
        return {"seconds": round(seconds, 3), "bytes_per_s": round(done / seconds, 1) if seconds else 0.0}

    @contextmanager
    def showing(self, total: int, files: int) -> Iterator[None]:
        """Signals stop, and progress is shown, until the block ends: bars on a terminal, else lines."""
        self._began = self._now()
        old = {number: signal.signal(number, self._take) for number in (signal.SIGINT, signal.SIGTERM)}
        over = threading.Event()
        show = _bars if sys.stderr.isatty() else _lines
        thread = threading.Thread(target=show, args=(self, over, self._title, total, files), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended = self._now()
            over.set()
            thread.join()
            for number, handler in old.items():
                signal.signal(number, handler)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self.code and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.code = ExitCode.TERMINATED if number == signal.SIGTERM else ExitCode.INTERRUPTED


EVERY = 10.0  # seconds between lines in a log


def _lines(mover: Mover, over: threading.Event, title: str, total: int, files: int) -> None:
    while not over.wait(EVERY):
        done, speed = mover.done()
        click.echo(f"{title}: {progress_line(done, total, speed, files)}", err=True)


def progress_line(done: int, total: int, speed: float, files: int) -> str:
    """``1.2 GB of 5 GB in 7 files, 250 MB/s, 0:00:15 left``."""
    of = counted(files, "file")
    left = f", {timedelta(seconds=round((total - done) / speed))} left" if speed and done < total else ""
    return f"{size(done)} of {size(total)} in {of}, {size(round(speed))}/s{left}"


def _bars(mover: Mover, over: threading.Event, title: str, total: int, files: int) -> None:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    text = TextColumn("{task.description}", markup=False)
    columns = (text, BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(f"{title} {counted(files, 'file')}", total=total)
        while True:
            last = over.wait(0.2)
            bars.update(task, completed=min(total, mover.done()[0]))
            if last:
                return


@contextmanager
def blaming(mover: Mover | None = None, side: Side | None = None) -> Iterator[None]:
    """A storage error that ends the command ends it with the exit code of its fault, or of the signal."""
    try:
        yield
    except StorageError as error:
        stopped = mover is not None and error.code == TransferStopped.code
        code = mover.code if stopped and mover else EXIT_CODE[fault_of(error.code, side)]
        error.exit_code = code  # type: ignore[misc]  # of this one, not of its class
        raise


def ending(mover: Mover, good: Sequence[bool], faults: Iterable[str]) -> int:
    """The exit code: 0; of the signal; 3 when some files are fine; else of the fault that speaks for all."""
    if all(good):
        return ExitCode.DONE
    if mover.code:
        return mover.code
    if any(good):
        return ExitCode.SOME_FAILED
    found = {Fault(fault) for fault in faults if fault}
    return next((EXIT_CODE[fault] for fault in WORST_FIRST if fault in found), ExitCode.FAILED)


def say_how_to_go_on(mover: Mover, left: int) -> None:
    """One line after a stop."""
    if mover.code and left:
        what = "interrupted" if mover.code == ExitCode.INTERRUPTED else "told to end"
        again = "run the same command again to go on; what is whole is kept, nothing else is left behind"
        click.echo(f"ddm: {what} with {counted(left, 'file')} to go; {again}", err=True)
