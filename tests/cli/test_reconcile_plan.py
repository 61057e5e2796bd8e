"""ddm reconcile plan, sign, apply: differences really made on a disk and a tape, found twice, repaired."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from zlib import adler32

import pytest

from catalog.errors import ExitCode
from ddm.reconcile import scanning
from tests.cli.place import Place
from tests.cli.test_reconcile_compare import at, look, raw, register, spoil

NEW = "/b/new.root"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Ten files on disk, three of them on tape as well, registered with their true values."""
    monkeypatch.setattr(scanning, "AGAIN", ())
    place = Place(tmp_path)
    toml = place.root / "ddm.toml"
    text = toml.read_text()
    text = text.replace('backend = "simtape"', 'backend = "posix"').replace("simtape://", "file://")
    toml.write_text(re.sub(r'options = \{ "drives.*', "", text) + '\n[reconcile]\nconfirm_after = "0 s"\n')
    place.good("db", "upgrade")
    register(place, "disk", range(10))
    register(place, "tape", range(3))
    place.good("flow", "once")
    with sqlite3.connect(place.root / "ddm.db") as base:  # no directory says that its files are on tape
        base.execute("UPDATE replica SET state = 'AVAILABLE' WHERE state = 'ARCHIVING'")
    base.close()
    return place


def states(place: Place) -> dict[str, str]:
    """State of every copy that is not DELETED, by endpoint and path."""
    return {
        f"{copy['endpoint']}:{copy['path']}": copy["state"]
        for number in range(10)
        for copy in place.json("file", "show", raw(number))["replicas"]
        if copy["state"] != "DELETED"
    }


def confirmed(place: Place) -> Path:
    """A plan of what two scans found, not edited."""
    look(place, "disk", "tape", code=ExitCode.DONE)
    spoil(place)
    for _ in range(2):
        look(place, "disk", "tape")
    file = place.root / "repair.txt"
    place.good("reconcile", "plan", "--out", file)
    return file


def test_from_the_scans_to_the_repair_and_to_a_comparison_that_finds_it_done(place):
    file = confirmed(place)
    text = file.read_text()
    assert f"\n# -\tdisk\t{NEW}\t3\t-" in text
    asked = place.good("reconcile", "plan", "--checksums")
    assert f"\n# trash\tdisk\t{NEW}\t3\t{adler32(b'new'):08x}\t" in asked, "its listing told no checksum"
    done = [line.split("\t")[:3] for line in text.splitlines() if line.strip() and line[0] != "#"]
    assert sorted(done) == sorted(
        [
            ["mark-lost", "disk", raw(5)],
            ["re-verify", "disk", raw(6)],
            ["recall", "disk", raw(0)],
            ["re-archive", "tape", raw(1)],
            ["adopt", "disk", raw(7)],
        ]
    )
    explained = place.good("reconcile", "explain", f"disk:{raw(5)}")
    assert "may be in plan 2, which is PLANNED" in explained
    assert "is there already" in place.refused(ExitCode.USAGE, "reconcile", "plan", "--out", file)
    before = file.read_bytes()
    told = place.run("reconcile", "sign", file)
    assert (told.exit_code, file.read_bytes()) == (0, before)
    assert "nothing was signed; add --confirm 5" in told.stderr
    assert "it is not signed" in place.refused(ExitCode.USAGE, "reconcile", "apply", file, "--yes")
    assert "4 was typed" in place.refused(ExitCode.USAGE, "reconcile", "sign", file, "--confirm", 4)
    signed = place.json("reconcile", "sign", file, "--confirm", 5, "--actor", "A. Shift")
    assert (signed["files"], signed["signature"]["by"]) == (5, "A. Shift")
    told = place.run("reconcile", "apply", file)
    assert (told.exit_code, place.json("reconcile", "plans", 1)["plan"]["state"]) == (0, "SIGNED")
    applied = place.json("reconcile", "apply", file, "--yes")
    assert (applied["stopped"], applied["left"]) == ("", 0)
    (redo,) = applied["shown"]["redo"]
    assert (redo["lfn"], redo["run"]) == (raw(5), 275678)
    assert states(place)[f"disk:{raw(5)}"] == "LOST"
    explained = place.good("reconcile", "explain", f"disk:{raw(5)}")
    assert "  plan 1, DONE: mark-lost, done\n  a new scan of disk shows what came of it" in explained
    assert "A. Shift" in place.good("file", "history", raw(5))
    for _ in range(3):
        place.run("flow", "once")
    after = states(place)
    assert (after[f"disk:{raw(0)}"], after[f"disk:{raw(5)}"], after[f"disk:{raw(6)}"]) == (
        "LOST",
        "LOST",
        "BAD",
    )
    assert (after["disk:/b/cdr11007-275678.raw"], after[f"tape:{raw(1)}"]) == ("AVAILABLE", "ARCHIVING")
    assert at(place, "tape", 1).read_bytes() == at(place, "disk", 1).read_bytes()
    again = look(place, "disk", "tape")
    found = {one["kind"]: one["places"] for one in again["counts"]}
    assert found.keys() - {"in flight"} == {"consistent", "size differs", "dark", "duplicate name"}
    assert (place.root / f"disk{NEW}").read_text() == "new"
    listed = place.good("reconcile", "plans")
    assert ("DONE" in listed, listed.count(" done")) == (True, 1)  # one sum, whatever was done
    assert place.json("reconcile", "apply", file, "--yes")["shown"] == applied["shown"] | {
        "redo": place.json("reconcile", "plans", 1)["redo"]
    }


def test_faults_are_told_at_once_and_nothing_is_signed(place):
    file = confirmed(place)
    text = file.read_text()
    file.write_text(text.replace("mark-lost\t", "trash\t").replace("re-verify\t", "forget\t"))
    told = place.run("reconcile", "sign", file, "--yes")
    assert told.exit_code == ExitCode.USAGE
    assert len(re.findall(r"^line \d+: ", told.stdout, re.M)) == 2
    assert "2 faults" in told.stderr
    assert "#=" not in file.read_text()
    for wrong, words in ((place.root / "ddm.toml", "this is no plan"), (place.root / "none", "No such file")):
        assert words in place.refused(ExitCode.USAGE, "reconcile", "sign", wrong, "--yes")
    assert "no such plan of repair" in place.refused(ExitCode.FAILED, "reconcile", "plans", 99)
    assert "no such comparison" in place.refused(ExitCode.FAILED, "reconcile", "plan", 99)
    for bytes_, words in (
        (b"", "the file is empty"),
        (text.encode("utf-16"), "UTF-16"),
        (b"\xef\xbb\xbf" + text.encode(), "save it as plain UTF-8"),
        (text.replace("\t", "    ").encode(), "spaces of the tabs"),
    ):
        file.write_bytes(bytes_)
        assert words in place.refused(ExitCode.USAGE, "reconcile", "sign", file, "--yes")
    file.write_text(re.sub("^(?=[a-z])", "# ", text, flags=re.M))
    assert "no line of it is to be done" in place.good("reconcile", "sign", file)
    place.good("reconcile", "cancel", 1, "--reason", "a try")
    assert "CANCELED" in place.refused(ExitCode.FAILED, "reconcile", "resume", 1, "--reason", "go on")


def test_what_nobody_knows_and_is_to_go_is_told_until_it_is_gone(place):
    confirmed(place)
    file = place.root / "dark.txt"
    place.good("reconcile", "plan", "--checksums", "--out", file)
    text = file.read_text()
    assert "\n# dark: there, and nobody knows it\n# possible: adopt, trash\n" in text
    lines = text.splitlines(keepends=True)
    dark = "".join(
        one for one in lines if one.startswith(("# trash", "#:", "# ddm")) and "duplicate" not in one
    )
    file.write_text(dark.replace(f"# trash\tdisk\t{NEW}", f"trash\tdisk\t{NEW}"))
    assert "1 of its 1 files are known to nobody" in place.refused(
        ExitCode.USAGE, "reconcile", "sign", file, "--yes"
    )
    place.good("reconcile", "sign", file, "--confirm", 1)
    told = place.good("reconcile", "apply", file, "--yes")
    assert "1 wait (3 B): the flow removes them from " in told
    assert "besides, 1 file that nobody knows (3 B), to go from " in place.good("trash", "list")
    assert place.json("reconcile", "plans", 2)["noted"]["waiting"] == 1
    place.good("reconcile", "cancel", 2, "--reason", "it is wanted")
    assert "0 are removed, 1 are spared" in place.good("reconcile", "plans", 2)
    assert "besides" not in place.good("trash", "list")


def test_a_plan_on_the_screen_can_be_kept_as_it_is(place):
    confirmed(place)
    (place.root / "again.txt").write_text(place.good("reconcile", "plan", "--endpoint", "disk"))
    assert place.json("reconcile", "sign", place.root / "again.txt", "--yes")["files"] == 4


@pytest.mark.timeout(300)
def test_killed_and_interrupted_at_any_moment_it_goes_on(place):
    """Real signals, to a process of its own; tests/reconcile/test_repairs.py stops it at every crossing."""
    file = confirmed(place)
    place.good("reconcile", "sign", file, "--yes")
    chance, ends = random.Random(8), []
    words = [sys.executable, "-m", "ddm", "reconcile", "apply", str(file), "--yes"]
    for number in range(6):
        child = subprocess.Popen(
            [*words, "--config", str(place.root / "ddm.toml")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        time.sleep(chance.uniform(0.2, 2.5))
        child.send_signal(signal.SIGINT if number % 2 else signal.SIGKILL)
        _, told = child.communicate(timeout=60)
        assert "ddm/operations" not in told, told
        ends.append(child.returncode)
    done = place.json("reconcile", "apply", file, "--yes")
    assert done["shown"]["plan"]["state"] == "DONE", ends
    assert {one["outcome"]: one["files"] for one in done["shown"]["amounts"]} == {"done": 1}, ends
    assert sum(one["files"] for one in done["shown"]["amounts"]) == 5
    assert len(place.json("stage", "show", "repair 1")) == 1
