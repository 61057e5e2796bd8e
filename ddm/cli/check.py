"""``ddm check``: do the merged files hold what went in? The flow asks; a person repairs, or accepts."""

from __future__ import annotations

import click

from catalog.errors import ExitCode
from ddm.cli import check_sample
from ddm.cli.lightly import made
from ddm.cli.nodes import PROGRAMS
from ddm.cli.operator import (
    Lines,
    actor_option,
    catalogue,
    counted,
    limit_option,
    reason_option,
    shortened,
    table_or,
    when,
)
from ddm.cli.toolkit import Session, Table, emit, go_ahead, group, json_option, pass_session, yes_option
from ddm.operations import checks, waiving

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("check", "Show cross-checks and what every witness says; repair what differs, or accept it.")
EXPLAINED = 10  # of those that stand first
task_option = click.option("--task", help="The task, if several have checked this run and product.")
cli.add_command(made(PROGRAMS["check"]))
cli.add_command(check_sample.sample)
cli.add_command(check_sample.take)


@cli.command(examples="ddm check show\nddm check show 275678 --json", exits=EXITS)
@click.argument("run", type=int, required=False)
@limit_option
@json_option
@pass_session
def show(session: Session, run: int | None, limit: int, as_json: bool) -> None:
    """Show cross-checks, failed ones first; of one run also what every witness says, product beside product.

    Events are summed over the chunks of a part; '-' if the count of one chunk is not known.
    """
    with catalogue(session) as catalog:
        emit(checks.shown(catalog, limit, run), as_json, _render)


def _render(found: checks.ChecksShown) -> Lines:
    rows = [
        (
            line.task,
            line.run,
            line.product,
            line.state,
            when(line.since),
            shortened(line.verdict, 200) + (f" (waived by {line.by}: {line.reason})" if line.by else ""),
        )
        for line in found.checks
    ]
    columns = ("task", "run", "product", "state", "since", "verdict")
    yield table_or(Table(columns, rows), "no cross-check was made yet")
    if found.products:
        yield _sides(found.products)
        yield from _types(found.products)
        yield _parts(found.parts)
    for line in found.checks[:EXPLAINED]:
        if line.state == "FAILED" or (line.state == "PENDING" and line.verdict):
            yield f"which file, by how much, what to do: ddm check explain {line.run} {line.product}"
    if any(found.waivers):
        yield f"waivers: {found.waivers[0]} in force, {found.waivers[1]} void (ddm check waivers)"


def _sides(sides: tuple[checks.Side, ...]) -> Table:
    """One line a witness, one column a product: the same run's events side by side."""
    several = len({side.task for side in sides}) > 1
    names = [f"{side.task} {side.product}" if several else side.product for side in sides]
    rows = [
        ("raw catalogue", *(side.raw_catalogue for side in sides)),
        ("raw files read", *(side.raw_read for side in sides)),
        ("jobs say", *(side.job for side in sides)),
        ("chunk files read", *(side.read for side in sides)),
        ("merges say", *(side.merged_job for side in sides)),
        ("merged files read", *(side.merged_read for side in sides)),
        ("chunks merged", *(side.chunks for side in sides)),
        ("chunks given up", *(side.gaps for side in sides)),
        ("events given up", *(side.gap_events for side in sides)),
    ]
    return Table(("events", *names), rows, "Events of the run by witness")


def _types(sides: tuple[checks.Side, ...]) -> Lines:
    rows = [(side.product, name, n) for side in sides for name, n in sorted(side.by_type.items())]
    if rows:
        yield Table(("product", "type", "in the merged files"), rows, "By type")


def _parts(parts: tuple[checks.PartSaid, ...]) -> Table:
    rows = [
        (
            part.group_id,
            part.product,
            part.part,
            part.state,
            part.chunks,
            part.raw_catalogue,
            part.raw_read,
            part.job,
            part.read,
            part.merged_job,
            part.merged_read,
            part.recount,
        )
        for part in parts
    ]
    inside = ("raw catalogue", "raw read", "jobs say", "chunks read", "merge says", "merged read", "recount")
    return Table(("group", "product", "part", "state", "chunks", *inside), rows)


# ----------------------------------------------------------------------------------- explain
@cli.command(examples="ddm check explain 275678 mDST", exits=EXITS)
@click.argument("run", type=int)
@click.argument("product")
@task_option
@json_option
@pass_session
def explain(session: Session, run: int, product: str, task: str | None, as_json: bool) -> None:
    """Say which input lost what, by how much, between which witnesses, and what to do next.

    The verdict is made anew from what the catalogue knows now; nothing is changed.
    """
    with catalogue(session) as catalog:
        found = checks.explain(catalog, session.settings(), run, product, task)
    emit(found, as_json, _render_explained)


def _render_explained(found: checks.CheckExplained) -> Lines:
    yield f"{found.product} of run {found.run} ({found.task}): {found.state}; as of now: {found.verdict}"
    rows = [
        (
            "run" if entry.part is None else entry.part,
            entry.chunk or None,
            entry.what,
            ", ".join(entry.told) or None,
            entry.by,
            " → ".join(entry.between) if entry.between else None,
            f"waiver {entry.waiver}" if entry.waiver else None,
            entry.lfn or None,
        )
        for entry in found.findings
    ]
    columns = ("part", "chunk", "what", "said", "by", "between", "accepted", "file")
    if rows:
        yield Table(columns, rows, "Differences")
    yield from (f"not heard: {text}" for text in found.missing)
    yield from (f"permitted: {text}" for text in found.permitted)
    for line in found.recounts:
        if line.at is not None:
            yield f"recount of {line.lfn} at {when(line.at)}: {line.verdict} {line.said}".rstrip()
    for waiver in found.waivers:
        yield (
            f"waiver {waiver.id} ({waiver.state}) by {waiver.by}: {waiver.reason}"
            + (f"; {waiver.void_reason}" if waiver.void_reason else "")
        )
    if not rows and not found.missing:
        yield "every witness agrees"
    yield from (f"do: {text}" for text in found.todo)


# ------------------------------------------------------------------------------------ repair
@cli.command(
    examples="ddm check repair 275678 mDST --reason 'disk was full' --yes",
    exits=[*EXITS, ExitCode.SOME_FAILED],
)
@click.argument("run", type=int)
@click.argument("product")
@task_option
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def repair(
    session: Session,
    run: int,
    product: str,
    task: str | None,
    reason: str,
    yes: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    """Merge the parts that differ again, from the same inputs; process an input again that itself differs.

    What was merged before is retired and its copy on disk goes to the trash; nothing is overwritten, and
    nothing on tape is touched. What neither would change is named, and left as it is.
    """
    with catalogue(session, actor) as catalog:
        done = checks.repair(catalog, session.settings(), run, product, reason, task=task, act=yes)
    emit(done, as_json, lambda found: _render_repair(found, yes))
    if done.anything:
        go_ahead(yes)
    return ExitCode.SOME_FAILED if done.looked else ExitCode.DONE


def _render_repair(done: checks.Repair, yes: bool) -> Lines:
    will = "is" if yes else "would be"
    for again in done.merged_again:
        yield (
            f"part {again.part} {will} merged again of the same {counted(again.inputs, 'input')} "
            f"({again.size} bytes); retired: {again.retired or 'nothing'}"
        )
    for chunk in done.reprocessed:
        names, jobs = ", ".join(chunk.chunks), ", ".join(map(str, chunk.jobs))
        yield f"part {chunk.part}: chunk {names} {will} processed again (job {jobs}), then the part merged"
        yield f"    retired: {chunk.retired or 'nothing'} and the old files of these chunks"
    for group_id in done.checked_again:
        yield f"group {group_id}: nothing differs any more, it {will} checked again"
    yield from (f"not repaired: {text}" for text in done.looked)
    if done.anything and yes:
        yield "the flow does it: ddm flow run"


# ------------------------------------------------------------------------------------- waive
@cli.command(
    examples="ddm check waive 275678 evtdump --reason 'one event lost by the detector' --yes", exits=EXITS
)
@click.argument("run", type=int)
@click.argument("product")
@task_option
@click.option("--part", type=click.IntRange(0), help="This part only.")
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def waive(
    session: Session,
    run: int,
    product: str,
    task: str | None,
    part: int | None,
    reason: str,
    yes: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """Accept the differences that a failed cross-check finds now, each with its numbers.

    The merged files are archived, and later the inputs may go. Who accepted it and why is kept for good, and
    counted ('ddm check waivers'). It holds as long as the numbers do: when one of them changes, it is void.
    Bytes that differ cannot be accepted, only counts; nor can a witness that was not heard.
    """
    with catalogue(session, actor) as catalog:
        settings = session.settings()
        done = waiving.waive(catalog, settings, run, product, reason, task=task, part=part, act=yes)
    emit(done, as_json, lambda found: _render_waived(found, yes))
    go_ahead(yes)


def _render_waived(done: waiving.Waived, yes: bool) -> Lines:
    groups = counted(len(done.groups), "merge group")
    yield f"{'accepted' if yes else 'to accept'} for {done.product} of run {done.run} ({done.task}):"
    yield from (f"  {text}" for text in done.accepted)
    yield f"{groups} {'may now' if yes else 'would'} go on to the archive"


# ----------------------------------------------------------------------------------- waivers
@cli.command(examples="ddm check waivers\nddm check waivers --period P08 --json", exits=EXITS)
@click.option("--run", type=int, help="Of this run.")
@click.option("--period", help="Of tasks of this period.")
@json_option
@pass_session
def waivers(session: Session, run: int | None, period: str | None, as_json: bool) -> None:
    """List every waiver there ever was: what was accepted, by whom and why, and whether it still holds.

    Sums by period and product come last. Void waivers stay in the book.
    """
    with catalogue(session) as catalog:
        emit(waiving.book(catalog, run, period), as_json, _render_book)


def _render_book(found: waiving.Book) -> Lines:
    rows = [
        (
            entry.id,
            entry.run,
            entry.product,
            "run" if entry.part is None else entry.part,
            entry.events,
            entry.state,
            entry.by,
            entry.reason,
            entry.at[:19],
            "; ".join(entry.accepted) + (f" — {entry.void_reason}" if entry.void_reason else ""),
        )
        for entry in found.waivers
    ]
    columns = ("waiver", "run", "product", "part", "events", "state", "by", "reason", "at", "accepted")
    yield table_or(Table(columns, rows), "nothing was ever waived")
    sums = [(b.year, b.period, b.product, b.in_force, b.void, b.events) for b in found.periods]
    if sums:
        yield Table(("year", "period", "product", "in force", "void", "events"), sums, "By period")
