"""Listings of real XRootD servers: whole, or an error."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.conformance.test_xrootd import storage_at
from tests.fixtures_xrootd import stock_server
from transfers.errors import (
    EndpointUnreachable,
    PermissionRefused,
    StorageTimeout,
    UnreadableReply,
    Unsupported,
)
from transfers.model import Entry
from transfers.ports import Lister
from transfers.testing.xrootd import XRootDServer

__all__ = ["stock_server"]
pytestmark = pytest.mark.xrootd


def lister_at(server: XRootDServer, directory: str = "", **options: str) -> Lister:
    lister = storage_at(server.disk_prefix + directory, **options).lister
    assert lister is not None
    return lister


@pytest.fixture
def place(stock_server: XRootDServer, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A directory at the server, seen from the machine it runs on; the test's own."""
    name = f"/disk/{request.node.name}"
    stock_server.put(f"{name}/sub/a.raw", b"events")
    place = stock_server.disk_file(name)
    yield place
    for directory in place.iterdir():
        directory.chmod(0o755)


def below(server: XRootDServer, place: Path, *, recursive: bool = True) -> list[Entry]:
    return list(lister_at(server).list(f"/{place.name}", recursive=recursive))


def test_a_whole_endpoint_can_be_listed(stock_server: XRootDServer, place: Path) -> None:
    lister = lister_at(stock_server, f"/{place.name}")
    found = {entry.path: entry.size for entry in lister.list("/", recursive=True)}
    assert found == {"/sub": 0, "/sub/a.raw": 6}
    assert [entry.path for entry in lister.list("/sub/")] == ["/sub/a.raw"]


def test_an_empty_directory_is_a_list_of_nothing(stock_server: XRootDServer, place: Path) -> None:
    (place / "sub/a.raw").unlink()
    assert [entry.path for entry in below(stock_server, place)] == [f"/{place.name}/sub"]


def test_thousands_of_files_come_in_parts(stock_server: XRootDServer, place: Path) -> None:
    for number in range(3000):
        (place / f"sub/{number:04}").touch()
    found = [entry.path for entry in below(stock_server, place)]
    assert (len(found), len(set(found))) == (3002, 3002)


def test_a_part_that_cannot_be_read_is_an_error(stock_server: XRootDServer, place: Path) -> None:
    (place / "closed").mkdir()
    (place / "closed").chmod(0)
    assert {entry.path for entry in below(stock_server, place, recursive=False)} == {
        f"/{place.name}/sub",
        f"/{place.name}/closed",
    }
    with pytest.raises(PermissionRefused, match="closed"):
        below(stock_server, place)


def test_a_way_that_leads_back_is_an_error(stock_server: XRootDServer, place: Path) -> None:
    (place / "sub/back").symlink_to("..")
    with pytest.raises(Unsupported, match="leads back"):
        below(stock_server, place)


def test_a_name_with_a_line_break_is_an_error(stock_server: XRootDServer, place: Path) -> None:
    (place / "sub/a\nb").touch()
    with pytest.raises(UnreadableReply):
        below(stock_server, place)


def test_a_file_that_is_being_written_is_not_there_yet(stock_server: XRootDServer, place: Path) -> None:
    (place / "sub").chmod(0o777)
    written = import_module("XRootD.client").File()
    flags = import_module("XRootD.client.flags").OpenFlags
    opened, _ = written.open(f"{stock_server.disk_prefix}/{place.name}/sub/b.raw", flags.NEW | flags.POSC)
    assert opened.ok, opened
    assert (place / "sub/b.raw").exists()
    assert f"/{place.name}/sub/b.raw" not in {entry.path for entry in below(stock_server, place)}
    written.close()
    assert f"/{place.name}/sub/b.raw" in {entry.path for entry in below(stock_server, place)}


def test_a_file_is_no_directory(stock_server: XRootDServer, place: Path) -> None:
    with pytest.raises(Unsupported):
        list(lister_at(stock_server).list(f"/{place.name}/sub/a.raw"))


def test_a_server_that_is_away_or_silent_is_an_error(stock_server: XRootDServer) -> None:
    with XRootDServer.start() as server:
        server.put("/disk/sub/a.raw", b"x")
        assert len(list(lister_at(server).list("/", recursive=True))) == 2
        server.freeze()
        with pytest.raises(StorageTimeout):
            list(lister_at(server, call_timeout="1").list("/"))
        server.thaw()
        server.kill()
        with pytest.raises(EndpointUnreachable):
            list(lister_at(server).list("/"))
