"""``ddm db``: the database of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from catalog.clock import SystemClock
from catalog.db.backup import Restored
from catalog.db.engine import Catalog
from catalog.db.portable import Export
from catalog.db.relocate import Moved
from catalog.errors import ExitCode
from ddm.cli import prodsys
from ddm.cli.operator import catalogue
from ddm.cli.toolkit import Session, Table, emit, group, json_option, pass_session, progress
from ddm.operations import database
from ddm.operations.database import Told
from ddm.units import human_size

cli = group("db", "Make, upgrade, check and keep the database of the catalogue.")
cli.add_command(prodsys.import_prodsys)

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
into_option = click.option(
    "--into",
    metavar="PLACE",
    help="Another catalogue than that of ddm.toml: a URL, or the path of a SQLite file.",
)


@contextmanager
def _shown(title: str) -> Iterator[Told]:
    """Shows how many rows or pages are done, table by table."""
    with progress(title, unit="") as shown:
        yield lambda what, done: shown.at(done, what)


# ---------------------------------------------------------------------------------- making and upgrading
@cli.command(examples="ddm db create", exits=EXITS)
@json_option
@pass_session
def create(session: Session, as_json: bool) -> None:
    """Make the catalogue in an empty database.

    A catalogue that is there and up to date stays as it is; one of another version is refused.
    """
    with Catalog(session.settings().catalog) as catalog:
        emit(database.create(catalog), as_json, _render)


@cli.command(examples="ddm db upgrade\nddm db upgrade --no-backup --json", exits=EXITS)
@click.option("--no-backup", is_flag=True, help="Do not copy a SQLite catalogue before.")
@json_option
@pass_session
def upgrade(session: Session, no_backup: bool, as_json: bool) -> None:
    """Bring the catalogue to the schema of this version, or make it. Repeat freely.

    All or nothing: an interrupted one leaves the catalogue as it was. A SQLite catalogue is copied before,
    beside it; of a PostgreSQL one make a backup yourself (ddm db backup). Refused while 'ddm flow run' runs.
    """
    with Catalog(session.settings().catalog) as catalog, _shown("copying") as told:
        done = database.upgrade(catalog, keep=not no_backup, told=told)
    emit(done, as_json, _render)


def _render(done: database.Upgraded) -> str:
    if not done.changed:
        return f"{done.catalog} is up to date ({done.now})"
    if done.before is None:
        return f"{done.catalog} holds a new, empty catalogue ({done.now})"
    kept = f"; as it was before, it is in {done.backup}" if done.backup else ""
    return f"{done.catalog} was upgraded from {done.before} to {done.now}{kept}"


@cli.command(examples="ddm db check", exits=EXITS)
@json_option
@pass_session
def check(session: Session, as_json: bool) -> int:
    """Look whether the catalogue is sound. Changes nothing.

    Asks for the schema, the database file and all references, states that there are not, the sums against
    the tables, whether the history of each thing leads to its state, and the rules across tables.
    """
    with catalogue(session) as catalog:
        found = database.check(catalog)
    emit(found, as_json, _render_check)
    return ExitCode.FAILED if found.faults else ExitCode.DONE


def _render_check(found: database.Checked) -> str:
    if found.faults:
        return "\n".join([f"{found.catalog} is damaged:", *(f"  {fault}" for fault in found.faults)])
    return f"{found.catalog} is sound ({found.revision})"


@cli.command(examples="ddm db vacuum", exits=EXITS)
@json_option
@pass_session
def vacuum(session: Session, as_json: bool) -> None:
    """Give the room of dead rows back. Nothing is lost; run it when nobody is in a hurry.

    SQLite writes its file anew: it needs as much room again, there and in /var/tmp, and writers wait.
    """
    with catalogue(session) as catalog:
        done = database.vacuum(catalog)
    emit(
        done,
        as_json,
        lambda _: f"{done.catalog}: {human_size(done.before)} before, {human_size(done.after)} now",
    )


# ------------------------------------------------------------------------------------------------ backups
@cli.command(examples="ddm db backup /backups/\nddm db backup /backups/before-summer.db", exits=EXITS)
@click.argument("to", metavar="FILE|DIR", type=click.Path(path_type=Path))
@json_option
@pass_session
def backup(session: Session, to: Path, as_json: bool) -> None:
    """Copy the catalogue, as it is now, into a new FILE, or into DIR under a name with the time.

    Others may write meanwhile. The copy is looked through before it gets its name; nothing is overwritten.
    PostgreSQL's own pg_dump makes the copy of a PostgreSQL catalogue.
    """
    with Catalog(session.settings().catalog) as catalog, _shown("copying") as told:
        done = database.backup(catalog, to, session.environ, told=told)
    emit(done, as_json, lambda _: f"wrote {done.path}: {human_size(done.size)}, revision {done.revision}")


@cli.command(
    examples="ddm db restore /backups/ddm-20260301T020000Z.db --into /tmp/look.db\n"
    "ddm db restore /backups/before-summer.db --replace",
    exits=EXITS,
)
@click.argument("backup_file", metavar="BACKUP", type=click.Path(path_type=Path, dir_okay=False))
@into_option
@click.option(
    "--replace", is_flag=True, help="If a SQLite catalogue is there: keep it beside, and replace it."
)
@json_option
@pass_session
def restore(session: Session, backup_file: Path, into: str | None, replace: bool, as_json: bool) -> None:
    """Bring a backup back, into a new place or an empty one.

    Nothing that is there is lost: with --replace it is first copied beside, under a name with the time. A
    backup of an older version is restored as it is; 'ddm db upgrade' then brings it up to date.
    """
    url = database.url_of(into) if into else session.settings().catalog
    with _shown("copying") as told:
        done = database.restore(
            backup_file, url, SystemClock().now(), session.environ, replace=replace, told=told
        )
    emit(done, as_json, _render_restored)


def _render_restored(done: Restored) -> str:
    kept = f"; what was there before is in {done.kept}" if done.kept else ""
    return f"{done.place} holds {done.backup} now, revision {done.revision}{kept}"


# ---------------------------------------------------------------------------------------- whole catalogues
@cli.command(examples="ddm db export /archive/catalogue-2026", exits=EXITS)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@json_option
@pass_session
def export(session: Session, directory: Path, as_json: bool) -> None:
    """Write the whole catalogue, as it is now, into a new directory of Parquet files.

    One file for each table, and a manifest with their checksums. The same content gives the same bytes.
    """
    with catalogue(session) as catalog, _shown("writing") as told:
        done = database.export(catalog, directory, told=told)
    emit(done, as_json, _render_export)


def _render_export(done: Export) -> tuple[str, Table]:
    lines = [(part.shape.name, part.content.rows, part.sha256) for part in done.parts if part.content.rows]
    title = f"wrote {done.directory}: {done.rows} rows, revision {done.revision}"
    return title, Table(("table", "rows", "sha256"), lines)


@cli.command("import", examples="ddm db import /archive/catalogue-2026 --into /data/again.db", exits=EXITS)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@into_option
@json_option
@pass_session
def import_(session: Session, directory: Path, into: str | None, as_json: bool) -> None:
    """Fill a new or empty catalogue from what 'ddm db export' wrote. All of it or nothing.

    Files that are missing, cut short or changed are refused before anything is written.
    """
    url = database.url_of(into) if into else session.settings().catalog
    with _shown("reading") as told:
        done = database.load(directory, url, told=told)
    emit(done, as_json, lambda _: f"{done.catalog} holds {directory} now: {done.rows} rows, compared")


@cli.command(
    examples="ddm db move postgresql://ddm@db.example/ddm\nddm db move /data/ddm.db",
    exits=EXITS,
)
@click.argument("place", metavar="PLACE")
@json_option
@pass_session
def move(session: Session, place: str, as_json: bool) -> None:
    """Copy the catalogue into a new or empty database: from SQLite to PostgreSQL, or back.

    PLACE is a URL, or the path of a SQLite file. Stop what writes before: meanwhile writers wait. All rows
    are compared at the end, and the old database is left as it is. Then change the line of ddm.toml that
    this command names. The password may be left to PGPASSWORD or ~/.pgpass.
    """
    with catalogue(session) as catalog, _shown("moving") as told:
        done = database.move(catalog, database.url_of(place), told=told)
    emit(done, as_json, lambda _: _render_moved(done, session))


def _render_moved(done: Moved, session: Session) -> str:
    where = (
        "the variable DDM_CATALOG"
        if "DDM_CATALOG" in session.environ
        else f"{session.settings().root}/ddm.toml"
    )
    return (
        f"{done.target} holds all of {done.source}: {done.rows} rows in {len(done.tables)} tables, compared\n"
        f'from now on {where} must say\n  catalog = "{done.target}"\n'
        "then start the flow again; the old database is as it was, and nothing uses it any more"
    )
