"""The runner suite against every runner we have."""

from __future__ import annotations

from pathlib import Path

from catalog.clock import SystemClock
from ddm.jobs.local import LocalRunner
from ddm.jobs.testing import RunnerSuite


class TestLocalRunner(RunnerSuite):
    def make_runner(self, directory: Path) -> LocalRunner:
        return LocalRunner(directory, slots=3, clock=SystemClock())
