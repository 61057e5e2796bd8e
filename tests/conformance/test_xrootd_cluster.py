"""A manager and two servers: who comes is sent on to where a file is, and need not say: use the library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.checksum import adler32
from catalog.clock import SystemClock
from tests.agent import Agent
from tests.fixtures_xrootd import xrootd_programs
from transfers.backends.xrootd import open_storage
from transfers.errors import FileMissing, Unsupported
from transfers.model import CopyOrder, Done, FetchOrder, Observed
from transfers.ports import Storage
from transfers.testing.suites import code_of
from transfers.testing.xrootd_cluster import Cluster
from transfers.testing.xrootd_security import Certificates

__all__ = ["xrootd_programs"]
pytestmark = pytest.mark.xrootd

DATA = b"events" * 1_500_000
"""More than one block."""
SUM = adler32([DATA])


@pytest.fixture(scope="module")
def cluster(xrootd_programs: None) -> Iterator[Cluster]:
    with Cluster.start(2) as cluster:
        yield cluster


@pytest.fixture
def storage(cluster: Cluster) -> Storage:
    return open_storage(cluster.prefix, clock=SystemClock(), options={"timeout": "10"})


@pytest.fixture
def source(tmp_path: Path) -> str:
    (tmp_path / "source").write_bytes(DATA)
    return f"file://{tmp_path}/source"


def holders(cluster: Cluster, path: str) -> list[bytes]:
    """What the servers have under the name."""
    return [server.file(path).read_bytes() for server in cluster.servers if server.file(path).exists()]


def test_files_come_go_and_are_seen(cluster: Cluster, storage: Storage, source: str, tmp_path: Path) -> None:
    first, second = "/run1/a.root", "/run1/b.root"
    copier = storage.copier
    assert copier.copy([CopyOrder(first, source, len(DATA), SUM)]) == {first: Done()}
    order = CopyOrder(second, cluster.prefix + first, len(DATA), SUM)
    assert copier.copy([order]) == {second: Done()}
    assert holders(cluster, first) == holders(cluster, second) == [DATA]
    fetch = FetchOrder(second, f"{tmp_path}/fetched", len(DATA), SUM)
    assert copier.fetch([fetch]) == {fetch.destination: Done()}
    assert (tmp_path / "fetched").read_bytes() == DATA
    seen = storage.prober.probe([first, second, "/run1/none"])
    assert {code_of(seen["/run1/none"])} == {"file_missing"}
    for path in (first, second):
        assert isinstance(found := seen[path], Observed)
        assert (found.size, found.adler32) == (len(DATA), SUM)
    assert storage.remover.remove([first, second]) == dict.fromkeys([first, second], Done())
    assert holders(cluster, first) == holders(cluster, second) == []


def test_nothing_is_overwritten(cluster: Cluster, storage: Storage, source: str) -> None:
    """Whichever server the manager would choose: the file is at the second."""
    cluster.servers[1].put("/taken/a.root", b"other bytes")
    order = CopyOrder("/taken/a.root", source, len(DATA), SUM)
    assert code_of(storage.copier.copy([order])[order.path]) == "file_exists"
    assert holders(cluster, order.path) == [b"other bytes"]


def test_wrong_bytes_are_removed_where_they_are(cluster: Cluster, storage: Storage, source: str) -> None:
    order = CopyOrder("/wrong/a.root", source, len(DATA), adler32([b"others"]))
    assert code_of(storage.copier.copy([order])[order.path]) == "checksum_mismatch"
    assert holders(cluster, order.path) == []


def test_a_directory_of_one_server_is_listed(cluster: Cluster, storage: Storage) -> None:
    cluster.servers[0].put("/only/here/a.root", b"x")
    assert storage.lister is not None
    found = {entry.path for entry in storage.lister.list("/only", recursive=True)}
    assert found == {"/only/here", "/only/here/a.root"}
    with pytest.raises(FileMissing):
        list(storage.lister.list("/nobody"))


def test_a_directory_of_several_servers_is_listed_when_they_are_counted(
    cluster: Cluster, storage: Storage
) -> None:
    for number, server in enumerate(cluster.servers):
        server.put(f"/shared/{number}.root", b"x")
    assert storage.lister is not None
    with pytest.raises(Unsupported, match="servers = N"):
        list(storage.lister.list("/shared"))
    counted = open_storage(cluster.prefix, clock=SystemClock(), options={"timeout": "10", "servers": "2"})
    assert counted.lister is not None
    assert {entry.path for entry in counted.lister.list("/shared")} == {"/shared/0.root", "/shared/1.root"}


def test_a_manager_that_wants_a_credential(xrootd_programs: None, source: str, tmp_path: Path) -> None:
    """As at EOS: the proxy is shown to the manager, and again to the server that it sends us to."""
    with (
        Certificates.make() as site,
        Cluster.start(security=site.security({"alice": "a"})) as cluster,
        Agent(site.environment(site.proxy("alice")) | {"XRD_CONNECTIONWINDOW": "30"}) as alice,
    ):  # nobody tries again here, and a busy machine takes its time for a first handshake
        order = CopyOrder("/run1/a.root", source, len(DATA), SUM)
        fetch = FetchOrder(order.path, f"{tmp_path}/fetched", len(DATA), SUM)
        assert alice.call("copy", cluster.prefix, [order]).code(order.path) == "done"
        assert holders(cluster, order.path) == [DATA]
        assert alice.call("fetch", cluster.prefix, [fetch]).code(fetch.destination) == "done"
        assert order.path in alice.call("list", cluster.prefix, ["/"]).of
        assert alice.call("remove", cluster.prefix, [order.path]).code(order.path) == "done"
        assert holders(cluster, order.path) == []
