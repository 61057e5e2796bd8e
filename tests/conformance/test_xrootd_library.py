"""Copies through the client library, which calls back from threads of its own and keeps nothing alive."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from catalog.checksum import adler32
from catalog.clock import SystemClock
from tests.copyfield import MIDDLE, UPLOADED, Field, Trip, open_field
from tests.fixtures_xrootd import xrootd_programs
from transfers.backends.xrootd import libraryfiles, open_storage
from transfers.model import CopyOrder, Done, FetchOrder, Observed, Outcome
from transfers.ports import Copier
from transfers.testing.relay import DOWN, UP, Relay
from transfers.testing.suites import code_of, settle_for_real
from transfers.testing.xrootd_disk import AREA, DiskServer

__all__ = ["xrootd_programs"]
pytestmark = pytest.mark.xrootd

FILES, SIZE = 3, 40_000_003
"""Several windows of each file, and all of them at once."""


@pytest.fixture(scope="module")
def server(xrootd_programs: None) -> Iterator[DiskServer]:
    with DiskServer.start() as server:
        yield server


def copier_at(server: DiskServer, **options: str) -> Copier:
    given = {"plain": "false", "timeout": "10", **options}
    return open_storage(server.prefix, clock=SystemClock(), options=given).copier


@contextmanager
def collecting() -> Iterator[None]:
    """Everything that nobody holds is gone at once, and its memory is written over."""
    over = threading.Event()

    def collect() -> None:
        while not over.wait(0.002):
            gc.collect(0)
            bytearray(b"\xee") * (4 << 20)

    thread = threading.Thread(target=collect)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture(scope="module")
def large() -> list[bytes]:
    return [random.Random(number).randbytes(SIZE) for number in range(FILES)]


def done(outcomes: Mapping[str, Outcome]) -> None:
    assert set(outcomes.values()) == {Done()}, outcomes


def test_large_files_arrive_whole(server: DiskServer, large: list[bytes], tmp_path: Path) -> None:
    """What the library sends must not be freed, or be overwritten, before it is sent; so what it reads."""
    copier = copier_at(server)
    sources = [tmp_path / f"{number}" for number in range(FILES)]
    for source, data in zip(sources, large, strict=True):
        source.write_bytes(data)
    up = [
        CopyOrder(f"/up/{number}", f"file://{source}", SIZE, adler32([data]))
        for number, (source, data) in enumerate(zip(sources, large, strict=True))
    ]
    across = [
        CopyOrder(f"/across/{number}", f"{server.prefix}{order.path}", order.size, order.adler32)
        for number, order in enumerate(up)
    ]
    down = [
        FetchOrder(order.path, str(tmp_path / f"down{number}"), order.size, order.adler32)
        for number, order in enumerate(across)
    ]
    with collecting():
        done(copier.copy(up))
        done(copier.copy(across))
        done(copier.fetch(down))
    for number, data in enumerate(large):
        assert server.file(f"/across/{number}").read_bytes() == data
        assert (tmp_path / f"down{number}").read_bytes() == data


class StoppedInTheMiddle:
    """A watch that stops while bytes are on their way: they wait until that is noticed."""

    def __init__(self, wire: Relay) -> None:
        self._over, self._noticed = threading.Event(), threading.Event()
        wire.after(DOWN, MIDDLE, self._stop)

    def _stop(self) -> None:
        self._over.set()
        assert self._noticed.wait(20)

    def moved(self, key: str, done: int) -> None:
        """Of no interest."""

    def stopped(self) -> bool:
        if self._over.is_set():
            self._noticed.set()
        return self._over.is_set()


def test_what_is_given_up_in_the_middle_is_closed(
    server: DiskServer, large: list[bytes], tmp_path: Path
) -> None:
    """Also while reads are on their way, when the library refuses to close."""
    server.put("/middle", large[0])
    with Relay(server.port) as wire:
        source = f"{server.url(wire.port)}/{AREA}/middle"
        order = CopyOrder("/stopped", source, SIZE, adler32([large[0]]))
        told = copier_at(server).copy([order], StoppedInTheMiddle(wire))
        assert code_of(told[order.path]) == "transfer_stopped"
        settle_for_real(lambda: not libraryfiles.kept())
    settle_for_real(lambda: "/stopped" not in server.names())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, xrootd_programs: None) -> Iterator[Field]:
    with open_field(tmp_path_factory.mktemp("ends")) as ground:
        yield ground


@pytest.fixture(params=["true", "false"], ids=["plain", "library"])
def ground(shared: Field, request: pytest.FixtureRequest) -> Iterator[Field]:
    shared.options["plain"] = request.param
    yield shared
    shared.heal()


def test_what_cannot_be_removed_is_not_closed(ground: Field) -> None:
    """There is a right to make files and none to remove them: wrong bytes must not become a file."""
    trip = Trip(ground, UPLOADED)
    trip.put_source(b"other" + trip.data[5:])
    directory = trip.destination.parent
    ground.destination_wire.after(UP, MIDDLE, lambda: directory.chmod(0o555))
    assert trip.code() == "checksum_mismatch"
    assert not isinstance(trip.seen(), Observed)
    directory.chmod(0o755)
    ground.dismiss()
    trip.check_nothing()


def test_a_program_that_ends_in_the_middle_leaves_nothing(ground: Field) -> None:
    """By Ctrl-C, say: the library closes what is open when the interpreter ends."""
    trip = Trip(ground, UPLOADED)
    ground.destination_wire.after(UP, MIDDLE, ground.interrupt_client)
    trip.begin()
    assert ground.destination_wire.happened.wait(20)
    ground.dismiss()
    trip.check_nothing()


@pytest.mark.parametrize("plain", ["true", "false"])
def test_a_slow_line_is_not_a_silent_server(
    large: list[bytes], tmp_path: Path, xrootd_programs: None, plain: str
) -> None:
    """The library tells of whole blocks only. Here none is whole within the seconds of silence."""
    data = large[0][:6_000_000]
    with DiskServer.start(rate=1_200_000) as slow:
        slow.put("/slow", data)
        order = FetchOrder("/slow", str(tmp_path / "slow"), len(data), adler32([data]))
        done(copier_at(slow, plain=plain, timeout="1").fetch([order]))


SPREAD = """
import sys, threading
from catalog.clock import SystemClock
from catalog.checksum import adler32
from pathlib import Path
from transfers.backends.xrootd import open_storage
from transfers.model import CopyOrder, FetchOrder

prefix, port, place = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
data = bytes(range(256)) * 100_000
(place / "a").write_bytes(data)

def connections():
    lines = [line for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    return sum(f":{port:04X} 01" in line for line in lines)

class Look:
    most = 0
    def moved(self, key, done):
        self.most = max(self.most, connections())
    def stopped(self):
        return False

look = Look()
copier = open_storage(prefix, clock=SystemClock(), options={"streams": "4"}).copier
size, checksum = len(data), adler32([data])
print(*copier.copy([CopyOrder("/spread", f"file://{place}/a", size, checksum)], look).values())
print(*copier.fetch([FetchOrder("/spread", f"{place}/b", size, checksum)], look).values())
print(look.most)
"""


def test_bytes_of_one_file_can_be_spread_over_several_streams(server: DiskServer, tmp_path: Path) -> None:
    """In a program of its own: the library's settings are the process's."""
    arguments = [server.prefix, str(server.port), str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", SPREAD, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    *outcomes, most = done.stdout.split()
    assert outcomes == ["Done()", "Done()"], done.stderr
    assert int(most) >= 4  # one more is this process's own, if it speaks to the server
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()
