"""``ddm reconcile catalogues``: another catalogue beside ours, and where they disagree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalog.db.engine import Catalog
from catalog.errors import BadInput, ExitCode
from ddm.cli.operator import Lines, application, catalogue, counted, facts, lasting, when
from ddm.cli.toolkit import Group, Progress, Session, Table, emit, json_option, pass_session, progress
from ddm.operations import cataloguing
from ddm.operations.cataloguing import Reconciled, Wanted
from ddm.reconcile import gathering
from ddm.reconcile.gathering import Gathered
from ddm.settings import Settings
from ddm.sources.columns import Columns
from ddm.sources.formats import FORMATS
from ddm.sources.lines import lines, opened
from ddm.sources.runs import run_list

if TYPE_CHECKING:  # the client of Rucio is loaded only when it is asked for
    from ddm.operations.ruciolisting import Listing

EXITS = [ExitCode.SOME_FAILED, ExitCode.HELD, ExitCode.BUSY, ExitCode.SCHEMA]
NO_COLUMNS = Columns()
cli = Group("catalogues", help="Compare our catalogue with another one; nothing is changed in either.")


# ------------------------------------------------------------------------------------- shared options
match_option = click.option(
    "--match",
    type=click.Choice(["lfn", "base-name"]),
    help="How files are found: by LFN, or by base name. If not given, by what names look like there.",
)
output_option = click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A new file, .parquet or .csv, for everything that is not the same.",
)


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of all three."""
    for option in (pass_session, json_option, output_option, match_option):
        command = option(command)
    return command


def _time(_: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"{value!r}: a time such as 2026-11-01T06:00Z is expected", param=option
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


made_at_option = click.option(
    "--made-at",
    callback=_time,
    metavar="TIME",
    help="When a list in a file was made, if that is not when the file was last written.",
)
dataset_option = click.option(
    "--dataset", "datasets", multiple=True, metavar="NAME", help="Only miss files of this dataset; repeat it."
)
password_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File whose first line is the password.",
)


def _match(match: str | None) -> bool | None:
    return None if match is None else match == "base-name"


Gather = Callable[[Catalog, Settings, Progress, Path], Gathered]
"""Brings the entries of another catalogue into a scratch file."""


def _compare(session: Session, wanted: Wanted, gather: Gather) -> Reconciled:
    with catalogue(session) as catalog, progress("other catalogue", unit="entries") as bar:
        settings = session.settings()
        return cataloguing.reconcile(
            catalog, settings, wanted, lambda scratch: gather(catalog, settings, bar, scratch / "theirs.tsv")
        )


# --------------------------------------------------------------------------------------- raw catalogue
@cli.command(
    examples="ddm reconcile catalogues raw events.txt.gz\n"
    "ddm reconcile catalogues raw raw.parquet --dataset 2016/W14 --output rest.parquet\n"
    "ddm reconcile catalogues raw oracle://reader:secret@db.example/raw "
    "--query 'SELECT path AS lfn, events FROM files WHERE run = :run' --runs runs.txt\n"
    "ddm reconcile catalogues raw compass-events --json",
    exits=EXITS,
)
@click.argument("source", metavar="SOURCE")
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), help="Of a file, if not guessed.")
@click.option(
    "--column",
    "names",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column of a table is lfn, size, adler32 or n_events.",
)
@click.option("--query", help="What a database is asked; SOURCE is its URL. ':run' is each of --runs.")
@click.option(
    "--runs",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Runs for ':run' in the query: 275603, 275600-275650, several in a line.",
)
@dataset_option
@made_at_option
@shared
def raw(
    session: Session,
    source: str,
    form: str | None,
    names: tuple[str, ...],
    query: str | None,
    runs: Path | None,
    datasets: tuple[str, ...],
    made_at: datetime | None,
    match: str | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Compare our raw files with a raw catalogue.

    SOURCE is a list in any format that 'ddm file register' reads ('run LFN events', CSV, Parquet, listings),
    the URL of a database (with --query), or the name of an event source in ddm.toml, which is asked of every
    raw file that we know.
    """
    wanted = Wanted(datasets=datasets, by_base_name=_match(match), output=output)
    columns = _columns(names)
    if source in session.settings().event_sources:
        return _told(_of_event_source(session, source, wanted), as_json)

    def gather(catalog: Catalog, _: Settings, bar: Progress, scratch: Path) -> Gathered:
        if query is not None:
            listed = None if runs is None else _runs(runs)
            return gathering.of_query(
                source, query, scratch, columns=columns, runs=listed, clock=catalog.clock
            )
        return gathering.of_list(
            Path(source), scratch, form=form, columns=columns, at=made_at, advance=bar.advance
        )

    return _told(_compare(session, wanted, gather), as_json)


def _columns(names: Sequence[str]) -> Columns:
    pairs = [text.partition("=") for text in names]
    for field, mark, column in pairs:
        if not (field and mark and column):
            raise BadInput("FIELD=COLUMN is expected", subject="--column")
    return Columns({column: field for field, _, column in pairs}) if pairs else NO_COLUMNS


def _runs(path: Path) -> list[int]:
    with opened(path) as stream:
        return run_list(lines(stream, str(path)), str(path))


def _of_event_source(session: Session, name: str, wanted: Wanted) -> Reconciled:
    from ddm.events.opening import open_filling

    with application(session) as app, progress("other catalogue", unit="entries") as bar:
        (named,) = open_filling(app, [name]).sources
        return cataloguing.reconcile(
            app.catalog,
            app.settings,
            wanted,
            lambda scratch: gathering.of_event_source(
                app.catalog, named.source, name, scratch / "theirs.tsv", clock=app.clock, advance=bar.advance
            ),
        )


# --------------------------------------------------------------------------------------------- ProdSys
@cli.command(
    examples="ddm reconcile catalogues prodsys prodsys.sql.gz --output rest.csv\n"
    "ddm reconcile catalogues prodsys mysql://reader@db.example/compass_prodsys --password-file secret",
    exits=EXITS,
)
@click.argument("source", metavar="SOURCE")
@click.option("--label", default="prodsys", show_default=True, help="What names of its datasets begin with.")
@click.option(
    "--moved", metavar="/OLD/=/NEW/", multiple=True, help="Files named below /OLD/ are below /NEW/ now."
)
@password_option
@dataset_option
@made_at_option
@shared
def prodsys(
    session: Session,
    source: str,
    label: str,
    moved: tuple[str, ...],
    password_file: Path | None,
    datasets: tuple[str, ...],
    made_at: datetime | None,
    match: str | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Compare our catalogue with a ProdSys: a dump of its database, plain or .gz, or the URL of the database.

    Every row is read as 'ddm db import-prodsys' reads it: the files that it speaks of, their datasets and
    events. Files are missed only in datasets that ProdSys speaks of.
    """
    from ddm.operations.prodsys import pair, password

    def gather(catalog: Catalog, settings: Settings, bar: Progress, scratch: Path) -> Gathered:
        return gathering.of_prodsys(
            catalog,
            settings,
            source,
            scratch,
            password=password(password_file),
            label=label,
            moved=tuple(pair(text) for text in moved),
            at=made_at,
            clock=catalog.clock,
            advance=bar.advance,
        )

    wanted = Wanted(datasets=datasets, by_base_name=_match(match), output=output)
    return _told(_compare(session, wanted, gather), as_json)


# ----------------------------------------------------------------------------------------------- Rucio
@cli.command(
    examples="ddm reconcile catalogues rucio replicas.bz2 --endpoint cta --rse CERN_CTA\n"
    "ddm reconcile catalogues rucio https://rucio.example --scope raw --dataset 2016/W14=raw:2016.W14 "
    "--user reader --password-file secret --account reader\n"
    "ddm reconcile catalogues rucio https://rucio.example --scope raw --rse CERN_CTA --endpoint cta "
    "--token-file /run/user/1000/bt_u1000 --per-minute 300",
    exits=EXITS,
)
@click.argument("source", metavar="SOURCE")
@click.option("--scope", default="", help="Only files of this scope; of a server: the datasets in it.")
@click.option("--rse", default="", help="Replicas at this RSE; if not given, of a dump: --endpoint.")
@click.option("--endpoint", metavar="NAME", help="Compare with our files that have a copy at this endpoint.")
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    metavar="OURS[=SCOPE:NAME]",
    help="Only this dataset, and what Rucio calls it; repeat it.",
)
@made_at_option
@click.option("--account", default="", help="The Rucio account.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File with a token (OIDC, or one of Rucio's own).",
)
@click.option("--user", default="", help="User name, with --password-file.")
@password_option
@click.option(
    "--proxy", type=click.Path(path_type=Path, dir_okay=False), help="A proxy certificate with its key."
)
@click.option("--ca", default="", help="Whom to trust: a file or a directory; if not given, as the system.")
@click.option(
    "--per-minute", type=click.IntRange(1), default=600, show_default=True, help="Requests, at most."
)
@click.option(
    "--fresh",
    callback=lasting,
    default="1d",
    show_default=True,
    metavar="TIME",
    help="Go on with what came in an earlier attempt, if that is not older.",
)
@shared
def rucio(
    session: Session,
    source: str,
    scope: str,
    rse: str,
    endpoint: str | None,
    datasets: tuple[str, ...],
    made_at: datetime | None,
    account: str,
    token_file: Path | None,
    user: str,
    password_file: Path | None,
    proxy: Path | None,
    ca: str,
    per_minute: int,
    fresh: timedelta,
    match: str | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Compare our catalogue with a Rucio: a dump of the replicas of an RSE (as Rucio writes it, or CSV with a
    header; .bz2, .gz), or its server, asked through its REST interface dataset by dataset.

    A server is asked again where it breaks off or refuses for now; what came is kept, and the same command
    goes on there. A dataset that does not come whole is never taken for one without files.
    """
    from ddm.operations import ruciolisting
    from ddm.sources.rucio.client import Login

    pairs = [text.partition("=") for text in datasets]
    there = {ours: name or (f"{scope}:{ours}" if scope else ours) for ours, _, name in pairs}
    wanted = Wanted(
        datasets=tuple(there),
        names={name: ours for ours, name in there.items()},
        endpoint=endpoint,
        by_base_name=_match(match),
        output=output,
    )
    if not source.startswith(("http://", "https://")):
        return _told(_compare(session, wanted, _of_dump(source, rse or endpoint, scope, made_at)), as_json)
    listing = ruciolisting.Listing(
        url=source,
        login=Login(account, token_file, user, password_file, proxy),
        scope=scope,
        rse=rse,
        datasets=tuple(there.values()),
        ca=ca,
        apart=timedelta(minutes=1) / per_minute,
        fresh=fresh,
    )
    return _told(_compare(session, wanted, _of_server(listing)), as_json)


def _of_dump(source: str, name: str | None, scope: str, made_at: datetime | None) -> Gather:
    """The replicas of an RSE of this name, from a file."""

    def gather(catalog: Catalog, settings: Settings, bar: Progress, scratch: Path) -> Gathered:
        if not name:
            raise BadInput("of which RSE is the dump? give --rse or --endpoint", subject=source)
        return gathering.of_rucio_dump(
            Path(source), scratch, rse=name, scope=scope, at=made_at, advance=bar.advance
        )

    return gather


def _of_server(listing: Listing) -> Gather:
    from ddm.operations import ruciolisting

    def gather(catalog: Catalog, settings: Settings, bar: Progress, scratch: Path) -> Gathered:
        return ruciolisting.gather(listing, settings, catalog.clock, bar.advance)

    return gather


# ---------------------------------------------------------------------------------------------- answers
def _told(done: Reconciled, as_json: bool) -> int:
    emit(done, as_json, _render)
    if done.differences:
        return ExitCode.HELD
    return ExitCode.SOME_FAILED if done.unread else ExitCode.DONE


def _render(done: Reconciled) -> Lines:
    yield facts(
        [
            ("other", f"{done.source}, as of {when(done.begun_at)}"),
            (
                "files",
                f"{done.here} here, {done.there} there, {done.both} in both, found by {done.joined_by}",
            ),
            ("refused", counted(done.refused, "entry", "entries") if done.refused else None),
            ("not read", counted(len(done.unread), "dataset") if done.unread else None),
        ]
    )
    rows = [
        (line.kind, line.files, line.compared, f"NOT BELIEVED: {line.doubt}" if line.doubt else line.meaning)
        for line in done.kinds
    ]
    yield Table(("", "files", "of", ""), rows)
    if done.only_ours:
        yield "this source answers questions about files that we know: it cannot tell of others"
    yield from (f"refused: {text}" for text in done.refused_examples)
    yield from (f"not read: {name}: {why}" for name, why in list(done.unread.items())[:20])
    if done.examples:
        yield Table(
            ("", "file", "here", "there"),
            [(one.kind, one.lfn or one.other_name, *_sides(one)) for one in done.examples],
            f"The first of each kind{'' if done.output is None else f'; all are in {done.output}'}",
        )


def _sides(one: cataloguing.Example) -> tuple[object, object]:
    """What each side says of what differs."""
    fields = {
        "size differs": (one.size, one.other_size),
        "checksum differs": (one.adler32, one.other_adler32),
        "other dataset": (one.dataset, one.other_dataset),
        "events differ": (one.events, one.other_events),
    }
    return fields.get(one.kind, (one.dataset, one.said))


COMMANDS = (cli,)
