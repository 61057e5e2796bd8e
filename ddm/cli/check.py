"""``ddm check``: do the merged files hold what went in? The flow asks; a person may accept a difference."""

from __future__ import annotations

import click

from catalog.db.redo import Waived
from catalog.errors import ExitCode
from ddm.cli.lightly import made
from ddm.cli.nodes import PROGRAMS
from ddm.cli.operator import (
    Lines,
    actor_option,
    catalogue,
    counted,
    limit_option,
    reason_option,
    shortened,
    table_or,
    when,
)
from ddm.cli.toolkit import (
    Session,
    Table,
    emit,
    go_ahead,
    group,
    json_option,
    pass_session,
    yes_option,
)
from ddm.operations import merges

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("check", "Show cross-checks; accept a difference that is understood.")
cli.add_command(made(PROGRAMS["check"]))


@cli.command(examples="ddm check show\nddm check show 275678", exits=EXITS)
@click.argument("run", type=int, required=False)
@limit_option
@json_option
@pass_session
def show(session: Session, run: int | None, limit: int, as_json: bool) -> None:
    """Show cross-checks, failed ones first; of one run also what every witness says of each part.

    Events are summed over the chunks of a part; '-' if the count of one chunk is not known.
    """
    with catalogue(session) as catalog:
        emit(merges.checks(catalog, limit, run), as_json, _render)


def _render(found: merges.ChecksShown) -> Lines:
    rows = [
        (
            line.task,
            line.run,
            line.product,
            line.state,
            when(line.since),
            shortened(line.verdict, 200) + (f" (waived by {line.by}: {line.reason})" if line.by else ""),
        )
        for line in found.checks
    ]
    columns = ("task", "run", "product", "state", "since", "verdict")
    yield table_or(Table(columns, rows), "no cross-check was made yet")
    parts = [
        (
            part.group_id,
            part.product,
            part.part,
            part.state,
            part.chunks,
            part.raw_catalogue,
            part.raw_read,
            part.job,
            part.read,
            part.merged_job,
            part.merged_read,
        )
        for part in found.parts
    ]
    if parts:
        inside = ("raw catalogue", "raw read", "jobs say", "chunks read", "merge says", "merged read")
        yield Table(("group", "product", "part", "state", "chunks", *inside), parts)


@cli.command(
    examples="ddm check waive 275678 evtdump --reason 'one event lost by the detector' --yes", exits=EXITS
)
@click.argument("run", type=int)
@click.argument("product")
@click.option("--task", help="The task, if several have checked this run and product.")
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def waive(
    session: Session,
    run: int,
    product: str,
    task: str | None,
    reason: str,
    yes: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """Accept what a failed cross-check found: the merged files are archived, and later the inputs may go.

    Who accepted it and why is kept for good. Bytes that differ cannot be accepted, only counts.
    """
    with catalogue(session, actor) as catalog:
        done = merges.waive(catalog, run, product, task, reason, act=yes)
    emit(done, as_json, lambda found: _render_waived(found, yes))
    go_ahead(yes)


def _render_waived(done: Waived, yes: bool) -> list[str]:
    groups, accepted = counted(len(done.groups), "merge group"), "accepted" if yes else "to accept"
    return [
        f"{accepted} for {done.product} of run {done.run} ({done.task}): {done.verdict}",
        f"{groups} {'may now' if yes else 'would'} go on to the archive"
        if done.groups
        else "no merge group waits for it",
    ]
