"""``ddm trash``: what was withdrawn, and can still be had back."""

from __future__ import annotations

import click

from catalog.db.people import MovedReplica
from catalog.errors import ExitCode
from catalog.states import RequestKind
from ddm.cli.operator import (
    Lines,
    actor_option,
    all_option,
    application,
    catalogue,
    chosen,
    counted,
    limit_option,
    reason_option,
    resumed,
    size,
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
from ddm.operations import freezing, requests, trash

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
SHOWN = 20  # lines of a plan on the screen; --json has them all
cli = group("trash", "List, restore and empty the trash.")


@cli.command("list", examples="ddm trash list", exits=EXITS)
@limit_option
@json_option
@pass_session
def list_(session: Session, limit: int, as_json: bool) -> None:
    """List withdrawn copies, oldest first: their certificate, and when the flow may remove them.

    A copy without a certificate is never removed by the flow.
    """
    with catalogue(session) as catalog:
        found, lying = trash.lines(catalog, session.settings(), limit), freezing.standing(catalog)
    emit(found, as_json, lambda copies: [*freezing.lines(lying), _copies(copies)])


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
        )
        for entry in found
    ]
    columns = ("state", "since", "may go at", "certificate", "size", "at", "file")
    return table_or(Table(columns, rows), "the trash is empty")


@cli.command(
    examples="ddm trash freeze --reason 'something removes what it should not'\n"
    "ddm trash freeze --endpoint eos --reason 'disk is being repaired'",
    exits=EXITS,
)
@click.option("--endpoint", metavar="NAME", help="Only copies at this endpoint.")
@click.option("--task", metavar="NAME", help="Only files of this task: what it reads, makes and merges.")
@reason_option
@actor_option
@json_option
@pass_session
def freeze(
    session: Session, endpoint: str | None, task: str | None, reason: str, actor: str | None, as_json: bool
) -> None:
    """Stop all withdrawing and removing, at once, until it is thawed.

    Removals that are queued or claimed wait as well. What was sent to a storage before is told.
    """
    with catalogue(session, actor) as catalog:
        done = freezing.lay(catalog, endpoint, task, reason)
    emit(done, as_json, _render_frozen)


def _render_frozen(done: freezing.Laid) -> Lines:
    yield f"freeze {done.freeze.id}: {done.freeze.sentence}"
    if done.under_way:
        yield f"with a storage already, and not to be called back: {counted(done.under_way, 'removal')}"
    yield f"to end it: ddm trash thaw {done.freeze.id} --reason '…'"


@cli.command(examples="ddm trash thaw 3 --reason 'disk is repaired'", exits=EXITS)
@click.argument("freezes", metavar="FREEZE...", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every freeze that lies.")
@reason_option
@actor_option
@json_option
@pass_session
def thaw(
    session: Session,
    freezes: tuple[int, ...],
    everything: bool,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Take freezes away, by number. All or none of them; others stay."""
    ids = chosen(freezes, everything, "freezes")
    with catalogue(session, actor) as catalog:
        done = freezing.thaw(catalog, ids, reason)
    emit(done, as_json, _render_thawed)


def _render_thawed(done: freezing.Thawed) -> Lines:
    yield from (f"thawed: freeze {one.id}, {one.sentence}" for one in done.thawed)
    if not done.thawed:
        yield "no freeze lies"
    yield from freezing.lines(done.still)


@cli.command(
    examples="ddm trash restore mDST-275678-11091-0-7.root --reason 'wanted for a study'", exits=EXITS
)
@click.argument("lfns", metavar="LFN...", nargs=-1, required=True)
@reason_option
@actor_option
@json_option
@pass_session
def restore(session: Session, lfns: tuple[str, ...], reason: str, actor: str | None, as_json: bool) -> None:
    """Bring withdrawn copies back; they are compared before anyone reads them. All or none of them.

    The flow withdraws them again, with a new certificate, while the product says inputs_after_archive =
    "delete": set it to "keep" before, if they are to stay.
    """
    with catalogue(session, actor) as catalog:
        emit(trash.restore(catalog, lfns, reason), as_json, _render_restored)


def _render_restored(done: list[MovedReplica]) -> Rendered:
    rows = [(entry.state, entry.lfn) for entry in done]
    return Table(("state", "file"), rows, f"restored: {counted(len(rows), 'copy', 'copies')}")


@cli.command(
    examples="ddm trash empty\nddm trash empty --yes", exits=[*EXITS, ExitCode.HELD, ExitCode.SOME_FAILED]
)
@yes_option
@actor_option
@json_option
@pass_session
def empty(session: Session, yes: bool, actor: str | None, as_json: bool) -> int:
    """Remove now what is past its grace time, as the flow would. Without --yes the plan is shown.

    Only certified copies whose product is on tape at that moment.
    """
    if yes:
        with application(session, actor) as app:
            done = trash.empty(app)
    else:
        with catalogue(session) as catalog:
            done = trash.plan(catalog, session.settings())
    emit(done, as_json, lambda found: _render_emptied(found, yes))
    go_ahead(yes or not done.plan)
    if done.held:
        return ExitCode.HELD
    return ExitCode.SOME_FAILED if done.left else ExitCode.DONE


def _render_emptied(done: trash.Emptied, yes: bool) -> Lines:
    if not done.plan:
        yield "nothing in the trash may go now"
        return
    if not yes:
        rows = [(size(line.size), line.endpoint, line.path) for line in done.plan[:SHOWN]]
        yield Table(("size", "at", "path"), rows)
        if len(done.plan) > SHOWN:
            yield f"{len(done.plan) - SHOWN} more; see --json"
    total = size(sum(line.size for line in done.plan))
    yield f"to remove: {counted(len(done.plan), 'copy', 'copies')}, {total}"
    if yes:
        yield f"removed: {done.removed}, not yet: {done.left}, of these held: {done.held}"


@cli.command(examples="ddm trash resume 17 --reason 'permissions repaired'", exits=EXITS)
@click.argument("items", metavar="ITEM...", type=int, nargs=-1)
@all_option
@reason_option
@actor_option
@json_option
@pass_session
def resume(
    session: Session, items: tuple[int, ...], everything: bool, reason: str, actor: str | None, as_json: bool
) -> None:
    """Try held removals again, with all their attempts. All or none of them."""
    ids = chosen(items, everything, "removals")
    with catalogue(session, actor) as catalog:
        done = requests.resume(catalog, RequestKind.REMOVE, ids, reason)
    emit(done, as_json, lambda found: resumed(found, "removal"))
