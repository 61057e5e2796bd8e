"""The gfal2 backend against a real XRootD server keeps the rules of the ports: disk, and tape twice."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.clock import SystemClock
from tests.conformance.test_xrootd import XRootDRig, drives_wait
from tests.fixtures_gfal2 import gfal2_library
from tests.fixtures_xrootd import eos_server, stock_server
from transfers.model import Done
from transfers.ports import Storage
from transfers.registry import open_storage
from transfers.testing.suites import ODD_NAMES, Rig, StorageSuite, code_of
from transfers.testing.xrootd import DISK_AREA, XRootDServer

__all__ = ["drives_wait", "eos_server", "gfal2_library", "stock_server"]
pytestmark = [pytest.mark.gfal2, pytest.mark.xrootd, pytest.mark.usefixtures("gfal2_library")]

_numbers = itertools.count()


def storage_at(prefix: str, **options: str) -> Storage:
    return open_storage("gfal2", prefix, clock=SystemClock(), options={"timeout": "10", **options})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Gfal2Rig(XRootDRig):
    """A directory of its own at a server that all tests share."""

    def __init__(self, directory: Path, server: XRootDServer, *, tape: bool) -> None:
        super().__init__(directory, server, tape=tape)
        self.base = f"/gfal2/{next(_numbers)}"
        prefix = server.tape_prefix if tape else server.disk_prefix
        self.storage = storage_at(prefix, tape=str(tape).lower())


class TestDisk(StorageSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path, stock_server: XRootDServer) -> Gfal2Rig:
        return Gfal2Rig(tmp_path, stock_server, tape=False)


@pytest.fixture(scope="module")
def http_server(stock_server: XRootDServer) -> Iterator[tuple[XRootDServer, str]]:
    """A server that speaks HTTP as well, and its HTTP URL; asking for the shared one makes the skip."""
    port = free_port()
    with XRootDServer.start(extra=f"xrd.protocol XrdHttp:{port} libXrdHttp.so\n") as server:
        yield server, f"http://127.0.0.1:{port}"


class TestHttpDisk(StorageSuite):
    """The same disk over HTTP. Names are percent-encoded there, and copies streamed."""

    @pytest.fixture
    def rig(self, tmp_path: Path, http_server: tuple[XRootDServer, str]) -> Gfal2Rig:
        server, url = http_server
        rig = Gfal2Rig(tmp_path, server, tape=False)
        rig.storage = storage_at(f"{url}{DISK_AREA}")
        return rig

    def test_copy_takes_names_literally(self, rig: Rig) -> None:
        """Or refuses them: renamed over HTTP they would get another name."""
        orders = [self.order(rig, name, name.encode()) for name in ODD_NAMES]
        outcomes = self.all_copied(rig, orders)
        assert {code_of(outcome) for outcome in outcomes.values() if outcome != Done()} == {"unsupported"}
        assert rig.names() == {path for path, outcome in outcomes.items() if outcome == Done()}


class TestStockTape(StorageSuite):
    @pytest.fixture
    def server(self, stock_server: XRootDServer) -> XRootDServer:
        return stock_server

    @pytest.fixture
    def rig(self, tmp_path: Path, server: XRootDServer, drives_wait: None) -> Gfal2Rig:
        return Gfal2Rig(tmp_path, server, tape=True)


class TestEosTape(TestStockTape):
    @pytest.fixture
    def server(self, eos_server: XRootDServer) -> XRootDServer:
        return eos_server
