"""The worker: what it reads, runs, compares, puts and reports; and that trouble never looks like success."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.checksum import Adler32, adler32
from catalog.clock import SimulatedClock
from ddm.jobs import doing, worker
from ddm.jobs.manifest import (
    Input,
    Manifest,
    Output,
    Promise,
    Reading,
    Report,
    broken_promises,
    dumps,
    read_manifest,
    read_report,
    write,
)
from merging.date import EventType, build_event
from merging.formats.archiveindex import index_of
from transfers.errors import EndpointUnreachable, FileMissing, QuotaExceeded, failed
from transfers.model import Done, Pending, Unknown

PYTHON = sys.executable


def date_events(n_events: int, run: int = 1) -> bytes:
    return b"".join(build_event(EventType.PHYSICS, run, 1, number) for number in range(n_events))


class Site:
    """A disk endpoint in a directory, and manifests of jobs that read and write there."""

    def __init__(self, tmp_path: Path) -> None:
        self.disk = tmp_path / "disk"
        self.disk.mkdir()
        self.prefix = f"file://{self.disk}"
        self.work = tmp_path / "work"

    def put(self, lfn: str, data: bytes) -> Input:
        path = self.disk / lfn.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return Input(lfn, self.prefix + lfn, len(data), adler32([data]))

    def promise(self, payload: str, lfn: str = "", counter: str = "") -> Promise:
        lfn = lfn or f"/out/{payload}"
        return Promise(lfn, "product", self.prefix + lfn, payload, counter)

    def job(self, script: str, *inputs: Input, promises=(), **fields) -> Manifest:
        fields = {"command": ("/bin/sh", "-c", script, "sh", "{input}" if inputs else "-"), **fields}
        backends = {self.prefix: ("posix", {})}
        return Manifest("job-1", "process", inputs, tuple(promises), backends, **fields)

    def merge(self, tool: str, *inputs: Input, promises=(), options=None) -> Manifest:
        backends = {self.prefix: ("posix", {})}
        return Manifest("job-1", "merge", inputs, tuple(promises), backends, tool=tool, options=options or {})

    def run(self, manifest: Manifest) -> Report:
        return doing.run_manifest(manifest, self.work, clock=SimulatedClock())

    def files(self) -> dict[str, bytes]:
        out = self.disk / "out"
        return {path.name: path.read_bytes() for path in out.iterdir()} if out.exists() else {}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


# -- a good job ---------------------------------------------------------------------------------------


def test_a_job_reads_its_input_and_puts_its_outputs(site: Site) -> None:
    raw = site.put("/raw/cdr.raw", b"raw events")
    manifest = site.job('cat "$1" "$1" > dst', raw, promises=[site.promise("dst", "/out/dst-1")])
    report = site.run(manifest)
    assert (report.code, report.text) == ("", "")
    assert broken_promises(manifest, report) == []
    data = b"raw events" * 2
    assert report.outputs == (Output("/out/dst-1", site.prefix + "/out/dst-1", len(data), adler32([data])),)
    assert site.files() == {"dst-1": data}


def test_the_command_gets_inputs_in_order_and_the_directory(site: Site) -> None:
    inputs = [site.put(f"/raw/{name}", b"x") for name in ("b", "a", "c d")]
    script = "import sys; open('args', 'w').write(repr(sys.argv[1:]))"
    command = (PYTHON, "-c", script, "first={input}", "{inputs}", "{outdir}/x", "{other}")
    report = site.run(site.job("", *inputs, promises=[site.promise("args")], command=command))
    assert report.code == ""
    args = eval(site.files()["args"])
    assert args == ["first=b", "b", "a", "c d", f"{site.work}/x", "{other}"]


def test_no_shell_looks_at_the_command(site: Site) -> None:
    command = ("/bin/echo", "$HOME; `id` > x | {input}")
    raw = site.put("/raw/a;b", b"x")
    report = site.run(site.job("", raw, promises=[site.promise("job.log")], command=command))
    assert report.code == ""
    assert site.files()["job.log"] == b"$HOME; `id` > x | a;b\n"


def test_the_environment_of_the_manifest_is_for_the_command_only(site: Site) -> None:
    manifest = site.job("printf %s $ODD > x", promises=[site.promise("x")], environment={"ODD": "yes"})
    assert site.run(manifest).code == ""
    assert site.files() == {"x": b"yes"}
    assert "ODD" not in os.environ


def test_events_come_from_the_program_and_from_the_file(site: Site) -> None:
    raw = site.put("/raw/cdr.raw", date_events(3))
    script = 'cp "$1" dump; cp "$1" other; printf \'{"dump": 2, "rest": null}\' > events.json'
    promises = [site.promise("dump", counter="date"), site.promise("other")]
    report = site.run(site.job(script, raw, promises=promises))
    assert [(output.n_events, output.n_read) for output in report.outputs] == [(2, 3), (None, None)]


def test_inputs_are_counted_when_asked(site: Site) -> None:
    inputs = [site.put("/raw/a.raw", date_events(3)), site.put("/raw/b.raw", date_events(5))]
    manifest = site.job("true", *inputs, options={"count_inputs": "date"})
    assert site.run(manifest).read == {"/raw/a.raw": 3, "/raw/b.raw": 5}
    assert site.run(replace(manifest, options={})).read == {}


def test_a_log_is_packed_when_its_name_says_so(site: Site) -> None:
    promises = [site.promise("job.log", "/out/log.stdout.gz")]
    report = site.run(site.job("echo hello; echo world >&2", promises=promises))
    assert report.code == ""
    packed = site.files()["log.stdout.gz"]
    assert gzip.decompress(packed) == b"hello\nworld\n"
    assert packed[4:8] == bytes(4)  # no time in it
    assert report.outputs[0].size == len(packed)


def test_times_come_from_the_clock(site: Site) -> None:
    report = site.run(site.job("true"))
    assert report.started_at == report.ended_at == SimulatedClock().now().isoformat()
    assert report.host


# -- merges -------------------------------------------------------------------------------------------


def test_a_merge_tool_makes_the_first_promise(site: Site) -> None:
    inputs = [site.put("/raw/a.raw", date_events(3)), site.put("/raw/b.raw", date_events(5))]
    promises = [site.promise("dump", counter="date"), site.promise("job.log")]
    manifest = site.merge("date", *inputs, promises=promises, options={"count_inputs": "date"})
    report = site.run(manifest)
    assert (report.code, report.text) == ("", "")
    assert report.outputs[0].n_events == report.outputs[0].n_read == 8
    assert report.read == {"/raw/a.raw": 3, "/raw/b.raw": 5}
    assert site.files()["dump"] == date_events(3) + date_events(5)
    assert b"merged 2 files" in site.files()["job.log"]


def test_an_unreadable_merge_input_ends_the_job(site: Site) -> None:
    inputs = [site.put("/raw/a.raw", date_events(3)), site.put("/raw/b.raw", b"nonsense" * 20)]
    report = site.run(site.merge("date", *inputs, promises=[site.promise("dump", counter="date")]))
    assert (report.code, report.outputs) == ("unreadable_input", ())
    assert "b.raw" in report.text
    assert site.files() == {}


def test_an_unknown_merge_tool_is_said_so(site: Site) -> None:
    report = site.run(site.merge("nosuch", site.put("/raw/a", b"x"), promises=[site.promise("o")]))
    assert report.code == "tool_missing"


class SpoilingTool:
    """Writes what it says, and then the disk loses a bit."""

    one_by_one = True

    def merge(self, inputs, output):
        from merging.formats.date import DateEvents

        result = DateEvents().merge(inputs, output)
        output.write_bytes(output.read_bytes()[:-1] + b"\x01")
        return result


def test_a_merge_output_spoiled_after_writing_is_noticed(site: Site) -> None:
    raw = site.put("/raw/a.raw", date_events(3))
    report = site.run(site.merge(f"{__name__}:SpoilingTool", raw, promises=[site.promise("dump")]))
    assert report.code == "checksum_mismatch"
    assert site.files() == {}


# -- trouble ------------------------------------------------------------------------------------------


def test_an_input_of_other_bytes_is_named_and_nothing_runs(site: Site) -> None:
    raw = site.put("/raw/cdr.raw", b"raw events")
    longer = site.run(site.job("touch ran", replace(raw, size=9)))
    assert (longer.code, longer.outputs) == ("size_mismatch", ())
    assert "/raw/cdr.raw" in longer.text
    shutil.rmtree(site.work)
    other = site.run(site.job("touch ran", replace(raw, adler32=Adler32(5))))
    assert other.code == "checksum_mismatch"
    assert "/raw/cdr.raw" in other.text
    assert not (site.work / "ran").exists()


def test_a_missing_input(site: Site) -> None:
    raw = replace(site.put("/raw/a", b"x"), url=site.prefix + "/raw/b")
    report = site.run(site.job("true", raw))
    assert report.code == "file_missing"
    assert "/raw/b" in report.text


def test_a_failed_command_says_its_last_words(site: Site) -> None:
    report = site.run(site.job("echo written > x; seq 99; exit 3", promises=[site.promise("x")]))
    assert report.code == "payload_failed"
    assert "exit code 3" in report.text
    assert report.text.endswith("98\n99")
    assert report.outputs == ()
    assert site.files() == {}


def test_a_command_ended_by_a_signal_or_not_there(site: Site) -> None:
    assert "signal 9" in site.run(site.job("kill -9 $$")).text
    shutil.rmtree(site.work)
    report = site.run(site.job("", command=("/no/such/program",)))
    assert (report.code, "cannot be started" in report.text) == ("payload_failed", True)


@pytest.mark.parametrize("script", ["true", "mkdir y", "ln -s /etc/passwd y"])
def test_a_missing_output_means_no_output_at_all(site: Site, script: str) -> None:
    report = site.run(site.job(f"echo 1 > x; {script}", promises=[site.promise("x"), site.promise("y")]))
    assert (report.code, report.outputs) == ("output_missing", ())
    assert "'y'" in report.text
    assert site.files() == {}


def test_an_output_that_cannot_be_counted_is_not_put(site: Site) -> None:
    report = site.run(site.job("echo nonsense > x", promises=[site.promise("x", counter="date")]))
    assert report.code == "output_unreadable"
    assert site.files() == {}


@pytest.mark.parametrize("text", ["{", "[1]", '{"x": -1}', '{"x": true}', '{"x": "3"}', '{"x": 1.5}', ""])
def test_a_word_about_events_that_is_none_ends_the_job(site: Site, text: str) -> None:
    script = f"echo 1 > x; printf '%s' '{text}' > events.json"
    report = site.run(site.job(script, promises=[site.promise("x")]))
    assert report.code == "payload_failed"
    assert "events.json" in report.text


def test_nothing_is_overwritten_at_the_destination(site: Site) -> None:
    site.put("/out/y", b"older")
    report = site.run(site.job("echo 1 > x; echo 2 > y", promises=[site.promise("x"), site.promise("y")]))
    assert (report.code, report.outputs) == ("file_exists", ())
    assert site.files()["y"] == b"older"


def test_the_same_output_put_before_is_adopted(site: Site) -> None:
    site.put("/out/x", b"1\n")
    report = site.run(site.job("echo 1 > x", promises=[site.promise("x")]))
    assert report.code == ""


def test_a_destination_nobody_knows(site: Site) -> None:
    promise = replace(site.promise("x"), url="root://nowhere//x")
    report = site.run(site.job("echo 1 > x", promises=[promise]))
    assert (report.code, report.outputs) == ("unsupported", ())


@pytest.mark.parametrize(
    "outcome",
    [Pending(), Unknown("?"), failed(QuotaExceeded, "full"), failed(FileMissing, "gone"), None],
)
def test_only_done_is_success_of_a_put(site: Site, monkeypatch: pytest.MonkeyPatch, outcome) -> None:
    from transfers.backends.posix import PosixStorage

    def copy(self, orders, watch):
        answers = {order.path: Done() for order in orders}
        if outcome is None:
            del answers["/out/y"]
        else:
            answers["/out/y"] = outcome
        return answers

    monkeypatch.setattr(PosixStorage, "copy", copy)
    report = site.run(site.job("echo 1 > x; echo 2 > y", promises=[site.promise("x"), site.promise("y")]))
    assert report.code == getattr(outcome, "code", "unreadable_reply")
    assert report.outputs == ()


def test_all_outputs_for_a_storage_go_in_one_call(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from transfers.backends.posix import PosixStorage

    calls = []
    real = PosixStorage.copy
    monkeypatch.setattr(
        PosixStorage,
        "copy",
        lambda self, orders, watch: calls.append(len(orders)) or real(self, orders, watch),
    )
    site.run(site.job("echo 1 > x; echo 2 > y", promises=[site.promise("x"), site.promise("y")]))
    assert calls == [2]


def test_an_unexpected_error_is_a_report_too(site: Site, monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    def broken(*args):
        raise RuntimeError("a bug")

    monkeypatch.setattr(doing, "_stage_out", broken)
    report = site.run(site.job("echo 1 > x", promises=[site.promise("x")]))
    assert (report.code, report.text) == ("worker_error", "RuntimeError: a bug")
    assert report.outputs == ()
    assert "Traceback" in caplog.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: replace(m, inputs=(*m.inputs, replace(m.inputs[0], lfn="/other/a"))), "two inputs"),
        (lambda m: replace(m, inputs=(replace(m.inputs[0], lfn="/raw/x"),)), "like a file of the job"),
        (lambda m: replace(m, inputs=(replace(m.inputs[0], lfn="/raw/job.log"),)), "like a file of the job"),
        (lambda m: replace(m, inputs=(replace(m.inputs[0], lfn="/raw/.."),)), "no file name"),
        (lambda m: replace(m, promises=(replace(m.promises[0], payload="../x"),)), "no file name"),
        (lambda m: replace(m, promises=(replace(m.promises[0], payload=""),)), "no file name"),
        (lambda m: replace(m, promises=m.promises * 2), "two outputs"),
        (lambda m: replace(m, command=()), "either"),
        (lambda m: replace(m, tool="date"), "either"),
        (lambda m: replace(m, tool="date", command=(), promises=()), "no promises"),
    ],
)
def test_a_manifest_that_cannot_be_kept_is_refused_before_anything(site: Site, change, words: str) -> None:
    manifest = site.job("echo 1 > x", site.put("/raw/a", b"x"), promises=[site.promise("x")])
    report = site.run(change(manifest))
    assert (report.code, words in report.text) == ("manifest_refused", True), report.text
    assert not site.work.exists()


def test_a_command_that_wants_an_input_there_is_not(site: Site) -> None:
    report = site.run(site.job("", command=("/bin/cat", "{input}")))
    assert report.code == "manifest_refused"


# -- the program --------------------------------------------------------------------------------------


def program(site: Site, manifest: Manifest, *options: str, tmp_path: Path) -> tuple[int, Report]:
    write(tmp_path / "m.json", manifest)
    args = [str(tmp_path / "m.json"), str(tmp_path / "r.json"), "--work", str(site.work), *options]
    code = subprocess.run([PYTHON, "-m", "ddm.jobs.worker", *args], check=False).returncode
    return code, read_report((tmp_path / "r.json").read_text())


def test_the_program_does_a_job_and_tidies_up(site: Site, tmp_path: Path) -> None:
    code, report = program(site, site.job("echo 1 > x", promises=[site.promise("x")]), tmp_path=tmp_path)
    assert (code, report.code, len(report.outputs)) == (0, "", 1)
    assert not site.work.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"disk", "m.json", "r.json"}


def test_the_program_keeps_its_directory_when_told(site: Site, tmp_path: Path) -> None:
    code, report = program(site, site.job("echo no; exit 1"), "--keep", tmp_path=tmp_path)
    assert (code, report.code) == (20, "payload_failed")
    assert (site.work / "job.log").read_bytes() == b"no\n"


def test_a_directory_in_use_is_left_alone(site: Site, tmp_path: Path) -> None:
    site.work.mkdir()
    (site.work / "precious").write_text("x")
    code, report = program(site, site.job("true"), tmp_path=tmp_path)
    assert (code, report.code) == (21, "work_directory_in_use")
    assert (site.work / "precious").exists()


def test_a_report_is_never_overwritten(site: Site, tmp_path: Path, capsys) -> None:
    write(tmp_path / "m.json", site.job("true"))
    (tmp_path / "r.json").write_text("old")
    assert worker.main([str(tmp_path / "m.json"), str(tmp_path / "r.json")]) == 2
    assert (tmp_path / "r.json").read_text() == "old"
    assert "not overwritten" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["{", "", '{"version": 9}', None])
def test_an_unreadable_manifest_leaves_a_report(tmp_path: Path, capsys, text: str | None) -> None:
    if text is not None:
        (tmp_path / "m.json").write_text(text)
    assert worker.main([str(tmp_path / "m.json"), str(tmp_path / "r.json")]) == 2
    assert read_report((tmp_path / "r.json").read_text()).code == "manifest_unreadable"
    assert "m.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("", 0),
        ("payload_failed", 20),
        ("unreadable_input", 20),
        ("worker_error", 21),
        ("unsupported", 21),
        (EndpointUnreachable.code, 22),
        ("file_exists", 23),
        ("checksum_mismatch", 23),
        ("unreadable_reply", 23),
        ("not_online", 23),
        ("credential_expired", 24),
        ("manifest_refused", 2),
        ("terminated", 143),
        ("nobody knows this word", 1),
    ],
)
def test_exit_codes(code: str, exit_code: int) -> None:
    assert worker.exit_code(Report("a", "h", "", "", (), code=code)) == exit_code


def test_a_job_told_to_end_leaves_a_report_and_no_directory(site: Site, tmp_path: Path) -> None:
    write(tmp_path / "m.json", site.job("touch started; sleep 60", promises=[site.promise("x")]))
    args = [str(tmp_path / "m.json"), str(tmp_path / "r.json"), "--work", str(site.work)]
    process = subprocess.Popen([PYTHON, "-m", "ddm.jobs.worker", *args], stderr=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while not (site.work / "started").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 143
    report = read_report((tmp_path / "r.json").read_text())
    assert (report.code, report.outputs) == ("terminated", ())
    assert not site.work.exists()


def test_worker_code_opens_no_database(site: Site, tmp_path: Path) -> None:
    raw = site.put("/raw/cdr.raw", date_events(3))
    promises = [site.promise("dump", counter="date"), site.promise("job.log", "/out/l.gz")]
    manifest = site.merge("date", raw, promises=promises, options={"count_inputs": "date"})
    write(tmp_path / "m.json", manifest)
    script = (
        "import json, sys; from ddm.jobs import worker; code = worker.main(sys.argv[1:]);"
        "print(json.dumps([code, sorted(sys.modules)]))"
    )
    args = [str(tmp_path / "m.json"), str(tmp_path / "r.json"), "--work", str(site.work)]
    done = subprocess.run([PYTHON, "-c", script, *args], check=True, capture_output=True, text=True)
    code, modules = json.loads(done.stdout)
    assert (code, done.stderr) == (0, "")
    tops = {module.partition(".")[0] for module in modules}
    assert tops.isdisjoint(
        {"sqlalchemy", "alembic", "sqlite3", "psycopg", "uproot", "numpy", "click", "rich"}
    )


# -- several places -----------------------------------------------------------------------------------


def test_another_source_of_an_input_is_read_when_the_first_one_fails(site: Site) -> None:
    raw = site.put("/raw/a", b"raw events")
    site.put("/bad/a", b"raw event?")
    first = replace(raw, url=site.prefix + "/gone/a", alternatives=(site.prefix + "/bad/a", raw.url))
    report = site.run(site.job('cat "$1" > x', first, promises=[site.promise("x")]))
    assert (report.code, report.fault) == ("", "")
    assert site.files() == {"x": b"raw events"}


def test_an_output_goes_to_the_fallback_and_the_report_says_where(site: Site) -> None:
    site.put("/out/x", b"older")
    fallback = site.prefix + "/spare/x"
    promise = replace(site.promise("x"), fallbacks=(fallback,))
    manifest = site.job("echo 1 > x", promises=[promise])
    report = site.run(manifest)
    assert (report.code, [output.url for output in report.outputs]) == ("", [fallback])
    assert broken_promises(manifest, report) == []
    assert broken_promises(replace(manifest, promises=(site.promise("x"),)), report) != []
    assert site.files() == {"x": b"older"}


def test_what_was_put_and_is_not_announced_is_told(site: Site) -> None:
    site.put("/out/y", b"older")
    report = site.run(site.job("echo 1 > x; echo 2 > y", promises=[site.promise("x"), site.promise("y")]))
    assert (report.code, report.fault, report.outputs) == ("file_exists", "storage", ())
    assert set(report.left) == {site.prefix + "/out/x", site.prefix + "/out/y"}


def test_papers_with_several_places_are_read_back_and_older_ones_as_before(site: Site) -> None:
    raw = replace(site.put("/raw/a", b"x"), alternatives=("file:///other/a",))
    promise = replace(site.promise("x"), fallbacks=("file:///spare/x", "file:///spare2/x"))
    manifest = site.job("true", raw, promises=[promise])
    assert read_manifest(dumps(manifest)) == manifest
    old = json.loads(dumps(manifest))
    del old["inputs"][0]["alternatives"], old["promises"][0]["fallbacks"]
    assert old["version"] == 1
    found = read_manifest(json.dumps(old))
    assert (found.inputs[0].urls, found.promises[0].urls) == ((raw.url,), (promise.url,))
    seen = Reading("/a", 7, Adler32(1), 3, {"physics": 3, "start of run": 1})
    report = Report("a", "h", "", "", (), code="x", fault="site", left=("u",), inputs=(seen,))
    assert read_report(dumps(report)) == report


def test_a_full_disk_of_this_machine_is_its_own_fault(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from transfers.backends.posix import PosixStorage

    def fetch(self, orders, watch):
        return {order.destination: failed(QuotaExceeded, "full") for order in orders}

    monkeypatch.setattr(PosixStorage, "fetch", fetch)
    report = site.run(site.job("true", site.put("/raw/a", b"x")))
    assert (report.code, report.fault, worker.exit_code(report)) == ("quota_exceeded", "site", 21)


# -- logs of failed attempts --------------------------------------------------------------------------


def test_the_log_of_a_job_that_failed_is_put_where_it_was_promised(site: Site) -> None:
    """It is the only provenance of the failure (accident 12)."""
    promises = [site.promise("dst"), site.promise("job.log", "/out/job-1.log.gz")]
    report = site.run(site.job("echo no calibration; exit 7", promises=promises))
    assert (report.code, report.outputs) == ("payload_failed", ())
    (name,) = site.files()
    data = site.files()[name]
    assert (name, gzip.decompress(data)) == ("job-1.log.gz", b"no calibration\n")
    url = site.prefix + "/out/job-1.log.gz"
    assert report.log == Output("/out/job-1.log.gz", url, len(data), adler32([data]))
    assert read_report(dumps(report)) == report


def test_the_log_is_put_also_when_the_command_ended_well_and_its_files_are_not_there(site: Site) -> None:
    promises = [site.promise("dst"), site.promise("job.log", "/out/job-1.log.gz")]
    report = site.run(site.job("echo 'no events: nothing written'", promises=promises))
    assert report.code == "output_missing"
    assert report.log is not None
    assert list(site.files()) == ["job-1.log.gz"]


def test_a_log_that_cannot_be_put_changes_nothing_of_the_report(site: Site) -> None:
    (site.disk / "out").mkdir()
    (site.disk / "out/job-1.log").write_text("somebody else's")
    report = site.run(site.job("echo x; exit 7", promises=[site.promise("job.log", "/out/job-1.log")]))
    assert (report.code, report.log) == ("payload_failed", None)
    assert site.files() == {"job-1.log": b"somebody else's"}


def test_a_good_job_tells_of_no_other_log(site: Site) -> None:
    report = site.run(site.job("echo x", promises=[site.promise("job.log", "/out/job-1.log")]))
    assert (report.code, report.log, len(report.outputs)) == ("", None, 1)


def test_the_members_of_an_archive_are_counted_for_the_cross_check(site: Site) -> None:
    logs = [site.put(f"/logs/{n}.stdout.gz", b"x" * n) for n in range(1, 4)]
    told = replace(logs[1], about={"run": 275678, "chunk": "00911", "job": 17, "attempt": 2})
    gap = {"run": 275678, "chunk": "11093", "reason": "lost", "approver": "anna"}
    promise = replace(
        site.promise("logs.zip", "/out/logs.zip", counter="zip"),
        tool="zip", about={"product": "logs", "part": 0}, gaps=(gap,),
    )  # fmt: skip
    manifest = site.merge("", logs[0], told, logs[2], promises=[promise])
    assert read_manifest(dumps(manifest)) == manifest
    report = site.run(manifest)
    assert report.code == ""
    assert (report.outputs[0].n_events, report.outputs[0].n_read) == (None, 3)
    index = index_of(site.disk / "out/logs.zip")
    assert (index.archive, index.gaps) == ({"product": "logs", "part": 0}, (gap,))
    assert [member.about.get("chunk") for member in index.members] == [None, "00911", None]
