"""``ddm stage missing | accept-missing``: the few files that hold a campaign up, and going on without."""

from __future__ import annotations

import click

from catalog.db.recall_leases import Missing
from catalog.errors import ExitCode
from ddm.cli.operator import (
    Lines,
    actor_option,
    catalogue,
    counted,
    limit_option,
    reason_option,
    shortened,
    size,
    table_or,
    when,
)
from ddm.cli.toolkit import Session, Table, command, emit, go_ahead, json_option, pass_session, yes_option
from ddm.operations import staging

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]


@command(
    "missing",
    examples="ddm stage missing w14-again\nddm stage missing w14-again --limit 1000 --json",
    exits=EXITS,
)
@click.argument("campaign", metavar="NAME")
@limit_option
@json_option
@pass_session
def missing(session: Session, campaign: str, limit: int, as_json: bool) -> None:
    """List the files that a campaign waits for: what their recall does, why it failed, the next try."""
    with catalogue(session) as catalog:
        found = staging.missing(catalog, campaign, limit=limit + 1)
    more = len(found) > limit
    answer = {"campaign": campaign, "files": found[:limit], "more": more}
    emit(answer, as_json, lambda _: list(_render(found[:limit], more)))


def _render(found: list[Missing], more: bool) -> Lines:
    rows = [
        (
            entry.lfn,
            entry.run,
            size(entry.size),
            entry.state or "not asked yet",
            entry.attempts,
            _trouble(entry),
            when(entry.next_try_at) if entry.state == "QUEUED" else None,
            entry.item_id,
        )
        for entry in found
    ]
    columns = ("lfn", "run", "size", "recall", "tries", "trouble", "next try", "item")
    yield table_or(Table(columns, rows), "no file is missing")
    if more:
        yield "there are more: a larger --limit"
    if any(entry.state == "HELD" for entry in found):
        yield "held ones are tried again with: ddm stage resume ITEM --reason '…'"


def _trouble(entry: Missing) -> str | None:
    """The cause and what was said, without the name of the file: that is in the line already."""
    if not entry.code:
        return None
    said = " ".join((entry.reason or "").replace(entry.lfn, "").split())
    return f"{entry.code}: {shortened(said, 60)}"


@command(
    "accept-missing",
    examples="ddm stage accept-missing w14-again --reason 'tape V01234 is destroyed' --yes",
    exits=EXITS,
)
@click.argument("campaign", metavar="NAME")
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def accept_missing(
    session: Session, campaign: str, reason: str, yes: bool, actor: str | None, as_json: bool
) -> None:
    """Go on without the files that are missing: a gap of the campaign, with the reason and who approved it.

    The campaign is DONE, their recalls are given up unless somebody else wants them.
    """
    with catalogue(session, actor) as catalog:
        found = staging.accept_missing(catalog, campaign, reason, act=yes)
        approver = catalog.actor
    answer = {"campaign": campaign, "accepted": yes, "reason": reason, "approver": approver, "files": found}
    emit(answer, as_json, lambda _: list(_render_accepted(found, yes, approver)))
    go_ahead(yes)


FIRST = 20


def _render_accepted(found: list[Missing], yes: bool, approver: str) -> Lines:
    many = counted(len(found), "file") if len(found) < 1000 else "1000 files or more"
    yield f"accepted as missing, approved by {approver}: {many}" if yes else f"to accept as missing: {many}"
    for entry in found[:FIRST]:
        yield f"  {entry.lfn}" + (f" ({entry.code})" if entry.code else "")
    if len(found) > FIRST:
        yield "  …"


COMMANDS = (missing, accept_missing)
"""What ``ddm stage`` has from here."""
