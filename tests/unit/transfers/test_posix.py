"""The posix backend beyond the rules of the ports: what may not happen on a real file system."""

from __future__ import annotations

import os
import threading

import pytest

from catalog.checksum import adler32
from catalog.clock import SimulatedClock
from transfers.backends import localfiles
from transfers.backends.newfile import new_file
from transfers.backends.posix import PosixStorage, open_storage
from transfers.errors import EndpointUnreachable, FileExists, Unsupported
from transfers.model import CopyOrder, Done, Failed
from transfers.testing.suites import fetched


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "endpoint"
    root.mkdir()
    return root


@pytest.fixture
def disk(root):
    return PosixStorage(root)


def order(tmp_path, path, data):
    source = tmp_path / "source"
    source.write_bytes(data)
    return CopyOrder(path, f"file://{source}", len(data), adler32([data]))


def code(outcome):
    assert isinstance(outcome, Failed), outcome
    return outcome.code


def test_files_of_a_directory_that_is_not_mounted_are_not_missing(tmp_path):
    disk = PosixStorage(tmp_path / "not mounted")
    for call in (
        lambda: disk.probe(["/a"]),
        lambda: disk.remove(["/a"]),
        lambda: fetched(disk, "/a", str(tmp_path / "x")),
        lambda: disk.copy([order(tmp_path, "/a", b"x")]),
    ):
        with pytest.raises(EndpointUnreachable):
            call()
    assert not (tmp_path / "not mounted").exists()


@pytest.mark.parametrize(
    "path", ["/../secret", "/a/../../secret", "/a/./b", "secret", "/a/", "/", "", "/a\0b"]
)
def test_paths_that_leave_the_endpoint_are_refused(disk, tmp_path, path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"keep")
    assert code(disk.probe([path])[path]) == "permission_refused"
    assert code(disk.remove([path])[path]) == "permission_refused"
    assert code(disk.copy([order(tmp_path, path, b"x")])[path]) == "permission_refused"
    assert code(fetched(disk, path, str(tmp_path / "x"))) == "permission_refused"
    assert secret.read_bytes() == b"keep"


def test_pipes_are_not_waited_for(disk, root):
    os.mkfifo(root / "pipe")
    assert code(disk.probe(["/pipe"])["/pipe"]) == "unsupported"


def test_a_dangling_link_is_not_written_through(disk, root, tmp_path):
    (root / "a").symlink_to(tmp_path / "elsewhere")
    assert code(disk.copy([order(tmp_path, "/a", b"x")])["/a"]) == "file_exists"
    assert not (tmp_path / "elsewhere").exists()


def test_unreadable_directories_are_refused_not_missing(disk, root):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (root / "dir").mkdir()
    (root / "dir" / "a").write_bytes(b"x")
    (root / "dir").chmod(0)
    try:
        assert code(disk.probe(["/dir/a"])["/dir/a"]) == "permission_refused"
    finally:
        (root / "dir").chmod(0o755)


def test_a_file_written_while_we_copied_is_compared(disk, root, tmp_path, monkeypatch):
    ours = order(tmp_path, "/a", b"same")
    link = os.link

    def somebody_is_faster(*arguments, **named):
        (root / "a").write_bytes(content)
        link(*arguments, **named)

    monkeypatch.setattr("os.link", somebody_is_faster)
    content = b"same"
    assert disk.copy([ours]) == {"/a": Done()}
    (root / "a").unlink()
    content = b"else"
    assert code(disk.copy([ours])["/a"]) == "file_exists"
    assert (root / "a").read_bytes() == b"else"
    assert os.listdir(root) == ["a"]


def test_copies_of_the_same_file_at_once(disk, root, tmp_path):
    ours = order(tmp_path, "/a", os.urandom(300_000))
    outcomes = []
    threads = [threading.Thread(target=lambda: outcomes.append(disk.copy([ours])["/a"])) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Done()] * 6
    assert os.listdir(root) == ["a"]


def test_a_full_disk_is_a_quota_and_leaves_nothing(disk, root, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    ours = order(tmp_path, "/a", b"x")
    monkeypatch.setattr("os.fsync", full)
    assert code(disk.copy([ours])["/a"]) == "quota_exceeded"
    assert os.listdir(root) == []


def test_a_temporary_name_left_by_a_killed_process_is_passed_over(tmp_path):
    with new_file(tmp_path, named=True) as first:
        name = first.temporary.name
    before, number, _ = name.rpartition("-")[0], int(name.rpartition("-")[2].removesuffix(".part")), None
    left = tmp_path / f"{before}-{number + 1}.part"
    left.write_bytes(b"left")
    with new_file(tmp_path, named=True) as second:
        assert second.temporary.name == f"{before}-{number + 2}.part"
    assert left.read_bytes() == b"left"
    assert os.listdir(tmp_path) == [left.name]


def test_copy_new_never_replaces(tmp_path):
    source, taken = tmp_path / "s", tmp_path / "t"
    source.write_bytes(b"new")
    taken.write_bytes(b"old")
    with pytest.raises(FileExists):
        localfiles.copy_new(source, taken)
    assert taken.read_bytes() == b"old"


def test_sources_are_local_files(disk):
    foreign = CopyOrder("/a", "root://host//x", 1, adler32([b"x"]))
    assert code(disk.copy([foreign])["/a"]) == "unsupported"
    assert disk.storage().capabilities.schemes == {"file"}
    assert disk.storage().stager is None


@pytest.mark.parametrize(
    ("prefix", "options"),
    [("/data", {}), ("file://data", {}), ("file:///d", {"x": "1"}), ("file:///d", {"threads": "0"})],
)
def test_bad_prefixes_and_options_are_refused(prefix, options):
    with pytest.raises(Unsupported):
        open_storage(prefix, clock=SimulatedClock(), options=options)
