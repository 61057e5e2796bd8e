"""The simulated tape library with bytes: several processes, kills, faults, strange directories."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from catalog.checksum import adler32
from catalog.clock import SimulatedClock
from catalog.states import Locality
from transfers.backends.simtape import open_storage, open_tape
from transfers.errors import EndpointUnreachable, FileExists, UnreadableReply, Unsupported
from transfers.model import CopyOrder, Done, Failed, Pending, StageOrder
from transfers.testing.suites import fetched

RAW = b"raw events " * 100
HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    return SimulatedClock()


@pytest.fixture
def root(tmp_path):
    return tmp_path / "library"


def opened(root, clock):
    return open_tape(f"simtape://{root}", clock=clock, options={"mount": "30", "archive_delay": "60"})


@pytest.fixture
def tape(root, clock, tmp_path):
    library = opened(root, clock)
    (tmp_path / "raw").write_bytes(RAW)
    library.seed_tape([("/run/a.raw", tmp_path / "raw"), ("/run/b.raw", tmp_path / "raw")])
    return library


def order(tmp_path, path, data=b"merged"):
    source = tmp_path / "source"
    source.write_bytes(data)
    return CopyOrder(path, f"file://{source}", len(data), adler32([data]))


def stage(tape, *paths):
    return tape.stage([StageOrder(path, len(RAW)) for path in paths])


def locality(tape, path):
    return tape.probe([path])[path].locality


def code(outcome):
    assert isinstance(outcome, Failed), outcome
    return outcome.code


def test_a_request_survives_a_restart(tape, root, clock):
    token = stage(tape, "/run/a.raw").token
    other = opened(root, clock)
    assert other.poll(token, ["/run/a.raw"]) == {"/run/a.raw": Pending()}
    clock.sleep(HOUR)
    assert other.poll(token, ["/run/a.raw"]) == {"/run/a.raw": Done()}
    assert (root / "buffer/run/a.raw").read_bytes() == RAW
    assert locality(tape, "/run/a.raw") is Locality.ONLINE_AND_NEARLINE


def test_release_in_one_process_is_seen_in_another(tape, root, clock, tmp_path):
    other = opened(root, clock)
    token = stage(tape, "/run/a.raw").token
    clock.sleep(HOUR)
    assert fetched(other, "/run/a.raw", str(tmp_path / "x")) == Done()
    tape.release(token, ["/run/a.raw"])
    assert code(fetched(other, "/run/a.raw", str(tmp_path / "y"))) == "not_online"
    assert not (root / "buffer/run/a.raw").exists()
    assert (root / "tape/run/a.raw").read_bytes() == RAW


def test_a_written_file_moves_to_tape_when_its_time_has_come(tape, root, clock, tmp_path):
    assert tape.copy([order(tmp_path, "/out/m.root")]) == {"/out/m.root": Done()}
    clock.sleep(timedelta(seconds=59))
    assert locality(tape, "/out/m.root") is Locality.ONLINE
    assert not (root / "tape/out/m.root").exists()
    clock.sleep(timedelta(seconds=1))
    assert locality(tape, "/out/m.root") is Locality.ONLINE_AND_NEARLINE
    assert (root / "tape/out/m.root").read_bytes() == b"merged"


def test_release_of_a_file_whose_archival_nobody_looked_at(tape, root, clock, tmp_path):
    tape.copy([order(tmp_path, "/out/m.root")])
    clock.sleep(HOUR)
    tape.release("", ["/out/m.root"])
    assert (root / "tape/out/m.root").read_bytes() == b"merged"
    assert not (root / "buffer/out/m.root").exists()


def test_a_clock_that_was_set_back_costs_no_bytes(tape, root, clock, tmp_path):
    clock.sleep(HOUR)
    tape.copy([order(tmp_path, "/out/m.root")])
    earlier = opened(root, SimulatedClock(clock.now() - HOUR))
    token = earlier.stage([StageOrder("/out/m.root", 6)]).token
    earlier.release(token, ["/out/m.root"])
    assert (root / "buffer/out/m.root").read_bytes() == b"merged"


@pytest.mark.parametrize(("kind", "size"), [("corrupt", len(RAW)), ("truncate", len(RAW) // 2)])
def test_damaged_recalls_read_wrong_once(tape, root, clock, tmp_path, kind, size):
    tape.inject("/run/a*", kind)
    token = stage(tape, "/run/a.raw").token
    clock.sleep(HOUR)
    assert fetched(tape, "/run/a.raw", str(tmp_path / "x")) == Done()
    assert (tmp_path / "x").stat().st_size == size
    assert (tmp_path / "x").read_bytes() != RAW
    tape.release(token, ["/run/a.raw"])
    stage(tape, "/run/a.raw")
    clock.sleep(HOUR)
    assert fetched(tape, "/run/a.raw", str(tmp_path / "y")) == Done()
    assert (tmp_path / "y").read_bytes() == RAW


def test_faults_hold_for_every_process(tape, root, clock):
    tape.inject("/run/*", "fail")
    other = opened(root, clock)
    token = stage(other, "/run/a.raw", "/run/b.raw").token
    clock.sleep(HOUR)
    outcomes = opened(root, clock).poll(token, ["/run/a.raw", "/run/b.raw"])
    assert code(outcomes["/run/a.raw"]) == "tape_lost"
    assert outcomes["/run/b.raw"] == Done()
    tape.inject("*", "refuse", count=None)
    tape.heal()
    assert stage(other, "/run/a.raw").outcomes["/run/a.raw"] == Pending()


def test_what_a_cut_short_eviction_left_is_not_read(tape, root, clock, tmp_path):
    (root / "buffer/run").mkdir(parents=True)
    (root / "buffer/run/a.raw").write_bytes(b"left over")
    assert code(fetched(tape, "/run/a.raw", str(tmp_path / "x"))) == "not_online"
    stage(tape, "/run/a.raw")
    clock.sleep(HOUR)
    assert fetched(tape, "/run/a.raw", str(tmp_path / "x")) == Done()
    assert (tmp_path / "x").read_bytes() == RAW


def test_bytes_without_a_row_do_not_exist_and_may_be_written_over(tape, root, tmp_path):
    for tier in ("tape", "buffer"):
        (root / tier / "out").mkdir(parents=True)
        (root / tier / "out/m.root").write_bytes(b"half")
    assert code(tape.probe(["/out/m.root"])["/out/m.root"]) == "file_missing"
    assert tape.copy([order(tmp_path, "/out/m.root")]) == {"/out/m.root": Done()}
    assert (root / "buffer/out/m.root").read_bytes() == b"merged"
    assert not (root / "tape/out/m.root").exists()


def test_bytes_taken_out_of_the_tape_directory_are_lost(tape, root, clock):
    token = stage(tape, "/run/a.raw").token
    (root / "tape/run/a.raw").unlink()
    clock.sleep(HOUR)
    assert code(tape.poll(token, ["/run/a.raw"])["/run/a.raw"]) == "tape_lost"
    assert locality(tape, "/run/a.raw") is Locality.LOST
    assert locality(tape, "/run/b.raw") is Locality.NEARLINE


def test_a_directory_of_files_is_taken_in_as_raw_data(root, clock):
    (root / "tape/2016/raw").mkdir(parents=True)
    (root / "tape/2016/raw/cdr11091-275678.raw").write_bytes(RAW)
    seen = opened(root, clock).probe(["/2016/raw/cdr11091-275678.raw"])["/2016/raw/cdr11091-275678.raw"]
    assert (seen.size, seen.adler32, seen.locality) == (len(RAW), adler32([RAW]), Locality.NEARLINE)


def test_seeding_never_replaces(tape, tmp_path):
    with pytest.raises(FileExists):
        tape.seed_tape([("/run/a.raw", tmp_path / "raw")])


def test_the_same_path_twice_in_one_call_with_other_bytes(tape, root, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"1")
    two.write_bytes(b"2")
    orders = [CopyOrder("/out/x", f"file://{f}", 1, adler32([f.read_bytes()])) for f in (one, two)]
    assert code(tape.copy(orders)["/out/x"]) == "file_exists"
    assert (root / "buffer/out/x").read_bytes() == b"1"


@pytest.mark.parametrize("path", ["/../../secret", "relative", "/dir/"])
def test_paths_that_leave_the_library_are_refused(tape, tmp_path, path):
    assert code(tape.copy([order(tmp_path, path)])[path]) == "permission_refused"


def test_a_library_that_is_gone_is_unreachable(tape, root, tmp_path):
    root.rename(tmp_path / "elsewhere")
    for call in (
        lambda: tape.probe(["/run/a.raw"]),
        lambda: stage(tape, "/run/a.raw"),
        lambda: tape.remove(["/run/a.raw"]),
        lambda: tape.poll("x", ["/run/a.raw"]),
        lambda: tape.release("x", ["/run/a.raw"]),
        lambda: tape.copy([order(tmp_path, "/x")]),
    ):
        with pytest.raises(EndpointUnreachable):
            call()


@pytest.mark.parametrize("text", ["", "7", "7\n{}", "x\n{}", '1\n{"version": 1}', "\xff"])
def test_an_unreadable_state_is_never_an_empty_library(tape, root, clock, text):
    (root / "state.json").write_text(text, encoding="latin-1")
    with pytest.raises(UnreadableReply):
        opened(root, clock).probe(["/run/a.raw"])
    with pytest.raises(UnreadableReply):
        stage(tape, "/run/a.raw")
    assert (root / "state.json").read_text(encoding="latin-1") == text


@pytest.mark.parametrize("prefix", ["simtape://dir", "file:///dir", "simtape:/dir"])
def test_bad_prefixes_are_refused(prefix, clock):
    with pytest.raises(Unsupported):
        open_storage(prefix, clock=clock, options={})


def test_many_threads_fetch_stage_and_write_at_once(tape, root, clock, tmp_path):
    stage(tape, "/run/a.raw")
    clock.sleep(HOUR)
    problems = []

    def work(number):
        mine = opened(root, clock)
        out = tmp_path / f"out{number}"
        out.write_bytes(b"%d" % number)
        path = f"/out/{number}"
        answers = [
            fetched(mine, "/run/a.raw", str(tmp_path / f"in{number}")),
            mine.copy([CopyOrder(path, f"file://{out}", 1, adler32([b"%d" % number]))])[path],
            stage(mine, "/run/a.raw").outcomes["/run/a.raw"],
        ]
        problems.extend(answer for answer in answers if answer != Done())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(tape.look().files["/run/a.raw"].held) == 9
    assert all((root / f"buffer/out/{number}").read_bytes() == b"%d" % number for number in range(8))


def test_an_outage_holds_for_every_process_and_passes(tape, root, clock, tmp_path):
    token = stage(tape, "/run/a.raw").token
    with tape.control() as library:
        library.outage(library.now, 600)
    other = opened(root, clock)
    for call in (
        lambda: other.probe(["/run/a.raw"]),
        lambda: stage(other, "/run/b.raw"),
        lambda: other.poll(token, ["/run/a.raw"]),
        lambda: other.copy([order(tmp_path, "/out/m.root")]),
        lambda: fetched(other, "/run/a.raw", str(tmp_path / "x")),
    ):
        with pytest.raises(EndpointUnreachable):
            call()
    clock.sleep(HOUR)
    assert other.poll(token, ["/run/a.raw"]) == {"/run/a.raw": Done()}


def test_a_small_buffer_evicts_and_the_bytes_follow(root, clock, tmp_path):
    options = {"archive_delay": "60", "buffer_size": str(len(RAW))}
    tape = open_tape(f"simtape://{root}", clock=clock, options=options)
    (tmp_path / "raw").write_bytes(RAW)
    tape.seed_tape([("/run/a.raw", tmp_path / "raw")])
    assert tape.copy([order(tmp_path, "/out/m.root", RAW)]) == {"/out/m.root": Done()}
    full = tape.copy([order(tmp_path, "/out/n.root", RAW)])
    assert code(full["/out/n.root"]) == "quota_exceeded"
    assert not (root / "buffer/out/n.root").exists()
    token = stage(tape, "/run/a.raw").token
    clock.sleep(HOUR)
    assert tape.poll(token, ["/run/a.raw"]) == {"/run/a.raw": Done()}
    assert locality(tape, "/out/m.root") is Locality.NEARLINE
    assert code(fetched(tape, "/out/m.root", str(tmp_path / "x"))) == "not_online"
    stage(tape, "/out/m.root")  # any change drops what the model has evicted
    assert not (root / "buffer/out/m.root").exists()
    assert (root / "tape/out/m.root").read_bytes() == RAW
    tape.release(token, ["/run/a.raw"])
    clock.sleep(HOUR)
    assert fetched(tape, "/out/m.root", str(tmp_path / "y")) == Done()
    assert (tmp_path / "y").read_bytes() == RAW


def test_an_evicted_file_is_recalled_again_from_its_tape_bytes(tape, root, clock, tmp_path):
    token = stage(tape, "/run/a.raw").token
    clock.sleep(HOUR)
    assert tape.poll(token, ["/run/a.raw"]) == {"/run/a.raw": Done()}
    with tape.control() as library:
        library.evict("/run/a.raw", library.now)
    assert not (root / "buffer/run/a.raw").exists()
    assert code(tape.poll(token, ["/run/a.raw"])["/run/a.raw"]) == "request_vanished"
    stage(tape, "/run/a.raw")
    clock.sleep(HOUR)
    assert fetched(tape, "/run/a.raw", str(tmp_path / "x")) == Done()
    assert tape.look().files["/run/a.raw"].recalls == 2


def test_a_state_of_the_first_version_is_taken_over(tape, root, clock, tmp_path):
    now = clock.now().timestamp()
    path, checksum = "/run/a.raw", int(adler32([RAW]))
    held = {"request-1": now + 5000}
    row = [len(RAW), checksum, "T00001", 0, now, now + 60, float("inf"), held, None, "", 1, False]
    first = {
        "version": 1,
        "generation": 7,
        "counters": [1, 1, 1, len(RAW), 1],
        "drives": [[now, "T00001", 0]],
    }
    data = {**first, "injections": [], "files": {path: row}}
    (root / "state.json").write_text(f"7\n{json.dumps(data)}")
    library = opened(root, clock)
    assert library.poll("request-1", [path]) == {path: Pending()}
    clock.sleep(HOUR)
    assert library.poll("request-1", [path]) == {path: Done()}
    assert fetched(library, path, str(tmp_path / "x")) == Done()
    library.release("request-1", [path])
    assert locality(library, path) is Locality.NEARLINE
    assert json.loads((root / "state.json").read_text().split("\n", 1)[1])["version"] == 2


VICTIM = """
import sys
from pathlib import Path
from catalog.checksum import adler32
from catalog.clock import SystemClock
from transfers.backends.simtape import open_tape
from transfers.model import CopyOrder, StageOrder

root, work = sys.argv[1:]
tape = open_tape(f"simtape://{root}", clock=SystemClock(),
                 options={"mount": "0", "unmount": "0", "seek": "0", "archive_delay": "0", "rate": "1e12"})
for number in range(100_000):
    path, data = f"/out/{number}", b"%d" % number * 1000
    source = Path(work) / "source"
    source.write_bytes(data)
    tape.copy([CopyOrder(path, f"file://{source}", len(data), adler32([data]))])
    tape.release("", [path])
    token = tape.stage([StageOrder(path, len(data))]).token
    tape.poll(token, [path])
    if number % 3 == 0:
        tape.release(token, [path])
    if number % 5 == 0:
        tape.remove([path])
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [0.0, 0.013, 0.029, 0.051, 0.087])
def test_a_kill_at_any_moment_leaves_a_sound_library(tmp_path, root, clock, after):
    process = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(root), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= 3:
            break
    time.sleep(after)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    clock.sleep(timedelta(days=36500))
    tape = opened(root, clock)
    files = tape.look().files
    assert len(files) >= 2
    token = tape.stage([StageOrder(path, record.size) for path, record in files.items()]).token
    clock.sleep(HOUR)
    assert set(tape.poll(token, list(files)).values()) == {Done()}
    for number, (path, record) in enumerate(files.items()):
        local = tmp_path / f"local{number}"
        assert fetched(tape, path, str(local)) == Done()
        data = local.read_bytes()
        assert (len(data), adler32([data])) == (record.size, record.adler32)
        assert data == path.removeprefix("/out/").encode() * 1000


def test_some_thousand_files_are_reasonably_quick(root, clock):
    tape = opened(root, clock)
    with tape._changed() as library:
        for number in range(5000):
            library.add_on_tape(f"/raw/{number}", 10, adler32([b"x"]), now=0)
    paths = [f"/raw/{number}" for number in range(5000)]
    began = time.perf_counter()
    token = stage(tape, *paths).token
    tape.poll(token, paths)
    assert time.perf_counter() - began < 5  # 0.1 s on an idle machine
