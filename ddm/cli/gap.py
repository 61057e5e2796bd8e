"""``ddm gap``: raw chunks that will never come, registered so that their runs may go on without."""

from __future__ import annotations

import click

from catalog.db.look import GapLine
from catalog.errors import ExitCode
from ddm.cli.job import untold
from ddm.cli.operator import (
    Lines,
    actor_option,
    application,
    catalogue,
    counted,
    limit_option,
    reason_option,
    table_or,
    when,
)
from ddm.cli.toolkit import (
    Rendered,
    Session,
    Table,
    emit,
    go_ahead,
    group,
    json_option,
    pass_session,
    yes_option,
)
from ddm.operations import jobs

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("gap", "Register chunks that will never come.")


@cli.command(
    examples="ddm gap add cdr11091-275678.raw --reason 'tape destroyed' --approver 'A. Smith' --yes",
    exits=[*EXITS, ExitCode.SOME_FAILED],
)
@click.argument("lfns", metavar="LFN...", nargs=-1, required=True)
@click.option("--approver", required=True, help="Who approved it; kept in the register.")
@click.option(
    "--events", type=click.IntRange(0), help="Events lost with each chunk, where the catalogue does not know."
)
@click.option("--task", help="The task that goes on without; if only one reads the dataset, that one.")
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def add(
    session: Session,
    lfns: tuple[str, ...],
    approver: str,
    events: int | None,
    task: str | None,
    reason: str,
    yes: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    """Register raw chunks that will not be processed. All or none of them.

    A job of such a chunk is canceled, and a recall that nobody else wants is given up. Refused for a chunk
    that is processed. The raw file itself is not touched. The events lost with it are kept in the register:
    the cross-check adds them up.
    """
    with application(session, actor) as app:
        done = jobs.add_gaps(app, lfns, task=task, reason=reason, approver=approver, act=yes, events=events)
    emit(done, as_json, lambda found: _render_added(found, yes))
    go_ahead(yes)
    return ExitCode.SOME_FAILED if done.untold else ExitCode.DONE


def _render_added(done: jobs.GapsAdded, yes: bool) -> Lines:
    rows = [
        (gap.task, gap.run, gap.chunk, gap.n_events, gap.canceled.id if gap.canceled else None, gap.lfn)
        for gap in done.gaps
    ]
    columns = ("task", "run", "chunk", "events", "job canceled" if yes else "job to cancel", "file")
    yield Table(columns, rows, f"{'registered' if yes else 'to register'}: {counted(len(rows), 'gap')}")
    yield from untold(done.untold)


@cli.command("list", examples="ddm gap list", exits=EXITS)
@limit_option
@json_option
@pass_session
def list_(session: Session, limit: int, as_json: bool) -> None:
    """List the gap register: what is missing, how many events, who approved it and why."""
    with catalogue(session) as catalog:
        emit(jobs.gap_lines(catalog, limit), as_json, _render_list)


def _render_list(found: list[GapLine]) -> Rendered:
    rows = [
        (gap.task, gap.run, gap.chunk, gap.n_events, gap.approver, gap.reason, when(gap.registered_at))
        for gap in found
    ]
    columns = ("task", "run", "chunk", "events", "approved by", "reason", "at")
    return table_or(Table(columns, rows), "no gap is registered")
