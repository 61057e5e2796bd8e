"""``ddm trash``: what was withdrawn, and can still be had back."""

from __future__ import annotations

import click

from catalog.db.debrislook import Noted
from catalog.errors import ExitCode
from catalog.states import RequestKind
from ddm.cli import trash_add, trash_freeze, trash_plan
from ddm.cli.operator import (
    actor_option,
    all_option,
    catalogue,
    chosen,
    counted,
    limit_option,
    reason_option,
    resumed,
    shortened,
    size,
    table_or,
    when,
)
from ddm.cli.toolkit import Session, Table, emit, group, json_option, pass_session
from ddm.operations import freezing, removing, requests, trash

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("trash", "Plan, list, restore and empty the trash; freeze it.")
for part in (trash_plan, trash_add, trash_freeze):
    for verb in part.COMMANDS:
        cli.add_command(verb)


@cli.command("list", examples="ddm trash list", exits=EXITS)
@limit_option
@json_option
@pass_session
def list_(session: Session, limit: int, as_json: bool) -> None:
    """List withdrawn copies, oldest first: their certificate, when the flow may remove them, and what speaks
    against it today (ddm explain delete tells all).

    A copy without a certificate is never removed by the flow.
    """
    with catalogue(session) as catalog:
        found, lying = trash.lines(catalog, session.settings(), limit), freezing.standing(catalog)
        noted = trash.noted(catalog)
    emit(found, as_json, lambda copies: [*freezing.lines(lying), _copies(copies), *map(_noted, noted)])


def _noted(found: Noted) -> str:
    """Files that are no copies: 'ddm reconcile apply' noted them."""
    return (
        f"besides, {counted(found.waiting, 'file')} that nobody knows ({size(found.size)}), to go from "
        f"{when(found.due_at)}: ddm reconcile plans {found.repair}"
    )


def _copies(found: list[trash.Trashed]) -> Table | str:
    rows = [
        (
            entry.line.state,
            when(entry.line.since),
            "frozen" if entry.frozen else when(entry.may_go_at) or "never",
            entry.line.seal[:16] if entry.line.seal else None,
            size(entry.line.size),
            entry.line.endpoint,
            entry.line.lfn,
            shortened("; ".join(entry.stays)) or None,
        )
        for entry in found
    ]
    columns = ("state", "since", "may go at", "certificate", "size", "at", "file", "stays, as")
    return table_or(Table(columns, rows), "the trash is empty")


@cli.command(
    examples="ddm trash resume 17 --reason 'permissions repaired'\n"
    "ddm trash resume --plan 3 --reason 'somebody had moved them'",
    exits=EXITS,
)
@click.argument("items", metavar="ITEM...", type=int, nargs=-1)
@all_option
@click.option("--plan", "number", metavar="PLAN", type=int, help="Release the brake of this plan.")
@reason_option
@actor_option
@json_option
@pass_session
def resume(
    session: Session,
    items: tuple[int, ...],
    everything: bool,
    number: int | None,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Try held removals again, with all their attempts, or release the brake of a plan. All or none of them.

    The brake of the flow itself is a freeze: see 'ddm trash thaw'.
    """
    if number is not None:
        _release(session, items, everything, number, reason, actor, as_json)
        return
    ids = chosen(items, everything, "removals")
    with catalogue(session, actor) as catalog:
        done = requests.resume(catalog, RequestKind.REMOVE, ids, reason)
    emit(done, as_json, lambda found: resumed(found, "removal"))


def _release(
    session: Session,
    items: tuple[int, ...],
    everything: bool,
    number: int,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    if items or everything:
        raise click.UsageError("give removals, or --plan", click.get_current_context())
    with catalogue(session, actor) as catalog:
        released = removing.resume(catalog, number, reason)
    again = f"ddm trash empty --plan {number} --yes"
    emit(released, as_json, lambda found: f"plan {found.id} may go on: {again}")
