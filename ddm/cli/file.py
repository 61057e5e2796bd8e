"""``ddm file``: register files, find and show them, and their history."""

from __future__ import annotations

import click

from catalog.db.facts import Past
from catalog.db.people import MovedReplica
from catalog.errors import ExitCode
from ddm.cli import find
from ddm.cli.operator import (
    Lines,
    actor_option,
    catalogue,
    facts,
    reason_option,
    size,
    table_or,
    when,
)
from ddm.cli.register import complete, register
from ddm.cli.toolkit import Rendered, Session, Table, emit, group, json_option, pass_session
from ddm.operations import catalogued

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
SHOWN = 10  # parents or children on the screen; --json has them all
cli = group("file", "Register files, find and show them, where they are and what they are made of.")


cli.add_command(register)
cli.add_command(complete)
for ask in find.COMMANDS:
    cli.add_command(ask)


@cli.command(examples="ddm file show mDST-275678-0-7.root", exits=EXITS)
@click.argument("lfn")
@json_option
@pass_session
def show(session: Session, lfn: str, as_json: bool) -> None:
    """Show everything the catalogue knows of a file.

    LFN may be the base name if only one file has it. Event counts are shown by witness: who said it and when.
    """
    with catalogue(session) as catalog:
        emit(catalogued.show(catalog, lfn), as_json, _render_file)


def _render_file(found: catalogued.FileShown) -> Lines:
    where = f"run {found.run}" + (f", chunk {found.chunk}" if found.chunk else "")
    where += "" if found.part is None else f", part {found.part}"
    yield facts(
        [
            ("lfn", found.lfn),
            ("dataset", found.dataset),
            ("product", f"{found.product} ({found.role}), {where}"),
            ("size", "unknown" if found.size is None else f"{found.size} ({size(found.size)})"),
            ("adler32", "unknown" if found.adler32 is None else found.adler32),
            ("registered", when(found.registered_at)),
        ]
    )
    said = [(said.witness, said.n_events, when(said.said_at), said.said_by) for said in found.events]
    yield table_or(Table(("events say", "number", "at", "by"), said), "events unknown")
    copies = [
        (copy.endpoint, copy.state, when(copy.since), copy.locality, when(copy.verified_at), copy.path)
        for copy in found.replicas
    ]
    yield table_or(Table(("copy at", "state", "since", "locality", "compared", "path"), copies), "no copies")
    yield from _relatives("made from", found.parents)
    yield from _relatives("made into", found.children)
    for merge in found.groups:
        part = "is" if merge.lfn == found.lfn else "is in"
        yield f"{part} {merge.product} part {merge.part} of run {merge.run}: group {merge.id}, {merge.state}"


def _relatives(title: str, names: tuple[str, ...]) -> list[str]:
    more = [f"{title}: {len(names) - SHOWN} more; see --json"] if len(names) > SHOWN else []
    return [f"{title}: {name}" for name in names[:SHOWN]] + more


@cli.command(examples="ddm file history cdr11091-275678.raw", exits=EXITS)
@click.argument("lfn")
@json_option
@pass_session
def history(session: Session, lfn: str, as_json: bool) -> None:
    """Show what happened to a file, its copies, requests, pins and the jobs that read it."""
    with catalogue(session) as catalog:
        emit(catalogued.history(catalog, lfn), as_json, _render_history)


def _render_history(rows: list[Past]) -> Table:
    cells = [
        (when(row.at), f"{row.noun} {row.noun_id}", row.event, row.old, row.new, row.actor, row.reason)
        for row in rows
    ]
    return Table(("at", "what", "event", "from", "to", "by", "reason"), cells)


@cli.command(
    examples="ddm file compare mDST-275678-0-7.root --reason 'the server was back too late'", exits=EXITS
)
@click.argument("lfns", metavar="LFN...", nargs=-1, required=True)
@reason_option
@actor_option
@json_option
@pass_session
def compare(session: Session, lfns: tuple[str, ...], reason: str, actor: str | None, as_json: bool) -> None:
    """Have the copies of files compared again with the catalogue, at the next round of the flow.

    Doubts copies that are AVAILABLE: nobody reads them before they are compared. Looks again for LOST ones.
    """
    with catalogue(session, actor) as catalog:
        emit(catalogued.compare(catalog, lfns, reason), as_json, _render_compared)


def _render_compared(done: list[MovedReplica]) -> Rendered:
    rows = [(entry.replica_id, entry.was, entry.state, entry.lfn) for entry in done]
    return Table(("copy", "was", "is", "file"), rows, "to compare")
