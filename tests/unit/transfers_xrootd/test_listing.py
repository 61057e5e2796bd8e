"""Listings of managers, which real test servers are not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("XRootD")

from transfers.backends.xrootd.client import Client, Part, Row
from transfers.backends.xrootd.commands import Endpoint, Limits
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.listing import Lister
from transfers.errors import StorageTimeout, TransientStorageError, UnreadableReply, Unsupported

GOOD = SimpleNamespace(ok=True)


def lister(servers: list[str], parts: dict[str, list[Part | Trouble]]) -> Lister:
    """A server that gives these parts of each directory."""
    client = Client("root://played:1", Limits(timeout=1, call_timeout=1))

    def deeplocate(name: str, flags: int, timeout: int, callback: Any) -> Any:
        callback(GOOD, SimpleNamespace(locations=[SimpleNamespace(address=each) for each in servers]), None)
        return GOOD

    def list_directory(name: str, land: Any) -> None:
        for part in parts[name]:
            land(part)

    client._files = SimpleNamespace(deeplocate=deeplocate)
    client.list_directory = list_directory  # type: ignore[method-assign]
    return Lister(client, Endpoint.parse("root://played:1//data"))


def row(name: str, flags: int = 48) -> Row:
    return Row(name, 1, flags, 0, "", "")


def test_a_directory_that_several_servers_share_is_refused() -> None:
    with pytest.raises(Unsupported, match="several servers"):
        list(lister(["a:1", "b:1"], {}).list("/dir"))
    parts: dict[str, list[Part | Trouble]] = {"/data/dir": [Part([row("x")], True)]}
    assert [entry.path for entry in lister(["a:1"], parts).list("/dir")] == ["/dir/x"]
    assert [entry.path for entry in lister([], parts).list("/dir")] == ["/dir/x"]


def test_a_list_that_breaks_off_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Part([row("x")], False)
    broken: dict[str, list[Part | Trouble]] = {"/data/dir": [first, Trouble(303, text="not whole")]}
    with pytest.raises(UnreadableReply):
        list(lister([], broken).list("/dir"))
    monkeypatch.setattr("transfers.backends.xrootd.client._GRACE", -0.9)
    with pytest.raises(StorageTimeout):
        list(lister([], {"/data/dir": [first]}).list("/dir"))


def test_a_directory_that_vanishes_while_it_is_listed_is_no_word_about_the_one_asked_for() -> None:
    gone = Trouble(400, 3011, "no such file")
    parts: dict[str, list[Part | Trouble]] = {
        "/data/dir": [Part([row("sub", 51)], True)],
        "/data/dir/sub": [gone],
    }
    with pytest.raises(TransientStorageError):
        list(lister([], parts).list("/dir", recursive=True))
