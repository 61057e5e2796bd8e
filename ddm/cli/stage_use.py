"""``ddm stage ready | wait | release | renew | cancel``: a consumer's commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import click

from catalog.errors import BadInput, ExitCode
from ddm import output
from ddm.cli.operator import (
    Lines,
    actor_option,
    catalogue,
    counted,
    lasting,
    limit_option,
    names_in,
    reason_option,
    size,
    table_or,
)
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
from ddm.operations import recall_status, recall_use, staging
from ddm.operations.recall_status import CampaignLine
from ddm.operations.recall_use import Ending, Ready, Waited
from ddm.output import Column, Format

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
name_argument = click.argument("campaign", metavar="NAME")
COLUMNS = (
    Column("lfn", "text"),
    Column("url", "text"),
    Column("endpoint", "text"),
    Column("size", "number"),
    Column("adler32", "adler32"),
)


# ------------------------------------------------------------------------------------- ready
@command(
    "ready",
    examples="ddm stage ready w14-again\nddm stage ready w14-again --json --limit 1000\n"
    "ddm stage ready w14-again --format csv\nddm stage ready w14-again --output ready.jsonl",
    exits=EXITS,
)
@name_argument
@click.option(
    "--output", "path", type=click.Path(path_type=Path, dir_okay=False), help="Write all to this new file."
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
def ready(
    session: Session,
    campaign: str,
    path: Path | None,
    form: str | None,
    after: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List the files that are online for a campaign now, as LFN and URL; page by page, or all of them.

    They stay until their lease ends: 'ddm stage release' gives them back, 'ddm stage renew' keeps them.
    """
    if form is not None and path is None and as_json:
        raise click.UsageError("--json and --format both say how to print", click.get_current_context())
    with catalogue(session) as catalog:
        settings = session.settings()
        if path is None and form is None:
            found = recall_use.ready(catalog, settings, campaign, limit=limit, after=after)
            emit(found, as_json, _render_ready)
            return
        if after is not None:
            raise click.UsageError("--after is of a page: not with --output or --format")
        rows = (_rows(page) for page in recall_use.all_ready(catalog, settings, campaign))
        chosen = output.format_of(path) if form is None and path is not None else Format(form or "jsonl")
        if path is None:
            output.write_out(COLUMNS, rows, chosen)
            return
        n = output.write_file(COLUMNS, rows, path, chosen)
    emit({"rows": n, "path": str(path)}, as_json, lambda _: f"{counted(n, 'file')} written to {path}")


def _rows(page: Ready) -> output.Rows:
    return [(file.lfn, file.url, file.endpoint, file.size, int(file.adler32)) for file in page.files]


def _render_ready(found: Ready) -> Lines:
    rows = [(file.lfn, file.url or file.path, size(file.size)) for file in found.files]
    yield table_or(Table(("lfn", "url", "size"), rows), "no file is online for this campaign now")
    if found.after:
        yield f"there are more: --after {found.after}, a larger --limit, or all of them with --output FILE"


# ------------------------------------------------------------------------------------- wait
@command(
    "wait",
    examples="ddm stage wait w14-again\nddm stage wait w14-again --timeout 12h --json",
    exits=[*EXITS, ExitCode.SOME_FAILED],
)
@name_argument
@click.option("--timeout", callback=lasting, metavar="TIME", help="Wait so long at most, e.g. 12h.")
@json_option
@pass_session
def wait(session: Session, campaign: str, timeout: timedelta | None, as_json: bool) -> int:
    """Wait until every file of a campaign was served; the flow (ddm flow run) recalls them meanwhile.

    Ends with 3 if files are missing, and only the tail rule, an accepted gap or a lapsed lease lets it go
    on; with 5 when the time is over; with 1 if the campaign was canceled.
    """
    with catalogue(session) as catalog, _Bar(campaign) as bar:
        found = recall_use.wait(catalog, campaign, timeout=timeout, report=bar.at)
    emit(found, as_json, _render_waited)
    return _WAITED[found.ending]


_WAITED = {
    Ending.SERVED: ExitCode.DONE,
    Ending.INCOMPLETE: ExitCode.SOME_FAILED,
    Ending.TIMEOUT: ExitCode.BUSY,
    Ending.CANCELED: ExitCode.FAILED,
}


class _Bar:
    """Progress whose total is known at the first look."""

    def __init__(self, title: str) -> None:
        self._title, self._stack = title, ExitStack()
        self._bar: Progress | None = None

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def at(self, served: int, of: int) -> None:
        if self._bar is None:
            self._bar = self._stack.enter_context(progress(f"{self._title} served", total=of, every=60.0))
        self._bar.at(served)


def _render_waited(found: Waited) -> str:
    name = found.campaign
    match found.ending:
        case Ending.SERVED:
            return f"{name}: every file was served; {counted(found.online, 'file')} online now"
        case Ending.CANCELED:
            return f"{name} was canceled"
        case Ending.TIMEOUT:
            return (
                f"{name}: the time is over; {counted(found.wanted, 'file')} still waited for, "
                f"{found.online} online now"
            )
        case Ending.INCOMPLETE:
            return f"{name}: not every file is there: {', '.join(_lacking(found))}; {found.online} online now"


def _lacking(found: Waited) -> Iterator[str]:
    if found.wanted:
        yield f"{found.wanted} missing, see 'ddm stage missing {found.campaign}'"
    if found.missed:
        yield f"{found.missed} accepted as a gap"
    if found.lapsed:
        yield f"{counted(found.lapsed, 'lease')} lapsed"


# ------------------------------------------------------------------------------------- release, renew
@command(
    "release",
    examples="ddm stage release w14-again\nddm stage release w14-again --from done.txt\n"
    "ddm stage release w14-again /castor/…/cdr11093-275678.raw",
    exits=EXITS,
)
@name_argument
@click.argument("lfns", metavar="[LFN]...", nargs=-1)
@click.option("--from", "listed", type=click.File("r"), help="A list of LFNs; '-' is standard input.")
@click.option("--reason", default="", metavar="TEXT", help="Why; kept in the history.")
@actor_option
@json_option
@pass_session
def release(
    session: Session,
    campaign: str,
    lfns: tuple[str, ...],
    listed: Iterable[str] | None,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Give files back that the campaign needs no more: these, or all of them if none is named.

    A file that nobody else needs leaves the buffer; one that is not recalled yet will not be. Repeat freely.
    """
    names = [*lfns, *(names_in(listed) if listed is not None else ())]
    if listed is not None and not names:
        raise BadInput("the list names no file; nothing was released", subject="--from")
    with catalogue(session, actor) as catalog:
        n = staging.release(catalog, campaign, names or None, reason=reason)
    emit({"campaign": campaign, "released": n}, as_json, lambda _: f"{counted(n, 'file')} released")


@command("renew", examples="ddm stage renew w14-again --for 7d", exits=EXITS)
@name_argument
@click.option(
    "--for", "lifetime", callback=lasting, required=True, metavar="TIME", help="So long from now, e.g. 7d."
)
@click.option("--reason", default="", metavar="TEXT", help="Why; kept in the history.")
@actor_option
@json_option
@pass_session
def renew(
    session: Session, campaign: str, lifetime: timedelta, reason: str, actor: str | None, as_json: bool
) -> None:
    """Keep the leases of a campaign from now for so long, whatever their end was. Repeat freely."""
    with catalogue(session, actor) as catalog:
        n = staging.renew(catalog, campaign, lifetime, reason=reason)
        until = catalog.clock.now() + lifetime
    answer = {"campaign": campaign, "renewed": n, "until": until}
    emit(answer, as_json, lambda _: f"{counted(n, 'lease')} until about {until:%F %H:%M} UTC")


# ------------------------------------------------------------------------------------- cancel
@command("cancel", examples="ddm stage cancel w14-again --reason 'wrong period' --yes", exits=EXITS)
@name_argument
@reason_option
@yes_option
@actor_option
@json_option
@pass_session
def cancel(session: Session, campaign: str, reason: str, yes: bool, actor: str | None, as_json: bool) -> None:
    """Withdraw a campaign: nothing more is recalled for it, its files are released."""
    with catalogue(session, actor) as catalog:
        found = recall_status.status(catalog, session.settings(), campaign).campaigns
        ended = staging.cancel(catalog, campaign, reason) if yes else 0
    answer = {"campaign": campaign, "canceled": yes, "ended": ended, "parts": found}
    emit(answer, as_json, lambda _: list(_render_cancel(found, yes)))
    go_ahead(yes)


def _render_cancel(found: tuple[CampaignLine, ...], yes: bool) -> Lines:
    for line in found:
        what = "canceled" if yes else "to cancel"
        yield (
            f"{what}: {line.name} at {line.endpoint}, {line.state}: {counted(line.wanted.files, 'file')} "
            f"wanted, {line.online.files} online"
        )


COMMANDS = (ready, wait, release, renew, cancel)
"""What ``ddm stage`` has from here."""
