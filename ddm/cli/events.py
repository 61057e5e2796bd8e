"""``ddm events``: how many events files have, and the ranges of files that processes share."""

from __future__ import annotations

import click

from catalog.db.events import AskLine, Contradiction
from catalog.db.ranges import Planned as Split
from catalog.db.ranges import Reassigned, Silent
from catalog.errors import ExitCode
from ddm.cli.operator import (
    Lines,
    actor_option,
    all_option,
    application,
    catalogue,
    chosen,
    counted,
    limit_option,
    reason_option,
    shortened,
    table_or,
    when,
)
from ddm.cli.toolkit import Rendered, Session, Table, emit, group, json_option, pass_session
from ddm.events.filling import Filled, Planned
from ddm.operations import events

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("events", "Ask how many events files have; share a file among processes.")

dataset_option = click.option("--dataset", help="Files of this dataset only.")
run_option = click.option("--run", type=int, help="Files of this run only.")
plan_option = click.option("--plan", is_flag=True, help="Say what would be done and do nothing.")
task_option = click.option("--task", required=True, help="Task whose jobs share the files.")


@cli.command(
    examples="ddm events fill --plan\nddm events fill --dataset 2016/W14 --source castor", exits=[*EXITS, 3]
)
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source; repeat it.")
@dataset_option
@run_option
@plan_option
@json_option
@pass_session
def fill(
    session: Session,
    sources: tuple[str, ...],
    dataset: str | None,
    run: int | None,
    plan: bool,
    as_json: bool,
) -> int:
    """Ask the event sources of ddm.toml how many events files have, where they have not said so.

    What a source does not know stays unknown and is asked again later, less and less often. The flow does
    the same by itself. Repeat freely.
    """
    with application(session) as app:
        if plan:
            emit(events.plan(app, sources, dataset, run), as_json, _render_plan)
            return ExitCode.DONE
        done = events.fill(app, sources, dataset, run)
    emit(done, as_json, _render_filled)
    return ExitCode.SOME_FAILED if any(entry.error for entry in done) else ExitCode.DONE


def _render_plan(plans: list[Planned]) -> Rendered:
    rows = [(p.source, p.witness, p.fresh, p.due, p.later, p.given_up) for p in plans]
    columns = ("source", "speaks for", "new", "due again", "waiting", "given up")
    return table_or(Table(columns, rows), "no event source in ddm.toml")


def _render_filled(done: list[Filled]) -> Lines:
    rows = [(d.source, d.asked, d.counted, d.unknown, d.trouble, d.given_up) for d in done]
    yield Table(("source", "asked", "counted", "unknown", "trouble", "given up"), rows)
    yield from (f"{entry.source} failed: {entry.error}" for entry in done if entry.error)


@cli.command(examples="ddm events differ --dataset 2016/W14", exits=[*EXITS, ExitCode.HELD])
@dataset_option
@run_option
@limit_option
@json_option
@pass_session
def differ(session: Session, dataset: str | None, run: int | None, limit: int, as_json: bool) -> int:
    """Show files whose witnesses say different numbers of events. Nothing is ever overwritten."""
    with catalogue(session) as catalog:
        found = events.differ(catalog, dataset, run, limit)
    emit(found, as_json, _render_differ)
    return ExitCode.HELD if found else ExitCode.DONE


def _render_differ(found: list[Contradiction]) -> Rendered:
    rows = [
        (entry.lfn, entry.run, ", ".join(f"{who} {n}" for who, n in entry.said.items())) for entry in found
    ]
    return table_or(Table(("file", "run", "events say"), rows), "no witness contradicts another")


@cli.command(examples="ddm events asks", exits=EXITS)
@limit_option
@json_option
@pass_session
def asks(session: Session, limit: int, as_json: bool) -> None:
    """Show what the event sources could not answer, by cause: what waits, and what was given up."""
    with catalogue(session) as catalog:
        emit(events.asks(catalog, limit), as_json, _render_asks)


def _render_asks(lines: list[AskLine]) -> Rendered:
    rows = [
        (
            line.source,
            line.state,
            line.code,
            line.files,
            when(line.next_try_at) if line.state == "WAITING" else None,
            f"{line.example}: {shortened(line.reason)}",
        )
        for line in lines
    ]
    columns = ("source", "state", "trouble", "files", "next", "first")
    return table_or(Table(columns, rows), "every question was answered")


@cli.command(examples="ddm events again --all --source castor --reason 'the list was mended'", exits=EXITS)
@click.argument("lfns", metavar="[LFN...]", nargs=-1)
@all_option
@click.option("--source", metavar="NAME", help="Only of this source.")
@reason_option
@actor_option
@json_option
@pass_session
def again(
    session: Session,
    lfns: tuple[str, ...],
    everything: bool,
    source: str | None,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Ask again what was given up, at the next round of the flow or 'ddm events fill'."""
    if bool(lfns) == everything:
        raise click.UsageError("give the files, or --all", click.get_current_context())
    with catalogue(session, actor) as catalog:
        done = events.ask_again(catalog, source, None if everything else lfns, reason)
    emit({"asked_again": done}, as_json, lambda _: f"{counted(done, 'question')} will be asked again")


@cli.command(examples="ddm events split cdr11091-275678.raw --task P08 --parts 8 --plan", exits=EXITS)
@click.argument("lfns", metavar="LFN...", nargs=-1, required=True)
@task_option
@click.option("--parts", type=click.IntRange(1, 100_000), required=True, help="Ranges of each file.")
@plan_option
@actor_option
@json_option
@pass_session
def split(
    session: Session,
    lfns: tuple[str, ...],
    task: str,
    parts: int,
    plan: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """Cut files into ranges of events, which the processes of the task's jobs claim one by one.

    All files or none. A file nobody knows the events of, or with other ranges, is refused. Repeat freely.
    """
    with catalogue(session, actor) as catalog:
        emit(
            events.split(catalog, task, lfns, parts, act=not plan), as_json, lambda d: _render_split(d, plan)
        )


def _render_split(done: Split, plan: bool) -> Rendered:
    return f"ranges {'that would be new' if plan else 'new'}: {done.added}, there already: {done.same}"


@cli.command(examples="ddm events ranges --task P08 --run 275678", exits=[*EXITS, ExitCode.HELD])
@task_option
@run_option
@limit_option
@json_option
@pass_session
def ranges(session: Session, task: str, run: int | None, limit: int, as_json: bool) -> int:
    """Show how far shared files are; of a run also whether ranges cover each exactly once."""
    with catalogue(session) as catalog:
        found = events.shared(catalog, task, run, limit)
    emit(found, as_json, _render_shared)
    return ExitCode.HELD if found.flawed or any(line.held for line in found.files) else ExitCode.DONE


def _render_shared(found: events.Shared) -> Lines:
    rows = [
        (f.lfn, f.ranges, f.planned, f.running, f.finished, f.held, f.events, f.events_processed)
        for f in found.files
    ]
    columns = ("file", "ranges", "planned", "running", "done", "held", "events", "processed")
    yield table_or(Table(columns, rows), "no file is shared")
    for entry in found.flawed:
        what = "; ".join(map(str, entry.flaws[:3])) or "nobody knows how many events it has"
        yield f"not covered exactly once: {entry.lfn}: {what}"


@cli.command(examples="ddm events reassign --plan\nddm events reassign", exits=EXITS)
@plan_option
@actor_option
@json_option
@pass_session
def reassign(session: Session, plan: bool, actor: str | None, as_json: bool) -> None:
    """Let others claim the ranges of processes that fell silent, as the flow does by itself.

    A process that comes back is refused. How long silence lasts is set by 'silent' in [events].
    """
    with application(session, actor) as app:
        if plan:
            emit(events.stale(app, 1000), as_json, _render_stale)
        else:
            emit(events.reassign(app), as_json, _render_reassigned)


def _render_stale(lines: list[Silent]) -> Rendered:
    rows = [
        (s.range_id, s.lfn, f"{s.start}-{s.stop}", s.processed_up_to, s.process, when(s.heard_at))
        for s in lines
    ]
    columns = ("range", "file", "events", "at", "process", "last heard")
    return table_or(Table(columns, rows), "no process is silent")


def _render_reassigned(done: Reassigned) -> Rendered:
    return f"{counted(done.freed, 'range')} may be claimed again, {done.held} held for a person"


@cli.command(examples="ddm events resume --all --reason 'the program is mended'", exits=EXITS)
@click.argument("ids", metavar="[RANGE...]", type=int, nargs=-1)
@all_option
@reason_option
@actor_option
@json_option
@pass_session
def resume(
    session: Session, ids: tuple[int, ...], everything: bool, reason: str, actor: str | None, as_json: bool
) -> None:
    """Let held ranges be claimed again."""
    with catalogue(session, actor) as catalog:
        done = events.resume(catalog, chosen(ids, everything, "ranges"), reason)
    emit(done, as_json, lambda _: f"{counted(len(done), 'range')} may be claimed again")
