"""``ddm reconcile report``: what a comparison found, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from catalog.errors import BadInput, ExitCode
from ddm import pages
from ddm.cli.operator import Lines, catalogue, counted
from ddm.cli.toolkit import Session, command, emit, json_option, pass_session
from ddm.operations import reconcilereport
from ddm.output import new_file
from ddm.reconcile.reports import Report, document
from ddm.reconcile.reports_pages import in_short, page

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
FORMS = ("text", "json", "parquet", "html", "markdown")
SUFFIXES = {**pages.SUFFIXES, ".json": "json", ".parquet": "parquet"}


@command(
    "report",
    examples="ddm reconcile report\n"
    "ddm reconcile report 7 --out eos.html\n"
    "ddm reconcile report --last 52 --top 50 --out weekly.html --force\n"
    "ddm reconcile report 7 --out findings.parquet",
    exits=EXITS,
)
@click.argument("number", metavar="[COMPARISON]", type=int, required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="The form; of a file, its name says it. Parquet has every finding, a row each.",
)
@click.option(
    "--out",
    "--output",
    "out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it to a new file: .txt, .md, .html, .json or .parquet.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option(
    "--last",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="N",
    help="How many comparisons the trend goes back.",
)
@click.option(
    "--top",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    metavar="N",
    help="How many runs and directories are told one by one; the rest is summed.",
)
@json_option
@pass_session
def report(
    session: Session,
    number: int | None,
    form: str | None,
    out: Path | None,
    force: bool,
    last: int,
    top: int,
    as_json: bool,
) -> None:
    """Report what a comparison found, the newest if no number is given: counts and sizes, trend, runs and
    directories, what is not believed and why, and what is to be done next.

    The HTML page needs nothing but itself: no script, no other file, no network. It can be mailed and
    printed. It is small however much was found; the Parquet file has all of it.
    """
    form = _form(form, out)
    if form == "parquet":
        assert out is not None  # _form has seen to it
        with catalogue(session) as catalog:
            found, rows = reconcilereport.write_findings(
                catalog, session.settings(), number, out, replace=force
            )
        answer = {"comparison": found, "file": str(out), "findings": rows}
        emit(answer, as_json, lambda _: f"{out}: {counted(rows, 'finding')} of comparison {found}")
        return
    with catalogue(session) as catalog:
        made = reconcilereport.report(catalog, session.settings(), number, last=last, top=top)
    if out is not None:
        with new_file(out, replace=force) as stream:
            stream.write(_written(made, form).encode())
    emit(document(made), as_json, lambda _: _render(made, form, out))


def _form(form: str | None, out: Path | None) -> str:
    if out is None:
        if form == "parquet":
            raise BadInput("Parquet is not for a terminal; give --out FILE", subject="--format")
        return form or "text"
    found = form or SUFFIXES.get(out.suffix.lower())
    if found is None:
        raise BadInput("its name does not say the form: give --format", subject=str(out))
    return found


def _written(made: Report, form: str) -> str:
    if form == "json":
        return json.dumps(document(made), indent=2, ensure_ascii=False) + "\n"
    return page(made, form)


def _render(made: Report, form: str, out: Path | None) -> Lines:
    if out is None:
        yield _written(made, form).rstrip("\n")
    else:
        yield f"{out}: comparison {made.comparison}: {in_short(made)}"


COMMANDS = (report,)
