"""``ddm trash add | restore``: a person withdraws copies, file by file, and has them back."""

from __future__ import annotations

from collections.abc import Iterable

import click

from catalog.errors import BadInput, ExitCode
from ddm.cli.operator import Lines, actor_option, catalogue, confirm_option, counted, reason_option, size
from ddm.cli.toolkit import Session, Table, command, emit, go_ahead, json_option, pass_session, yes_option
from ddm.operations import discarding, trash
from ddm.operations.discarding import Discarded

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
ADD = (
    "ddm trash add /eos/…/mDST-275678-11091-0-7.root --endpoint eos2 --reason 'a second copy' --yes\n"
    "ddm trash add --from lfns.txt --reason 'spoiled by the controller'\n"
    "ddm trash add --from lfns.txt --reason 'tape burnt' --i-accept-data-loss --confirm 12 --yes"
)


def _named(lfns: tuple[str, ...], listed: Iterable[str] | None) -> list[str]:
    """The files of the command line, or of the list. Raises BadInput, with the number of a bad line."""
    if listed is None:
        return discarding.explicit(lfns, "LFN")
    if lfns:
        raise click.UsageError("give the files, or --from a list of them", click.get_current_context())
    try:
        return discarding.explicit(listed, "--from")
    except UnicodeDecodeError:
        raise BadInput("the list is no text in UTF-8", subject="--from") from None


@command("add", examples=ADD, exits=[*EXITS, ExitCode.HELD])
@click.argument("lfns", metavar="[LFN]...", nargs=-1)
@click.option("--from", "listed", type=click.File("r"), help="Files of a list, a whole LFN on each line.")
@click.option("--endpoint", metavar="NAME", help="Whose copy; needed where there are several.")
@click.option(
    "--i-accept-data-loss",
    "accept_loss",
    is_flag=True,
    help="Also the last verified copy; needs --confirm with the number of files.",
)
@reason_option
@yes_option
@confirm_option
@actor_option
@json_option
@pass_session
def add(
    session: Session,
    lfns: tuple[str, ...],
    listed: Iterable[str] | None,
    endpoint: str | None,
    accept_loss: bool,
    reason: str,
    yes: bool,
    typed: int | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Withdraw copies of files, named one by one by their whole LFN. All or none of them.

    A copy goes because its bytes are bad and a good copy exists, because another good copy on disk stays, or
    because the file is settled on tape; else every reason is told. Wild cards and directories are refused.
    Until the grace time is over 'ddm trash restore' has them back.
    """
    names = _named(lfns, listed)
    with catalogue(session, actor) as catalog:
        done = discarding.discard(
            catalog, session.settings(), names, endpoint, reason,
            act=yes, accept_loss=accept_loss, typed=typed,
        )  # fmt: skip
    emit(done, as_json, _render)
    if any(one.ground is not None for one in done.copies):
        go_ahead(yes)


def _render(done: Discarded) -> Lines:
    rows = [
        (one.ground or "stays", size(one.size), one.endpoint, one.lfn, "; ".join(one.refused) or None)
        for one in done.copies
    ]
    yield Table(("ground", "size", "at", "file", "why it stays"), rows)
    going = sum(one.ground is not None for one in done.copies)
    if not going:
        yield "nothing may go"
        return
    yield f"{'withdrawn' if done.done else 'to withdraw'}: {counted(going, 'copy', 'copies')}"
    if done.lost:
        yield f"LOST with them: {counted(done.lost, 'file')} of which no other verified copy is known"
    for seal in done.seals:
        yield f"certificate {seal[:16]}"


@command(
    "restore",
    examples="ddm trash restore mDST-275678-11091-0-7.root --reason 'wanted for a study'",
    exits=EXITS,
)
@click.argument("lfns", metavar="LFN...", nargs=-1, required=True)
@reason_option
@actor_option
@json_option
@pass_session
def restore(session: Session, lfns: tuple[str, ...], reason: str, actor: str | None, as_json: bool) -> None:
    """Bring withdrawn copies back; they are compared before anyone reads them. All or none of them.

    They are held with the reason, so that the flow does not withdraw them again: 'ddm hold lift' gives them
    free.
    """
    with catalogue(session, actor) as catalog:
        emit(trash.restore(catalog, lfns, reason), as_json, _render_restored)


def _render_restored(done: trash.Restored) -> Lines:
    rows = [(entry.state, entry.lfn) for entry in done.copies]
    yield Table(("state", "file"), rows, f"restored: {counted(len(rows), 'copy', 'copies')}")
    yield f"kept by hold {done.hold}; to give them free: ddm hold lift {done.hold} --reason '…' --yes"


COMMANDS = (add, restore)
