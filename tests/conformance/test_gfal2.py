"""The gfal2 backend against a real XRootD server keeps the rules of the ports: disk, and tape twice."""

from __future__ import annotations

import itertools
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from catalog.checksum import adler32
from catalog.clock import SystemClock
from tests.conformance.test_posix import PosixRig
from tests.conformance.test_xrootd import XRootDRig, drives_wait
from tests.fixtures_gfal2 import gfal2_library
from tests.fixtures_xrootd import eos_server, stock_server
from transfers.errors import StorageError
from transfers.model import CopyOrder, Done, Observed, Outcome
from transfers.ports import Storage
from transfers.registry import open_storage
from transfers.testing.suites import (
    ODD_NAMES,
    CopierSuite,
    ListerSuite,
    Rig,
    StorageSuite,
    WalkerSuite,
    code_of,
    contents,
)
from transfers.testing.xrootd import DISK_AREA, XRootDServer
from transfers.testing.xrootd_process import hand_over

__all__ = ["drives_wait", "eos_server", "gfal2_library", "stock_server"]
pytestmark = [pytest.mark.gfal2, pytest.mark.xrootd, pytest.mark.usefixtures("gfal2_library")]

_numbers = itertools.count()


def storage_at(prefix: str, **options: str) -> Storage:
    return open_storage("gfal2", prefix, clock=SystemClock(), options={"timeout": "10", **options})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def throw_away(place: Path) -> Path:
    """A new authority and a host certificate of it for loopback; the directory of authorities."""
    authority = trustme.CA()
    host = authority.issue_cert("127.0.0.1", "localhost")
    (place / "host.pem").write_bytes(b"".join(pem.bytes() for pem in host.cert_chain_pems))
    (place / "host.key").write_bytes(host.private_key_pem.bytes())
    (place / "host.key").chmod(0o400)
    hand_over(place / "host.key")
    authorities = place / "authorities"
    authorities.mkdir()
    authority.cert_pem.write_to_path(str(authorities / "ca.pem"))
    subprocess.run(["openssl", "rehash", authorities], check=True)
    return authorities


class Gfal2Rig(XRootDRig):
    """A directory of its own at a server that all tests share."""

    def __init__(self, directory: Path, server: XRootDServer, *, tape: bool) -> None:
        super().__init__(directory, server, tape=tape)
        self.base = f"/gfal2/{next(_numbers)}"
        prefix = server.tape_prefix if tape else server.disk_prefix
        self.storage = storage_at(prefix, tape=str(tape).lower())


class TestDisk(StorageSuite, ListerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path, stock_server: XRootDServer) -> Gfal2Rig:
        return Gfal2Rig(tmp_path, stock_server, tape=False)


@pytest.fixture(scope="module")
def http_server(stock_server: XRootDServer) -> Iterator[tuple[XRootDServer, str]]:
    """A server that speaks HTTP as well, and its HTTP URL; asking for the shared one makes the skip."""
    port = free_port()
    with XRootDServer.start(extra=f"xrd.protocol XrdHttp:{port} libXrdHttp.so\n") as server:
        yield server, f"http://127.0.0.1:{port}"


class TestHttpDisk(StorageSuite, ListerSuite):
    """The same disk over HTTP. Names are percent-encoded there, and copies streamed."""

    @pytest.fixture
    def rig(self, tmp_path: Path, http_server: tuple[XRootDServer, str]) -> Gfal2Rig:
        server, url = http_server
        rig = Gfal2Rig(tmp_path, server, tape=False)
        rig.storage = storage_at(f"{url}{DISK_AREA}")
        return rig

    def test_copy_takes_names_literally(self, rig: Rig) -> None:
        """Or refuses them: renamed over HTTP they would get another name."""
        orders = [self.order(rig, name, name.encode()) for name in ODD_NAMES]
        outcomes = self.all_copied(rig, orders)
        assert {code_of(outcome) for outcome in outcomes.values() if outcome != Done()} == {"unsupported"}
        assert rig.names() == {path for path, outcome in outcomes.items() if outcome == Done()}


@pytest.fixture(scope="module")
def tls() -> Iterator[Path]:
    """A certificate of an authority made for this module, which clients are told of as at any site: by
    X509_CERT_DIR. Not below pytest's directory, as the server runs as somebody else."""
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as environment:
        place = Path(directory)
        place.chmod(0o755)
        environment.setenv("X509_CERT_DIR", str(throw_away(place)))
        yield place


@pytest.fixture(scope="module")
def davs_server(stock_server: XRootDServer, tls: Path) -> Iterator[tuple[XRootDServer, str]]:
    """Asking for the shared server makes the skip."""
    with davs(tls) as found:
        yield found


@contextmanager
def davs(place: Path) -> Iterator[tuple[XRootDServer, str]]:
    """A server that speaks HTTP over TLS, and takes third-party copies."""
    port = free_port()
    extra = (
        f"xrd.tls {place}/host.pem {place}/host.key\n"
        f"xrd.tlsca certdir {place}/authorities\n"
        f"xrd.protocol XrdHttp:{port} libXrdHttp.so\n"
        "http.exthandler xrdtpc libXrdHttpTPC.so\n"
    )
    with XRootDServer.start(extra=extra) as server:
        yield server, f"davs://127.0.0.1:{port}"


class TestDavsDisk(CopierSuite, ListerSuite):
    test_copy_takes_names_literally = TestHttpDisk.test_copy_takes_names_literally

    @pytest.fixture
    def rig(self, tmp_path: Path, davs_server: tuple[XRootDServer, str]) -> Gfal2Rig:
        server, url = davs_server
        rig = Gfal2Rig(tmp_path, server, tape=False)
        rig.storage = storage_at(f"{url}{DISK_AREA}")
        return rig


def test_two_davs_servers_copy_between_themselves_or_it_is_said(
    davs_server: tuple[XRootDServer, str], tls: Path, tmp_path: Path
) -> None:
    """Without a token they refuse: the bytes come through here, or not at all where that is forbidden."""
    server, url = davs_server
    data = b"merged" * 1000
    (tmp_path / "token").write_text("any")
    (tmp_path / "token").chmod(0o600)
    (tmp_path / "local").write_bytes(data)
    with davs(tls) as (other, source):
        other.put("/disk/gtpc/a.root", data)

        def outcome(name: str, source: str, **options: str) -> Outcome:
            order = CopyOrder(f"/gtpc/{name}", source, *contents(data))
            return storage_at(f"{url}{DISK_AREA}", **options).copier.copy([order])[order.path]

        only = {"third_party_only": "true"}
        there = f"{source}{DISK_AREA}/gtpc/a.root"
        assert outcome("through", there) == Done()
        assert code_of(outcome("not", there, **only)) == "unsupported"
        assert outcome("direct", there, **only, token_file=f"{tmp_path}/token") == Done()
        assert outcome("local", f"file://{tmp_path}/local", **only) == Done()
        assert code_of(outcome("mixed", f"{other.disk_prefix}/gtpc/a.root", **only)) == "unsupported"
        found = {file.name: file.read_bytes() for file in server.disk_file("/disk/gtpc").iterdir()}
        assert found == dict.fromkeys(("through", "direct", "local"), data)


def test_a_server_of_another_authority_is_not_believed(
    davs_server: tuple[XRootDServer, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = davs_server
    server.put("/disk/gtls/a.raw", b"x")
    assert isinstance(storage_at(f"{url}{DISK_AREA}").prober.probe(["/gtls/a.raw"])["/gtls/a.raw"], Observed)
    monkeypatch.setenv("X509_CERT_DIR", str(throw_away(tmp_path)))
    with pytest.raises(StorageError):
        storage_at(f"{url}{DISK_AREA}").prober.probe(["/gtls/a.raw"])


class TestDiskWalks(WalkerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path, stock_server: XRootDServer) -> Gfal2Rig:
        return Gfal2Rig(tmp_path, stock_server, tape=False)


class TestHttpWalks(WalkerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path, http_server: tuple[XRootDServer, str]) -> Gfal2Rig:
        server, url = http_server
        rig = Gfal2Rig(tmp_path, server, tape=False)
        rig.storage = storage_at(f"{url}{DISK_AREA}")
        return rig


class FileRig(PosixRig):
    """Local files by way of gfal2: the posix backend does it better, but gfal2 has it."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.storage = storage_at(f"file://{self.root}")


class TestFile(StorageSuite, ListerSuite, WalkerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> FileRig:
        return FileRig(tmp_path)

    def test_who_was_faster_by_a_moment_is_not_overwritten(
        self, rig: FileRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between the last look and the naming."""
        from transfers.backends.gfal2.library import Copying  # only where gfal2 is

        source, real = tmp_path / "source", Copying.look
        source.write_bytes(b"ours")
        looks = []

        def look(self: Copying, url: str) -> object:
            found = real(self, url)
            looks.append(url)
            (rig.root / "x").write_bytes(b"theirs")
            return found

        monkeypatch.setattr(Copying, "look", look)
        order = CopyOrder("/x", f"file://{source}", 4, adler32([b"ours"]))
        (outcome,) = rig.storage.copier.copy([order]).values()
        assert (getattr(outcome, "code", outcome), looks != []) == ("file_exists", True)
        assert {file.name: file.read_bytes() for file in rig.root.iterdir()} == {"x": b"theirs"}


class TestStockTape(StorageSuite, ListerSuite):
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
