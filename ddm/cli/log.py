"""``ddm log``: the logs of jobs, wherever they are: in their own files, in archives, on tape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click

from catalog.clock import SystemClock
from catalog.db.engine import Catalog
from catalog.errors import ExitCode
from ddm.cli.operator import Lines, actor_option, catalogue, counted, lasting, limit_option, size, table_or
from ddm.cli.toolkit import Session, Table, emit, group, json_option, pass_session
from ddm.operations import logs
from ddm.operations.logs import Log
from ddm.places import Places
from ddm.settings import Settings
from merging.formats.archiveindex import Index, Member
from transfers.errors import NotOnline
from transfers.staging import Means

EXITS = [ExitCode.BUSY, ExitCode.STORAGE, ExitCode.SCHEMA]
cli = group("log", "Show the logs of jobs, from their own files, from archives on disk or from tape.")


def _places(settings: Settings) -> Places:
    return Places(settings, Means(clock=SystemClock()))


@cli.command(
    examples="ddm log show 17\nddm log show j17a2\nddm log show 275678 11091\n"
    "ddm log show dvcs2016P08t1.275678-11091-0.stdout.gz --raw > log.gz\n"
    "ddm log show 275678 11091 --recall --wait",
    exits=EXITS,
)
@click.argument("which", metavar="JOB|LFN|RUN CHUNK", nargs=-1, required=True)
@click.option("--task", help="Of this task, where several process the chunk.")
@click.option("--attempt", type=click.IntRange(1), help="Of this attempt; else of the good one, or the last.")
@click.option("--raw", is_flag=True, help="Its bytes as they are; else a packed log is unpacked.")
@click.option("--recall", is_flag=True, help="Ask for it, if it is on tape only.")
@click.option("--wait", is_flag=True, help="With --recall: wait until it is there, and show it.")
@click.option("--timeout", callback=lasting, metavar="TIME", help="Wait at most so long, e.g. 2h.")
@actor_option
@json_option
@pass_session
def show(
    session: Session,
    which: tuple[str, ...],
    task: str | None,
    attempt: int | None,
    raw: bool,
    recall: bool,
    wait: bool,
    timeout: timedelta | None,
    actor: str | None,
    as_json: bool,
) -> int:
    """Print the log of a job, of a chunk, or of that name.

    It is read from its own file while that is there, else from the archive of its run, or from that within
    the archive of the production: only the lists and the log itself are read, and the log is compared with
    the list. Logs of attempts that failed are kept like others. If only a tape has it, the command ends with
    5 and says what a recall costs; --recall asks for it (the flow must be running), --wait waits.
    """
    if (wait or timeout is not None) and not recall:
        raise click.UsageError("--wait and --timeout go with --recall", click.get_current_context())
    settings = session.settings()
    with catalogue(session, actor) as catalog:
        log, others = logs.find(catalog, settings, which, task=task, attempt=attempt)
        places = _places(settings)
        if recall:
            campaign = logs.recall(catalog, settings, log, places)
            if campaign and not _recalled(catalog, campaign, log, wait, timeout):
                return ExitCode.BUSY
        shown = logs.show(catalog, settings, log, places)
    for other in others:
        if other.job is not None and log.failed != other.failed:
            how = f"attempt {other.attempt} {'failed' if other.failed else 'was good'}"
            click.echo(f"ddm: {how}: ddm log show j{other.job}a{other.attempt}", err=True)
    content = shown.content if raw else shown.text
    if as_json:
        text = content.decode(errors="replace")
        emit({**_plain(log), "requests": shown.requests, "text": text}, True, str)
    else:
        click.echo(content, nl=False)  # bytes, whatever the encoding of the terminal
    return ExitCode.DONE


def _recalled(catalog: Catalog, campaign: str, log: Log, wait: bool, timeout: timedelta | None) -> bool:
    """Whether it can be read now."""
    if not wait:
        text = f"asked for as '{campaign}'; when 'ddm stage status' says that it is online, show it again"
        click.echo(f"ddm: {text}", err=True)
        return False
    click.echo(f"ddm: waiting for '{campaign}'; 'ddm flow run' recalls it", err=True)
    if logs.wait(catalog, campaign, timeout):
        return True
    raise NotOnline(
        f"'{campaign}' was not served in time", subject=log.lfn, advice=f"ddm stage show '{campaign}'"
    )


def _plain(log: Log) -> dict[str, Any]:
    return {name: getattr(log, name) for name in Log.__slots__}


@cli.command("list", examples="ddm log list 275678\nddm log list P08 --json", exits=EXITS)
@click.argument("what", metavar="RUN|TASK")
@limit_option
@json_option
@pass_session
def list_(session: Session, what: str, limit: int, as_json: bool) -> None:
    """List the logs of a run or task: of which job and attempt, and where they can be read."""
    settings = session.settings()
    with catalogue(session) as catalog:
        found = logs.listed(catalog, settings, what, limit)
    emit(found, as_json, _render)


def _render(found: Sequence[Log]) -> Lines:
    rows = [
        (
            one.run,
            one.chunk,
            one.job,
            one.attempt,
            "failed" if one.failed else "good",
            size(one.size),
            one.at or (f"on tape at {one.on_tape}" if one.on_tape else "nowhere"),
            _archive(one),
            one.lfn.rpartition("/")[2],
        )
        for one in found
    ]
    columns = ("run", "chunk", "job", "attempt", "was", "size", "read from", "in", "name")
    yield table_or(Table(columns, rows), "no logs")


def _archive(one: Log) -> str | None:
    """The archive that it is read from, or would be."""
    named = one.within[:1] or ((one.archives[-1:]) if not one.at else ())
    return named[0].rpartition("/")[2] if named else None


@cli.command(examples="ddm log index dvcs2016P08t1.275678.zip\nddm log index ARCHIVE --json", exits=EXITS)
@click.argument("lfn")
@json_option
@pass_session
def index(session: Session, lfn: str, as_json: bool) -> None:
    """Show what is in an archive, as its index says: of which run, chunk, job and attempt; the gaps.

    The index is compared with the archive's own list. An archive that lies in another one is read there.
    """
    settings = session.settings()
    with catalogue(session) as catalog:
        name, found = logs.index(catalog, settings, lfn, _places(settings))
    emit({"lfn": name, **logs.about(found)} if as_json else found, as_json, lambda one: _index(name, one))


def _index(lfn: str, found: Index) -> Lines:
    told = ", ".join(f"{key} {value}" for key, value in found.archive.items() if value != "")
    yield f"{lfn}" + (f": {told}" if told else "")
    keys = ("run", "part", "chunk", "job", "attempt", "failed", "members")
    used = [key for key in keys if any(key in one.about for one in found.members)]
    rows = [_row(one, used) for one in found.members]
    yield table_or(Table((*used, "bytes", "adler32", "name"), rows), "it is empty")
    for gap in found.gaps:
        where, why = f"run {gap.get('run')} chunk {gap.get('chunk')}", gap.get("reason")
        yield f"gap: {where}: {why} (approved by {gap.get('approver')})"
    yield counted(len(found.members), "member")


def _row(one: Member, used: Sequence[str]) -> tuple[object, ...]:
    return (*(one.about.get(key) for key in used), one.size, str(one.adler32), one.name)
