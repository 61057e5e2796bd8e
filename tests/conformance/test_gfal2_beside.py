"""Two XRootD clients in one process: that of gfal2 (Debian's), and that of the xrootd backend (of its wheel).

They are of different versions, with libraries of the same names and, in the wheel, a TLS library of its own.
Python loads each with its symbols to itself, and so they may live together: here in both orders, with copies
of both at the same time in many threads, in the clear and with TLS, and with programs started meanwhile.
A crash of the process fails the test, whoever of the two it was.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures_gfal2 import gfal2_library
from tests.fixtures_xrootd import issuer, xrootd_programs
from transfers.testing.xrootd_disk import DiskServer
from transfers.testing.xrootd_security import Tokens

__all__ = ["gfal2_library", "issuer", "xrootd_programs"]
pytestmark = [pytest.mark.xrootd, pytest.mark.gfal2]

TOGETHER = """
import subprocess, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from catalog.checksum import adler32
from catalog.clock import SystemClock
from catalog.states import Locality
from transfers.model import CopyOrder, Done, FetchOrder, Observed
from transfers.registry import open_storage

prefix, place, first = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
order = ["xrootd", "gfal2"] if first == "xrootd" else ["gfal2", "xrootd"]
means = {"xrootd": {"plain": "false"}, "gfal2": {}}   # not without the client library
storages = {
    name: open_storage(name, prefix, clock=SystemClock(), options={"timeout": "20", **means[name]})
    for name in order
}
data = bytes(range(256)) * 300


def work(name, thread):
    storage = storages[name]
    orders = []
    for number in range(6):
        path = f"/{first}/{name}/{thread}/{number}"
        source = place / path.replace("/", "-")
        source.write_bytes(data + path.encode())
        contents = source.read_bytes()
        orders.append(CopyOrder(path, f"file://{source}", len(contents), adler32([contents])))
    outcomes = set(storage.copier.copy(orders).values())
    subprocess.run(["true"], check=True)
    seen = storage.prober.probe([order.path for order in orders])
    assert seen == {
        order.path: Observed(order.size, order.adler32, Locality.ONLINE) for order in orders
    }, seen
    wanted = [
        FetchOrder(order.path, f"{place}/back{order.path}", order.size, order.adler32) for order in orders
    ]
    return outcomes | set(storage.copier.fetch(wanted).values())


for name in order:                                    # each alone, in this order, and then all at once
    assert work(name, "alone") == {Done()}
with ThreadPoolExecutor(6) as pool:
    rounds = [pool.submit(work, name, str(thread)) for thread in range(3) for name in order]
    assert [each.result() for each in rounds] == [{Done()}] * 6, [each.result() for each in rounds]

libraries = {line.split("/")[-1].strip() for line in open("/proc/self/maps") if "libXrdCl.so" in line}
print(len(libraries), "libraries:", sorted(libraries))
"""


@pytest.fixture(scope="module")
def clear(gfal2_library: None, xrootd_programs: None) -> Iterator[DiskServer]:
    with DiskServer.start() as server:
        yield server


@pytest.fixture(scope="module")
def secret(issuer: Tokens) -> Iterator[DiskServer]:
    with DiskServer.start(security=issuer.security()) as server:
        yield server


def together(server: DiskServer, first: str, place: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TOGETHER, server.prefix, str(place), first],
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.startswith("2 libraries:"), done.stdout
    for name in ("xrootd", "gfal2"):
        assert len([path for path in server.names() if path.startswith(f"/{first}/{name}/")]) == 24


@pytest.mark.parametrize("first", ["xrootd", "gfal2"])
def test_both_clients_work_side_by_side(clear: DiskServer, first: str, tmp_path: Path) -> None:
    together(clear, first, tmp_path, {})


@pytest.mark.parametrize("first", ["xrootd", "gfal2"])
def test_both_clients_work_side_by_side_with_tls(
    secret: DiskServer, issuer: Tokens, first: str, tmp_path: Path
) -> None:
    together(secret, first, tmp_path, issuer.environment(issuer.token()))
