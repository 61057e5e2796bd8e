"""``ddm reconcile plan | sign | apply | plans | resume | cancel``: what to do about differences, as a person
reads and signs it."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import click

from catalog.db.debrislook import Noted
from catalog.errors import BadInput, ExitCode
from catalog.states import RepairState
from ddm.cli.operator import (
    Lines,
    actor_option,
    application,
    catalogue,
    confirm_option,
    counted,
    lasting,
    limit_option,
    reason_option,
    size,
    table_or,
    when,
)
from ddm.cli.toolkit import (
    Session,
    Table,
    command,
    emit,
    go_ahead,
    json_option,
    pass_session,
    progress,
    yes_option,
)
from ddm.operations import proposing, repairing, repairtext
from ddm.operations.proposing import OLDER, Proposed, Wish
from ddm.operations.repairing import Applied, Shown
from ddm.operations.repairtext import Read, Sum

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
SHOWN = 20  # lines of a plan on the screen; --json has more
file_argument = click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))


# -------------------------------------------------------------------------------------- plan
@command(
    "plan",
    examples="ddm reconcile plan --out repair.txt\nddm reconcile plan 7 --endpoint eos --out repair.txt\n"
    "ddm reconcile plan --dataset 2016/W14 --task P08 --out repair.txt",
    exits=EXITS,
)
@click.argument("comparison", metavar="[COMPARISON]", type=int, required=False)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="A new file; else it goes to the screen."
)
@click.option("--endpoint", metavar="NAME", help="Only of this endpoint.")
@click.option("--under", metavar="PATH", default="", help="Only of paths that begin so.")
@click.option(
    "--older",
    metavar="TIME",
    default=f"{OLDER.days} d",
    show_default=True,
    callback=lasting,
    help="Debris is proposed for the trash when it was first seen so long ago.",
)
@click.option(
    "--dataset", metavar="NAME", default="", help="Offer to register unknown files in this dataset,"
)
@click.option("--task", metavar="NAME", default="", help="by the names of this task.")
@click.option("--checksums", is_flag=True, help="Ask for the adler32 of unknown files, if no scan told it.")
@actor_option
@json_option
@pass_session
def plan(
    session: Session,
    comparison: int | None,
    out: Path | None,
    endpoint: str | None,
    under: str,
    older: timedelta,
    dataset: str,
    task: str,
    checksums: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """Propose what to do about the differences of a comparison (the newest), as a text to read and edit.

    Nothing is done. Lines can be deleted, commented out, or given another of the actions that are possible.
    'ddm reconcile sign FILE' is next. Only what is confirmed by two scans is proposed.
    """
    if as_json and out is None:
        raise BadInput("give --out: standard output is for the JSON document", subject="--json")
    wish = Wish(comparison, endpoint, under, older, dataset, task, checksums)
    with application(session, actor) as app, progress("proposed", unit="lines") as bar:
        found = proposing.plan(app, wish, out or sys.stdout, bar.advance)
    if out is not None:
        emit(found, as_json, _render_proposed)


def _render_proposed(found: Proposed) -> Lines:
    yield _sums(found.sums, f"Plan {found.plan.id}, of comparison {found.plan.comparison}")
    yield f"to read and edit: {found.text}; then: ddm reconcile sign {found.text}"


def _sums(sums: tuple[Sum, ...], title: str) -> Table | str:
    rows = [(one.act or "nothing", one.kind, one.files, size(one.size)) for one in sums]
    return table_or(
        Table(("to do", "of what is", "files", "size"), rows, title), f"{title}: no line of it is to be done"
    )


# -------------------------------------------------------------------------------------- sign
@command(
    "sign",
    examples="ddm reconcile sign repair.txt\nddm reconcile sign repair.txt --confirm 15\n"
    "ddm reconcile sign repair.txt --yes",
    exits=EXITS,
)
@file_argument
@click.option("--yes", is_flag=True, help="Sign a small list without the number of its files.")
@confirm_option
@actor_option
@json_option
@pass_session
def sign(session: Session, file: Path, yes: bool, typed: int | None, actor: str | None, as_json: bool) -> int:
    """Check every line of a plan, and add your name, the time and a sha256. Nothing of it is done yet.

    All faults are told at once. You are asked to type how many files it is; in scripts give --confirm N, or
    --yes for a small list. Whatever is changed afterwards is refused, unless you sign again.
    """
    with application(session, actor) as app:
        with progress("compared", unit="lines") as bar:
            found = repairtext.read(app, file, bar.advance)
        faults = repairtext.faults_to_sign(found)
        if faults:
            emit(found, as_json, lambda read: (str(fault) for fault in faults))
            click.echo(f"ddm: {counted(len(faults), 'fault')} in {file}: nothing was signed", err=True)
            return ExitCode.USAGE
        if typed is None and not yes and not as_json and sys.stdin.isatty():
            emit(found, False, _render_read)
            typed = click.prompt("Type the number of files to sign", type=int, err=True)
        elif typed is None and not yes:
            emit(found, as_json, _render_read)
            click.echo(f"ddm: nothing was signed; add --confirm {found.files} to sign it", err=True)
            return ExitCode.DONE
        done = repairtext.sign(app, file, typed, found)
    emit(done, as_json, lambda read: _render_signed(read, file))
    return ExitCode.DONE


def _render_read(found: Read) -> Lines:
    yield _sums(found.sums, f"Plan {found.plan.id}, of comparison {found.plan.comparison}")
    yield f"to be done: {counted(found.files, 'file')}, {size(found.size)}"
    if found.strangers:
        yield f"of these to be trashed though nobody knows what they are: {counted(found.strangers, 'file')}"


def _render_signed(found: Read, file: Path) -> Lines:
    yield from _render_read(found)
    assert found.signature is not None
    yield f"signed by {found.signature.by}; to do it: ddm reconcile apply {file} --yes"


# ------------------------------------------------------------------------------------- apply
@command(
    "apply",
    examples="ddm reconcile apply repair.txt\nddm reconcile apply repair.txt --yes",
    exits=[*EXITS, ExitCode.HELD, ExitCode.SOME_FAILED],
)
@file_argument
@yes_option
@actor_option
@json_option
@pass_session
def apply(session: Session, file: Path, yes: bool, actor: str | None, as_json: bool) -> int:
    """Do what a signed plan says, line by line; each is looked at again, in the catalogue and on storage.

    Interrupt and repeat it freely. Lines that are not as planned any more are left out and told, and when
    there are many the plan is braked. Nothing is removed at once: what is to go waits for its grace time.
    """
    with application(session, actor) as app:
        if not yes:
            emit(repairing.checked(app, file), as_json, _render_read)
            go_ahead(False)
            return ExitCode.DONE
        with progress("done", total=repairing.signed(app, file).files) as bar:
            done = repairing.apply(app, file, bar.advance, lambda: bar.advance(0, "the text is read"))
    emit(done, as_json, _render_applied)
    if done.shown.plan.state is RepairState.BRAKED:
        return ExitCode.HELD
    if done.stopped:
        return ExitCode.BUSY
    odd = any(one.outcome is not None and one.outcome.strange for one in done.shown.amounts)
    return ExitCode.SOME_FAILED if odd else ExitCode.DONE


def _render_applied(done: Applied) -> Lines:
    yield from _render_shown(done.shown)
    if done.stopped:
        yield f"stopped: {done.stopped}"


def _render_shown(shown: Shown) -> Lines:
    rows = [(one.outcome or "open", one.act, one.files, size(one.size)) for one in shown.amounts]
    title = f"Plan {shown.plan.id} is {shown.plan.state}"
    yield table_or(
        Table(("outcome", "to do", "files", "size"), rows, title), f"{title}; nothing of it was done"
    )
    lines = [
        (one.outcome or "open", one.act, one.endpoint, one.path, one.reason) for one in shown.lines[:SHOWN]
    ]
    if lines:
        yield Table(("outcome", "to do", "at", "path", "why"), lines)
    if len(shown.lines) > SHOWN:
        yield f"{len(shown.lines) - SHOWN} more; see --json"
    if shown.noted is not None:
        yield _removal(shown.noted)
    if shown.redo:
        yield _redo(shown)
    if len(shown.redo) > SHOWN:
        yield f"{len(shown.redo) - SHOWN} more; see --json"
    if shown.plan.state is RepairState.BRAKED:
        again = f"ddm reconcile resume {shown.plan.id} --reason '…'"
        yield f"it is braked: {shown.plan.reason} ({again})"


def _removal(noted: Noted) -> str:
    done = f"of the files that nobody knows {noted.gone} are removed, {noted.spared} are spared"
    if not noted.waiting:
        return done
    return (
        f"{done}, {noted.waiting} wait ({size(noted.size)}): the flow removes them from {when(noted.due_at)} "
        f"if they are still the same; until then: ddm reconcile cancel {noted.repair} --reason '…'"
    )


def _redo(shown: Shown) -> Table:
    rows = [
        (
            one.run,
            one.product,
            one.lfn,
            one.group,
            ", ".join(map(str, one.jobs[:5])) + (", …" if len(one.jobs) > 5 else "") or None,
            one.advice,
        )
        for one in shown.redo[:SHOWN]
    ]
    return Table(("run", "product", "file", "merge", "jobs", "what to do"), rows, "No copy is left of")


# ------------------------------------------------------------------------------------- plans
@command("plans", examples="ddm reconcile plans\nddm reconcile plans 12 --json", exits=EXITS)
@click.argument("number", metavar="[PLAN]", type=int, required=False)
@limit_option
@json_option
@pass_session
def plans(session: Session, number: int | None, limit: int, as_json: bool) -> None:
    """List plans of repair, and how far they are; of one, what went otherwise, and what to make again."""
    with catalogue(session) as catalog:
        if number is not None:
            emit(repairing.show(catalog, number, limit), as_json, _render_shown)
            return
        found = repairing.listing(catalog, limit)
    emit(found, as_json, _render_plans)


def _so_far(shown: Shown) -> Counter[str]:
    """Files by outcome, whatever was to be done with them."""
    found: Counter[str] = Counter()
    for one in shown.amounts:
        found[one.outcome or "open"] += one.files
    return found


def _render_plans(found: list[Shown]) -> Table | str:
    rows = [
        (
            shown.plan.id,
            shown.plan.state,
            shown.plan.comparison,
            when(shown.plan.made_at),
            shown.plan.made_by,
            shown.plan.signed_by,
            shown.plan.files or None,
            ", ".join(f"{files} {outcome}" for outcome, files in _so_far(shown).items()) or "nothing",
        )
        for shown in found
    ]
    columns = ("plan", "state", "of comparison", "made at", "by", "signed by", "files", "so far")
    return table_or(Table(columns, rows), "no plan of repair was made")


# ----------------------------------------------------------------------------- resume, cancel
@command("resume", examples="ddm reconcile resume 12 --reason 'the door was down'", exits=EXITS)
@click.argument("number", metavar="PLAN", type=int)
@reason_option
@actor_option
@json_option
@pass_session
def resume(session: Session, number: int, reason: str, actor: str | None, as_json: bool) -> None:
    """Release the brake of a plan; 'ddm reconcile apply' goes on with it."""
    with catalogue(session, actor) as catalog:
        done = repairing.resume(catalog, number, reason)
    emit(done, as_json, lambda found: f"plan {found.id} may go on: ddm reconcile apply FILE --yes")


@command("cancel", examples="ddm reconcile cancel 12 --reason 'the wrong comparison'", exits=EXITS)
@click.argument("number", metavar="PLAN", type=int)
@reason_option
@actor_option
@json_option
@pass_session
def cancel(session: Session, number: int, reason: str, actor: str | None, as_json: bool) -> None:
    """Withdraw a plan: nothing more of it is done. What was done stays done.

    Files of nobody that it put into the trash do not go, as far as they wait; also of a plan that is over.
    """
    with catalogue(session, actor) as catalog:
        done = repairing.cancel(catalog, number, reason)
    emit(
        done,
        as_json,
        lambda found: f"plan {found.plan.id} is {found.plan.state}; {counted(found.spared, 'file')} spared",
    )


COMMANDS = (plan, sign, apply, plans, resume, cancel)
