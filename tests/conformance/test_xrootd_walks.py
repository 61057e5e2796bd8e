"""Real XRootD servers keep the rules of Walker: directly, by the client library, and behind a manager."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.clock import SystemClock
from tests.conformance.test_xrootd import XRootDRig, storage_at
from tests.fixtures_xrootd import stock_server, xrootd_programs
from transfers.backends.xrootd import open_storage
from transfers.errors import EndpointUnreachable, StorageError, Unsupported
from transfers.model import Failed, Listing, Looked, Unknown
from transfers.ports import Walker
from transfers.testing.relay import DOWN, Relay
from transfers.testing.suites import RealWalkerSuite, Rig
from transfers.testing.xrootd import XRootDServer
from transfers.testing.xrootd_cluster import Cluster
from transfers.testing.xrootd_disk import DiskServer
from transfers.walking import Frontier, tree

__all__ = ["stock_server", "xrootd_programs"]
pytestmark = pytest.mark.xrootd


def walker_at(prefix: str, **options: str) -> Walker:
    walker = open_storage(prefix, clock=SystemClock(), options={"timeout": "2", **options}).walker
    assert walker is not None
    return walker


class TestDirectly(RealWalkerSuite):
    tells_breaks = False

    @pytest.fixture
    def rig(self, tmp_path: Path, stock_server: XRootDServer) -> Rig:
        return XRootDRig(tmp_path, stock_server, tape=False)

    def place(self, rig: Rig, name: str) -> Path:
        assert isinstance(rig, XRootDRig)
        return Path(rig.server.disk_file(rig.area + rig.path(name)))


class TestByLibrary(TestDirectly):
    """As servers that want a credential are asked. Names that are no text are none to it."""

    tells_bytes = notices_back = False

    @pytest.fixture
    def rig(self, tmp_path: Path, stock_server: XRootDServer) -> Rig:
        rig = XRootDRig(tmp_path, stock_server, tape=False)
        rig.storage = storage_at(stock_server.disk_prefix, plain="false")
        return rig

    @pytest.mark.nightly
    def test_names_that_are_no_text(self, rig: Rig) -> None:
        assert isinstance(rig, XRootDRig)
        rig.storage = storage_at(rig.server.disk_prefix, plain="false", call_timeout="2")
        super().test_names_that_are_no_text(rig)  # nobody says that no answer will come


# ------------------------------------------------------------------------------------ servers in trouble
@pytest.fixture
def server(xrootd_programs: None) -> Iterator[DiskServer]:
    with DiskServer.start() as server:
        for number in range(60):
            for name in "abc":
                server.put(f"/d{number:02}/{name}.raw", b"x")
        yield server


def names(found: dict[str, Looked], directory: str) -> set[str]:
    listing = found[directory]
    assert isinstance(listing, Listing), listing
    return set(listing.names)


def taken(walk: Iterator[tuple[str, Looked]], found: dict[str, Looked]) -> StorageError | None:
    """Take all that comes; what broke it off."""
    try:
        found.update(walk)
    except StorageError as error:
        return error
    return None


def all_whole_or_told(found: dict[str, Looked]) -> int:
    """How many are whole; the others are no lists."""
    whole = 0
    for directory, looked in found.items():
        if isinstance(looked, Listing) and directory != "/":
            assert set(looked.names) == {"a.raw", "b.raw", "c.raw"}, directory
            whole += 1
        else:
            assert directory == "/" or isinstance(looked, Failed | Unknown)
    return whole


def test_a_server_killed_in_the_middle_tells_no_half_lists(server: DiskServer) -> None:
    with Relay(server.port) as relay:

        def die() -> None:
            server.kill()
            relay.cut()  # what it had sent already would still come

        relay.after(DOWN, 9000, die)  # of some 25 000 bytes
        found: dict[str, Looked] = {}
        walk = tree(walker_at(server.url(relay.port) + "//data"), ["/"])
        assert isinstance(taken(walk, found), EndpointUnreachable)
    assert all_whole_or_told(found) < 60
    assert any(isinstance(looked, Unknown) for looked in found.values())


def test_a_connection_cut_in_the_middle_of_a_list(server: DiskServer) -> None:
    """At each byte of an answer: what was not whole is asked for again, or not told."""
    for count in (700, 1500, 4000, 9000):
        with Relay(server.port) as relay:
            relay.after(DOWN, count, relay.cut)
            walk = tree(walker_at(server.url(relay.port) + "//data", listings="1"), ["/"])
            found: dict[str, Looked] = {}
            taken(walk, found)
            all_whole_or_told(found)


def test_a_server_that_comes_back_is_not_noticed(server: DiskServer) -> None:
    walk = tree(walker_at(server.prefix), ["/"])
    found = dict([next(walk), next(walk)])
    server.kill()
    server.restart()
    found |= walk
    assert all_whole_or_told(found) == 60


def test_a_silent_server_ends_the_walk(server: DiskServer) -> None:
    """What came before that may be all there is, if the reader was slow; a walk that begins then gets no
    answer at all."""
    walk = tree(walker_at(server.prefix, timeout="1", listings="1"), ["/"])
    found = dict([next(walk)])
    server.freeze()
    try:
        broken = taken(walk, found)
        assert taken(tree(walker_at(server.prefix, timeout="1"), ["/"]), {}) is not None
    finally:
        server.thaw()
    whole = all_whole_or_told(found)
    assert broken is not None or whole == 60


def test_who_is_not_there_is_told_at_once(xrootd_programs: None) -> None:
    with DiskServer.start() as server:
        prefix = server.prefix
    with pytest.raises(EndpointUnreachable):
        list(tree(walker_at(prefix), ["/"]))


def test_a_question_mark_is_told_and_hides_nothing(server: DiskServer) -> None:
    server.put("/odd/why?/a.raw", b"x")
    found = dict(tree(walker_at(server.prefix), ["/odd"]))
    assert isinstance(found["/odd"], Listing)
    assert isinstance(found["/odd/why?"], Failed)


def test_checksums_that_a_server_keeps_are_told_when_asked_for(server: DiskServer) -> None:
    found = dict(walker_at(server.prefix, listed_checksums="true").walk(Frontier(["/d00"]).following))
    assert names(found, "/d00") == {"a.raw", "b.raw", "c.raw"}


# --------------------------------------------------------------------------------------------- managers
@pytest.fixture(scope="module")
def cluster(xrootd_programs: None) -> Iterator[Cluster]:
    with Cluster.start(2) as cluster:
        first, second = cluster.servers
        first.put("/both/one.raw", b"1")
        second.put("/both/two.raw", b"22")
        first.put("/both/same.raw", b"333")
        second.put("/both/same.raw", b"333")
        first.put("/both/unlike.raw", b"4444")
        second.put("/both/unlike.raw", b"55555")
        second.put("/both/below/three.raw", b"1")
        first.put("/only/four.raw", b"1")
        yield cluster


def test_what_servers_have_is_put_together(cluster: Cluster) -> None:
    found = dict(tree(walker_at(cluster.prefix, servers="2"), ["/"]))
    assert names(found, "/both") == {"one.raw", "two.raw", "same.raw"}
    assert names(found, "/both/below") == {"three.raw"}
    assert names(found, "/only") == {"four.raw"}
    both = found["/both"]
    assert isinstance(both, Listing)
    assert set(both.others) == {"unlike.raw"}
    none = dict(walker_at(cluster.prefix, servers="2").walk(Frontier(["/none"]).following))
    assert isinstance(none["/none"], Failed)


def test_a_manager_whose_servers_are_not_counted_tells_nothing(cluster: Cluster) -> None:
    with pytest.raises(Unsupported, match="servers = N"):
        list(tree(walker_at(cluster.prefix), ["/"]))


def test_with_a_server_away_nothing_is_whole(cluster: Cluster) -> None:
    with pytest.raises(EndpointUnreachable, match="2 of its 3 servers"):
        list(tree(walker_at(cluster.prefix, servers="3"), ["/"]))
    walk = tree(walker_at(cluster.prefix, servers="2"), ["/"])
    found = dict([next(walk)])
    cluster.servers[1].kill()
    try:
        taken(walk, found)
        assert not any(isinstance(looked, Listing) for path, looked in found.items() if path != "/")
        with pytest.raises(StorageError):
            list(tree(walker_at(cluster.prefix, servers="2"), ["/"]))
    finally:
        cluster.servers[1].restart()
