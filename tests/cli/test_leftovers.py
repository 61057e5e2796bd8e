"""``ddm leftovers``: only what is proven to be left is removed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ddm.cli.program import ddm

HOUR = 3600


def run(*arguments, code=0):
    told = CliRunner().invoke(ddm, ["leftovers", *map(str, arguments), "--json"])
    assert told.exit_code == code, told.output
    return json.loads(told.stdout)


def aged(path, seconds=2 * HOUR):
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The temporary file of a writer that was killed, two hours ago."""
    program = (
        "import os, signal, sys; from pathlib import Path; from transfers.backends.newfile import NewFile\n"
        "new = NewFile(Path(sys.argv[1]), named=True)\n"
        "new.write(memoryview(b'half'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    assert ended.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    aged(left)
    return left


def test_what_a_killed_writer_left_is_removed_when_asked(killed, tmp_path):
    (found,) = run(tmp_path, code=4)["found"]
    assert (found["path"], found["use"], found["size"]) == (str(killed), "left", 4)
    assert run(tmp_path, "--remove", code=4)["removed"] == []
    assert killed.exists()
    assert run(tmp_path, "--remove", "--yes")["removed"] == [str(killed)]
    assert list(tmp_path.iterdir()) == []
    assert run(tmp_path) == {"found": [], "removed": []}


def test_what_is_in_use_stays(tmp_path):
    from transfers.backends.newfile import new_file

    with new_file(tmp_path, named=True) as new:
        aged(new.temporary)  # even if nothing was written for long: its writer lives
        (found,) = run(tmp_path, "--remove", "--yes", code=4)["found"]
        assert (found["use"], found["why"]) == ("in use", "locked by its writer")
        assert new.temporary.exists()


@pytest.mark.parametrize(
    "name",
    [".ddm-elsewhere-1-1-1.part", ".ddm-0f3a.part", "ddm-{host}-1-1-1.part", ".ddm-{host}-1-1-1.part.root"],
)
def test_what_is_not_proven_to_be_ours_and_left_stays(tmp_path, name):
    path = tmp_path / name.format(host=os.uname().nodename)
    path.write_bytes(b"x")
    aged(path)
    found = CliRunner().invoke(ddm, ["leftovers", str(tmp_path), "--remove", "--yes", "--json"])
    assert json.loads(found.stdout)["removed"] == []
    assert path.exists()


def test_what_was_written_a_moment_ago_and_directories_of_fetches_stay(killed, tmp_path):
    os.utime(killed)
    (tmp_path / "deep" / ".ddm-fetch-x1").mkdir(parents=True)
    (tmp_path / "deep" / ".ddm-fetch-x1" / "part").write_bytes(b"12345")
    found = run(tmp_path, "--remove", "--yes", code=4)["found"]
    assert {(one["use"], one["size"]) for one in found} == {("in use", 4), ("unknown", 5)}


def test_a_link_with_the_name_of_one_is_not_followed(killed, tmp_path):
    precious = tmp_path / "precious"
    killed.rename(precious)
    killed.symlink_to(precious)
    assert run(tmp_path, "--remove", "--yes", code=4)["removed"] == []
    assert precious.exists()
    assert killed.is_symlink()
