"""Words that people type for places: URLs, endpoints of ddm.toml, local paths."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.clock import SimulatedClock
from catalog.errors import BadInput
from catalog.states import EndpointKind
from ddm.places import Places
from ddm.settings import EndpointSettings, Settings
from transfers.prefixes import guess
from transfers.staging import Means


def endpoint(name: str, prefix: str, backend: str = "posix") -> EndpointSettings:
    return EndpointSettings(name=name, kind=EndpointKind.DISK, backend=backend, prefix=prefix)


ENDPOINTS = {
    "eos": endpoint("eos", "root://door.example//eos/exp", "xrootd"),
    "root": endpoint("root", "root://door.example/", "xrootd"),
    "disk": endpoint("disk", "file:///data"),
    "all": endpoint("all", "file:///"),
}


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Places(Settings(root=Path("/"), endpoints=ENDPOINTS), Means(clock=SimulatedClock()))


@pytest.mark.parametrize(
    ("word", "url", "child"),
    [
        ("eos:/x", "root://door.example//eos/exp/x", "root://door.example//eos/exp/x/n"),
        ("eos:/", "root://door.example//eos/exp/", "root://door.example//eos/exp/n"),
        ("root:/x", "root://door.example//x", "root://door.example//x/n"),
        ("root:/", "root://door.example//", "root://door.example//n"),
        ("disk:/x/", "file:///data/x/", "file:///data/x/n"),
        ("all:/x", "file:///x", "file:///x/n"),
        ("/a/b", "file:///a/b", "file:///a/b/n"),
        ("/", "file:///", "file:///n"),
        ("/a/b/", "file:///a/b/", "file:///a/b/n"),
        ("root://h:1//x", "root://h:1//x", "root://h:1//x/n"),
        ("davs://h/x/", "davs://h/x/", "davs://h/x/n"),
    ],
)
def test_what_a_word_means(places, word, url, child):
    place = places.of(word)
    assert (place.url, place.child("n").url) == (url, child)


def test_a_relative_path_is_here_and_a_colon_may_be_in_a_name(places, tmp_path):
    assert places.of("a").url == f"file://{tmp_path}/a"
    assert places.of(".").local == tmp_path
    (tmp_path / "run:").mkdir()
    (tmp_path / "run:" / "x").write_text("")
    assert places.of("run:/x").local == tmp_path / "run:/x"


@pytest.mark.parametrize("word", ["nosuch:/x", "gopher://h/x"])
def test_who_is_not_known(places, word):
    with pytest.raises(BadInput):
        places.of(word)


def test_the_longest_prefix_opens_a_place_and_a_stranger_is_opened_by_its_scheme(places, tmp_path):
    storage, path = places.doors.locate("file:///data/x")
    assert path == "/x"
    assert places.doors.locate("file:///data/y")[0] is storage
    assert places.doors.locate("file:///elsewhere/y")[1] == "/elsewhere/y"


def test_files_at_a_time_are_told_to_backends_that_know_it(tmp_path):
    disk = replace(ENDPOINTS["disk"], options={"threads": "2"})
    places = Places(Settings(root=tmp_path, endpoints={"disk": disk}), Means(clock=SimulatedClock()), 7)
    options = [places.doors._backends["file:///data"], places.doors._guessed["xrootd"]]
    assert options == [("posix", {"threads": "7"}), {"copies": "7"}]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("root://h:1094//a/b", ("root://h:1094/", "xrootd")),
        ("file:///a", ("file:///", "posix")),
        ("davs://h/a", ("davs://h/", "gfal2")),
        ("root:///a", None),
        ("gopher://h/a", None),
        ("/a", None),
    ],
)
def test_which_backend_a_scheme_means(url, found):
    assert guess(url) == found
