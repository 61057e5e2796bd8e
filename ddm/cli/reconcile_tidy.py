"""``ddm reconcile tidy``: lists of old scans and comparisons, and scratch of killed processes."""

from __future__ import annotations

from datetime import timedelta

import click

from catalog.errors import ExitCode
from ddm.cli.operator import Lines, actor_option, catalogue, counted, lasting, size, when
from ddm.cli.toolkit import Session, Table, command, emit, go_ahead, json_option, pass_session, yes_option
from ddm.operations import tidying
from ddm.operations.tidying import KEEP, Tidied

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]


@command(
    "tidy",
    examples="ddm reconcile tidy\nddm reconcile tidy --keep 5 --older 365d --yes",
    exits=EXITS,
)
@click.option(
    "--keep",
    metavar="N",
    type=click.IntRange(1),
    default=KEEP,
    show_default=True,
    help="So many of each part of an endpoint stay.",
)
@click.option(
    "--older",
    callback=lasting,
    metavar="TIME",
    default="90d",
    show_default=True,
    help="Only what was made longer ago.",
)
@yes_option
@actor_option
@json_option
@pass_session
def tidy(session: Session, keep: int, older: timedelta, yes: bool, actor: str | None, as_json: bool) -> None:
    """Remove lists of old scans and findings of old comparisons, and scratch that killed processes left.

    Their rows and numbers stay, and with them the trend in 'report'; 'scans', 'show' and 'report' say that
    the lists are gone. What is being made, what an unfinished plan is of, and what may confirm a later
    comparison stays, whatever is asked. A file goes only by its name, if our records say that it is one of
    these lists.
    """
    with catalogue(session, actor) as found:
        done = tidying.plan(found, session.settings(), keep, older)
        if go_ahead(yes):
            done = tidying.tidy(found, session.settings(), keep, older)
    emit(done, as_json, _render)


def _render(done: Tidied) -> Lines:
    rows: list[tuple[str | None, ...]] = [
        (
            f"{one.what} {one.number}",
            one.of,
            one.state,
            when(one.made_at),
            size(one.size),
            _fate(one.why, done),
        )
        for one in done.entries
    ]
    rows += [
        ("scratch", str(one.directory), None, None, size(one.size), _fate(one.why, done))
        for one in done.scratch
    ]
    if rows:
        yield Table(("lists of", "where", "state", "made at", "size", ""), rows)
    scratch = sum(not one.why for one in done.scratch)
    what = f"{counted(len(done.going), 'directory', 'directories')} of lists, {scratch} of scratch"
    yield f"{what}, {size(done.size)}: {'removed' if done.acted and not done.notes else 'to go'}"
    yield from done.notes


def _fate(why: str, done: Tidied) -> str:
    return f"stays: {why}" if why else "removed" if done.acted else "goes"


COMMANDS = (tidy,)
