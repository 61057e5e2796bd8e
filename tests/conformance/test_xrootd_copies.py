"""Copies between real XRootD disk servers: every way of the engine, many at a time, watched, stopped."""

from __future__ import annotations

import itertools
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.checksum import adler32
from catalog.clock import SystemClock
from tests.fixtures_xrootd import xrootd_programs
from transfers.archivehints import ArchiveHints, opaque
from transfers.backends.xrootd import open_storage
from transfers.errors import Unsupported
from transfers.model import CopyOrder, Done, Failed, FetchOrder, Outcome, Unknown
from transfers.ports import Copier
from transfers.testing.relay import DOWN, UP, Relay
from transfers.testing.suites import settle_for_real
from transfers.testing.xrootd_disk import AREA, DiskServer

__all__ = ["xrootd_programs"]
pytestmark = pytest.mark.xrootd

WAYS = {"plain": {}, "library": {"plain": "false"}, "asking": {"proof": "ask"}}
MAIN_WAYS = ("plain", "library")
LARGE = 40_000_000  # several windows
_numbers = itertools.count()


@pytest.fixture(scope="module")
def here(xrootd_programs: None) -> Iterator[DiskServer]:
    with DiskServer.start() as server:
        yield server


@pytest.fixture(scope="module")
def there(xrootd_programs: None) -> Iterator[DiskServer]:
    with DiskServer.start() as server:
        yield server


def copier_at(server: DiskServer, **options: str) -> Copier:
    return open_storage(server.prefix, clock=SystemClock(), options={"timeout": "10", **options}).copier


def order_of(server: DiskServer, data: bytes) -> CopyOrder:
    """A new file at the server, to be copied to a path of its own."""
    name = f"/{next(_numbers)}/a b%.root"
    server.put(name, data)
    return CopyOrder(name, f"{server.prefix}{name}", len(data), adler32([data]))


@pytest.mark.parametrize("way", WAYS)
def test_many_small_and_some_large_files(
    way: str, here: DiskServer, there: DiskServer, tmp_path: Path
) -> None:
    block = os.urandom(LARGE)
    sizes = [0, 1, 100, 16_384, (1 << 22) - 1, 1 << 22, (1 << 22) + 1, LARGE, *range(1000, 1150)]
    orders = [order_of(here, block[:size]) for size in sizes]
    copier = copier_at(there, **WAYS[way])
    assert copier.copy(orders) == {order.path: Done() for order in orders}
    for order in orders:
        assert there.file(order.path).read_bytes() == block[: order.size]
    wanted = [
        FetchOrder(order.path, f"{tmp_path}{order.path}", order.size, order.adler32) for order in orders
    ]
    assert copier.fetch(wanted) == {each.destination: Done() for each in wanted}
    for order in orders:
        assert Path(f"{tmp_path}{order.path}").read_bytes() == block[: order.size]


@pytest.mark.parametrize("way", MAIN_WAYS)
@pytest.mark.parametrize("size", [20_000, LARGE])
def test_wrong_bytes_leave_nothing(way: str, size: int, here: DiskServer, there: DiskServer) -> None:
    order = order_of(here, bytes(size))
    here.file(order.path).write_bytes(b"x" + bytes(size - 1))
    (outcome,) = copier_at(there, **WAYS[way]).copy([order]).values()
    assert isinstance(outcome, Failed)
    assert outcome.code == "checksum_mismatch"
    assert order.path not in there.names()


READ_BACK = rb"\x0b\xc2\x00\x00\x04\x10"
"""The head of a request to open a file for reading (kXR_open: 3010)."""


def through(wire: Relay, server: DiskServer, **options: str) -> Copier:
    prefix = f"{server.url(wire.port)}/{AREA}"
    return open_storage(prefix, clock=SystemClock(), options={"timeout": "10", **options}).copier


def spoil(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.write(b"x")


def test_a_small_file_that_was_kept_badly_is_seen_and_removed(here: DiskServer, there: DiskServer) -> None:
    order = order_of(here, bytes(20_000))
    with Relay(there.port) as wire:
        wire.when(UP, READ_BACK, lambda: spoil(there.file(order.path)))
        (outcome,) = through(wire, there).copy([order]).values()
        assert wire.happened.is_set()
    assert isinstance(outcome, Failed)
    assert outcome.code == "checksum_mismatch"
    assert order.path not in there.names()


def test_a_small_file_that_was_cut_is_seen_and_removed(here: DiskServer, there: DiskServer) -> None:
    order = order_of(here, bytes(20_000))
    with Relay(there.port) as wire:
        wire.when(UP, READ_BACK, lambda: os.truncate(there.file(order.path), 10_000))
        (outcome,) = through(wire, there).copy([order]).values()
    assert isinstance(outcome, Failed)
    assert outcome.code == "size_mismatch"
    assert order.path not in there.names()


def test_a_byte_that_changes_when_a_small_file_is_read_back_condemns_nothing(
    here: DiskServer, there: DiskServer
) -> None:
    order = order_of(here, os.urandom(20_000))
    with Relay(there.port) as wire:
        wire.when(UP, READ_BACK, lambda: wire.flip(DOWN, 10_000))
        assert through(wire, there).copy([order]) == {order.path: Done()}
        assert wire.happened.is_set()
    assert there.file(order.path).read_bytes() == here.file(order.path).read_bytes()


def test_a_small_file_that_cannot_be_read_back_is_asked_for(here: DiskServer, there: DiskServer) -> None:
    """There may be a right to write and none to read: then the server's word counts."""
    good, bad = order_of(here, bytes(20_000)), order_of(here, bytes(20_000))

    def closed(order: CopyOrder, *, spoiled: bool) -> Outcome:
        def act() -> None:
            if spoiled:
                spoil(there.file(order.path))
            wire.cut()

        with Relay(there.port) as wire:
            wire.when(UP, READ_BACK, act)
            (outcome,) = through(wire, there).copy([order]).values()
            assert wire.happened.is_set()
        return outcome

    assert closed(good, spoiled=False) == Done()
    outcome = closed(bad, spoiled=True)
    assert isinstance(outcome, Failed)
    assert outcome.code == "checksum_mismatch"
    assert bad.path not in there.names()


ASKING = rb"\x0b\xb9\x00\x03"
"""The head of a question for a checksum (kXR_query: 3001, kXR_Qcksum: 3)."""


@pytest.mark.parametrize("way", ["asking", "library"])
def test_a_checksum_that_is_never_told_keeps_nobody_else_waiting(
    way: str, here: DiskServer, there: DiskServer
) -> None:
    """Few are asked for at a time, by the whole process: what was given up must not count for ever."""
    order = order_of(here, b"events")
    with Relay(there.port) as wire:
        options = {"timeout": "10", "copy_timeout": "1", "checksums": "1", **WAYS[way]}
        prefix = f"{there.url(wire.port)}/{AREA}"
        copier = open_storage(prefix, clock=SystemClock(), options=options).copier
        wire.when(UP, ASKING, wire.stall)
        assert isinstance(copier.copy([order])[order.path], Unknown)
        assert wire.happened.wait(5)
        wire.reset()
        wire.cut()
        patient = open_storage(prefix, clock=SystemClock(), options={**options, "copy_timeout": "60"})
        settle_for_real(lambda: patient.copier.copy([order])[order.path] == Done(), every=0.3)


def test_connections_are_kept_for_the_next_call(here: DiskServer, there: DiskServer) -> None:
    copier = copier_at(there)
    logins = [_logins(server) for server in (here, there)]
    for _ in range(5):
        order = order_of(here, b"events")
        assert copier.copy([order]) == {order.path: Done()}
    assert [_logins(server) for server in (here, there)] == [before + 1 for before in logins]


def _logins(server: DiskServer) -> int:
    return (server.directory / "xrootd.log").read_text(errors="replace").count(" login")


class Looker:
    """A watch that notes what it is told, and stops after so many bytes of a file."""

    def __init__(self, stop_after: int = 1 << 60) -> None:
        self.seen: dict[str, list[int]] = {}
        self._after, self._stopped = stop_after, threading.Event()

    def moved(self, key: str, done: int) -> None:
        self.seen.setdefault(key, []).append(done)
        if done >= self._after:
            self._stopped.set()

    def stopped(self) -> bool:
        return self._stopped.is_set()


@pytest.mark.parametrize("way", MAIN_WAYS)
def test_progress_is_told_and_a_stop_leaves_nothing(
    way: str, here: DiskServer, there: DiskServer, tmp_path: Path
) -> None:
    copier = copier_at(there, **WAYS[way])
    order, looker = order_of(here, bytes(LARGE)), Looker()
    assert copier.copy([order], looker)[order.path] == Done()
    told = looker.seen[order.path]
    assert len(told) > 1
    assert told == sorted(told)
    assert told[-1] == LARGE
    second = order_of(here, bytes(LARGE))
    outcome = copier.copy([second], Looker(stop_after=1))[second.path]
    assert isinstance(outcome, Failed)
    assert outcome.code == "transfer_stopped"
    settle_for_real(lambda: second.path not in there.names())
    fetch = FetchOrder(order.path, str(tmp_path / "a"), order.size, order.adler32)
    stopped = copier.fetch([fetch], Looker(stop_after=1))[fetch.destination]
    assert isinstance(stopped, Failed)
    assert list(tmp_path.iterdir()) == []


def test_a_server_without_checksums_is_read_back(here: DiskServer) -> None:
    with DiskServer.start() as dumb:
        dumb.kill()
        settings = dumb.directory / "xrootd.cfg"
        settings.write_text(settings.read_text().replace("xrootd.chksum", "# "))
        dumb.restart()
        order = order_of(here, os.urandom(9_000_000))
        assert copier_at(dumb).copy([order]) == {order.path: Done()}
        small = order_of(here, b"events")
        assert copier_at(dumb, proof="ask").copy([small]) == {small.path: Done()}


# ---------------------------------------------------------------------------------------- third-party copies
@pytest.mark.parametrize("mode", ["first", "only"])
def test_servers_copy_among_themselves(mode: str, here: DiskServer, there: DiskServer) -> None:
    order = order_of(here, os.urandom(70_000_000))
    wrong = order_of(here, bytes(70_000_000))
    wrong = CopyOrder(wrong.path, wrong.source, wrong.size, order.adler32)
    outcomes = copier_at(there, thirdparty=mode).copy([order, wrong])
    assert outcomes[order.path] == Done()
    assert there.file(order.path).read_bytes() == here.file(order.path).read_bytes()
    assert isinstance(outcomes[wrong.path], Failed)
    assert outcomes[wrong.path].code == "checksum_mismatch"  # type: ignore[union-attr]
    assert wrong.path not in there.names()


def test_a_stopped_third_party_copy_leaves_nothing(there: DiskServer) -> None:
    with DiskServer.start(rate=10_000_000) as slow:
        order = order_of(slow, bytes(70_000_000))
        looker = Looker(stop_after=1)
        outcome = copier_at(there, thirdparty="only").copy([order], looker)[order.path]
        assert isinstance(outcome, Failed)
        assert outcome.code == "transfer_stopped"
        settle_for_real(
            lambda: not any(name.startswith(order.path.rpartition("/")[0]) for name in there.names())
        )


def test_what_servers_cannot_do_streams_through_us_or_fails(here: DiskServer, tmp_path: Path) -> None:
    with DiskServer.start(extra="ofs.tpc pgm /bin/false\n") as unable:
        order = order_of(here, os.urandom(70_000_000))
        (only,) = copier_at(unable, thirdparty="only").copy([order]).values()
        assert isinstance(only, Failed)
        assert order.path not in unable.names()
        assert copier_at(unable, thirdparty="first").copy([order]) == {order.path: Done()}
        assert unable.file(order.path).read_bytes() == here.file(order.path).read_bytes()
        local = tmp_path / "a"
        local.write_bytes(b"x")
        order = CopyOrder("/local", f"file://{local}", 1, adler32([b"x"]))
        (outcome,) = copier_at(unable, thirdparty="only").copy([order]).values()
        assert isinstance(outcome, Failed)
        assert outcome.code == Unsupported.code


@pytest.mark.parametrize("way", MAIN_WAYS)
@pytest.mark.parametrize("size", [1000, LARGE])
def test_hints_for_a_tape_system_come_with_the_new_file(
    way: str, size: int, here: DiskServer, there: DiskServer
) -> None:
    hints = ArchiveHints(("2016P08", "dvcs2016", "275678"), 60, "mass production")
    order = replace(order_of(here, os.urandom(size)), hints=hints)
    told = opaque(hints, size, order.adler32).encode()
    assert b"archivemetadata=" in told
    with Relay(there.port) as wire:
        wire.when(UP, b"[?]" + re.escape(told), lambda: None)
        assert through(wire, there, **WAYS[way]).copy([order]) == {order.path: Done()}
        assert wire.happened.is_set()
    assert there.file(order.path).read_bytes() == here.file(order.path).read_bytes()
    assert order.path in there.names()
