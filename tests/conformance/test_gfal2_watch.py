"""Copies by gfal2 are seen to move and can be stopped on the way, each by itself; fetches go side by side."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.checksum import adler32
from tests.conformance.test_gfal2 import storage_at
from tests.fixtures_gfal2 import gfal2_library
from tests.fixtures_xrootd import stock_server
from transfers.model import CopyOrder, Done, FetchOrder
from transfers.testing.suites import code_of
from transfers.testing.xrootd_disk import DiskServer

__all__ = ["gfal2_library", "stock_server"]
pytestmark = [pytest.mark.gfal2, pytest.mark.xrootd, pytest.mark.usefixtures("gfal2_library")]

BIG = os.urandom(1 << 20) * 60


@pytest.fixture
def slow(stock_server: object) -> Iterator[DiskServer]:
    """12 MB/s; asking for the shared server makes the skip."""
    with DiskServer.start(rate=12_000_000) as server:
        yield server


class Watch:
    """Remembers what moved; has had enough once ``enough`` bytes of any file have."""

    def __init__(self, enough: int | None = None) -> None:
        self.seen: dict[str, list[int]] = {}
        self._enough = enough

    def moved(self, key: str, done: int) -> None:
        self.seen.setdefault(key, []).append(done)

    def stopped(self) -> bool:
        most = max((max(steps) for steps in self.seen.values()), default=0)
        return self._enough is not None and most >= self._enough


def orders(tmp_path: Path, **contents: bytes) -> list[CopyOrder]:
    found = []
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
        found.append(CopyOrder(f"/w/{name}", f"file://{tmp_path}/{name}", len(data), adler32([data])))
    return found


def test_progress_is_told_on_the_way(slow: DiskServer, tmp_path: Path) -> None:
    watch = Watch()
    (order,) = orders(tmp_path, big=BIG[: 24 << 20])
    assert storage_at(slow.prefix).copier.copy([order], watch) == {"/w/big": Done()}
    steps = watch.seen["/w/big"]
    assert steps == sorted(steps)
    assert steps[-1] == order.size
    assert len(set(steps)) > 2


def test_a_stopped_copy_is_cancelled_on_the_way_and_leaves_nothing(slow: DiskServer, tmp_path: Path) -> None:
    wanted = orders(tmp_path, one=BIG, two=BIG, three=b"x", four=b"y")
    storage, watch = storage_at(slow.prefix, copies="2"), Watch(enough=1 << 20)
    began = time.monotonic()
    outcomes = storage.copier.copy(wanted, watch)
    assert time.monotonic() - began < 8  # the two would take ten seconds
    assert [code_of(outcome) for outcome in outcomes.values()] == ["transfer_stopped"] * 4
    assert slow.names() == {}
    assert storage.copier.copy(wanted[2:]) == {"/w/three": Done(), "/w/four": Done()}


def test_a_stopped_fetch_is_cancelled_on_the_way_and_leaves_nothing(slow: DiskServer, tmp_path: Path) -> None:
    slow.put("/big", BIG)
    place = tmp_path / "in"
    order = FetchOrder("/big", str(place / "big"), len(BIG), adler32([BIG]))
    began = time.monotonic()
    outcome = storage_at(slow.prefix).copier.fetch([order], Watch(enough=1 << 20))[order.destination]
    assert time.monotonic() - began < 4
    assert code_of(outcome) == "transfer_stopped"
    assert list(place.iterdir()) == []


def test_fetches_go_side_by_side(slow: DiskServer, tmp_path: Path) -> None:
    """Two fetches that only go on once both have begun."""
    both = threading.Barrier(2, timeout=20)
    data = BIG[: 16 << 20]

    class Meet(Watch):
        def moved(self, key: str, done: int) -> None:
            first = key not in self.seen
            super().moved(key, done)
            if first:
                both.wait()

    for name in ("a", "b"):
        slow.put(f"/{name}", data)
    wanted = [FetchOrder(f"/{name}", str(tmp_path / name), len(data)) for name in ("a", "b")]
    outcomes = storage_at(slow.prefix).copier.fetch(wanted, Meet())
    assert set(outcomes.values()) == {Done()}
    assert not both.broken
