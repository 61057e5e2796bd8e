from __future__ import annotations

import os

import pytest

from merging.errors import MergeToolFailed
from merging.formats.files import blocks, new_file


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
