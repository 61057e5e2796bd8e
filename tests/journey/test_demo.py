"""The demonstration, as a user runs it: from tape to archived, and where it stops when it must."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from catalog.db.engine import Catalog
from catalog.retention import seal_of
from transfers.testing.xrootd import missing_packages

pytestmark = pytest.mark.slow


def ddm(*args: str, cwd: Path, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "ddm", *args],
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def demo(
    tmp_path: Path, *args: str, code: int = 0, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A small demonstration; its answer."""
    done = ddm("demo", "--dir", "demo", "--json", *args, cwd=tmp_path, environ=environ)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def states(answer: Mapping[str, Any], noun: str) -> dict[str, int]:
    return {entry["state"]: entry["count"] for entry in answer["states"] if entry["noun"] == noun}


def tier(answer: Mapping[str, Any], tier: str, product: str) -> dict[str, Any]:
    (found,) = (e for e in answer["tiers"] if (e["tier"], e["product"]) == (tier, product))
    return dict(found)


def assert_whole(answer: Mapping[str, Any], chunks: int, runs: int) -> None:
    assert answer["held"] == []
    assert answer["pending"] == 0
    assert len(answer["runs"]) == runs
    for line in answer["runs"]:
        assert line["finished"] == line["chunks"] == chunks
        assert set(line["merging"].values()) == set(line["migrated"].values()) == {"finished"}
        assert set(line["checked"].values()) == {"yes"}
    raw = tier(answer, "raw", "raw")
    for product in ("mDST", "hist"):
        assert tier(answer, "final", product)["events"] == raw["events"]
    assert 0 < tier(answer, "final", "evtdump")["events"] < raw["events"]
    for product in ("mDST", "hist", "evtdump", "prodlogs"):
        merged = tier(answer, "final", product)
        assert merged["on_tape"] == merged["files"] > 0
    for product in ("mDST", "hist", "evtdump"):
        small = tier(answer, "intermediate", product)
        assert (small["on_disk"], small["files"]) == (0, chunks * runs)
    logs = tier(answer, "intermediate", "logs")  # with the archives of the runs
    assert (logs["on_disk"], logs["on_tape"], logs["files"]) == (0, 0, chunks * runs + runs)
    assert states(answer, "replica")["DELETED"] == 4 * chunks * runs + runs


def test_the_journey_ends_with_everything_archived_and_only_intermediates_deleted(tmp_path: Path) -> None:
    answer = demo(tmp_path, "--runs", "2", "--chunks", "4")
    assert_whole(answer, chunks=4, runs=2)
    here = tmp_path / "demo"
    raw = list((here / "tape/tape").rglob("cdr*.raw"))
    assert len(raw) == 8
    left = [path.name for path in (here / "disk").rglob("*") if path.is_file()]
    taped = [*here.glob("tape/tape/**/oracle_dst/**/*.*"), *here.glob("tape/tape/**/prodlogs/**/*.*")]
    assert sorted(left) == sorted(path.name for path in taped)
    with Catalog(f"sqlite:///{here}/ddm.db") as catalog, catalog.read() as conn:
        sealed = conn.exec_driver_sql("SELECT seal, body FROM certificate").all()
        uncertified = conn.exec_driver_sql(
            "SELECT count(*) FROM replica WHERE state = 'DELETED'"
            " AND id NOT IN (SELECT replica_id FROM certified)"
        ).scalar()
    assert uncertified == 0
    assert all(seal == seal_of(body) for seal, body in sealed)
    again = ddm("flow", "run", cwd=here)
    assert (again.returncode, again.stdout.strip()) == (0, "nothing to do")
    counted_again_elsewhere(here)
    read_back(here)
    assert demo(tmp_path, "--runs", "2", "--chunks", "4")["moved"] == 0


def counted_again_elsewhere(here: Path) -> None:
    """A merged file is counted by a batch job that knows no catalogue; the flow takes its report in."""
    (dump,) = [one["group"] for one in groups(here) if one["group"]["product"] == "evtdump"]
    written = ddm("merge", "manifest", str(dump["id"]), "--check", "-o", "check.json", cwd=here)
    assert written.returncode == 0, written.stderr
    reports = here / "reports"
    reports.mkdir()
    (reports / "other.json").write_text("{}")
    report = str(reports / "check.report.json")
    counted = ddm("check", "run", "check.json", "--report", report, "--in-place", cwd=here)
    assert counted.returncode == 0, counted.stderr
    taken = ddm("flow", "once", cwd=here, environ={"DDM_FLOW__REPORTS": "reports"})
    assert taken.returncode == 0, taken.stderr
    assert {path.name for path in reports.iterdir()} == {"other.json.refused", "check.report.json.taken"}
    shown = json.loads(ddm("check", "show", str(dump["run"]), "--json", cwd=here).stdout)
    (part,) = [part for part in shown["parts"] if part["group_id"] == dump["id"]]
    assert part["recount"] == part["merged_read"] > 0


def read_back(here: Path) -> None:
    """Every log is in the archive of its run within that of the production, and is shown out of it."""
    listed = json.loads(ddm("log", "list", "P08", "--json", cwd=here).stdout)
    assert len(listed) == 8
    assert {len(one["within"]) for one in listed} == {2}
    one = listed[5]
    shown = ddm("log", "show", str(one["run"]), one["chunk"], cwd=here)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.endswith("events had been written to miniDST\nEnd of Job\n")
    index = json.loads(ddm("log", "index", "dvcs2016P08t1_logFiles.zip", "--json", cwd=here).stdout)
    assert [member["members"] for member in index["members"]] == [4, 4]


def groups(here: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ddm("merge", "show", "275678", "--json", cwd=here).stdout)
    return found


def test_one_run_is_recalled_in_parts_and_merged_whole_by_one_job_that_copies_no_input(
    tmp_path: Path,
) -> None:
    environ = {f"DDM_PRODUCT__{name}__TRAIN": "all" for name in ("MDST", "HIST", "EVTDUMP", "LOGS")}
    environ["DDM_RUNNER__LOCAL__INPUTS"] = "in-place"
    answer = demo(tmp_path, "--runs", "1", "--chunks", "5", "--seed", "7", environ=environ)
    assert_whole(answer, chunks=5, runs=1)
    papers = [json.loads(path.read_text()) for path in tmp_path.glob("demo/jobs/*/manifest.json")]
    merges = [one for one in papers if one["kind"] == "merge"]
    told = sorted((len(one["promises"]), len(one["inputs"]), one["in_place"]) for one in merges)
    assert told == [(1, 1, True), (4, 20, True)]  # and the archive of the run into that of the production


@pytest.mark.postgresql
def test_the_same_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    environ = {"DDM_CATALOG": postgresql_url}
    assert_whole(demo(tmp_path, "--runs", "1", "--chunks", "3", environ=environ), chunks=3, runs=1)
    assert not (tmp_path / "demo/ddm.db").exists()


@pytest.mark.xrootd
def test_the_same_on_a_real_xrootd_server() -> None:
    if missing := missing_packages(eos=False):
        assert not os.environ.get("CI"), f"the XRootD test server needs {missing}"
        pytest.skip(f"needs the Debian packages {' '.join(missing)}")
    place = Path(tempfile.mkdtemp(prefix="ddm-demo-"))  # the server's user must reach it: not below tmp_path
    place.chmod(0o755)
    try:
        check_xrootd(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def check_xrootd(place: Path) -> None:
    answer = demo(place, "--runs", "1", "--chunks", "3", "--storage", "xrootd")
    assert_whole(answer, chunks=3, runs=1)


@pytest.mark.parametrize(
    ("fault", "noun", "state", "words"),
    [
        ("corrupt-merge", "group", "MISMATCHED", "ddm check repair"),
        ("bad-count", "group", "MISMATCHED", "ddm check waive"),
        ("lost-chunk", "replica", "LOST", "ddm gap add"),
        ("tape-error", "item", "HELD", "ddm stage resume"),
    ],
)
def test_a_fault_stops_the_run_deletes_nothing_and_is_explained(
    tmp_path: Path, fault: str, noun: str, state: str, words: str
) -> None:
    answer = demo(tmp_path, "--runs", "1", "--chunks", "4", "--fault", fault, code=4)
    assert states(answer, noun)[state] == 1
    assert "DELETED" not in states(answer, "replica")
    assert "TRASHED" not in states(answer, "replica")
    (held,) = answer["held"]
    here = tmp_path / "demo"
    subject = held["name"] if fault == "lost-chunk" else "275678"
    told = ddm("explain", subject, cwd=here)
    assert told.returncode == 0
    assert "What blocks it:" in told.stdout
    assert words in told.stdout
    status = ddm("flow", "status", cwd=here)
    assert status.returncode == 4
    assert "Waiting for a person: 1" in status.stdout


def test_a_directory_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo/thesis.tex").write_text("mine")
    done = ddm("demo", "--dir", "demo", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("ddm: the directory is not empty")
    assert (tmp_path / "demo/thesis.tex").read_text() == "mine"
