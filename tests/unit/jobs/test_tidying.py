"""What the local runner removes of a job that is over: what it made itself, by name, and nothing else."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager

import pytest

from catalog.clock import SimulatedClock
from ddm.jobs import manifest as papers
from ddm.jobs import workplace
from ddm.jobs.local import LocalRunner
from ddm.jobs.manifest import Manifest
from ddm.jobs.payload import MARK

LABEL = "j17a1"
OURS = ("manifest.json", "report.json", "worker.out", "pid", "lock")


@pytest.fixture
def runner(tmp_path):
    return LocalRunner(tmp_path, slots=1, clock=SimulatedClock())


@pytest.fixture
def home(tmp_path):
    """The directory of a job that is over."""
    found = tmp_path / LABEL
    found.mkdir()
    for name in OURS:
        (found / name).write_text(name)
    papers.write(found / "manifest.json", paper())
    return found


def paper(label: str = LABEL) -> Manifest:
    return Manifest(
        label=label, kind="process", inputs=(), promises=(), backends={}, command=("true",), options={}
    )


def work_of(home, manifest):
    work = home / "work"
    (work / "below").mkdir(parents=True)
    (work / "below" / "core").write_text("x" * 1000)
    (work / MARK).write_text(workplace.digest(manifest))
    return work


@contextmanager
def held(path):
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def test_a_look_changes_nothing(runner, home):
    work_of(home, paper())
    before = sorted(home.rglob("*"))
    (done,) = runner.tidy([LABEL], act=False).values()
    assert (done.files, done.left) == (7, "")
    assert done.size > 1000
    assert sorted(home.rglob("*")) == before


def test_all_that_the_runner_made_goes(runner, home, tmp_path):
    work_of(home, paper())
    assert runner.tidy([LABEL])[LABEL].left == ""
    assert list(tmp_path.iterdir()) == []
    assert runner.tidy([LABEL]) == {}, "repeat freely"


def test_only_the_jobs_that_are_named(runner, home, tmp_path):
    (tmp_path / "j17a2").mkdir()
    runner.tidy([LABEL, "../x", "j99a1", ""])
    assert [path.name for path in tmp_path.iterdir()] == ["j17a2"]


def test_a_job_that_may_be_at_work_keeps_everything(runner, home):
    with held(home / "lock"):
        assert "at work" in runner.tidy([LABEL])[LABEL].left
    assert sorted(path.name for path in home.iterdir()) == sorted(OURS)


@pytest.mark.parametrize("stranger", ["thesis.root", "core.4711", "results"])
def test_what_somebody_put_there_keeps_the_directory(runner, home, stranger):
    if stranger == "results":
        (home / stranger).mkdir()
    else:
        (home / stranger).write_text("mine")
    assert stranger in runner.tidy([LABEL])[LABEL].left
    assert len(list(home.iterdir())) == 6


@pytest.mark.parametrize("mark", ["", "another"])
def test_a_work_directory_without_the_mark_of_the_job_stays(runner, home, mark):
    work = work_of(home, paper("j18a1"))
    if not mark:
        (work / MARK).unlink()
    assert "not the work directory" in runner.tidy([LABEL])[LABEL].left
    assert (work / "below" / "core").exists()
    assert (home / "report.json").exists()


def test_a_link_in_the_work_directory_is_removed_and_not_what_it_leads_to(runner, home, tmp_path):
    precious = tmp_path.parent / f"{tmp_path.name}-precious"
    precious.mkdir()
    (precious / "data").write_text("raw")
    (work_of(home, paper()) / "link").symlink_to(precious)
    assert runner.tidy([LABEL])[LABEL].left == ""
    assert (precious / "data").read_text() == "raw"


def test_a_directory_that_was_half_removed_is_finished(runner, home, tmp_path):
    (home / "worker.out").unlink()
    (home / "pid").unlink()
    assert runner.tidy([LABEL])[LABEL].left == ""
    assert not home.exists()
