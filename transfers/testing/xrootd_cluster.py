"""A manager in front of plain XRootD disk servers, for tests: it sends clients to the server that has a file.

::

    with Cluster.start() as cluster:
        cluster.servers[0].put("/run1/a.root", data)
        storage = open_storage(cluster.prefix, clock=SystemClock(), options={})

The manager and the servers are stock, with the stock cluster daemon ``cmsd`` beside each. Where a new file
goes is the manager's choice. Nothing is left running after ``stop``.
"""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Self

from transfers.testing.xrootd_disk import AREA, DiskServer, Security
from transfers.testing.xrootd_process import (
    Stoppable,
    XRootDServerError,
    admin_directory,
    end,
    free_port,
    last_words,
    launch,
    listens,
    make_directory,
    within,
)

_START_SECONDS, _STOP_SECONDS = 30.0, 3.0
_READY = ("service enabled", "Status changed to active")
_LOGIN = re.compile(r"Primary server\..* logged in")


class Cluster(Stoppable):
    """A running manager and its servers. Make one with ``start``."""

    def __init__(self, directory: Path, port: int, security: Security) -> None:
        self.directory, self.port, self.security = directory, port, security
        self.servers: list[DiskServer] = []
        self._admin = admin_directory("xrdmgr")
        self._children: list[subprocess.Popen[bytes]] = []

    @classmethod
    def start(cls, servers: int = 1, *, security: Security | None = None) -> Self:
        """Start all, and wait until the manager knows the servers. Raises XRootDServerError."""
        if not shutil.which("cmsd"):
            raise XRootDServerError("the XRootD test cluster needs: apt-get install xrootd-server")
        cluster = cls(make_directory(None), free_port(), security or Security())
        try:
            cluster._begin(servers)
        except BaseException:
            cluster.stop()
            raise
        return cluster

    def stop(self) -> None:
        """End all. May be repeated."""
        for child in self._children:
            child.send_signal(signal.SIGTERM)
        for child in self._children:
            end(child, _STOP_SECONDS)
        self._children.clear()
        for server in self.servers:
            server.stop()
        for place in (self._admin, self.directory):
            shutil.rmtree(place, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"{self.security.scheme}://127.0.0.1:{self.port}"

    @property
    def prefix(self) -> str:
        """Prefix of an endpoint: a path, which begins with a slash, is appended."""
        return f"{self.url}/{AREA}"

    # ------------------------------------------------------------------ start
    def _begin(self, servers: int) -> None:
        meeting = free_port()
        common = [
            f"all.manager 127.0.0.1:{meeting}",
            "cms.delay startup 1 lookup 1 servers 1 full 1 suspend 1 drop 5 hold 50",
            "cms.space min 1m 1m",
            "cms.allow host 127.0.0.1",
        ]
        config = self.directory / "manager.cfg"
        lines = [
            "xrd.network nodnr",
            "xrd.allow host 127.0.0.1",
            f"all.adminpath {self._admin}",
            f"all.pidpath {self.directory}",
            f"all.export {AREA} r/w",
            f"oss.localroot {self.directory}",  # it lists its own disk, which is not this machine's
            "all.role manager",
            "xrootd.chksum max 8 adler32",  # it sends on who asks, and would otherwise say that it has none
            *common,
            *self.security.lines,
        ]
        config.write_text("\n".join([*lines, ""]))
        self._launch("cmsd", config, meeting, self.directory)
        self._launch("xrootd", config, self.port, self.directory)
        for _ in range(servers):
            self._add_server(common)
        self._wait()

    def _add_server(self, common: list[str]) -> None:
        server = DiskServer.start(security=self.security, extra="\n".join(["all.role server", *common]))
        self.servers.append(server)
        server.kill()  # it looks for its daemon when it starts, and then after ten seconds only
        self._launch("cmsd", server.directory / "xrootd.cfg", free_port(), server.directory)
        assert server._admin is not None
        desk = server._admin / "disk/.olb/olbd.admin"
        if not within(_START_SECONDS, lambda: _answers(desk)):
            raise XRootDServerError(f"the cluster daemon of {server.url()} does not start")
        server.restart()

    def _launch(self, program: str, config: Path, port: int, place: Path) -> None:
        name = "disk" if place is not self.directory else "manager"
        log = self.directory / f"{program}{len(self._children)}.log"
        command = [program, "-c", str(config), "-n", name, "-p", str(port), "-s", f"{place}/{program}.pid"]
        child = launch(command, log, cwd=place)
        self._children.append(child)
        if place is not self.directory:
            return  # the daemon of a server listens to nobody
        if not within(_START_SECONDS, lambda: listens(port) or child.poll() is not None):
            raise XRootDServerError(f"{program} does not start in {self.directory}: {last_words(log)}")

    def _wait(self) -> None:
        """Until the manager lets clients in, and knows every server: a second or so, seldom ten."""
        log = self.directory / "cmsd0.log"

        def whole() -> bool:
            told = log.read_text()
            logins = len(_LOGIN.findall(told))
            return logins >= len(self.servers) and all(words in told for words in _READY)

        if not within(_START_SECONDS, whole):
            raise XRootDServerError(f"the manager does not find its servers: {log.read_text()[-500:]}")


def _answers(desk: Path) -> bool:
    """Does a daemon listen here? That the name is there is not enough: it comes first."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(desk)) == 0
