from __future__ import annotations

import os
import zlib

import pytest

from catalog.checksum import Adler32
from merging.errors import MergeToolFailed, UnreadableInput
from merging.formats.files import Sink, blocks, new_file, one_by_one
from merging.testing import full_disk


def test_the_output_has_its_name_only_after_the_end(tmp_path):
    output = tmp_path / "merged.root"
    with new_file(output) as temporary:
        temporary.write_bytes(b"whole")
        assert temporary.name == output.name
        assert not output.exists()
    assert output.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [output]


def test_an_output_that_appears_meanwhile_is_kept(tmp_path):
    output = tmp_path / "merged.root"

    def too_late():
        with new_file(output) as temporary:
            temporary.write_bytes(b"late")
            output.write_bytes(b"first")

    with pytest.raises(FileExistsError, match="never overwritten"):
        too_late()
    assert output.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [output]


def test_a_dangling_link_counts_as_an_output(tmp_path):
    output = tmp_path / "merged.root"
    output.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError), new_file(output):
        pass


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_nothing(tmp_path, error):
    def broken():
        with new_file(tmp_path / "merged.root") as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(error):
        broken()
    assert list(tmp_path.iterdir()) == []


def test_nothing_written_is_an_error(tmp_path):
    with pytest.raises(MergeToolFailed), new_file(tmp_path / "merged.root"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failing", [1, 2])
def test_a_sync_that_fails_leaves_no_output(tmp_path, monkeypatch, failing):
    calls = []

    def fsync(handle):
        calls.append(handle)
        if len(calls) == failing:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    with (
        pytest.raises(MergeToolFailed, match="Input/output"),
        new_file(tmp_path / "merged.root") as temporary,
    ):
        temporary.write_bytes(b"whole")
    assert list(tmp_path.iterdir()) == []


def test_blocks_are_all_of_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr("merging.formats.files.BLOCK", 7)
    path = tmp_path / "file"
    path.write_bytes(bytes(range(30)))
    assert b"".join(bytes(block) for block in blocks(path)) == bytes(range(30))


def test_a_sink_sums_the_pieces_and_the_whole(tmp_path):
    path = tmp_path / "file"
    with Sink(path) as sink:
        sink.write(b"one")
        assert sink.cut() == (3, Adler32(zlib.adler32(b"one")))
        sink.write(memoryview(b"two"))
        sink.write(b"three")
        assert (sink.size, sink.tell(), sink.adler32) == (11, 11, zlib.adler32(b"onetwothree"))
        assert sink.cut() == (8, Adler32(zlib.adler32(b"twothree")))
        assert sink.cut() == (0, 1)
        assert sink.adler32 == zlib.adler32(b"onetwothree")
    assert path.read_bytes() == b"onetwothree"


def test_a_full_disk_is_told_with_file_and_offset(tmp_path):
    output = tmp_path / "merged.raw"

    def write() -> None:
        with full_disk(100), new_file(output) as temporary, Sink(temporary, output) as sink:
            for _ in range(3):
                sink.write(bytes(40))

    with pytest.raises(MergeToolFailed, match=r"merged\.raw cannot be written at offset 100: File too large"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_whole_list_of_inputs_is_looked_at_before_the_first_is_given(tmp_path):
    there = tmp_path / "there"
    there.touch()
    with pytest.raises(UnreadableInput, match="absent"):
        next(one_by_one([there, tmp_path / "absent"]))
    assert next(one_by_one(iter([there, tmp_path / "absent"]))) == there
