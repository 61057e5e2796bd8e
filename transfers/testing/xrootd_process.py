"""What an XRootD test server takes: a port, a user that is not root, a directory that the user can enter."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
