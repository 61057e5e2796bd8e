"""What is asked of an XRootD server."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from catalog.clock import SimulatedClock
from transfers.backends.xrootd import commands, open_storage
from transfers.backends.xrootd.commands import (
    Endpoint,
    Limits,
    ThirdParty,
    chunks,
    named,
    parameters,
    query_text,
    requests_of,
    split_url,
    token_of,
)
from transfers.errors import PermissionRefused, Unsupported

HOW_TO = Path(__file__).parents[3] / "docs/howto/xrootd-tape.md"


@pytest.mark.parametrize(
    ("prefix", "server", "base"),
    [
        ("root://door.example//eos/exp", "root://door.example", "/eos/exp"),
        ("root://door.example//eos/exp/", "root://door.example", "/eos/exp"),
        ("root://door.example:1094/", "root://door.example:1094", ""),
        ("root://door.example:1094", "root://door.example:1094", ""),
        ("roots://user@[::1]:1094//x", "roots://user@[::1]:1094", "/x"),
    ],
)
def test_a_prefix_and_a_path_make_the_servers_name(prefix: str, server: str, base: str) -> None:
    endpoint = Endpoint.parse(prefix)
    assert (endpoint.server, endpoint.base) == (server, base)
    assert endpoint.name("/run1/a.raw") == f"{base}/run1/a.raw"
    assert commands.url_of(server, endpoint.name("/a")) == f"{server}/{base}/a"


@pytest.mark.parametrize(
    "prefix", ["", "/eos", "file:///x", "root:///x", "root://host//a?b", "root://host//../x"]
)
def test_what_is_not_a_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(Unsupported):
        Endpoint.parse(prefix)


@pytest.mark.parametrize(
    "path", ["a", "", "/", "/a/", "/../a", "/a/../../b", "/a/./b", "/a?b", "/a\nb", "/a\0"]
)
def test_a_path_that_a_server_would_take_for_another_is_refused(path: str) -> None:
    names, refused = named(Endpoint.parse("root://host//base"), ["/good", path])
    assert names == {"/good": "/base/good"}
    assert set(refused) == {path}
    assert refused[path].code in (PermissionRefused.code, Unsupported.code)


def test_names_of_other_servers() -> None:
    assert split_url("root://host:1//a/b") == ("root://host:1", "/a/b")
    assert split_url("root://host:1/a/b") == ("root://host:1", "/a/b")
    assert split_url("file:///a/b") is None
    assert split_url("rootx://host//a") is None
    with pytest.raises(Unsupported):
        split_url("root://host//a?authz=x")


def test_limits_come_from_options() -> None:
    limits = Limits.parse({"tape": "True", "timeout": "5", "max_files": "48"})
    assert limits == Limits(tape=True, timeout=5, max_files=48)
    assert Limits.parse({}) == Limits()


@pytest.mark.parametrize(
    "options",
    [
        {"tape": "yes"},
        {"activity": "T0"},
        {"states": "guess"},
        {"asks": "0"},
        {"timeout": "0"},
        {"timeout": "1.5"},
        {"copies": "70000"},
        {"tapes": "true"},
    ],
)
def test_an_option_that_cannot_be_is_named(options: dict[str, str]) -> None:
    with pytest.raises(Unsupported, match=next(iter(options))):
        Limits.parse(options)


def test_a_checksum_may_take_longer_for_a_larger_file() -> None:
    limits = Limits(checksum_timeout=300)
    assert [limits.checksum_deadline(size) for size in (0, 4_000_000_000, 10**12)] == [60, 260, 300]
    assert Limits(checksum_timeout=5).checksum_deadline(0) == 5


def test_a_prepare_request_may_take_longer_for_more_files() -> None:
    assert [Limits(timeout=30).prepare_deadline(files) for files in (1, 48, 1000)] == [30, 32, 80]


def test_opening_a_storage_asks_nothing_of_the_server() -> None:
    pytest.importorskip("XRootD")
    disk = open_storage("root://127.0.0.1:1//x", clock=SimulatedClock(), options={})
    tape = open_storage(
        "root://127.0.0.1:1//x", clock=SimulatedClock(), options={"tape": "true", "max_files": "9"}
    )
    assert disk.stager is None
    assert not disk.capabilities.tape
    assert tape.stager is not None
    assert tape.capabilities.tape
    assert tape.capabilities.max_files_per_call == 9
    assert {"file", "root"} <= disk.capabilities.schemes


def test_without_the_client_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transfers.backends.xrootd.storage", None)
    with pytest.raises(Unsupported, match=r"ddm\[xrootd\]"):
        open_storage("root://127.0.0.1:1//x", clock=SimulatedClock(), options={})


def test_a_copy_by_a_third_party_persists_on_close_and_never_overwrites() -> None:
    job = ThirdParty("root://here//a", "root://there//b").arguments(Limits())
    assert (job["posc"], job["force"], job["thirdparty"]) == (True, False, "only")


def test_texts_and_chunks() -> None:
    assert query_text("id:1", ["/a", "/b c"]) == "id:1\n/a\n/b c"
    assert query_text("", ["/a"]) == "0\n/a"
    assert requests_of(token_of(["id:1", "id:2", "id:1"])) == ["id:1", "id:2"]
    assert requests_of("") == []
    assert [list(part) for part in chunks([1, 2, 3], 2)] == [[1, 2], [3]]
    assert list(chunks([], 2)) == []


def test_an_activity_is_told_behind_the_name() -> None:
    assert parameters("") == ""
    assert parameters("T0 export") == "?activity=T0 export"


@pytest.mark.parametrize("activity", ["a&eos.ruid=0", "a?b", "a=b", "a%20b", " a", "a\nb", "a" * 65, "ä"])
def test_an_activity_that_would_be_taken_for_something_else_is_refused(activity: str) -> None:
    with pytest.raises(Unsupported, match="activity"):
        parameters(activity)


def test_every_option_and_its_default_is_in_the_how_to() -> None:
    text = HOW_TO.read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", text, re.MULTILINE))
    assert rows == {item.name: str(item.default).lower() for item in fields(Limits)}


def test_every_limit_of_the_library_is_in_the_how_to() -> None:
    library = pytest.importorskip("transfers.backends.xrootd.library")
    text = HOW_TO.read_text()
    rows = {name: int(value) for name, value in re.findall(r"^\| `XRD_(\w+)` \| (\d+)", text, re.MULTILINE)}
    limits = {key.upper(): value for key, value in library.LIMITS.items() if key != "RunForkHandler"}
    assert rows == limits
