"""What gfal2 and real XRootD servers do wrong, and what the backend makes of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from catalog.checksum import Adler32, adler32
from catalog.clock import SystemClock
from catalog.states import Locality
from tests.conformance.test_gfal2 import storage_at
from tests.fixtures_gfal2 import gfal2_library
from tests.fixtures_xrootd import eos_server, stock_server
from transfers.errors import EndpointUnreachable, StorageTimeout
from transfers.model import CopyOrder, Done, Observed, Outcome, Pending, StageOrder, Unknown
from transfers.ports import Stager, Storage
from transfers.registry import open_stager, open_storage
from transfers.testing.suites import code_of, settle_for_real
from transfers.testing.xrootd import XRootDServer

__all__ = ["eos_server", "gfal2_library", "stock_server"]
pytestmark = [pytest.mark.gfal2, pytest.mark.xrootd, pytest.mark.usefixtures("gfal2_library")]

THIRD_PARTY = "ofs.tpc autorm ttl 10 20 pgm /usr/bin/xrdcp --server\n"
SLOW = "xrootd.fslib throttle default\nthrottle.throttle data 12m\n"


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


def stager_at(server: XRootDServer) -> Stager:
    return open_stager("gfal2", server.tape_prefix, clock=SystemClock(), options={"timeout": "10"})


def staged(stager: Stager, paths: list[str]) -> str:
    return stager.stage([StageOrder(path, 1) for path in paths]).token


def in_the_end(stager: Stager, token: str, path: str) -> Outcome:
    found: list[Outcome] = []

    def over() -> bool:
        found.append(stager.poll(token, [path])[path])
        return not isinstance(found[-1], Pending)

    settle_for_real(over)
    return found[-1]


def order_of(tmp_path: Path, path: str, data: bytes = b"merged") -> CopyOrder:
    """An order to copy a local file with these bytes."""
    source = tmp_path / "source"
    source.write_bytes(data)
    return CopyOrder(path, f"file://{source}", len(data), adler32([data]))


@pytest.fixture
def around_copy(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets a test do something just before or after gfal2's copies."""
    from transfers.backends.gfal2.library import Copying  # it loads the library, which may not be there

    copy = Copying.copy

    def around(before: Callable[[], object] = bool, after: Callable[[], object] = bool) -> None:
        def wrapped(self: Copying, *args: str, **named: Any) -> object:
            before()
            answer = copy(self, *args, **named)
            after()
            return answer

        monkeypatch.setattr(Copying, "copy", wrapped)

    return around


# ------------------------------------------------------------------------------------------- the tape system
def test_a_lost_request_has_vanished_and_can_be_made_again(server: XRootDServer) -> None:
    server.load("/cta/glost/a.raw", b"events")
    server.fault("/cta/glost/a.raw", "lost", 1)
    stager = stager_at(server)
    assert code_of(in_the_end(stager, staged(stager, ["/glost/a.raw"]), "/glost/a.raw")) == "request_vanished"
    assert in_the_end(stager, staged(stager, ["/glost/a.raw"]), "/glost/a.raw") == Done()


def test_a_medium_error_is_a_lost_tape_and_a_new_request_starts_afresh(server: XRootDServer) -> None:
    server.load("/cta/gmedium/a.raw", b"events")
    server.fault("/cta/gmedium/a.raw", "fail", 1)
    stager = stager_at(server)
    outcome = in_the_end(stager, staged(stager, ["/gmedium/a.raw"]), "/gmedium/a.raw")
    assert code_of(outcome) == "tape_lost"
    assert "medium error" in str(outcome)
    assert in_the_end(stager, staged(stager, ["/gmedium/a.raw"]), "/gmedium/a.raw") == Done()


@pytest.mark.parametrize("end", ["release", "cancel"])
def test_a_stuck_recall_is_pending_until_nobody_wants_it(server: XRootDServer, end: str) -> None:
    path = f"/gstuck/{end}.raw"
    server.load(f"/cta{path}", b"events")
    server.fault(f"/cta{path}", "stuck")
    stager = stager_at(server)
    token = staged(stager, [path])
    assert stager.poll(token, [path]) == {path: Pending()}
    assert getattr(stager, end)(token, [path]) == {path: Done()}
    assert code_of(in_the_end(stager, token, path)) == "request_vanished"


def test_answers_cut_at_two_kilobytes_are_asked_for_in_parts(server: XRootDServer) -> None:
    paths = [f"/gcut/{number:02d}/cdr11091-275678.raw" for number in range(40)]
    for path in paths:
        server.load(f"/cta{path}", path.encode(), online=path < "/gcut/20")
    storage = storage_at(server.tape_prefix, tape="true")
    seen = storage.prober.probe(paths)
    for path in paths:
        where = Locality.ONLINE_AND_NEARLINE if path < "/gcut/20" else Locality.NEARLINE
        assert seen[path] == Observed(len(path), adler32([path.encode()]), where)
    stager = storage.stager
    assert stager is not None
    token = staged(stager, paths)
    settle_for_real(lambda: set(stager.poll(token, paths).values()) == {Done()})


def test_a_request_for_missing_files_only_is_told_file_by_file(server: XRootDServer) -> None:
    paths = ["/gnone/a.raw", "/gnone/b.raw"]
    receipt = stager_at(server).stage([StageOrder(path, 1) for path in paths])
    assert [code_of(outcome) for outcome in receipt.outcomes.values()] == ["file_missing"] * 2


def test_a_corrupt_recall_is_seen_by_its_checksum(server: XRootDServer) -> None:
    data = os.urandom(1000)
    server.load("/cta/gcorrupt/a.raw", data)
    server.fault("/cta/gcorrupt/a.raw", "corrupt", 1)
    stager = stager_at(server)
    assert in_the_end(stager, staged(stager, ["/gcorrupt/a.raw"]), "/gcorrupt/a.raw") == Done()
    prober = storage_at(server.tape_prefix, tape="true").prober
    seen = prober.probe(["/gcorrupt/a.raw"])["/gcorrupt/a.raw"]
    assert isinstance(seen, Observed)
    assert seen.adler32 not in (None, adler32([data]))


# ------------------------------------------------------------------------------------------------- no losses
def test_a_failed_copy_leaves_alone_what_another_has_written_meanwhile(
    stock_server: XRootDServer, tmp_path: Path, around_copy: Callable[..., None]
) -> None:
    """gfal2 removes the destination of a failed copy, whoever wrote it: so it is never the file's own
    name."""
    order = order_of(tmp_path, "/gmeanwhile/a.root")

    def another() -> None:
        stock_server.put("/disk/gmeanwhile/a.root", b"another's")
        (tmp_path / "source").unlink()

    around_copy(before=another)
    outcome = storage_at(stock_server.disk_prefix).copier.copy([order])[order.path]
    assert code_of(outcome) == "file_missing"
    assert stock_server.disk_file("/disk/gmeanwhile/a.root").read_bytes() == b"another's"


def test_a_good_copy_does_not_replace_what_another_has_written_meanwhile(
    stock_server: XRootDServer, tmp_path: Path, around_copy: Callable[..., None]
) -> None:
    order = order_of(tmp_path, "/ggood/a.root")
    around_copy(after=lambda: stock_server.put("/disk/ggood/a.root", b"another's"))
    outcome = storage_at(stock_server.disk_prefix).copier.copy([order])[order.path]
    assert code_of(outcome) == "file_exists"
    files = list(stock_server.disk_file("/disk/ggood").iterdir())
    assert [(file.name, file.read_bytes()) for file in files] == [("a.root", b"another's")]


def test_a_source_that_changes_after_it_was_looked_at_is_not_taken(
    stock_server: XRootDServer, tmp_path: Path, around_copy: Callable[..., None]
) -> None:
    order = order_of(tmp_path, "/gchanged/a.root")
    around_copy(before=lambda: (tmp_path / "source").write_bytes(b"MERGED"))
    outcome = storage_at(stock_server.disk_prefix).copier.copy([order])[order.path]
    assert code_of(outcome) == "checksum_mismatch"
    assert not list(stock_server.disk_file("/disk/gchanged").iterdir())


def test_an_empty_directory_is_not_removed(server: XRootDServer) -> None:
    server.put("/disk/ghollow/dir/x", b"x")
    remover = storage_at(server.disk_prefix).remover
    assert remover.remove(["/ghollow/dir/x"]) == {"/ghollow/dir/x": Done()}
    assert code_of(remover.remove(["/ghollow/dir"])["/ghollow/dir"]) == "unsupported"
    assert server.disk_file("/disk/ghollow/dir").is_dir()


@pytest.mark.parametrize("path", ["/gmark/x?y", "/gmark/../x", "/gmark/x\n", "gmark/x", "/gmark/"])
def test_a_name_that_means_another_is_refused(stock_server: XRootDServer, path: str) -> None:
    stock_server.put("/disk/gmark/x", b"x")
    code_of(storage_at(stock_server.disk_prefix).remover.remove([path])[path])
    assert stock_server.disk_file("/disk/gmark/x").exists()


# ---------------------------------------------------------------------------------------------------- copies
def test_copies_from_server_to_server_need_one_that_fetches(
    stock_server: XRootDServer, tmp_path: Path
) -> None:
    """gfal2 copies between root:// servers by the destination fetching, which it must be set up for."""
    size, checksum = 6, adler32([b"merged"])
    with XRootDServer.start(extra=THIRD_PARTY) as fetching:
        for place in (stock_server, fetching):
            place.put("/disk/gfrom/a.root", b"merged")
        fetching.load("/cta/gfrom/b.root", b"merged")
        orders = [
            CopyOrder("/gout/good.root", f"{fetching.disk_prefix}/gfrom/a.root", size, checksum),
            CopyOrder("/gout/bad.root", f"{fetching.disk_prefix}/gfrom/a.root", size, Adler32(7)),
            CopyOrder("/gout/far.root", f"{fetching.tape_prefix}/gfrom/b.root", size, checksum),
            CopyOrder("/gout/dead.root", "root://127.0.0.1:1//x", size, checksum),
        ]
        outcomes = dict(storage_at(fetching.disk_prefix).copier.copy(orders))
        assert outcomes.pop("/gout/good.root") == Done()
        assert [code_of(outcomes[order.path]) for order in orders[1:]] == [
            "checksum_mismatch",
            "not_online",
            "endpoint_unreachable",
        ]
        assert [file.name for file in fetching.disk_file("/disk/gout").iterdir()] == ["good.root"]
    order = CopyOrder("/gno/a.root", f"{stock_server.disk_prefix}/gfrom/a.root", size, checksum)
    outcome = storage_at(stock_server.disk_prefix).copier.copy([order])[order.path]
    assert code_of(outcome) == "unsupported"


def test_a_copy_whose_time_is_over_is_cancelled_alone(stock_server: XRootDServer, tmp_path: Path) -> None:
    big, small = tmp_path / "big", tmp_path / "small"
    big.write_bytes(b"x" * 80_000_000)
    small.write_bytes(b"x" * 100)
    orders = [
        CopyOrder(f"/gtime/{file.name}", f"file://{file}", file.stat().st_size, adler32([file.read_bytes()]))
        for file in (big, small)
    ]
    with XRootDServer.start(extra=SLOW) as slow:
        start = time.monotonic()
        outcomes = storage_at(slow.disk_prefix, copy_timeout="1").copier.copy(orders)
        assert time.monotonic() - start < 15
        assert code_of(outcomes["/gtime/big"]) == "storage_timeout"
        assert outcomes["/gtime/small"] == Done()
        assert [file.name for file in slow.disk_file("/disk/gtime").iterdir()] == ["small"]


def test_one_storage_serves_several_threads(server: XRootDServer, tmp_path: Path) -> None:
    storage = storage_at(server.disk_prefix)
    with ThreadPoolExecutor(4) as pool:
        rounds = pool.map(
            lambda thread: a_round(storage, tmp_path, f"/gthreads/{server.port}/{thread}"), range(4)
        )
    assert list(rounds) == [{Done()}] * 4


def a_round(storage: Storage, tmp_path: Path, directory: str) -> set[Outcome]:
    """Copy files, look at them, remove them; the outcomes."""
    orders = []
    for number in range(10):
        data = f"{directory} {number}".encode()
        source = tmp_path / f"{directory.replace('/', '-')}-{number}"
        source.write_bytes(data)
        orders.append(CopyOrder(f"{directory}/{number}", f"file://{source}", len(data), adler32([data])))
    outcomes = set(storage.copier.copy(orders).values())
    seen = storage.prober.probe([order.path for order in orders])
    assert seen == {order.path: Observed(order.size, order.adler32, Locality.ONLINE) for order in orders}
    return outcomes | set(storage.remover.remove([order.path for order in orders]).values())


def test_two_xrootd_clients_live_in_one_process(server: XRootDServer, tmp_path: Path) -> None:
    """gfal2 brings an XRootD client of its own, of another version than that of the xrootd backend."""
    environment = dict(os.environ)
    storages = [
        open_storage(backend, server.disk_prefix, clock=SystemClock(), options={"timeout": "10"})
        for backend in ("gfal2", "xrootd")
    ]
    with ThreadPoolExecutor(2) as pool:
        rounds = [
            pool.submit(a_round, storage, tmp_path, f"/gtwo/{server.port}/{number}")
            for number, storage in enumerate(storages)
        ]
        assert [done.result() for done in rounds] == [{Done()}] * 2
    assert dict(os.environ) == environment


# --------------------------------------------------------------------------------------------- a dead server
def test_a_killed_server_is_unreachable_and_comes_back(own_server: XRootDServer, tmp_path: Path) -> None:
    storage = storage_at(own_server.tape_prefix, tape="true")
    own_server.load("/cta/a", b"x", online=True)
    assert isinstance(storage.prober.probe(["/a"])["/a"], Observed)
    own_server.kill()
    start = time.monotonic()
    stager = storage.stager
    assert stager is not None
    calls: list[Callable[[], object]] = [
        lambda: storage.prober.probe(["/a"]),
        lambda: storage.remover.remove(["/a"]),
        lambda: storage.copier.copy([order_of(tmp_path, "/b")]),
        lambda: stager.stage([StageOrder("/a", 1)]),
        lambda: stager.poll("token", ["/a"]),
        lambda: stager.release("token", ["/a"]),
        lambda: stager.cancel("token", ["/a"]),
    ]
    for call in calls:
        with pytest.raises(EndpointUnreachable):
            call()
    assert time.monotonic() - start < 60
    own_server.restart()

    def back() -> bool:
        try:
            return isinstance(storage.prober.probe(["/a"])["/a"], Observed)
        except EndpointUnreachable:
            return False

    settle_for_real(back)


def test_a_server_that_falls_silent_is_given_up_in_time(own_server: XRootDServer) -> None:
    storage = storage_at(own_server.tape_prefix, tape="true", timeout="1")
    own_server.load("/cta/a", b"x")
    stager = storage.stager
    assert stager is not None
    token = staged(stager, ["/a"])
    own_server.freeze()
    start = time.monotonic()
    with pytest.raises(StorageTimeout):
        storage.prober.probe([f"/{number}" for number in range(500)])
    for call in (stager.poll, stager.release, stager.cancel):
        with pytest.raises(StorageTimeout):
            call(token, ["/a"])
    with pytest.raises(StorageTimeout):
        stager.stage([StageOrder("/a", 1)])
    assert time.monotonic() - start < 30
    own_server.thaw()
    settle_for_real(lambda: stager.poll(token, ["/a"])["/a"] in (Done(), Pending()))


def test_a_server_that_falls_silent_in_a_copy_leaves_the_outcome_unknown(
    own_server: XRootDServer,
    tmp_path: Path,
    around_copy: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("transfers.backends.gfal2.client._CANCELLED", 1.0)
    order = order_of(tmp_path, "/a.root")
    storage = storage_at(own_server.disk_prefix, copy_timeout="1")
    around_copy(before=own_server.freeze)
    start = time.monotonic()
    assert isinstance(storage.copier.copy([order])[order.path], Unknown)
    assert time.monotonic() - start < 30
    own_server.thaw()
    around_copy()
    settle_for_real(lambda: Done() in storage.copier.copy([order]).values())
    assert own_server.disk_file("/disk/a.root").read_bytes() == b"merged"


def test_a_process_with_a_call_left_behind_can_end(own_server: XRootDServer) -> None:
    own_server.put("/disk/a", b"x")
    program = (
        "import sys; from catalog.clock import SystemClock; from transfers.registry import open_storage\n"
        "options = {'timeout': '1'}\n"
        "storage = open_storage('gfal2', sys.argv[1], clock=SystemClock(), options=options)\n"
        "print(len(storage.prober.probe(['/a'])), flush=True)\n"
        "sys.stdin.readline()\n"
        "try:\n"
        "    storage.prober.probe(['/a'])\n"
        "except TimeoutError:\n"
        "    sys.exit(7)\n"
    )
    command = [sys.executable, "-c", program, own_server.disk_prefix]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        own_server.freeze()
        process.communicate("\n", timeout=90)
    assert process.returncode == 7


def test_a_forked_process_is_told_that_it_cannot(stock_server: XRootDServer) -> None:
    program = (
        "import os, sys; from catalog.clock import SystemClock; from transfers.errors import Unsupported\n"
        "from transfers.registry import open_storage\n"
        "storage = open_storage('gfal2', sys.argv[1], clock=SystemClock(), options={})\n"
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
    done = subprocess.run([sys.executable, "-c", program, stock_server.disk_prefix], check=False, timeout=60)
    assert done.returncode == 7


def test_a_program_started_by_a_thread_does_not_disturb(stock_server: XRootDServer) -> None:
    stock_server.put("/disk/gprogram/a", b"x")
    storage = storage_at(stock_server.disk_prefix)
    looking = threading.Thread(target=lambda: [storage.prober.probe(["/gprogram/a"]) for _ in range(30)])
    looking.start()
    for _ in range(10):
        subprocess.run([sys.executable, "-S", "-c", "pass"], check=True, timeout=60)
    looking.join(30)
    assert not looking.is_alive()
