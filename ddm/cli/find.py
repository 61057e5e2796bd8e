"""``ddm file find | where | parents | children``: which files, where they are, what they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path

import click

from catalog.db.ask import Totals
from catalog.db.lineage import Relative
from catalog.errors import ExitCode
from catalog.states import Role
from ddm.cli.operator import (
    Lines,
    catalogue,
    counted,
    facts,
    limit_option,
    names_in,
    size,
    table_or,
    when,
)
from ddm.cli.toolkit import Command, Rendered, Session, Table, command, emit, json_option, pass_session
from ddm.operations import finding
from ddm.operations.finding import Found, Where, Written
from ddm.output import Format

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
BATCH = 5000  # names looked up at a time


def _names(_: click.Context, option: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (value or "").split(",") if name.strip())
    if value is not None and not names:
        raise click.BadParameter("name at least one column", param=option)
    return names or finding.SHOWN


@command(
    "find",
    examples="ddm file find 'run in 275600..275650 and product=mDST and n_events>0'\n"
    "ddm file find 'replica.state=LOST' --columns lfn,replica.endpoint,replica.since\n"
    "ddm file find 'dataset=2016/W14' --columns lfn,size,replica.pfn --output files.csv\n"
    "ddm file find 'not has replica' --count",
    exits=EXITS,
)
@click.argument("query")
@click.option(
    "--columns",
    callback=_names,
    metavar="NAMES",
    help=f"What to show, with commas; as in queries, and replica.pfn. Default: {','.join(finding.SHOWN)}.",
)
@click.option("--count", is_flag=True, help="Only say how many files, bytes and events there are.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write all of them to this new file."
)
@click.option(
    "--format",
    "form",
    type=click.Choice([str(form) for form in Format]),
    help="Write all of them, in this format.",
)
@click.option("--after", metavar="KEY", help="Go on where the page before ended.")
@limit_option
@json_option
@pass_session
def find(
    session: Session,
    query: str,
    columns: tuple[str, ...],
    count: bool,
    output: Path | None,
    form: str | None,
    after: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List the files that a query finds: docs/reference/query.md has the language on one page.

    Shows a page of files, in order of dataset, run and registration. With --output or --format all of them
    are written, as JSON lines, CSV or Parquet, however many there are. A column of replicas (replica.X)
    makes a line of each replica.
    """
    if form is not None and output is None and as_json:
        raise click.UsageError("--json and --format both say how to print", click.get_current_context())
    settings = session.settings()
    with catalogue(session) as catalog:
        if count:
            emit(finding.totals(catalog, query), as_json, _render_totals)
        elif output is not None or form is not None:
            chosen = None if form is None else Format(form)
            done = finding.write(catalog, settings, query, columns, path=output, form=chosen, after=after)
            if output is not None:
                emit(done, as_json, _render_written)
        else:
            found = finding.find(catalog, settings, query, columns, files=limit, after=after)
            for note in found.notes:
                click.echo(f"ddm: {note}", err=True)
            emit(_as_objects(found) if as_json else found, as_json, _render_found)


def _as_objects(found: Found) -> dict[str, object]:
    names = [column.name for column in found.columns]
    kinds = [column.kind for column in found.columns]
    rows = [map(_cell, kinds, row) for row in found.rows]
    files = [dict(zip(names, row, strict=True)) for row in rows]
    return {"query": found.query, "files": files, "after": found.after, "notes": found.notes}


def _cell(kind: str, value: object) -> object:
    return f"{value:08x}" if kind == "adler32" and isinstance(value, int) else value


def _shown(kind: str, value: object) -> object:
    return when(value) if isinstance(value, datetime) else _cell(kind, value)


def _render_found(found: Found) -> Lines:
    kinds = [column.kind for column in found.columns]
    rows = [list(map(_shown, kinds, row)) for row in found.rows]
    yield table_or(Table([column.name for column in found.columns], rows), "no such file")
    if found.after:
        yield f"there are more: --after {found.after}, a larger --limit, or all of them with --output FILE"


def _render_written(done: Written) -> str:
    return f"{counted(done.rows, 'row')} written to {done.path}"


def _render_totals(found: Totals) -> str:
    unknown = f", {found.size_unknown} files of unknown size" if found.size_unknown else ""
    uncounted = f", {found.events_unknown} files not counted" if found.events_unknown else ""
    lines: list[tuple[str, object]] = [
        ("files", found.files),
        ("size", f"{found.size} ({size(found.size)}){unknown}"),
        ("events", f"{found.events}{uncounted}"),
    ]
    return facts(lines)


# -------------------------------------------------------------------------------------- where
@command(
    "where",
    examples="ddm file where cdr11093-275678.raw\n"
    "ddm file where 'mDST-275678-*.root' root://door.example//eos/x/mDST-275678-0-7.root\n"
    "ddm file where --from lfns.txt --json",
    exits=[*EXITS, ExitCode.SOME_FAILED],
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--from", "listed", type=click.File("r"), help="A list with a name on each line; '-' is standard input."
)
@json_option
@pass_session
def where(session: Session, names: tuple[str, ...], listed: Iterable[str] | None, as_json: bool) -> int:
    """Say where files are, thousands at once: by LFN, PFN (URL or path), base name or pattern.

    In a pattern * is any text and ? one character; one with a slash is about the whole LFN, one without
    about the base name. Ends with 3 if some are not known, with 1 if none is.
    """
    if not names and listed is None:
        raise click.UsageError("give names, or --from LIST", click.get_current_context())
    words = iter([*names, *(names_in(listed) if listed is not None else ())])
    found: list[Where] = []
    with catalogue(session) as catalog:
        while batch := list(islice(words, BATCH)):
            found += finding.where(catalog, session.settings(), batch)
    emit(found, as_json, _render_where)
    known = sum(bool(entry.places) for entry in found)
    return ExitCode.DONE if known == len(found) else ExitCode.SOME_FAILED if known else ExitCode.FAILED


def _render_where(found: list[Where]) -> Lines:
    rows = [
        (place.lfn, place.endpoint, place.state, place.locality, place.pfn or place.path)
        for entry in found
        for place in entry.places
    ]
    if rows:
        yield Table(("lfn", "endpoint", "state", "locality", "pfn"), rows)
    for entry in found:
        if not entry.places:
            yield f"not known: {entry.asked}"


# ----------------------------------------------------------------------- parents and children
def _provenance(verb: str, help_text: str, examples: str, *, up: bool) -> Command:
    @command(verb, examples=examples, exits=EXITS)
    @click.argument("lfn")
    @click.option("--depth", type=click.IntRange(1), help="So many generations; all of them if not given.")
    @click.option("--role", type=click.Choice([str(role) for role in Role]), help="Only files of this role.")
    @json_option
    @pass_session
    def show(session: Session, lfn: str, depth: int | None, role: str | None, as_json: bool) -> None:
        with catalogue(session) as catalog:
            found = list(finding.relatives(catalog, lfn, up=up, depth=depth, role=role))
        emit([entry._asdict() for entry in found] if as_json else found, as_json, _render_relatives)

    show.help = help_text
    return show


def _render_relatives(found: list[Relative]) -> Rendered:
    rows = [
        (
            entry.generation,
            entry.lfn + (" (retired)" if entry.retired else ""),
            entry.role,
            entry.product,
            entry.run,
            entry.chunk or None,
            entry.part,
        )
        for entry in found
    ]
    return table_or(Table(("generation", "lfn", "role", "product", "run", "chunk", "part"), rows), "none")


parents = _provenance(
    "parents",
    "Show what a file was made from, nearest first, at any depth: which raw chunks are in a merged part?\n\n"
    "LFN may be the base name if only one file has it.",
    "ddm file parents mDST-275678-0-7.root --role raw",
    up=True,
)
children = _provenance(
    "children",
    "Show what was made from a file, nearest first, to any depth: where did this chunk end up?\n\n"
    "LFN may be the base name if only one file has it.",
    "ddm file children cdr11093-275678.raw --role final",
    up=False,
)
COMMANDS = (find, where, parents, children)
"""What ``ddm file`` has from here."""
