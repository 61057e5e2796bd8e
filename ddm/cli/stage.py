"""``ddm stage``: recalls from tape: asked for, followed, released; held ones are set going again."""

from __future__ import annotations

import click

from catalog.db.people import Resumed
from catalog.errors import ExitCode
from catalog.states import RequestKind
from ddm.cli import stage_leaks, stage_request, stage_status, stage_tail, stage_use
from ddm.cli.operator import (
    actor_option,
    all_option,
    catalogue,
    chosen,
    reason_option,
    resumed,
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
from ddm.operations import requests

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("stage", "Ask for files from tape, follow the recalls, use and release what came.")
for part in (stage_request, stage_status, stage_use, stage_tail, stage_leaks):
    for verb in part.COMMANDS:
        cli.add_command(verb)


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
    gap, cancels its job and gives the recall up, all at once. A campaign that wants the file gets a gap,
    with the reason.
    """
    with catalogue(session, actor) as catalog:
        done = requests.give_up(catalog, items, reason, act=yes)
    emit(done, as_json, _render_given_up)
    go_ahead(yes)


def _render_given_up(found: list[Resumed]) -> Table:
    return Table(("recall", "file", "last trouble"), [(e.id, e.name, e.trouble) for e in found], "to give up")
