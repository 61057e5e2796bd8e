"""Keeps a credential good: looks at it before work, and has it renewed by a command when too little is left.

Rules:

- The command is an argument list, never a shell line. It gets no input, and what it prints goes nowhere: such
  programs print tokens. It is told about by the name of its program and how it ended.
- One renewal at a time, between threads (a lock) and between processes (a lock on a file beside the
  credential). Whoever waited looks again, and finds that it was done.
- The command is not run again before ``RETRY``. While the old credential is enough, work goes on.
- Whether it worked is read from the credential, not from the command's exit code alone.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath

from catalog.clock import Clock
from transfers.credentials.model import Credential, Enough, TooShort, enough_for, span
from transfers.errors import CredentialExpired, CredentialMissing

LOG = logging.getLogger("transfers.credentials")
RETRY = timedelta(minutes=1)
LOOK = timedelta(milliseconds=200)
"""How often somebody else's renewal is looked at."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """How a credential is renewed: ``command`` writes a new one to the file ``path``; killed, with all that
    it started, after ``timeout``; wanted when less than ``before`` is left. ``environ``: its environment."""

    command: tuple[str, ...]
    path: str
    environ: Mapping[str, str]
    timeout: timedelta = timedelta(minutes=1)
    before: timedelta = timedelta(hours=6)

    @property
    def program(self) -> str:
        """All of the command that is ever shown: arguments may hold what nobody should read."""
        return PurePath(self.command[0]).name

    def __repr__(self) -> str:
        return f"Renewal({self.program!r}, path={self.path!r})"


class Keeper:
    """One credential of one process. Safe from several threads.

    ``read`` reads it anew each time, and raises as ``files.read_proxy`` does. Without ``renewal`` somebody
    else renews it, and we only look.
    """

    def __init__(
        self, name: str, read: Callable[[], Credential], clock: Clock, renewal: Renewal | None = None
    ) -> None:
        self.name = name
        self._read, self._clock, self._renewal = read, clock, renewal
        self._lock = threading.Lock()
        self._ran_at: datetime | None = None
        self._trouble = ""

    def look(self) -> Credential:
        """The credential as it is now, good or not. Raises CredentialMissing, PermissionRefused."""
        return self._read()

    def current(self, needed: timedelta = timedelta(0)) -> Credential:
        """The credential, which lasts for ``needed`` at least; renewed before if it is time.

        Raises CredentialMissing; CredentialExpired when it does not last, whatever was done;
        PermissionRefused.
        """
        if self._renewal is not None:
            self._keep(self._renewal, needed)
        try:
            found = self._read()
        except CredentialMissing as error:
            raise CredentialMissing(f"{error}{self._trouble}", subject=error.subject) from None
        match enough_for(found, needed, self._clock.now()):
            case TooShort(text=text):
                raise CredentialExpired(f"{text}{self._trouble}", subject=found.path or found.where)
            case Enough():
                return found

    def _keep(self, renewal: Renewal, needed: timedelta) -> None:
        wanted = max(needed, renewal.before)
        if not self._too_short(wanted):
            return
        # whoever has enough for now does not wait for the one who renews it
        if self._lock.acquire(blocking=self._too_short(needed)):
            try:
                self._renew(renewal, wanted)
            finally:
                self._lock.release()

    def _too_short(self, needed: timedelta) -> bool:
        try:
            found = self._read()
        except CredentialMissing:
            return True
        return isinstance(enough_for(found, needed, self._clock.now()), TooShort)

    def _renew(self, renewal: Renewal, wanted: timedelta) -> None:
        """Under the lock of the threads."""
        if self._ran_at is not None and self._clock.now() - self._ran_at < RETRY:
            return
        with _alone(renewal, self._clock) as mine:
            if not mine:
                trouble = f"somebody else has been renewing it for {span(2 * renewal.timeout)}"
            elif not self._too_short(wanted):  # it was done while we waited
                trouble = ""
            else:
                trouble = run(renewal)
                self._ran_at = self._clock.now()
                if not trouble and self._too_short(renewal.before):
                    trouble = f"{renewal.program} gave none that lasts for {span(renewal.before)}"
        self._trouble = f"; renewing it failed: {trouble}" if trouble else ""
        if trouble:
            LOG.warning("credential %s: renewing it failed: %s", self.name, trouble)
        elif self._ran_at is not None:
            LOG.info("credential %s was renewed by %s", self.name, renewal.program)


@contextmanager
def _alone(renewal: Renewal, clock: Clock) -> Iterator[bool]:
    """Whether we are the one process that renews this file; waits for another as long as it may take."""
    lock = f"{renewal.path}.ddm-lock"
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        LOG.warning("no lock %s (%s): two processes may renew at once", lock, error.strerror)
        yield True
        return
    try:
        end = clock.now() + 2 * renewal.timeout
        while not _locked(handle):
            if clock.now() >= end:
                yield False
                return
            clock.sleep(LOOK)
        yield True
    finally:
        os.close(handle)  # and with it the lock goes; the file stays


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def run(renewal: Renewal) -> str:
    """Run the command to its end; what went wrong, "" for nothing. Its output is thrown away."""
    import subprocess  # not for those who only look at credentials

    try:
        process = subprocess.Popen(
            renewal.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(renewal.environ),
            start_new_session=True,
        )
    except OSError as error:
        return f"{renewal.program} cannot be started: {error.strerror}"
    try:
        code = process.wait(renewal.timeout.total_seconds())
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # it and all that it started
        process.wait()
        return f"{renewal.program} did not end within {span(renewal.timeout)}"
    if code:
        return f"{renewal.program} ended with {f'exit code {code}' if code > 0 else f'signal {-code}'}"
    return ""
