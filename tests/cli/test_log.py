"""Logs of jobs through a whole flow with real bytes: kept, archived, and found again wherever they are."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.checksum import adler32
from catalog.clock import SystemClock
from catalog.db.move import move
from catalog.errors import ExitCode
from catalog.states import REPLICA
from ddm import config, flow
from ddm.app import open_app
from tests.cli.place import Place
from transfers.backends.simtape import open_tape

RAW = "/castor/cern.ch/compass/data/2022/raw/W08"
RUNS = (300_001, 300_002)
CHUNKS = ("11001", "11002")
HELD, HEALED = f"cdr11001-{RUNS[1]}.raw", f"cdr11002-{RUNS[1]}.raw"
DOTS = "transv2022.W08t4.0"
"""A production whose name has dots (accident 9)."""

PROGRAM = f"""
echo "$0 begins with $1"
case $0/$1 in
good/{HELD}) echo 'no calibration for this run'; exit 7;;
good/{HEALED}) test -e MARK && echo 'it is there now' || {{ touch MARK; echo 'the disk was full'; exit 3; }};;
esac
"""

TOML = """
[names]
eos = "/eos/"
tape = "/castor/"
[endpoint.disk]
kind = "disk"
backend = "posix"
prefix = "file://{here}/disk"
[endpoint.tape]
kind = "tape"
backend = "simtape"
prefix = "simtape://{here}/tape"
options = { drives = "2", mount = "0.01", unmount = "0.01", seek = "0.01", archive_delay = "0.01" }
[product.logs]
payload = "job.log"
chunk_dir = "{eos}{soft}/logFiles/"
chunk_name = "{prod}.{run}-{chunk}-{slot}.stdout.gz"
merged_dir = "{eos}{soft}/mergedLogs/"
merged_name = "{prod}.{run}.zip{part}"
archive_dir = "{tape}{soft}/logFiles/"
archive_to = ""
tool = "zip"
options = { compression = "stored" }
counter = "zip"
counted = "none"
verify = "same-content"
inputs_after_archive = "keep"
[product.prodlogs]
made_of = "logs"
merged_dir = "{eos}{soft}/prodLogs/{period}/"
merged_name = "{prod}_logFiles.zip{part}"
archive_dir = "{tape}prodlogs/{year}/{period}/"
archive_to = "tape"
tool = "zip"
options = { compression = "stored" }
counter = "zip"
counted = "none"
unit = "period"
verify = "same-content"
inputs_after_archive = "keep"
[runner.local]
slots = 2
[flow]
interval = "0.05 s"
first_wait = "0.05 s"
longest_wait = "0.1 s"
"""

TASK = """
[task.{name}]
dataset = "2022/W08"
raw_name = "cdr{{chunk}}-{{run}}.raw"
raw_counter = ""
year = 2022
period = "W08"
production = "{production}"
soft = "{name}"
program = ["/bin/sh", "-c", {program}, "{how}", "{{input}}"]
disk = "disk"
products = ["logs", "prodlogs"]
max_attempts = 2
"""


class Site(Place):
    """Two productions of the same runs, with one task each, that did all they could."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        program = json.dumps(PROGRAM.replace("MARK", str(root / "mark")))
        text = TOML.replace("{here}", str(root))
        for name, production, how in (("good", DOTS, "good"), ("other", "transv2022", "other")):
            text += TASK.format(name=name, production=production, how=how, program=program)
        (root / "ddm.toml").write_text(text)
        lines = []
        for run in RUNS:
            for chunk in CHUNKS:
                lfn, data = f"{RAW}/cdr{chunk}-{run}.raw", f"raw {run} {chunk}".encode()
                path = root / "tape/tape" / lfn.lstrip("/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                lines.append(f"{lfn},{len(data)},{adler32([data])},")
        self.good("db", "upgrade")
        raw = self.list(*lines)
        place = ("--dataset", "2022/W08", "--endpoint", "tape", "--task", "good")
        self.good("file", "register", raw, *place, "--close")

    def flow(self, rounds: int = 2000) -> flow.Outcome:
        app = open_app(config.load(self.root / "ddm.toml", {}))
        try:
            return flow.run(app, max_rounds=rounds)
        finally:
            app.close()

    def withdraw(self, *like: str, endpoint: str = "disk") -> int:
        """Nobody may read the copies of files of these names any more, as when they were cleaned up."""
        app = open_app(config.load(self.root / "ddm.toml", {}))
        with app.catalog.begin() as conn:
            ids = []
            for name in like:
                rows = conn.exec_driver_sql(
                    "SELECT r.id FROM replica r JOIN file f ON f.id = r.file_id JOIN endpoint e"
                    f" ON e.id = r.endpoint_id WHERE f.name LIKE '{name}' AND e.name = '{endpoint}'"
                    " AND r.state = 'AVAILABLE'"
                ).all()
                ids += [row[0] for row in rows]
            move(conn, REPLICA, ids, "trashed", app.why("for a test"))
        app.close()
        return len(ids)

    def evict(self) -> None:
        """The buffer of the tape library drops what is on tape."""
        tape = open_tape(f"simtape://{self.root}/tape", clock=SystemClock(), options={})
        with tape.control() as library:
            for path in list(library.files):
                library.evict(path, SystemClock().now().timestamp())

    def archive(self, name: str) -> Path:
        (found,) = self.root.glob(f"disk/**/{name}")
        return found


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("logs") / "site")
    outcome = site.flow()
    assert outcome.held == 1  # the job that fails always
    with pytest.raises(ValueError, match="unpack"):
        site.archive(f"{DOTS}_logFiles.zip")  # a held job keeps the period open
    assert site.archive("transv2022_logFiles.zip")
    why = ("--task", "good", "--reason", "calibration lost", "--approver", "anna", "--events", "0", "--yes")
    site.good("gap", "add", f"{RAW}/{HELD}", *why)
    assert site.flow().held == 0
    return site


@pytest.fixture
def site(archived: Site, tmp_path: Path) -> Iterator[Site]:
    """The same with its catalogue as it was, whatever the tests withdraw."""
    saved = (archived.root / "ddm.db").read_bytes()
    yield archived
    for name in ("ddm.db-wal", "ddm.db-shm"):
        (archived.root / name).unlink(missing_ok=True)
    (archived.root / "ddm.db").write_bytes(saved)


def line(run: int, chunk: str, how: str = "good") -> str:
    return f"{how} begins with cdr{chunk}-{run}.raw"


def test_a_log_is_shown_by_job_by_chunk_and_by_name(site: Site) -> None:
    one = next(entry for entry in site.json("log", "list", "good") if entry["run"] == RUNS[0])
    text = site.good("log", "show", RUNS[0], one["chunk"], "--task", "good")
    assert text == line(RUNS[0], one["chunk"]) + "\n"
    name = f"{DOTS}.{RUNS[0]}-{one['chunk']}-0.stdout.gz"
    assert site.good("log", "show", one["job"]) == site.good("log", "show", name) == text
    raw = site.run("log", "show", name, "--raw").stdout_bytes
    assert gzip.decompress(raw).decode() == text


def test_archives_of_runs_are_told_as_kept_in_that_of_the_production(site: Site) -> None:
    lines = [line for line in site.json("archive", "status")["products"] if line["task"] == "good"]
    stages = {line["product"]: set(line["stages"]) for line in lines}
    assert stages["logs"] == {"in another"}


def test_logs_of_two_productions_of_one_run_do_not_mix(site: Site) -> None:
    """Accident 8."""
    for how, production in (("good", DOTS), ("other", "transv2022")):
        with zipfile.ZipFile(site.archive(f"{production}.{RUNS[0]}.zip")) as archive:
            names = [name for name in archive.namelist() if name != "index.json"]
            assert names == [f"{production}.{RUNS[0]}-{chunk}-0.stdout.gz" for chunk in CHUNKS]
            texts = [gzip.decompress(archive.read(name)).decode() for name in names]
        assert texts == [line(RUNS[0], chunk, how) + "\n" for chunk in CHUNKS]
    told = site.refused(ExitCode.USAGE, "log", "show", RUNS[0], CHUNKS[0])
    assert "which task? good, other" in told


def test_logs_of_attempts_that_failed_are_kept_and_archived(site: Site) -> None:
    """Accident 12."""
    found = [entry for entry in site.json("log", "list", RUNS[1]) if entry["task"] == "good"]
    told = {(entry["chunk"], entry["attempt"], entry["failed"]) for entry in found}
    assert told == {("11001", 1, True), ("11001", 2, True), ("11002", 1, True), ("11002", 2, False)}
    shown = site.run("log", "show", RUNS[1], "11002", "--task", "good")
    assert "it is there now" in shown.stdout
    assert "attempt 1 failed: ddm log show j" in shown.stderr
    job = next(entry["job"] for entry in found if entry["chunk"] == "11002")
    assert "the disk was full" in site.good("log", "show", f"j{job}a1")
    assert "no calibration" in site.good("log", "show", RUNS[1], "11001", "--task", "good")
    index = site.json("log", "index", f"{DOTS}.{RUNS[1]}.zip")
    assert [(m["chunk"], m["attempt"], m.get("failed")) for m in index["members"]] == [
        ("11001", 1, "yes"), ("11001", 2, "yes"), ("11002", 2, None), ("11002", 1, "yes"),
    ]  # fmt: skip
    gap = {"run": RUNS[1], "chunk": "11001", "reason": "calibration lost", "approver": "anna", "events": 0}
    assert index["gaps"] == [gap]


def test_the_archive_of_the_production_tells_of_its_runs(site: Site) -> None:
    index = site.json("log", "index", f"{DOTS}_logFiles.zip")
    told = [(m["run"], m["part"], m["members"]) for m in index["members"]]
    assert told == [(RUNS[0], 0, 2), (RUNS[1], 0, 4)]
    assert index["archive"]["production"] == DOTS
    assert [gap["reason"] for gap in index["gaps"]] == ["calibration lost"]
    with zipfile.ZipFile(site.archive(f"{DOTS}_logFiles.zip")) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    assert "gap: run 300002 chunk 11001: calibration lost (approved by anna)" in site.good(
        "log", "index", f"{DOTS}_logFiles.zip"
    )


def test_a_log_is_read_from_the_archive_of_its_run_then_from_that_of_the_production(site: Site) -> None:
    asked = ("log", "show", RUNS[0], "11002", "--task", "good")
    first = site.json(*asked)
    assert (first["at"], first["within"]) == ("disk", [])
    assert site.withdraw("%.stdout.gz") == 10
    second = site.json(*asked)
    assert [name.rpartition("/")[2] for name in second["within"]] == [f"{DOTS}.{RUNS[0]}.zip"]
    assert site.withdraw(f"{DOTS}.%.zip") == 2
    third = site.json(*asked)
    assert [name.rpartition("/")[2] for name in third["within"]] == [
        f"{DOTS}_logFiles.zip", f"{DOTS}.{RUNS[0]}.zip",
    ]  # fmt: skip
    assert first["text"] == second["text"] == third["text"] == line(RUNS[0], "11002") + "\n"
    assert first["requests"] == second["requests"] == third["requests"] == 1


def test_what_is_on_tape_only_is_priced_and_recalled_when_asked(site: Site) -> None:
    site.withdraw("%.stdout.gz", "%.zip")
    site.evict()
    asked = ("log", "show", RUNS[0], "11001", "--task", "good")
    told = site.refused(ExitCode.BUSY, *asked)
    archive = f"/castor/prodlogs/2022/W08/{DOTS}_logFiles.zip"
    assert f"it is in {archive}, which is on tape only, at tape (" in told
    assert f"ddm stage request {archive} --name 'log {DOTS}_logFiles.zip' --reason logs --for 1d" in told
    asked_for = site.run(*asked, "--recall")
    assert asked_for.exit_code == ExitCode.BUSY
    assert "asked for as 'log transv2022.W08t4.0_logFiles.zip'" in asked_for.stderr
    assert site.flow(200).held == 0
    assert site.good(*asked, "--recall", "--wait") == line(RUNS[0], "11001") + "\n"
    shown = site.json(*asked)
    assert shown["at"] == "tape"
    assert len(shown["within"]) == 2


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data[:-30], "has 0 bytes"),
        (lambda data: data.replace(b"index.json", b"index.jsop"), "it has no index.json"),
        (lambda data: data.replace(b'"size": ', b'"sise": '), "index.json"),
        (lambda data: data[:90] + b"?" + data[91:], "member transv2022.300001-11001-0.stdout.gz"),
    ],
    ids=["truncated", "no index", "another index", "other bytes"],
)
def test_a_broken_archive_is_told_in_one_line(site: Site, spoil, says) -> None:
    site.withdraw("transv2022.300001%.stdout.gz")
    path = site.archive(f"transv2022.{RUNS[0]}.zip")
    data = path.read_bytes()
    try:
        path.chmod(0o644)
        path.write_bytes(spoil(data))
        told = site.run("log", "show", RUNS[0], "11001", "--task", "other")
        assert told.exit_code in (ExitCode.STORAGE, ExitCode.FAILED), told.output
        assert told.stderr.count("\n") == 1
        assert says in told.stderr or "ends after" in told.stderr
    finally:
        path.write_bytes(data)


def test_what_is_not_there_is_told(site: Site) -> None:
    assert "no such job" in site.refused(ExitCode.FAILED, "log", "show", 4711)
    assert "no job processes this chunk" in site.refused(ExitCode.FAILED, "log", "show", RUNS[0], "99999")
    assert "neither a run nor a task" in site.refused(ExitCode.FAILED, "log", "list", "nobody")
    merge = next(one["job"]["id"] for one in _jobs(site) if one["job"]["kind"] == "merge")
    assert "it is a merge, which writes no log" in site.refused(ExitCode.USAGE, "log", "show", merge)


def _jobs(site: Site) -> list[dict]:
    app = open_app(config.load(site.root / "ddm.toml", {}))
    with app.catalog.read() as conn:
        rows = conn.exec_driver_sql("SELECT id, kind FROM job").all()
    app.close()
    return [{"job": {"id": key, "kind": kind}} for key, kind in rows]
