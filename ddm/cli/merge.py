"""``ddm merge``: what became of planned merges; ``ddm.cli.merge_plan`` has the planning."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from catalog import papers
from catalog.db.redo import Redone
from catalog.errors import ExitCode
from ddm.cli import merge_plan
from ddm.cli.lightly import made
from ddm.cli.nodes import PROGRAMS
from ddm.cli.operator import (
    Lines,
    actor_option,
    catalogue,
    counted,
    reason_option,
    shortened,
    size,
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
from ddm.jobs.manifest import dumps
from ddm.operations import manifests, merges

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("merge", "Plan, show, redo and void merges; do one.")
cli.add_command(made(PROGRAMS["merge"]))
for its in (merge_plan.plan, merge_plan.flush, merge_plan.revise, merge_plan.stale):
    cli.add_command(its)


@cli.command(examples="ddm merge show 275678", exits=EXITS)
@click.argument("run", type=int)
@json_option
@pass_session
def show(session: Session, run: int, as_json: bool) -> None:
    """Show the merge groups of a run, with their jobs."""
    with catalogue(session) as catalog:
        emit(merges.show(catalog, run), as_json, lambda found: _render_groups(found, run))


def _render_groups(shown: list[merges.GroupShown], run: int) -> Rendered:
    rows = [
        (
            entry.group.id,
            entry.group.product,
            entry.group.part,
            entry.group.members,
            entry.group.state,
            when(entry.group.since),
            None if entry.job is None else f"{entry.job.id} {entry.job.state}",
            shortened(entry.group.reason),
        )
        for entry in shown
    ]
    columns = ("group", "product", "part", "inputs", "state", "since", "job", "reason")
    return table_or(Table(columns, rows), f"no merge of run {run} is planned yet; see 'ddm merge plan {run}'")


@cli.command(
    examples="ddm merge again 7 --reason 'disk repaired'\nddm merge again 7 --reason 'disk repaired' --yes",
    exits=[*EXITS, ExitCode.HELD],
)
@click.argument("groups", metavar="GROUP...", type=int, nargs=-1, required=True)
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def again(
    session: Session, groups: tuple[int, ...], reason: str, yes: bool, actor: str | None, as_json: bool
) -> None:
    """Merge groups again that are MISMATCHED or HELD, or whose merged copy is spoiled. All or none of them.

    The members stay the same. The old output is retired, and its copy on disk goes to the trash: only while
    every input is AVAILABLE on disk, otherwise nothing is changed.
    """
    with catalogue(session, actor) as catalog:
        done = merges.again(catalog, groups, reason, act=yes)
    emit(
        done,
        as_json,
        lambda found: _render_redone(found, "will be merged again" if yes else "to merge again"),
    )
    go_ahead(yes)


@cli.command(
    examples="ddm merge void 7 8 --reason 'target size was wrong' --yes", exits=[*EXITS, ExitCode.HELD]
)
@click.argument("groups", metavar="GROUP...", type=int, nargs=-1, required=True)
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def void(
    session: Session, groups: tuple[int, ...], reason: str, yes: bool, actor: str | None, as_json: bool
) -> None:
    """Withdraw all merge groups of a run and product: the flow plans them anew, with today's settings.

    All parts together, and only if none of them is merged well.
    """
    with catalogue(session, actor) as catalog:
        done = merges.void(catalog, groups, reason, act=yes)
    emit(done, as_json, lambda found: _render_redone(found, "withdrawn" if yes else "to withdraw"))
    go_ahead(yes)


def _render_redone(done: list[Redone], title: str) -> Table:
    rows = [
        (entry.group_id, entry.product, entry.run, entry.part, entry.was, entry.inputs, size(entry.size),
         entry.retired)
        for entry in done
    ]  # fmt: skip
    columns = ("group", "product", "run", "part", "was", "inputs", "size", "output that is retired")
    return Table(columns, rows, f"{title}: {counted(len(rows), 'group')}")


@cli.command(
    examples="ddm merge manifest 7 -o merge.json\nddm merge manifest 7 --check -o check.json\n"
    "ddm merge manifest 7 --per-job 50 -o chain",
    exits=EXITS,
)
@click.argument("group_id", metavar="GROUP", type=int)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="A new file; of a chain a new directory."
)
@click.option("--per-job", type=click.IntRange(2), help="In levels: no job reads more files than that.")
@click.option("--check", is_flag=True, help="To count its merged file, and its inputs, again.")
@click.option("--label", help="What the job is called; part of the path it writes to.", default="")
@json_option
@pass_session
def manifest(
    session: Session,
    group_id: int,
    output: Path | None,
    per_job: int | None,
    check: bool,
    label: str,
    as_json: bool,
) -> None:
    """Print the manifest of a merge group, for 'ddm merge run' or 'ddm check run' on any machine.

    Changes nothing: what is merged by it belongs to you, and the flow's own merge does not meet it. The
    report of a check is taken in by 'ddm check take'.

    With --per-job the merge goes in levels: the manifests of all jobs are written to a directory, to be run
    in the order of its order.txt. The places of intermediate files are in its intermediate.txt, and are yours
    to remove when the last job is done.
    """
    if per_job is not None and (check or output is None):
        text = "--per-job is for a merge, and takes -o DIRECTORY"
        raise click.UsageError(text, click.get_current_context())
    made = manifests.check_manifest if check else manifests.manifest
    with catalogue(session) as catalog:
        found = made(catalog, session.settings(), group_id, label=label)
    if output is None:
        emit(papers.plain({"version": papers.VERSION, **asdict(found)}), True, lambda _: ())
        return
    if per_job is not None:
        emit(manifests.write_chain(found, per_job, output), as_json, lambda told: _render_chain(told, output))
        return
    with output.open("x", encoding="utf-8") as out:
        out.write(dumps(found))
    told = manifests.written(found)
    merged = f" and {counted(told.merged, 'merged file')}" if told.merged else ""
    emit(told, as_json, lambda told: f"{output}: {counted(told.inputs, 'input')}{merged}, {size(told.size)}")


def _render_chain(told: manifests.ChainWritten, directory: Path) -> Lines:
    jobs = f"{counted(len(told.manifests), 'job')} in {counted(told.levels, 'level')}"
    yield f"{directory}: {jobs}, {counted(told.inputs, 'input')}, {size(told.size)}"
    yield f"run each with 'ddm merge run', in the order of {directory / manifests.ORDER}"
    if told.intermediate:
        places = f"the {counted(len(told.intermediate), 'place')} in {directory / manifests.INTERMEDIATE}"
        yield f"when the last one is done, remove the intermediate files by name: {places}"
