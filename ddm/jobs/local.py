"""Jobs as processes of this machine: the runner for one computer, and for tests.

Every job has a directory ``DIRECTORY/LABEL/`` with ``manifest.json``, ``report.json`` (written by the worker,
by rename, so it is whole or absent), ``worker.out``, ``pid`` and ``lock``. Jobs are sessions of their own:
they outlive the coordinator, and the next one finds them in the directory.

*Alive* means: somebody holds the lock. The runner takes it before it starts the worker, which inherits it,
and the system frees it when the worker is gone, whatever ended it. So two coordinators cannot start a job
twice, and a recycled pid is never taken for ours. The directory must be on a local file system.

An attempt that was started is never started again: with a report it has ended well or badly, without one,
and nobody alive, it has died.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from catalog.clock import Clock
from ddm.errors import ConfigError
from ddm.jobs import manifest as papers
from ddm.jobs.manifest import Manifest, ManifestUnreadable
from ddm.jobs.payload import tail
from ddm.jobs.ports import Ended, JobRef, JobStatus, NoAnswer, Refused, Running, Tidied, Vanished
from ddm.jobs.tidying import tidy_home

_LABEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._:=+@-]{0,200}")
_LOCK_FD = 9
"""The descriptor under which a worker holds its lock."""
_LAUNCH = 'cd "$1" && echo $$ > pid && shift && exec "$@"'
"""The job writes its own pid, so that it is known even if the coordinator dies right after the start."""
_PAPERS = ("manifest.json", "report.json", "--work", "work")
_PATIENCE = timedelta(seconds=3)
"""How long a job that is told to end may take to write its report."""


class LocalRunner:
    """Runs jobs as detached processes, ``slots`` at once; see ``ddm.jobs.ports.Runner``.

    Options: ``python``, the interpreter of the workers; ``keep`` = ``yes`` keeps their work directories.
    """

    def __init__(
        self,
        directory: Path,
        *,
        slots: int,
        clock: Clock,
        python: str = sys.executable,
        options: Mapping[str, str] | None = None,
    ) -> None:
        options = dict(options or {})
        self._directory = Path(directory).absolute()
        self._slots = slots
        self._clock = clock
        self._python = options.pop("python", python)
        self._keep = options.pop("keep", "no") == "yes"
        self._children: dict[str, int] = {}
        self._alive: set[str] | None = None
        if options:
            raise ConfigError(f"the local runner has no option {min(options)!r}; it has: keep, python")
        if slots < 1:
            raise ConfigError(f"the local runner needs at least one slot, not {slots}")

    @property
    def slots(self) -> int:
        return self._slots

    def submit(self, manifests: Sequence[Manifest]) -> Mapping[str, JobRef | Refused]:
        """Start the jobs while there are slots; a label that has been started is adopted."""
        self._reap()
        return {manifest.label: self._submit(manifest) for manifest in manifests}

    def poll(self, refs: Sequence[JobRef]) -> Mapping[str, JobStatus]:
        self._reap()
        return {ref.label: self._status(ref.label) for ref in refs}

    def cancel(self, refs: Sequence[JobRef]) -> None:
        """Tell the jobs to end, and after three seconds end them. Blocks for hardly more than that."""
        wanted = {ref.label for ref in refs if _is_label(ref.label)}
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._signal(wanted, number)
            end = self._clock.now() + _PATIENCE
            while self._living(wanted) and self._clock.now() < end:
                self._clock.sleep(timedelta(milliseconds=20))
                self._reap()

    def find(self, labels: Sequence[str]) -> Mapping[str, JobRef]:
        return {label: self._ref(label) for label in labels if _is_label(label) and self._started(label)}

    def tidy(self, labels: Sequence[str], *, act: bool = True) -> Mapping[str, Tidied]:
        """Remove the directories of jobs that are over, file by file; see ``ddm.jobs.ports.Tidier``.

        What is in one and was not made by us stays, and so does the directory.
        """
        self._reap()
        known = [label for label in labels if _is_label(label) and (self._directory / label).is_dir()]
        return {label: tidy_home(self._directory / label, act=act) for label in known}

    # -- one job ----------------------------------------------------------------------------------

    def _submit(self, manifest: Manifest) -> JobRef | Refused:
        label = manifest.label
        if not _is_label(label):
            return Refused(f"{label!r} cannot be the name of a directory", transient=False)
        home = self._directory / label
        try:
            if self._started(label):
                return self._ref(label)
            if len(self._running()) >= self._slots:
                return Refused(f"all {self._slots} slots are taken")
            home.mkdir(parents=True, exist_ok=True)
            with _taken(home / "lock") as lock:
                if lock is None or (home / "pid").exists():
                    return self._ref(label)  # another coordinator was faster
                papers.write(home / "manifest.json", manifest)
                self._start(label, lock)
        except OSError as error:
            return Refused(f"job {label} cannot be started: {error}")
        return JobRef(label, str(self._children[label]))

    def _start(self, label: str, lock: int) -> None:
        """Start the worker in a session of its own, holding the lock."""
        home = self._directory / label
        worker = [self._python, "-P", "-m", "ddm.jobs.worker", *_PAPERS, *(["--keep"] if self._keep else [])]
        argv = ["/bin/sh", "-c", _LAUNCH, "ddm-worker", str(home), *worker]
        output = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        child = os.posix_spawn(
            argv[0],
            argv,
            os.environ,  # workers run in the coordinator's environment, as its own processes
            setsid=True,
            setsigdef=[signal.SIGTERM, signal.SIGINT, signal.SIGPIPE],
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(home / "worker.out"), output, 0o644),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, lock, _LOCK_FD),
            ],
        )
        self._children[label] = child
        self._running().add(label)
        # The job does so too, but may be told to end before. It runs now, whatever happens here.
        with suppress(OSError):
            (home / "pid").write_text(f"{child}\n", encoding="ascii")

    def _status(self, label: str) -> JobStatus:
        home = self._directory / label
        if not _is_label(label) or not home.is_dir():
            return Vanished(f"no directory {home}")
        try:
            if ended := self._report(home):
                return ended
            if _is_held(home / "lock"):
                return Running()
            # It may have ended between the two questions.
            if ended := self._report(home):
                return ended
            if not (home / "pid").exists():
                return Vanished(f"{home} has papers, but the job was never started")
            return Ended(None, f"the worker died without a report{_last_words(home / 'worker.out')}")
        except OSError as error:
            return NoAnswer(str(error))

    def _report(self, home: Path) -> Ended | None:
        try:
            return Ended(papers.read_report((home / "report.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ManifestUnreadable, UnicodeDecodeError) as error:
            return Ended(None, f"the report {home / 'report.json'} is unreadable: {error}")

    def _started(self, label: str) -> bool:
        home = self._directory / label
        return home.is_dir() and (
            (home / "pid").exists() or (home / "report.json").exists() or _is_held(home / "lock")
        )

    def _ref(self, label: str) -> JobRef:
        return JobRef(label, self._pid(label))

    def _pid(self, label: str) -> str:
        try:
            return (self._directory / label / "pid").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return ""

    # -- all jobs ---------------------------------------------------------------------------------

    def _running(self) -> set[str]:
        """The labels that take a slot; at first those which an earlier coordinator has left."""
        if self._alive is None:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._alive = {path.name for path in self._directory.iterdir() if path.is_dir()}
        # With its report written a worker has nothing left to do but to tidy up.
        living = self._living(self._alive)
        self._alive = {name for name in living if not (self._directory / name / "report.json").exists()}
        return self._alive

    def _living(self, labels: set[str]) -> set[str]:
        return {label for label in labels if _is_held(self._directory / label / "lock")}

    def _signal(self, labels: set[str], number: signal.Signals) -> None:
        """Signal the process groups of the jobs that live; their pids cannot have been given to others."""
        for label in self._living(labels):
            if pid := self._pid(label):
                with suppress(ProcessLookupError):  # safe: it has just ended by itself
                    os.killpg(int(pid), number)

    def _reap(self) -> None:
        """Take note of our children that have ended, so that none stays a zombie."""
        for label, pid in list(self._children.items()):
            try:
                over = os.waitpid(pid, os.WNOHANG)[0] != 0
            except ChildProcessError:  # somebody else has waited for it
                over = True
            if over:
                del self._children[label]


def _is_label(label: str) -> bool:
    return _LABEL.fullmatch(label) is not None


@contextmanager
def _taken(lock: Path) -> Iterator[int | None]:
    """Our own hold of the lock, as a descriptor; None if somebody else has it."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)  # closing ours leaves the lock to a worker that inherited it


def _is_held(lock: Path) -> bool:
    """Whether somebody holds the lock; asking does not disturb others who ask."""
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _last_words(output: Path) -> str:
    text = tail(output) if output.exists() else ""
    return f"; its last lines:\n{text}" if text else ""
