"""Listings of local directories: links, pipes, what cannot be read, what leaves the endpoint."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from catalog.checksum import Adler32
from transfers.backends.posix import PosixStorage
from transfers.errors import EndpointUnreachable, FileMissing, PermissionRefused
from transfers.listing import table
from transfers.model import Entry


def listed(root, directory="/", *, recursive=True):
    return {entry.path: entry for entry in PosixStorage(root).list(directory, recursive=recursive)}


def test_links_are_what_they_lead_to_and_circles_end(tmp_path):
    root = tmp_path / "endpoint"
    (root / "dir").mkdir(parents=True)
    (root / "dir" / "a").write_bytes(b"events")
    (root / "dir" / "up").symlink_to(root)
    (root / "b").symlink_to(root / "dir" / "a")
    (root / "gone").symlink_to(tmp_path / "nowhere")
    (root / "self").symlink_to(root / "self")
    os.mkfifo(root / "pipe")
    found = listed(root)
    assert {path: entry.size for path, entry in found.items() if not entry.is_directory} == {
        "/b": 6,
        "/dir/a": 6,
    }
    assert {path for path, entry in found.items() if entry.is_directory} == {"/dir", "/dir/up"}


def test_times_are_utc(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    os.utime(tmp_path / "a", (1_400_000_000, 1_400_000_000))
    assert listed(tmp_path)["/a"].modified_at == datetime.fromtimestamp(1_400_000_000, UTC)


@pytest.mark.parametrize("directory", ["/..", "/a/../..", "a", "/./a", "/\0"])
def test_what_leaves_the_endpoint_is_refused(tmp_path, directory):
    with pytest.raises(PermissionRefused):
        listed(tmp_path, directory)


def test_a_file_is_no_directory(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(FileMissing):
        listed(tmp_path, "/a")


def test_what_is_not_mounted_has_no_list(tmp_path):
    with pytest.raises(EndpointUnreachable):
        listed(tmp_path / "not mounted")


def test_a_directory_that_cannot_be_read_is_no_empty_one(tmp_path, monkeypatch):
    (tmp_path / "dir").mkdir()
    scandir = os.scandir

    def refused(path):
        if path.name == "dir":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("transfers.listing.os.scandir", refused)
    entries = PosixStorage(tmp_path).list("/", recursive=True)
    assert next(entries).path == "/dir"
    with pytest.raises(PermissionRefused):
        next(entries)


def test_a_table_of_paths_has_directories():
    files = [("/a/b/c/x", 1, Adler32(7)), ("/a/b/y", 2, Adler32(8)), ("/ab/z", 3, Adler32(9))]
    assert set(table(files, "/a", recursive=False)) == {Entry("/a/b", 0, is_directory=True)}
    assert [entry.path for entry in table(files, "/a/", recursive=True)] == [
        "/a/b/c/x",
        "/a/b",
        "/a/b/c",
        "/a/b/y",
    ]
    assert {entry.path for entry in table(files, "/", recursive=False)} == {"/a", "/ab"}
    assert list(table([], "/", recursive=True)) == []
    with pytest.raises(FileMissing):
        list(table(files, "/b", recursive=True))
