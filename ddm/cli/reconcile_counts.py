"""``ddm reconcile counts``: events of every run in every tier, and what explains where they differ."""

from __future__ import annotations

import click

from catalog.errors import ExitCode
from ddm.cli.operator import Lines, catalogue, counted
from ddm.cli.toolkit import Session, Table, command, emit, json_option, pass_session
from ddm.operations import counting
from ddm.operations.counting import Counts
from ddm.reconcile.tiers import RAW, Amount, Line

EXITS = [ExitCode.HELD, ExitCode.BUSY, ExitCode.SCHEMA]


@command(
    "counts",
    examples="ddm reconcile counts --period P08\n"
    "ddm reconcile counts --run 275678\n"
    "ddm reconcile counts --task P08 --differing\n"
    "ddm reconcile counts --period P08 --year 2016 --json > P08-counts.json",
    exits=EXITS,
)
@click.option("--period", metavar="NAME", help="The tasks of this period.")
@click.option("--year", type=int, help="Year of data taking, where several have that period.")
@click.option("--task", metavar="NAME", help="Only this task.")
@click.option("--run", type=int, help="Only this run, in every task that reads it.")
@click.option("--differing", is_flag=True, help="Only lines whose tiers are not the same.")
@json_option
@pass_session
def counts(
    session: Session,
    period: str | None,
    year: int | None,
    task: str | None,
    run: int | None,
    differing: bool,
    as_json: bool,
) -> int:
    """Set the events of every run side by side, tier by tier, and explain where they differ.

    recorded: by the raw catalogue; raw: the same, else as read in the raw files; processed, merged,
    archived: of each product, in the files of chunks, in merged files, in merged files with a good copy on
    tape. Gaps, waivers, permissions of the cross-check, chunks and parts under way or held, files left out
    by a plan explain a difference. '+2?' after a number: so many files are not counted.

    Ends with 0 unless there are differences that nothing explains: then with 4. Nothing is changed.
    """
    with catalogue(session) as catalog:
        found = counting.count(catalog, session.settings(), period=period, year=year, task=task, run=run)
    if differing:
        found = counting.differing(found)
    emit(found, as_json, _render)
    return ExitCode.HELD if found.differences else ExitCode.DONE


def _render(found: Counts) -> Lines:
    if not found.lines:
        yield "every tier holds the same events" if found.totals else "no run is known"
    else:
        yield Table(
            ("task", "run", "product", "recorded", "raw", "processed", "merged", "archived", "explained", ""),
            [_row(line) for line in found.lines],
        )
    if found.totals:
        columns = ("product", "runs", "raw", "processed", "merged", "archived", "explained", "differ")
        rows = [
            (
                total.product,
                total.runs,
                *map(_shown, (total.raw, total.processed, total.merged, total.archived)),
                total.explained,
                total.differences,
            )
            for total in found.totals
        ]
        yield Table(columns, rows, "\nTotals (tiers hold the same events: do not add them up)")
    yield from _why(found)
    if found.totals:
        number = counted(found.differences, "difference")
        yield f"\n{number} that nothing explains" if found.differences else "\nnothing differs unexplained"


def _row(line: Line) -> tuple[object, ...]:
    mark = "DIFFERS" if line.differences else ""
    tiers = (line.recorded, line.raw, line.processed, line.merged, line.archived)
    return line.task, line.run, line.product, *map(_shown, tiers), len(line.explained) or None, mark


def _shown(amount: Amount | None) -> int | str | None:
    if amount is None or not amount.unknown:
        return None if amount is None else amount.events
    return f"{amount.events}+{amount.unknown}?"


def _why(found: Counts) -> Lines:
    rows: list[tuple[object, ...]] = []
    for line in found.lines:
        what = "" if line.product == RAW else line.product
        for wrong in line.differences:
            text = f"{wrong.text}; see: {wrong.command}"
            rows.append((line.run, what, wrong.step, "DIFFERENCE", wrong.events, text))
        for one in line.explained:
            rows.append((line.run, what, one.step, one.cause, one.events, one.text))
    if rows:
        yield Table(("run", "product", "between", "why", "events", ""), rows, "\nWhere tiers differ")


COMMANDS = (counts,)
