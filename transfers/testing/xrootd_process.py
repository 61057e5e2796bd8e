"""What XRootD test servers take: a port, a user that is not root, directories that the user can enter,
programs that run with a log, and an end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from catalog.errors import DataManagementError

USER = "xrootd"
"""Who runs the servers when we are root: they refuse to run as root."""


class XRootDServerError(DataManagementError):
    """The XRootD test server cannot be started or asked; the message says what is missing."""

    code = "test_server"


def within(seconds: float, true: Callable[[], bool]) -> bool:
    """Wait until something is true; False if it is not in time. Real time, as the server is real."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def as_user() -> dict[str, Any]:
    """What makes subprocess run a program as the server's user, if we are root."""
    return {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}


def hand_over(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, USER, USER)


def make_directory(directory: Path | None) -> Path:
    """The directory, made if need be, and sure to be reachable by the server's user."""
    if directory is None:
        work = Path(tempfile.mkdtemp(prefix="xrdrig-work"))
        work.chmod(0o755)
    else:
        work = directory.resolve()
        work.mkdir(parents=True, exist_ok=True)
    hand_over(work)
    if subprocess.run(["/usr/bin/test", "-w", str(work)], check=False, **as_user()).returncode:
        raise XRootDServerError(
            f"user {USER} cannot reach {work}; choose a directory below /tmp, or one that all may enter",
            subject=str(work),
        )
    return work


def admin_directory(prefix: str) -> Path:
    """A fresh directory for sockets. xrootd makes every directory of its admin path mode 700, and the names
    of sockets must be short: hence not one below the server's."""
    place = Path(tempfile.mkdtemp(prefix=prefix))
    hand_over(place)
    return place


def launch(
    command: Sequence[str], log: Path, *, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Run a program as the server's user, in a session of its own; what it says is appended to the log."""
    with log.open("ab") as out:
        hand_over(log)
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            **as_user(),
        )


def last_words(*logs: Path) -> str:
    """The ends of these logs in one line, for an error's text."""
    lines = [
        line for log in logs if log.exists() for line in log.read_text(errors="replace").splitlines()[-5:]
    ]
    return " | ".join(lines) or "it says nothing"


def end(child: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for a program that was told to end, and kill it if it does not."""
    child.send_signal(signal.SIGCONT)  # a stopped process does not see SIGTERM
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


class Stoppable(ABC):
    """A context that ends with ``stop``."""

    @abstractmethod
    def stop(self) -> None:
        """End it. May be repeated."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
