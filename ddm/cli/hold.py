"""``ddm hold``: files that a person keeps, whatever the rules would let go."""

from __future__ import annotations

from collections.abc import Iterable

import click

from catalog.db.holds import Hold
from catalog.errors import ExitCode
from ddm.cli.operator import (
    Lines,
    actor_option,
    catalogue,
    counted,
    names_in,
    reason_option,
    table_or,
    when,
)
from ddm.cli.toolkit import (
    Rendered,
    Session,
    Table,
    emit,
    go_ahead,
    group,
    json_option,
    pass_session,
    yes_option,
)
from ddm.operations import holds

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("hold", "Keep files from being withdrawn or removed, until a time or for good.")


@cli.command(
    examples="ddm hold add --run 275678 --until '6 months' --reason 'alignment study'\n"
    "ddm hold add --dataset P08/mDST --reason 'reference sample'\n"
    "ddm hold add --task P08 --until 2027-03-01 --reason 'thesis'\n"
    "ddm hold add mDST-275678-11091-0-7.root --reason 'a look'",
    exits=[*EXITS, ExitCode.SOME_FAILED],
)
@click.argument("lfns", metavar="[LFN]...", nargs=-1)
@click.option("--run", type=int, help="Every file of this run; with --dataset, only of that dataset.")
@click.option("--dataset", metavar="NAME", help="Every file of this dataset.")
@click.option("--task", metavar="NAME", help="All that this task reads and made.")
@click.option("--from", "listed", type=click.File("r"), help="Files of a list, an LFN on each line.")
@click.option(
    "--until", metavar="TIME", help="2027-03-01 (0:00 UTC), or '6 months' from now; else until it is lifted."
)
@reason_option
@actor_option
@json_option
@pass_session
def add(
    session: Session,
    lfns: tuple[str, ...],
    run: int | None,
    dataset: str | None,
    task: str | None,
    listed: Iterable[str] | None,
    until: str | None,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> int:
    """Keep files: no copy of them is withdrawn or removed while the hold lies.

    Files that are registered later for the run, dataset or task are kept too. What lies in the trash stays
    there; a removal that was sent before cannot be called back: then it ends with 3.
    """
    wanted = holds.Wanted((*lfns, *names_in(listed or ())), run, dataset, task)
    with catalogue(session, actor) as catalog:
        done = holds.add(catalog, wanted, until, reason)
    emit(done, as_json, _render_added)
    return ExitCode.SOME_FAILED if done.going else ExitCode.DONE


def _render_added(done: holds.Added) -> Lines:
    yield f"hold {done.hold.id}: {_of(done.hold)}, {counted(done.hold.files, 'file')}, {_until(done.hold)}"
    if done.trashed:
        yield f"{counted(done.trashed, 'copy', 'copies')} in the trash: kept there; see 'ddm trash restore'"
    if done.going:
        yield f"{counted(done.going, 'copy', 'copies')} too late: the removal was sent before"


def _of(hold: Hold) -> str:
    words = {"files": "named files", "run": f"run {hold.run}", "task": f"task {hold.task}"}
    if hold.scope == "run" and hold.dataset:
        return f"run {hold.run} of {hold.dataset}"
    return words.get(hold.scope, f"dataset {hold.dataset}")


def _until(hold: Hold) -> str:
    if hold.lifted_at is not None:
        return f"lifted {when(hold.lifted_at)} by {hold.lifted_by}"
    return "until it is lifted" if hold.until is None else f"until {when(hold.until)}"


@cli.command("list", examples="ddm hold list\nddm hold list --all --json", exits=EXITS)
@click.option("--all", "everything", is_flag=True, help="Those that are over or lifted, too.")
@json_option
@pass_session
def list_(session: Session, everything: bool, as_json: bool) -> None:
    """List holds, newest first: of what, until when, who made them and why."""
    with catalogue(session) as catalog:
        emit(holds.lines(catalog, everything=everything), as_json, _render_list)


def _render_list(found: list[Hold]) -> Rendered:
    rows = [(hold.id, _of(hold), hold.files, _until(hold), hold.made_by, hold.reason) for hold in found]
    columns = ("id", "of", "files", "until", "by", "reason")
    return table_or(Table(columns, rows), "nothing is held")


@cli.command(examples="ddm hold lift 3 --reason 'the study is done' --yes", exits=EXITS)
@click.argument("ids", metavar="HOLD...", type=int, nargs=-1, required=True)
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def lift(
    session: Session, ids: tuple[int, ...], reason: str, yes: bool, actor: str | None, as_json: bool
) -> None:
    """End holds before their time: the rules decide about their files again. All or none of them."""
    with catalogue(session, actor) as catalog:
        done = holds.lift(catalog, ids, reason, act=yes)
    emit(done, as_json, lambda found: _render_lifted(found, yes))
    go_ahead(yes)


def _render_lifted(found: list[Hold], yes: bool) -> Rendered:
    rows = [(hold.id, _of(hold), hold.files, hold.made_by, hold.reason) for hold in found]
    title = f"{'lifted' if yes else 'to lift'}: {counted(len(rows), 'hold')}"
    return Table(("id", "of", "files", "made by", "reason"), rows, title)
