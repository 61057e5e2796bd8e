"""A remote file that can seek: what is read, in how many requests, and what happens when it cannot be had."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.clock import SimulatedClock
from ddm.testing.crash import StoppingSeam
from transfers.backends.memory import MemoryStorage
from transfers.backends.posix import PosixStorage
from transfers.errors import FileMissing, SizeMismatch, Unsupported
from transfers.ranged import LARGEST, RangedFile
from transfers.wrappers import logged, seamed

DATA = bytes(range(256)) * 40


def ranged(root: Path, data: bytes = DATA, **options: int) -> RangedFile:
    (root / "a").write_bytes(data)
    return RangedFile(PosixStorage(root).storage(), "/a", len(data), **options)


@given(
    steps=st.lists(
        st.tuples(st.integers(0, len(DATA) + 5), st.integers(0, 3000), st.booleans()), max_size=30
    ),
    block=st.sampled_from([1, 100, 4096, 1 << 20]),
)
def test_it_reads_what_a_file_reads(tmp_path_factory, steps, block) -> None:
    root = tmp_path_factory.getbasetemp()
    remote, local = ranged(root, block=block), io.BytesIO(DATA)
    for offset, length, wanted in steps:
        if wanted:
            remote.want(offset, length)
        remote.seek(offset)
        local.seek(offset)
        assert remote.read(length) == local.read(length)
        assert remote.tell() == local.tell()


def test_neighbours_come_in_one_request_and_what_is_wanted_too(tmp_path: Path) -> None:
    file = ranged(tmp_path, block=1000)
    assert file.read(10) + file.read(20) == DATA[:30]
    assert file.requests == 1
    file.seek(-22, io.SEEK_END)
    assert file.read() == DATA[-22:]
    file.seek(-900, io.SEEK_END)
    file.read(5)
    assert file.requests == 2
    file.want(2000, 5000)
    file.seek(2000)
    assert b"".join(file.read(500) for _ in range(10)) == DATA[2000:7000]
    assert file.requests == 3
    file.want(0, LARGEST + 1)  # to the end, which is near
    assert file.requests == 4


def test_the_end_of_a_file_that_lost_bytes_is_told(tmp_path: Path) -> None:
    file = ranged(tmp_path)
    (tmp_path / "a").write_bytes(DATA[:-1])
    with pytest.raises(SizeMismatch, match="ends after 10239 bytes, not 10240"):
        file.read()
    (tmp_path / "a").unlink()
    with pytest.raises(FileMissing):
        ranged_again(tmp_path).read()


def ranged_again(root: Path) -> RangedFile:
    return RangedFile(PosixStorage(root).storage(), "/a", len(DATA))


def test_a_storage_that_reads_files_only_whole_says_so() -> None:
    storage = MemoryStorage("disk", SimulatedClock()).storage()
    with pytest.raises(Unsupported, match="read whole"):
        RangedFile(storage, "/a", 10)


def test_requests_cross_the_seam_and_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    seam = StoppingSeam()
    (tmp_path / "a").write_bytes(DATA)
    storage = seamed(PosixStorage(tmp_path).storage(), "disk", seam)
    storage = logged(storage, "disk", clock=SimulatedClock())
    with caplog.at_level("INFO", "transfers"):
        assert RangedFile(storage, "/a", len(DATA)).read(5) == DATA[:5]
    assert seam.crossings == ["disk.ranges"]
    assert "disk.ranges files=1" in caplog.text
    with pytest.raises(Unsupported):
        RangedFile(replace(storage, ranges=None), "/a", 5)
