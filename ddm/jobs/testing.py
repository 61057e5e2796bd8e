"""The rules of ``ddm.jobs.ports.Runner`` as tests: a new runner is a ten-line subclass.

::

    class TestMine(RunnerSuite):
        def make_runner(self, directory):
            return MyRunner(directory, ...)

``make_runner`` is called again with the same directory for a coordinator that comes back after a crash: the
new runner must know what the old one has started. The jobs are shell commands that need no storage; a runner
whose worker nodes see no shared disk overrides ``manifest`` and ``traces``.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ddm.jobs.manifest import Manifest, broken_promises
from ddm.jobs.ports import Ended, JobRef, Runner, Running, Vanished

SUCCEED = "exit 0"
FAIL = "echo no calibration; exit 7"
SLEEP = "sleep 300"
DIE = "kill -9 $PPID; exit 1"
"""What a job does, as a shell script. DIE ends its worker, so that no report is left."""

Start = Callable[..., list[JobRef]]
"""Submits one job for each script, labelled a, b, c; the jobs that were taken."""


class RunnerSuite(ABC):
    limit = 30.0
    """Seconds that a short job may take, queue included."""

    @abstractmethod
    def make_runner(self, directory: Path) -> Runner:
        """A runner with at least two slots that keeps what it must remember in the directory."""

    def manifest(self, label: str, script: str, directory: Path) -> Manifest:
        """A job that leaves a line in ``directory/LABEL.trace`` and does what the script says."""
        trace = f'echo started >> "{directory / label}.trace"; {script}'
        return Manifest(label, "process", (), (), {}, command=("/bin/sh", "-c", trace))

    def traces(self, label: str, directory: Path) -> int:
        """How many times the job was run."""
        trace = directory / f"{label}.trace"
        return len(trace.read_text().splitlines()) if trace.exists() else 0

    @pytest.fixture
    def directory(self, tmp_path: Path) -> Path:
        return tmp_path / "runner"

    @pytest.fixture
    def runner(self, directory: Path) -> Iterable[Runner]:
        runner = self.make_runner(directory)
        yield runner
        runner.cancel(list(runner.find(["a", "b", "c"]).values()))

    @pytest.fixture
    def start(self, runner: Runner, tmp_path: Path) -> Start:
        def start(*scripts: str) -> list[JobRef]:
            manifests = [
                self.manifest(label, script, tmp_path) for label, script in zip("abc", scripts, strict=False)
            ]
            answers = runner.submit(manifests)
            assert set(answers) == {manifest.label for manifest in manifests}
            refs = [answers[manifest.label] for manifest in manifests]
            assert all(isinstance(ref, JobRef) for ref in refs), refs
            return [ref for ref in refs if isinstance(ref, JobRef)]

        return start

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + self.limit
        while not condition():
            assert time.monotonic() < end, f"not so after {self.limit} s"
            time.sleep(0.02)

    def ended(self, runner: Runner, ref: JobRef) -> Ended:
        """Wait until the job has ended."""
        self.until(lambda: not isinstance(runner.poll([ref])[ref.label], Running))
        status = runner.poll([ref])[ref.label]
        assert isinstance(status, Ended), status
        return status

    def test_a_good_job_ends_with_a_report_that_keeps_its_promises(
        self, runner: Runner, start: Start, tmp_path: Path
    ) -> None:
        (ref,) = start(SUCCEED)
        report = self.ended(runner, ref).report
        assert report is not None
        assert (report.code, report.label) == ("", "a")
        assert broken_promises(self.manifest("a", SUCCEED, tmp_path), report) == []

    def test_a_failed_job_ends_with_its_reason(self, runner: Runner, start: Start) -> None:
        (ref,) = start(FAIL)
        report = self.ended(runner, ref).report
        assert report is not None
        assert report.code == "payload_failed"
        assert report.outputs == ()
        assert "no calibration" in report.text
        assert "7" in report.text

    def test_a_job_that_dies_ends_without_a_report(self, runner: Runner, start: Start) -> None:
        (ref,) = start(DIE)
        ended = self.ended(runner, ref)
        assert ended.report is None
        assert ended.text

    def test_a_sleeping_job_is_running(self, runner: Runner, start: Start, tmp_path: Path) -> None:
        (ref,) = start(SLEEP)
        self.until(lambda: self.traces("a", tmp_path) == 1)
        assert runner.poll([ref]) == {"a": Running()}

    def test_an_ended_job_stays_ended(self, runner: Runner, start: Start) -> None:
        refs = start(SUCCEED, FAIL)
        first = [self.ended(runner, ref) for ref in refs]
        assert [runner.poll(refs)[ref.label] for ref in refs] == first

    def test_every_ref_has_its_own_status(self, runner: Runner, start: Start) -> None:
        good, sleeping = start(SUCCEED, SLEEP)
        self.ended(runner, good)
        statuses = runner.poll([sleeping, good])
        assert isinstance(statuses["a"], Ended)
        assert isinstance(statuses["b"], Running)

    def test_an_unknown_job_has_vanished(self, runner: Runner) -> None:
        assert isinstance(runner.poll([JobRef("nobody", "1")])["nobody"], Vanished)

    def test_cancel_ends_a_job_without_outputs(self, runner: Runner, start: Start, tmp_path: Path) -> None:
        (ref,) = start(SLEEP)
        self.until(lambda: self.traces("a", tmp_path) == 1)
        runner.cancel([ref])
        report = self.ended(runner, ref).report
        assert report is None or (report.code and not report.outputs)

    def test_cancel_again_and_of_an_ended_or_unknown_job_is_harmless(
        self, runner: Runner, start: Start
    ) -> None:
        good, sleeping = start(SUCCEED, SLEEP)
        ended = self.ended(runner, good)
        for _ in range(2):
            runner.cancel([good, sleeping, JobRef("nobody", "1")])
        assert self.ended(runner, good) == ended

    def test_find_knows_what_was_submitted_and_nothing_else(self, runner: Runner, start: Start) -> None:
        refs = start(SUCCEED, SLEEP)
        self.ended(runner, refs[0])
        self.until(lambda: set(runner.find(["a", "b", "c"])) == {"a", "b"})
        assert runner.find(["c"]) == {}

    @pytest.mark.parametrize("script", [SUCCEED, FAIL, DIE])
    def test_a_label_that_has_ended_is_adopted_not_run_again(
        self, runner: Runner, start: Start, tmp_path: Path, script: str
    ) -> None:
        (ref,) = start(script)
        ended = self.ended(runner, ref)
        (again,) = start(script)
        assert self.ended(runner, again) == ended
        assert self.traces("a", tmp_path) == 1

    def test_a_label_that_runs_is_adopted_not_run_twice(
        self, runner: Runner, start: Start, tmp_path: Path
    ) -> None:
        start(SLEEP)
        (again,) = start(SLEEP)
        self.until(lambda: self.traces("a", tmp_path) == 1)
        assert isinstance(runner.poll([again])["a"], Running)
        runner.cancel([again])
        self.ended(runner, again)
        assert self.traces("a", tmp_path) == 1

    def test_the_next_coordinator_finds_the_jobs(
        self, runner: Runner, start: Start, directory: Path, tmp_path: Path
    ) -> None:
        good, sleeping = start(SUCCEED, SLEEP)
        ended = self.ended(runner, good)
        following = self.make_runner(directory)
        self.until(lambda: self.traces("b", tmp_path) == 1)
        found = following.find(["a", "b", "c"])
        assert set(found) == {"a", "b"}
        assert following.poll([found["a"]])["a"] == ended
        assert isinstance(following.poll([found["b"]])["b"], Running)
        following.submit([self.manifest("b", SLEEP, tmp_path)])
        following.cancel([sleeping])
        self.ended(following, sleeping)
        assert self.traces("b", tmp_path) == 1

    def test_slots_are_said(self, runner: Runner) -> None:
        assert runner.slots >= 2
