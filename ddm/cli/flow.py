"""``ddm flow``: run the flow, once or until nothing is left to do, and show where it is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import click

from catalog.errors import ExitCode
from ddm.cli.toolkit import Progress, Session, emit, group, json_option, pass_session, progress

if TYPE_CHECKING:
    from ddm.app import App
    from ddm.flow import Outcome

cli = group("flow", "run the flow, once or for good, and show where it is")


@contextlib.contextmanager
def watched(
    app: App, *, total: int | None = None, every: float = 2.0
) -> Iterator[Callable[[Mapping[str, int]], None]]:
    """A report for ``ddm.flow.run`` that shows how far everything is, at most every ``every`` seconds."""
    from catalog.db import facts

    last = [0.0]

    def show(bar: Progress, moved: Mapping[str, int]) -> None:
        if time.monotonic() - last[0] < every or not any(moved.values()):
            return
        last[0] = time.monotonic()
        with app.catalog.read() as conn:
            at = facts.milestones(conn)
        bar.at(
            at.processed,
            f"{at.staged} staged; of {at.groups} merges {at.merged} merged, {at.archived} archived, "
            f"{at.cleaned} cleaned",
        )

    with app.catalog.read() as conn:
        total = total or facts.milestones(conn).chunks or None
    with progress("processed", total=total, unit="chunks", every=every) as bar:
        yield lambda moved: show(bar, moved)


@cli.command(
    examples="ddm flow run\nddm flow run --forever\nddm flow run --json",
    exits=[ExitCode.HELD, ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.option("--forever", is_flag=True, help="Stay and wait for more to do, as a service.")
@json_option
@pass_session
def run(session: Session, forever: bool, as_json: bool) -> int:
    """Go on until nothing is left that moves by itself. Interrupt and repeat it freely.

    On PostgreSQL any number of processes, on any number of hosts, may run it for one catalogue: one leads and
    does every step, the others share the recalls with it, and one of them takes the lead when it is gone.
    """
    from ddm import flow
    from ddm.app import open_app

    app = open_app(session.settings())
    with flow.Crew(app) as crew, watched(app) as report:
        outcome = flow.run(app, forever=forever, report=report, crew=crew)
    emit(outcome, as_json, lambda _: tell(outcome))
    app.close()
    return ExitCode.HELD if outcome.held else ExitCode.DONE


def tell(outcome: Outcome) -> str:
    """The outcome of a run of the flow, in a sentence."""
    if outcome.moved == 0:
        text = "nothing to do"
    else:
        text = f"done: {outcome.moved} steps in {outcome.rounds} rounds"
    if outcome.held:
        text += f"; waiting for a person: {outcome.held}, see 'ddm flow status'"
    return text


@cli.command(
    examples="ddm flow once\nddm flow once --json", exits=[ExitCode.HELD, ExitCode.BUSY, ExitCode.SCHEMA]
)
@json_option
@pass_session
def once(session: Session, as_json: bool) -> int:
    """One round: every step once, for cron or to watch it closely."""
    from catalog.db import reports
    from ddm import flow
    from ddm.app import open_app

    app = open_app(session.settings())
    with app.catalog.exclusive("flow"):
        flow.recover(app)
        moved = flow.tick(app)
    with app.catalog.read() as conn:
        held = reports.held(conn)
    app.close()
    emit(moved, as_json, lambda _: ", ".join(f"{k}: {n}" for k, n in moved.items() if n) or "nothing to do")
    return ExitCode.HELD if held else ExitCode.DONE


@cli.command(examples="ddm flow status\nddm flow status --json", exits=[ExitCode.HELD, ExitCode.SCHEMA])
@json_option
@pass_session
def status(session: Session, as_json: bool) -> int:
    """Runs, totals, how many are in each state and how old, and what waits for a person."""
    from catalog.clock import SystemClock
    from ddm import summary
    from ddm.app import open_catalog
    from ddm.standing import standings

    settings = session.settings()
    now = SystemClock().now()
    with open_catalog(settings) as catalog:
        found = summary.summarize(catalog, now, standings(settings.root, now))
    emit(
        summary.as_json(found) if as_json else found, as_json, lambda _: summary.render(found, settings, now)
    )
    return ExitCode.HELD if found.held else ExitCode.DONE
