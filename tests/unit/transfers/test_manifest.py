"""The papers of staging: what is written is read back, what is wrong is named, files come whole or not."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from catalog.papers import ManifestUnreadable, write_whole
from catalog.states import Locality
from transfers import manifest as papers
from transfers.carrying.lists import replace_file
from transfers.manifest import (
    Incoming,
    Outgoing,
    Source,
    StageIn,
    StageOut,
    dumps,
    read_manifest,
)

AT = datetime(2026, 11, 29, 10, tzinfo=UTC)
IN = StageIn(
    "j1",
    (
        Incoming(
            "/raw/a",
            "a",
            (Source("root://x//a", 3, AT, None, Locality.NEARLINE), Source("file:///y/a")),
            7,
            Adler32(0x62),
        ),
        Incoming("/raw/b", "sub/b", (Source("file:///y/b"),)),
    ),
    {"root://x/": ("xrootd", {"copies": "8"})},
)
OUT = StageOut("j1", (Outgoing("/out/c", "c", ("file:///y/c", "file:///z/c"), 7, Adler32(0x62), {"n": 3}),))


@pytest.mark.parametrize("manifest", [IN, OUT])
def test_what_is_written_is_read_back(manifest):
    assert read_manifest(dumps(manifest)) == manifest


def test_leading_zeros_of_a_checksum_are_written_and_not_needed():
    assert json.loads(dumps(OUT))["files"][0]["adler32"] == "00000062"
    assert read_manifest(dumps(OUT).replace("00000062", "62")) == OUT


def test_the_least_that_a_manifest_needs():
    text = '{"version": 1, "kind": "stage-in", "label": "j", "more": 1,'
    text += ' "files": [{"lfn": "/raw/a", "sources": [{"url": "file:///y/a", "size": null}], "new": 2}]}'
    assert read_manifest(text) == StageIn("j", (Incoming("/raw/a", "a", (Source("file:///y/a"),)),))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "version 1"),
        ({"kind": "copy"}, "kind is 'copy'"),
        ({"label": ""}, "'label'"),
        ({"label": None}, "'label'"),
        ({"files": {}}, "'files'"),
        ({"files": [3]}, "'files'"),
        ({"backends": {"p": "posix"}}, "'backends'"),
        ({"backends": 3}, "'backends'"),
    ],
)
def test_what_is_wrong_is_named(change, words):
    with pytest.raises(ManifestUnreadable, match=words.replace("(", r"\(")):
        read_manifest(json.dumps({**json.loads(dumps(IN)), **change}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lfn", None),
        ("lfn", ""),
        ("name", "../a"),
        ("name", 3),
        ("size", -1),
        ("size", "7"),
        ("size", True),
        ("adler32", "md5:62"),
        ("sources", []),
        ("sources", ["file:///y/a"]),
        ("sources", [{}]),
        ("sources", [{"url": "u", "distance": "near"}]),
        ("sources", [{"url": "u", "failed_at": "2026-11-29T10:00:00"}]),
        ("sources", [{"url": "u", "locality": "SOMEWHERE"}]),
    ],
)
def test_a_bad_field_of_a_file_is_refused(field, value):
    data = json.loads(dumps(IN))
    data["files"][0][field] = value
    with pytest.raises(ManifestUnreadable):
        read_manifest(json.dumps(data))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
places = st.sampled_from(
    [("files",), ("label",), ("backends",)]
    + [("files", 0, key) for key in ("lfn", "name", "sources", "destinations", "size", "adler32", "counters")]
    + [("files", 0, "sources", 0)]
    + [("files", 0, "sources", 0, key) for key in ("url", "distance", "succeeded_at", "locality")]
)


@given(st.sampled_from([IN, OUT]), places, json_values)
def test_nonsense_is_refused_in_a_sentence_or_read(manifest, place, value):
    data = json.loads(dumps(manifest))
    inner = data
    try:
        for key in place[:-1]:
            inner = inner[key]
    except KeyError:  # sources of a stage-out
        return
    inner[place[-1]] = value
    try:
        found = read_manifest(json.dumps(data))
    except ManifestUnreadable:
        return
    assert read_manifest(dumps(found)) == found


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null"])
def test_what_is_no_manifest_at_all(text):
    with pytest.raises(ManifestUnreadable):
        read_manifest(text)


def test_a_file_comes_whole_and_replaces_one_of_that_name(tmp_path):
    path = tmp_path / "r.json"
    path.write_text("old")
    write_whole(path, "new")
    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.json"]


def test_a_file_that_cannot_be_written_is_told_by_its_own_name(tmp_path):
    path = tmp_path / "nowhere" / "r.json"
    with pytest.raises(FileNotFoundError) as told:
        write_whole(path, "new")
    assert told.value.filename == str(path)


@pytest.mark.parametrize("write", [write_whole, lambda path, text: replace_file(path, [text])])
def test_writers_of_the_same_number_on_other_hosts_do_not_meet(tmp_path, monkeypatch, write):
    """Containers have small process numbers, and a shared file system has many of them."""
    monkeypatch.setattr(os, "getpid", lambda: 1)
    path, fsync = tmp_path / "r.json", os.fsync

    def meanwhile(descriptor):
        monkeypatch.setattr(os, "fsync", fsync)
        write(path, "the other's, which is longer")

    monkeypatch.setattr(os, "fsync", meanwhile)
    write(path, "mine")
    assert path.read_text() == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.json"]


def test_the_manifests_of_the_how_to_are_ones():
    page = Path(__file__).parents[3] / "docs" / "howto" / "worker-nodes.md"
    found = [read_manifest(text) for text in re.findall(r"```json\n(.*?)```", page.read_text(), re.DOTALL)]
    assert [type(manifest) for manifest in found] == [StageIn, StageOut]
    (first, second) = re.findall(r"\n    (\{.*?\}\})(?=\n\n)", papers.__doc__ or "", re.DOTALL)
    assert read_manifest(first).files == found[0].files
    assert read_manifest(second).files == found[1].files
