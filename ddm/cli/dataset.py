"""``ddm dataset``: named sets of files, open until they are complete."""

from __future__ import annotations

import click

from catalog.db.look import DatasetLine
from catalog.errors import ExitCode
from ddm.cli.operator import actor_option, catalogue, facts, reason_option, size, table_or, when
from ddm.cli.toolkit import Rendered, Session, Table, emit, group, json_option, pass_session
from ddm.operations import datasets

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("dataset", "Add, show and close datasets.")


@cli.command(examples="ddm dataset add 2016/W14", exits=EXITS)
@click.argument("name")
@actor_option
@json_option
@pass_session
def add(session: Session, name: str, actor: str | None, as_json: bool) -> None:
    """Make an open dataset; one that is there stays as it is.

    'ddm file register' makes the dataset by itself.
    """
    with catalogue(session, actor) as catalog:
        emit(datasets.add(catalog, name), as_json, _render)


@cli.command(examples="ddm dataset show\nddm dataset show 2016/W14 --json", exits=EXITS)
@click.argument("name", required=False)
@json_option
@pass_session
def show(session: Session, name: str | None, as_json: bool) -> None:
    """Show every dataset, or one with its runs: state, files, bytes, events.

    Events are those read from the files where they were read, else those of the raw catalogue; files without
    a count are "unknown" and add nothing.
    """
    with catalogue(session) as catalog:
        if name is None:
            emit(datasets.every(catalog), as_json, _render_all)
        else:
            emit(datasets.show(catalog, name), as_json, _render_one)


@cli.command(examples="ddm dataset close 2016/W14", exits=EXITS)
@click.argument("name")
@actor_option
@json_option
@pass_session
def close(session: Session, name: str, actor: str | None, as_json: bool) -> None:
    """Say that the dataset is complete: from now on its finished runs may be merged."""
    with catalogue(session, actor) as catalog:
        emit(datasets.close(catalog, name), as_json, _render)


@cli.command(examples="ddm dataset reopen 2016/W14 --reason 'two late chunks of run 275678'", exits=EXITS)
@click.argument("name")
@reason_option
@actor_option
@json_option
@pass_session
def reopen(session: Session, name: str, reason: str, actor: str | None, as_json: bool) -> None:
    """Let files be added to a closed dataset.

    No new merge is planned while it is open. Runs that are merged already stay as they are: a late chunk of
    such a run is processed, but in no merged file.
    """
    with catalogue(session, actor) as catalog:
        emit(datasets.reopen(catalog, name, reason), as_json, _render)


def _render(done: datasets.Changed) -> str:
    return f"dataset {done.dataset} is {done.state}{'' if done.changed else ' already'}"


def _render_all(lines: list[DatasetLine]) -> Rendered:
    rows = [
        (line.name, line.state, line.runs, line.files, size(line.size), line.events, line.unknown)
        for line in lines
    ]
    columns = ("dataset", "state", "runs", "files", "size", "events", "unknown")
    return table_or(Table(columns, rows), "no dataset; 'ddm file register' makes one")


def _render_one(shown: datasets.Shown) -> list[str | Table]:
    line = shown.dataset
    state = f"{line.state} since {when(line.since)}"
    rows = [(run.run, run.files, size(run.size), run.events, run.unknown) for run in shown.runs]
    return [
        facts([("dataset", line.name), ("state", state), ("files", line.files), ("size", size(line.size))]),
        table_or(Table(("run", "files", "size", "events", "unknown"), rows), "no files"),
    ]
