"""What the local runner promises beyond the runner suite: its directory, its slots, crashes in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.clock import SystemClock
from ddm.errors import ConfigError
from ddm.jobs.local import LocalRunner
from ddm.jobs.manifest import Manifest, Report, write
from ddm.jobs.ports import Ended, JobRef, NoAnswer, Refused, Running, Vanished


def job(label: str, script: str = "true") -> Manifest:
    return Manifest(label, "process", (), (), {}, command=("/bin/sh", "-c", script))


def until(condition: Callable[[], bool], limit: float = 20) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


@pytest.fixture
def runner(home: Path):
    runner = LocalRunner(home, slots=2, clock=SystemClock())
    yield runner
    if home.exists():
        runner.cancel([JobRef(path.name, "") for path in home.iterdir()])


def ended(runner: LocalRunner, label: str) -> Ended:
    ref = JobRef(label, "")
    until(lambda: not isinstance(runner.poll([ref])[label], Running))
    status = runner.poll([ref])[label]
    assert isinstance(status, Ended), status
    return status


def test_a_job_leaves_its_papers_and_no_work_directory(runner: LocalRunner, home: Path) -> None:
    runner.submit([job("a")])
    ended(runner, "a")
    until(lambda: not (home / "a" / "work").exists())
    names = {path.name for path in (home / "a").iterdir()}
    assert names == {"manifest.json", "report.json", "worker.out", "pid", "lock"}


def test_work_directories_are_kept_on_request(home: Path) -> None:
    runner = LocalRunner(home, slots=1, clock=SystemClock(), options={"keep": "yes"})
    runner.submit([job("a", "echo hello")])
    ended(runner, "a")
    assert (home / "a" / "work" / "job.log").read_text() == "hello\n"


def test_no_more_jobs_than_slots_and_then_again(runner: LocalRunner, home: Path) -> None:
    answers = runner.submit([job(label, "sleep 60") for label in "abc"])
    assert [type(answers[label]) for label in "abc"] == [JobRef, JobRef, Refused]
    assert answers["c"].transient
    assert not (home / "c").exists()
    runner.cancel([answers["a"]])
    assert isinstance(runner.submit([job("c")])["c"], JobRef)


def test_slots_are_taken_by_jobs_of_an_earlier_coordinator(runner: LocalRunner, home: Path) -> None:
    runner.submit([job("a", "sleep 60"), job("b", "sleep 60")])
    following = LocalRunner(home, slots=2, clock=SystemClock())
    assert isinstance(following.submit([job("c")])["c"], Refused)
    assert isinstance(following.submit([job("a", "sleep 60")])["a"], JobRef)


@pytest.mark.parametrize("label", ["", ".", "..", "../x", "a/b", ".hidden", "a b", "-x", "x" * 300, "a\n"])
def test_labels_that_are_no_directory_names_are_refused(runner: LocalRunner, home: Path, label: str) -> None:
    answer = runner.submit([job(label)])[label]
    assert isinstance(answer, Refused)
    assert not answer.transient
    assert not home.exists() or not list(home.iterdir())
    assert isinstance(runner.poll([JobRef(label, "1")])[label], Vanished)
    assert runner.find([label]) == {}
    runner.cancel([JobRef(label, "1")])


def test_a_directory_that_cannot_be_made_refuses_for_now(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = LocalRunner(tmp_path / "file" / "jobs", slots=1, clock=SystemClock()).submit([job("a")])["a"]
    assert isinstance(answer, Refused)
    assert answer.transient


def test_a_worker_that_cannot_start_has_died_with_its_words(home: Path) -> None:
    runner = LocalRunner(home, slots=1, clock=SystemClock(), python="/no/such/python")
    runner.submit([job("a")])
    status = ended(runner, "a")
    assert status.report is None
    assert "/no/such/python" in status.text


def test_papers_without_a_start_are_started_by_the_next_submit(runner: LocalRunner, home: Path) -> None:
    (home / "a").mkdir(parents=True)
    write(home / "a" / "manifest.json", job("a"))
    assert runner.find(["a"]) == {}
    assert isinstance(runner.poll([JobRef("a", "")])["a"], Vanished)
    runner.submit([job("a")])
    assert ended(runner, "a").report is not None


def test_a_killed_job_is_over_and_not_started_again(runner: LocalRunner, home: Path) -> None:
    ref = runner.submit([job("a", "sleep 60")])["a"]
    until(lambda: (home / "a" / "work" / "job.log").exists())
    assert (home / "a" / "pid").read_text().strip() == ref.native
    os.killpg(int(ref.native), signal.SIGKILL)
    assert ended(runner, "a").report is None
    runner.submit([job("a", "sleep 60")])
    assert ended(runner, "a").report is None


def test_a_recycled_pid_is_not_taken_for_ours(runner: LocalRunner, home: Path) -> None:
    runner.submit([job("a", "kill -9 $PPID")])
    ended(runner, "a")
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        (home / "a" / "pid").write_text(f"{stranger.pid}\n")
        assert isinstance(runner.poll([JobRef("a", str(stranger.pid))])["a"], Ended)
        runner.cancel([JobRef("a", str(stranger.pid))])
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_unreadable_report_is_no_success(runner: LocalRunner, home: Path) -> None:
    runner.submit([job("a")])
    ended(runner, "a")
    for data in (b"", b'{"version": 1}', b"\xff\xfe"):
        (home / "a" / "report.json").write_bytes(data)
        status = runner.poll([JobRef("a", "")])["a"]
        assert isinstance(status, Ended)
        assert status.report is None
        assert "unreadable" in status.text


def test_a_report_that_cannot_be_read_just_now_is_no_answer(runner: LocalRunner, home: Path) -> None:
    runner.submit([job("a")])
    ended(runner, "a")
    (home / "a" / "report.json").unlink()
    (home / "a" / "report.json").mkdir()
    assert isinstance(runner.poll([JobRef("a", "")])["a"], NoAnswer)


def test_a_report_counts_even_if_the_worker_lives_on(runner: LocalRunner, home: Path) -> None:
    runner.submit([job("a", "sleep 60")])
    write(home / "a" / "report.json", Report("a", "h", "", "", ()))
    assert isinstance(runner.poll([JobRef("a", "")])["a"], Ended)


def test_cancel_ends_the_whole_group_and_tidies_up(runner: LocalRunner, home: Path) -> None:
    runner.submit([job("a", "sleep 60 & echo $! > ../child; wait")])
    child = home / "a" / "child"
    until(lambda: child.exists() and child.read_text().strip() != "")
    runner.cancel([JobRef("a", "")])
    status = ended(runner, "a")
    assert status.report is not None
    assert status.report.code == "terminated"
    assert not (home / "a" / "work").exists()
    until(lambda: not alive(int(child.read_text())))


def test_cancel_ends_a_job_that_does_not_listen(runner: LocalRunner, home: Path) -> None:
    runner.submit([job("a", "sleep 60")])
    until(lambda: (home / "a" / "work" / "job.log").exists())
    pid = int((home / "a" / "pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    runner.cancel([JobRef("a", "")])
    until(lambda: not alive(pid))
    assert ended(runner, "a").report is None


def test_cancel_right_after_the_start_ends_the_job(runner: LocalRunner) -> None:
    for label in ("a", "b", "c"):
        ref = runner.submit([job(label, "sleep 60")])[label]
        runner.cancel([ref])
        status = ended(runner, label)
        assert status.report is None or status.report.code == "terminated"
        assert set(runner.find([label])) == {label}


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_no_zombies_are_left(runner: LocalRunner) -> None:
    refs = [runner.submit([job(label)])[label] for label in "ab"]
    for ref in refs:
        ended(runner, ref.label)

    def reaped() -> bool:
        runner.poll(refs)
        return not any(Path(f"/proc/{ref.native}").exists() for ref in refs)

    until(reaped)


def test_jobs_outlive_a_killed_coordinator(home: Path, runner: LocalRunner, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from catalog.clock import SystemClock; from ddm.jobs.local import LocalRunner;"
        "from ddm.jobs.manifest import Manifest;"
        "LocalRunner(pathlib.Path(sys.argv[1]), slots=2, clock=SystemClock()).submit([Manifest('a', '', (),"
        "(), {}, command=('/bin/sh', '-c', 'while [ ! -e ' + sys.argv[2] + ' ]; do sleep 0.05; done'))]);"
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    go = tmp_path / "go"
    done = subprocess.run([sys.executable, "-c", script, str(home), str(go)], check=False)
    assert done.returncode == -signal.SIGKILL
    until(lambda: set(runner.find(["a"])) == {"a"})
    assert isinstance(runner.poll([JobRef("a", "")])["a"], Running)
    go.touch()
    report = ended(runner, "a").report
    assert report is not None
    assert report.code == ""


def test_two_coordinators_start_a_job_once(home: Path, runner: LocalRunner) -> None:
    others = [LocalRunner(home, slots=2, clock=SystemClock()) for _ in range(3)]
    for each in (runner, *others):
        answer = each.submit([job("a", "echo run >> ../runs; sleep 60")])["a"]
        assert isinstance(answer, JobRef)
    runs = home / "a" / "runs"
    until(runs.exists)
    assert runs.read_text() == "run\n"


def test_options_are_checked(home: Path) -> None:
    with pytest.raises(ConfigError, match="'colour'"):
        LocalRunner(home, slots=1, clock=SystemClock(), options={"colour": "red"})
    with pytest.raises(ConfigError, match="slot"):
        LocalRunner(home, slots=0, clock=SystemClock())
