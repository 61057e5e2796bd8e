"""``ddm stage request``: a campaign: which files, on which terms; its price before anything is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from shlex import quote

import click

from catalog.errors import BadInput, ExitCode, NotRegistered
from catalog.query import parse
from ddm.cli.operator import Lines, actor_option, catalogue, counted, lasting, names_in, size
from ddm.cli.toolkit import (
    Progress,
    Session,
    Table,
    command,
    emit,
    go_ahead,
    json_option,
    pass_session,
    progress,
    yes_option,
)
from ddm.operations import staging
from ddm.operations.staging import HIGHEST, LOWEST, PlanPart, RequestPlan, Terms, Wanted

_RUNS = re.compile(r"([0-9]{1,9})(?:\s*\.\.\s*([0-9]{1,9}))?", re.ASCII)


def _run(_: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Each as an item of a list of runs in a query."""
    for value in values:
        match = _RUNS.fullmatch(value.strip())
        if match is None:
            raise click.BadParameter(f"{value!r}: expected a run or A..B", param=option)
        if match[2] is not None and int(match[1]) > int(match[2]):
            raise click.BadParameter(f"{value!r}: the first run is above the last", param=option)
    return tuple("".join(value.split()) for value in values)


def _percent(_: click.Context, option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value < 100:
        raise click.BadParameter(f"{value:g} is not above 0 and below 100", param=option)
    return value


@command(
    "request",
    examples="ddm stage request --run 275600..275650 --name w14-again --reason 'new alignment' --plan\n"
    "ddm stage request --dataset 2016/W14 --name w14-again --reason 'new alignment' --for 30d --yes\n"
    "ddm stage request --query 'run=275678 and product=raw' --name one-run --reason 'a look' --priority 5\n"
    "ddm stage request --from lfns.txt --name filtering --reason DDD --tail-percent 99 --tail-after 3d",
    exits=[ExitCode.SOME_FAILED, ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.argument("lfns", metavar="[LFN]...", nargs=-1)
@click.option("--run", "runs", metavar="R|A..B", multiple=True, callback=_run, help="Files of these runs.")
@click.option("--dataset", metavar="NAME", help="Files of this dataset.")
@click.option("--query", metavar="QUERY", help="Files that a query finds (docs/reference/query.md).")
@click.option(
    "--from",
    "listed",
    type=click.File("r"),
    help="Files of a list, an LFN on each line; '-' is standard input.",
)
@click.option("--name", metavar="NAME", help="Name of the campaign, by which everything else is asked.")
@click.option("--reason", metavar="TEXT", help="Why; kept in the history for good.")
@click.option("--production", metavar="NAME", help="Shares the window with other productions; else the name.")
@click.option(
    "--priority",
    type=click.IntRange(LOWEST, HIGHEST),
    default=3,
    show_default=True,
    help="Higher goes first.",
)
@click.option(
    "--for",
    "lifetime",
    callback=lasting,
    metavar="TIME",
    help="How long they are to stay, e.g. 7d; else until they are released.",
)
@click.option(
    "--tail-percent",
    type=float,
    metavar="N",
    callback=_percent,
    help="When so much is served, who waits may go on without the rest.",
)
@click.option(
    "--tail-after",
    callback=lasting,
    metavar="TIME",
    help="After this time, too.",
)
@click.option("--plan", "plan_only", is_flag=True, help="Only show what it comes to.")
@yes_option
@actor_option
@json_option
@pass_session
def request(
    session: Session,
    lfns: tuple[str, ...],
    runs: tuple[str, ...],
    dataset: str | None,
    query: str | None,
    listed: Iterable[str] | None,
    name: str | None,
    reason: str | None,
    production: str | None,
    priority: int,
    lifetime: timedelta | None,
    tail_percent: float | None,
    tail_after: timedelta | None,
    plan_only: bool,
    yes: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    """Ask for files from tape: a campaign that is recalled as the windows of the endpoints allow.

    What is named by several options must fulfil all of them. Files that have a good copy on disk are left
    out; those without a good copy on tape cannot be recalled: then it ends with 3. A file that another
    campaign or a job wants too is recalled once, and each has its own lease on it.

    A campaign above [recall] confirm_files or confirm_size is only planned unless --yes is given.
    Interrupted, run the same command again: it goes on where it was.
    """
    want = wanted_files(lfns, listed, runs, dataset, query)
    terms = Terms(
        name=_said(name, "--name", plan_only),
        reason=_said(reason, "--reason", plan_only),
        production=production or "",
        priority=priority,
        lifetime=lifetime,
        tail_percent=tail_percent,
        tail_after=tail_after,
    )
    with catalogue(session, actor) as catalog:
        settings = session.settings()
        if plan_only:
            found = staging.plan(catalog, settings, want, terms)
        else:
            with _Filling(terms.name) as filling:
                found = staging.request(
                    catalog, settings, want, terms,
                    confirmed=yes, planned=filling.begin, report=filling.at,
                )  # fmt: skip
    _refuse_nothing(found)
    emit(found, as_json, _render)
    if found.files and not found.asked and not plan_only:
        go_ahead(False)
    return ExitCode.SOME_FAILED if found.left_out.not_on_tape else ExitCode.DONE


def _said(value: str | None, option: str, plan_only: bool) -> str:
    if value is not None and value.strip():
        return value
    if plan_only and value is None:
        return "plan"
    what = "must not be empty" if value is not None else "is needed"
    raise click.UsageError(f"{option} {what}", click.get_current_context())


def wanted_files(
    lfns: tuple[str, ...],
    listed: Iterable[str] | None,
    runs: tuple[str, ...],
    dataset: str | None,
    query: str | None,
) -> Wanted:
    """Which files are meant: those of the lists, and of all that the other options say."""
    names = [*lfns, *(names_in(listed) if listed is not None else ())]
    if listed is not None and not names:
        raise BadInput("the list names no file; nothing was asked for", subject="--from")
    if query is not None:
        parse(query)  # alone: what is wrong with it is told of what was typed, not of what it becomes part of
    parts = [f"({query})"] if query is not None else []
    parts += [f"dataset = '{dataset.replace(chr(39), chr(39) * 2)}'"] if dataset is not None else []
    parts += [f"run in ({', '.join(runs)})"] if runs else []
    if not names and not parts:
        raise click.UsageError(
            "which files? give LFNs, --from, --run, --dataset or --query", click.get_current_context()
        )
    return Wanted(tuple(dict.fromkeys(names)), " and ".join(parts))


def _refuse_nothing(found: RequestPlan) -> None:
    if not found.files and not found.left_out.on_disk and not found.left_out.not_on_tape:
        raise NotRegistered("no file of the catalogue is meant by this; nothing was asked for")


class _Filling:
    """The progress of writing the leases down: begun once the plan says how many there are."""

    def __init__(self, name: str) -> None:
        self._name, self._stack = name, ExitStack()
        self._bar: Progress | None = None

    def __enter__(self) -> _Filling:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def begin(self, plan: RequestPlan) -> None:
        self._bar = self._stack.enter_context(progress(f"asking for {self._name}", total=plan.files))

    def at(self, done: int) -> None:
        if self._bar is not None:
            self._bar.at(done)


# ------------------------------------------------------------------------------------- for people
def _render(found: RequestPlan) -> Lines:
    if found.parts:
        rows = [tuple(_row(part)) for part in found.parts]
        columns = ("endpoint", "files", "size", "runs", "tapes", "online", "mounts", "hours", "bottleneck")
        yield Table(columns, rows)
    for part in found.parts:
        yield f"{part.endpoint}: {part.price.sentence}"
    left = found.left_out
    if left.on_disk:
        yield f"left out: {counted(left.on_disk, 'file')} with a good copy on disk"
    if left.not_on_tape:
        yield (
            f"left out: {counted(left.not_on_tape, 'file')} without a good copy on tape, or with one that "
            "'ddm flow run' has not compared yet: 'ddm explain LFN'"
        )
    if found.asked:
        yield (
            f"asked for as '{found.name}': {counted(found.files, 'file')}, {size(found.size)}; "
            f"follow it with: ddm stage status {quote(found.name)} --watch"
        )
    elif not found.files:
        yield "nothing is to be recalled"
    elif found.confirm:
        yield "this is more than [recall] confirm_files or confirm_size: it must be confirmed with --yes"


def _row(part: PlanPart) -> Iterator[object]:
    price = part.price
    yield from (part.endpoint, part.files, size(part.size), part.runs, part.tapes or None, part.online)
    yield _between(price.mounts, price.mounts_at_most)
    yield _between(f"{price.hours:.3g}", f"{price.hours_at_most:.3g}")
    yield price.bottleneck.value


def _between(least: object, most: object) -> str:
    return str(least) if least == most else f"{least}-{most}"


COMMANDS = (request,)
"""What ``ddm stage`` has from here."""
