"""``ddm merge plan``, ``flush``, ``revise``, ``stale``: which files go together; what old plans left."""

from __future__ import annotations

from datetime import timedelta

import click

from catalog.db.plans import Stale, StoredPlan
from catalog.db.redo import Redone
from catalog.errors import BadInput, ExitCode
from ddm.cli.operator import (
    Lines,
    actor_option,
    application,
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
from ddm.mergeprice import Compared, MergePlan, Price, total
from ddm.operations import mergeplans
from ddm.units import format_duration

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]


@command(
    "plan",
    examples="ddm merge plan 275678\nddm merge plan 275678 --product mDST --json\n"
    "ddm merge plan 2016/P08/raw",
    exits=EXITS,
)
@click.argument("what", metavar="RUN|DATASET")
@click.option("--product", help="Only this product; else all of them.")
@json_option
@pass_session
def plan(session: Session, what: str, product: str | None, as_json: bool) -> None:
    """Show how a run, or all runs of a dataset or task, are merged: parts, price, changes. Changes nothing.

    Shows the stored plan, which never changes, beside what today's settings would make of the same files; or
    what would be planned from the files there are now, and why it is not yet. The price is in bytes, files,
    jobs, scratch space and tape files; the time is that of earlier merges of the product.
    """
    with catalogue(session) as catalog:
        settings = session.settings()
        if product is not None and product not in settings.products:
            known = ", ".join(settings.products) or "none"
            raise BadInput(f"there is no product of this name; there are: {known}", subject=product)
        single = what.isascii() and what.isdigit()
        found = (
            mergeplans.of_run(catalog, settings, int(what))
            if single
            else mergeplans.of_dataset(catalog, settings, what)
        )
    found = [one for one in found if product in (None, one.product)]
    emit(found, as_json, _render_plans if single else _render_units)


def _render_plans(plans: list[MergePlan]) -> Lines:
    for found in plans:
        title = f"{found.task} {found.product} of {_named(found)}: {_state(found)}"
        rows = [(part.part, len(part.members), size(part.size), part.state, part.lfn) for part in found.parts]
        yield table_or(Table(("part", "inputs", "size", "state", "output"), rows, title), f"{title} nothing")
        yield from _said(found)


def _named(found: MergePlan) -> str:
    return f"run {found.unit}" if found.unit.isdigit() else found.unit


def _state(found: MergePlan) -> str:
    if found.stored:
        return "planned"
    if found.finished:
        return "would be planned so"
    return "not all chunks are processed; with those there are it would be"


def _said(found: MergePlan) -> Lines:
    yield from (f"  not merged: {text}" for text in found.trouble)
    yield from (f"  left out: {lfn} ({why})" for lfn, why in found.left_out)
    if found.waiting:
        yield f"  {counted(len(found.waiting), 'file')} would wait for more; 'ddm merge flush' plans them now"
    if found.price.jobs:
        yield f"  price: {_priced(found.price)}"
    for stored in found.revisions:
        yield f"  {_stored(stored)}"
    if found.compared is not None:
        yield f"  {_compared(found.compared, stored=found.stored)}"


def _priced(price: Price) -> str:
    time = ""
    if price.seconds is not None:
        time = f", about {format_duration(timedelta(seconds=max(1, round(price.seconds))))}"
        time += f" at {size(int(price.rate))}/s" if price.rate else ""
    return (
        f"{counted(price.inputs, 'file')}, {size(price.size)} to read and at most to write, "
        f"{counted(price.jobs, 'job')}, {size(price.scratch)} of scratch, "
        f"{counted(price.tape_files, 'file')} to tape{time}"
    )


def _stored(stored: StoredPlan) -> str:
    text = f"revision {stored.revision} of {when(stored.made_at)} by {stored.made_by}: "
    text += f"{counted(stored.parts, 'part')} of {counted(stored.inputs, 'file')}, {stored.hash[:12]}"
    if stored.retired_at is not None:
        by = f"{stored.retired_by}: {shortened(stored.retired_for)}"
        text += f"; retired {when(stored.retired_at)} by {by}"
    return text


def _compared(seen: Compared, *, stored: bool) -> str:
    if seen.same:
        return f"the same as revision {seen.revision}: today's settings and files make these parts"
    then = (
        "today's settings and files would make another plan" if stored else f"not as revision {seen.revision}"
    )
    words = [
        f"{counted(seen.parts, 'part')} there" if not stored else "",
        f"{counted(seen.moved, 'file')} in another part" if seen.moved else "",
        f"{counted(seen.added, 'file')} more" if seen.added else "",
        f"{counted(seen.gone, 'file')} fewer" if seen.gone else "",
        *seen.settings,
    ]
    return f"{then}: {', '.join(word for word in words if word) or 'by other rules'}"


def _render_units(plans: list[MergePlan]) -> Lines:
    rows = [
        (
            one.unit,
            one.product,
            "planned" if one.stored else "to plan" if one.finished else "unfinished",
            one.price.inputs,
            one.price.jobs,
            size(one.price.size),
            len(one.waiting) or None,
            shortened("; ".join(one.trouble), 60) or _briefly(one.compared),
        )
        for one in plans
    ]
    columns = ("unit", "product", "is", "inputs", "parts", "size", "waiting", "remark")
    yield table_or(Table(columns, rows), "no run has files to be merged")
    yield f"together: {_priced(total(plans))}"


def _briefly(seen: Compared | None) -> str | None:
    if seen is None:
        return None
    return f"as revision {seen.revision}" if seen.same else f"not as revision {seen.revision}"


@command(
    "flush",
    examples="ddm merge flush 275678 --product mDST --reason 'last run of the period' --yes",
    exits=EXITS,
)
@click.argument("run", type=int)
@click.option("--product", required=True, help="Whose leftovers.")
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def flush(
    session: Session, run: int, product: str, reason: str, yes: bool, actor: str | None, as_json: bool
) -> None:
    """Merge the leftovers of a run's unit now, instead of waiting for more."""
    with application(session, actor) as app:
        found = mergeplans.flush(app, run, product, reason, act=yes)
    rows = [
        (new.unit, part.part, len(part.members), size(part.size), part.lfn)
        for new in found
        for part in new.groups
    ]
    title = "planned" if yes else "to plan"
    columns = ("unit", "part", "inputs", "size", "output")
    emit(found, as_json, lambda _: table_or(Table(columns, rows, title), "nothing waits"))
    if found:
        go_ahead(yes)


@command(
    "revise",
    examples="ddm merge revise 275678 --product mDST --reason 'target is 8 GB now'\n"
    "ddm merge revise 275678 --product mDST --reason 'target is 8 GB now' --yes",
    exits=[*EXITS, ExitCode.HELD],
)
@click.argument("run", type=int)
@click.option("--product", required=True, help="Whose plan.")
@click.option("--task", help="Of this task; if only one has planned it, that one.")
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def revise(
    session: Session,
    run: int,
    product: str,
    task: str | None,
    reason: str,
    yes: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """Retire the plan of a run and product, also where it is merged well; the flow plans it anew.

    All parts together, only before they are on tape and while every input is AVAILABLE on disk. The old
    merged files are withdrawn, not deleted: 'ddm merge stale' lists what is left of them.
    """
    with catalogue(session, actor) as catalog:
        done = mergeplans.revise(catalog, run, product, task, reason, act=yes)
    emit(done, as_json, lambda found: _render_revised(found, yes))
    go_ahead(yes)


def _render_revised(done: list[Redone], acted: bool) -> Table:
    rows = [
        (one.group_id, one.run, one.part, one.was, one.inputs, size(one.size), one.retired) for one in done
    ]
    columns = ("group", "run", "part", "was", "inputs", "size", "output that is retired")
    return Table(columns, rows, f"{'retired' if acted else 'to retire'}: {counted(len(rows), 'part')}")


@command("stale", examples="ddm merge stale\nddm merge stale 275678 --json", exits=EXITS)
@click.argument("run", type=int, required=False)
@limit_option
@json_option
@pass_session
def stale(session: Session, run: int | None, limit: int, as_json: bool) -> None:
    """List what plans left on storage: merged files of retired parts, inputs left out. Deletes nothing."""
    with catalogue(session) as catalog:
        emit(mergeplans.stale(catalog, run, limit), as_json, _render_stale)


def _render_stale(found: list[Stale]) -> Table | str:
    rows = [
        (
            one.what,
            one.run,
            one.product,
            one.state,
            one.endpoint,
            size(one.size),
            one.path,
            shortened(one.why, 60),
        )
        for one in found
    ]
    columns = ("is", "run", "product", "state", "at", "size", "path", "because")
    return table_or(Table(columns, rows), "nothing stale is on storage")
