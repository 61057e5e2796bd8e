"""How the posix backend moves bytes: reflinks, nameless files, full and broken disks, kills, batches."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
from io import FileIO

import pytest

from catalog.checksum import adler32
from tests.agent import Agent
from transfers.backends import newfile, pouring
from transfers.backends.localfiles import copy_new
from transfers.backends.posix import PosixStorage
from transfers.errors import ChecksumMismatch
from transfers.model import CopyOrder, Done, Failed, FetchOrder
from transfers.testing.smalldisk import SmallDisk

DATA = os.urandom(1 << 16) * 50  # some blocks


@pytest.fixture
def root(tmp_path):
    (tmp_path / "endpoint").mkdir()
    return tmp_path / "endpoint"


@pytest.fixture
def disk(root):
    return PosixStorage(root)


@pytest.fixture
def without_nameless(monkeypatch):
    """A file system such as NFS, whose new files must have names."""
    real = os.open

    def refused(path, flags, *more, **named):
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return real(path, flags, *more, **named)

    monkeypatch.setattr("os.open", refused)


def ordered(directory, path, data=DATA):
    source = directory / f"source-{path.replace('/', '-')}"
    source.write_bytes(data)
    return CopyOrder(path, f"file://{source}", len(data), adler32([data]))


def code(outcome):
    assert isinstance(outcome, Failed), outcome
    return outcome.code


def files(directory):
    return sorted(str(file.relative_to(directory)) for file in directory.rglob("*") if not file.is_dir())


def shared(file):
    """Whether the blocks of a file are those of another one too, as filefrag tells."""
    told = subprocess.run(["filefrag", "-v", file], capture_output=True, text=True, check=True)
    return "shared" in told.stdout


def test_on_one_file_system_with_reflinks_no_byte_is_written(xfs):
    (xfs / "endpoint").mkdir()
    order = ordered(xfs, "/a")
    os.sync()
    assert PosixStorage(xfs / "endpoint").copy([order]) == {"/a": Done()}
    assert (xfs / "endpoint" / "a").read_bytes() == DATA
    assert shared(xfs / "endpoint" / "a")


def test_a_reflinked_copy_of_other_bytes_than_ordered_is_refused(xfs):
    (xfs / "endpoint").mkdir()
    order = ordered(xfs, "/a")
    (xfs / "source--a").write_bytes(DATA[:-1] + b"!")
    assert code(PosixStorage(xfs / "endpoint").copy([order])["/a"]) == "checksum_mismatch"
    assert files(xfs / "endpoint") == []


def test_what_is_proven_is_what_is_kept_not_what_the_source_is_by_now(xfs, monkeypatch):
    """The bytes at the moment of the link are wrong, and somebody mends the source before we read."""
    source = xfs / "source"
    source.write_bytes(DATA[:-1] + b"!")
    real = pouring._reflink

    def linked_and_mended(stream, new):
        assert real(stream, new)
        source.write_bytes(DATA)
        return True

    monkeypatch.setattr(pouring, "_reflink", linked_and_mended)
    with pytest.raises(ChecksumMismatch):
        copy_new(source, xfs / "copy", (len(DATA), adler32([DATA])))
    assert files(xfs) == ["source"]


@pytest.mark.parametrize("wanted", [(None, None), (len(DATA), None)])
def test_without_a_checksum_the_kernel_may_copy(tmp_path, wanted):
    (tmp_path / "source").write_bytes(DATA)
    seen = []
    copy_new(tmp_path / "source", tmp_path / "copy", wanted, seen.append)
    assert (tmp_path / "copy").read_bytes() == DATA
    assert seen[-1] == len(DATA)


@pytest.mark.parametrize("number", [errno.EXDEV, errno.ENOSYS, 0])
def test_where_the_kernel_cannot_copy_we_do(tmp_path, monkeypatch, number):
    def refused(*arguments):
        if number:
            raise OSError(number, os.strerror(number))
        return 0

    (tmp_path / "source").write_bytes(DATA)
    monkeypatch.setattr("os.copy_file_range", refused)
    copy_new(tmp_path / "source", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == DATA


def test_a_killed_copy_leaves_nothing(root, tmp_path):
    order = ordered(tmp_path, "/a")
    program = f"""
import os, signal
from catalog.checksum import Adler32
from pathlib import Path
from transfers.backends.posix import PosixStorage
from transfers.model import CopyOrder
class Watch:
    def moved(self, key, done):
        if done: os.kill(os.getpid(), signal.SIGKILL)
    def stopped(self): return False
order = CopyOrder("/a", {order.source!r}, {order.size}, Adler32({int(order.adler32)}))
PosixStorage(Path({str(root)!r})).copy([order], Watch())
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert files(root) == []
    assert PosixStorage(root).copy([order]) == {"/a": Done()}


def test_without_nameless_files_there_is_a_locked_temporary_one(disk, root, tmp_path, without_nameless):
    order = ordered(tmp_path, "/a")
    found = []

    class Looking:
        def moved(self, key, done):
            (name,) = files(root)
            with open(root / name, "rb") as other, pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found.append(name)

        def stopped(self):
            return False

    assert disk.copy([order], _After(Looking())) == {"/a": Done()}
    assert {name.startswith(".ddm-") and name.endswith(".part") for name in found} == {True}
    assert files(root) == ["a"]


class _After:
    """Passes on what is told once bytes have moved."""

    def __init__(self, watch):
        self.watch = watch

    def moved(self, key, done):
        if done:
            self.watch.moved(key, done)

    def stopped(self):
        return False


def test_a_taken_name_is_not_replaced_by_a_temporary_one(disk, root, tmp_path, without_nameless):
    order = ordered(tmp_path, "/a")
    (root / "a").write_bytes(b"other")
    assert code(disk.copy([order])["/a"]) == "file_exists"
    assert (root / "a").read_bytes() == b"other"


def test_a_disk_that_is_full_is_said_to_be(root, tmp_path):
    orders = [ordered(tmp_path, "/fits", b"x" * 1000), ordered(tmp_path, "/large")]
    with SmallDisk(root, 1 << 20) as small, Agent(small.environment) as agent:
        outcomes = agent.call("copy", f"file://{root}", orders, "posix").of
        assert outcomes["/fits"] == Done()
        assert code(outcomes["/large"]) == "quota_exceeded"
        assert str(root) in outcomes["/large"].text
        assert files(root) == ["fits"]
        again = ordered(tmp_path, "/again", bytes(1_000_000))
        told = agent.call("copy", f"file://{root}", [again], "posix")
        assert told.of["/again"] == Done()  # nothing keeps the room


@pytest.mark.parametrize(
    ("number", "expected"),
    [(errno.EIO, "storage"), (errno.ESTALE, "endpoint_unreachable"), (errno.EDQUOT, "quota_exceeded")],
)
def test_who_is_at_fault_is_said(disk, root, tmp_path, monkeypatch, number, expected):
    order = ordered(tmp_path, "/a")

    class Broken(FileIO):
        def readinto(self, buffer):
            raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr("transfers.backends.localfiles.FileIO", Broken)
        outcome = disk.copy([order])["/a"]
    assert code(outcome) == expected
    assert order.source.removeprefix("file://") in outcome.text

    def full(descriptor, block):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr("os.write", full)
        outcome = disk.copy([order])["/a"]
    assert code(outcome) == expected
    assert str(root) in outcome.text
    assert files(root) == []


def test_many_small_files_wait_for_one_sync_per_directory(disk, root, tmp_path, monkeypatch):
    orders = [ordered(tmp_path, f"/new/dir{n % 2}/f{n}", b"%d" % n) for n in range(20)]
    synced, real = [], os.fsync

    def fsync(descriptor):
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    assert set(disk.copy(orders).values()) == {Done()}
    directories = [place for place in synced if os.path.isdir(place)]
    assert sorted(directories) == [str(root), f"{root}/new", f"{root}/new/dir0", f"{root}/new/dir1"]
    assert len(synced) == 24  # every file once as well
    assert files(root) == sorted(order.path[1:] for order in orders)


def test_a_directory_that_cannot_be_forced_to_disk_fails_its_files_only(disk, root, tmp_path, monkeypatch):
    orders = [ordered(tmp_path, "/bad/a", b"a"), ordered(tmp_path, "/good/b", b"b")]
    real = os.fsync

    def fsync(descriptor):
        if os.readlink(f"/proc/self/fd/{descriptor}") == f"{root}/bad":
            raise OSError(errno.EIO, "Input/output error")
        real(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    outcomes = disk.copy(orders)
    assert code(outcomes["/bad/a"]) == "storage"
    assert outcomes["/good/b"] == Done()
    monkeypatch.undo()
    assert set(disk.copy(orders).values()) == {Done()}  # adopted


def test_who_had_enough_stops_what_is_under_way_and_what_waits(disk, root, tmp_path):
    orders = [ordered(tmp_path, f"/f{n}") for n in range(30)]

    class Watch:
        def __init__(self):
            self.keys = set()

        def moved(self, key, done):
            self.keys.add(key)

        def stopped(self):
            return len(self.keys) >= 10

    outcomes = disk.copy(orders, Watch())
    stopped = [path for path, outcome in outcomes.items() if outcome != Done()]
    assert {code(outcomes[path]) for path in stopped} == {"transfer_stopped"}
    assert len(stopped) >= 20
    assert files(root) == sorted(path[1:] for path, outcome in outcomes.items() if outcome == Done())


def test_fetches_go_side_by_side(root, tmp_path):
    """Two fetches that only end when both have begun."""
    for name in "ab":
        (root / name).write_bytes(DATA)
    both = threading.Barrier(2, timeout=20)

    class Watch:
        def moved(self, key, done):
            if done == len(DATA):
                both.wait()

        def stopped(self):
            return False

    orders = [FetchOrder(f"/{name}", str(tmp_path / name), len(DATA), adler32([DATA])) for name in "ab"]
    assert set(PosixStorage(root, threads=2).fetch(orders, Watch()).values()) == {Done()}


def test_a_destination_directory_that_vanishes_is_no_missing_source(disk, root, tmp_path, monkeypatch):
    order = ordered(tmp_path, "/dir/a")
    real = newfile.NewFile.force

    def vanishes(new):
        real(new)
        os.rmdir(root / "dir")

    monkeypatch.setattr(newfile.NewFile, "force", vanishes)
    assert code(disk.copy([order])["/dir/a"]) == "endpoint_unreachable"
