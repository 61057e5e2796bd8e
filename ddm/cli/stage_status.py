"""``ddm stage status | show``: how the recalls are, once or again and again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from catalog.clock import Clock
from catalog.errors import ExitCode
from catalog.model import Amount
from ddm.cli.operator import Lines, catalogue, counted, facts, size, table_or, troubles, when
from ddm.cli.toolkit import Session, Table, command, emit, json_option, pass_session
from ddm.operations import recall_status
from ddm.operations.recall_status import CampaignLine, Detail, Endpoint, Failure, Status
from transfers.forecast import Forecast

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
EVERY = "10"  # seconds


# ------------------------------------------------------------------------------------- status
@command(
    "status",
    examples="ddm stage status\nddm stage status w14-again --watch\nddm stage status --watch 60\n"
    "ddm stage status w14-again --json",
    exits=EXITS,
)
@click.argument("campaign", metavar="[NAME]", required=False)
@click.option(
    "--watch",
    is_flag=False,
    flag_value=EVERY,
    type=click.FloatRange(min=0.1),
    metavar="[SECONDS]",
    help=f"Look again every so many seconds (default: {EVERY}); a NAME stands before it.",
)
@json_option
@pass_session
def status(session: Session, campaign: str | None, watch: float | None, as_json: bool) -> None:
    """Show how far the recalls are, how fast, until when, and what holds them up.

    Per tape endpoint and per campaign (or of one campaign): what is wanted, queued, in flight, held and
    online, failures by cause, storms, throughput, the time to finish with a range, and the bottleneck. With
    --watch it shows bars on a terminal and lines elsewhere, until nothing is waited for.
    """
    if watch is not None and as_json:
        raise click.UsageError("--json is one document: without --watch", click.get_current_context())
    with catalogue(session) as catalog:
        settings = session.settings()

        def look() -> Status:
            return recall_status.status(catalog, settings, campaign)

        if watch is None:
            emit(look(), as_json, render)
        else:
            watched(look, catalog.clock, timedelta(seconds=watch), screen=sys.stdout.isatty())


def watched(look: Callable[[], Status], clock: Clock, every: timedelta, *, screen: bool) -> None:
    """Show the status again and again until nothing is waited for: bars on a screen, else lines."""
    if not screen:
        for found in _looks(look, clock, every):
            click.echo("\n".join(lines(found)))
        return
    from rich.console import Console
    from rich.live import Live

    console = Console()
    with Live(console=console, auto_refresh=False) as live:
        for found in _looks(look, clock, every):
            live.update(bars(found, console), refresh=True)


def _looks(look: Callable[[], Status], clock: Clock, every: timedelta) -> Iterator[Status]:
    while True:
        found = look()
        yield found
        if found.over:
            return
        clock.sleep(every)


def lines(found: Status) -> Iterator[str]:
    """The status in a few lines for a log: one for each campaign, and the storms."""
    at = when(found.at)
    for line in found.campaigns:
        without = f"{line.missed.files} accepted as missing, " if line.missed.files else ""
        yield (
            f"{at} {line.name} at {line.endpoint}: {_came(line).files} of {line.requested.files} files came, "
            f"{without}{line.in_flight.files} in flight, {line.held.files} held, {_rate(line)}; "
            f"{finish(line.finish)}"
        )
    if not found.campaigns:
        yield f"{at} nothing is wanted"
    for endpoint in found.endpoints:
        for storm in endpoint.storms:
            yield f"{at} {storm.sentence}"


def bars(found: Status, console: Console) -> RenderableType:
    """The status as progress bars, with what holds each campaign up."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table as Rich
    from rich.text import Text

    grid = Rich.grid(padding=(0, 2))
    for line in found.campaigns:
        total = line.requested.files
        came = _came(line)
        bar = ProgressBar(total=max(total, 1), completed=came.files if total else 1, width=30)
        told = f"{came.files}/{total} files, {size(came.size)}"
        grid.add_row(Text(line.name), bar, Text(told), Text(_rate(line)), Text(finish(line.finish)))
        grid.add_row("", Text(line.sentence), "", "", "")
    storms = [Text(storm.sentence) for entry in found.endpoints for storm in entry.storms]
    heading = Text(f"{when(found.at)}  {'' if found.campaigns else 'nothing is wanted'}".rstrip())
    return Group(heading, grid, *storms)


def _came(line: CampaignLine) -> Amount:
    """What is waited for no more, without what was accepted as missing."""
    return Amount(
        line.requested.files - line.wanted.files - line.missed.files,
        line.requested.size - line.wanted.size - line.missed.size,
    )


# ------------------------------------------------------------------------------------- for people
def render(found: Status) -> Lines:
    """The status for people."""
    yield table_or(_endpoints(found.endpoints), "no tape endpoint")
    for endpoint in found.endpoints:
        yield f"{endpoint.endpoint}: {endpoint.sentence}; {finish(endpoint.finish)}"
        yield from (f"  {storm.sentence}" for storm in endpoint.storms)
    if found.campaigns:
        yield _campaigns(found.campaigns)
        for line in found.campaigns:
            yield f"{line.name} at {line.endpoint}: {line.sentence}; {finish(line.finish)}"
            if line.failed:
                yield f"  failed: {failures(line.failed)}"
    yield from troubles(found.troubles)


def _endpoints(found: tuple[Endpoint, ...]) -> Table:
    rows = [
        (
            line.endpoint,
            *map(_amount, (line.requested, line.queued, line.in_flight, line.held, line.pinned)),
            size(line.budget) or "no limit",
            _rate(line),
            when(line.oldest),
        )
        for line in found
    ]  # fmt: skip
    columns = (
        "endpoint",
        "requested",
        "queued",
        "in flight",
        "held",
        "pinned",
        "budget",
        "now",
        "oldest",
    )
    return Table(columns, rows)


def _campaigns(found: tuple[CampaignLine, ...]) -> Table:
    rows = [
        (
            line.name,
            line.endpoint,
            line.state,
            line.priority,
            line.requested.files,
            line.waiting.files,
            line.queued.files,
            line.in_flight.files,
            line.held.files,
            line.online.files,
            line.released.files + line.lapsed.files + line.missed.files,
            _rate(line),
        )
        for line in found
    ]
    columns = (
        "campaign", "at", "state", "priority", "requested", "waiting", "queued", "in flight", "held",
        "online", "over", "now",
    )  # fmt: skip
    return Table(columns, rows)


def _amount(amount: Amount) -> str | None:
    return f"{counted(amount.files, 'file')}, {size(amount.size)}" if amount.files else None


def _rate(line: Endpoint | CampaignLine) -> str:
    """Throughput for people."""
    return f"{size(int(line.bytes_per_s))}/s" if line.files_per_s else "nothing comes"


def failures(found: tuple[Failure, ...]) -> str:
    """Failures by cause, for people."""
    return ", ".join(
        f"{entry.files} by {entry.cause}" + (f" ({entry.held} held)" if entry.held else "") for entry in found
    )


def finish(found: Forecast) -> str:
    """The time to finish with its range, and what it rests on."""
    if found.finish_at is None or found.earliest is None or found.latest is None:
        return f"end unknown: {found.reason}"
    if found.finish_at == found.latest:
        return found.reason
    return (
        f"over about {found.finish_at:%F %H:%M} UTC, between {found.earliest:%F %H:%M} and "
        f"{found.latest:%F %H:%M} ({found.reason})"
    )


# ------------------------------------------------------------------------------------- show
@command("show", examples="ddm stage show w14-again\nddm stage show w14-again --json", exits=EXITS)
@click.argument("campaign", metavar="NAME")
@json_option
@pass_session
def show(session: Session, campaign: str, as_json: bool) -> None:
    """Show a campaign: its terms, how far it is, its runs that are not complete, and what happened to it."""
    with catalogue(session) as catalog:
        found = recall_status.show(catalog, session.settings(), campaign)
    emit(found, as_json, _render_details)


RUNS_SHOWN = 20
AMOUNTS = ("requested", "wanted", "queued", "in_flight", "held", "online", "released", "lapsed", "missed")


def _render_details(found: list[Detail]) -> Lines:
    for detail in found:
        line = detail.line
        yield facts(list(_terms(detail)), f"{line.name} at {line.endpoint}")
        behind = [run for run in detail.runs if run.wanted]
        complete = len(detail.runs) - len(behind)
        if detail.runs:
            yield f"runs: {complete} of {len(detail.runs)} complete"
        if behind:
            rows = [(run.run, run.files, run.wanted, run.online, run.over) for run in behind[:RUNS_SHOWN]]
            yield Table(("run", "files", "wanted", "online", "over"), rows)
        if len(behind) > RUNS_SHOWN:
            yield f"and {len(behind) - RUNS_SHOWN} more runs"
        yield Table(
            ("at", "event", "by", "reason"),
            [(when(past.at), past.event, past.actor, past.reason) for past in detail.history],
        )


def _terms(detail: Detail) -> Iterator[tuple[str, object]]:
    line = detail.line
    yield "state", f"{line.state} since {when(line.since)}"
    yield "reason", detail.reason or None
    yield "owner", line.owner
    yield "production", f"{line.production}, priority {line.priority}"
    yield "made", when(detail.created_at)
    yield "leases end", when(line.until) or "when they are released"
    if detail.tail_percent is not None:
        yield "tail", f"when {detail.tail_percent:g} % are served"
    if detail.tail_at is not None:
        yield "tail", f"from {when(detail.tail_at)}"
    for name in AMOUNTS:
        yield name.replace("_", " "), _amount(getattr(line, name))
    yield "failed", failures(line.failed) or None
    yield "now", _rate(line)
    yield "end", finish(line.finish)
    yield "bottleneck", line.sentence


COMMANDS = (status, show)
"""What ``ddm stage`` has from here."""
