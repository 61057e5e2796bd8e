"""Plain XRootD disk servers for tests: real, quick to start, several at a time, and easy to hurt.

::

    with DiskServer.start() as here, DiskServer.start(rate=20_000_000) as there:
        here.put("/run1/a.root", data)
        storage = open_storage(there.prefix, clock=SystemClock(), options={})

One area, ``/data``, and no tape behind it (``transfers.testing.xrootd`` has that). The servers take
third-party copies, compute adler32 themselves, and drop a file whose writer died before its close after
``HOLD`` seconds. They answer on loopback only, by their numeric addresses (by a name, third-party copies
fail). ``security`` adds authentication (``transfers.testing.xrootd_security``). A start takes 0.1 s.

``rate`` (bytes per second) slows reads and writes down, so that there is time to do harm in the middle of a
file. ``space`` (bytes) makes the disk small (``transfers.testing.smalldisk``). For harm at an exact byte put
a ``Relay`` (``transfers.testing.relay``) in between.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from transfers.testing.smalldisk import SmallDisk
from transfers.testing.xrootd_process import (
    Stoppable,
    XRootDServerError,
    admin_directory,
    end,
    free_port,
    hand_over,
    last_words,
    launch,
    listens,
    make_directory,
    within,
)

AREA = "/data"
HOLD = 1
"""Seconds after which a server drops the unfinished file of a writer that died."""

_START_SECONDS, _STOP_SECONDS = 30.0, 3.0


@dataclass(frozen=True, slots=True)
class Security:
    """How clients must authenticate: lines of the configuration, and variables that a good client needs."""

    lines: Sequence[str] = ()
    scheme: str = "root"
    environment: Sequence[tuple[str, str]] = ()


class DiskServer(Stoppable):
    """A running (or killed) server and its directory. Make one with ``start``.

    Names of files are below the area: ``/run1/a.root`` is ``/data/run1/a.root`` to clients.
    """

    def __init__(self, directory: Path, port: int, *, temporary: bool, security: Security) -> None:
        self.directory, self.port, self.security = directory, port, security
        self._temporary = temporary
        self._child: subprocess.Popen[bytes] | None = None
        self._admin: Path | None = None
        self.disk: SmallDisk | None = None

    # ------------------------------------------------------------------ life
    @classmethod
    def start(
        cls,
        directory: Path | None = None,
        *,
        port: int = 0,
        rate: int = 0,
        space: int = 0,
        security: Security | None = None,
        extra: str = "",
    ) -> DiskServer:
        """Start a server and wait until it answers. ``extra`` is appended to its configuration.

        Raises XRootDServerError where it cannot be started, SmallDiskError where ``space`` cannot be had.
        """
        if not shutil.which("xrootd"):
            raise XRootDServerError("the XRootD test server needs: apt-get install xrootd-server")
        server = cls(
            make_directory(directory),
            port or free_port(),
            temporary=directory is None,
            security=security or Security(),
        )
        try:
            server._fill(rate, space, extra)
            server.restart()
        except BaseException:
            server.stop()
            raise
        return server

    def stop(self) -> None:
        """End the server; a temporary directory is removed. May be repeated."""
        self._end(signal.SIGTERM)
        if self._admin is not None:
            shutil.rmtree(self._admin, ignore_errors=True)  # sockets only; leaving some harms nobody
        if self.disk is not None:
            self.disk.close()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    def kill(self) -> None:
        """kill -9, and wait until the process is gone. ``restart`` brings the server back."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start the server, on its port and directory. Raises XRootDServerError."""
        log = self.directory / "xrootd.log"
        command = ["xrootd", "-c", f"{self.directory}/xrootd.cfg", "-n", "disk"]
        environment = {"XDG_CACHE_HOME": f"{self.directory}/cache"}
        environment |= self.disk.environment if self.disk else {}
        child = self._child = launch(command, log, cwd=self.directory, environment=environment)
        ready = within(_START_SECONDS, lambda: listens(self.port) or child.poll() is not None)
        if not ready or child.poll() is not None:
            raise XRootDServerError(f"xrootd does not start in {self.directory}: {last_words(log)}")

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and can be made, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: what was asked meanwhile is answered now."""
        self._signal(signal.SIGCONT)

    # ------------------------------------------------------------------ names
    def url(self, port: int = 0) -> str:
        """``root://127.0.0.1:PORT``; ``port``: of a relay in front of the server."""
        return f"{self.security.scheme}://127.0.0.1:{port or self.port}"

    @property
    def prefix(self) -> str:
        """Prefix of an endpoint: a path, which begins with a slash, is appended."""
        return f"{self.url()}/{AREA}"

    @property
    def files(self) -> Path:
        """Where the files of the area are on the disk of this machine."""
        return self.directory / "files" / AREA.strip("/")

    def file(self, name: str) -> Path:
        """The file on disk: to look at, or to spoil, behind the server's back."""
        return Path(f"{self.files}{name}")

    def put(self, name: str, data: bytes) -> Path:
        """Put a file on disk behind the server's back."""
        path = self.file(name)
        for parent in reversed(path.parents):
            if not parent.exists():
                parent.mkdir()
                hand_over(parent)
        path.write_bytes(data)
        hand_over(path)
        return path

    def names(self) -> dict[str, int]:
        """Every file of the area with its size, unfinished ones too."""
        found = {}
        for path in self.files.rglob("*"):
            with suppress(FileNotFoundError):  # it went while we looked
                if path.is_file():
                    found[f"/{path.relative_to(self.files)}"] = path.stat().st_size
        return found

    # ------------------------------------------------------------------ start
    def _fill(self, rate: int, space: int, extra: str) -> None:
        for path in (self.directory / "files", self.files, self.directory / "cache"):
            path.mkdir(exist_ok=True)
            hand_over(path)
        if space:
            self.disk = SmallDisk(self.files, space)
        self._admin = admin_directory("xrddisk")
        lines = [
            f"xrd.port {self.port}",
            "xrd.network nodnr",
            "xrd.allow host 127.0.0.1",
            f"all.adminpath {self._admin}",
            f"all.pidpath {self.directory}",
            f"oss.localroot {self.directory}/files",
            f"all.export {AREA} r/w",
            f"ofs.persist manual hold {HOLD}s",
            "ofs.tpc autorm ttl 10 20 pgm /usr/bin/xrdcp --server",
            "xrootd.chksum max 8 adler32",
            "xrootd.async off",
        ]
        if rate:
            lines += ["xrootd.fslib throttle default", f"throttle.throttle data {rate}"]
        text = "\n".join([*lines, *self.security.lines, extra, ""])
        (self.directory / "xrootd.cfg").write_text(text)

    # -------------------------------------------------------------- processes
    def _signal(self, number: int) -> None:
        if self._child is not None and self.running:
            self._child.send_signal(number)

    def _end(self, number: int) -> None:
        child = self._child
        self._signal(number)
        if child is not None:
            end(child, _STOP_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)  # its helpers for third-party copies, if any are left
        self._child = None
