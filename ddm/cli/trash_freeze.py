"""``ddm trash freeze | thaw``: the switch that stops all withdrawing and removing."""

from __future__ import annotations

import click

from catalog.errors import ExitCode
from ddm.cli.operator import Lines, actor_option, catalogue, chosen, counted, reason_option
from ddm.cli.toolkit import Session, command, emit, json_option, pass_session
from ddm.operations import freezing

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]


@command(
    "freeze",
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


@command("thaw", examples="ddm trash thaw 3 --reason 'disk is repaired'", exits=EXITS)
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


COMMANDS = (freeze, thaw)
