"""``ddm reconcile scan | scans | disbelieve``: what storages were seen to hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import click

from catalog.db.scans import Scan
from catalog.errors import ExitCode
from catalog.states import ScanSource, ScanState
from ddm.app import App
from ddm.cli.operator import (
    Lines,
    actor_option,
    application,
    catalogue,
    counted,
    limit_option,
    reason_option,
    size,
    table_or,
    when,
)
from ddm.cli.toolkit import Session, Table, Words, command, emit, json_option, pass_session, progress
from ddm.operations import scandumps, scanning
from ddm.operations.scandumps import Dump
from ddm.operations.scanning import How, Shown
from ddm.reconcile.dumps import RUCIO
from ddm.reconcile.pace import time_left
from ddm.reconcile.walklog import State
from ddm.sources.formats import FORMATS
from ddm.units import format_duration

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]


@command(
    "scan",
    examples="ddm reconcile scan eos\n"
    "ddm reconcile scan eos /2016/raw --jobs 32 --rate 20000\n"
    "ddm reconcile scan eos --dump eos-find.txt.gz --made 2026-11-29T22:00Z\n"
    "ddm reconcile scan --resume 12",
    exits=[*EXITS, ExitCode.HELD],
)
@click.argument("endpoint", required=False)
@click.argument("path", required=False, default="/")
@click.option(
    "--dump",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Read this list of it instead.",
)
@click.option(
    "--format", "format_", type=Words([*FORMATS, RUCIO]), help="Of the dump, if it is not told by it."
)
@click.option("--prefix", metavar="PREFIX", help="What stands before the paths of the endpoint in the dump.")
@click.option("--made", metavar="BEGIN[/END]", help="When the dump was made: 2026-11-29T22:00Z.")
@click.option("--resume", "number", type=int, metavar="SCAN", help="Go on with a scan that was interrupted.")
@click.option("--anew", is_flag=True, help="Begin another one, though one is not finished.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Directories at a time.")
@click.option("--rate", type=click.IntRange(0), metavar="N", help="Entries in a second, at most.")
@click.option("--directories", type=click.IntRange(0), metavar="N", help="Directories in a second, at most.")
@actor_option
@json_option
@pass_session
def scan(
    session: Session,
    endpoint: str | None,
    path: str,
    dump: Path | None,
    format_: str | None,
    prefix: str | None,
    made: str | None,
    number: int | None,
    anew: bool,
    jobs: int | None,
    rate: int | None,
    directories: int | None,
    actor: str | None,
    as_json: bool,
) -> int:
    """List what an endpoint really holds, below PATH if one is given. Nothing is changed or concluded.

    What the catalogue expects there is written down first, so that whatever comes and goes meanwhile is seen
    as that. A scan can be killed at any moment, and goes on with --resume. Directories that cannot be read
    are tried again at the end, and then kept with the reason: nothing below them is missing. What a scan was
    begun with, it goes on with: --resume needs no --prefix, and refuses another one.

    A dump is a list that somebody else made. It must be told when that was. One that is of another endpoint,
    half, too old or mostly garbage is kept as REFUSED, with the reason, and never compared.

    Ends with 4 when the scan is REFUSED.
    """
    context = click.get_current_context()
    if (endpoint is None) == (number is None) or (number is not None and dump is not None):
        raise click.UsageError("give an endpoint, or --resume SCAN", context)
    if dump is None and (format_ or made or (prefix and number is None)):
        raise click.UsageError("--format, --made and --prefix say something of a --dump", context)
    ours = session.settings().reconcile
    how = How(
        jobs or ours.scan_jobs,
        ours.scan_rate if rate is None else rate,
        ours.scan_directories if directories is None else directories,
    )
    with application(session, actor) as app, ExitStack() as shown:
        if dump is not None:
            assert endpoint is not None  # --resume and --dump are not given together
            found = _dump(app, endpoint, dump, format_ or "", prefix or "", made)
            done = _read(app, scandumps.begin(app, endpoint, path, found, anew=anew), found)
        else:
            row = _chosen(app, endpoint, path, number, anew, prefix or "")
            if row.source is ScanSource.DUMP:
                done = _read(app, row, scandumps.again(app, row, prefix or ""))
            else:
                done = _list(app, row, how, shown)
    emit(done, as_json, _end)
    return ExitCode.DONE if done.state is ScanState.DONE else ExitCode.HELD


def _dump(app: App, endpoint: str, path: Path, format_: str, prefix: str, made: str | None) -> Dump:
    said = scandumps.times(path, made, app.clock.now()) if made else None
    return scandumps.dump(app, endpoint, path, format_=format_, prefix=prefix, made=said)


def _read(app: App, row: Scan, found: Dump) -> Scan:
    click.echo(f"ddm: scan {row.id} reads {found.path} as {found.format}", err=True)
    return scandumps.read(app, row, found)


def _list(app: App, row: Scan, how: How, shown: ExitStack) -> Scan:
    try:
        return scanning.list_(app, row, how, _teller(app, shown))
    except KeyboardInterrupt:
        click.echo(f"ddm: go on with: ddm reconcile scan --resume {row.id}", err=True)
        raise


def _chosen(app: App, endpoint: str | None, path: str, number: int | None, anew: bool, prefix: str) -> Scan:
    if number is not None:
        return scanning.resumable(app, number, prefix)
    assert endpoint is not None  # one of them was given
    return scanning.begin(app, endpoint, path, anew=anew)


def _teller(app: App, shown: ExitStack) -> scanning.Told:
    """Shows how far it is, and how long it may still take if an earlier scan tells how much there is."""

    def begun(row: Scan, before: int | None) -> Callable[[State], None]:
        title = f"scan {row.id} of {row.endpoint}:{row.root}"
        bar = shown.enter_context(progress(title, total=before))
        start, first = app.clock.now(), [-1]

        def at(state: State) -> None:
            if first[0] < 0:
                first[0] = state.files  # a scan that goes on was this far
            note = counted(state.done, "directory", "directories")
            if state.unread:
                note += f", {len(state.unread)} unread"
            took = app.clock.now() - start
            left = before and time_left(state.files - first[0], before - first[0], took)
            if left:
                note += f", {format_duration(timedelta(seconds=round(left.total_seconds())))} left"
            bar.at(state.files, note)

        return at

    return begun


def _end(row: Scan) -> Lines:
    name = f"scan {row.id} of {row.endpoint}:{row.root}"
    if row.state is ScanState.REFUSED:
        yield f"{name} is REFUSED: {row.reason}"
        yield "it is kept, and never compared"
        return
    of = row.name if row.source is ScanSource.DUMP else f"in {_directories(row.directories)}"
    yield f"{name}: {counted(row.entries, 'file')}, {size(row.bytes)}, {of}"
    if row.reason:
        yield f"nothing is missing because it is not in it: {row.reason}"
    if row.unread:
        yield f"{_directories(row.unread)} could not be read; see 'ddm reconcile scans --show {row.id}'"
    if row.named + row.garbled + row.outside:
        yield f"of {row.lines} entries {_problems(row)}; see 'ddm reconcile scans --show {row.id}'"


def _problems(row: Scan) -> str:
    return f"{row.named} not taken, {row.garbled} garbled, {row.outside} of elsewhere"


def _directories(count: int) -> str:
    return counted(count, "directory", "directories")


@command(
    "scans",
    examples="ddm reconcile scans\nddm reconcile scans --endpoint eos --state DONE --json\n"
    "ddm reconcile scans --show 12",
    exits=EXITS,
)
@click.option("--show", "number", type=int, metavar="SCAN", help="All of one, with what could not be read.")
@click.option("--endpoint", metavar="NAME", help="Only scans of this endpoint.")
@click.option(
    "--state",
    "states",
    type=Words([state.value for state in ScanState]),
    multiple=True,
    help="Only in this state.",
)
@limit_option
@json_option
@pass_session
def list_(
    session: Session,
    number: int | None,
    endpoint: str | None,
    states: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """List scans, the newest first; or show one."""
    with catalogue(session) as catalog:
        if number is not None:
            emit(scanning.show(catalog, session.settings(), number, limit), as_json, _shown)
            return
        chosen = [ScanState(state) for state in states]
        found = scanning.listing(catalog, session.settings(), limit, endpoint, chosen)
    emit(found, as_json, _table)


def _table(found: list[Scan]) -> Table | str:
    rows = [
        (
            one.id,
            one.state,
            one.endpoint,
            one.root,
            one.name or str(one.source),
            when(one.begun_at),
            when(one.ended_at),
            one.entries,
            size(one.bytes),
            one.unread,
            "; ".join(filter(None, (one.reason, _tidied(one)))) or None,
        )
        for one in found
    ]
    columns = ("scan", "state", "endpoint", "below", "of", "begun", "ended", "files", "size", "unread", "why")
    return table_or(Table(columns, rows), "no scan was made yet")


def _tidied(one: Scan) -> str:
    """What became of its lists, if they are not kept."""
    return "" if one.tidied_at is None else f"lists removed {when(one.tidied_at)} by {one.tidied_by}"


def _shown(found: Shown) -> Iterator[str | Table]:
    row = found.scan
    yield Table(
        ("", ""),
        [
            (
                "scan",
                f"{row.id}, {row.state} since {when(row.since)}{f': {row.reason}' if row.reason else ''}",
            ),
            ("of", f"{row.endpoint}:{row.root}, {row.name or row.source}"),
            ("made by", f"{row.made_by}, {when(row.made_at)}"),
            ("catalogue at", when(row.catalogue_at)),
            ("storage from", when(row.begun_at)),
            ("to", when(row.ended_at)),
            ("files", f"{row.entries}, {size(row.bytes)}, in {_directories(row.directories)}"),
            (
                "entries",
                f"{row.lines}: {row.named} not taken, {row.garbled} garbled, {row.outside} of elsewhere",
            ),
            ("in", _tidied(row) or str(found.directory)),
        ],
    )
    if found.unread:
        rows = [(one.path, one.code, one.why) for one in found.unread]
        yield Table(("directory", "not read", "why"), rows, f"not read: {_directories(row.unread)}")
    if found.problems:
        yield Table(("why", "entry"), found.problems, "entries with a problem, the first ones")


@command(
    "disbelieve",
    examples="ddm reconcile disbelieve 12 --reason 'the door served an empty directory that night'",
    exits=EXITS,
)
@click.argument("scan", type=int)
@reason_option
@actor_option
@json_option
@pass_session
def disbelieve(session: Session, scan: int, reason: str, actor: str | None, as_json: bool) -> None:
    """Say that a scan is not to be believed, or not to be gone on with. It is never compared any more."""
    with catalogue(session, actor) as catalog:
        done = scanning.disbelieve(catalog, scan, reason)
    emit(done, as_json, lambda one: f"scan {one.id} of {one.endpoint} is {one.state}: {one.reason}")


COMMANDS = (scan, list_, disbelieve)
