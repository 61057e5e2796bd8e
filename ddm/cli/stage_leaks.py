"""``ddm stage leaks``: what keeps the buffers full, or the drives busy, for nobody."""

from __future__ import annotations

from datetime import timedelta

import click

from catalog.db.recall_leaks import Found
from catalog.errors import ExitCode
from ddm.cli.operator import Lines, catalogue, counted, lasting, limit_option, size, when
from ddm.cli.toolkit import Session, Table, command, emit, json_option, pass_session
from ddm.operations import recall_use
from ddm.operations.recall_use import Leaks
from ddm.units import format_duration


@command(
    "leaks",
    examples="ddm stage leaks\nddm stage leaks --older 14d --json",
    exits=[ExitCode.HELD, ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.option(
    "--older",
    callback=lasting,
    default="30d",
    show_default=True,
    metavar="TIME",
    help="Leases without an end count from this age.",
)
@limit_option
@json_option
@pass_session
def leaks(session: Session, older: timedelta, limit: int, as_json: bool) -> int:
    """Report what is kept, wanted or recalled for nobody: sums, and the oldest of each kind. Changes nothing.

    Pins and recalls that nobody needs are dropped by the flow: if they stay, it does not run. Leases without
    an end stay until their owner releases them. Ends with 4 if there is any of these.
    """
    with catalogue(session) as catalog:
        found = recall_use.leaks(catalog, older=older, limit=limit)
    emit(found, as_json, _render)
    return ExitCode.HELD if found.any else ExitCode.DONE


def _render(found: Leaks) -> Lines:
    yield from _files("pinned, and nobody needs them ('ddm flow run' releases them)", found.unneeded_pins)
    yield from _files(
        "leased as online, but no pin holds them ('ddm flow run' recalls them again)", found.pinless_leases
    )
    yield from _files(
        "recalled or held, and nobody wants them ('ddm flow run' takes them back)", found.unwanted_recalls
    )
    if found.endless_leases:
        yield f"leases without an end, older than {format_duration(found.older)}: ask the owner, then release"
        rows = [
            (e.campaign, e.endpoint, e.owner, when(e.created_at), e.files, size(e.size))
            for e in found.endless_leases
        ]  # fmt: skip
        yield Table(("campaign", "at", "owner", "made", "files", "size"), rows)
        yield "to release all of one: ddm stage release NAME"
    yield from _files("seen online without a pin (just archived, or left behind)", found.online_unpinned)
    if not found.any:
        yield "nothing leaks"


def _files(what: str, found: Found) -> Lines:
    if not found.files:
        return
    yield f"{counted(found.files, 'file')}, {size(found.size)}: {what}"
    rows = [(e.lfn, e.endpoint, size(e.size), when(e.since), e.campaign, e.owner) for e in found.oldest]
    yield Table(("lfn", "at", "size", "since", "campaign", "owner"), rows)


COMMANDS = (leaks,)
"""What ``ddm stage`` has from here."""
