"""``ddm copy``, ``get``, ``put``, ``ls``, ``checksum`` on local disk: what comes, stays, and is refused."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys

import pytest
from click.testing import CliRunner

from catalog.checksum import adler32
from ddm.cli.moving import Mover, ending, progress_line
from ddm.cli.program import ddm
from ddm.operations import putting
from tests.cli.place import RAW, Place

A, B = b"first file" * 3000, b"second"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words, code=0):
    told = CliRunner().invoke(ddm, [str(word) for word in words])
    assert told.exit_code == code, told.output
    return told


def as_json(*words, code=0):
    return json.loads(run(*words, "--json", code=code).stdout)


def tree(root):
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


# ----------------------------------------------------------------------------------- copy
def test_one_file_under_a_new_name_and_into_a_directory(here):
    (here / "a").write_bytes(A)
    (here / "d").mkdir()
    run("copy", "a", "b")
    run("copy", "a", "d")
    run("copy", f"file://{here}/a", "new/dir/")
    assert tree(here) == {"a": A, "b": A, "d/a": A, "new/dir/a": A}


def test_many_files_and_the_answer_has_a_record_of_each(here):
    (here / "a").write_bytes(A)
    (here / "b").write_bytes(B)
    told = as_json("copy", "a", "b", "d/", "--parallel", "2")
    assert [(f["destination"], f["state"], f["adler32"]) for f in told["files"]] == [
        (f"file://{here}/d/{name}", "copied", str(adler32([data]))) for name, data in (("a", A), ("b", B))
    ]
    assert all("compared on arrival" in f["compared"] for f in told["files"])
    summary = told["summary"]
    assert (summary["files"], summary["copied"], summary["bytes_copied"]) == (2, 2, len(A) + len(B))
    assert told["exit_code"] == 0


def test_a_tree_goes_with_or_without_its_name(here):
    for name in ("t/x/a", "t/y/z/b"):
        (here / name).parent.mkdir(parents=True)
        (here / name).write_bytes(A)
    run("copy", "-r", "t", "one/")
    run("copy", "-r", "t/", "two")
    assert set(tree(here / "one")) == {"t/x/a", "t/y/z/b"}
    assert set(tree(here / "two")) == {"x/a", "y/z/b"}


def test_a_plan_is_told_and_nothing_is_done(here):
    (here / "a").write_bytes(A)
    (here / "b").write_bytes(B)
    (here / "d").mkdir()
    (here / "d" / "b").write_bytes(B)
    told = as_json("copy", "a", "b", "d/", "--plan")
    assert [f["state"] for f in told["files"]] == ["to copy", "there"]
    assert told["summary"]["bytes_to_copy"] == len(A)
    assert not (here / "d" / "a").exists()
    assert "to copy: 1 file, 30 kB" in run("copy", "a", "b", "d/", "--dry-run").stdout


def test_equal_files_are_kept_and_different_ones_never_overwritten(here):
    (here / "a").write_bytes(A)
    (here / "b").write_bytes(B)
    run("copy", "a", "b", "d/")
    (here / "d" / "b").write_bytes(b"older!")
    before = (here / "d" / "a").stat().st_mtime_ns
    told = as_json("copy", "a", "b", "d/", code=3)
    assert [(f["state"], f["code"]) for f in told["files"]] == [("there", ""), ("failed", "file_exists")]
    assert (here / "d" / "b").read_bytes() == b"older!"
    assert (here / "d" / "a").stat().st_mtime_ns == before
    run("copy", "b", "d/", code=23)  # nothing at all went well: whose fault


def test_what_is_no_file_is_not_left_out_silently(here):
    """Who removes the source after a good end would lose what is behind a link."""
    for name in ("in/sub", "elsewhere"):
        (here / name).mkdir(parents=True)
    (here / "in" / "a").write_bytes(A)
    (here / "elsewhere" / "b").write_bytes(B)
    (here / "in" / "b").symlink_to(here / "elsewhere" / "b")
    (here / "in" / "sub" / "linked").symlink_to(here / "elsewhere")
    (here / "in" / "nowhere").symlink_to(here / "nosuch")
    os.mkfifo(here / "in" / "pipe")
    told = CliRunner().invoke(ddm, ["copy", "-r", "in", "out/", "--json"])
    assert told.exit_code != 0
    found = {
        f["source"].removeprefix(f"file://{here}/in/"): f["state"] for f in json.loads(told.stdout)["files"]
    }
    bad = dict.fromkeys(["nowhere", "pipe", "sub/linked"], "failed")
    assert found == {"a": "copied", "b": "copied", **bad}
    assert tree(here / "out") == {"in/a": A, "in/b": B}


def test_sources_of_a_list(here):
    (here / "a").write_bytes(A)
    (here / "list").write_text("# comment\n\na\n")
    run("copy", "--from-file", "list", "d")
    assert tree(here / "d") == {"a": A}
    (here / "list").write_text("# nothing yet\n")
    assert run("copy", "--from-file", "list", "d").stdout == "nothing to copy: no file is named\n"


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["a"], 2, "give SOURCE... DEST"),
        (["nosuch", "x"], 2, "there is no such file"),
        (["d", "x"], 2, "--recursive"),
        (["a", "d/a", "x/"], 2, "two files would have this name"),
        (["eos:/a", "x"], 2, "ddm init"),
        (["gopher://a/b", "x"], 2, "no backend for gopher://"),
        (["a", "x", "--force"], 2, "--force"),
        (["", "x"], 2, "an empty name"),
        (["root://door:99999//a", "x"], 2, "not a URL: Port out of range"),
        (["root://[door//a", "x"], 2, "not a URL"),
        (["--recursive", "", "x/"], 2, "an empty name"),
        (["a", "-"], 2, "./-"),
        (["a", "d/a", "a"], 2, "is a file, and a directory is wanted"),
        (["a", "d/a/"], 2, "is a file, and a directory is wanted"),
    ],
)
def test_what_cannot_be_meant_is_one_line_and_nothing_is_done(here, words, code, text):
    (here / "a").write_bytes(A)
    (here / "d").mkdir()
    (here / "d" / "a").write_bytes(A)
    told = run("copy", *words, code=code)
    assert text in told.stderr
    assert told.stderr.count("\n") == 1
    assert not (here / "x").exists()


def test_without_the_xrootd_package_there_is_one_clear_line(here):
    script = "import sys; sys.modules['XRootD'] = None; from ddm.cli import main; main()"
    words = [sys.executable, "-c", script, "copy", "root://door.example//eos/a", "."]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 21
    assert "pip install 'ddm[xrootd]'" in done.stdout
    assert "Traceback" not in done.stderr


HELD = """
import itertools, sys, threading
from transfers.backends import posix
real, calls, never = posix.meter, itertools.count(), threading.Event()
def held(watch, key):
    tell = real(watch, key)
    def moved(done):
        if next(calls) > 50:
            print("MOVING", file=sys.stderr, flush=True)
            while not watch.stopped():
                never.wait(0.01)
        tell(done)
    return moved
posix.meter = held
from ddm.cli import main
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stop_says_how_to_go_on_and_the_same_command_does(here, number, code):
    (here / "in").mkdir()
    for n in range(100):
        (here / "in" / f"f{n}").write_bytes(b"%03d" % n * 1000)
    words = [sys.executable, "-c", HELD, "copy", "-r", "in/", "out", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("MOVING")
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "run the same command again to go on" in err
    told = json.loads(out)
    assert {f["state"] for f in told["files"]} <= {"copied", "stopped"}
    assert told["summary"]["stopped"] > 0
    assert tree(here / "out").items() <= tree(here / "in").items()
    run("copy", "-r", "in/", "out")
    assert tree(here / "out") == tree(here / "in")


def test_an_ending_is_of_the_signal_or_of_the_fault():
    mover = Mover("copy")
    assert ending(mover, [], []) == 0
    assert ending(mover, [True, True], ["", ""]) == 0
    assert ending(mover, [True, False], ["", "network"]) == 3
    assert ending(mover, [False, False], ["network", "credential"]) == 24
    mover.code = 130
    assert ending(mover, [True, False], ["", "stopped"]) == 130
    assert ending(mover, [True], [""]) == 0  # it was done before


def test_progress_in_a_log_has_speed_and_time_left():
    line = progress_line(1_200_000_000, 5_000_000_000, 250e6, 7)
    assert line == "1.2 GB of 5 GB in 7 files, 250 MB/s, 0:00:15 left"
    assert progress_line(0, 10, 0.0, 1) == "0 B of 10 B in 1 file, 0 B/s"


# --------------------------------------------------------------------- get, put, ls, checksum
LFN = f"{RAW}/cdr11000-275678.raw"


@pytest.fixture
def place(here):
    made = Place(here)
    made.good("db", "upgrade")
    (here / "disk" / "x").mkdir()
    return made


@pytest.fixture
def local(here):
    file = here / "new.raw"
    file.write_bytes(A)
    return file


def test_a_file_is_put_compared_registered_and_got_again(place, local, here):
    told = place.json("put", local, LFN, "--dataset", "2016/W14")
    assert (told["known"], told["state"], told["size"]) == (False, "AVAILABLE", len(A))
    assert told["url"] == f"file://{here}/disk{LFN}"
    assert (here / f"disk{LFN}").read_bytes() == A
    again = place.json("put", local, LFN)  # adopted
    assert (again["known"], again["state"]) == (True, "AVAILABLE")
    got = place.json("get", "cdr11000-275678.raw", "--dir", here / "in")
    assert [f["state"] for f in got["files"]] == ["copied"]
    assert (here / "in" / "cdr11000-275678.raw").read_bytes() == A
    assert [f["state"] for f in place.json("get", LFN, "--dir", here / "in")["files"]] == ["kept"]
    history = place.good("file", "history", LFN)
    assert "verified" in history


def test_a_registered_name_with_other_bytes_is_refused_before_a_byte_is_written(place, local, here):
    place.raw_list(1)
    place.good("file", "register", here / "raw.csv", "--dataset", "2016/W14", "--endpoint", "tape")
    line = place.refused(1, "put", local, LFN)
    assert "known with 1000 bytes" in line
    assert not (here / f"disk{LFN}").exists()


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        ([LFN], 2, "give --dataset"),
        (["/x/odd name", "--dataset", "2016/W14"], 2, "odd name"),
        (["/x/stranger.raw", "--dataset", "2016/W14"], 2, "no name of task"),
        ([LFN, "--dataset", "2016/W14", "--endpoint", "nosuch"], 2, "no endpoint 'nosuch'"),
    ],
)
def test_what_may_not_be_put(place, local, here, words, code, text):
    assert text in place.refused(code, "put", local, *words)
    assert tree(here / "disk") == {}


def test_another_file_at_the_place_is_the_storages_fault_and_nothing_is_registered(place, local, here):
    (here / f"disk{LFN}").parent.mkdir(parents=True)
    (here / f"disk{LFN}").write_bytes(b"older")
    place.refused(23, "put", local, LFN, "--dataset", "2016/W14")
    assert place.refused(1, "file", "show", LFN)
    assert (here / f"disk{LFN}").read_bytes() == b"older"


def test_a_put_that_dies_before_it_is_registered_is_finished_by_repetition(place, local, here, monkeypatch):
    def dies(*words, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(putting, "judge", dies)
    told = place.run("put", local, LFN, "--dataset", "2016/W14")
    assert told.exit_code == 130
    assert place.run("file", "show", LFN).exit_code == 1  # not announced
    monkeypatch.undo()
    os.chdir(here)
    assert place.json("put", local, LFN, "--dataset", "2016/W14")["state"] == "AVAILABLE"


def set_state(here, state):
    with sqlite3.connect(here / "ddm.db") as base:
        base.execute("UPDATE replica SET state = ?", [state])
    base.close()


@pytest.mark.parametrize("state", ["TRASHED", "DELETING", "BAD", "COPYING"])
def test_nothing_is_put_where_the_copy_is_on_its_way_out_or_in(place, local, here, state):
    """It would be told as put, and be removed, or written by two."""
    place.good("put", local, LFN, "--dataset", "2016/W14")
    set_state(here, state)
    (here / f"disk{LFN}").unlink()
    assert state in place.refused(1, "put", local, LFN)
    assert tree(here / "disk") == {}


@pytest.mark.parametrize("state", ["LOST", "SUSPECT", "UNVERIFIED"])
def test_a_copy_that_is_put_again_is_good_again(place, local, here, state):
    place.good("put", local, LFN, "--dataset", "2016/W14")
    set_state(here, state)
    (here / f"disk{LFN}").unlink()
    assert place.json("put", local, LFN)["state"] == "AVAILABLE"
    assert (here / f"disk{LFN}").read_bytes() == A


def test_a_put_of_which_other_bytes_are_found_has_failed(place, local, here, monkeypatch):
    send = putting.send

    def spoiled(*words):
        sent = send(*words)
        (here / f"disk{LFN}").write_bytes(B)
        return sent

    monkeypatch.setattr(putting, "send", spoiled)
    assert "BAD" in place.refused(23, "put", local, LFN, "--dataset", "2016/W14")
    (copy,) = place.json("file", "show", LFN)["replicas"]
    assert copy["state"] == "BAD"


def test_of_two_puts_of_one_new_name_the_second_says_where_its_bytes_lie(place, local, here, monkeypatch):
    send = putting.send

    def beaten(*words):
        monkeypatch.undo()
        os.chdir(here)
        sent = send(*words)
        lines = [f"{LFN},{len(B)},{adler32([B])}"]
        listed = place.list(*lines, header="lfn,size,adler32")
        place.good("file", "register", listed, "--dataset", "2016/W14", "--endpoint", "tape")
        return sent

    monkeypatch.setattr(putting, "send", beaten)
    line = place.refused(1, "put", local, LFN, "--dataset", "2016/W14")
    assert f"its bytes lie at file://{here}/disk{LFN}" in line


def test_files_of_a_dataset_are_got(place, local, here):
    other = f"{RAW}/cdr11001-275678.raw"
    run("put", local, LFN, "--endpoint", "disk", "--dataset", "2016/copies")
    run("put", local, other, "--endpoint", "disk", "--dataset", "2016/others")
    told = as_json("get", "--dataset", "2016/copies", "--dir", "back")
    assert [file["lfn"] for file in told["files"]] == [LFN]
    assert len(tree(here / "back")) == 1
    told = as_json("get", "--query", "dataset in ('2016/copies', '2016/others')", "--plan")
    assert {file["lfn"] for file in told["files"]} == {LFN, other}
    assert "no file of the catalogue is meant" in run("get", "--dataset", "2016/nosuch", code=1).stderr
    assert "or else" in run("get", LFN, "--dataset", "2016/copies", code=2).stderr


def test_a_get_of_what_is_on_tape_only_names_the_command(place, here):
    place.raw_list(2)
    place.good("file", "register", here / "raw.csv", "--dataset", "2016/W14", "--endpoint", "tape")
    told = place.run("get", LFN, "nosuch.raw")
    assert told.exit_code == 2  # a name that nobody knows
    assert "no copy of it can be read: UNVERIFIED at tape" in told.stdout
    assert "the catalogue knows no such file" in told.stdout
    with sqlite3.connect(here / "ddm.db") as base:
        base.execute(
            "UPDATE replica SET state = 'AVAILABLE', verified_at = since, verified_how = 'service',"
            " locality = 'NEARLINE'"
        )
    base.close()
    told = place.run("get", LFN)
    assert told.exit_code == 23
    assert f"ddm stage request {LFN}" in told.stdout


def test_the_bytes_must_be_those_of_the_catalogue(place, local, here):
    place.good("put", local, LFN, "--dataset", "2016/W14")
    (here / f"disk{LFN}").write_bytes(A[:-1] + b"x")
    told = place.run("get", LFN, "--dir", here / "in")
    assert told.exit_code == 23
    assert "checksum_mismatch" in told.stdout
    assert tree(here / "in") == {}


def test_a_plan_of_a_get(place, local, here):
    place.good("put", local, LFN, "--dataset", "2016/W14")
    told = place.json("get", LFN, "--plan", "--dir", here / "in")
    assert (told["summary"], told["refused"]) == ({"files": 1, "bytes": len(A), "refused": 0}, [])
    assert not (here / "in").exists()


def test_ls_says_whom_it_asked(place, local, here):
    place.good("put", local, LFN, "--dataset", "2016/W14")
    (here / "disk" / "stray").write_bytes(B)
    told = place.run("ls", "-l", RAW)
    assert "as the catalogue says" in told.stderr
    assert told.stdout.split() == [str(len(A)), "-", str(adler32([A])), "disk", LFN]
    parent = RAW.rpartition("/")[0]
    assert place.good("ls", parent) == f"{RAW}/\n"
    assert place.good("ls", "-r", parent) == f"{LFN}\n"
    assert place.good("ls", "cdr11000*") == f"{LFN}\n"
    told = place.run("ls", "disk:/")
    assert "as the service says" in told.stderr
    assert told.stdout.splitlines() == ["/castor/", "/stray", "/x/"]
    assert place.json("ls", "./disk")["from"] == "service"  # no LFN begins so
    found = place.json("ls", "-r", f"file://{here}/disk")
    assert found["from"] == "service"
    assert {e["path"] for e in found["entries"] if not e["is_directory"]} == {
        f"{here}/disk{LFN}",
        f"{here}/disk/stray",
    }
    assert place.good("ls", "disk:/stray") == "/stray\n"
    assert "nosuch" in place.refused(1, "ls", "/nosuch")
    place.refused(23, "ls", "disk:/nosuch")


def test_copy_knows_the_endpoints_of_the_settings(place, local, here):
    place.good("copy", local, "disk:/y/")
    assert (here / "disk" / "y" / "new.raw").read_bytes() == A
    place.good("copy", "-r", "disk:/y", "back/")
    assert tree(here / "back") == {"y/new.raw": A}
    assert "no endpoint 'eos'" in place.refused(2, "copy", local, "eos:/x")


def test_checksums_of_files_and_a_list_of_them(here):
    (here / "a").write_bytes(A)
    (here / "b").write_bytes(B)
    assert run("checksum", "a", "b").stdout == f"{adler32([A])}  a\n{adler32([B])}  b\n"
    assert run("checksum", "-a", "sha256", "a").stdout == f"{hashlib.sha256(A).hexdigest()}  a\n"
    (found,) = as_json("checksum", "-a", "crc32c", f"file://{here}/b")
    assert found["checksum"].startswith("crc32c:")
    lines = [f"{hashlib.md5(A).hexdigest()}  a", f"adler32:{int(adler32([B])):x} *b"]
    (here / "list").write_text("\n".join(lines))
    assert run("checksum", "-a", "md5", "--check", "list").stdout == "a: OK\nb: OK\n"
    (here / "b").write_bytes(b"other")
    told = run("checksum", "-a", "md5", "--check", "list", code=3)
    assert "a: OK\nb: DIFFERS" in told.stdout
    (here / "b").unlink()
    assert "NOT READ (file_missing" in run("checksum", "-a", "md5", "-c", "list", code=3).stdout
    told = run("checksum", "nosuch", code=23)
    assert told.stderr.count("\n") == 1
    assert (here / "list").write_text("what is this")
    assert "list:1" in run("checksum", "--check", "list", code=2).stderr
    run("checksum", code=2)


def test_names_in_a_list_are_taken_as_they_are_and_zeros_may_be_missing(here):
    for name, data in (("*x", b"other"), ("x", b""), (" y", b"")):
        (here / name).write_bytes(data)
    (here / "list").write_text("1  x\n00000001  *x\n1   y\n1 *x\n1\tx\n")
    told = run("checksum", "--check", "list", "--json", code=3)
    found = [(entry["file"], entry["equal"]) for entry in json.loads(told.stdout)]
    assert found == [("x", True), ("*x", False), (" y", True), ("x", True), ("x", True)]


def test_without_an_endpoint_the_disks_are_tried_in_the_order_of_placement(place, local, here):
    (here / "disk2").mkdir()
    text = (here / "ddm.toml").read_text()
    more = f"""
[endpoint.disk2]
kind = "disk"
backend = "posix"
prefix = "file://{here}/disk2"
"""
    (here / "ddm.toml").write_text(text + more)
    (here / f"disk{LFN}").parent.mkdir(parents=True)
    (here / f"disk{LFN}").write_bytes(b"older")  # so the first one does not take it
    told = place.json("put", local, LFN, "--dataset", "2016/W14")
    assert (told["endpoint"], told["state"]) == ("disk2", "AVAILABLE")
    assert tree(here / "disk2") == {LFN[1:]: A}
    (here / "ddm.toml").write_text(text.replace('kind = "disk"', 'kind = "disk"\nclosed = "moving house"'))
    assert "moving house" in place.refused(2, "put", local, LFN, "--dataset", "2016/W14")


def test_recursive_takes_files_too(place, here):
    (here / "disk" / "x" / "f").write_bytes(B)
    place.good("copy", "-r", "disk:/x/f", "disk:/x", "back/")
    assert tree(here / "back") == {"f": B, "x/f": B}
    place.refused(2, "copy", "-r", "disk:/nosuch", "back/")


def test_a_pattern_that_finds_too_much_is_not_cut_silently(place, here, monkeypatch):
    from ddm.operations import finding

    monkeypatch.setattr(finding, "MOST_OF_A_PATTERN", 2)
    place.raw_list(3)
    place.good("file", "register", here / "raw.csv", "--dataset", "2016/W14", "--endpoint", "tape")
    assert "files or more match" in place.refused(2, "get", "cdr*")
    assert "files or more match" in place.refused(2, "ls", "cdr*")


def test_bars_on_a_terminal_show_speed_and_end(capsys):
    import threading

    from ddm.cli import moving

    over = threading.Event()
    over.set()
    mover = Mover("copy")
    mover.moved("a", 5_000_000)
    moving._bars(mover, over, "copy", 10_000_000, 3)
    told = capsys.readouterr().err
    assert "copy 3 files" in told
    assert "5.0/10.0 MB" in told


def test_lines_in_a_log(capsys, monkeypatch):
    import threading

    from ddm.cli import moving

    monkeypatch.setattr(moving, "EVERY", 0.01)
    over = threading.Event()
    mover = Mover("copy")
    mover.moved("a", 5_000_000)
    thread = threading.Thread(target=moving._lines, args=(mover, over, "copy", 10_000_000, 3))
    thread.start()
    told = ""
    while not told:
        told = capsys.readouterr().err
    over.set()
    thread.join()
    assert told.startswith("copy: 5 MB of 10 MB in 3 files, ")


def test_which_copies_a_get_may_read_and_in_which_order():
    from datetime import UTC, datetime

    from catalog.checksum import Adler32
    from catalog.states import EndpointKind
    from ddm.operations.finding import Place as Replica
    from ddm.operations.getting import _readable
    from ddm.settings import EndpointSettings
    from transfers.manifest import FileReport
    from transfers.staging_in import ordered

    def endpoint(name, kind, **more):
        return EndpointSettings(name=name, kind=kind, backend="posix", prefix=f"file:///{name}", **more)

    endpoints = {
        "near": endpoint("near", EndpointKind.DISK, site="CERN"),
        "far": endpoint("far", EndpointKind.DISK, site="TRIUMF", distances={"CERN": "9"}),
        "tape": endpoint("tape", EndpointKind.TAPE, site="CERN"),
    }

    def copy(where, state="AVAILABLE", locality="UNKNOWN"):
        return Replica("/x", 7, Adler32(1), where, state, locality, f"file:///{where}/x", "/x")

    def order(*copies):
        found = _readable("/x", copies, endpoints, "CERN")
        if isinstance(found, FileReport):
            return found.code
        return [url.split("/")[3] for url in ordered(found.sources, datetime(2026, 1, 1, tzinfo=UTC))]

    assert order(copy("far"), copy("near")) == ["near", "far"]
    assert order(copy("far"), copy("near", "SUSPECT")) == ["far"]
    assert order(copy("tape", locality="NEARLINE"), copy("far")) == ["far"]
    assert order(copy("tape", locality="ONLINE_AND_NEARLINE"), copy("far")) == ["tape", "far"]
    assert order(copy("tape", locality="NEARLINE")) == "not_online"
    assert order(copy("near", "LOST")) == "file_missing"
    assert order() == "file_missing"


@pytest.mark.parametrize("words", [("copy", "a", "b"), ("ls", "file:///"), ("checksum", "a")])
def test_commands_without_the_catalogue_load_no_database(here, words):
    (here / "a").write_bytes(A)
    script = (
        "import sys\nfrom ddm.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print([name for name in ('sqlalchemy', 'alembic', 'sqlite3') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
