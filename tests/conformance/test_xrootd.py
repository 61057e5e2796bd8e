"""The xrootd backend against a real server keeps the rules of the ports: disk, and tape in both modes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.clock import SystemClock
from tests.fixtures_xrootd import eos_server, stock_server
from transfers.backends.xrootd import open_storage
from transfers.model import Observed
from transfers.ports import Storage
from transfers.testing.suites import (
    Contents,
    CopierSuite,
    ListerSuite,
    Rig,
    StorageSuite,
    contents,
    settle_for_real,
)
from transfers.testing.xrootd import DISK_AREA, TAPE_AREA, XRootDServer

__all__ = ["eos_server", "stock_server"]
pytestmark = pytest.mark.xrootd

_numbers = itertools.count()


def storage_at(prefix: str, **options: str) -> Storage:
    return open_storage(prefix, clock=SystemClock(), options={"timeout": "10", "grace": "2", **options})


class XRootDRig(Rig):
    """A directory of its own at a server that all tests share."""

    def __init__(self, directory: Path, server: XRootDServer, *, tape: bool) -> None:
        super().__init__(directory)
        self.server, self.tape = server, tape
        self.area = TAPE_AREA if tape else DISK_AREA
        self.base = f"/suite/{next(_numbers)}"
        prefix = server.tape_prefix if tape else server.disk_prefix
        self.storage = storage_at(prefix, tape=str(tape).lower())

    def put(self, path: str, data: bytes) -> None:
        if self.tape:
            self.server.load(self.area + path, data, online=True)
        else:
            self.server.put(self.area + path, data)

    def put_on_tape(self, path: str, data: bytes) -> None:
        self.server.load(self.area + path, data)

    def look(self, path: str) -> Contents | None:
        name = self.area + path
        if not self.server.disk_file(name).exists():
            return None
        if not self.tape:
            return contents(self.server.disk_file(name).read_bytes())
        # A stock server evicts in its own time, and a stub reads as zeros: both looks have to find the bytes.
        online = self.server.on_disk(name)
        data = self.server.disk_file(name).read_bytes()
        online = online and self.server.on_disk(name)
        return contents(data if online else self.server.tape_file(name).read_bytes())

    def names(self) -> set[str]:
        """The server's names. The library drops the tape copy of a removed file a moment after the server."""
        disk, tape = self.server.disk_file(self.area), self.server.tape_file(self.area)
        self.settle(lambda: self._below(tape) <= self._below(disk))
        return self._below(disk)

    def _below(self, root: Path) -> set[str]:
        return {f"/{file.relative_to(root)}" for file in (root / self.base[1:]).rglob("*") if file.is_file()}

    def settle(self, condition: Callable[[], bool]) -> None:
        settle_for_real(condition)

    def forget(self, token: str) -> bool:
        self.server.forget(token)
        self.server.set("drives", 2)
        return True


@pytest.fixture
def drives_wait(request: pytest.FixtureRequest, server: XRootDServer) -> None:
    """A request can be lost only while it waits: no drive takes it before the rig is told to forget it."""
    if "forgotten_request" in request.node.name:
        server.set("drives", 0)


class TestDisk(StorageSuite, ListerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path, stock_server: XRootDServer) -> XRootDRig:
        return XRootDRig(tmp_path, stock_server, tape=False)


class TestDiskByLibrary(CopierSuite):
    """The same copies by the client library, as to servers that want a credential."""

    @pytest.fixture
    def rig(self, tmp_path: Path, stock_server: XRootDServer) -> XRootDRig:
        rig = XRootDRig(tmp_path, stock_server, tape=False)
        rig.storage = storage_at(stock_server.disk_prefix, plain="false")
        return rig


class TestStockTape(StorageSuite, ListerSuite):
    @pytest.fixture
    def server(self, stock_server: XRootDServer) -> XRootDServer:
        return stock_server

    @pytest.fixture
    def rig(self, tmp_path: Path, server: XRootDServer, drives_wait: None) -> XRootDRig:
        return XRootDRig(tmp_path, server, tape=True)


class TestEosTape(TestStockTape):
    @pytest.fixture
    def server(self, eos_server: XRootDServer) -> XRootDServer:
        return eos_server


def test_one_server_under_two_host_names_shows_one_file_not_two(stock_server: XRootDServer) -> None:
    stock_server.put(f"{DISK_AREA}/twonames/a", b"one")
    stock_server.put(f"{DISK_AREA}/twonames/b", b"one")
    names = (stock_server.disk_prefix, stock_server.disk_prefix.replace("127.0.0.1", "localhost"))
    assert names[0] != names[1]
    (first, second), (third, _) = (
        [storage_at(prefix).prober.probe(["/twonames/a", "/twonames/b"])[f"/twonames/{x}"] for x in "ab"]
        for prefix in names
    )
    assert isinstance(first, Observed)
    assert isinstance(second, Observed)
    assert isinstance(third, Observed)
    assert first == second
    assert first.itself == third.itself != ""
    assert first.itself != second.itself
