"""Authentication against real XRootD servers: numbers as in docs/explanation/copies.md.

Every credential is tried by a client process of its own: the library reads its environment once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.checksum import adler32
from tests.agent import Agent
from tests.fixtures_xrootd import issuer, xrootd_programs
from transfers.model import CopyOrder, FetchOrder, Observed
from transfers.testing.xrootd_disk import DiskServer
from transfers.testing.xrootd_security import Certificates, Tokens

__all__ = ["issuer", "xrootd_programs"]
pytestmark = pytest.mark.xrootd

LIMITS = {"XRD_CONNECTIONWINDOW": "3", "XRD_TIMEOUTRESOLUTION": "1"}
DATA = b"a file of the experiment"


@pytest.fixture(scope="module")
def site(xrootd_programs: None) -> Iterator[Certificates]:
    with Certificates.make() as site:
        yield site


@pytest.fixture(scope="module")
def gsi_server(site: Certificates) -> Iterator[DiskServer]:
    """alice may do everything, bob only read, and carol is known and may do nothing."""
    with DiskServer.start(security=site.security({"alice": "a", "bob": "rl", "carol": ""})) as server:
        server.put("/kept", DATA)
        yield server


@pytest.fixture(scope="module")
def token_server(issuer: Tokens) -> Iterator[DiskServer]:
    with DiskServer.start(security=issuer.security()) as server:
        server.put("/kept", DATA)
        yield server


class Visitor:
    """A client process with one credential, and what it is told."""

    def __init__(self, server: DiskServer, environment: dict[str, str], tmp_path: Path) -> None:
        self._server, self._tmp = server, tmp_path
        self._agent = Agent({**LIMITS, **environment})

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *problem: object) -> None:
        self._agent.close()

    def looks(self) -> str:
        return self._agent.call("probe", self._server.prefix, ["/kept"], timeout="5").code("/kept")

    def writes(self, path: str) -> str:
        source = self._tmp / "source"
        source.write_bytes(DATA)
        order = CopyOrder(path, f"file://{source}", len(DATA), adler32([DATA]))
        return self._agent.call("copy", self._server.prefix, [order], timeout="5").code(path)

    def lists(self) -> list[str]:
        answer = self._agent.call("list", self._server.prefix, ["/"], timeout="5")
        assert answer.raised is None, answer
        return sorted(answer.of)

    def removes(self, path: str) -> str:
        return self._agent.call("remove", self._server.prefix, [path], timeout="5").code(path)

    def reads(self) -> str:
        order = FetchOrder("/kept", str(self._tmp / "fetched"), len(DATA), adler32([DATA]))
        return self._agent.call("fetch", self._server.prefix, [order], timeout="5").code(order.destination)


def check_nothing(server: DiskServer, tmp_path: Path, path: str) -> None:
    assert not server.file(path).exists()
    assert {file.name for file in tmp_path.iterdir()} <= {"source"}


def refused_everything(visitor: Visitor, server: DiskServer, tmp_path: Path, path: str, code: str) -> None:
    assert [visitor.looks(), visitor.writes(path), visitor.reads()] == [code] * 3
    check_nothing(server, tmp_path, path)


# ------------------------------------------------------------------------------------------- 7. certificates
def test_7_1_a_valid_proxy_works(gsi_server: DiskServer, site: Certificates, tmp_path: Path) -> None:
    with Visitor(gsi_server, site.environment(site.proxy("alice")), tmp_path) as alice:
        assert [alice.looks(), alice.writes("/alices"), alice.reads()] == [
            Observed.__name__.lower(),
            "done",
            "done",
        ]
        assert {"/kept", "/alices"} <= set(alice.lists())
        assert alice.writes("/away") == alice.removes("/away") == "done"
    assert not gsi_server.file("/away").exists()
    assert gsi_server.file("/alices").read_bytes() == (tmp_path / "fetched").read_bytes() == DATA


def test_7_2_a_user_without_rights_is_refused(
    gsi_server: DiskServer, site: Certificates, tmp_path: Path
) -> None:
    with Visitor(gsi_server, site.environment(site.proxy("carol")), tmp_path) as carol:
        refused_everything(carol, gsi_server, tmp_path, "/carols", "permission_refused")


def test_7_3_a_user_who_may_read_does_not_write(
    gsi_server: DiskServer, site: Certificates, tmp_path: Path
) -> None:
    with Visitor(gsi_server, site.environment(site.proxy("bob")), tmp_path) as bob:
        assert bob.writes("/bobs") == "permission_refused"
        check_nothing(gsi_server, tmp_path, "/bobs")
        assert bob.reads() == "done"


def test_7_4_a_stranger_is_refused(gsi_server: DiskServer, site: Certificates, tmp_path: Path) -> None:
    with Visitor(gsi_server, site.environment(site.proxy("mallory")), tmp_path) as stranger:
        refused_everything(stranger, gsi_server, tmp_path, "/mallorys", "permission_refused")


def test_7_5_an_expired_proxy_is_said_to_be_expired(
    gsi_server: DiskServer, site: Certificates, tmp_path: Path
) -> None:
    with Visitor(gsi_server, site.environment(site.proxy("alice", expired=True)), tmp_path) as late:
        refused_everything(late, gsi_server, tmp_path, "/late", "credential_expired")


def test_7_6_no_proxy_is_said_to_be_missing(
    gsi_server: DiskServer, site: Certificates, tmp_path: Path
) -> None:
    with Visitor(gsi_server, site.environment(tmp_path / "none"), tmp_path) as nobody:
        refused_everything(nobody, gsi_server, tmp_path, "/nobodys", "credential_missing")


def test_7_7_a_proxy_of_another_authority_is_refused(
    gsi_server: DiskServer, site: Certificates, tmp_path: Path
) -> None:
    with Certificates.make() as other:
        environment = {**site.environment(other.proxy("alice"))}
        with Visitor(gsi_server, environment, tmp_path) as forger:
            refused_everything(forger, gsi_server, tmp_path, "/forged", "permission_refused")


# ------------------------------------------------------------------------------------------------- 8. tokens
def test_8_1_a_valid_token_works(token_server: DiskServer, issuer: Tokens, tmp_path: Path) -> None:
    with Visitor(token_server, issuer.environment(issuer.token()), tmp_path) as alice:
        assert [alice.looks(), alice.writes("/alices"), alice.reads()] == ["observed", "done", "done"]
    assert token_server.file("/alices").read_bytes() == (tmp_path / "fetched").read_bytes() == DATA


def test_8_2_a_token_for_reading_does_not_write(
    token_server: DiskServer, issuer: Tokens, tmp_path: Path
) -> None:
    with Visitor(token_server, issuer.environment(issuer.token("storage.read:/")), tmp_path) as reader:
        assert reader.writes("/read") == "permission_refused"
        check_nothing(token_server, tmp_path, "/read")
        assert reader.reads() == "done"


def test_8_3_a_token_for_another_place_is_refused(
    token_server: DiskServer, issuer: Tokens, tmp_path: Path
) -> None:
    token = issuer.token("storage.read:/elsewhere storage.modify:/elsewhere")
    with Visitor(token_server, issuer.environment(token), tmp_path) as wrong:
        refused_everything(wrong, token_server, tmp_path, "/wrong", "permission_refused")


def test_8_4_a_token_for_another_service_is_refused(
    token_server: DiskServer, issuer: Tokens, tmp_path: Path
) -> None:
    token = issuer.token(audience="https://another.test")
    with Visitor(token_server, issuer.environment(token), tmp_path) as wrong:
        refused_everything(wrong, token_server, tmp_path, "/audience", "permission_refused")


def test_8_5_an_expired_token_is_said_to_be_expired(
    token_server: DiskServer, issuer: Tokens, tmp_path: Path
) -> None:
    with Visitor(token_server, issuer.environment(issuer.token(lifetime=-100)), tmp_path) as late:
        refused_everything(late, token_server, tmp_path, "/late", "credential_expired")


def test_8_6_no_token_is_said_to_be_missing(token_server: DiskServer, issuer: Tokens, tmp_path: Path) -> None:
    with Visitor(token_server, issuer.environment(None), tmp_path) as nobody:
        refused_everything(nobody, token_server, tmp_path, "/nobodys", "credential_missing")
