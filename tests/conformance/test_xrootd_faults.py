"""What real XRootD servers do wrong, and what the backend makes of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog.checksum import Adler32, adler32
from catalog.states import Locality
from tests.conformance.test_xrootd import storage_at
from tests.fixtures_xrootd import eos_server, stock_server
from transfers.errors import EndpointUnreachable, StorageTimeout
from transfers.model import CopyOrder, Done, Failed, Observed, Outcome, Pending, StageOrder, Unknown
from transfers.ports import Storage
from transfers.testing.suites import settle_for_real
from transfers.testing.xrootd import XRootDServer

__all__ = ["eos_server", "stock_server"]
pytestmark = pytest.mark.xrootd


@pytest.fixture(params=["stock", "eos"])
def server(request: pytest.FixtureRequest) -> Iterator[XRootDServer]:
    """A server in each mode, shared, and free of faults afterwards."""
    server: XRootDServer = request.getfixturevalue(f"{request.param}_server")
    yield server
    server.clear()


@pytest.fixture
def own_server(stock_server: XRootDServer) -> Iterator[XRootDServer]:
    """A server that may be killed; asking for the shared one first makes the skip where it cannot run."""
    with XRootDServer.start() as server:
        yield server


def tape_at(server: XRootDServer, **options: str) -> Storage:
    return storage_at(server.tape_prefix, tape="true", **options)


def staged(storage: Storage, paths: list[str]) -> str:
    assert storage.stager is not None
    return storage.stager.stage([StageOrder(path, 1) for path in paths]).token


def polled(storage: Storage, token: str, path: str) -> Outcome:
    assert storage.stager is not None
    return storage.stager.poll(token, [path])[path]


def outcome_in_the_end(storage: Storage, token: str, path: str) -> Outcome:
    found: list[Outcome] = []

    def over() -> bool:
        found.append(polled(storage, token, path))
        return not isinstance(found[-1], Pending)

    settle_for_real(over)
    return found[-1]


# ------------------------------------------------------------------------------------------- the tape system
def test_a_lost_request_is_made_again_within_the_call(server: XRootDServer) -> None:
    server.load("/cta/lost/a.raw", b"events")
    server.fault("/cta/lost/a.raw", "lost", 2)
    storage = tape_at(server, grace="1")
    assert outcome_in_the_end(storage, staged(storage, ["/lost/a.raw"]), "/lost/a.raw") == Done()


def test_a_request_that_is_always_lost_has_vanished_at_once_and_the_others_go_on(
    server: XRootDServer,
) -> None:
    for name in ("a", "b"):
        server.load(f"/cta/always/{name}.raw", b"events")
    server.fault("/cta/always/a.raw", "lost")
    storage = tape_at(server, grace="1", asks="2")
    assert storage.stager is not None
    receipt = storage.stager.stage([StageOrder(f"/always/{name}.raw", 6) for name in ("a", "b")])
    lost = receipt.outcomes["/always/a.raw"]
    assert isinstance(lost, Failed)
    assert (lost.code, "asked 2 times" in lost.text) == ("request_vanished", True)
    assert isinstance(receipt.outcomes["/always/b.raw"], Done | Pending)
    assert outcome_in_the_end(storage, receipt.token, "/always/b.raw") == Done()
    server.clear()
    assert outcome_in_the_end(storage, staged(storage, ["/always/a.raw"]), "/always/a.raw") == Done()


def test_a_medium_error_is_a_lost_tape_and_a_new_request_starts_afresh(server: XRootDServer) -> None:
    server.load("/cta/medium/a.raw", b"events")
    server.fault("/cta/medium/a.raw", "fail", 1)
    storage = tape_at(server)
    outcome = outcome_in_the_end(storage, staged(storage, ["/medium/a.raw"]), "/medium/a.raw")
    assert isinstance(outcome, Failed)
    assert (outcome.code, "medium error" in outcome.text) == ("tape_lost", True)
    assert outcome_in_the_end(storage, staged(storage, ["/medium/a.raw"]), "/medium/a.raw") == Done()


def test_a_stuck_recall_is_pending_and_releasing_it_cancels_it(server: XRootDServer) -> None:
    server.load("/cta/stuck/a.raw", b"events")
    server.fault("/cta/stuck/a.raw", "stuck")
    storage = tape_at(server)
    token = staged(storage, ["/stuck/a.raw"])
    assert polled(storage, token, "/stuck/a.raw") == Pending()
    assert storage.stager is not None
    assert storage.stager.release(token, ["/stuck/a.raw"]) == {"/stuck/a.raw": Done()}
    outcome = outcome_in_the_end(storage, token, "/stuck/a.raw")
    assert isinstance(outcome, Failed)
    assert outcome.code == "request_vanished"


def test_a_corrupt_recall_is_seen_by_its_checksum(server: XRootDServer) -> None:
    data = os.urandom(1000)
    server.load("/cta/corrupt/a.raw", data)
    server.fault("/cta/corrupt/a.raw", "corrupt", 1)
    storage = tape_at(server)
    assert outcome_in_the_end(storage, staged(storage, ["/corrupt/a.raw"]), "/corrupt/a.raw") == Done()
    seen = storage.prober.probe(["/corrupt/a.raw"])["/corrupt/a.raw"]
    assert isinstance(seen, Observed)
    assert seen.size == len(data)
    assert seen.adler32 not in (None, adler32([data]))


def test_a_truncated_recall_is_seen_by_its_size(server: XRootDServer) -> None:
    server.load("/cta/short/a.raw", b"events" * 100)
    server.fault("/cta/short/a.raw", "truncate", 1)
    storage = tape_at(server)
    assert outcome_in_the_end(storage, staged(storage, ["/short/a.raw"]), "/short/a.raw") == Done()
    seen = storage.prober.probe(["/short/a.raw"])["/short/a.raw"]
    assert isinstance(seen, Observed)
    assert seen.size == 300


def test_an_answer_cut_at_two_kilobytes_is_asked_for_in_parts(server: XRootDServer) -> None:
    paths = [f"/cut/{number:02d}/cdr11091-275678.raw" for number in range(40)]
    for path in paths:
        server.load(f"/cta{path}", path.encode(), online=path < "/cut/20")
    storage = tape_at(server)
    seen = storage.prober.probe(paths)
    for path in paths:
        where = Locality.ONLINE_AND_NEARLINE if path < "/cut/20" else Locality.NEARLINE
        assert seen[path] == Observed(len(path), adler32([path.encode()]), where)
    assert storage.stager is not None
    token = staged(storage, paths)
    settle_for_real(lambda: set(storage.stager.poll(token, paths).values()) == {Done()})  # type: ignore[union-attr]


def test_a_request_for_missing_files_only_is_refused_file_by_file(server: XRootDServer) -> None:
    storage = tape_at(server)
    paths = ["/none/a.raw", "/none/b.raw"]
    assert storage.stager is not None
    receipt = storage.stager.stage([StageOrder(path, 1) for path in paths])
    codes = [outcome.code for outcome in receipt.outcomes.values() if isinstance(outcome, Failed)]
    assert codes == ["file_missing"] * 2


def test_more_files_than_one_request_may_have_are_asked_for_in_several(server: XRootDServer) -> None:
    paths = [f"/several/{number}.raw" for number in range(5)]
    for path in paths:
        server.load(f"/cta{path}", b"x")
    storage = tape_at(server, max_files="2")
    token = staged(storage, paths)
    assert len(token.split()) == 3
    assert storage.stager is not None
    settle_for_real(lambda: set(storage.stager.poll(token, paths).values()) == {Done()})  # type: ignore[union-attr]


# ------------------------------------------------------------------------------------------- names and bytes
def test_checksums_with_leading_zeros(server: XRootDServer, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert str(adler32([b"abc"])).startswith("0")
    storage = storage_at(server.disk_prefix)
    path = f"/zeros/{server.port}"
    order = CopyOrder(path, f"file://{tmp_path}/a", 3, adler32([b"abc"]))
    assert storage.copier.copy([order]) == {path: Done()}
    seen = storage.prober.probe([path])[path]
    assert isinstance(seen, Observed)
    assert seen.adler32 == adler32([b"abc"])


def test_an_empty_directory_is_not_removed(server: XRootDServer) -> None:
    server.put("/disk/hollow/dir/x", b"x")
    storage = storage_at(server.disk_prefix)
    storage.remover.remove(["/hollow/dir/x"])
    outcome = storage.remover.remove(["/hollow/dir"])["/hollow/dir"]
    assert isinstance(outcome, Failed)
    assert outcome.code == "unsupported"
    assert server.disk_file("/disk/hollow/dir").is_dir()


def test_a_question_mark_does_not_remove_another_file(server: XRootDServer) -> None:
    server.put("/disk/mark/x", b"x")
    outcome = storage_at(server.disk_prefix).remover.remove(["/mark/x?y"])["/mark/x?y"]
    assert isinstance(outcome, Failed)
    assert server.disk_file("/disk/mark/x").exists()


def test_copies_from_server_to_server(server: XRootDServer) -> None:
    storage = tape_at(server)
    good, bad, far = (f"/out/{name}.root" for name in ("good", "bad", "far"))
    server.put("/disk/from/a.root", b"merged")
    server.load("/cta/from/b.root", b"merged")
    size, checksum = 6, adler32([b"merged"])
    source = f"{server.disk_prefix}/from/a.root"
    outcomes = storage.copier.copy(
        [
            CopyOrder(good, source, size, checksum),
            CopyOrder(bad, source, size, Adler32(7)),
            CopyOrder(far, f"{server.tape_prefix}/from/b.root", size, checksum),
            CopyOrder("/out/dead.root", "root://127.0.0.1:1//x", size, checksum),
        ]
    )
    assert outcomes[good] == Done()
    codes = [outcome.code if isinstance(outcome, Failed) else outcome for outcome in outcomes.values()]
    assert sorted(str(code) for code in codes) == [
        "Done()",
        "checksum_mismatch",
        "endpoint_unreachable",
        "not_online",
    ]
    assert not server.disk_file(f"/cta{bad}").exists()


def test_one_storage_serves_several_threads(server: XRootDServer, tmp_path: Path) -> None:
    storage = storage_at(server.disk_prefix)

    def work(thread: int) -> set[Outcome]:
        orders = []
        for number in range(20):
            source = tmp_path / f"{thread}-{number}"
            source.write_bytes(f"{thread} {number}".encode())
            path = f"/threads/{server.port}/{thread}/{number}"
            orders.append(
                CopyOrder(path, f"file://{source}", source.stat().st_size, adler32([source.read_bytes()]))
            )
        outcomes = set(storage.copier.copy(orders).values())
        seen = storage.prober.probe([order.path for order in orders])
        assert seen == {order.path: Observed(order.size, order.adler32, Locality.ONLINE) for order in orders}
        return outcomes | set(storage.remover.remove([order.path for order in orders]).values())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [{Done()}] * 4


# --------------------------------------------------------------------------------------------- a dead server
def test_a_killed_server_is_unreachable_and_comes_back(own_server: XRootDServer, tmp_path: Path) -> None:
    storage = storage_at(own_server.disk_prefix)
    own_server.put("/disk/a", b"x")
    (tmp_path / "a").write_bytes(b"x")
    assert isinstance(storage.prober.probe(["/a"])["/a"], Observed)
    own_server.kill()
    start = time.monotonic()
    with pytest.raises(EndpointUnreachable):
        storage.prober.probe(["/a"])
    with pytest.raises(EndpointUnreachable):
        storage.remover.remove(["/a"])
    with pytest.raises(EndpointUnreachable):
        storage.copier.copy([CopyOrder("/b", f"file://{tmp_path}/a", 1, adler32([b"x"]))])
    assert time.monotonic() - start < 30
    own_server.restart()

    def back() -> bool:
        try:
            return isinstance(storage.prober.probe(["/a"])["/a"], Observed)
        except EndpointUnreachable:
            return False

    settle_for_real(back)


def test_a_stopped_server_times_out(own_server: XRootDServer, tmp_path: Path) -> None:
    storage = tape_at(own_server, timeout="2")
    own_server.load("/cta/a", b"x")
    assert isinstance(storage.prober.probe(["/a"])["/a"], Observed)
    own_server.freeze()
    start = time.monotonic()
    assert storage.stager is not None
    with pytest.raises(StorageTimeout):
        storage.prober.probe([f"/{number}" for number in range(500)])
    with pytest.raises(StorageTimeout):
        storage.stager.poll("x", ["/a"])
    assert time.monotonic() - start < 30
    own_server.thaw()
    settle_for_real(lambda: isinstance(storage.prober.probe(["/a"])["/a"], Observed))


def test_a_server_killed_in_a_copy_shows_no_partial_file(own_server: XRootDServer, tmp_path: Path) -> None:
    own_server.set("archive_delay", 0)
    size = 200_000_000
    source = tmp_path / "big"
    with source.open("wb") as out:
        out.truncate(size)
    storage = tape_at(own_server)
    order = CopyOrder("/big", f"file://{source}", size, adler32([bytes(size)]))
    outcomes: dict[str, Outcome] = {}
    copy = threading.Thread(target=lambda: outcomes.update(storage.copier.copy([order])))
    copy.start()
    there = own_server.disk_file("/cta/big")
    settle_for_real(lambda: there.exists() and there.stat().st_size > 0, every=0.001)
    own_server.kill()
    copy.join(timeout=60)
    assert isinstance(outcomes["/big"], Unknown | Failed)
    assert 0 < there.stat().st_size < size
    own_server.restart()

    def copied() -> bool:
        """Until the server has dropped the part, it is neither a file to readers nor in the way for good."""
        try:
            seen = storage.prober.probe(["/big"])["/big"]
            assert not isinstance(seen, Observed)
            outcome = storage.copier.copy([order])["/big"]
        except EndpointUnreachable:
            return False
        if outcome != Done():
            assert isinstance(outcome, Failed)
            assert outcome.code == "endpoint_busy"
            assert not own_server.tape_file("/cta/big").exists()
        return outcome == Done()

    settle_for_real(copied, every=0.5)
    assert there.stat().st_size == size


def test_a_forked_process_is_told_instead_of_hanging(server: XRootDServer) -> None:
    program = (
        "import os, sys\n"
        "from tests.conformance.test_xrootd import storage_at\n"
        "from transfers.errors import Unsupported\n"
        "storage = storage_at(sys.argv[1])\n"
        "storage.prober.probe(['/a'])\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    try:\n"
        "        storage.prober.probe(['/a'])\n"
        "    except Unsupported:\n"
        "        os._exit(7)\n"
        "    os._exit(1)\n"
        "os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, server.disk_prefix], check=False, timeout=60)
    assert done.returncode == 7
