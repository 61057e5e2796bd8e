"""``ddm job``: the jobs that process chunks and merge files."""

from __future__ import annotations

import click

from catalog.db.facts import JobFact
from catalog.errors import ExitCode
from catalog.states import JobState
from ddm.cli import job_split
from ddm.cli.operator import (
    Lines,
    actor_option,
    all_option,
    application,
    catalogue,
    chosen,
    counted,
    facts,
    limit_option,
    reason_option,
    resumed,
    table_or,
    trouble,
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
from ddm.operations import jobs

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
SHOWN = 10  # inputs on the screen; --json has them all
cli = group("job", "Show jobs, resume held ones, cancel what is not wanted; divide files among jobs.")
cli.add_command(job_split.split)


@cli.command("list", examples="ddm job list --state held\nddm job list --run 275678 --json", exits=EXITS)
@click.option(
    "--state",
    type=click.Choice([state.value for state in JobState], case_sensitive=False),
    help="Jobs in this state.",
)
@click.option("--run", type=int, help="Jobs of this run.")
@limit_option
@json_option
@pass_session
def list_(session: Session, state: str | None, run: int | None, limit: int, as_json: bool) -> None:
    """List jobs, all or by state and run."""
    with catalogue(session) as catalog:
        emit(jobs.lines(catalog, limit, JobState(state) if state else None, run), as_json, _render_list)


def _render_list(found: list[JobFact]) -> Rendered:
    rows = [
        (job.id, job.kind, job.run, job.chunk or None, job.state, when(job.since), job.attempt, trouble(job))
        for job in found
    ]
    columns = ("job", "kind", "run", "chunk", "state", "since", "attempt", "last trouble")
    return table_or(Table(columns, rows), "no such job")


@cli.command(examples="ddm job show 12", exits=EXITS)
@click.argument("job", metavar="ID", type=int)
@json_option
@pass_session
def show(session: Session, job: int, as_json: bool) -> None:
    """Show a job, its inputs and its history."""
    with catalogue(session) as catalog:
        emit(jobs.show(catalog, job), as_json, _render_job)


def _render_job(found: jobs.JobShown) -> Lines:
    job = found.job
    yield facts(
        [
            ("job", f"{job.id}, {job.kind}, run {job.run} {job.chunk}".rstrip()),
            ("task", job.task),
            ("merge group", job.group_id),
            ("state", f"{job.state} since {when(job.since)}"),
            ("attempt", f"{job.attempt} ({job.label or 'not submitted yet'})"),
            ("last trouble", trouble(job)),
            ("inputs", f"{len(found.inputs)}, readable now: {len(found.readable)}"),
        ]
    )
    readable = set(found.readable)
    for lfn in found.inputs[:SHOWN]:
        yield f"  {lfn}{'' if lfn in readable else ' (cannot be read now)'}"
    if len(found.inputs) > SHOWN:
        yield f"  {len(found.inputs) - SHOWN} more; see --json"
    rows = [(when(row.at), row.event, row.old, row.new, row.actor, row.reason) for row in found.history]
    yield Table(("at", "event", "from", "to", "by", "reason"), rows)


@cli.command(
    examples="ddm job resume 12 --reason 'program repaired'\nddm job resume --all --reason 'disk is back'",
    exits=EXITS,
)
@click.argument("ids", metavar="ID...", type=int, nargs=-1)
@all_option
@reason_option
@actor_option
@json_option
@pass_session
def resume(
    session: Session, ids: tuple[int, ...], everything: bool, reason: str, actor: str | None, as_json: bool
) -> None:
    """Run held jobs again, each for one more attempt. All or none of them.

    The held merge group of a merge job goes along.
    """
    wanted = chosen(ids, everything, "jobs")
    with catalogue(session, actor) as catalog:
        done = jobs.resume(catalog, wanted, reason)
    emit(done, as_json, lambda found: resumed(found, "job"))


@cli.command(
    examples="ddm job cancel 12 --reason 'the chunk is damaged' --yes", exits=[*EXITS, ExitCode.SOME_FAILED]
)
@click.argument("ids", metavar="ID...", type=int, nargs=-1, required=True)
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def cancel(
    session: Session, ids: tuple[int, ...], reason: str, yes: bool, actor: str | None, as_json: bool
) -> int:
    """Cancel jobs that are not over, for good. All or none of them.

    The run of a canceled chunk is not merged before the chunk is registered as a gap ('ddm gap add', which
    cancels the job by itself). The group of a canceled merge is held: 'ddm merge again' or 'ddm merge void'.
    """
    with application(session, actor) as app:
        done = jobs.cancel(app, ids, reason, act=yes)
    emit(done, as_json, _render_canceled)
    go_ahead(yes)
    return ExitCode.SOME_FAILED if done.untold else ExitCode.DONE


def _render_canceled(done: jobs.JobsCanceled) -> Lines:
    rows = [(job.id, job.run, job.chunk or "merge", job.was) for job in done.jobs]
    yield Table(("job", "run", "chunk", "was"), rows, f"to cancel: {counted(len(rows), 'job')}")
    yield from untold(done.untold)


def untold(ids: tuple[int, ...]) -> list[str]:
    """That runners could not be told; nothing if they were."""
    names = ", ".join(map(str, ids))
    return [f"the runner of {names} did not answer: they may run on, and what they write is ignored"][
        : len(ids)
    ]
