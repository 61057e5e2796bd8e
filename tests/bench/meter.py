"""What a run costs: seconds, statements, memory; and, when asked, where the time goes.

The seconds of steps and statements are those of the processor, so that neighbours on a shared machine do not
count; those of the whole run are given both ways.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from ddm import flow
from ddm.app import App

Key = tuple[str, str]
"""A step's name and the text of a statement."""


def peak_rss_mb() -> float:
    """The most memory that this process ever held."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)  # KiB on Linux


def own_memory_mb() -> float:
    """Memory that this process holds now, without the pages of files it has mapped (SQLite maps its own)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return round(int(line.split()[1]) / 1024, 1)
    return peak_rss_mb()


class Meter:
    """Counts the statements of an engine and the seconds they and the steps take.

    A statement for many rows (executemany) counts once, BEGIN counts, a commit does not.
    """

    def __init__(self, engine: Engine, *, timed: bool = True) -> None:
        self.statements = 0
        self.per_step: Counter[str] = Counter()
        self.per_statement: Counter[Key] = Counter()
        self.times: Counter[Key] = Counter()
        self._step = "other"
        self._started = 0.0
        if not timed:  # to look at the clock around every statement is dear
            event.listen(engine, "after_cursor_execute", self._count)
            return
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)
        self._commit = engine.dialect.do_commit
        engine.dialect.do_commit = self._committed  # type: ignore[method-assign, assignment]

    def _before(self, *_: Any) -> None:
        self._started = time.process_time()

    def _count(self, *_: Any) -> None:
        self.statements += 1

    def _after(self, _conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements += 1
        key = (self._step, " ".join(statement.split()))
        self.per_statement[key] += time.process_time() - self._started  # type: ignore[assignment]
        self.times[key] += 1

    def _committed(self, connection: Any) -> None:
        start = time.process_time()
        self._commit(connection)
        self._charge("COMMIT", start)

    def charged(self, what: str, call: Callable[[], Any]) -> Any:
        """What the call gives; its seconds are charged to ``what``, e.g. to the simulated storage."""
        start = time.process_time()
        try:
            return call()
        finally:
            self._charge(what, start)

    def _charge(self, what: str, start: float) -> None:
        key = (self._step, what)
        self.per_statement[key] += time.process_time() - start  # type: ignore[assignment]
        self.times[key] += 1

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Whatever happens inside is charged to this step."""
        before, self._step = self._step, name
        start = time.process_time()
        try:
            yield
        finally:
            self._step = before
            self.per_step[name] += time.process_time() - start  # type: ignore[assignment]

    @contextmanager
    def every_step(self) -> Iterator[None]:
        """Charge what the flow does to its steps, by name."""
        steps = flow.STEPS
        flow.STEPS = tuple((name, self._metered(name, step)) for name, step in steps)
        try:
            yield
        finally:
            flow.STEPS = steps

    def _metered(self, name: str, step: flow.Step) -> Callable[[App], int]:
        def metered(app: App) -> int:
            with self.step(name):
                return step(app)

        return metered

    def lines(self, top: int) -> Iterator[str]:
        """Every step with its seconds, of which in the database; then the dearest statements."""
        for name, seconds in self.per_step.most_common():
            inside = sum(t for (step, _), t in self.per_statement.items() if step == name)
            count = sum(n for (step, _), n in self.times.items() if step == name)
            yield f"{seconds:7.2f} s {name:14} of which SQL {inside:6.2f} s in {count} statements"
        for key, seconds in self.per_statement.most_common(top):
            yield f"{seconds:7.2f} s {self.times[key]:6} x {key[0]:14} {key[1]}"
