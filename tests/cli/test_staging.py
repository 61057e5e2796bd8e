"""``ddm stage-in`` and ``stage-out`` as programs: light, told to end, killed at any moment, and repeated."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalog.checksum import adler32
from ddm.cli import light, staging
from ddm.cli.program import ddm
from ddm.exitcodes import FAULTS

PYTHON = sys.executable
A, B = b"first file" * 10_000, b"second"


class Site:
    """A store, a fallback and a work directory, and the manifests between them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("store", "fallback", "work"):
            (root / name).mkdir()

    def _write(self, kind: str, files: list[dict]) -> Path:
        path = self.root / f"{kind}.json"
        prefixes = [f"file://{self.root}/{name}" for name in ("store", "fallback")]
        backends = {prefix: ["posix", {}] for prefix in prefixes}
        path.write_text(
            json.dumps({"version": 1, "kind": kind, "label": "j1", "files": files, "backends": backends})
        )
        return path

    def incoming(self, **files: bytes) -> Path:
        for name, data in files.items():
            (self.root / "store" / name).write_bytes(data)
        return self._write(
            "stage-in",
            [
                {
                    "lfn": f"/x/{name}",
                    "size": len(data),
                    "adler32": str(adler32([data])),
                    "sources": [{"url": f"file://{self.root}/store/{name}"}],
                }
                for name, data in files.items()
            ],
        )

    def outgoing(self, **files: bytes) -> Path:
        for name, data in files.items():
            (self.root / "work" / name).write_bytes(data)
        return self._write(
            "stage-out",
            [
                {
                    "lfn": f"/x/{name}",
                    "destinations": [f"file://{self.root}/{place}/{name}" for place in ("store", "fallback")],
                }
                for name in files
            ],
        )

    def run(self, verb: str, manifest: Path, *more: str) -> int:
        return staging.run(verb, [str(manifest), "--dir", str(self.root / "work"), *more])

    def report(self, verb: str):
        path = self.root / f"{verb}.json.report.json"
        return json.loads(path.read_text()) if path.exists() else None

    def files(self, name: str) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.root / name).iterdir()}


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *words: None)  # the tests' own handlers stay
    return Site(tmp_path)


def test_files_come_in_and_the_report_says_so(site, capsys):
    manifest = site.incoming(a=A, b=B)
    assert site.run("stage-in", manifest) == 0
    assert site.files("work") == {"a": A, "b": B}
    report = site.report("stage-in")
    assert (report["version"], report["kind"], report["label"], report["code"]) == (1, "stage-in", "j1", "")
    assert [file["state"] for file in report["files"]] == ["copied", "copied"]
    assert capsys.readouterr().err.startswith("ddm stage-in: 2 files, 100006 bytes, ")
    assert site.run("stage-in", manifest, "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == site.report("stage-in")
    assert "2 of them were there already" in told.err


def test_files_go_out_all_or_none_and_the_exit_code_says_whose_fault(site, capsys):
    manifest = site.outgoing(a=A, b=B)
    assert site.run("stage-out", manifest, "--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert [out["lfn"] for out in site.report("stage-out")["outputs"]] == ["/x/a", "/x/b"]
    (site.root / "work" / "b").unlink()
    assert site.run("stage-out", manifest) == 20
    report = site.report("stage-out")
    assert (report["outputs"], report["fault"], report["exit_code"]) == ([], "payload", 20)
    line = capsys.readouterr().err
    assert line.startswith("ddm stage-out: output_missing: /x/b: ")
    assert line.count("\n") == 1


def test_a_manifest_that_cannot_be_read_leaves_a_report_and_no_older_one(site, capsys):
    manifest = site.outgoing(a=A)
    assert site.run("stage-out", manifest) == 0
    manifest.write_text("{")
    assert site.run("stage-out", manifest) == 2
    assert site.report("stage-out")["code"] == "manifest_unreadable"
    assert site.run("stage-in", site.outgoing(a=A)) == 2  # of the other kind
    capsys.readouterr()


def test_no_older_report_is_there_while_files_are_moved(site, monkeypatch, capsys):
    manifest = site.outgoing(a=A)
    assert site.run("stage-out", manifest) == 0

    def looks(*words):
        assert site.report("stage-out") is None
        raise RuntimeError("a defect")

    monkeypatch.setattr("ddm.cli.staging_run.stage_out", looks)
    assert site.run("stage-out", manifest) == 21
    report = site.report("stage-out")
    assert (report["code"], report["outputs"]) == ("worker_error", [])
    assert report["text"] == "RuntimeError: a defect"
    assert "worker_error" in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_no_success(site, capsys):
    manifest = site.outgoing(a=A)
    assert site.run("stage-out", manifest, "--report", str(site.root / "nosuch" / "r.json")) == 21
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["work/a", "stage-out.json"])
def test_a_report_takes_the_place_of_no_other_file(site, capsys, name):
    manifest = site.outgoing(a=A)
    before = (site.root / name).read_bytes()
    assert site.run("stage-out", manifest, "--report", str(site.root / name)) == 2
    assert "is no report" in capsys.readouterr().err
    assert ((site.root / name).read_bytes(), site.files("store")) == (before, {})


def test_a_report_is_not_written_over_a_file_that_has_come(site, capsys):
    manifest = site.incoming(a=A)
    assert site.run("stage-in", manifest, "--report", f"{site.root}/work/../work/a") == 2
    assert "the name of the file a" in capsys.readouterr().err
    assert site.files("work").keys() == {"a"}  # the report that says so
    assert json.loads(site.files("work")["a"])["code"] == "manifest_unreadable"


@pytest.mark.parametrize("verb", ["stage-in", "stage-out"])
def test_both_faces_of_a_program_say_the_same(verb, capsys):
    with pytest.raises(SystemExit) as end:
        light.main(staging.PROGRAMS[verb], ["--help"])
    assert end.value.code == 0
    bare, heavy = capsys.readouterr().out, CliRunner().invoke(ddm, [verb, "--help"]).output
    for text in (*(option.name for option in staging.OPTIONS), *map(str, FAULTS), *staging.EXAMPLES[verb]):
        assert text in bare
        assert text in heavy


def test_a_verbose_call_through_the_tree_of_commands_is_the_same_program(site):
    manifest = site.outgoing(a=A)
    told = CliRunner().invoke(ddm, ["stage-out", str(manifest), "--dir", str(site.root / "work"), "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["outputs"][0]["lfn"] == "/x/a"


@pytest.mark.parametrize(
    "words", [[], ["--threads", "0"], ["m", "--nosuch"], ["m", "--thre", "2"], [""], ["."]]
)
def test_wrong_usage(words, capsys):
    with pytest.raises(SystemExit) as end:
        staging.run("stage-in", words)
    assert end.value.code == 2
    line = capsys.readouterr().err
    assert line.startswith("ddm stage-in: ")
    assert line.endswith("; see 'ddm stage-in --help'\n")
    assert line.count("\n") == 1


def test_a_second_place_is_told_of(site, capsys):
    manifest = site.incoming(a=A)
    words = json.loads(manifest.read_text())
    there = words["files"][0]["sources"][0]["url"]
    words["files"][0]["sources"] = [{"url": f"{there}-gone", "distance": 1}, {"url": there, "distance": 2}]
    manifest.write_text(json.dumps(words))
    assert site.run("stage-in", manifest) == 0
    line = capsys.readouterr().err
    assert line.startswith("ddm stage-in: 1 file, ")
    assert line.endswith("; 1 of them after another place had failed, see the report\n")


# ------------------------------------------------------------------------------------ imports
def modules(*words: str) -> set[str]:
    """What is loaded after the program ran, beside what the interpreter itself loads."""
    code = (
        "import sys; before = set(sys.modules); sys.argv[0] = 'ddm'\n"
        "from ddm.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print('LOADED', *sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [PYTHON, "-I", "-c", code, *words], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.rpartition("LOADED ")[2].split())


OURS = {
    "catalog",
    "catalog.checksum",
    "catalog.errors",
    "ddm",
    "ddm.cli",
    "ddm.cli.light",
    "ddm.cli.staging",
    "ddm.exitcodes",
}


def strangers(found: set[str]) -> set[str]:
    """Packages that are neither ours nor of the standard library."""
    return {name.partition(".")[0] for name in found} - {
        *sys.stdlib_module_names,
        "catalog",
        "ddm",
        "transfers",
    }


def test_help_loads_next_to_nothing():
    found = modules("stage-in", "--help")
    assert {name for name in found if name.partition(".")[0] in ("catalog", "ddm", "transfers")} == OURS
    assert strangers(found) == set()
    assert found.isdisjoint({"asyncio", "email", "http", "socket", "ssl", "subprocess", "urllib.request"})


def test_staging_loads_what_it_needs_and_no_database(site):
    found = modules("stage-in", str(site.incoming(a=A)), "--dir", str(site.root / "work"), "--quiet")
    assert strangers(found) - {"zlib_ng"} == {"tenacity"}
    ours = {name for name in found if name.startswith(("catalog.", "ddm.", "merging."))}
    assert ours == {
        "catalog.checksum",
        "catalog.clock",
        "catalog.errors",
        "catalog.evidence",
        "catalog.faults",
        "catalog.papers",
        "catalog.seam",
        "catalog.states",
        *(f"catalog.states.{part}" for part in ("datasets", "flow", "machine", "people", "words")),
        "ddm.cli",
        "ddm.cli.light",
        "ddm.cli.staging",
        "ddm.cli.staging_run",
        "ddm.exitcodes",
    }


# -------------------------------------------------------------------------- ended and killed
HELD = """
import itertools, sys, threading
from transfers.backends import localfiles, posix
real, calls, never = posix.meter, itertools.count(), threading.Event()
def held(watch, key):
    tell = real(watch, key)
    def moved(done):
        if next(calls) > 50:
            print("MOVING", flush=True)
            while not watch.stopped():
                never.wait(0.01)
        tell(done)
    return moved
posix.meter = held
localfiles.BLOCK = 1000
from ddm.cli import light, staging
sys.exit(staging.run(sys.argv[1], sys.argv[2:]))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_program_told_to_end_leaves_a_report_and_no_part_of_a_file(tmp_path, number, code):
    site = Site(tmp_path)
    data = {f"f{n}": b"%03d" % n * 30_000 for n in range(200)}
    manifest = site.incoming(**data)
    words = [PYTHON, "-c", HELD, "stage-in", str(manifest), "--dir", str(tmp_path / "work")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("MOVING")
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == code, (out, err)
    report = site.report("stage-in")
    assert (report["code"], report["exit_code"]) == ("transfer_stopped", code)
    assert site.files("work").items() <= data.items()


def test_killed_at_any_moment_nothing_wrong_is_announced_and_repetition_finishes(tmp_path):
    words = [PYTHON, "-m", "tests.cli.killing", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=240, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert all(int(kills) > 5 for kills in done.stdout.split())  # it was really killed at many moments
