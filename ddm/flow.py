"""The ordered list of steps, and the rounds that run them.

Pull, not push: no step tells another; a finished hop makes the next question's answer non-empty. Drain first:
a round asks from the last hop to the first, so that space is freed before more is recalled.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from catalog.db import reports, tally
from catalog.errors import CatalogBusy
from ddm.app import App
from ddm.steps import (
    archive,
    brought,
    cleanup,
    common,
    contents,
    crosscheck,
    debris,
    events,
    evidence,
    lifetime,
    merge,
    pinned,
    pressure,
    production,
    recalled,
    rereading,
    sending,
    stage,
    verify,
    work,
)

Step = Callable[[App], int]

STEPS: tuple[tuple[str, Step], ...] = (
    ("clean", cleanup.finish),
    ("remove", cleanup.remove),
    ("remove debris", debris.remove),
    ("withdraw", cleanup.withdraw),
    ("expire", lifetime.expire),
    ("relieve", pressure.relieve),
    ("tidy", production.tidy),
    ("evidence", evidence.take),
    ("reread", rereading.read),
    ("archived", archive.settle),
    ("copied", archive.poll),
    ("archive", archive.send),
    ("want archive", archive.want),
    ("reports", brought.take),
    ("merge part", merge.regroup),  # before the check, which would miss its chunks
    ("check", crosscheck.check),
    ("merge", merge.merge),
    ("compare", verify.compare),
    ("collect", work.collect),
    ("release", pinned.release),
    ("recalled", recalled.poll),
    ("wake", stage.wake_jobs),
    ("submit", sending.submit),
    ("want recall", stage.want),
    ("recall", stage.send),
    ("reassign", events.reassign),
    ("count", events.fill),
    ("define", sending.define),
    ("verify", contents.verify),
)
"""Every step by its name, in the order of a round."""

SHARED = ("release", "recalled", "want recall", "recall")
"""Steps that any number of processes may do for one catalogue: each act at an endpoint is one's at a time."""

FOLD_EVERY = 20  # rounds


class Crew:
    """The processes that run the flow of one catalogue: one leads and does every step, the others recall.

    On SQLite there is no crew, only a leader. On PostgreSQL the lead is a lock that vanishes with the process
    that holds it; whoever of the others asks next has it then.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._held = ExitStack()
        self._check: Callable[[], None] | None = None

    def __enter__(self) -> Crew:
        """Raises CatalogBusy when another process leads and there can be no crew."""
        if not self.leads() and not self._app.shared:
            with self._app.catalog.exclusive("flow"):
                pass
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def leads(self) -> bool:
        """Whether this process leads now; it tries to. Raises CatalogUnavailable when the lead was lost."""
        if self._check is not None:
            self._check()
            return True
        try:
            self._check = self._held.enter_context(self._app.catalog.exclusive("flow"))
        except CatalogBusy:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of the flow ended."""

    rounds: int
    moved: int
    held: int  # things that wait for a person
    pending: int  # things that may still move by themselves

    @property
    def idle(self) -> bool:
        """Nothing was to be done."""
        return self.moved == 0 and self.pending == 0


def recover(app: App) -> int:
    """Once at the start: what a crash left half-asked is taken up again. Returns how many things."""
    return common.resume(app) + sending.adopt(app)


def tick(app: App, *, lead: bool = True) -> dict[str, int]:
    """One round: every step once, or those that a crew shares. Returns what each moved."""
    return {name: step(app) for name, step in STEPS if lead or name in SHARED}


def run(
    app: App,
    *,
    forever: bool = False,
    report: Callable[[Mapping[str, int]], None] = lambda moved: None,
    max_rounds: int | None = None,
    crew: Crew | None = None,
) -> Outcome:
    """Rounds until nothing is left that moves by itself. Interrupt and repeat freely.

    ``crew``: other processes may run the flow too; without it this process must be the only one.

    Between rounds that move nothing it sleeps the flow's interval. ``forever``: a service, it never ends by
    itself. ``report`` is given what each round moved.
    """
    with few_collections():
        return _rounds(app, forever, report, max_rounds, crew)


def _rounds(
    app: App,
    forever: bool,
    report: Callable[[Mapping[str, int]], None],
    max_rounds: int | None,
    crew: Crew | None,
) -> Outcome:
    total, rounds, lead = 0, 0, False
    app.desk.last_look = True  # the first look as well
    while max_rounds is None or rounds < max_rounds:
        led, lead = lead, crew is None or crew.leads()
        if lead and not led:
            total += recover(app)
        was_idle = app.desk.idle
        moved = tick(app, lead=lead)
        rounds += 1
        if lead and rounds % FOLD_EVERY == 0:
            with app.catalog.begin("fold") as conn:
                tally.fold_if_long(conn)
        app.desk.idle = not any(moved.values())
        app.desk.last_look = app.desk.idle and not was_idle
        if app.desk.idle and lead:
            moved["wake"] += stage.wake_jobs(app, thorough=True)
        total += sum(moved.values())
        report(moved)
        if any(moved.values()):
            continue
        pending = _pending(app)
        if not pending and not forever and was_idle:
            break  # an idle round looks more closely than others: only when that too finds nothing it is over
        app.clock.sleep(max(app.settings.flow.interval, timedelta(milliseconds=50)))
    with app.catalog.read() as conn:
        return Outcome(rounds, total, reports.held(conn), _pending(app))


@contextmanager
def few_collections() -> Iterator[None]:
    """A round makes many small values and hardly a cycle: with Python's own threshold, a fifth of the time
    goes into looking for cycles. Only the youngest generation waits longer; the caller's setting comes back.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 10_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _pending(app: App) -> int:
    with app.catalog.read() as conn:
        return reports.pending(conn, app.now) + stage.unasked(app, conn)
