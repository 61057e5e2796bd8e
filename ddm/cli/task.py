"""``ddm task``: productions, and what is left to clean up after one that is archived."""

from __future__ import annotations

import click

from catalog.errors import ExitCode
from ddm.cli.operator import (
    Lines,
    actor_option,
    application,
    catalogue,
    counted,
    reason_option,
    size,
    table_or,
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
from ddm.operations import keeping
from ddm.operations.keeping import Cleaned, TaskLine

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
SHOWN = 20
cli = group("task", "List productions, and clean up after one that is archived.")


@cli.command("list", examples="ddm task list\nddm task list --json", exits=EXITS)
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the tasks of the catalogue: what they read, their period and products."""
    with catalogue(session) as catalog:
        emit(keeping.tasks(catalog, session.settings().tasks), as_json, _render_list)


def _render_list(found: list[TaskLine]) -> Rendered:
    rows = [
        (
            one.task,
            one.dataset,
            one.year,
            one.period,
            ", ".join(one.products),
            "yes" if one.configured else "no",
        )
        for one in found
    ]
    columns = ("task", "reads", "year", "period", "products", "in ddm.toml")
    return table_or(Table(columns, rows), "no task")


@cli.command(
    examples="ddm task cleanup P08 --reason 'the campaign is over'\n"
    "ddm task cleanup P08 --reason 'the campaign is over' --yes",
    exits=[*EXITS, ExitCode.SOME_FAILED],
)
@click.argument("task")
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def cleanup(session: Session, task: str, reason: str, yes: bool, actor: str | None, as_json: bool) -> int:
    """Clean up after a task of which every run is archived, or excused. Without --yes the plan is shown.

    Merged files go to the trash where the product says after_task = "go". What attempts that came to nothing
    left behind is written down, and removed by the flow after the longest grace time of the task's products;
    it is looked for at the very paths that their papers promised, nowhere else. The runner's directories of
    the jobs go at once, once a product keeps the logs. The catalogue keeps every job, attempt and reason.

    What stays is named, with why; then it ends with 3.
    """
    with application(session, actor) as app:
        done = keeping.cleanup(app, task, reason, act=yes)
    emit(done, as_json, lambda found: _render_cleaned(found, yes))
    go_ahead(yes)
    return ExitCode.SOME_FAILED if done.untouched else ExitCode.DONE


def _render_cleaned(done: Cleaned, yes: bool) -> Lines:
    yield f"task {done.task}: every run is {done.verdict}"
    for one in done.outputs:
        what = "withdrawn" if yes else "to withdraw"
        yield f"{what} ({one.ground}): {counted(one.withdrawn, 'copy', 'copies')}, {size(one.size)}"
    left = sum(entry.size or 0 for entry in done.debris)
    yield (
        f"left behind by attempts: {counted(len(done.debris), 'file')}, {size(left)}; "
        f"{counted(done.looked, 'path')} looked at" + (f", {done.noted} new" if yes else "")
    )
    if done.debris and not yes:
        rows = [(entry.job, entry.attempt, size(entry.size), entry.path) for entry in done.debris[:SHOWN]]
        yield Table(("job", "attempt", "size", "path"), rows)
        if len(done.debris) > SHOWN:
            yield f"{len(done.debris) - SHOWN} more; see --json"
    gone = done.directories
    what = "removed" if yes else "to remove"
    yield f"directories of jobs {what}: {gone.jobs}, {counted(gone.files, 'file')}, {size(gone.size)}"
    if done.untouched:
        yield Table(("stays",), [(text,) for text in done.untouched])
