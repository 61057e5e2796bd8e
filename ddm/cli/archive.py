"""``ddm archive``: merged files on their way to tape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from catalog.errors import ExitCode
from catalog.model import Amount
from catalog.states import RequestKind
from ddm.cli.operator import (
    Lines,
    actor_option,
    all_option,
    application,
    catalogue,
    chosen,
    counted,
    reason_option,
    resumed,
    size,
    table_or,
    troubles,
    when,
)
from ddm.cli.toolkit import Session, Table, emit, group, json_option, pass_session, progress
from ddm.operations import archive, requests

if TYPE_CHECKING:
    from ddm.operations.evidence import CopyShown, Verified

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("archive", "Show what is on tape and what is on its way.")


@cli.command(examples="ddm archive status\nddm archive status --json", exits=EXITS)
@json_option
@pass_session
def status(session: Session, as_json: bool) -> None:
    """Show how far the merged files of each product are, and on what evidence they are on tape.

    "in buffer": copied, but the tape service does not say yet that it is on tape. "in another": kept in what
    was merged of it, such as the logs of a run in those of the production. "trouble" waits for a person.
    "settled": evidence was taken again after a while, so that something may be deleted on its strength.
    """
    with catalogue(session) as catalog:
        found = archive.status(catalog, session.settings())
        now = catalog.clock.now()
    emit(found, as_json, lambda found: _render(found, now))


def _render(found: archive.ArchiveStatus, now: datetime) -> Lines:
    rows = [
        (line.task, line.product, *(_cell(line.stages.get(stage)) for stage in archive.STAGES))
        for line in found.products
    ]
    yield table_or(Table(("task", "product", *archive.STAGES), rows), "nothing is merged yet")
    if found.proofs:
        columns = ("task", "product", "wanted", "grades", "settled", "settling", "first settles")
        yield Table((*columns, "not on tape yet"), [_proof(line, now) for line in found.proofs], "Evidence")
    if found.held:
        yield f"held: {counted(found.held, 'copy', 'copies')}; then 'ddm archive resume'"
    yield from troubles(found.troubles)


def _proof(line: archive.ProofLine, now: datetime) -> tuple[object, ...]:
    grades = ", ".join(f"{n} {grade}" for grade, n in line.best.items()) or None
    amounts = [_cell(amount if amount.files else None) for amount in (line.settled, line.settling)]
    waits = None
    if line.oldest is not None:
        seconds = timedelta(seconds=(now - line.oldest) // timedelta(seconds=1))
        waits = f"{line.waiting}, the oldest {line.oldest_state} for {seconds}"
    return (line.task, line.product, line.wanted, grades, *amounts, when(line.settles_at), waits)


@cli.command(
    examples="ddm archive show mDST-275678-0-7.root\nddm archive show 275678 --json",
    exits=EXITS,
)
@click.argument("words", metavar="LFN|RUN...", nargs=-1, required=True)
@json_option
@pass_session
def show(session: Session, words: tuple[str, ...], as_json: bool) -> None:
    """Show each piece of evidence that files, or the merged files of runs, are on tape: when, of which
    grade, by which service.

    Grade a: the service says that it is on tape; b: and its size and checksum are ours; c: and it was read
    again from tape. Pieces of before a copy was lost or doubted are shown, and do not count.
    """
    from ddm.operations import evidence

    with catalogue(session) as catalog:
        emit(evidence.show(catalog, session.settings(), words), as_json, _render_copies)


def _render_copies(found: Sequence[CopyShown]) -> Lines:
    for copy in found:
        yield f"{copy.lfn} at {copy.endpoint}"
        yield f"  {copy.state} since {when(copy.since)}"
        if copy.settled_at is not None:
            yield f"  settled since {when(copy.settled_at)}" + (f", but {copy.stale}" if copy.stale else "")
        else:
            yield f"  not settled: {copy.not_settled} (grade {copy.wanted} is wanted)"
        if copy.next_at is not None:
            yield f"  evidence is taken again at {when(copy.next_at)}"
        rows = [
            (
                *(when(one.taken_at), one.grade, one.source, one.how or None, one.request or None),
                *(one.size, one.adler32, one.locality, "yes" if one.counts else "no"),
            )
            for one in copy.pieces
        ]
        columns = ("taken", "grade", "by", "checksum", "request", "size", "adler32", "locality", "counts")
        yield table_or(Table(columns, rows), "  no evidence")


@cli.command(
    examples="ddm archive verify 275678\nddm archive verify mDST-275678-0-7.root --reread\n"
    "ddm archive verify --sample 100",
    exits=[ExitCode.SOME_FAILED, ExitCode.HELD, *EXITS],
)
@click.argument("words", metavar="LFN|RUN...", nargs=-1)
@click.option(
    "--sample", type=click.IntRange(1), metavar="N", help="N merged files, those not looked at for longest."
)
@click.option("--reread", is_flag=True, help="And have them read again from tape, by the flow: grade c.")
@actor_option
@json_option
@pass_session
def verify(
    session: Session,
    words: tuple[str, ...],
    sample: int | None,
    reread: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    """Take evidence now: the tape service is asked about each copy, and nothing is recalled for that.

    What is not heard changes nothing. An answer that contradicts moves the copy, and nothing more is
    deleted on its strength. With --reread files that are on tape only are recalled, at the lowest priority,
    and read by the flow; one that is in the buffer is asked to leave it first.
    """
    from ddm.operations import evidence

    if bool(words) == (sample is not None):
        raise click.UsageError("name files or runs, or --sample N", click.get_current_context())
    with application(session, actor) as app, progress("asked about", total=sample, unit="copies") as bar:
        found = evidence.verify(
            app, words, sample=sample or 0, reread=reread, told=lambda more: bar.advance(more)
        )
    emit(found, as_json, _render_verified)
    results = {one.result for one in found}
    if evidence.Result.CONTRADICTED in results:
        return ExitCode.HELD
    return ExitCode.SOME_FAILED if results & evidence.NOTHING else ExitCode.DONE


def _render_verified(found: Sequence[Verified]) -> Lines:
    rows = [(one.result, one.grade, one.endpoint, one.lfn, one.text or None) for one in found]
    yield table_or(Table(("result", "grade", "at", "file", "why"), rows), "nothing is on tape")


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
