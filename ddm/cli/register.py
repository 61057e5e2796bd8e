"""``ddm file register`` and ``ddm file complete``: files from any source into the catalogue."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catalog.errors import BadInput, ConflictingRegistration, DataManagementError, ExitCode
from ddm.cli.operator import Lines, actor_option, catalogue, recipe
from ddm.cli.toolkit import Session, Table, command, emit, json_option, pass_session, progress
from ddm.operations import registering
from ddm.sources.formats import FORMATS

if TYPE_CHECKING:
    from ddm.importing.completing import Completed
    from ddm.importing.report import Imported
    from transfers.ports import Storage

SHOWN = 20
EXITS = [ExitCode.SOME_FAILED, ExitCode.BUSY, ExitCode.SCHEMA]


def _formats() -> str:
    width = max(len(name) for name in FORMATS)
    lines = [f"    {name:<{width}}  {entry.says}: {entry.example}" for name, entry in FORMATS.items()]
    return "\n".join(lines)


HELP = f"""Register files from a list, a listing or a database. Repeat freely: known files are compared.

SOURCE is a file (compressed or not), or - for what comes through a pipe; --sql and --query ask a database
instead. Its format is guessed; --format names it:

\b
{_formats()}

Everything is read and compared before anything is written. If a line cannot be taken, or contradicts the
catalogue, nothing is written and every such line is named; --keep-going writes the others. Until the import
is through its runs are undefined, so that the dataset cannot be closed; one that was stopped is repeated and
goes on. What a list does not say (sizes, checksums, events) stays unknown; --ask asks the endpoint.

CSV, JSON lines, Parquet and SQL need the column lfn. Known are size, adler32 (eight digits), n_events (-1:
unknown), path (if it is not the LFN), run, chunk, part, product, role; other columns are kept as metadata.

With --runs only the files of these runs are taken, and a run of which the source has none is undefined: it
keeps the dataset open.
"""

EXAMPLES = """\
ddm file register raw.csv --dataset 2016/W14 --endpoint cta --plan
ddm file register raw.csv --dataset 2016/W14 --endpoint cta --close
ddm file register events-2016.txt --runs 275600-275650 --dataset 2016/W14 --endpoint cta
xrdfs HOST ls -l -R DIR | ddm file register - --dataset 2016/W14 --endpoint cta --ask
ddm file register --sql oracle://reader@db/comp --query 'select … where run=:run' --runs runs.txt …
"""


def _pairs(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """``FIELD=COLUMN``, each."""
    found = [value.partition("=") for value in values]
    if not all(all(parts) for parts in found):
        raise click.BadParameter("FIELD=COLUMN is expected, e.g. lfn=FILE_NAME", context, option)
    return tuple((name, column) for name, _, column in found)


@command("register", examples=EXAMPLES, exits=EXITS)
@click.argument("source", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--dataset", required=True, help="Dataset that the files belong to; made if new.")
@click.option("--endpoint", required=True, help="Endpoint where the files are.")
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), help="Format of the source.")
@click.option("--runs", default="", help="Runs: a file, or e.g. 275600-275650,275700. Only these.")
@click.option("--sql", envvar="DDM_SQL", help="SQLAlchemy URL of a database to ask (or in DDM_SQL).")
@click.option("--query", default="", help="The SELECT; where it says :run it is asked for each run.")
@click.option(
    "--column",
    multiple=True,
    metavar="FIELD=COLUMN",
    callback=_pairs,
    help="That this column is the field, or the key.",
)
@click.option("--skip-column", multiple=True, help="Leave this column out.")
@click.option(
    "--rename", metavar="OLD=NEW", default="", help="LFNs begin with NEW where paths begin with OLD."
)
@click.option("--any-name", is_flag=True, help="Names of no template, if columns say role, product and run.")
@click.option("--task", help="Task whose names the files have; the only one, or that of the dataset.")
@click.option("--keep-going", is_flag=True, help="Register the good lines although others are refused.")
@click.option("--ask", is_flag=True, help="Then ask the endpoint for sizes and checksums that are unknown.")
@click.option("--close", is_flag=True, help="The dataset is complete with these files.")
@click.option("--plan", is_flag=True, help="Say what would come of it and change nothing.")
@actor_option
@json_option
@pass_session
def register(
    session: Session,
    source: Path | None,
    dataset: str,
    endpoint: str,
    format_: str | None,
    runs: str,
    sql: str | None,
    query: str,
    column: tuple[tuple[str, str], ...],
    skip_column: tuple[str, ...],
    rename: str,
    any_name: bool,
    task: str | None,
    keep_going: bool,
    ask: bool,
    close: bool,
    plan: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    settings = session.settings()
    rules = recipe(settings, task, dataset)
    asked = sql if sql and query else ""
    if bool(source) == bool(asked):
        raise click.UsageError("give a SOURCE, or --sql and --query", click.get_current_context())
    pipe = source is not None and str(source) == "-"
    wish = registering.Wish(
        dataset=dataset,
        endpoint=endpoint,
        path=None if pipe else source,
        stream=click.open_file("-", "rb") if pipe else None,
        format=format_,
        sql=asked,
        query=query,
        runs=runs,
        columns=dict(column),
        skip=skip_column,
        rename=rename,
        any_name=any_name,
        keep_going=keep_going,
        close=close,
        plan=plan,
    )
    storage = _storage(session, endpoint) if ask and not plan else None
    with catalogue(session, actor) as catalog, _advancing("register") as advance:
        done = registering.register(catalog, settings, rules, wish, advance, storage)
    return _tell(done, as_json)


register.help = HELP


def _storage(session: Session, endpoint: str) -> Storage:
    """The ports of one endpoint: the others need not be reachable."""
    from catalog.clock import SystemClock
    from ddm.storages import open_endpoint

    settings = session.settings()
    found = registering.endpoint_of(settings, endpoint)
    return open_endpoint(found, settings, SystemClock(), random.Random())


@contextmanager
def _advancing(title: str) -> Iterator[Callable[[str, int], None]]:
    """A bar on a terminal, else a line now and then: what is done, and how many rows of it are."""
    with progress(title, unit="rows") as bar:
        now, done = "", 0

        def advance(what: str, rows: int) -> None:
            nonlocal now, done
            done = done + rows if what == now else rows
            now = what
            bar.at(done, what)

        yield advance


# --------------------------------------------------------------------------------- report
def _tell(done: Imported, as_json: bool) -> int:
    """Print what came of it; the exit code."""
    stopped = not done.written and not done.planned
    if as_json or not stopped:
        emit(done, as_json, _render)
    if stopped and not as_json:
        for line in _errors(done):
            click.echo(line, err=True)
    if done.written and (done.refused or done.conflicting or done.undefined or done.why_open):
        return ExitCode.SOME_FAILED
    if done.refused:
        return ExitCode.USAGE
    return ExitCode.FAILED if done.conflicting or (done.planned and done.undefined) else ExitCode.DONE


def _errors(done: Imported) -> list[str]:
    """One line for each of the first lines that stopped the import."""
    from ddm.cli.program import describe, line

    found: list[DataManagementError] = [
        BadInput(refusal.why, subject=refusal.where) for refusal in done.refusals[:SHOWN]
    ]
    found += [
        ConflictingRegistration(f"{conflict.lfn}: {conflict.text}", subject=conflict.where)
        for conflict in done.conflicts[: SHOWN - len(found)]
    ]
    lines = [line(describe(error)) for error in found]
    more = done.refused + done.conflicting - len(lines)
    if more:
        lines.append(f"ddm: and {more} more; nothing was written; --keep-going registers the other lines")
    return lines


def _render(done: Imported) -> Lines:
    added = f"{'would be added' if done.planned else 'added'}: {done.added}"
    yield f"{added}, known already: {done.same}, conflicts: {done.conflicting}, refused: {done.refused}"
    if done.other_runs:
        yield f"of other runs, left out: {done.other_runs}"
    if done.incomplete:
        yield f"without size or checksum: {done.incomplete}; 'ddm file complete' asks the endpoint"
    rows: list[tuple[object, ...]] = [
        (refusal.where, refusal.value, refusal.why) for refusal in done.refusals[:SHOWN]
    ]
    rows += [
        (conflict.where, conflict.lfn, conflict.text) for conflict in done.conflicts[: SHOWN - len(rows)]
    ]
    if rows:
        yield Table(("line", "file", "not taken because"), rows)
    if done.refused + done.conflicting > len(rows):
        yield f"and {done.refused + done.conflicting - len(rows)} more; --json has the first thousand"
    if done.undefined:
        open_runs = [(found.run or None, found.why) for found in done.undefined]
        yield Table(("run", "why not all of its files are known"), open_runs[:SHOWN])
        if len(open_runs) > SHOWN:
            yield f"and {len(open_runs) - SHOWN} runs more"
    if done.closed:
        yield f"dataset {done.dataset} is CLOSED"
    elif done.why_open:
        yield f"dataset {done.dataset} stays open: {done.why_open}"


# ------------------------------------------------------------------------------- complete
@command(
    "complete",
    examples="ddm file complete --endpoint cta --plan\nddm file complete --endpoint cta --dataset 2016/W14",
    exits=EXITS,
)
@click.option("--endpoint", required=True, help="Endpoint that is asked.")
@click.option("--dataset", help="Files of this dataset only.")
@click.option("--plan", is_flag=True, help="Count the files and ask nobody.")
@actor_option
@json_option
@pass_session
def complete(
    session: Session, endpoint: str, dataset: str | None, plan: bool, actor: str | None, as_json: bool
) -> int:
    """Ask an endpoint for the sizes and checksums of its files that no list has said.

    What it says is kept, and the history tells that the endpoint said it. Known values are never changed. A
    file without a size or checksum is not compared, and so never staged or deleted.
    """
    from ddm.importing import completing

    storage = _storage(session, endpoint)
    with catalogue(session, actor) as catalog, _advancing("complete") as advance:
        done = completing.complete(catalog, storage, endpoint, dataset=dataset, plan=plan, advance=advance)
    emit(done, as_json, _render_completed)
    return ExitCode.SOME_FAILED if done.silent or done.partly else ExitCode.DONE


def _render_completed(done: Completed) -> Lines:
    if done.planned:
        yield f"would be asked of {done.endpoint}: {done.asked}"
        return
    yield f"asked of {done.endpoint}: {done.asked}, complete now: {done.completed}"
    if done.partly:
        yield f"size only, since the endpoint says no checksum: {done.partly}"
    if done.silences:
        rows = [(silence.lfn, silence.why) for silence in done.silences[:SHOWN]]
        yield Table(("file", "not said because"), rows)
    if done.silent > SHOWN:
        yield f"and {done.silent - SHOWN} more"
