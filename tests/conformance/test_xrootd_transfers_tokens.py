"""Cases of test_xrootd_transfers once more, over TLS and with a token shown, without the client library.

And that nothing is told to a server that is not the one it should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.checksum import adler32
from catalog.clock import SystemClock
from tests.conformance import test_xrootd_transfers as cases
from tests.copyfield import STREAMED, UPLOADED, Field, Road, by_road, open_field
from tests.fixtures_xrootd import issuer, xrootd_programs
from transfers.backends.xrootd import open_storage, securewire
from transfers.backends.xrootd.copies import Copier
from transfers.backends.xrootd.plainwire import NotPlain
from transfers.errors import StorageError
from transfers.model import CopyOrder, Done, Failed
from transfers.testing.suites import code_of
from transfers.testing.xrootd_disk import DiskServer, Security
from transfers.testing.xrootd_security import Tokens

__all__ = ["issuer", "xrootd_programs"]
pytestmark = pytest.mark.xrootd


@pytest.fixture(scope="module")
def security(issuer: Tokens) -> Security:
    return issuer.security()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, issuer: Tokens, security: Security) -> Iterator[Field]:
    with open_field(tmp_path_factory.mktemp("tokens"), security=security) as ground:
        ground.environment |= issuer.environment(issuer.token())
        ground.options |= {"timeout": "2", "copy_timeout": "10"}  # there is more to be computed than without
        yield ground


@pytest.fixture
def ground(shared: Field) -> Iterator[Field]:
    yield shared
    shared.heal()


@by_road()
def test_1_1_nothing_is_there(ground: Field, road: Road) -> None:
    cases.test_1_1_nothing_is_there(ground, road)


def test_2_4_its_bytes_are_others(ground: Field) -> None:
    cases.test_2_4_its_bytes_are_others(ground, STREAMED)


def test_3_3_the_source_is_killed_in_the_middle(ground: Field) -> None:
    cases.test_3_3_the_source_is_killed_in_the_middle(ground, STREAMED)


def test_3_4_the_destination_is_killed_in_the_middle(ground: Field) -> None:
    cases.test_3_4_the_destination_is_killed_in_the_middle(ground, UPLOADED)


def test_4_4_the_destination_falls_silent_in_the_middle(ground: Field) -> None:
    cases.test_4_4_the_destination_falls_silent_in_the_middle(ground, UPLOADED)


def test_5_1_a_byte_changes_on_the_way(ground: Field) -> None:
    """TLS sees it, and ends the connection."""
    cases.test_5_1_a_byte_changes_on_the_way(ground, STREAMED)


def test_5_2_the_connection_breaks_in_the_middle(ground: Field) -> None:
    cases.test_5_2_the_connection_breaks_in_the_middle(ground, STREAMED)


# -------------------------------------------------------------------------------------- here, in this process
@pytest.fixture
def server(shared: Field) -> DiskServer:
    return shared.there


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, issuer: Tokens) -> pytest.MonkeyPatch:
    """The environment of a client with a valid token."""
    monkeypatch.setenv("X509_CERT_DIR", str(issuer.authorities))
    monkeypatch.setenv("BEARER_TOKEN", issuer.token())
    return monkeypatch


def copier_at(server: DiskServer) -> Copier:
    copier = open_storage(server.prefix, clock=SystemClock(), options={"timeout": "10"}).copier
    assert isinstance(copier, Copier)
    return copier


def uploads(tmp_path: Path, server: DiskServer, count: int) -> list[CopyOrder]:
    orders = []
    for number in range(count):
        data = bytes([number % 256]) * (100_000 * (number % 3) + number)
        source = tmp_path / f"f{number}"
        source.write_bytes(data)
        orders.append(CopyOrder(f"/{tmp_path.name}/{number}", f"file://{source}", len(data), adler32([data])))
    return orders


def test_the_library_is_not_needed(server: DiskServer, shown: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copier = copier_at(server)
    orders = uploads(tmp_path, server, 50)
    assert copier.copy(orders) == {order.path: Done() for order in orders}
    assert not copier._pool.needs_library(server.url())
    for order in orders:
        assert server.file(order.path).read_bytes() == Path(order.source.removeprefix("file://")).read_bytes()


def test_a_connection_is_not_used_with_another_token(
    server: DiskServer, shown: pytest.MonkeyPatch, issuer: Tokens, tmp_path: Path
) -> None:
    """A connection has the rights of the token that was shown when it was made."""
    copier = copier_at(server)
    first, second = uploads(tmp_path, server, 2)
    assert copier.copy([first]) == {first.path: Done()}
    shown.setenv("BEARER_TOKEN", issuer.token("storage.read:/"))
    outcome = copier.copy([second])[second.path]
    assert isinstance(outcome, Failed)
    assert code_of(outcome) == "permission_refused"
    shown.setenv("BEARER_TOKEN", issuer.token())
    assert copier.copy([second]) == {second.path: Done()}


def test_nothing_is_shown_to_a_server_of_another_authority(
    server: DiskServer, shown: pytest.MonkeyPatch, xrootd_programs: None
) -> None:
    with Tokens.make() as stranger:
        shown.setenv("X509_CERT_DIR", str(stranger.authorities))
        with pytest.raises(NotPlain):
            securewire.connect(server.url())


def test_without_a_token_the_library_tells_why(server: DiskServer, shown: pytest.MonkeyPatch) -> None:
    shown.delenv("BEARER_TOKEN")
    shown.setenv("BEARER_TOKEN_FILE", "/nowhere")
    with pytest.raises(NotPlain):
        securewire.connect(server.url())


def test_a_server_that_is_not_there_is_unreachable(server: DiskServer, shown: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError, match="refused"):
        copier_at_nobody().copy([CopyOrder("/a", "file:///dev/null", 0, adler32([]))])


def copier_at_nobody() -> Copier:
    copier = open_storage("roots://127.0.0.1:1//data", clock=SystemClock(), options={}).copier
    assert isinstance(copier, Copier)
    return copier
