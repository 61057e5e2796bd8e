"""``ddm history``: what changed, of anything, since a time, by somebody."""

from __future__ import annotations

import click

from catalog.db.past import NOUNS, Happened, PageOfPast
from catalog.errors import ExitCode
from ddm.cli.operator import Lines, catalogue, limit_option, table_or, when
from ddm.cli.toolkit import Session, Table, command, emit, json_option, pass_session
from ddm.operations import finding


@command(
    "history",
    examples="ddm history --since 2d\n"
    "ddm history replica 4711\n"
    "ddm history replica --event missing --since 2016-07-01\n"
    "ddm history --actor jdoe@lxplus --after 120934",
    exits=[ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.argument("noun", type=click.Choice(NOUNS), required=False)
@click.argument("number", type=int, required=False)
@click.option("--since", metavar="TIME", help="From then on: 2016-07-01, 2016-07-01T12:00Z, or 2d (ago).")
@click.option("--until", metavar="TIME", help="Before then.")
@click.option("--event", help="Only this event, such as verified, missing, registered.")
@click.option("--actor", help="Only what this person or program did.")
@click.option("--after", type=click.IntRange(0), default=0, metavar="ID", help="Go on after this row.")
@limit_option
@json_option
@pass_session
def cli(
    session: Session,
    noun: str | None,
    number: int | None,
    since: str | None,
    until: str | None,
    event: str | None,
    actor: str | None,
    after: int,
    limit: int,
    as_json: bool,
) -> None:
    """Show what happened to everything, oldest first; only of a noun, or of one thing by its number.

    A row may speak of several things that changed together: their numbers stand as FIRST-LAST. For a file
    by its name, with its copies, requests and jobs, there is 'ddm file history'.
    """
    with catalogue(session) as catalog:
        found = finding.history(
            catalog,
            limit=limit,
            since=since,
            until=until,
            noun=noun,
            number=number,
            event=event,
            actor=actor,
            after=after,
        )
    emit(found, as_json, _render)


def _render(found: PageOfPast) -> Lines:
    rows = [
        (row.id, when(row.at), _what(row), row.event, row.old, row.new, row.actor, row.reason)
        for row in found.rows
    ]
    columns = ("id", "at", "what", "event", "from", "to", "by", "reason")
    yield table_or(Table(columns, rows), "nothing happened")
    if found.after is not None:
        yield f"there is more: --after {found.after}, or a larger --limit"


def _what(row: Happened) -> str:
    return f"{row.noun} {row.first}" + (f"-{row.last}" if row.last != row.first else "")
