"""``ddm report``: the end-of-campaign statement of a period, made, written and checked."""

from __future__ import annotations

import json
from pathlib import Path

import click

from catalog.errors import BadInput, ExitCode
from catalog.papers import write_whole
from catalog.statement import paper
from catalog.statement.paper import Statement
from catalog.statement.verdicts import Kind, Verdict, counts
from ddm import pages
from ddm.cli.operator import Lines, actor_option, catalogue, counted, facts
from ddm.cli.toolkit import Session, emit, group, json_option, pass_session
from ddm.operations import periodcheck, periods
from ddm.operations.periodcheck import Checked
from ddm.periodpages import page

EXITS = [ExitCode.HELD, ExitCode.SOME_FAILED, ExitCode.BUSY, ExitCode.SCHEMA]
SUFFIXES = {**pages.SUFFIXES, ".json": "json"}
cli = group("report", "State what a period came to: every run archived, excused or open, and the proof.")


@cli.command(
    examples="ddm report period P08\n"
    "ddm report period P08 --year 2016 --output P08.html\n"
    "ddm report period P08 --json > P08.json\n"
    "ddm report period P08 --task dvcs2016P08t1 --output P08.md",
    exits=EXITS,
)
@click.argument("name")
@click.option("--year", type=int, help="Year of data taking, where several have that period.")
@click.option("--task", metavar="NAME", help="Only this task of the period.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it to a file: .txt, .md, .html (for printing) or .json. One that is there is replaced.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([*pages.FORMS, "json"]),
    help="The form, if the file's name does not say it.",
)
@actor_option
@json_option
@pass_session
def period(
    session: Session,
    name: str,
    year: int | None,
    task: str | None,
    output: Path | None,
    form: str | None,
    actor: str | None,
    as_json: bool,
) -> int:
    """State what every run of a period (or of a task of that name) came to, with the proof.

    A run is archived (every chunk processed, every product cross-checked, every merged file settled on tape
    by evidence, every removal under a certificate), excused (the same but for gaps and waivers, each with
    name and reason), or open: then it says why, and the command that shows more.

    Ends with 0 only if every run is archived or excused; with 4 if a person must look or something does not
    add up, with 3 if the flow is still under way. The JSON is sealed: 'ddm report check' proves it later.
    """
    if form is None and output is not None:
        form = SUFFIXES.get(output.suffix.lower())
        if form is None:
            raise BadInput("its name does not say the form: give --format", subject=str(output))
    with catalogue(session, actor) as catalog:
        found = periods.statement(catalog, session.settings(), name, year=year, task=task)
    document = paper.document(found)
    if output is not None:
        text = _written(found, document, form or "text")
        write_whole(output, text)
    emit(document, as_json, lambda _: _render(found, document, form, output))
    return _exit(found)


def _written(found: Statement, document: dict[str, object], form: str) -> str:
    if form == "json":
        return json.dumps(document, indent=1) + "\n"
    return page(found, str(document["seal"]), form)


def _render(found: Statement, document: dict[str, object], form: str | None, output: Path | None) -> Lines:
    if output is None:
        yield _written(found, document, form or "text").rstrip("\n")
        return
    totals = found.totals
    yield (
        f"{output}: {found.facts.period} is {found.verdict}; {counted(totals.runs, 'run')}: "
        f"{totals.archived} archived, {totals.excused} excused, {totals.open} open"
    )


def _exit(found: Statement) -> int:
    if found.verdict is not Verdict.OPEN:
        return ExitCode.DONE
    kinds = counts(found.judged)
    return ExitCode.HELD if kinds[Kind.WRONG] or kinds[Kind.PERSON] else ExitCode.SOME_FAILED


@cli.command(
    examples="ddm report check P08.json\nddm report check P08.json --alone --json",
    exits=[ExitCode.HELD, ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--alone", is_flag=True, help="Only its own seal and arithmetic; no catalogue is needed.")
@json_option
@pass_session
def check(session: Session, file: Path, alone: bool, as_json: bool) -> int:
    """Check a statement (.json): its seal, its arithmetic, and that the catalogue still says the same.

    The verdicts are drawn anew from its facts. What may change by itself (more evidence, chunk files removed
    since) is no difference. Ends with 4 if anything differs.
    """
    if alone:
        done = periodcheck.check(file, None, None)
    else:
        with catalogue(session) as catalog:
            done = periodcheck.check(file, catalog, session.settings())
    emit(done, as_json, _render_checked)
    return ExitCode.HELD if done.problems or done.differences else ExitCode.DONE


def _render_checked(done: Checked) -> Lines:
    yield facts(
        [
            ("period", f"{done.period}, {counted(done.runs, 'run')}, {done.verdict}"),
            ("made", f"{done.made_at} by {done.made_by}"),
            ("seal", done.seal),
            ("by itself", "adds up" if not done.problems else f"WRONG: {len(done.problems)}"),
            ("catalogue", _beside(done)),
        ]
    )
    yield from done.problems
    yield from done.differences or ()


def _beside(done: Checked) -> str:
    if done.differences is None:
        return "not asked"
    return "says the same" if not done.differences else f"DIFFERS: {len(done.differences)}"
