"""``ddm job split``: into which jobs files would be divided."""

from __future__ import annotations

import json
from pathlib import Path

import click

from catalog.errors import ExitCode
from ddm.cli.operator import Lines, catalogue, counted, size
from ddm.cli.toolkit import Session, Table, command, emit, json_option, jsonable, pass_session
from ddm.operations import splitting
from ddm.operations.splitting import Divided, JobShare
from ddm.units import parse_size
from merging.split import JobLimits

SHOWN = 50  # jobs on the screen; --json has them all


def _sized(_: click.Context, option: click.Parameter, value: str | None) -> int | None:
    try:
        return None if value is None else parse_size(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}", param=option) from None


def _names(_: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))


@command(
    "split",
    examples="ddm job split 275678 --events 100000\n"
    "ddm job split 2016/W14 --bytes '20 GB' --boundaries run,spill -o jobs.json\n"
    "ddm job split --query 'dataset=2016/W14/mDST' --events 50000 --inside-files --json",
    exits=[ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.argument("what", metavar="[RUN|DATASET]", required=False)
@click.option("--query", help="The files that this query finds, instead.")
@click.option("--events", type=click.IntRange(1), help="So many events for a job, at most.")
@click.option("--bytes", "most", callback=_sized, metavar="SIZE", help="Bytes of files for a job, at most.")
@click.option("--files", type=click.IntRange(1), default=1000, show_default=True, help="Files, at most.")
@click.option(
    "--boundaries",
    callback=_names,
    default="",
    metavar="NAMES",
    help="What no job mixes, with commas: run, or metadata keys such as spill.",
)
@click.option("--inside-files", is_flag=True, help="The program can begin inside a file: ranges of events.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A new file, of JSON.")
@json_option
@pass_session
def split(
    session: Session,
    what: str | None,
    query: str | None,
    events: int | None,
    most: int | None,
    files: int,
    boundaries: tuple[str, ...],
    inside_files: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Show the jobs into which files would be divided, as few and as even as can be. Changes nothing.

    RUN: its raw files. By events, or by bytes where no --events are given; with both, both are kept. A
    single file above them is a job of its own, unless --inside-files divides it. Events are those of the
    catalogue; if those of a file are not known, nothing is divided by events (exit code 1): they are never
    guessed.
    """
    context = click.get_current_context()
    if (what is None) == (query is None):
        raise click.UsageError("give a run, a dataset, or --query", context)
    if events is None and (most is None or inside_files):
        needed = "--events" if inside_files else "--events or --bytes"
        raise click.UsageError(f"give {needed}: how much a job gets", context)
    limits = JobLimits(events, most, files, boundaries, inside_files)
    with catalogue(session) as catalog:
        if what is None:
            found = splitting.of_query(catalog, query or "", limits)
        elif what.isascii() and what.isdigit():
            found = splitting.of_run(catalog, int(what), limits)
        else:
            found = splitting.of_dataset(catalog, what, limits)
    if output is not None:
        text = json.dumps(jsonable(found), indent=1, ensure_ascii=False)
        with output.open("x", encoding="utf-8") as out:
            out.write(f"{text}\n")
    emit(found, as_json, lambda found: _render(found, output))


def _render(found: Divided, output: Path | None) -> Lines:
    if output is None:
        rows = [_row(job) for job in found.jobs[:SHOWN]]
        yield Table(("job", *found.limits.boundaries, "files", "events", "size", "first", "from event"), rows)
        if len(found.jobs) > SHOWN:
            yield f"{len(found.jobs) - SHOWN} more; see --json"
    where = "" if output is None else f"{output}: "
    yield f"{where}{counted(len(found.jobs), 'job')}, {found.hash[:12]}"
    if found.idle:
        yield f"{counted(len(found.idle), 'file')} without events: no job reads them"
    if found.uncounted:
        yield f"{counted(len(found.uncounted), 'file')} of unknown events, first {found.uncounted[0]}"


def _row(job: JobShare) -> tuple[object, ...]:
    first = job.files[0]
    events = "unknown" if job.n_events is None else job.n_events
    return job.number, *job.bounds, len(job.files), events, size(job.size), first.lfn, first.first
