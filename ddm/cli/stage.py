"""``ddm stage``: recalls from tape. Jobs ask for them; here they are followed and set going again."""

from __future__ import annotations

import click

from catalog.db.people import Resumed
from catalog.errors import ExitCode
from catalog.states import RequestKind
from ddm.cli.operator import (
    actor_option,
    all_option,
    catalogue,
    chosen,
    counted,
    reason_option,
    resumed,
    size,
    table_or,
    troubles,
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
from ddm.operations import requests
from ddm.operations.requests import Amount

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("stage", "Follow recalls from tape; resume or give up held ones.")


@cli.command(examples="ddm stage status", exits=EXITS)
@json_option
@pass_session
def status(session: Session, as_json: bool) -> None:
    """Show what is wanted from tape, asked for, held and pinned, and the budget, per endpoint."""
    with catalogue(session) as catalog:
        emit(requests.stage_status(catalog, session.settings()), as_json, _render_status)


def _render_status(found: requests.StageStatus) -> Rendered:
    rows = [
        (
            line.endpoint,
            *(_amount(part) for part in (line.queued, line.asked, line.held, line.pinned)),
            size(line.budget) or "no limit",
            when(line.oldest),
        )
        for line in found.endpoints
    ]
    columns = ("endpoint", "queued", "asked", "held", "pinned", "budget", "oldest since")
    return [table_or(Table(columns, rows), "no tape endpoint"), *troubles(found.troubles)]


def _amount(amount: Amount) -> str | None:
    return f"{counted(amount.files, 'file')}, {size(amount.size)}" if amount.files else None


@cli.command(
    examples="ddm stage resume 17 --reason 'drive repaired'\nddm stage resume --all --reason 'tape is back'",
    exits=EXITS,
)
@click.argument("items", metavar="ITEM...", type=int, nargs=-1)
@all_option
@reason_option
@actor_option
@json_option
@pass_session
def resume(
    session: Session, items: tuple[int, ...], everything: bool, reason: str, actor: str | None, as_json: bool
) -> None:
    """Ask for held recalls again, with all their attempts. All or none of them."""
    ids = chosen(items, everything, "recalls")
    with catalogue(session, actor) as catalog:
        done = requests.resume(catalog, RequestKind.STAGE, ids, reason)
    emit(done, as_json, lambda found: resumed(found, "recall"))


@cli.command("give-up", examples="ddm stage give-up 17 --reason 'tape destroyed' --yes", exits=EXITS)
@click.argument("items", metavar="ITEM...", type=int, nargs=-1, required=True)
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def give_up(
    session: Session, items: tuple[int, ...], reason: str, yes: bool, actor: str | None, as_json: bool
) -> None:
    """Give held recalls up for good. All or none of them.

    Refused while a job wants the file, as it would be recalled again: 'ddm gap add' registers the chunk as a
    gap, cancels its job and gives the recall up, all at once.
    """
    with catalogue(session, actor) as catalog:
        done = requests.give_up(catalog, items, reason, act=yes)
    emit(done, as_json, _render_given_up)
    go_ahead(yes)


def _render_given_up(found: list[Resumed]) -> Table:
    return Table(("recall", "file", "last trouble"), [(e.id, e.name, e.trouble) for e in found], "to give up")
