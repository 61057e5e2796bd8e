"""``ddm archive``: merged files on their way to tape."""

from __future__ import annotations

import click

from catalog.errors import ExitCode
from catalog.model import Amount
from catalog.states import RequestKind
from ddm.cli.operator import (
    Lines,
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
)
from ddm.cli.toolkit import Session, Table, emit, group, json_option, pass_session
from ddm.operations import archive, requests

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("archive", "Show what is on tape and what is on its way.")


@cli.command(examples="ddm archive status", exits=EXITS)
@json_option
@pass_session
def status(session: Session, as_json: bool) -> None:
    """Show how far the merged files of each product are. "trouble" waits for a person.

    "in buffer": copied, but the tape service does not say yet that it is on tape.
    """
    with catalogue(session) as catalog:
        emit(archive.status(catalog), as_json, _render)


def _render(found: archive.ArchiveStatus) -> Lines:
    rows = [
        (line.task, line.product, *(_cell(line.stages.get(stage)) for stage in archive.STAGES))
        for line in found.products
    ]
    yield table_or(Table(("task", "product", *archive.STAGES), rows), "nothing is merged yet")
    if found.held:
        yield f"held: {counted(found.held, 'copy', 'copies')}; then 'ddm archive resume'"
    yield from troubles(found.troubles)


def _cell(amount: Amount | None) -> str | None:
    return None if amount is None else f"{amount.files} ({size(amount.size)})"


@cli.command(
    examples="ddm archive resume 17 --reason 'quota raised'\nddm archive resume --all --reason 'tape works'",
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
    """Copy held files again, with all their attempts. All or none of them."""
    ids = chosen(items, everything, "copies")
    with catalogue(session, actor) as catalog:
        done = requests.resume(catalog, RequestKind.COPY, ids, reason)
    emit(done, as_json, lambda found: resumed(found, "file"))
