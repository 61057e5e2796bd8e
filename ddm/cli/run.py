"""``ddm run``: which runs are complete, which are not, and why."""

from __future__ import annotations

import click

from catalog.errors import ExitCode
from ddm.cli.operator import catalogue, size, table_or
from ddm.cli.toolkit import Rendered, Session, Table, emit, group, json_option, pass_session
from ddm.operations import runs
from ddm.operations.runs import RunState

cli = group("run", "Show which runs are complete, which are not, and why.")


@cli.command(
    "list",
    examples=(
        "ddm run list --incomplete\nddm run list --dataset 2016/W14\nddm run list --limit 100 --after 275678"
    ),
    exits=[ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.option("--dataset", help="Runs of this dataset.")
@click.option("--task", help="Runs that this task reads.")
@click.option("--run", type=int, help="This run only.")
@click.option("--complete/--incomplete", default=None, help="Only those that are, or are not.")
@click.option("--limit", type=click.IntRange(1), help="So many runs at most.")
@click.option("--after", type=int, metavar="RUN", help="Runs with a higher number only: the next page.")
@json_option
@pass_session
def list_(
    session: Session,
    dataset: str | None,
    task: str | None,
    run: int | None,
    complete: bool | None,
    limit: int | None,
    after: int | None,
    as_json: bool,
) -> None:
    """List runs of raw data, and what each lacks.

    A run is complete when all its files are known with size and checksum, its dataset is closed, and, if a
    task reads it, every product of it is merged, cross-checked and on tape. 'ddm explain RUN' tells more.
    """
    with catalogue(session) as catalog:
        found = runs.runs(
            catalog,
            session.settings(),
            dataset=dataset,
            task=task,
            run=run,
            complete=complete,
            after=after,
            limit=limit,
        )
    emit(found, as_json, _render)


def _render(found: list[RunState]) -> Rendered:
    rows = [
        (
            entry.run,
            entry.dataset,
            entry.task,
            entry.files,
            size(entry.size),
            entry.events,
            "yes" if entry.complete else "no: " + "; ".join(entry.lacks),
        )
        for entry in found
    ]
    return table_or(Table(("run", "dataset", "task", "files", "size", "events", "complete"), rows), "no run")
