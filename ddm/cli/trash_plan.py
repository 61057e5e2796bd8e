"""``ddm trash plan | plans | empty | cancel``: what may go, written down, and acting on exactly that."""

from __future__ import annotations

from collections.abc import Iterable

import click

from catalog.db.removal_scope import Scope
from catalog.db.removals import Line
from catalog.errors import ExitCode
from catalog.states import RemovalState
from ddm.cli.operator import (
    Lines,
    actor_option,
    application,
    catalogue,
    confirm_option,
    counted,
    limit_option,
    reason_option,
    size,
    table_or,
    when,
)
from ddm.cli.toolkit import (
    Session,
    Table,
    Words,
    command,
    emit,
    go_ahead,
    json_option,
    pass_session,
    progress,
    yes_option,
)
from ddm.operations import removing, trash
from ddm.operations.common import confirmed
from ddm.operations.neighbours import Neighbours
from ddm.operations.removing import Acted, Planned, Shown

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
SHOWN = 20  # lines of a plan on the screen; --json has them all
WORDS = {str(ground).replace(" ", "-"): ground for ground in removing.GROUNDS}


# -------------------------------------------------------------------------------------- plan
@command(
    "plan",
    examples="ddm trash plan\nddm trash plan --task P08 --run 275678 --neighbours\n"
    "ddm trash plan --endpoint eos --ground on-tape",
    exits=EXITS,
)
@click.option("--task", metavar="NAME", help="Files of this task: what it reads and what it made.")
@click.option("--run", "runs", metavar="RUN", type=int, multiple=True, help="Files of these runs.")
@click.option("--endpoint", metavar="NAME", help="Copies at this endpoint.")
@click.option(
    "--ground",
    type=Words(WORDS),
    default="merged",
    show_default=True,
    help="What may be withdrawn: inputs of archived merges, or disk copies of files that are on tape.",
)
@click.option("--neighbours", "around", is_flag=True, help="List their directories; tell what else is there.")
@click.option("--no-save", is_flag=True, help="Only look; no number to act on.")
@actor_option
@json_option
@pass_session
def plan(
    session: Session,
    task: str | None,
    runs: tuple[int, ...],
    endpoint: str | None,
    ground: str,
    around: bool,
    no_save: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """What may be withdrawn and removed now, what may not, and why; saved under a number.

    Nothing is withdrawn or removed. 'ddm trash empty --plan N' does exactly this list, less what changed.
    """
    scope = Scope(task, tuple(sorted(set(runs))), endpoint)
    with application(session, actor) as app, progress("looked at", unit="copies") as bar:
        found = removing.plan(
            app, scope, WORDS[ground], save=not no_save, look_around=around, told=lambda done: bar.at(done)
        )
    emit(found, as_json, _render_planned)


def _render_planned(found: Planned) -> Lines:
    yield f"{found.scope}: looked at {counted(found.looked_at, 'copy', 'copies')}"
    if found.sums:
        rows = [
            (one.act, one.endpoint, one.run, one.product, one.files, size(one.size)) for one in found.sums
        ]
        yield Table(("to", "at", "run", "product", "files", "size"), rows, "May go")
    if found.kept:
        stays = [(one.act, one.guard, one.files, size(one.size), _first(one)) for one in found.kept]
        yield Table(("to", "rule", "files", "size", "the first"), stays, "Stays")
    yield from (_around(one) for one in found.neighbours)
    if found.more:
        yield "the plan is full: copies behind its end were not looked at; they come into the next"
    yield from _cleanup(found)
    if not found.files:
        yield "nothing may go"
    elif found.plan is None:
        yield f"may go: {counted(found.files, 'copy', 'copies')}, {size(found.size)}; not saved"
    else:
        yield (
            f"plan {found.plan.id} ({found.plan.hash[:16]}): {counted(found.files, 'copy', 'copies')}, "
            f"{size(found.size)}; to do it: ddm trash empty --plan {found.plan.id} --yes"
        )


def _cleanup(found: Planned) -> Lines:
    """What is not in the plan, and goes with the clean-up of the task."""
    rows: list[tuple[object, ...]] = []
    for one in found.cleanup:
        rows += [(one.ground, one.withdrawn, size(one.size), None)] if one.withdrawn else []
        rows += [(one.ground, number, None, why) for why, number in one.kept.items()]
    if rows:
        name = found.scope.removeprefix("task ")
        title = f"Not in the plan; goes with 'ddm task cleanup {name} --reason …', once every run is archived"
        yield Table(("ground", "files", "size", "stays, as"), rows, title)


def _first(kept: removing.Kept) -> str:
    lfn, text = kept.examples[0]
    return f"{lfn.rsplit('/', 1)[-1]}: {text}"


def _around(one: Neighbours) -> str:
    head = f"{one.endpoint} {one.directory}: {one.planned} to go"
    if one.trouble:
        return f"{head}; {one.trouble}"
    others = "".join(f", {n} of {name} stay" for name, n in one.others.items())
    strange = (
        f", {one.unregistered} not in the catalogue (e.g. {one.examples[0]})" if one.unregistered else ""
    )
    missing = f", {one.missing} of those to go are not there" if one.missing else ""
    return f"{head}{others}{strange}{missing}"


# ------------------------------------------------------------------------------------- plans
@command("plans", examples="ddm trash plans\nddm trash plans 17 --json", exits=EXITS)
@click.argument("number", metavar="[PLAN]", type=int, required=False)
@limit_option
@json_option
@pass_session
def plans(session: Session, number: int | None, limit: int, as_json: bool) -> None:
    """List plans of removal and how far they are; of one, the lines that did not go as planned."""
    with catalogue(session) as catalog:
        found = (
            removing.listing(catalog, limit) if number is None else [removing.show(catalog, number, limit)]
        )
    emit(found if number is None else found[0], as_json, lambda _: _render_plans(found, number))


def _render_plans(found: list[Shown], number: int | None) -> Lines:
    rows = [
        (
            shown.plan.id,
            shown.plan.state,
            when(shown.plan.made_at),
            shown.plan.made_by,
            shown.plan.files,
            size(shown.plan.size),
            _so_far(shown),
            shown.plan.scope,
        )
        for shown in found
    ]
    columns = ("plan", "state", "made at", "by", "files", "size", "so far", "of")
    yield table_or(Table(columns, rows), "no plan was made")
    if number is not None:
        yield from _lines(found[0].lines)
    yield from removing.progress_lines([one.plan for one in found if one.plan.state is RemovalState.BRAKED])


def _so_far(shown: Shown) -> str:
    done = [f"{one.files} {one.outcome or 'open'}" for one in shown.amounts]
    return ", ".join(done) or "nothing"


def _lines(lines: Iterable[Line]) -> Lines:
    rows = [
        (one.outcome or "open", one.act, one.state, size(one.planned_size), one.endpoint, one.lfn, one.reason)
        for one in lines
    ]
    if rows:
        yield Table(("outcome", "to", "is now", "size", "at", "file", "why"), rows)


# ------------------------------------------------------------------------------------- empty
@command(
    "empty",
    examples="ddm trash empty\nddm trash empty --yes\nddm trash empty --plan 17 --yes --confirm 12000",
    exits=[*EXITS, ExitCode.HELD, ExitCode.SOME_FAILED],
)
@click.option("--plan", "number", metavar="PLAN", type=int, help="Exactly the list of this plan.")
@yes_option
@confirm_option
@actor_option
@json_option
@pass_session
def empty(
    session: Session, number: int | None, yes: bool, typed: int | None, actor: str | None, as_json: bool
) -> int:
    """Remove now what is past its grace time, as the flow would, or do what a plan says.

    Without --yes it is shown. What changed since a plan was made is left out and told; when much did, the
    brake stops it. Interrupt and repeat it freely. Large lists want their number of files typed (--confirm).
    """
    if number is not None:
        return _empty_plan(session, number, yes, typed, actor, as_json)
    if yes:
        with application(session, actor) as app:
            due = trash.plan(app.catalog, app.settings).plan
            confirmed(app.settings, len(due), sum(line.size for line in due), typed)
            with progress("removed", total=len(due), unit="copies") as bar:
                done = trash.empty(app, lambda sent: bar.advance(sent))
    else:
        with catalogue(session) as catalog:
            done = trash.plan(catalog, session.settings())
    emit(done, as_json, lambda found: _render_emptied(found, yes))
    go_ahead(yes or not done.plan)
    if done.held:
        return ExitCode.HELD
    return ExitCode.SOME_FAILED if done.left else ExitCode.DONE


def _render_emptied(done: trash.Emptied, yes: bool) -> Lines:
    if not done.plan:
        yield "nothing in the trash may go now"
        return
    if not yes:
        rows = [(size(line.size), line.endpoint, line.path) for line in done.plan[:SHOWN]]
        yield Table(("size", "at", "path"), rows)
        if len(done.plan) > SHOWN:
            yield f"{len(done.plan) - SHOWN} more; see --json"
    total = size(sum(line.size for line in done.plan))
    yield f"to remove: {counted(len(done.plan), 'copy', 'copies')}, {total}"
    if yes:
        yield f"removed: {done.removed}, not yet: {done.left}, of these held: {done.held}"


def _empty_plan(
    session: Session, number: int, yes: bool, typed: int | None, actor: str | None, as_json: bool
) -> int:
    if not yes:
        with catalogue(session) as catalog:
            shown = removing.show(catalog, number, SHOWN)
        emit(shown, as_json, lambda found: _render_plans([found], number))
        go_ahead(yes)
        return ExitCode.DONE
    with application(session, actor) as app:
        plan = removing.show(app.catalog, number, 1).plan
        if plan.state is RemovalState.PLANNED:
            confirmed(app.settings, plan.files, plan.size, typed)
        with progress("done", total=plan.files) as bar:
            done = removing.act(app, number, lambda lines: bar.advance(lines))
    emit(done, as_json, _render_acted)
    if done.shown.plan.state is RemovalState.BRAKED:
        return ExitCode.HELD
    if done.stopped:
        return ExitCode.BUSY
    odd = any(one.outcome is not None and one.outcome.strange for one in done.shown.amounts)
    return ExitCode.SOME_FAILED if odd else ExitCode.DONE


def _render_acted(done: Acted) -> Lines:
    rows = [(one.outcome or "open", one.act, one.files, size(one.size)) for one in done.shown.amounts]
    yield Table(("outcome", "to", "files", "size"), rows, f"Plan {done.shown.plan.id}")
    yield from _lines(line for line in done.shown.lines if line.outcome not in (None, "done"))
    if done.stopped:
        yield f"stopped: {done.stopped}"
    if done.shown.plan.state is RemovalState.BRAKED:
        yield from removing.progress_lines([done.shown.plan])


# ------------------------------------------------------------------------------------ cancel
@command("cancel", examples="ddm trash cancel 17 --reason 'the wrong run'", exits=EXITS)
@click.argument("number", metavar="PLAN", type=int)
@reason_option
@actor_option
@json_option
@pass_session
def cancel(session: Session, number: int, reason: str, actor: str | None, as_json: bool) -> None:
    """Withdraw a plan: nothing more of it is done. What was done before stays done."""
    with catalogue(session, actor) as catalog:
        done = removing.cancel(catalog, number, reason)
    emit(done, as_json, lambda found: f"plan {found.id} is {found.state}")


COMMANDS = (plan, plans, empty, cancel)
