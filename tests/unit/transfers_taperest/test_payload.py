"""What is asked of a Tape REST service: options, names, bodies."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from catalog.clock import SimulatedClock
from transfers import registry
from transfers.backends.taperest.payload import Options, duration, named, segment, stage_body
from transfers.errors import Unsupported
from transfers.model import StageOrder

PREFIX = "https://tape.example:8444"


def options(prefix: str = PREFIX, **values: str) -> Options:
    return Options.parse(prefix, values)


def test_the_stager_is_found_by_its_name():
    stager = registry.open_stager("taperest", PREFIX, clock=SimulatedClock(), options={})
    assert type(stager).__name__ == "TapeRestStager"


@pytest.mark.parametrize(
    ("prefix", "server", "directory"),
    [
        ("https://tape.example:8444", "https://tape.example:8444", ""),
        ("https://tape.example/", "https://tape.example", ""),
        ("davs://tape.example:8444//eos/exp/", "https://tape.example:8444", "/eos/exp"),
        ("http://[::1]:80/x", "http://[::1]:80", "/x"),
    ],
)
def test_a_prefix_is_a_server_and_perhaps_a_directory(prefix: str, server: str, directory: str):
    read = options(prefix)
    assert (read.server, read.path_prefix) == (server, directory)


@pytest.mark.parametrize(
    "prefix",
    [
        "root://tape.example//eos",
        "https://",
        "tape.example",
        "https://me:secret@host",
        "https://h/a?b",
        "https://h/../x",
    ],
)
def test_other_prefixes_are_refused(prefix: str):
    with pytest.raises(Unsupported):
        options(prefix)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_file", "5"),
        ("server", "https://other"),
        ("max_files", "0"),
        ("max_files", "many"),
        ("timeout", "0"),
        ("timeout", "1e9"),
        ("timeout", "nan"),
        ("confirm", "yes"),
        ("endpoint", "tape.example"),
        ("endpoint", "ftp://tape.example/api"),
        ("token_file", ""),
        ("proxy", "a\nb"),
        ("path_prefix", "/eos/../x"),
    ],
)
def test_bad_options_are_refused_by_name(name: str, value: str):
    with pytest.raises(Unsupported, match=name):
        options(**{name: value})


def test_a_directory_is_given_once():
    with pytest.raises(Unsupported, match="path_prefix"):
        options(PREFIX + "/eos", path_prefix="/eos")


def test_options_that_can_be():
    read = options(
        path_prefix="eos//exp/", timeout="2.5", max_files="7", confirm="False", endpoint="https://x:1/api/v1/"
    )
    assert read.path_prefix == "/eos/exp"
    assert (read.timeout, read.max_files, read.confirm) == (2.5, 7, False)
    assert read.endpoint == "https://x:1/api/v1"


def test_names_stay_inside_and_are_clean():
    names, refused = named(
        options(path_prefix="/eos"), ["/a//b.raw", "/a/../b", "x", "/dir/", "/a\nb", "/ü+ %.raw"]
    )
    assert names == {"/a//b.raw": "/eos/a/b.raw", "/ü+ %.raw": "/eos/ü+ %.raw"}
    assert {path: outcome.code for path, outcome in refused.items()} == {
        "/a/../b": "permission_refused",
        "x": "permission_refused",
        "/dir/": "permission_refused",
        "/a\nb": "unsupported",
    }


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (timedelta(days=2), "P2D"),
        (timedelta(hours=1), "PT3600S"),
        (timedelta(days=1, seconds=1), "PT86401S"),
        (timedelta(0), "PT1S"),
        (timedelta(milliseconds=-5), "PT1S"),
    ],
)
def test_durations_are_days_or_seconds(time: timedelta, text: str):
    assert duration(time) == text


def test_metadata_go_to_the_site_they_are_for_and_only_if_there_are_some():
    orders = {"/a": StageOrder("/a", 1, activity="merge"), "/b": StageOrder("/b", 1, timedelta(hours=1))}
    with_site = json.loads(stage_body(orders, "cern-tape"))["files"]
    assert with_site == [
        {"path": "/a", "diskLifetime": "P2D", "targetedMetadata": {"cern-tape": {"activity": "merge"}}},
        {"path": "/b", "diskLifetime": "PT3600S"},
    ]
    assert "targetedMetadata" not in json.loads(stage_body(orders, ""))["files"][0]


def test_an_id_is_one_part_of_the_url():
    assert segment("a-b:12") == "a-b:12"
    assert segment("../x y?") == "..%2Fx%20y%3F"
    assert segment("") == "ddm"
