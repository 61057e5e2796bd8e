"""The gfal2 backend against a real XRootD server keeps the rules of the ports: disk, and tape twice."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from catalog.clock import SystemClock
from tests.conformance.test_xrootd import XRootDRig, drives_wait
from tests.fixtures_gfal2 import gfal2_library
from tests.fixtures_xrootd import eos_server, stock_server
from transfers.ports import Storage
from transfers.registry import open_storage
from transfers.testing.suites import StorageSuite
from transfers.testing.xrootd import XRootDServer

__all__ = ["drives_wait", "eos_server", "gfal2_library", "stock_server"]
pytestmark = [pytest.mark.gfal2, pytest.mark.xrootd, pytest.mark.usefixtures("gfal2_library")]

_numbers = itertools.count()


def storage_at(prefix: str, **options: str) -> Storage:
    return open_storage("gfal2", prefix, clock=SystemClock(), options={"timeout": "10", **options})


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
